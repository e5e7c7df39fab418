"""The figures that everybody reads: those of a release, over at least five States, and none of a smaller group."""

import csv
import hashlib
import io
import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from tests.conftest import make_person, make_state
from tests.submissions import close_round, handed_in, made_release, opened_round
from tracker.actions.record import Answer, save_answer
from tracker.actions.release import make_release
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.figures.progress import release_progress, round_progress
from tracker.figures.public_figures import PublicFigures, newest_release
from tracker.figures.release import ALL, NEEDS, NEEDS_AND_PRACTICES
from tracker.models import Event, Release, ReleaseFile, ReleaseStanding
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

AFRICAN, ASIAN, WESTERN = StateGroup.AFRICAN, StateGroup.ASIA_PACIFIC, StateGroup.WESTERN_EUROPEAN
OF_FEW = "fewer than five States are covered"


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


@pytest.fixture
def released(round_, bob):
    return lambda: PublicFigures(made_release(round_, bob))


def submit_again(submission, person, unit, status: str) -> None:
    """Change the answer on I.13, and submit it."""
    state = submission.respondent
    answer = Answer(status=status, ready=True)
    save_answer(respondent=state, unit=unit("I.13"), base=1, answer=answer, by=person, change_reason="Again")
    handed_in(state, submission.round, person)


def test_none_is_said_of_all_where_every_theme_says_none(world, released):
    """Western States are too few for figures; that none of them asks for assistance is known from the themes."""
    world({AFRICAN: 5, WESTERN: 3})
    shown = released()
    others = shown.counts[ALL].others
    assert [others[measure] for measure in NEEDS_AND_PRACTICES] == [0, 0, 0, 0]
    assert {row.counts.others[NEEDS] for row in shown.by_theme} == {0}
    assert shown.counts["regional_group", WESTERN].others[NEEDS] is None


def test_before_the_first_release_there_is_none():
    assert newest_release() is None


def test_a_release_needs_a_closed_round(world, round_, bob):
    (_submission, alice), *_others = world({AFRICAN: 5})
    with pytest.raises(NotAllowed):
        make_release(round=round_, by=bob)
    close_round(round_)
    with pytest.raises(PermissionDenied):
        make_release(round=round_, by=alice)
    assert make_release(round=round_, by=bob).reference == "2026/1"


def test_no_release_is_made_of_four_states(world, released):
    world({AFRICAN: 4})
    with pytest.raises(ValidationError, match=OF_FEW):
        released()


def test_no_release_is_made_where_four_have_not_published_their_answers(world, released):
    (first, alice), *_others = world({AFRICAN: 5})
    change_use(submission=first, in_aggregates=True, published=True, by=alice)
    with pytest.raises(ValidationError, match=OF_FEW):
        released()


def test_where_all_have_published_their_answers_every_figure_is_theirs(world, released):
    for submission, person in world({AFRICAN: 5}):
        change_use(submission=submission, in_aggregates=True, published=True, by=person)
    assert released().overall.states == 5


def test_five_states_are_shown_with_their_denominator(world, released):
    world({AFRICAN: 5})
    figures = released()
    assert (figures.release.covered, figures.release.invited) == (5, 5)
    assert (figures.overall.states, figures.overall.counts.total) == (5, 5 * 46)
    assert figures.counts["recommendation", "I-13"].counts["implemented"] == 5
    # Six would tell that one State answered VI.19: the row of I.13 gives the other five.
    assert round_progress(figures.release.round).overall.counts["implemented"] == 6
    assert figures.overall.counts.counts["implemented"] is None
    assert sum(figures.overall.parts.values()) == figures.overall.counts.total


def test_a_state_without_permission_or_that_withdrew_is_not_counted(world, released):
    (first, alice), (second, charlie), *_others = world({AFRICAN: 7})
    change_use(submission=first, in_aggregates=False, by=alice)
    withdraw_from_round(submission=second, reason="A slip.", by=charlie)
    figures = released()
    assert (figures.release.covered, figures.release.invited) == (5, 7)


def test_the_european_union_is_no_state(world, round_, unit, released):
    world({AFRICAN: 5})
    union = make_state("EU", "European Union")
    union.kind = RespondentKind.EUROPEAN_UNION
    union.save()
    person = make_person("eunice", Role.FOCAL_POINT, union)
    save_answer(respondent=union, unit=unit("I.13"), base=0, answer=Answer("implemented", ready=True), by=person)
    handed_in(union, round_, person)
    figures = released()
    assert (figures.release.covered, figures.overall.counts.total) == (5, 5 * 46)


def test_what_one_state_says_is_shown_nowhere(world, released):
    """VI.19 was answered by one of six: neither in its theme nor in its meeting is that to be found."""
    world({AFRICAN: 6})
    figures = released()
    counts = [count for counts in figures.counts.values() for count in counts.counts.values()]
    assert [count for count in counts if count in (1, 2, 3, 4)] == []
    sixth_meeting = next(row for row in figures.by_meeting if row.slug == "6")
    assert sixth_meeting.counts.counts["implemented"] is None
    assert sixth_meeting.counts.answered is None


@pytest.mark.parametrize(
    ("groups", "shown"),
    [
        ({AFRICAN: 5, ASIAN: 5}, {AFRICAN: 5, ASIAN: 5}),
        ({AFRICAN: 7, ASIAN: 6, WESTERN: 3}, {AFRICAN: 7}),
        ({AFRICAN: 7, ASIAN: 3, WESTERN: 2}, {AFRICAN: 7}),
        ({AFRICAN: 7, ASIAN: 2, WESTERN: 1}, {}),
        ({AFRICAN: 7, ASIAN: 3}, {}),
    ],
)
def test_a_small_regional_group_is_not_shown_nor_worked_out_from_the_others(groups, shown, world, released):
    """What all have, less what is shown, is of two groups at least and of five States."""
    world(groups)
    figures = released()
    assert {row.slug: row.states for row in figures.by_region if row.is_shown} == shown
    left = figures.overall.states - sum(shown.values())
    assert left == 0 or (left >= 5 and len(groups) - len(shown) >= 2)


def test_that_nobody_of_a_group_submitted_is_not_shown(world, released):
    make_state("XZZ", "Zembla", regional_group=WESTERN)
    world({AFRICAN: 6, ASIAN: 5})
    assert {row.slug: row.states for row in released().by_region} == {AFRICAN: 6, ASIAN: None, WESTERN: None}


def test_a_release_does_not_change(world, released, round_, unit):
    submissions = world({AFRICAN: 6})
    figures = released()
    before = figures.release.figures
    for submission, person in submissions:
        submit_again(submission, person, unit, "in_progress")
    found = Release.objects.get()
    assert found.figures == before
    assert release_progress(found).overall.counts["implemented"] == 7
    with pytest.raises(DatabaseError), transaction.atomic():
        Release.objects.update(covered=60)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReleaseStanding.everyones.all().delete()


def test_with_fewer_than_five_changed_states_the_last_release_applies(world, released, unit):
    submissions = world({AFRICAN: 8})
    released()
    for submission, person in submissions[:4]:
        submit_again(submission, person, unit, "in_progress")
    with pytest.raises(ValidationError, match="fewer than five States have changed"):
        released()
    submit_again(*submissions[4], unit, "in_progress")
    assert released().release.reference == "2026/2"


def test_a_permission_that_is_withdrawn_applies_from_the_next_release(world, released):
    submissions = world({AFRICAN: 12})
    first = released()
    for submission, person in submissions[:5]:
        change_use(submission=submission, in_aggregates=False, by=person)
    assert PublicFigures(newest_release()).overall.states == first.overall.states == 12
    assert released().overall.states == 7


def test_the_difference_of_a_state_that_changed_alone_is_not_shown(world, released, unit):
    """Five others come to be counted; one changes its answer on I.13, so that figures of I.13 stay hidden."""
    submissions = world({AFRICAN: 6})
    released()
    submit_again(*submissions[1], unit, "in_progress")
    for number in range(6, 11):
        state = make_state(f"X{chr(65 + number)}A", f"Land {number:02}", regional_group=AFRICAN)
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        save_answer(respondent=state, unit=unit("I.13"), base=0, answer=Answer("implemented", ready=True), by=person)
        handed_in(state, submissions[0][0].round, person)
    [row] = [row for row in released().release.figures if row["group"] == "I-13"]
    assert (row["asked"], row["implemented"], row["in_progress"]) == (11, "protects_another", "fewer_than_five")


def test_the_files_are_those_of_their_digest_and_name_nobody(world, released):
    world({AFRICAN: 7, ASIAN: 6, WESTERN: 3})
    release = released().release
    files = {file.kind: file for file in ReleaseFile.objects.filter(release=release)}
    contents = {kind: file.file.open("rb").read() for kind, file in files.items()}
    for kind, content in contents.items():
        assert (files[kind].size, files[kind].sha256) == (len(content), hashlib.sha256(content).hexdigest())
    document = json.loads(contents["json"])
    assert document["figures"] == release.figures
    text = contents["csv"].decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [
        {name: "" if figure is None else str(figure) for name, figure in row.items()} for row in release.figures
    ] == [{name: cell for name, cell in row.items() if name in release.figures[0]} for row in rows]
    assert {row["release"] for row in rows} == {"2026/1"}
    assert "Land" not in text
    assert "Self-reported by States; not verified by the Secretariat." in document["statements"]


def test_the_trail_has_the_digest_of_the_files(world, released):
    world({AFRICAN: 5})
    release = released().release
    event = Event.everyones.get(action="release made")
    assert (event.target, event.actor, len(event.after)) == ("release 2026/1", release.made_by, 64)
