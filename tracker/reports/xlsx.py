"""A State's report as a workbook. Text is written as text and never as a formula or a link."""

from collections.abc import Iterable, Iterator
from io import BytesIO

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tracker.models.record import Status
from tracker.reports.asked import addressed, treaty_status
from tracker.reports.columns import ANSWERS, EVIDENCE, Column, as_cell, row
from tracker.reports.figures import Figure, Figures, Progress
from tracker.reports.state import TITLE, WORKING_DOCUMENT, StateReport

TRUNCATED = -2  # what write_string says of a text of which a cell, of 32,767 characters, holds the beginning only
WIDE, NARROW = 60, 16  # characters
WIDE_COLUMNS = {"chapeau", "text", "items", "reasons", "measures", "difficulties", "assistance", "evidence", "title"}
PROGRESS_HEADERS = (
    "group",
    "code",
    "name",
    "asked",
    "answered",
    *Status.values,
    "considered_where_asked",
    "considered_elsewhere",
    "no_information",
)
FIGURE_HEADERS = ("figure", "name", "numerator", "denominator", "as_at", "source")


def workbook(report: StateReport) -> BytesIO:
    """Four sheets: Summary, Answers, Evidence and About."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": str(TITLE), "subject": report.respondent.name, "comments": str(WORKING_DOCUMENT)})
        heads = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        cells = book.add_format({"text_wrap": True, "valign": "top"})
        _write_summary(book.add_worksheet("Summary"), report, heads)
        entries = [(report, entry) for entry in report.entries]
        _write_table(book.add_worksheet("Answers"), ANSWERS, entries, heads, cells)
        citations = [(entry, citation) for entry in report.entries for citation in entry.citations]
        _write_table(book.add_worksheet("Evidence"), EVIDENCE, citations, heads, cells)
        _write_about(book.add_worksheet("About"), report, cells)
    file.seek(0)
    return file


def _write_summary(sheet: Worksheet, report: StateReport, heads) -> None:
    title: list[list[str]] = [
        [str(TITLE)],
        [f"{report.respondent.name} ({report.respondent.code})"],
        [str(WORKING_DOCUMENT)],
        [date_format(report.at, "DATETIME_FORMAT") + " UTC"],
        [treaty_status(report.respondent)],
        [addressed(report.respondent, len(report.asked))],
        [_("Self-reported by States, not verified by the Secretariat.")],
        [],
    ]
    progress = list(_progress_rows(report.figures))
    lines = [*title, PROGRESS_HEADERS, *progress, [], FIGURE_HEADERS, *_figure_rows(report.figures)]
    headers = {0, len(title), len(title) + len(progress) + 2}
    for number, line in enumerate(lines):
        _write_row(sheet, number, line, heads if number in headers else None)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 2, WIDE)
    sheet.set_column(3, len(PROGRESS_HEADERS), NARROW)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _progress_rows(figures: Figures) -> Iterator[list]:
    yield ["overall", "", "", *_progress_cells(figures.overall)]
    for theme, progress in figures.by_theme:
        yield ["theme", theme.slug if theme else "", theme.name if theme else _("No theme"), *_progress_cells(progress)]
    for meeting, progress in figures.by_meeting:
        yield ["meeting", meeting.roman, meeting.heading, *_progress_cells(progress)]


def _progress_cells(progress: Progress) -> list[int]:
    return [
        progress.asked,
        progress.answered,
        *progress.counts.values(),
        progress.considered_where_asked.numerator,
        progress.considered_elsewhere.numerator,
        progress.no_information.numerator,
    ]


def _figure_rows(figures: Figures) -> Iterator[list]:
    for code, name, figure in _named(figures):
        yield [code, str(name), figure.numerator, figure.denominator, as_cell(figure.at), str(figure.source)]


def _named(figures: Figures) -> Iterator[tuple[str, str | Promise, Figure]]:
    overall = figures.overall
    yield "response_rate", _("Units answered, of the units asked"), overall.response_rate
    yield "no_information", _("Units without information, of the units asked"), overall.no_information
    for status, figure in overall.distribution.items():
        yield status.value, status.label, figure
    yield "considered_where_asked", _("… where the text asks to consider"), overall.considered_where_asked
    yield "considered_elsewhere", _("… elsewhere"), overall.considered_elsewhere
    yield "ready", _("Answers marked ready"), figures.ready
    yield "unready", _("Answers not marked ready"), figures.unready
    yield "with_evidence", _("Answers that cite evidence"), figures.with_evidence
    yield "assistance_needed", _("Answers that need technical assistance"), figures.assistance_needed
    for kind, figure in figures.assistance.items():
        yield f"assistance_{kind.value}", kind.label, figure
    yield "target_dated", _("Unfinished, with a target date"), figures.target_dated
    yield "overdue", _("Target dates that have passed"), figures.overdue


def _write_table(sheet: Worksheet, columns: tuple[Column, ...], about: Iterable[tuple], heads, cells) -> None:
    _write_row(sheet, 0, [column.header for column in columns], heads)
    rows = 0
    for rows, things in enumerate(about, start=1):
        _write_row(sheet, rows, row(columns, *things), cells)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, WIDE if column.header in WIDE_COLUMNS else NARROW)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, rows, len(columns) - 1)


def _write_about(sheet: Worksheet, report: StateReport, cells) -> None:
    for number, statement in enumerate(report.statements):
        _write_row(sheet, number, [statement], cells)
    sheet.set_column(0, 0, 100)


def _write_row(sheet: Worksheet, number: int, values: Iterable[str | int], cell_format) -> None:
    for position, value in enumerate(values):
        if isinstance(value, int):
            sheet.write_number(number, position, value, cell_format)
        elif sheet.write_string(number, position, value, cell_format) == TRUNCATED:
            notice = _("[Cut: a cell holds 32,767 characters. The whole text is in the CSV and on the page.]")
            sheet.write_string(number, position, f"{notice} {value}", cell_format)
