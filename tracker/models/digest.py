"""Compute digests that still verify after part of their content was destroyed.

Each field is digested together with a random 128-bit value of its own, and the digest of a row covers the field
digests. Removing a field destroys the field and its random value and leaves the field digest, from which nobody can
guess the words. All digests are SHA-256, written as 64 hexadecimal digits; the canonical form is JSON with sorted keys,
no spaces, UTF-8, dates as ISO 8601 (docs/decisions/0004-digests.md).
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime


def as_text(value) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=as_text)


def digest_value(value) -> str:
    return hashlib.sha256(_encoder.encode(value).encode()).hexdigest()


def new_salt() -> str:
    """Return a random 128-bit value, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def field_digest(salt: str, value) -> str:
    return digest_value([salt, value])


def salt_fields(fields: Mapping[str, object]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the random values and the field digests of new fields, both by name."""
    salts = {name: new_salt() for name in fields}
    return salts, {name: field_digest(salts[name], value) for name, value in fields.items()}


def wording_reference(label: str, wording) -> list:
    """Return [label, number, digest of the text], which names the wording of a node and fixes its words."""
    return [label, wording.number, digest_value(wording.text)]


def has_same_fields(fields: Mapping[str, object], salts: Mapping[str, str], digests: Mapping[str, str]) -> bool:
    """Return whether every field is the one that was digested, or was removed and is empty."""
    return salts.keys() <= digests.keys() == fields.keys() and all(
        field_digest(salts[name], value) == digests[name] if name in salts else value == ""
        for name, value in fields.items()
    )
