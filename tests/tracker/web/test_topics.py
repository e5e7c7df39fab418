"""To which section of help, and to which page of the menu, each page belongs."""

import re

import pytest

from tests.conftest import make_person
from tests.test_walk import ADMIN, URLS
from tests.tracker.queries.test_help import leads_to_section
from tracker.models import Respondent
from tracker.models.user import Role
from tracker.queries.help import guide_address
from tracker.urls import urlpatterns  # noqa: F401  # they name the sections
from tracker.web.menu import OF_CONTRIBUTOR, OF_PUBLIC, OF_SECRETARIAT, OF_STATE
from tracker.web.topics import MENU_PAGES, SECTIONS, SECTIONS_IN_PART

pytestmark = pytest.mark.one_database

LINK = re.compile(r'<a class="help-link[^"]*" href="([^"]*)">([^<]*)</a>')


def help_link(client, path: str) -> list[tuple[str, str]]:
    """Return (address, words) of the link to help on a page."""
    return LINK.findall(client.get(path).content.decode())


@pytest.mark.parametrize("section", sorted({*SECTIONS.values(), *SECTIONS_IN_PART.values()}))
def test_each_topic_leads_to_a_section_of_a_guide(section):
    assert leads_to_section(guide_address(*section.split("#")))


def test_each_page_belongs_to_one_that_the_menu_links():
    menus = (OF_STATE, OF_CONTRIBUTOR, OF_SECRETARIAT, OF_PUBLIC)
    links = [link for menu in menus for link in menu.links]
    pages = {page.page for link in links for page in (link, *link.pages)}
    assert set(MENU_PAGES.values()) - pages == {"account_login", "account", "data"}


def test_each_page_of_the_admin_that_has_a_topic_exists():
    models = {name.rpartition("_")[0] for name in ADMIN}
    assert SECTIONS.keys() - {*URLS, *ADMIN, *models} == set()


@pytest.mark.django_db
def test_a_page_links_to_its_section_and_others_to_the_first_page_of_help(client, alice):
    assert help_link(client, "/") == [("/help/", "Help")]
    assert help_link(client, "/no-such-page/") == [("/help/", "Help")]
    assert help_link(client, "/figures/") == [("/help/public/#figures", "Help")]
    client.force_login(alice)
    assert help_link(client, "/desk/XAA/") == [("/help/focal-point/#overview", "Help")]
    assert help_link(client, "/desk/XAA/recommendations/I-13/") == [("/help/focal-point/#answer", "Help")]


@pytest.mark.django_db
def test_a_contributor_who_reads_a_part_is_led_to_the_guide_for_contributors(client, xaa):
    Respondent.objects.filter(pk=xaa.pk).update(opens_all_to_contributors=False)
    client.force_login(make_person("carol", Role.CONTRIBUTOR, xaa))
    assert help_link(client, "/desk/XAA/") == [("/help/contributor/#your-answers", "Help")]
    assert help_link(client, "/desk/XAA/evidence/") == [("/help/focal-point/#evidence", "Help")]


@pytest.mark.django_db
def test_pages_of_the_admin_link_to_the_guide_of_their_model(administrator, curator):
    assert help_link(administrator, "/admin/tracker/membership/add/") == [("/help/administrator/#roles", "Help")]
    family = "/admin/recommendations/family/"
    assert help_link(curator, family) == [("/help/curator/#groups-and-references", "Help")]
    assert help_link(curator, "/admin/") == [("/help/", "Help")]
