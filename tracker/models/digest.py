"""Compute digests that still verify after part of their content was destroyed.

Each field is digested together with a random 128-bit value of its own, and the digest of a row covers the field
digests. Removing a field destroys the field and its random value and leaves the field digest, from which nobody can
guess the words. All digests are SHA-256, written as 64 hexadecimal digits, over the canonical form
(docs/reference/canonical-form.md).
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from operator import attrgetter

# The number of the canonical form. Form 1 is frozen: docs/verify/vectors.json has what it gives for each kind of row.
# Another form gets another number, and functions beside those of form 1.
FORM = 1
LARGEST_NUMBER = 2**53 - 1
PROOFS = ("salts", "field_digests")  # columns of a digested row that no page shows


def as_text(value) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise ValueError(f"{type(value).__name__} has no canonical form")


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=as_text)


def canonical(value) -> bytes:
    """Return a value in canonical form: JSON as in RFC 8785, of ASCII names, strings, whole numbers, booleans, null,
    lists and objects. A day or a time becomes a string. Raises ValueError for any other value.
    """
    _check_value(value)
    return _encoder.encode(value).encode()


def digest_value(value) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_parts(row: object, paths: str) -> dict[str, object]:
    """Return values of a row by the first name of each path: `unit.full_label` as `unit`, `author_id` as `author`."""
    return {path.partition(".")[0].removesuffix("_id"): attrgetter(path)(row) for path in paths.split()}


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
    """Return whether every field is the one that was digested, or is empty: it was removed, or came after the row."""
    return salts.keys() <= digests.keys() <= fields.keys() and all(
        field_digest(salts[name], value) == digests[name]
        if name in salts
        else value == ""
        if name in digests
        else not value
        for name, value in fields.items()
    )


def _check_value(value) -> None:
    if isinstance(value, dict):
        for name in value:
            if not (isinstance(name, str) and name.isascii()):
                raise ValueError("a name in the canonical form must be ASCII")
        _check_parts(value.values())
    elif isinstance(value, (list, tuple)):
        _check_parts(value)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > LARGEST_NUMBER):
        raise ValueError("a number in the canonical form must be whole and less than 2 to the power of 53")


def _check_parts(parts: Iterable) -> None:
    for part in parts:
        if not isinstance(part, str):  # most are, and there can be half a million
            _check_value(part)
