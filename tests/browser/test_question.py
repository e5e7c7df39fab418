"""What came back, by hand: from the desk to the questions, two answers, and the hand-in of these alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import enter, everywhere, is_sound
from tests.labels import titled
from tests.submissions import asked_about, handed_in, opened_round
from tracker.actions.record import Answer, save_answer
from tracker.models import Reply, Submission

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ASKED = {"IV.46(c)": "Which article provides for it?", "I.13": "Since when?", "II.8": "By whom?"}


@pytest.fixture
def desk(open_page, alice, xaa, bob, unit):
    """Open the desk as alice, after three questions were sent."""
    for label in ASKED:
        answer = Answer(status="implemented", measures="The Act of 2016.", ready=True)
        save_answer(respondent=xaa, unit=unit(label), base=0, answer=answer, by=alice)
    asked_about(handed_in(xaa, opened_round(bob), alice), ASKED, bob)

    def open_desk(**kwargs):
        page = enter(open_page(**kwargs), alice)
        page.goto("/desk/XAA/")
        return page

    return open_desk


@everywhere
def test_questions_are_answered_in_words_and_anew_and_handed_in(desk, width, javascript):
    page = desk(width=width, javascript=javascript)
    expect(page.get_by_role("heading", name="3 clarifications requested: XAA/2026/1")).to_be_visible()
    assert is_sound(page)

    page.get_by_role("link", name="Answer", exact=True).click()
    assert is_sound(page)
    page.get_by_label(f"Reply: {titled('I.13')}").fill("Since 2016.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Reply saved, not submitted")).to_be_visible()

    page.get_by_role("link", name=f"Change the answer: {titled('IV.46(c)')}").click()
    expect(page.get_by_role("region", name="Clarification requested")).to_contain_text(ASKED["IV.46(c)"])
    assert is_sound(page)
    page.get_by_label("Measures taken").fill("Article 9 of the Act of 2016.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Show all requests and reply").click()
    expect(page.get_by_text("Version 2 ready, not submitted")).to_be_visible()

    page.get_by_role("button", name="Check and submit").click()
    expect(page.get_by_text("1 request for clarification has no reply.")).to_be_visible()
    assert is_sound(page)
    page.get_by_label("Permit", exact=True).check()
    page.get_by_label("I submit with these gaps").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")
    expect(page.get_by_text("Replies to requests for clarification")).to_be_visible()
    assert Submission.everyones.get(number=2).replies(manager="everyones").count() == 1


@everywhere
def test_two_who_answer_at_once_lose_nothing(desk, width, javascript):
    first, second = (desk(width=width, javascript=javascript) for _tab in range(2))
    for page, said in ((first, "Since 2016."), (second, "Since 2017.")):
        page.goto("/submissions/XAA/2026/1/questions/")
        page.get_by_label(f"Reply: {titled('I.13')}").fill(said)
    for page in (first, second):
        page.get_by_role("button", name="Save").click()
    expect(second.get_by_role("alert")).to_contain_text("after you opened this page")
    expect(second.get_by_role("alert")).to_be_focused()
    expect(second.get_by_text("Since 2016.")).to_be_visible()
    expect(second.get_by_label(f"Reply: {titled('I.13')}")).to_have_value("Since 2017.")
    assert is_sound(second)
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text("1 reply saved. The Secretariat can read it after you submit it.")).to_be_visible()
    assert list(Reply.everyones.order_by("number").values_list("text", flat=True)) == ["Since 2016.", "Since 2017."]
