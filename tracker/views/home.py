from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from recommendations.models import Body, Family, Meeting, NodeKind, Recommendation, Theme
from tracker.documents.publication import PUBLIC_FIELDS
from tracker.documents.statements import USUAL
from tracker.figures.public_figures import counted_now
from tracker.models import Submission, User, Withdrawal
from tracker.models.respondent import AS_A_PARTY
from tracker.models.user import SECRETARIAT_ROLES
from tracker.web.request import Request, SignedInRequest


@login_not_required
@require_safe
def home(request: Request) -> HttpResponse:
    """Show strangers the front page; lead users to their desk or their desks, at first by the welcome page."""
    user = request.user
    if not user.is_authenticated:
        publishing = Submission.objects.published().values("respondent").distinct().count()
        context = {"catalogue": _catalogue(), "counted": counted_now(), "publishing": publishing}
        return render(request, "tracker/home/front.html", context)
    if user.current_memberships and not user.welcomed_at:
        return redirect("welcome")
    if not user.respondents:
        return _desks(request, user)
    return redirect(user.respondents[0] if len(user.respondents) == 1 else "desks")


@require_safe
def desks(request: SignedInRequest) -> HttpResponse:
    return _desks(request, request.user)


def _desks(request: Request, user: User) -> HttpResponse:
    roles = {role.name.lower(): user.has_role(role) for role in SECRETARIAT_ROLES}
    own = [(desk, [m for m in user.current_memberships if m.respondent_id == desk.pk]) for desk in user.respondents]
    withdrawals = Withdrawal.objects.headers_for(user).waiting()
    return render(
        request, "tracker/home/desks.html", {"tab": "desks", "desks": own, "roles": roles, "withdrawals": withdrawals}
    )


@login_not_required
@require_safe
def about(request: Request) -> HttpResponse:
    return render(request, "tracker/home/about.html", {"catalogue": _catalogue()})


@login_not_required
@require_safe
def data(request: Request) -> HttpResponse:
    context = {"tab": "data", "body": Body.objects.first(), "statements": USUAL, "answer_columns": PUBLIC_FIELDS}
    return render(request, "tracker/home/data.html", context)


@login_not_required
@require_safe
def text_page(request: Request, name: str) -> HttpResponse:
    return render(request, f"tracker/home/{name}.html")


def _catalogue() -> dict:
    texts = Recommendation.objects.published().of(None)
    units = texts.units()
    return {
        "body": Body.objects.first(),
        "meetings": Meeting.objects.filter(body__is_first=True).count(),
        "texts": texts.count(),
        "recommendations": texts.filter(kind=NodeKind.RECOMMENDATION).count(),
        "units": units.count(),
        "asked_of_parties": units.for_addressees(*AS_A_PARTY).count(),
        "themes": Theme.objects.count(),
        "families": Family.objects.count(),
    }
