"""The State's report from its living record, as a page and as files, and from what it handed in, as a document."""

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
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
    return _show(request, desk, ReportForm(earlier=_handed_in(request.user, desk)))


@require_safe
def report_pdf_file(request, code):
    desk = get_desk_or_404(request, code)
    form = ReportForm(request.GET, earlier=_handed_in(request.user, desk))
    if not form.is_valid():
        return _show(request, desk, form, status=400)
    found = state_report(desk, request.user)
    return _pdf(found, form, file_name(found, "pdf"))


@require_safe
def submission_report_choice(request, code, round_code, number):
    found = _submission_or_404(request, code, round_code, number)
    return _show_choice(request, found, ReportForm(earlier=_before(request.user, found)))


@require_safe
def submission_report_pdf(request, code, round_code, number):
    found = _submission_or_404(request, code, round_code, number)
    form = ReportForm(request.GET, earlier=_before(request.user, found))
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


def _handed_in(user, respondent: Respondent) -> list[Submission]:
    """The newest first."""
    found = Submission.objects.visible_to(user).filter(respondent=respondent)
    return list(found.select_related("respondent", "round").order_by("-sealed_at", "-pk"))


def _before(user, submission: Submission) -> list[Submission]:
    handed_in = _handed_in(user, submission.respondent)
    return handed_in[handed_in.index(submission) + 1 :]


def _submission_or_404(request, code: str, round_code: str, number: int) -> Submission:
    """Tells the masthead whose desk the page is about, when it is one of the reader's."""
    submissions = Submission.objects.visible_to(request.user).select_related("respondent", "round__body", "standing")
    found = get_object_or_404(submissions, respondent__code=code, round__code=round_code, number=number)
    if found.respondent_id in request.user.respondent_ids:
        request.desk = found.respondent
    return found


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
