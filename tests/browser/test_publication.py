"""A State publishes what it submitted, and anybody reads it; on a telephone and without JavaScript too."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import enter, everywhere, scrolls_sideways, violations
from tests.conftest import make_person, make_state
from tests.evidence_items import add_item
from tests.submissions import opened_round, submit_ready
from tests.thorough import in_turn
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use
from tracker.models.respondent import StateGroup
from tracker.models.user import Role

MEASURES = "صندوق للتعويض منذ عام 2016"
PATH = "/published/XAA/2026/1/"


@pytest.fixture
def submission(xaa, alice, bob, say):
    law = add_item(xaa, alice, "قانون", language="ar", disclosure="public", url="https://example.org/" + "act" * 40)
    for label in ("I.7(a)", "I.7(b)"):
        say(label, measures=MEASURES * 20, language="ar", ready=True, citations=[(law, "المادة 9")])
    return submit_ready(xaa, opened_round(bob), alice)


def faults(page) -> list[str]:
    found = violations(page)
    return [*found, f"{page.url} scrolls sideways"] if scrolls_sideways(page) else found


@everywhere
def test_a_state_publishes_anybody_reads_and_it_is_taken_back(open_page, submission, alice, width, javascript):
    own = enter(open_page(width, javascript), alice)
    stranger = open_page(width, javascript)
    own.goto("/submissions/XAA/2026/1/")
    own.get_by_role("link", name="Preview and publish").click()
    found = faults(own)
    own.get_by_role("button", name="Publish XAA/2026/1").click()
    expect(
        own.get_by_role("link", name="Select the box to confirm that you have seen what will become public.")
    ).to_be_visible()
    found += faults(own)
    own.get_by_label("I have seen what will become public").check()
    own.get_by_role("button", name="Publish XAA/2026/1").click()
    found += faults(own)
    own.get_by_role("link", name="at the public address").click()
    expect(own).to_have_url(re.compile(f"{PATH}$"))

    stranger.goto("/published/")
    found += faults(stranger)
    stranger.get_by_role("link", name="XAA/2026/1").click()
    measures = stranger.locator("dd", has_text=MEASURES).first
    expect(measures).to_have_attribute("dir", "rtl")
    expect(measures).to_have_attribute("lang", "ar")
    found += faults(stranger)

    own.goto("/submissions/XAA/2026/1/take-back/")
    own.get_by_role("button", name="Unpublish XAA/2026/1").click()
    expect(own.get_by_role("main")).to_contain_text("Unpublished")
    assert stranger.goto(PATH).status == 410
    expect(stranger.get_by_role("heading", level=1)).to_have_text(re.compile("Unpublished on"))
    assert found + faults(stranger) == []


@everywhere
def test_the_public_pages_with_something_on_them(open_page, bob, unit, width, javascript):
    round_ = opened_round(bob)
    for number in range(5):
        state = make_state(f"X{chr(65 + number)}A", f"Land {number}", regional_group=StateGroup.AFRICAN)
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        for label in ("I.13", "II.44"):
            answer = Answer(status="in_progress", ready=True)
            save_answer(respondent=state, unit=unit(label), base=0, answer=answer, by=person)
        change_use(submission=submit_ready(state, round_, person), published=True, by=person)
    page = open_page(width, javascript)
    found = []
    for place, path in enumerate(("/", "/figures/", "/data/", "/published/", "/recommendations/I-13/")):
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach((details) => { details.open = true })")
        for direction in in_turn(("ltr", "rtl"), place):
            page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
            found += faults(page)
    assert found == []
