from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import ResolverMatch
from django_htmx.middleware import HtmxDetails

from tracker.models import User
from tracker.models.session import SessionStore


class Request(HttpRequest):
    user: User | AnonymousUser
    resolver_match: ResolverMatch  # in every view: the address was found
    session: SessionStore
    htmx: HtmxDetails


class SignedInRequest(Request):
    """A request to a view that is not `login_not_required`."""

    user: User
