"""Read the paragraphs of a document into an outline. No Django.

Chapters say what their paragraphs are for; labels say how deep a paragraph is; words say whom a text addresses.
"""

from collections.abc import Iterable, Mapping

from recommendations.outline.asks import Above, Speaker, asks_of, names_topic
from recommendations.outline.chapters import Zone
from recommendations.outline.drafts import DraftParagraph, make_drafts
from recommendations.outline.headings import HeadingFinder
from recommendations.outline.labels import Series
from recommendations.outline.outline import Doubt, DoubtCode, Outline, OutlineKind, OutlineParagraph, Reason
from recommendations.outline.places import BULLETS, PlaceFinder, name_texts
from recommendations.outline.source import PrintedPart, SourceParagraph
from recommendations.outline.texts import WORDS_SHOWN, TextFinder
from recommendations.outline.zones import INSIDE, ZoneFinder

END_SHOWN = 80  # letters
DECIDED = (DoubtCode.ASKS, DoubtCode.NOT_NUMBERED)  # doubts that a decision of a curator settles


def read_outline(
    paragraphs: Iterable[SourceParagraph],
    bounds: tuple[int, int] | None = None,
    decisions: Mapping[int, bool] | None = None,
) -> Outline:
    """`bounds` are the first and last number of the recommendations, if a curator said so.

    `decisions` of a curator say by number whether a paragraph is a text of the paper.
    """
    return OutlineReader(paragraphs, bounds, decisions or {}).read()


class OutlineReader:
    def __init__(
        self, paragraphs: Iterable[SourceParagraph], bounds: tuple[int, int] | None, decisions: Mapping[int, bool]
    ):
        self.drafts = make_drafts(paragraphs)
        self.body = [draft for draft in self.drafts if draft.source.part == PrintedPart.BODY]
        self.bounds = bounds
        self.decisions = decisions

    def read(self) -> Outline:
        self.find_print_marks()
        headings = HeadingFinder(self.body)
        headings.find()
        ZoneFinder(self.body, headings.title).find_zones()
        if self.bounds:
            self.move_bounds(*self.bounds)
        texts = TextFinder(self.body)
        texts.find_texts()
        self.decide()
        texts.attach_labels()
        PlaceFinder(self.body).find_parents()
        self.find_topics()
        self.annotate()
        return self.write()

    def move_bounds(self, first: int, last: int) -> None:
        for number, draft in enumerate(self.drafts, start=1):
            if first <= number <= last:
                if draft.reason in (Reason.MASTHEAD, Reason.CONTENTS):
                    draft.reason = None
                draft.zone = draft.zone if draft.zone in INSIDE else Zone.RECOMMENDATIONS
            elif draft.zone in INSIDE:
                draft.zone = Zone.INTRODUCTION if number < first else Zone.SUMMARY

    def decide(self) -> None:
        """Make the paragraphs texts, or leave them out, as a curator decided."""
        for number, is_text in self.decisions.items():
            draft = self.drafts[number - 1]
            draft.doubts = [doubt for doubt in draft.doubts if doubt.code not in DECIDED]
            if is_text and draft.source.part == PrintedPart.BODY:
                draft.is_text, draft.reason, draft.rank = True, None, 0
            elif not is_text and draft.is_text:
                draft.is_text, draft.reason = False, Reason.CURATOR

    def find_print_marks(self) -> None:
        for draft in self.drafts:
            if draft.source.part == PrintedPart.PRINT_MARK:
                draft.reason = Reason.PRINT_MARK
            elif draft.source.part == PrintedPart.FOOTNOTE:
                draft.reason = Reason.FOOTNOTE
                draft.doubts.append(Doubt(DoubtCode.FOOTNOTE_ALONE, draft.text[:WORDS_SHOWN]))

    def find_topics(self) -> None:
        """Note the headings above each text: those below the heading of the chapter, and that of a resolution."""
        path: list[tuple[int, int]] = []
        numbers = {id(draft): number for number, draft in enumerate(self.drafts, start=1)}
        for index, draft in enumerate(self.body):
            if draft.rank:
                is_title = draft.label is None and index > 0 and self.body[index - 1].series == Series.TEXT
                path = [each for each in path if each[0] < draft.rank]
                if not is_title and (draft.rank > 1 or draft.series == Series.TEXT):
                    path.append((draft.rank, numbers[id(draft)]))
            elif draft.is_text:
                draft.topics = tuple(number for _rank, number in path)

    def annotate(self) -> None:
        for draft in self.body:
            if not draft.is_text:
                continue
            above = draft.parent
            said = Above(above.text, above.asks, above.is_topic) if above else None
            speaker = Speaker.CONFERENCE if draft.in_text else Speaker.WORKING_GROUP
            draft.is_topic = names_topic(draft.text, bool(draft.children)) or bool(above and above.is_topic)
            draft.asks = asks_of(draft.text, said, speaker, draft.is_topic)
            self.doubt_asks(draft)

    @staticmethod
    def doubt_asks(draft: DraftParagraph) -> None:
        if not draft.asks.addressees:
            draft.doubts.append(Doubt(DoubtCode.NOBODY))
        elif draft.asks.basis == "implied":
            draft.doubts.append(Doubt(DoubtCode.IMPLIED))
        elif draft.asks.basis == "stated" and len(draft.asks.addressees) > 1:
            draft.doubts.append(Doubt(DoubtCode.TWO_ADDRESSEES))
        if not draft.is_ended and not draft.text.endswith(",") and draft.series not in BULLETS:
            draft.doubts.append(Doubt(DoubtCode.CUT, draft.text[-END_SHOWN:]))

    def write(self) -> Outline:
        numbers = {id(draft): number for number, draft in enumerate(self.drafts, start=1)}
        names = name_texts(draft for draft in self.body if draft.is_text)
        return Outline(
            [
                OutlineParagraph(
                    number,
                    draft.printed,
                    draft.runs,
                    draft.notes,
                    draft.source.page,
                    kind=_kind(draft),
                    reason=draft.reason,
                    depth=max(0, draft.rank - 1) if draft.rank else draft.depth,
                    parent=numbers[id(draft.parent)] if draft.parent else None,
                    topics=draft.topics,
                    name=names.get(id(draft), ""),
                    label_of=numbers[id(draft.label_of)] if draft.label_of else None,
                    is_topic=draft.is_topic,
                    asks=draft.asks,
                    doubts=[*draft.doubts, *(Doubt(DoubtCode.WORDS_DIFFER, word) for word in draft.source.differing)],
                )
                for number, draft in enumerate(self.drafts, start=1)
            ]
        )


def _kind(draft: DraftParagraph) -> OutlineKind:
    if not draft.is_text:
        return OutlineKind.LEFT_OUT
    if draft.children:
        return OutlineKind.CHAPEAU
    return OutlineKind.TOPIC if draft.is_topic else OutlineKind.RECOMMENDATION
