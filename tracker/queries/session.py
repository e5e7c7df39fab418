import datetime
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from django.contrib.auth import HASH_SESSION_KEY
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from recommendations.lists import format_list
from tracker.models import Session, User
from tracker.models.session import BEGAN

BROWSER_LIMIT = 300  # characters of what a browser says of itself
# As browsers name themselves. The first match counts, since most name other browsers too.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


class SessionRow(NamedTuple):
    """`number` ends the session; `network` is where it began; `browser` is in words, or as it named itself."""

    number: str
    is_this: bool
    network: str
    browser: str
    began_at: datetime.datetime | None
    seen_at: datetime.datetime


def session_start(address: str, browser: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(), "network": address_group(address), "browser": browser[:BROWSER_LIMIT]}


def session_rows(user: User, row_key: str) -> list[SessionRow]:
    rows = user.sessions.filter(expire_date__gt=timezone.now()).order_by("-seen_at", "session_key")
    listed = [_signed_in(row, row_key) for row in rows if _is_signed_in(row, user)]
    return sorted(listed, key=lambda session: not session.is_this)


def address_group(address: str) -> str:
    """Reduce an address to its network, which shows town and provider but not the computer."""
    if not address:
        return ""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return ":".join(f"{int(group, 16):x}" for group in found.exploded.split(":")[:3]) + ":*"
    return str(getattr(found, "ipv4_mapped", None) or found).rpartition(".")[0] + ".*"


def client_name(user_agent: str) -> str:
    """Write `Firefox, Windows`, or the user agent itself where it names neither."""
    return known_client(user_agent) or user_agent


def known_client(user_agent: str) -> str:
    named = [next((name for sign, name in names.items() if sign in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return format_list(filter(None, named))


def _is_signed_in(row: Session, user: User) -> bool:
    """Refuse sessions older than the user's password."""
    return constant_time_compare(row.get_decoded().get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _signed_in(row: Session, row_key: str) -> SessionRow:
    began = row.get_decoded().get(BEGAN, {})
    return SessionRow(
        number=row.pk,
        is_this=row.pk == row_key,
        network=began.get("network", ""),
        browser=client_name(began.get("browser", "")),
        began_at=datetime.datetime.fromisoformat(began["at"]) if began else None,
        seen_at=row.seen_at,
    )
