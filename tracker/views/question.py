"""The Secretariat's requests for clarification of a submission, and its State's replies."""

from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tracker.actions.remark import save_reply
from tracker.forms.question import ReplyForm
from tracker.forms.record import FormGroup
from tracker.models import Submission, User
from tracker.permissions import can_answer_all, can_submit
from tracker.queries.submissions.questions import ClarificationRow, read_clarification_rows, sent_clarifications
from tracker.views import check_permission, get_submission_or_404
from tracker.web import unsaved_input
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed, may_reply


class ClarificationPage(NamedTuple):
    submission: Submission
    questions: list[ClarificationRow]

    @property
    def is_open(self) -> bool:
        """Return whether replies can be saved now."""
        is_waiting = may_reply(self.submission.participation) and not self.submission.is_withdrawn
        return is_waiting and any(not row.clarification.is_submitted for row in self.questions)


@require_http_methods(["GET", "HEAD", "POST"])
def submission_clarifications(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found = get_submission_or_404(request.user, code, round_code, number)
    check_permission(found.respondent_id in request.user.respondent_ids)  # reviewers have another page
    page = _open(request.user, found)
    if request.method == "POST":
        return _answer(request, page)
    typed = unsaved_input.take(request)
    return _show(request, page, _forms(page, typed), is_unsaved=typed is not None)


def _answer(request: SignedInRequest, page: ClarificationPage) -> HttpResponse:
    """Save each reply that was typed. The others stay as typed, with the reason."""
    check_permission(can_submit(request.user, page.submission.respondent))
    forms = _forms(page, request.POST)
    started = [form for form in forms if form.is_filled]
    refused = [form for form in started if form.is_valid() and not _save(form, request.user)]
    saved = [form for form in started if form.is_valid() and form not in refused]
    if saved:
        text = ngettext(
            # Translators: count: number of replies.
            "%(count)d reply saved. The Secretariat can read it after you submit it.",
            "%(count)d replies saved. The Secretariat can read them after you submit them.",
            len(saved),
        )
        messages.success(request, text % {"count": len(saved)})
    if len(saved) == len(started):
        return _open_next(request, page, saved)
    page = _open(request.user, page.submission)
    now = {row.clarification.remark.pk: row for row in page.questions}
    for form in refused:
        row = now[form.row.clarification.remark.pk]
        form.refuse_for(row, page.is_open and not row.clarification.is_submitted)
    stay = {form.prefix: form for form in started if form not in saved}
    return _show(request, page, [stay.get(form.prefix, form) for form in _forms(page)], status=409 if refused else 200)


def _save(form: ReplyForm, user: User) -> bool:
    """Return False where the clarification is closed, another user has replied, or words were withdrawn."""
    try:
        save_reply(
            remark=form.row.clarification.remark,
            text=form.cleaned_data["text"],
            base=form.base,
            withdrawn=form.withdrawn,
            by=user,
        )
    except NotAllowed:
        return False
    except ValidationError as error:
        form.add_error(None, error)
    return True


def _open_next(request: SignedInRequest, page: ClarificationPage, saved: list[ReplyForm]) -> HttpResponse:
    found = page.submission
    if "check" in request.POST:
        return redirect("check", found.respondent.code, found.round.code)
    if not saved:
        messages.info(request, _("There are no changes to save."))
    return redirect("submission_questions", found.respondent.code, found.round.code, found.number)


def _forms(page: ClarificationPage, data: QueryDict | None = None) -> list[ReplyForm]:
    return [ReplyForm(data, row=row) for row in page.questions]


def _show(
    request: SignedInRequest,
    page: ClarificationPage,
    forms: list[ReplyForm],
    is_unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:
    found = page.submission
    context = {
        "desk": found.respondent,
        "tab": "submissions",
        "page": page,
        "submission": found,
        "forms": forms,
        "form": FormGroup(*forms),
        "is_unsaved": is_unsaved,
        "may_submit": can_submit(request.user, found.respondent),
        "may_answer": can_answer_all(request.user, found.respondent),
        "unanswered": [form.row.clarification for form in forms if not form.row.clarification.is_answered],
    }
    return render(request, "tracker/question/questions.html", context, status=status)


def _open(user: User, found: Submission) -> ClarificationPage:
    return ClarificationPage(found, read_clarification_rows(sent_clarifications([found], user), user))
