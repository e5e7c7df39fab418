"""Count the clicks of the main tasks, from the overview: a select counts one, typing and the file dialog none."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import enter
from tests.submissions import opened_round, save_many
from tracker.actions.record import Answer
from tracker.models import EvidenceVersion, Submission

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Clicks:
    def __init__(self):
        self.count = 0

    def __call__(self, control: Locator) -> None:
        control.click()
        self.count += 1


@pytest.fixture
def click():
    return Clicks()


def test_mark_42_answers_ready_and_submit(open_page, click, alice, bob, xaa):
    units = list(xaa.units_to_answer().with_text().order_by("position")[:150])
    answers = {
        unit: Answer(status="implemented", measures="The Act.", ready=place >= 42) for place, unit in enumerate(units)
    }
    save_many(xaa, answers, alice)
    opened_round(bob)
    page = enter(open_page(), alice)
    page.goto("/desk/XAA/")
    click(page.get_by_role("link", name="Check and submit"))
    click(page.get_by_role("button", name="Mark all 42 ready and include"))
    click(page.get_by_label("I submit with these gaps"))
    click(page.get_by_role("button", name="Submit 150 answers"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")
    assert Submission.everyones.get().counts["answered"] == 150
    assert click.count == 4


def test_answer_the_next_open_recommendation_with_one_file(open_page, click, alice):
    page = enter(open_page(), alice)
    page.goto("/desk/XAA/")
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
