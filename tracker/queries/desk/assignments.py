"""What is assigned to whom, how far it is, and what is late: for those who do it and for who waits for it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, StringAgg, Value

from recommendations.models import Recommendation
from tracker.models import Assignment, Institution, Membership, Record, Respondent, Revision, User
from tracker.models.assignment import AssignmentStage
from tracker.models.user import Role

State = AssignmentStage


class AssignmentList(NamedTuple):
    """What stands assigned: to one person, or of one desk; what came back and what is late first."""

    listed: list[Assignment]

    def of(self, reader: User, respondent: Respondent) -> "AssignmentList":
        """Those of this person and of her institutions."""
        institutions = reader.institution_ids(respondent.pk)
        return AssignmentList(
            [row for row in self.listed if row.person == reader or row.institution_id in institutions]
        )

    @property
    def open(self) -> list[Assignment]:
        return [row for row in self.listed if not row.is_ready]

    @property
    def ready(self) -> list[Assignment]:
        return [row for row in self.listed if row.is_ready]

    @property
    def returned(self) -> list[Assignment]:
        return [row for row in self.listed if row.is_returned]

    @property
    def overdue(self) -> list[Assignment]:
        return [row for row in self.listed if row.is_overdue]


class AssigneeProgress(NamedTuple):
    """How far one institution or person is. Each unit counts once, by its newest assignment that was not taken back;
    `begun`: an answer was saved since it was assigned.
    """

    assignee: Institution | User
    assigned: int
    started: int
    ready: int
    returned: int
    accepted: int
    overdue: int

    @property
    def counts(self) -> list[int]:
        """Those over `assigned`, in their order."""
        return [self.started, self.ready, self.returned, self.accepted, self.overdue]

    @property
    def is_institution(self) -> bool:
        return isinstance(self.assignee, Institution)


def items_of_the_desk(respondent: Respondent, reader: User) -> AssignmentList:
    """As far as it is opened to the reader: of a desk that is opened in part, her own."""
    return _items(_standing(respondent, reader))


def assignments_of(unit: Recommendation, respondent: Respondent, reader: User) -> list[Assignment]:
    """What stands assigned of one unit, as far as it is opened to the reader."""
    return _items(_standing(respondent, reader).filter(unit=unit)).listed


def progress_of_assignments(respondent: Respondent, reader: User) -> list[AssigneeProgress]:
    """Institutions by name, then persons by name; only those to whom something was assigned."""
    rows = Assignment.objects.visible_to(reader).filter(respondent=respondent).exclude(state=State.ENDED)
    rows = rows.select_related("institution", "person").order_by("assigned_at", "pk")
    saved = _saved_at(respondent, reader)
    groups: dict[Institution | User, dict[int, Assignment]] = defaultdict(dict)
    for row in rows:
        groups[row.institution or row.person][row.unit_id] = row
    found = [_progress(assignee, group.values(), saved) for assignee, group in groups.items()]
    return sorted(found, key=lambda institution: (not institution.is_institution, str(institution.assignee).casefold()))


def institutions_of(respondent: Respondent, reader: User) -> QuerySet[Institution]:
    return Institution.objects.visible_to(reader).filter(respondent=respondent).order_by("name", "pk")


def institutions_offered(respondent: Respondent, reader: User) -> list[Institution]:
    """Those that are chosen from."""
    return [institution for institution in institutions_of(respondent, reader) if institution.is_offered]


def names_of_institutions(respondent: Respondent, reader: User, separator: str) -> QuerySet:
    """The names of those that are chosen from, joined, in a row of its own: for a subquery."""
    offered = institutions_of(respondent, reader).filter(closed_at__isnull=True).exclude(name="")
    joined = StringAgg("name", delimiter=Value(separator))
    return offered.order_by().values("respondent").annotate(names=joined).values("names")


def contributors(respondent: Respondent) -> list[Membership]:
    """Of today, by name, each with the institution."""
    active = Membership.objects.active().filter(respondent=respondent, role=Role.CONTRIBUTOR)
    return list(active.select_related("user", "institution").order_by("user__name", "user__email", "pk"))


def named_in_answers(respondent: Respondent, reader: User) -> list[str]:
    """Names that stand in current answers, as lead institution or as who sent them, and not on the list."""
    listed = {institution.name.strip().casefold() for institution in institutions_of(respondent, reader)}
    current = Revision.objects.visible_to(reader).filter(pk__in=_records(respondent, reader).values("current"))
    named: dict[str, str] = {}
    for pair in current.values_list("lead_institution", "received_from").order_by().distinct():
        for name in pair:
            if name.strip() and name.strip().casefold() not in listed:
                named.setdefault(name.strip().casefold(), name.strip())
    return sorted(named.values(), key=str.casefold)


def _records(respondent: Respondent, reader: User) -> QuerySet[Record]:
    return Record.objects.visible_to(reader).filter(respondent=respondent)


def _saved_at(respondent: Respondent, reader: User) -> dict[int, datetime]:
    """When each unit's answer was saved last."""
    answered = _records(respondent, reader).filter(current__isnull=False)
    return dict(answered.values_list("recommendation", "current__created_at"))


def _progress(assignee: Institution | User, rows: Iterable[Assignment], saved: dict[int, datetime]) -> AssigneeProgress:
    rows = list(rows)
    return AssigneeProgress(
        assignee=assignee,
        assigned=len(rows),
        started=sum(row.unit_id in saved and saved[row.unit_id] >= row.assigned_at for row in rows),
        ready=sum(row.is_ready for row in rows),
        returned=sum(row.is_returned for row in rows),
        accepted=sum(row.state == State.ACCEPTED for row in rows),
        overdue=sum(row.is_overdue for row in rows),
    )


def _standing(respondent: Respondent, reader: User) -> QuerySet[Assignment]:
    """With `person_is_here`: whether to whom it is assigned, where that is a person, is one of the State's today."""
    here = Membership.objects.active().filter(user=OuterRef("person"), respondent=OuterRef("respondent"))
    rows = Assignment.objects.visible_to(reader).filter(respondent=respondent).standing()
    return rows.annotate(person_is_here=Exists(here)).select_related(
        "unit__current_wording", "institution", "person", "moved_by"
    )


def _items(rows: Iterable[Assignment]) -> AssignmentList:
    return AssignmentList(sorted(rows, key=_urgency))


def _urgency(row: Assignment) -> tuple:
    """What came back, what is late, what is due next; what is handed back last."""
    return row.is_ready, not row.is_returned, not row.is_overdue, row.due_on or date.max, row.unit.position, row.pk
