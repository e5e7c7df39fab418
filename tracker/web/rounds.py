from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render

from recommendations.models import Body
from tracker.documents.statements import WORKING_FIGURES
from tracker.figures.comparison import RoundChanges
from tracker.figures.progress import RoundProgress, round_progress, rounds
from tracker.models import Round
from tracker.permissions import can_see_progress, check_permission, is_reviewer
from tracker.web.bodies import BodyChoice
from tracker.web.request import SignedInRequest


class RoundChoice(NamedTuple):
    """`round`: None where none is open yet; `rounds`: those of its body, the newest first."""

    round: Round | None
    rounds: list[Round]
    body_choice: BodyChoice

    @property
    def before(self) -> Round | None:
        """Return the round before the chosen one."""
        older = self.rounds[self.rounds.index(self.round) + 1 :] if self.round else []
        return next(iter(older), None)

    def progress(self, **part: str) -> RoundProgress | None:
        """Return the figures of the round, or of the part of it that `round_progress` takes."""
        return round_progress(self.round, **part) if self.round else None


def choose_round(request: SignedInRequest, body: Body | None = None) -> RoundChoice:
    """Find the round that `?round=` names; without a name the newest, of the first body that has rounds.

    Raises PermissionDenied for users who may not see the figures of rounds.
    """
    check_permission(can_see_progress(request.user))
    every = sorted((each for each in rounds() if body in (None, each.body)), key=lambda each: not each.body.is_first)
    found = find_round(every, request.GET.get("round")) or next(iter(every), None)
    newest = {each.body: each for each in reversed(every)}
    links = [(f"?round={newest[other].code}", other) for other in reversed(newest)] if len(newest) > 1 else []
    return RoundChoice(
        round=found,
        rounds=[each for each in every if found and each.body == found.body],
        body_choice=BodyChoice(found.body if found else None, links),
    )


def find_round(among: list[Round], code: str | None) -> Round | None:
    """Return the round of this code; None without a code, 404 where there is no such round."""
    found = next((each for each in among if each.code == code), None)
    if code and found is None:
        raise Http404
    return found


def show_round(
    request: SignedInRequest,
    choice: RoundChoice,
    template: str,
    found: RoundProgress | RoundChanges | None,
    **context: object,
) -> HttpResponse:
    """Show a page with figures of a round, `found`: None where there are none."""
    everything = {
        "found": found,
        "rounds": choice.rounds,
        "body_choice": choice.body_choice,
        "statements": WORKING_FIGURES,
        "opens_figures": is_reviewer(request.user),
        **context,
    }
    return render(request, template, everything)
