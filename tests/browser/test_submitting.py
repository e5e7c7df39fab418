"""The story of a submission, by hand: submitted, asked about on three items, replied to, its reading closed, and the
receipt verified by somebody who is not signed in.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import enter, everywhere, is_sound, open_item, tab
from tests.submissions import opened_round
from tests.thorough import in_turn
from tracker.models import Participation, Submission

ASKED = {"I.13": "Since when?", "II.8": "By whom?", "IV.46(c)": "Which article provides for it?"}


@pytest.fixture
def people(open_page, alice, bob, say):
    """Alice of Arandia and bob of the Secretariat, each at a browser, and a stranger; a round is open."""
    for label in (*ASKED, "II.9"):
        say(label, measures="The Act of 2016.", ready=True)
    opened_round(bob)
    return lambda **kwargs: (enter(open_page(**kwargs), alice), enter(open_page(**kwargs), bob), open_page(**kwargs))


def submit(page, button: str, confirmation: str) -> str:
    """Confirm, and submit; the verification code of the receipt."""
    page.get_by_label(confirmation).check()
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")
    assert is_sound(page)
    return page.locator("dt:text-is('Verification code') + dd .proof").inner_text()


@everywhere
def test_answers_are_submitted_clarified_replied_to_closed_and_verified(people, width, javascript):
    alice, bob, stranger = people(width=width, javascript=javascript)
    alice.goto("/desk/XAA/")
    alice.get_by_role("link", name="Check and submit").click()
    assert is_sound(alice)
    alice.get_by_label("Note verbale").fill("NV 12/2026")
    alice.get_by_label("Note verbale").press("Enter")
    expect(alice.get_by_role("alert")).to_contain_text("There is 1 problem")
    expect(alice.get_by_role("alert")).to_be_focused()
    expect(alice.get_by_label("Note verbale")).to_have_value("NV 12/2026")
    assert is_sound(alice)
    submit(alice, "Submit 4 answers", "I have seen these gaps")
    expect(alice.get_by_text("NV 12/2026")).to_be_visible()
    assert Submission.everyones.get().note_verbale == "NV 12/2026"

    bob.goto("/")
    tab(bob, "Submissions")
    assert is_sound(bob)
    bob.get_by_role("button", name="Start reading : XAA/2026/1").click()
    assert is_sound(bob)
    for label, question in ASKED.items():
        open_item(bob, label)
        bob.get_by_label("Clarification requested").check()
        bob.get_by_label("Request for clarification").fill(question)
        if label in in_turn(list(ASKED), 0):
            assert is_sound(bob)
        bob.get_by_role("button", name="Save").click()
    alice.goto("/desk/XAA/")
    expect(alice.get_by_text("Clarification requested")).to_have_count(0)
    bob.get_by_role("link", name="Send 3 requests").click()
    assert is_sound(bob)
    bob.get_by_role("button", name="Send 3 requests").click()

    alice.reload()
    expect(alice.get_by_role("heading", name="3 clarifications requested: XAA/2026/1")).to_be_visible()
    alice.get_by_role("link", name="Reply", exact=True).click()
    for label in ASKED:
        alice.get_by_label(f"Reply: {label}").fill(f"To {label}: since 2016, article 9.")
    assert is_sound(alice)
    code = submit(alice, "Submit replies", "To my knowledge, nothing in the replies")

    bob.goto("/review/")
    bob.get_by_role("link", name="Arandia").click()
    bob.get_by_role("link", name="Clarifications: 3").click()
    open_item(bob, "II.8")
    expect(bob.get_by_text(ASKED["II.8"])).to_be_visible()
    expect(bob.get_by_text("To II.8: since 2016, article 9.")).to_be_visible()
    assert is_sound(bob)
    bob.get_by_role("link", name="Close the reading").click()
    assert is_sound(bob)
    bob.get_by_role("button", name="Close the reading").click()
    expect(bob.get_by_text("The reading is closed.")).to_be_visible()
    assert list(Participation.everyones.values_list("state", "unanswered")) == [("review_closed", 0)]

    stranger.goto("/verify/")
    assert is_sound(stranger)
    stranger.get_by_label("Verification code").fill(code)
    stranger.get_by_role("button", name="Verify").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Receipt confirmed")
    digest = Submission.everyones.get(number=2).digest
    expect(stranger.locator(".proof")).to_have_text(" ".join(digest[i : i + 8] for i in range(0, 64, 8)))
    assert is_sound(stranger)


def test_after_a_correction_a_link_returns_to_the_check(visit, alice, bob, say):
    say("II.8", measures="The Act.", ready=True)
    opened_round(bob)
    page = visit(alice, "/desk/XAA/")
    page.get_by_role("link", name="Check and submit").click()
    page.get_by_role("link", name="II.8", exact=True).first.click()
    page.get_by_label("Measures taken").fill("The Act of 2016.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Back to").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and submit")
