"""Read an XML part of a document: what reaches outside of the file, and what runs."""

import re
from collections.abc import Collection, Iterable
from time import thread_time
from typing import NamedTuple
from xml.parsers import expat

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations import links
from recommendations.links import ALLOWED, FileLink

TAG_LIMIT = 16 * 1024 * 1024  # bytes of a tag or a comment, which the parser holds whole
ELEMENTS_LIMIT = 2_500_000  # of a part: a workbook of a million cells has some two million
DEPTH_LIMIT, REFERENCES_LIMIT = 1000, 50_000  # elements in each other; references of a part
TEXT_LIMIT = 100_000  # characters of an instruction or a formula
KINDS = {word: FileLink(link) for link, words in ALLOWED["kinds"].items() for word in words.split()}
SETS = ("clicked", "unused", "linking", "running", "slide_actions")
CLICKED, UNUSED, LINKING, RUNNING, SLIDE_ACTIONS = (set(ALLOWED[name].split()) for name in SETS)
HANDLED = LINKING | RUNNING | {"Relationship", "fldChar", "fldSimple", "event-listener", "encryption-data"}
TEXTS, VOCABULARIES = (tuple(ALLOWED[name].split()) for name in ("texts", "vocabularies"))
FORMULAS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
INSTRUCTIONS = {"instrText", "delInstrText"}
IN_INSTRUCTIONS = {"t", "delText"}  # which LibreOffice reads as a part of an instruction
READ = FORMULAS | INSTRUCTIONS | IN_INSTRUCTIONS | {"style"}
CONDITIONS = {("condition", "value"), ("cfvo", "val")}
JUDGED = ("href", "src", "formula", "condition", "expression", "ContentType")  # attributes, whatever is in them
SUSPECT = re.compile(r"[:(\\]|//|@import")
ADDRESS = re.compile(r"://|^\s*(?:\\\\|//|file:|[a-z]:[\\/])|url\((?![\s\"']*#)|@import", re.IGNORECASE)
# Calls of a macro of LibreOffice, and links of a slide that start a program.
RUNS = re.compile(r"vnd\.sun\.star\.script:|macro:/|ppaction://(?:program|macro)", re.IGNORECASE)
MACRO_TYPE = re.compile(r"macroenabled|vbaproject|macrosheet|activex", re.IGNORECASE)

HAS_MACROS = _("This document contains macros. Save it without macros (.docx, .xlsx, .pptx or OpenDocument) or as PDF.")
HAS_PASSWORD = _("This file has a password and cannot be checked. Remove the password and choose the new file.")
HAS_DOCUMENT_TYPE = _("This file has a part with a document type, such as a drawing in SVG. Save the file as PDF.")
TOO_LARGE_INSIDE = _("This file is too large when unpacked. Save it as PDF and choose the new file.")


class Relationship(NamedTuple):
    """A reference of a part. `link`: what it is, if it reaches outside and is no hyperlink that a reader clicks."""

    kind: str
    key: str
    target: str
    is_outside: bool
    link: FileLink | None


def read_xml(pieces: Iterable[bytes], until: float, hyperlinks: Collection[str] = ()) -> "XmlLinks":
    """Read a part until `until`, a time of the processor. Raise ExpatError, or ValidationError for what is refused.

    `hyperlinks` are the keys of references that only the elements for hyperlinks may use.
    """
    found, size = XmlLinks(hyperlinks), 0
    for piece in pieces:
        found.parser.Parse(piece, False)
        size += len(piece)
        if thread_time() > until or size - found.parser.CurrentByteIndex > TAG_LIMIT:
            raise ValidationError(TOO_LARGE_INSIDE)
    found.parser.Parse(b"", True)
    found.mark_field("end")
    return found


class XmlLinks:
    """Collect the links and the references of a part.

    `mark` is the last one of a field of Word, and `instruction` what is written after it.
    """

    def __init__(self, hyperlinks: Collection[str]):
        self.links: set[FileLink] = set()
        self.references: list[Relationship] = []
        self.hyperlinks = hyperlinks
        self.open: list[str] = []  # elements
        self.elements = 0
        self.text = self.mark = self.instruction = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.add_text
        self.parser.StartDoctypeDeclHandler = self.refuse_type
        self.parser.ProcessingInstructionHandler = self.check_instruction

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.text:
            self.read_text()
        element = name.rpartition(":")[2]
        self.open.append(element)
        self.elements += 1
        if self.elements > ELEMENTS_LIMIT or len(self.open) > DEPTH_LIMIT or len(self.references) > REFERENCES_LIMIT:
            raise ValidationError(TOO_LARGE_INSIDE)
        for key, value in attributes.items():
            if SUSPECT.search(value) or key.endswith(JUDGED) or value.strip() in self.hyperlinks:
                self.check_attribute(element, key, value)
        if element in HANDLED:
            self.handle(element, attributes)

    def end(self, _name: str) -> None:
        if self.text:
            self.read_text()
        if self.open.pop() == "fldSimple":
            self.mark_field("end")

    def add_text(self, text: str) -> None:
        element = self.open[-1]
        if element in READ and (self.mark == "begin" or element not in IN_INSTRUCTIONS):
            self.text += text
            if len(self.text) + len(self.instruction) > TEXT_LIMIT:
                self.links.add(FileLink.OTHER)
                self.text = self.instruction = ""

    def refuse_type(self, *_declared) -> None:
        raise ValidationError(HAS_DOCUMENT_TYPE)

    def check_instruction(self, name: str, _data: str) -> None:
        if not name.startswith(("mso-", "xpacket")):
            self.links.add(FileLink.OTHER)

    def check_attribute(self, element: str, key: str, value: str) -> None:
        attribute = key.rpartition(":")[2]
        if RUNS.search(value) or (attribute[:2] == "on" and "(" in value):
            raise ValidationError(HAS_MACROS)
        if attribute == "ContentType" and MACRO_TYPE.search(value):
            raise ValidationError(HAS_MACROS)
        if key.partition(":")[0] != "xmlns" and not self.is_allowed(element, attribute, value):
            self.add_link(element)

    def is_allowed(self, element: str, attribute: str, value: str) -> bool:
        """Return whether an attribute has no address, or that of a hyperlink."""
        if value.strip() in self.hyperlinks:
            return element in CLICKED
        if attribute in ("href", "src"):
            return links.is_inside(value) or (element in CLICKED and links.is_clicked(value))
        if attribute in ("formula", "condition", "expression") or (element, attribute) in CONDITIONS:
            return links.is_allowed_formula(value)
        is_text = element in UNUSED or attribute.lower().endswith(TEXTS) or value.startswith(VOCABULARIES)
        return is_text or not ADDRESS.search(value)

    def handle(self, element: str, attributes: dict[str, str]) -> None:
        found = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if element == "encryption-data":
            raise ValidationError(HAS_PASSWORD)
        if element in RUNNING or (element == "event-listener" and found.get("action") not in SLIDE_ACTIONS):
            raise ValidationError(HAS_MACROS)
        if element in LINKING or len(found) < len(attributes):  # two attributes with one name, of which one is read
            self.add_link(element)
        if element == "Relationship":
            self.references.append(_relationship(**found))
        if element in ("fldChar", "fldSimple"):
            self.mark_field(found.get("fldCharType", "begin"))
        if element == "fldSimple":
            self.instruction = found.get("instr", "")
            self.mark_field("separate")

    def add_link(self, element: str) -> None:
        self.links.add(KINDS.get(element.lower(), FileLink.OTHER))

    def read_text(self) -> None:
        text, self.text, element = self.text, "", self.open[-1]
        if element in FORMULAS and not links.is_allowed_formula(text):
            self.links.add(FileLink.FORMULA)
        elif element == "style" and (ADDRESS.search(text) or "//" in text):
            self.links.add(FileLink.OTHER)
        elif element in INSTRUCTIONS or element in IN_INSTRUCTIONS:
            self.instruction += text

    def mark_field(self, mark: str) -> None:
        """Judge what is written since the last mark: an instruction from its beginning to its end or another field.

        What follows another field is the rest of an instruction. Elsewhere is none.
        """
        instruction, self.instruction, before, self.mark = self.instruction, "", self.mark, mark
        name = links.name_of_field(instruction)
        if before == "begin" and name in ("DDE", "DDEAUTO"):
            raise ValidationError(HAS_MACROS)
        if before == "begin" and not links.is_allowed_field(instruction, is_whole=mark != "begin"):
            self.links.add(FileLink.HYPERLINK if name == "HYPERLINK" else FileLink.FIELD)
        if before not in ("begin", "end") and instruction.strip():
            self.links.add(FileLink.FIELD)


def _relationship(
    Type: str = "", Id: str = "", Target: str = "", TargetMode: str = "Internal", **_others
) -> Relationship:
    kind = Type.rpartition("/")[2].lower()
    is_part = TargetMode == "Internal" and links.is_inside(Target.removeprefix("/").replace("../", ""))
    link = None if is_part or (kind == "hyperlink" and links.is_clicked(Target)) else KINDS.get(kind, FileLink.OTHER)
    return Relationship(kind, Id, Target, not is_part, link)
