"""A document for Word from outside, read safely: once, piece by piece and within bounds. Nothing is unpacked, no entity
is resolved, and nothing outside the file is asked for.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from zlib import error as ZlibError

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _
from lxml import etree

from recommendations.archives import DAMAGED

PARTS_LIMIT = 1_000
SMALL_LIMIT = 1024 * 1024  # bytes of properties, or of what a part refers to
DOCUMENT_LIMIT = 32 * 1024 * 1024  # bytes; a questionnaire about 230 units has 5 MB, and 12 once LibreOffice saved it
ELEMENTS_LIMIT = 1_000_000  # one about 230 units has 190,000, and 410,000 once LibreOffice saved it
LETTERS_LIMIT = 10_000_000
PIECE = 64 * 1024

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
HIDDEN = {FALLBACK, f"{WORD}del", f"{WORD}moveFrom"}  # said elsewhere, or struck out while changes were tracked
PARAGRAPH, RUN, TEXT = (f"{WORD}{name}" for name in ("p", "r", "t"))
IN_A_RUN = {f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}tab": "\t", f"{WORD}noBreakHyphen": "\N{NON-BREAKING HYPHEN}"}
HYPERLINK = re.compile(r"/hyperlink$")

REFERS_ELSEWHERE = _("This document takes in something from outside of it. Take that out and save it again.")
HAS_ENTITIES = _("This document defines abbreviations of its own, which no word processor does. It cannot be read.")
TOO_LARGE = _("There is more in this document than can be read. Take out what does not belong to it.")


@contextmanager
def opened(file: File) -> Iterator[zipfile.ZipFile]:
    """The file as an archive; whatever is wrong with it is a ValidationError."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS_LIMIT or len({part.filename for part in parts}) < len(parts):
                raise ValidationError(TOO_LARGE)
            yield archive
    except (
        zipfile.BadZipFile,
        ZlibError,
        OSError,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        etree.XMLSyntaxError,
    ) as error:
        raise ValidationError(DAMAGED) from error


class WordTarget:
    """Of a parser: refuses entities."""

    def doctype(self, *_declared):
        raise ValidationError(HAS_ENTITIES)

    def start(self, tag, attributes):
        """The beginning of an element."""

    def end(self, tag):
        """Its end."""

    def data(self, text):
        """What stands in it."""

    def close(self):
        """What was found."""
        raise NotImplementedError


def parse(archive: zipfile.ZipFile, name: str, target: WordTarget, limit: int):
    """Give a part to a target piece by piece; returns what the target closes with."""
    if archive.getinfo(name).file_size > limit:
        raise ValidationError(TOO_LARGE)
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    with archive.open(name) as part:
        while piece := part.read(PIECE):
            parser.feed(piece)
    return parser.close()


class ReferenceTarget(WordTarget):
    """(kind, where) of what a part refers to; raises ValidationError where that is not in the file."""

    def __init__(self):
        self.found: list[tuple[str, str]] = []

    def start(self, tag, attributes):
        kind = attributes.get("Type", "")
        if attributes.get("TargetMode") == "External" and not HYPERLINK.search(kind):
            raise ValidationError(REFERS_ELSEWHERE)
        self.found.append((kind, attributes.get("Target", "")))

    def close(self):
        return self.found


def refuse_references(archive: zipfile.ZipFile) -> None:
    """Word would fetch what is outside of the file; here nothing does, and no paper or questionnaire has any."""
    for name in archive.namelist():
        if name.endswith(".rels"):
            parse(archive, name, ReferenceTarget(), SMALL_LIMIT)


def references(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Where the references of a part go, by the last word of their kind: `officeDocument`, `footnotes`."""
    return {kind.rpartition("/")[2]: where for kind, where in parse(archive, name, ReferenceTarget(), SMALL_LIMIT)}
