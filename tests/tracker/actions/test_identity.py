"""An identity is bound to one user: by an invitation, or by two administrators."""

from functools import partial

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from tests.catalogue_events import later_events
from tests.client import Client
from tests.conftest import PASSWORD
from tests.identity_providers import use_provider
from tests.races import results_at_once
from tracker.actions import access_change
from tracker.actions.access_change import confirm_access_change, decline_access_change
from tracker.actions.identity import bind_identity
from tracker.actions.invitation import accept_as_new_person, send_invitation
from tracker.models import AccessChange, Session, User
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

IDENTITY = {"provider": "ministry", "sub": "subject-frida"}
NAMES = ("gina", "hugo")


@pytest.fixture(autouse=True)
def _is_configured(settings, monkeypatch):
    use_provider(settings, monkeypatch, "https://login.example.org")


def requested(user: User, by: User | None, subject: str = "subject-alice", provider: str = "ministry") -> AccessChange:
    return access_change.request_identity(user=user, provider=provider, subject=subject, by=by)


def bound() -> list[tuple[str, str]]:
    return list(SocialAccount.objects.order_by("pk").values_list("user__email", "uid"))


def test_attack_an_identity_with_line_breaks_writes_into_the_mail_to_the_focal_points(alice, erin, mailoutbox):
    """The mail goes out at the request of one administrator. The code that a provider uses may have an @."""
    with pytest.raises(ValidationError) as refused:
        requested(alice, erin, subject="x\n\nYour account is closed. Send your password to the Secretariat.")
    assert list(refused.value.message_dict) == ["subject"]
    assert mailoutbox == []
    requested(alice, erin, subject="alice@ministry|7")


def test_two_administrators_link_an_identity_in_place_of_the_password(bob, erin, greta):
    client = Client()
    client.force_login(bob)
    change = requested(bob, erin, "subject-bob")
    assert bound() == []
    confirm_access_change(change=change, by=greta)
    assert bound() == [("bob@example.org", "subject-bob")]
    bob.refresh_from_db()
    assert (bob.has_usable_password(), Session.objects.filter(user=bob).count()) == (False, 0)
    client.post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    assert client.get("/account/").status_code == 302
    done = list(later_events().order_by("pk").values_list("action", "actor__email"))
    assert done == [
        ("access change requested", erin.email),
        ("identity bound", greta.email),
        ("access change confirmed", greta.email),
    ]


def test_attack_one_administrator_links_their_own_identity_to_a_focal_point(alice, erin, greta):
    change = requested(alice, erin, subject="subject-erin")
    with pytest.raises(ValidationError, match="Another administrator must confirm"):
        confirm_access_change(change=change, by=erin)
    with pytest.raises(PermissionDenied):
        confirm_access_change(change=change, by=alice)
    decline_access_change(change=change, by=greta)
    assert bound() == []
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD) is True


@pytest.mark.parametrize(
    ("provider", "subject", "field"),
    [("", "subject-alice", "provider"), ("other", "subject-alice", "provider"), ("ministry", "", "subject")],
)
def test_an_invalid_identity_has_an_error_at_its_field(alice, erin, provider, subject, field):
    with pytest.raises(ValidationError) as error:
        requested(alice, erin, subject, provider)
    assert list(error.value.message_dict) == [field]


def test_the_identity_of_another_user_is_neither_requested_nor_confirmed(bob, erin, greta, charlie):
    change = requested(bob, erin, "subject-charlie")
    bind_identity(charlie, "ministry", "subject-charlie", by=charlie)
    with pytest.raises(ValidationError, match="This identity belongs to another user"):
        requested(erin, greta, "subject-charlie")
    with pytest.raises(ValidationError, match="at the provider belongs to another user"):
        confirm_access_change(change=change, by=greta)
    assert bound() == [("charlie@example.org", "subject-charlie")]
    bob.refresh_from_db()
    assert bob.has_usable_password() is True


def test_an_identity_replaces_the_earlier_one_at_the_provider(bob, erin, greta):
    bind_identity(bob, "ministry", "subject-of-before", by=bob)
    bind_identity(bob, "other", "subject-elsewhere", by=bob)
    confirm_access_change(change=requested(bob, erin, "subject-bob"), by=greta)
    assert bound() == [("bob@example.org", "subject-elsewhere"), ("bob@example.org", "subject-bob")]


def test_focal_points_see_the_identity_that_is_requested(client, alice, ruth, erin):
    requested(alice, erin)
    client.force_login(ruth)
    page = " ".join(client.get("/desk/XAA/people/").content.decode().split())
    assert "Link an account for single sign-on" in page
    assert "subject-alice" in page


@pytest.mark.parametrize(
    "changed", [{"provider": ""}, {"subject": ""}, {"email": "x@example.org"}, {"kind": "account"}], ids=str
)
def test_the_database_refuses_an_identity_that_lacks_something(alice, erin, changed):
    requested(alice, erin)
    with pytest.raises(IntegrityError, match="access_change_of_kind"), transaction.atomic():
        AccessChange.objects.update(**changed)


def test_a_command_does_it_where_there_are_too_few_administrators(bob, erin, greta):
    arguments = (bob.email, "--identity", "ministry", "subject-bob")
    with pytest.raises(CommandError, match="Two administrators can do this"):
        call_command("change_access", *arguments)
    greta.memberships.all().delete()
    call_command("change_access", *arguments)
    assert bound() == [("bob@example.org", "subject-bob")]


def test_it_is_requested_on_the_page_of_the_person(administrator, alice, settings):
    url = f"/admin/tracker/user/{alice.pk}/change/"
    typed = {"name": "Alice", "email": alice.email, "provider": "ministry", "subject": ""}
    form = administrator.post(url, typed).context["adminform"].form
    assert list(form.errors) == ["subject"]
    administrator.post(url, typed | {"subject": " subject-alice "})
    change = AccessChange.objects.get()
    assert (change.kind, change.provider, change.subject) == ("identity", "ministry", "subject-alice")
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert "id_subject" not in administrator.get(url).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_bind_an_identity_once(alice, xaa):
    tokens = []
    for name in NAMES:
        invitation = send_invitation(respondent=xaa, email=f"{name}@example.org", role=Role.VIEWER, by=alice)
        tokens.append(invitation.new_link(alice))
        invitation.save()
    join = partial(accept_as_new_person, name="Gina", password=None, identity=IDENTITY)
    results = results_at_once(*[partial(join, token=token) for token in tokens], refusals=ValidationError)
    [refused] = [result for result in results if isinstance(result, ValidationError)]
    assert refused.messages == ["This account at the provider belongs to another user. Use your own account."]
    user = SocialAccount.objects.get().user
    assert (
        user.has_usable_password(),
        [*User.objects.filter(email__in=[f"{name}@example.org" for name in NAMES])],
    ) == (
        False,
        [user],
    )
