"""Combine two edits of one answer with the version from which both began.

A part of an answer is a field with those that are decided with it, one item of a list, or one evidence item that it
cites. What one side changed is taken from that side. Only a part that both changed, each in another way, is a clash.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from tracker.models.answer_fields import FIELDS
from tracker.models.evidence import EvidenceVersion
from tracker.models.record import Answer

NO_ANSWER = Answer(status="", language="")
CITATIONS, READY = "citations", "ready"
DECIDED_TOGETHER = {
    field.name: (field.name, *(other.name for other in FIELDS if other.decided_with == field.name))
    for field in FIELDS
    if not field.decided_with and field.name != READY
}
HEAD_OF = {name: head for head, names in DECIDED_TOGETHER.items() for name in names}
WORD = re.compile(r"\S+|\s+")


class CombinedPart(NamedTuple):
    """`item`: the code in a list, or the version of the evidence; None for a field with one value."""

    name: str
    item: Any = None

    @property
    def key(self) -> str:
        return f"{self.name}_{self.item.pk}" if isinstance(self.item, EvidenceVersion) else self.name


class Combination(NamedTuple):
    """`answer` has every change of both sides; in `clashes` it has the value of `mine`, until they are resolved."""

    base: Answer
    theirs: Answer
    mine: Answer
    answer: Answer
    clashes: tuple[CombinedPart, ...] = ()

    def resolve(self, values: Mapping[CombinedPart, Any]) -> Answer:
        """Return the answer with another value for some clashes."""
        parts = {**_split(self.answer), **values}
        return _mark(self.base, self.theirs, self.mine, _join(parts, self.base, self.theirs, self.mine))

    def ask_about(self, names: Iterable[str]) -> "Combination":
        """Make clashes of fields that do not fit together, though each was changed by one side only."""
        heads = [CombinedPart(HEAD_OF[name]) for name in names if name in HEAD_OF]
        asked = dict.fromkeys([*self.clashes, *(part for part in heads if value_of(self.mine, part))])
        answer = self.resolve({part: value_of(self.mine, part) for part in asked})
        return self._replace(clashes=tuple(asked), answer=answer)


def combine(base: Answer, theirs: Answer, mine: Answer) -> Combination:
    before, other, own = _split(base), _split(theirs), _split(mine)
    parts, clashes = {}, []
    for part in before | other | own:
        was, their_value, my_value = before.get(part), other.get(part), own.get(part)
        parts[part] = their_value if my_value == was else my_value
        if was != their_value != my_value != was:
            clashes.append(part)
    return Combination(base, theirs, mine, _mark(base, theirs, mine, _join(parts, base, theirs, mine)), tuple(clashes))


def value_of(answer: Answer, part: CombinedPart) -> Any:
    """Return None where the answer does not have the item."""
    return _split(answer).get(part)


def merge_words(base: str, theirs: str, mine: str) -> str:
    """Return a text with the changes of both; where they overlap, both texts one after the other."""
    before = WORD.findall(base)
    edits = [edit for text in (mine, theirs) for edit in _edits(before, WORD.findall(text))]
    merged: list[str] = []
    place = 0
    for start, end, words in sorted(edits, key=lambda edit: edit[:2]):
        if start < place or not base:
            return "\n\n".join(filter(None, [mine, theirs]))
        merged += [*before[place:start], *words]
        place = end
    return "".join([*merged, *before[place:]])


def _edits(before: list[str], after: list[str]) -> Iterable[tuple[int, int, list[str]]]:
    for tag, start, end, i, j in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield start, end, after[i:j]


def _split(answer: Answer) -> dict[CombinedPart, Any]:
    """Return the parts that the answer has, without its mark; the values of a field are with those decided with it."""
    parts: dict[CombinedPart, Any] = {}
    for name, names in DECIDED_TOGETHER.items():
        value = getattr(answer, name)
        if isinstance(value, list):
            parts |= {CombinedPart(name, item): True for item in value}
        else:
            parts[CombinedPart(name)] = tuple(answer.of_fields(names))
    return parts | {CombinedPart(CITATIONS, version): pinpoint for version, pinpoint in answer.citations}


def _join(parts: Mapping[CombinedPart, Any], base: Answer, theirs: Answer, mine: Answer) -> Answer:
    values: dict[str, Any] = {}
    for name, names in DECIDED_TOGETHER.items():
        if CombinedPart(name) in parts:
            values |= zip(names, parts[CombinedPart(name)], strict=True)
        else:
            values[name] = [
                part.item for part in _in_order(name, parts, *(getattr(a, name) for a in (base, theirs, mine)))
            ]
    orders = ([version for version, _pinpoint in side.citations] for side in (base, theirs, mine))
    return Answer(**values, citations=[(part.item, parts[part]) for part in _in_order(CITATIONS, parts, *orders)])


def _in_order(name: str, parts: Mapping[CombinedPart, Any], base: list, theirs: list, mine: list) -> list[CombinedPart]:
    """Return the items of a list in the order of the side that has all of them, then of the other."""
    items = {part.item for part, value in parts.items() if part.name == name and value is not None}
    orders = sorted([theirs, mine], key=lambda order: (not items <= set(order), order == base))
    return [
        CombinedPart(name, item) for item in dict.fromkeys(item for order in orders for item in order) if item in items
    ]


def _mark(base: Answer, theirs: Answer, mine: Answer, answer: Answer) -> Answer:
    """Mark the answer ready only where somebody marked these words: words of two people were confirmed by nobody."""
    has_theirs, has_mine = _has_words_of(theirs, answer), _has_words_of(mine, answer)
    if has_theirs and has_mine:
        is_ready = theirs.ready if mine.ready == base.ready else mine.ready
    elif has_theirs:
        is_ready = theirs.ready and mine.ready >= base.ready
    else:
        is_ready = has_mine and mine.ready and theirs.ready >= base.ready
    return replace(answer, ready=is_ready)


def _has_words_of(side: Answer, answer: Answer) -> bool:
    """Return whether the answer is that of one side, perhaps with more evidence."""
    own = _split(side)
    return own == {part: value for part, value in _split(answer).items() if part in own or part.name != CITATIONS}
