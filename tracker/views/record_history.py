from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.actions.record import StaleAnswer, restore_revision
from tracker.forms.record import CompareForm, read_number
from tracker.models import Proposal
from tracker.permissions import can_answer
from tracker.queries.desk.answer_page import is_open_to
from tracker.queries.desk.history import compare_revisions, revisions_of, submitted_rounds, with_citations_and_origin
from tracker.queries.difference import compare_fields, words_of
from tracker.views import answer_links
from tracker.web.answer_messages import describe_stale_answer, show_saved_answer
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import NEVER, button_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404

SHOWN_ON_A_PAGE = 20


@require_safe
def record_history(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code)
    unit = get_unit_or_404(slug)
    revisions = revisions_of(request.user, desk, unit)
    page = Paginator(revisions, SHOWN_ON_A_PAGE).get_page(request.GET.get("page"))
    if not page.paginator.count and not is_open_to(request.user, desk, unit):
        raise Http404
    first = max(0, page.start_index() - 1)
    shown = with_citations_and_origin(request.user, revisions)
    accepted = Prefetch("proposals", Proposal.objects.visible_to(request.user).select_related("author"))
    context = {
        # Translators: Heading and link: the saved versions of an answer.
        "crumbs": answer_links(desk, unit, _("History")),
        "unit": unit,
        "page": page,
        "rounds": submitted_rounds(request.user, desk, unit),
        "history": compare_revisions(
            shown.prefetch_related(accepted)[first : first + SHOWN_ON_A_PAGE + 1], SHOWN_ON_A_PAGE
        ),
        "newest": page.paginator.count,  # they are numbered from 1 without a gap
        "may_write": can_answer(request.user, desk, unit),
    }
    return render(request, "tracker/record/history.html", context)


@require_safe
def record_compare(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """Compare two revisions, `?from=` and `?to=` by number; by default the last two."""
    desk = get_desk_or_404(request.user, code)
    unit = get_unit_or_404(slug)
    revisions = revisions_of(request.user, desk, unit)
    numbers = list(revisions.values_list("number", flat=True))
    if not numbers:
        raise Http404
    chosen = {"from": numbers[:2][-1], "to": numbers[0]} | request.GET.dict()
    form = CompareForm(chosen, numbers=numbers)
    # Translators: Name of the page that compares two versions.
    links = answer_links(desk, unit, _("Comparison"))
    context = {"crumbs": links, "unit": unit, "form": form}
    if form.is_valid():
        before, after = form.cleaned_data["from"], form.cleaned_data["to"]
        found = with_citations_and_origin(request.user, revisions.filter(number__in=[before, after]))
        both = {revision.number: revision for revision in found}
        context |= {"before": both[before], "after": both[after]}
        context["changes"] = compare_fields(words_of(both[before]), words_of(both[after]))
    return render(request, "tracker/record/compare.html", context)


@button_view(fresh_sign_in=NEVER)
def record_restore(request: SignedInRequest, code: str, slug: str, number: int) -> HttpResponse:
    """`base`: the revision that was current when the user decided."""
    desk = get_desk_or_404(request.user, code)
    unit = get_unit_or_404(slug)
    revision = get_object_or_404(revisions_of(request.user, desk, unit), number=number)
    try:
        restored = restore_revision(revision=revision, base=read_number(request.POST.get("base")), by=request.user)
    except StaleAnswer as stale:
        messages.warning(request, describe_stale_answer(unit.label_with_title, stale))
        return redirect("record_history", code, unit.slug)
    except ValidationError as error:
        # Translators: %(number)s: number of the version. %(why)s: one or more error messages, as whole sentences.
        message = _("Version %(number)s cannot be restored. Reason: %(why)s")
        messages.warning(request, message % {"number": number, "why": " ".join(error.messages)})
        return redirect("record_history", code, unit.slug)
    show_saved_answer(request, unit, restored)
    return redirect("record", code, unit.slug)
