"""The newest counts by its key or number, also where the clock was put back between two acts."""

import datetime

import pytest
from django.utils import timezone

from tests.conftest import save_for_xaa
from tests.submissions import asked_about, reply_to, submit_ready
from tracker.actions.remark import close_reading, start_reading
from tracker.actions.submission import change_use
from tracker.models import Submission, SubmissionItem
from tracker.queries.desk.overview import rounds_on_desk
from tracker.queries.submissions.check import use_in_force, uses_in_round
from tracker.queries.submissions.items import earlier_submission, replied_items
from tracker.queries.submissions.publication import is_published, publication_history, published_answers
from tracker.queries.submissions.reading import queue, reading

pytestmark = pytest.mark.django_db

STEP = datetime.timedelta(hours=2)


@pytest.fixture
def step_back(monkeypatch):
    """The clock is two hours ahead until this is called."""
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + STEP)
    return lambda: monkeypatch.setattr(timezone, "now", now)


@pytest.fixture
def answer(xaa, alice, unit):
    def save(base: int) -> None:
        save_for_xaa("I.13", base=base, measures=f"Act {base}.", ready=True)

    return save


@pytest.fixture
def two(step_back, answer, xaa, alice, round_) -> tuple[Submission, Submission]:
    """Two submissions of a round. The second has the earlier date."""
    answer(0)
    first = submit_ready(xaa, round_, alice)
    step_back()
    answer(1)
    second = submit_ready(xaa, round_, alice)
    assert second.sealed_at < first.sealed_at
    return first, second


def test_unpublishing_follows_publishing(step_back, answer, xaa, alice, round_):
    answer(0)
    submission = submit_ready(xaa, round_, alice)
    change_use(submission=submission, quoted=True, published=True, by=alice)
    step_back()
    change_use(submission=submission, quoted=False, published=False, by=alice)
    assert not Submission.objects.published().exists()
    assert use_in_force(submission, uses_in_round(submission)) == {
        "in_aggregates": True,
        "quoted": False,
        "published": False,
    }
    assert not is_published(publication_history(submission))
    assert [found.may_be_quoted for found in Submission.objects.counted_in(round_)] == [False]


def test_the_permission_given_last_holds_whichever_submission_it_is_of(two, alice, round_):
    first, second = two
    change_use(submission=second, in_aggregates=True, by=alice)
    change_use(submission=first, in_aggregates=False, by=alice)
    assert [(found, found.is_permitted) for found in Submission.objects.counted_in(round_)] == [(second, False)]
    assert use_in_force(second, uses_in_round(second))["in_aggregates"] is False
    assert not Submission.objects.of_submissions([second]).for_figures().exists()


def test_the_later_submission_counts_and_is_read(two, xaa, alice, bob, round_):
    first, second = two
    assert list(Submission.objects.counted_in(round_)) == [second]
    assert [row.current for row in rounds_on_desk(xaa, alice)] == [second]
    assert list(queue(Submission.objects.to_be_read_by(bob))) == [second]
    assert earlier_submission(second) == first


def test_of_two_published_submissions_the_later_one_is_quoted(two, alice, unit):
    for submission in two:
        change_use(submission=submission, published=True, by=alice)
    assert [item.submission for item in published_answers(unit("I.13").pk)] == [two[1]]


def test_a_reading_compares_with_the_submission_that_was_read_last(step_back, answer, xaa, alice, bob, round_):
    answer(0)
    first = submit_ready(xaa, round_, alice)
    start_reading(submission=first, by=bob)
    close_reading(submission=first, by=bob)
    step_back()
    answer(1)
    second = submit_ready(xaa, round_, alice)
    of_the_state = Submission.objects.to_be_read_by(bob).select_related("respondent", "round", "participation")
    found = reading(of_the_state.get(pk=second.pk), of_the_state)
    assert found.base == first
    assert SubmissionItem.everyones.filter(pk__in=[row.item.pk for row in found.shown("changed")]).count() == 1


def test_a_reply_is_made_of_the_last_submission_and_counts(step_back, answer, xaa, alice, bob, round_):
    answer(0)
    submit_ready(xaa, round_, alice)
    answer(1)
    second = submit_ready(xaa, round_, alice)
    remark = asked_about(second, {"I.13": "Which article?"}, bob)["I.13"]
    step_back()
    reply = reply_to(remark, "Article 9.", alice)
    assert reply.sealed_at < second.sealed_at
    assert list(Submission.objects.counted_in(round_)) == [reply]
    assert [item.revision.number for item in replied_items(reply)] == [2]
    assert use_in_force(reply, uses_in_round(reply))["in_aggregates"] is True
