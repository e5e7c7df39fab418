"""Read the paragraphs of a document into an outline. No Django.

Headings say what their paragraphs are for; labels say how deep a paragraph is; words say whom a text addresses.
"""

from collections.abc import Iterable, Iterator

from recommendations.outline.asks import Above, Speaker, asks_of, asks_of_row, names_topic
from recommendations.outline.chapters import Zone
from recommendations.outline.drafts import make_drafts
from recommendations.outline.headings import find_headings
from recommendations.outline.labels import Series
from recommendations.outline.outline import Doubt, DoubtCode, Outline, OutlineParagraph
from recommendations.outline.places import BULLETS, find_parents, name_texts
from recommendations.outline.source import PrintedPart, SourceParagraph
from recommendations.outline.texts import TextFinder
from recommendations.outline.zones import find_zones

END_SHOWN = 80  # letters


def read_outline(paragraphs: Iterable[SourceParagraph]) -> Outline:
    drafts = make_drafts(paragraphs)
    body = [draft for draft in drafts if draft.source.part == PrintedPart.BODY]
    find_zones(body, find_headings(body))
    texts = TextFinder(body)
    texts.find_texts()
    texts.attach_labels()
    find_parents(body)
    name_texts(body)
    texts.find_addressees()
    parts_above = _find_parts(drafts)
    for draft in drafts:
        if draft.is_text:
            _annotate(draft)
        draft.doubts = list(_doubts(draft))
    return Outline(drafts, parts_above)


def _find_parts(drafts: list[OutlineParagraph]) -> dict[int, int | None]:
    """Find the part and the topics of each paragraph; return the part above each part.

    Parts are what is before the first heading, headings with what is below them, and tables.
    """
    parts_above: dict[int, int | None] = {1: None}
    path = drafts[:1]  # the heads around a paragraph
    for draft in drafts:
        is_heading, cell = draft.rank > 0 and not draft.is_title, draft.source.cell
        if is_heading:
            path = [head for head in path if 0 < head.rank < draft.rank]
        elif draft.source.part == PrintedPart.BODY and path[-1].source.cell and not _is_beside(path[-1], draft):
            path = path[:-1] or drafts[:1]
        if is_heading or (cell and not _is_beside(path[-1], draft)):
            parts_above[draft.number] = path[-1].number if path else None
            path.append(draft)
        draft.part = path[-1].number
        draft.topics = tuple(
            head.number for head in path if head.rank > 1 or (head.rank and head.series == Series.TEXT)
        )
    return parts_above


def _is_beside(head: OutlineParagraph, draft: OutlineParagraph) -> bool:
    """Whether a paragraph is in the table of a head."""
    one, other = head.source.cell, draft.source.cell
    return one is not None and other is not None and one[0] == other[0]


def _annotate(draft: OutlineParagraph) -> None:
    above = draft.above
    said = Above(above.text, above.asks, above.is_topic) if above else None
    is_below_topic = draft.zone == Zone.TOPICS or bool(above and above.is_topic)
    draft.is_topic = is_below_topic or names_topic(draft.text, draft.has_items)
    speaker = Speaker.CONFERENCE if draft.in_decision else Speaker.WORKING_GROUP
    if draft.named:
        draft.asks = asks_of_row(draft.text, draft.named)
    else:
        draft.asks = asks_of(draft.text, said, speaker, draft.is_topic)


def _doubts(draft: OutlineParagraph) -> Iterator[Doubt]:
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
