"""Find where the recommendations of a document are: by its headings, else by what its paragraphs ask. No Django."""

import re
from collections.abc import Iterator
from itertools import islice, takewhile

from recommendations.outline.asks import Speaker, find_clauses, finds_clause
from recommendations.outline.chapters import TELLS, Zone, names_recommendations, zone_inside, zone_of_chapter
from recommendations.outline.drafts import DraftParagraph
from recommendations.outline.labels import Series
from recommendations.outline.layout import BODY_SPEAKS

NAMES_THEM = re.compile(r"recommend", re.IGNORECASE)
INSIDE = (Zone.RECOMMENDATIONS, Zone.MIXED)
LINES = 20  # of the title of an annex
MOST = 0.6  # of the paragraphs of a chapter


class ZoneFinder:
    """Give each paragraph the zone of its chapter, and say which are of a resolution or decision (`in_text`)."""

    def __init__(self, body: list[DraftParagraph], title: str):
        self.body, self.title = body, title

    def find_zones(self) -> None:
        self.walk_zones()
        if any(draft.zone in INSIDE and NAMES_THEM.search(draft.text) for draft in self.body if draft.rank):
            return
        if any(draft.series == Series.TEXT for draft in self.body if draft.rank):
            return
        if any(draft.series == Series.NAMED for draft in self.body):
            self.begin_at_first_name()
        elif names_recommendations(self.title) or not any(draft.rank for draft in self.body):
            for draft in self.body:
                if draft.zone == Zone.UNKNOWN:
                    draft.zone = Zone.RECOMMENDATIONS
        elif not self.says_what_it_asks():
            self.find_asking_chapters()

    def says_what_it_asks(self) -> bool:
        """Whether a report tells what a body recommended or decided, rather than being its recommendations."""
        told = asking = 0
        for draft in self.body:
            if draft.reason is None and not draft.rank and draft.zone in (Zone.UNKNOWN, Zone.SUMMARY, Zone.CONCLUSIONS):
                told += Speaker.says(draft.text)
                asking += (
                    not Speaker.says(draft.text)
                    and not TELLS.search(draft.text)
                    and next(find_clauses(draft.text), None) is not None
                )
        return told > 0 and told >= asking

    def walk_zones(self) -> None:
        chapter, zone, zone_rank = Zone.UNKNOWN, Zone.UNKNOWN, 1
        in_text = in_annex = False
        for index, draft in enumerate(self.body):
            if draft.reason is not None:
                continue
            if draft.rank:
                new = self.zone_of_heading(draft, index, chapter, zone, in_text)
                if draft.rank <= 1 or draft.series in (Series.TEXT, Series.ANNEX):
                    in_text = draft.series == Series.TEXT or (in_text and draft.label is None)
                    in_annex = draft.series == Series.ANNEX or (in_annex and draft.label is None)
                    chapter = zone = new or (Zone.ANNEX if in_annex else Zone.UNKNOWN)
                    zone_rank = draft.rank
                elif new is not None:
                    zone, zone_rank = new, draft.rank
                elif draft.rank <= zone_rank:
                    zone, zone_rank = chapter, 1
            elif draft.label is None and zone in (*INSIDE, Zone.UNKNOWN) and BODY_SPEAKS.fullmatch(draft.text):
                in_text, zone = True, Zone.RECOMMENDATIONS
            draft.zone, draft.in_text = zone, in_text

    def zone_of_heading(
        self, draft: DraftParagraph, index: int, chapter: Zone, zone: Zone, in_text: bool
    ) -> Zone | None:
        title = draft.text
        if draft.series == Series.TEXT:
            return Zone.RECOMMENDATIONS
        if draft.series == Series.ANNEX or (draft.rank <= 1 and zone == Zone.ANNEX and draft.label is None):
            words = " ".join([title, *self.titles_after(index)])
            found = zone_of_chapter(words)
            return found if found in INSIDE else Zone.ANNEX
        if in_text and draft.label is None:
            return Zone.RECOMMENDATIONS
        if draft.rank <= 1:
            return zone_of_chapter(title)
        if chapter in INSIDE:
            return zone_inside(title)
        found = zone_of_chapter(title)
        return found if found in INSIDE and chapter != Zone.ANNEX else None

    def titles_after(self, index: int) -> Iterator[str]:
        after = islice(self.body, index + 1, index + 1 + LINES)
        return (draft.text for draft in takewhile(lambda draft: draft.rank and not draft.label, after))

    def begin_at_first_name(self) -> None:
        has_begun = False
        for draft in self.body:
            has_begun = has_begun or draft.series == Series.NAMED
            if has_begun and draft.zone in (Zone.UNKNOWN, Zone.INTRODUCTION):
                draft.zone = Zone.RECOMMENDATIONS

    def find_asking_chapters(self) -> None:
        """Where no chapter is of recommendations: those of which most paragraphs ask, else what a body says it asks."""
        chapter: list[DraftParagraph] = []
        for draft in [*self.body, None]:
            if draft is None or draft.rank == 1:
                self.judge_chapter(chapter)
                chapter = []
            if draft is not None:
                chapter.append(draft)

    @staticmethod
    def judge_chapter(chapter: list[DraftParagraph]) -> None:
        texts = [draft for draft in chapter if draft.reason is None and not draft.rank]
        first = [draft for draft in texts if draft.series in (Series.NUMBER, Series.DECIMAL, None)]
        asking = sum(finds_clause(draft.text) and not TELLS.search(draft.text) for draft in first)
        if texts and texts[0].zone == Zone.UNKNOWN and len(first) > 1 and asking > MOST * len(first):
            for draft in chapter:
                draft.zone = Zone.RECOMMENDATIONS
