"""A curator decides about each paragraph of the next paper, at each width and without JavaScript."""

import os

from playwright.sync_api import expect

from tests.browser.conftest import enter, everywhere, follow, is_sound, press
from tests.papers import NINTH, taken_in

SHOTS = os.environ.get("SHOTS")
PAPER = NINTH.partition("\n¹")[0].replace("¹", "").replace("good practices.", "good good practices")


@everywhere
def test_the_next_paper_is_decided_paragraph_by_paragraph(width, javascript, open_page, dana):
    draft = taken_in(dana, PAPER)
    page = enter(open_page(width, javascript), dana)
    main, address = page.get_by_role("main"), f"/curate/intake/{draft.pk}/"

    def sound(name: str) -> None:
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
        assert is_sound(page)

    page.goto(address)
    expect(main.get_by_role("heading", name="0 of 8 paragraphs decided")).to_be_visible()
    sound("table")
    main.get_by_role("button", name="Confirm 6 paragraphs as proposed : IX. Ninth meeting").click()
    expect(main.get_by_role("heading", name="6 of 8 paragraphs decided")).to_be_visible()

    page.goto(f"{address}?open=3")
    main.get_by_role("checkbox", name="3. Measures should be taken").check()
    main.get_by_role("button", name="Topic", exact=True).click()
    expect(page.get_by_text("1 paragraph was decided.")).to_be_visible()

    page.goto(f"{address}?show=cut")
    sound("doubt")
    main.get_by_role("link", name="Edit : The Secretariat should compile").click()
    sound("paragraph")
    main.get_by_label("Text", exact=True).fill("The Secretariat should compile good practices.")
    main.get_by_label("Is this text complete?").check()
    press(page, "Save")
    expect(page.get_by_text("Your changes were saved.")).to_be_visible()
    main.get_by_label("Label").fill("Two")
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("Enter a label such as IX.4")
    sound("error")

    for name in ("Document details", "Correct texts with a file", "Delete the draft"):
        page.goto(address)
        follow(page, name)
        sound(name)

    text = draft.paragraphs.get(label="IX.2")
    assert (text.text, text.settled) == ("The Secretariat should compile good practices.", ["cut"])
    assert draft.paragraphs.get(is_topic=True).label == "IX.3"
