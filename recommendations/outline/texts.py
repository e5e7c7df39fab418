"""Find which paragraphs are texts of the paper, and why others are not. No Django."""

from recommendations.outline.asks import Speaker, finds_clause, names_alone
from recommendations.outline.chapters import INSIDE, PRESENTS, TELLS, Zone
from recommendations.outline.labels import ITEMS, Series
from recommendations.outline.outline import OutlineParagraph, Reason


class TextFinder:
    """Give each paragraph that is no text its reason."""

    def __init__(self, body: list[OutlineParagraph]):
        self.body = body
        found = {draft.series for draft in body}
        self.items = ITEMS if Series.NUMBER in found else ITEMS - {Series.BRACKETED}

    def find_texts(self) -> None:
        above: OutlineParagraph | None = None  # the paragraph whose items follow
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

    @staticmethod
    def reason_outside(draft: OutlineParagraph) -> Reason:
        if draft.zone == Zone.ANNEX:
            return Reason.ANNEX
        return Reason.TABLE if draft.source.cell else Reason.REPORT

    def reason_inside(self, draft: OutlineParagraph, index: int) -> Reason | None:
        if not draft.text.strip():
            return Reason.LABEL if draft.parsed else Reason.TABLE
        if draft.in_decision:
            return self.reason_in_decision(draft, index)
        if draft.in_column or draft.series in self.items or draft.series == Series.NAMED:
            return None
        if TELLS.search(draft.text):
            return Reason.REPORT
        if finds_clause(draft.text) or self.introduces_items(draft, index):
            return None
        if draft.source.cell:
            return Reason.TABLE
        return None if draft.parsed and not PRESENTS.search(draft.text) else Reason.REPORT

    def reason_in_decision(self, draft: OutlineParagraph, index: int) -> Reason | None:
        """A resolution or decision begins with a preamble: paragraphs without a number that end in a comma."""
        if draft.parsed is not None or self.introduces_items(draft, index) or Speaker.begins(draft.text):
            return None
        is_open = draft.text.endswith((",", ":"))
        return Reason.PREAMBLE if is_open or not finds_clause(draft.text) else None

    def introduces_items(self, draft: OutlineParagraph, index: int) -> bool:
        after = self.body[index + 1] if index + 1 < len(self.body) else None
        return draft.text.endswith(":") and after is not None and not after.rank and after.series in self.items

    def attach_labels(self) -> None:
        """Give the label that stands alone, as a heading or in a cell, to the text that follows."""
        waiting: OutlineParagraph | None = None
        for draft in self.body:
            if draft.reason == Reason.LABEL or (draft.rank and draft.series == Series.NAMED):
                waiting = draft
            elif draft.is_text and waiting is not None:
                if draft.parsed is None:
                    draft.parsed, draft.label, draft.label_of = waiting.parsed, waiting.label, waiting.number
                waiting = None

    def find_addressees(self) -> None:
        """Give a text the addressees that stand alone after it and its items, as in a table."""
        text: OutlineParagraph | None = None
        for draft in self.body:
            if draft.is_text:
                text = draft if draft.above is None else text
            elif text is not None:
                text.named = names_alone(draft.text)
                text = None
