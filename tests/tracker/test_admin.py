"""The admin: people for administrators, the catalogue and treaty status for curators, nothing of a State for anyone."""

import datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.catalogue_events import later_events
from tests.conftest import make_person, with_second_factor
from tests.pages import messages_on
from tracker.models import AccessChange, Membership, ReadingRestriction, Respondent, User
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

PEOPLE, MEMBERSHIPS, RESPONDENTS = "/admin/tracker/user/", "/admin/tracker/membership/", "/admin/tracker/respondent/"
BARS, CHANGES = "/admin/tracker/readingrestriction/", "/admin/tracker/accesschange/"


@pytest.fixture
def sign_in(client, request):
    def sign_in(name: str):
        client.force_login(request.getfixturevalue(name))
        return client

    return sign_in


def act(client, path: str, action: str, *chosen):
    return client.post(path, {"action": action, "_selected_action": [row.pk for row in chosen]}, follow=True)


MAY_ENTER = {"alice": 403, "bob": 403, "charlie": 403, "dana": 200, "erin": 200}


@pytest.mark.parametrize(("name", "status"), MAY_ENTER.items())
def test_curators_and_administrators_enter(sign_in, name, status):
    response = sign_in(name).get("/admin/", follow=True)
    assert response.status_code == status


def test_a_stranger_signs_in_as_everywhere(client):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1] == ("/accounts/login/?next=%2Fadmin%2F", 302)


def test_the_admin_has_no_password_page_of_its_own(sign_in):
    assert sign_in("dana").get("/admin/password_change/")["Location"] == "/accounts/password/change/"


@pytest.mark.parametrize(("path", "status"), [(PEOPLE, 200), (MEMBERSHIPS, 200), (CHANGES, 403), (RESPONDENTS, 403)])
def test_an_administrator_adds_people_and_roles_and_nothing_else(sign_in, path, status):
    assert sign_in("erin").get(f"{path}add/").status_code == status


@pytest.mark.parametrize("model", [EmailAddress, Authenticator, Group])
def test_what_allauth_and_django_bring_along_is_not_in_it(model):
    assert admin.site.is_registered(model) is False


@pytest.mark.parametrize("path", [PEOPLE, MEMBERSHIPS, RESPONDENTS])
def test_nothing_is_deleted(sign_in, path, alice):
    client = sign_in("erin")
    row = {PEOPLE: alice, MEMBERSHIPS: alice.memberships.get(), RESPONDENTS: Respondent.objects.get(code="XAA")}[path]
    assert client.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(path).content.decode()


def test_an_administrator_adds_a_person_who_is_mailed(sign_in, mailoutbox, django_capture_on_commit_callbacks):
    client = sign_in("erin")
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(PEOPLE + "add/", {"name": "Frida", "email": "Frida@Example.org"}, follow=True)
    assert response.status_code == 200
    frida = User.objects.get(email="frida@example.org")
    assert [message.to for message in mailoutbox] == [["frida@example.org"]]
    assert later_events().get().actor.email == "erin@example.org"
    assert client.get(f"{PEOPLE}{frida.pk}/change/").status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "Alice", "email": "ALICE@example.org"},
        {"name": "", "email": "f@example.org"},
        {"name": "F\x00", "email": "f@example.org"},
        {"name": "F", "email": "f"},
        {"name": "F" * 201, "email": "f@example.org"},
    ],
)
def test_an_invalid_person_has_an_error_at_the_field(sign_in, alice, typed):
    response = sign_in("erin").post(PEOPLE + "add/", typed)
    assert response.status_code == 200
    assert len(response.context["errors"]) == 1
    assert User.objects.count() == 2


def test_an_administrator_corrects_a_name_and_requests_an_address(sign_in, alice):
    client = sign_in("erin")
    client.post(f"{PEOPLE}{alice.pk}/change/", {"name": "Alice Smith", "email": "a.smith@example.org"})
    alice.refresh_from_db()
    assert (alice.name, alice.email) == ("Alice Smith", "alice@example.org")
    assert AccessChange.objects.get().email == "a.smith@example.org"


def test_nothing_typed_is_lost_when_a_request_is_refused(sign_in, alice):
    """The action refuses a second request."""
    client, url = sign_in("erin"), f"{PEOPLE}{alice.pk}/change/"
    client.post(url, {"name": "Alice", "email": "a@example.org"})
    again = client.post(url, {"name": "Alicia", "email": "b@example.org"})
    assert "Another request for this person is open. Confirm or decline that request first." in again.content.decode()
    assert again.context["adminform"].form["email"].value() == "b@example.org"
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_two_administrators_grant_and_one_ends_a_role(sign_in, greta, xaa):
    frida = make_person("frida")
    client = sign_in("erin")
    typed = {
        "user": frida.pk,
        "role": "contributor",
        "respondent": xaa.pk,
        "since": "2026-01-01",
        "until": "",
        "appointing_document": "note verbale No. 12/2026",
    }
    requested = client.post(MEMBERSHIPS + "add/", typed, follow=True)
    change = AccessChange.objects.get()
    assert requested.redirect_chain == [(f"{CHANGES}{change.pk}/change/", 302)]
    assert "Another administrator must confirm: you made the request, or it concerns you." in requested.content.decode()
    assert "confirm_access_change" not in requested.content.decode()
    assert frida.memberships.count() == 0
    twice = client.post(MEMBERSHIPS + "add/", typed)
    assert "Another request for this person is open." in twice.content.decode()
    client = sign_in("greta")
    url = f"{CHANGES}{change.pk}/change/"
    assert "confirm_access_change" in client.get(url).content.decode()
    confirm = {"CHANGE_FORM-action": "confirm_access_change", "_selected_action": change.pk}
    assert messages_on(client.post(url, confirm, follow=True)) == ["Requests confirmed: 1."]
    membership = frida.memberships.get()
    assert (membership.role, membership.granted_by.name, membership.confirmed_by.name) == (
        "contributor",
        "Erin",
        "Greta",
    )
    assert client.get(f"{MEMBERSHIPS}{membership.pk}/change/").status_code == 200
    twice = client.post(MEMBERSHIPS + "add/", typed)
    assert "This person already has this role" in twice.content.decode()
    assert messages_on(act(client, MEMBERSHIPS, "end_membership", membership)) == [
        "Roles ended: 1.",
        "No focal point today: Arandia.",
    ]
    membership.refresh_from_db()
    assert membership.ended_at.date() == datetime.datetime.now(datetime.UTC).date()


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "reviewer"},
        {"respondent": ""},
        {"role": "king"},
        {"user": ""},
        {"user": "9" * 30},
        {"since": "yesterday"},
        {"since": ""},
        {"until": "2025-01-01"},
        {"appointing_document": "x\x00"},
    ],
)
def test_an_invalid_membership_has_an_error(sign_in, xaa, wrong):
    typed = {"user": make_person("frida").pk, "role": "viewer", "respondent": xaa.pk, "since": "2026-01-01"}
    response = sign_in("erin").post(MEMBERSHIPS + "add/", typed | wrong)
    assert response.status_code == 200
    assert len(response.context["errors"]) == 1


APPOINTMENT = {
    "role": "focal_point",
    "since": "2026-01-01",
    "until": "2099-12-31",
    "appointing_document": "note verbale No. 12/2026",
    "appointed_on": "2026-01-01",
}


def test_a_focal_point_is_appointed_with_the_file_of_the_document(sign_in, greta, xaa):
    client, frida = sign_in("erin"), make_person("frida")
    typed = APPOINTMENT | {"user": frida.pk, "respondent": xaa.pk}
    missing = client.post(MEMBERSHIPS + "add/", typed)
    assert "Choose a file." in missing.content.decode()
    broken = client.post(MEMBERSHIPS + "add/", typed | {"file": SimpleUploadedFile("note.pdf", b"no PDF")})
    assert "the content is of another type" in broken.content.decode()
    client.post(MEMBERSHIPS + "add/", typed | {"file": SimpleUploadedFile("note.txt", b"Arandia appoints.")})
    change = AccessChange.objects.get()
    page = client.get(f"{CHANGES}{change.pk}/change/").content.decode()
    assert f'<a href="/access/{change.pk}/document/">note.txt</a>' in page
    act(sign_in("greta"), CHANGES, "confirm_access_change", change)
    membership = frida.memberships.get()
    page = client.get(f"{MEMBERSHIPS}{membership.pk}/change/").content.decode()
    assert f'<a href="/appointments/{membership.pk}/document/">note.txt</a>' in page


def test_ending_the_last_focal_point_requires_its_own_action(sign_in, alice, xaa):
    client, membership = sign_in("erin"), alice.memberships.get()
    (said,) = messages_on(act(client, MEMBERSHIPS, "end_membership", membership))
    assert "Arandia: this is the last focal point." in said
    done = messages_on(act(client, MEMBERSHIPS, "end_membership_of_last_focal_point", membership))
    assert done == ["Roles ended: 1.", "No focal point today: Arandia."]


def test_a_membership_is_not_changed(sign_in, alice):
    membership = alice.memberships.get()
    response = sign_in("erin").post(f"{MEMBERSHIPS}{membership.pk}/change/", {"role": "viewer"})
    assert response.status_code == 403


def test_people_are_deactivated_reactivated_and_helped_with_a_lost_device(sign_in, greta, dana, bob):
    client = sign_in("erin")
    act(client, PEOPLE, "close_account", dana)
    assert User.objects.get(pk=dana.pk).is_active is False
    assert [
        *messages_on(act(client, PEOPLE, "request_reactivation", dana)),
        *messages_on(act(client, PEOPLE, "request_second_factor_reset", bob)),
    ] == [
        "Reactivations requested: 1. Another administrator must confirm.",
        "Resets requested: 1. Another administrator must confirm.",
    ]
    assert messages_on(act(client, CHANGES, "confirm_access_change", *AccessChange.objects.all())) == [
        f"{kind}: Another administrator must confirm: you made the request, or it concerns you."
        for kind in ("Reset two-step sign-in: Bob", "Reactivate the account: Dana")
    ]
    act(sign_in("greta"), CHANGES, "confirm_access_change", *AccessChange.objects.all())
    assert User.objects.get(pk=dana.pk).is_active is True
    assert Authenticator.objects.filter(user=bob).exists() is False


def test_a_request_is_declined_and_its_page_has_no_button_any_more(sign_in, alice, xaa):
    client = sign_in("erin")
    act(client, PEOPLE, "request_second_factor_reset", alice)
    change = AccessChange.objects.get()
    url = f"{CHANGES}{change.pk}/change/"
    client.post(url, {"CHANGE_FORM-action": "decline_access_change", "_selected_action": change.pk})
    page = client.get(url).content.decode()
    assert "<dt>Status</dt><dd><bdi>Declined</bdi></dd>" in page
    assert "decline_access_change" not in page


def test_the_last_administrator_stays_with_an_explanation(sign_in, erin, alice):
    client = sign_in("erin")
    assert messages_on(act(client, PEOPLE, "close_account", erin, alice)) == [
        "Erin: This is the last administrator. Make another person an administrator first.",
        "Accounts deactivated: 1.",
        "No focal point today: Arandia.",
    ]
    refused = act(client, MEMBERSHIPS, "end_membership", erin.memberships.get())
    assert "last administrator" in messages_on(refused)[0]


@pytest.mark.parametrize("name", ["dana", "erin"])
def test_respondents_are_read_and_none_is_changed_here(sign_in, xaa, name):
    client, page = sign_in(name), f"{RESPONDENTS}{xaa.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"treaty_status": "not_party", "name": "Renamed"}).status_code == 403


def test_lists_cost_few_queries(sign_in, xaa, django_assert_max_num_queries):
    for number in range(12):
        person = make_person(f"person{number}", Role.VIEWER, xaa)
        with_second_factor(person)
    client = sign_in("erin")
    for path in (PEOPLE, MEMBERSHIPS, RESPONDENTS, CHANGES):
        with django_assert_max_num_queries(15):
            assert client.get(path).status_code == 200
    assert Membership.objects.count() == 13


@pytest.mark.parametrize(
    "query", ["?q=%00", "?p=999999999999999999999", "?is_active__exact=x", "?o=99.99", "?nonsense=1"]
)
@pytest.mark.parametrize("path", [PEOPLE, MEMBERSHIPS, RESPONDENTS, CHANGES])
def test_a_broken_query_breaks_nothing(sign_in, path, query):
    assert sign_in("erin").get(path + query).status_code in (200, 302, 400)


def test_the_pages_of_roles_have_the_word_of_the_guide(sign_in):
    erin = sign_in("erin")
    assert erin.get(MEMBERSHIPS).context["title"] == "Roles"
    assert "<h1>Add Role</h1>" in erin.get(f"{MEMBERSHIPS}add/").text


@pytest.mark.parametrize("part", ["year", "month", "day"])
def test_a_day_beyond_all_numbers_is_a_wrong_parameter(sign_in, part):
    assert sign_in("erin").get(MEMBERSHIPS, {"since__year": "2026", f"since__{part}": "9" * 26}).status_code == 302


@pytest.mark.parametrize("pk", ["0", "x", "9" * 30, "%00"])
@pytest.mark.parametrize("path", [PEOPLE, MEMBERSHIPS, RESPONDENTS, CHANGES])
def test_a_row_that_is_not_there_leads_back(sign_in, path, pk):
    assert sign_in("erin").get(f"{path}{pk}/change/").status_code == 302


def test_an_administrator_bars_a_reviewer_and_lifts_it(sign_in, bob, xaa):
    client = sign_in("erin")
    typed = {"user": bob.pk, "respondent": xaa.pk}
    assert client.post(BARS + "add/", typed, follow=True).status_code == 200
    bar = ReadingRestriction.objects.get()
    assert (bar.user, bar.respondent, bar.set_by.name, bar.lifted_at) == (bob, xaa, "Erin", None)
    (said,) = messages_on(client.post(BARS + "add/", typed, follow=True))
    assert "This restriction is already set. Choose another person or State." in said
    act(client, BARS, "end_restriction", bar)
    bar.refresh_from_db()
    assert bar.lifted_at is not None
    assert [event.action for event in later_events().order_by("pk")] == ["bar set", "bar lifted"]
