"""Read what the overview of a State shows next to its figures: what is next, and what changed lately."""

from typing import NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from tracker.models import EvidenceVersion, Record, Respondent, Revision, Round, Submission, User
from tracker.models.round import RoundStage
from tracker.models.submission import SubmissionStage
from tracker.queries.desk.units import UnitGroup, UnitRow, by_theme

NEXT, CHANGES, PIECES = 5, 6, 4


def next_units(rows: list[UnitRow]) -> list[UnitRow]:
    """Return a few units without an answer: those after the latest answer in the paper, or of a short section."""
    answered = [(row.revision.created_at, row.unit.position) for row in rows if row.revision]
    if not answered:
        return short_section(rows).rows[:NEXT] if rows else []
    _saved_at, latest = max(answered)
    unanswered = [row for row in rows if not row.is_answered]
    return sorted(unanswered, key=lambda row: row.unit.position < latest)[:NEXT]


def short_section(rows: list[UnitRow]) -> UnitGroup:
    return min(by_theme(rows), key=lambda group: len(group.rows))


def newest_changes(respondent: Respondent, reader: User) -> QuerySet[Revision]:
    """Return the newest revisions of the records saved last. `status_before` is None for a first revision."""
    answered = Record.objects.visible_to(reader).filter(respondent=respondent, current__isnull=False)
    saved_last = answered.order_by("-current__created_at", "-current_id").values("pk")[:CHANGES]
    before = Revision.objects.visible_to(reader).filter(record=OuterRef("record"), number=OuterRef("number") - 1)
    return (
        Revision.objects.visible_to(reader)
        .filter(record__in=saved_last)
        .select_related("author", "record__recommendation")
        .defer("salts", "field_digests")
        .annotate(status_before=Subquery(before.values("status")))
        .order_by("-created_at", "-pk")[:CHANGES]
    )


def newest_evidence(respondent: Respondent, reader: User) -> QuerySet[EvidenceVersion]:
    return (
        EvidenceVersion.objects.visible_to(reader)
        .filter(evidence__respondent=respondent, evidence__current=F("pk"))
        .select_related("evidence", "author")
        .order_by("-created_at", "-pk")[:PIECES]
    )


class RoundOnDesk(NamedTuple):
    round: Round
    current: Submission | None

    @property
    def is_open(self) -> bool:
        return self.round.state == RoundStage.OPEN


def rounds_on_desk(respondent: Respondent, reader: User) -> list[RoundOnDesk]:
    """Return the open rounds by due date, and closed rounds with clarifications that wait for a reply."""
    own = Submission.objects.visible_to(reader).filter(respondent=respondent)
    in_clarification = own.filter(standing__state=SubmissionStage.CLARIFICATION_REQUESTED).values("round")
    rounds = list(
        Round.objects.filter(Q(state=RoundStage.OPEN) | Q(pk__in=in_clarification))
        .select_related("body")
        .order_by("due_on", "pk")
    )
    submitted = (
        own.filter(round__in=rounds)
        .order_by("number")
        .select_related(
            "respondent", "round", "standing", "answers_to__standing", "answers_to__respondent", "answers_to__round"
        )
    )
    current = {submission.round_id: submission for submission in submitted}
    return [RoundOnDesk(round_, current.get(round_.pk)) for round_ in rounds]
