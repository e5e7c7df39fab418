"""The change since the round before, as a release shows it: counted again, and never of fewer than five States."""

from random import Random

import pytest

from tests.submissions import release_of_few
from tests.thorough import times
from tests.tracker.documents.paper.worlds import PaperWorld
from tracker.figures.progress import release_progress
from tracker.figures.release import ALL
from tracker.figures.release_change import ReleaseChange, release_change
from tracker.models import Release, Submission

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

STEPS = ["not_started", "in_progress", "partially_implemented", "implemented"]
STATUSES = {*STEPS, "no_information"}
FEWEST = 5
STATES = (60, 12, 20)


@pytest.fixture
def world(bob):
    return PaperWorld(Random("a world"), 60, STATUSES, bob)  # noqa: S311


def change_of(release: Release) -> ReleaseChange | None:
    return release_change(release_progress(Release.objects.select_related("round__body").get(pk=release.pk)))


def pairs(world) -> dict[str, list[tuple[str, str, str]]]:
    """(slug, status before, status after) of each State that both releases count."""
    before, after = world.answers["2025"], world.answers["2026"]
    return {
        state: [(slug, before[state][slug], status) for slug, status in after[state].items()]
        for state in before.keys() & after.keys()
    }


def states_by_count(moves, group, world) -> dict[str, dict[str, int]]:
    """What each State contributes to each of the four counts of a group."""
    found: dict[str, dict[str, int]] = {name: {} for name in ("before", "after", "forward", "back")}
    for state, rows in moves.items():
        for slug, before, after in rows:
            if group not in (ALL, ("theme", world.themes[slug].slug)):
                continue
            both = before in STEPS and after in STEPS
            counted = {
                "before": before == "implemented",
                "after": after == "implemented",
                "forward": both and STEPS.index(after) > STEPS.index(before),
                "back": both and STEPS.index(after) < STEPS.index(before),
            }
            for name, is_so in counted.items():
                if is_so:
                    found[name][state] = found[name].get(state, 0) + 1
    return found


@pytest.mark.thorough
def test_the_first_release_has_no_change(world):
    assert change_of(world.releases[0]) is None


@pytest.mark.thorough
def test_states_and_recommendations_common_to_both_are_counted(world):
    found, moves = change_of(world.releases[1]), pairs(world)
    assert (found.before, found.states) == (world.releases[0], len(moves))
    assert (found.groups[ALL].units, found.groups[ALL].total) == (11, 11 * len(moves))
    counts = states_by_count(moves, ALL, world)
    assert (found.groups[ALL].before, found.groups[ALL].after) == (
        sum(counts["before"].values()),
        sum(counts["after"].values()),
    )


def test_of_fewer_than_five_states_nothing_is_compared(bob):
    world = PaperWorld(Random(1), 8, STATUSES, bob)  # noqa: S311
    assert (len(pairs(world)), change_of(world.releases[1])) == (FEWEST - 1, None)


@pytest.mark.parametrize("seed", range(times(3, 30)))
@pytest.mark.thorough
def test_what_is_shown_is_right_and_of_five_states_or_none(seed, bob):
    random = Random(seed)  # noqa: S311
    world = PaperWorld(random, STATES[seed % len(STATES)], STATUSES, bob)
    found, moves = change_of(world.releases[1]), pairs(world)
    only = {"before": "2025", "after": "2026"}
    published = set(Submission.objects.published_to_date().values_list("respondent__name", "round__code"))
    for group, change in found.groups.items():
        for name, of_states in states_by_count(moves, group, world).items():
            shown = getattr(change, name)
            if shown is None:
                continue
            assert shown == sum(of_states.values())
            assert not 0 < len(of_states) < FEWEST
            if name in only:  # what the release of that round shows more than this, and no publication
                others = [
                    state
                    for state, answers in world.answers[only[name]].items()
                    if state not in moves
                    and (state, only[name]) not in published
                    and any(
                        status == "implemented" and group in (ALL, ("theme", world.themes[slug].slug))
                        for slug, status in answers.items()
                    )
                ]
                assert not 0 < len(others) < FEWEST


@pytest.mark.thorough
def test_a_reader_of_published_submissions_learns_nothing_of_fewer_than_five(world, bob):
    """All but three of the States compared publish both submissions."""
    kept = sorted(pairs(world))[:3]
    for submission in Submission.everyones.select_related("respondent"):
        if submission.respondent.name not in kept:
            change_use_of(submission, bob)
    change = change_of(world.releases[1]).groups[ALL]
    assert (change.before, change.after, change.forward, change.back) == (None,) * 4


@pytest.mark.thorough
def test_a_later_release_with_few_changes_is_compared_with_the_earlier_comparison(world, bob):
    """Two States publish nothing and leave the round: the difference of both papers would be about them."""
    first = change_of(world.releases[1])
    assert first.groups[ALL].after is not None
    leaving = sorted(pairs(world))[:2]
    for submission in Submission.everyones.filter(respondent__name__in=leaving, round__code="2026"):
        change_use_of(submission, bob, in_aggregates=False)
    later = change_of(release_of_few(world.releases[1].round, bob))
    assert later.states == first.states - 2
    shares = states_by_count(pairs(world), ALL, world)
    of_leaving = [name for name, of_states in shares.items() if of_states.keys() & set(leaving)]
    assert of_leaving == ["before", "after", "forward", "back"]
    assert [getattr(later.groups[ALL], name) for name in of_leaving] == [None] * 4


def change_use_of(submission: Submission, by, in_aggregates: bool = True) -> None:
    submission.uses(manager="everyones").create(
        in_aggregates=in_aggregates, published=in_aggregates, quoted=False, said_by=by
    )
