"""Count what was submitted for a round: the newest submission of each respondent, never its current answers.

A withdrawn submission counts nowhere, and no earlier submission replaces it. A submission whose State does not permit
its use in aggregates today counts as submitted, and in no other figure. The European Union and the Secretariat are not
States and are counted apart. Themes and families are those recorded when the round opened; meeting, strength and "asks
to consider" come from the catalogue.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from itertools import repeat
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from recommendations.models import Body, Meeting, Recommendation, stamp_column
from recommendations.text_cache import texts_at
from tracker.figures.answers import KINDS, Figure, Progress, answers_of
from tracker.figures.sealed import REASONS, STATUSES, SealedStatuses
from tracker.figures.selection import KEY_OF_UNIT, Selection, theme_of
from tracker.models import Release, ReleaseStanding, Respondent, Round, RoundUnit, Submission
from tracker.models.respondent import RespondentKind, StateGroup, TreatyStatus
from tracker.models.status import NO_INFORMATION, ReasonCode, Status
from tracker.queries.addressees import former_status_by_respondent, respondents_by_round, set_former_status
from tracker.queries.themes import by_frozen_theme

REGIONS = [*StateGroup.choices, ("", _("No regional group"))]
# Translators: Strength of a recommendation's wording: not recorded.
STRENGTHS = [*Recommendation.Strength.choices, ("", _("Not recorded"))]
FEWEST = 5  # States, of a recommendation in the list of the most unanswered
LEVELS = ((75, "most"), (50, "half"), (25, "quarter"))


class Standing(NamedTuple):
    """`is_permitted` (in aggregates) and `is_withdrawn` are as of today or of the release, `may_be_quoted` (with the
    State's name in a document) as of today.
    """

    respondent: Respondent
    submission: Submission | None
    is_permitted: bool
    may_be_quoted: bool = False
    is_withdrawn: bool = False

    @property
    def is_state(self) -> bool:
        return self.respondent.kind == RespondentKind.STATE

    @property
    def region(self) -> str:
        return self.respondent.regional_group

    @property
    def is_submitted(self) -> bool:
        return self.submission is not None and not self.is_withdrawn

    @property
    def is_counted(self) -> bool:
        return self.is_submitted and self.is_permitted

    @property
    def is_left_out(self) -> bool:
        return self.is_submitted and not self.is_permitted


# Which States a figure counts, by the parameter `standing` of a selection.
STANDINGS: dict[str, Callable[[Standing], bool]] = {
    "invited": lambda standing: True,
    "submitted": lambda standing: standing.is_submitted,
    "not_submitted": lambda standing: not standing.is_submitted and not standing.is_withdrawn,
    "withdrawn": lambda standing: standing.is_withdrawn,
    "counted": lambda standing: standing.is_counted,
    "left_out": lambda standing: standing.is_left_out,
    "unconfirmed": lambda standing: (
        standing.is_counted and standing.respondent.treaty_status == TreatyStatus.UNCONFIRMED
    ),
}


# How many States of a regional group gave a unit a status (`no_information` where they gave none), by these three.
type StatusCounts = Mapping[tuple[int, str, str], int]


class PartProgress[Of](NamedTuple):
    of: Of
    slug: str
    progress: Progress


class Region(NamedTuple):
    """`submitted` and `counted` are over the States that have something to answer, `progress` over the counted."""

    of: str | Promise
    code: str
    submitted: Figure
    counted: Figure
    progress: Progress


class UnitProgress(NamedTuple):
    entry: RoundUnit
    progress: Progress

    @property
    def of(self) -> str:
        return self.unit.label_with_title

    @property
    def unit(self) -> Recommendation:
        return self.entry.unit

    @property
    def implemented(self) -> Figure:
        return self.progress.of_status(Status.IMPLEMENTED)

    @property
    def not_applicable(self) -> Figure:
        return self.progress.of_status(Status.NOT_APPLICABLE)


@dataclass(frozen=True)
class RoundProgress:
    """`scope` has the units in the order of the paper, `cells` the numbers of the counted answers. The figures are
    those of a `release`, or of today: then `selection` is what they count. `stamp` is that of the catalogue of which a
    release has the texts.
    """

    round: Round
    at: datetime
    standings: list[Standing]
    scope: list[RoundUnit]
    cells: StatusCounts
    release: Release | None = None
    stamp: int | None = None
    selection: Selection | None = None

    @property
    def source(self) -> str:
        if self.release:
            # Translators: code: code of a round, as 2026.
            return gettext("Release %(code)s") % {"code": self.release}
        return source_of(self.round)

    @cached_property
    def states(self) -> list[Standing]:
        return [standing for standing in self.standings if standing.is_state]

    @cached_property
    def counted(self) -> list[Standing]:
        return [standing for standing in self.states if standing.is_counted]

    @property
    def counted_submissions(self) -> list[Submission]:
        return [standing.submission for standing in self.counted if standing.submission]

    @property
    def invited(self) -> Figure:
        return self._share(self.states, "invited")

    @property
    def all_counted(self) -> Figure:
        return self._share(self.states, "counted")

    @property
    def submitted(self) -> Figure:
        return self._share(self.states, "submitted")

    @property
    def left_out(self) -> Figure:
        return self._share([standing for standing in self.states if standing.is_submitted], "left_out")

    @property
    def withdrawn(self) -> Figure:
        return self._share(self.states, "withdrawn")

    @property
    def not_submitted(self) -> Figure:
        return self._share(self.states, "not_submitted")

    @property
    def status_to_confirm(self) -> Figure:
        """Count the counted States whose treaty status is assumed to be that of a party and not confirmed."""
        return self._share(self.counted, "unconfirmed")

    @cached_property
    def overall(self) -> Progress:
        return self._progress_by()()

    @cached_property
    def by_region(self) -> list[Region]:
        progress_of_region = self._progress_by("region")
        states = group_pairs((standing.region, standing) for standing in self.states)
        return [
            Region(
                name,
                code,
                self._share(states[code], "submitted", code),
                self._share(states[code], "counted", code),
                progress_of_region(code),
            )
            for code, name in REGIONS
            if states[code]
        ]

    @cached_property
    def by_theme(self) -> list[PartProgress[str]]:
        groups = by_frozen_theme(((entry.themes, entry.unit_id) for entry in self.scope), self.round)
        progress_of_theme = self._progress_by("theme")
        return _with_units(PartProgress(group.name, group.slug, progress_of_theme(group.slug)) for group in groups)

    @cached_property
    def by_theme_and_region(self) -> list[tuple[PartProgress[str], list[Region]]]:
        progress_of_both = self._progress_by("region", "theme")
        return [
            (part, [region._replace(progress=progress_of_both(region.code, part.slug)) for region in self.by_region])
            for part in self.by_theme
        ]

    @cached_property
    def by_meeting(self) -> list[PartProgress[Meeting]]:
        meetings = {entry.unit.meeting.code: entry.unit.meeting for entry in self.scope}
        progress_of_meeting = self._progress_by("meeting")
        return _with_units(PartProgress(meeting, code, progress_of_meeting(code)) for code, meeting in meetings.items())

    @cached_property
    def by_strength(self) -> list[PartProgress[str | Promise]]:
        progress_of_strength = self._progress_by("strength")
        return _with_units(PartProgress(name, code, progress_of_strength(code)) for code, name in STRENGTHS)

    @cached_property
    def by_unit(self) -> list[UnitProgress]:
        progress_of_unit = self._progress_by("unit")
        return _with_units(UnitProgress(entry, progress_of_unit(entry.unit.slug)) for entry in self.scope)

    @property
    def most_unanswered(self) -> list[UnitProgress]:
        return _most_first(self.by_unit, lambda unit_progress: unit_progress.progress.no_information)

    @property
    def most_unanswered_of_many(self) -> list[UnitProgress]:
        """Leave out what is addressed to fewer than five of the States covered: a small base would lead the list."""
        return [row for row in self.most_unanswered if row.progress.total >= FEWEST]

    @property
    def most_not_implemented(self) -> list[UnitProgress]:
        some_are_not = [
            standing for standing in self.by_unit if standing.implemented.numerator < standing.implemented.denominator
        ]
        return sorted(
            some_are_not,
            key=lambda unit_progress: (_share_of(unit_progress.implemented), -unit_progress.implemented.denominator),
        )

    @property
    def most_considered_where_asked(self) -> list[UnitProgress]:
        return _most_first(self.by_unit, lambda unit_progress: unit_progress.progress.considered_where_asked)

    @property
    def most_considered_elsewhere(self) -> list[UnitProgress]:
        return _most_first(self.by_unit, lambda unit_progress: unit_progress.progress.considered_elsewhere)

    @property
    def most_not_applicable(self) -> list[UnitProgress]:
        return _most_first(self.by_unit, lambda unit_progress: unit_progress.not_applicable)

    def select(self, **part: str) -> Selection | None:
        """Return the selection of a part of what the figures count, where a list of it can be opened."""
        return self.selection and self.selection._replace(**part)

    def _share(self, standings: list[Standing], name: str, region: str | None = None) -> Figure:
        selection = self.selection and self.selection.with_states(name, region)
        return Figure(sum(map(STANDINGS[name], standings)), len(standings), self.at, self.source, selection)

    def _progress_by(self, *names: str) -> Callable[..., Progress]:
        """Return what calculates the progress of a part, from its values of these parameters of a selection."""
        counted = self._count_by(names)
        source, nothing = self.source, answers_of({})

        def progress_of_part(*values: str) -> Progress:
            part = self.select(**dict(zip(names, values, strict=True)))
            return Progress(counted.get(values, nothing), self.at, source, part)

        return progress_of_part

    def _count_by(self, names: Collection[str]) -> dict[tuple[str, ...], dict[str, int]]:
        of_unit = [KEY_OF_UNIT[name] for name in names if name != "region"]
        keys = {entry.unit_id: tuple([key(entry) for key in of_unit]) for entry in self.scope}
        asks_to_consider = {entry.unit_id: entry.unit.asks_to_consider for entry in self.scope}
        by_region = "region" in names
        counts: defaultdict[tuple[str, ...], dict[str, int]] = defaultdict(partial(answers_of, {}))
        for (unit, region, status), count in self.cells.items():
            key = (region, *keys[unit]) if by_region else keys[unit]
            counts[key][KINDS[status, asks_to_consider[unit]]] += count
        return counts


def rounds() -> QuerySet[Round]:
    return Round.objects.opened().select_related("body")


def rounds_of(body: Body | None) -> QuerySet[Round]:
    """Return the rounds of one body, the first body if None."""
    return rounds().filter(body=body) if body else rounds().filter(body__is_first=True)


def round_progress(round_: Round, **part: str) -> RoundProgress:
    """Calculate the figures of a round as they are now, or of a part of its units: parameters of a selection.

    It takes five queries, and one more where a submission was not read before.
    """
    [found] = _progress_of([round_], read_scope(round_)[0], **part)
    return found


def progress_by_round(body: Body | None = None) -> list[RoundProgress]:
    """Return every opened round of a body (the first if None), the newest first, in one query more than a round.

    Rounds differ in States and units: this is no comparison (figures/comparison.py). Themes and families are read
    where they are used.
    """
    rounds = rounds_of(body)
    return _progress_of(rounds, read_scope(*rounds, deferred=("themes", "families"))[0])


def response_to(*rounds: Round) -> list[RoundProgress]:
    """Return how many States were invited to each round and have submitted, without what they answered."""
    now = timezone.now()
    return [
        RoundProgress(round_, now, standings, [], Counter(), selection=Selection(round_.code))
        for round_, standings in standing_by_round(*rounds).items()
    ]


def _progress_of(rounds: Collection[Round], entries: Iterable[RoundUnit], **part: str) -> list[RoundProgress]:
    scopes = group_pairs((entry.round_id, entry) for entry in entries)
    by_round = standing_by_round(*rounds)
    STATUSES.of(found.submission for standings in by_round.values() for found in standings if found.submission)
    now = timezone.now()
    progress = []
    for round_ in rounds:
        scope, cells = scopes[round_.pk], _count_cells(by_round[round_])
        selection = Selection(round_.code, **part)
        if part:
            scope = [entry for entry in scope if selection.has_unit(entry)]
            units = {entry.unit_id for entry in scope}
            cells = {cell: count for cell, count in cells.items() if cell[0] in units}
        progress.append(RoundProgress(round_, now, by_round[round_], scope, cells, selection=selection))
    return progress


def release_progress(release: Release) -> RoundProgress:
    """Calculate the exact figures of which a release has the rounded ones, in four queries."""
    frozen = {unit[0]: unit for unit in release.units}
    entries, stamp = read_scope(release.round)
    for entry in entries:
        *_place, entry.unit.strength, entry.unit.asks_to_consider = frozen[entry.unit.key]
    found = _released_standings(release)
    return RoundProgress(release.round, release.made_at, found, entries, _count_cells(found), release, stamp)


def read_scope(*rounds: Round, deferred: Iterable[str] = ()) -> tuple[list[RoundUnit], int | None]:
    """Return the units of rounds in the order of the paper, and the stamp of the catalogue that they are read with."""
    found = RoundUnit.objects.filter(round__in=rounds).annotate(stamp=stamp_column()).order_by("position")
    entries: list[RoundUnit] = [*found.defer(*deferred)]
    stamp = entries[0].stamp if entries else None  # type: ignore[attr-defined]
    units = texts_at(stamp).nodes({entry.unit_id for entry in entries}) if entries else {}
    for entry in entries:
        entry.unit = units[entry.unit_id]
    return entries, stamp


def _count_cells(standings: Iterable[Standing]) -> StatusCounts:
    """Count the answers of the counted States, by regional group."""
    counted = (standing for standing in standings if standing.is_state and standing.is_counted)
    cells = Counter[tuple[int, str, str]]()
    for standing, (units, statuses) in sealed_statuses(counted):
        cells.update(zip(units, repeat(standing.region), statuses))
    return cells


def sealed_statuses(standings: Iterable[Standing]) -> Iterator[tuple[Standing, SealedStatuses]]:
    """Yield what each submitted: its figures count these rows, and the lists behind the figures are of them."""
    submitted = [(standing, standing.submission) for standing in standings if standing.submission]
    sealed = STATUSES.of(submission for _standing, submission in submitted)
    return ((standing, sealed[submission.pk]) for standing, submission in submitted)


def _released_standings(release: Release) -> list[Standing]:
    newest = Submission.objects.counted_in(release.round).not_withdrawn().filter(may_be_quoted=True)
    is_quotable = Exists(newest.order_by().filter(respondent=OuterRef("respondent")))
    rows = ReleaseStanding.objects.of_releases([release]).select_related("respondent", "submission")
    found = []
    for row in rows.annotate(is_quotable=is_quotable):
        row.respondent.treaty_status = row.treaty_status
        found.append(Standing(row.respondent, row.submission, row.is_permitted, row.is_quotable, row.is_withdrawn))
    return sorted(found, key=lambda standing: standing.respondent.sort_key)


def progress_of_others(found: RoundProgress) -> list[tuple[Respondent, Progress]]:
    """Calculate for each respondent that is not a State by itself; no other figure includes them."""
    others = [standing for standing in found.standings if standing.is_counted and not standing.is_state]
    asks_to_consider = {entry.unit_id: entry.unit.asks_to_consider for entry in found.scope}
    source = found.source

    def progress_of(respondent: Respondent, sealed: SealedStatuses) -> Progress:
        counts = Counter((status, asks_to_consider[unit]) for unit, status in zip(*sealed, strict=True))
        return Progress(answers_of(counts), found.at, source, found.select(state=respondent.code))

    return [
        (standing.respondent, progress_of(standing.respondent, sealed)) for standing, sealed in sealed_statuses(others)
    ]


def source_of(round_: Round) -> str:
    # Translators: code: code of a round, as 2026. Source of a figure.
    return gettext("Submissions of round %(code)s") % {"code": round_.code}


class AnswerCount(NamedTuple):
    """Count the units of one theme that a State has to answer and has answered: how many, not how well."""

    numerator: int
    denominator: int

    def __str__(self):
        return f"{self.numerator}/{self.denominator}" if self.denominator else "\N{EN DASH}"

    @property
    def level(self) -> str:
        if not self.denominator:
            return "unasked"
        if not self.numerator:
            return "none"
        share = 100 * self.numerator / self.denominator
        return next((name for at_least, name in LEVELS if share >= at_least), "few")


class StateRow(NamedTuple):
    """`answered` is in the order of `by_theme`, with the slugs of the `themes`, and empty where the State is not
    counted; `selection`: the answers of the State.
    """

    standing: Standing
    submission: Submission
    answered: list[AnswerCount]
    themes: tuple[str, ...] = ()
    selection: Selection | None = None


def states_by_theme(found: RoundProgress) -> list[StateRow]:
    """Count how many units each State that submitted answered under each theme. For the Secretariat only, in no
    document.
    """
    counts = _count_by_state_and_theme(found)
    themes = tuple(part.slug for part in found.by_theme)
    return [
        StateRow(standing, submission, counts[submission.pk], themes, found.select(state=standing.respondent.code))
        if standing.is_counted
        else StateRow(standing, submission, [])
        for standing in found.states
        if (submission := standing.submission)
    ]


def _count_by_state_and_theme(found: RoundProgress) -> dict[int, list[AnswerCount]]:
    places = {part.slug: place for place, part in enumerate(found.by_theme)}
    place_of = {entry.unit_id: places.get(theme_of(entry)[0]) for entry in found.scope}
    counts = {}
    for submission, (units, statuses) in STATUSES.of(found.counted_submissions).items():
        total = Counter(map(place_of.__getitem__, units))
        nothing = Counter(
            place_of[unit] for unit, status in zip(units, statuses, strict=True) if status == NO_INFORMATION
        )
        counts[submission] = [AnswerCount(total[place] - nothing[place], total[place]) for place in range(len(places))]
    return counts


def reasons_not_applicable(found: RoundProgress) -> dict[int, list[tuple[str | Promise, Figure]]]:
    units = {entry.unit_id: entry.unit.slug for entry in found.scope}
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for given in REASONS.of(found.counted_submissions).values():
        for unit, code in given:
            counts[unit][code] += 1
    source = found.source

    def figure(unit: int, reason: ReasonCode) -> Figure:
        selection = found.select(unit=units[unit], reason=reason.value)
        return Figure(counts[unit][reason], counts[unit].total(), found.at, source, selection)

    return {
        unit: [(reason.label, figure(unit, reason)) for reason in ReasonCode if codes[reason]]
        for unit, codes in counts.items()
        if unit in units
    }


def standing_by_round(*rounds: Round) -> dict[Round, list[Standing]]:
    """Return all that have something to answer or submitted, with the treaty status of that day, in four queries."""
    newest = list(Submission.objects.counted_in(*rounds).select_related("participation"))
    respondents = Respondent.objects.in_bulk()
    by_pk = {round_.pk: round_ for round_ in rounds}
    former = former_status_by_respondent()
    by_round: dict[Round, dict[Respondent, Standing]] = {
        round_: {respondent: Standing(respondent, None, is_permitted=False) for respondent in addressees}
        for round_, addressees in respondents_by_round(rounds, former, respondents.values()).items()
    }
    for submission in newest:
        submission.respondent = respondents[submission.respondent_id]
    set_former_status(newest, former)
    for submission in newest:
        submission.round = by_pk[submission.round_id]
        state = submission.respondent
        by_round[submission.round][state] = Standing(
            state,
            submission,
            bool(submission.is_permitted),
            bool(submission.may_be_quoted),
            submission.is_withdrawn,
        )
    return {
        round_: sorted(found.values(), key=lambda standing: standing.respondent.sort_key)
        for round_, found in by_round.items()
    }


def _with_units(parts: Iterable) -> list:
    return [part for part in parts if part.progress.total]


def _most_first(units: list[UnitProgress], figure: Callable[[UnitProgress], Figure]) -> list[UnitProgress]:
    some = [unit_progress for unit_progress in units if figure(unit_progress).numerator]
    return sorted(some, key=lambda unit_progress: (-_share_of(figure(unit_progress)), -figure(unit_progress).numerator))


def _share_of(figure: Figure) -> float:
    return figure.numerator / figure.denominator
