"""Keep the input of a form that could not be saved: the session had ended, or the page was older than the sign-in.

A form for text names its author and its page, signed: `{% author_token %}`, and in its address
`{% author_query %}`. When the form arrives too late, it is kept for its author by the address to which it was sent
(tracker/actions/draft.py), until the author opens the page again. Files and passwords are not kept.
"""

from urllib.parse import urlsplit

from django.core import signing
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tracker.actions.draft import keep_form, take_form
from tracker.models.draft import LIFETIME
from tracker.models.session import UNSAVED_INPUT
from tracker.web.request import Request, SignedInRequest

FIELD = "author_token"


def author_token(request: SignedInRequest) -> str:
    return signing.dumps(
        {"author": request.user.pk, "page": request.get_full_path()}, salt=UNSAVED_INPUT, compress=True
    )


def is_author(request: Request) -> bool:
    origin = read_author_token(request.POST.get(FIELD, ""))
    return origin is not None and request.user.pk == origin["author"]


def keep(request: Request) -> str | None:
    """Keep the posted input for its author; return the page of the form.

    Keep nothing and return None where the form names no author, or another user is signed in.
    """
    origin = read_author_token(request.POST.get(FIELD, ""))
    if origin is None or (request.user.is_authenticated and request.user.pk != origin["author"]):
        return None
    return origin["page"] if _keep(request, origin["author"], request.POST) else None


def keep_query(request: SignedInRequest) -> str:
    """Keep what was chosen in the form of a file; return its page. A link of another site keeps nothing."""
    page = page_before(request)
    if page != reverse("home"):
        _keep(request, request.user.pk, request.GET)
    return page


def page_before(request: Request) -> str:
    """Return the page of this site that has the link or the button, else the home page."""
    referer = request.headers.get("referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return urlsplit(referer)._replace(scheme="", netloc="", fragment="").geturl()
    return reverse("home")


def take(request: SignedInRequest, *addresses: str) -> QueryDict | None:
    """Return, once, what the user sent to one of the addresses and could not save; without any, to this page."""
    if not request.session.get(UNSAVED_INPUT):
        return None
    fields = take_form(pages=addresses or [request.path], by=request.user)
    return None if fields is None else as_posted(fields)


def as_posted(fields: dict[str, list[str]]) -> QueryDict:
    posted = QueryDict(mutable=True)
    for name, values in fields.items():
        posted.setlist(name, values)
    return posted


def read_author_token(token: str) -> dict | None:
    """Return the author and the page of a form, None where the site did not sign the token in the last 30 days."""
    try:
        return signing.loads(token, salt=UNSAVED_INPUT, max_age=LIFETIME)
    except signing.BadSignature:
        return None


def read_texts(request: Request) -> list[str]:
    """Return the texts, of two words or more, in the posted form of an author. Read no body that no view has read."""
    if request.method != "POST" or request.resolver_match is None or not is_author(request):
        return []
    return [text for texts in _fields_of(request.POST).values() for text in texts if len(text.split()) > 1]


def _keep(request: Request, author: int, typed: QueryDict) -> bool:
    if not keep_form(page=request.path, fields=_fields_of(typed), author=author):
        return False
    request.session[UNSAVED_INPUT] = True
    return True


def _fields_of(posted: QueryDict) -> dict[str, list[str]]:
    return {
        name: values
        for name, values in posted.lists()
        if name not in (FIELD, "csrfmiddlewaretoken") and "password" not in name
    }
