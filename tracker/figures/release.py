"""Count the figures of a release, and decide which of them are shown (docs/decisions/0039-releases.md).

A release is compared with all earlier ones of its body. A reader is taken to know every submission that was ever
published.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from tracker.figures.answers import ANSWERS, Figure, answer_of
from tracker.figures.assistance import KINDS
from tracker.figures.progress import REGIONS, STRENGTHS, Standing, standing_by_round
from tracker.figures.selection import Selection, theme_of
from tracker.figures.suppression import (
    FEWEST,
    CountLine,
    NotShown,
    View,
    is_small_count,
    suppress,
)
from tracker.models import Release, ReleaseStanding, Round, Submission, SubmissionItem
from tracker.models.respondent import RespondentKind
from tracker.models.status import NO_INFORMATION, ReasonCode, Status
from tracker.queries.themes import by_frozen_theme

type Group = tuple[str, str]  # a kind of group, and its code
type Cell = tuple[Group, str]  # a group, and what is counted in it: a kind of answer (ANSWERS), or one of the below
type Shares = defaultdict[Cell, Counter[int]]

ALL: Group = ("all", "")
NEEDS, STATES_IN_NEED = "needs", "states_in_need"
PRACTICES, STATES_WITH_PRACTICES = "practices", "states_with_practices"
NEEDS_AND_PRACTICES = (NEEDS, STATES_IN_NEED, PRACTICES, STATES_WITH_PRACTICES)
REASONS = {code: f"reason_{code}" for code in ReasonCode.values}
UNIT_GROUPS = ("theme", "meeting", "strength")
UNASKED = ("all", "regional_group", "assistance")  # kinds of group that are listed even without a State

# Which kinds of group have a figure that is none of ANSWERS.
_WIDE = ("all", "theme", "regional_group")
MEASURES = {
    NEEDS: (*_WIDE, "assistance"),
    STATES_IN_NEED: (*_WIDE, "assistance"),
    PRACTICES: _WIDE,
    STATES_WITH_PRACTICES: _WIDE,
    **dict.fromkeys(REASONS.values(), ("recommendation",)),
}


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
        return [("theme", self.theme), ("meeting", self.meeting), ("strength", self.strength)]

    @property
    def own_group(self) -> Group:
        return "recommendation", self.slug

    @property
    def theme_pairs(self) -> list[list[str]]:
        return [[self.theme, self.theme_name]] if self.theme else []


@dataclass
class ReleaseDraft:
    """A release that is not saved, with its standings; `earlier` are those of its body, the newest first."""

    release: Release
    standings: list[ReleaseStanding]
    earlier: list[Release]

    @cached_property
    def shares(self) -> Shares:
        return _shares(self.release, self.standings)

    @cached_property
    def views(self) -> list[View[Cell]]:
        known = set(Submission.objects.published_to_date().order_by().values_list("pk", flat=True))
        unpublished = _without(self.shares, _states_known(self.standings, known))
        views = [View(NotShown.FEW, self.shares), View(NotShown.FEW, unpublished)]
        for release in self.earlier:
            standings = standings_of(release)
            before = _without(_shares(release, standings), _states_known(standings, known))
            views.append(View(NotShown.EARLIER, subtract_shares(unpublished, before), _hidden_in(release)))
        return views

    @property
    def changed(self) -> int:
        """Count the States of which the last release of this round counts another submission, or none."""
        last = next((release for release in self.earlier if release.round_id == self.release.round_id), None)
        before, after = (
            {standing.respondent_id: standing.submission_id for standing in counted_standings(standings)}
            for standings in (standings_of(last) if last else [], self.standings)
        )
        return sum(before.get(state) != after.get(state) for state in {*before, *after})

    @property
    def covered(self) -> Figure:
        return self._states("counted", self.release.covered)

    @property
    def invited(self) -> Figure:
        return self._states("invited", self.release.invited)

    def _states(self, standing: str, count: int) -> Figure:
        selection = Selection(self.release.round.code, of="states", standing=standing)
        return Figure(count, self.release.invited, self.release.made_at, self.release.reference, selection)

    @property
    def is_of_few(self) -> bool:
        """Return whether nothing can be shown: all figures together are about fewer than five States."""
        return self.release.covered < FEWEST or ALL in self.small

    @cached_property
    def groups(self) -> dict[Group, str | Promise]:
        """Return all groups with their names, in the order of the files."""
        units = [ReleasedUnit(*unit) for unit in self.release.units]
        themes = by_frozen_theme(((unit.theme_pairs, unit) for unit in units), self.release.round)
        strengths = {unit.strength for unit in units}
        named: dict[Group, str | Promise] = {
            # Translators: Row or column: all States together. Not a geographical group.
            ALL: _("All States"),
            **{("theme", group.slug): group.name for group in themes},
            **{("meeting", unit.meeting): unit.meeting_name for unit in units},
            **{("strength", code): name for code, name in STRENGTHS if code in strengths},
            **{("regional_group", code): name for code, name in REGIONS if code in self.regions},
            **{("assistance", code): name for code, name in KINDS},
            **{("recommendation", unit.slug): unit.name for unit in units},
        }
        return {group: name for group, name in named.items() if group[0] in UNASKED or self.states.get(group)}

    @cached_property
    def regions(self) -> set[str]:
        """Return the regional groups that have a State invited to report."""
        return {
            standing.regional_group for standing in self.standings if standing.respondent.kind == RespondentKind.STATE
        }

    @cached_property
    def states(self) -> dict[Group, set[int]]:
        return _states(self.views[0])

    @cached_property
    def small(self) -> set[Group]:
        """Return the groups without figures: those of fewer than five States, or of fewer than five that are not
        published, and the regional groups that would disclose the number of States of another.
        """
        found = {group for view in self.views[:2] for group, of in _states(view).items() if is_small_count(len(of))}
        regions: list[Group] = [("regional_group", code) for code in self.regions]
        shares = {region: dict.fromkeys(self.states.get(region, ()), 1) for region in regions}
        few = {region for region in regions if region in found or len(shares[region]) < FEWEST}
        return found | {*suppress([View(NotShown.FEW, shares)], [CountLine(regions)], few)}

    @cached_property
    def hidden(self) -> dict[Cell, NotShown]:
        measures = (*ANSWERS, *NEEDS_AND_PRACTICES, *REASONS.values())
        also = {(group, measure) for group in self.small for measure in measures}
        hidden = suppress(self.views, _lines(self.release, [*self.groups]), also | _all_but_few(self.views))
        for answers, states in ((NEEDS, STATES_IN_NEED), (PRACTICES, STATES_WITH_PRACTICES)):
            if (ALL, answers) not in hidden and not self.shares.get((ALL, answers)):
                hidden.pop((ALL, states), None)  # where there is no answer there is no State
        return hidden


def draft_release(round_: Round) -> ReleaseDraft:
    standings = [_standing(standing) for standing in standing_by_round(round_)[round_]]
    invited = [standing for standing in standings if standing.respondent.kind == RespondentKind.STATE]
    earlier = list(Release.objects.filter(round__body=round_.body).select_related("round"))
    release = Release(
        round=round_,
        made_at=timezone.now(),
        number=1 + max((release.number for release in earlier if release.round_id == round_.pk), default=0),
        covered=len(counted_standings(standings)),
        invited=len(invited),
        units=[list(unit) for unit in _units(round_)],
    )
    draft = ReleaseDraft(release, standings, earlier)
    release.figures = [_row(draft, group) for group in draft.groups]
    return draft


def standings_of(release: Release) -> list[ReleaseStanding]:
    return list(ReleaseStanding.objects.of_releases([release]).select_related("respondent", "submission"))


def _standing(standing: Standing) -> ReleaseStanding:
    return ReleaseStanding(
        respondent=standing.respondent,
        submission=standing.submission,
        is_permitted=standing.is_permitted,
        is_withdrawn=standing.is_withdrawn,
        regional_group=standing.respondent.regional_group,
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


def _states_known(standings: Iterable[ReleaseStanding], known: set[int]) -> set[int]:
    return {standing.respondent_id for standing in standings if standing.submission_id in known}


def _units(round_: Round) -> Iterator[ReleasedUnit]:
    for entry in round_.units.select_related("unit__meeting").order_by("position"):
        unit = entry.unit
        meeting = (unit.meeting.code, str(unit.meeting))
        yield ReleasedUnit(
            unit.slug, unit.label_with_title, *theme_of(entry), *meeting, unit.strength, unit.asks_to_consider
        )


# What each State contributes


def _shares(release: Release, standings: Iterable[ReleaseStanding]) -> Shares:
    units = {unit[0]: ReleasedUnit(*unit) for unit in release.units}
    counted = {standing.submission_id: standing for standing in counted_standings(standings)}
    submissions = [standing.submission for standing in counted.values() if standing.submission]
    rows = SubmissionItem.objects.of_submissions(submissions).order_by()
    found: Shares = defaultdict(Counter)
    for submission, slug, status, asks, is_practice, reason, kinds in rows.values_list(
        "submission",
        "unit__slug",
        "status",
        "asks_for_assistance",
        "good_practice",
        "revision__reason_code",
        "revision__assistance_kinds",
    ):
        standing, unit = counted[submission], units[slug]
        state, region = standing.respondent_id, ("regional_group", standing.regional_group)
        own = unit.own_group
        answer = answer_of(status or NO_INFORMATION, unit.asks_to_consider)
        for group in (ALL, region, own, *unit.groups):
            found[group, answer][state] += 1
        if reason:
            found[own, REASONS[reason]][state] = 1
        wide = (ALL, region, unit.groups[0])
        if asks:
            for group in (*wide, *(("assistance", kind) for kind in set(kinds) or {""})):
                found[group, NEEDS][state] += 1
                found[group, STATES_IN_NEED][state] = 1
        if is_practice:
            for group in wide:
                found[group, PRACTICES][state] += 1
                found[group, STATES_WITH_PRACTICES][state] = 1
    return found


def _without(shares: Mapping[Cell, Mapping[int, int]], known: set[int]) -> Shares:
    found: Shares = defaultdict(Counter)
    for cell, of_states in shares.items():
        if unknown := {state: share for state, share in of_states.items() if state not in known}:
            found[cell].update(unknown)
    return found


def subtract_shares(after: Mapping[Cell, Mapping[int, int]], before: Mapping[Cell, Mapping[int, int]]) -> Shares:
    found: Shares = defaultdict(Counter)
    for cell in {*after, *before}:
        changed = Counter(after.get(cell, {}))
        changed.subtract(before.get(cell, {}))
        if some := {state: share for state, share in changed.items() if share}:
            found[cell].update(some)
    return found


# What is not shown


def _states(view: View[Cell]) -> dict[Group, set[int]]:
    states: defaultdict[Group, set[int]] = defaultdict(set)
    for (group, measure), shares in view.shares.items():
        if measure in ANSWERS:
            states[group].update(shares)
    return states


def _all_but_few(views: list[View[Cell]]) -> set[Cell]:
    """Return the numbers of States that are all but fewer than five of their group."""
    found = set()
    for view in views[:2]:
        states = _states(view)
        for (group, measure), shares in view.shares.items():
            if measure in (STATES_IN_NEED, STATES_WITH_PRACTICES):
                everybody = states[group if group[0] == "regional_group" else ALL]
                if is_small_count(len(everybody) - len(shares)):
                    found.add((group, measure))
    return found


def _lines(release: Release, groups: list[Group]) -> Iterator[CountLine[Cell]]:
    """Yield the sums from which a figure could be worked out."""
    kinds = group_pairs((kind, (kind, code)) for kind, code in groups)
    for group in groups:
        if group[0] != "assistance":
            yield CountLine([(group, answer) for answer in ANSWERS])
    measures = {"regional_group": (*ANSWERS, *NEEDS_AND_PRACTICES), "theme": (*ANSWERS, NEEDS, PRACTICES)}
    for kind in ("regional_group", *UNIT_GROUPS):
        for measure in measures.get(kind, ANSWERS):
            yield CountLine([(group, measure) for group in kinds[kind]], (ALL, measure))
    released = [ReleasedUnit(*unit) for unit in release.units]
    members = group_pairs((group, unit.own_group) for unit in released for group in unit.groups)
    for group, units in members.items():
        for answer in ANSWERS:
            yield CountLine([(unit, answer) for unit in units], (group, answer))
    for group in kinds["recommendation"]:
        yield CountLine([(group, reason) for reason in REASONS.values()], (group, Status.NOT_APPLICABLE.value))


def _hidden_in(release: Release) -> set[Cell]:
    return {
        ((row["group_kind"], row["group"]), measure)
        for row in release.figures
        for measure, figure in row.items()
        if figure in NotShown
    }


# The rows of the files


def _row(draft: ReleaseDraft, group: Group) -> dict[str, str | int | None]:
    """Return the row of a group, by column: a number, the reason why it is not shown, or None where there is none."""
    kind, code = group

    def figure(measure: str) -> str | int:
        hidden = draft.hidden.get((group, measure))
        return hidden.value if hidden else draft.shares.get((group, measure), Counter()).total()

    few = NotShown.FEW.value if group in draft.small else None
    states = len(draft.states.get(group, ())) if kind in ("all", "regional_group") else None
    asked = sum(draft.shares.get((group, answer), Counter()).total() for answer in ANSWERS)
    none = figure(NO_INFORMATION)
    return {
        "group_kind": kind,
        "group": code,
        "group_name": str(draft.groups[group]),
        "states": few or states,
        "asked": None if kind == "assistance" else few or asked,
        "answered": None if kind == "assistance" else asked - none if isinstance(none, int) else none,
        **{answer: None if kind == "assistance" else figure(answer) for answer in ANSWERS},
        **{measure: figure(measure) if kind in kinds else None for measure, kinds in MEASURES.items()},
    }
