"""Read the paragraphs of a document into an outline. No Django.

Headings say what their paragraphs are for; labels say how deep a paragraph is; words say whom a text addresses.
"""

from collections.abc import Iterable, Iterator

from recommendations.outline.asks import Above, Speaker, asks_of, asks_of_row, names_topic
from recommendations.outline.chapters import Zone
from recommendations.outline.drafts import DraftParagraph, make_drafts
from recommendations.outline.headings import HeadingFinder
from recommendations.outline.labels import Series
from recommendations.outline.outline import Doubt, DoubtCode, Outline, OutlineKind, OutlineParagraph
from recommendations.outline.places import BULLETS, PlaceFinder, name_texts
from recommendations.outline.source import PrintedPart, SourceParagraph
from recommendations.outline.texts import TextFinder
from recommendations.outline.zones import find_zones

END_SHOWN = 80  # letters
TABLE_RANK = 99  # below all headings


def read_outline(paragraphs: Iterable[SourceParagraph]) -> Outline:
    drafts = make_drafts(paragraphs)
    body = [draft for draft in drafts if draft.source.part == PrintedPart.BODY]
    headings = HeadingFinder(body)
    headings.find()
    find_zones(body, headings.title)
    texts = TextFinder(body)
    texts.find_texts()
    texts.attach_labels()
    PlaceFinder(body).find_parents()
    texts.find_addressees()
    for draft in body:
        if draft.is_text:
            _annotate(draft)
    return _write(drafts)


def _annotate(draft: DraftParagraph) -> None:
    above = draft.parent
    said = Above(above.text, above.asks, above.is_topic) if above else None
    is_below_topic = draft.zone == Zone.TOPICS or bool(above and above.is_topic)
    draft.is_topic = is_below_topic or names_topic(draft.text, bool(draft.children))
    speaker = Speaker.CONFERENCE if draft.in_text else Speaker.WORKING_GROUP
    if draft.named:
        draft.asks = asks_of_row(draft.text, draft.named)
    else:
        draft.asks = asks_of(draft.text, said, speaker, draft.is_topic)


def _doubts(draft: DraftParagraph) -> Iterator[Doubt]:
    yield from (Doubt(DoubtCode.WORDS_DIFFER, word) for word in draft.source.differing)
    if not draft.is_text:
        return
    if draft.is_topic:
        pass
    elif not draft.asks.addressees:
        yield Doubt(DoubtCode.NOBODY)
    elif draft.asks.basis == "implied":
        yield Doubt(DoubtCode.IMPLIED)
    elif draft.asks.basis == "stated" and len(draft.asks.addressees) > 1:
        yield Doubt(DoubtCode.TWO_ADDRESSEES)
    if not draft.is_ended and not draft.text.endswith(",") and draft.series not in BULLETS:
        yield Doubt(DoubtCode.CUT, draft.text[-END_SHOWN:])


def _find_parts(drafts: list[DraftParagraph]) -> tuple[list[int], dict[int, int | None]]:
    """Return the part of each paragraph, and the part above each part: numbers of paragraphs that head a part."""
    parts, above = [], {1: None}
    path = [(0, 1)]  # rank and number
    table: int | None = None
    for number, draft in enumerate(drafts, start=1):
        rank = 0 if draft.is_title else draft.rank
        if draft.source.part == PrintedPart.BODY:
            cell = draft.source.cell
            if cell and cell[0] != table:
                rank = TABLE_RANK
            elif not cell and path[-1][0] == TABLE_RANK:
                path.pop()
            table = cell[0] if cell else None
        if rank:
            path = [each for each in path if each[0] < rank and (each[0] or rank == TABLE_RANK)]
            above[number] = path[-1][1] if path else None
            path.append((rank, number))
        parts.append(path[-1][1])
    return parts, above


def _write(drafts: list[DraftParagraph]) -> Outline:
    numbers = {id(draft): number for number, draft in enumerate(drafts, start=1)}
    names = name_texts(draft for draft in drafts if draft.is_text)
    parts, parts_above = _find_parts(drafts)

    def headings_above(part: int | None) -> Iterator[int]:
        """Yield what gives a text its topic: headings below a chapter, and resolutions."""
        while part:
            head = drafts[part - 1]
            if head.rank > 1 or (head.rank and head.series == Series.TEXT):
                yield part
            part = parts_above[part]

    return Outline(
        [
            OutlineParagraph(
                number,
                draft.printed,
                draft.runs,
                draft.notes,
                draft.source.page,
                part,
                kind=_kind(draft),
                reason=draft.reason,
                depth=max(0, draft.rank - 1) if draft.rank else draft.depth,
                parent=numbers[id(draft.parent)] if draft.parent else None,
                topics=tuple(headings_above(part))[::-1] if draft.is_text else (),
                name=names.get(id(draft), ""),
                label_of=numbers[id(draft.label_of)] if draft.label_of else None,
                is_topic=draft.is_topic,
                asks=draft.asks,
                doubts=list(_doubts(draft)),
            )
            for (number, draft), part in zip(enumerate(drafts, start=1), parts, strict=True)
        ],
        parts_above,
    )


def _kind(draft: DraftParagraph) -> OutlineKind:
    if not draft.is_text:
        return OutlineKind.LEFT_OUT
    if draft.children:
        return OutlineKind.CHAPEAU
    return OutlineKind.TOPIC if draft.is_topic else OutlineKind.RECOMMENDATION
