"""Find the headings of a document, and what is before its first chapter: masthead, title and contents. No Django."""

import re
from itertools import takewhile

from recommendations.outline.asks import finds_clause
from recommendations.outline.chapters import INSIDE, zone_of_chapter
from recommendations.outline.labels import ITEMS, Series
from recommendations.outline.layout import CONTENTS, ENTRY_END, is_entry
from recommendations.outline.outline import OutlineParagraph, Reason
from recommendations.outline.source import usual_size

CONTENTS_ENTRY = re.compile(r".*(?:[.…·\s_]{2,}|\s)[0-9ivx]{1,4}|page", re.IGNORECASE | re.DOTALL)
CHAPTER_WORDS = 6  # of the heading of the first chapter, where it has no number
SENTENCE_WORDS = 12
HEADING_WORDS = 30
DEEPEST = 9  # rank of a heading without a label
ENDS = (".", ";", ":", ",")
ALWAYS = (Series.TEXT, Series.ANNEX, Series.CHAPTER, Series.SECTION)  # a short paragraph with such a label is a heading
RANKS = {
    Series.TEXT: 1,
    Series.ANNEX: 1,
    Series.CHAPTER: 1,
    Series.SECTION: 2,
    Series.NUMBER: 3,
    Series.LETTER: 4,
    Series.NAMED: 5,
}


def find_headings(body: list[OutlineParagraph]) -> str:
    """Give each heading its `rank`, and what is before the first chapter its reason; return the title of the cover."""
    size = usual_size((draft.source.size, draft.text) for draft in body)
    has_looks = any(draft.source.is_bold or draft.source.heading for draft in body)
    for draft in body:
        if draft.source.is_contents or is_entry(draft.text):
            draft.reason = Reason.CONTENTS
        else:
            draft.rank = int(_is_heading(draft, size, has_looks))
    _find_contents(body)
    _rank_headings([draft for draft in body if draft.rank], has_looks)
    title = _find_front(body)
    _nest_headings([draft for draft in body if draft.reason is None])
    return title


def _is_heading(draft: OutlineParagraph, size: float, has_looks: bool) -> bool:
    source, series = draft.source, draft.series
    if draft.text.endswith(ENDS) or len(draft.text.split()) > HEADING_WORDS:
        return False
    if series in ALWAYS:
        return True
    if not draft.text or source.cell or (series in ITEMS and series != Series.LETTER):
        return False
    if source.heading or source.is_bold or (source.size > size + 1 and size):
        return series != Series.LETTER or not source.label
    is_recommendation = series == Series.NUMBER and finds_clause(draft.text)  # whose end is missing
    if has_looks or series == Series.LETTER or is_recommendation:
        return False
    return series is not None or draft.text[:1].isupper()


def _rank_headings(headings: list[OutlineParagraph], has_looks: bool) -> None:
    """Rank headings by their labels, and those without below them, by size."""
    found = {draft.series for draft in headings}
    ranks = RANKS if found & {Series.CHAPTER, Series.SECTION} else RANKS | {Series.NUMBER: 1}
    for draft in headings:
        draft.rank = ranks.get(draft.series, 0) if draft.series else 0
    deepest = max((draft.rank for draft in headings), default=0)
    looks = sorted({_look(draft) for draft in headings if not draft.rank}, reverse=True)
    for draft in headings:
        if not draft.rank:
            is_section = not has_looks and zone_of_chapter(draft.text) is None
            draft.rank = min(1 + deepest + looks.index(_look(draft)) + is_section, DEEPEST)


def _look(draft: OutlineParagraph) -> tuple:
    return draft.source.size, -draft.source.heading, draft.source.is_bold, not draft.source.is_italic


def _find_contents(body: list[OutlineParagraph]) -> None:
    """Find the entries of the contents: all below their title that end with a number of a page."""
    in_contents = False
    for draft in body:
        is_title = bool(CONTENTS.fullmatch(draft.text.strip()))
        entry = f"{draft.label} {draft.text[-ENTRY_END:]}".strip()
        in_contents = is_title or (in_contents and bool(draft.reason or CONTENTS_ENTRY.fullmatch(entry)))
        if in_contents:
            draft.reason, draft.rank = Reason.CONTENTS, 0


def _find_front(body: list[OutlineParagraph]) -> str:
    """Find the masthead, the title and the contents: all before the first chapter or the first sentence."""
    front = list(takewhile(lambda draft: draft.reason is not None or not _begins_body(draft), body))
    for draft in front:
        draft.reason, draft.rank = draft.reason or Reason.MASTHEAD, 0
    return " ".join(draft.text for draft in front if draft.reason != Reason.CONTENTS)


def _begins_body(draft: OutlineParagraph) -> bool:
    if draft.rank:
        return bool(draft.parsed) or (
            len(draft.text.split()) <= CHAPTER_WORDS and zone_of_chapter(draft.text) in INSIDE
        )
    return bool(draft.parsed and draft.text) or (draft.is_ended and len(draft.text.split()) > SENTENCE_WORDS)


def _nest_headings(body: list[OutlineParagraph]) -> None:
    """Rank what is in a resolution, a decision or an annex below its heading, up to the next chapter.

    An annex after a resolution is that of the resolution; resolutions in another annex are below its heading.
    The lines of a title belong to the heading.
    """
    around = decision = chapter = 0  # rank of what is around a heading; that of a resolution; number of a chapter
    in_annex = is_after_head = False
    for draft in body:
        if draft.rank and draft.series == Series.ANNEX:
            in_annex = not decision
            draft.rank = around = 1 + decision
        elif draft.rank and draft.series == Series.TEXT:
            draft.rank = around = 2 if in_annex or chapter else 1
            decision = 0 if in_annex else around
        elif draft.rank:
            value = draft.parsed.value if draft.parsed and draft.series == Series.CHAPTER else 0
            if value and (not around or value == chapter + 1 > 1):
                around, decision, chapter, in_annex = 0, 0, value, False
            draft.rank += around
            draft.is_title = draft.parsed is None and is_after_head
        is_after_head = draft.rank > 0 and (draft.series in (Series.TEXT, Series.ANNEX) or draft.is_title)
        draft.depth = max(0, draft.rank - 1)
