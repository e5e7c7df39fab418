"""Count the figures of a release, and round them for everybody (docs/decisions/0039-releases.md)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.figures.answers import ANSWERS, CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED, KINDS, Figure
from tracker.figures.progress import STRENGTHS, Standing, standing_by_round
from tracker.figures.rounding import BASE, percentages, round_row, round_share
from tracker.figures.selection import Selection, theme_of
from tracker.models import Release, ReleaseStanding, Round, Submission, SubmissionItem
from tracker.models.respondent import RespondentKind
from tracker.models.status import NO_INFORMATION
from tracker.queries.themes import by_frozen_theme

type Group = tuple[str, str]  # a kind of group, and its code
type Row = dict[str, int]  # figures of one recommendation, by kind of answer

ALL: Group = ("all", "")
RECOMMENDATION = "recommendation"
NOT_SHOWN = "not_shown"  # in a file, in place of a figure
STATES, PER_CENT = "states", "per_cent"  # what the figures of a row are
KEY = ("submission__respondent", "unit")  # of an item
ANSWER = ("status", "still_correct_as_at")


class ReleasedUnit(NamedTuple):
    slug: str
    name: str
    theme: str
    theme_name: str
    meeting: str
    meeting_name: str
    strength: str
    asks_to_consider: bool

    @property
    def groups(self) -> list[Group]:
        return [ALL, ("theme", self.theme), ("meeting", self.meeting), ("strength", self.strength)]

    @property
    def theme_pairs(self) -> list[list[str]]:
        return [[self.theme, self.theme_name]] if self.theme else []

    @property
    def answers(self) -> list[str]:
        """Return the kinds of answer that can be given to it."""
        other = CONSIDERED_ELSEWHERE if self.asks_to_consider else CONSIDERED_WHERE_ASKED
        return [answer for answer in ANSWERS if answer != other]


@dataclass
class ReleaseDraft:
    """A release that is not saved, with its standings."""

    release: Release
    standings: list[ReleaseStanding]

    @property
    def covered(self) -> Figure:
        return self._states("counted", self.release.covered)

    @property
    def invited(self) -> Figure:
        return self._states("invited", self.release.invited)

    def _states(self, standing: str, count: int) -> Figure:
        selection = Selection(self.release.round.code, of="states", standing=standing)
        return Figure(count, self.release.invited, self.release.made_at, str(self.release), selection)


def draft_release(round_: Round) -> ReleaseDraft:
    standings = [_standing(standing) for standing in standing_by_round(round_)[round_]]
    invited = [standing for standing in standings if standing.respondent.kind == RespondentKind.STATE]
    release = Release(
        round=round_,
        made_at=timezone.now(),
        covered=len(counted_standings(standings)),
        invited=len(invited),
        units=[list(unit) for unit in _units(round_)],
    )
    figures = _Figures(release, standings)
    release.figures, release.confirmed = list(figures.rows()), figures.confirmed
    return ReleaseDraft(release, standings)


def _standing(standing: Standing) -> ReleaseStanding:
    return ReleaseStanding(
        respondent=standing.respondent,
        submission=standing.submission,
        is_permitted=standing.is_permitted,
        is_withdrawn=standing.is_withdrawn,
        treaty_status=standing.respondent.treaty_status,
    )


def counted_standings(standings: Iterable[ReleaseStanding]) -> list[ReleaseStanding]:
    return [
        standing
        for standing in standings
        if standing.respondent.kind == RespondentKind.STATE
        and standing.submission_id
        and standing.is_permitted
        and not standing.is_withdrawn
    ]


def _units(round_: Round) -> Iterator[ReleasedUnit]:
    for entry in round_.units.select_related("unit__meeting").order_by("position"):
        unit = entry.unit
        meeting = (unit.meeting.code, f"{unit.meeting.roman}. {unit.meeting}")
        yield ReleasedUnit(
            unit.key, unit.published_label_with_title, *theme_of(entry), *meeting, unit.strength, unit.asks_to_consider
        )


class _Figures:
    """`counts` are the States covered, `known` those of them that published this answer, by slug and answer.

    Of a State that published an answer in this round the published one is counted. Where it published one in another
    round alone, none is: a reader may take that answer for the present one. So all that is known is public, and the
    figures depend on nothing else than that and on answers that were never published.

    `given` are all answers counted: those that States confirmed as still correct since an earlier round, and others.
    `unknown` are those of both kinds that were never published and could be confirmed.
    """

    def __init__(self, release: Release, standings: Iterable[ReleaseStanding]) -> None:
        self.release = release
        self.units = {unit[0]: ReleasedUnit(*unit) for unit in release.units}
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.known: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.given, self.unknown = [0, 0], [0, 0]
        keys = {entry.unit_id: entry.unit.key for entry in release.round.units.select_related("unit")}
        here, elsewhere = _published_answers(release.round)
        submissions = [standing.submission for standing in counted_standings(standings) if standing.submission]
        earlier = _answered_before(release.round)
        for *key, status, confirmed_as_at in _items(submissions).values_list(*KEY, *ANSWER):
            is_known = (place := tuple(key)) in here
            if is_known or place not in elsewhere:
                unit = self.units[keys[place[1]]]
                status, confirmed_as_at = here.get(place, (status, confirmed_as_at))
                answer = KINDS[status or NO_INFORMATION, unit.asks_to_consider]
                self.counts[unit.slug][answer] += 1
                self.known[unit.slug][answer] += is_known
                is_other = confirmed_as_at is None
                self.given[is_other] += bool(status)
                self.unknown[is_other] += bool(status) and not is_known and (place in earlier or not is_other)

    def rows(self) -> Iterator[dict[str, str | int | None]]:
        """Yield the rows of the files: of all, of each group, of each recommendation."""
        for group, name in self._groups().items():
            rows = [self.shown[unit.slug] for unit in self.units.values() if group in unit.groups]
            shown = [row for row in rows if row]
            yield self._row(group, name, PER_CENT, self._percentages(shown), recommendations=len(shown))
        for unit in self.units.values():
            if asked := self.counts[unit.slug].total():
                row = self.shown[unit.slug]
                yield self._row((RECOMMENDATION, unit.slug), unit.name, STATES, row, unit.answers, states=asked)

    @property
    def confirmed(self) -> int | None:
        """Return the per cent of the answers given that States confirmed, None where it is not shown."""
        return round_share(self.given, self.unknown, len(self.units)) if self.release.covered >= BASE else None

    @cached_property
    def shown(self) -> dict[str, Row | None]:
        return {unit.slug: self._round(unit) for unit in self.units.values()}

    def _round(self, unit: ReleasedUnit) -> Row | None:
        counts, known = ([of[unit.slug][answer] for answer in unit.answers] for of in (self.counts, self.known))
        row = round_row(counts, known)
        return dict(zip(unit.answers, row, strict=True)) if row else None

    def _percentages(self, rows: list[Row]) -> Row | None:
        shares = percentages([row.get(answer, 0) for answer in ANSWERS] for row in rows)
        return dict(zip(ANSWERS, shares, strict=True)) if shares and self.release.covered >= BASE else None

    def _groups(self) -> dict[Group, str | Promise]:
        """Return all groups that have an answer with their names, in the order of the files."""
        units = [unit for unit in self.units.values() if self.counts[unit.slug]]
        themes = by_frozen_theme(((unit.theme_pairs, unit) for unit in units), self.release.round)
        strengths = {unit.strength for unit in units}
        return {
            # Translators: Row or column: all States together. Not a geographical group.
            ALL: _("All States"),
            **{("theme", group.slug): group.name for group in themes},
            **{("meeting", unit.meeting): unit.meeting_name for unit in units},
            **{("strength", code): name for code, name in STRENGTHS if code in strengths},
        }

    def _row(
        self,
        group: Group,
        name: str | Promise,
        figures: str,
        row: Row | None,
        answers: Iterable[str] = ANSWERS,
        states: int | None = None,
        recommendations: int | None = None,
    ) -> dict[str, str | int | None]:
        kind, code = group
        none: dict[str, str | int | None] = dict.fromkeys(ANSWERS)
        return {
            "group_kind": kind,
            "group": code,
            "group_name": str(name),
            "figures": figures,
            "states": states,
            "recommendations": recommendations,
            **none,
            **(row or dict.fromkeys(answers, NOT_SHOWN)),
        }


def _items(submissions: Iterable[Submission]) -> QuerySet:
    return SubmissionItem.objects.of_submissions(submissions).order_by("submission__number", "pk")


def _published_answers(round_: Round) -> tuple[dict[tuple, tuple], set[tuple[int, int]]]:
    """Return the newest answer ever published in the round, by State and unit, and where one is of another round."""
    items = _items(Submission.objects.published_to_date())
    in_round = items.filter(submission__round=round_).values_list(*KEY, *ANSWER)
    others = items.exclude(submission__round=round_).filter(revision__isnull=False).values_list(*KEY)
    return {(state, unit): tuple(answer) for state, unit, *answer in in_round}, set(others)


def _answered_before(round_: Round) -> set[tuple[int, int]]:
    """Return the State and unit of each answer of an earlier round: an answer of this round could confirm it."""
    earlier = Round.objects.filter(body=round_.body, opens_on__lt=round_.opens_on)
    counted = Submission.objects.counted_in(*earlier).for_figures().not_withdrawn()
    return set(_items(counted).exclude(status="").values_list(*KEY))
