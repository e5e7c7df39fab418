"""Write the text of a document to standard output: the program of a child process, without Django.

A hostile document can take time and memory, or break the process, and nothing else. `file_text.py` starts it. It ends
with COMPLETE, or with PARTIAL where the document has content without text, such as scanned pages.

Its first argument is the kind of the document. The second is "everything", with names, links and comments, or "pages":
what the document shows, one line of JSON for each page of a PDF, and one line for another document.
"""

import ctypes
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO
from xml.parsers import expat

import pypdfium2
import pypdfium2.raw as pdfium

COMPLETE, PARTIAL = 0, 3
PARTS, UNPACKED = 5_000, 512 * 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024  # letters
MOST_LETTERS = 1_000_000  # of pages
PIECE = 64 * 1024

XML_PART = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
INNER_FILE = re.compile(r"(^|/)(embeddings|Object \d+|ObjectReplacements)/", re.IGNORECASE)
# Elements of Office and OpenDocument files by their local names: a word ends with the first, not with the second.
BREAKS = {"p", "h", "br", "cr", "tab", "tc", "c", "si", "row", "line-break", "table-cell"}
INLINE = {"t", "delText", "span", "a"}
# Attributes with what people wrote: names, descriptions of pictures, links, headings of sheets.
WRITTEN = {"author", "initials", "descr", "title", "name", "Target", "href", "creator", "value", "string-value"}
# At the end of a line; PDFium writes it as one of the last two.
HYPHEN = re.compile("[-\u00ad\u2010]\\s*\n\\s*|[\x02\ufffe]\\s*")
ANNOTATION_TEXTS = (b"Contents", b"T", b"V", b"TU")
SHOWN_PART = re.compile(
    r"word/(document\d*|footnotes|endnotes)\.xml|xl/(sharedStrings|worksheets/[^/]+)\.xml|ppt/slides/[^/]+\.xml|content\.xml"
)


def main(kind: str, form: str) -> int:
    content = sys.stdin.buffer.read()
    if form == "pages":
        return _write_pages(_pdf_pages(content) if kind == "pdf" else _archive_pages(content))
    return _write_pdf(content) if kind == "pdf" else _write_archive(content)


def _write_pages(pages: Iterable[str]) -> int:
    left = MOST_LETTERS
    for text in pages:
        lines = HYPHEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:left]
        left -= len(lines)
        sys.stdout.buffer.write(json.dumps(lines).encode() + b"\n")
        if not left:
            return PARTIAL
    return COMPLETE


def _write(text: str) -> None:
    """Write a piece that ends between words; a word that a hyphen splits at the end of a line also without it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    for version in dict.fromkeys((lines, HYPHEN.sub("", lines))):
        sys.stdout.buffer.write(version.encode("utf-8", "replace") + b"\n")


def _write_pdf(content: bytes) -> int:
    document = pypdfium2.PdfDocument(content)
    is_complete = document.count_attachments() == 0
    _write("\n".join(document.get_metadata_dict().values()))
    for bookmark in document.get_toc():
        _write(bookmark.get_title())
    for page in document:
        text = page.get_textpage().get_text_bounded()
        is_complete = is_complete and bool(text.strip())
        _write(text)
        for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
            annotation = pdfium.FPDFPage_GetAnnot(page, index)
            for key in ANNOTATION_TEXTS:
                _write(_annotation_text(annotation, key))
            pdfium.FPDFPage_CloseAnnot(annotation)
        page.close()
    return COMPLETE if is_complete else PARTIAL


def _pdf_pages(content: bytes) -> Iterator[str]:
    for page in pypdfium2.PdfDocument(content):
        yield page.get_textpage().get_text_bounded()
        page.close()


def _annotation_text(annotation, key: bytes) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAnnot_GetStringValue(annotation, key, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")


def _write_archive(content: bytes) -> int:
    """Write the text of every XML part of an Office or OpenDocument file."""
    with _open_archive(content) as archive:
        names = archive.namelist()
        for name in names:
            if XML_PART.search(name):
                with archive.open(name) as part:
                    for text in _part_texts(part, _PartText()):
                        _write(text)
        is_complete = not any(INNER_FILE.search(name) for name in names)
    return COMPLETE if is_complete else PARTIAL


def _archive_pages(content: bytes) -> Iterator[str]:
    with _open_archive(content) as archive:
        shown = sorted(filter(SHOWN_PART.fullmatch, archive.namelist()), key=lambda name: (len(name), name))
        yield "\n".join(_shown_text(archive, name) for name in shown)


def _open_archive(content: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(content))
    members = archive.infolist()
    if len(members) > PARTS or sum(member.file_size for member in members) > UNPACKED:
        raise ValueError("too large")
    return archive


def _shown_text(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as part:
        return "".join(_part_texts(part, _ShownText() if name == "content.xml" else _OfficeText()))


class _PartText:
    """Collect the text of a part, and apart from it the attributes with what people wrote."""

    def __init__(self):
        self.pieces: list[str] = []
        self.attributes: list[str] = []
        self.has_own_text = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.has_own_text = False
        self.attributes += [value for key, value in attributes.items() if _local(key) in WRITTEN]

    def end(self, name: str) -> None:
        if _local(name) in BREAKS or (self.has_own_text and _local(name) not in INLINE):
            self.pieces.append("\n")
        self.has_own_text = False

    def text(self, text: str) -> None:
        self.pieces.append(text)
        self.has_own_text = True

    def take(self) -> str:
        """Return what is complete, up to the end of the last word."""
        whole, line_break, rest = "".join(self.pieces).rpartition("\n")
        if len(rest) > LONGEST_LINE:
            raise ValueError("a line is too long")
        self.pieces = [rest]
        return whole + line_break


class _ShownText(_PartText):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, {})


class _OfficeText(_ShownText):
    """Collect only what the elements for text have: no formula, field code or deleted text."""

    is_shown = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.is_shown = _local(name) == "t"
        super().start(name, attributes)

    def end(self, name: str) -> None:
        self.is_shown = False
        super().end(name)

    def text(self, text: str) -> None:
        if self.is_shown:
            super().text(text)


def _part_texts(part: IO[bytes], found: _PartText) -> Iterator[str]:
    """Yield the text of a part in pieces that end between words. Refuse entities."""
    parser = expat.ParserCreate()

    def refuse(*_declared) -> None:
        raise ValueError("it declares a document type")

    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = found.text, refuse
    while read := part.read(PIECE):
        parser.Parse(read, False)
        yield found.take()
    parser.Parse(b"", True)
    yield "".join([*found.pieces, "\n", "\n".join(found.attributes)])


def _local(name: str) -> str:
    return name.rpartition(":")[2]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
