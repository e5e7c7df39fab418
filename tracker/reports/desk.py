"""What the desk of a respondent shows beside its figures: what is next, and what changed lately."""

from django.db.models import F, OuterRef, QuerySet, Subquery

from tracker.models import EvidenceVersion, Respondent, Revision, User
from tracker.reports.figures import Figures, GroupProgress
from tracker.reports.units import UnitRow

NEXT, CHANGES, PIECES = 5, 6, 4


def next_units(asked: list[UnitRow]) -> list[UnitRow]:
    """A few units without an answer: those that follow the latest answer in the paper, then those before it."""
    answered = [row for row in asked if row.is_answered]
    latest = max((row.changed_at, row.unit.position) for row in answered)[1] if answered else 0
    unanswered = [row for row in asked if not row.is_answered]
    return sorted(unanswered, key=lambda row: row.unit.position < latest)[:NEXT]


def short_section(figures: Figures) -> GroupProgress | None:
    """The theme with the fewest units: a good one to begin with."""
    return min(figures.by_theme, key=lambda group: group.progress.asked, default=None)


def recent_changes(respondent: Respondent, reader: User) -> QuerySet[Revision]:
    """The newest revisions, each with `status_before`: the status code that it followed, None for a first one."""
    before = Revision.objects.visible_to(reader).filter(record=OuterRef("record"), number=OuterRef("number") - 1)
    return (
        Revision.objects.visible_to(reader)
        .filter(record__respondent=respondent)
        .select_related("author", "record__recommendation")
        .defer("salts", "field_digests")
        .annotate(status_before=Subquery(before.values("status")))
        .order_by("-created_at", "-pk")[:CHANGES]
    )


def recent_evidence(respondent: Respondent, reader: User) -> QuerySet[EvidenceVersion]:
    """The pieces that were added or changed last, in their current version."""
    return (
        EvidenceVersion.objects.visible_to(reader)
        .filter(evidence__respondent=respondent, evidence__current=F("pk"))
        .select_related("evidence", "author")
        .order_by("-created_at", "-pk")[:PIECES]
    )
