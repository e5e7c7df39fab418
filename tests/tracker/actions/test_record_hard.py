"""Two people at the same records at the same time: nothing is lost without a word."""

from functools import partial

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import make_person
from tests.races import results_at_once
from tests.thorough import moments, times
from tests.verification import find_errors
from tracker.actions.record import (
    Answer,
    NotSaved,
    SeenAnswer,
    StaleAnswer,
    restore_revision,
    save_answer,
    save_edit,
    save_together,
)
from tracker.models import Citation, Event, Record, Revision
from tracker.models.user import Role

AT_ONCE = moments(10, 200)
TOGETHER = moments(5, 20)
LABEL = "IV.46(c)"

people = st.sampled_from(["alice", "amir"])
steps = st.one_of(
    st.tuples(people, st.just("open")),
    st.tuples(people, st.just("save")),
    st.tuples(people, st.just("save twice")),
    st.tuples(people, st.just("restore")),
)


class Editor:
    """A person with the page open: she saves from the revision that she saw, and is told when another is newer."""

    def __init__(self, person, unit, xaa):
        self.person, self.unit, self.xaa = person, unit, xaa
        self.base, self.accepted, self.refused, self.count = 0, [], 0, 0
        self.open()

    def open(self) -> None:
        self.base = getattr(newest(), "number", 0)

    def save(self) -> None:
        self.count += 1
        self._try(f"{self.person.name} {self.count}")

    def save_twice(self) -> None:
        """The second click says what the first has said already: no other revision, no refusal."""
        refused, base = self.refused, self.base
        self.save()
        if self.refused == refused:
            said = self.accepted[-1]
            assert self._save(said, base) is None
            assert newest().measures == said

    def restore(self) -> None:
        first = Revision.everyones.order_by("number").first()
        if first is None:
            return
        try:
            revision = restore_revision(revision=first, base=self.base, by=self.person)
        except StaleAnswer as stale:
            self._told(stale)
        else:
            if revision:
                self._kept(revision)

    def _try(self, text: str) -> None:
        try:
            self._kept(self._save(text, self.base))
        except StaleAnswer as stale:
            self._told(stale)

    def _save(self, text: str, base: int) -> Revision | None:
        answer = Answer(status="in_progress", measures=text)
        return save_edit(respondent=self.xaa, unit=self.unit, base=base, answer=answer, by=self.person)

    def _kept(self, revision: Revision) -> None:
        self.base = revision.number
        self.accepted.append(revision.measures)

    def _told(self, stale: StaleAnswer) -> None:
        """Shown what is newer she goes on from there, as the comparison does."""
        assert stale.current.number > self.base
        self.base = stale.current.number
        self.refused += 1


def newest() -> Revision | None:
    return Revision.everyones.order_by("number").last()


def assert_nothing_is_lost(editors) -> None:
    """Every accepted text stands in the history, by the one who was told so; nothing else does; all is chained."""
    revisions = list(Revision.everyones.order_by("number"))
    assert [revision.number for revision in revisions] == list(range(1, len(revisions) + 1))
    previous = ""
    for revision in revisions:
        assert revision.previous_digest == previous
        assert revision.holds(list(Citation.everyones.filter(revision=revision)))
        previous = revision.digest
    for editor in editors:
        assert [r.measures for r in revisions if r.author == editor.person] == editor.accepted
    assert sum(len(editor.accepted) for editor in editors) == len(revisions)
    assert Event.everyones.filter(action="answer saved").count() == len(revisions)
    if revisions:
        assert Record.everyones.get().current == revisions[-1]
    assert find_errors() == []


@pytest.fixture
def amir(xaa):
    return make_person("amir", Role.CONTRIBUTOR, xaa)


@pytest.mark.django_db
@pytest.mark.thorough
def test_interleaved_edits_of_two_people(xaa, alice, amir, unit):
    @settings(max_examples=times(10, 100), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=10, max_size=20))
    def once(taken):
        with transaction.atomic():
            editors = {person.name.lower(): Editor(person, unit(LABEL), xaa) for person in (alice, amir)}
            for who, what in taken:
                getattr(editors[who], what.replace(" ", "_"))()
            assert_nothing_is_lost(editors.values())
            transaction.set_rollback(True)

    once()


@pytest.mark.django_db(transaction=True)
def test_edits_of_two_people_at_the_same_moment(xaa, alice, amir, unit):
    """Each from a connection of his own, as fast as it goes: whoever comes second is told what came first."""
    node = unit(LABEL)

    def edit(person) -> Editor:
        editor = Editor(person, node, xaa)
        while editor.count < AT_ONCE:
            editor.save()
            if editor.count % 3 == 0:
                editor.open()
        return editor

    editors = results_at_once(partial(edit, alice), partial(edit, amir))
    assert [len(editor.accepted) + editor.refused for editor in editors] == [AT_ONCE] * 2
    assert_nothing_is_lost(editors)


@pytest.mark.django_db(transaction=True)
def test_answers_saved_together_and_separately_cause_no_deadlock(xaa, alice, amir, unit):
    """On PostgreSQL a save of many that locks its records late and a save of one wait for each other, and one fails."""
    units = [unit(label) for label in ("I.13", "I.14", "II.8", "II.9")]

    def seen(node) -> SeenAnswer:
        return SeenAnswer(node, Revision.everyones.filter(record__recommendation=node).count())

    def together(answer: Answer):
        return save_together(respondent=xaa, answers=[(seen(node), answer) for node in units], by=alice)

    def alone(node, answer: Answer):
        return save_answer(respondent=xaa, unit=node, base=seen(node).base, answer=answer, by=amir)

    for number in range(TOGETHER):
        act, bill = (Answer(status="in_progress", measures=f"{noun} {number}.") for noun in ("Act", "Bill"))
        jobs = [partial(together, act), *(partial(alone, node, bill) for node in units)]
        results_at_once(*jobs, refusals=(NotSaved, StaleAnswer))
    assert find_errors() == []
