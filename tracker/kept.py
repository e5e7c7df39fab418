"""What is typed is kept when it could not be saved: the session had ended, or the page was older than the sign-in.

A form that a person writes in names its author and its page, signed (`{% author_token %}`). When such a form comes in
too late, its words wait in the session until their author opens that page again. Files and passwords do not wait.
"""

from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from tracker.models import Session
from tracker.words import holds

FIELD = "author_token"
SESSION_KEY = "kept"
LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # characters, of all that one session keeps


def author_token(request: HttpRequest) -> str:
    """Names, signed, who writes in the forms of this page, and the page."""
    return signing.dumps({"author": request.user.pk, "page": request.get_full_path()}, salt=SESSION_KEY)


def is_author(request: HttpRequest) -> bool:
    """Whether what was posted comes from a page of the person who is signed in now."""
    origin = _origin(request)
    return origin is not None and request.user.pk == origin["author"]


def keep(request: HttpRequest) -> str | None:
    """Keep what was posted for its author; return the page on which it was written.

    None, and nothing is kept, where no author of ours is named or somebody else is signed in.
    """
    origin = _origin(request)
    if origin is None or (request.user.is_authenticated and request.user.pk != origin["author"]):
        return None
    earlier = request.session.get(SESSION_KEY, {})
    kept = {path: entry for path, entry in earlier.items() if path != request.path}
    kept[request.path] = {"author": origin["author"], "typed": _typed(request.POST)}
    while sum(_size(entry) for entry in kept.values()) > LIMIT:
        del kept[next(iter(kept))]
    request.session[SESSION_KEY] = kept
    return origin["page"]


def take(request: HttpRequest, path: str | None = None) -> QueryDict | None:
    """What this person posted to `path`, or to the address of this page, and could not save; once.

    Whatever somebody else left in this browser is dropped.
    """
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    own = {posted_to: entry for posted_to, entry in kept.items() if entry["author"] == request.user.pk}
    entry = own.pop(path or request.path, None)
    request.session[SESSION_KEY] = own
    if entry is None:
        return None
    typed = QueryDict(mutable=True)
    for name, values in entry["typed"].items():
        typed.setlist(name, values)
    return typed


def forget(code: str, words: str) -> None:
    """Drop, from everybody's session, what was posted about the respondent of this code and holds the words."""
    _drop(Session.objects.all(), lambda path, entry: f"/{code}/" in path and _holds(entry, words))


def forget_author(pk: int) -> None:
    """Drop what this person posted when she was not signed in any more: it waits in a session that is nobody's."""
    _drop(Session.objects.filter(user=None), lambda _path, entry: entry["author"] == pk)


def _drop(sessions: QuerySet[Session], is_dropped: Callable[[str, dict], bool]) -> None:
    for session in sessions.iterator():
        data = session.get_decoded()
        entries = data.get(SESSION_KEY, {})
        left = {path: entry for path, entry in entries.items() if not is_dropped(path, entry)}
        if left != entries:
            session.session_data = Session.objects.encode(data | {SESSION_KEY: left})
            session.save(update_fields=["session_data"])


def _origin(request: HttpRequest) -> dict | None:
    try:
        return signing.loads(request.POST.get(FIELD, ""), salt=SESSION_KEY)
    except signing.BadSignature:
        return None


def _holds(entry: dict, words: str) -> bool:
    return any(holds([value], words) for values in entry["typed"].values() for value in values)


def _typed(posted: QueryDict) -> dict[str, list[str]]:
    return {
        name: values
        for name, values in posted.lists()
        if name not in (FIELD, "csrfmiddlewaretoken") and "password" not in name
    }


def _size(entry: dict) -> int:
    return sum(len(value) for values in entry["typed"].values() for value in values)
