"""A curator chooses a text by typing its label, under the policy of the site."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import at_both_widths, enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@at_both_widths
def test_a_text_is_chosen_by_its_label_in_any_spelling(open_page, dana, width):
    page = enter(open_page(width), dana)
    page.goto("/admin/recommendations/lineage/add/")
    page.locator(".field-source [role=combobox]").click()
    expect(page.locator(".select2-search__field")).to_be_focused()
    page.keyboard.type("iv 46 i ii")
    found = page.get_by_role("option", name="IV.46(i)(ii) Criminal damages and compensation or restitution orders")
    found.click()
    expect(page.locator(".field-source [role=combobox]")).to_contain_text("IV.46(i)(ii) Criminal damages")
