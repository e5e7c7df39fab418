"""Answers of one family: what could be copied from one to the others, and where a source was answered anew since."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Case, DateField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from recommendations.models import FamilyMember, Recommendation
from tracker.difference import EVIDENCE, Difference, differences, in_words
from tracker.models import Citation, Record, Respondent, Revision, User
from tracker.models.assignment import opened
from tracker.models.record import COPIED, Status

DATES = ("target_date", "situation_as_at")
NO_DAY = Value(date.min, output_field=DateField())


class Kin(NamedTuple):
    """Another unit of the family, asked of the respondent: `members` say why it is of the family, `current` what is
    said on it now.
    """

    unit: Recommendation
    members: list[FamilyMember]
    current: Revision | None


def kin_of(unit: Recommendation, respondent: Respondent, reader: User) -> list[Kin]:
    """The units of its families that are asked and opened to the reader, in the order of the paper, in five queries."""
    asked = opened(respondent.units_asked(), respondent, reader).filter(pk__in=unit.kin().order_by().values("pk"))
    units = list(asked.with_text().select_related("body").order_by("body", "position"))  # type: ignore[attr-defined]
    members = _members(unit, units)
    current = current_revisions(units, respondent, reader)
    return [Kin(one, members[one.pk], current.get(one.pk)) for one in units]


def _members(unit: Recommendation, kin: Collection[Recommendation]) -> dict[int, list[FamilyMember]]:
    """Of the families that they share with the unit, by key of the kin; a unit at a chapeau has its items' too."""
    members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY)
    mine = members.filter(Q(recommendation=unit) | Q(recommendation__parent=unit)).values("family")
    keys, found = {one.pk for one in kin}, defaultdict(list)
    shared = members.filter(family__in=mine).select_related("family", "recommendation")
    for member in shared.order_by("family__name", "recommendation__position"):
        node = member.recommendation
        found[node.pk if node.pk in keys else node.parent_id].append(member)
    return found  # type: ignore[return-value]


def current_revisions(units: Iterable[Recommendation], respondent: Respondent, reader: User) -> dict[int, Revision]:
    """What is said on them now, with what it cites, by key of the unit, in two queries."""
    own = Revision.objects.visible_to(reader).filter(record__respondent=respondent, record__recommendation__in=units)
    current = own.filter(pk=F("record__current")).select_related("record__recommendation", "author", "withdrawal")
    return {revision.record.recommendation_id: revision for revision in with_citations(current, reader)}


def with_citations(revisions: QuerySet[Revision], reader: User) -> QuerySet[Revision]:
    cited = Citation.objects.visible_to(reader).order_by("position")
    cited = cited.select_related("withdrawal", "evidence_version__evidence", "evidence_version__withdrawal")
    return revisions.prefetch_related(Prefetch("citations", cited))


def with_origin(revisions: QuerySet[Revision], reader: User) -> QuerySet[Revision]:
    """Each with `copied_from`: the label of the unit from which it was copied, where that is opened to the reader."""
    sources = Record.objects.visible_to(reader).filter(pk=OuterRef("source__record")).exclude(pk=OuterRef("record"))
    return revisions.annotate(copied_from=Subquery(sources.values("recommendation__label")))


# Where a source was answered anew


class Update(NamedTuple):
    """What a unit is offered: `source` is what is said by now where its answer was copied from, `current` what is said
    on the unit, and `own` what was changed there since it was copied.
    """

    source: Revision
    current: Revision
    own: list[Difference]


def update_of(unit: Recommendation, respondent: Respondent, reader: User) -> Update | None:
    """In three queries."""
    records = Record.objects.visible_to(reader).filter(respondent=respondent, recommendation=unit)
    record = with_updates(records, reader).first()
    if record is None or not record.update_from:  # type: ignore[attr-defined]
        return None
    own = Revision.objects.visible_to(reader).filter(pk__in=[record.copy, record.newest, record.current_id])  # type: ignore[attr-defined]
    own = own.select_related("record__recommendation", "author", "withdrawal")
    found = {revision.pk: revision for revision in with_citations(own, reader)}
    copy, current = found[record.copy], found[record.current_id]  # type: ignore[attr-defined, index]
    return Update(found[record.newest], current, differences(copied_words(copy), copied_words(current)))  # type: ignore[attr-defined]


def copied_words(revision: Revision) -> dict[str, str]:
    """In words what is copied of it."""
    words = in_words(revision, revision.citations.all())
    return {name: words[name] for name in (*COPIED, EVIDENCE)}


def with_updates(records: QuerySet[Record], reader: User) -> QuerySet[Record]:
    """Each with `update_from`: the label of the unit from which its answer was copied, where that is answered anew in
    words that are not said here, can be copied, and were not declined. `copy` and `newest` are keys: of the revision
    that was copied here last, and of the current one of its source.
    """
    own = Revision.objects.visible_to(reader)
    copies = own.filter(record=OuterRef("pk"), source__isnull=False).exclude(source__record=F("record"))
    last, newest = copies.order_by("-number"), own.filter(pk=OuterRef("newest"))
    cites_the_same = ~_cites_more("newest", "current") & ~_cites_more("current", "newest")
    says_the_same = Exists(_saying_the_same(newest)) & cites_the_same
    return (
        records.annotate(
            copy=Subquery(last.values("pk")[:1]),
            newest=Subquery(last.values("source__record__current")[:1]),
        )
        .alias(copied=Subquery(last.values("source")[:1]), newest_status=Subquery(newest.values("status")))
        .annotate(
            update_from=Case(
                When(
                    ~Q(newest=F("copied"))
                    & (Q(update_declined=None) | ~Q(newest=F("update_declined")))
                    & ~Q(newest_status=Status.NOT_APPLICABLE)
                    & (~Q(newest_status=Status.CONSIDERED_NOT_TAKEN_UP) | Q(recommendation__asks_to_consider=True))
                    & ~says_the_same,
                    then=Subquery(newest.values("record__recommendation__label")),
                )
            )
        )
    )


def _saying_the_same(revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    """As the current one of the record outside."""
    fields = [name for name in COPIED if name not in DATES]
    days = {f"{name}_or_none": Coalesce(name, NO_DAY) for name in DATES}
    same_days = {f"{name}_or_none": Coalesce(OuterRef(f"current__{name}"), NO_DAY) for name in DATES}
    return revisions.annotate(**days).filter(**{name: OuterRef(f"current__{name}") for name in fields}, **same_days)


def _cites_more(revision: str, than: str) -> Exists:
    """Whether one of two revisions, given by the names of their keys outside, cites what the other does not."""
    same = Citation.everyones.filter(
        revision=OuterRef(OuterRef(than)), evidence_version=OuterRef("evidence_version"), pinpoint=OuterRef("pinpoint")
    )
    return Exists(Citation.everyones.filter(~Exists(same), revision=OuterRef(revision)))
