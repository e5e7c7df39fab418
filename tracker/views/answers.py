"""Download what States answered, by codes: CSV at once, the workbook as a task."""

from tempfile import TemporaryFile
from wsgiref.util import FileWrapper

from django.http import HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from recommendations.places import place_for_file
from tracker.actions.export import request_export
from tracker.documents.answers import file_name, standing, write_csv
from tracker.documents.statements import USUAL
from tracker.formats.files import language_of_file
from tracker.forms.answers import AnswersForm
from tracker.models import User
from tracker.permissions import can_export_answers, check_permission
from tracker.web.fresh_sign_in import TO_DOWNLOAD, TO_POST, file_view, form_view
from tracker.web.request import SignedInRequest

BLOCK = 64 * 1024  # bytes


@form_view(fresh_sign_in=TO_POST)
def answers(request: SignedInRequest) -> HttpResponse:
    """POST has the workbook made as a task."""
    form = _form(request.user, request.POST if request.method == "POST" else request.GET)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form)
    with place_for_file():
        return redirect(request_export(rounds=form.cleaned_data["rounds"], by=request.user))


@file_view(fresh_sign_in=TO_DOWNLOAD)
def answers_csv(request: SignedInRequest) -> HttpResponseBase:
    form = _form(request.user, request.GET)
    if not form.is_valid():
        return _show(request, form)
    codes = form.cleaned_data["rounds"]
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    with place_for_file(), language_of_file("csv"):
        write_csv(standing(request.user, codes), file)
    file.seek(0)
    return StreamingHttpResponse(
        FileWrapper(file, BLOCK),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, file_name(codes, "csv"))},
    )


def _form(user: User, data: QueryDict) -> AnswersForm:
    check_permission(can_export_answers(user))
    return AnswersForm(data)


def _show(request: SignedInRequest, form: AnswersForm) -> HttpResponse:
    found = standing(request.user, form.cleaned_data["rounds"]) if form.is_valid() else []
    context = {
        "form": form,
        "submissions": len(found),
        "rows": sum(submission.counts["asked"] for submission in found),
        "statements": USUAL,
    }
    return render(request, "tracker/answers/answers.html", context, status=400 if form.errors else 200)
