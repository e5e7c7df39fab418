import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import IO

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from recommendations.models import Body, Recommendation
from tracker.actions.record import Answer, NotSaved, StaleAnswer
from tracker.figures.progress import rounds
from tracker.models import Citation, EvidenceVersion, Respondent, Revision, Round, Submission, User
from tracker.models.assignment import opened
from tracker.models.language import Language
from tracker.models.submission import NextSubmission
from tracker.permissions import can_manage_team, can_see_progress
from tracker.queries.difference import Difference, differences, in_words
from tracker.queries.submissions.check import asking_submission
from tracker.web.request import Request, SignedInRequest
from tracker.workflow import next_submission

logger = logging.getLogger(__name__)


def get_desk_or_404(request: SignedInRequest, code: str) -> Respondent:
    """The respondent whose desk this person may enter; 404 to a stranger, as if there were none.

    Tells the masthead whose desk the page is about.
    """
    for respondent in request.user.respondents:
        if respondent.code == code:
            request.desk = respondent
            return respondent
    raise Http404


def get_whole_desk_or_404(request: SignedInRequest, code: str) -> Respondent:
    """A desk of which this person may read everything; 404 also to whom it is opened in part."""
    desk = get_desk_or_404(request, code)
    if desk.pk not in request.user.whole_desks:
        raise Http404
    return desk


def get_team_desk_or_404(request: SignedInRequest, code: str) -> Respondent:
    """The respondent whose people this person keeps; refuses the others of the desk, 404 to a stranger."""
    desk = get_whole_desk_or_404(request, code)
    if not can_manage_team(request.user, desk):
        raise PermissionDenied
    return desk


def body_of_desk(request: SignedInRequest, desk: Respondent) -> Body | None:
    """The body that the page of a desk is about, among those of which it answers something."""
    return chosen_body(request, Body.objects.filter(pk__in=desk.units_open().order_by().values("body")))


def chosen_body(request: Request, among: Iterable[Body]) -> Body | None:
    """The body that the page is about: `?body=`, or the first; 404 where it is none of these.

    Leaves the bodies to choose from, where there are several, as `request.bodies`: (address, body); the chosen one as
    `request.body_shown`; and what keeps it in a link as `request.of_body`, empty for the first.
    """
    bodies = list(among)
    slug = request.GET.get("body", "")
    body = next((body for body in bodies if (body.slug == slug if slug else body.is_first)), None)
    if slug and body is None:
        raise Http404
    request.bodies = [(f"{request.path}{_named(one)}", one) for one in bodies] if len(bodies) > 1 else []
    request.body_shown = body
    request.of_body = _named(body).removeprefix("?")
    return body


def _named(body: Body | None) -> str:
    return "" if body is None or body.is_first else f"?body={body.slug}"


def task_list_address(desk: Respondent, unit: Recommendation) -> str:
    """Of the task list in which the unit stands."""
    return reverse("record_list", args=[desk.code], query={"body": unit.body_slug} if unit.body_slug else None)


def last_language(respondent: Respondent, user: User) -> str:
    """In which this person answered for the respondent last."""
    hers = Revision.objects.visible_to(user).filter(record__respondent=respondent, author=user).order_by("-pk")
    return hers.values_list("language", flat=True).first() or Language.ENGLISH


def answerable(round_: Round, current: Submission | None) -> Submission | None:
    """The submission whose questions a State may answer now."""
    if next_submission(round_, current) != NextSubmission.ANSWERS_ALONE:
        return None
    return asking_submission(current)


def get_unit_or_404(slug: str) -> Recommendation:
    """The unit on which the text of this address is answered: itself, or its chapeau."""
    node = Recommendation.objects.published().with_text().filter(slug=slug).first()
    unit = node.answered_at if node else None
    if unit is None:
        raise Http404
    return unit


def get_opened_unit_or_404(request: SignedInRequest, respondent: Respondent, slug: str) -> Recommendation:
    """Likewise; 404 also where the respondent does not answer it, or where it is not opened to this person."""
    unit = get_unit_or_404(slug)
    if not opened(respondent.units_open(), respondent, request.user).filter(pk=unit.pk).exists():
        raise Http404
    return unit


def changes_to(current: Revision | None, answer: Answer) -> list[Difference]:
    """What an answer says otherwise than the current revision, which has its citations with it."""
    before = in_words(current, current.citations.all()) if current else defaultdict(str)
    citations = [Citation(evidence_version=version, pinpoint=pinpoint) for version, pinpoint in answer.citations]
    return differences(before, in_words(Revision(**answer.said()), citations))


def why_not_saved(refused: NotSaved) -> Iterator[str]:
    """A sentence for each of the answers that cannot be saved."""
    for unit, why in refused.why.items():
        if isinstance(why, StaleAnswer):
            yield changed_meanwhile(unit.full_label, why)
        else:
            yield f"{unit.full_label}: {' '.join(why.messages)}"


def changed_meanwhile(label: str, stale: StaleAnswer) -> str:
    told = _("%(label)s: %(who)s saved revision %(number)s meanwhile. Nothing was changed: look again.")
    return told % {"label": label, "who": stale.current.author, "number": stale.current.number}


def round_of_progress(request: SignedInRequest, body: Body | None = None) -> Round | None:
    """The round that was chosen, of the body where one is given; or the newest, of the first body where it has some.
    None where none has been opened. Refuses whoever may not see figures of rounds.

    Leaves the rounds to choose from, which are of one body, as `request.rounds`; and where other bodies have rounds
    too, the newest of each as `request.bodies`: (address, body).
    """
    if not can_see_progress(request.user):
        raise PermissionDenied
    every = sorted((one for one in rounds() if body in (None, one.body)), key=lambda one: not one.body.is_first)
    request.rounds = every
    found = chosen_round(request, "round") or next(iter(every), None)
    request.rounds = [one for one in every if found and one.body == found.body]
    newest = {one.body: one for one in reversed(every)}
    request.bodies = [(f"?round={newest[one].code}", one) for one in reversed(newest)] if len(newest) > 1 else []
    request.body_shown = found.body if found else None
    return found


def chosen_round(request: SignedInRequest, parameter: str) -> Round | None:
    """The round of which the address has the code; none where it has no code."""
    code = request.GET.get(parameter)
    found = next((round_ for round_ in request.rounds if round_.code == code), None)
    if code and found is None:
        raise Http404
    return found


def file_response(request: Request, version: EvidenceVersion, *, back: str, to: str) -> HttpResponseBase:
    """The bytes of a version, as an attachment that no browser opens as a page of ours; or why there are none, with
    a way back to what is named `to`.
    """
    context = {"version": version, "back": back, "to": to}
    file = version.file
    if file is None:
        raise Http404
    if file.withdrawal_id:
        return render(request, "tracker/evidence/file_withdrawn.html", context, status=410)
    try:
        stored = file.file.open("rb")
    except Exception:  # the kinds of storage have no error in common
        logger.exception("opening a file failed")
        return render(request, "tracker/evidence/file_missing.html", context, status=404)
    return attachment(stored, version.file_name or str(version.evidence), file.content_type)


def attachment(stored: IO[bytes], name: str, content_type: str) -> FileResponse:
    """A private file, which no browser opens as a page of ours, and which stays in no cache."""
    return FileResponse(
        stored,
        as_attachment=True,
        filename=name,
        content_type=content_type,
        headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
    )


def say_saved(request: SignedInRequest, unit: Recommendation, revision: Revision | None) -> None:
    if revision is None:
        messages.info(request, _("%(label)s: nothing to save, the answer says the same.") % {"label": unit.full_label})
        return
    told = _("%(label)s is saved as revision %(number)s.")
    messages.success(request, told % {"label": unit.full_label, "number": revision.number})
