"""Questionnaires as institutions send them back: made here, filled in, and saved by a word processor or damaged."""

import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

from docx.oxml.ns import qn
from lxml import etree

from tests.documents import packed, parts_of
from tracker.documents.exchange.questionnaire import Letter, questionnaire, questionnaire_docx
from tracker.models import Respondent, User
from tracker.queries.desk.units import unit_rows

CHECKED = "{http://schemas.microsoft.com/office/word/2010/wordml}checked"
DOCUMENT, PROPERTIES = "word/document.xml", "docProps/custom.xml"
SOFFICE = shutil.which("soffice")


def made(respondent: Respondent, reader: User, *labels: str, letter: Letter | None = None) -> bytes:
    """The questionnaire about the units of these labels."""
    rows = [row for row in unit_rows(respondent, reader).to_answer if row.unit.label in labels]
    return questionnaire_docx(questionnaire(respondent, reader, rows, letter or Letter()))


def with_part(file: bytes, name: str, content: bytes | str, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    return packed(parts_of(file) | {name: content}, how)


def filled(file: bytes, boxes: Mapping[str, str | bool]) -> bytes:
    """The same file with these boxes filled as Word does it, by their tags: a tick, or words; no words empty it."""
    root = etree.fromstring(parts_of(file)[DOCUMENT])
    found = {box.find(f".//{qn('w:tag')}").get(qn("w:val")): box for box in root.iter(qn("w:sdt"))}
    for tag, value in boxes.items():
        if isinstance(value, bool):
            checked = next(found[tag].iter(CHECKED))
            checked.set(checked.keys()[0], str(int(value)))
        else:
            _write(found[tag], value)
    return with_part(file, DOCUMENT, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _write(box, words: str) -> None:
    for placeholder in list(box.iter(qn("w:showingPlcHdr"))):
        placeholder.getparent().remove(placeholder)
    content = box.find(qn("w:sdtContent"))
    content[:] = [etree.Element(qn("w:r"))]
    for number, line in enumerate(words.split("\n")):
        if number:
            etree.SubElement(content[0], qn("w:br"))
        etree.SubElement(content[0], qn("w:t")).text = line


def saved_by_libreoffice(file: bytes, folder: Path) -> bytes:
    """As LibreOffice saves what it opens; needs a folder for itself."""
    (folder / "sent.docx").write_bytes(file)
    subprocess.run(
        [
            str(SOFFICE),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "docx",
            "--outdir",
            str(folder / "saved"),
            str(folder / "sent.docx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / "saved" / "sent.docx").read_bytes()
