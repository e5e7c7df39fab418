"""List the columns of a State's report for CSV, workbook and JSON (docs/reference/report-columns.md).

Headers are stable and in English, codes come with words, dates are ISO 8601, and lists are joined by "; " in a cell.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import starmap
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from recommendations.models import EvidenceKind
from tracker.documents.report.answer import status_name
from tracker.documents.report.state import CitedEvidence, Entry, StateReport
from tracker.figures.answers import Figure, Figures, Progress, needs_assistance
from tracker.models import EvidenceVersion, Revision
from tracker.models.answer_fields import IN_FILES, PUBLISHED, AnswerField, AssistanceKind
from tracker.models.evidence import EvidenceReader
from tracker.models.status import Status
from tracker.models.validators import remove_unkeepable

REMEMBERED = 64  # lists of names, each in one language

type Plain = str | int | list[str] | None


class Column(NamedTuple):
    header: str
    value: Callable[..., object]
    is_public: bool = False


def public(header: str, value: Callable[..., object]) -> Column:
    """Make a column that a published submission has too. How a State works stays with it: when it saved, and more."""
    return Column(header, value, is_public=True)


def answer(header: str, value: Callable[[Entry, Revision], object], is_public: bool = False) -> Column:
    return Column(header, lambda report, entry: value(entry, entry.revision) if entry.revision else None, is_public)


def field(name: str, is_public: bool = False) -> Column:
    return Column(name, lambda report, entry: getattr(entry.revision, name, None), is_public)


def columns_of(answer_field: AnswerField) -> Iterator[Column]:
    name, is_public = answer_field.name, answer_field.name in PUBLISHED
    yield field(name, is_public)
    if answer_field.names_column and answer_field.choices:
        choices = answer_field.choices
        column = answer(answer_field.names_column, lambda entry, revision: _names(getattr(revision, name), choices))
        yield column._replace(is_public=is_public)


def _names(codes: str | list[str], choices: type[TextChoices]) -> str | list[str]:
    return [name_of(code, choices) for code in codes] if isinstance(codes, list) else name_of(codes, choices)


def name_of(code: str, choices: type[TextChoices]) -> str:
    return _names_in(get_language(), choices)[code] if code else ""


@lru_cache(REMEMBERED)
def _names_in(language: str | None, choices: type[TextChoices]) -> dict[str, str]:
    return {code: str(name) for code, name in choices.choices}


def counted(status: str) -> Column:
    return Column(status, lambda group, code, name, progress: progress.counts[status])


# The status is "no information" where there is no answer; `ready` comes after the evidence.
FIELDS_AS_COLUMNS = [each for each in IN_FILES if each.name not in ("status", "ready")]
ANSWERS = (
    public("respondent", lambda report, entry: report.respondent.code),
    public("respondent_name", lambda report, entry: report.respondent.name),
    public("data_as_at", lambda report, entry: report.at),
    public("source", lambda report, entry: report.source),
    public("label", lambda report, entry: entry.row.unit.label),
    public("title", lambda report, entry: entry.row.unit.title),
    public("body", lambda report, entry: report.bodies[0].slug),
    public("meeting", lambda report, entry: entry.row.meeting.number),
    public("theme", lambda report, entry: entry.row.theme and entry.row.theme.slug),
    public("theme_name", lambda report, entry: entry.row.theme),
    public("second_theme", lambda report, entry: [theme.slug for theme in entry.row.themes[1:]]),
    public("second_theme_name", lambda report, entry: list(entry.row.themes[1:])),
    public("chapeau", lambda report, entry: "\n".join(chapeau.text for chapeau in entry.row.unit.chapeaux)),
    public("text", lambda report, entry: entry.row.unit.text),
    public("items", lambda report, entry: "\n".join(f"{i.label} {i.text}" for i in entry.items)),
    public("strength", lambda report, entry: entry.row.unit.strength),
    public("asks_to_consider", lambda report, entry: entry.row.unit.asks_to_consider),
    public("asked", lambda report, entry: entry.row.is_to_answer),
    public("status", lambda report, entry: entry.row.status),
    public("status_name", lambda report, entry: status_name(entry)),
    *(column for each in FIELDS_AS_COLUMNS for column in columns_of(each)),
    answer(
        "evidence",
        lambda entry, revision: "\n".join(citation_text(citation) for citation in entry.citations),
        is_public=True,
    ),
    answer("evidence_count", lambda entry, revision: len(entry.citations), is_public=True),
    field("ready"),
    answer("revision", lambda entry, revision: revision.number),
    answer("saved_at", lambda entry, revision: revision.created_at),
    field("received_from"),
    field("received_on"),
    answer("answers_current_wording", lambda entry, revision: not entry.answers_former_wording, is_public=True),
    answer("words_withdrawn", lambda entry, revision: revision.withdrawal_id is not None, is_public=True),
    answer("evidence_withheld", lambda entry, revision: entry.withheld),
    public("marking", lambda report, entry: report.mark),
    public("digest", lambda report, entry: report.digest),
    public("paper_symbol", lambda report, entry: entry.row.unit.paper.symbol),
    public("paper_title", lambda report, entry: entry.row.unit.paper.title),
    public("paper_date", lambda report, entry: entry.row.unit.paper.date),
    public("paragraph", lambda report, entry: entry.row.unit.paragraph),
    public("notice", lambda report, entry: report.notice),
)

EVIDENCE = (
    public("label", lambda entry, citation: entry.row.unit.label),
    public("recommendation_title", lambda entry, citation: entry.row.unit.title),
    public("evidence", lambda entry, citation: citation.evidence),
    public("version", lambda entry, citation: citation.number),
    public("title", lambda entry, citation: citation.title),
    public("pinpoint", lambda entry, citation: citation.pinpoint),
    public("kind", lambda entry, citation: citation.kind),
    public("kind_name", lambda entry, citation: name_of(citation.kind, EvidenceKind)),
    public("document_date", lambda entry, citation: citation.document_date),
    public("language", lambda entry, citation: citation.language),
    Column("disclosure", lambda entry, citation: citation.disclosure),
    Column("disclosure_name", lambda entry, citation: name_of(citation.disclosure, EvidenceReader)),
    public("form", lambda entry, citation: citation.form),
    public("form_name", lambda entry, citation: name_of(citation.form, EvidenceVersion.Form)),
    public("file_name", lambda entry, citation: citation.file_name),
    public("sha256", lambda entry, citation: citation.sha256 or ""),
    public("link", lambda entry, citation: citation.url),
    public("citation", lambda entry, citation: citation.citation),
    public("file_withdrawn", lambda entry, citation: citation.withdrawal is not None),
)

ASSISTANCE = (
    Column("label", lambda entry, kind: entry.row.unit.label),
    Column("title", lambda entry, kind: entry.row.unit.title),
    Column("theme", lambda entry, kind: entry.row.theme and entry.row.theme.slug),
    Column("theme_name", lambda entry, kind: entry.row.theme),
    Column("asked", lambda entry, kind: entry.row.is_to_answer),
    Column("kind", lambda entry, kind: kind and kind.value),
    Column("kind_name", lambda entry, kind: kind and kind.label),
    Column("assistance", lambda entry, kind: entry.revision.assistance),
    Column("language", lambda entry, kind: entry.revision.language),
    Column("status", lambda entry, kind: entry.row.status),
    Column("status_name", lambda entry, kind: status_name(entry)),
    Column("lead_institution", lambda entry, kind: entry.revision.lead_institution),
    Column("target_date", lambda entry, kind: entry.revision.target_date),
)

PROGRESS = (
    Column("group", lambda group, code, name, progress: group),
    Column("code", lambda group, code, name, progress: code),
    Column("name", lambda group, code, name, progress: name),
    Column("asked", lambda group, code, name, progress: progress.total),
    Column("answered", lambda group, code, name, progress: progress.answered),
    *(counted(status) for status in Status.values),
    Column("considered_where_asked", lambda group, code, name, progress: progress.considered_where_asked.numerator),
    Column("considered_elsewhere", lambda group, code, name, progress: progress.considered_elsewhere.numerator),
    Column("no_information", lambda group, code, name, progress: progress.no_information.numerator),
)

FIGURES = (
    Column("figure", lambda code, name, figure: code),
    Column("name", lambda code, name, figure: name),
    Column("numerator", lambda code, name, figure: figure.numerator),
    Column("denominator", lambda code, name, figure: figure.denominator),
    Column("as_at", lambda code, name, figure: figure.at),
    Column("source", lambda code, name, figure: figure.source),
)


class FileTable(NamedTuple):
    columns: tuple[Column, ...]
    about: Callable[[StateReport], Iterable[tuple]]


def needs(report: StateReport) -> Iterator[tuple[Entry, AssistanceKind | None]]:
    """Yield each kind of assistance that an answer needs; None for a need in words without a kind."""
    for entry in report.entries:
        if needs_assistance(entry.row):
            kinds: list[AssistanceKind | None] = [*entry.assistance_kinds]
            for kind in kinds or [None]:
                yield entry, kind


def group_rows(figures: Figures) -> Iterator[tuple[str, str | None, str, Progress]]:
    yield "overall", None, "", figures.overall
    for theme, progress in figures.by_theme:
        yield "theme", theme and theme.slug, theme.name if theme else str(_("No theme")), progress
    for meeting, progress in figures.by_meeting:
        yield "meeting", meeting.roman, meeting.heading, progress


def named_figures(figures: Figures) -> Iterator[tuple[str, str | Promise, Figure]]:
    overall = figures.overall
    yield "response_rate", _("Recommendations answered, out of those addressed"), overall.response_rate
    yield "no_information", _("Recommendations with no information, out of those addressed"), overall.no_information
    for status, figure in overall.distribution.items():
        yield status.value, status.label, figure
    yield "considered_where_asked", _("Considered, not taken up (asked to consider)"), overall.considered_where_asked
    yield "considered_elsewhere", _("Considered, not taken up (asked to act)"), overall.considered_elsewhere
    yield "ready", _("Answers marked ready"), figures.ready
    yield "unready", _("Answered, not ready"), figures.unready
    yield "with_evidence", _("Answers that cite evidence"), figures.with_evidence
    yield "assistance_needed", _("Answers that ask for assistance"), figures.assistance_needed
    for kind, figure in figures.assistance.items():
        yield f"assistance_{kind.value}", kind.label, figure
    yield "target_dated", _("Outstanding recommendations with a target date"), figures.target_dated
    yield "overdue", _("Outstanding recommendations whose target date has passed"), figures.overdue


FILE_TABLES = {
    "figures": FileTable(FIGURES, lambda report: named_figures(report.figures)),
    "progress": FileTable(PROGRESS, lambda report: group_rows(report.figures)),
    "answers": FileTable(ANSWERS, lambda report: ((report, entry) for entry in report.entries)),
    "evidence": FileTable(
        EVIDENCE, lambda report: ((entry, citation) for entry in report.entries for citation in entry.citations)
    ),
    "assistance": FileTable(ASSISTANCE, needs),
}


def headers(name: str) -> list[str]:
    return [column.header for column in FILE_TABLES[name].columns]


def table_cells(name: str, report: StateReport) -> list[list[str | int]]:
    columns, about = FILE_TABLES[name]
    return cells(columns, about(report))


def cells(columns: Iterable[Column], about: Iterable[tuple]) -> list[list[str | int]]:
    """Write column by column, which takes half as long as row by row."""
    things = list(about)
    return [list(_column(starmap(column.value, things))) for column in columns]


def _column(values: Iterable[object]) -> Iterator[str | int]:
    """Write a value once where the next cells have the same."""
    last, cell = None, as_cell(None)
    for value in values:
        if value is not last:
            last, cell = value, as_cell(value)
        yield cell


def row(columns: Iterable[Column], *about: object) -> list[str | int]:
    return [as_cell(column.value(*about)) for column in columns]


def named(columns: Iterable[Column], *about: object) -> dict[str, Plain]:
    return {column.header: plain(column.value(*about)) for column in columns}


def plain(value: object) -> Plain:
    """Write the value as in a cell, but keep lists, booleans and None."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, list):
        return [str(part) for part in value]
    return as_cell(value)


def as_cell(value: object) -> str | int:
    """Write moments in UTC; remove what no file can contain."""
    if value.__class__ is str:
        return remove_unkeepable(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return remove_unkeepable("; ".join(map(str, value)) if isinstance(value, list) else str(value))


def citation_text(cited: CitedEvidence) -> str:
    """Write `E4 version 1, Form V-1, page 2 (Guidelines or training material; sha256 …)`."""
    place = f"sha256 {cited.sha256}" if cited.sha256 else cited.url or cited.citation
    title = ", ".join(filter(None, [f"{cited.evidence} version {cited.number}", cited.title, cited.pinpoint]))
    return f"{title} ({'; '.join(filter(None, [name_of(cited.kind, EvidenceKind), place]))})"
