"""Collect what the next focal point needs to know: what is going on, what waits, who has what, what changed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from recommendations.groups import group_pairs
from tracker.models import (
    Assignment,
    Draft,
    EvidenceVersion,
    Membership,
    Proposal,
    Record,
    Respondent,
    Revision,
    Submission,
    User,
)
from tracker.models.answer_fields import UNFINISHED
from tracker.models.digest import PROOFS
from tracker.models.user import Role
from tracker.queries.desk.assignments import AssignmentList, items_on_desk
from tracker.queries.desk.overview import RoundOnDesk, rounds_on_desk
from tracker.queries.desk.units import SOON_DAYS
from tracker.queries.submissions.questions import Clarification, open_clarifications

LATELY = timedelta(days=30)


class HandoverPart(NamedTuple):
    """What an institution or a person has until one due date; all of it, if the person has left."""

    assignee: str
    rows: list[Assignment]
    is_with_nobody: bool

    @property
    def returned(self) -> int:
        return sum(row.is_returned for row in self.rows)

    @property
    def ready(self) -> int:
        return sum(row.is_ready for row in self.rows)

    @property
    def is_overdue(self) -> bool:
        return any(row.is_overdue for row in self.rows)

    @property
    def due_on(self) -> date | None:
        return None if self.is_with_nobody else self.rows[0].due_on


class Person(NamedTuple):
    membership: Membership
    last_day: date | None
    has_ended: bool


@dataclass(frozen=True)
class Handover:
    """`targets`: with work left and a target date that passed or is near, the earliest first. `submissions` has the
    newest of each round; `records` those saved in the last thirty days, the newest first.
    """

    respondent: Respondent
    at: datetime
    rounds: list[RoundOnDesk]
    questions: list[Clarification]
    assigned: list[HandoverPart]
    targets: list[Record]
    proposals: list[Proposal]
    drafts: list[Draft]
    submissions: list[Submission]
    people: list[Person]
    records: list[Record]
    evidence: list[EvidenceVersion]

    @property
    def staffed(self) -> set[int | None]:
        """Return the keys of institutions in which somebody signs in."""
        return {person.membership.institution_id for person in self.people if not person.has_ended}


def handover(respondent: Respondent, reader: User) -> Handover:
    at = timezone.now()
    return Handover(
        respondent=respondent,
        at=at,
        rounds=rounds_on_desk(respondent, reader),
        questions=open_clarifications(respondent, reader),
        assigned=_by_assignee(items_on_desk(respondent, reader)),
        targets=_targets(respondent, reader, timezone.localdate(at) + SOON_DAYS),
        proposals=_proposals(respondent, reader),
        drafts=list(Draft.objects.headers_for(reader).filter(respondent=respondent).order_by("unit__position", "pk")),
        submissions=_newest_by_round(respondent, reader),
        people=_people(respondent),
        records=_saved_since(respondent, reader, at - LATELY),
        evidence=_evidence_since(respondent, reader, at - LATELY),
    )


def parts_without_user(items: AssignmentList) -> list[HandoverPart]:
    return [part for part in _by_assignee(items) if part.is_with_nobody]


def _by_assignee(items: AssignmentList) -> list[HandoverPart]:
    ordered = sorted(items.listed, key=lambda row: row.unit.position)
    groups = group_pairs(((row.assignee_key, None if _has_left(row) else row.due_on), row) for row in ordered)
    found = [HandoverPart(rows[0].assignee, rows, _has_left(rows[0])) for rows in groups.values()]
    return sorted(
        found,
        key=lambda part: (
            not part.is_with_nobody,
            not part.rows[0].institution_id,
            part.assignee,
            part.due_on or date.max,
        ),
    )


def desk_to_take_over(user: User) -> Respondent | None:
    """Return the desk of a new focal point that had another focal point, or answers, before that day."""
    return next((desk for desk in user.new_desks if _had_others(desk, user)), None)


def _had_others(desk: Respondent, user: User) -> bool:
    since = min(m.since for m in user.current_memberships if m.respondent_id == desk.pk and m.role == Role.FOCAL_POINT)
    before = Membership.objects.filter(respondent=desk, role=Role.FOCAL_POINT, since__lt=since)
    saved = Revision.objects.visible_to(user).filter(record__respondent=desk, created_at__date__lt=since)
    is_successor = ~Exists(before.filter(user=user)) & (Exists(before) | Exists(saved))
    return Respondent.objects.filter(is_successor, pk=desk.pk).exists()


def _has_left(row: Any) -> bool:
    return row.person_id is not None and not row.person_is_here


def _proposals(respondent: Respondent, reader: User) -> list[Proposal]:
    waiting = Proposal.objects.visible_to(reader).filter(respondent=respondent).waiting()
    found = waiting.select_related("unit", "author", "institution").defer("fields", *PROOFS)
    return list(found.order_by("unit__position", "pk"))


def _newest_by_round(respondent: Respondent, reader: User) -> list[Submission]:
    submitted = Submission.objects.visible_to(reader).filter(respondent=respondent)
    rows = submitted.select_related("respondent", "round", "participation", "sealed_by").order_by("round", "number")
    newest = {row.round_id: row for row in rows}
    return sorted(newest.values(), key=lambda row: row.sealed_at, reverse=True)


def _people(respondent: Respondent) -> list[Person]:
    runs = Membership.objects.current().filter(pk=OuterRef("pk"))
    rows = Membership.objects.filter(respondent=respondent).annotate(runs=Exists(runs))
    today, roles = timezone.localdate(), list(Role)
    people = [
        Person(row, _last_day(row), not row.runs and row.since <= today)
        for row in rows.select_related("user", "institution")
    ]
    running = [person for person in people if not person.has_ended]
    ended = [person for person in people if person.has_ended]
    running.sort(key=lambda person: (roles.index(Role(person.membership.role)), str(person.membership.user)))
    ended.sort(key=lambda person: person.last_day or today, reverse=True)
    return running + ended


def _last_day(membership: Membership) -> date | None:
    ended = timezone.localdate(membership.ended_at) if membership.ended_at else None
    return min((day for day in (membership.until, ended) if day), default=None)


def _saved_since(respondent: Respondent, reader: User, since: datetime) -> list[Record]:
    revisions = Revision.objects.filter(record=OuterRef("pk"))
    before = revisions.filter(created_at__lt=since).order_by("-number")
    return list(
        Record.objects.visible_to(reader)
        .filter(respondent=respondent, current__created_at__gte=since)
        .annotate(status_before=Subquery(before.values("status")[:1]))
        .select_related("recommendation", "current__author")
        .only(
            *(f"recommendation__{name}" for name in ("label", "corrected_label", "slug", "title")),
            *(f"current__{name}" for name in ("status", "created_at", "author__name", "author__email")),
        )
        .order_by("-current__created_at", "pk")
    )


def _targets(respondent: Respondent, reader: User, until: date) -> list[Record]:
    asked = respondent.units_to_answer().order_by().values("pk")
    unfinished = Record.objects.visible_to(reader).filter(respondent=respondent, recommendation__in=asked)
    found = unfinished.filter(current__status__in=UNFINISHED, current__target_date__lte=until)
    return list(found.select_related("recommendation", "current").order_by("current__target_date", "pk"))


def _evidence_since(respondent: Respondent, reader: User, since: datetime) -> list[EvidenceVersion]:
    versions = EvidenceVersion.objects.visible_to(reader).filter(evidence__respondent=respondent, created_at__gte=since)
    return list(versions.select_related("evidence", "author", "withdrawal").order_by("-created_at", "-pk"))
