"""Count what was submitted for a round: the newest submission of each respondent, never its current answers.

A withdrawn submission counts nowhere, and no earlier submission replaces it. A submission whose State does not permit
its use in aggregates today counts as submitted, and in no other figure. The European Union and the Secretariat are not
States and are counted apart. Themes and families are those recorded when the round opened; meeting, strength and "asks
to consider" come from the catalogue.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Case, CharField, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models import Body, Meeting, Recommendation
from tracker.figures.answers import Figure, Progress, progress_of
from tracker.models import (
    Release,
    ReleaseStanding,
    Respondent,
    Round,
    RoundUnit,
    Submission,
    SubmissionItem,
)
from tracker.models.respondent import RespondentKind, StateGroup, TreatyStatus
from tracker.models.status import NO_INFORMATION, ReasonCode, Status
from tracker.queries.addressees import former_status_by_respondent, respondents_by_round, set_former_status
from tracker.queries.themes import by_frozen_theme

REGIONS = [*StateGroup.choices, ("", _("No regional group"))]
# Translators: Strength of a recommendation's wording: not recorded.
STRENGTHS = [*Recommendation.Strength.choices, ("", _("Not recorded"))]
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
    def is_submitted(self) -> bool:
        return self.submission is not None and not self.is_withdrawn

    @property
    def is_counted(self) -> bool:
        return self.is_submitted and self.is_permitted

    @property
    def is_left_out(self) -> bool:
        return self.is_submitted and not self.is_permitted


class StatusCount(NamedTuple):
    """Count the States of a regional group that gave a unit a status; the status is empty where they gave none."""

    unit: int
    region: str
    status: str
    count: int  # type: ignore[assignment]


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
        return self.progress.distribution[Status.IMPLEMENTED]

    @property
    def considered(self) -> Figure:
        return self.progress.considered

    @property
    def not_applicable(self) -> Figure:
        return self.progress.distribution[Status.NOT_APPLICABLE]


@dataclass(frozen=True)
class RoundProgress:
    """`scope` has the units in the order of the paper, `items` the counted items, `cells` their numbers. The figures
    are those of a `release`, or of today.
    """

    round: Round
    at: datetime
    standings: list[Standing]
    scope: list[RoundUnit]
    items: QuerySet[SubmissionItem]
    cells: list[StatusCount]
    release: Release | None = None

    @property
    def source(self) -> str:
        if self.release:
            # Translators: number: round and number of a release, as 2026/1. Source of a figure.
            return gettext("Release %(number)s") % {"number": self.release.reference}
        return gettext("Submissions of round %(code)s") % {"code": self.round.code}

    @property
    def states(self) -> list[Standing]:
        return [standing for standing in self.standings if standing.is_state]

    @property
    def counted(self) -> list[Standing]:
        return [standing for standing in self.states if standing.is_counted]

    @property
    def counted_by_submission(self) -> dict[int, Standing]:
        return {standing.submission.pk: standing for standing in self.counted if standing.submission}

    @property
    def submitted(self) -> Figure:
        return self._share(self.states, lambda standing: standing.is_submitted)

    @property
    def left_out(self) -> Figure:
        submitted = [standing for standing in self.states if standing.is_submitted]
        return self._share(submitted, lambda standing: standing.is_left_out)

    @property
    def withdrawn(self) -> Figure:
        return self._share(self.states, lambda standing: standing.is_withdrawn)

    @property
    def status_to_confirm(self) -> Figure:
        """Count the counted States whose treaty status is assumed to be that of a party and not confirmed."""
        return self._share(self.counted, lambda standing: standing.respondent.treaty_status == TreatyStatus.UNCONFIRMED)

    @cached_property
    def overall(self) -> Progress:
        return self._progress_by(lambda cell: "")[""]

    @cached_property
    def by_region(self) -> list[Region]:
        found = self._progress_by(lambda cell: cell.region)
        states = defaultdict(list)
        for standing in self.states:
            states[standing.respondent.regional_group].append(standing)
        return [
            Region(
                name,
                code,
                self._share(states[code], lambda standing: standing.is_submitted),
                self._share(states[code], lambda standing: standing.is_counted),
                found[code],
            )
            for code, name in REGIONS
            if states[code]
        ]

    @cached_property
    def by_theme(self) -> list[PartProgress[str]]:
        groups = by_frozen_theme(((entry.themes, entry.unit_id) for entry in self.scope), self.round)
        theme_of = {unit: group.slug for group in groups for unit in group.units}
        found = self._progress_by(lambda cell: theme_of[cell.unit])
        return _with_units(PartProgress(group.name, group.slug, found[group.slug]) for group in groups)

    @cached_property
    def by_theme_and_region(self) -> list[tuple[PartProgress[str], list[Region]]]:
        theme_of = {entry.unit_id: entry.themes[0][0] if entry.themes else "" for entry in self.scope}
        found = self._progress_by(lambda cell: (cell.region, theme_of[cell.unit]))
        return [
            (part, [region._replace(progress=found[region.code, part.slug]) for region in self.by_region])
            for part in self.by_theme
        ]

    @cached_property
    def by_meeting(self) -> list[PartProgress[Meeting]]:
        meetings = {entry.unit.meeting_id: entry.unit.meeting for entry in self.scope}
        meeting_of = {entry.unit_id: entry.unit.meeting_id for entry in self.scope}
        found = self._progress_by(lambda cell: meeting_of[cell.unit])
        return _with_units(PartProgress(meeting, str(meeting.number), found[pk]) for pk, meeting in meetings.items())

    @cached_property
    def by_strength(self) -> list[PartProgress[str | Promise]]:
        strength_of = {entry.unit_id: entry.unit.strength for entry in self.scope}
        found = self._progress_by(lambda cell: strength_of[cell.unit])
        return _with_units(PartProgress(name, code, found[code]) for code, name in STRENGTHS)

    @cached_property
    def by_unit(self) -> list[UnitProgress]:
        found = self._progress_by(lambda cell: cell.unit)
        return _with_units(UnitProgress(entry, found[entry.unit_id]) for entry in self.scope)

    @property
    def most_unanswered(self) -> list[UnitProgress]:
        return _most_first(self.by_unit, lambda unit_progress: unit_progress.progress.no_information)

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

    def _share(self, standings: list[Standing], has: Callable[[Standing], bool]) -> Figure:
        return Figure(sum(map(has, standings)), len(standings), self.at, self.source)

    def _progress_by[Key](self, key: Callable[[StatusCount], Key]) -> defaultdict[Key, Progress]:
        asks_to_consider = {entry.unit_id: entry.unit.asks_to_consider for entry in self.scope}
        counts: defaultdict[Key, Counter[tuple[str, bool]]] = defaultdict(Counter)
        for cell in self.cells:
            counts[key(cell)][cell.status or NO_INFORMATION, asks_to_consider[cell.unit]] += cell.count
        nothing = progress_of({}, self.at, self.source)
        found = {of: progress_of(counted, self.at, self.source) for of, counted in counts.items()}
        return defaultdict(lambda: nothing, found)


def rounds() -> QuerySet[Round]:
    return Round.objects.opened().select_related("body")


def rounds_of(body: Body | None) -> QuerySet[Round]:
    """Return the rounds of one body, the first body if None."""
    return rounds().filter(body=body) if body else rounds().filter(body__is_first=True)


def round_progress(round_: Round, keeps: Callable[[RoundUnit], bool] | None = None) -> RoundProgress:
    """Calculate the figures of a round as they are now, or of the units for which `keeps` is true, in five queries."""
    scope = list(round_.units.select_related("unit__current_wording", "unit__meeting").order_by("position"))
    entries = [entry for entry in scope if keeps is None or keeps(entry)]
    in_round = standing_by_round(round_)[round_]
    items = _items(_counted_submissions(in_round))
    if keeps:
        items = items.filter(unit__in=[entry.unit_id for entry in entries])
    cells = items.values_list("unit", "submission__respondent__regional_group", "status").annotate(Count("pk"))
    return RoundProgress(round_, timezone.now(), in_round, entries, items, [StatusCount(*cell) for cell in cells])


def release_progress(release: Release) -> RoundProgress:
    """Calculate the figures that a release has, without suppression, in five queries."""
    frozen = {unit[0]: unit for unit in release.units}
    entries = list(release.round.units.select_related("unit__current_wording", "unit__meeting").order_by("position"))
    for entry in entries:
        *_place, entry.unit.strength, entry.unit.asks_to_consider = frozen[entry.unit.slug]
    found = _released_standings(release)
    items = _items(_counted_submissions(found))
    regions = defaultdict(list)
    for standing in found:
        if standing.is_counted and standing.submission:
            regions[standing.respondent.regional_group].append(standing.submission.pk)
    cases = (When(submission__in=submissions, then=Value(code)) for code, submissions in regions.items())
    region = Case(*cases, default=Value(""), output_field=CharField())
    cells = items.annotate(region=region).values_list("unit", "region", "status").annotate(Count("pk"))
    counts = [StatusCount(*cell) for cell in cells]
    return RoundProgress(release.round, release.made_at, found, entries, items, counts, release)


def _released_standings(release: Release) -> list[Standing]:
    rows = ReleaseStanding.objects.of_releases([release]).select_related("respondent", "submission")
    quotable = Submission.objects.counted_in(release.round).not_withdrawn().filter(may_be_quoted=True)
    may_be_quoted = set(quotable.order_by().values_list("respondent", flat=True))
    found = []
    for row in rows:
        row.respondent.regional_group, row.respondent.treaty_status = row.regional_group, row.treaty_status
        quoted = row.respondent_id in may_be_quoted
        found.append(Standing(row.respondent, row.submission, row.is_permitted, quoted, row.is_withdrawn))
    return sorted(found, key=lambda standing: standing.respondent.sort_key)


def _counted_submissions(standings: Iterable[Standing]) -> list[Submission]:
    return [
        standing.submission
        for standing in standings
        if standing.is_state and standing.is_counted and standing.submission
    ]


def progress_of_others(found: RoundProgress) -> list[tuple[Respondent, Progress]]:
    """Calculate for each respondent that is not a State by itself; no other figure includes them."""
    others = [standing for standing in found.standings if standing.is_counted and not standing.is_state]
    counts: defaultdict[int, Counter[tuple[str, bool]]] = defaultdict(Counter)
    if others:
        items = _items(standing.submission for standing in others if standing.submission)
        grouped = items.values_list("submission__respondent", "status", "unit__asks_to_consider").annotate(Count("pk"))
        for respondent, status, asks_to_consider, count in grouped:
            counts[respondent][status or NO_INFORMATION, asks_to_consider] += count
    return [
        (standing.respondent, progress_of(counts[standing.respondent.pk], found.at, found.source))
        for standing in others
    ]


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
    """`answered` is in the order of `by_theme`, and empty where the State is not counted."""

    standing: Standing
    answered: list[AnswerCount]


def states_by_theme(found: RoundProgress) -> list[StateRow]:
    """Count how many units each State answered under each theme. For the Secretariat only, in no document."""
    slugs = [part.slug for part in found.by_theme]
    units = defaultdict(list)
    for entry in found.scope:
        units[entry.themes[0][0] if entry.themes else ""].append(entry.unit_id)
    counts: dict[tuple[int, int], AnswerCount] = {}
    if slugs:
        place = Case(
            *(When(unit__in=units[slug], then=Value(place)) for place, slug in enumerate(slugs)),
            output_field=IntegerField(),
        )
        items = _items(standing.submission for standing in found.counted if standing.submission).annotate(place=place)
        answered = items.values_list("submission", "place").annotate(
            answered=Count("pk", filter=~Q(status="")), total=Count("pk")
        )
        counts = {(submission, at): AnswerCount(*pair) for submission, at, *pair in answered}
    return [
        StateRow(
            standing,
            [counts.get((standing.submission.pk, at), AnswerCount(0, 0)) for at in range(len(slugs))]
            if standing.is_counted and standing.submission
            else [],
        )
        for standing in found.states
    ]


def reasons_not_applicable(found: RoundProgress) -> dict[int, list[tuple[str | Promise, Figure]]]:
    items = found.items.filter(status=Status.NOT_APPLICABLE)
    counted = items.values_list("unit", "revision__reason_code").annotate(Count("pk"))
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for unit, code, count in counted:
        counts[unit][code] += count
    return {
        unit: [
            (reason.label, Figure(codes[reason], codes.total(), found.at, found.source))
            for reason in ReasonCode
            if codes[reason]
        ]
        for unit, codes in counts.items()
    }


def standing_by_round(*rounds: Round) -> dict[Round, list[Standing]]:
    """Return all that have something to answer or submitted, with the treaty status of that day, in five queries."""
    newest = list(Submission.objects.counted_in(*rounds).select_related("respondent", "participation"))
    by_pk = {round_.pk: round_ for round_ in rounds}
    former = former_status_by_respondent()
    by_round: dict[Round, dict[Respondent, Standing]] = {
        round_: {respondent: Standing(respondent, None, is_permitted=False) for respondent in addressees}
        for round_, addressees in respondents_by_round(rounds, former).items()
    }
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


def _items(submissions: Iterable[Submission]) -> QuerySet[SubmissionItem]:
    return SubmissionItem.objects.of_submissions(submissions).order_by()


def _with_units(parts: Iterable) -> list:
    return [part for part in parts if part.progress.total]


def _most_first(units: list[UnitProgress], figure: Callable[[UnitProgress], Figure]) -> list[UnitProgress]:
    some = [unit_progress for unit_progress in units if figure(unit_progress).numerator]
    return sorted(some, key=lambda unit_progress: (-_share_of(figure(unit_progress)), -figure(unit_progress).numerator))


def _share_of(figure: Figure) -> float:
    return figure.numerator / figure.denominator
