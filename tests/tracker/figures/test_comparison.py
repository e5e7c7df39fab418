"""Every figure of two rounds compared, and of all rounds, counted a second time from the rows in plain Python."""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import make_person, make_state
from tests.figures import pair, pairs
from tests.submissions import opened_round, submit_ready
from tests.tracker.figures.test_progress import EXAMPLES, LABELS, TO_CONSIDER, answered, build, counted_again, worlds
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.figures.answers import ANSWERS
from tracker.figures.comparison import StatusChange, change_of, compare
from tracker.figures.progress import progress_by_round
from tracker.models import Round
from tracker.models.respondent import RespondentKind
from tracker.models.status import Status
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

scopes = st.fixed_dictionaries(
    {
        "2025": st.lists(st.sampled_from(LABELS), unique=True, min_size=3),
        "2026": st.lists(st.sampled_from(LABELS), unique=True, min_size=3),
    }
)
WAY = ["not_started", "in_progress", "partially_implemented", "implemented"]


def newest(one, code):
    """What counts of a respondent in a round: the newest submission, if it stands and is permitted."""
    submissions = one["rounds"][code]
    counts = bool(submissions) and not submissions[-1]["is_withdrawn"] and submissions[-1]["permitted"][-1]
    return submissions[-1]["answers"] if counts else None


def compared_rows(world, asked) -> list[tuple[str, str, str]]:
    """(label, status before, status after) of what two rounds have in common."""
    rows = []
    for one in world:
        before, after = newest(one, "2025"), newest(one, "2026")
        if one["kind"] == RespondentKind.STATE and before is not None and after is not None:
            rows += [
                (label, before[label], after[label])
                for label in LABELS
                if label in before and label in after and label in asked["2025"] and label in asked["2026"]
            ]
    return rows


def kind_of(label, status) -> str:
    if status == "considered_not_taken_up":
        return "considered_where_asked" if label in TO_CONSIDER else "considered_elsewhere"
    return status or "no_information"


def changed_again(rows) -> dict:
    counts = dict.fromkeys(StatusChange.values, 0)
    for _label, before, after in rows:
        if before == after:
            counts["same" if after else "still_nothing"] += 1
        elif not before:
            counts["newly_answered"] += 1
        elif not after:
            counts["no_longer_answered"] += 1
        elif before in WAY and after in WAY:
            counts["further" if WAY.index(after) > WAY.index(before) else "less_far"] += 1
        else:
            counts["otherwise"] += 1
    return {change: (count, len(rows)) for change, count in counts.items()}


def compared_again(rows) -> tuple:
    return (
        counted_again([(None, label, before) for label, before, _after in rows]),
        counted_again([(None, label, after) for label, _before, after in rows]),
        changed_again(rows),
    )


def told(part) -> tuple:
    changes = {change.value: pair(figure) for change, figure in part.changes.items()}
    return pairs(part.before), pairs(part.after), changes


def by(rows, key) -> dict:
    groups: dict = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {of: compared_again(found) for of, found in groups.items()}


@given(world=worlds, asked=scopes)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_figure_of_two_rounds_is_what_the_rows_give(bob, world, asked):
    with transaction.atomic():
        build(world, bob, asked)
        earlier, later = Round.objects.get(code="2025"), Round.objects.get(code="2026")
        found = compare(earlier, later)
        overall = told(found.overall)
        matrix = {
            row.of: (pair(row.total), [cell and pair(cell) for cell in row.cells.values()]) for row in found.change_rows
        }
        themes = {part.slug: told(part) for part in found.by_theme}
        units = {part.of.label: told(part) for part in found.by_unit}
        states = [state.name for state in found.states]
        left_out = [one.respondent.name for one in found.states_left_out]
        units_left_out = [unit.label for group in found.units_left_out for unit in group.units]
        frozen = {entry.unit.label: entry.themes[0][0] for entry in later.units.select_related("unit")}
        levels = [
            (level.round.code, pair(level.submitted), level.all_counted.numerator, pairs(level.overall))
            for level in progress_by_round()
        ]
        transaction.set_rollback(True)

    rows = compared_rows(world, asked)
    assert overall == compared_again(rows)
    moves = Counter((kind_of(label, before), kind_of(label, after)) for label, before, after in rows)
    befores = Counter(kind_of(label, before) for label, before, _after in rows)
    two = {"considered_where_asked", "considered_elsewhere"}
    assert matrix == {
        before: (
            (befores[before], len(rows)),
            [None if {before, after} == two else (moves[before, after], befores[before]) for after in ANSWERS],
        )
        for before in ANSWERS
    }
    assert themes == by(rows, lambda row: frozen[row[0]])
    assert units == by(rows, lambda row: row[0])

    of_states = [(f"Land {place}", one) for place, one in enumerate(world) if one["kind"] == RespondentKind.STATE]
    both = [name for name, one in of_states if all(newest(one, code) is not None for code in asked)]
    assert (states, left_out) == (both, [name for name, _one in of_states if name not in both])
    somewhere = set(asked["2025"]) | set(asked["2026"])
    assert sorted(units_left_out) == sorted(somewhere - {label for label, _before, _after in rows})

    assert levels == [
        (
            code,
            (
                sum(bool(one["rounds"][code]) and not one["rounds"][code][-1]["is_withdrawn"] for _name, one in asks),
                len(asks),
            ),
            len(counted),
            counted_again(
                [(None, label, said) for one in counted for label, said in one.items() if label in asked[code]]
            ),
        )
        for code in ("2026", "2025")
        for asks in [of_states]
        for counted in [[newest(one, code) for _name, one in of_states if newest(one, code) is not None]]
    ]


# What a State says, through the actions


@pytest.fixture
def rounds(bob):
    return tuple(opened_round(bob, code=code, meetings=[1, 2]) for code in ("2025", "2026"))


@pytest.fixture
def both(xaa, xbb, alice, charlie, rounds, unit):
    """XAA says in 2025 that I.13 is in progress, and in 2026 that it and II.4 are implemented; it does not confirm what
    it said of I.7(a). XBB submits for 2026 alone.
    """
    answered(xaa, unit, alice, **{"I.13": "in_progress", "I.7(a)": "considered_not_taken_up"})
    first = submit_ready(xaa, rounds[0], alice)
    answered(xaa, unit, alice, base=1, **{"I.13": "implemented"})
    answered(xaa, unit, alice, **{"II.4": "implemented"})
    answered(xbb, unit, charlie, **{"II.4": "not_started"})
    return first, submit_ready(xaa, rounds[1], alice), submit_ready(xbb, rounds[1], charlie)


def changed(comparison) -> dict:
    return {change.value: pair(figure) for change, figure in comparison.overall.changes.items() if figure.numerator}


def test_levels_and_changes_are_over_the_states_that_answered_both(both, rounds):
    found = compare(*rounds)
    assert [state.code for state in found.states] == ["XAA"]
    assert [one.respondent.code for one in found.states_left_out] == ["XBB"]
    assert pair(found.overall.before.response_rate) == (2, 76)
    assert pair(found.overall.after.response_rate) == (2, 76)
    assert changed(found) == {
        "further": (1, 76),
        "newly_answered": (1, 76),
        "no_longer_answered": (1, 76),
        "still_nothing": (73, 76),
    }


def test_a_figure_says_when_and_of_which_rounds(both, rounds):
    found = compare(*rounds)
    assert found.overall.before.response_rate.source == "Submissions of round 2025"
    assert found.overall.after.response_rate.source == "Submissions of round 2026"
    assert found.change_rows[0].total.source == "Submissions of rounds 2025 and 2026"
    assert {row.total.at for row in found.change_rows} == {found.at}


def test_what_is_withdrawn_or_not_permitted_in_either_round_is_not_compared(both, rounds, alice):
    change_use(submission=both[0], in_aggregates=False, quoted=False, published=False, by=alice)
    assert (compare(*rounds).states, compare(*rounds).total) == ([], 0)
    change_use(submission=both[0], in_aggregates=True, quoted=False, published=False, by=alice)
    assert compare(*rounds).total == 76
    withdraw_from_round(submission=both[1], reason="An error.", by=alice)
    assert (compare(*rounds).states, compare(*rounds).total) == ([], 0)


def test_only_units_of_both_scopes_are_compared_and_others_listed(both, rounds, bob, alice, xaa, unit):
    narrow = opened_round(bob, code="2027", meetings=[1])
    answered(xaa, unit, alice, base=2, **{"I.13": "partially_implemented"})
    submit_ready(xaa, narrow, alice)
    found = compare(rounds[1], narrow)
    labels = {entry.unit.label for entry in found.units}
    assert labels == set(xaa.units_to_answer().filter(meeting__number=1).values_list("label", flat=True))
    [alone, unasked] = found.units_left_out
    assert alone.why == "Only in round 2026"
    assert unasked.why == "In both rounds, but not addressed in both to any of the States compared"
    assert len(labels) + len(alone.units) + len(unasked.units) == 107
    assert {unit.meeting_id for unit in unasked.units} == {narrow.units.first().unit.meeting_id}


def test_each_round_of_the_trend_has_its_own_states(both, rounds):
    assert [(of.round.code, pair(of.submitted), of.all_counted.numerator) for of in progress_by_round()] == [
        ("2026", (2, 2), 2),
        ("2025", (1, 2), 1),
    ]


@pytest.mark.parametrize("change", StatusChange)
def test_every_change_occurs(change):
    codes = [*Status.values, "no_information"]
    assert change in {change_of(before, after) for before in codes for after in codes}


@pytest.mark.parametrize("states", [1, 4])
def test_a_comparison_takes_as_many_queries_for_many_states(states, rounds, unit, django_assert_num_queries):
    for number in range(states):
        state = make_state(f"X{chr(65 + number)}Z", f"Land {number}")
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        for base, (round_, status) in enumerate(zip(rounds, ("in_progress", "implemented"), strict=True)):
            answered(state, unit, person, base=base, **{"II.4": status})
            submit_ready(state, round_, person)
    for queries in (6, 5):  # the submissions are read once
        with django_assert_num_queries(queries):
            assert compare(*rounds).total == 76 * states
    with django_assert_num_queries(6):
        assert len(progress_by_round()) == 2
