"""Find which paragraphs are texts of the paper, and why others are not. No Django."""

from collections.abc import Iterator
from itertools import takewhile

from recommendations.outline.asks import Speaker, finds_clause
from recommendations.outline.chapters import CONCLUDES, PRESENTS, TELLS, Zone
from recommendations.outline.drafts import DraftParagraph
from recommendations.outline.labels import ITEMS, Series
from recommendations.outline.outline import Doubt, DoubtCode, Reason
from recommendations.outline.zones import INSIDE

REASONS = {
    Zone.RECOMMENDATIONS: Reason.INTRODUCTION,
    Zone.MIXED: Reason.CONCLUSIONS,
    Zone.CONCLUSIONS: Reason.CONCLUSIONS,
    Zone.INTRODUCTION: Reason.INTRODUCTION,
    Zone.SUMMARY: Reason.SUMMARY,
    Zone.PROCEDURE: Reason.PROCEDURE,
    Zone.ANNEX: Reason.ANNEX,
    Zone.UNKNOWN: Reason.SUMMARY,
}
CELL_WORDS = 3  # of the head of a column
LOOKS_BACK = 200  # paragraphs
WORDS_SHOWN = 300  # letters


class TextFinder:
    """Give each paragraph that is no text its reason, and doubts."""

    def __init__(self, body: list[DraftParagraph]):
        self.body = body
        found = {draft.series for draft in body}
        self.items = ITEMS if Series.NUMBER in found else ITEMS - {Series.BRACKETED}

    def find_texts(self) -> None:
        has_zone = any(draft.zone in INSIDE for draft in self.body if not draft.rank and draft.reason is None)
        above: DraftParagraph | None = None  # the paragraph whose items follow
        for index, draft in enumerate(self.body):
            if draft.reason is not None:
                continue
            if draft.rank:
                draft.reason, above = Reason.HEADING, None
                if draft.zone in INSIDE and finds_clause(draft.text):
                    draft.doubts.append(Doubt(DoubtCode.ASKS, draft.text[:WORDS_SHOWN]))
            elif draft.zone in INSIDE:
                draft.reason = self.reason_inside(draft, index)
            elif not has_zone and draft.zone in (Zone.UNKNOWN, Zone.SUMMARY, Zone.CONCLUSIONS):
                is_item = above is not None and draft.series in self.items
                if not is_item:
                    above = draft if Speaker.says(draft.text) else None
                draft.reason = None if above else self.reason_outside(draft)
            else:
                draft.reason = self.reason_outside(draft)
            draft.is_text = draft.reason is None

    def reason_outside(self, draft: DraftParagraph) -> Reason:
        if draft.source.cell:
            return Reason.TABLE
        reason = REASONS[draft.zone]
        if reason == Reason.SUMMARY and not TELLS.search(draft.text) and Speaker.says(draft.text):
            draft.doubts.append(Doubt(DoubtCode.ASKS, draft.text[:WORDS_SHOWN]))
        return reason

    def reason_inside(self, draft: DraftParagraph, index: int) -> Reason | None:
        if draft.label is not None and not draft.text.strip():
            return Reason.LABEL
        if draft.in_text:
            return self.reason_in_text(draft, index)
        if draft.series in self.items or draft.series == Series.NAMED:
            return None
        if (
            draft.label is None
            and draft.text.endswith(",")
            and not Speaker.begins(draft.text)
            and not self.is_item_without_label(index)
        ):
            return Reason.PREAMBLE
        asks = finds_clause(draft.text)
        is_cell = draft.source.cell and (not draft.is_ended or len(draft.text.split()) <= CELL_WORDS)
        if is_cell and not asks:
            return Reason.TABLE
        if not draft.text.strip() or (
            draft.label is None and not draft.is_ended and not asks and not self.is_item_without_label(index)
        ):
            return Reason.TABLE
        if PRESENTS.search(draft.text) and not asks and not self.introduces_items(draft, index):
            return Reason.INTRODUCTION
        if TELLS.search(draft.text):
            return self.leave_out(draft, Reason.SUMMARY, asks)
        if not asks and self.is_before_texts(index) and not self.introduces_items(draft, index):
            draft.doubts.append(Doubt(DoubtCode.NOT_NUMBERED, draft.text[:WORDS_SHOWN]))
            return Reason.INTRODUCTION
        if (
            draft.zone == Zone.MIXED
            and (not asks or CONCLUDES.search(draft.text))
            and not self.introduces_items(draft, index)
        ):
            return self.leave_out(draft, Reason.CONCLUSIONS, asks)
        if draft.label is None and not asks and not self.introduces_items(draft, index):
            if self.is_item_without_label(index):
                return None
            draft.doubts.append(Doubt(DoubtCode.NOT_NUMBERED, draft.text[:WORDS_SHOWN]))
            return Reason.INTRODUCTION
        return None

    @staticmethod
    def leave_out(draft: DraftParagraph, reason: Reason, asks: bool) -> Reason:
        """Doubt what is left out among the texts although it asks."""
        if asks:
            draft.doubts.append(Doubt(DoubtCode.ASKS, draft.text[:WORDS_SHOWN]))
        return reason

    def reason_in_text(self, draft: DraftParagraph, index: int) -> Reason | None:
        """A resolution or decision begins with a preamble: paragraphs without a number that end in a comma."""
        if draft.label is not None or self.introduces_items(draft, index) or Speaker.begins(draft.text):
            return None
        is_open = draft.text.endswith((",", ":")) and not self.has_label_before(index)
        return Reason.PREAMBLE if is_open or not finds_clause(draft.text) else None

    def is_before_texts(self, index: int) -> bool:
        """Whether no text comes before a paragraph in its chapter."""
        for draft in self.before(index):
            if draft.is_text or draft.rank == 1:
                return not draft.is_text
        return True

    def before(self, index: int) -> Iterator[DraftParagraph]:
        """Yield the last paragraphs before one, the nearest first."""
        return reversed(self.body[max(0, index - LOOKS_BACK) : index])

    def has_label_before(self, index: int) -> bool:
        """Whether a paragraph with a label comes before one below the same heading."""
        return any(draft.label is not None for draft in takewhile(lambda draft: not draft.rank, self.before(index)))

    def introduces_items(self, draft: DraftParagraph, index: int) -> bool:
        after = self.body[index + 1] if index + 1 < len(self.body) else None
        return draft.text.endswith(":") and after is not None and not after.rank and after.series in self.items

    def is_item_without_label(self, index: int) -> bool:
        """Whether a paragraph without a label is in a list of such: below one that ends in a colon."""
        for draft in self.before(index):
            if draft.rank or draft.reason is not None:
                return False
            if draft.text.endswith(":"):
                return True
            if draft.label is not None or not draft.text.endswith((";", ",", "; and", "; or")):
                return False
        return False

    def attach_labels(self) -> None:
        """Give the label that stands alone, as a heading or in a cell, to the text that follows."""
        waiting: DraftParagraph | None = None
        for draft in self.body:
            if draft.reason == Reason.LABEL or (draft.rank and draft.series == Series.NAMED):
                waiting = draft
            elif draft.is_text and waiting is not None:
                if draft.label is None:
                    draft.label, draft.printed, draft.label_of = waiting.label, waiting.printed, waiting
                waiting = None
