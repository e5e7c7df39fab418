"""Languages for tests alone, in which each message is between two marks.

`make_languages` writes two, of the messages that `makemessages` finds: in accents and a third longer; and in Arabic
letters. They have codes that Django knows (fr and ar), so that dates, plurals and documents are as in a real language.
What is not marked for translation, and what a library says, keeps its own letters.

`another_language` needs no gettext and marks what libraries say too: no message can pass for what was typed.
"""

import math
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

import polib
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.utils.translation import override
from django.utils.translation.trans_real import TranslationCatalog, translation

from recommendations.words import message_files

MARK, END_MARK = "«»"
PSEUDO, RIGHT_TO_LEFT = "fr", "ar"
LANGUAGES = [("en", "English"), (PSEUDO, "Ƥšéúðó"), (RIGHT_TO_LEFT, "العربية")]
MARKED = "he"  # written from right to left; its months and separators are not the English ones
SOURCES = ("templates", "recommendations", "tracker")

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = {
    PSEUDO: str.maketrans(LATIN, "áƀçðéƒĝĥíĵķļɱñóþɋŕšţúṽŵẋýžÁƁÇÐÉƑĜĤÍĴĶĻṀÑÓÞɊŔŠŢÚṼŴẊÝŽ"),
    RIGHT_TO_LEFT: str.maketrans(LATIN, "ابتثجحخدذرزسشصضطظعغفقكلمنه" * 2),
}
FILLERS = {PSEUDO: " ļóñĝéŕ", RIGHT_TO_LEFT: " اطول"}
LONGER = 0.35
UNCHANGED = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>|&\w+;|https?://\S+")


class Message(NamedTuple):
    """A message with the comments for translators."""

    context: str
    text: str
    plural: str
    comment: str


def forget_words() -> None:
    """Let no test meet words that were kept while its language said something else."""
    for kept in _kept_by_language():
        kept.cache_clear()


def _kept_by_language() -> Iterator[Any]:
    for name, module in list(sys.modules.items()):
        if name.startswith(("recommendations.", "tracker.")):
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and "language" in str(signature(value)):
                    yield value


def make_languages(folder: Path) -> None:
    """Write locale/fr and locale/ar into the folder."""
    messages = list(find_messages(folder))
    for language in (PSEUDO, RIGHT_TO_LEFT):
        file = polib.POFile()
        file.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=2; plural=(n != 1);"}
        for context, text, plural, _comment in messages:
            entry = polib.POEntry(msgid=text, msgid_plural=plural, msgctxt=context or None)
            if plural:
                entry.msgstr_plural = {0: pseudo(text, language), 1: pseudo(plural, language)}
            else:
                entry.msgstr = pseudo(text, language)
            file.append(entry)
        words = folder / "locale" / language / "LC_MESSAGES" / "django.mo"
        words.parent.mkdir(parents=True, exist_ok=True)
        file.save_as_mofile(str(words))


def find_messages(folder: Path) -> list[Message]:
    """Run `just messages` on a copy of the sources, since it makes files beside them, and read what it writes."""
    copy = folder / "sources"
    for name in (*SOURCES, "locale"):
        shutil.copytree(Path(settings.BASE_DIR) / name, copy / name, ignore=shutil.ignore_patterns("static", "*.pyc"))
    of_languages = [option for path in message_files() for option in ("--locale", path.parts[-3])]
    command = [sys.executable, "-m", "django", "makemessages", "--locale", PSEUDO, *of_languages, *message_options()]
    done = subprocess.run(
        command, cwd=copy, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )
    assert "warning" not in done.stdout + done.stderr, done.stdout + done.stderr
    return read_messages(copy / "locale" / PSEUDO / "LC_MESSAGES" / "django.po")


def message_options() -> list[str]:
    """Return those of `just messages`, without that of its languages."""
    command = [Path(sys.executable).with_name("just"), "--dry-run", "messages"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    return shlex.split(done.stderr.partition(" --all ")[2])


def read_messages(file: Path) -> list[Message]:
    return [
        Message(entry.msgctxt or "", entry.msgid, entry.msgid_plural, entry.comment.replace("\n", " "))
        for entry in polib.pofile(str(file))
        if not entry.obsolete
    ]


def pseudo(text: str, language: str = PSEUDO) -> str:
    places = [found.span() for found in UNCHANGED.finditer(text)]
    starts, ends = [0, *(end for _start, end in places)], [*(start for start, _end in places), len(text)]
    unchanged = [found[0] for found in UNCHANGED.finditer(text)] + [""]
    words = [text[start:end].translate(LETTERS[language]) for start, end in zip(starts, ends, strict=True)]
    letters = sum(map(str.isalpha, "".join(words)))
    filler = FILLERS[language] * math.ceil(letters * LONGER / len(FILLERS[language]))
    written = "".join(part for pair in zip(words, unchanged, strict=True) for part in pair)
    head, tail = (text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :])
    return f"{head}{MARK}{written.strip()}{filler}{END_MARK}{tail}" if letters else text


def mark_messages_of_libraries() -> None:
    """Mark what Django and other libraries say in their own French, until the settings of languages change again.

    Messages of this site are marked twice, which changes nothing for a test.
    """
    for catalogue in translation(PSEUDO)._catalog._catalogs:
        catalogue.update({key: pseudo(text) for key, text in catalogue.items() if key})


class MarkedMessages(TranslationCatalog):
    """Translate each message at the moment it is looked up."""

    def get(self, key, default=None):
        message = key[0] if isinstance(key, tuple) else key
        return f"{MARK}{message.rpartition('\x04')[2]}{END_MARK}"

    def __getitem__(self, key):
        return self.get(key)

    def plural(self, msgid, num):
        return self.get(msgid)


@contextmanager
def another_language() -> Iterator[None]:
    messages = translation(MARKED)
    catalogue, messages._catalog = messages._catalog, MarkedMessages()
    try:
        with override(MARKED):
            yield
    finally:
        messages._catalog = catalogue


def rows_with_messages() -> list[str]:
    """Return the rows with a message in `another_language`."""
    return [
        f"{model._meta.label} {row}"
        for model in _models_with_mark()
        for row in model._base_manager.values_list()
        if any(MARK in str(value) for value in row)
    ]


def _models_with_mark() -> list[type[Model]]:
    """Look through all tables in one query."""
    models = [model for model in apps.get_models() if model._meta.app_label != "recommendations"]
    tables = [_with_mark(model, number) for number, model in enumerate(models)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(tables))
        return [models[number] for (number,) in cursor.fetchall()]


def _with_mark(model: type[Model], number: int) -> str:
    """SQL that gives the number if a column of the table has the mark, as it is or as it is written in JSON."""
    columns = [f'CAST("{field.column}" AS text)' for field in model._meta.concrete_fields]
    marked = " OR ".join(f"{column} LIKE '%{mark}%'" for column in columns for mark in (MARK, "\\u00ab"))
    return f'SELECT {number} WHERE EXISTS (SELECT 1 FROM "{model._meta.db_table}" WHERE {marked})'
