"""The reviewers' pages: the queue, and the reading of one submission, item by item."""

from datetime import date
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tracker.actions.remark import (
    assign_readings,
    close_reading,
    note_items,
    return_submission,
    save_remark,
    send_clarifications,
    start_reading,
)
from tracker.disclosure import may_still_read
from tracker.forms.review import QueueFilter, ReadingsForm, RemarkForm, SendForm, key_in_queue
from tracker.models import Submission, SubmissionEvidence, User
from tracker.models.submission import SubmissionStage
from tracker.models.user import Role
from tracker.permissions import check_permission, people_with_role
from tracker.queries.submissions import reading
from tracker.queries.submissions.questions import unanswered_clarifications
from tracker.queries.submissions.reading import ALL, ASKED, CHANGED, Reading, ReadingRow
from tracker.views import carry_out, form_data, form_errors, save_form, show_errors
from tracker.web import unsaved_input
from tracker.web.files import file_response
from tracker.web.fresh_sign_in import NEVER, button_view, form_view
from tracker.web.request import SignedInRequest
from tracker.workflow import NOT_READ, READ_IN, NotAllowed

PAGE = 50
NO_THEME = "-"
State = SubmissionStage


class InQueue(NamedTuple):
    """`days`: since it was submitted, if the reading is not closed; `languages`: names of those of the answers;
    `reply_by`: the first day by which a reply is requested.
    """

    submission: Submission
    days: int | None
    languages: list[str | Promise]
    reply_by: date | None
    may_take: bool
    may_release: bool

    @property
    def key(self) -> str:
        return key_in_queue(self.submission)

    @property
    def is_overdue(self) -> bool:
        return self.reply_by is not None and self.reply_by < timezone.localdate()


@form_view(fresh_sign_in=NEVER)
def review_queue(request: SignedInRequest) -> HttpResponse:
    """List submissions. POST assigns the readings of those selected."""
    user, officers = request.user, sorted(people_with_role(Role.REVIEWER), key=str)
    check_permission(user.has_role(Role.REVIEWER))
    submissions = Submission.objects.to_be_read_by(user).annotate(holder_reads=may_still_read())
    found = QueueFilter(request.GET, reading.queue(submissions), user, officers)
    page = Paginator(found.shown, PAGE).get_page(request.GET.get("page"))
    form = ReadingsForm(form_data(request), submissions=page, officers=officers)
    if save_form(request, form, assign_readings, _("The readings are assigned.")):
        return redirect(request.get_full_path())
    context = {
        "found": found,
        "page": page,
        "rows": _in_queue(list(page), user),
        "form": form,
        "loads": reading.readings_by_officer(officers, user),
    }
    return render(request, "tracker/review/queue.html", context)


@require_safe
def review(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    """Show one item, `?item=`, of the list `?show=`: what changed, what was asked, or all."""
    found = _read_or_refuse(request.user, code, round_code, number)
    show = request.GET.get("show")
    row = found.row(request.GET.get("item", "")) or _first(found, show)
    typed = unsaved_input.take(request, _remark_url(found, row)) if row else None
    return _show(request, found, show, row, RemarkForm.of(row.remark, typed) if row else None, is_unsaved=bool(typed))


@form_view(fresh_sign_in=NEVER)
def review_remark(request: SignedInRequest, code: str, round_code: str, number: int, slug: str) -> HttpResponse:
    found = _read_or_refuse(request.user, code, round_code, number)
    row = found.row(slug)
    if row is None:
        raise Http404
    if request.method != "POST":
        return redirect(_url(found, ALL, row))
    show = request.POST.get("show")
    form, status = RemarkForm(request.POST), 200
    try:
        if form.is_valid():
            save_remark(item=row.item, **form.cleaned_data, by=request.user)
            return redirect(_url(found, show, _after(found, show, row) or row))
        if not _is_reader(request.user, found):
            raise NotAllowed
    except ValidationError as error:
        form.add_error(None, error)
    except NotAllowed:
        status = 409
    except PermissionDenied:
        status = 403
    return _show(request, found, show, row, form, status=status)


@button_view(fresh_sign_in=NEVER)
def review_note_items(
    request: SignedInRequest, code: str, round_code: str, number: int, theme_slug: str
) -> HttpResponse:
    found = _read_or_refuse(request.user, code, round_code, number)
    show = request.POST.get("show")
    slug = "" if theme_slug == NO_THEME else theme_slug
    section = next((section for section in found.sections(_shown(show)) if section.slug == slug), None)
    if section is None:
        raise Http404
    with show_errors(request):
        rest = [row.item for row in section.rows if not row.is_read]
        count = note_items(submission=found.submission, items=rest, by=request.user)
        # Translators: section: name of a theme; count: number of answers.
        message = _("Marked as noted in “%(section)s”: %(count)d")
        messages.success(request, message % {"count": count, "section": section.name})
    return redirect(_url(found, show, None))


@button_view(fresh_sign_in=NEVER)
def review_take(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    submission, _of_the_state = _submission_or_refuse(request.user, code, round_code, number)
    carry_out(request, start_reading, submission=submission)
    return redirect("review", code, round_code, number)


@button_view(fresh_sign_in=NEVER)
def review_return(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    submission, _of_the_state = _submission_or_refuse(request.user, code, round_code, number)
    # Translators: reference: reference of a submission.
    done = _("%(reference)s has been returned to the queue.") % {"reference": submission.reference}
    if carry_out(request, return_submission, done, submission=submission):
        return redirect("review_queue")
    return redirect("review", code, round_code, number)


@form_view(fresh_sign_in=NEVER)
def review_send(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    """Show all requests for clarification once more; POST delivers them."""
    found = _read_or_refuse(request.user, code, round_code, number)
    form = SendForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        with show_errors(request), form_errors(form):
            count = send_clarifications(submission=found.submission, by=request.user, **form.cleaned_data)
            message = ngettext(
                # Translators: name: name of the State; count: number of requests for clarification.
                "%(name)s: %(count)d request for clarification sent. The focal points have been notified by e-mail.",
                "%(name)s: %(count)d requests for clarification sent. The focal points have been notified by e-mail.",
                count,
            )
            messages.success(request, message % {"count": count, "name": found.submission.respondent})
        if not form.errors:
            return redirect(_url(found, None, None))
    check_permission(_is_reader(request.user, found))
    return render(request, "tracker/review/send.html", {"submission": found.submission, "found": found, "form": form})


@form_view(fresh_sign_in=NEVER)
def review_close(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found = _read_or_refuse(request.user, code, round_code, number)
    if request.method == "POST":
        done = _("The reading is closed. The focal points have been notified by e-mail.")
        carry_out(request, close_reading, done, submission=found.submission)
        return redirect(_url(found, None, None))
    check_permission(_is_reader(request.user, found))
    context = {
        "submission": found.submission,
        "found": found,
        "unanswered": unanswered_clarifications(found.submission.participation),
        "unread": sum(not row.is_read for row in found.shown(CHANGED)),
    }
    return render(request, "tracker/review/close.html", context)


@require_safe
def submission_evidence_file(
    request: SignedInRequest, code: str, round_code: str, number: int, slug: str, position: int
) -> HttpResponseBase:
    """Serve the file of the sealed version to readers of the submission; withheld evidence is not found."""
    submission, _of_the_state = _submission(request.user, code, round_code, number)
    pieces = SubmissionEvidence.objects.visible_to(request.user).select_related(
        "citation__evidence_version__file__withdrawal", "citation__evidence_version__evidence"
    )
    piece = get_object_or_404(
        pieces, item__submission=submission, item__unit__slug=slug, position=position, withheld=False
    )
    back = submission.get_absolute_url()
    return file_response(request, piece.citation.evidence_version, back=back, to=submission.reference)


def _show(
    request: SignedInRequest,
    found: Reading,
    show: str | None,
    row: ReadingRow | None,
    form: RemarkForm | None,
    *,
    is_unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:
    show = _shown(show)
    if row and row not in found.shown(show):
        show = ALL
    sections = found.sections(show)
    rows = [each for section in sections for each in section.rows]
    may_remark = _is_reader(request.user, found)
    place = rows.index(row) if row else 0
    typed = form if status == 200 else None  # a refused page shows the remark as it is, and the text above it
    context = {
        "submission": found.submission,
        "participation": found.submission.participation,
        "found": found,
        "show": show,
        "sections": sections,
        "row": row,
        "reading": reading.in_full(found, row, show) if row else None,
        "before": rows[place - 1] if place else None,
        "after": rows[place + 1] if place + 1 < len(rows) else None,
        "read": sum(each.is_read for each in rows),
        "of": len(rows),
        "form": typed or RemarkForm.of(row.remark) if row and may_remark and not _is_asked(row) else None,
        "unsaved": form.data.get("question", "") if form and status != 200 else None,
        "is_unsaved": is_unsaved,
        "may_take": _can_start(found.submission, request.user),
        "is_holder": may_remark,
        "is_lost": _is_without_reader(found.submission),
    }
    return render(request, "tracker/review/review.html", context, status=status)


def _submission(user: User, code: str, round_code: str, number: int) -> tuple[Submission, list[Submission]]:
    submissions = Submission.objects.visible_to(user).filter(respondent__code=code)
    of_the_state = list(
        submissions.annotate(holder_reads=may_still_read())
        .select_related("respondent", "round", "participation__taken_by")
        .order_by("pk")
    )
    for found in of_the_state:
        if (found.round.code, found.number) == (round_code, number):
            return found, of_the_state
    raise Http404


def _submission_or_refuse(user: User, code: str, round_code: str, number: int) -> tuple[Submission, list[Submission]]:
    """Refuse users of the State itself."""
    found, of_the_state = _submission(user, code, round_code, number)
    check_permission(found.respondent_id not in user.respondent_ids)
    return found, of_the_state


def _read_or_refuse(user: User, code: str, round_code: str, number: int) -> Reading:
    return reading.reading(*_submission_or_refuse(user, code, round_code, number))


def _in_queue(submissions: list[Submission], user: User) -> list[InQueue]:
    languages = reading.languages_of(submissions)
    reply_by = reading.days_to_reply(submissions, user)
    return [
        InQueue(
            submission=submission,
            days=reading.days_since(submission.sealed_at) if submission.participation.state in NOT_READ else None,
            languages=languages[submission.pk],
            reply_by=reply_by.get(submission.pk),
            may_take=_can_start(submission, user),
            may_release=submission.participation.state == State.UNDER_REVIEW
            and submission.participation.taken_by_id == user.pk,
        )
        for submission in submissions
    ]


def _can_start(submission: Submission, user: User) -> bool:
    participation = submission.participation
    is_others = submission.holder_reads and participation.taken_by_id != user.pk  # type: ignore[attr-defined]
    is_free = participation.state == State.SUBMITTED and not is_others
    return submission.is_current and (is_free or _is_without_reader(submission))


def _is_without_reader(submission: Submission) -> bool:
    return submission.participation.state in READ_IN and not submission.holder_reads  # type: ignore[attr-defined]


def _is_asked(row: ReadingRow) -> bool:
    """Return whether a request about this version was sent: nothing is remarked until the answer changes."""
    return row.remark is not None and row.remark.sent_at is not None


def _is_reader(user: User, found: Reading) -> bool:
    reading = found.submission.participation
    return found.submission.is_current and reading.taken_by_id == user.pk and reading.state in READ_IN


def _shown(show: str | None) -> str:
    return show if show in (ASKED, ALL) else CHANGED


def _first(found: Reading, show: str | None) -> ReadingRow | None:
    """Return the first item without a remark, else the first."""
    rows = [each for section in found.sections(_shown(show)) for each in section.rows]
    return next((each for each in rows if not each.is_read), rows[0] if rows else None)


def _after(found: Reading, show: str | None, row: ReadingRow) -> ReadingRow | None:
    """Return the next item without a remark, from the start again where none follows."""
    rows = [each for section in found.sections(_shown(show)) for each in section.rows]
    place = rows.index(row) if row in rows else -1
    unread = [each for each in rows[place + 1 :] + rows[: max(place, 0)] if not each.is_read]
    return unread[0] if unread else None


def _url(found: Reading, show: str | None, row: ReadingRow | None) -> str:
    submission = found.submission
    url = reverse("review", args=[submission.respondent.code, submission.round.code, submission.number])
    query = {"show": _shown(show)} if show else {}
    query |= {"item": row.item.unit.slug} if row else {}
    return f"{url}?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else url


def _remark_url(found: Reading, row: ReadingRow) -> str:
    submission = found.submission
    return reverse(
        "review_remark", args=[submission.respondent.code, submission.round.code, submission.number, row.item.unit.slug]
    )
