"""Read the boxes of a completed questionnaire (docs/reference/questionnaire.md), as `word_reader` reads any file."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.days import day_error, read_day
from recommendations.lists import format_phrases
from recommendations.word_reader import (
    DOCUMENT_LIMIT,
    PARAGRAPH,
    SMALL_LIMIT,
    WORD,
    PartReader,
    VisibleTextReader,
    open_document,
    read_part,
    read_references,
    refuse_references,
)
from tracker.documents.controls import HINT
from tracker.documents.exchange.uploads import check_upload, clean_lines
from tracker.models.answer_fields import FIELDS, AnswerField, FieldKind
from tracker.queries.difference import EVIDENCE

SUFFIX = ".docx"
FORMS = (1, 2, 3)  # that are read
WITHOUT = "without"

CHECKED = "{http://schemas.microsoft.com/office/word/2010/wordml}checked"
CELL, BOX = f"{WORD}tc", f"{WORD}sdt"
TAGGED = f"{WORD}tag"
UNIT = r"(?P<slug>([a-z][a-z0-9-]{0,14}/)?[A-Z][A-Za-z0-9-]{0,59})"  # as addresses.NODE, and not longer
TAG = re.compile(rf"{UNIT}/(?P<box>[a-z_]{{1,40}}(/[A-Za-z0-9_-]{{1,60}})?)")
REVISION = re.compile(rf"{UNIT}/revision")
WHOLE_NUMBER = re.compile(r"([0-9]{1,9})(\.0*)?")  # LibreOffice keeps them with a fraction

NOT_A_BOX = _("This box is not part of the questionnaire. Remove it from the document.")
STANDS_TWICE = _("This box appears twice in the document. Keep only one.")
# Translators: In the Word document: a hint above check boxes. On the page: an error where several were selected.
TICK_ONE = _("Select one.")
CHOOSE_WORD = _("Choose the Word document (.docx) that the institution returned, or a workbook (.xlsx) of this site.")
NOT_OURS = _("This document is not a questionnaire from this site. Choose the file that the institution returned.")
OF_ANOTHER_FORM = _(
    "This questionnaire has a format that cannot be read. Make a new questionnaire and copy the answers into it."
)
NO_BOXES = _(
    "This questionnaire has lost its boxes: the program or format in which it was saved does not "
    "keep them. Save it as a Word document (.docx) with Word or LibreOffice, or enter the answers "
    "manually."
)


class BoxError(NamedTuple):
    """Explain why a box cannot be read. `box`: the field, empty for the whole unit."""

    box: str
    problem: str | Promise
    text: str = ""


class SentBackUnit(NamedTuple):
    """`values`: text or whether selected, by what follows the slug in the tags; `doubled`: boxes that occur twice.

    `base` is the number of the revision in the questionnaire, 0 for none, None where the file does not say it.
    """

    slug: str
    base: int | None
    values: dict[str, str | bool]
    doubled: set[str]


class SentBack(NamedTuple):
    """`respondent`: the code of the State; `has_answers`: it was made with answers, as at `at` (None where unknown);
    `institution`: the key of the institution for which it was made, None where the file does not say it.
    """

    respondent: str
    at: datetime | None
    has_answers: bool
    units: list[SentBackUnit]
    institution: int | None = None


def read(file: File) -> SentBack:
    """Raise ValidationError, with advice, where the file is no questionnaire of this site or is damaged."""
    if PurePath(file.name or "").suffix.lower() not in (SUFFIX, ".docm", ".doc"):
        raise ValidationError(CHOOSE_WORD)
    check_upload(file)
    with open_document(file) as archive:
        refuse_references(archive)
        named = read_references(archive, "_rels/.rels")
        if "custom-properties" not in named or "officedocument" not in named:
            raise ValidationError(NOT_OURS)
        properties = read_part(archive, named["custom-properties"].removeprefix("/"), PropertiesReader(), SMALL_LIMIT)
        hint = properties.get("questionnaire/hint", str(HINT))
        boxes = read_part(archive, named["officedocument"].removeprefix("/"), BoxReader(hint), DOCUMENT_LIMIT)
    return _sent_back(properties, boxes)


# Properties


class PropertiesReader(PartReader):
    def __init__(self):
        self.found = {}
        self.name = None

    def start(self, tag, attributes):
        self.name = attributes.get("name", self.name)

    def data(self, text):
        if self.name:
            self.found[self.name] = self.found.get(self.name, "") + text

    def close(self):
        return {name: text.strip() for name, text in self.found.items()}


# Boxes


@dataclass
class _Cell:
    """Hold a table cell. Text typed next to its box is read with it."""

    pieces: list[str] = field(default_factory=list)
    boxes: list["_Box"] = field(default_factory=list)


@dataclass
class _Box:
    cell: _Cell | None
    tag: str = ""
    is_selected: bool | None = None
    pieces: list[str] = field(default_factory=list)


class BoxReader(VisibleTextReader):
    """A box is empty if its text is the hint, whatever the file says of it."""

    def __init__(self, hint: str):
        super().__init__()
        self.hint = hint
        self.content: dict[str, str | bool] = {}
        self.doubled: set[str] = set()
        self.cells: list[_Cell] = []
        self.boxes: list[_Box] = []

    def open_texts(self) -> list[list[str]]:
        is_in_box = any(box.cell is cell for box in self.boxes for cell in self.cells[-1:])
        cells = [] if is_in_box else [cell.pieces for cell in self.cells[-1:]]
        return cells + [box.pieces for box in self.boxes]

    def start_element(self, tag, attributes):
        if tag == PARAGRAPH:
            self.add_text("\n")
        elif tag == CELL:
            self.open(self.cells, _Cell())
        elif tag == BOX:
            self.open(self.boxes, _Box(self.cells[-1] if self.cells else None))
        elif self.boxes:
            self._describe(self.boxes[-1], tag, attributes)

    def _describe(self, box: _Box, tag: str, attributes) -> None:
        value = next(iter(attributes.values()), "1")
        if tag == TAGGED:
            box.tag = value
        elif tag == CHECKED:
            box.is_selected = value in ("1", "true", "on")

    def end_element(self, tag):
        if tag == BOX:
            self._end_box(self.boxes.pop())
        elif tag == CELL:
            self._end_cell(self.cells.pop())

    def close(self):
        return self.content, self.doubled

    def _end_box(self, box: _Box) -> None:
        if clean_lines("".join(box.pieces)) == self.hint:
            box.pieces.clear()
        if box.cell and not any(outer.cell is box.cell for outer in self.boxes):
            box.cell.pieces += box.pieces
        if not TAG.fullmatch(box.tag):
            return
        if box.cell:
            box.cell.boxes.append(box)
        else:
            self._keep(box.tag, _value(box, box.pieces))

    def _end_cell(self, cell: _Cell) -> None:
        """Join the parts of a box that was broken in two."""
        boxes = {box.tag: box for box in cell.boxes}
        is_alone = len(boxes) == 1
        for box in boxes.values() if is_alone else cell.boxes:
            self._keep(box.tag, _value(box, cell.pieces if is_alone else box.pieces))

    def _keep(self, tag: str, value: str | bool) -> None:
        if tag in self.content:
            self.doubled.add(tag)
        self.content[tag] = value


def _value(box: _Box, pieces: list[str]) -> str | bool:
    return clean_lines("".join(pieces)) if box.is_selected is None else box.is_selected


def _sent_back(properties: Mapping[str, str], boxes: tuple[dict[str, str | bool], set[str]]) -> SentBack:
    respondent = properties.get("questionnaire/respondent")
    if not respondent:
        raise ValidationError(NOT_OURS)
    if _number(properties.get("questionnaire/form", "")) not in FORMS:
        raise ValidationError(OF_ANOTHER_FORM)
    values, doubled = boxes
    if not values:
        raise ValidationError(NO_BOXES)
    bases = {found["slug"]: _number(value) for name, value in properties.items() if (found := REVISION.fullmatch(name))}
    by_unit: dict[str, SentBackUnit] = {}
    for tag, value in values.items():
        if found := TAG.fullmatch(tag):
            unit = by_unit.setdefault(found["slug"], SentBackUnit(found["slug"], bases.get(found["slug"]), {}, set()))
            unit.values[found["box"]] = value
            if tag in doubled:
                unit.doubled.add(found["box"])
    has_answers = properties.get("questionnaire/answers") != WITHOUT
    return SentBack(
        respondent,
        _time(properties.get("questionnaire/data_as_at", "")),
        has_answers,
        list(by_unit.values()),
        _number(properties.get("questionnaire/institution", "")),
    )


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _number(text: str) -> int | None:
    found = WHOLE_NUMBER.fullmatch(text)
    return int(found[1]) if found else None


# The fields of an answer


class ReadError(Exception):
    def __init__(self, problem: str | Promise, text: str = ""):
        super().__init__(problem)
        self.problem, self.text = problem, text


Reader = Callable[["Found", Any, Mapping[str, str]], Any]
Found = Mapping[str, str | bool]  # what stands in the boxes of a field, by the code of each, empty where it has one box


def changed(boxes: SentBackUnit, sent: Mapping, items: Mapping[str, str]) -> tuple[dict, list[BoxError]]:
    """Return the fields that the boxes of a unit fill differently from how they were sent, and errors.

    `sent`: the values sent; `items`: labels of the items answered with the unit, by slug. A missing box changes
    nothing. For evidence, only new lines count.
    """
    faults = [BoxError(box.partition("/")[0], STANDS_TWICE) for box in sorted(boxes.doubled)]
    by_field: dict[str, dict[str, str | bool]] = defaultdict(dict)
    for box, value in boxes.values.items():
        name, _stroke, code = box.partition("/")
        by_field[name][code] = value
    new = {}
    for name, found in by_field.items():
        try:
            if name not in READERS:
                raise ReadError(NOT_A_BOX)
            value = READERS[name](found, sent.get(name), items)
        except ReadError as why:
            faults.append(BoxError(name if name in READERS else "", why.problem, why.text))
            continue
        if not _is_as_sent(value, sent.get(name)):
            new[name] = value
    return new, faults


def _is_as_sent(value, sent) -> bool:
    if isinstance(value, list):
        return set(value) == set(sent or ())
    if isinstance(value, str):
        return value == clean_lines(sent or "")
    return (value or None) == (sent or None)


def _only_value(found: Found, kind: type) -> Any:
    if found.keys() == {""} and isinstance(found[""], kind):
        return found[""]
    raise ReadError(NOT_A_BOX)


def _line(found: Found, _sent, _items) -> str:
    return " ".join(_only_value(found, str).split("\n"))


def _day(found: Found, _sent, _items) -> date | None:
    text = _only_value(found, str)
    try:
        return read_day(text) if text else None
    except ValueError:
        raise ReadError(day_error(), text) from None


def _new_lines(found: Found, sent: str | None, items) -> str:
    known = {line.strip() for line in (sent or "").split("\n")}
    new = [line for line in _only_value(found, str).split("\n") if line.strip() not in known]
    return clean_lines("\n".join(new)) or clean_lines(sent or "")


def _chosen(found: Found, codes: Iterable[str]) -> list[str]:
    codes = list(codes)
    if not set(found) <= set(codes) or not all(isinstance(value, bool) for value in found.values()):
        raise ReadError(NOT_A_BOX)
    return [code for code in codes if found.get(code)]


def _choice_of(choices: type[TextChoices]) -> Reader:
    """Read one code. If a second is selected and the code sent is left selected, the second counts."""

    def read(found: Found, sent, _items) -> str:
        selected = _chosen(found, choices.values)
        new = [code for code in selected if code != sent] or selected
        if len(new) > 1:
            raise ReadError(TICK_ONE, format_phrases(choices(code).label for code in selected))
        return new[0] if new else ""

    return read


def _choices_of(choices: type[TextChoices]) -> Reader:
    return lambda found, _sent, _items: _chosen(found, choices.values)


def _items(found: Found, _sent, items: Mapping[str, str]) -> list[str]:
    return [items[slug] for slug in _chosen(found, items)]


PLAIN_READERS: dict[FieldKind, Reader] = {
    FieldKind.TEXT: lambda found, _sent, _items: _only_value(found, str),
    FieldKind.LINE: _line,
    FieldKind.ITEMS: _items,
    FieldKind.DATE: _day,
    FieldKind.YES: lambda found, _sent, _items: _only_value(found, bool),
}
CHOICE_READERS: dict[FieldKind, Callable[[type[TextChoices]], Reader]] = {
    FieldKind.STATUS: _choice_of,
    FieldKind.REASON: _choice_of,
    FieldKind.CODES: _choices_of,
}


def _reader_of(field: AnswerField) -> Reader:
    return CHOICE_READERS[field.kind](field.choices) if field.choices else PLAIN_READERS[field.kind]


READERS = {field.name: _reader_of(field) for field in FIELDS if field.is_in_questionnaire} | {EVIDENCE: _new_lines}
