"""Find where the recommendations of a document are: by its headings, else by what its paragraphs ask. No Django."""

import re
from collections.abc import Iterable

from recommendations.outline.asks import Speaker, finds_clause
from recommendations.outline.chapters import (
    ANNEXED,
    COLUMN,
    INSIDE,
    TELLS,
    Zone,
    names_recommendations,
    zone_of_chapter,
    zone_of_section,
)
from recommendations.outline.labels import ITEMS, Series
from recommendations.outline.layout import BODY_SPEAKS
from recommendations.outline.outline import OutlineParagraph

NAMES_THEM = re.compile(r"recommend", re.IGNORECASE)
MOST = 0.6  # of the paragraphs of a chapter


def find_zones(body: list[OutlineParagraph], title: str) -> None:
    """Give each paragraph the zone of its part, and say which are of a resolution or decision (`in_decision`)."""
    _follow_headings(body)
    headings = [draft for draft in body if draft.rank]
    if not any(
        draft.series == Series.TEXT or (draft.zone in INSIDE and NAMES_THEM.search(draft.text)) for draft in headings
    ):
        _find_without_headings(body, names_recommendations(title) or not headings)
    _find_columns(body)


def _follow_headings(body: list[OutlineParagraph]) -> None:
    path: list[tuple[int, Zone, bool]] = [(0, Zone.UNKNOWN, False)]  # rank, zone, in_decision
    for index, draft in enumerate(body):
        if draft.reason is not None:
            continue
        zone, in_decision = path[-1][1:]
        if draft.rank and not draft.is_title:
            path = [each for each in path if each[0] < draft.rank]
            _rank, zone, in_decision = path[-1]
            zone = _zone_of_heading(draft, _title(body, index), zone)
            in_decision = (
                zone in INSIDE if draft.series == Series.TEXT else in_decision and draft.series != Series.ANNEX
            )
            path.append((draft.rank, zone, in_decision))
        elif draft.parsed is None and zone in (*INSIDE, Zone.UNKNOWN) and BODY_SPEAKS.fullmatch(draft.text):
            zone, in_decision = Zone.RECOMMENDATIONS, True
            path[-1] = (path[-1][0], zone, in_decision)
        draft.zone, draft.in_decision = zone, in_decision


def _title(body: list[OutlineParagraph], index: int) -> str:
    """Return the words of a heading with the lines of its title."""
    end = index + 1
    while end < len(body) and body[end].is_title:
        end += 1
    return " ".join(draft.text for draft in body[index:end])


def _zone_of_heading(draft: OutlineParagraph, title: str, above: Zone) -> Zone:
    found = zone_of_chapter(title)
    if draft.series == Series.ANNEX:
        return found if found in INSIDE and ANNEXED.search(title) else Zone.ANNEX  # type: ignore[return-value]
    if draft.series == Series.TEXT:
        return Zone.ANNEX if above == Zone.ANNEX else Zone.RECOMMENDATIONS
    if above in INSIDE:
        return zone_of_section(title) or above
    if above == Zone.ANNEX or (found not in INSIDE and draft.rank > 1):
        return above
    return found or Zone.UNKNOWN


def _find_without_headings(body: list[OutlineParagraph], is_all: bool) -> None:
    """Find the recommendations where no heading names them. `is_all`: the title does, or there is no heading."""
    chapters: dict[int, list[OutlineParagraph]] = {}
    chapter = 0
    for index, draft in enumerate(body):
        chapter = index if draft.rank == 1 else chapter
        if draft.zone == Zone.UNKNOWN:
            chapters.setdefault(chapter, []).append(draft)
    for drafts in chapters.values():
        if is_all or _asks_most(drafts):
            for draft in drafts:
                draft.zone = Zone.RECOMMENDATIONS


def _asks_most(chapter: Iterable[OutlineParagraph]) -> bool:
    """Whether most paragraphs of a chapter ask for something."""
    first = [
        finds_clause(draft.text) and not TELLS.search(draft.text) and not Speaker.says(draft.text)
        for draft in chapter
        if draft.reason is None and not draft.rank and draft.series not in ITEMS
    ]
    return len(first) > 1 and sum(first) > MOST * len(first)


def _find_columns(body: list[OutlineParagraph]) -> None:
    """Find the cells of recommendations, and of their numbers: those of a table with a head that says so."""
    columns: dict[int, int] = {}  # by the number of the table
    for draft in body:
        if draft.source.cell is None or draft.zone in (Zone.ANNEX, Zone.REPORT):
            continue
        table, row, column = draft.source.cell
        if row == 0 and COLUMN.fullmatch(draft.text.strip()):
            columns.setdefault(table, column)
        elif table in columns and (column == columns[table] or not draft.text):
            draft.zone, draft.in_column = Zone.RECOMMENDATIONS, column == columns[table]
