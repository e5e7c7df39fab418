"""Where fewer than two other administrators are left, an operator helps by a command, and everyone concerned knows."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from tests.catalogue_events import later_events
from tests.conftest import make_person, reread
from tracker.models import Event
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


def change_access(*args, **options) -> str:
    written = StringIO()
    call_command("change_access", *args, stdout=written, **options)
    return written.getvalue()


def test_a_lost_device_of_the_only_administrator(erin):
    written = change_access("ERIN@example.org", "--reset-two-step")
    assert Authenticator.objects.filter(user=erin).exists() is False
    assert "Requested by: Operator, by a command on the server, " in written
    assert Event.everyones.filter(action="access changed by command", actor=None).count() == 1


def test_a_focal_point_by_note_verbale(erin, xaa, tmp_path):
    frida, file = make_person("frida"), tmp_path / "note.txt"
    file.write_text("Arandia appoints.")
    document = ["--document", "NV 7", "--document-date", "3 March 2026", "--document-file", str(file)]
    role = ["--role", "focal_point", "--respondent", "XAA", "--until", "2099-12-31"]
    change_access("frida@example.org", *role, *document)
    membership = frida.memberships.get()
    assert (membership.role, membership.granted_by, membership.document_name) == ("focal_point", None, "note.txt")
    assert reread(frida).has_role(Role.FOCAL_POINT, respondent=xaa) is True


def test_an_address_and_a_closed_account(erin, bob):
    change_access("bob@example.org", "--address", "bob.smith@example.org")
    assert reread(bob).email == "bob.smith@example.org"
    bob = reread(bob)
    bob.is_active = False
    bob.save()
    change_access("bob.smith@example.org", "--reactivate")
    assert reread(bob).is_active is True


@pytest.mark.parametrize(
    "options",
    [
        ["nobody@example.org", "--reset-two-step"],
        ["alice@example.org", "--role", "viewer", "--respondent", "XZZ"],
        ["alice@example.org", "--role", "viewer", "--respondent", "XAA", "--until", "soon"],
        ["alice@example.org", "--role", "focal_point", "--respondent", "XAA"],
        ["alice@example.org", "--role", "viewer", "--document-file", "/no/such/file"],
        ["alice@example.org", "--address", "alice"],
    ],
)
def test_what_is_wrong_is_an_error_of_the_command(erin, alice, options):
    with pytest.raises(CommandError):
        change_access(*options)
    assert later_events().count() == 0


def test_it_is_refused_where_two_other_administrators_could_do_it(erin, greta, bob):
    with pytest.raises(CommandError, match="Two administrators can do this"):
        change_access("bob@example.org", "--reset-two-step")
