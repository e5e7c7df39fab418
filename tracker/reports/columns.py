"""The columns of the answers and of the evidence in files: one list for CSV and for the workbook, documented in
docs/reference/report-columns.md.

Headers are stable and in English, codes stand beside words, dates are ISO 8601, lists are joined by "; ".
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple

from tracker.models import Citation, EvidenceVersion, Revision
from tracker.models.record import NO_INFORMATION, NO_INFORMATION_LABEL, ReasonCode, Status
from tracker.reports.state import Entry

STATUSES = {**dict(Status.choices), NO_INFORMATION: NO_INFORMATION_LABEL}
REASONS = {**dict(ReasonCode.choices), "": ""}
KINDS = dict(EvidenceVersion.Kind.choices)
DISCLOSURES = dict(EvidenceVersion.Disclosure.choices)
FORMS = dict(EvidenceVersion.Form.choices)


class Column(NamedTuple):
    """`value` is given what a row is about."""

    header: str
    value: Callable[..., object]


def answer(header: str, value: Callable[[Entry, Revision], object]) -> Column:
    """A column about the answer: empty where there is none."""
    return Column(header, lambda report, entry: value(entry, entry.revision) if entry.revision else "")


def field(name: str) -> Column:
    return answer(name, lambda entry, revision: getattr(revision, name))


ANSWERS = (
    Column("respondent", lambda report, entry: report.respondent.code),
    Column("respondent_name", lambda report, entry: report.respondent.name),
    Column("data_as_at", lambda report, entry: report.at),
    Column("source", lambda report, entry: report.source),
    Column("label", lambda report, entry: entry.row.unit.label),
    Column("meeting", lambda report, entry: entry.row.meeting.number),
    Column("theme", lambda report, entry: entry.row.theme and entry.row.theme.slug),
    Column("theme_name", lambda report, entry: entry.row.theme),
    Column("second_theme", lambda report, entry: joined(theme.slug for theme in entry.row.themes[1:])),
    Column("second_theme_name", lambda report, entry: joined(entry.row.themes[1:])),
    Column("chapeau", lambda report, entry: "\n".join(chapeau.text for chapeau in entry.row.unit.chapeaux)),
    Column("text", lambda report, entry: entry.row.unit.text),
    Column("items", lambda report, entry: "\n".join(f"{i.label} {i.text}" for i in entry.items)),
    Column("strength", lambda report, entry: entry.row.unit.strength),
    Column("asks_to_consider", lambda report, entry: entry.row.unit.asks_to_consider),
    Column("asked", lambda report, entry: entry.row.is_asked),
    Column("status", lambda report, entry: entry.row.status),
    Column("status_name", lambda report, entry: STATUSES[entry.row.status]),
    field("reason_code"),
    answer("reason_name", lambda entry, revision: REASONS[revision.reason_code]),
    field("reasons"),
    field("measures"),
    field("difficulties"),
    answer("assistance_kinds", lambda entry, revision: joined(kind.value for kind in entry.assistance_kinds)),
    answer("assistance_kind_names", lambda entry, revision: joined(kind.label for kind in entry.assistance_kinds)),
    field("assistance"),
    field("good_practice"),
    field("good_practice_shared"),
    answer("items_met", lambda entry, revision: joined(revision.items_met)),
    field("lead_institution"),
    field("target_date"),
    field("situation_as_at"),
    field("language"),
    answer("evidence", lambda entry, revision: "\n".join(described(citation) for citation in entry.citations)),
    answer("evidence_count", lambda entry, revision: len(entry.citations)),
    field("ready"),
    answer("revision", lambda entry, revision: revision.number),
    answer("saved_at", lambda entry, revision: revision.created_at),
    field("received_from"),
    field("received_on"),
    answer("answers_current_wording", lambda entry, revision: not entry.answers_an_earlier_wording),
    answer("words_withdrawn", lambda entry, revision: revision.withdrawal_id is not None),
    Column("notice", lambda report, entry: " ".join(report.statements)),
)

EVIDENCE = (
    Column("label", lambda entry, citation: entry.row.unit.label),
    Column("evidence", lambda entry, citation: citation.evidence_version.evidence),
    Column("version", lambda entry, citation: citation.evidence_version.number),
    Column("title", lambda entry, citation: citation.evidence_version.title),
    Column("pinpoint", lambda entry, citation: citation.pinpoint),
    Column("kind", lambda entry, citation: citation.evidence_version.kind),
    Column("kind_name", lambda entry, citation: KINDS[citation.evidence_version.kind]),
    Column("document_date", lambda entry, citation: citation.evidence_version.document_date),
    Column("language", lambda entry, citation: citation.evidence_version.language),
    Column("disclosure", lambda entry, citation: citation.evidence_version.disclosure),
    Column("disclosure_name", lambda entry, citation: DISCLOSURES[citation.evidence_version.disclosure]),
    Column("form", lambda entry, citation: citation.evidence_version.form),
    Column("form_name", lambda entry, citation: FORMS[citation.evidence_version.form]),
    Column("file_name", lambda entry, citation: citation.evidence_version.file_name),
    Column("sha256", lambda entry, citation: sha256_of(citation.evidence_version)),
    Column("link", lambda entry, citation: citation.evidence_version.url),
    Column("citation", lambda entry, citation: citation.evidence_version.citation),
)


def row(columns: Iterable[Column], *about: object) -> list[str | int]:
    return [as_cell(column.value(*about)) for column in columns]


def as_cell(value: object) -> str | int:
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
    return str(value)


def joined(values: Iterable[object]) -> str:
    return "; ".join(str(value) for value in values)


def sha256_of(version: EvidenceVersion) -> str:
    return version.file.sha256 if version.file else ""


def described(citation: Citation) -> str:
    """`E4 version 1, Form V-1, page 2 (Guidelines or training material; sha256 …)`."""
    version = citation.evidence_version
    place = f"sha256 {version.file.sha256}" if version.file else version.url or version.citation
    name = f"{version.evidence} version {version.number}"
    title = ", ".join(part for part in (name, version.title, citation.pinpoint) if part)
    return f"{title} ({joined(part for part in (KINDS[version.kind], place) if part)})"
