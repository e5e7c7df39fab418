from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from recommendations.groups import group_pairs
from tracker.models import AccessChange, Invitation, Membership, Respondent, User
from tracker.models.access_change import OPEN
from tracker.models.user import Role
from tracker.permissions import is_focal_point
from tracker.queries.second_factor import fetch_second_factors

ENDING_DAYS = (30, 7)
RECENT_DAYS = 90
ORDER = [Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.VIEWER]


def members(respondent: Respondent) -> list[Membership]:
    standing = Membership.objects.not_ended().filter(respondent=respondent, user__is_active=True)
    standing = standing.select_related(
        "user", "institution", "respondent", "granted_by", "confirmed_by", "access_change"
    )
    return sorted(
        standing.prefetch_related(fetch_second_factors("user__")),
        key=lambda membership: (ORDER.index(Role(membership.role)), membership.user.name.casefold(), membership.pk),
    )


def access_change_rows(respondent: Respondent, reader: User) -> list[AccessChange]:
    """Return what administrators requested for the State's people in the last 90 days, and what is open, for its focal
    points.
    """
    if not is_focal_point(reader, respondent):
        return []
    since = timezone.now() - timedelta(days=RECENT_DAYS)
    found = AccessChange.objects.of_team(respondent).filter(Q(state__in=OPEN) | Q(ended_at__gte=since))
    return list(found.with_people())


def invitation_rows(respondent: Respondent, reader: User) -> list[Invitation]:
    rows = Invitation.objects.visible_to(reader).filter(respondent=respondent)
    standing = rows.filter(withdrawn_at__isnull=True, accepted_at__isnull=True)
    return list(standing.select_related("institution", "invited_by", "respondent"))


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation of a link in any state; anyone who has the link may see it."""
    found = Invitation.objects.of_link(token)
    return found.select_related("respondent", "institution", "invited_by").first()


def roles_to_end(memberships: QuerySet[Membership]) -> Iterator[tuple[Membership, date, int]]:
    """Yield roles that end soon with their last day and the warning that is due, in days.

    The warning is the last whose day has come since the role began. A shorter role has none.
    """
    soon = timezone.localdate() + timedelta(days=max(ENDING_DAYS))
    ending = memberships.filter(pk__in=Membership.objects.current().values("pk"), until__lte=soon)
    for membership in ending.select_related("user", "respondent").order_by("until", "pk"):
        if membership.until and (days := days_to_remind(ENDING_DAYS, membership.since, membership.until)):
            yield membership, membership.until, days


def days_to_remind(of: Iterable[int], since: date, until: date) -> int | None:
    """Return of these numbers of days before `until` the last that has come since `since`, missed days included."""
    left, lasts = (until - timezone.localdate()).days, (until - since).days
    return min((days for days in of if left <= days <= lasts), default=None)


def memberships_to_end(memberships: Iterable[Membership]) -> list[Membership]:
    return [
        membership
        for membership in memberships
        if membership.until and days_to_remind(ENDING_DAYS, membership.since, membership.until)
    ]


def without_focal_point() -> list[Respondent]:
    """Return States that have or had a team."""
    of_it = Membership.objects.filter(respondent=OuterRef("pk"))
    standing = Membership.objects.current().filter(respondent=OuterRef("pk"), role=Role.FOCAL_POINT)
    return list(Respondent.objects.filter(Exists(of_it), ~Exists(standing)))


class DirectoryRow(NamedTuple):
    respondent: Respondent
    memberships: list[Membership]


def directory() -> list[DirectoryRow]:
    """Return contact points who agreed to be listed, in UN alphabetical order (I.22). Nobody else is named."""
    listed = (
        Membership.objects.current()
        .filter(role=Role.FOCAL_POINT, respondent__in_directory=True, user__in_directory=True)
        .select_related("user", "respondent", "institution")
        .order_by("respondent__sort_key", "user__name", "pk")
    )
    found = group_pairs((membership.respondent, membership) for membership in listed if membership.respondent)
    return [DirectoryRow(respondent, memberships) for respondent, memberships in found.items()]
