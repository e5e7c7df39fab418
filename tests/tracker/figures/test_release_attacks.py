"""The attacks on public figures, by a reader who knows every published submission and every release.

The reader also knows which States each release covers, and what is asked of each. Random worlds have submissions,
publications, withdrawn permissions and several releases.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.models import Recommendation, Theme
from tests.submissions import made_release
from tests.thorough import times
from tests.worlds import NOW
from tracker.figures.suppression import NotShown
from tracker.models import (
    Participation,
    Record,
    Release,
    Respondent,
    Revision,
    Round,
    RoundUnit,
    Submission,
    SubmissionItem,
    Use,
)
from tracker.models.respondent import RespondentKind, StateGroup

pytestmark = pytest.mark.django_db

LABELS = ("I.7(a)", "I.13", "VI.19", "VI.20")
STATUSES = ("", "implemented", "in_progress", "not_started")
NEEDS = ("needs", "states_in_need")
NO_KIND = ""  # the needs of these worlds name no kind of assistance
CODES = {"": "no_information"} | {name: name for name in (*STATUSES[1:], *NEEDS)}
REGIONS = (StateGroup.AFRICAN, StateGroup.ASIA_PACIFIC)
PRIME = 2_147_483_647
EXAMPLES = times(6, 120)


class World:
    """A round over two themes and two meetings, put into the tables as it is."""

    def __init__(self, random: Random, author) -> None:
        self.random, self.author = random, author
        self.units = [Recommendation.objects.with_text().get(label=label) for label in LABELS]
        self.round = Round.objects.create(
            body=self.units[0].body, code="2026", title="2026", opens_on=NOW, due_on=NOW, opened_at=NOW
        )
        themes = [[[theme.slug, theme.name]] for theme in Theme.objects.all()[:2]]
        for place, unit in enumerate(self.units):
            RoundUnit.objects.create(round=self.round, unit=unit, position=place + 1, themes=themes[place % 2])
        self.answers: dict[int, dict[str, str]] = {}  # by submission and slug
        self.asking: set[tuple[int, str]] = set()  # submission and slug of each need
        self.known: set[int] = set()
        self.newest: dict[int, Submission] = {}  # by State
        self.states = [
            Respondent.objects.create(
                code=f"X{chr(65 + place)}X",
                name=f"Land {place}",
                kind=RespondentKind.STATE,
                treaty_status="party",
                regional_group=random.choice(REGIONS),
            )
            for place in range(random.randint(8, 16))
        ]
        records = [Record(respondent=state, recommendation=unit) for state in self.states for unit in self.units]
        self.records = {
            (record.respondent_id, record.recommendation_id): record for record in Record.everyones.bulk_create(records)
        }
        self.publishing = random.choice((0, 0.2, 0.5))
        self.habit = random.choice((0.5, 0.8))

    def submission_of(self, state: Respondent) -> tuple[Submission, list[Revision], list[SubmissionItem]]:
        """Return the next submission of a State, which is not stored yet."""
        newest = self.newest.get(state.pk)
        submission = Submission(
            respondent=state,
            round=self.round,
            number=newest.number + 1 if newest else 1,
            sealed_by=self.author,
            late=False,
            names_no_victim=True,
            content_digest="0" * 64,
            digest="0" * 64,
        )
        usual = self.random.choice(STATUSES)
        said = {
            unit.pk: usual if self.random.random() < self.habit else self.random.choice(STATUSES) for unit in self.units
        }
        answers = {
            unit.pk: Revision(
                record=self.records[state.pk, unit.pk],
                number=submission.number,
                wording=unit.current_wording,
                status=said[unit.pk],
                author=self.author,
                digest="0" * 64,
            )
            for unit in self.units
            if said[unit.pk]
        }
        items = [
            SubmissionItem(
                submission=submission,
                unit=unit,
                position=place,
                wording=unit.current_wording,
                revision=answers.get(unit.pk),
                status=said[unit.pk],
                asks_for_assistance=unit.pk in answers and self.random.random() < 0.4,
                digest="0" * 64,
            )
            for place, unit in enumerate(self.units)
        ]
        return submission, list(answers.values()), items

    def use_of(self, submission: Submission, *, in_aggregates: bool) -> Use:
        published = in_aggregates and self.random.random() < self.publishing
        return Use(submission=submission, in_aggregates=in_aggregates, published=published, said_by=self.author)

    def go_on(self) -> None:
        """Let some States submit, publish, or withdraw a permission."""
        made, uses = [], []
        for state in self.states:
            newest, act = self.newest.get(state.pk), self.random.random()
            if newest is None or act < 0.55:
                made.append(self.submission_of(state))
                uses.append(self.use_of(made[-1][0], in_aggregates=True))
            elif act < 0.65:
                uses.append(self.use_of(newest, in_aggregates=True))
            elif act < 0.7:
                uses.append(self.use_of(newest, in_aggregates=False))
        self._store(made, uses)

    def _store(self, made: list[tuple[Submission, list[Revision], list[SubmissionItem]]], uses: list[Use]) -> None:
        submissions = Submission.everyones.bulk_create(submission for submission, _revisions, _items in made)
        Revision.everyones.bulk_create(revision for _submission, revisions, _items in made for revision in revisions)
        items = SubmissionItem.everyones.bulk_create(item for _submission, _revisions, own in made for item in own)
        for submission in submissions:
            self.newest[submission.respondent_id] = submission
            self.answers[submission.pk] = {}
        for item in items:
            self.answers[item.submission_id][item.unit.slug] = item.status
            if item.asks_for_assistance:
                self.asking.add((item.submission_id, item.unit.slug))
        Participation.everyones.bulk_create(
            [
                Participation(respondent=of.respondent, round=self.round, current=of, state="submitted")
                for of in submissions
            ],
            update_conflicts=True,
            unique_fields=["respondent", "round"],
            update_fields=["current"],
        )
        Use.everyones.bulk_create(uses)
        self.known |= {use.submission_id for use in uses if use.published}


class Reader:
    """What everybody knows after the newest release, without one look into the tables of the States."""

    def __init__(self, world: World, releases: list[tuple[Release, set[int]]]) -> None:
        """`releases` with the submissions that were known when each was made."""
        self.world = world
        self.known = releases[-1][1]
        self.releases = [release for release, _known in releases]
        self.counted = {
            release.pk: {
                standing.submission_id: standing
                for standing in release.standings(manager="everyones").all()
                if standing.is_permitted and standing.submission_id
            }
            for release in self.releases
        }

    def units_of(self, release: Release, group: tuple[str, str]) -> list[str]:
        kind, code = group
        place = {"theme": 2, "meeting": 4, "strength": 6, "recommendation": 0}.get(kind)
        return [unit[0] for unit in release.units if place is None or unit[place] == code]

    def unknown(self, release: Release, group: tuple[str, str]) -> list[int]:
        return [
            submission
            for submission, standing in self.counted[release.pk].items()
            if submission not in self.known and (group[0] != "regional_group" or standing.regional_group == group[1])
        ]

    def shown(self, release: Release) -> Iterator[tuple[tuple[str, str], str]]:
        for row in release.figures:
            for status, code in CODES.items():
                if isinstance(row[code], int):
                    yield (row["group_kind"], row["group"]), status

    def shares(self, release: Release, group: tuple[str, str], status: str) -> Counter:
        """What each unpublished State contributes to a figure, by State: the truth, to judge what was found."""
        units = self.units_of(release, group) if group[0] != "assistance" or group[1] == NO_KIND else []
        found: Counter = Counter()
        for submission in self.unknown(release, group):
            state = self.counted[release.pk][submission].respondent_id
            if status in NEEDS:
                asked = sum((submission, unit) in self.world.asking for unit in units)
                found[state] = asked if status == "needs" else min(asked, 1)
            else:
                found[state] = sum(self.world.answers[submission][unit] == status for unit in units)
        return found

    def sum_of(self, release: Release, cells: list) -> Counter:
        found: Counter = Counter()
        for cell in cells:
            found.update(self.shares(release, *cell))
        return found

    def lines(self, release: Release) -> Iterator[tuple[list, tuple | None]]:
        """(parts, total): the sums that everybody can make; a total that is None is known."""
        groups = [(row["group_kind"], row["group"]) for row in release.figures if row["group_kind"] != "assistance"]
        for group in groups:
            yield [(group, status) for status in STATUSES], None
        for kind in ("theme", "meeting", "strength", "regional_group"):
            needs = {"theme": ("needs",), "regional_group": NEEDS}.get(kind, ())
            for status in (*STATUSES, *needs):
                yield [(group, status) for group in groups if group[0] == kind], (("all", ""), status)
        for group in groups:
            if group[0] in ("theme", "meeting", "strength"):
                units = [("recommendation", unit) for unit in self.units_of(release, group)]
                for status in STATUSES:
                    yield [(unit, status) for unit in units], (group, status)


def worlds_of(seed: int, author) -> Reader | None:
    world = World(Random(seed), author)  # noqa: S311
    made = []
    for _step in range(3):
        world.go_on()
        try:
            made.append((made_release(world.round, author), set(world.known)))
        except ValidationError:
            continue
    return Reader(world, made) if made else None


def is_of_few(shares: Counter) -> bool:
    return 0 < sum(share != 0 for share in shares.values()) < 5


def difference(after: Counter, before: Counter) -> Counter:
    return Counter({state: after[state] - before[state] for state in {*after, *before}})


def subtract_published_submissions(reader: Reader) -> None:
    """From each figure that is shown: what is left is about five States or none."""
    newest = reader.releases[-1]
    for group, status in reader.shown(newest):
        assert not is_of_few(reader.shares(newest, group, status)), (group, status)


def compare_releases(reader: Reader) -> None:
    """Each with the newest, figure by figure: they differ by five States or none."""
    for before, after in combinations(reader.releases, 2):
        if after == reader.releases[-1]:
            for cell in {*reader.shown(before)} & {*reader.shown(after)}:
                changed = difference(reader.shares(after, *cell), reader.shares(before, *cell))
                assert not is_of_few(changed), (cell, before, after)


def subtract_shown_rows(reader: Reader) -> None:
    """From a total, in the newest release and in its difference from each other: what is left is about five States or
    none.
    """
    newest = reader.releases[-1]
    shown = {release.pk: {*reader.shown(release)} for release in reader.releases}
    for parts, total in reader.lines(newest):
        for release in reader.releases:
            if total and not (total in shown[newest.pk] and total in shown[release.pk]):
                continue
            is_shown = {part: part in shown[newest.pk] & shown[release.pk] for part in parts}
            if all(is_shown.values()):
                continue
            is_change_of_known = total is None and release != newest
            rest = [part for part in parts if is_shown[part] == is_change_of_known]
            found = reader.sum_of(newest, rest)
            if release != newest:
                found = difference(found, reader.sum_of(release, rest))
            if total or any(is_shown.values()):
                assert not is_of_few(found), (rest, total, release)


def solve_equations(reader: Reader) -> None:
    """All together; an unknown is what one submission says of one unit, in one status: no cell of an unpublished State
    is determined.
    """
    solved = Equations()
    for release in reader.releases:
        for group, status in reader.shown(release):
            if status in NEEDS:
                continue
            units = reader.units_of(release, group)
            solved.add({(of, unit, status): 1 for of in reader.unknown(release, group) for unit in units})
    submissions = {of for release in reader.releases for of in reader.unknown(release, ("all", ""))}
    for submission in submissions:
        for unit in reader.units_of(reader.releases[-1], ("all", "")):
            solved.add({(submission, unit, status): 1 for status in STATUSES})
    newest = reader.releases[-1]
    groups = [(row["group_kind"], row["group"]) for row in newest.figures if row["group_kind"] != "assistance"]
    for group in groups:
        units = reader.units_of(newest, group)
        for submission in reader.unknown(newest, group):
            for status in STATUSES:
                assert not solved.has({(submission, unit, status): 1 for unit in units}), (submission, group, status)


def subtract_in_turn(reader: Reader) -> None:
    """In one release: no sum leaves a single figure that is not shown, which could be found and used for another."""
    for release in reader.releases:
        shown = {*reader.shown(release)}
        for parts, total in reader.lines(release):
            hidden = {cell for cell in (*parts, total) if cell and cell not in shown}
            assert len(hidden) != 1, (hidden, release)


class Equations:
    """Linear equations of which the right side is known, solved modulo a prime."""

    def __init__(self) -> None:
        self.rows: dict = {}  # by pivot, in the order in which they came

    def add(self, row: dict) -> None:
        left = self._reduced(row)
        if left:
            pivot = min(left)
            inverse = pow(left[pivot], -1, PRIME)
            self.rows[pivot] = {name: value * inverse % PRIME for name, value in left.items()}

    def has(self, row: dict) -> bool:
        return not self._reduced(row)

    def _reduced(self, row: dict) -> dict:
        left = defaultdict(int, row)
        for pivot, of_pivot in self.rows.items():
            if factor := left.get(pivot, 0):
                for name, value in of_pivot.items():
                    left[name] = (left[name] - factor * value) % PRIME
        return {name: value for name, value in left.items() if value}


ATTACKS = (
    subtract_published_submissions,
    compare_releases,
    subtract_shown_rows,
    solve_equations,
    subtract_in_turn,
)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.thorough
def test_no_attack_on_a_random_world_succeeds(bob, seed):
    with transaction.atomic():
        if reader := worlds_of(seed, bob):
            for attack in ATTACKS:
                attack(reader)
        transaction.set_rollback(True)


@pytest.mark.thorough
def test_random_worlds_have_several_releases_and_every_reason(bob):
    """So that no attack succeeds for want of something to attack."""
    made, reasons, shown = Counter(), set(), 0
    for seed in range(12):
        with transaction.atomic():
            reader = worlds_of(seed, bob)
            releases = reader.releases if reader else []
            figures = [value for release in releases for row in release.figures for value in row.values()]
            made[len(releases)] += 1
            reasons |= {value for value in figures if value in NotShown}
            shown += sum(isinstance(value, int) for value in figures)
            transaction.set_rollback(True)
    assert made[3] > 1
    assert reasons == {*NotShown.values}
    assert shown > 1000
