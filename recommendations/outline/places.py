"""Find how texts are below each other: depth, parent and a label that is unique in the paper. No Django."""

from collections import Counter
from collections.abc import Iterable

from recommendations.outline.drafts import DraftParagraph
from recommendations.outline.labels import Label, Series, as_roman

DEEPEST = 20  # texts above a text
BULLETS = (Series.BULLET, Series.DASH)
FIRST = {Series.NAMED, Series.NUMBER, Series.DECIMAL, Series.CHAPTER, Series.SECTION}  # at the head of a list of texts
GOES_ON = (";", ",", " and", " or")  # an item of a list without labels ends so


def find_parents(body: Iterable[DraftParagraph]) -> None:
    """Give each text its depth and parent."""
    path: list[DraftParagraph] = []
    text_name = ""
    for draft in body:
        if draft.rank:
            path = []
            if draft.label and draft.series in (Series.TEXT, Series.ANNEX):
                text_name = draft.label.piece if draft.series == Series.TEXT else ""
        if not draft.is_text:
            continue
        if draft.label and _is_roman(draft.label, path):
            draft.label = as_roman(draft.label)
        draft.text_name, draft.key = text_name, _key(draft)
        draft.depth = _depth(draft, path[:DEEPEST])
        if draft.depth:
            draft.parent = path[draft.depth - 1]
            draft.parent.children += 1
        path[draft.depth :] = [draft]


def _is_roman(label: Label, path: list[DraftParagraph]) -> bool:
    """Whether `(i)` is no letter: it is one after (h), unless (h) introduces items or another numeral came before."""
    before = {above.series: above for above in path}
    numeral, letter = before.get(Series.ROMAN), before.get(Series.LETTER)
    if numeral and numeral.label and numeral.label.value == label.other - 1:
        return True
    is_next = letter and letter.label and letter.label.value == label.value - 1 and not letter.text.endswith(":")
    return label.other == 1 and not is_next


def _depth(draft: DraftParagraph, path: list[DraftParagraph]) -> int:
    """Return the depth of a text: beside one with a label of the same kind, or below the last one."""
    last = path[-1] if path else None
    if draft.series is None and last and last.series is None and last.depth:
        return last.depth if last.text.endswith(GOES_ON) else 0
    if draft.series is not None:
        for depth, above in enumerate(path):
            if above.key == draft.key:
                return depth
    if last is None or (draft.series in FIRST and not _is_below(draft, path[0])):
        return 0
    return len(path) if last.text.endswith(":") or (draft.series and last.series) else 0


def _is_below(draft: DraftParagraph, first: DraftParagraph) -> bool:
    """Whether the number of a text begins with that of another: 4.1 is below 4."""
    return bool(draft.label and first.label and draft.label.piece.startswith(f"{first.label.piece}."))


def _key(draft: DraftParagraph) -> tuple:
    """Return what texts of one level have in common; of a bullet its indent, or its sign."""
    if draft.series in BULLETS:
        sign = draft.printed if not draft.source.list_level and not draft.source.indent else ""
        return draft.source.list_level, round(draft.source.indent / 6), sign
    if draft.series == Series.DECIMAL and draft.label:
        return Series.DECIMAL, draft.label.piece.count(".")
    is_lone_letter = draft.series == Series.LETTER and "(" not in draft.printed
    return draft.series, is_lone_letter


def name_texts(drafts: Iterable[DraftParagraph]) -> dict[int, str]:
    """Return a label for each text by its id: `5(b)(ii)`, `3bis`, `15/1.3(a)`, `[2]` for the second bullet."""
    names: dict[int, str] = {}
    used: Counter[str] = Counter()
    counts: Counter[tuple[int, str]] = Counter()
    for draft in drafts:
        above = names.get(id(draft.parent), "") if draft.parent else ""
        piece = draft.label.piece if draft.label else ""
        if not piece:
            counts[id(draft.parent), draft.text_name] += 1
            piece = f"[{counts[id(draft.parent), draft.text_name]}]"
            if draft.label is None and draft.text_name and not draft.parent:
                piece = ""
        elif draft.parent and draft.series != Series.DECIMAL:
            piece = f"({piece})"
        if draft.parent:
            name = f"{above}{piece}" if draft.series != Series.DECIMAL else piece
        else:
            name = f"{draft.text_name}.{piece}".strip(".") if draft.text_name else piece
        names[id(draft)] = _unused(name, used)
    return names


def _unused(name: str, used: Counter[str]) -> str:
    """Return `5/2` for the second text that would be `5`."""
    used[name] += 1
    return name if used[name] == 1 else _unused(f"{name}/{used[name]}", used)
