"""Find which paragraphs are texts of the paper, and why others are not. No Django."""

from collections.abc import Iterator
from itertools import takewhile

from recommendations.outline.asks import Speaker, finds_clause, names_alone
from recommendations.outline.chapters import CONCLUDES, INSIDE, PRESENTS, TELLS, Zone
from recommendations.outline.drafts import DraftParagraph
from recommendations.outline.labels import ITEMS, Series
from recommendations.outline.outline import Reason

LOOKS_BACK = 200  # paragraphs


class TextFinder:
    """Give each paragraph that is no text its reason."""

    def __init__(self, body: list[DraftParagraph]):
        self.body = body
        found = {draft.series for draft in body}
        self.items = ITEMS if Series.NUMBER in found else ITEMS - {Series.BRACKETED}

    def find_texts(self) -> None:
        above: DraftParagraph | None = None  # the paragraph whose items follow
        for index, draft in enumerate(self.body):
            if draft.reason is not None:
                continue
            if draft.rank:
                draft.reason, above = Reason.HEADING, None
            elif draft.zone in INSIDE:
                draft.reason = self.reason_inside(draft, index)
            else:
                if above is None or draft.series not in self.items:
                    is_told = draft.zone == Zone.UNKNOWN and Speaker.says(draft.text) and not TELLS.search(draft.text)
                    above = draft if is_told else None
                draft.reason = None if above else self.reason_outside(draft)
            draft.is_text = draft.reason is None

    @staticmethod
    def reason_outside(draft: DraftParagraph) -> Reason:
        if draft.zone == Zone.ANNEX:
            return Reason.ANNEX
        return Reason.TABLE if draft.source.cell else Reason.REPORT

    def reason_inside(self, draft: DraftParagraph, index: int) -> Reason | None:
        if not draft.text.strip():
            return Reason.LABEL if draft.label else Reason.TABLE
        if draft.in_text:
            return self.reason_in_text(draft, index)
        if draft.in_column or draft.series in self.items or draft.series == Series.NAMED:
            return None
        if draft.label is None and draft.text.endswith(",") and not Speaker.begins(draft.text):
            return None if self.is_item_without_label(index) else Reason.PREAMBLE
        if TELLS.search(draft.text) or (draft.zone == Zone.MIXED and CONCLUDES.search(draft.text)):
            return Reason.REPORT
        if finds_clause(draft.text) or self.introduces_items(draft, index) or self.is_item_without_label(index):
            return None
        if draft.source.cell:
            return Reason.TABLE
        is_in_list = draft.printed[-1:].isalnum() or self.is_after_text(index)  # `1`, without a stop, is in a column
        is_text = draft.label and draft.zone != Zone.MIXED and is_in_list
        return None if is_text and not PRESENTS.search(draft.text) else Reason.REPORT

    def reason_in_text(self, draft: DraftParagraph, index: int) -> Reason | None:
        """A resolution or decision begins with a preamble: paragraphs without a number that end in a comma."""
        if draft.label is not None or self.introduces_items(draft, index) or Speaker.begins(draft.text):
            return None
        is_open = draft.text.endswith((",", ":")) and not self.has_label_before(index)
        return Reason.PREAMBLE if is_open or not finds_clause(draft.text) else None

    def before(self, index: int) -> Iterator[DraftParagraph]:
        """Yield the last paragraphs before one, the nearest first."""
        return reversed(self.body[max(0, index - LOOKS_BACK) : index])

    def is_after_text(self, index: int) -> bool:
        """Whether a text comes before a paragraph in its chapter."""
        return any(draft.is_text for draft in takewhile(lambda draft: draft.rank != 1, self.before(index)))

    def has_label_before(self, index: int) -> bool:
        """Whether a paragraph with a label comes before one below the same heading."""
        return any(draft.label is not None for draft in takewhile(lambda draft: not draft.rank, self.before(index)))

    def introduces_items(self, draft: DraftParagraph, index: int) -> bool:
        after = self.body[index + 1] if index + 1 < len(self.body) else None
        return draft.text.endswith(":") and after is not None and not after.rank and after.series in self.items

    def is_item_without_label(self, index: int) -> bool:
        """Whether a paragraph without a label is in a list of such: below one that ends in a colon."""
        if self.body[index].label is not None:
            return False
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

    def find_addressees(self) -> None:
        """Give a text the addressees that stand alone after it and its items, as in a table."""
        text: DraftParagraph | None = None
        for draft in self.body:
            if draft.is_text:
                text = draft if draft.parent is None else text
            elif text is not None:
                text.named = names_alone(draft.text)
                text = None
