from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tracker.actions.draft import StaleDraft, discard_drafts, save_draft
from tracker.forms.draft import GOES_ON, label_of, read_fields, read_tab
from tracker.forms.record import NewEvidenceForm, new_evidence_forms, read_number
from tracker.web import unsaved_input
from tracker.web.desks import get_desk_or_404, keep_check
from tracker.web.fresh_sign_in import NEVER, TO_POST, button_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404


@button_view(fresh_sign_in=NEVER)
def draft(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """Save the fields of the form. htmx gets a line that says so; a page without htmx gets the form again."""
    desk, unit = get_desk_or_404(request.user, code), get_unit_or_404(slug)
    evidence = (
        new_evidence_forms(request.POST, request.FILES, respondent=desk, by=request.user) if request.FILES else []
    )
    try:
        saved = save_draft(
            respondent=desk,
            unit=unit,
            tab=read_tab(request.POST),
            base=read_number(request.POST.get("base")),
            fields=read_fields(request.POST) | _hold(evidence),
            by=request.user,
        )
    except ValidationError as error:
        return _refuse(request, code, slug, 422, " ".join(_error_texts(error)))
    except StaleDraft:
        message = _(
            "This draft is closed: it was saved or taken over, or text was removed from it. Open the answer again."
        )
        return _refuse(request, code, slug, 409, message)
    if request.htmx:
        return render(request, "tracker/draft/saved.html", {"draft": saved})
    # Translators: Message after saving.
    messages.success(request, _("Draft saved."))
    for form in evidence:
        for problem in form.errors.get("upload", ()):
            messages.warning(request, str(problem))
    request.session[GOES_ON] = saved.tab
    return keep_check(request, "record", desk.code, unit.slug)


@button_view(fresh_sign_in=TO_POST)
def draft_discard(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """Discard the draft of this tab, and the drafts that the stamps name."""
    desk, unit = get_desk_or_404(request.user, code), get_unit_or_404(slug)
    stamps = request.POST.getlist("draft")
    discard_drafts(respondent=desk, unit=unit, tab=read_tab(request.POST), stamps=stamps, by=request.user)
    messages.success(request, _("Draft discarded. The last saved version is shown."))
    return keep_check(request, "record", desk.code, unit.slug)


def _hold(forms: Iterable[NewEvidenceForm]) -> dict[str, list[str]]:
    """Hold the files of a page without htmx; return the fields that name them."""
    for form in forms:
        form.hold()
    return {form.held_name: [form.held.key] for form in forms if form.held}


def _refuse(request: SignedInRequest, code: str, slug: str, status: int, why: str) -> HttpResponse:
    """Say why the draft is not saved; the typed text stays on the page, or is kept for it."""
    if request.htmx:
        return render(request, "tracker/draft/refused.html", {"why": why}, status=status)
    unsaved_input.keep(request)
    # Translators: why: the reason, a whole sentence.
    messages.warning(request, _("Draft not saved. %(why)s") % {"why": why})
    return keep_check(request, "record", code, slug)


def _error_texts(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        f"{label_of(name)}: {problem}" if label_of(name) else problem
        for name, problems in error.message_dict.items()
        for problem in problems
    ]
