"""Find what the Secretariat sees of each State before it submits: its focal points and what it submitted."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max
from django.utils import timezone

from recommendations.groups import group_pairs
from tracker.models import Event, Membership, Respondent, Round, Submission, User
from tracker.models.notification import NotificationKind
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role
from tracker.queries.addressees import respondents_of_round
from tracker.queries.reminders import WEEK

NOBODY, INVITED, ACCEPTED = "nobody", "invited", "accepted"
SUBMITTED, NOT_SUBMITTED, WITHDRAWN = "submitted", "not_submitted", "withdrawn"


class StateAccess(NamedTuple):
    """`former`: the last focal point, where there is none today; `is_asked`: the round has something to answer;
    `submission`: the newest in the round; `reminded_at`: of any round.
    """

    respondent: Respondent
    focal_points: Sequence[Membership]
    former: Membership | None
    is_asked: bool
    submission: Submission | None
    reminded_at: datetime | None

    @property
    def access(self) -> str:
        if not self.focal_points:
            return NOBODY
        return ACCEPTED if any(membership.user.last_login for membership in self.focal_points) else INVITED

    @property
    def stage(self) -> str:
        if self.submission:
            return WITHDRAWN if self.submission.is_withdrawn else SUBMITTED
        return NOT_SUBMITTED if self.is_asked else ""

    @property
    def is_missing(self) -> bool:
        return self.stage == NOT_SUBMITTED and self.respondent.kind != RespondentKind.SECRETARIAT

    @property
    def recipients(self) -> list[User]:
        """Return the focal points who accept reminders of a round."""
        people = (membership.user for membership in self.focal_points)
        return [user for user in people if NotificationKind.ROUND_REMINDER not in user.unwanted_notifications]

    @property
    def is_to_remind(self) -> bool:
        return self.is_missing and bool(self.recipients) and not self.is_reminded

    @property
    def is_reminded(self) -> bool:
        """Return whether the last reminder is of the last seven days."""
        return self.reminded_at is not None and timezone.localdate() < timezone.localdate(self.reminded_at) + WEEK


def state_rows(round_: Round | None) -> list[StateAccess]:
    """Return all respondents, in seven queries."""
    focal_points = Membership.objects.filter(role=Role.FOCAL_POINT).select_related("user").order_by("since", "pk")
    now = group_pairs((membership.respondent_id, membership) for membership in focal_points.current())
    begun = focal_points.filter(since__lte=timezone.localdate())
    last = {membership.respondent_id: membership for membership in begun}
    asked = {respondent.pk for respondent in respondents_of_round(round_)} if round_ else set()
    newest = Submission.objects.counted_in(*[round_] if round_ else []).select_related("participation")
    submissions = {submission.respondent_id: submission for submission in newest}
    reminded = dict(Event.objects.of_reminders().order_by().values_list("respondent").annotate(Max("at")))
    return [
        StateAccess(
            respondent,
            now[respondent.pk],
            None if now[respondent.pk] else last.get(respondent.pk),
            respondent.pk in asked,
            submissions.get(respondent.pk),
            reminded.get(respondent.pk),
        )
        for respondent in Respondent.objects.all()
    ]
