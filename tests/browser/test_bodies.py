"""Pages with two bodies in a real browser: nothing for axe to find, nothing sideways, and the way between the two."""

from playwright.sync_api import expect

from recommendations.models import Family, FamilyMember
from tests.bodies import SLUG
from tests.browser.conftest import at_both_widths, enter, scrolls_sideways, tab, violations
from tests.thorough import some

PAGES = [
    "/desk/XAA/",
    f"/desk/XAA/?body={SLUG}",
    f"/desk/XAA/recommendations/?body={SLUG}",
    f"/desk/XAA/recommendations/{SLUG}/I-1/",
    f"/desk/XAA/report/?body={SLUG}",
    f"/desk/XAA/report/?body={SLUG}&show=all",
    "/recommendations/",
    f"/recommendations/{SLUG}/",
    f"/recommendations/{SLUG}/I-1/",
    "/recommendations/families/non-punishment/",
    "/recommendations/themes/legislation/",
]


@at_both_widths
def test_pages_of_two_bodies(open_page, alice, unit, second_body, width):
    family = Family.objects.get(slug="non-punishment")
    FamilyMember.objects.create(family=family, recommendation=unit(f"{SLUG}/I.1"), kind="full")
    page = enter(open_page(), alice)
    page.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        page.goto(path)
        assert not scrolls_sideways(page)
        if path in some(PAGES):
            assert violations(page) == []


def test_one_goes_from_one_body_to_the_other_and_stays_there(visit, alice, second_body):
    page = visit(alice, "/desk/XAA/")
    page.get_by_role("link", name="Working Group on Invented Smuggling").click()
    tab(page, "Recommendations")
    expect(page.get_by_text("Answered: 0 of 4 · Ready: 0")).to_be_visible()
    page.get_by_role("link", name="I.2(a)", exact=True).click()
    expect(page).to_have_url(f"{page.url.partition('/desk')[0]}/desk/XAA/recommendations/{SLUG}/I-2-a/")
    page.get_by_role("radio", name="In progress").check()
    page.get_by_label("Measures taken").fill("Marks are printed.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"{SLUG}/I.2(a): saved as version 1.")).to_be_visible()
