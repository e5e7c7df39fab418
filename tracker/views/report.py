"""The State's report from its living record, as a page, as CSV and as a workbook."""

from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tracker.reports.asked import addressed, treaty_status
from tracker.reports.csv import csv_lines
from tracker.reports.state import GROUPINGS, TITLE, WORKING_DOCUMENT, StateReport, state_report
from tracker.reports.xlsx import workbook
from tracker.shortcuts import get_desk_or_404


@require_safe
def report(request, code):
    desk = get_desk_or_404(request, code)
    found = state_report(desk, request.user)
    grouping = request.GET.get("by")
    if grouping not in GROUPINGS:
        grouping = "theme"
    return render(
        request,
        "tracker/report/report.html",
        {
            "tab": "report",
            "title": TITLE,
            "working_document": WORKING_DOCUMENT,
            "addressed": addressed(desk, len(found.asked)),
            "treaty_status": treaty_status(desk),
            "report": found,
            "figures": found.figures,
            "overall": found.figures.overall,
            "grouping": grouping,
            "sections": found.sections(grouping),
        },
    )


@require_safe
def report_csv(request, code):
    desk = get_desk_or_404(request, code)
    found = state_report(desk, request.user)
    return StreamingHttpResponse(
        csv_lines(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, file_name(found, "csv"))},
    )


@require_safe
def report_xlsx(request, code):
    desk = get_desk_or_404(request, code)
    found = state_report(desk, request.user)
    return FileResponse(workbook(found), as_attachment=True, filename=file_name(found, "xlsx"))


def file_name(report: StateReport, extension: str) -> str:
    return f"{report.respondent.code}-report-{report.at:%Y-%m-%d}.{extension}"
