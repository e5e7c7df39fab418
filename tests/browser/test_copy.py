"""Answer once by hand: an answer is copied within its family, and the copies are offered what it says later."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import enter, everywhere, scrolls_sideways, violations
from tracker.actions.record import Answer, save_answer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page_of(open_page, alice, xaa, unit):
    """The page of the answer to II.43 as alice, who has answered it, and V.35 otherwise."""
    for label, measures in (("II.43", "A bill on non-punishment."), ("V.35", "A bill on trafficking.")):
        answer = Answer(status="in_progress", measures=measures)
        save_answer(respondent=xaa, unit=unit(label), base=0, answer=answer, by=alice)

    def page_of(**kwargs):
        page = enter(open_page(**kwargs), alice)
        page.goto("/desk/XAA/recommendations/II-43/")
        return page

    return page_of


def stands_in_nobodys_way(page) -> None:
    assert violations(page) == []
    assert not scrolls_sideways(page)


@everywhere
def test_an_answer_is_copied_and_its_copies_are_offered_the_update(page_of, width, javascript):
    page = page_of(width=width, javascript=javascript)
    page.get_by_role("link", name="Copy this answer to related recommendations").click()
    for box in page.get_by_role("checkbox").all():
        expect(box).not_to_be_checked()
    stands_in_nobodys_way(page)

    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Select at least one recommendation.")
    stands_in_nobodys_way(page)
    page.get_by_role("checkbox", name="V.35").check()
    page.get_by_role("checkbox", name="II.44").check()
    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 answers will change")
    expect(page.locator("del")).to_contain_text(["trafficking"])
    stands_in_nobodys_way(page)

    page.get_by_role("button", name="Change selection").click()
    expect(page.get_by_role("checkbox", name="V.35")).to_be_checked()
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_role("button", name="Save 2 answers").click()
    expect(page.get_by_role("status").filter(has_text="was copied to 2 recommendations")).to_be_visible()

    page.get_by_label("Measures taken").fill("An act on non-punishment.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/desk/XAA/")
    page.get_by_role("region", name="Updates available").get_by_role("link", name="V.35").click()
    stands_in_nobodys_way(page)
    page.get_by_role("button", name="Accept update").click()
    expect(page.get_by_label("Measures taken")).to_have_value("An act on non-punishment.")
    page.goto("/desk/XAA/recommendations/?ready=update")
    expect(page.locator(".task .tag")).to_have_text(["Update available"])
    stands_in_nobodys_way(page)
    page.goto("/desk/XAA/recommendations/II-44/")
    page.get_by_role("link", name="Preview changes").click()
    page.get_by_role("button", name="Decline update").click()
    expect(page.get_by_label("Measures taken")).to_have_value("A bill on non-punishment.")
