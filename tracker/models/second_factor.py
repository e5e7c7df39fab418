"""Find second factors, and encrypt their secrets (keys of apps, seeds of codes) with keys outside the database."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import QuerySet

from tracker.models.digest import as_text

SECRETS = ("secret", "seed")  # in the data of an authenticator


class UnreadableSecret(Exception):
    """None of `SECOND_FACTOR_KEYS` is the key with which a secret was encrypted."""


def second_factors_of(user: object) -> QuerySet[Authenticator]:
    """Return passkeys and authenticator app, of a user or a key. Recovery codes only stand in for one of these."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)


def second_factor_key(factor: Authenticator) -> str:
    """Name a second factor: of an app and of recovery codes a person has one, which another replaces."""
    added = f" {as_text(factor.created_at)}" if factor.type == Authenticator.Type.WEBAUTHN else ""
    return f"{factor.user_id} {factor.type}{added}"


def encrypt(secret: str) -> str:
    return _cipher().encrypt(secret.encode()).decode()


def decrypt(encrypted: str) -> str:
    try:
        return _cipher().decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecret from error


def encrypt_again(encrypted: str) -> str:
    """Encrypt with the first key what any of the keys decrypts."""
    try:
        return _cipher().rotate(encrypted.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecret from error


def _cipher() -> MultiFernet:
    keys = (sha256(key.encode()).digest() for key in settings.SECOND_FACTOR_KEYS)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
