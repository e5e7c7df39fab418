from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.checks import Error
from django.db import DatabaseError
from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.models import User
from tracker.models.second_factor import SECRETS, UnreadableSecret, decrypt

Type = Authenticator.Type
KINDS = {
    # Translators: A way to prove who signs in: fingerprint, face, PIN or a security key.
    Type.WEBAUTHN: _("Passkey"),
    # Translators: An app that shows codes for sign-in.
    Type.TOTP: _("Authenticator app"),
}


class SecondFactor(NamedTuple):
    kind: str | Promise
    since: datetime


class OwnSecondFactors(NamedTuple):
    """What the account page shows. `codes_left` is None where no recovery codes were made."""

    passkeys: list[Authenticator]
    app: Authenticator | None
    codes_left: int | None

    @property
    def is_on(self) -> bool:
        return bool(self.passkeys or self.app)


def own_second_factors(user: User) -> OwnSecondFactors:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    codes = next((row for row in rows if row.type == Type.RECOVERY_CODES), None)
    return OwnSecondFactors(
        [row for row in rows if row.type == Type.WEBAUTHN],
        next((row for row in rows if row.type == Type.TOTP), None),
        settings.MFA_RECOVERY_CODE_COUNT - codes.data["used_mask"].bit_count() if codes else None,
    )


def fetch_second_factors(path: str = "") -> Prefetch:
    """Prefetch, without the secrets, what `second_factors` of each user reads; `path` leads to the users."""
    rows = Authenticator.objects.filter(type__in=KINDS).defer("data").order_by("created_at", "pk")
    return Prefetch(f"{path}authenticator_set", rows, to_attr="second_factor_rows")


def second_factors(user: User) -> list[SecondFactor]:
    """Return the kinds of second factor of a user who was read with `fetch_second_factors`, each with its first day."""
    first: dict[str, Authenticator] = {}
    for row in user.second_factor_rows:  # type: ignore[attr-defined]
        first.setdefault(row.type, row)
    return [SecondFactor(KINDS[Type(kind)], row.created_at) for kind, row in first.items()]


def check_second_factor_keys(databases: Collection[str] | None = None, **kwargs: object) -> list[Error]:
    """Find, as a check of Django, secrets that no key in the settings decrypts: their owners could not sign in."""
    if not settings.SECOND_FACTOR_KEYS:
        return [Error("SECOND_FACTOR_KEYS is empty.", hint="Set it to 50 random characters.", id="tracker.E001")]
    try:
        rows = list(Authenticator.objects.all()) if databases else []
    except DatabaseError:  # before the first migration
        return []
    secrets = [row.data[name] for row in rows for name in SECRETS if name in row.data]
    count = sum(not _is_readable(secret) for secret in secrets)
    if not count:
        return []
    message = f"SECOND_FACTOR_KEYS does not decrypt {count} secrets of two-step sign-in."
    return [Error(message, hint="Add the former key to the end of the list.", id="tracker.E002")]


def _is_readable(secret: str) -> bool:
    try:
        decrypt(secret)
    except UnreadableSecret:
        return False
    return True
