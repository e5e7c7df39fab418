"""A curator enters a text by its label, with JavaScript or without."""

from playwright.sync_api import expect

from recommendations.models import Currency
from tests.browser.conftest import everywhere


@everywhere
def test_a_curator_records_a_date_of_a_text_by_its_label(visit, dana, unit, width, javascript):
    page = visit(dana, "/admin/recommendations/currency/add/", width, javascript)
    page.get_by_label("Recommendation").fill("i 7 a")
    page.get_by_label("Kind").select_option("date")
    page.locator("#id_date").fill("soon")
    page.get_by_label("Words").fill("public education curricula")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Recommendation")).to_have_value("i 7 a")
    page.locator("#id_date").fill("30 June 2027")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Currency.objects.get(recommendation=unit("I.7(a)")).words == "public education curricula"
