"""Count the needs for technical assistance of a round.

A need is an answer that names a kind of assistance or describes the need in words. It is counted where
figures/progress.py counts the submission. An answer may have several kinds: it counts under each kind, and once in
every total. The words follow other rules: `words_of` is for users who may read the submission, and documents quote only
States for which `standing.may_be_quoted` is true.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import FETCH_PEERS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.figures.answers import Figure
from tracker.figures.groups import CountByGroup, FigureGroup, in_paper_order
from tracker.figures.progress import RoundProgress, Standing
from tracker.figures.sealed import NEEDS
from tracker.figures.selection import ANSWERED, ANY
from tracker.models import AssistanceNeed, Respondent, Revision, RoundUnit, Submission, SubmissionItem
from tracker.models.answer_fields import AssistanceKind
from tracker.queries.desk.assistance import names_of, needs_by_key, state_of

WITHOUT_KIND = ""
READ_WITH_A_NEED = [
    f"revision__{name}"
    for name in ("assistance", "language", "status", "lead_institution", "target_date", "withdrawal")
]
KINDS = [*AssistanceKind.choices, (WITHOUT_KIND, _("Kind not specified"))]


class Need(NamedTuple):
    """`item` is a key. `kinds` is empty for a need that is only described; `mark` may be missing."""

    item: int
    standing: Standing
    entry: RoundUnit
    kinds: tuple[str, ...]
    mark: AssistanceNeed | None

    @property
    def respondent(self) -> Respondent:
        return self.standing.respondent

    @property
    def submission(self) -> Submission:
        return self.standing.submission  # type: ignore[return-value]  # a counted State has submitted

    @property
    def unit(self) -> Recommendation:
        return self.entry.unit

    @property
    def kind_names(self) -> list[str]:
        return names_of(self.kinds)

    @property
    def state(self) -> str:
        return state_of(self.mark)


class NeedCount(NamedTuple):
    """`needs` are over the answers of the counted States, `states` over the counted States."""

    needs: Figure
    states: Figure


class NeedsOf(NamedTuple):
    """`by_kind` has every kind and, under "", needs described in words only. All are over the `answers` of the group
    and over the States `covered`.
    """

    of: str | Promise
    slug: str
    all: NeedCount
    by_kind: dict[str, NeedCount]
    answers: Figure
    covered: Figure


class Needs(CountByGroup[Need, NeedsOf]):
    def figures_of(self, group: FigureGroup, rows: list[Need]) -> NeedsOf:
        at, source = self.found.at, self.found.source
        states: dict[str, list[int]] = {kind: [] for kind in (ANY, *dict(KINDS))}  # of each need
        for need in rows:
            for kind in (ANY, *(need.kinds or (WITHOUT_KIND,))):
                states[kind].append(need.respondent.pk)
        counts = {
            kind: NeedCount(
                Figure(len(of_kind), group.answered, at, source, group.select(need=kind)),
                Figure(len({*of_kind}), group.states, at, source, group.select(need=kind, of="states")),
            )
            for kind, of_kind in states.items()
        }
        return NeedsOf(
            group.of,
            group.slug,
            counts.pop(ANY),
            counts,
            answers=Figure(group.answered, group.answered, at, source, group.select(status=ANSWERED)),
            covered=Figure(group.states, group.states, at, source, group.states_selection),
        )


def needs(found: RoundProgress, *, with_marks: bool = True) -> Needs:
    """Read the needs of a round without their words, in one query or none, and their marks, which no figure uses, in
    one more.
    """
    marks = needs_by_key(standing.respondent for standing in found.counted) if with_marks else {}
    rows = [
        Need(sealed.item, standing, entry, sealed.kinds, marks.get((standing.respondent.pk, entry.unit_id)))
        for standing, entry, sealed in in_paper_order(found, NEEDS)
    ]
    return Needs(found, rows)


def words_of(needs: Iterable[Need]) -> dict[int, Revision]:
    """Return by item key the revision whose `said("assistance")` has the words. The caller checks who may read them."""
    asking = {need.item: need.submission for need in needs}
    items = SubmissionItem.objects.of_submissions(asking.values()).filter(pk__in=asking)
    items = items.select_related("revision__withdrawal").only(*READ_WITH_A_NEED).fetch_mode(FETCH_PEERS).order_by()
    return {item.pk: item.revision for item in items if item.revision}
