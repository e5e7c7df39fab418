"""Count the clicks of the main tasks, from the overview: a select counts one, typing and the file dialog none."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from tests.browser.conftest import is_sound
from tests.conftest import PASSWORD, make_person
from tests.labels import titled
from tests.questionnaires import filled
from tests.submissions import asked_about, close_round, opened_round, save_many, send_answer, submit_ready
from tests.thorough import in_turn
from tracker.actions.assignment import assign
from tracker.actions.institution import add_institution, set_institution
from tracker.actions.record import Answer
from tracker.models import Assignment, Confirmation, EvidenceVersion, Record, Revision, Submission, User
from tracker.models.user import Role
from tracker.queries.desk.units import by_theme, unit_rows


class Clicks:
    def __init__(self):
        self.count = 0

    def __call__(self, control: Locator) -> None:
        control.click()
        self.count += 1


@pytest.fixture
def click():
    return Clicks()


def test_mark_42_answers_ready_and_submit(visit, click, alice, bob, xaa):
    units = list(xaa.units_to_answer().with_text().order_by("position")[:150])
    answers = {
        unit: Answer(status="implemented", measures="The Act.", ready=place >= 42) for place, unit in enumerate(units)
    }
    save_many(xaa, answers, alice)
    opened_round(bob)
    page = visit(alice, "/desk/XAA/")
    click(page.get_by_role("link", name="Check and submit"))
    click(page.get_by_role("button", name="Mark all 42 ready and include"))
    click(page.get_by_label("I have seen these gaps"))
    click(page.get_by_role("button", name="Submit 150 answers"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")
    assert Submission.everyones.get().counts["answered"] == 150
    assert click.count == 4


@pytest.mark.parametrize("javascript", [True, False])
def test_confirm_200_answers_in_a_second_round_by_theme(visit, click, alice, bob, xaa, javascript):
    """A day that is typed counts as a click."""
    units = list(xaa.units_to_answer().with_text().order_by("position")[:201])
    answers = {unit: Answer(status="implemented", measures=f"The Act on {unit.label}.", ready=True) for unit in units}
    old = timezone.localdate() - timedelta(days=731)
    answers[units[0]] = replace(answers[units[0]], situation_as_at=old)
    save_many(xaa, answers, alice)
    first = opened_round(bob)
    submit_ready(xaa, first, alice)
    close_round(first)
    opened_round(bob, "2028")
    page = visit(alice, "/desk/XAA/", javascript=javascript)
    click(page.get_by_role("link", name="Check and submit"))
    click(page.get_by_role("link", name="Still correct"))
    expect(page.get_by_text("Situation older than two years")).to_be_visible()
    assert is_sound(page)
    button = page.get_by_role("button", name="Confirm ")
    page.get_by_label("Still correct as at").fill("30 November 2026")
    click.count += 1
    while button.count():
        expect(page.get_by_label("Still correct as at")).to_have_value("30 November 2026")
        click(button)
        expect(page.get_by_text("Confirmed as still correct:")).to_be_visible()
    expect(page.get_by_role("heading", name="1 answer to read first")).to_be_visible()
    assert Confirmation.everyones.count() == 200
    click(page.get_by_role("link", name="Check and submit").first)
    click(page.get_by_label("I have seen these gaps"))
    click(page.get_by_role("button", name="Submit 200 answers"))
    expect(page.get_by_text("Confirmed unchanged 200")).to_be_visible()
    assert click.count <= 40


def test_answer_the_next_open_recommendation_with_one_file(visit, click, alice):
    page = visit(alice, "/desk/XAA/")
    click(page.get_by_role("link", name="Start", exact=True))
    click(page.locator("[name=status][value=implemented]"))
    click(page.get_by_text("Add evidence", exact=True))
    page.locator("[name=new-upload]").set_input_files({"name": "Act.txt", "mimeType": "", "buffer": b"Article 9"})
    page.locator("[name=new-kind]").select_option("law")
    click.count += 1
    click(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("1 evidence item cited")).to_be_visible()
    assert EvidenceVersion.everyones.get().title == "Act"
    assert click.count == 5


@pytest.mark.parametrize("width", [1280, 320])
def test_reply_to_one_clarification(visit, click, alice, bob, xaa, width, say):
    say("I.13", measures="The Act of 2016.", ready=True)
    asked_about(submit_ready(xaa, opened_round(bob), alice), {"I.13": "Which article?"}, bob)
    page = visit(alice, "/desk/XAA/", width)
    click(page.get_by_role("link", name="Reply", exact=True))
    page.get_by_label(f"Reply: {titled('I.13')}").fill("Article 9.")
    click(page.get_by_label("To my knowledge, nothing in the replies"))
    click(page.get_by_role("button", name="Submit replies"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")
    assert Submission.everyones.get(number=2).is_reply
    assert click.count == 3


@pytest.fixture
def carol(closed_to_contributors, xaa, alice, unit):
    """A contributor with five recommendations."""
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    assign(respondent=xaa, units=[unit(label) for label in FIVE], to=carol, by=alice)
    return carol


FIVE = ("I.13", "I.14", "I.16(a)", "II.8", "II.44")


def test_a_contributor_answers_and_sends(visit, click, carol):
    page = visit(carol, "/desk/XAA/")
    click(page.get_by_role("link", name=f"Open the answer : {titled('I.13')}"))
    click(page.get_by_role("radio", name="Implemented").first)
    page.get_by_label("Measures taken").fill("An act.")
    click(page.get_by_role("button", name="Save and send to the focal point"))
    expect(page.get_by_text("1 answer sent to the focal point")).to_be_visible()
    assert Assignment.everyones.get(unit__label="I.13").state == "ready"
    assert click.count == 3


@pytest.mark.parametrize("width", [1280, 320])
def test_accept_five_answers_after_reading_each(visit, click, alice, carol, xaa, unit, width):
    for label in FIVE:
        send_answer(respondent=xaa, unit=unit(label), by=carol)
    page = visit(alice, "/desk/XAA/", width)
    click(page.get_by_role("link", name="Check answers"))
    for label in FIVE:
        expect(page.get_by_role("heading", name=label)).to_be_visible()
        expect(page.get_by_text("A bill.")).to_be_visible()
        if label in in_turn(FIVE, 0):
            assert is_sound(page)
        click(page.get_by_role("button", name="Accept and mark ready"))
    expect(page.get_by_text("No answers to check")).to_be_visible()
    assert set(Record.everyones.values_list("current__ready", flat=True)) == {True}
    assert click.count == 6


@pytest.mark.parametrize("width", [1280, 320])
def test_assign_31_to_three_ministries_and_accept_a_file(visit, click, alice, xaa, width):
    """Two ministries get a Word file, which is downloaded too."""
    groups = sorted(by_theme(unit_rows(xaa, alice).to_answer), key=lambda group: len(group.rows))
    themes = next(three for three in combinations(groups, 3) if sum(len(group.rows) for group in three) >= 31)
    names = [f"Ministry of {name}" for name in ("Health", "Justice", "Labour")]
    for name in names:
        justice = add_institution(respondent=xaa, name=name, kind="ministry", by=alice)
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    set_institution(membership=carol.memberships.get(), institution=justice, by=alice)
    page = visit(alice, "/desk/XAA/", width)
    click(page.get_by_role("link", name="Assign recommendations"))
    for name, group in zip(names, themes, strict=True):
        click(page.locator(f"[name=section][value={group.of.slug}]"))
        page.get_by_label("Assign to", exact=True).select_option(label=name)
        click.count += 1
        click(page.get_by_role("button", name="Assign", exact=True))
        expect(page.get_by_text(f"assigned to {name}.")).to_be_visible()
        if name != names[-1]:
            with page.expect_download() as download:
                click(page.get_by_role("link", name=f"Download Word : {name}"))
            file = Path(download.value.path()).read_bytes()
    assert Assignment.everyones.count() >= 31
    assert click.count == 12

    click.count = 0
    back = filled(file, {f"{themes[1].rows[0].unit.slug}/status/implemented": True})
    page.goto("/desk/XAA/")
    click(page.get_by_role("link", name="Upload a returned file"))
    page.locator("[name=upload]").set_input_files({"name": "back.docx", "mimeType": "", "buffer": back})
    click(page.get_by_role("button", name="Upload", exact=True))
    click(page.get_by_role("button", name="Accept selected"))
    expect(page.get_by_text("1 suggestion accepted and saved as a new version.")).to_be_visible()
    assert Record.everyones.get(current__ready=True).recommendation == themes[1].rows[0].unit
    assert click.count == 3


def test_answers_are_checked_with_the_keyboard(visit, alice, carol, xaa, unit):
    for label in FIVE:
        send_answer(respondent=xaa, unit=unit(label), by=carol)
    page = visit(alice, "/desk/XAA/assignments/check/")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="I.14")).to_be_visible()
    for _answer in range(4):
        with page.expect_navigation():
            page.keyboard.press("a")
    expect(page.get_by_role("heading", name="I.13")).to_be_visible()
    assert Assignment.everyones.filter(state="accepted").count() == 4


def reach(page, name: str) -> int:
    """Press Tab until a control of this name has the focus, and count."""
    for count in range(1, 90):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "const at = document.activeElement;"
            "[at.innerText, at.ariaLabel, ...[...at.labels ?? []].map((label) => label.innerText)].join(' ')"
        )
        if name in " ".join(found.split()):
            return count
    pytest.fail(f"the keyboard does not reach {name}")


@pytest.mark.parametrize(("who", "first"), [("carol", "Open the answer"), ("alice", "Start")])
def test_from_signing_in_to_a_saved_answer_takes_few_keys(who, first, visit, alice, carol):
    """Each press counts, typing does not."""
    User.objects.update(welcomed_at=timezone.now())
    page = visit(None, "/accounts/login/")
    keys = {"address": reach(page, "E-mail address")}
    page.keyboard.insert_text(f"{who}@example.org")
    keys["password"] = reach(page, "Password") + 1
    page.keyboard.insert_text(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/XAA/")
    keys["main content"] = reach(page, "Skip to main content") + 1
    page.keyboard.press("Enter")
    keys["answer"] = reach(page, first) + 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/recommendations/**")
    keys["form"] = reach(page, "Skip to main content") + 1
    page.keyboard.press("Enter")
    keys["status"] = reach(page, "Implemented") + 1
    page.keyboard.press("Space")
    keys["measures and saving"] = reach(page, "Measures taken") + 1
    page.keyboard.insert_text("An act.")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("saved as version 1.")).to_be_visible()
    assert Revision.everyones.get().measures == "An act."
    assert sum(keys.values()) <= 45, keys
