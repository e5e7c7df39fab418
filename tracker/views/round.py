from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.mail import EmailMultiAlternatives
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import Body, Paper, Recommendation
from tracker.actions import mail
from tracker.actions.release import make_release, note_on_release, release_problem
from tracker.actions.round import move_due_date, open_round, plan_round, remind_states, set_closing_date
from tracker.figures.public_figures import PublicFigures
from tracker.figures.release import draft_release
from tracker.forms.filters import StateFilter
from tracker.forms.round import ClosingDateForm, DueDateForm, ReleaseNoteForm, RoundForm
from tracker.models import Round, User
from tracker.models.round import RoundStage
from tracker.permissions import (
    can_manage_people,
    can_manage_rounds,
    can_see_states,
    check_permission,
    is_reviewer,
)
from tracker.queries.states import state_rows
from tracker.views import carry_out, form_data, form_errors, show_errors
from tracker.web.bodies import BodyChoice, choose_body
from tracker.web.fresh_sign_in import NEVER, TO_POST, form_view
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed, may_submit

PAGE = 100

# Of a round that has opened, by a field that is posted and that no plan has.
FORMS: dict[str, tuple[Callable[..., forms.Form], Callable[..., None]]] = {
    "reason": (DueDateForm, move_due_date),
    "closes_on": (ClosingDateForm, set_closing_date),
    "release_note": (ReleaseNoteForm, note_on_release),
}


@require_safe
def round_list(request: SignedInRequest) -> HttpResponse:
    check_permission(can_manage_rounds(request.user))
    unopened = Paper.objects.with_texts().filter(opened_at=None).select_related("body")
    context = {"rounds": Round.objects.select_related("body"), "unopened": unopened}
    return render(request, "tracker/round/list.html", context)


@form_view(fresh_sign_in=NEVER)
def round_add(request: SignedInRequest) -> HttpResponse:
    check_permission(can_manage_rounds(request.user))
    units = Recommendation.objects.published().units()
    choice = choose_body(request, Body.objects.filter(pk__in=units.order_by().values("body")))
    return _edit(request, Round(body=choice.body), form_data(request), choice)


@form_view(fresh_sign_in=TO_POST)
def round(request: SignedInRequest, code: str) -> HttpResponse:
    """Edit or open a planned round, set the dates of an open round, make the release of a closed round."""
    check_permission(can_manage_rounds(request.user))
    rounds = Round.objects.select_related("release").defer("release__units", "release__figures")
    found = get_object_or_404(rounds, code=code)
    if request.method == "POST" and "step" in request.POST:
        if request.POST["step"] not in ("open", "release"):
            raise BadRequest
        if request.POST["step"] == "open":
            carry_out(request, open_round, round=found, base=request.POST.get("base"))
        else:
            carry_out(request, make_release, round=found)
        return redirect(found)
    data = form_data(request)
    posted = next((name for name in FORMS if name in (data or ())), "")
    if not posted and (found.stage == RoundStage.PLANNED or request.method == "POST"):
        return _edit(request, found, data)
    filled = {name: make(data if name == posted else None, round=found) for name, (make, _act) in FORMS.items()}
    form = filled[posted or "closes_on"]
    if request.method == "POST" and form.is_valid():
        with show_errors(request), form_errors(form):
            FORMS[posted][1](round=found, by=request.user, **form.cleaned_data)
            messages.success(request, _("Your changes were saved."))
        if not form.errors:
            return redirect(found)
    context = {
        "round": found,
        "units": found.units.select_related("unit__current_wording", "unit__meeting"),
        "form": form,
        "forms": filled,
        "release": getattr(found, "release", None),
    }
    if "release" in request.GET and found.stage == RoundStage.CLOSED:
        draft = draft_release(found)
        context |= {
            "draft": draft,
            "problem": release_problem(draft),
            "figures": PublicFigures(draft.release),
            "opens_figures": is_reviewer(request.user),
        }
    return render(request, "tracker/round/round.html", context)


@require_safe
def state_list(request: SignedInRequest) -> HttpResponse:
    """Show all respondents, and what they submitted in the newest open round, or in the newest of all."""
    check_permission(can_see_states(request.user))
    found = Round.objects.open().first() or Round.objects.opened().first()
    listed = StateFilter(request.GET, state_rows(found))
    context = {
        "round": found,
        "listed": listed,
        "form": listed.form,
        "page": Paginator(listed.shown, PAGE).get_page(request.GET.get("page")),
        "may_remind": found and may_submit(found) and can_manage_rounds(request.user),
        "may_add": can_manage_people(request.user),
    }
    return render(request, "tracker/round/states.html", context)


@form_view(fresh_sign_in=TO_POST)
def round_remind(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the reminder and the States that get it; POST sends it."""
    check_permission(can_manage_rounds(request.user))
    found = get_object_or_404(Round.objects.opened(), code=code)
    if request.method == "POST":
        if carry_out(request, remind_states, round=found):
            messages.success(request, _("The reminder was sent."))
        return redirect("round_remind", code)
    missing = [row for row in state_rows(found) if row.is_missing]
    to_remind = [row for row in missing if row.is_to_remind] if may_submit(found) else []
    context = {
        "round": found,
        "to_remind": to_remind,
        "reminded": [row for row in missing if row.recipients and row.is_reminded],
        "nobody": [row for row in missing if not row.recipients],
        "mail": _preview_reminder(found, to_remind[0].recipients[0]) if to_remind else None,
    }
    return render(request, "tracker/round/remind.html", context)


def _preview_reminder(found: Round, person: User) -> EmailMultiAlternatives:
    """Return what the person gets, in the language of the page."""
    context = {"person": mail.isolated(person.name), "round": found, "path": reverse("desks")}
    return mail.make_mail("notifications#round_reminder", person.email, get_language() or "", **context)


def _edit(
    request: SignedInRequest, found: Round, data: QueryDict | None, choice: BodyChoice | None = None
) -> HttpResponse:
    form, status = RoundForm(data, instance=found), 200
    if request.method == "POST" and form.is_valid():
        try:
            with form_errors(form):
                plan_round(round=form.instance, **form.scope, base=form.cleaned_data["base"], by=request.user)
                messages.success(request, _("Your changes were saved."))
                return redirect(form.instance)
            if found.pk:
                form.data = form.data.copy()
                form.data["base"] = Round.objects.get(pk=found.pk).plan_stamp  # what the user replaces by saving again
        except NotAllowed:
            form.add_error(
                None, _("This round has opened since you loaded this page and cannot be changed. Nothing was saved.")
            )
            status = 409
    context = {
        "body_choice": choice,
        "form": form,
        "round": found if found.pk and status == 200 else None,
    }
    return render(request, "tracker/round/edit.html", context, status=status)
