from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import Recommendation
from tracker.actions.proposal import SeenProposal, accept_proposals, decline_proposals, withdraw_proposal
from tracker.actions.record import NotSaved
from tracker.forms.proposal import DeclineForm
from tracker.forms.record import read_number
from tracker.models import Proposal, Respondent, User
from tracker.models.proposal import ProposalStage
from tracker.permissions import can_answer, can_decide_proposals
from tracker.queries.desk.answer_page import is_open_to
from tracker.queries.desk.proposals import answers_beside, as_read, field_choices, offered_on_desk, proposals_of
from tracker.views import answer_links, carry_out, form_errors, show_errors
from tracker.web import unsaved_input
from tracker.web.answer_messages import show_unaccepted_suggestions
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_POST, button_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404
from tracker.workflow import NotAllowed

SHOWN_WAITING = 20
SHOWN_DECIDED = 20
SHOWN_OFFERED = 50


@require_safe
def offered_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code)
    page = Paginator(offered_on_desk(desk, request.user), SHOWN_OFFERED).get_page(request.GET.get("page"))
    return render(request, "tracker/proposal/offered.html", {"page": page})


@require_safe
def proposal_list(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    desk, unit = get_desk_or_404(request.user, code), get_unit_or_404(slug)
    return _show(request, desk, unit)


@button_view(fresh_sign_in=NEVER)
def proposal_take(request: SignedInRequest, code: str, slug: str, pk: int) -> HttpResponse:
    """Make it the State's answer; `base`, `withdrawn` and `proposal` name what the page showed."""
    desk, unit, proposal = _proposal(request.user, code, slug, pk)
    if request.POST.get("proposal") != proposal.stamp and can_decide_proposals(request.user, desk):
        return _show_current(request, desk, unit)
    base, withdrawn = read_number(request.POST.get("base")), read_number(request.POST.get("withdrawn")) or None
    try:
        [revision] = accept_proposals(
            respondent=desk, proposals=[SeenProposal(proposal, base, withdrawn)], by=request.user
        )
    except NotAllowed:
        return _show_current(request, desk, unit)
    except NotSaved as refused:
        show_unaccepted_suggestions(request, refused)
        return redirect("proposal_list", desk.code, unit.slug)
    # Translators: %(label)s: label of a recommendation with its short title. %(who)s: user or institution that made
    # the suggestion. %(number)s: number of the version.
    message = _("%(label)s: the suggestion was accepted and saved as version %(number)s. Source: %(who)s.")
    messages.success(
        request, message % {"label": unit.label_with_title, "who": proposal.from_name, "number": revision.number}
    )
    return redirect("record", desk.code, unit.slug)


@button_view(fresh_sign_in=NEVER)
def proposal_decline(request: SignedInRequest, code: str, slug: str, pk: int) -> HttpResponse:
    desk, unit, proposal = _proposal(request.user, code, slug, pk)
    form = DeclineForm(request.POST, prefix=_form_key(proposal))
    if not form.is_valid() and can_decide_proposals(request.user, desk):
        return _show(request, desk, unit, form)
    reason = form.cleaned_data.get("decline_reason", "")
    with show_errors(request), form_errors(form):
        decline_proposals(respondent=desk, proposals=[proposal], reason=reason, by=request.user)
        # Translators: %(who)s: user or institution that made the suggestion.
        message = _("Suggestion declined: %(who)s. The author can read the reason.")
        messages.success(request, message % {"who": proposal.from_name})
    return _show(request, desk, unit, form) if form.errors else redirect("proposal_list", desk.code, unit.slug)


@button_view(fresh_sign_in=TO_POST)
def proposal_take_back(request: SignedInRequest, code: str, slug: str, pk: int) -> HttpResponse:
    desk, unit, proposal = _proposal(request.user, code, slug, pk)
    # Translators: %(label)s is the label of a recommendation, such as I.7(a).
    done = _("%(label)s: suggestion withdrawn.") % {"label": unit.label_with_title}
    carry_out(request, withdraw_proposal, done, proposal=proposal)
    return redirect("proposal_list", desk.code, unit.slug)


def _proposal(user: User, code: str, slug: str, pk: int) -> tuple[Respondent, Recommendation, Proposal]:
    desk, unit = get_desk_or_404(user, code), get_unit_or_404(slug)
    return desk, unit, get_object_or_404(proposals_of(desk, unit, user), pk=pk)


def _show_current(request: SignedInRequest, desk: Respondent, unit: Recommendation) -> HttpResponse:
    messages.warning(request, PAGE_CHANGED)
    return redirect("proposal_list", desk.code, unit.slug)


def _form_key(proposal: Proposal) -> str:
    return f"p{proposal.pk}"


def _decline_form(request: SignedInRequest, proposal: Proposal, declined: DeclineForm | None) -> DeclineForm:
    """Return the form as posted, or with the unsaved input, or empty."""
    if declined and declined.prefix == _form_key(proposal):
        return declined
    address = reverse("proposal_decline", args=[proposal.respondent.code, proposal.unit.slug, proposal.pk])
    return DeclineForm(unsaved_input.take(request, address), prefix=_form_key(proposal))


def _show(
    request: SignedInRequest, desk: Respondent, unit: Recommendation, declined: DeclineForm | None = None
) -> HttpResponse:
    proposals = list(proposals_of(desk, unit, request.user))
    if not proposals and not is_open_to(request.user, desk, unit):
        raise Http404
    waiting = [proposal for proposal in proposals if proposal.state == ProposalStage.OFFERED]
    beside = answers_beside(desk, [unit], waiting, request.user)
    current = beside.current.get(unit.pk)
    offered = as_read(waiting[:SHOWN_WAITING], beside, request.user)
    context = {
        "crumbs": answer_links(desk, unit, _("Suggestions")),
        "unit": unit,
        "current": current,
        "withdrawn": current.last_withdrawal() if current else None,
        "offered": [(suggestion, _decline_form(request, suggestion.proposal, declined)) for suggestion in offered],
        "fields": field_choices(current, offered),
        "waiting": len(waiting),
        "decided": [proposal for proposal in reversed(proposals) if proposal not in waiting][:SHOWN_DECIDED],
        "may_decide": can_decide_proposals(request.user, desk),
        "may_suggest": not can_decide_proposals(request.user, desk) and can_answer(request.user, desk, unit),
        "form": declined,
    }
    return render(request, "tracker/proposal/list.html", context)
