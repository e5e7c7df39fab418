"""What is counted in sealed submissions is kept in the memory of a process."""

import pickle

import pytest

from tests.submissions import handed_in, opened_round
from tracker.actions.record import Answer, save_answer
from tracker.figures.assistance import needs
from tracker.figures.practices import practices
from tracker.figures.progress import reasons_not_applicable, round_progress, states_by_theme
from tracker.figures.sealed import (
    NEEDS,
    PRACTICES,
    REASONS,
    STATUSES,
    BoundedStore,
    SealedNeed,
    SealedPractice,
)
from tracker.figures.trend import progress_by_round
from tracker.models import SubmissionItem

pytestmark = pytest.mark.django_db

EVERYTHING = (STATUSES, NEEDS, PRACTICES, REASONS)
WORDS = ("Mobile teams.", "Training for judges.", "A treaty is pending.")


@pytest.fixture
def submission(xaa, alice, bob, unit):
    round_ = opened_round(bob)
    answers = {
        "I.13": Answer(
            status="implemented",
            measures=WORDS[0],
            assistance_kinds=["training", "legislative_drafting"],
            assistance=WORDS[1],
            good_practice=True,
            good_practice_shared=True,
            ready=True,
        ),
        "II.4": Answer(status="not_applicable", reason_code="not_a_party", reasons=WORDS[2], ready=True),
        "I.7(a)": Answer(status="considered_not_taken_up", reasons=WORDS[2], ready=True),
    }
    for label, answer in answers.items():
        save_answer(respondent=xaa, unit=unit(label), base=0, answer=answer, by=alice)
    return handed_in(xaa, round_, alice)


def test_codes_and_keys_are_read_once(submission, unit, django_assert_num_queries):
    items = {item.unit_id: item for item in SubmissionItem.everyones.filter(submission=submission)}
    first, second = (unit(label).pk for label in ("I.13", "II.4"))
    item = items[first]
    for queries in (1, 0):
        with django_assert_num_queries(len(EVERYTHING) * queries):
            found = [values.of([submission])[submission.pk] for values in EVERYTHING]
    statuses, needs, shared, reasons = found
    assert dict(zip(*statuses, strict=True)) == {pk: item.status or "no_information" for pk, item in items.items()}
    assert needs == (SealedNeed(first, item.pk, ("legislative_drafting", "training")),)
    assert shared == (SealedPractice(first, is_shared=True),)
    assert reasons == ((second, "not_a_party"),)


def test_no_words_and_no_names_are_kept(submission):
    """Removing words that identify a victim cannot reach the memory of other processes."""
    found = round_progress(submission.round)
    for count in (states_by_theme, reasons_not_applicable, needs, practices):
        count(found)
    parts = (needs(found).by_region, practices(found).by_family, found.by_theme, found.by_unit)
    assert all(parts)
    assert progress_by_round()
    kept = pickle.dumps([[values.of([submission]) for values in EVERYTHING], vars(found.counts)])
    state, author = submission.respondent, submission.sealed_by
    assert [text for text in (*WORDS, state.name, author.name, author.email) if text.encode() in kept] == []


def test_a_store_is_bounded_and_forgets_what_was_used_longest_ago():
    store = BoundedStore[str, int](2)
    store.keep("first", 1)
    store.keep("second", 2)
    assert store.get("first") == 1
    store.keep("third", 3)
    assert [store.get(key) for key in ("first", "second", "third")] == [1, None, 3]


def test_a_value_whose_key_changed_while_it_was_read_is_not_kept():
    store: BoundedStore[str, int] = BoundedStore(10)
    assert store.get_or_read({"2026": "before"}, lambda _items: {"2026": 7}, lambda: {"2026": "after"}) == {"2026": 7}
    assert store.get("before") is None
    assert store.get_or_read({"2026": "after"}, lambda _items: {"2026": 8}, lambda: {"2026": "after"}) == {"2026": 8}
    assert store.get("after") == 8
