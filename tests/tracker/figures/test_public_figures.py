"""The figures that everybody reads: over at least five States, and none of a smaller group by any way."""

import csv
import io
import json

import pytest

from tests.conftest import make_person, make_state
from tests.submissions import handed_in, opened_round
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.documents.public_figures import figures_csv, figures_json
from tracker.figures.progress import round_progress
from tracker.figures.public_figures import counted_now, public_figures
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

AFRICAN, ASIAN, WESTERN = StateGroup.AFRICAN, StateGroup.ASIA_PACIFIC, StateGroup.WESTERN_EUROPEAN


@pytest.fixture
def round_(bob):
    """Over 46 units, of two meetings: the time that a submission costs grows with its units."""
    return opened_round(bob, meetings=[1, 6])


@pytest.fixture
def world(round_, unit):
    """Submit for so many States of each group that I.13 is implemented, and for the first of all that VI.19 is too."""

    def build(groups: dict[str, int]) -> list:
        found = []
        for group, states in groups.items():
            for _state in range(states):
                number = len(found)
                state = make_state(f"X{chr(65 + number)}A", f"Land {number:02}", regional_group=group)
                person = make_person(f"person{number}", Role.FOCAL_POINT, state)
                for label in ("I.13", "VI.19") if not found else ("I.13",):
                    answer = Answer(status="implemented", ready=True)
                    save_answer(respondent=state, unit=unit(label), base=0, answer=answer, by=person)
                found.append((handed_in(state, round_, person), person))
        return found

    return build


def test_before_the_first_round_there_are_none():
    assert counted_now() is None
    assert public_figures() is None
    assert json.loads(figures_json(None))["figures"] == []


def test_four_states_are_fewer_than_five_and_nothing_is_told(world):
    world({AFRICAN: 4})
    assert (counted_now().states, counted_now().total) == (None, 4)
    assert [(one.kind, one.is_shown, one.states) for one in public_figures().rows] == [("all", False, None)]


def test_five_states_are_told_with_their_denominator(world):
    world({AFRICAN: 5})
    assert counted_now()[1:] == (5, 5)
    figures = public_figures()
    assert (figures.overall.states, figures.overall.counts.total) == (5, 5 * 46)
    progress = round_progress(figures.found.round).overall
    assert figures.overall.counts.counts["implemented"] == progress.counts["implemented"] == 6
    assert sum(figures.overall.parts.values()) == figures.overall.counts.total


def test_who_does_not_permit_it_or_withdrew_is_not_counted(world):
    (first, alice), (second, charlie), *_others = world({AFRICAN: 6})
    assert counted_now().states == 6
    change_use(submission=first, in_aggregates=False, by=alice)
    assert counted_now().states == 5
    withdraw_from_round(submission=second, reason="A slip.", by=charlie)
    assert counted_now().states is None
    assert not public_figures().overall.is_shown


def test_the_european_union_is_no_state(world, round_, unit):
    world({AFRICAN: 4})
    union = make_state("EU", "European Union")
    union.kind = RespondentKind.EUROPEAN_UNION
    union.save()
    person = make_person("eunice", Role.FOCAL_POINT, union)
    save_answer(respondent=union, unit=unit("I.13"), base=0, answer=Answer("implemented", ready=True), by=person)
    handed_in(union, round_, person)
    assert counted_now().states is None


def test_what_one_state_says_is_told_nowhere(world):
    """VI.19 was answered by one of six: neither in its theme nor in its meeting is that to be found."""
    world({AFRICAN: 6})
    figures = public_figures()
    counts = [count for one in figures.rows for count in one.counts.counts.values()]
    assert [count for count in counts if count in (1, 2, 3, 4)] == []
    sixth_meeting = next(one for one in figures.by_meeting if one.slug == "6")
    assert sixth_meeting.counts.counts["implemented"] is None
    assert sixth_meeting.counts.answered is None


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ({AFRICAN: 5, ASIAN: 5}, {AFRICAN: 5, ASIAN: 5}),
        ({AFRICAN: 7, ASIAN: 6, WESTERN: 3}, {AFRICAN: 7}),
        ({AFRICAN: 7, ASIAN: 3, WESTERN: 2}, {AFRICAN: 7}),
        ({AFRICAN: 7, ASIAN: 2, WESTERN: 1}, {}),
        ({AFRICAN: 7, ASIAN: 3}, {}),
    ],
)
def test_a_small_regional_group_is_not_told_nor_worked_out_of_the_others(groups, told, world):
    """What all have, less what is told, is of two groups at least and of five States."""
    world(groups)
    figures = public_figures()
    assert {one.slug: one.states for one in figures.by_region if one.is_shown} == told
    left = figures.overall.states - sum(told.values())
    assert left == 0 or (left >= 5 and len(groups) - len(told) >= 2)


def test_that_nobody_of_a_group_handed_in_is_not_told(world):
    make_state("XZZ", "Zembla", regional_group=WESTERN)
    world({AFRICAN: 6, ASIAN: 5})
    assert {one.slug: one.states for one in public_figures().by_region} == {AFRICAN: 6, ASIAN: None, WESTERN: None}


def test_the_files_say_what_the_page_says_and_name_nobody(world):
    world({AFRICAN: 7, ASIAN: 6, WESTERN: 3})
    figures = public_figures()
    text = figures_csv(figures)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    document = json.loads(figures_json(figures))
    assert [{name: "" if cell is None else str(cell) for name, cell in one.items()} for one in document["figures"]] == [
        {name: cell for name, cell in one.items() if name != "notice"} for one in rows
    ]
    assert [(one["group_kind"], one["states"]) for one in rows if one["states"]] == [
        ("all", "16"),
        ("regional_group", "7"),
    ]
    assert "Land" not in text
    assert "Self-reported by States; not verified by the Secretariat." in document["statements"]
