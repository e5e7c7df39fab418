"""List what a figure counts: the answers, or the States, behind it.

The list is chosen from the sealed rows from which the figure is counted, by the same conditions. A list opens for an
officer who may read each submission of the States among which it chooses: a gap in it would disclose an answer.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Count, Q

from tracker.figures.answers import KINDS, Figure
from tracker.figures.comparison import RoundChanges, change_of, sealed_moves
from tracker.figures.progress import STANDINGS, RoundProgress, Standing, sealed_statuses
from tracker.figures.sealed import NEEDS, PRACTICES, REASONS, STATUSES, SealedValues
from tracker.figures.selection import ANSWERED, ANY, SHARED, Selection, is_status
from tracker.models import Revision, Round, RoundUnit, Submission, SubmissionItem, User
from tracker.models.status import CONSIDERED, NEED_REASONS, NO_INFORMATION, Status
from tracker.queries.desk.assistance import in_order, names_of

OTHER_STANDINGS = ("not_submitted", "withdrawn", "left_out", "counted")


class ListedAnswer(NamedTuple):
    """Hold a possible answer: `kind` is one of ANSWERS, `before` the status in the earlier of two rounds."""

    standing: Standing
    entry: RoundUnit
    kind: str
    before: str = ""

    @property
    def status(self) -> str:
        return CONSIDERED.value if self.kind.startswith("considered") else self.kind


class ListedState(NamedTuple):
    """Hold a State; `figure` are its answers in the list, none where the list is of States whatever they answer."""

    standing: Standing
    figure: Figure | None = None


class AnswerRow(NamedTuple):
    """Hold an answer with its words. `before`: the status in an earlier round, empty where there is none; `withheld`:
    how many evidence items the State keeps to itself.
    """

    answer: ListedAnswer
    revision: Revision | None
    before: str
    withheld: int
    words: str

    @property
    def reason(self) -> str:
        """Return why the recommendation does not apply, if the State chose a reason from the list."""
        return self.revision.get_reason_code_display() if self.revision and self.revision.reason_code else ""

    @property
    def kinds(self) -> list[str]:
        """Return the names of the kinds of assistance that the answer asks for."""
        return names_of(in_order(self.revision.assistance_kinds)) if self.revision else []


@dataclass(frozen=True)
class Behind:
    """Hold the list of a selection. `found` are the figures of its round, or of its two rounds."""

    selection: Selection
    found: RoundProgress | RoundChanges

    @cached_property
    def states(self) -> list[Standing]:
        """Return those among which the selection chooses: of its regional group, or one."""
        if isinstance(self.found, RoundChanges):
            every = [after for _before, after in self.found.compared]
        else:
            every = self.found.states if self.selection.state is None else self.found.standings
        region, state = self.selection.region, self.selection.state
        return [
            standing
            for standing in every
            if region in (None, standing.region) and state in (None, standing.respondent.code)
        ]

    @cached_property
    def counted(self) -> list[Standing]:
        if isinstance(self.found, RoundChanges):
            return self.states
        return list(filter(STANDINGS[self.selection.standing], self.states))

    @cached_property
    def entries(self) -> dict[int, RoundUnit]:
        scope = self.found.units if isinstance(self.found, RoundChanges) else self.found.scope
        return {entry.unit_id: entry for entry in scope if self.selection.has_unit(entry)}

    @property
    def entries_with_kind(self) -> list[tuple[int, RoundUnit, bool]]:
        """Return (key of the unit, entry, whether it asks to consider), in the order of the paper."""
        return [(unit, entry, entry.unit.asks_to_consider) for unit, entry in self.entries.items()]

    @cached_property
    def possible(self) -> list[ListedAnswer]:
        """Return the answers of every status, by State and in the order of the paper."""
        return list(self._moves() if isinstance(self.found, RoundChanges) else self._answers())

    @cached_property
    def answers(self) -> list[ListedAnswer]:
        return [answer for answer in self.possible if is_status(self.selection.status, answer.kind)]

    @cached_property
    def listed_states(self) -> list[ListedState]:
        if not self.selection.is_of_answers:
            return [ListedState(standing) for standing in self.counted]
        counts = Counter(answer.standing.respondent.code for answer in self.answers)
        states = (standing for standing in self.counted if standing.respondent.code in counts)
        return [ListedState(standing, self._figure_of_state(standing, counts)) for standing in states]

    @property
    def is_of_states(self) -> bool:
        return self.selection.of != "answers"

    @property
    def size(self) -> int:
        """Return the figure."""
        return len(self.listed_states if self.is_of_states else self.answers)

    @property
    def all(self) -> Figure:
        return self._figure(len(self.possible), None)

    @property
    def response_rate(self) -> Figure:
        return self._figure(len(self.possible) - self.statuses[NO_INFORMATION], ANSWERED)

    @cached_property
    def statuses(self) -> dict[str, int]:
        """Count the possible answers by status, in the order of bars."""
        counts = Counter(answer.status for answer in self.possible)
        return {status: counts[status] for status in (*Status.values, NO_INFORMATION)}

    @property
    def left_out(self) -> list[tuple[str, Figure]]:
        """Count the States that are not in the figure, by standing."""
        if isinstance(self.found, RoundChanges):
            return []
        counted = {standing.respondent.pk for standing in self.counted}
        others = [standing for standing in self.states if standing.respondent.pk not in counted]
        found = ((name, self._others(name, others)) for name in OTHER_STANDINGS)
        return [(name, figure) for name, figure in found if figure.numerator]

    @cached_property
    def not_addressed(self) -> int:
        """Count the States of which no answer to the selected units is requested."""
        if not self.selection.units or isinstance(self.found, RoundChanges):
            return 0
        submitted = sealed_statuses(self.counted)
        requested = sum(not self.entries.keys().isdisjoint(units) for _standing, (units, _statuses) in submitted)
        return len(self.counted) - requested

    def may_be_read(self, not_read: Collection[int]) -> bool:
        """Return whether a reader may read all that was submitted. `not_read`: keys of respondents."""
        return not any(standing.submission and standing.respondent.pk in not_read for standing in self.states)

    def _figure(self, count: int, status: str | None) -> Figure:
        selection = self.selection._replace(status=status)
        return Figure(count, len(self.possible), self.found.at, self.found.source, selection)

    def _others(self, standing: str, others: list[Standing]) -> Figure:
        selection = Selection(self.selection.round, of="states", standing=standing)
        selection = selection._replace(region=self.selection.region, state=self.selection.state)
        count = sum(map(STANDINGS[standing], others))
        return Figure(count, len(self.states), self.found.at, self.found.source, selection)

    def _figure_of_state(self, standing: Standing, counts: Counter[str]) -> Figure:
        code = standing.respondent.code
        selection = self.selection._replace(of="answers", state=code)
        return Figure(counts[code], counts.total(), self.found.at, self.found.source, selection)

    def _answers(self) -> Iterator[ListedAnswer]:
        marked, entries = self._marked(), self.entries_with_kind
        for standing, sealed in sealed_statuses(self.counted):
            of_state = None if marked is None else marked[standing.submission.pk]  # type: ignore[union-attr]
            by_unit = dict(zip(*sealed, strict=True))
            for unit, entry, asks in entries:
                if unit in by_unit and (of_state is None or unit in of_state):
                    yield ListedAnswer(standing, entry, KINDS[by_unit[unit], asks])

    def _moves(self) -> Iterator[ListedAnswer]:
        found, selection, entries = self.found, self.selection, self.entries_with_kind
        chosen = {standing.respondent.pk for standing in self.counted}
        pairs = [pair for pair in found.compared if pair[1].respondent.pk in chosen]  # type: ignore[union-attr]
        for standing, moves in sealed_moves(pairs):
            by_unit = {unit: (before, after) for unit, before, after in moves}
            for unit, entry, asks in entries:
                if unit not in by_unit:
                    continue
                before, after = by_unit[unit]
                is_chosen = selection.change in (None, change_of(before, after))
                if is_chosen and is_status(selection.before, KINDS[before, asks]):
                    yield ListedAnswer(standing, entry, KINDS[after, asks], before)

    def _marked(self) -> Mapping[int, Collection[int]] | None:
        """Return by submission the units whose answer has the selected reason, need or practice; None for all."""
        selection = self.selection
        values: SealedValues[Any]
        has: Callable[[Any], bool]
        if selection.reason is not None:
            values, has = REASONS, lambda reason: reason.code == selection.reason
        elif selection.need is not None:
            values, has = NEEDS, lambda need: selection.need in (ANY, *(need.kinds or ("",)))
        elif selection.practice is not None:
            values, has = PRACTICES, lambda practice: practice.is_shared or selection.practice != SHARED
        else:
            return None
        sealed = values.of(standing.submission for standing in self.counted if standing.submission)
        return {pk: {row.unit for row in rows if has(row)} for pk, rows in sealed.items()}


def read_words(behind: Behind, answers: Iterable[ListedAnswer], reader: User, earlier: Round | None) -> list[AnswerRow]:
    """Read the words of a page of answers in three queries, and one more where a submission was not read before."""
    answers = list(answers)
    places = Q()
    for standing, of_state in groupby(answers, attrgetter("standing")):
        places |= Q(submission=standing.submission, unit__in=[answer.entry.unit_id for answer in of_state])
    items = SubmissionItem.objects.to_be_read_by(reader).filter(places) if answers else SubmissionItem.objects.none()
    items = items.select_related("revision__withdrawal").defer("chapeaux", "answered_with").order_by()
    items = items.annotate(withheld=Count("evidence", filter=Q(evidence__withheld=True)))
    found = {(item.submission_id, item.unit_id): item for item in items}
    before = {} if isinstance(behind.found, RoundChanges) else _statuses_in(earlier, answers)
    rows = []
    for answer in answers:
        unit = answer.entry.unit_id
        item = found.get((answer.standing.submission.pk, unit))  # type: ignore[union-attr]
        revision = item.revision if item else None
        rows.append(
            AnswerRow(
                answer,
                revision,
                answer.before or before.get((answer.standing.respondent.pk, unit), ""),
                getattr(item, "withheld", 0),
                _first_words(revision, behind.selection) if revision else "",
            )
        )
    return rows


def _first_words(revision: Revision, selection: Selection) -> str:
    """Return the words that say why the answer is in the figure."""
    names = ["reasons"] if revision.status in NEED_REASONS else ["measures", "difficulties"]
    if selection.need is not None:
        names = ["assistance"]
    return next(filter(None, map(revision.shown_value, names)), "")


def _statuses_in(round_: Round | None, answers: Iterable[ListedAnswer]) -> dict[tuple[int, int], str]:
    """Return by respondent and unit the status in the newest submission for a round."""
    if round_ is None:
        return {}
    states = {answer.standing.respondent.pk for answer in answers}
    submissions = list(Submission.objects.counted_in(round_).not_withdrawn().filter(respondent__in=states))
    of_state = {submission.pk: submission.respondent_id for submission in submissions}
    return {
        (of_state[pk], unit): status
        for pk, (units, statuses) in STATUSES.of(submissions).items()
        for unit, status in zip(units, statuses, strict=True)
    }
