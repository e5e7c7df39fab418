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
