"""By hand, documents in forms that the program did not know become wholly right within 25 actions."""

import json
from pathlib import Path

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
        self.main.get_by_label(name).fill(words)
        self.actions += 1

    def import_document(self, path: Path) -> None:
        self.page.goto("/curate/intake/add/")
        self.main.get_by_label("File").set_input_files(path)
        self.press("Import as a draft")

    def confirm_part(self, words: str) -> None:
        """Confirm what is proposed for a chapter, an annex or a resolution."""
        part = self.page.locator(".import-table > .import-part", has=self.page.get_by_role("heading", name=words))
        part.get_by_role("button", name="as proposed").first.click()
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


@everywhere
def test_a_report_with_a_table_becomes_right_by_hand(width, javascript, open_page, dana, bob):
    hand = Hand(enter(open_page(width, javascript), dana))
    hand.import_document(SAMPLES / "D.docx")
    assert is_sound(hand.page)
    hand.choose(WGTIP)
    hand.press("Save")
    assert is_sound(hand.page)
    for part in ["United Nations", "Introduction", "Recommendations", "Summary", "Adoption", "Annex"]:
        hand.confirm_part(part)
    hand.settle("This text names two addressees", "All addressees that the text names")
    hand.settle("The addressee is only implied", "The proposed addressee")
    hand.settle("The document does not print the number", "Yes, the label is right")
    publish(hand, enter(open_page(width, javascript), bob))

    assert differences(truth_of("D"), published()) == []
    assert hand.actions <= MOST


@everywhere
def test_reported_speech_becomes_right_by_hand(width, javascript, open_page, dana, bob):
    hand = Hand(enter(open_page(width, javascript), dana))
    hand.import_document(SAMPLES / "E.docx")
    hand.choose("Another body")
    hand.fill("Name of the new body", "Working Group on the Smuggling of Migrants")
    hand.fill("Short name of the body", "smuggling")
    hand.press("Save")
    for part in ["United Nations", "Introduction", "Summary", "Recommendations", "assistance", "Organization"]:
        hand.confirm_part(part)
    hand.settle("The document does not print the number", "Yes, the label is right")
    publish(hand, enter(open_page(), bob))

    assert differences(truth_of("E"), published()) == []
    assert hand.actions <= MOST


@everywhere
def test_a_paragraph_and_a_doubt_are_sound_pages(width, javascript, open_page, dana):
    page = enter(open_page(width, javascript), dana)
    Hand(page).import_document(SAMPLES / "D.pdf")
    address = f"/curate/intake/{PaperImport.objects.get().pk}/"
    row = PaperImport.objects.get().paragraphs.get(label="XVIII.2")

    for place in (address, f"{address}?show=two_addressees", f"{address}texts/{row.pk}/", f"{address}publish/"):
        page.goto(place)
        assert is_sound(page)
