"""The needs for assistance of a round, counted a second time from the rows in plain Python, and as States say them."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from tests.conftest import make_person, make_state
from tests.figures import pair
from tests.removals import remove_words
from tests.submissions import opened_round, submit_ready
from tests.thorough import times
from tests.worlds import LABELS, build, counted, marked_at, sealed_at, worlds
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.documents.report.sealed import submission_report
from tracker.figures.assistance import needs, words_of
from tracker.figures.progress import round_progress
from tracker.models.answer_fields import AssistanceKind
from tracker.models.user import Role
from tracker.queries.desk.assistance import own_needs

pytestmark = pytest.mark.django_db

EXAMPLES = times(6, 60)
KINDS = [*AssistanceKind.values, ""]


def pairs(row) -> tuple:
    """All that a row says: of needs and of States, of all and of each kind."""
    return [
        (pair(counted.needs), pair(counted.states)) for counted in (row.all, *(row.by_kind[kind] for kind in KINDS))
    ]


def asks(answer) -> bool:
    return bool(answer and (answer["kinds"] or answer["words"]))


def counted_again(answers, states: int) -> list:
    """`answers` are (place of the State, answer), of which some ask."""
    asking = [(place, answer["kinds"] or [""]) for place, answer in answers if asks(answer)]
    return [
        ((len(of_kind), len(answers)), (len(set(of_kind)), states))
        for kind in (None, *KINDS)
        for of_kind in [[place for place, kinds in asking if kind is None or kind in kinds]]
    ]


def state_again(one: dict, label: str) -> str:
    """Open without a mark, and again where it was closed before the last submission that asks and stands."""
    state, days = one["marks"].get(label, ("open", 0))
    asking = [
        sealed_at(place)
        for place, said in enumerate(one["submissions"])
        if asks(said["answers"].get(label)) and not said["is_withdrawn"]
    ]
    return "open" if state == "closed" and max(asking) > marked_at(days) else state


@given(world=worlds)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_figure_of_the_needs_is_what_the_rows_give(bob, world):
    with transaction.atomic():
        round_ = build(world, bob)
        found = needs(round_progress(round_))
        overall = pairs(found.overall)
        themes = [pairs(row) for row in found.by_theme]
        regions = {str(row.of): pairs(row) for row in found.by_region}
        listed = [(need.respondent.name, need.unit.label, need.kinds, need.state) for need in found.rows]
        transaction.set_rollback(True)

    standing = counted(world)
    answers = [
        (place, one, label, said["answers"][label])
        for place, one, said in standing
        for label in LABELS
        if said["answers"].get(label)
    ]
    expected = [
        (f"Land {place}", label, tuple(kind for kind in KINDS if kind in answer["kinds"]), state_again(one, label))
        for place, one, label, answer in answers
        if asks(answer)
    ]
    assert listed == expected
    assert overall == counted_again([(place, answer) for place, _one, _label, answer in answers], len(standing))
    asked_under = [
        any(label in said["answers"] for _place, _one, said in standing for label in LABELS[theme::2])
        for theme in range(2)
    ]
    assert themes == [
        counted_again(
            [(place, answer) for place, _one, label, answer in answers if label in LABELS[theme::2]], len(standing)
        )
        for theme in range(2)
        if asked_under[theme]
    ]
    assert regions == {
        region or "No regional group": counted_again(
            [(place, answer) for place, one, _label, answer in answers if one["region"] == region],
            sum(one["region"] == region for _place, one, _said in standing),
        )
        for region in {one["region"] for _place, one, _said in standing}
    }


# What a State says, through the actions


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=[1, 2])


def asked(state, unit, by, label="II.4", base=0, **said) -> None:
    answer = Answer(status="in_progress", measures="A bill.", ready=True, **said)
    save_answer(respondent=state, unit=unit(label), base=base, answer=answer, by=by)


@pytest.fixture
def submission(xaa, alice, round_, unit):
    asked(xaa, unit, alice, assistance_kinds=["training", "data"], assistance="Two trainers.")
    asked(xaa, unit, alice, "I.13", assistance="A manual.")
    return submit_ready(xaa, round_, alice)


def test_an_answer_that_needs_several_kinds_is_one_need(submission, round_):
    found = needs(round_progress(round_))
    assert [(need.unit.label, need.kinds) for need in found.rows] == [("I.13", ()), ("II.4", ("training", "data"))]
    assert pair(found.overall.all.needs) == (2, 2)
    assert pair(found.overall.all.states) == (1, 1)
    assert {
        kind: pair(counted.needs) for kind, counted in found.overall.by_kind.items() if counted.needs.numerator
    } == {
        "training": (1, 2),
        "data": (1, 2),
        "": (1, 2),
    }


def test_a_figure_says_when_and_of_which_round(submission, round_):
    found = needs(round_progress(round_))
    for figure in (found.overall.all.needs, found.by_theme[0].by_kind["data"].states):
        assert (figure.at, figure.source) == (found.found.at, "Submissions of round 2026")


def test_the_words_are_those_of_the_answer_that_asks(submission, round_):
    found = needs(round_progress(round_))
    words = words_of(found.rows)
    assert [words[need.item].shown_value("assistance") for need in found.rows] == ["A manual.", "Two trainers."]


def test_a_need_that_is_not_submitted_is_only_the_states(submission, round_, xaa, alice, unit):
    asked(xaa, unit, alice, "I.14", assistance="A car.")
    assert [need.unit.label for need in needs(round_progress(round_)).rows] == ["I.13", "II.4"]
    assert [need.unit.label for need in own_needs(xaa, alice)] == ["I.13", "II.4"]


def test_the_permission_of_today_applies(submission, round_, xaa, alice):
    change_use(submission=submission, in_aggregates=True, quoted=True, published=False, by=alice)
    assert [need.standing.may_be_quoted for need in needs(round_progress(round_)).rows] == [True, True]
    change_use(submission=submission, in_aggregates=False, quoted=True, published=True, by=alice)
    assert needs(round_progress(round_)).rows == []
    assert len(own_needs(xaa, alice)) == 2


def test_withdrawn_words_had_asked(submission, round_, xaa, alice, erin):
    remove_words("A manual", xaa, alice, erin)
    assert [need.unit.label for need in needs(round_progress(round_)).rows] == ["I.13", "II.4"]
    first, second = own_needs(xaa, alice)
    assert (first.words, second.words) == (first.answer.withdrawal_note, "Two trainers.")
    assert pair(submission_report(submission).figures.assistance_needed) == (2, 2)


def test_what_is_withdrawn_asks_for_nothing(submission, round_, xaa, alice):
    withdraw_from_round(submission=submission, reason="An error.", by=alice)
    assert needs(round_progress(round_)).rows == []
    assert own_needs(xaa, alice) == []


def test_the_last_submission_of_all_rounds_decides_the_need(submission, xaa, alice, bob, unit):
    second = opened_round(bob, code="2027", meetings=[2])
    asked(xaa, unit, alice, base=1)
    submit_ready(xaa, second, alice)
    assert [need.unit.label for need in own_needs(xaa, alice)] == ["I.13"]


def test_a_reviewer_sees_the_needs_of_a_state_and_another_state_none(submission, xaa, bob, charlie):
    assert [need.unit.label for need in own_needs(xaa, bob)] == ["I.13", "II.4"]
    assert own_needs(xaa, charlie) == []


@pytest.mark.parametrize("states", [1, 4])
def test_needs_take_as_many_queries_for_many_states(states, round_, unit, django_assert_num_queries):
    for number in range(states):
        state = make_state(f"X{chr(65 + number)}Z", f"Land {number}")
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        asked(state, unit, person, assistance="A manual.")
        submit_ready(state, round_, person)
    progress = round_progress(round_)
    with django_assert_num_queries(2):
        found = needs(progress)
        assert pair(found.overall.all.states) == (states, states)
    with django_assert_num_queries(1):
        assert len(words_of(found.rows)) == states
