"""Signing out: of one's own sessions by oneself, of all of them where a role ends."""

import datetime
from urllib.parse import urlencode

import pytest
from django.middleware.csrf import get_token
from django.utils import timezone

from tests.access import given_role
from tests.catalogue_events import later_events
from tests.client import Client
from tests.conftest import PASSWORD, make_person
from tracker.actions import user as people
from tracker.actions.draft import keep_form
from tracker.actions.session import end_session, end_sessions_elsewhere
from tracker.models import Draft, Membership, Record, Session, User
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert is_signed_in(client) is True
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def end(erin, alice):
    people.end_membership(membership=alice.memberships.get(), by=erin, leaves_desk=True)


def deactivate(erin, alice):
    people.close_account(user=alice, by=erin)


@pytest.mark.parametrize("act", [end, deactivate])
def test_who_is_let_go_is_signed_out_everywhere_and_nobody_else(act, erin, alice, charlie):
    here, there, other = signed_in(alice), signed_in(alice), signed_in(charlie)
    act(erin, alice)
    assert alice.sessions.count() == 0
    assert (is_signed_in(here), is_signed_in(there), is_signed_in(other)) == (False, False, True)


def test_who_has_another_role_signs_in_again(erin, alice, xbb):
    Membership.objects.create(user=alice, role=Role.VIEWER, respondent=xbb)
    here = signed_in(alice)
    people.end_membership(membership=alice.memberships.get(role=Role.FOCAL_POINT), by=erin, leaves_desk=True)
    assert is_signed_in(here) is False
    assert signed_in(alice).get("/desk/XBB/").status_code == 200


def test_unsaved_input_is_deleted_with_the_sessions_of_its_author(erin, alice, charlie):
    for person in (alice, charlie):
        keep_form(page="/x/", fields={"measures": ["Words"]}, author=person.pk)
    end(erin, alice)
    assert [draft.author for draft in Draft.everyones.all()] == [charlie]


class Upload:
    """The body of a request, which takes so long that meanwhile something happens."""

    def __init__(self, body: bytes, happens):
        self.body, self.happens = body, happens

    def read(self, size: int = -1) -> bytes:
        if self.happens:
            self.happens()
            self.happens = None
        size = len(self.body) if size < 0 else size
        read, self.body = self.body[:size], self.body[size:]
        return read

    readline = read


def test_a_request_under_way_is_refused_after_signing_out(erin, alice):
    """Who sends it is asked when all of it has come."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    token = get_token(client.get("/desk/XAA/recommendations/I-13/").wsgi_request)
    body = urlencode({"status": "implemented", "measures": "Late", "csrfmiddlewaretoken": token}).encode()
    sent = {
        "wsgi.input": Upload(body, lambda: end(erin, alice)),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }
    response = client.generic("POST", "/desk/XAA/recommendations/I-13/", **sent)
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/")
    assert Record.everyones.count() == 0


def ends_tonight(user: User) -> datetime.datetime:
    user.memberships.update(until=timezone.localdate())
    return timezone.make_aware(datetime.datetime.combine(timezone.localdate(), datetime.time.min)) + datetime.timedelta(
        days=1
    )


def test_a_session_ends_with_the_last_day_of_a_role(alice):
    midnight = ends_tonight(alice)
    signed_in(alice)
    assert alice.sessions.get().expire_date <= midnight


def test_an_open_session_ends_with_the_new_roles_last_day(erin, greta, xbb):
    frida = make_person("frida")
    signed_in(frida)
    later = timezone.now() + datetime.timedelta(days=3)
    Session.objects.update(expire_date=later, ends_by=later)
    today = timezone.localdate()
    given_role(frida, Role.VIEWER, xbb, since=today, until=today, by=(erin, greta))
    session = frida.sessions.get()
    assert session.expire_date == session.ends_by == ends_tonight(frida)


def test_a_role_that_ended_before_ends_no_session(alice, xbb):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Membership.objects.create(user=alice, role=Role.VIEWER, respondent=xbb, since="2026-01-01", until=yesterday)
    signed_in(alice)
    assert alice.sessions.get().ends_by > timezone.now() + datetime.timedelta(hours=11)


def test_a_person_ends_one_of_their_sessions_or_all_others(alice, charlie):
    here, there, third, other = signed_in(alice), signed_in(alice), signed_in(alice), signed_in(charlie)
    number = there.session.row_key
    assert end_session(number=number, by=alice) == 1
    assert [is_signed_in(client) for client in (here, there, third, other)] == [True, False, True, True]
    assert end_sessions_elsewhere(row_key=here.session.row_key, by=alice) == 1
    assert [is_signed_in(client) for client in (here, third, other)] == [True, False, True]
    told = later_events().values_list("action", "target", "after")
    assert list(told) == [("sessions ended", f"person {alice.pk}", "1")] * 2


def test_nobody_ends_the_session_of_another(alice, charlie):
    theirs = signed_in(charlie)
    assert end_session(number=charlie.sessions.get().pk, by=alice) == 0
    assert end_session(number="", by=alice) == 0
    assert is_signed_in(theirs) is True
    assert later_events().count() == 0


def test_a_viewer_has_sessions_like_everybody(xaa, victor):
    signed_in(victor)
    assert victor.sessions.count() == 1
