from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Exists, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from recommendations.models import Addressee, Recommendation, read_notes, read_stamp
from recommendations.text_cache import texts_at
from tracker.models import Assignment, Draft, Record, Respondent, Revision, Round, SubmissionItem, User
from tracker.models.status import Status
from tracker.models.submission import is_withdrawn
from tracker.permissions import can_answer, can_assign, can_send_assignment, can_undo_sending
from tracker.queries.desk.assignments import assignments_of, names_of_institutions
from tracker.queries.desk.assistance import needs_in_progress
from tracker.queries.desk.comments import comment_count
from tracker.queries.desk.copies import copy_rows_of_former_answers, update_by_unit
from tracker.queries.desk.history import revisions_of, with_citations_and_origin
from tracker.queries.desk.proposals import waiting_count
from tracker.queries.desk.units import UnitRow, count_skipped, make_rows
from tracker.queries.difference import Difference, compare_fields, words_of

SHOWN_BY_THE_FORM = 3
SEPARATOR = "\x1f"  # in no name: it could not be kept


class LastSubmitted(NamedTuple):
    """The answer that was submitted last in a round before the open one, and how the current answer differs. `code`: of
    that round.
    """

    code: str
    revision: Revision
    changes: list[Difference]


class SentForm:
    """What saving an answer asks of the desk. Each part is read when it is first used."""

    def __init__(self, user: User, desk: Respondent, unit: Recommendation):
        self.user, self.desk, self.unit = user, desk, unit

    @property
    def items(self) -> list[Recommendation]:
        return self.unit.unit_items

    @cached_property
    def record(self) -> Record | None:
        return _records(self.user, self.desk, self.unit).select_related("current").first()

    @property
    def revisions(self) -> QuerySet[Revision]:
        return revisions_of(self.user, self.desk, self.unit)

    @property
    def note(self) -> Record:
        return self.record or Record()

    @cached_property
    def current(self) -> Revision | None:
        """Return the newest version, without its citations."""
        return self.record.current if self.record else None

    @cached_property
    def is_open(self) -> bool:
        return is_open_to(self.user, self.desk, self.unit)

    @property
    def exists(self) -> bool:
        """Return whether the respondent may answer the unit, or ever answered it."""
        return self.is_open or self.record is not None

    @cached_property
    def may_write(self) -> bool:
        return self.is_open and can_answer(self.user, self.desk, self.unit)

    @cached_property
    def to_answer(self) -> list[UnitRow]:
        return _status_rows(self.user, self.desk, self.unit)

    @cached_property
    def assigned(self) -> list[Assignment]:
        return assignments_of([self.unit], self.desk, self.user)

    @property
    def may_undo_sending(self) -> bool:
        return any(can_undo_sending(self.user, item) for item in self.assigned)


class AnswerPage(SentForm):
    """What the page of an answer shows, all of it read at once.

    `shared`: how many other respondents share a good practice; `in_contact`: since when the Secretariat is;
    `waiting`: how many suggestions wait; `update_from`: label and title of the unit copied from, if that is newer.
    `skipped`: of `to_answer`.
    """

    shared: int
    in_contact: datetime | None
    institutions: list[str]
    addressees: list[Addressee]
    waiting: int
    comments: int
    update_from: str | None

    def __init__(self, user: User, desk: Respondent, unit: Recommendation):
        super().__init__(user, desk, unit)
        values = _page_values(user, desk, unit)
        last, has_draft = values.pop("last") or {}, values.pop("has_draft")
        vars(self).update(values)
        submitted = last.get("revision")
        newest = Subquery(self.revisions.values("number")[:1])
        shown = Q(number__gt=newest - SHOWN_BY_THE_FORM - 1) | Q(pk=submitted)
        found = list(with_citations_and_origin(user, self.revisions).filter(shown))
        self.newest = found[: SHOWN_BY_THE_FORM + 1]
        self.last_round = _compare_with_last_round(found, submitted, last.get("round", ""))
        self.record = self.newest[0].record if self.newest else _records(user, desk, unit).first()
        self.current = self.newest[0] if self.newest and self.newest[0].status else None
        self.drafts = list(_drafts(user, desk, unit)) if self.may_write and has_draft else []
        self.may_assign = self.is_open and can_assign(user, desk)
        self.skipped = count_skipped(self.to_answer)
        if any(row.unit == unit and not row.assigned for row in self.to_answer):
            self.assigned = []  # most often, and without a query
        read_notes(self.texts)

    @property
    def texts(self) -> list[Recommendation]:
        return [*self.unit.chapeaux, self.unit, *self.items]

    @property
    def may_send(self) -> bool:
        return any(not item.is_ready and can_send_assignment(self.user, item) for item in self.assigned)


def is_open_to(user: User, desk: Respondent, unit: Recommendation) -> bool:
    """`unit` was just read."""
    is_read = desk.pk in user.whole_desks or user.units_assigned(desk.pk).filter(unit=unit).exists()
    return is_read and bool(desk.find_units_open([unit]))


def _compare_with_last_round(revisions: list[Revision], submitted: int | None, code: str) -> LastSubmitted | None:
    """`revisions`: the newest first; `submitted`: the key of one of them."""
    last = next((revision for revision in revisions if revision.pk == submitted), None)
    if last is None:
        return None
    changes = compare_fields(words_of(last), words_of(revisions[0]))
    return LastSubmitted(code, last, [change for change in changes if change.name != "ready"])


def _records(user: User, desk: Respondent, unit: Recommendation) -> QuerySet[Record]:
    return Record.objects.visible_to(user).filter(respondent=desk, recommendation=unit)


def _drafts(user: User, desk: Respondent, unit: Recommendation) -> QuerySet[Draft]:
    return Draft.objects.visible_to(user).filter(respondent=desk, unit=unit)


def _page_values(user: User, desk: Respondent, unit: Recommendation) -> dict:
    """Read what the page shows next to the answer, in one query; in two where a copied answer has an update."""
    own = _records(user, desk, unit)
    last_items = _items_of_earlier_rounds(desk, unit)
    values = Recommendation.objects.values(
        shared=Coalesce(Subquery(_shared_by_others(user, desk, unit)), 0),
        in_contact=Subquery(needs_in_progress(desk, user).filter(unit=unit).values("at")),
        comments=Coalesce(Subquery(comment_count(desk, unit, user)), 0),
        waiting=Coalesce(Subquery(waiting_count(desk, unit, user)), 0),
        institutions=Subquery(names_of_institutions(desk, user, SEPARATOR)),
        update_from=Exists(copy_rows_of_former_answers(user).filter(record__in=own)),
        has_draft=Exists(_drafts(user, desk, unit)),
        last=Subquery(last_items.values(last=JSONObject(revision="revision", round="submission__round__code"))[:1]),
    ).get(pk=unit.pk)
    found: dict = dict(values)
    institutions: list[str] = found["institutions"].split(SEPARATOR) if found["institutions"] else []
    return found | {
        "institutions": sorted(institutions, key=str.casefold),
        "addressees": [Addressee(code=code) for code in Addressee.Code if code in unit.addressed_to],
        "update_from": update_by_unit(own, user).get(unit.pk) if found["update_from"] else None,
    }


def _items_of_earlier_rounds(desk: Respondent, unit: Recommendation) -> QuerySet[SubmissionItem]:
    """Return the answers submitted in rounds before the open one, the last first; without withdrawn submissions."""
    open_rounds = Round.objects.open().filter(body=unit.body_id).order_by("-opened_at")
    items = SubmissionItem.objects.for_readers_of(desk).filter(unit=unit, revision__isnull=False)
    items = items.exclude(is_withdrawn("submission__"))
    items = items.exclude(submission__round__in=open_rounds.values("pk")[:1])
    return items.order_by("-submission__round__opened_at", "-submission__number")


def _status_rows(user: User, desk: Respondent, about: Recommendation) -> list[UnitRow]:
    records = Record.objects.visible_to(user).filter(respondent=desk, current__isnull=False)
    answers = {status: Revision(status=status) for status in Status.values}
    current = {unit: answers[status] for unit, status in records.values_list("recommendation", "current__status")}
    return make_rows(desk, user, about.body, texts_at(read_stamp()), current).to_answer


def _shared_by_others(user: User, desk: Respondent, unit: Recommendation) -> QuerySet:
    shared = SubmissionItem.objects.shared_practices(user).filter(unit=unit).exclude(submission__respondent=desk)
    return shared.order_by().values("unit").annotate(count=Count("pk")).values("count")


def family_rows(page: AnswerPage) -> list[UnitRow]:
    families = page.to_answer[0].extras.families if page.to_answer else {}
    own = set(families.get(page.unit.pk, ()))
    return [row for row in page.to_answer if row.unit != page.unit and not own.isdisjoint(row.families)]
