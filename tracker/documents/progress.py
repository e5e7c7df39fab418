"""Write every figure of a round as rows, in one list for CSV and workbook (docs/reference/progress-columns.md).

A row is one figure. The working view of what each State answered by theme is in no file.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Meeting
from tracker.documents.csv import csv_with_statements
from tracker.documents.report.columns import Column, as_cell, row
from tracker.documents.sheets import table_workbook
from tracker.documents.statements import WORKING_FIGURES
from tracker.figures.answers import ANSWERS, CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED, Figure, Progress
from tracker.figures.assistance import KINDS as ASSISTANCE_KINDS
from tracker.figures.assistance import Needs, NeedsOf, needs
from tracker.figures.practices import Practices, PracticesOf, practices
from tracker.figures.progress import PartProgress, Region, RoundProgress, UnitProgress, reasons_not_applicable
from tracker.figures.selection import theme_of
from tracker.models import Respondent, RoundUnit
from tracker.models.status import CONSIDERED, NO_INFORMATION, NO_INFORMATION_LABEL, ReasonCode, Status

Others = list[tuple[Respondent, Progress]]

RESPONSE_RATE = "response_rate"
WITHOUT_KIND_CODE = "without_kind"
FIGURES: dict[str, str | Promise] = {
    "submitted": _("States that submitted, of the States invited to report"),
    "left_out": _("States left out because aggregate use is not permitted, of the States that submitted"),
    "withdrawn": _("States that withdrew their submission, of the States invited to report"),
    "treaty_status_unconfirmed": _(
        "States counted as parties although their treaty status is not confirmed, of the States covered"
    ),
    RESPONSE_RATE: _("Recommendations answered, out of those addressed"),
    NO_INFORMATION: _("Recommendations with no information, out of those addressed"),
    "status": _("Answers with this status, of all answers"),
    CONSIDERED_WHERE_ASKED: ANSWERS[CONSIDERED_WHERE_ASKED],
    CONSIDERED_ELSEWHERE: ANSWERS[CONSIDERED_ELSEWHERE],
    "reason": _("Answers “Not applicable” for this reason, of all answers “Not applicable”"),
    "needs": _("Answers that ask for assistance, or for this kind of assistance, of all answers"),
    "states_in_need": _("States that ask for assistance, or for this kind of assistance, of the States covered"),
    "practices": _("Answers marked as a good practice, of all answers"),
    "practices_shared": _("Good practices shared with other States, of all good practices"),
    "states_with_practices": _("States that report a good practice, of the States covered"),
}


class FigureRow(NamedTuple):
    figure: str
    value: Figure
    code: str = ""
    words: str | Promise = ""


class About(NamedTuple):
    """Hold code and name of what figures are about; `entry` is one unit in the round, `region` a regional group."""

    code: str = ""
    name: str | Promise = ""
    entry: RoundUnit | None = None
    region: Region | None = None


Group = tuple[About, Iterable[FigureRow]]


@dataclass(frozen=True)
class AllFigures:
    found: RoundProgress
    others: Others
    _names: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def names(self, figure: FigureRow) -> tuple[str, str]:
        """Return the name of the figure and the words of its code, translated once in a file."""
        key = figure.figure, figure.code
        if key not in self._names:
            self._names[key] = str(FIGURES[figure.figure]), str(figure.words)
        return self._names[key]

    @cached_property
    def practices(self) -> Practices:
        return practices(self.found)


def _all(every: AllFigures) -> Iterator[Group]:
    standing = [
        FigureRow("submitted", every.found.submitted),
        FigureRow("left_out", every.found.left_out),
        FigureRow("withdrawn", every.found.withdrawn),
        FigureRow("treaty_status_unconfirmed", every.found.status_to_confirm),
    ]
    yield About(), [*standing, *_of(every.found.overall)]


def _regions(every: AllFigures) -> Iterator[Group]:
    for region in every.found.by_region:
        yield About(region.code, region.of), [FigureRow("submitted", region.submitted), *_of(region.progress)]


def _parts(parts: Iterable[PartProgress]) -> Iterator[Group]:
    for part in parts:
        yield About(part.slug, part.of.heading if isinstance(part.of, Meeting) else part.of), _of(part.progress)


def _themes_and_regions(every: AllFigures) -> Iterator[Group]:
    for part, regions in every.found.by_theme_and_region:
        for region in regions:
            yield About(part.slug, part.of, region=region), _of(region.progress)


def _units(every: AllFigures) -> Iterator[Group]:
    codes: dict[str | Promise, str] = {reason.label: reason.value for reason in ReasonCode}
    reasons = reasons_not_applicable(every.found)
    for unit_progress in every.found.by_unit:
        given = reasons.get(unit_progress.entry.unit_id, ())
        yield (
            _about(unit_progress),
            [
                *_of(unit_progress.progress),
                *(FigureRow("reason", value, codes[words], words) for words, value in given),
            ],
        )


def _gaps(every: AllFigures) -> Iterator[Group]:
    lists: list[tuple[list[UnitProgress], Callable[[Progress], FigureRow]]] = [
        (every.found.most_unanswered, _unanswered),
        (every.found.most_not_implemented, lambda progress: _status(progress, Status.IMPLEMENTED)),
        (every.found.most_considered_elsewhere, lambda progress: _considered(progress, CONSIDERED_ELSEWHERE)),
        (every.found.most_considered_where_asked, lambda progress: _considered(progress, CONSIDERED_WHERE_ASKED)),
        (every.found.most_not_applicable, lambda progress: _status(progress, Status.NOT_APPLICABLE)),
    ]
    return (
        (_about(unit_progress), [figure_of(unit_progress.progress)])
        for units, figure_of in lists
        for unit_progress in units
    )


def _by_group(counts: Needs | Practices, figures_of: Callable) -> Iterator[Group]:
    regions = {region.code: region for region in counts.found.by_region}
    yield About(), figures_of(counts.overall)
    yield from ((About(region=regions[row.slug]), figures_of(row)) for row in counts.by_region)
    yield from ((About(row.slug, row.of), figures_of(row)) for row in counts.by_theme)


def _of_needs(row: NeedsOf) -> Iterator[FigureRow]:
    yield FigureRow("needs", row.all.needs)
    yield FigureRow("states_in_need", row.all.states)
    for kind, words in ASSISTANCE_KINDS:
        code, counted = kind or WITHOUT_KIND_CODE, row.by_kind[kind]
        yield FigureRow("needs", counted.needs, code, words)
        yield FigureRow("states_in_need", counted.states, code, words)


def _practices_of_families(every: AllFigures) -> Iterator[Group]:
    return ((About(row.slug, row.of), _of_practices(row)) for row in every.practices.by_family)


def _of_practices(row: PracticesOf) -> Iterator[FigureRow]:
    yield FigureRow("practices", row.practices)
    yield FigureRow("practices_shared", row.shared)
    yield FigureRow("states_with_practices", row.states)


def _others(every: AllFigures) -> Iterator[Group]:
    return ((About(respondent.code, respondent.name), _of(progress)) for respondent, progress in every.others)


# By the code in the column `kind`: the sheet and its figures.
KINDS: dict[str, tuple[str, Callable[[AllFigures], Iterator[Group]]]] = {
    "overall": ("Overall", _all),
    "regional_group": ("Regional groups", _regions),
    "theme": ("Themes", lambda every: _parts(every.found.by_theme)),
    "theme_and_group": ("Themes and groups", _themes_and_regions),
    "meeting": ("Meetings", lambda every: _parts(every.found.by_meeting)),
    "strength": ("Strength", lambda every: _parts(every.found.by_strength)),
    "unit": ("Recommendations", _units),
    "gap": ("Gaps", _gaps),
    "assistance": (
        "Technical assistance",
        lambda every: _by_group(needs(every.found, with_marks=False), _of_needs),
    ),
    "practices": ("Good practices", lambda every: _by_group(every.practices, _of_practices)),
    "practices_of_family": ("Practices of families", _practices_of_families),
    "respondent": ("Not counted as States", _others),
}

# Those of a group come before and after those of its figures.
OF_GROUP = (
    Column("round", lambda found, kind, about: found.round.code),
    Column("kind", lambda found, kind, about: kind),
    Column("of", lambda found, kind, about: about.code),
    Column("title", lambda found, kind, about: about.entry and about.entry.unit.title),
    Column("of_name", lambda found, kind, about: about.name),
)
OF_FIGURE = (
    Column("figure", lambda figure, name, words: figure.figure),
    Column("figure_name", lambda figure, name, words: name),
    Column("status", lambda figure, name, words: figure.code),
    Column("status_name", lambda figure, name, words: words),
    Column("numerator", lambda figure, name, words: figure.value.numerator),
    Column("denominator", lambda figure, name, words: figure.value.denominator),
    Column("as_at", lambda figure, name, words: figure.value.at),
    Column("source", lambda figure, name, words: figure.value.source),
)
ABOUT_GROUP = (
    Column("regional_group", lambda about: about.region and about.region.code),
    Column("regional_group_name", lambda about: about.region and about.region.of),
    Column("meeting", lambda about: about.entry and about.entry.unit.meeting.number),
    Column("theme", lambda about: about.entry and theme_of(about.entry)[0]),
    Column("theme_name", lambda about: about.entry and theme_of(about.entry)[1]),
    Column("strength", lambda about: about.entry and about.entry.unit.strength),
    Column("asks_to_consider", lambda about: about.entry and about.entry.unit.asks_to_consider),
)
HEADERS = [column.header for column in (*OF_GROUP, *OF_FIGURE, *ABOUT_GROUP)]
WIDTHS = {
    "of": 30,
    "title": 40,
    "of_name": 60,
    "figure": 28,
    "figure_name": 60,
    "status": 28,
    "status_name": 28,
    "as_at": 25,
}


def rows(every: AllFigures, kind: str) -> Iterator[list[str | int]]:
    _sheet, groups = KINDS[kind]
    for about, figures in groups(every):
        before, after = row(OF_GROUP, every.found, kind, about), row(ABOUT_GROUP, about)
        for figure in figures:
            yield before + row(OF_FIGURE, figure, *every.names(figure)) + after


def csv(found: RoundProgress, others: Others) -> str:
    every = AllFigures(found, others)
    return csv_with_statements(HEADERS, (cells for kind in KINDS for cells in rows(every, kind)), WORKING_FIGURES)


def workbook(found: RoundProgress, others: Others) -> bytes:
    every = AllFigures(found, others)
    tables = {title: rows(every, kind) for kind, (title, _groups) in KINDS.items()}
    return table_workbook(tables, HEADERS, WIDTHS, [found.round.name, as_cell(found.at), found.source])


def file_name(found: RoundProgress, extension: str) -> str:
    return f"figures-{found.round.code}-{found.at:%Y-%m-%d}.{extension}"


def _of(progress: Progress) -> Iterable[FigureRow]:
    """Yield the figures that belong together, with "considered, not taken up" as one figure and in its two parts.

    Yield nothing where no counted State has anything to answer.
    """
    if not progress.total:
        return
    yield FigureRow(RESPONSE_RATE, progress.response_rate)
    yield _unanswered(progress)
    yield from (_status(progress, status) for status in Status)
    yield _considered(progress, CONSIDERED_WHERE_ASKED)
    yield _considered(progress, CONSIDERED_ELSEWHERE)


def _unanswered(progress: Progress) -> FigureRow:
    return FigureRow(NO_INFORMATION, progress.no_information, NO_INFORMATION, NO_INFORMATION_LABEL)


def _status(progress: Progress, status: Status) -> FigureRow:
    return FigureRow("status", progress.of_status(status), status.value, status.label)


def _considered(progress: Progress, figure: str) -> FigureRow:
    return FigureRow(figure, getattr(progress, figure), CONSIDERED.value, CONSIDERED.label)


def _about(unit_progress: UnitProgress) -> About:
    return About(unit_progress.unit.label, unit_progress.unit.text, unit_progress.entry)
