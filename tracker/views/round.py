from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import Body, Paper, Recommendation
from tracker.actions.release import make_release, note_on_release, release_problem
from tracker.actions.round import open_round, plan_round, set_closing_date
from tracker.figures.public_figures import PublicFigures
from tracker.figures.release import draft_release
from tracker.forms.round import ClosingDateForm, ReleaseNoteForm, RoundForm
from tracker.models import Round
from tracker.models.round import RoundStage
from tracker.permissions import can_manage_rounds, check_permission, is_reviewer
from tracker.views import carry_out, form_data, form_errors, show_errors
from tracker.web.bodies import BodyChoice, choose_body
from tracker.web.fresh_sign_in import NEVER, TO_POST, form_view
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed

# Of a round that has opened, by the field that is posted.
FORMS: dict[str, tuple[Callable[..., forms.Form], Callable[..., None]]] = {
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
    return _edit(request, Round(body=choice.body), choice)


@form_view(fresh_sign_in=TO_POST)
def round(request: SignedInRequest, code: str) -> HttpResponse:
    """Edit or open a planned round, set the closing date of an open round, make the release of a closed round."""
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
    posted = next((name for name in FORMS if name in request.POST), None)
    if not posted and (found.stage == RoundStage.PLANNED or request.method == "POST"):
        return _edit(request, found)
    form_class, act = FORMS[posted or ("closes_on" if found.stage == RoundStage.OPEN else "release_note")]
    form = form_class(form_data(request), round=found)
    if request.method == "POST" and form.is_valid():
        with show_errors(request), form_errors(form):
            act(round=found, by=request.user, **form.cleaned_data)
            messages.success(request, _("Your changes were saved."))
        if not form.errors:
            return redirect(found)
    context = {
        "round": found,
        "units": found.units.select_related("unit__current_wording"),
        "form": form,
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


def _edit(request: SignedInRequest, found: Round, choice: BodyChoice | None = None) -> HttpResponse:
    form, status = RoundForm(form_data(request), instance=found), 200
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
