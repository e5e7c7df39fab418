from typing import Any, NamedTuple

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from tracker.models import User


class Identity(NamedTuple):
    """An identity that signs a user in today; `label`: how the provider names it."""

    provider_id: str
    provider: str
    label: str


def identity_providers() -> dict[str, str]:
    """Return the names of the identity providers in the settings, by their keys."""
    providers: dict[str, Any] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    return {app["provider_id"]: app["name"] for app in providers["APPS"]}


def identities_of(user: User) -> list[Identity]:
    """Leave out those of providers that are not in the settings any more: their users need a password again."""
    names = identity_providers()
    rows = SocialAccount.objects.filter(user=user, provider__in=names).order_by("pk") if names else []
    return [
        Identity(row.provider, names[row.provider], row.extra_data.get("id_token", {}).get("label", row.uid))
        for row in rows
    ]
