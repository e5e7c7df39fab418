"""The addresses of the provider, and what it says of its users."""

import time

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.contrib.auth.models import User
from django.urls import include, path

SEEN: set[str] = set()  # users who got a token; before the first they signed in an hour ago

urlpatterns = [path("accounts/", include("allauth.urls")), path("", include("allauth.idp.urls"))]


class ProviderSiteAdapter(DefaultOIDCAdapter):
    def get_claims(self, purpose, user, client, scopes, email=None, **kwargs):
        return super().get_claims(purpose, user, client, scopes, email, **kwargs) | {
            "amr": ["pwd", "otp"] if user.username == "sofia" else ["pwd"],
            "auth_time": int(time.time()) - (0 if user.username in SEEN else 3600),
        }

    def populate_id_token(self, id_token, client, scopes, **kwargs):
        SEEN.add(id_token["sub"].removeprefix("subject-"))

    def get_user_sub(self, client, user):
        return f"subject-{user.username}"

    def get_user_by_sub(self, client, sub):
        return User.objects.get(username=sub.removeprefix("subject-"))
