"""Read a Word document from outside, safely: once, piece by piece and within bounds.

Nothing is unpacked, no entity is resolved, and nothing outside the file is requested.
"""

import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from time import thread_time

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _
from lxml import etree

from recommendations.archives import DAMAGED, UNREADABLE
from recommendations.xml_links import Relationship, read_xml

SMALL_LIMIT = 1024 * 1024  # bytes of properties, or of what a part refers to
DOCUMENT_LIMIT = 32 * 1024 * 1024  # bytes; a questionnaire about 230 units has 5 MB, and 12 once LibreOffice saved it
ELEMENTS_LIMIT = 1_000_000  # one about 230 units has 190,000, and 410,000 once LibreOffice saved it
LETTERS_LIMIT = 10_000_000
NESTED_LIMIT = 10  # paragraphs, boxes or cells in others of their kind
PIECE = 64 * 1024

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
HIDDEN = {FALLBACK, f"{WORD}del", f"{WORD}moveFrom"}  # repeated elsewhere, or struck out while changes were tracked
PARAGRAPH, RUN, TEXT = (f"{WORD}{name}" for name in ("p", "r", "t"))
IN_A_RUN = {f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}tab": "\t", f"{WORD}noBreakHyphen": "\N{NON-BREAKING HYPHEN}"}

REFERS_ELSEWHERE = _(
    "This document includes content from outside the file. Remove that content and save the document again."
)
TOO_LARGE = _("This document is too large to read. Remove content that does not belong to it.")


@contextmanager
def open_document(file: File) -> Iterator[zipfile.ZipFile]:
    """Open a file that passed `check_file_parts`. Raise ValidationError if it is damaged."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (*UNREADABLE, KeyError, etree.XMLSyntaxError) as error:
        raise ValidationError(DAMAGED) from error


class PartReader(ABC):
    """Receive the elements of a part, as a parser target of lxml, by `start`, `end` and `data`. Refuse entities."""

    def doctype(self, *_declared):
        raise ValidationError(DAMAGED)

    @abstractmethod
    def close(self):
        """Return what was read."""


def read_part(archive: zipfile.ZipFile, name: str, reader: PartReader, limit: int, deadline: float = inf):
    """Give a part of at most `limit` bytes to a reader, and return what the reader closes with.

    `deadline` is a time of the processor, as `thread_time` has it.
    """
    if archive.getinfo(name).file_size > limit:
        raise ValidationError(TOO_LARGE)
    parser = etree.XMLParser(target=reader, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    with archive.open(name) as part:
        while piece := part.read(PIECE):
            parser.feed(piece)
            if thread_time() > deadline:
                raise ValidationError(TOO_LARGE)
    return parser.close()


class VisibleTextReader(PartReader):
    """Follow the visible text of a part."""

    letters_limit = LETTERS_LIMIT

    def __init__(self):
        self.elements = self.letters = self.hidden = 0
        self.is_in_run = self.is_text = False

    @abstractmethod
    def open_texts(self) -> list[list[str]]:
        """Return where text is added."""

    def start_element(self, tag: str, attributes) -> None:
        pass

    def end_element(self, tag: str) -> None:
        pass

    def start(self, tag, attributes):
        self.elements += 1
        if self.elements > ELEMENTS_LIMIT:
            raise ValidationError(TOO_LARGE)
        if tag in HIDDEN:
            self.hidden += 1
        elif tag == TEXT:
            self.is_text = True
        elif tag in IN_A_RUN and self.is_in_run:
            self.add_text(IN_A_RUN[tag])
        else:
            self.is_in_run = self.is_in_run or tag == RUN
            self.start_element(tag, attributes)

    def end(self, tag):
        if tag in HIDDEN:
            self.hidden -= 1
        elif tag == TEXT:
            self.is_text = False
        elif tag == RUN:
            self.is_in_run = False
        else:
            self.end_element(tag)

    def data(self, text):
        if self.is_text:
            self.add_text(text)

    def open(self, nested: list, new) -> None:
        if len(nested) >= NESTED_LIMIT:
            raise ValidationError(TOO_LARGE)
        nested.append(new)

    def add_text(self, text: str) -> None:
        if self.hidden or not (pieces := self.open_texts()):
            return
        self.letters += len(text)
        if self.letters > self.letters_limit:
            raise ValidationError(TOO_LARGE)
        for each in pieces:
            each.append(text)


def refuse_references(archive: zipfile.ZipFile) -> None:
    """Raise ValidationError for what Word would fetch from outside: no paper or questionnaire has any."""
    for name in archive.namelist():
        if name.endswith(".rels") and any(
            each.link and each.kind != "hyperlink" for each in list_references(archive, name)
        ):
            raise ValidationError(REFERS_ELSEWHERE)


def read_references(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Return the targets by the last word of their kind in small letters, such as `officedocument` or `footnotes`."""
    return {each.kind: each.target for each in list_references(archive, name)}


def list_references(archive: zipfile.ZipFile, name: str) -> list[Relationship]:
    return read_xml([archive.read(name)], inf).references
