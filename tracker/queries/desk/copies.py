"""Find which answers of a family could be copied to others, and which copied answers have a newer source."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import DateField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Left, NullIf, StrIndex, Trim

from recommendations.groups import group_pairs
from recommendations.models import FamilyMember, Recommendation, at_or_above, is_any, units_in_families_of
from tracker.models import Citation, Record, Respondent, Revision, User
from tracker.models.answer_fields import COPIED, DATES
from tracker.models.assignment import units_open_to
from tracker.models.status import CONSIDERED, Status
from tracker.queries.difference import EVIDENCE, Difference, compare_fields, words_of

# From a copy: the current answer of its source, and the current answer of the unit that got it.
NEWEST, CURRENT = "source__record__current", "record__current"
NO_DAY = Value(date.min, output_field=DateField())


class RelatedUnit(NamedTuple):
    """Hold another unit of a family to answer. `members` are the memberships that relate it."""

    unit: Recommendation
    members: list[FamilyMember]
    current: Revision | None


def related_units(unit: Recommendation, respondent: Respondent, reader: User) -> list[RelatedUnit]:
    """Return the related units to answer that the reader may see, in the order of the paper, in five queries."""
    units_to_answer = units_open_to(respondent.units_to_answer(), respondent, reader).filter(
        pk__in=units_in_families_of(unit).order_by().values("pk")
    )
    units = list(units_to_answer.with_text().select_related("body").order_by("body", "position"))  # type: ignore[attr-defined]
    members = _members(unit, units)
    current = current_revisions(units, respondent, reader)
    return [RelatedUnit(unit, members[unit.pk], current.get(unit.pk)) for unit in units]


def _members(unit: Recommendation, related: Collection[Recommendation]) -> dict[int, list[FamilyMember]]:
    """Return by related unit the families shared with the unit; a unit at a chapeau has its items' families too."""
    members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY)
    mine = members.filter(is_any(at_or_above("recommendation"), unit)).values("family")
    keys = {relative.pk for relative in related}
    shared = members.filter(family__in=mine).select_related("family", *at_or_above("recommendation"))
    shared = shared.order_by("family__name", "recommendation__position")
    lines = ((member, [member.recommendation, *reversed(member.recommendation.chapeaux)]) for member in shared)
    placed = ((member, [node.pk for node in line if node.pk in keys]) for member, line in lines)
    return group_pairs((found[0], member) for member, found in placed if found)


def current_revisions(units: Iterable[Recommendation], respondent: Respondent, reader: User) -> dict[int, Revision]:
    own = Revision.objects.visible_to(reader).filter(record__respondent=respondent, record__recommendation__in=units)
    current = own.filter(pk=F("record__current")).select_related("record__recommendation", "author", "withdrawal")
    return {revision.record.recommendation_id: revision for revision in with_citations(current, reader)}


def with_citations(revisions: QuerySet[Revision], reader: User) -> QuerySet[Revision]:
    cited = Citation.objects.visible_to(reader).order_by("position")
    version = (f"evidence_version__{name}" for name in ("evidence", "file", "withdrawal"))
    return revisions.prefetch_related(Prefetch("citations", cited.select_related("withdrawal", *version)))


def with_origin(revisions: QuerySet[Revision], reader: User) -> QuerySet[Revision]:
    """Annotate `copied_from`: label and title of the unit from which it was copied, where the reader may see it."""
    sources = Record.objects.visible_to(reader).filter(pk=OuterRef("source__record")).exclude(pk=OuterRef("record"))
    return revisions.annotate(copied_from=Subquery(sources.values(named=_label_with_title("recommendation"))))


def _label_with_title(path: str) -> Trim:
    """Return the expression that gives `Recommendation.label_with_title` of the unit at this path."""
    body = Left(f"{path}__slug", StrIndex(f"{path}__slug", Value("/")))
    label = Coalesce(NullIf(f"{path}__corrected_label", Value("")), f"{path}__label")
    return Trim(Concat(body, label, Value(" "), f"{path}__title"))


# Copied answers whose source has a newer answer


class Update(NamedTuple):
    """Hold the `current` answer, that of its `source`, and its `own` changes since it was copied."""

    source: Revision
    current: Revision
    own: list[Difference]


def update_of(unit: Recommendation, respondent: Respondent, reader: User) -> Update | None:
    copies = copy_rows_to_update(reader).filter(record__respondent=respondent, record__recommendation=unit)
    keys = copies.values_list("pk", "source__record__current", "record__current").first()
    if keys is None:
        return None
    own = Revision.objects.visible_to(reader).select_related("record__recommendation", "author", "withdrawal")
    found = {revision.pk: revision for revision in with_citations(own.filter(pk__in=keys), reader)}
    copy, source, current = (found[key] for key in keys)
    return Update(source, current, compare_fields(copied_words(copy), copied_words(current)))


def copied_words(revision: Revision) -> dict[str, str]:
    words = words_of(revision)
    return {name: words[name] for name in (*COPIED, EVIDENCE)}


def update_by_unit(records: QuerySet[Record], reader: User) -> dict[int, str]:
    """Return by unit the label and title of the unit whose newer answer could be copied."""
    copies = copy_rows_to_update(reader).filter(record__in=records)
    return dict(copies.values_list("record__recommendation", _label_with_title("source__record__recommendation")))


def copy_rows_of_former_answers(reader: User) -> QuerySet[Revision]:
    """Return copies whose source, another record, has a newer answer. `copy_rows_to_update` checks the rest."""
    return _copy_rows(reader).filter(source__record__in=Record.objects.visible_to(reader)).exclude(source=F(NEWEST))


def copy_rows_to_update(reader: User) -> QuerySet[Revision]:
    """Return the last copy of each record whose source has a newer answer that differs from the record.

    Leave out what cannot be copied there and what was declined.
    """
    later = _copy_rows(reader).filter(record=OuterRef("record"), number__gt=OuterRef("number"))
    days = {
        f"{at}{name}": Coalesce(f"{path}__{name}", NO_DAY)
        for name in DATES
        for at, path in (("new_", NEWEST), ("own_", CURRENT))
    }
    same = {f"{NEWEST}__{name}": F(f"{CURRENT}__{name}") for name in COPIED if name not in DATES}
    same |= {f"new_{name}": F(f"own_{name}") for name in DATES}
    return (
        copy_rows_of_former_answers(reader)
        .alias(**days)
        .filter(~Exists(later))
        .filter(Q(record__update_declined=None) | ~Q(record__update_declined=F(NEWEST)))
        .exclude(**{f"{NEWEST}__status": Status.NOT_APPLICABLE})
        .filter(~Q(**{f"{NEWEST}__status": CONSIDERED}) | Q(record__recommendation__asks_to_consider=True))
        .filter(~Q(**same) | _has_new_evidence(NEWEST, CURRENT) | _has_new_evidence(CURRENT, NEWEST))
    )


def _copy_rows(reader: User) -> QuerySet[Revision]:
    return Revision.objects.visible_to(reader).filter(source__isnull=False).exclude(source__record=F("record"))


def _has_new_evidence(revision: str, than: str) -> Exists:
    """Return whether a revision cites evidence that another does not; both are given by paths from the outer row."""
    same = Citation.objects.filter(
        revision=OuterRef(OuterRef(than)), evidence_version=OuterRef("evidence_version"), pinpoint=OuterRef("pinpoint")
    )
    return Exists(Citation.objects.filter(~Exists(same), revision=OuterRef(revision)))
