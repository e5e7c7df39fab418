"""Find how texts are below each other: depth, parent and a label that is unique in the paper. No Django."""

from collections import Counter
from collections.abc import Iterable

from recommendations.outline.asks import finds_clause
from recommendations.outline.drafts import DraftParagraph
from recommendations.outline.labels import ITEMS, Label, Series, as_roman

LOOKS_AHEAD = 30  # paragraphs
DEEPEST = 20  # texts above a text
BULLETS = (Series.BULLET, Series.DASH)
FIRST = {Series.NAMED, Series.NUMBER, Series.DECIMAL, Series.CHAPTER, Series.SECTION}  # at the head of a list of texts


class PlaceFinder:
    """Give each text its depth and parent."""

    def __init__(self, body: list[DraftParagraph]):
        self.body = body

    def find_parents(self) -> None:
        path: list[DraftParagraph] = []
        text_name, texts = "", [draft for draft in self.body if draft.is_text or draft.rank]
        for index, draft in enumerate(texts):
            if not draft.is_text:
                path = []
                if draft.series in (Series.TEXT, Series.ANNEX) and draft.label:
                    text_name = draft.label.piece if draft.series == Series.TEXT else ""
                continue
            draft.text_name = text_name
            self.place(draft, path[:DEEPEST], texts[index + 1 : index + LOOKS_AHEAD])
            above = path[draft.depth - 1] if draft.depth else None
            draft.parent = above
            if above:
                above.children += 1
            path[draft.depth :] = [draft]

    def place(self, draft: DraftParagraph, path: list[DraftParagraph], after: list[DraftParagraph]) -> None:
        """Set the depth: beside a text with a label of the same kind, or below the last one."""
        if draft.label is not None:
            draft.label = self.decide_roman(draft.label, path, after)
        draft.key = _key(draft)
        if draft.series is None:
            draft.depth = self.depth_without_label(draft, path)
            return
        for depth, above in enumerate(path):
            if above.key == draft.key:
                draft.depth = depth
                return
        if draft.series in FIRST and not self.is_below(draft, path):
            draft.depth = 0
        elif draft.series in BULLETS and path:
            draft.depth = self.depth_of_bullet(draft, path)
        elif (
            draft.series == Series.BRACKETED
            and not any(above.series in FIRST or above.series is None for above in path)
        ) or (path and path[0].series is None and not path[0].text.endswith(":") and draft.series != Series.ROMAN):
            draft.depth = 0
        else:
            draft.depth = len(path)

    @staticmethod
    def depth_without_label(draft: DraftParagraph, path: list[DraftParagraph]) -> int:
        for depth, above in enumerate(path):
            if above.series is None and depth:
                return depth if above.text.endswith((";", ",", " and", " or")) else 0
        is_below = bool(path) and path[-1].text.endswith(":") and not finds_clause(draft.text, is_at_start=True)
        return len(path) if is_below else 0

    @staticmethod
    def depth_of_bullet(draft: DraftParagraph, path: list[DraftParagraph]) -> int:
        bullets = [depth for depth, above in enumerate(path) if above.series in BULLETS]
        for depth in bullets:
            if path[depth].key[:2] > draft.key[:2]:
                return depth
        if not bullets and path[-1].series is None and not path[-1].text.endswith(":"):
            return 0
        return len(path)

    @staticmethod
    def is_below(draft: DraftParagraph, path: list[DraftParagraph]) -> bool:
        """Whether `1.1` is below `1`, or `(A)` below the item `(i)`."""
        if not path or not draft.label:
            return False
        if draft.series == Series.SECTION:
            return draft.printed.startswith("(") and path[-1].series in ITEMS
        above = path[0].label
        return bool(draft.series == Series.DECIMAL and above and draft.label.piece.startswith(f"{above.piece}."))

    @staticmethod
    def decide_roman(label: Label, path: list[DraftParagraph], after: list[DraftParagraph]) -> Label:
        """Decide whether `(i)` is a letter or a roman number: by what is before it, and what comes next."""
        if not label.other:
            return label
        letter = next((above.label for above in path if above.series == Series.LETTER), None)
        numeral = next((above.label for above in path if above.series == Series.ROMAN), None)
        if numeral and numeral.value == label.other - 1:
            return as_roman(label)
        if label.other > 1:
            return label
        if not letter or letter.value != label.value - 1:
            return as_roman(label)
        for draft in after:
            if draft.label and draft.label.piece == label.piece:  # (h), (i): with items that begin with (i)
                return label
            if draft.series == Series.ROMAN and draft.label and draft.label.value == 2:
                return as_roman(label)
            if draft.series == Series.LETTER and draft.label and draft.label.value == label.value + 1:
                return label
        above = next(each for each in path if each.series == Series.LETTER)
        return as_roman(label) if above.text.endswith(":") else label


def _key(draft: DraftParagraph) -> tuple:
    """Return what texts of one level have in common; that of a bullet grows with its indent."""
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
