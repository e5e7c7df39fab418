"""What is typed is kept when it could not be saved: the session had ended, or the page was older than the sign-in.

A form that a person writes in names its author and its page, signed (`{% author_token %}`). When such a form comes in
too late, its words wait in the session until their author opens that page again. Files and passwords do not wait.
"""

from django.conf import settings
from django.core import signing
from django.http import QueryDict

from tracker.models.session import UNSAVED_INPUT
from tracker.web.request import Request, SignedInRequest

FIELD = "author_token"
LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # characters, of all that one session keeps


def author_token(request: SignedInRequest) -> str:
    """Names, signed, who writes in the forms of this page, and the page."""
    return signing.dumps({"author": request.user.pk, "page": request.get_full_path()}, salt=UNSAVED_INPUT)


def is_author(request: Request) -> bool:
    """Whether what was posted comes from a page of the person who is signed in now."""
    origin = _origin(request)
    return origin is not None and request.user.pk == origin["author"]


def keep(request: Request) -> str | None:
    """Keep what was posted for its author; return the page on which it was written.

    None, and nothing is kept, where no author of ours is named or somebody else is signed in.
    """
    origin = _origin(request)
    if origin is None or (request.user.is_authenticated and request.user.pk != origin["author"]):
        return None
    earlier = request.session.get(UNSAVED_INPUT, {})
    kept = {path: entry for path, entry in earlier.items() if path != request.path}
    kept[request.path] = {"author": origin["author"], "typed": _typed(request.POST)}
    while sum(_size(entry) for entry in kept.values()) > LIMIT:
        del kept[next(iter(kept))]
    request.session[UNSAVED_INPUT] = kept
    return origin["page"]


def take(request: SignedInRequest, path: str | None = None) -> QueryDict | None:
    """What this person posted to `path`, or to the address of this page, and could not save; once.

    Whatever somebody else left in this browser is dropped.
    """
    kept = request.session.get(UNSAVED_INPUT)
    if not kept:
        return None
    own = {posted_to: entry for posted_to, entry in kept.items() if entry["author"] == request.user.pk}
    entry = own.pop(path or request.path, None)
    request.session[UNSAVED_INPUT] = own
    if entry is None:
        return None
    typed = QueryDict(mutable=True)
    for name, values in entry["typed"].items():
        typed.setlist(name, values)
    return typed


def _origin(request: Request) -> dict | None:
    try:
        return signing.loads(request.POST.get(FIELD, ""), salt=UNSAVED_INPUT)
    except signing.BadSignature:
        return None


def _typed(posted: QueryDict) -> dict[str, list[str]]:
    return {
        name: values
        for name, values in posted.lists()
        if name not in (FIELD, "csrfmiddlewaretoken") and "password" not in name
    }


def _size(entry: dict) -> int:
    return sum(len(value) for values in entry["typed"].values() for value in values)
