"""Who has a role, whose ends soon and who is notified, and who is listed as a contact point."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.access import keep_note
from tests.catalogue_events import later_events
from tests.conftest import make_person, make_state, with_second_factor
from tests.thorough import times
from tracker.actions.directory import list_person, list_respondent
from tracker.actions.notification import choose_notifications
from tracker.demo.clock import on_day
from tracker.models import Institution, User
from tracker.models.user import Role
from tracker.queries.desk.team import directory, members, memberships_to_end
from tracker.queries.reminders import reminders_by_person

pytestmark = pytest.mark.django_db


def run() -> str:
    said = StringIO()
    call_command("send_reminders", stdout=said)
    return said.getvalue()


def ends_in(person: User, days: int) -> datetime.date:
    until = timezone.localdate() + datetime.timedelta(days=days)
    person.memberships.update(until=until)
    return until


def told() -> set[tuple[str, str]]:
    return {(who.name, each.path) for (who, _of), found in reminders_by_person().items() for each in found}


# A role that ends


def test_ending_contributor_roles_are_notified_30_and_7_days_before(smtp, alice, erin, charlie, xaa, carol):
    ends_in(carol, 31)
    assert run() == "0 mails sent.\n"
    until = ends_in(carol, 30)
    assert run() == "2 mails sent.\n"
    assert told() == {("Carol", "/account/"), ("Alice", "/desk/XAA/people/")}
    assert set(smtp.subjects) == {"Dates that passed or come soon: Arandia"}
    said = f"Person: “Carol”. Role: Contributor · Arandia. Last day: {until:%-d %B %Y}."
    assert said in " ".join(smtp.texts()[0].split())
    assert run() == "0 mails sent.\n"
    with on_day(until - datetime.timedelta(days=7)):
        assert run() == "2 mails sent.\n"


def test_administrators_are_also_notified_of_a_focal_points_last_day(smtp, alice, erin, xaa):
    make_person("anna", Role.FOCAL_POINT, xaa)
    ends_in(alice, 7)
    assert run() == "3 mails sent.\n"
    membership = alice.memberships.get()
    assert told() == {
        ("Alice", "/account/"),
        ("Anna", "/desk/XAA/people/"),
        ("Erin", f"/admin/tracker/membership/{membership.pk}/change/"),
    }


def test_an_ending_secretariat_role_is_notified_to_person_and_administrators(smtp, bob, erin):
    ends_in(bob, 7)
    assert run() == "2 mails sent.\n"
    assert {name for name, _path in told()} == {"Bob", "Erin"}


def test_a_person_who_does_not_want_notifications_is_not_notified(smtp, alice, xaa, carol):
    choose_notifications(wanted=set(), by=carol)
    ends_in(carol, 7)
    run()
    assert smtp.recipients == ["alice@example.org"]


def test_a_warning_that_does_not_hold_any_more_is_not_sent(smtp, alice, xaa, carol, settings):
    from tests.smtp import by_smtp, free_port
    from tracker.actions.notification import write_reminders

    ends_in(carol, 7)
    by_smtp(settings, free_port())
    write_reminders()
    by_smtp(settings, smtp.port)
    ends_in(carol, 300)
    assert run() == "0 mails sent.\n"
    assert smtp.messages == []


def test_a_role_of_fewer_days_is_given_without_a_warning(alice, xaa, carol):
    today = timezone.localdate()
    carol.memberships.update(since=today, until=today + datetime.timedelta(days=5))
    assert memberships_to_end(members(xaa)) == []
    carol.memberships.update(until=today + datetime.timedelta(days=20), since=today - datetime.timedelta(days=20))
    assert [membership.user for membership in memberships_to_end(members(xaa))] == [carol]


def test_the_desk_warns_of_the_readers_own_role_and_the_page_of_people_of_all(client, alice, xaa, carol):
    ends_in(carol, 12)
    warning = "Roles ending soon"
    client.force_login(carol)
    assert warning in client.get("/desk/XAA/").content.decode()
    client.force_login(alice)
    assert warning not in client.get("/desk/XAA/").content.decode()
    assert warning in client.get("/desk/XAA/people/").content.decode()


# The page of people


def test_people_are_listed_by_role_and_name_without_former_members(alice, charlie, xaa):
    for name, role in (("victor", Role.VIEWER), ("zoe", Role.CONTRIBUTOR), ("carol", Role.CONTRIBUTOR)):
        make_person(name, role, xaa)
    gone, off = make_person("gone", Role.VIEWER, xaa), make_person("off", Role.VIEWER, xaa)
    gone.memberships.update(ended_at=timezone.now())
    User.objects.filter(pk=off.pk).update(is_active=False)
    assert [membership.user.name for membership in members(xaa)] == ["Alice", "Carol", "Zoe", "Victor"]


def test_a_focal_point_changes_institution_and_last_day_and_ends_a_role(desk, xaa, carol):
    justice = Institution.everyones.create(respondent=xaa, name="Ministry of Justice")
    path = f"/desk/XAA/people/{carol.memberships.get().pk}/"
    assert desk.post(path, {"institution": justice.pk, "until": "2099-01-31"}).status_code == 302
    membership = carol.memberships.get()
    assert (membership.institution, membership.until) == (justice, datetime.date(2099, 1, 31))
    wrong = desk.post(path, {"institution": "", "until": "2020-01-31"})
    assert list(wrong.context["form"].errors) == ["until"]
    assert 'value="2020-01-31"' in wrong.content.decode()
    desk.post(path, {"step": "end"})
    assert User.objects.get(pk=carol.pk).current_memberships == []
    assert desk.get(path).status_code == 404


def test_a_focal_point_does_not_end_another(desk, xaa):
    anna = make_person("anna", Role.FOCAL_POINT, xaa)
    path = f"/desk/XAA/people/{anna.memberships.get().pk}/"
    assert desk.post(path, {"step": "end"}).status_code == 403
    assert "until" not in desk.get(path).context["form"].fields


def test_the_role_of_another_state_is_not_there(desk, charlie):
    for path in ("/desk/XAA/people/", "/desk/XBB/people/"):
        assert desk.post(f"{path}{charlie.memberships.get().pk}/", {"step": "end"}).status_code == 404


# The directory


@pytest.fixture
def listed(alice, charlie, xaa, xbb):
    """Both States agree; alice with her address, charlie without his."""
    for person, respondent, with_address in ((charlie, xbb, False), (alice, xaa, True)):
        list_respondent(respondent=respondent, listed=True, by=person)
        list_person(listed=True, with_address=with_address, by=person)


def in_directory() -> list[tuple[str, list[str]]]:
    return [(contact.respondent.code, [m.user.name for m in contact.memberships]) for contact in directory()]


def test_who_agrees_is_listed_in_un_alphabetical_order(officer, listed, alice, xaa):
    alice.memberships.update(institution=Institution.everyones.create(respondent=xaa, name="Ministry of Justice"))
    assert in_directory() == [("XAA", ["Alice"]), ("XBB", ["Charlie"])]
    page = officer.get("/directory/").content.decode()
    assert "Ministry of Justice" in page
    assert "alice@example.org" in page
    assert "charlie@example.org" not in page


def test_both_the_state_and_the_person_agree(listed, alice, charlie, xaa):
    anna = make_person("anna", Role.FOCAL_POINT, xaa)
    list_respondent(respondent=charlie.respondents[0], listed=False, by=charlie)
    assert in_directory() == [("XAA", ["Alice"])]
    list_person(listed=True, with_address=False, by=anna)
    list_person(listed=False, with_address=True, by=alice)
    assert in_directory() == [("XAA", ["Anna"])]
    assert User.objects.get(pk=alice.pk).address_in_directory is False


def test_a_state_whose_people_do_not_agree_is_not_named(officer, listed, alice):
    list_person(listed=False, with_address=False, by=alice)
    assert "Arandia" not in officer.get("/directory/").content.decode()


def test_only_current_focal_points_are_listed(listed, alice, xaa, carol):
    User.objects.filter(pk=carol.pk).update(in_directory=True)
    alice.memberships.update(ended_at=timezone.now())
    assert in_directory() == [("XBB", ["Charlie"])]


def test_each_chooses_on_a_page(desk, xaa):
    desk.post("/desk/XAA/people/directory/", {"listed": "yes"})
    desk.post("/account/directory/", {"listed": "on", "with_address": "on"})
    assert in_directory() == [("XAA", ["Alice"])]
    assert desk.get("/account/directory/").context["form"].initial == {"listed": True, "with_address": True}
    desk.post("/desk/XAA/people/directory/", {"listed": "no"})
    assert in_directory() == []
    assert list(later_events().values_list("action", "chain", "after").order_by("pk")) == [
        ("directory chosen", "XAA", "listed"),
        ("directory chosen", "site", "listed with the address"),
        ("directory chosen", "XAA", "not listed"),
    ]


def test_it_is_not_public(client, listed):
    assert client.get("/directory/").status_code == 302


@pytest.mark.parametrize("states", [1, times(8, 30)])
def test_the_directory_takes_few_queries(officer, states, django_assert_max_num_queries):
    for number in range(states):
        state = make_state(f"XD{number}", f"State {number}", in_directory=True)
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        User.objects.filter(pk=person.pk).update(in_directory=True)
    with django_assert_max_num_queries(15):
        assert len(officer.get("/directory/").context["contacts"]) == states


def test_the_document_that_appointed_is_for_administrators_and_that_states_focal_points(client, alice, xaa, erin):
    from django.core.files.storage import default_storage

    name = keep_note(alice, b"Arandia appoints.")
    path = f"/appointments/{alice.memberships.get().pk}/document/"
    for person in (alice, erin):
        client.force_login(person)
        response = client.get(path)
        assert b"".join(response.streaming_content) == b"Arandia appoints."
        assert response["Content-Disposition"] == 'attachment; filename="note.txt"'
    default_storage.delete(name)
    assert client.get(path).status_code == 404
    client.force_login(with_second_factor(make_person("ben", Role.REVIEWER)))
    assert client.get(path).status_code == 404
