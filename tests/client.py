"""Django's client, with less to do: it signs in with one new session, and all of them share their middleware, as all
requests to a server do.
"""

from functools import cache

from django import test
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.http import HttpRequest
from django.test.client import ClientHandler

from tracker.models import User
from tracker.models.session import SessionStore
from tracker.web.account_adapters import signed_in


class Client(test.Client):
    def __init__(self, enforce_csrf_checks: bool = False, **kwargs):
        super().__init__(enforce_csrf_checks, **kwargs)
        self.handler = lambda environ: _handler(enforce_csrf_checks)(environ)

    def force_login(self, user: User, backend: str | None = None) -> None:
        """Django's makes a session, loads it, and makes it again under another key, even where it was empty."""
        if settings.SESSION_COOKIE_NAME in self.cookies:
            super().force_login(user, backend)  # what is kept in the session is still there
            return
        request = HttpRequest()
        request.session = SessionStore()
        request.session[SESSION_KEY] = str(user.pk)
        request.session[BACKEND_SESSION_KEY] = backend or self._get_backend()
        request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        signed_in(request, user)
        request.session.save()
        self.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key


@cache
def _handler(enforce_csrf_checks: bool) -> ClientHandler:
    return ClientHandler(enforce_csrf_checks)


@receiver(setting_changed)
def _load_middleware_again(**_kwargs) -> None:
    _handler.cache_clear()
