"""Inviting on the page of people, and accepting by the link that a real mail server was given."""

import re

import pytest
from django.utils import timezone

from tests.client import Client
from tests.conftest import PASSWORD, make_person, reread
from tests.pages import messages_on
from tests.smtp import by_smtp, free_port
from tests.thorough import times
from tracker.actions.access_change import confirm_access_change, request_address
from tracker.models import Institution, Invitation, Membership, Session, User
from tracker.models.invitation import InvitationStage
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db]

ADD, PEOPLE, ACCEPT = "/desk/XAA/people/invite/", "/desk/XAA/people/", "/invitations/accept/"
FRIDA = "frida@example.org"


def page_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def link(desk, smtp, django_capture_on_commit_callbacks):
    """Invite an address on the page; return the path of the link that was mailed."""

    def link(email=FRIDA, **typed):
        with django_capture_on_commit_callbacks(execute=True):
            response = desk.post(ADD, {"email": email, "role": "contributor", "institution": "", "until": ""} | typed)
        assert (response.status_code, response["Location"]) == (302, PEOPLE)
        return re.search(r"http://127\.0\.0\.1:8000(/\S+)", smtp.texts()[-1])[1]

    return link


def joined(client: Client, **typed):
    return client.post(ACCEPT, {"name": "Frida", "password1": PASSWORD, "password2": PASSWORD} | typed, follow=True)


def test_a_new_form_and_a_refused_form_do_not_say_not_saved_yet(desk):
    new, refused = desk.get(ADD), desk.post(ADD, {"email": "frida"})
    assert list(refused.context["form"].errors) == ["email", "role"]
    assert "Not saved yet." not in page_of(new) + page_of(refused)


def test_an_invited_person_signs_in_with_the_password_they_set(desk, link, client, xaa):
    justice = Institution.everyones.create(respondent=xaa, name="Ministry of Justice")
    path = link(institution=justice.pk)
    page = page_of(desk.get(PEOPLE))
    assert FRIDA in page
    assert "Waiting; valid until" in page
    form = client.get(path, follow=True)
    assert form.redirect_chain == [(ACCEPT, 302)]
    assert "<bdi>Alice</bdi> has invited you. State: <b>Arandia</b>. Role: Contributor." in page_of(form)
    assert "Ministry of Justice" in page_of(form)
    assert form["Cache-Control"] == "private, no-store"
    assert form["Referrer-Policy"] == "same-origin"
    done = joined(client)
    assert "You have joined the team: Arandia." in page_of(done)
    client.post("/accounts/login/", {"login": FRIDA, "password": PASSWORD})
    assert client.get("/desk/XAA/").status_code == 200
    page = page_of(desk.get(PEOPLE))
    assert "Waiting" not in page
    assert "Frida" in page


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_mail_server_is_reported_and_links_sent_later(desk, settings):
    server = settings.MAILERS
    by_smtp(settings, free_port())
    typed = {"email": FRIDA, "role": "contributor", "institution": "", "until": ""}
    saved = f"The invitation is saved, but no e-mail could be sent to {FRIDA}. Send a new link later."
    assert messages_on(desk.post(ADD, typed, follow=True)) == [saved]
    step = f"/desk/XAA/people/invitations/{Invitation.everyones.get().pk}/"
    assert messages_on(desk.post(step, {"step": "renew"}, follow=True)) == [saved]
    settings.MAILERS = server
    assert messages_on(desk.post(step, {"step": "renew"}, follow=True)) == [f"The invitation was sent to {FRIDA}."]


def test_only_the_link_contains_the_token(link, client):
    path = link()
    page = client.get(path, follow=True)
    token = path.split("/")[2]
    assert token not in page.content.decode()
    assert token not in page.request["PATH_INFO"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "F\x00"}, "name"),
        ({"name": "F" * 201}, "name"),
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"password1": "frida@example.org", "password2": "frida@example.org"}, "password1"),
        ({"password2": "another one entirely"}, "password2"),
    ],
)
def test_an_error_is_shown_at_its_field_and_nobody_joins(link, client, wrong, field):
    client.get(link())
    response = joined(client, **wrong)
    assert list(response.context["form"].errors) == [field]
    assert User.objects.filter(email=FRIDA).exists() is False
    joined(client)
    assert User.objects.filter(email=FRIDA).exists() is True


def test_who_has_joined_and_presses_again_or_opens_the_link_again_is_led_to_sign_in(link, client):
    path = link()
    client.get(path)
    joined(client)
    for page in (joined(client), client.get(path, follow=True)):
        assert "If you have accepted the invitation, you need no link." in page_of(page)
        assert '<a class="button" href="/accounts/login/">Sign in</a></p>' in page_of(page)


def test_who_has_an_account_signs_in_and_then_accepts(link, client, charlie):
    path = link(charlie.email, role="viewer")
    page = client.get(path, follow=True)
    assert "Sign in with this address to accept the invitation." in page_of(page)
    assert "password1" not in page_of(page)
    data = {"login": charlie.email, "password": PASSWORD, "next": ACCEPT}
    page = client.post("/accounts/login/", data, follow=True)
    assert page.redirect_chain == [(ACCEPT, 302)]
    done = client.post(ACCEPT, follow=True)
    assert done.redirect_chain == [("/desk/XAA/", 302)]
    assert User.objects.get(pk=charlie.pk).has_role(Role.VIEWER, respondent=Invitation.everyones.get().respondent)


def test_who_joins_with_an_account_that_begins_afresh_signs_in_again(link, client, xaa, erin, greta):
    """Administrators changed the address of the account before."""
    frida = make_person("former")
    change = request_address(user=frida, email=FRIDA, by=erin)
    confirm_access_change(change=change, by=greta)
    client.force_login(reread(frida))
    client.get(link())
    response = client.post(ACCEPT, follow=True)
    assert response.redirect_chain == [("/desk/XAA/", 302), ("/accounts/login/?next=/desk/XAA/", 302)]
    assert "You have joined the team: Arandia." in page_of(response)
    assert reread(frida).respondents == [xaa]


def test_who_is_signed_in_as_somebody_else_does_not_accept(officer, link, charlie):
    path = link(charlie.email)
    assert "Sign out and open the link again" in page_of(officer.get(path, follow=True))
    officer.post(ACCEPT)
    assert Invitation.everyones.get().state == InvitationStage.WAITING


@pytest.mark.parametrize("token", ["A" * 43, "x", "A" * 5000])
def test_a_link_that_is_none_leaves_no_session(client, db, token):
    assert "This invitation is no longer valid" in page_of(client.get(f"/invitations/{token}/", follow=True))
    assert Session.objects.count() == 0


def accept(path, desk, client):
    client.get(path)
    joined(client)


def renew(path, desk, client):
    desk.post(f"{PEOPLE}invitations/{Invitation.everyones.get().pk}/", {"step": "renew"})


def withdraw(path, desk, client):
    desk.post(f"{PEOPLE}invitations/{Invitation.everyones.get().pk}/", {"step": "withdraw"})


def expire(path, desk, client):
    Invitation.everyones.update(expires_at=timezone.now())


def end_inviter(path, desk, client):
    Membership.objects.filter(user__name="Alice").update(ended_at=timezone.now())


@pytest.mark.parametrize("stop", [accept, renew, withdraw, expire, end_inviter])
def test_a_link_that_has_stopped_is_answered_as_one_that_never_was(stop, desk, link, client, settings):
    path = link()
    stop(path, desk, Client())
    never = client.get(f"/invitations/{'A' * 43}/", follow=True)
    stopped = client.get(path, follow=True)
    assert (stopped.content, stopped.redirect_chain) == (never.content, never.redirect_chain)
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    joined(client)
    assert User.objects.filter(email=FRIDA).count() == (1 if stop is accept else 0)


def test_a_link_that_has_stopped_does_not_open_the_one_before_it(desk, link, client):
    client.get(link())
    stopped = client.get(f"/invitations/{'A' * 43}/", follow=True)
    assert "This invitation is no longer valid" in page_of(stopped)
    assert "Arandia" not in page_of(stopped)


def test_links_are_tried_so_many_times_a_minute(client, db):
    answers = [client.get("/invitations/x/") for _attempt in range(61)]
    assert [answer.status_code for answer in answers] == [302] * 60 + [429]
    assert answers[-1]["Retry-After"] == "300"


def test_renewing_and_withdrawing_on_the_page(desk, link, client, smtp, django_capture_on_commit_callbacks):
    old, pk = link(), Invitation.everyones.get().pk
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"{PEOPLE}invitations/{pk}/", {"step": "renew"})
    assert len(smtp.messages) == 2
    assert "This invitation is no longer valid" in page_of(client.get(old, follow=True))
    page = desk.post(f"{PEOPLE}invitations/{pk}/", {"step": "withdraw"}, follow=True)
    assert "The invitation to frida@example.org was withdrawn." in page_of(page)
    page = desk.post(f"{PEOPLE}invitations/{pk}/", {"step": "withdraw"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in page_of(page)


@pytest.mark.parametrize(
    "wrong", [{"email": "frida"}, {"role": "focal_point"}, {"institution": "9"}, {"until": "never"}, {"role": "\x00"}]
)
def test_an_invalid_invitation_has_errors_and_the_input_stays(desk, wrong):
    typed = {"email": FRIDA, "role": "viewer", "institution": "", "until": ""} | wrong
    response = desk.post(ADD, typed)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == list(wrong)
    assert f'value="{typed["email"]}"' in page_of(response)
    assert Invitation.everyones.count() == 0


def test_another_state_finds_neither_page_nor_invitation(link, charlie):
    link()
    client = Client()
    client.force_login(charlie)
    assert client.get(PEOPLE).status_code == 404
    assert client.post(f"/desk/XBB/people/invitations/{Invitation.everyones.get().pk}/").status_code == 404


@pytest.mark.parametrize("others", [0, times(8, 30)])
def test_the_page_of_people_takes_few_queries(desk, xaa, alice, others, django_assert_max_num_queries):
    for number in range(others):
        make_person(f"person{number}", Role.VIEWER, xaa)
        desk.post(ADD, {"email": f"invited{number}@example.org", "role": "viewer"})
    with django_assert_max_num_queries(15):
        assert desk.get(PEOPLE).status_code == 200
