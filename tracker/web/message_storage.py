from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessageCookie(CookieStorage):
    @property
    def cookie_name(self) -> str:  # type: ignore[override]
        return settings.MESSAGE_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """Keep messages in a cookie whose name is a setting, and in the session where they are too long for it."""

    storage_classes = (MessageCookie, SessionStorage)

    def add(self, level: int, message: str, extra_tags: str | None = "") -> None:
        """Add a message that does not wait to be shown already, as after a double click."""
        waiting = (*self._loaded_messages, *self._queued_messages)  # type: ignore[attr-defined]
        if str(message) not in {str(each.message) for each in waiting}:
            super().add(level, message, extra_tags)
