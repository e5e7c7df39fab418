"""An identity is bound to one user, also by two invitations that are accepted at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import connection

from tracker.actions.invitation import accept_as_new_person, send_invitation
from tracker.models import User
from tracker.models.user import Role

IDENTITY = {"provider": "ministry", "sub": "subject-frida"}
NAMES = ("gina", "hugo")


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_bind_an_identity_once(alice, xaa):
    tokens = []
    for name in NAMES:
        invitation = send_invitation(respondent=xaa, email=f"{name}@example.org", role=Role.VIEWER, by=alice)
        tokens.append(invitation.new_link(alice))
        invitation.save()
    together = Barrier(2)

    def join(token: str) -> str:
        together.wait()
        try:
            accept_as_new_person(token=token, name="Gina", password=None, identity=IDENTITY)
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(join, tokens), key=len)
    assert outcomes == [
        "done",
        "This account at the provider already signs another user in. Use your own account there.",
    ]
    user = SocialAccount.objects.get().user
    assert (
        user.has_usable_password(),
        [*User.objects.filter(email__in=[f"{name}@example.org" for name in NAMES])],
    ) == (
        False,
        [user],
    )
