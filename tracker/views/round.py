from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations.models import Body, Recommendation
from tracker.actions.round import close_round, open_round, plan_round
from tracker.forms.round import RoundForm
from tracker.models import Round, User
from tracker.models.round import RoundStage
from tracker.permissions import can_manage_rounds
from tracker.web import unsaved_input
from tracker.web.bodies import BodyChoice, choose_body
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed

STEPS = {"open": open_round, "close": close_round}


@require_safe
def round_list(request: SignedInRequest) -> HttpResponse:
    _refuse_others(request.user)
    return render(request, "tracker/round/list.html", {"tab": "rounds", "rounds": Round.objects.select_related("body")})


@require_http_methods(["GET", "HEAD", "POST"])
def round_add(request: SignedInRequest) -> HttpResponse:
    _refuse_others(request.user)
    units = Recommendation.objects.published().units()
    choice = choose_body(request, Body.objects.filter(pk__in=units.order_by().values("body")))
    return _edit(request, Round(body=choice.body), choice)


@require_http_methods(["GET", "HEAD", "POST"])
def round(request: SignedInRequest, code: str) -> HttpResponse:
    """Edit or open a planned round, close an open round."""
    _refuse_others(request.user)
    found = get_object_or_404(Round, code=code)
    if request.method == "POST" and "step" in request.POST:
        return _step(request, found)
    if found.state == RoundStage.PLANNED or request.method == "POST":
        return _edit(request, found)
    units = found.units.select_related("unit__current_wording")
    return render(request, "tracker/round/round.html", {"tab": "rounds", "round": found, "units": units})


def _edit(request: SignedInRequest, found: Round, choice: BodyChoice | None = None) -> HttpResponse:
    typed = unsaved_input.take(request) if request.method != "POST" else None
    form, status = RoundForm(request.POST or typed, instance=found), 200
    if request.method == "POST" and form.is_valid():
        try:
            plan_round(round=form.instance, **form.scope, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        except NotAllowed:
            form.add_error(None, _("This round was opened meanwhile, and stays as it was opened. Nothing was saved."))
            status = 409
        else:
            messages.success(request, _("The round is planned."))
            return redirect(form.instance)
    return render(
        request,
        "tracker/round/edit.html",
        {
            "body_choice": choice,
            "tab": "rounds",
            "form": form,
            "round": found if found.pk and status == 200 else None,
            "is_unsaved": typed is not None,
        },
        status=status,
    )


def _step(request: SignedInRequest, found: Round) -> HttpResponse:
    if request.POST["step"] not in STEPS:
        raise BadRequest
    try:
        STEPS[request.POST["step"]](round=found, by=request.user)
    except NotAllowed:
        messages.warning(request, _("This was done already."))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect(found)


def _refuse_others(user: User) -> None:
    if not can_manage_rounds(user):
        raise PermissionDenied
