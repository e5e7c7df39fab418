from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from itertools import compress
from types import MappingProxyType
from typing import NamedTuple

from django.db.models import FETCH_PEERS, CharField, Count, DateField, F, OuterRef, Subquery, TextChoices, Value
from django.db.models.functions import Coalesce, NullIf, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from recommendations.models import Body, Family, Meeting, Recommendation, Theme, read_stamp, stamp_column
from recommendations.text_cache import TextCache, texts_at
from tracker.models import Assignment, Citation, Confirmation, Record, Respondent, Revision, User
from tracker.models.digest import PROOFS
from tracker.models.status import NO_INFORMATION
from tracker.queries.desk.copies import copy_rows_of_former_answers, update_by_unit

EMPTY: Mapping = MappingProxyType({})
TWELVE_MONTHS = timedelta(days=365)
TWO_YEARS = timedelta(days=730)
ASSIGNED = ("respondent", "unit", "institution__name", "person__name", "person__email")
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


SOON_DAYS = timedelta(days=90)  # of target dates


@dataclass(frozen=True)
class UnitDetails:
    """Hold what all rows share. `read_updates`: returns the label of the unit from which an answer was copied, by key,
    where that has a newer answer. `today`: the day on which they are read. `families` are of all units, also of those
    without a row.
    """

    families: Mapping[int, Sequence[Family]] = EMPTY
    read_updates: Callable[[], Mapping[int, str]] = dict
    today: date = date.min

    @cached_property
    def updates(self) -> Mapping[int, str]:
        return self.read_updates()


NO_EXTRAS = UnitDetails()

# Put together once, since every page of a desk asks it. `evidence_count` is None for zero.
_cited = Citation.objects.filter(revision=OuterRef("pk")).order_by().values("revision")
_confirmed = Confirmation.objects.filter(revision=OuterRef("pk")).order_by("-as_at")

# The day as at which an answer describes the situation: of its last confirmation, else as entered, else of its save.
SITUATION = Coalesce(
    Subquery(_confirmed.values("as_at")[:1]),
    "situation_as_at",
    TruncDate("created_at"),
    output_field=DateField(),
)
_current_revisions = (
    Revision.objects.filter(record__current=F("pk"))
    .annotate(
        unit_key=F("record__recommendation"),
        evidence_count=Subquery(_cited.annotate(count=Count("pk")).values("count")),
        author_name=Coalesce(NullIf("author__name", Value("")), "author__email", output_field=CharField()),
        stamp=stamp_column(),
        situation=SITUATION,
    )
    .order_by()
    .fetch_mode(FETCH_PEERS)
)


class AnswerDoubt(TextChoices):
    """Why an answer of an earlier round may not be correct any more."""

    TARGET_PASSED = "target_passed", _("Target date passed")
    NEW_WORDING = "new_wording", _("Text changed since the answer")
    CLARIFICATION = "clarification", _("Clarification requested")
    OLD_SITUATION = "old_situation", _("Situation older than two years")


@dataclass(frozen=True)
class UnitRow:
    """`evidence_count`: how many items the current revision cites; `author_name`: who wrote it; `came_back`:
    clarification is requested; `is_with_others`: assigned, but not to the reader.
    """

    unit: Recommendation
    is_to_answer: bool
    revision: Revision | None
    evidence_count: int = 0
    author_name: str = ""
    came_back: bool = False
    is_with_others: bool = False
    families: Sequence[Family] = ()
    assigned: Sequence[Assignment] = ()
    extras: UnitDetails = NO_EXTRAS

    @property
    def is_answered(self) -> bool:
        return self.revision is not None

    @property
    def has_old_situation(self) -> bool:
        return self.revision is not None and self.revision.situation < self.extras.today - TWELVE_MONTHS  # type: ignore[attr-defined]

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

    @cached_property
    def answers_former_wording(self) -> bool:
        return self.revision is not None and self.revision.answers_former_wording(self.unit, self.unit.unit_items)

    @property
    def doubts(self) -> list[AnswerDoubt]:
        """Return why the answer is not confirmed together with others for a later round."""
        if self.revision is None:
            return []
        is_old = self.revision.situation < self.extras.today - TWO_YEARS  # type: ignore[attr-defined]
        target_passed = self.revision.is_target_passed(self.extras.today)
        return list(compress(AnswerDoubt, (target_passed, self.answers_former_wording, self.came_back, is_old)))

    @property
    def changed_at(self) -> datetime | None:
        return self.revision.created_at if self.revision else None

    @property
    def holders(self) -> list[str]:
        return [assignment.assignee for assignment in self.assigned]

    @property
    def update_from(self) -> str:
        return self.extras.updates.get(self.unit.id, "")

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

    @property
    def assigned_count(self) -> int:
        return sum(bool(row.assigned) for row in self.rows)


def unit_rows(
    respondent: Respondent,
    reader: User,
    came_back: Collection[int] = (),
    body: Body | None = None,
    *,
    with_answers: bool = True,
) -> UnitRows:
    """Read the units of a body (the first if None) in two queries; updates when first used. Without
    answers, the revisions have what lists and figures show of them.
    """
    found = _current_revisions.visible_to(reader).filter(record__respondent=respondent)
    revisions = list(found.defer(*PROOFS) if with_answers else found.only(*LISTED))
    current = {revision.unit_key: revision for revision in revisions}
    texts = texts_at(revisions[0].stamp if revisions else read_stamp())
    for revision in current.values():
        revision.wording = texts.wordings[revision.wording_id]
    return make_rows(respondent, reader, body, texts, current, came_back)


def make_rows(
    respondent: Respondent,
    reader: User,
    body: Body | None,
    texts: TextCache,
    current: Mapping[int, Revision],
    came_back: Collection[int] = (),
) -> UnitRows:
    """Put together the units of a body that are open to the reader or answered, with their answers."""
    nodes = texts.all_of(body)
    to_answer, open_units = respondent.find_units_to_answer(nodes), respondent.find_units_open(nodes)
    assigned = _assigned(respondent, reader)
    shown = open_units | current.keys()
    if respondent.pk not in reader.whole_desks:
        shown &= assigned.keys()
    institutions = reader.institution_ids(respondent.pk)
    own = {
        unit
        for unit, items in assigned.items()
        if any(item.person_id == reader.pk or item.institution_id in institutions for item in items)
    }
    extras = UnitDetails(texts.families, partial(_read_updates, respondent, reader), timezone.localdate())
    copies = texts.nodes(node.id for node in nodes if node.id in shown)
    rows = [
        UnitRow(
            unit=unit,
            is_to_answer=key in to_answer,
            revision=(revision := current.get(key)),
            evidence_count=getattr(revision, "evidence_count", None) or 0,
            author_name=getattr(revision, "author_name", None) or "",
            came_back=key in came_back,
            is_with_others=key in assigned and key not in own,
            families=texts.families.get(key, ()),
            assigned=assigned.get(key, ()),
            extras=extras,
        )
        for key, unit in copies.items()
    ]
    return UnitRows([row for row in rows if row.is_to_answer], [row for row in rows if not row.is_to_answer])


def count_statuses(rows: Iterable[UnitRow]) -> Counter[str]:
    return Counter(row.status for row in rows)


def count_answered(rows: Iterable[UnitRow]) -> int:
    return sum(row.is_answered for row in rows)


def by_theme(rows: Iterable[UnitRow]) -> list[UnitGroup]:
    groups = group_pairs((row.unit.primary_theme_id, row) for row in rows)
    themes = {rows[0].theme: rows for rows in groups.values()}
    in_order = sorted(themes, key=lambda theme: (theme is None, theme.position if theme else 0))
    return [UnitGroup(theme, themes[theme]) for theme in in_order]


def by_meeting(rows: Iterable[UnitRow]) -> list[UnitGroup]:
    groups = group_pairs((row.unit.meeting_id, row) for row in rows)
    return [UnitGroup(rows[0].meeting, rows) for rows in groups.values()]


def count_skipped(rows: Iterable[UnitRow]) -> SkippedUnits:
    skipped = [row for row in rows if row.is_skipped]
    counts = Counter(holder for row in skipped for holder in row.holders)
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


def _read_updates(respondent: Respondent, reader: User) -> Mapping[int, str]:
    if not copy_rows_of_former_answers(reader).filter(record__respondent=respondent).exists():
        return EMPTY  # most often, and for less
    return update_by_unit(Record.objects.visible_to(reader).filter(respondent=respondent), reader)


def _assigned(respondent: Respondent, reader: User) -> Mapping[int, list[Assignment]]:
    """Return the assignments of each assigned unit; of a desk that is open in part, only those of the reader."""
    standing = Assignment.objects.visible_to(reader).filter(respondent=respondent).current().order_by("pk")
    rows = standing.select_related("institution", "person").only(*ASSIGNED)
    return dict(group_pairs((assignment.unit_id, assignment) for assignment in rows))
