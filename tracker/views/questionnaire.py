"""A questionnaire for an institution: choice of units, the file to send, and the completed questionnaire."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recommendations.error_messages import NOTHING_SELECTED, PAGE_CHANGED
from recommendations.models import Body
from recommendations.places import place_for_file
from tracker.actions.proposal import SeenProposal, accept_proposals, decline_proposals
from tracker.actions.questionnaire import QuestionnaireResult, add_questionnaire
from tracker.actions.record import NotSaved
from tracker.documents.exchange.questionnaire import questionnaire as questionnaire_about
from tracker.documents.exchange.questionnaire import questionnaire_docx
from tracker.forms.proposal import DeclineForm
from tracker.forms.questionnaire import QuestionnaireForm, QuestionnaireUploadForm
from tracker.forms.record import read_number
from tracker.models import Respondent, User
from tracker.permissions import can_add_proposals, can_answer_all, can_decide_proposals, check_permission
from tracker.queries.desk.assignments import institutions_offered
from tracker.queries.desk.history import last_language
from tracker.queries.desk.sent_back import SentProposal, proposals_sent_back, waiting_rows
from tracker.queries.desk.units import by_theme
from tracker.views import download, form_data, listed_rows, read_filters
from tracker.web import unsaved_input
from tracker.web.answer_messages import show_unaccepted_suggestions
from tracker.web.bodies import BodyChoice, choose_body_of_desk
from tracker.web.desks import get_desk_or_404, get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_DOWNLOAD_ALL, file_view, form_view
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed

ON_A_PAGE = 100


@require_safe
def questionnaire(request: SignedInRequest, code: str) -> HttpResponse:
    """At first select the targets of the list."""
    desk = get_whole_desk_or_404(request.user, code)
    body_choice = choose_body_of_desk(request, desk)
    typed = unsaved_input.take(request, reverse("questionnaire_docx", args=[desk.code]))
    return _show(request, desk, body_choice, _form(request, desk, body_choice.body, typed))


@file_view(fresh_sign_in=TO_DOWNLOAD_ALL)
def questionnaire_file(request: SignedInRequest, code: str) -> HttpResponse:
    """Make the file from the query of the form; without `?unit=` its filters choose the units."""
    desk = get_whole_desk_or_404(request.user, code)
    body_choice = choose_body_of_desk(request, desk)
    form = _form(request, desk, body_choice.body, request.GET)
    if not form.is_valid():
        return _show(request, desk, body_choice, form, status=400)
    content = questionnaire_about(desk, request.user, form.rows, form.letter)
    name = f"{desk.code}-questionnaire-{content.at:%Y-%m-%d}.docx"
    return download(lambda: questionnaire_docx(content), name)


@form_view(fresh_sign_in=NEVER)
def questionnaire_return(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_add_proposals)
    form = QuestionnaireUploadForm(
        form_data(request),
        request.FILES or None,
        respondent=desk,
        institutions=institutions_offered(desk, request.user),
        language=last_language(desk, request.user),
    )
    outcome = None
    if request.method == "POST":
        with place_for_file():
            is_valid = form.is_valid()
        outcome = _add_proposals(request.user, desk, form) if is_valid else None
    if outcome and not outcome.unread:
        _show_result(request, outcome)
        return redirect("questionnaire_answers", desk.code)
    context = {"form": form, "outcome": outcome}
    return render(request, "tracker/questionnaire/return.html", context)


@form_view(fresh_sign_in=NEVER)
def questionnaire_answers(request: SignedInRequest, code: str) -> HttpResponse:
    """POST accepts or declines together what is selected."""
    desk = get_desk_or_404(request.user, code, can_add_proposals)
    if request.method == "POST":
        return _decide(request, desk)
    typed = unsaved_input.take(request)
    return _show_answers(request, desk, DeclineForm(typed), typed)


def _add_proposals(user: User, desk: Respondent, form: QuestionnaireUploadForm) -> QuestionnaireResult | None:
    try:
        return add_questionnaire(
            respondent=desk,
            sent_back=form.cleaned_data["upload"],
            received=form.received(),
            institution=form.institution,
            language=form.cleaned_data["language"],
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
    stamps = typed.getlist("chosen") if typed else [row.stamp for row in rows if row.is_selected_at_first]
    context = {
        "page": page,
        "rows": rows,
        "chosen": set(stamps),
        "form": form,
        "may_decide": can_decide_proposals(request.user, desk),
    }
    return render(request, "tracker/questionnaire/answers.html", context, status=status)


def _form(request: SignedInRequest, desk: Respondent, body: Body | None, data: QueryDict | None) -> QuestionnaireForm:
    check_permission(can_answer_all(request.user, desk))
    units, others = listed_rows(request, desk, body, with_answers=data is not None)
    targets = read_filters(request, units, others).targets
    return QuestionnaireForm(data, by=request.user, offered=[*units, *others], selected=targets)


def _show(
    request: SignedInRequest, desk: Respondent, body_choice: BodyChoice, form: QuestionnaireForm, status: int = 200
) -> HttpResponse:
    context = {
        "body_choice": body_choice,
        "form": form,
        "institutions": [institution.name for institution in institutions_offered(desk, request.user)],
        "sections": by_theme(form.offered.values()),
    }
    return render(request, "tracker/questionnaire/questionnaire.html", context, status=status)
