"""Words are found in files of every kind, and a hostile file costs a bounded time and memory."""

import io
import time
import zipfile
import zlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from tests.documents import (
    DOCUMENTS,
    OOXML,
    PDF,
    archive,
    office,
    opendocument,
    typeset,
    word,
    word_with,
    workbook_with,
)
from tests.storages import SilentStorage, break_storage
from tracker.documents.exchange import file_text
from tracker.documents.exchange.file_text import FileSearch
from tracker.documents.exchange.uploads import TYPES
from tracker.models import EvidenceFile

pytestmark = pytest.mark.one_database

WORDS = "Jane Doe"


@pytest.fixture
def stored(tmp_path, settings):
    """Store bytes as a file of a kind, by its suffix."""

    def stored_(content: bytes, suffix: str) -> EvidenceFile:
        file = EvidenceFile(content_type=TYPES[suffix])
        file.file.storage = FileSystemStorage(tmp_path)
        file.file.name = file.file.storage.save("x", ContentFile(content))
        return file

    return stored_


def found(file: EvidenceFile, words: str = WORDS) -> tuple[bool, bool]:
    """Whether the words are found, and whether the file counts as searched."""
    search = FileSearch(words)
    return search.finds(file), search.unsearched == []


@pytest.mark.parametrize("words", ["jane doe", "Jane  DOE", "internationalization", "Title of it", "A bookmark"])
def test_words_of_a_pdf_are_found(stored, words):
    """Across lines, hyphens, styles and in its properties."""
    text = "The case of internationalization of *Jane* \\ Doe, of the electroencephalographically"
    content = typeset(
        f'#set document(title: "Title of it")\n#set text(hyphenate: true)\n#set page(width: 4cm)\n= A bookmark\n{text}'
    )
    assert found(stored(content, ".pdf"), words) == (True, True)
    assert found(stored(content, ".pdf"), "John Roe") == (False, True)


@pytest.mark.parametrize("words", [WORDS, "In a cell", "At the foot", "Ann Author"])
def test_words_of_a_word_document_are_found(stored, words):
    assert found(stored(word_with("Ja", "ne D", "oe"), ".docx"), words) == (True, True)
    assert found(stored(word_with("Ja", "ne D", "oe"), ".docx"), "John Roe") == (False, True)


@pytest.mark.parametrize("words", [WORDS, "On a tab", "In a comment", "courts.example"])
def test_words_of_a_workbook_are_found(stored, words):
    assert found(stored(workbook_with(WORDS), ".xlsx"), words) == (True, True)
    assert found(stored(workbook_with(WORDS), ".xlsx"), "John Roe") == (False, True)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".pptx", office(f"{OOXML}.presentation", {"ppt/slide1.xml": f'<a:p xmlns:a="a"><a:t>{WORDS}</a:t></a:p>'})),
        (".odt", opendocument("text", {"meta.xml": '<t:p xmlns:t="t">Ja<t:span>ne</t:span> Doe</t:p>'})),
        (".ods", opendocument("spreadsheet", {"styles.xml": f"<x>{WORDS}</x>"})),
        (".docx", word({"word/comments.xml": f'<w:comment xmlns:w="w" w:author="{WORDS}"/>'})),
        (
            ".docx",
            word({"word/document.xml": '<w:p xmlns:w="w"><w:t>Ja</w:t><w:x w:name="y"/><w:t>ne Doe</w:t></w:p>'}),
        ),
        (".txt", WORDS.encode("utf-16")),
    ],
)
def test_words_of_other_kinds_are_found(stored, suffix, content):
    assert found(stored(content, suffix)) == (True, True)


# What cannot be searched is named


def encrypted_pdf() -> bytes:
    head = (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    )
    lock = b"3 0 obj\n<</Filter/Standard/V 1/R 2/P -4/O<" + b"00" * 32 + b">/U<" + b"11" * 32 + b">>>\nendobj\n"
    return head + lock + b"trailer\n<</Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]/Size 4>>\nstartxref\n9\n%%EOF\n"


def scanned_pdf() -> bytes:
    return typeset("#rect(width: 3cm, height: 3cm, fill: black)\n#pagebreak()\nA second page.")


def swollen_pdf() -> bytes:
    """A page whose few bytes unpack to more than the memory that the process may use."""
    packed = zlib.compressobj(1)
    content = b"".join(packed.compress(b"(x)Tj " * 1_000_000) for _ in range(60)) + packed.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content),
    ]
    written = b"%PDF-1.4\n"
    for number, each in enumerate(objects, start=1):
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    return written + b"trailer\n<</Root 1 0 R/Size 5>>\n%%EOF\n"


def swollen_archive() -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written,
        written.open("a.xml", "w") as part,
    ):
        part.write(b"<x>")
        for _ in range(200):
            part.write(b"y" * 1024 * 1024)
    return packed.getvalue()


ENTITIES = '<!DOCTYPE x [<!ENTITY a "xx"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".pdf", lambda: PDF),
        (".pdf", lambda: b"%PDF-1.7\n" + bytes(100_000)),
        (".pdf", encrypted_pdf),
        (".pdf", scanned_pdf),
        (".pdf", swollen_pdf),
        (".docx", lambda: b"PK\x03\x04 broken"),
        (".docx", lambda: word({"word/document.xml": ENTITIES})),
        (".docx", lambda: word({"word/document.xml": "<w><unclosed></w>"})),
        (".docx", lambda: word({"word/embeddings/book.xlsx": b"PK"})),
        (".xlsx", swollen_archive),
        (".pptx", lambda: archive({f"{number}.xml": "<x/>" for number in range(5_001)})),
        (".png", lambda: DOCUMENTS[".png"]),
    ],
)
def test_a_file_that_cannot_be_searched_whole_is_named_in_bounded_time(stored, monkeypatch, suffix, content):
    monkeypatch.setattr(file_text, "SECONDS", 3)
    file = stored(content(), suffix)
    begun = time.monotonic()
    assert found(file) == (False, False)
    assert time.monotonic() - begun < 15


def test_words_that_were_read_before_it_broke_are_found(stored):
    parts = {"a.xml": f"<x>{WORDS}</x>", "b.xml": "<x><unclosed></x>"}
    assert found(stored(word(parts), ".docx")) == (True, True)


def test_a_file_that_takes_too_long_is_not_waited_for(stored, monkeypatch):
    monkeypatch.setattr(file_text, "SECONDS", 0.01)
    assert found(stored(typeset(WORDS), ".pdf")) == (False, False)
    monkeypatch.setattr(file_text, "ALL_SECONDS", 0)
    assert found(stored(typeset(WORDS), ".pdf")) == (False, False)


def test_a_missing_file_has_no_words_and_one_that_the_storage_does_not_give_is_named(stored, settings):
    file = stored(typeset(WORDS), ".pdf")
    file.file.storage.delete(file.file.name)
    assert found(file) == (False, True)
    break_storage(settings, SilentStorage)
    file = EvidenceFile(content_type=TYPES[".pdf"])
    file.file.name = "evidence/XAA/x"
    search = FileSearch(WORDS)
    assert search.finds(file) is False
    assert (search.unsearched, search.unread) == ([file], [file])
