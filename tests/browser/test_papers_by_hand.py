"""By hand, documents in forms that the program did not know become wholly right within 25 actions."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recommendations.models import PaperImport, Recommendation
from tests.browser.conftest import enter, everywhere, is_sound, press
from tests.found_texts import differences

SAMPLES = Path(__file__).parents[1] / "samples"
WGTIP = "Working Group on Trafficking in Persons"
MOST = 25


class Hand:
    """Use pages as a person does. `actions` counts each press, link, fold, box, choice and field."""

    def __init__(self, page: Page):
        self.page, self.actions = page, 0
        self.main = page.get_by_role("main")

    def press(self, name: str) -> None:
        press(self.page, name)
        self.actions += 1

    def follow(self, name: str) -> None:
        self.main.get_by_role("link", name=name).first.click()
        self.actions += 1

    def choose(self, name: str) -> None:
        self.main.get_by_label(name).first.check()
        self.actions += 1

    def fill(self, name: str, words: str) -> None:
        field = self.main.get_by_label(name)
        if field.evaluate("field => field.localName") == "select":
            field.select_option(words)
        else:
            field.fill(words)
        self.actions += 1

    def import_document(self, path: Path) -> None:
        self.page.goto("/curate/intake/add/")
        self.main.get_by_label("File").set_input_files(path)
        self.press("Import as a draft")

    def save_details(self) -> None:
        """Confirm each detail that has a box, and save all of them once."""
        for box in self.main.get_by_role("checkbox").all():
            box.check()
            self.actions += 1
        self.press("Save")
        expect(self.main.get_by_role("heading", name="paragraphs decided")).to_be_visible()

    def confirm_parts(self) -> None:
        """Confirm what is proposed for each chapter, annex and resolution."""
        parts = self.page.locator(".import-table > .import-part", has_text="to decide")
        for left in reversed(range(parts.count())):
            parts.first.get_by_role("button", name="as proposed").first.click()
            expect(parts).to_have_count(left)
            self.actions += 1

    def settle(self, doubt: str, answer: str) -> None:
        """Give all paragraphs with a doubt the same answer."""
        self.follow(doubt)
        self.choose(answer)
        self.main.get_by_role("checkbox", name="paragraph").first.check()
        self.actions += 1
        self.press("Settle")


def publish(hand: Hand, officer: Page) -> None:
    """Request the publication, which a second person confirms."""
    hand.page.goto(f"/curate/intake/{PaperImport.objects.get().pk}/publish/")
    hand.press("Request publication")
    assert is_sound(hand.page)
    officer.goto(f"/curate/intake/{PaperImport.objects.get().pk}/publish/")
    assert is_sound(officer)
    officer.get_by_role("main").get_by_role("button", name="Publish").click()
    expect(officer.get_by_text("The paper was published.")).to_be_visible()


def published() -> list[Recommendation]:
    nodes = Recommendation.objects.with_text().filter(meeting__number__gt=8)
    return list(nodes.prefetch_related("addressees").order_by("position"))


def truth_of(name: str) -> dict:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


NUMBERS = ("The document does not print the number", "Yes, the label is right")
TWO = ("This text names two addressees", "All addressees that the text names")
IMPLIED = ("The text does not say whom it addresses", "The proposed addressee")
NOBODY = ("No addressee found", "Nobody: no answer is requested")
CONFERENCE = "Conference of the Parties to the United Nations Convention against Transnational Organized Crime"
# What a person enters and settles for a document: its details by label, and the answer to each doubt.
BY_HAND: dict[str, tuple[dict[str, str], list[tuple[str, str]]]] = {
    "A": ({"Meetings": "XXI. Twenty-first meeting, Vienna, 13 to 15 May 2031"}, [TWO, IMPLIED]),
    "B": (
        {
            "Name of the new body": "Working Group on International Cooperation",
            "Short name of the body": "cooperation",
            "Kind of paper": "report",
        },
        [TWO, IMPLIED],
    ),
    "C": ({"Name of the new body": CONFERENCE, "Short name of the body": "conference"}, [NOBODY, TWO]),
    "D": ({}, [TWO, IMPLIED, NUMBERS]),
    "E": (
        {
            "Name of the new body": "Working Group on the Smuggling of Migrants",
            "Short name of the body": "smuggling",
        },
        [NUMBERS],
    ),
    "F": ({"Name of the new body": CONFERENCE, "Short name of the body": "conference"}, [NOBODY]),
}


def assert_right_by_hand(name: str, page: Page, officer: Page) -> None:
    hand, (details, doubts) = Hand(page), BY_HAND[name]
    hand.import_document(SAMPLES / f"{name}.docx")
    assert is_sound(page)
    hand.choose("Another body" if "Name of the new body" in details else WGTIP)
    for label, value in details.items():
        hand.fill(label, value)
    hand.save_details()
    assert is_sound(page)
    hand.confirm_parts()
    for doubt, answer in doubts:
        hand.settle(doubt, answer)
    publish(hand, officer)

    assert differences(truth_of(name), published()) == []
    assert hand.actions <= MOST


@pytest.mark.parametrize("name", ["A", "B", "C", "F"])
def test_a_paper_becomes_right_by_hand(name, open_page, dana, bob):
    assert_right_by_hand(name, enter(open_page(), dana), enter(open_page(), bob))


@everywhere
def test_a_report_with_a_table_becomes_right_by_hand(width, javascript, open_page, dana, bob):
    assert_right_by_hand("D", enter(open_page(width, javascript), dana), enter(open_page(width, javascript), bob))


@everywhere
def test_reported_speech_becomes_right_by_hand(width, javascript, open_page, dana, bob):
    assert_right_by_hand("E", enter(open_page(width, javascript), dana), enter(open_page(), bob))


@everywhere
def test_a_paragraph_and_a_doubt_are_sound_pages(width, javascript, open_page, dana):
    page = enter(open_page(width, javascript), dana)
    Hand(page).import_document(SAMPLES / "D.pdf")
    address = f"/curate/intake/{PaperImport.objects.get().pk}/"
    row = PaperImport.objects.get().paragraphs.get(label="XVIII.2")

    for place in (address, f"{address}?show=two_addressees", f"{address}texts/{row.pk}/", f"{address}publish/"):
        page.goto(place)
        assert is_sound(page)
