"""The audit trail: a State's own for its focal points, and parts of all chains for administrators."""

import re

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from recommendations.models import slug_of
from tracker.audit.trail import TrailLine, read_lines
from tracker.forms.event import SiteEventFilterForm, TrailFilterForm
from tracker.models import DailyLine, Event, User
from tracker.models.event import SHOWN
from tracker.permissions import can_manage_people, can_read_trail, check_permission
from tracker.web.desks import get_desk_or_404
from tracker.web.request import SignedInRequest

PAGE = 100


@require_safe
def event_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_read_trail)
    trail = Event.objects.visible_to(request.user).filter(respondent=desk, chain=desk.code)
    people = User.objects.filter(pk__in=trail.order_by().values("actor"))
    actions = trail.order_by().values_list("action", flat=True).distinct()
    form = TrailFilterForm(request.GET, people=people, actions=actions)
    events = form.filter_rows(trail).select_related("actor", "respondent").order_by("-number")
    page = Paginator(events, PAGE).get_page(request.GET.get("page"))
    lines = read_lines((event, event.before, event.after) for event in page)
    rows = [(line, _url_on_desk(line, desk.code)) for line in lines]
    last = trail.order_by("number").last()
    context = {"form": form, "page": page, "rows": rows, "last": last}
    context["line"] = DailyLine.objects.visible_to(request.user).filter(respondent=desk).newest()
    return render(request, "tracker/event/list.html", context)


@require_safe
def site_event_list(request: SignedInRequest) -> HttpResponse:
    check_permission(can_manage_people(request.user))
    form = SiteEventFilterForm(request.GET, actions=SHOWN)
    events = form.filter_rows(Event.objects.headers_for(request.user)).order_by("-at", "-pk")
    number = _page_number(request)
    page = Paginator(events[: PAGE * number + 1], PAGE).get_page(number)  # reads one event more, and does not count all
    lines = read_lines((event, event.was, event.became) for event in page)
    rows = [(line, _admin_url(line)) for line in lines]
    context = {"form": form, "page": page, "rows": rows, "days": settings.EVENT_ADDRESS_DAYS}
    return render(request, "tracker/event/site.html", context)


def _page_number(request: SignedInRequest) -> int:
    number = request.GET.get("page", "")
    return int(number) if re.fullmatch(r"[1-9][0-9]{0,6}", number) else 1


def _url_on_desk(line: TrailLine, code: str) -> str:
    """Return the address of the page about the subject of an event, empty where there is none."""
    match line.noun:
        case "record":
            return reverse("record", args=[code, slug_of(line.name)])
        case "evidence":
            return reverse("evidence", args=[code, line.name.removeprefix("E")])
        case "submission":
            return reverse("submission", args=line.name.split("/"))
        case "withdrawal":
            return reverse("withdrawal", args=[code, line.name])
    return ""


def _admin_url(line: TrailLine) -> str:
    match line.noun:
        case "withdrawal":
            return reverse("withdrawal_decide", args=[line.name])
        case "person":
            return reverse("admin:tracker_user_change", args=[line.name])
        case "membership":
            return reverse("admin:tracker_membership_change", args=[line.name])
    return ""
