"""Submissions, for their State: receipt, sealed answers, changes, and what may follow."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.actions.kept_file import find_shelf
from tracker.actions.submission import change_use, mark_complete, withdraw_from_round
from tracker.disclosure import can_read_for
from tracker.documents.receipt import receipt, receipt_pdf, receipt_tree, use_text
from tracker.documents.submission_json import newest_line, write_submission_json
from tracker.formats.files import language_of_file
from tracker.forms.submission import UseForm, WithdrawSubmissionForm
from tracker.models import Remark, Submission, Use, User
from tracker.permissions import can_submit
from tracker.queries.desk.overview import rounds_on_desk
from tracker.queries.submissions.check import use_in_force, uses_in_round
from tracker.queries.submissions.items import (
    changed_items,
    earlier_submission,
    read_changes,
    sections,
    submitted_items,
    translations_of,
)
from tracker.queries.submissions.publication import is_published, publication_history
from tracker.queries.submissions.questions import last_asked
from tracker.views import (
    carry_out,
    download,
    form_data,
    form_errors,
    get_own_submission,
    get_submission_or_404,
    show_errors,
)
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_OPEN, button_view, form_view
from tracker.web.request import SignedInRequest
from tracker.workflow import may_submit

CHANGES_ON_A_PAGE = 50


@require_safe
def submission_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    found = list(
        Submission.objects.visible_to(request.user)
        .filter(respondent=desk)
        .select_related("respondent", "round", "participation", "sealed_by")
        .annotate(has_requests=Exists(Remark.objects.filter(item__submission=OuterRef("pk"), sent_at__isnull=False)))
        .order_by("-pk")
    )
    current = {submission.round_id: submission.number for submission in found if submission.is_current}
    rows = [
        (submission, None if submission.is_withdrawn or submission.is_current else current.get(submission.round_id))
        for submission in found
    ]
    context = {
        "rows": rows,
        "rounds": rounds_on_desk(desk, request.user),
        "may_submit": can_submit(request.user, desk),
    }
    return render(request, "tracker/submission/list.html", context)


@require_safe
def submission(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found = get_submission_or_404(request.user, code, round_code, number)
    history = publication_history(found)
    may_decide = can_submit(request.user, found.respondent)
    context = {
        "submission": found,
        "receipt": receipt(found, of_the_state=_is_own(request.user, found)),
        "asked": last_asked(found, request.user) if _is_own(request.user, found) else None,
        "superseding": _current_instead(request.user, found),
        "uses": _list_of_use(request.user, found),
        "turns": history,
        "is_published": is_published(history),
        "may_withdraw": may_decide and found.is_current,
        "may_submit": may_decide,
        "may_mark": may_decide and found.is_current and may_submit(found.round),
        "may_read": can_read_for(request.user, found.respondent),
    }
    return render(request, "tracker/submission/submission.html", context)


@require_safe
def receipt_file(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found = get_submission_or_404(request.user, code, round_code, number)
    shelf = find_shelf(found.respondent)
    content = receipt(found, of_the_state=_is_own(request.user, found))
    name = f"{found.reference.replace('/', '-')}-receipt.pdf"
    return download(lambda: receipt_pdf(content), name, shelf.file("pdf", "receipt", receipt_tree(content)))


@require_safe
def submission_json(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    """Serve everything that was submitted, and what is needed to recompute its digest."""
    found = get_submission_or_404(request.user, code, round_code, number)
    with language_of_file("json"):
        line = newest_line(found) if _is_own(request.user, found) else ""
        name = f"{found.reference.replace('/', '-')}.json"
        return download(lambda: write_submission_json(found, line), name)


@require_safe
def submission_items(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    """Show the answers of one theme, `?section=`, or of the first."""
    found = get_submission_or_404(request.user, code, round_code, number)
    themes = sections(found)
    chosen = next((theme for theme in themes if theme.slug == request.GET.get("section")), themes[0])
    place = themes.index(chosen)
    items = submitted_items(found, chosen.items)
    answers = [row.item.revision for row in items if row.item.revision]
    context = {
        "submission": found,
        "sections": themes,
        "chosen": chosen,
        "items": items,
        "translations": translations_of(answers),
        "before": themes[place - 1] if place else None,
        "after": themes[place + 1] if place + 1 < len(themes) else None,
    }
    return render(request, "tracker/submission/items.html", context)


@require_safe
def submission_changes(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found = get_submission_or_404(request.user, code, round_code, number)
    before = earlier_submission(found)
    changed = changed_items(before, found) if before else []
    page = Paginator(changed, CHANGES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "submission": found,
        "before": before,
        "changed": len(changed),
        "page": page,
        "items": read_changes(page.object_list, found),
    }
    return render(request, "tracker/submission/changes.html", context)


@button_view(fresh_sign_in=NEVER)
def submission_complete(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    """Mark the submission complete for its round, or remove the mark."""
    found = get_own_submission(request.user, code, round_code, number)
    carry_out(request, mark_complete, submission=found, is_complete=request.POST.get("complete") == "yes")
    return redirect(found)


@form_view(fresh_sign_in=TO_OPEN)
def submission_withdraw(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found = get_own_submission(request.user, code, round_code, number)
    form = WithdrawSubmissionForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        with show_errors(request), form_errors(form):
            withdraw_from_round(submission=found, reason=form.cleaned_data["reason"], by=request.user)
            # Translators: %(reference)s is a submission reference such as XAA/2026/2.
            messages.success(request, _("%(reference)s has been withdrawn.") % {"reference": found.reference})
        if not form.errors:
            return redirect(found)
    context = {"submission": found, "form": form, "is_closed": not may_submit(found.round)}
    return render(request, "tracker/submission/withdraw.html", context)


@form_view(fresh_sign_in=TO_OPEN)
def submission_use(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    """Change what the submission may be used for; earlier permissions stay on record."""
    found = get_own_submission(request.user, code, round_code, number)
    form = UseForm(form_data(request), initial=use_in_force(found, uses_in_round(found)))
    if request.method == "POST" and form.is_valid():
        with show_errors(request):
            use = change_use(submission=found, **form.cleaned_data, by=request.user)
            # Translators: %(uses)s is a list of permitted uses, such as “included in aggregate figures; published”.
            messages.success(request, _("Permitted use from now on: %(uses)s.") % {"uses": use_text(use.as_fields)})
        return redirect(found)
    context = {
        "submission": found,
        "form": form,
        "uses": _list_of_use(request.user, found),
    }
    return render(request, "tracker/submission/use.html", context)


def _is_own(user: User, found: Submission) -> bool:
    return found.respondent_id in user.respondent_ids


def _current_instead(user: User, found: Submission) -> Submission | None:
    """Return the submission that has replaced this one; none replaces what was withdrawn."""
    if found.is_current or found.is_withdrawn:
        return None
    submissions = Submission.objects.visible_to(user).select_related("respondent", "round")
    return submissions.filter(pk=found.participation.current_id).first()


def _list_of_use(user: User, found: Submission) -> list[tuple[Use, str]]:
    uses = Use.objects.visible_to(user).filter(submission=found).select_related("said_by")
    return [(use, use_text(use.as_fields)) for use in uses.order_by("-pk")]
