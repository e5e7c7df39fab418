from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recommendations.models import Body
from tracker.actions.record import NotSaved
from tracker.actions.workbook import (
    COMBINED,
    FILE,
    SITE,
    ComparedRow,
    RowChoice,
    StaleWorkbook,
    apply_workbook,
    compare_rows,
    discard_workbook,
)
from tracker.documents.exchange.workbook import rows_to_fill
from tracker.documents.exchange.workbook import workbook as workbook_of
from tracker.forms.filters import UnitFilter
from tracker.models import HeldUpload, Respondent
from tracker.models.combination import DECIDED_TOGETHER
from tracker.permissions import can_fill_workbook
from tracker.queries.difference import Difference, answer_in_words, compare_fields
from tracker.queries.submissions.questions import units_with_clarification
from tracker.views import download, read_filters
from tracker.web.answer_messages import show_unsaved_answers
from tracker.web.bodies import choose_body_of_desk
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_DOWNLOAD, file_view, form_view
from tracker.web.request import SignedInRequest


class FieldConflict(NamedTuple):
    """A field that was changed on the site and in the file, or any change where the text has a new wording."""

    on_site: Difference
    in_file: Difference

    @property
    def at_download(self) -> str:
        return self.on_site.before


class WorkbookRow(NamedTuple):
    row: ComparedRow
    changes: list[Difference]
    fields: list[FieldConflict]
    decision: str | None


@require_safe
def workbook(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_fill_workbook)
    body_choice = choose_body_of_desk(request, desk)
    tasks = _chosen(request, desk, body_choice.body, with_answers=False)
    return render(request, "tracker/workbook/workbook.html", {"body_choice": body_choice, "tasks": tasks})


@file_view(fresh_sign_in=TO_DOWNLOAD)
def workbook_file(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_fill_workbook)
    rows = _chosen(request, desk, choose_body_of_desk(request, desk).body, with_answers=True).targets
    if not rows:
        messages.info(request, _("This selection has no recommendation that you can answer."))
        return redirect("workbook", desk.code)
    address = request.build_absolute_uri(reverse("returned_file", args=[desk.code]))
    name = f"{desk.code}-workbook-{timezone.localdate():%Y-%m-%d}.xlsx"
    return download(lambda: workbook_of(desk, request.user, rows, address), name)


@form_view(fresh_sign_in=NEVER)
def workbook_upload(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_fill_workbook)
    uploads = HeldUpload.objects.visible_to(request.user).filter(downloaded_at__isnull=False)
    upload = get_object_or_404(uploads.select_related("respondent", "owner"), respondent=desk, pk=pk)
    if request.method != "POST":
        return _show(request, upload)
    if "discard" in request.POST:
        discard_workbook(upload=upload, by=request.user)
        messages.info(request, _("Nothing was changed. The uploaded workbook was deleted."))
        return redirect("returned_file", desk.code)
    return _apply(request, upload)


def _chosen(request: SignedInRequest, desk: Respondent, body: Body | None, *, with_answers: bool) -> UnitFilter:
    to_clarify = units_with_clarification(desk, request.user)
    with_answers = with_answers or bool(request.GET.get("q"))
    return read_filters(request, *rows_to_fill(desk, request.user, to_clarify, body, with_answers=with_answers))


def _apply(request: SignedInRequest, upload: HeldUpload) -> HttpResponse:
    if upload.applied_at:
        messages.info(request, _("The changes in this workbook were already saved."))
        return redirect("record_list", upload.respondent.code)
    decisions = {
        name.removeprefix("decide-"): RowChoice(value, request.POST.get(f"seen-{name[7:]}", ""))
        for name, value in request.POST.items()
        if name.startswith("decide-") and value in (SITE, COMBINED, FILE)
    }
    try:
        saved = apply_workbook(upload=upload, decisions=decisions, by=request.user)
    except StaleWorkbook:
        return _show(request, upload, decisions, is_undecided=True)
    except NotSaved as refused:
        show_unsaved_answers(request, refused)
        return redirect(upload)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return redirect("returned_file", upload.respondent.code)
    # Translators: count: a number.
    message = ngettext("%(count)d answer saved.", "%(count)d answers saved.", len(saved))
    messages.success(request, message % {"count": len(saved)})
    return redirect("record_list", upload.respondent.code)


def _show(
    request: SignedInRequest, upload: HeldUpload, decisions: dict | None = None, is_undecided: bool = False
) -> HttpResponse:
    rows = compare_rows(upload, request.user)
    shown = [_shown(row, decisions or {}) for row in rows if not row.is_same]
    context = {
        "upload": upload,
        "simple": [each for each in shown if not each.row.needs_choice],
        "conflicts": [each for each in shown if each.row.is_conflict and not each.row.problems],
        "impossible": [each for each in shown if each.row.problems],
        "same": [row for row in rows if row.is_same],
        "is_undecided": is_undecided,
    }
    return render(request, "tracker/workbook/upload.html", context, status=409 if is_undecided else 200)


def _shown(row: ComparedRow, decisions: dict[str, RowChoice]) -> WorkbookRow:
    before, site, file, result = map(answer_in_words, row.combination[:4])
    clashes = {name for part in row.combination.clashes for name in DECIDED_TOGETHER[part.name]}
    fields = [
        FieldConflict(Difference(name, before[name], site[name]), Difference(name, before[name], file[name]))
        for name in file
        if len({before[name], site[name], file[name]}) > 1 and (name in clashes or not clashes)
    ]
    asked = {field.on_site.name for field in fields} if row.is_conflict else set()
    changes = [change for change in compare_fields(site, result) if change.name not in asked]
    return WorkbookRow(row, changes, fields, _row_choice(row, decisions))


def _row_choice(row: ComparedRow, decisions: dict[str, RowChoice]) -> str | None:
    """Return the decision, if the row has not changed since."""
    decision = decisions.get(row.slug)
    if decision is None or decision.seen != row.seen:
        return None
    return decision.choice
