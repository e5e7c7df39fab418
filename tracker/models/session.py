"""Store sessions in rows that have a user, and end with the first of the user's memberships."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tracker.models.user import Membership

SEEN_EVERY = datetime.timedelta(minutes=10)
UNSAVED_INPUT = "kept"  # a session key: input that was posted and could not be saved, by the path of the request


class Session(AbstractBaseSession):
    """A session; `user` is empty while nobody is signed in with it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", null=True, verbose_name=_("Person")
    )
    seen_at = models.DateTimeField(default=timezone.now)

    @classmethod
    def get_session_store_class(cls):
        return SessionStore

    @property
    def number(self) -> str:
        """Return a name for pages: the key itself would open the session."""
        return salted_hmac("session number", self.session_key, algorithm="sha256").hexdigest()[:16]


class SessionStore(db.SessionStore):
    seen_at: datetime.datetime | None = None  # of the row that was loaded
    ends_at: datetime.datetime | None = None  # of the row that was loaded or saved

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        session: Any = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        session.expire_date = self.ends_at = min([session.expire_date, *self._first_end(session.user_id)])
        return session

    @property
    def has_row(self) -> bool:
        return self.seen_at is not None

    @property
    def seconds_left(self) -> int:
        return int((self.ends_at - timezone.now()).total_seconds()) if self.ends_at else 0

    def note_seen(self) -> None:
        """Save the time at most once in `SEEN_EVERY`."""
        now = timezone.now()
        if self.seen_at and self.seen_at < now - SEEN_EVERY:
            self.model.objects.filter(session_key=self.session_key).update(seen_at=now)

    def _get_session_from_db(self):
        session: Any = super()._get_session_from_db()
        self.seen_at, self.ends_at = (session.seen_at, session.expire_date) if session else (None, None)
        return session

    def _first_end(self, user_id: str | None) -> list[datetime.datetime]:
        return Membership.objects.first_end(user_id) if user_id else []
