"""The session engine: rows of our own, each with its person, which end with the first of her memberships."""

import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

SEEN_EVERY = datetime.timedelta(minutes=10)


class SessionStore(db.SessionStore):
    seen_at: datetime.datetime | None = None  # when the row that was loaded was last seen

    @classmethod
    def get_model_class(cls):
        from tracker.models import Session

        return Session

    def create_model_instance(self, data):
        session: Any = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        session.expire_date = min([session.expire_date, *self._ends(session.user_id)])
        return session

    @property
    def is_found(self) -> bool:
        """Whether a row was loaded: so the request named a session that stood."""
        return self.seen_at is not None

    def note_seen(self) -> None:
        """Write down that it is in use, at most once in `SEEN_EVERY`."""
        now = timezone.now()
        if self.seen_at and self.seen_at < now - SEEN_EVERY:
            self.model.objects.filter(session_key=self.session_key).update(seen_at=now)

    def _get_session_from_db(self):
        session: Any = super()._get_session_from_db()
        self.seen_at = session.seen_at if session else None
        return session

    def _ends(self, user_id: str | None) -> list[datetime.datetime]:
        from tracker.models import Membership

        return Membership.objects.ends(user_id) if user_id else []
