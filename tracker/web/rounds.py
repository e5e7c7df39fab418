"""The round that a page of figures is about: `?round=`, or the newest."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404

from recommendations.models import Body
from tracker.figures.progress import rounds
from tracker.models import Round
from tracker.permissions import can_see_progress
from tracker.web.bodies import BodyChoice
from tracker.web.request import SignedInRequest


class RoundChoice(NamedTuple):
    """`round`: none where none has been opened; `rounds`: those of its body to choose from, the newest first."""

    round: Round | None
    rounds: list[Round]
    body_choice: BodyChoice

    def find(self, code: str | None) -> Round | None:
        """Return the round that has this code, None where no code is given; 404 where there is no such round."""
        return _find(self.rounds, code)


def choose_round(request: SignedInRequest, body: Body | None = None) -> RoundChoice:
    """Find the round that the address names, of the body where one is given; without a name the newest, of the first
    body where it has rounds. Where other bodies have rounds too, each is linked to its newest.

    Raises PermissionDenied for users who may not see the figures of rounds.
    """
    if not can_see_progress(request.user):
        raise PermissionDenied
    every = sorted((each for each in rounds() if body in (None, each.body)), key=lambda each: not each.body.is_first)
    found = _find(every, request.GET.get("round")) or next(iter(every), None)
    newest = {each.body: each for each in reversed(every)}
    links = [(f"?round={newest[other].code}", other) for other in reversed(newest)] if len(newest) > 1 else []
    return RoundChoice(
        round=found,
        rounds=[each for each in every if found and each.body == found.body],
        body_choice=BodyChoice(found.body if found else None, links),
    )


def _find(among: list[Round], code: str | None) -> Round | None:
    found = next((each for each in among if each.code == code), None)
    if code and found is None:
        raise Http404
    return found
