"""What institutions return: the upload of a file, and the decision on what completed questionnaires suggest."""

from pathlib import PurePath

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.error_messages import NOTHING_SELECTED, PAGE_CHANGED
from recommendations.lists import format_list
from recommendations.places import place_for_file
from tracker.actions.proposal import SeenProposal, accept_proposals, decline_proposals
from tracker.actions.questionnaire import QuestionnaireResult, add_questionnaire
from tracker.actions.record import NotSaved
from tracker.actions.workbook import save_workbook
from tracker.forms.proposal import DeclineForm
from tracker.forms.questionnaire import QuestionnaireUploadForm
from tracker.forms.record import read_number
from tracker.forms.workbook import WorkbookForm
from tracker.models import Respondent, User
from tracker.models.language import Language
from tracker.permissions import can_add_proposals, can_decide_proposals, check_permission
from tracker.queries.desk.assignments import institutions_offered
from tracker.queries.desk.history import last_language
from tracker.queries.desk.sent_back import SentProposal, proposals_sent_back, waiting_rows
from tracker.views import form_data
from tracker.web import unsaved_input
from tracker.web.answer_messages import show_unaccepted_suggestions
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed

ON_A_PAGE = 100
WORKBOOKS = {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".csv"}


@form_view(fresh_sign_in=NEVER)
def returned_file(request: SignedInRequest, code: str) -> HttpResponse:
    """Read a file that came back: a completed questionnaire, or a workbook."""
    desk = get_desk_or_404(request.user, code, can_add_proposals)
    form = _upload_form(request, desk)
    outcome = None
    if request.method == "POST":
        with place_for_file():
            is_valid = form.is_valid()
        if isinstance(form, QuestionnaireUploadForm):
            outcome = _add_proposals(request.user, desk, form) if is_valid else None
        elif is_valid:
            return _save_workbook(request, desk, form)
    if outcome:
        _show_result(request, outcome)
    if outcome and not outcome.unread:
        return redirect("questionnaire_answers", desk.code)
    context = {"form": form, "outcome": outcome, "institutions": institutions_offered(desk, request.user)}
    return render(request, "tracker/questionnaire/return.html", context)


@form_view(fresh_sign_in=NEVER)
def questionnaire_answers(request: SignedInRequest, code: str) -> HttpResponse:
    """POST accepts or declines together what is selected."""
    desk = get_desk_or_404(request.user, code, can_add_proposals)
    if request.method == "POST":
        return _decide(request, desk)
    typed = unsaved_input.take(request)
    return _show_answers(request, desk, DeclineForm(typed), typed)


def _upload_form(request: SignedInRequest, desk: Respondent) -> QuestionnaireUploadForm | WorkbookForm:
    chosen = request.FILES.get("upload")
    data, files = form_data(request), request.FILES or None
    if chosen and PurePath(chosen.name or "").suffix.lower() in WORKBOOKS:
        return WorkbookForm(data, files, desk=desk, user=request.user)
    return QuestionnaireUploadForm(
        data,
        files,
        desk=desk,
        user=request.user,
        institutions=institutions_offered(desk, request.user),
        initial={"language": last_language(desk, request.user)},
    )


def _save_workbook(request: SignedInRequest, desk: Respondent, form: WorkbookForm) -> HttpResponse:
    if not form.rows:
        messages.info(request, _("No changes found in the workbook."))
        return redirect("returned_file", desk.code)
    upload = save_workbook(
        respondent=desk, by=request.user, downloaded_at=form.stamp.at, rows=form.rows, received=form.received()
    )
    return redirect(upload)


def _add_proposals(user: User, desk: Respondent, form: QuestionnaireUploadForm) -> QuestionnaireResult | None:
    try:
        return add_questionnaire(
            respondent=desk,
            sent_back=form.cleaned_data["upload"],
            received=form.received(),
            institution=form.institution,
            language=form.cleaned_data["language"] or Language.ENGLISH,
            by=user,
        )
    except ValidationError as error:
        form.add_error(None, error)
        form.add_file_error()
        return None


def _show_result(request: SignedInRequest, outcome: QuestionnaireResult) -> None:
    if count := len(outcome.offered):
        message = ngettext(
            # Translators: count: a number.
            "%(count)d suggestion is waiting for a decision.",
            "%(count)d suggestions are waiting for a decision.",
            count,
        )
        messages.success(request, message % {"count": count})
    else:
        messages.info(request, _("The document contains no new information."))
    if outcome.known_count:
        message = ngettext(
            # Translators: count: a number.
            "%(count)s suggestion was already uploaded.",
            "%(count)s suggestions were already uploaded.",
            outcome.known_count,
        )
        messages.info(request, message % {"count": outcome.known_count})
    if outcome.unchanged:
        message = ngettext(
            # Translators: count: a number.
            "%(count)s recommendation came back unchanged. If it was assigned, it stays assigned.",
            "%(count)s recommendations came back unchanged. Those that were assigned stay assigned.",
            len(outcome.unchanged),
        )
        messages.info(request, message % {"count": len(outcome.unchanged)})
    if outcome.not_assigned:
        # Translators: labels: labels of recommendations with their short titles.
        message = _("Read, although not assigned to this institution any more: %(labels)s.")
        labels = format_list(unit.label_with_title for unit in outcome.not_assigned)
        messages.warning(request, message % {"labels": labels})
    if outcome.not_opened:
        message = ngettext(
            # Translators: count: a number.
            "%(count)s recommendation in the document is not assigned to you and was not read.",
            "%(count)s recommendations in the document are not assigned to you and were not read.",
            outcome.not_opened,
        )
        messages.warning(request, message % {"count": outcome.not_opened})


def _decide(request: SignedInRequest, desk: Respondent) -> HttpResponse:
    check_permission(can_decide_proposals(request.user, desk))
    is_declined = "decline" in request.POST
    form = DeclineForm(request.POST if is_declined else None)
    stamps = request.POST.getlist("chosen")
    keys = [read_number(stamp.partition(".")[0]) for stamp in stamps]
    waiting = proposals_sent_back(desk, request.user).filter(pk__in=keys)
    selected = [row for row in waiting_rows(waiting, desk, request.user) if row.stamp in stamps]
    if not selected or len(selected) < len(set(stamps)):
        messages.warning(request, PAGE_CHANGED if stamps else NOTHING_SELECTED)
        return _show_answers(request, desk, form, request.POST, status=409 if stamps else 200)
    if is_declined and not form.is_valid():
        return _show_answers(request, desk, form, request.POST)
    try:
        message = _decline(request.user, desk, selected, form) if is_declined else _accept(request.user, desk, selected)
    except NotAllowed:
        messages.warning(request, PAGE_CHANGED)
        return _show_answers(request, desk, form, request.POST, status=409)
    except NotSaved as refused:
        show_unaccepted_suggestions(request, refused)
        return _show_answers(request, desk, form, request.POST, status=409)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return _show_answers(request, desk, form, request.POST)
    messages.success(request, message)
    return redirect("questionnaire_answers", desk.code)


def _accept(user: User, desk: Respondent, selected: list[SentProposal]) -> str:
    chosen = [SeenProposal(row.proposal, row.base, row.withdrawn) for row in selected]
    count = len(accept_proposals(respondent=desk, proposals=chosen, by=user))
    message = ngettext(
        # Translators: count: a number.
        "%(count)d suggestion accepted and saved as a new version.",
        "%(count)d suggestions accepted, each saved as a new version.",
        count,
    )
    return message % {"count": count}


def _decline(user: User, desk: Respondent, selected: list[SentProposal], form: DeclineForm) -> str:
    reason, proposals = form.cleaned_data["decline_reason"], [row.proposal for row in selected]
    decline_proposals(respondent=desk, proposals=proposals, reason=reason, by=user)
    # Translators: count: a number.
    message = ngettext("%(count)d suggestion declined.", "%(count)d suggestions declined.", len(selected))
    return message % {"count": len(selected)}


def _show_answers(
    request: SignedInRequest, desk: Respondent, form: DeclineForm, typed: QueryDict | None, status: int = 200
) -> HttpResponse:
    """Keep the selected units."""
    page = Paginator(proposals_sent_back(desk, request.user), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = waiting_rows(page, desk, request.user)
    selectable = [row.stamp for row in rows if not row.is_shared]
    context = {
        "page": page,
        "rows": rows,
        "has_boxes": bool(selectable),
        "chosen": set(typed.getlist("chosen") if typed else selectable),
        "form": form,
        "may_decide": can_decide_proposals(request.user, desk),
    }
    return render(request, "tracker/questionnaire/answers.html", context, status=status)
