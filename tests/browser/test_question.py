"""What came back, by hand: from the desk to the questions, and replies of each kind, submitted by themselves."""

from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound
from tests.labels import titled
from tests.submissions import asked_about, opened_round, submit_ready
from tracker.models import Reply, Submission

ASKED = {"IV.46(c)": "Which article provides for it?", "I.13": "Since when?", "II.8": "By whom?"}


@pytest.fixture
def desk(visit, alice, xaa, bob, say):
    """Open the desk as alice, after three questions were sent."""
    for label in ASKED:
        say(label, measures="The Act of 2016.", ready=True)
    asked_about(submit_ready(xaa, opened_round(bob), alice), ASKED, bob)

    return partial(visit, alice, "/desk/XAA/")


@everywhere
def test_clarifications_are_answered_with_replies_and_changed_answers_and_submitted(desk, width, javascript):
    page = desk(width=width, javascript=javascript)
    expect(page.get_by_role("heading", name="3 clarifications requested: XAA/2026/1")).to_be_visible()
    assert is_sound(page)

    page.get_by_role("link", name="Reply", exact=True).click()
    assert is_sound(page)
    page.get_by_label(f"Reply: {titled('I.13')}").fill("Since 2016.")
    page.get_by_role("button", name=f"Change the answer: {titled('IV.46(c)')}").click()
    expect(page.get_by_role("region", name="Clarification requested")).to_contain_text(ASKED["IV.46(c)"])
    assert is_sound(page)
    page.get_by_label("Measures taken").fill("Article 9 of the Act of 2016.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Show all requests and reply").click()
    expect(page.get_by_text("Version 2 ready, not submitted")).to_be_visible()

    expect(page.get_by_label(f"Reply: {titled('I.13')}")).to_have_value("Since 2016.")
    page.get_by_label("Submit version 2 of the answer").check()
    page.locator("[name=II-8-has_nothing_further]").check()
    page.get_by_role("button", name="Submit replies").click()
    expect(page.get_by_role("alert")).to_contain_text("Select the box to confirm that nothing identifies a victim.")
    assert is_sound(page)
    page.get_by_label("To my knowledge, nothing in the replies").check()
    page.get_by_role("button", name="Submit replies").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")
    expect(page.get_by_text("All other answers are as in the submission before.")).to_be_visible()
    assert is_sound(page)
    assert len(Submission.everyones.get(number=2).replies) == 2
    page.goto("/submissions/XAA/2026/1/questions/")
    expect(page.get_by_text("Every request for clarification has a reply.")).to_be_visible()
    assert is_sound(page)


def test_a_version_that_is_not_marked_ready_fits_a_phone(desk, say):
    say("I.13", "in_progress", base=1)
    page = desk(width=320)
    expect(page.get_by_text("Version 2 is not marked ready and is not submitted")).to_be_visible()
    assert is_sound(page)


@everywhere
def test_two_who_reply_at_once_lose_nothing(desk, width, javascript):
    first, second = (desk(width=width, javascript=javascript) for _tab in range(2))
    for page, said in ((first, "Since 2016."), (second, "Since 2017.")):
        page.goto("/submissions/XAA/2026/1/questions/")
        page.get_by_label(f"Reply: {titled('I.13')}").fill(said)
        page.get_by_label("To my knowledge, nothing in the replies").check()
    for page in (first, second):
        page.get_by_role("button", name="Submit replies").click()
    expect(second.get_by_role("alert")).to_contain_text("Your reply was not submitted.")
    expect(second.get_by_role("alert")).to_be_focused()
    expect(second.get_by_text("Since 2016.")).to_be_visible()
    expect(second.get_by_label(f"Reply: {titled('I.13')}")).to_have_value("Since 2017.")
    assert is_sound(second)
    second.get_by_label(f"Reply: {titled('II.8')}").fill("By the police.")
    second.get_by_label("To my knowledge, nothing in the replies").check()
    second.get_by_role("button", name="Submit replies").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")
    assert list(Reply.everyones.order_by("pk").values_list("text", flat=True)) == ["Since 2016.", "By the police."]
