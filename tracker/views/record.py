from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    QuerySet,
    StringAgg,
    Subquery,
    Value,
    When,
)
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations.models import Addressee, FamilyMember, Recommendation, read_notes
from recommendations.reading import translated
from tracker import kept
from tracker.actions.draft import Tab, close_draft
from tracker.actions.evidence import add_evidence
from tracker.actions.proposal import named, offer_proposal, received_of_first, take_proposal
from tracker.actions.record import (
    Answer,
    StaleAnswer,
    StaleNote,
    answer_of,
    restore_revision,
    save_answer,
    save_note,
)
from tracker.difference import Difference, differences, in_words
from tracker.forms.draft import GOES_ON, as_typed, leave_unchecked, tab_typed
from tracker.forms.proposal import merged
from tracker.forms.record import AnswerForm, Cited, CompareForm, NewEvidenceForm, NoteForm, Together, number_typed
from tracker.models import (
    Assignment,
    Citation,
    Draft,
    EvidenceVersion,
    Proposal,
    Record,
    Respondent,
    Revision,
    SubmissionItem,
    User,
)
from tracker.models.assignment import opened
from tracker.models.draft import new_tab
from tracker.models.record import Status
from tracker.permissions import can_answer, can_assign, can_decide_proposals, can_hand_back
from tracker.reports.assignments import assignments_of, names_of_institutions
from tracker.reports.assistance import in_contact
from tracker.reports.comments import comment_count
from tracker.reports.copies import with_origin, with_updates
from tracker.reports.proposals import proposals_of, waiting_count
from tracker.reports.questions import came_back
from tracker.reports.rewording import rewordings
from tracker.reports.units import UnitRow, count_answered, next_unanswered, previous_unanswered
from tracker.shortcuts import get_desk_or_404, get_unit_or_404, last_language, task_list_address
from tracker.workflow import NotAllowed

SHOWN_BESIDE_THE_FORM = 3
SHOWN_ON_A_PAGE = 20
NAMED_ON_A_CARD = 2
SEPARATOR = "\x1f"  # in no name: it could not be kept
NOTHING_BESIDE: dict = {
    "shared": None,
    "in_contact": None,
    "waiting": None,
    "comments": None,
    "institutions": [],
    "addressees": None,
    "update_from": None,
}


class Link(NamedTuple):
    url: str
    label: str


class Told(NamedTuple):
    """A revision as its history tells it: with what it says differently from the one before."""

    revision: Revision
    changes: list[Difference]


class Card(NamedTuple):
    """A piece that an answer cites; `elsewhere` are the labels of the other units whose answers cite it."""

    cited: Cited
    elsewhere: list[str]

    @property
    def foot(self) -> str:
        named, others = ", ".join(self.elsewhere[:NAMED_ON_A_CARD]), len(self.elsewhere) - NAMED_ON_A_CARD
        if not named:
            return ""
        if others < 1:
            return _("Also cited by %(labels)s") % {"labels": named}
        told = ngettext(
            "Also cited by %(labels)s and %(count)d other", "Also cited by %(labels)s and %(count)d others", others
        )
        return told % {"labels": named, "count": others}


class Page(NamedTuple):
    """What the page of an answer is about. `asked`: the units asked of the desk; `newest`: its last few revisions;
    `drafts`: what this person began on it and did not save, the newest first; `shared`: how many others share a good
    practice on it, None where it is not asked; `in_contact`: since when the Secretariat is, about assistance with it;
    `institutions`: the names that a lead institution is chosen from; `assigned`: to whom it stands assigned;
    `waiting`: how many proposals wait for the focal point, `comments`: how many there are, None where it is not asked;
    `addressees`: whom the text addresses, None where they are not read yet;
    `update_from`: the label of the unit from which its answer was copied, where that is answered anew since.
    """

    desk: Respondent
    unit: Recommendation
    items: list[Recommendation]
    asked: list[UnitRow]
    newest: list[Revision]
    note: Record
    may_write: bool
    drafts: list[Draft]
    shared: int | None
    in_contact: datetime | None
    institutions: list[str]
    addressees: list[Addressee] | None
    assigned: list[Assignment]
    may_assign: bool
    waiting: int | None
    comments: int | None
    update_from: str | None

    @property
    def current(self) -> Revision | None:
        return self.newest[0] if self.newest else None

    @property
    def texts(self) -> list[Recommendation]:
        """All that is answered here: the unit, what introduces it and the items that are answered with it."""
        return [*self.unit.chapeaux, self.unit, *self.items]

    def may_hand_back(self, user: User) -> bool:
        return any(not item.is_ready and can_hand_back(user, item) for item in self.assigned)


class Conflict(NamedTuple):
    """Where a stale answer differs from the newest revision; `withdrawn_meanwhile`: no newer one, but words it lost."""

    differences: list[Difference]
    withdrawn_meanwhile: bool


class Begun(NamedTuple):
    """The tab in which a form is opened, and the draft that stands in it."""

    tab: Tab
    draft: Draft | None = None


class Taking(NamedTuple):
    """A proposal that waits, and whether the answer in the form takes it."""

    proposal: Proposal
    is_taken: bool


class Forms(NamedTuple):
    """The parts of the form, which are sent as one."""

    answer: AnswerForm
    evidence: NewEvidenceForm
    note: NoteForm


@require_http_methods(["GET", "HEAD", "POST"])
def record(request, code, slug):
    """The answer to a unit beside its text; POST saves it as the next revision."""
    desk = get_desk_or_404(request, code)
    unit = get_unit_or_404(slug)
    if unit.slug != slug:
        return redirect("record", code, unit.slug)
    page = _open(request.user, desk, unit)
    if request.method == "POST":
        return _or_keep_typed(_save, request, page)
    if "proposal" in request.GET:
        return _merge(request, page)
    typed = _take_kept(request, code, slug) if page.may_write else None
    begun = _begin(request, page, typed)
    if typed or begun.draft is None:
        return _show(request, page, _forms(request.user, page, typed), begun.tab, was_kept=typed is not None)
    forms = _forms(request.user, page, as_typed(begun.draft))
    for form in forms:
        leave_unchecked(form)
    return _show(request, page, forms, begun.tab, draft=begun.draft if _says_more(forms) else None, is_draft=True)


@require_POST
def record_note(request, code, slug):
    """Keep the desk note; what was typed into the answer comes back as it is, not saved yet."""
    page = _open(request.user, get_desk_or_404(request, code), get_unit_or_404(slug))
    return _or_keep_typed(_save_note, request, page)


def _save_note(request, page):
    if not page.may_write:
        raise PermissionDenied
    forms, tab = _forms(request.user, page, request.POST, request.FILES), tab_typed(request.POST)
    if not forms.note.is_valid() or not _keep_note(request, page, forms.note):
        return _show(request, page, forms, tab)
    messages.success(request, _("The desk note is saved."))
    if _is_begun(forms):
        return _show(request, page, forms, tab)
    close_draft(respondent=page.desk, unit=page.unit, tab=tab, by=request.user)
    return redirect("record", page.desk.code, page.unit.slug)


@require_safe
def record_history(request, code, slug):
    """Every revision, the newest first."""
    desk = get_desk_or_404(request, code)
    unit = get_unit_or_404(slug)
    revisions = _revisions(request.user, desk, unit)
    page = Paginator(revisions, SHOWN_ON_A_PAGE).get_page(request.GET.get("page"))
    if not page.paginator.count and not _is_open(request.user, desk, unit):
        raise Http404
    first = max(0, page.start_index() - 1)
    shown = _with_citations(request.user, revisions)
    taken = Prefetch("proposals", Proposal.objects.visible_to(request.user).select_related("author"))
    context = {
        "tab": "records",
        "crumbs": _crumbs(desk, unit, _("History")),
        "unit": unit,
        "page": page,
        "history": _tell(shown.prefetch_related(taken)[first : first + SHOWN_ON_A_PAGE + 1], SHOWN_ON_A_PAGE),
        "newest": page.paginator.count,  # they are numbered from 1 without a gap
        "may_write": can_answer(request.user, desk, unit),
    }
    return render(request, "tracker/record/history.html", context)


@require_safe
def record_compare(request, code, slug):
    """Two revisions, `?from=` and `?to=` by number; the last two where nothing is asked."""
    desk = get_desk_or_404(request, code)
    unit = get_unit_or_404(slug)
    revisions = _revisions(request.user, desk, unit)
    numbers = list(revisions.values_list("number", flat=True))
    if not numbers:
        raise Http404
    chosen = {"from": numbers[:2][-1], "to": numbers[0]} | request.GET.dict()
    form = CompareForm(chosen, numbers=numbers)
    context = {"tab": "records", "crumbs": _crumbs(desk, unit, _("Comparison")), "unit": unit, "form": form}
    if form.is_valid():
        before, after = form.cleaned_data["from"], form.cleaned_data["to"]
        found = _with_citations(request.user, revisions.filter(number__in=[before, after]))
        both = {revision.number: revision for revision in found}
        context |= {"before": both[before], "after": both[after]}
        context["changes"] = differences(_words_of(both[before]), _words_of(both[after]))
    return render(request, "tracker/record/compare.html", context)


@require_POST
def record_restore(request, code, slug, number):
    """Say again what an earlier revision said; `base` is the revision that was current when this was decided."""
    desk = get_desk_or_404(request, code)
    unit = get_unit_or_404(slug)
    revision = get_object_or_404(_revisions(request.user, desk, unit), number=number)
    try:
        restored = restore_revision(revision=revision, base=number_typed(request.POST.get("base")), by=request.user)
    except StaleAnswer as stale:
        told = _("%(who)s saved revision %(number)s meanwhile. Nothing was restored: look at it first.")
        messages.warning(request, told % {"who": stale.current.author, "number": stale.current.number})
        return redirect("record_history", code, unit.slug)
    except ValidationError as error:
        told = _("Revision %(number)s cannot be restored as it is: %(why)s")
        messages.warning(request, told % {"number": number, "why": " ".join(error.messages)})
        return redirect("record_history", code, unit.slug)
    _say_saved(request, unit, restored)
    return redirect("record", code, unit.slug)


def _save(request, page):
    if not page.may_write:
        raise PermissionDenied
    forms, tab = _forms(request.user, page, request.POST, request.FILES), tab_typed(request.POST)
    if not all(form.is_valid() for form in forms) or not _keep_note(request, page, forms.note):
        return _show(request, page, forms, tab)
    added = None
    if forms.evidence.has_changed():
        try:
            added = add_evidence(respondent=page.desk, by=request.user, details=forms.evidence.details)
        except ValidationError as error:
            forms.evidence.add_error(None, error)
            return _show(request, page, forms, tab)
    answer = forms.answer.answer(added, forms.evidence.place)
    keep = _offer if "offer" in request.POST else _take if "proposal" in request.POST else _save_answer
    try:
        keep(request, page, forms.answer, answer, tab)
    except ValidationError as error:
        forms.answer.add_error(None, error.messages)
        return _show(request, page, forms, tab)
    except StaleAnswer:
        return _show_conflict(request, page, answer, added, forms.evidence.place)
    return _go_on(request, page)


def _or_keep_typed(save: Callable, request, page: Page):
    """Save; what was typed in a page that is older than the handing back waits until its author may write again."""
    try:
        return save(request, page)
    except PermissionDenied:
        if can_answer(request.user, page.desk, page.unit) or kept.keep(request) is None:
            raise
    told = _(
        "%(label)s was handed back meanwhile, and nothing was saved. What you typed comes back when you may write it."
    )
    messages.warning(request, told % {"label": page.unit.full_label})
    return redirect("record", page.desk.code, page.unit.slug)


def _save_answer(request, page: Page, form: AnswerForm, answer: Answer, tab: Tab) -> None:
    revision = save_answer(
        respondent=page.desk,
        unit=page.unit,
        base=form.base,
        withdrawn=form.withdrawn,
        answer=answer,
        by=request.user,
        change_reason=form.cleaned_data.get("change_reason", ""),
        received=form.received(),
        tab=tab,
    )
    _say_saved(request, page.unit, revision)


def _offer(request, page: Page, form: AnswerForm, answer: Answer, tab: Tab) -> None:
    """Offer it to the focal point; the answer stays as it is until she takes it."""
    offer_proposal(
        respondent=page.desk,
        unit=page.unit,
        base=form.base,
        withdrawn=form.withdrawn,
        answer=answer,
        by=request.user,
        received=form.received(),
        tab=tab,
    )
    told = _("%(label)s: offered to the focal point. The answer stays as it is until she takes yours.")
    messages.success(request, told % {"label": page.unit.full_label})


def _take(request, page: Page, form: AnswerForm, answer: Answer, tab: Tab) -> None:
    """Save it as an answer that takes proposals."""
    stamps = request.POST.getlist("proposal")
    taken = [one for one in proposals_of(page.desk, page.unit, request.user) if one.stamp in stamps]
    gone = _("A proposal that this answer takes does not wait any more, or words were withdrawn from it. Look again.")
    if len(taken) < len(stamps):
        raise ValidationError(gone)
    try:
        revision = take_proposal(
            proposal=taken[0],
            also=taken[1:],
            base=form.base,
            withdrawn=form.withdrawn,
            answer=answer,
            by=request.user,
            change_reason=form.cleaned_data.get("change_reason", ""),
            received=form.received(),
            tab=tab,
        )
    except NotAllowed as error:
        raise ValidationError(gone) from error
    _say_saved(request, page.unit, revision)


def _merge(request, page: Page):
    """The form, filled with what she chose of the proposals field by field. Nothing is saved yet."""
    if not can_decide_proposals(request.user, page.desk):
        raise PermissionDenied
    stamps = request.GET.getlist("proposal")
    waiting = [one for one in _waiting(request.user, page) if one.stamp in stamps]
    if not waiting:
        messages.info(request, _("None of them waits any more."))
        return redirect("proposal_list", page.desk.code, page.unit.slug)
    taken = [one for one in waiting if str(one.pk) in request.GET.dict().values()] or waiting
    library = list(_library(request.user, page))
    current = answer_of(page.current) if page.current else None
    answer = merged(current, waiting, {version.pk: version for version in library}, request.GET)
    cited = [Citation(evidence_version=version, pinpoint=pinpoint) for version, pinpoint in answer.citations]
    forms = _forms(request.user, page, library=library, cited=cited)
    if page.current:
        forms.answer.withdrawn = page.current.last_withdrawal(page.current.citations.all())
    received = received_of_first(taken)
    beside = {"change_reason": named(taken), "received_from": received.institution, "received_on": received.on}
    forms.answer.initial.update(answer.said() | beside)
    taking = [Taking(one, one in taken) for one in waiting]
    return _show(request, page, forms, Tab(new_tab()), taking=taking)


def _waiting(user: User, page: Page) -> QuerySet[Proposal]:
    return proposals_of(page.desk, page.unit, user).filter(state=Proposal.State.OFFERED)


def _go_on(request, page):
    if "next" not in request.POST:
        return redirect("record", page.desk.code, page.unit.slug)
    following = next_unanswered(page.asked, page.unit)
    if following is None:
        messages.info(request, _("Nothing that is asked is left unanswered."))
        return redirect(task_list_address(page.desk, page.unit))
    return redirect("record", page.desk.code, following.unit.slug)


def _say_saved(request, unit: Recommendation, revision: Revision | None) -> None:
    if revision is None:
        messages.info(request, _("%(label)s: nothing to save, the answer says the same.") % {"label": unit.full_label})
        return
    told = _("%(label)s is saved as revision %(number)s.")
    messages.success(request, told % {"label": unit.full_label, "number": revision.number})


def _keep_note(request, page: Page, form: NoteForm) -> bool:
    """Save the desk note that came with the form; False, and told at its field, where somebody changed it meanwhile."""
    if "note" not in form.data:
        return True
    note = form.cleaned_data["note"]
    try:
        save_note(respondent=page.desk, unit=page.unit, base=form.base, note=note, by=request.user)
    except StaleNote as stale:
        told = _("Somebody changed this note meanwhile. It now says: “%(note)s”. Saving again replaces that.")
        form.add_error("note", told % {"note": stale.current})
        form.base = Record(note=stale.current).note_digest
        return False
    form.base = Record(note=note).note_digest
    return True


def _is_begun(forms: Forms) -> bool:
    """Whether the answer or a new piece of evidence was typed beside the note."""
    return "language" in forms.answer.data and (forms.answer.has_changed() or forms.evidence.has_changed())


def _take_kept(request, code: str, slug: str) -> QueryDict | None:
    """What was sent from this page, to wherever its buttons lead, and could not be saved."""
    names = ("record", "record_note", "draft")
    found = [kept.take(request, reverse(name, args=[code, slug])) for name in names]
    return next(filter(None, found), None)


def _begin(request, page: Page, typed: QueryDict | None) -> Begun:
    """A new tab, that continues the draft which stands in its form: the newest, or `?draft=` by its key.

    Where *Save draft* led here the tab goes on as the same one.
    """
    drafts = {str(draft.pk): draft for draft in page.drafts}
    if typed:
        own = [draft.stamp for draft in page.drafts if draft.tab == typed.get("tab")]
        return Begun(Tab(new_tab(), *own or [tab_typed(typed).continues]))
    goes_on = request.session.pop(GOES_ON, None)
    for draft in page.drafts:
        if draft.tab == goes_on:
            return Begun(Tab(draft.tab, draft.continues), draft)
    shown = drafts.get(request.GET.get("draft", "")) or next(iter(page.drafts), None)
    return Begun(Tab(new_tab(), shown.stamp if shown else ""), shown)


def _says_more(forms: Forms) -> bool:
    """Whether what was begun differs from what is saved."""
    return any(form.has_changed() for form in forms)


def _is_open(user: User, desk: Respondent, unit: Recommendation) -> bool:
    return opened(desk.units_open(), desk, user).filter(pk=unit.pk).exists()


def _open(user: User, desk: Respondent, unit: Recommendation) -> Page:
    """404 where the unit is neither asked of the desk nor open to it, and was never answered."""
    asked = _asked(user, desk, unit)
    newest = list(_with_citations(user, _revisions(user, desk, unit))[: SHOWN_BESIDE_THE_FORM + 1])
    records = Record.objects.visible_to(user).filter(respondent=desk, recommendation=unit)
    record = newest[0].record if newest else records.first()
    as_asked = next((row.unit for row in asked if row.unit == unit), None)
    is_open = as_asked is not None or _is_open(user, desk, unit)
    if not is_open and record is None:
        raise Http404
    is_chapeau = unit.kind == Recommendation.Kind.CHAPEAU
    items = list(unit.items.select_related("current_wording")) if is_chapeau else []
    read_notes([unit, *unit.chapeaux, *items])
    may_write = is_open and can_answer(user, desk, unit)
    may_have_drafts = may_write and (as_asked is None or as_asked.has_draft)  # type: ignore[attr-defined]
    drafts = list(_drafts(user, desk).filter(unit=unit)) if may_have_drafts else []
    beside = NOTHING_BESIDE if as_asked is None else _beside(as_asked)
    return Page(
        desk,
        unit,
        items,
        asked,
        newest,
        record or Record(),
        may_write,
        drafts,
        **beside,
        assigned=assignments_of(unit, desk, user),
        may_assign=is_open and can_assign(user, desk),
    )


def _drafts(user: User, desk: Respondent) -> QuerySet[Draft]:
    return Draft.objects.visible_to(user).filter(respondent=desk)


def _beside(unit) -> dict:
    names = unit.institutions.split(SEPARATOR) if unit.institutions else []
    codes = (unit.codes_of_addressees or "").split(SEPARATOR)
    return {
        "shared": unit.shared or 0,
        "in_contact": unit.in_contact,
        "waiting": unit.waiting or 0,
        "comments": unit.comments or 0,
        "institutions": sorted(names, key=str.casefold),
        "addressees": [Addressee(code=code) for code in Addressee.Code if code in codes],
        "update_from": unit.update_from,
    }


def _asked(user: User, desk: Respondent, about: Recommendation) -> list[UnitRow]:
    """The units asked, of its body, with the status of each and whether she began it, and nothing else of them: there
    are many. Of the one that the page is about also what stands beside its answer.
    """
    units = opened(desk.units_asked(), desk, user).filter(body=about.body_id).order_by("position")
    units = units.only("slug", "label", "position", "primary_theme")
    records = Record.objects.visible_to(user).filter(respondent=desk, recommendation=OuterRef("pk"))
    own = Record.objects.visible_to(user).filter(respondent=desk, recommendation=about)
    units = units.annotate(
        status=Subquery(records.values("current__status")),
        has_draft=Exists(_drafts(user, desk).filter(unit=OuterRef("pk"))),
        shared=Case(When(pk=about.pk, then=Subquery(_shared_by_others(user, desk, about)))),
        in_contact=Case(When(pk=about.pk, then=Subquery(in_contact(desk, user).filter(unit=about).values("at")))),
        comments=Case(When(pk=about.pk, then=Subquery(comment_count(desk, about, user)))),
        waiting=Case(When(pk=about.pk, then=Subquery(waiting_count(desk, about, user)))),
        codes_of_addressees=Case(When(pk=about.pk, then=Subquery(_addressee_codes(about)))),
        institutions=Case(When(pk=about.pk, then=Subquery(names_of_institutions(desk, user, SEPARATOR)))),
        update_from=Case(When(pk=about.pk, then=Subquery(with_updates(own, user).values("update_from")))),
    )
    recorded = {status: Record(current=Revision(status=status)) for status in Status.values}
    return [UnitRow(unit, True, recorded.get(unit.status), 0, ()) for unit in units]


def _addressee_codes(unit: Recommendation) -> QuerySet:
    """Joined, in a row of its own."""
    codes = Recommendation.addressees.through.objects.filter(recommendation=unit).order_by().values("recommendation")
    return codes.annotate(codes=StringAgg("addressee__code", delimiter=Value(SEPARATOR))).values("codes")


def _shared_by_others(user: User, desk: Respondent, unit: Recommendation) -> QuerySet:
    """How many, in a row of its own; none where there is none."""
    shared = SubmissionItem.objects.shared_practices(user).filter(unit=unit).exclude(submission__respondent=desk)
    return shared.order_by().values("unit").annotate(count=Count("pk")).values("count")


def _revisions(user: User, desk: Respondent, unit: Recommendation) -> QuerySet[Revision]:
    """The newest first."""
    revisions = Revision.objects.visible_to(user).filter(record__respondent=desk, record__recommendation=unit)
    return revisions.order_by("-number")


def _with_citations(user: User, revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    cited = Citation.objects.visible_to(user).order_by("position")
    cited = cited.select_related(
        "withdrawal", "evidence_version__evidence", "evidence_version__file", "evidence_version__withdrawal"
    )
    revisions = revisions.select_related("record", "author", "withdrawal", "source")
    return with_origin(revisions, user).prefetch_related(Prefetch("citations", cited))


def _words_of(revision: Revision) -> dict[str, str]:
    return in_words(revision, revision.citations.all())


def _crumbs(desk: Respondent, unit: Recommendation, here: str) -> list[tuple[str, str]]:
    answers, here_is = task_list_address(desk, unit), reverse("record", args=[desk.code, unit.slug])
    return [(answers, _("Recommendations")), (here_is, unit.full_label), ("", here)]


def _tell(revisions: Iterable[Revision], shown: int) -> list[Told]:
    """The first `shown` of these revisions, the newest first; each is told by the next in the list, if there is one."""
    revisions = list(revisions)
    words = [_words_of(revision) for revision in revisions]
    before = [*words[1:], *words[-1:]]
    return [Told(*told) for told in zip(revisions, map(differences, before, words), strict=True)][:shown]


def _library(user: User, page: Page) -> QuerySet[EvidenceVersion]:
    library = EvidenceVersion.objects.visible_to(user).filter(evidence__respondent=page.desk)
    return library.select_related("evidence", "file", "withdrawal").order_by("evidence__number", "number")


def _forms(
    user: User,
    page: Page,
    data: QueryDict | None = None,
    files=None,
    library: Iterable[EvidenceVersion] | None = None,
    cited: Iterable[Citation] | None = None,
) -> Forms:
    current = page.current.citations.all() if page.current else []
    answer = AnswerForm(
        data,
        unit=page.unit,
        items=page.items,
        library=_library(user, page) if library is None else library,
        current=page.current,
        cited=current if cited is None else cited,
        language=_language(user, page),
        institutions=page.institutions,
    )
    evidence = NewEvidenceForm(data, files, respondent=page.desk)
    return Forms(answer, evidence, NoteForm(data, record=page.note))


def _language(user: User, page: Page) -> str:
    """Of an answer not yet begun: the language in which this person answered last."""
    return page.current.language if page.current else last_language(page.desk, user)


def _show(
    request,
    page: Page,
    forms: Forms,
    tab: Tab,
    was_kept: bool = False,
    conflict: Conflict | None = None,
    draft: Draft | None = None,
    is_draft: bool = False,
    taking: Iterable[Taking] = (),
):
    unit = page.unit
    request.of_body = f"body={unit.body_slug}" if unit.body_slug else ""
    if forms.answer.is_bound:
        forms.evidence.ask_for_file_again()
    beside = [row for row in page.asked if row.unit.primary_theme_id == unit.primary_theme_id]
    context = {
        "tab": "records",
        "page": page,
        "unit": unit,
        "addressees": unit.addressees.all() if page.addressees is None else page.addressees,
        "is_asked": any(row.unit == unit for row in page.asked),
        "beside": len(beside),
        "beside_answered": count_answered(beside),
        "before": _link(page.desk, previous_unanswered(page.asked, unit)),
        "after": _link(page.desk, next_unanswered(page.asked, unit)),
        "family": _family(page),
        "form": Together(*forms),
        "answer": forms.answer,
        "evidence": forms.evidence,
        "desk_note": forms.note,
        "cards": _cards(request.user, page, forms.answer),
        "history": _tell(page.newest, SHOWN_BESIDE_THE_FORM),
        "said": differences(defaultdict(str), _words_of(page.current)) if page.current else [],
        "rewordings": rewordings(page.current, page.texts) if page.current else [],
        "translated": translated(
            unit,
            [*unit.chapeaux, *page.items],
            request.GET.get("text", ""),
            request.headers.get("Accept-Language", ""),
        ),
        "was_kept": was_kept,
        "conflict": conflict,
        "came_back": came_back(page.desk, request.user, unit),
        "may_hand_back": page.may_hand_back(request.user),
        "typing": tab,
        "draft": draft,
        "is_draft": is_draft,
        "taking": taking or _taking(request.user, page, forms.answer),
        "is_merged": bool(taking),
        "may_decide": can_decide_proposals(request.user, page.desk),
        "drafts": [other for other in page.drafts if other.tab != tab.token and other.stamp != tab.continues],
    }
    return render(request, "tracker/record/record.html", context, status=200 if conflict is None else 409)


def _taking(user: User, page: Page, form: AnswerForm) -> list[Taking]:
    """Where what was typed takes proposals: those that wait still."""
    stamps = form.data.getlist("proposal") if isinstance(form.data, QueryDict) else []
    return [Taking(one, one.stamp in stamps) for one in _waiting(user, page)] if stamps else []


def _show_conflict(request, page: Page, answer: Answer, added: EvidenceVersion | None, pinpoint: str):
    """Both answers side by side, and everything typed in the form, which starts from the newer one now."""
    page = _open(request.user, page.desk, page.unit)
    forms = _forms(request.user, page, _with_cited(request.POST, added, pinpoint) if added else request.POST)
    theirs = page.newest[0]
    withdrawn_meanwhile = forms.answer.base == theirs.number
    forms.answer.base, forms.answer.withdrawn = theirs.number, theirs.last_withdrawal(theirs.citations.all())
    citations = [Citation(evidence_version=version, pinpoint=place) for version, place in answer.citations]
    mine = in_words(Revision(**answer.said()), citations)
    conflict = Conflict(differences(_words_of(theirs), mine), withdrawn_meanwhile)
    return _show(request, page, forms, tab_typed(request.POST), conflict=conflict)


def _with_cited(typed: QueryDict, added: EvidenceVersion, pinpoint: str) -> QueryDict:
    """What was typed, where the new piece of evidence is in the library by now, and cited."""
    typed = typed.copy()
    for name in [name for name in typed if name.startswith("new-")]:
        del typed[name]
    typed[f"pinpoint_{added.pk}"] = pinpoint
    return typed


def _link(desk: Respondent, row: UnitRow | None) -> Link | None:
    return Link(reverse("record", args=[desk.code, row.unit.slug]), row.unit.label) if row else None


def _family(page: Page) -> list[UnitRow]:
    """The units asked that have the same substance as this one or as one of its items."""
    members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY)
    families = members.filter(recommendation__in=[page.unit, *page.items]).values("family")
    kin = members.filter(family__in=families).values_list("recommendation", "recommendation__parent")
    same = {pk for pair in kin for pk in pair} - {page.unit.pk}
    return [row for row in page.asked if row.unit.pk in same]


def _cards(user: User, page: Page, answer: AnswerForm) -> list[Card]:
    """The pieces that the answer cites."""
    pieces = [cited.version.evidence_id for cited in answer.cited]
    found = Citation.objects.visible_to(user).filter(
        evidence_version__evidence__in=pieces, revision=F("revision__record__current")
    )
    others = found.exclude(revision__record__recommendation=page.unit)
    labels = defaultdict(list)
    for piece, slug, label in others.order_by("revision__record__recommendation").values_list(
        "evidence_version__evidence",
        "revision__record__recommendation__slug",
        "revision__record__recommendation__label",
    ):
        labels[piece].append(Recommendation(slug=slug, label=label).full_label)
    return [Card(cited, labels[cited.version.evidence_id]) for cited in answer.cited]
