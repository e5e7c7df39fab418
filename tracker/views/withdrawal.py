"""Ask for the removal of identifying information, and decide on it without seeing it."""

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.actions.remainder import find_remainders
from tracker.actions.withdrawal import (
    confirm_withdrawal,
    delete_files,
    find_withdrawable,
    refuse_withdrawal,
    request_withdrawal,
)
from tracker.actions.word_search import WordPlace
from tracker.forms.record import FormGroup
from tracker.forms.withdrawal import RemainderForm, WithdrawalForm
from tracker.models import EvidenceFile, HeldUpload, Withdrawal
from tracker.models.withdrawal import WithdrawalStage
from tracker.permissions import (
    can_confirm_withdrawal,
    can_delete_files,
    can_manage_people,
    can_refuse_withdrawal,
    can_request_withdrawal,
    check_permission,
    confirmers_of,
)
from tracker.views import carry_out, form_data, form_errors
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import TO_OPEN, TO_POST, form_view
from tracker.web.request import SignedInRequest

DECISIONS = {"confirm": confirm_withdrawal, "refuse": refuse_withdrawal, "destroy": delete_files}


@require_safe
def withdrawal_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    withdrawals = Withdrawal.objects.visible_to(request.user).filter(respondent=desk)
    context = {
        "withdrawals": withdrawals.select_related("requested_by", "decided_by"),
        "may_request": can_request_withdrawal(request.user, desk),
    }
    return render(request, "tracker/withdrawal/list.html", context)


@form_view(fresh_sign_in=TO_OPEN)
def withdrawal_request(request: SignedInRequest, code: str) -> HttpResponse:
    """Show what would be removed; `ask` asks for it."""
    desk = get_whole_desk_or_404(request.user, code, can_request_withdrawal)
    typed = form_data(request)
    form = WithdrawalForm(typed, respondent=desk, user=request.user)
    found = remaining = None
    if form.is_valid():
        values = {"respondent": desk, "by": request.user, "words": form.cleaned_data["words"]}
        values["files"] = form.cleaned_data["chosen"]
        with form_errors(form):
            places, files, unsearched = find_withdrawable(**values)
            found = {"places": places, "files": form.names_of(files), "unsearched": _names_of(unsearched, form)}
            remainders = find_remainders(desk, places, form.cleaned_data["words"])
            remaining = RemainderForm(typed if typed and "ask" in typed else None, remainders=remainders)
            if "ask" in request.POST and remaining.is_valid():
                try:
                    made = request_withdrawal(**values, reason=form.cleaned_data["reason"], remainders=remaining.texts)
                except ValidationError as error:
                    if not hasattr(error, "error_dict"):
                        raise
                    remaining.refuse(error)
                else:
                    done = _("The words and files are hidden. Another person must confirm the removal.")
                    messages.success(request, done)
                    return redirect("withdrawal", desk.code, made.pk)
    context = {
        "form": FormGroup(form, remaining) if remaining else form,
        "asked": form,
        "found": found,
        "remaining": remaining,
        "confirmers": confirmers_of(desk, request.user),
    }
    return render(request, "tracker/withdrawal/request.html", context)


def _names_of(unsearched: list[EvidenceFile | HeldUpload], form: WithdrawalForm) -> list[str]:
    of_people = [WordPlace(file, ()).where for file in unsearched if isinstance(file, HeldUpload)]
    return form.names_of(file for file in unsearched if isinstance(file, EvidenceFile)) + of_people


@form_view(fresh_sign_in=TO_POST)
def withdrawal(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    withdrawals = Withdrawal.objects.visible_to(request.user).select_related("respondent", "requested_by")
    return _decide(request, get_object_or_404(withdrawals, respondent=desk, pk=pk))


@require_safe
def withdrawal_queue(request: SignedInRequest) -> HttpResponse:
    check_permission(can_manage_people(request.user))
    waiting = Withdrawal.objects.headers_for(request.user).waiting()
    return render(request, "tracker/withdrawal/queue.html", {"withdrawals": waiting})


@form_view(fresh_sign_in=TO_POST)
def withdrawal_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    return _decide(request, get_object_or_404(Withdrawal.objects.headers_for(request.user), pk=pk))


def _decide(request: SignedInRequest, found: Withdrawal) -> HttpResponse:
    """Show which State asks, who, when and why, without content; POST decides."""
    if request.method == "POST":
        if request.POST.get("decision") not in DECISIONS:
            raise BadRequest
        carry_out(request, DECISIONS[request.POST["decision"]], pk=found.pk)
        return redirect(request.path)
    context = {
        "withdrawal": found,
        "is_waiting": found.state == WithdrawalStage.REQUESTED,
        "confirmers": confirmers_of(found.respondent, found.requested_by),
        "may_confirm": can_confirm_withdrawal(request.user, found),
        "may_refuse": can_refuse_withdrawal(request.user, found),
        "may_finish": can_delete_files(request.user, found),
    }
    return render(request, "tracker/withdrawal/decide.html", context)
