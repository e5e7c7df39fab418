"""Sessions that know whose they are, so that a person's own are listed and ended."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Session(AbstractBaseSession):
    """`user` is empty while nobody is signed in with it. What it holds goes with it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", null=True, verbose_name=_("person")
    )
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    @classmethod
    def get_session_store_class(cls):
        from tracker.sessions import SessionStore

        return SessionStore

    @property
    def number(self) -> str:
        """Tells it from others in a page; its key, which would open it, is told to nobody."""
        return salted_hmac("session number", self.session_key, algorithm="sha256").hexdigest()[:16]
