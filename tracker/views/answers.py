"""Download what States answered, by codes: CSV at once, the workbook as a task."""

from django.http import HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from tracker.actions.export import request_export
from tracker.documents.answers import csv_parts, file_name, standing
from tracker.documents.statements import USUAL
from tracker.formats.files import in_english
from tracker.forms.answers import AnswersForm
from tracker.models import User
from tracker.permissions import can_export_answers
from tracker.views import check_permission
from tracker.web.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: SignedInRequest) -> HttpResponse:
    """POST has the workbook made as a task."""
    form = _form(request.user, request.POST if request.method == "POST" else request.GET)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form)
    parameters = {"rounds": form.cleaned_data["rounds"]}
    return redirect(request_export(kind="answers_xlsx", parameters=parameters, by=request.user))


@require_safe
def answers_csv(request: SignedInRequest) -> HttpResponseBase:
    form = _form(request.user, request.GET)
    if not form.is_valid():
        return _show(request, form)
    codes = form.cleaned_data["rounds"]
    return StreamingHttpResponse(
        in_english(csv_parts(standing(request.user, codes))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, file_name(codes, "csv"))},
    )


def _form(user: User, data: QueryDict) -> AnswersForm:
    check_permission(can_export_answers(user))
    return AnswersForm(data)


def _show(request: SignedInRequest, form: AnswersForm) -> HttpResponse:
    found = standing(request.user, form.cleaned_data["rounds"]) if form.is_valid() else []
    context = {
        "tab": "answers",
        "form": form,
        "submissions": len(found),
        "rows": sum(submission.counts["asked"] for submission in found),
        "statements": USUAL,
    }
    return render(request, "tracker/answers/answers.html", context, status=400 if form.errors else 200)
