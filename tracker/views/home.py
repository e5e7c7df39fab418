from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Max, Min
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from recommendations.catalogue_file import CATALOGUE_FIELDS
from recommendations.models import Family, Meeting, NodeKind, Paper, Recommendation, Theme
from recommendations.queries import published_nodes
from tracker.documents.publication import PUBLIC_FIELDS
from tracker.documents.statements import ROUNDED, USUAL
from tracker.figures.progress import RoundProgress, response_to
from tracker.figures.public_figures import newest_release
from tracker.models import AccessChange, Round, Submission, User, Withdrawal
from tracker.models.access_change import AccessChangeStage
from tracker.models.respondent import AS_A_PARTY
from tracker.models.user import SECRETARIAT_ROLES
from tracker.permissions import can_edit_catalogue, can_manage_people, can_read_papers, can_see_progress, is_reviewer
from tracker.queries.desk.handover import desk_to_take_over
from tracker.queries.papers import papers_to_confirm
from tracker.queries.status_reports import waiting_report_rows
from tracker.queries.submissions.reading import reading_tasks
from tracker.queries.treaty_acts import complete_acts, describe_status_lists, waiting_acts
from tracker.web.desks import only_desk
from tracker.web.request import Request, SignedInRequest


@login_not_required
@require_safe
def home(request: Request) -> HttpResponse:
    """Show strangers the front page; lead users to their desk or their desks, at first by the welcome page or, where a
    focal point succeeds another, by the handover.
    """
    user = request.user
    if not user.is_authenticated:
        publishing = Submission.objects.published().values("respondent").distinct().count()
        context = {"catalogue": _catalogue(), "release": newest_release(), "publishing": publishing}
        return render(request, "tracker/home/front.html", context)
    if desk := desk_to_take_over(user):
        return redirect("handover", desk.code)
    if user.current_memberships and not user.welcomed_at:
        return redirect("welcome")
    if not user.respondents:
        return _desks(request, user)
    return redirect(only_desk(user) or "desks")


@require_safe
def desks(request: SignedInRequest) -> HttpResponse:
    return _desks(request, request.user)


def _desks(request: Request, user: User) -> HttpResponse:
    roles = {role.name.lower(): user.has_role(role) for role in SECRETARIAT_ROLES}
    own = [(desk, [m for m in user.current_memberships if m.respondent_id == desk.pk]) for desk in user.respondents]
    may_curate, may_manage = can_edit_catalogue(user), can_manage_people(user)
    context = {
        "desks": own,
        "roles": roles,
        "tasks": reading_tasks(user) if is_reviewer(user) else None,
        "act_count": waiting_acts().count() if may_curate else 0,
        "report_count": waiting_report_rows(user).count() if may_curate else 0,
        "access_count": AccessChange.objects.filter(state=AccessChangeStage.REQUESTED).count() if may_manage else 0,
        "papers": papers_to_confirm(user) if can_read_papers(user) else [],
        "withdrawals": list(Withdrawal.objects.headers_for(user).waiting()) if user.is_secretariat else [],
        "rounds": _open_rounds() if can_see_progress(user) else [],
        "opens_figures": is_reviewer(user),
    }
    return render(request, "tracker/home/desks.html", context)


def _open_rounds() -> list[RoundProgress]:
    rounds = Round.objects.open().select_related("body").order_by("due_on", "pk")
    return response_to(*rounds) if rounds else []


@login_not_required
@require_safe
def about(request: Request) -> HttpResponse:
    complete = complete_acts()
    context = {"catalogue": _catalogue(), "rounded": ROUNDED[0], "complete": complete}
    return render(request, "tracker/home/about.html", context | {"lists": describe_status_lists(complete)})


@login_not_required
@require_safe
def data(request: Request) -> HttpResponse:
    context = {
        "example": next((node for node in published_nodes() if node.is_open_unit), None),
        "catalogue_fields": CATALOGUE_FIELDS,
        "statements": USUAL,
        "answer_columns": PUBLIC_FIELDS,
    }
    return render(request, "tracker/home/data.html", context)


@login_not_required
@require_safe
def text_page(request: Request, name: str) -> HttpResponse:
    return render(request, f"tracker/home/{name}.html")


def _catalogue() -> dict:
    texts = Recommendation.objects.published().of(None)
    units = texts.units()
    papers = list(Paper.objects.filter(pk__in=texts.order_by().values("paper")).select_related("body"))
    meetings = Meeting.objects.filter(pk__in=texts.order_by().values("meeting"))
    counted = meetings.aggregate(meetings=Count("pk"), first=Min("starts__year"), last=Max("ends__year"))
    return {
        "body": papers[0].body if papers else None,
        "papers": papers,
        **counted,
        "texts": texts.count(),
        "recommendations": texts.filter(kind=NodeKind.RECOMMENDATION).count(),
        "units": units.count(),
        "asked_of_parties": units.for_addressees(*AS_A_PARTY).count(),
        "themes": Theme.objects.count(),
        "families": Family.objects.count(),
    }
