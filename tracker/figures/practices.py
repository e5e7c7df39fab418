"""Count the good practices of a round, and read those that States share or publish.

Figures are over what figures/progress.py counts. Any user with a role may read a shared practice, and everyone one that
its State also publishes. Counting a practice needs the State's permission for that.

A `reader` is a user with a role, or None for everyone.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from recommendations.models import Body, Family, Recommendation, read_stamp
from recommendations.text_cache import texts_at
from tracker.figures.answers import Figure
from tracker.figures.groups import CountByGroup, FigureGroup, in_paper_order
from tracker.figures.progress import RoundProgress, Standing
from tracker.figures.sealed import PRACTICES
from tracker.figures.selection import ANSWERED, ANY, SHARED
from tracker.models import Respondent, RoundUnit, Submission, SubmissionEvidence, SubmissionItem, User
from tracker.models.language import Language
from tracker.models.submission import SealedEvidenceQuerySet, SubmissionItemQuerySet


class Practice(NamedTuple):
    standing: Standing
    entry: RoundUnit
    is_shared: bool


class PracticesOf(NamedTuple):
    """`practices` are over the `answers`, `shared` over the practices, `states` over the States `covered`."""

    of: str | Promise
    slug: str
    practices: Figure
    shared: Figure
    states: Figure
    answers: Figure
    covered: Figure


class Practices(CountByGroup[Practice, PracticesOf]):
    def figures_of(self, group: FigureGroup, rows: list[Practice]) -> PracticesOf:
        at, source = self.found.at, self.found.source
        shared, states = sum(row.is_shared for row in rows), {row.standing.respondent.pk for row in rows}
        return PracticesOf(
            group.of,
            group.slug,
            practices=Figure(len(rows), group.answered, at, source, group.select(practice=ANY)),
            shared=Figure(shared, len(rows), at, source, group.select(practice=SHARED)),
            states=Figure(len(states), group.states, at, source, group.select(practice=ANY, of="states")),
            answers=Figure(group.answered, group.answered, at, source, group.select(status=ANSWERED)),
            covered=Figure(group.states, group.states, at, source, group.states_selection),
        )


def practices(found: RoundProgress) -> Practices:
    rows = in_paper_order(found, PRACTICES)
    return Practices(found, [Practice(standing, entry, sealed.is_shared) for standing, entry, sealed in rows])


class PracticeAnswer(NamedTuple):
    """Hold a practice that its respondent shares with other States, with the words of its answer only."""

    item: SubmissionItem
    unit: Recommendation
    families: tuple[Family, ...]

    @property
    def respondent(self) -> Respondent:
        return self.submission.respondent

    @property
    def submission(self) -> Submission:
        return self.item.submission

    @property
    def words(self) -> str:
        return self.item.revision.measures  # type: ignore[union-attr]  # what is shared is answered

    @property
    def language(self) -> str:
        return self.item.revision.language  # type: ignore[union-attr]

    @property
    def language_name(self) -> str:
        return str(Language(self.language).label)


def open_practices(reader: User | None) -> SubmissionItemQuerySet:
    if reader is None:
        return SubmissionItem.objects.published_practices()
    return SubmissionItem.objects.shared_practices(reader)


def shared_practices(reader: User | None, unit: Recommendation | None = None) -> list[PracticeAnswer]:
    """Read what respondents share now with all users, by theme, unit and State, in three queries."""
    rows = open_practices(reader).order_by("submission")
    rows = rows.filter(unit=unit) if unit else rows
    items = list({(item.unit_id, item.submission.respondent_id): item for item in rows}.values())
    units, families = _units_of({item.unit_id for item in items})
    shared = [PracticeAnswer(item, units[item.unit_id], families[item.unit_id]) for item in items]
    return sorted(shared, key=lambda practice: (*_place(practice.unit), practice.respondent.sort_key))


class PracticeEntry(NamedTuple):
    item: int
    unit: Recommendation
    families: tuple[Family, ...]
    respondent: Respondent
    words: str


class PracticeGroup[Row: PracticeEntry | PracticeAnswer](NamedTuple):
    """`title`: of a theme, or of a group of similar recommendations."""

    title: str | Promise
    practices: list[Row]


def list_practices(reader: User | None, body: Body | None = None) -> list[PracticeEntry]:
    """List the practices of a body (the first if None) without words, in five queries."""
    # First the keys: in one query with the words, PostgreSQL would read all versions of all answers.
    keys = list(open_practices(reader).order_by().values_list("pk", flat=True))
    rows = open_practices(reader).filter(pk__in=keys).order_by("submission")
    rows = rows.filter(unit__body=body) if body else rows.filter(unit__body__is_first=True)
    values = rows.values_list("pk", "unit", "submission__respondent", "revision__measures")
    newest = {(unit, respondent): row for row in values for _item, unit, respondent, _words in [row]}
    found = list(newest.values())
    units, families = _units_of({unit for _item, unit, _respondent, _words in found})
    respondents = Respondent.objects.in_bulk({respondent for _item, _unit, respondent, _words in found})
    listed = [
        PracticeEntry(item, units[unit], families[unit], respondents[of], words) for item, unit, of, words in found
    ]
    return sorted(listed, key=lambda practice: (*_place(practice.unit), practice.respondent.sort_key))


def read_practices(listed: Iterable[PracticeEntry], reader: User | None) -> list[PracticeAnswer]:
    items = open_practices(reader).in_bulk([listing.item for listing in listed])
    return [
        PracticeAnswer(items[listing.item], listing.unit, listing.families)
        for listing in listed
        if listing.item in items
    ]


def open_evidence(reader: User | None) -> SealedEvidenceQuerySet:
    if reader is None:
        return SubmissionEvidence.objects.published()
    return SubmissionEvidence.objects.of_shared_practices(reader)


def evidence_of(shared: Iterable[PracticeAnswer], reader: User | None) -> dict[int, list[SubmissionEvidence]]:
    pieces = open_evidence(reader).filter(item__in=[practice.item.pk for practice in shared])
    pieces = pieces.select_related(
        "citation__withdrawal",
        "citation__evidence_version__evidence",
        "citation__evidence_version__withdrawal",
        "citation__evidence_version__file__withdrawal",
    )
    return group_pairs((piece.item_id, piece) for piece in pieces.order_by("position"))


def group_by_family[Row: PracticeEntry | PracticeAnswer](listed: Iterable[Row]) -> list[PracticeGroup[Row]]:
    """Group practices by name of the group of similar recommendations, once under each; those of none come last."""
    found = group_pairs((family, practice) for practice in listed for family in practice.families or (None,))
    ordered = sorted((family for family in found if family), key=lambda family: family.name)
    groups = [PracticeGroup(family.name, found[family]) for family in ordered]
    return [*groups, PracticeGroup(_("In no group"), found[None])] if None in found else groups


def group_by_theme[Row: PracticeEntry | PracticeAnswer](listed: Iterable[Row]) -> list[PracticeGroup[Row]]:
    found = group_pairs((practice.unit.primary_theme, practice) for practice in listed)
    return [PracticeGroup(str(theme) if theme else _("No theme"), practices) for theme, practices in found.items()]


def _units_of(keys: Collection[int]) -> tuple[dict[int, Recommendation], dict[int, tuple[Family, ...]]]:
    texts = texts_at(read_stamp())
    return texts.nodes(keys), {key: texts.families.get(key, ()) for key in keys}


def _place(unit: Recommendation) -> tuple[int, str, int]:
    return unit.primary_theme.position if unit.primary_theme else 1_000, unit.body_slug, unit.position
