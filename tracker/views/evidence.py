"""The library of a respondent's evidence: list, each item with its versions and what cites it, files."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.groups import group_pairs
from recommendations.models import Recommendation
from tracker.actions.evidence import StaleEvidence, add_evidence, change_evidence
from tracker.actions.held_upload import stored_size
from tracker.disclosure import why_file_is_closed
from tracker.forms.evidence import DISCARD, HOLD, EvidenceFilterForm, EvidenceForm
from tracker.models import Citation, Evidence, EvidenceFile, EvidenceVersion, Respondent, User
from tracker.permissions import can_add_evidence, can_change_evidence, check_permission
from tracker.views import form_data, form_errors
from tracker.web.answer_messages import NO_CHANGES
from tracker.web.desks import get_desk_or_404, keep_check
from tracker.web.files import file_response
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest

PAGE = 50


@require_safe
def evidence_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code)
    pieces = list(
        EvidenceVersion.objects.visible_to(request.user)
        .filter(evidence__respondent=desk, evidence__current=F("pk"))
        .select_related("evidence", "file", "withdrawal")
        .order_by("-evidence__number")
    )
    form = EvidenceFilterForm(request.GET, pieces=pieces)
    page = Paginator(form.shown, PAGE).get_page(request.GET.get("page"))
    cited_in = _cited_in(request.user, page.object_list)
    context = {
        "form": form,
        "pieces": pieces,
        "page": page,
        "rows": [(version, cited_in[version.evidence_id]) for version in page],
        "stored": _stored_size(request.user, desk),
        "quota": settings.EVIDENCE_QUOTA,
        "may_answer": can_add_evidence(request.user, desk),
    }
    return render(request, "tracker/evidence/list.html", context)


@form_view(fresh_sign_in=NEVER)
def evidence_add(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_add_evidence)
    form = EvidenceForm(form_data(request), request.FILES or None, respondent=desk, by=request.user)
    if _is_saved(request, form):
        with form_errors(form):
            version = add_evidence(respondent=desk, by=request.user, details=form.details)
            _show_saved(request, version)
            return redirect(version.evidence)
    context = {"form": form, "lacks_file": not form.held}
    return render(request, "tracker/evidence/edit.html", context)


@require_safe
def evidence(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    piece = _get_evidence(request.user, code, number)
    citations = list(
        Citation.objects.visible_to(request.user)
        .filter(evidence_version__evidence=piece)
        .select_related("evidence_version", "withdrawal", "revision__record__recommendation")
        .order_by("revision__record__recommendation__position", "-revision__number")
    )
    current = [each for each in citations if each.revision_id == each.revision.record.current_id]
    now = {each.revision.record_id for each in current}
    before = {each.revision.record for each in citations if each.revision.record_id not in now}
    versions = EvidenceVersion.objects.visible_to(request.user).filter(evidence=piece)
    context = {
        "piece": piece,
        "version": piece.current,
        "closed": _why_file_is_closed(piece.current),
        "versions": versions.select_related("file__withdrawal", "withdrawal", "author").order_by("-number"),
        "citations": current,
        "before": sorted(before, key=lambda record: record.recommendation.position),
        "may_answer": can_change_evidence(request.user, piece),
    }
    return render(request, "tracker/evidence/evidence.html", context)


@form_view(fresh_sign_in=NEVER)
def evidence_edit(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    piece = _get_evidence(request.user, code, number)
    check_permission(can_change_evidence(request.user, piece))
    data = form_data(request)
    form = EvidenceForm(data, request.FILES or None, respondent=piece.respondent, by=request.user, evidence=piece)
    newer = None
    if _is_saved(request, form):
        try:
            with form_errors(form):
                base = form.cleaned_data["base"]
                version = change_evidence(evidence=piece, base=base, by=request.user, details=form.details)
                _show_saved(request, version)
                return keep_check(request, "evidence", code, number)
        except StaleEvidence as stale:
            newer = stale.current
            form = form.as_change_of(newer)
    context = {
        "piece": piece,
        "form": form,
        "newer": newer,
        "lacks_file": not form.held,
    }
    return render(request, "tracker/evidence/edit.html", context, status=409 if newer else 200)


@require_safe
def evidence_file(request: SignedInRequest, code: str, number: int, version: int) -> HttpResponseBase:
    piece = _get_evidence(request.user, code, number)
    versions = EvidenceVersion.objects.visible_to(request.user).select_related("file__withdrawal")
    found = get_object_or_404(versions, evidence=piece, number=version, file__isnull=False)
    return file_response(request, found, back=piece.get_absolute_url(), to=str(piece))


def _why_file_is_closed(version: EvidenceVersion | None) -> str | Promise:
    if version is None or version.file is None or version.file.withdrawal_id:
        return ""
    return why_file_is_closed(version.file.sha256, is_own=False)


def _stored_size(user: User, desk: Respondent) -> int:
    """Return the bytes that files take: all of them for readers of the whole desk, who see the room that is left."""
    if desk.pk in user.whole_desks:
        return stored_size(desk)
    files = EvidenceFile.objects.visible_to(user).filter(respondent=desk, withdrawal__isnull=True)
    return files.aggregate(Sum("size"))["size__sum"] or 0


def _is_saved(request: SignedInRequest, form: EvidenceForm) -> bool:
    """Return whether the form is to be saved and can be. Without the button for saving, only its file is held."""
    if {HOLD, DISCARD} & request.POST.keys():
        form.hold()
        return False
    return request.method == "POST" and form.is_valid()


def _get_evidence(user: User, code: str, number: int) -> Evidence:
    desk = get_desk_or_404(user, code)
    pieces = Evidence.objects.visible_to(user)
    return get_object_or_404(
        pieces.select_related("respondent", "current__file__withdrawal", "current__withdrawal"),
        respondent=desk,
        number=number,
    )


def _cited_in(user: User, versions: Iterable[EvidenceVersion]) -> dict[int, list[Recommendation]]:
    """Return the recommendations whose current answer cites an evidence item, by its key."""
    citations = (
        Citation.objects.visible_to(user)
        .filter(
            evidence_version__evidence__in=[version.evidence_id for version in versions],
            revision__record__current=F("revision"),
        )
        .select_related("evidence_version", "revision__record__recommendation")
        .order_by("revision__record__recommendation__position")
    )
    return group_pairs(
        (citation.evidence_version.evidence_id, citation.revision.record.recommendation) for citation in citations
    )


def _show_saved(request: SignedInRequest, version: EvidenceVersion | None) -> None:
    if version is None:
        messages.info(request, NO_CHANGES)
        return
    # Translators: number: number of a version.
    messages.success(request, _("Saved as version %(number)s.") % {"number": version.number})
    same_file = (
        EvidenceVersion.objects.visible_to(request.user)
        .filter(file=version.file_id, file__isnull=False)
        .exclude(evidence=version.evidence)
        .select_related("evidence")
        .first()
    )
    if same_file:
        # Translators: piece: number of an evidence item, such as E12.
        message = _("The same file is already in the library, as %(piece)s. It is stored only once.")
        messages.info(request, message % {"piece": same_file.evidence})
