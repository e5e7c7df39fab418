"""Know the browsers in which a person signed in before, and count attempts that fail apart for each of them.

The pattern is OWASP's “device cookies”: failures of others slow down browsers that are new to the account, and no known
one. The cookie has a generation of the user: ending all sessions, another password and another second factor begin the
next. A browser that is remembered for the second step is so while it is known.
"""

import datetime

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.conf import settings
from django.core import signing
from django.http import HttpResponseBase
from django.utils.crypto import get_random_string, salted_hmac

from tracker.models import User
from tracker.web.request import Request

SALT = "device"
IN_USE = datetime.timedelta(days=365)
PEOPLE = 5  # of one browser
PROVEN_USER = "tracker.proven_user"  # in the environment of a request: who signed in or set a password in it


def is_known(request: Request, user: User) -> bool:
    return _fingerprint(user) in _numbers(request)


def begin_attempt(request: Request, user: User | None, key: str) -> RateLimitUsage | None:
    """Count an attempt to prove who one is; None where the browser has to wait. A successful one is rolled back."""
    number = _numbers(request).get(_fingerprint(user)) if user else None
    action, counted = ("attempt_known", f"{key} {number}") if number else ("attempt_unknown", key)
    return ratelimit.consume(request, app="allauth.account", action=action, key=counted)


def note_device(request: Request, user: User) -> None:
    """Make this browser a known one of the person, who has just proved to be this person, with the response."""
    request.META[PROVEN_USER] = user


def set_cookie(request: Request, response: HttpResponseBase, user: User) -> None:
    fingerprint = _fingerprint(user)
    others = [[key, number] for key, number in _numbers(request).items() if key != fingerprint]
    numbers = [[fingerprint, get_random_string(16)], *others][:PEOPLE]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(numbers, salt=SALT),
        max_age=IN_USE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _numbers(request: Request) -> dict[str, str]:
    """Return the number of this browser for each of its people, by their fingerprint."""
    try:
        numbers = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=IN_USE)
    except signing.BadSignature:
        return {}
    return dict(numbers)


def _fingerprint(user: User) -> str:
    return salted_hmac(SALT, f"{user.pk} {user.device_generation}", algorithm="sha256").hexdigest()[:32]
