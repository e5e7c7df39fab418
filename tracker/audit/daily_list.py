"""Sign daily lists, and check that they and the chains that they fix are what was signed."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db.models import Exists, OuterRef

from tracker.audit.seal import form_error
from tracker.models import DailyLine, DailyList, Event
from tracker.models.digest import FORM, digest_value
from tracker.models.event import SITE

KEY = re.compile("[0-9a-f]{64}")
LINE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)/(?P<chain>[0-9A-Za-z-]{1,12})/(?P<number>\d{1,15})/(?P<head>[0-9a-f]{64}|)/(?P<salt>[0-9a-f]{32})"
)
AT_A_TIME = 250


class NotSigned(Exception):
    """No list can be signed today; the message says why."""


def signing_key(name: str = "SIGNING_KEY") -> Ed25519PrivateKey | None:
    """Return a key in the settings. Raises NotSigned where it is not 64 hexadecimal digits."""
    if not (digits := getattr(settings, name)):
        return None
    if not KEY.fullmatch(digits):
        raise NotSigned(f"{name} must be 64 hexadecimal digits.")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digits))


def public_digits(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def check_signing_key(**kwargs: object) -> list[CheckMessage]:
    """Warn, as a check of Django, where no daily list can be signed."""
    try:
        signing_key("FORMER_SIGNING_KEY")
        if signing_key():
            return []
    except NotSigned as error:
        return [Error(str(error), id="tracker.E003")]
    hint = "Set it to 64 hexadecimal digits. docs/operate.md says how to make it."
    return [Warning("SIGNING_KEY is empty: no daily list is signed.", hint=hint, id="tracker.W001")]


def find_errors() -> Iterator[str]:
    before = None
    for row in DailyList.objects.order_by("number").iterator(AT_A_TIME):
        for error in _list_errors(row, before):
            yield f"daily list {row.number} of {row.day}: {error}"
        before = row
    if DailyLine.everyones.exclude(list__in=DailyList.objects.all()).exists():
        yield "a line of a daily list: its list is missing"
    yield from _chain_errors()


def _list_errors(row: DailyList, before: DailyList | None) -> Iterator[str]:
    if row.canonical_form != FORM:
        yield form_error(row.canonical_form)
        return
    number = before.number if before else 0
    if row.number != number + 1:
        yield f"list {number + 1} before it is missing"
    elif (before is None or before.canonical_form == FORM) and not _follows(row, before):
        yield "does not follow the one before it"
    are_its_lines = row.lines == sorted(row.lines) and digest_value(row.lines) == row.lines_digest
    if not are_its_lines or not _is_signed(row, row.signature, row.public_key):
        yield "altered"
    lines = DailyLine.everyones.filter(list=row).select_related("respondent").order_by("pk")
    if sorted(line.make_digest() for line in lines) != row.lines:
        yield "its lines are not those of the States"
    if any(line.chain != (line.respondent.code if line.respondent else SITE) for line in lines):
        yield "a line belongs to another State"


def _follows(row: DailyList, before: DailyList | None) -> bool:
    """Return whether a list names the one before it, is of a later day, and has its key or the next one.

    The former key introduces the next one, or the next one begins a log.
    """
    if before is None:
        return (row.previous_digest, row.key_number, row.log, row.introduction) == ("", 1, 1, "")
    if row.public_key == before.public_key:
        has_right_key = (row.key_number, row.log, row.introduction) == (before.key_number, before.log, "")
    elif row.introduction:
        has_right_key = (row.key_number, row.log) == (before.key_number + 1, before.log)
        has_right_key &= _is_signed(row, row.introduction, before.public_key)
    else:
        has_right_key = (row.key_number, row.log) == (before.key_number + 1, before.log + 1)
    return has_right_key and row.previous_digest == before.make_digest() and row.day > before.day


def _is_signed(row: DailyList, signature: str, public_key: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), row.signed_bytes)
    except (InvalidSignature, ValueError):
        return False
    return True


def _chain_errors() -> Iterator[str]:
    """Name each chain that does not have the head which a list fixed, with the first such list."""
    fixed = Event.everyones.filter(chain=OuterRef("chain"), number=OuterRef("number"), digest=OuterRef("head"))
    lines = DailyLine.everyones.filter(~Exists(fixed), number__gt=0).order_by("chain", "list__number")
    named = set()
    for chain, number, day in lines.values_list("chain", "number", "list__day").iterator(AT_A_TIME):
        if chain not in named:
            yield f"{chain}, event {number}: missing or rewritten since the daily list of {day}"
        named.add(chain)


class LineFinding(StrEnum):
    MATCHES = "matches"
    NO_LINE = "no line"
    NO_LIST = "no list"
    NOT_IN_LIST = "not in list"
    REWRITTEN = "rewritten"


class CheckedLine(NamedTuple):
    finding: LineFinding
    day: date | None = None


def check_line(words: str) -> CheckedLine:
    """Compare a line that a State kept with the list of its day, and with the chain today.

    Spaces, and the places at which a PDF breaks long words, are left out.
    """
    typed = LINE.fullmatch(re.sub(r"[^0-9A-Za-z/-]", "", words))
    try:
        day = date.fromisoformat(typed["day"]) if typed else None
    except ValueError:
        day = None
    if typed is None or day is None:
        return CheckedLine(LineFinding.NO_LINE)
    chain, number, head = typed["chain"], int(typed["number"]), typed["head"]
    found = DailyList.objects.filter(day=day).first()
    if found is None:
        return CheckedLine(LineFinding.NO_LIST, day)
    if digest_value([typed["salt"], chain, number, head]) not in found.lines:
        return CheckedLine(LineFinding.NOT_IN_LIST, day)
    if number and not Event.everyones.filter(chain=chain, number=number, digest=head).exists():
        return CheckedLine(LineFinding.REWRITTEN, day)
    return CheckedLine(LineFinding.MATCHES, day)
