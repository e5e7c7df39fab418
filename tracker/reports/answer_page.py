"""What stands on the page of an answer: one State, one unit."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Count, Exists, OuterRef, QuerySet, StringAgg, Subquery, Value, When

from recommendations.models import Addressee, Recommendation, read_notes, units_in_families_of
from tracker.models import Assignment, Draft, EvidenceVersion, Record, Respondent, Revision, SubmissionItem, User
from tracker.models.assignment import opened
from tracker.models.record import Status
from tracker.permissions import can_answer, can_assign, can_hand_back
from tracker.reports.assignments import assignments_of, names_of_institutions
from tracker.reports.assistance import in_contact
from tracker.reports.comments import comment_count
from tracker.reports.copies import with_updates
from tracker.reports.history import revisions_of, with_citations
from tracker.reports.proposals import waiting_count
from tracker.reports.units import UnitRow

SHOWN_BESIDE_THE_FORM = 3
SEPARATOR = "\x1f"  # in no name: it could not be kept
NOTHING_BESIDE: dict = {
    "shared": None,
    "in_contact": None,
    "waiting": None,
    "comments": None,
    "institutions": [],
    "addressees": None,
    "update_from": None,
}


class AnswerPage(NamedTuple):
    """What the page of an answer is about. `asked`: the units asked of the desk; `newest`: its last few revisions;
    `drafts`: what this person began on it and did not save, the newest first; `shared`: how many others share a good
    practice on it, None where it is not asked; `in_contact`: since when the Secretariat is, about assistance with it;
    `institutions`: the names that a lead institution is chosen from; `assigned`: to whom it stands assigned;
    `waiting`: how many proposals wait for the focal point, `comments`: how many there are, None where it is not asked;
    `addressees`: whom the text addresses, None where they are not read yet;
    `update_from`: the label of the unit from which its answer was copied, where that is answered anew since.
    """

    desk: Respondent
    unit: Recommendation
    items: list[Recommendation]
    asked: list[UnitRow]
    newest: list[Revision]
    note: Record
    may_write: bool
    drafts: list[Draft]
    shared: int | None
    in_contact: datetime | None
    institutions: list[str]
    addressees: list[Addressee] | None
    assigned: list[Assignment]
    may_assign: bool
    waiting: int | None
    comments: int | None
    update_from: str | None

    @property
    def current(self) -> Revision | None:
        return self.newest[0] if self.newest else None

    @property
    def texts(self) -> list[Recommendation]:
        """All that is answered here: the unit, what introduces it and the items that are answered with it."""
        return [*self.unit.chapeaux, self.unit, *self.items]

    def may_hand_back(self, user: User) -> bool:
        return any(not item.is_ready and can_hand_back(user, item) for item in self.assigned)


def is_open_to(user: User, desk: Respondent, unit: Recommendation) -> bool:
    return opened(desk.units_open(), desk, user).filter(pk=unit.pk).exists()


def answer_page(user: User, desk: Respondent, unit: Recommendation) -> AnswerPage | None:
    """None where the unit is neither asked of the desk nor open to it, and was never answered."""
    asked = _asked(user, desk, unit)
    newest = list(with_citations(user, revisions_of(user, desk, unit))[: SHOWN_BESIDE_THE_FORM + 1])
    records = Record.objects.visible_to(user).filter(respondent=desk, recommendation=unit)
    record = newest[0].record if newest else records.first()
    as_asked = next((row.unit for row in asked if row.unit == unit), None)
    is_open = as_asked is not None or is_open_to(user, desk, unit)
    if not is_open and record is None:
        return None
    read_notes([unit, *unit.chapeaux, *unit.items_as_one])
    may_write = is_open and can_answer(user, desk, unit)
    may_have_drafts = may_write and (as_asked is None or as_asked.has_draft)  # type: ignore[attr-defined]
    drafts = list(_drafts(user, desk).filter(unit=unit)) if may_have_drafts else []
    beside = NOTHING_BESIDE if as_asked is None else _beside(as_asked)
    return AnswerPage(
        desk,
        unit,
        unit.items_as_one,
        asked,
        newest,
        record or Record(),
        may_write,
        drafts,
        **beside,
        assigned=assignments_of(unit, desk, user),
        may_assign=is_open and can_assign(user, desk),
    )


def _drafts(user: User, desk: Respondent) -> QuerySet[Draft]:
    return Draft.objects.visible_to(user).filter(respondent=desk)


def _beside(unit) -> dict:
    names = unit.institutions.split(SEPARATOR) if unit.institutions else []
    codes = (unit.codes_of_addressees or "").split(SEPARATOR)
    return {
        "shared": unit.shared or 0,
        "in_contact": unit.in_contact,
        "waiting": unit.waiting or 0,
        "comments": unit.comments or 0,
        "institutions": sorted(names, key=str.casefold),
        "addressees": [Addressee(code=code) for code in Addressee.Code if code in codes],
        "update_from": unit.update_from,
    }


def _asked(user: User, desk: Respondent, about: Recommendation) -> list[UnitRow]:
    """The units asked, of its body, with the status of each and whether she began it, and nothing else of them: there
    are many. Of the one that the page is about also what stands beside its answer.
    """
    units = opened(desk.units_asked(), desk, user).filter(body=about.body_id).order_by("position")
    units = units.only("slug", "label", "position", "primary_theme")
    records = Record.objects.visible_to(user).filter(respondent=desk, recommendation=OuterRef("pk"))
    own = Record.objects.visible_to(user).filter(respondent=desk, recommendation=about)
    units = units.annotate(
        status=Subquery(records.values("current__status")),
        has_draft=Exists(_drafts(user, desk).filter(unit=OuterRef("pk"))),
        shared=Case(When(pk=about.pk, then=Subquery(_shared_by_others(user, desk, about)))),
        in_contact=Case(When(pk=about.pk, then=Subquery(in_contact(desk, user).filter(unit=about).values("at")))),
        comments=Case(When(pk=about.pk, then=Subquery(comment_count(desk, about, user)))),
        waiting=Case(When(pk=about.pk, then=Subquery(waiting_count(desk, about, user)))),
        codes_of_addressees=Case(When(pk=about.pk, then=Subquery(_addressee_codes(about)))),
        institutions=Case(When(pk=about.pk, then=Subquery(names_of_institutions(desk, user, SEPARATOR)))),
        update_from=Case(When(pk=about.pk, then=Subquery(with_updates(own, user).values("update_from")))),
    )
    recorded = {status: Record(current=Revision(status=status)) for status in Status.values}
    return [UnitRow(unit, True, recorded.get(unit.status), 0, ()) for unit in units]


def _addressee_codes(unit: Recommendation) -> QuerySet:
    """Joined, in a row of its own."""
    codes = Recommendation.addressees.through.objects.filter(recommendation=unit).order_by().values("recommendation")
    return codes.annotate(codes=StringAgg("addressee__code", delimiter=Value(SEPARATOR))).values("codes")


def _shared_by_others(user: User, desk: Respondent, unit: Recommendation) -> QuerySet:
    """How many, in a row of its own; none where there is none."""
    shared = SubmissionItem.objects.shared_practices(user).filter(unit=unit).exclude(submission__respondent=desk)
    return shared.order_by().values("unit").annotate(count=Count("pk")).values("count")


def library_of(user: User, desk: Respondent) -> QuerySet[EvidenceVersion]:
    library = EvidenceVersion.objects.visible_to(user).filter(evidence__respondent=desk)
    return library.select_related("evidence", "file", "withdrawal").order_by("evidence__number", "number")


def family_asked(page: AnswerPage) -> list[UnitRow]:
    """The units asked that have the same substance as this one or as one of its items."""
    same = set(units_in_families_of(page.unit).values_list("pk", flat=True))
    return [row for row in page.asked if row.unit.pk in same]
