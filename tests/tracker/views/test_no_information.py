"""*No information*: a focal point empties an answer, its versions stay, and the next submission says so."""

import json
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.labels import titled
from tests.pages import answer_address, client_of, decide, messages_on, words
from tests.submissions import close_round, item_of, opened_round, revisions_of, submit_ready
from tests.verification import find_errors
from tracker.actions.bulk import empty_answers
from tracker.actions.record import SeenAnswer
from tracker.actions.submission import check_submission
from tracker.models import Record, Revision

pytestmark = pytest.mark.django_db

EMPTIED = "Set to “No information”"
WITHDRAWN = "Answer withdrawn by the State"
FULL = {"measures": "The Act of 2016.", "ready": True, "lead_institution": "Senate"}


@pytest.fixture
def empty(send_answer):
    """Choose *No information* on the page of I.13 that was opened at a version."""
    return partial(send_answer, status="no_information", measures="The Act of 2016.")


def current(label: str) -> Revision | None:
    return Record.everyones.get(recommendation__label=label).current


def test_the_answer_is_emptied_and_its_versions_stay(desk, say, empty):
    say(**FULL)
    response = empty(base=1)
    assert messages_on(response) == [f"{titled('I.13')}: saved as version 2."]
    assert "No information yet" in words(response)
    assert current("I.13") is None
    history = words(desk.get(answer_address("record_history")))
    assert EMPTIED in history
    assert "Restore version 1" in history
    assert find_errors() == []


def test_an_emptied_answer_is_restored_or_answered_again(desk, say, empty, send_answer):
    say(**FULL)
    empty(base=1)
    desk.post(answer_address("record_restore", "I-13", 1), {"base": 2})
    assert current("I.13").measures == "The Act of 2016."
    empty(base=3)
    send_answer(base=0, measures="A decree.")
    act = "The Act of 2016."
    assert [revision.measures for revision in revisions_of("I.13")] == [act, "", act, "", "A decree."]
    assert find_errors() == []


def test_an_emptied_version_has_no_button_to_restore_it(desk, say, empty, send_answer):
    say(**FULL)
    empty(base=1)
    send_answer(base=0, measures="A decree.")
    assert "Restore version 2" not in words(desk.get(answer_address("record_history")))


def test_the_next_submission_says_that_the_state_withdrew_the_answer(desk, say, empty, xaa, alice, bob, round_):
    say(**FULL)
    say("I.14", ready=True)
    submit_ready(xaa, round_, alice)
    empty(base=1)
    check = words(desk.get(reverse("check", args=["XAA", "2026"])))
    assert f"The submission shows “{WITHDRAWN}” for: {titled('I.13')}" in check
    second = submit_ready(xaa, round_, alice)

    item = item_of(second, "I.13")
    assert (item.answer_withdrawn, item.status, item.revision) == (True, "", None)
    assert not item_of(second, "I.14").answer_withdrawn
    of_second = ["XAA", "2026", 2]
    for name in ("submission_items", "submission_changes"):
        shown = desk.get(reverse(name, args=of_second), {"section": item.unit.primary_theme.slug})
        assert words(shown).count(WITHDRAWN) == 1
    assert WITHDRAWN in words(client_of(bob).get(reverse("review", args=of_second) + "?show=all&item=I-13"))
    sealed = json.loads(desk.get(reverse("submission_json", args=of_second)).content)
    assert [item["label"] for item in sealed["items"] if item.get("answer_withdrawn")] == ["I.13"]
    assert find_errors() == []
    assert submit_ready(xaa, round_, alice) == second, "nothing else is new"


def test_the_first_submission_of_the_next_round_says_so_too(say, empty, xaa, alice, bob, round_):
    say(**FULL)
    submit_ready(xaa, round_, alice)
    close_round(round_)
    later = opened_round(bob, "2028")
    empty(base=1)
    say("I.14", ready=True)
    assert item_of(submit_ready(xaa, later, alice), "I.13").answer_withdrawn


def test_an_answer_that_was_never_submitted_is_not_withdrawn(say, empty, xaa, round_):
    say(**FULL)
    empty(base=1)
    assert not any(unit.is_answer_withdrawn for unit in check_submission(xaa, round_).units)


def test_an_answer_given_again_is_no_longer_withdrawn(say, empty, send_answer, xaa, alice, round_):
    say(**FULL)
    say("I.14", ready=True)
    submit_ready(xaa, round_, alice)
    empty(base=1)
    send_answer(base=0, measures="A decree.", ready="on")
    item = item_of(submit_ready(xaa, round_, alice), "I.13")
    assert (item.answer_withdrawn, item.status) == (False, "implemented")


def test_selected_answers_are_emptied_together_and_undone(desk, say):
    say(**FULL)
    say("I.14", measures="A bill.")
    address, selected = reverse("bulk", args=["XAA"]), {"unit": ["I-13", "I-14"], "status": "no_information"}
    shown = desk.post(address, selected | {"preview": "yes"})
    assert "2 answers will change" in words(shown)
    seen = {"seen-I-13": "1.0", "seen-I-14": "1.0"}
    listed = desk.post(address, selected | seen | {"act": "change"}, follow=True)
    assert "Last edit in the list: 2 answers Undo" in words(listed)
    assert [current(label) for label in ("I.13", "I.14")] == [None, None]
    emptied = [revisions_of(label)[-1].pk for label in ("I.13", "I.14")]
    desk.post(address, {"undo": "yes", "revision": emptied})
    assert [current(label).measures for label in ("I.13", "I.14")] == ["The Act of 2016.", "A bill."]


def test_no_information_goes_with_no_other_change(desk, say):
    say(**FULL)
    typed = {"unit": ["I-13"], "status": "no_information", "lead_institution": "Senate", "preview": "yes"}
    response = desk.post(reverse("bulk", args=["XAA"]), typed)
    why = "“No information” empties the answer. Remove the other changes."
    assert response.context["form"].errors == {"status": [why]}


def test_attack_a_stale_tab_empties_nothing(say, empty, carol):
    say(**FULL)
    say(base=1, by=carol, measures="The Act of 2018.")
    response = empty(base=1)
    why = "Carol saved version 2 while you were working. Nothing was saved. Check the new version and try again."
    assert messages_on(response) == [f"{titled('I.13')}: {why}"]
    assert current("I.13").measures == "The Act of 2018."


def test_attack_a_stale_tab_does_not_fill_an_emptied_answer(desk, say, empty, send_answer):
    say(**FULL)
    empty(base=1)
    conflict = send_answer(base=1, measures="The Act of 2018.")
    assert conflict.status_code == 409
    assert current("I.13") is None
    desk.post(answer_address(), decide(conflict, status="mine", measures="mine"))
    assert current("I.13").measures == "The Act of 2018.", "once the focal point has seen both"


def test_attack_a_double_click_empties_once(say, empty):
    say(**FULL)
    empty(base=1)
    response = empty(base=1)
    assert messages_on(response) == ["There are no changes to save."]
    assert len(revisions_of("I.13")) == 2


def test_attack_a_contributor_empties_nothing(say, carol, xaa, unit):
    say(**FULL)
    page = client_of(carol)
    assert 'value="no_information"' not in page.get(answer_address()).content.decode()
    typed = {"status": "no_information", "language": "en", "base": 1}
    assert "Choose a status." in words(page.post(answer_address(), typed))
    typed = {"unit": ["I-13"], "status": "no_information", "seen-I-13": "1.0", "act": "change"}
    assert "status" in page.post(reverse("bulk", args=["XAA"]), typed).context["form"].errors
    with pytest.raises(PermissionDenied):
        empty_answers(respondent=xaa, answers=[SeenAnswer(unit("I.13"), 1)], by=carol)
    assert len(revisions_of("I.13")) == 1


@pytest.mark.parametrize(
    "changed", [{"change_code": ""}, {"measures": "A law."}, {"ready": True}, {"status": "in_progress"}]
)
def test_attack_no_version_is_both_emptied_and_answered(owner, say, empty, changed):
    say(**FULL)
    empty(base=1)
    emptied = revisions_of("I.13")[-1]
    for name, value in {"pk": None, "number": 3, **changed}.items():
        setattr(emptied, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        emptied.save(force_insert=True)
