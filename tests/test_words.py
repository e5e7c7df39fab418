"""Translations are kept: each of locale/ is checked, complete where its language is on, and built before it is used."""

import os
import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.utils.translation import gettext, override, to_locale

from recommendations.words import build_words, has_words, message_files
from tests.languages import forget_words

pytestmark = pytest.mark.one_database

ROOT = Path(settings.BASE_DIR)
LANGUAGES = ["en"]  # those of a release; a language that was on stays on
LEFT = 40  # messages that a change may leave to translators
# Where no message may be left: statuses, roles, what a State permits, statements of the paper, and mail.
NEVER_LEFT = (
    *("tracker/models/status.py", "tracker/models/user.py", "tracker/models/submission.py", "tracker/disclosure.py"),
    *("tracker/forms/submission.py", "tracker/documents/statements.py", "tracker/models/notification.py"),
    "templates/email/",
)
FILES = {path.parts[-3]: path for path in message_files()}
SWITCHED_ON = [to_locale(code) for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def findings(*paths: Path, options: tuple[str, ...] = ()) -> tuple[int, str]:
    """Return the exit status of the tool, and what it printed."""
    command = [sys.executable, ROOT / "tools/check_translations.py", *options, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def left_to_translators(path: Path) -> list[polib.POEntry]:
    file = polib.pofile(str(path))
    return [entry for entry in file if not entry.obsolete and not entry.translated()]


def is_never_left(entry: polib.POEntry) -> bool:
    return any(place.startswith(NEVER_LEFT) for place, _line in entry.occurrences)


def test_no_language_is_switched_off():
    assert [code for code, _name in settings.LANGUAGES][: len(LANGUAGES)] == LANGUAGES


@pytest.mark.parametrize("locale", FILES)
def test_what_is_translated_has_its_placeholders_tags_forms_and_terms(locale):
    status, said = findings(FILES[locale], options=("--partial",))
    assert status == 0, said


@pytest.mark.parametrize("locale", SWITCHED_ON)
def test_a_language_that_is_on_is_complete(locale):
    left = left_to_translators(FILES[locale])
    assert [entry.msgid for entry in left if is_never_left(entry)] == []
    assert len(left) <= LEFT


def test_the_places_where_no_message_is_left_have_messages(locale_of_tests):
    places = {
        place for path in copies(locale_of_tests) for entry in polib.pofile(str(path)) for place in places_of(entry)
    }
    assert [place for place in NEVER_LEFT if not any(each.startswith(place) for each in places)] == []


def places_of(entry: polib.POEntry) -> list[str]:
    return [place for place, _line in entry.occurrences]


def copies(locale_of_tests: Path) -> list[Path]:
    """Return the files of messages as `just messages` writes them now."""
    return sorted((locale_of_tests.parent / "sources" / "locale").glob("*/LC_MESSAGES/django.po"))


@pytest.mark.parametrize("locale", FILES)
def test_the_messages_are_those_of_the_sources(locale, locale_of_tests):
    """After a change of a message run `just messages`."""
    [copy] = [path for path in copies(locale_of_tests) if path.parts[-3] == locale]
    assert sorted(messages_in(copy)) == sorted(messages_in(FILES[locale]))


def messages_in(path: Path) -> list[tuple[str, str, str, str, list[str]]]:
    """Return what the sources say, and not the translations, of which versions of gettext guess differently."""
    return [
        (entry.msgctxt or "", entry.msgid, entry.msgid_plural, entry.comment, sorted(places_of(entry)))
        for entry in polib.pofile(str(path))
        if not entry.obsolete
    ]


# The tool


SOUND = {
    "Save": "Enregistrer",
    "%(count)s answer": ["%(count)s réponse", "%(count)s réponses", "%(count)s réponses"],
    'Read <a href="%(address)s">the guide</a>.': 'Lisez <a href="%(address)s">le guide</a>.',
    "The State submitted.": "L’État a soumis ses réponses.",
    "Write what was done.": "Écrivez ce qui a été fait.",
}
FAULTS = {
    "E-EMPTY": {"Save": ""},
    "E-PLURAL": {"%(count)s answer": ["%(count)s réponse", "%(count)s réponses"]},
    "E-PLACEHOLDER": {
        'Read <a href="%(address)s">the guide</a>.': 'Lisez <a href="%(address)s">le guide</a>, %(page)s.'
    },
    "E-TAG": {'Read <a href="%(address)s">the guide</a>.': "Lisez %(address)s le guide."},
    "E-SPACE": {"Save": "Enregistrer "},
    "E-END": {"Write what was done.": "Écrivez ce qui a été fait"},
    "E-CONTROL": {"Save": "Enre\u200bgistrer"},
    "E-COPY": {"Write what was done.": "Write what was done."},
    "E-TERM": {"The State submitted.": "La nation a soumis ses réponses."},
    "E-COUNTRY": {"The State submitted.": "L’État, ce pays, a soumis ses réponses."},
    "E-PERCENT": {"%(count)s answer": ["%(count)s % réponse", "%(count)s réponses", "%(count)s réponses"]},
}


def written(folder: Path, translations: dict, *, fuzzy: bool = False) -> Path:
    file = polib.POFile()
    file.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Language": "fr",
        "Plural-Forms": "nplurals=3; plural=(n == 0 || n == 1) ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;",
    }
    for text, said in translations.items():
        entry = polib.POEntry(msgid=text, flags=["fuzzy"] if fuzzy else [])
        if isinstance(said, list):
            entry.msgid_plural, entry.msgstr_plural = f"{text}s", dict(enumerate(said))
        else:
            entry.msgstr = said
        file.append(entry)
    path = folder / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(str(path))
    return path


def test_a_sound_translation_passes(tmp_path):
    assert findings(written(tmp_path, SOUND)) == (
        0,
        f"{tmp_path}/fr/LC_MESSAGES/django.po: fr, 5 of 5 translated; nothing found\n",
    )


@pytest.mark.parametrize("code", FAULTS)
def test_one_fault_of_each_kind_fails(code, tmp_path):
    status, said = findings(written(tmp_path, SOUND | FAULTS[code]))
    assert (status, set(re.findall(r"E-[A-Z]+", said))) == (1, {code})


def test_a_fuzzy_message_fails(tmp_path):
    status, said = findings(written(tmp_path, SOUND, fuzzy=True))
    assert (status, set(re.findall(r"E-[A-Z]+", said))) == (1, {"E-FUZZY"})


# Building


@pytest.fixture
def french(tmp_path, settings):
    settings.LANGUAGES, settings.LOCALE_PATHS = [("en", "English"), ("fr", "Français")], [tmp_path]
    path = written(tmp_path, {"Save": "Sauver"})
    forget_words()
    yield path
    forget_words()


def test_built_words_are_those_of_the_messages(french, capsys):
    call_command("build_words")
    assert capsys.readouterr().out == "fr: built\n"
    with override("fr"):
        assert gettext("Save") == "Sauver"


def test_words_that_are_missing_or_older_are_an_error(french):
    def named() -> list[str]:
        return [error.id for error in run_checks(tags=["translation"])]

    assert named() == ["tracker.E005"]
    [built] = build_words()
    assert (named(), has_words(french)) == ([], True)
    os.utime(built, (1, 1))
    assert named() == ["tracker.E005"]


def test_what_cannot_be_read_leaves_the_words_of_before(french):
    [built] = build_words()
    before = built.read_bytes()
    french.write_text('msgid "Save"\nmsgstr "Sauver" "\n')
    with pytest.raises(OSError, match="Syntax error"):
        build_words()
    assert (built.read_bytes(), os.listdir(built.parent)) == (before, ["django.po", "django.mo"])
