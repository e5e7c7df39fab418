from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import PASSWORD, make_person
from tracker.models import Event, User
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


def add_administrator(email, name="Frida"):
    said = StringIO()
    call_command("add_administrator", email, name, stdout=said)
    return said.getvalue()


def test_the_first_administrator_gets_a_link_that_works(client, settings):
    settings.SITE_URL = "http://testserver"
    link = add_administrator("Frida@example.org").split()[-1]
    frida = User.objects.get()
    assert frida.has_role(Role.ADMINISTRATOR) is True
    page = client.get(link, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    frida.refresh_from_db()
    assert frida.check_password(PASSWORD) is True
    assert Event.everyones.filter(action="membership granted", actor=None).count() == 1


def test_a_person_who_is_there_becomes_an_administrator():
    zoe = make_person("zoe")
    add_administrator("ZOE@example.org")
    add_administrator("zoe@example.org")
    assert zoe.name == "Zoe"
    assert zoe.memberships.filter(role=Role.ADMINISTRATOR).count() == 1


def test_two_administrators_add_the_third(erin, greta):
    with pytest.raises(CommandError, match="Two administrators can do this"):
        add_administrator("frida@example.org")
    assert User.objects.filter(email="frida@example.org").exists() is False


def test_a_broken_address_is_refused():
    with pytest.raises(CommandError):
        add_administrator("frida")
