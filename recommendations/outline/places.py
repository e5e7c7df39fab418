"""Find how texts are below each other: depth, parent and a label that is unique in the paper. No Django."""

from collections import Counter
from collections.abc import Iterable

from recommendations.outline.labels import ITEMS, Label, Series, as_roman
from recommendations.outline.outline import OutlineParagraph

DEEPEST = 20  # texts above a text
BULLETS = (Series.BULLET, Series.DASH)
FIRST = {Series.NAMED, Series.NUMBER, Series.DECIMAL, Series.CHAPTER, Series.SECTION}  # at the head of a list of texts


def find_parents(body: Iterable[OutlineParagraph]) -> None:
    """Give each text its depth and parent."""
    path: list[OutlineParagraph] = []
    for draft in body:
        if draft.rank:
            path = []
        if not draft.is_text:
            continue
        if draft.parsed and _is_roman(draft.parsed, path):
            draft.parsed = as_roman(draft.parsed)
        draft.depth = _depth(draft, path[:DEEPEST])
        if draft.depth:
            draft.above = path[draft.depth - 1]
            draft.above.has_items = True
        path[draft.depth :] = [draft]


def _is_roman(label: Label, path: list[OutlineParagraph]) -> bool:
    """Whether `(i)` is no letter: it is one after (h), unless (h) introduces items or another numeral came before."""
    before = {above.series: above for above in path}
    numeral, letter = before.get(Series.ROMAN), before.get(Series.LETTER)
    if numeral and numeral.parsed and numeral.parsed.value == label.other - 1:
        return True
    is_next = letter and letter.parsed and letter.parsed.value == label.value - 1 and not letter.text.endswith(":")
    return label.other == 1 and not is_next


def _depth(draft: OutlineParagraph, path: list[OutlineParagraph]) -> int:
    """Return the depth of a text: beside one with a label of the same kind, or below the last one."""
    last = path[-1] if path else None
    for depth, above in enumerate(path):
        if _key(above) == _key(draft):
            return depth
    if last is None or draft.series is None or (draft.series in FIRST and not _is_below(draft, path)):
        return 0
    return len(path) if last.text.endswith(":") or last.series else 0


def _is_below(draft: OutlineParagraph, path: list[OutlineParagraph]) -> bool:
    """Whether the number of a text begins with that of another: 4.1 is below 4. `(A)` is below an item."""
    first = path[0]
    if draft.series == Series.SECTION:
        return draft.label.startswith("(") and path[-1].series in ITEMS
    return bool(draft.parsed and first.parsed and draft.parsed.piece.startswith(f"{first.parsed.piece}."))


def _key(draft: OutlineParagraph) -> tuple:
    """Return what texts of one level have in common; of a bullet its indent, or its sign."""
    if draft.series in BULLETS:
        sign = draft.label if not draft.source.list_level and not draft.source.indent else ""
        return draft.source.list_level, round(draft.source.indent / 6), sign
    if draft.series == Series.DECIMAL and draft.parsed:
        return Series.DECIMAL, draft.parsed.piece.count(".")
    is_lone_letter = draft.series == Series.LETTER and "(" not in draft.label
    return draft.series, is_lone_letter


def name_texts(body: Iterable[OutlineParagraph]) -> None:
    """Give each text a name: `5(b)(ii)`, `3bis`, `15/1.3(a)`, `[2]` for the second bullet, `5/2` for a second 5."""
    used: Counter[str] = Counter()
    decision = ""
    for draft in body:
        if draft.rank and draft.parsed and draft.series in (Series.TEXT, Series.ANNEX):
            decision = draft.parsed.piece if draft.series == Series.TEXT else ""
        if not draft.is_text:
            continue
        before = draft.above.name if draft.above else decision
        piece = draft.parsed.piece if draft.parsed else ""
        if not piece and (draft.above or not decision or draft.parsed):
            used[f"{before}["] += 1
            piece = f"[{used[f'{before}[']}]"
        elif piece and draft.above and draft.series != Series.DECIMAL:
            piece = f"({piece})"
        if draft.above is None and decision:
            piece = f"{decision}.{piece}".strip(".")
        draft.name = _unused(piece if draft.series == Series.DECIMAL or not draft.above else f"{before}{piece}", used)


def _unused(name: str, used: Counter[str]) -> str:
    used[name] += 1
    return name if used[name] == 1 else _unused(f"{name}/{used[name]}", used)
