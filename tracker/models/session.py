"""Store sessions in rows that have a user. They end when nobody uses them, after twelve hours, or with the first of the
user's memberships. A row has only a digest of the key in the cookie: who reads the table opens no session.
"""

import datetime
import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models.quick_row import QuickRow
from tracker.models.user import Membership

IDLE = datetime.timedelta(minutes=60)  # without activity of the user
LONGEST = datetime.timedelta(seconds=settings.SESSION_COOKIE_AGE)
SEEN_EVERY = datetime.timedelta(minutes=1)
BEGAN = "began"  # a session key: when, from which network and by which browser the user signed in
UNSAVED_INPUT = "kept"  # a session key: whether a form was kept that could not be saved


def digest_of_key(key: str) -> str:
    """Return the key of the row: 160 bits of SHA-256, of a random key that is as long and needs no salt."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class Session(AbstractBaseSession, QuickRow):
    """A session; `user` is empty while nobody is signed in with it. No activity extends it beyond `ends_by`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", null=True, verbose_name=_("Person")
    )
    seen_at = models.DateTimeField(default=timezone.now)
    ends_by = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls):
        return SessionStore


class SessionStore(db.SessionStore):
    is_activity = True  # whether this request extends the session: views that a page polls set it to False
    seen_at: datetime.datetime | None = None  # of the row that was loaded
    saved_end: datetime.datetime | None = None  # of the row that was loaded or saved
    ends_by: datetime.datetime | None = None

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        session: Any = super().create_model_instance(data)
        session.session_key = digest_of_key(session.session_key)
        session.user_id = data.get(SESSION_KEY)
        if session.user_id:
            began_at = datetime.datetime.fromisoformat(data[BEGAN]["at"]) if BEGAN in data else timezone.now()
            session.ends_by = min([began_at + LONGEST, *Membership.objects.first_end(session.user_id)])
            session.expire_date = min(timezone.now() + IDLE, session.ends_by)
        self._note_row(session)
        return session

    @property
    def row_key(self) -> str:
        """Return the key of the row, empty where there is no session."""
        return digest_of_key(self.session_key) if self.session_key else ""

    def exists(self, session_key):
        return super().exists(digest_of_key(session_key))

    def delete(self, session_key=None):
        if key := session_key or self.session_key:
            super().delete(digest_of_key(key))

    @property
    def has_row(self) -> bool:
        return self.seen_at is not None

    @property
    def ends_at(self) -> datetime.datetime | None:
        """Return when the session ends if this request is the last activity."""
        if self.is_activity and self.ends_by:
            return min(timezone.now() + IDLE, self.ends_by)
        return self.saved_end

    @property
    def seconds_left(self) -> int:
        return int((self.ends_at - timezone.now()).total_seconds()) if self.ends_at else 0

    def note_seen(self) -> None:
        """Save the time, and extend the session, at most once in `SEEN_EVERY`."""
        now = timezone.now()
        if not self.is_activity or not self.seen_at or self.seen_at > now - SEEN_EVERY:
            return
        end = Case(When(ends_by=None, then=F("expire_date")), default=Least(Value(now + IDLE), F("ends_by")))
        with transaction.atomic(savepoint=False):  # which waits in the queue of the writers
            self.model.objects.filter(pk=self.row_key).update(seen_at=now, expire_date=end)

    def _get_session_from_db(self):
        session: Any = self.model.objects.filter(pk=self.row_key, expire_date__gt=timezone.now()).first()
        if session:
            self.seen_at = session.seen_at
            self._note_row(session)
        else:
            self._session_key = None
        return session

    def _note_row(self, session: Session) -> None:
        self.saved_end, self.ends_by = session.expire_date, session.ends_by
