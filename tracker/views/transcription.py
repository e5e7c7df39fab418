"""Answers entered for States that send paper: the Secretariat's pages, and what the State sees of them."""

from contextlib import suppress

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.actions.transcription import add_request, end_request, transcribe, withdraw_transcription
from tracker.forms.transcription import TranscriptionForm, TranscriptionRequestForm
from tracker.models import TranscriptionRequest, User
from tracker.models.proposal import ProposalStage
from tracker.permissions import can_add_transcription_request, can_see_transcriptions, check_permission
from tracker.queries.transcription import (
    counts_of,
    entered_request_rows,
    offered_for_request,
    request_rows,
    rows_of,
    waiting_transcription_rows,
)
from tracker.views import carry_out, form_data, form_errors
from tracker.web.answer_messages import show_sent_suggestion
from tracker.web.bodies import choose_body_of_desk
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_OPEN, TO_POST, button_view, form_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404
from tracker.workflow import NotAllowed


@require_safe
def transcription_list(request: SignedInRequest) -> HttpResponse:
    check_permission(can_add_transcription_request(request.user))
    requests = list(entered_request_rows(request.user))
    counts = counts_of(requests, request.user)
    rows = [
        (transcription, counts.get((transcription.respondent_id, transcription.reference)))
        for transcription in requests
    ]
    return render(request, "tracker/transcription/list.html", {"rows": rows})


@form_view(fresh_sign_in=TO_OPEN)
def transcription_add(request: SignedInRequest) -> HttpResponse:
    check_permission(can_add_transcription_request(request.user))
    form = TranscriptionRequestForm(form_data(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            registered = add_request(**form.cleaned_data, by=request.user)
            messages.success(
                request, _("The request was registered. The focal points of the State have been notified by e-mail.")
            )
            return redirect(_address(registered))
    context = {
        "form": form,
        "crumbs": _links(_("Register a request")),
    }
    return render(request, "tracker/transcription/add.html", context)


@require_safe
def transcription(request: SignedInRequest, respondent_code: str, pk: int) -> HttpResponse:
    found = _request_or_404(request.user, respondent_code, pk)
    body_choice = choose_body_of_desk(request, found.respondent)
    context = {
        "body_choice": body_choice,
        "found": found,
        "rows": rows_of(found, request.user, body_choice.body),
        "crumbs": _links(found.respondent.name),
    }
    return render(request, "tracker/transcription/transcription.html", context)


@button_view(fresh_sign_in=TO_POST)
def transcription_end(request: SignedInRequest, respondent_code: str, pk: int) -> HttpResponse:
    found = _request_or_404(request.user, respondent_code, pk, with_ended=True)
    if found.is_open:
        with suppress(NotAllowed):  # a double click
            end_request(pk=found.pk, by=request.user)
    messages.success(
        request, _("The request has ended. Waiting suggestions stay with the State, and you can no longer see them.")
    )
    return redirect("transcription_list")


@form_view(fresh_sign_in=NEVER)
def transcription_unit(request: SignedInRequest, respondent_code: str, pk: int, slug: str) -> HttpResponse:
    """POST suggests the answer, in place of a suggestion that still waits."""
    found = _request_or_404(request.user, respondent_code, pk, with_ended=request.method == "POST")
    unit = get_unit_or_404(slug)
    get_object_or_404(found.respondent.units_open(), pk=unit.pk)
    newest = offered_for_request(found, request.user).filter(unit=unit).last() if found.is_open else None
    waiting = newest if newest and newest.state == ProposalStage.OFFERED else None
    form = TranscriptionForm(form_data(request), unit=unit, items=unit.unit_items, offered=waiting)
    if not found.is_open:
        form.add_error(None, _("The request has ended, so nothing was sent. Copy your text: it is not saved."))
    elif request.method == "POST" and form.is_valid():
        with form_errors(form):
            transcribe(
                request=found,
                unit=unit,
                answer=form.answer(),
                received=form.received(),
                seen=request.POST.get("seen", ""),
                by=request.user,
            )
            show_sent_suggestion(request, unit)
            return redirect(_address(found))
    prefetch_related_objects([unit, *unit.chapeaux, *unit.unit_items], "footnotes")
    context = {
        "crumbs": [
            *_links(found.respondent.name, _address(found) if found.is_open else ""),
            ("", unit.label_with_title),
        ],
        "found": found,
        "unit": unit,
        "items": unit.unit_items,
        "form": form,
        "answer": form,
        "newest": newest,
        "waiting": waiting,
    }
    return render(request, "tracker/transcription/unit.html", context, status=200 if found.is_open else 409)


@button_view(fresh_sign_in=TO_POST)
def transcription_take_back(request: SignedInRequest, respondent_code: str, pk: int, slug: str) -> HttpResponse:
    found, unit = _request_or_404(request.user, respondent_code, pk), get_unit_or_404(slug)
    # Translators: %(label)s is the label of a recommendation, such as I.7(a).
    done = _("%(label)s: suggestion withdrawn.") % {"label": unit.label_with_title}
    carry_out(request, withdraw_transcription, done, request=found, unit=unit)
    return redirect(_address(found))


@require_safe
def desk_transcriptions(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_see_transcriptions)
    context = {
        "requests": request_rows(desk, request.user),
        "waiting": waiting_transcription_rows(desk, request.user),
    }
    return render(request, "tracker/transcription/desk.html", context)


@button_view(fresh_sign_in=TO_POST)
def desk_transcription_end(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_see_transcriptions)
    found = get_object_or_404(request_rows(desk, request.user), pk=pk)
    done = _("The request has ended. The Secretariat can enter no further answers under it.")
    carry_out(request, end_request, done, pk=found.pk)
    return redirect("desk_transcriptions", desk.code)


def _request_or_404(user: User, code: str, pk: int, *, with_ended: bool = False) -> TranscriptionRequest:
    return get_object_or_404(entered_request_rows(user, with_ended=with_ended), respondent__code=code, pk=pk)


def _address(found: TranscriptionRequest) -> str:
    return reverse("transcription", args=[found.respondent.code, found.pk])


def _links(words: str, address: str = "") -> list[tuple[str, str]]:
    return [(reverse("transcription_list"), _("Answers entered for States")), (address, words)]
