"""A curator compares an Arabic document with the paper, with and without JavaScript. All sentences are invented."""

import pytest
from playwright.sync_api import expect

from recommendations.models import Recommendation, Translation
from tests.browser.test_accessibility import faults
from tests.official_texts import issued_text


@pytest.mark.parametrize("javascript", [True, False])
def test_official_texts_are_compared_corrected_and_published(visit, dana, javascript):
    nodes = list(
        Recommendation.objects.filter(meeting__number__in=(3, 7)).select_related("meeting").order_by("position")
    )
    page = visit(dana, "/curate/official-texts/", javascript=javascript)
    page.get_by_label("Language").select_option("ar")
    page.get_by_label("Official source").fill("INVENTED/1")
    page.get_by_label("Or paste the text of the document").fill(issued_text("ar", nodes))
    page.get_by_role("button", name="Compare with the paper").click()
    note = page.locator(".official-paragraph").filter(has_text="رقم III")
    note.get_by_label("Label of the adopted text").fill("III")
    note.get_by_label("Label of the adopted text").press("Enter")
    expect(page.get_by_role("heading", name=f"{len(nodes)} of 317 texts paired")).to_be_visible()
    if javascript:
        assert faults(page) == []
    page.get_by_role("button", name=f"Publish {len(nodes)} official texts").click()
    expect(page.get_by_text(f"{len(nodes)} official texts were published.")).to_be_visible()
    assert Translation.objects.filter(language="ar").count() == len(nodes)
