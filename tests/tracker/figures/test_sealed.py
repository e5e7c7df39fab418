"""What is counted in sealed submissions is kept in the memory of a process."""

import pickle

import pytest

from tests.submissions import opened_round, submit_ready
from tracker.actions.record import Answer, save_answer
from tracker.figures.assistance import needs
from tracker.figures.practices import practices
from tracker.figures.progress import progress_by_round, reasons_not_applicable, round_progress, states_by_theme
from tracker.figures.sealed import NEEDS, PRACTICES, REASONS, STATUSES, SealedNeed, SealedPractice, SealedValues
from tracker.models import Submission, SubmissionItem

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
    return submit_ready(xaa, round_, alice)


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
    kept = pickle.dumps([values.of([submission]) for values in EVERYTHING])
    state, author = submission.respondent, submission.sealed_by
    assert [text for text in (*WORDS, state.name, author.name, author.email) if text.encode() in kept] == []


def test_what_was_read_longest_ago_is_forgotten_first():
    reads = []

    def read(submissions):
        reads.append([each.code for each in submissions])
        return {each.pk: each.code for each in submissions}

    first, second, third = (Submission(pk=number, code=f"code {number}") for number in (1, 2, 3))
    values = SealedValues(read, most=2)
    assert values.of([first, second]) == {1: "code 1", 2: "code 2"}
    assert values.of([first, second, third]) == {1: "code 1", 2: "code 2", 3: "code 3"}
    assert values.of([second, third]) == {2: "code 2", 3: "code 3"}
    assert values.of([first]) == {1: "code 1"}
    assert reads == [["code 1", "code 2"], ["code 3"], ["code 1"]]
