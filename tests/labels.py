"""Find labels of recommendations without their short titles, in what people read."""

import csv
import io
import json
import re
import subprocess
import zipfile
from functools import cache
from html.parser import HTMLParser

from django.conf import settings
from python_calamine import CalamineWorkbook

from tracker.documents.exchange.workbook import STAMP

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NOT_READ = {"script", "style"}
QUOTED = {"law", "adopted", "citation", "difference", "digest"}  # classes of adopted texts, citations and codes
AFTER = 40  # characters that are reported with a bare label


@cache
def titles() -> dict[str, str]:
    """By label; without III, which is also the numeral of a meeting."""
    texts = json.loads((settings.BASE_DIR / "fixtures/titles.json").read_text())["texts"]
    return {text["label"]: text["title"] for text in texts if "." in text["label"]}


def titled(label: str) -> str:
    """`I.13 Possible procedures for compensation and restitution`"""
    return f"{label} {titles()[label]}"


def in_sentence(label: str) -> str:
    """`I.13 (Possible procedures for compensation and restitution)`"""
    return f"{label} ({titles()[label]})"


def labels_in(response) -> list[str]:
    """The labels of a list of texts."""
    return re.findall(r'<a class="label" href="[^"]+"><bdi>([^<]+)', response.text)


def bare_labels(text: str) -> list[str]:
    """Each label that is not followed by its title, with what follows it."""
    text = re.sub(r"[\s\u2066-\u2069\u00ad]+", " ", text)
    labels = _labels().finditer(text)
    return [text[label.start() : label.end() + AFTER] for label in labels if not _is_titled(label)]


def _is_titled(label: re.Match) -> bool:
    """Compare without spaces: in a PDF a title may be broken at a hyphen."""
    title = titles()[label[0]].replace(" ", "")
    after = label.string[label.end() : label.end() + 2 * len(title) + 2]
    return after.replace(" ", "").removeprefix("(").startswith(title)


@cache
def _labels() -> re.Pattern:
    longest_first = sorted(titles(), key=len, reverse=True)
    return re.compile(rf"(?<![\w./(-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w(])")


def text_of(response) -> str:
    """Return the words of a page, a PDF, a Word document, a workbook or a CSV.

    Of a page with the names of its controls, and without adopted texts, citations and digests.
    """
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"%PDF-"):
        command = ["pdftotext", "-raw", "-", "-"]
        return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()
    if content.startswith(b"PK"):
        return _workbook_text(content) if "spreadsheet" in response["Content-Type"] else _document_text(content)
    if response["Content-Type"].startswith("text/csv"):
        return "\n".join(" ".join(cells) for cells in csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    if not response["Content-Type"].startswith("text/html"):
        return ""
    reader = _PageReader()
    reader.feed(content.decode())
    return " ".join(reader.texts)


class _PageReader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts: list[str] = []
        self.open: list[bool] = []  # of each open element: whether it is left out

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        is_quoted = bool(QUOTED & set((given.get("class") or "").split()))
        self.texts.append(" ")
        if not any(self.open) and not is_quoted:
            self.texts += [given.get("aria-label") or "", " ; "] if given.get("aria-label") else []
        if tag not in VOID:
            self.open.append(tag in NOT_READ or is_quoted)

    def handle_endtag(self, tag):
        if self.open and tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        if not any(self.open):
            self.texts.append(data)


def _workbook_text(content: bytes) -> str:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = [book.get_sheet_by_name(name) for name in book.sheet_names if name != STAMP]
    return "\n".join(" ".join(map(str, cells)) for sheet in sheets for cells in sheet.to_python())


def _document_text(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return " ".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", archive.read("word/document.xml").decode()))
