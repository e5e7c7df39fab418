"""The requests that our functions take."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from recommendations.models import Body
from tracker.models import Respondent, Round, User
from tracker.models.session import SessionStore


class Request(HttpRequest):
    """What Django and the middleware make of each request."""

    user: User | AnonymousUser
    session: SessionStore
    htmx: HtmxDetails
    desk: Respondent
    bodies: list
    body_shown: Body | None
    of_body: str
    rounds: list[Round]


class SignedInRequest(Request):
    """A request to a view that is not `login_not_required`."""

    user: User
