"""Quotations in a paper, from the officer's choice to the objection of the State, without JavaScript; and everyone's
practices. Nothing for axe to find, wide and narrow, in both directions.
"""

import dataclasses
import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import enter
from tests.browser.test_accessibility import faults
from tests.submissions import STATED, opened_round, release_of_few, submit_ready
from tracker.actions.record import Answer, save_answer

ENDLESS = "Donaudampfschifffahrt" * 9
PAID = "يُصرف التعويض من الصندوق."
ARABIC = f"{PAID} لا يلزم إدانة الجاني. {ENDLESS}"


@pytest.fixture
def quotable(xaa, alice, bob, unit) -> None:
    answer = Answer(status="implemented", measures=ARABIC, language="ar", ready=True)
    practice = dataclasses.replace(answer, good_practice=True, good_practice_shared=True)
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=practice, by=alice)
    round_ = opened_round(bob, meetings=[1])
    submit_ready(xaa, round_, alice, dataclasses.replace(STATED, quoted=True, published=True))
    release_of_few(round_, bob)


def test_an_arabic_answer_is_assigned_translated_and_quoted(visit, quotable, alice, bob, unit):
    page = visit(bob, "/review/?language=ar", javascript=False)
    page.get_by_label("Select XAA/2026/1").check()
    page.get_by_label("Assign to").select_option("Bob")
    page.get_by_role("button", name="Assign selected readings").click()
    expect(page.locator("table.queue")).to_contain_text("Assigned, not started")
    page.get_by_role("button", name="Start reading").click()
    page.get_by_role("link", name="Write a courtesy translation").click()
    page.get_by_role("textbox", name="Courtesy translation").fill("Compensation is paid from the fund.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".review-item")).to_contain_text("Unofficial courtesy translation into English")

    page = visit(bob, f"/progress/paper/quotations/?theme={unit('I.13').primary_theme.slug}", javascript=False)
    page.get_by_role("link", name="Quote").click()
    page.get_by_label("Words to quote").fill(PAID)
    page.get_by_label("Words of the translation").fill("Compensation is paid from the fund.")
    page.get_by_role("button", name="Put in the tray").click()
    expect(page.locator("#tray blockquote").first).to_have_text("يُصرف التعويض من الصندوق. […]")
    page.get_by_label("Last day for objections").fill((timezone.localdate() + datetime.timedelta(days=5)).isoformat())
    page.get_by_role("button", name="Notify the States").click()
    expect(page.locator("#tray")).to_contain_text("The State can object until")

    page = visit(alice, "/desk/XAA/quotations/", javascript=False)
    page.get_by_role("link", name="Object to this quotation").click()
    page.get_by_label("Reason").fill("Out of date.")
    page.get_by_role("button", name="Object").click()
    expect(page.get_by_role("main")).to_contain_text("The quotation does not appear in the paper.")


def test_no_page_has_an_accessibility_fault(open_page, quotable, alice, bob, unit):
    page, found = enter(open_page(), bob), []
    tray = f"/progress/paper/quotations/?theme={unit('I.13').primary_theme.slug}"
    for path in (tray, "/progress/paper/quotations/2026/XAA/I-13/measures/"):
        page.goto(path)
        found += faults(page)
    page.get_by_role("link", name="Write a courtesy translation").click()
    page.get_by_role("textbox", name="Courtesy translation").fill(ENDLESS)
    found += faults(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Words to quote").fill(f"{PAID} […] {ENDLESS}")
    page.get_by_label("Words of the translation").fill(ENDLESS)
    page.get_by_role("button", name="Put in the tray").click()
    found += faults(page)
    page.get_by_label("Last day for objections").fill((timezone.localdate() + datetime.timedelta(days=5)).isoformat())
    page.get_by_role("button", name="Notify the States").click()
    enter(page, alice).goto("/desk/XAA/quotations/")
    found += faults(page)
    page.get_by_role("link", name="Object to this quotation").click()
    found += faults(page)
    page = open_page()
    for path in ("/practices/", "/practices/?by=group", "/practices/I-13/"):
        page.goto(path)
        found += faults(page)
    assert found == []


def test_a_long_word_does_not_widen_the_list_behind_a_figure(visit, quotable, bob):
    page = visit(bob, "/progress/behind/?round=2026&status=answered")
    expect(page.locator(".behind-said")).to_contain_text(ENDLESS[:50])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
