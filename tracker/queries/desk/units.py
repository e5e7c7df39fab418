from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db.models import FETCH_PEERS, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import SimpleLazyObject

from recommendations.models import Body, Family, Meeting, Recommendation, RecommendationQuerySet, Theme, stamp_column
from recommendations.text_cache import families_at, texts_at
from tracker.models import Assignment, Citation, Record, Respondent, Revision, User
from tracker.models.assignment import units_open_to
from tracker.models.digest import PROOFS
from tracker.models.status import NO_INFORMATION
from tracker.queries.desk.assignments import is_with_others
from tracker.queries.desk.copies import copy_rows_of_former_answers, update_by_unit

EMPTY: Mapping = MappingProxyType({})
LISTED = (
    "record",
    "number",
    "wording",
    "withdrawal",
    "author",
    "created_at",
    "status",
    "ready",
    "lead_institution",
    "target_date",
    "assistance_kinds",
    "assistance",
)


class UnitDetails(NamedTuple):
    """`updates`: the label of the unit from which an answer was copied, where that has a newer answer."""

    families: Mapping[int, Sequence[Family]] = EMPTY
    assigned: Mapping[int, Sequence[Assignment]] = EMPTY
    updates: Mapping[int, str] = EMPTY


NO_EXTRAS = UnitDetails()


@dataclass(frozen=True, slots=True)
class UnitRow:
    """`evidence_count`: how many items the current revision cites; `came_back`: clarification is requested;
    `is_with_others`: assigned, but not to the reader.
    """

    unit: Recommendation
    is_to_answer: bool
    revision: Revision | None
    evidence_count: int = 0
    came_back: bool = False
    is_with_others: bool = False
    extras: UnitDetails = NO_EXTRAS

    @property
    def is_answered(self) -> bool:
        return self.revision is not None

    @property
    def is_skipped(self) -> bool:
        """Return whether the reader is not led to the unit, although it has no answer."""
        return not self.is_answered and self.is_with_others

    @property
    def status(self) -> str:
        return self.revision.status if self.revision else NO_INFORMATION

    @property
    def is_ready(self) -> bool:
        return self.revision is not None and self.revision.ready

    @property
    def answers_former_wording(self) -> bool:
        return self.revision is not None and self.revision.answers_former_wording(self.unit, self.unit.unit_items)

    @property
    def changed_at(self) -> datetime | None:
        return self.revision.created_at if self.revision else None

    @property
    def author(self) -> User | None:
        return self.revision.author if self.revision else None

    @property
    def families(self) -> Sequence[Family]:
        return self.extras.families.get(self.unit.pk, ())

    @property
    def assigned(self) -> Sequence[Assignment]:
        return self.extras.assigned.get(self.unit.pk, ())

    @property
    def holders(self) -> list[str]:
        return [assignment.assignee for assignment in self.assigned]

    @property
    def update_from(self) -> str:
        return self.extras.updates.get(self.unit.pk, "")

    @property
    def institution_name(self) -> str:
        return self.revision.lead_institution if self.revision else ""

    @property
    def meeting(self) -> Meeting:
        return self.unit.meeting

    @property
    def theme(self) -> Theme | None:
        return self.unit.primary_theme

    @property
    def themes(self) -> list[Theme]:
        return self.unit.themes


class UnitRows(NamedTuple):
    """Every figure is over `to_answer`. `others` may be answered without a request, or were answered before."""

    to_answer: list[UnitRow]
    others: list[UnitRow]


class SkippedUnits(NamedTuple):
    """Count the units that the reader is not led to. `counts`: by who has them, in alphabetical order."""

    total: int
    counts: list[tuple[str, int]]


class UnitGroup(NamedTuple):
    of: Theme | Meeting | None
    rows: list[UnitRow]


def unit_rows(
    respondent: Respondent,
    reader: User,
    came_back: Collection[int] = (),
    body: Body | None = None,
    *,
    with_answers: bool = True,
) -> UnitRows:
    """Read the units of a body (the first if None) in two queries; authors and assignments when first used. Without
    answers, the revisions have what lists and figures show of them.
    """
    records = Record.objects.visible_to(reader).filter(respondent=respondent)
    revisions = _current_revisions(respondent, reader)
    revisions = revisions.defer(*PROOFS) if with_answers else revisions.only(*LISTED)
    current = {revision.unit_key: revision for revision in revisions}
    keys = list(_key_rows(units_open_to(_units(respondent, records).of(body), respondent, reader), respondent, reader))
    if not keys:
        return UnitRows([], [])
    texts = texts_at(keys[0].stamp)
    nodes = texts.nodes(key.pk for key in keys)
    extras = _unit_details(respondent, reader, keys[0])
    for revision in current.values():
        revision.wording = texts.wordings[revision.wording_id]
    rows = [
        UnitRow(
            unit=nodes[key.pk],
            is_to_answer=key.is_to_answer,
            revision=current.get(key.pk),
            evidence_count=getattr(current.get(key.pk), "evidence_count", None) or 0,
            came_back=key.pk in came_back,
            is_with_others=key.is_with_others,
            extras=extras,
        )
        for key in keys
    ]
    return UnitRows([row for row in rows if row.is_to_answer], [row for row in rows if not row.is_to_answer])


def count_statuses(rows: Iterable[UnitRow]) -> Counter[str]:
    return Counter(row.status for row in rows)


def count_answered(rows: Iterable[UnitRow]) -> int:
    return sum(row.is_answered for row in rows)


def by_theme(rows: Iterable[UnitRow]) -> list[UnitGroup]:
    groups = defaultdict(list)
    for row in rows:
        groups[row.theme].append(row)
    themes = sorted(groups, key=lambda theme: (theme is None, theme.position if theme else 0))
    return [UnitGroup(theme, groups[theme]) for theme in themes]


def by_meeting(rows: Iterable[UnitRow]) -> list[UnitGroup]:
    groups = defaultdict(list)
    for row in rows:
        groups[row.meeting].append(row)
    return [UnitGroup(meeting, found) for meeting, found in groups.items()]


def count_skipped(rows: Iterable[UnitRow], assignments: Iterable[Assignment]) -> SkippedUnits:
    """Count the skipped of the rows, and the assignments of each among the current `assignments`."""
    skipped = {row.unit.pk for row in rows if row.is_skipped}
    counts = Counter(item.assignee for item in assignments if item.unit_id in skipped)
    return SkippedUnits(len(skipped), sorted(counts.items(), key=lambda pair: pair[0].casefold()))


def unanswered(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """Return the units without an answer that nobody else has."""
    return [row for row in rows if not row.is_answered and not row.is_with_others]


def next_unanswered(rows: list[UnitRow], after: Recommendation | None = None) -> UnitRow | None:
    """Return the first of `unanswered` that follows `after` in the paper, else the first of all, but never `after`."""
    unanswered_rows = [row for row in unanswered(rows) if row.unit != after]
    following = (row for row in unanswered_rows if after and row.unit.position > after.position)
    return next(following, unanswered_rows[0] if unanswered_rows else None)


def unanswered_before(rows: list[UnitRow], before: Recommendation) -> UnitRow | None:
    preceding = [row for row in unanswered(rows) if row.unit.position < before.position]
    return preceding[-1] if preceding else None


def _current_revisions(respondent: Respondent, reader: User) -> QuerySet:
    """Annotate `unit_key`, and `evidence_count`, None for zero."""
    cited = Citation.objects.filter(revision=OuterRef("pk")).order_by().values("revision")
    count = Subquery(cited.annotate(count=Count("pk")).values("count"))
    found = Revision.objects.visible_to(reader).filter(record__respondent=respondent, record__current=F("pk"))
    found = found.annotate(unit_key=F("record__recommendation"), evidence_count=count)
    return found.order_by().fetch_mode(FETCH_PEERS)


def _units(respondent: Respondent, records: QuerySet[Record]) -> RecommendationQuerySet:
    """Return what the respondent may answer, and everything it has a record of, which is never hidden."""
    return respondent.units_open() | Recommendation.objects.filter(pk__in=records.values("recommendation"))


def _key_rows(units: QuerySet[Recommendation], respondent: Respondent, reader: User) -> QuerySet:
    """Return the units in the order of the paper, with the stamp of the catalogue; `is_newer`: a copy has an update."""
    copies = copy_rows_of_former_answers(reader).filter(record__respondent=respondent)
    return (
        units.annotate(
            is_to_answer=Q(pk__in=respondent.units_to_answer().order_by().values("pk")),
            stamp=stamp_column(),
            is_newer=Exists(copies),
            is_with_others=is_with_others(respondent, reader),
        )
        .order_by("position")
        .values_list("pk", "is_to_answer", "stamp", "is_newer", "is_with_others", named=True)
    )


def _unit_details(respondent: Respondent, reader: User, key: Any) -> UnitDetails:
    records = Record.objects.visible_to(reader).filter(respondent=respondent)
    return UnitDetails(
        families=SimpleLazyObject(lambda: families_at(key.stamp).by_key),  # type: ignore[arg-type]
        assigned=SimpleLazyObject(lambda: _assigned(respondent, reader)),  # type: ignore[arg-type]
        updates=SimpleLazyObject(lambda: update_by_unit(records, reader) if key.is_newer else EMPTY),  # type: ignore[arg-type]
    )


def _assigned(respondent: Respondent, reader: User) -> defaultdict[int, list[Assignment]]:
    standing = Assignment.objects.visible_to(reader).filter(respondent=respondent).current()
    found: defaultdict[int, list[Assignment]] = defaultdict(list)
    for assignment in standing.select_related("institution", "person"):
        found[assignment.unit_id].append(assignment)
    return found
