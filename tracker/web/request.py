from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.urls import ResolverMatch
from django_htmx.middleware import HtmxDetails

from tracker.models import User
from tracker.models.session import SessionStore


class Request(HttpRequest):
    user: User | AnonymousUser
    resolver_match: ResolverMatch  # in every view: the address was found
    session: SessionStore
    htmx: HtmxDetails
    unsaved_input: QueryDict | None  # of a form of the admin, which takes nothing from this package


class SignedInRequest(Request):
    """A request to a view that is not `login_not_required`."""

    user: User
