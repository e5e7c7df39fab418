"""Every word that people read can be translated: pages and files in a language for tests (tests/languages.py)."""

import ast
import dataclasses
import io
import re
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import lxml.etree
import lxml.html
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db.models import CharField, JSONField, TextField
from django.db.models.fields import BLANK_CHOICE_LABEL
from django.template.base import Lexer, TokenType
from django.urls import reverse
from django.utils.dates import MONTHS, MONTHS_ALT
from django.utils.translation import gettext, ngettext, override, pgettext

from recommendations.models import Meeting, Synonym
from tests.languages import MARK, PSEUDO, Message, forget_words, mark_messages_of_libraries, pseudo, read_messages
from tests.test_walk import (  # noqa: F401  # fixtures
    ADMIN,
    ADMIN_OF,
    URLS,
    address,
    canary_state,
    client_of,
    people,
    site,
)
from tests.thorough import IS_THOROUGH, some
from tracker.documents.handover import document
from tracker.documents.statements import USUAL
from tracker.documents.typeset import KEPT_WHOLE
from tracker.models import User
from tracker.models.language import Language
from tracker.queries.desk.handover import handover
from tracker.queries.help import GUIDES, read_guide
from tracker.web.middleware import PAGES_IN_ENGLISH

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("languages_of_tests")]

WORD = re.compile(r"[^\W\d_]+")
ASCII = re.compile("[A-Za-z]{2}")
ADDRESS = re.compile(r"https?://\S+|\S+\.(csv|json|pdf|docx|xlsx)\b")
NO_WORD = re.compile(r"%\(\w+\)s|\b[IVX]+\b|\b[0-9a-f]{8}\b")
IN_TAGS = re.compile(r"<(script|style|svg|code)\b.*?</\1>|<!--.*?-->|<[^>]*>|&\w+;|data-[a-z-]+=", re.DOTALL)
SPOKEN = ("title", "aria-label", "alt", "placeholder", "label")
NAMES = {"ALL", "PDF", "UTC", "CSV", "JSON", "SHA", "TXT", *(str(language.label) for language in Language)}
IN_ENGLISH = {"recommendations:xlsx", "progress_paper_docx"}
FILES = sorted({name for name in URLS if name.endswith(("docx", "xlsx"))} - IN_ENGLISH)
ADMIN_PAGES = sorted(ADMIN - {"admin:autocomplete", "admin:jsi18n", "admin:logout", "admin:view_on_site"})
PAGES = sorted(name for name in URLS if not re.search(r"[:_](csv|json|pdf|docx|xlsx)$", name))
TEMPLATES = sorted(
    path for path in (Path(django_settings.BASE_DIR) / "templates").rglob("*.*") if "admin" not in path.parts
)
REFUSED = {"403", "404", "405"}  # whatever is sent
PLACEHOLDER = re.compile(r"%\((\w+)\)")
NAME = re.compile(r"%\((?:body|institution|meeting|paper|provision|state|theme|title)\)s")
# The functions that translate, and how many of their arguments are texts.
FORMS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2, "pgettext": 2, "pgettext_lazy": 2}
SOURCES = [
    path for name in ("recommendations", "tracker") for path in (Path(django_settings.BASE_DIR) / name).rglob("*.py")
]
CODE = re.compile(r"[a-z][a-z0-9_-]*|E\d+ version .*|\S{40,}")  # in a cell: of a list, of evidence or the stamp
APART = {"blocktranslate", "endblocktranslate", "comment", "endcomment"}  # what is between these is no word of the page
WORDPROCESSING = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Stored:
    """What is in the database, and the titles of guides: nobody translates them here."""

    def __init__(self, lines: Iterable[str]):
        longest_first = sorted(lines, key=len, reverse=True)
        self.pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
        self.without = cache(lambda line: self.pattern.sub(" ", ADDRESS.sub(" ", line)))  # pages share most of them


@pytest.fixture(scope="module")
def stored(site) -> Stored:  # noqa: F811
    lines = {
        " ".join(line.split())
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField | JSONField) and not field.choices
        for value in model._base_manager.values_list(field.name, flat=True)
        for line in lines_of(value)
        if ASCII.search(line) and len(line) > 2
    }
    lines |= {part for meeting in Meeting.objects.all() for part in (meeting.name, meeting.place_and_days)}
    lines |= {read_guide(slug).title for slug in GUIDES}
    lines |= set(Synonym.objects.values_list("words", flat=True))  # also those of two letters
    return Stored(lines)


def lines_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from lines_of(part)


def unmarked(texts: Iterable[str], stored: Stored) -> set[str]:
    """Return the texts with a word that is neither translated nor in the database, nor Django's own."""
    with override(PSEUDO):
        of_django = {str(name) for months in (MONTHS, MONTHS_ALT) for name in months.values()}
        of_django |= {"octets", "Kio", "Mio", "Gio"}  # what it says of the size of files
        whole = {str(BLANK_CHOICE_LABEL)}
    found = set()
    for line in {" ".join(text.split()) for text in texts}:
        left = NO_WORD.sub(" ", stored.without(line))
        words = {word for word in WORD.findall(left) if ASCII.search(word)} - of_django - NAMES
        if words and line not in whole:
            found.add(f"{', '.join(sorted(words))}: {line[:200]}")
    return found


def texts_of_page(html: str) -> Iterator[str]:
    """Yield what a page says in its own language."""
    for element in lxml.html.document_fromstring(html).iter(lxml.etree.Element):
        inside = [element, *element.iterancestors()]
        if any(each.tag in ("bdi", "code", "script", "style", "svg") for each in inside):
            continue
        if any(each.get("lang", PSEUDO) != PSEUDO or each.get("class") == "difference" for each in inside):
            continue
        yield from (element.get(name, "") for name in SPOKEN)
        yield element.get("value", "") if element.get("type") == "submit" else ""
        yield element.text or ""
        yield from (child.tail or "" for child in element)


def texts_of_file(content: bytes) -> Iterator[str]:
    """Yield the texts of a document for Word in its own language, or of the cells of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if re.fullmatch(r"word/(document|header\d*|footer\d*).xml", name):
                for paragraph in lxml.etree.fromstring(parts.read(name)).iter(f"{WORDPROCESSING}p"):
                    if not any(True for _each in paragraph.iter(f"{WORDPROCESSING}lang")):
                        yield "".join(text.text or "" for text in paragraph.iter(f"{WORDPROCESSING}t"))
            elif name == "xl/sharedStrings.xml":
                cells = ("".join(cell.itertext()) for cell in lxml.etree.fromstring(parts.read(name)))
                yield from (cell for cell in cells if not CODE.fullmatch(cell))


def texts_of_tree(value: object) -> Iterator[str]:
    """Yield the document's own words: those of users have a direction."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and not value.get("direction"):
        yield from (text for name, part in value.items() if name not in KEPT_WHOLE for text in texts_of_tree(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in texts_of_tree(part))


def admin_address(name: str) -> str:
    """Return the address of a page of the admin, of the last row if it is of one."""
    match = re.fullmatch(r"admin:([a-z]+)_([a-z]+)_([a-z_]+)", name)
    if name == "admin:app_list":
        return reverse(name, args=["recommendations"])
    if not match or match[2] not in ADMIN_OF or match[3] in ("changelist", "add", "import", "process_import", "export"):
        return reverse(name)
    return reverse(name, args=[apps.get_model(match[1], match[2])._base_manager.latest("pk").pk])


def content_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


# The language of tests


def test_messages_are_translated_with_their_placeholders():
    with override(PSEUDO):
        assert gettext("Sign in") == pseudo("Sign in") == "«Šíĝñ íñ ļóñĝéŕ»"
        assert pgettext("between the parts of a list", ", ") == ", "
        days = [ngettext("%(days)s day left", "%(days)s days left", count) for count in (1, 2)]
    assert days == [pseudo("%(days)s day left"), pseudo("%(days)s days left")]
    assert pseudo("Due %(due)s, <b>now</b>") == "«Ðúé %(due)s, <b>ñóŵ</b> ļóñĝéŕ»"


# What translators receive


@pytest.fixture(scope="module")
def messages(locale_of_tests) -> list[Message]:
    return read_messages(locale_of_tests.parent / "sources" / "locale" / PSEUDO / "LC_MESSAGES" / "django.po")


def test_translators_read_what_a_placeholder_is(messages):
    """The comment has its own line, directly above: xgettext gives it to the first message of the next line alone."""
    assert [message for message in messages if PLACEHOLDER.search(message.text) and not message.comment] == []


def test_a_message_has_one_comment_at_each_of_its_places(messages):
    """Two comments would be two meanings, which other languages say in two ways: give each its context."""
    comments = {message: set(message.comment.split("Translators: ")) - {""} for message in messages}
    assert {message: found for message, found in comments.items() if len({one.strip() for one in found}) > 1} == {}


def test_translators_have_at_most_3500_messages(messages):
    assert len(messages) <= 3500


def test_a_message_has_at_most_40_words(messages):
    """But the statement of the United Nations on designations."""
    texts = {text for message in messages for text in (message.text, message.plural)}
    long = {text for text in texts if len(re.sub("<[^>]+>", " ", text).split()) > 40}
    assert long == {str(USUAL[-1])}


def test_a_name_is_not_inside_a_sentence(messages):
    """It has a gender and a number, and in some languages a case: it stands first, last, after a colon or in quotes."""
    texts = {text for message in messages for text in (message.text, message.plural)}
    parts = {text: NAME.split(text) for text in texts if NAME.search(text)}
    assert len(parts) > 50
    assert [text for text, found in parts.items() if not all(map(is_apart, found, found[1:]))] == []


def is_apart(before: str, after: str) -> bool:
    return bool(re.search(r"(^|[:,·“/>]|%\(evidence\)s) ?$", before) and re.match(r"$|[.:,;/”<]| [·(]", after))


def test_both_forms_of_a_message_have_the_same_placeholders(messages):
    """The singular may do without the number."""
    forms = [(set(PLACEHOLDER.findall(each.text)), set(PLACEHOLDER.findall(each.plural))) for each in messages]
    assert len(forms) > 1000
    assert [each for each, (one, many) in zip(messages, forms, strict=True) if each.plural and not one <= many] == []


def test_messages_in_code_are_literal_and_get_the_values_that_they_name():
    """What is not literal is not found by xgettext."""
    calls = [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text()))]
    found = [node for node in calls if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FORMS]
    assert len(found) > 1000
    assert [ast.unparse(call) for call in found if not all(map(is_text, call.args[: FORMS[call.func.id]]))] == []
    known = set(found)
    formatted = [node for node in calls if isinstance(node, ast.BinOp) and node.left in known]
    assert [ast.unparse(node) for node in formatted if not has_its_values(node.left, node.right)] == []


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def has_its_values(call: ast.Call, values: ast.expr) -> bool:
    """Return whether a dict that is written out, if it is, has exactly the names in the message."""
    if not isinstance(values, ast.Dict) or None in values.keys:
        return True
    named = {name for text in call.args if is_text(text) for name in PLACEHOLDER.findall(text.value)}
    return {key.value for key in values.keys} == named


def test_messages_in_templates_name_each_value_that_they_get():
    """A name that a message lacks is empty on the page, without an error."""
    message, lacking = re.compile(r"{% blocktranslate(.*?)%}(.*?){% endblocktranslate %}", re.DOTALL), []
    for path in TEMPLATES:
        for head, text in message.findall(path.read_text()):
            given, counter = set(re.findall(r" (\w+)=", head)), set(re.findall(r" count (\w+)=", head))
            if not given - counter <= set(re.findall(r"{{ (\w+) }}", text)):
                lacking.append((path.name, text))
    assert len(TEMPLATES) > 100
    assert lacking == []


# What is not marked


def test_no_template_has_a_word_outside_a_message():
    assert {path.name: found for path in TEMPLATES if (found := words_outside_messages(path))} == {}


def words_outside_messages(path: Path) -> set[str]:
    text, is_apart = "", False
    source = re.sub("{% block main_class %}.*?{% endblock %}", "", path.read_text())
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK and token.contents.split()[0] in APART:
            is_apart = not token.contents.startswith("end")
        text += token.contents if token.token_type == TokenType.TEXT and not is_apart else "\0"
    spoken = re.findall(rf'(?:{"|".join(SPOKEN)})="([^"]*)"', text)
    spoken += re.findall(r'type="submit"[^>]* value="([^"]*)"', text)
    texts = [*spoken, *re.split("\0", IN_TAGS.sub("\0", text))]
    return {each for each in texts if set(WORD.findall(ADDRESS.sub(" ", each))) - NAMES and ASCII.search(each)}


@pytest.mark.parametrize("name", some(PAGES))
def test_no_page_has_a_word_that_is_not_marked(name, people, stored, canary_state):  # noqa: F811
    """Also after a form that was sent empty. A page for curators has no word that is translated."""
    User.objects.update(language=PSEUDO)
    url, found, expected = address(name), set(), URLS[name][1]
    for person, to_get, to_post in zip(people.values(), expected.get.split(), expected.post.split(), strict=True):
        client = client_of(person)
        sent = [client.get] if to_get not in REFUSED else []
        sent += [client.post] if to_post not in REFUSED and "200" in expected.post else []
        for send in sent:
            response = send(url, headers={"accept-language": PSEUDO})
            if response.status_code in (200, 400) and response["Content-Type"].startswith("text/html"):
                page = response.content.decode()
                found |= unmarked(texts_of_page(page), stored)
                if url.startswith(PAGES_IN_ENGLISH):
                    assert is_in_english(page)
    assert found == set()


def is_in_english(page: str) -> bool:
    return lxml.html.document_fromstring(page).get("lang") == "en" and MARK not in page


@pytest.mark.parametrize("name", some(ADMIN_PAGES))
def test_pages_of_the_admin_are_in_english_for_everyone(name, people, canary_state):  # noqa: F811
    """Also after a form that was sent empty. Messages of Django are in its own catalogue, marked for this test."""
    User.objects.update(language=PSEUDO)
    mark_messages_of_libraries()
    forget_words()
    for walker in ADMIN_OF.get(name.partition("_")[2].partition("_")[0], ("curator", "administrator")):
        client = client_of(people[walker])
        for send in (client.get, client.post):
            response = send(admin_address(name), headers={"accept-language": PSEUDO})
            if response.status_code == 200:
                assert is_in_english(response.content.decode())


@pytest.mark.parametrize("name", FILES)
def test_no_file_has_a_word_that_is_not_marked(name, people, stored, canary_state):  # noqa: F811
    User.objects.update(language=PSEUDO)
    url, found = address(name), set()
    readers = [person for person, code in zip(people.values(), URLS[name][1].get.split(), strict=True) if code == "200"]
    for person in readers if IS_THOROUGH else readers[:1]:  # they get the same
        found |= unmarked(
            texts_of_file(content_of(client_of(person).get(url, headers={"accept-language": PSEUDO}))), stored
        )
    assert readers
    assert found == set()


def test_no_receipt_has_a_word_that_is_not_marked(people, stored, canary_state):  # noqa: F811
    User.objects.update(language=PSEUDO)
    pdf = client_of(people["focal point"]).get(address("receipt_pdf")).content
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    assert unmarked([read.stdout.decode()], stored) == set()


def test_no_handover_has_a_word_that_is_not_marked(people, stored, canary_state):  # noqa: F811
    reader = User.objects.get(pk=people["focal point"].pk)
    with override(PSEUDO):
        tree = dataclasses.asdict(document(handover(canary_state, reader)))
    assert unmarked(texts_of_tree(tree), stored) == set()
