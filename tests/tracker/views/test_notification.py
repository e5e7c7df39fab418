"""Which mail a person wants."""

import pytest

from tests.conftest import make_person
from tracker.actions.notification import choose_notifications
from tracker.models.notification import ALWAYS_SENT, NotificationKind
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("verified_after")]

URL = "/account/notifications/"


def offered(response) -> dict[str, bool]:
    """The kinds by value, and whether they are checked."""
    return {option.data["value"]: option.data["selected"] for option in response.context["form"]["wanted"].subwidgets}


OF_ITEMS = {"assigned", "returned"}
OF_A_CURATOR = {"status_reported", "paper_returned"}
OF_A_FOCAL_POINT = set(NotificationKind.values) - OF_ITEMS - OF_A_CURATOR - set(ALWAYS_SENT)


def test_all_kinds_that_can_concern_a_person_are_wanted_at_first(desk):
    assert offered(desk.get(URL)) == dict.fromkeys(OF_A_FOCAL_POINT, True)


def test_a_contributor_chooses_notifications_about_their_items_and_themselves(client, xaa):
    client.force_login(make_person("carol", Role.CONTRIBUTOR, xaa))
    kinds = OF_ITEMS | {"mentioned", "removal_requested", "reminders"}
    assert offered(client.get(URL)) == dict.fromkeys(kinds, True)


def test_a_viewer_chooses_notifications_about_mentions_and_the_role(client, xaa):
    client.force_login(make_person("victor", Role.VIEWER, xaa))
    assert offered(client.get(URL)) == {"mentioned": True, "reminders": True}


def test_an_officer_chooses_notifications_about_submissions(officer):
    assert offered(officer.get(URL)) == {"submitted": True, "withdrawn": True, "reminders": True}


def test_a_curator_chooses_notifications_about_treaty_status_and_papers(curator):
    assert offered(curator.get(URL)) == dict.fromkeys(OF_A_CURATOR | {"reminders"}, True)


def test_a_person_without_notifications_sees_a_message(client, db):
    client.force_login(make_person("frida"))
    response = client.get(URL)
    assert "You have no e-mail notifications" in response.content.decode()
    assert '<button class="button">Save' not in response.content.decode()


def test_what_is_unchecked_is_not_wanted_and_stays_so(desk, alice):
    response = desk.post(URL, {"wanted": ["submitted", "questions"]}, follow=True)
    assert "Your changes were saved." in response.content.decode()
    assert [kind for kind, wanted in offered(response).items() if wanted] == ["submitted", "questions"]
    desk.post(URL, {})
    alice.refresh_from_db()
    assert set(alice.unwanted_notifications) == OF_A_FOCAL_POINT


def test_what_cannot_be_chosen_is_refused_and_changes_nothing(officer, bob):
    choose_notifications(wanted={NotificationKind.SUBMITTED}, by=bob)
    for wanted in (["questions"], ["submitted", "\x00"], ["everything"]):
        response = officer.post(URL, {"wanted": wanted})
        assert response.status_code == 200
        assert "wanted" in response.context["form"].errors
    bob.refresh_from_db()
    assert bob.unwanted_notifications == ["withdrawn", "reminders"]


def test_it_is_linked_from_the_account(desk):
    assert f'href="{URL}"' in desk.get("/account/").content.decode()


def test_the_page_takes_few_queries(desk, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        desk.get(URL)
