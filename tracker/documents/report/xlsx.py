from collections.abc import Iterator
from io import BytesIO

from django.utils.formats import date_format
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tracker.documents.report.columns import PROGRESS, headers, table_cells
from tracker.documents.report.state import TITLE, StateReport
from tracker.documents.sheets import Cells, fill_sheets, set_direction, set_table, write_row, write_statements
from tracker.queries.addressees import describe_unit_count, treaty_status

ABOUT_WIDTH, WIDE, MIDDLING, NARROW, FILTER = 100, 60, 34, 16, 3  # characters; the arrow of a filter covers three
TABLES = {"Answers": "answers", "Evidence": "evidence", "Assistance": "assistance"}


def workbook(report: StateReport) -> bytes:
    file = BytesIO()
    tables = {title: table_cells(name, report) for title, name in TABLES.items()}
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": str(TITLE), "subject": report.respondent.name, "comments": report.mark})
        heads = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        cells = book.add_format({"text_wrap": True, "valign": "top"})
        _write_figures(book.add_worksheet("Summary"), report, heads)
        for title, name in TABLES.items():
            _write_heads(book.add_worksheet(title), headers(name), tables[title], heads, cells)
        write_statements(book.add_worksheet("About"), report.statements, cells, ABOUT_WIDTH)
        for sheet in book.worksheets():
            _set_page(sheet, report)
        set_direction(book)
    return fill_sheets(file, {number: zip(*columns, strict=True) for number, columns in enumerate(tables.values(), 2)})


def _set_page(sheet: Worksheet, report: StateReport) -> None:
    marking = " ".join(filter(None, [report.mark, report.digest and f"SHA-256 {report.digest}"]))
    sheet.set_header(f"&L{_as_text(f'{report.respondent.name}: {TITLE}')}")
    sheet.set_footer(f"&L&8{_as_text(marking)}&R&8&P / &N")
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _as_text(words: str) -> str:
    """Escape ampersands, which begin codes in the head and foot of a page; these have at most 255 characters."""
    return words[:150].replace("&", "&&")


def _write_figures(sheet: Worksheet, report: StateReport, heads) -> None:
    title = [[line] for line in _title(report)]
    progress, figures = (list(zip(*table_cells(name, report), strict=True)) for name in ("progress", "figures"))
    lines: list[Cells] = [*title, [], headers("progress"), *progress, [], headers("figures"), *figures]
    bold = {0, len(title) + 1, len(title) + len(progress) + 3}
    for number, line in enumerate(lines):
        write_row(sheet, number, line, heads if number in bold else None)
    sheet.set_column(0, 1, MIDDLING)
    sheet.set_column(2, 2, WIDE)
    sheet.set_column(3, len(PROGRESS), NARROW)


def _title(report: StateReport) -> Iterator[str]:
    yield str(TITLE)
    yield f"{report.respondent.name} ({report.respondent.code})"
    yield report.mark
    if report.digest:
        yield f"SHA-256 {report.digest}"
    yield date_format(report.at, "DATETIME_FORMAT") + " UTC"
    yield treaty_status(report.respondent)
    yield describe_unit_count(report.respondent, len(report.to_answer))
    yield str(report.own_statements[0])


def _write_heads(sheet: Worksheet, heads: list[str], columns: list[list[str | int]], bold, cells) -> None:
    write_row(sheet, 0, heads, bold)
    for position, (head, column) in enumerate(zip(heads, columns, strict=True)):
        longest = max(map(len, map(str, [head, *column])))
        sheet.set_column(position, position, min(longest + FILTER, WIDE), cells)
    set_table(sheet, len(columns[0]), len(heads))
