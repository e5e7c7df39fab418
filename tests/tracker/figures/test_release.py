"""The release of a round: its public figures, which no reader takes apart."""

import csv
import hashlib
import io
import json
from collections import Counter
from random import Random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.models import Recommendation, Theme
from tests.conftest import make_person, make_state
from tests.submissions import (
    asked_about,
    close_round,
    made_release,
    opened_round,
    reply_to,
    save_statuses,
    submit_ready,
)
from tests.thorough import times
from tests.tracker.figures.test_rounding import assert_nothing_follows
from tests.worlds import NOW
from tracker.actions.release import make_release, note_on_release
from tracker.actions.submission import change_use, confirm_answers, withdraw_from_round
from tracker.figures.answers import ANSWERS, KINDS
from tracker.figures.progress import release_progress
from tracker.figures.public_figures import PublicFigures, newest_release
from tracker.figures.release import ALL, NOT_SHOWN, ReleasedUnit, counted_standings, draft_release
from tracker.figures.rounding import BASE, FEWEST, percentages, round_row, round_share
from tracker.models import (
    Event,
    Participation,
    Record,
    Release,
    ReleaseFile,
    ReleaseStanding,
    Respondent,
    Revision,
    Round,
    RoundUnit,
    Submission,
    SubmissionItem,
    Use,
)
from tracker.models.respondent import RespondentKind
from tracker.models.status import NO_INFORMATION, Status
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

NOTHING_TO_SHOW = "There are no figures to show: a figure needs six States"


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=[1])


@pytest.fixture
def states(round_):
    """Submit for so many States that I.13 is implemented; return each submission with its focal point."""

    def build(count: int) -> list:
        found = []
        for number in range(count):
            state = make_state(f"X{chr(65 + number)}C", f"Land {number:02}")
            person = make_person(f"person{number}", Role.FOCAL_POINT, state)
            save_statuses(state, person, **{"I.13": "implemented"})
            found.append((submit_ready(state, round_, person), person))
        return found

    return build


@pytest.fixture
def released(round_, bob):
    return lambda: PublicFigures(made_release(round_, bob))


def publish(*submissions) -> None:
    for submission, person in submissions:
        change_use(submission=submission, in_aggregates=True, published=True, by=person)


def shown_labels(round_: Round) -> list[str]:
    """Return the slugs of the recommendations that a release of today would show."""
    figures = PublicFigures(draft_release(round_).release)
    return [row.slug for _theme, rows in figures.by_recommendation for row in rows if row.counts]


# Who is counted


def test_before_the_first_release_there_is_none():
    assert newest_release() is None


def test_a_release_needs_a_closed_round(states, round_, bob):
    (_submission, alice), *_others = states(6)
    with pytest.raises(NotAllowed):
        make_release(round=round_, by=bob)
    close_round(round_)
    with pytest.raises(PermissionDenied):
        make_release(round=round_, by=alice)
    assert str(make_release(round=round_, by=bob)) == "2026"


def test_no_release_is_made_of_five_states(states, released):
    states(5)
    with pytest.raises(ValidationError, match=NOTHING_TO_SHOW):
        released()


def test_no_release_is_made_where_five_states_did_not_publish(states, released):
    first, *_others = states(6)
    publish(first)
    with pytest.raises(ValidationError, match=NOTHING_TO_SHOW):
        released()


def test_counts_are_rounded_and_have_their_base(states, released):
    states(8)
    figures = released()
    assert (figures.release.covered, figures.release.invited) == (8, 8)
    row = figures.rows["recommendation", "I-13"]
    assert (row.base, row.counts["implemented"], row.counts["no_information"]) == (8, 5, 0)


def test_a_state_without_permission_or_that_withdrew_is_not_counted(states, released):
    (first, alice), (second, charlie), *_others = states(9)
    change_use(submission=first, in_aggregates=False, by=alice)
    withdraw_from_round(submission=second, reason="A slip.", by=charlie)
    figures = released()
    assert (figures.release.covered, figures.release.invited) == (7, 9)


def test_the_european_union_is_no_state(states, round_, released):
    states(6)
    union = make_state("EU", "European Union")
    union.kind = RespondentKind.EUROPEAN_UNION
    union.save()
    person = make_person("eunice", Role.FOCAL_POINT, union)
    save_statuses(union, person, **{"I.13": "implemented"})
    submit_ready(union, round_, person)
    assert released().rows["recommendation", "I-13"].base == 6


# Of a State that published, the published answer is counted, or none


def publish_some(states, count: int = 5) -> list:
    """Let five of ten States publish: the answers of the others are too few to be shown."""
    found = states(10)
    publish(*found[:count])
    return found[:count]


def test_attack_a_reply_to_a_clarification_makes_a_state_unpublished(states, round_, bob):
    """Those who published reply: what everybody knows stays known."""
    for submission, person in publish_some(states):
        remark = asked_about(submission, {"I.13": "Which article?"}, bob)["I.13"]
        reply_to(remark, "Article 9.", person)
    assert shown_labels(round_) == []


def test_attack_the_same_or_other_answers_are_submitted_again(states, round_):
    """Whether an answer is another one is a secret of the State: the published one is counted."""
    for submission, person in publish_some(states):
        save_statuses(submission.respondent, person, **{"I.14": "implemented"})
        submit_ready(submission.respondent, round_, person)
    assert shown_labels(round_) == []


def test_a_newer_answer_that_is_not_published_is_in_no_figure(states, round_):
    found = states(9)
    publish(*found[:3])
    before = draft_release(round_).release.figures
    for submission, person in found[:3]:
        save_statuses(submission.respondent, person, base=1, **{"I.13": "not_started"})
        submit_ready(submission.respondent, round_, person)
    assert draft_release(round_).release.figures == before


def test_attack_a_published_submission_is_unpublished(states, round_):
    for submission, person in publish_some(states):
        change_use(submission=submission, in_aggregates=True, published=False, by=person)
    assert shown_labels(round_) == []


def test_attack_a_published_submission_is_withdrawn_and_submitted_again(states, round_):
    for submission, person in publish_some(states):
        withdraw_from_round(submission=submission, reason="A slip.", by=person)
        save_statuses(submission.respondent, person, **{"I.14": "implemented"})
        submit_ready(submission.respondent, round_, person)
    assert shown_labels(round_) == []


@pytest.mark.parametrize("is_changed", [False, True])
def test_attack_a_figure_discloses_whether_a_published_answer_changed(states, round_, bob, is_changed):
    """One of eight States published in the round before. Whether its answer changed since is in no figure."""
    found = states(8)
    publish(found[0])
    close_round(round_)
    later = opened_round(bob, code="2027", meetings=[1])
    for place, (submission, person) in enumerate(found):
        save_statuses(submission.respondent, person, **{"I.14": "implemented"})
        if is_changed and place == 0:
            save_statuses(submission.respondent, person, base=1, **{"I.13": "not_started"})
        else:
            confirm(submission, later, person)
        submit_ready(submission.respondent, later, person)
    row = PublicFigures(draft_release(later).release).rows["recommendation", "I-13"]
    assert (row.base, row.counts["implemented"], row.counts["not_started"]) == (7, 5, 0)


def test_attack_an_answer_is_published_in_another_round(states, round_, bob):
    """It is not counted here. That there was no answer in the other round says nothing of this one."""
    found = states(10)
    close_round(round_)
    later = opened_round(bob, code="2027", meetings=[1])
    for submission, person in found[:5]:
        confirm(submission, later, person)
        publish((submit_ready(submission.respondent, later, person), person))
    shown = shown_labels(round_)
    assert ("I-13" in shown, "I-14" in shown) == (False, True)


def confirm(submission, round_: Round, person) -> None:
    [item] = submission.items(manager="everyones").filter(revision__isnull=False)
    revisions = [item.revision_id]
    confirm_answers(respondent=submission.respondent, round_=round_, revisions=revisions, as_at=NOW.date(), by=person)


# One release for a round


def test_attack_four_releases_are_solved_together(states, released, round_, bob):
    states(6)
    release = released().release
    with pytest.raises(ValidationError, match="This round already has a release"):
        made_release(round_, bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(round=round_, made_at=NOW, made_by=bob, covered=6, invited=6)
    assert Release.objects.get() == release


def test_a_release_does_not_change(states, released):
    found = states(8)
    figures = released()
    before = figures.release.figures
    for submission, person in found:
        save_statuses(submission.respondent, person, **{"I.14": "in_progress"})
        submit_ready(submission.respondent, submission.round, person)
    saved = Release.objects.get()
    assert saved.figures == before
    assert release_progress(saved).overall.counts["implemented"] == 8
    with pytest.raises(DatabaseError), transaction.atomic():
        Release.objects.update(covered=60)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReleaseStanding.everyones.all().delete()


def test_an_error_is_corrected_by_a_note(states, released, round_, bob):
    with pytest.raises(NotAllowed):
        note_on_release(round=round_, release_note="Too early.", by=bob)
    states(6)
    released()
    note_on_release(round=round_, release_note="The title of the round was wrong.", by=bob)
    note_on_release(round=round_, release_note="The title of the round was wrong.", by=bob)
    round_.refresh_from_db()
    assert round_.release_note == "The title of the round was wrong."
    assert Event.everyones.filter(action="round changed", target="round 2026").count() == 1


# Groups and files


def test_percentages_need_twenty_states(states, released):
    states(8)
    figures = released()
    assert (figures.overall.counts, {bool(row.counts) for row in figures.by_theme}) == ({}, {False})


@pytest.mark.thorough
def test_groups_are_recomputed_from_the_rows_of_the_file(states, released):
    """All, themes, meetings and strengths are functions of the rows: they tell nothing more."""
    found = states(BASE)
    publish(*found[:5])
    release = released().release
    rows = {row["group"]: row for row in release.figures if row["group_kind"] == "recommendation"}
    units = [ReleasedUnit(*unit) for unit in release.units]
    groups = [row for row in release.figures if row["group_kind"] != "recommendation"]
    assert groups[0]["group_kind"] == "all"
    for row in groups:
        of_group = [unit for unit in units if (row["group_kind"], row["group"]) in unit.groups]
        members = [unit for unit in of_group if unit.slug in rows]
        counts = [[rows[unit.slug][answer] or 0 for answer in ANSWERS] for unit in members]
        assert [row[answer] for answer in ANSWERS] == percentages(counts)
        assert row["recommendations"] == len(members)


def test_the_files_are_those_of_their_digest(states, released):
    states(7)
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
    assert {row["round"] for row in rows} == {"2026"}
    assert "Land" not in text
    assert document["statements"][0].startswith("Figures are rounded to five States")


def test_the_trail_has_the_digest_of_the_files(states, released):
    states(6)
    release = released().release
    event = Event.everyones.get(action="release made")
    assert (event.target, event.actor, len(event.after)) == ("release 2026", release.made_by, 64)


# Random worlds

LABELS = ("I.7(a)", "I.13")
STATUSES = ("", *Status.values)


class World:
    """Two rounds over two recommendations, put into the tables as they are. `published` are the newest answers that
    States ever published, as [number, status, whether it was confirmed] by round, State and slug.
    """

    def __init__(self, random: Random, author) -> None:
        self.random, self.author = random, author
        self.units = [Recommendation.objects.with_text().get(label=label) for label in LABELS]
        self.published: dict[tuple, list] = {}
        self.rounds = [self._open(code) for code in ("2025", "2026")]
        self.states = [
            Respondent.objects.create(
                code=f"X{chr(65 + place // 26)}{chr(65 + place % 26)}",
                name=f"Land {place}",
                kind=RespondentKind.STATE,
                treaty_status="party",
            )
            for place in range(random.randint(FEWEST, 40))
        ]
        self.records = {
            (state.pk, unit.pk): Record.everyones.create(respondent=state, recommendation=unit)
            for state in self.states
            for unit in self.units
        }
        self.versions: dict[tuple[int, int], Revision | None] = dict.fromkeys(self.records)
        self.numbers: Counter = Counter()
        self.newest: dict[tuple[int, int], tuple[Submission, list[SubmissionItem]]] = {}  # by round and State
        self.favourite = random.choice(STATUSES)
        self.publishing = random.choice((0, 0.2, 0.5, 0.8))

    def _open(self, code: str) -> Round:
        round_ = Round.objects.create(
            body=self.units[0].body, code=code, title=code, opens_on=f"{code}-01-01", due_on=NOW, opened_at=NOW
        )
        theme = Theme.objects.all()[0]
        for place, unit in enumerate(self.units, 1):
            RoundUnit.objects.create(round=round_, unit=unit, position=place, themes=[[theme.slug, theme.name]])
        return round_

    def go_on(self) -> None:
        """Let each State submit, submit again, reply, publish, unpublish, withdraw, or do nothing."""
        for round_ in self.rounds:
            for state in self.states:
                act = self.random.random()
                newest = self.newest.get((round_.pk, state.pk))
                if newest is None or act < 0.3:
                    self._submit(state, round_, change=0.7 if newest is None else 0.2)
                elif act < 0.4:
                    self._use(*newest, published=False)
                elif act < 0.45:
                    self._withdraw(newest[0])
                elif act < 0.5:
                    Use.everyones.create(submission=newest[0], in_aggregates=False, said_by=self.author)

    def _submit(self, state: Respondent, round_: Round, change: float) -> None:
        newest = self.newest.get((round_.pk, state.pk))
        submission = Submission.everyones.create(
            respondent=state,
            round=round_,
            number=newest[0].number + 1 if newest else 1,
            sealed_by=self.author,
            due_on=round_.due_on,
            late=False,
            names_no_victim=True,
            content_digest="0" * 64,
            digest="0" * 64,
        )
        items = [self._item(submission, unit, place, change) for place, unit in enumerate(self.units)]
        self.newest[round_.pk, state.pk] = submission, items
        Participation.everyones.update_or_create(
            respondent=state, round=round_, defaults={"current": submission, "state": "submitted"}
        )
        self._use(submission, items, published=self.random.random() < self.publishing)

    def _item(self, submission: Submission, unit: Recommendation, place: int, change: float) -> SubmissionItem:
        key = submission.respondent_id, unit.pk
        if is_changed := self.random.random() < change:
            status = self.favourite if self.random.random() < 0.6 else self.random.choice(STATUSES)
            self.numbers[key] += bool(status)
            self.versions[key] = status and Revision.everyones.create(
                record=self.records[key],
                number=self.numbers[key],
                wording=unit.current_wording,
                status=status,
                reason_code="date_has_passed" if status == Status.NOT_APPLICABLE else "",
                reasons="Reasons",
                author=self.author,
                digest="0" * 64,
            )
        revision = self.versions[key] or None
        return SubmissionItem.everyones.create(
            submission=submission,
            unit=unit,
            position=place,
            wording=unit.current_wording,
            revision=revision,
            status=revision.status if revision else "",
            still_correct_as_at=None if is_changed or revision is None else NOW.date(),
            digest="0" * 64,
        )

    def _use(self, submission: Submission, items: list[SubmissionItem], published: bool) -> None:
        Use.everyones.create(submission=submission, in_aggregates=True, published=published, said_by=self.author)
        for item in items if published else ():
            key = submission.round_id, submission.respondent_id, item.unit.slug
            answer = [submission.number, item.status, item.still_correct_as_at is not None]
            self.published[key] = max(self.published.get(key, [0]), answer)

    def _withdraw(self, submission: Submission) -> None:
        Participation.everyones.filter(current=submission).update(withdrawn_to=submission.number, withdrawn_at=NOW)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=times(5, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.thorough
def test_no_attack_on_a_random_world_succeeds(bob, seed):
    """Figures depend on published answers and on answers that were never published, and nothing follows of these."""
    with transaction.atomic():
        world = World(Random(seed), bob)  # noqa: S311
        for _step in range(2):
            world.go_on()
        for round_ in world.rounds:
            assert_release_discloses_nothing(round_, world)
        transaction.set_rollback(True)


def assert_release_discloses_nothing(round_: Round, world: World) -> None:
    published, draft = world.published, draft_release(round_)
    given: Counter[bool] = Counter()
    could_be_confirmed: Counter[bool] = Counter()
    before = answers_of_earlier_rounds(round_, world)
    counted = [standing.submission for standing in counted_standings(draft.standings)]
    rows = {row["group"]: row for row in draft.release.figures if row["group_kind"] == "recommendation"}
    for unit in (ReleasedUnit(*unit) for unit in draft.release.units):
        counts, known = Counter(), Counter()
        for item in SubmissionItem.everyones.filter(submission__in=counted, unit__slug=unit.slug):
            state = item.submission.respondent_id
            here = published.get((round_.pk, state, unit.slug))
            elsewhere = [of for key, of in published.items() if key[0] != round_.pk and key[1:] == (state, unit.slug)]
            if here or not any(status for _number, status, _is_confirmed in elsewhere):
                status, is_confirmed = here[1:] if here else (item.status, item.still_correct_as_at is not None)
                answer = KINDS[status or NO_INFORMATION, unit.asks_to_consider]
                counts[answer] += 1
                known[answer] += bool(here)
                if status:
                    given[is_confirmed] += 1
                    is_old = is_confirmed or (state, item.unit_id) in before
                    could_be_confirmed[is_confirmed] += is_old and not here
        expected = round_row(*([of[answer] for answer in unit.answers] for of in (counts, known)))
        shown = [rows[unit.slug][answer] for answer in unit.answers] if unit.slug in rows else None
        assert shown == (expected or ([NOT_SHOWN] * len(unit.answers) if counts else None))
        if expected:
            assert_nothing_follows(expected, [known[answer] for answer in unit.answers], counts.total())
    kinds = ([of[True], of[False]] for of in (given, could_be_confirmed))
    share = round_share(*kinds, most=len(LABELS)) if len(counted) >= BASE else None
    assert draft.release.confirmed == share


def answers_of_earlier_rounds(round_: Round, world: World) -> set[tuple[int, int]]:
    """Return the State and unit of each answer that the figures of the first round count, for the second."""
    if round_ == world.rounds[0]:
        return set()
    counted = [standing.submission for standing in counted_standings(draft_release(world.rounds[0]).standings)]
    items = SubmissionItem.everyones.filter(submission__in=counted).exclude(status="")
    return set(items.values_list("submission__respondent", "unit"))


@pytest.mark.thorough
def test_random_worlds_show_rows_and_leave_rows_out(bob):
    """So that no attack succeeds for want of something to attack."""
    figures: Counter = Counter()
    for seed in range(8):
        with transaction.atomic():
            world = World(Random(seed), bob)  # noqa: S311
            world.go_on()
            release = draft_release(world.rounds[0]).release
            shown = PublicFigures(release)
            figures.update({"shown": shown.shown, "left out": shown.left_out, "known": len(world.published)})
            figures["percentages"] += bool(shown.rows[ALL].counts)
            figures["confirmed"] += draft_release(world.rounds[1]).release.confirmed is not None
            transaction.set_rollback(True)
    assert {name for name, count in figures.items() if count} == {
        "shown",
        "left out",
        "known",
        "percentages",
        "confirmed",
    }
