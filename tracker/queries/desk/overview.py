"""Read what the overview of a State shows next to its figures: where to continue, what changed, the rounds."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from recommendations.groups import group_pairs
from recommendations.models import Body
from tracker.models import Draft, Record, Respondent, Revision, Round, RoundUnit, Submission, SubmissionItem, User
from tracker.models.digest import PROOFS
from tracker.models.submission import SubmissionStage
from tracker.queries.desk.assignments import AssignmentList, next_due
from tracker.queries.desk.units import UnitGroup, UnitRow, by_theme, unanswered
from tracker.queries.quotations import read_open_quotations
from tracker.workflow import may_submit

NEXT, CHANGES = 5, 6


class AssigneeCounts(NamedTuple):
    """Count the current assignments of an institution or a person; `unanswered`: those without an answer."""

    assignee: str
    assigned: int
    unanswered: int
    ready: int
    next_due: date | None


class LastRound(NamedTuple):
    """What a State submitted last in an earlier round: `statuses` by key of the unit. `submission` has its reference
    alone. Only where there is such a round the State can be quoted: `is_quoted` says whether it can still object.
    """

    submission: Submission
    statuses: Mapping[int, str]
    is_quoted: bool


def next_units(rows: list[UnitRow]) -> list[UnitRow]:
    """Return a few units without an answer that nobody else has: those after the latest answer in the paper, or of a
    short section.
    """
    answered = [(row.revision.created_at, row.unit.position) for row in rows if row.revision]
    if not answered:
        return unanswered(short_section(rows).rows)[:NEXT] if rows else []
    _saved_at, latest = max(answered)
    return sorted(unanswered(rows), key=lambda row: row.unit.position < latest)[:NEXT]


def short_section(rows: list[UnitRow]) -> UnitGroup:
    return min(by_theme(rows), key=lambda group: len(group.rows))


def own_draft(respondent: Respondent, reader: User) -> Draft | None:
    drafts = Draft.objects.visible_to(reader).filter(respondent=respondent).exclude(fields={})
    return drafts.select_related("unit").order_by("-saved_at", "-pk").first()


def counts_by_assignee(items: AssignmentList, rows: Iterable[UnitRow]) -> list[AssigneeCounts]:
    """List the holders of current assignments, in alphabetical order."""
    without = {row.unit.pk for row in rows if not row.is_answered}
    groups = group_pairs((item.assignee, item) for item in items.listed)
    return [
        AssigneeCounts(
            assignee=name,
            assigned=len(group),
            unanswered=sum(item.unit_id in without for item in group),
            ready=sum(item.is_ready for item in group),
            next_due=next_due(group),
        )
        for name, group in sorted(groups.items(), key=lambda pair: pair[0].casefold())
    ]


def newest_changes(respondent: Respondent, reader: User, since: datetime | None = None) -> QuerySet[Revision]:
    """Return the newest revisions; with `since`, those that others saved after it. `status_before` is None for a first
    revision.
    """
    answered = Record.objects.visible_to(reader).filter(respondent=respondent, current__isnull=False)
    revisions = Revision.objects.visible_to(reader)
    if since:
        saved = revisions.filter(record__in=answered.filter(current__created_at__gt=since), created_at__gt=since)
        saved = saved.exclude(author=reader)
    else:
        saved_last = answered.order_by("-current__created_at", "-current_id").values("pk")[:CHANGES]
        saved = revisions.filter(record__in=saved_last)
    before = Revision.objects.visible_to(reader).filter(record=OuterRef("record"), number=OuterRef("number") - 1)
    return (
        saved.select_related("author", "record__recommendation")
        .defer(*PROOFS)
        .annotate(status_before=Subquery(before.values("status")))
        .order_by("-created_at", "-pk")[:CHANGES]
    )


def last_round(respondent: Respondent, reader: User, body: Body | None) -> LastRound | None:
    """Read the newest submission of a closed round in one query."""
    closed = Submission.objects.visible_to(reader).filter(
        respondent=respondent, round__body=body, round__in=Round.objects.closed()
    )
    newest = closed.not_withdrawn().order_by("-round__due_on", "-pk").values("pk")[:1]
    items = SubmissionItem.objects.visible_to(reader).filter(submission=Subquery(newest)).order_by("position")
    is_quoted = Exists(read_open_quotations(respondent, reader))
    found = list(items.values_list("unit", "status", "submission__number", "submission__round__code", is_quoted))
    if not found:
        return None
    *_item, number, code, quoted = found[0]
    submission = Submission(respondent=respondent, round=Round(code=code), number=number)
    return LastRound(submission, {unit: status for unit, status, *_submission in found}, quoted)


class RoundOnDesk(NamedTuple):
    """`asks`: clarification is requested on a submission of the round; `not_submitted`: answers, in the version saved
    last, that the current submission does not have.
    """

    round: Round
    current: Submission | None
    asks: bool = False
    not_submitted: int = 0

    @property
    def is_open(self) -> bool:
        return may_submit(self.round)


def rounds_on_desk(respondent: Respondent, reader: User) -> list[RoundOnDesk]:
    """Return the open rounds by due date, and closed rounds with clarifications that wait for a reply."""
    own = Submission.objects.visible_to(reader).filter(respondent=respondent)
    in_clarification = own.filter(participation__state=SubmissionStage.CLARIFICATION_REQUESTED).values("round")
    rounds = list(
        Round.objects.filter(Q(pk__in=Round.objects.open()) | Q(pk__in=in_clarification))
        .select_related("body")
        .annotate(not_submitted=Coalesce(Subquery(_count_not_submitted(respondent, reader)), 0))
        .order_by("due_on", "pk")
    )
    submitted = own.filter(round__in=rounds).order_by("number").select_related("respondent", "round", "participation")
    current = {submission.round_id: submission for submission in submitted}
    asking = {
        submission.round_id
        for submission in submitted
        if submission.participation.state == SubmissionStage.CLARIFICATION_REQUESTED
    }
    return [
        RoundOnDesk(round_, current.get(round_.pk), round_.pk in asking, round_.not_submitted)  # type: ignore[attr-defined]
        for round_ in rounds
    ]


def _count_not_submitted(respondent: Respondent, reader: User) -> QuerySet:
    submitted = SubmissionItem.objects.filter(
        submission__participation__current=F("submission"),
        submission__participation__round=OuterRef(OuterRef("pk")),
        revision=OuterRef("current"),
    )
    in_scope = RoundUnit.objects.filter(round=OuterRef(OuterRef("pk"))).values("unit")
    answered = Record.objects.visible_to(reader).filter(
        ~Exists(submitted), respondent=respondent, current__isnull=False, recommendation__in=in_scope
    )
    return answered.order_by().values("respondent").annotate(count=Count("pk")).values("count")
