"""The State's report from its living record, as a page and as files, and from what it handed in, as a document."""

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tracker.forms.report import ReportForm
from tracker.models import Respondent, Submission
from tracker.reports.asked import addressed, treaty_status
from tracker.reports.chapters import document
from tracker.reports.csv import csv_lines
from tracker.reports.pdf import report_pdf
from tracker.reports.sealed import submission_report
from tracker.reports.state import GROUPINGS, TITLE, WORKING_DOCUMENT, StateReport, state_report
from tracker.reports.xlsx import workbook
from tracker.shortcuts import get_desk_or_404


@require_safe
def report(request, code):
    desk = get_desk_or_404(request, code)
    return _show(request, desk, ReportForm(earlier=_handed_in(request.user, desk.code)))


@require_safe
def report_pdf_file(request, code):
    desk = get_desk_or_404(request, code)
    form = ReportForm(request.GET, earlier=_handed_in(request.user, desk.code))
    if not form.is_valid():
        return _show(request, desk, form, status=400)
    found = state_report(desk, request.user)
    return _pdf(found, form, file_name(found, "pdf"))


@require_safe
def submission_report_choice(request, code, round_code, number):
    found, earlier = _submission_and_earlier_or_404(request, code, round_code, number)
    return _show_choice(request, found, ReportForm(earlier=earlier))


@require_safe
def submission_report_pdf(request, code, round_code, number):
    found, earlier = _submission_and_earlier_or_404(request, code, round_code, number)
    form = ReportForm(request.GET, earlier=earlier)
    if not form.is_valid():
        return _show_choice(request, found, form, status=400)
    return _pdf(submission_report(found), form, f"{found.reference.replace('/', '-')}-report.pdf")


def _show(request, desk: Respondent, form: ReportForm, status: int = 200):
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
            "form": form,
        },
        status=status,
    )


def _show_choice(request, submission: Submission, form: ReportForm, status: int = 200):
    context = {"tab": "submissions", "submission": submission, "form": form}
    return render(request, "tracker/report/submission.html", context, status=status)


def _pdf(report: StateReport, form: ReportForm, name: str) -> HttpResponse:
    return HttpResponse(
        report_pdf(document(report, form.choice)),
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def _handed_in(user, code: str) -> list[Submission]:
    """What this person may read of what a State handed in, the newest first."""
    found = Submission.objects.visible_to(user).filter(respondent__code=code)
    return list(found.select_related("respondent", "round__body", "standing").order_by("-sealed_at", "-pk"))


def _submission_and_earlier_or_404(
    request, code: str, round_code: str, number: int
) -> tuple[Submission, list[Submission]]:
    """Tells the masthead whose desk the page is about, when it is one of the reader's."""
    handed_in = _handed_in(request.user, code)
    for place, found in enumerate(handed_in):
        if (found.round.code, found.number) == (round_code, number):
            if found.respondent_id in request.user.respondent_ids:
                request.desk = found.respondent
            return found, handed_in[place + 1 :]
    raise Http404


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
