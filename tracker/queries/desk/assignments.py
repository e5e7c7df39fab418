from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.db.models import Exists, F, OuterRef, QuerySet, StringAgg, Value
from django.utils.translation import gettext as _

from recommendations.days import day_in_words
from recommendations.groups import group_pairs
from recommendations.lists import format_list
from recommendations.models import Body, Recommendation
from tracker.models import Assignment, Event, Institution, Membership, Record, Respondent, Revision, User
from tracker.models.assignment import AssignmentStage
from tracker.models.event import Action
from tracker.models.user import Role
from tracker.queries.desk.copies import with_citations
from tracker.queries.desk.units import UnitRow, unit_rows

State = AssignmentStage


class AssignmentList(NamedTuple):
    """List the assignments of one user or of one desk; returned assignments and passed due dates come first."""

    listed: list[Assignment]

    def of(self, reader: User, respondent: Respondent) -> "AssignmentList":
        institutions = reader.institution_ids(respondent.pk)
        return AssignmentList(
            [row for row in self.listed if row.person == reader or row.institution_id in institutions]
        )

    @property
    def by_assignee(self) -> "AssignmentList":
        """Sort by institution, then by person; those with the same note follow each other."""
        return AssignmentList(
            sorted(
                self.listed,
                key=lambda row: (not row.institution_id, row.assignee.casefold(), row.assignee_key, row.note),
            )
        )

    @property
    def open(self) -> list[Assignment]:
        return [row for row in self.listed if not row.is_ready]

    @property
    def ready(self) -> list[Assignment]:
        return [row for row in self.listed if row.is_ready]

    @property
    def sent(self) -> list[Assignment]:
        return [row for row in self.listed if row.is_sent]

    @property
    def not_sent(self) -> list[Assignment]:
        return [row for row in self.listed if not row.is_sent]

    @property
    def came_back(self) -> list[Assignment]:
        """Return those on which a completed questionnaire has a suggestion that waits."""
        return [row for row in self.ready if not row.is_sent]

    def to_write(self, key: str) -> list[Assignment]:
        """Return those that an institution or a person still has to answer."""
        return [row for row in self.open if row.assignee_key == key]

    @property
    def returned(self) -> list[Assignment]:
        return [row for row in self.listed if row.is_returned]

    @property
    def overdue(self) -> list[Assignment]:
        return [row for row in self.listed if row.is_overdue]


class SentAnswer(NamedTuple):
    """An answer that waits for the focal point, with its assignment; `current` is None where it was removed."""

    item: Assignment
    current: Revision | None


class SentLetter(NamedTuple):
    """What the focal point sends to an institution with its file, from the mail program of the focal point."""

    to: Institution
    key: str
    text: str
    mail: str  # an address that opens a mail with subject and text


class AssigneeProgress(NamedTuple):
    """Count each unit once, by its newest assignment. `started`: an answer was saved since it was assigned;
    `reminded`: the event of the newest reminder.
    """

    assignee: Institution | User
    assigned: int
    started: int
    ready: int
    returned: int
    accepted: int
    overdue: int
    next_due: date | None = None
    reminded: Event | None = None

    @property
    def key(self) -> str:
        """Equal to the `assignee_key` of its assignments."""
        return f"institution-{self.assignee.pk}" if self.is_institution else f"person-{self.assignee.pk}"

    @property
    def has_open(self) -> bool:
        return self.assigned > self.ready + self.accepted

    @property
    def counts(self) -> list[int]:
        return [self.started, self.ready, self.returned, self.accepted, self.overdue]

    @property
    def is_institution(self) -> bool:
        return isinstance(self.assignee, Institution)


def items_on_desk(respondent: Respondent, reader: User) -> AssignmentList:
    """List only the reader's own assignments where the desk is open to them in part."""
    return _items(_current_rows(respondent, reader).select_related("unit__current_wording"))


def letter_of(items: list[Assignment], respondent: Respondent, sender: User) -> SentLetter | None:
    """Write the text that goes with the file about these assignments of one institution; None for a person."""
    if not items or not items[0].institution:
        return None
    ahead, passed = due_days(items)
    differ = len({item.due_on for item in items}) > 1
    lines = [
        # Translators: address: an e-mail address.
        _("Please complete the attached Word file and return it to %(address)s.") % {"address": sender.email},
        "",
        # Translators: In a letter. count: number of recommendations in the questionnaire.
        _("Recommendations: %(count)s") % {"count": len(items)},
        # Translators: In a letter. days: one day or more, such as 30 June 2027.
        *([_("Return by: %(days)s") % {"days": ahead}] if ahead else []),
        # Translators: In a letter. days: one day or more, such as 30 June 2027.
        *([_("Due date passed: %(days)s") % {"days": passed}] if passed else []),
        *([_("The Word file shows the date of each recommendation.")] if differ else []),
        "",
        sender.name,
        respondent.name,
    ]
    subject = _("Questionnaire on the implementation of the recommendations")
    mail = urlencode({"subject": f"{respondent.name}: {subject}", "body": "\r\n".join(lines)}, quote_via=quote)
    return SentLetter(items[0].institution, items[0].assignee_key, "\n".join(lines), f"mailto:?{mail}")


def due_days(items: Iterable[Assignment]) -> tuple[str, str]:
    """List in words the due dates that are ahead, and those that passed."""
    days = group_pairs((item.is_overdue, item.due_on) for item in items if item.due_on)
    ahead, passed = (format_list(map(day_in_words, sorted({*days[is_overdue]}))) for is_overdue in (False, True))
    return ahead, passed


def rows_of_assignments(items: Iterable[Assignment], respondent: Respondent, reader: User) -> list[UnitRow]:
    """Return the rows of assigned units, of all bodies, with their answers."""
    units = {item.unit_id for item in items}
    bodies = Body.objects.filter(recommendations__in=units).distinct()
    rows = [unit_rows(respondent, reader, body=body) for body in bodies]
    return [row for to_answer, others in rows for row in (*to_answer, *others) if row.unit.pk in units]


def with_answers(items: Iterable[Assignment], respondent: Respondent, reader: User) -> list[SentAnswer]:
    items = list(items)
    units = [item.unit_id for item in items]
    current = Revision.objects.visible_to(reader).filter(
        record__respondent=respondent, record__recommendation__in=units, pk=F("record__current")
    )
    current = with_citations(current.select_related("record"), reader)
    by_unit = {revision.record.recommendation_id: revision for revision in current}
    return [SentAnswer(item, by_unit.get(item.unit_id)) for item in items]


def assignments_of(units: Iterable[Recommendation], respondent: Respondent, reader: User) -> list[Assignment]:
    known = {unit.pk: unit for unit in units}
    rows = list(_current_rows(respondent, reader).filter(unit__in=known))
    for row in rows:
        row.unit = known[row.unit_id]
    return _items(rows).listed


def assignees_by_unit(assignments: Iterable[Assignment]) -> Mapping[int, list[str]]:
    """Return the names by key of the unit, empty for other units."""
    return group_pairs((row.unit_id, row.assignee) for row in assignments)


def progress_of_assignments(respondent: Respondent, reader: User) -> list[AssigneeProgress]:
    rows = Assignment.objects.visible_to(reader).filter(respondent=respondent).exclude(state=State.ENDED)
    rows = rows.select_related("institution", "person").order_by("assigned_at", "pk")
    saved = _saved_at(respondent, reader)
    groups: dict[Institution | User, dict[int, Assignment]] = defaultdict(dict)
    for row in rows:
        groups[row.institution or row.person][row.unit_id] = row
    reminders = newest_reminders(respondent, reader)
    found = [_progress(assignee, group.values(), saved) for assignee, group in groups.items()]
    found = [row._replace(reminded=reminders.get(row.key)) for row in found]
    return sorted(found, key=lambda institution: (not institution.is_institution, str(institution.assignee).casefold()))


def newest_reminders(respondent: Respondent, reader: User) -> dict[str, Event]:
    """Return the event of the newest reminder by `assignee_key`; only focal points read events."""
    reminded = Event.objects.visible_to(reader).filter(
        respondent=respondent, chain=respondent.code, action=Action.CONTRIBUTORS_REMINDED
    )
    return {event.target.replace(" ", "-"): event for event in reminded.order_by("number")}


def institutions_of(respondent: Respondent, reader: User) -> QuerySet[Institution]:
    return Institution.objects.visible_to(reader).filter(respondent=respondent).order_by("name", "pk")


def institutions_offered(respondent: Respondent, reader: User) -> list[Institution]:
    return [institution for institution in institutions_of(respondent, reader) if institution.is_offered]


def names_of_institutions(respondent: Respondent, reader: User, separator: str) -> QuerySet:
    offered = institutions_of(respondent, reader).filter(closed_at__isnull=True).exclude(name="")
    joined = StringAgg("name", delimiter=Value(separator))
    return offered.order_by().values("respondent").annotate(names=joined).values("names")


def contributors_on_desk(respondent: Respondent) -> list[Membership]:
    active = Membership.objects.current().filter(respondent=respondent, role=Role.CONTRIBUTOR)
    return list(active.select_related("user", "institution").order_by("user__name", "user__email", "pk"))


def named_in_answers(respondent: Respondent, reader: User) -> list[str]:
    """Return names in current answers (lead institutions, senders of answers) that are not in the list."""
    listed = {institution.name.strip().casefold() for institution in institutions_of(respondent, reader)}
    current = Revision.objects.visible_to(reader).filter(pk__in=_answers(respondent, reader).values("current"))
    named: dict[str, str] = {}
    for pair in current.values_list("lead_institution", "received_from").order_by().distinct():
        for name in pair:
            if name.strip() and name.strip().casefold() not in listed:
                named.setdefault(name.strip().casefold(), name.strip())
    return sorted(named.values(), key=str.casefold)


def _answers(respondent: Respondent, reader: User) -> QuerySet[Record]:
    return Record.objects.visible_to(reader).filter(respondent=respondent)


def _saved_at(respondent: Respondent, reader: User) -> dict[int, datetime]:
    answered = _answers(respondent, reader).filter(current__isnull=False)
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
        next_due=next_due(rows),
    )


def next_due(assignments: Iterable[Assignment]) -> date | None:
    """Return the earliest due date of those that are still to be written."""
    days = [row.due_on for row in assignments if row.due_on and row.state in Assignment.TO_BE_WRITTEN]
    return min(days, default=None)


def _current_rows(respondent: Respondent, reader: User) -> QuerySet[Assignment]:
    """Annotate `person_is_here`: whether the assigned user, if any, has a role in the State today."""
    here = Membership.objects.current().filter(user=OuterRef("person"), respondent=OuterRef("respondent"))
    rows = Assignment.objects.visible_to(reader).filter(respondent=respondent).current()
    return rows.annotate(person_is_here=Exists(here)).select_related("institution", "person", "moved_by")


def _items(rows: Iterable[Assignment]) -> AssignmentList:
    return AssignmentList(sorted(rows, key=_key_of_row))


def _key_of_row(row: Assignment) -> tuple:
    return row.is_ready, not row.is_returned, not row.is_overdue, row.due_on or date.max, row.unit.position, row.pk
