"""Find the headings of a document, and what is before its first chapter: masthead, title and contents. No Django."""

import re
from dataclasses import replace

from recommendations.outline.asks import finds_clause
from recommendations.outline.chapters import INSIDE, zone_of_chapter
from recommendations.outline.drafts import DraftParagraph
from recommendations.outline.labels import Series
from recommendations.outline.layout import CONTENTS, ENTRY_END, is_entry
from recommendations.outline.outline import Reason
from recommendations.outline.source import usual_size

CONTENTS_ENTRY = re.compile(r".*(?:[.…·\s_]{2,}|\s)[0-9ivx]{1,4}|page", re.IGNORECASE | re.DOTALL)
CHAPTER_WORDS = 6  # of a heading of a chapter without a number
SENTENCE_WORDS = 12
UNRANKED, DEEPEST = 9, 6
RANKS = {
    Series.TEXT: 1,
    Series.ANNEX: 1,
    Series.CHAPTER: 1,
    Series.SECTION: 2,
    Series.NUMBER: 3,
    Series.LETTER: 4,
    Series.NAMED: 5,
}


class HeadingFinder:
    """Give each heading its `rank`, and what is before the first chapter its reason. `title` is that of the cover."""

    def __init__(self, body: list[DraftParagraph]):
        self.body = body
        self.size = usual_size((draft.source.size, draft.text) for draft in body)
        self.has_looks = any(draft.source.is_bold or draft.source.heading for draft in body)
        self.title = ""
        self.contents_title = -1  # the place of the title of the contents

    def find(self) -> None:
        self.find_headings()
        self.find_contents()
        self.find_front()
        self.nest_headings()

    def find_headings(self) -> None:
        for index, draft in enumerate(self.body):
            after = self.body[index + 1] if index + 1 < len(self.body) else None
            if draft.source.is_contents or is_entry(draft.text):
                draft.reason = Reason.CONTENTS
            elif self.is_heading(draft, after):
                draft.rank = UNRANKED
        self.rank_headings()

    def is_heading(self, draft: DraftParagraph, after: DraftParagraph | None) -> bool:
        source, series = draft.source, draft.series
        if not draft.text:
            return series in (Series.TEXT, Series.ANNEX)
        if not draft.is_short or draft.text.endswith((".", ";", ":", ",")):
            return False
        if series in (Series.TEXT, Series.ANNEX):
            return True
        if series in (Series.BULLET, Series.DASH, Series.ROMAN, Series.BRACKETED) or source.cell:
            return series is None and bool(source.heading)
        if source.heading or source.is_bold or (source.size > self.size + 1 and self.size):
            return series != Series.LETTER or not source.label
        if series in (Series.CHAPTER, Series.SECTION):
            return True
        if draft.text.isupper() and len(draft.text) > 6:
            return True
        if self.has_looks or series == Series.LETTER or (after and after.text[:1].islower()):
            return False
        if series == Series.NUMBER and finds_clause(draft.text):  # a recommendation whose end is missing
            return False
        return series is not None or draft.text[:1].isupper()

    def rank_headings(self) -> None:
        """Rank headings by their labels, and those without by size: beside one of the same size, or below."""
        ranks = dict(RANKS)
        headings = [draft for draft in self.body if draft.rank]
        _find_section_i(headings)
        found = {draft.series for draft in headings}
        if Series.CHAPTER not in found and Series.SECTION not in found:
            ranks[Series.NUMBER] = 1
        known: dict[tuple, int] = {}
        for draft in headings:
            if draft.series == Series.DECIMAL and draft.label:
                draft.rank = 1 + draft.label.piece.count(".")
            elif draft.series in ranks:
                draft.rank = ranks[draft.series]
                known.setdefault(_look(draft), draft.rank)
        if not self.has_looks and len({draft.source.size for draft in headings}) < 2:
            for draft in headings:
                if draft.rank == UNRANKED:
                    is_chapter = len(draft.text.split()) <= CHAPTER_WORDS and zone_of_chapter(draft.text) is not None
                    draft.rank = 1 if is_chapter and not known else max(known.values(), default=1) + 1
        looks = sorted({_look(draft) for draft in headings if draft.rank == UNRANKED}, reverse=True)
        for draft in headings:
            if draft.rank == UNRANKED:
                draft.rank = known.get(_look(draft)) or min(
                    1 + looks.index(_look(draft)) + max(known.values(), default=0), DEEPEST
                )

    def find_front(self) -> None:
        """Find the masthead, the title and the contents: all before the first chapter or the first sentence."""
        last_title = self.find_title()
        begin = next(
            (index for index, draft in enumerate(self.body) if index > last_title and self.begins_body(index, draft)),
            len(self.body),
        )
        front = self.body[:begin]
        titles = [draft for draft in front if draft.rank and draft.reason is None and draft.series is None]
        biggest = max((draft.source.size for draft in titles), default=0)
        for draft in front:
            if draft.reason is None:
                draft.reason, draft.rank = Reason.MASTHEAD, 0
        for draft in titles:
            if not biggest or draft.source.size == biggest:
                draft.reason = Reason.HEADING
            draft.rank = 0
        self.title = " ".join(draft.text for draft in front if draft.reason != Reason.CONTENTS)

    def find_title(self) -> int:
        """Return the place of the last line of the title, if it is the only heading of the biggest letters, or -1."""
        headings = [(index, draft) for index, draft in enumerate(self.body) if draft.rank and draft.source.size]
        biggest = max((draft.source.size for _index, draft in headings), default=0)
        places = [index for index, draft in headings if draft.source.size == biggest]
        labels = [index for index in places if self.body[index].label]
        is_title = (
            bool(places) and not labels and places[-1] - places[0] == len(places) - 1 and len(places) < len(headings)
        )
        return places[-1] if is_title else -1

    def begins_body(self, index: int, draft: DraftParagraph) -> bool:
        if draft.reason is not None:
            return False
        is_long = draft.label is None and not self.has_looks and len(draft.text.split()) > CHAPTER_WORDS
        if draft.rank and is_long:
            return False
        if draft.rank and (draft.label or zone_of_chapter(draft.text) in INSIDE):
            is_title = (
                draft.label is None and (index == 0 or not self.body[index - 1].rank) and index < self.contents_title
            )
            return not is_title and not (draft.label is None and self.is_masthead_line(index))
        return bool(draft.label and draft.text) or (draft.is_ended and len(draft.text.split()) > SENTENCE_WORDS)

    def nest_headings(self) -> None:
        """Rank what is in a resolution, a decision or an annex below its heading, up to the next chapter.

        An annex after a resolution is that of the resolution; resolutions in another annex are below its heading.
        The lines of a title belong to the heading.
        """
        around = text = chapter = 0  # rank of what is around a heading; that of a resolution; number of a chapter
        in_annex = is_after_head = False
        for draft in self.body:
            if draft.rank and draft.series == Series.ANNEX:
                in_annex = not text
                draft.rank = around = 1 + text
            elif draft.rank and draft.series == Series.TEXT:
                draft.rank = around = 2 if in_annex or chapter else 1
                text = 0 if in_annex else around
            elif draft.rank:
                if (
                    draft.label
                    and draft.series == Series.CHAPTER
                    and (not around or draft.label.value == chapter + 1 > 1)
                ):
                    around, text, chapter, in_annex = 0, 0, draft.label.value, False
                draft.rank += around
                draft.is_title = draft.label is None and is_after_head
            is_after_head = draft.rank > 0 and (draft.series in (Series.TEXT, Series.ANNEX) or draft.is_title)

    def is_masthead_line(self, index: int) -> bool:
        """Whether a heading without a label is the title: the next heading follows before any sentence."""
        return any(draft.rank and draft.label for draft in self.body[index + 1 : index + 2])

    def find_contents(self) -> None:
        """Find the entries of the contents: all below their title that end with a number of a page."""
        titles = [index for index, draft in enumerate(self.body) if CONTENTS.fullmatch(draft.text.strip())]
        for title in titles:
            self.contents_title = max(self.contents_title, title)
            for draft in self.body[title:]:
                entry = f"{draft.printed} {draft.text[-ENTRY_END:]}".strip()
                is_entry = draft.reason == Reason.CONTENTS or CONTENTS_ENTRY.fullmatch(entry)
                if not is_entry and draft is not self.body[title]:
                    break
                draft.reason, draft.rank = Reason.CONTENTS, 0


def _find_section_i(headings: list[DraftParagraph]) -> None:
    """Take `I.` for a section where it follows `H.`, and not for a chapter."""
    last = 0
    for draft in headings:
        if draft.label and draft.series == Series.CHAPTER and len(draft.label.printed.strip(".")) == 1:
            letter = ord(draft.label.printed[0]) - 64
            if letter == last + 1 and last > 1:
                draft.label = replace(draft.label, series=Series.SECTION, value=letter)
        last = (
            draft.label.value
            if draft.label and draft.series == Series.SECTION
            else (0 if draft.series == Series.CHAPTER else last)
        )


def _look(draft: DraftParagraph) -> tuple:
    return draft.source.size, -draft.source.heading, draft.source.is_bold, not draft.source.is_italic
