"""Several answers by hand: selected in the list, changed together, and one of them undone."""

from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound
from tests.labels import titled


@everywhere
def test_answers_are_ticked_in_the_list_and_changed_together(visit, alice, unit, width, javascript, say):
    say("II.8", "in_progress", measures="A bill.", lead_institution="Ministry of Justice")
    page = visit(alice, "/desk/XAA/recommendations/?meeting=2&group=meeting", width=width, javascript=javascript)
    assert is_sound(page)
    for label in ("II.8", "II.9"):
        page.get_by_role("checkbox", name=f"Select {unit(label).label_with_title}", exact=True).check()
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    page.get_by_label("Ready").select_option("Ready")
    page.get_by_label("Lead institution", exact=False).first.fill("Cabinet Office")
    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("alert")).to_contain_text(
        f"{titled('II.9')}: There is no information yet. Choose a status as well"
    )
    expect(page.get_by_label("Lead institution", exact=False).first).to_have_value("Cabinet Office")
    assert is_sound(page)

    page.get_by_label("Status").select_option("Partially implemented")
    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 answers will change")
    assert is_sound(page)
    page.get_by_role("button", name="Save 2 answers").click()
    expect(
        page.get_by_role("status").filter(has_text="2 answers changed, each saved as a new version.")
    ).to_be_visible()
    assert "meeting=2" in page.url
    expect(page.locator(".task", has_text="Cabinet Office")).to_have_count(2)

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="2 answers restored as they were before.")).to_be_visible()
    page.goto("/desk/XAA/recommendations/II-8/")
    expect(page.get_by_label("Lead institution")).to_have_value("Ministry of Justice")
    expect(page.get_by_label("Measures taken")).to_have_value("A bill.")
