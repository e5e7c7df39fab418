from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.http import Http404

from recommendations.models import Body
from tracker.models import Respondent
from tracker.web.request import Request


class BodyChoice(NamedTuple):
    """`links`: (address, body) of each body to choose from, empty where there is no choice; `query`: names the body in
    an address, empty for the first.
    """

    body: Body | None = None
    links: Sequence[tuple[str, Body]] = ()
    query: str = ""


def choose_body(request: Request, among: Iterable[Body]) -> BodyChoice:
    """Find the body that `?body=` names, without a name the first; 404 where it is not among these."""
    bodies = list(among)
    slug = request.GET.get("body", "")
    body = next((body for body in bodies if (body.slug == slug if slug else body.is_first)), None)
    if slug and body is None:
        raise Http404
    links = [(f"{request.path}{_body_query(other)}", other) for other in bodies] if len(bodies) > 1 else []
    return BodyChoice(body, links, _body_query(body).removeprefix("?"))


def choose_body_of_desk(request: Request, desk: Respondent) -> BodyChoice:
    """Find which bodies are open to the desk only where there are several."""
    bodies = list(Body.objects.all())
    if len(bodies) > 1:
        bodies = list(Body.objects.filter(pk__in=desk.units_open().order_by().values("body")))
    return choose_body(request, bodies)


def _body_query(body: Body | None) -> str:
    return "" if body is None or body.is_first else f"?body={body.slug}"
