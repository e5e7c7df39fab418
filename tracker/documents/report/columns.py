"""List the columns of a State's report for CSV, workbook and JSON (docs/reference/report-columns.md).

Headers are stable and in English, codes come with words, dates are ISO 8601, and lists are joined by "; " in a cell.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import starmap
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Paper, Recommendation, Theme
from tracker.documents.report.state import CitedEvidence, Entry, StateReport
from tracker.figures.answers import Figure, Figures, Progress, needs_assistance
from tracker.models import EvidenceVersion, Revision
from tracker.models.answer_fields import IN_FILES, PUBLISHED, AnswerField, AssistanceKind
from tracker.models.evidence import KINDS, EvidenceReader
from tracker.models.status import LABELS, ReasonCode, Status
from tracker.models.validators import UNKEEPABLE, remove_unkeepable

EMPTY: list[object] = []
TEXTS = {str, type(None)}
HASHED = TEXTS | {int, date, datetime}

type Plain = str | int | list[str] | None


class Column(NamedTuple):
    header: str
    value: Callable[..., object]
    is_public: bool = False


# In place of an answer or a theme that is not there.
NO_ANSWER = SimpleNamespace(**dict.fromkeys(field.attname for field in Revision._meta.concrete_fields))
NO_THEME = SimpleNamespace(slug=None, name=None)


class EntryValues(NamedTuple):
    """Hold what the columns of an answer read. `kinds`: names of the kinds of evidence."""

    report: StateReport
    entry: Entry
    unit: Recommendation
    paper: Paper
    theme: Theme | SimpleNamespace
    more_themes: list[Theme]
    answer: Revision | SimpleNamespace
    kinds: dict[str, str]


def public(header: str, value: str | Callable[..., object]) -> Column:
    """Make a column that a published submission has too. How a State works stays with it: when it saved, and more.

    `value`: a path from the row.
    """
    return Column(header, attrgetter(value) if isinstance(value, str) else value, is_public=True)


def of_answer(header: str, value: Callable[[EntryValues], object], is_public: bool = False) -> Column:
    return Column(header, lambda row: None if row.answer is NO_ANSWER else value(row), is_public)


def field(name: str, is_public: bool = False) -> Column:
    return Column(name, attrgetter(f"answer.{name}"), is_public)


def columns_of(answer_field: AnswerField) -> Iterator[Column]:
    name, is_public = answer_field.name, answer_field.name in PUBLISHED
    yield field(name, is_public)
    if answer_field.names_column and answer_field.choices:
        names = dict(answer_field.choices.choices)
        yield of_answer(answer_field.names_column, lambda row: _names(getattr(row.answer, name), names), is_public)


def _names(codes: str | list[str], names: Mapping[str, str | Promise]) -> str | Promise | list[str | Promise]:
    if isinstance(codes, list):
        return [names[code] for code in codes]
    return names[codes] if codes else ""


def counted(status: str) -> Column:
    return Column(status, lambda group, code, name, progress, counts: counts[status])


# In the language of the file when they are written.
DISCLOSURE_NAMES: dict[str, str | Promise] = dict(EvidenceReader.choices)
FORM_NAMES: dict[str, str | Promise] = dict(EvidenceVersion.Form.choices)
REASON_NAMES: dict[str, str | Promise] = dict(ReasonCode.choices)
# The status is "no information" where there is no answer; `ready` comes after the evidence.
FIELDS_AS_COLUMNS = [each for each in IN_FILES if each.name not in ("status", "ready")]
ANSWERS = (
    public("respondent", "report.respondent.code"),
    public("respondent_name", "report.respondent.name"),
    public("data_as_at", "report.at"),
    public("source", "report.source"),
    public("label", "unit.label"),
    public("title", "unit.title"),
    public("body", lambda row: row.report.bodies[0].slug),
    public("meeting", "unit.meeting.number"),
    public("theme", "theme.slug"),
    public("theme_name", "theme.name"),
    public("second_theme", lambda row: [theme.slug for theme in row.more_themes]),
    public("second_theme_name", "more_themes"),
    public("chapeau", lambda row: "\n".join([chapeau.text for chapeau in row.unit.chapeaux])),
    public("text", "unit.text"),
    public("items", lambda row: "\n".join([f"{item.label} {item.text}" for item in row.entry.items])),
    public("strength", "unit.strength"),
    public("asks_to_consider", "unit.asks_to_consider"),
    public("asked", "entry.row.is_to_answer"),
    public("status", "entry.row.status"),
    public("status_name", lambda row: LABELS[row.entry.row.status]),
    *(column for each in FIELDS_AS_COLUMNS for column in columns_of(each)),
    of_answer(
        "evidence", lambda row: "\n".join([citation_text(each, row.kinds) for each in row.entry.citations]), True
    ),
    of_answer("evidence_count", lambda row: len(row.entry.citations), is_public=True),
    field("ready"),
    Column("revision", attrgetter("answer.number")),
    Column("saved_at", attrgetter("answer.created_at")),
    field("received_from"),
    field("received_on"),
    of_answer("answers_current_wording", lambda row: not row.entry.answers_former_wording, is_public=True),
    of_answer("words_withdrawn", lambda row: row.answer.withdrawal_id is not None, is_public=True),
    of_answer("evidence_withheld", lambda row: row.entry.withheld),
    public("marking", "report.mark"),
    public("digest", "report.digest"),
    public("paper_symbol", "paper.symbol"),
    public("paper_title", "paper.title"),
    public("paper_date", "paper.date"),
    public("paragraph", "unit.paragraph"),
    public("notice", "report.notice"),
)

EVIDENCE = (
    public("label", lambda entry, citation: entry.row.unit.label),
    public("recommendation_title", lambda entry, citation: entry.row.unit.title),
    public("evidence", lambda entry, citation: citation.evidence),
    public("version", lambda entry, citation: citation.number),
    public("title", lambda entry, citation: citation.title),
    public("pinpoint", lambda entry, citation: citation.pinpoint),
    public("kind", lambda entry, citation: citation.kind),
    public("kind_name", lambda entry, citation: KINDS[citation.kind]),
    public("document_date", lambda entry, citation: citation.document_date),
    public("language", lambda entry, citation: citation.language),
    Column("disclosure", lambda entry, citation: citation.disclosure),
    Column("disclosure_name", lambda entry, citation: DISCLOSURE_NAMES[citation.disclosure]),
    public("form", lambda entry, citation: citation.form),
    public("form_name", lambda entry, citation: FORM_NAMES[citation.form]),
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
    Column("status_name", lambda entry, kind: LABELS[entry.row.status]),
    Column("lead_institution", lambda entry, kind: entry.revision.lead_institution),
    Column("target_date", lambda entry, kind: entry.revision.target_date),
)

PROGRESS = (
    Column("group", lambda group, code, name, progress, counts: group),
    Column("code", lambda group, code, name, progress, counts: code),
    Column("name", lambda group, code, name, progress, counts: name),
    Column("asked", lambda group, code, name, progress, counts: progress.total),
    Column("answered", lambda group, code, name, progress, counts: progress.answered),
    *(counted(status) for status in Status.values),
    Column(
        "considered_where_asked", lambda group, code, name, progress, counts: progress.considered_where_asked.numerator
    ),
    Column("considered_elsewhere", lambda group, code, name, progress, counts: progress.considered_elsewhere.numerator),
    Column("no_information", lambda group, code, name, progress, counts: progress.no_information.numerator),
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


def entry_values(report: StateReport, entries: Iterable[Entry]) -> Iterator[tuple[EntryValues]]:
    kinds = {code: str(name) for code, name in KINDS.items()}
    for entry in entries:
        unit = entry.row.unit
        theme, answer = unit.primary_theme or NO_THEME, entry.row.revision or NO_ANSWER
        more_themes = [second] if (second := unit.secondary_theme) else []
        yield (EntryValues(report, entry, unit, unit.paper, theme, more_themes, answer, kinds),)


def needs(report: StateReport) -> Iterator[tuple[Entry, AssistanceKind | None]]:
    """Yield each kind of assistance that an answer needs; None for a need in words without a kind."""
    for entry in report.entries:
        if needs_assistance(entry.row):
            kinds: list[AssistanceKind | None] = [*entry.assistance_kinds]
            for kind in kinds or [None]:
                yield entry, kind


def group_rows(figures: Figures) -> Iterator[tuple[str, str | None, str, Progress, Mapping[str, int]]]:
    """Yield kind, code and name of each group, its progress, and the counts of that by status."""
    yield "overall", None, "", figures.overall, figures.overall.counts
    for theme, progress in figures.by_theme:
        name = theme.name if theme else str(_("No theme"))
        yield "theme", theme and theme.slug, name, progress, progress.counts
    for meeting, progress in figures.by_meeting:
        yield "meeting", meeting.roman, meeting.heading, progress, progress.counts


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
    "answers": FileTable(ANSWERS, lambda report: entry_values(report, report.entries)),
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
    return list(read_columns(columns, about, as_cell))


def read_columns(columns: Iterable[Column], about: Iterable[tuple], write: Callable[[object], Any]) -> Iterator[list]:
    """Read column by column, which takes half as long as row by row. `write`: `as_cell` or `plain`."""
    things = list(about)
    for column in columns:
        yield _written(list(starmap(column.value, things)), write)


def _written(values: list[Any], write: Callable[[object], Any]) -> list[Any]:
    """Look at texts all together, and write a value once however many cells have it."""
    kinds = set(map(type, values))
    if kinds <= TEXTS and not UNKEEPABLE.search("".join(filter(None, values))):
        nothing = write(None)
        return [nothing if value is None else value for value in values]
    values = [value or EMPTY if value.__class__ is list else value for value in values]
    keys = values if kinds <= HASHED else list(map(id, values))
    written = {key: write(value) for key, value in dict(zip(keys, values, strict=True)).items()}
    return [written[key] for key in keys]


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
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case list():
            return remove_unkeepable("; ".join(map(str, value)))
    return remove_unkeepable(str(value))


def citation_text(cited: CitedEvidence, kinds: dict[str, str]) -> str:
    """Write `E4 version 1, Form V-1, page 2 (Guidelines or training material; sha256 …)`."""
    place = f"sha256 {cited.sha256}" if cited.sha256 else cited.url or cited.citation
    number = f"{cited.evidence} version {cited.number}"
    title = ", ".join([text for text in (number, cited.title, cited.pinpoint) if text])
    return f"{title} ({'; '.join([text for text in (kinds[cited.kind], place) if text])})"
