"""A State on its way through a round, by hand: early, after the due date, out of the round, and asked twice."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from recommendations.days import day_in_words
from tests.browser.conftest import enter, follow, is_sound, open_item, press, tab
from tests.labels import titled
from tests.submissions import close_round, opened_round
from tracker.models import Participation, Round, Submission

ANSWERED = ("I.13", "II.8")


@pytest.fixture
def people(open_page, alice, bob, say) -> tuple[Page, Page]:
    """Alice of Arandia and bob of the Secretariat, each at a browser; a round is open, and two answers are ready."""
    for label in ANSWERED:
        say(label, measures="The Act of 2016.", ready=True)
    opened_round(bob)
    return enter(open_page(), alice), enter(open_page(), bob)


def submit(alice: Page, answers: int) -> None:
    """From the overview to the receipt."""
    alice.goto("/desk/XAA/")
    follow(alice, "Check and submit")
    alice.get_by_label("I have seen these gaps").check()
    press(alice, f"Submit {answers} answers")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")


def reply(alice: Page) -> None:
    """Submit the replies of the page, up to the receipt."""
    alice.get_by_label("To my knowledge, nothing in the replies").check()
    press(alice, "Submit replies")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")


def ask(bob: Page, label: str, request: str) -> None:
    """From the answers that are read to a request that is sent."""
    open_item(bob, label)
    bob.get_by_label("Clarification requested").check()
    bob.get_by_label("Request for clarification").fill(request)
    bob.get_by_role("button", name="Save").click()
    follow(bob, "Send 1 request")
    press(bob, "Send 1 request")


def test_a_state_that_submits_early_submits_again_while_it_is_read(people):
    alice, bob = people
    submit(alice, 2)
    bob.goto("/")
    tab(bob, "Submissions")
    press(bob, "Start reading : XAA/2026/1")
    ask(bob, "II.8", "By whom?")

    alice.goto("/desk/XAA/recommendations/I-14/")
    alice.get_by_role("radio", name="Implemented").first.check()
    alice.get_by_label("Measures taken").fill("The Act of 2024.")
    press(alice, "Save")
    alice.goto("/desk/XAA/")
    expect(alice.get_by_text("Answered, not submitted: 1")).to_be_visible()
    follow(alice, "Check and submit")
    press(alice, "Mark 1 answer ready and include")
    submit(alice, 3)
    alice.goto("/desk/XAA/")
    expect(alice.get_by_text("Answered, not submitted: 0")).to_be_visible()
    expect(alice.get_by_role("heading", name="1 clarification requested")).to_be_visible()

    tab(bob, "Submissions")
    expect(bob.get_by_role("row", name="Arandia")).to_have_count(1)
    follow(bob, "Arandia")
    expect(bob.get_by_role("main")).to_contain_text("XAA/2026/2")
    assert list(Participation.everyones.values_list("current__number", "state", "taken_by__name")) == [
        (2, "clarification_requested", "Bob")
    ]


def test_a_state_submits_after_the_due_date_and_before_the_round_closes(people):
    alice, bob = people
    today = timezone.localdate()
    yesterday, moved, closes_on = (day_in_words(today + datetime.timedelta(days=days)) for days in (-1, 20, 30))
    Round.objects.update(opens_on=today - datetime.timedelta(days=90), due_on=today - datetime.timedelta(days=1))
    bob.goto("/")
    tab(bob, "Rounds")
    follow(bob, "Round 2026")
    bob.get_by_role("textbox", name="Closing date").fill(closes_on)
    press(bob, "Set the closing date")
    expect(bob.get_by_text(f"Closes on {closes_on}")).to_be_visible()
    assert is_sound(bob)

    alice.goto("/desk/XAA/")
    expect(alice.get_by_text("Later submissions are welcome; the receipt shows the date.")).to_be_visible()
    expect(alice.get_by_text(f"Closes on {closes_on}")).to_be_visible()
    submit(alice, 2)
    expect(alice.get_by_text(f"{yesterday} · Received after the due date")).to_be_visible()
    press(alice, "Mark as complete for this round")
    assert is_sound(alice)

    tab(bob, "Submissions")
    line = bob.get_by_role("row", name="Arandia")
    expect(line).to_contain_text("Received after the due date")
    expect(line).to_contain_text("Complete for this round")

    tab(bob, "Rounds")
    follow(bob, "Round 2026")
    bob.get_by_label("New due date").fill(moved)
    bob.get_by_label("Reason").fill("Holidays.")
    press(bob, "Move the due date")
    assert is_sound(bob)
    tab(bob, "Submissions")
    expect(line).to_contain_text("Complete for this round")
    expect(line).not_to_contain_text("Received after the due date")
    alice.reload()
    expect(alice.get_by_text(f"{yesterday} · Moved to {moved}")).to_be_visible()


def test_a_state_withdraws_and_returns_to_the_same_answers(people, open_page):
    alice, bob = people
    anyone = open_page()
    alice.goto("/desk/XAA/")
    follow(alice, "Check and submit")
    alice.get_by_label("Publish immediately after submission").check()
    alice.get_by_label("I have seen these gaps").check()
    press(alice, "Submit 2 answers")
    anyone.goto("/published/XAA/2026/1/")
    expect(anyone.get_by_text("Submission XAA/2026/1")).to_be_visible()

    follow(alice, "Withdraw from the round")
    alice.get_by_label("Reason").fill("A ministry did not agree.")
    press(alice, "Withdraw from the round")
    expect(alice.get_by_text("A ministry did not agree.")).to_be_visible()
    anyone.reload()
    expect(anyone.get_by_role("heading", level=1)).to_contain_text("Unpublished on")
    bob.goto("/")
    tab(bob, "Submissions")
    expect(bob.get_by_text("No submissions", exact=True)).to_be_visible()

    submit(alice, 2)
    expect(alice.get_by_text("XAA/2026/2").first).to_be_visible()
    expect(alice.get_by_text("XAA/2026/1")).to_have_count(0)
    anyone.reload()
    expect(anyone.get_by_role("heading", level=1)).to_contain_text("Unpublished on")
    bob.reload()
    expect(bob.get_by_role("row", name="Arandia")).to_contain_text("XAA/2026/2")
    assert Submission.everyones.count() == 2


def test_a_state_is_asked_twice_while_the_round_closes_in_between(people):
    alice, bob = people
    submit(alice, 2)
    bob.goto("/")
    tab(bob, "Submissions")
    press(bob, "Start reading : XAA/2026/1")
    ask(bob, "II.8", "By whom?")

    alice.goto("/desk/XAA/")
    follow(alice, "Reply")
    press(alice, f"Change the answer: {titled('II.8')}")
    alice.get_by_label("Measures taken").fill("The Act of 2016, by the Ministry of Justice.")
    press(alice, "Save")
    follow(alice, "Show all requests and reply")
    alice.get_by_label("Submit version 2 of the answer").check()
    reply(alice)

    tab(bob, "Submissions")
    follow(bob, "Arandia")
    ask(bob, "II.8", "Since when?")
    close_round(Round.objects.get())

    alice.goto("/desk/XAA/")
    expect(alice.get_by_text("Only open requests for clarification can be replied to.")).to_be_visible()
    follow(alice, "Clarifications")
    expect(alice.get_by_role("button", name="Submit")).to_have_count(0)
    assert is_sound(alice)
    follow(alice, "II.8")
    alice.get_by_label(f"Reply: {titled('II.8')}").fill("Since 2017.")
    reply(alice)

    tab(bob, "Submissions")
    follow(bob, "Arandia")
    follow(bob, "Clarifications: 1")
    open_item(bob, "II.8")
    expect(bob.get_by_text("Since 2017.")).to_be_visible()
    assert list(Participation.everyones.values_list("current__number", "state")) == [(3, "under_review")]
    assert [submission.counts["answered"] for submission in Submission.everyones.order_by("number")] == [2, 2, 2]
