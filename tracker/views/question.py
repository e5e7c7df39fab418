"""The Secretariat's requests for clarification of a submission, and its State's replies."""

from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from tracker.actions.reply import StaleReplies, submit_replies
from tracker.forms.question import ReplyForm, ReplyStatementForm
from tracker.forms.record import FormGroup
from tracker.models import Submission, User
from tracker.permissions import can_answer_all, can_submit, check_permission
from tracker.queries.desk.assignments import assignees_by_unit, assignments_of
from tracker.queries.submissions.questions import ClarificationRow, read_clarification_rows, sent_clarifications
from tracker.views import get_submission_or_404
from tracker.web import unsaved_input
from tracker.web.answer_messages import SUBMITTED
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed, may_reply


class ClarificationPage(NamedTuple):
    submission: Submission
    questions: list[ClarificationRow]

    @property
    def is_open(self) -> bool:
        """Return whether replies can be submitted now."""
        is_waiting = may_reply(self.submission.participation) and not self.submission.is_withdrawn
        return is_waiting and any(not row.clarification.is_answered for row in self.questions)


@form_view(fresh_sign_in=NEVER)
def submission_clarifications(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found = get_submission_or_404(request.user, code, round_code, number)
    check_permission(found.respondent_id in request.user.respondent_ids)  # reviewers have another page
    page = _open(request.user, found)
    if request.method == "POST":
        return _submit(request, page)
    typed = unsaved_input.take(request)
    return _show(request, page, _forms(page, typed), ReplyStatementForm(), typed=typed)


def _submit(request: SignedInRequest, page: ClarificationPage) -> HttpResponse:
    """Submit every reply that is filled in, or none of them. `change` keeps what was typed, and opens an answer."""
    respondent = page.submission.respondent
    check_permission(can_submit(request.user, respondent))
    forms, statement = _forms(page, request.POST), ReplyStatementForm(request.POST)
    if request.POST.get("change") in {form.prefix for form in forms}:
        unsaved_input.keep(request)
        return redirect("record", respondent.code, request.POST["change"])
    filled = [form for form in forms if form.is_filled]
    if not all([statement.is_valid(), *(form.is_valid() for form in filled)]):
        return _show(request, page, forms, statement)
    try:
        submission = submit_replies(
            respondent=respondent,
            round_=page.submission.round,
            given=[form.given for form in filled],
            names_no_victim=statement.cleaned_data["names_no_victim"],
            by=request.user,
        )
    except ValidationError as error:
        statement.add_error(None, error)
        return _show(request, page, forms, statement)
    except StaleReplies as stale:
        return _show_stale(request, page, stale)
    except NotAllowed:
        return _show_stale(request, page, StaleReplies([form.given.remark for form in filled], []))
    messages.success(request, SUBMITTED)
    return redirect(submission)


def _show_stale(request: SignedInRequest, page: ClarificationPage, stale: StaleReplies) -> HttpResponse:
    page = _open(request.user, page.submission)
    forms = _forms(page, request.POST)
    for form in forms:
        remark = form.row.clarification.remark
        if remark in stale.closed or remark in stale.changed:
            form.refuse(is_closed=remark in stale.closed)
    return _show(request, page, forms, ReplyStatementForm(), status=409)


def _forms(page: ClarificationPage, data: QueryDict | None = None) -> list[ReplyForm]:
    return [ReplyForm(data, row=row) for row in page.questions]


def _show(
    request: SignedInRequest,
    page: ClarificationPage,
    forms: list[ReplyForm],
    statement: ReplyStatementForm,
    *,
    typed: QueryDict | None = None,
    status: int = 200,
) -> HttpResponse:
    found = page.submission
    units = [form.row.clarification.unit for form in forms]
    holders = assignees_by_unit(assignments_of(units, found.respondent, request.user) if units else [])
    context = {
        "page": page,
        "submission": found,
        "forms": forms,
        "asked": [(form, holders[unit.pk]) for form, unit in zip(forms, units, strict=True)],
        "statement": statement,
        "form": FormGroup(*forms, statement),
        "is_typed": typed is not None,
        "is_unsaved": typed is not None and "change" not in typed,
        "may_submit": can_submit(request.user, found.respondent),
        "may_answer": can_answer_all(request.user, found.respondent),
        "unanswered": [form.row.clarification for form in forms if not form.row.clarification.is_answered],
    }
    return render(request, "tracker/question/questions.html", context, status=status)


def _open(user: User, found: Submission) -> ClarificationPage:
    return ClarificationPage(found, read_clarification_rows(sent_clarifications([found], user), user))
