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
TEXT_LIMIT = 100_000  # characters of an instruction or a formula
KINDS = {word: FileLink(link) for link, words in ALLOWED["kinds"].items() for word in words.split()}
SETS = ("clicked", "unused", "linking", "slide_actions")
CLICKED, UNUSED, LINKING, SLIDE_ACTIONS = (set(ALLOWED[name].split()) for name in SETS)
TEXTS, VOCABULARIES = (tuple(ALLOWED[name].split()) for name in ("texts", "vocabularies"))
FORMULAS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
INSTRUCTIONS = {"instrText", "delInstrText"}
IN_INSTRUCTIONS = {"t", "delText"}  # which LibreOffice reads as a part of an instruction
READ = FORMULAS | INSTRUCTIONS | IN_INSTRUCTIONS | {"style"}
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
        self.text = self.mark = self.instruction = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.add_text
        self.parser.StartDoctypeDeclHandler = self.refuse_type
        self.parser.ProcessingInstructionHandler = self.check_instruction

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.read_text()
        element = name.rpartition(":")[2]
        self.open.append(element)
        pairs = [(key.rpartition(":")[2], value) for key, value in attributes.items() if not key.startswith("xmlns")]
        found = dict(pairs)
        if element == "Relationship":
            self.references.append(_relationship(**found))
        if element == "encryption-data":
            raise ValidationError(HAS_PASSWORD)
        if _runs(element, pairs):
            raise ValidationError(HAS_MACROS)
        is_twofold = element in ("Relationship", "fldChar", "fldSimple") and len(found) < len(pairs)
        if is_twofold or element in LINKING or not all(self.is_allowed(element, *pair) for pair in pairs):
            self.links.add(KINDS.get(element.lower(), FileLink.OTHER))
        if element in ("fldChar", "fldSimple"):
            self.mark_field(found.get("fldCharType", "begin"))
        if element == "fldSimple":
            self.instruction = found.get("instr", "")
            self.mark_field("separate")

    def end(self, _name: str) -> None:
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

    def is_allowed(self, element: str, attribute: str, value: str) -> bool:
        """Return whether an attribute has no address, or that of a hyperlink."""
        if value in self.hyperlinks:
            return element in CLICKED
        if element == "Relationship" and attribute in ("Type", "Target"):
            return True  # judged together
        if attribute in ("href", "src"):
            return links.is_inside(value) or (element in CLICKED and links.is_clicked(value))
        if attribute in ("formula", "condition") or (element, attribute) == ("condition", "value"):
            return links.is_allowed_formula(value)
        is_text = element in UNUSED or attribute.lower().endswith(TEXTS) or value.startswith(VOCABULARIES)
        return is_text or not ADDRESS.search(value)

    def read_text(self) -> None:
        text, self.text = self.text, ""
        element = self.open[-1] if text else ""
        if element in INSTRUCTIONS | IN_INSTRUCTIONS:
            self.instruction += text
        elif element in FORMULAS and not links.is_allowed_formula(text):
            self.links.add(FileLink.FORMULA)
        elif element == "style" and ADDRESS.search(text):
            self.links.add(FileLink.OTHER)

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


def _runs(element: str, attributes: list[tuple[str, str]]) -> bool:
    """Return whether an element is a script, calls one, or exchanges data with another program."""
    if element == "event-listener" and not any(("action", action) in attributes for action in SLIDE_ACTIONS):
        return True
    return (
        element == "script"
        or element.lower().startswith("dde")
        or any(RUNS.search(value) or (name[:2] == "on" and "(" in value) for name, value in attributes)
        or any(name == "ContentType" and MACRO_TYPE.search(value) for name, value in attributes)
    )


def _relationship(
    Type: str = "", Id: str = "", Target: str = "", TargetMode: str = "Internal", **_others
) -> Relationship:
    kind = Type.rpartition("/")[2].lower()
    is_part = TargetMode == "Internal" and links.is_inside(Target.removeprefix("/").replace("../", ""))
    link = None if is_part or (kind == "hyperlink" and links.is_clicked(Target)) else KINDS.get(kind, FileLink.OTHER)
    return Relationship(kind, Id, Target, not is_part, link)
