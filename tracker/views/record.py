from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.error_messages import PAGE_CHANGED
from recommendations.groups import group_pairs
from recommendations.lists import format_list
from recommendations.queries import find_translation_set
from tracker.actions.assignment import save_and_send
from tracker.actions.draft import Tab, discard_drafts
from tracker.actions.evidence import add_evidence
from tracker.actions.proposal import add_proposal, first_received, merge_proposals
from tracker.actions.record import StaleAnswer, StaleNote, combine_with, last_withdrawal, save_edit, save_note
from tracker.forms.conflict import ConflictForm
from tracker.forms.draft import GOES_ON, drop_errors, read_fields, read_tab
from tracker.forms.evidence import DISCARD, HOLD
from tracker.forms.proposal import answer_from_proposals
from tracker.forms.record import (
    ANOTHER,
    CITE,
    NEW_FIELD,
    SEARCH,
    AnswerForm,
    CitationFields,
    FormGroup,
    NewEvidenceForm,
    NoteForm,
    new_evidence_forms,
    read_number,
)
from tracker.forms.seen import read_seen_answer, stamp_of
from tracker.models import Citation, Draft, EvidenceVersion, Proposal, Record, Respondent, Revision
from tracker.models.combination import Combination
from tracker.models.draft import new_tab
from tracker.models.proposal import ProposalStage
from tracker.models.record import Answer, answer_of
from tracker.permissions import can_answer, can_decide_proposals, can_mark_ready, check_permission
from tracker.queries.desk.answer_page import SHOWN_BY_THE_FORM, AnswerPage, SentForm, family_rows
from tracker.queries.desk.history import compare_revisions, last_language, revisions_of, with_citations_and_origin
from tracker.queries.desk.library import evidence_list_of
from tracker.queries.desk.proposals import answers_beside, as_read, proposals_of
from tracker.queries.desk.units import UnitRow, count_answered, next_unanswered, unanswered_before
from tracker.queries.difference import Difference, answer_in_words, compare_fields, words_of
from tracker.queries.submissions.questions import open_clarifications
from tracker.queries.submissions.rewording import wording_changes
from tracker.views import Link, answer_links
from tracker.web import unsaved_input
from tracker.web.answer_messages import show_saved_answer, show_sent_answer, show_sent_suggestion
from tracker.web.bodies import BodyChoice
from tracker.web.desks import get_desk_or_404, record_list_address
from tracker.web.fresh_sign_in import NEVER, button_view, form_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404
from tracker.workflow import NotAllowed

NAMED_ON_A_CARD = 2
KEEPS_OPEN = {HOLD, DISCARD, ANOTHER, SEARCH, CITE}  # buttons that save nothing


class CitationRow(NamedTuple):
    """`elsewhere`: labels and titles of the other units whose answers cite the evidence."""

    cited: CitationFields
    elsewhere: list[str]

    @property
    def foot(self) -> str:
        labels, others = format_list(self.elsewhere[:NAMED_ON_A_CARD]), len(self.elsewhere) - NAMED_ON_A_CARD
        if not labels:
            return ""
        if others < 1:
            # Translators: %(labels)s: labels of at most two recommendations.
            return _("Also cited in the answers to: %(labels)s") % {"labels": labels}
        message = ngettext(
            # Translators: %(labels)s: labels of two recommendations. %(count)d: how many more.
            "Also cited in the answers to: %(labels)s and %(count)d other recommendation",
            "Also cited in the answers to: %(labels)s and %(count)d other recommendations",
            others,
        )
        return message % {"labels": labels, "count": others}


class Edit(NamedTuple):
    """An answer as it was typed on a page that was opened at revision `base`."""

    base: int
    withdrawn: int | None
    answer: Answer


class OpenTab(NamedTuple):
    """`draft`: the draft that the tab continues."""

    tab: Tab
    draft: Draft | None = None


class ProposalChoice(NamedTuple):
    proposal: Proposal
    is_taken: bool


class Forms(NamedTuple):
    answer: AnswerForm
    evidence: list[NewEvidenceForm]
    note: NoteForm

    @property
    def each(self) -> list[Form]:
        return [self.answer, *self.evidence, self.note]


@form_view(fresh_sign_in=NEVER)
def record(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """POST saves the answer as the next revision, or suggests it to the focal point on the page for suggestions."""
    desk = get_desk_or_404(request.user, code)
    unit = get_unit_or_404(slug)
    if unit.slug != slug and request.method != "POST":
        return redirect("record", code, unit.slug)
    if request.method == "POST":
        return _save_or_keep(_save, request, _check_exists(SentForm(request.user, desk, unit)))
    page = _check_exists(AnswerPage(request.user, desk, unit))
    if _is_suggestion(request):
        check_permission(page.may_write)
    if "proposal" in request.GET:
        return _show_with_proposals(request, page)
    typed = _unsaved_input(request, code, slug) if page.may_write else None
    opened = _open_tab(request, page, typed)
    if typed or opened.draft is None:
        return _show(request, page, _forms(page, typed), opened.tab, is_unsaved=typed is not None)
    forms = _forms(page, unsaved_input.as_posted(opened.draft.fields))
    for form in forms.each:
        drop_errors(form)
    has_changes = any(form.has_changed() for form in forms.each)
    return _show(request, page, forms, opened.tab, draft=opened.draft if has_changes else None, is_draft=True)


@button_view(fresh_sign_in=NEVER)
def record_note(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """Save the internal note; the answer in the form stays as typed, not saved yet."""
    sent = SentForm(request.user, get_desk_or_404(request.user, code), get_unit_or_404(slug))
    return _save_or_keep(_save_note, request, _check_exists(sent))


def _check_exists[Page: SentForm](page: Page) -> Page:
    if not page.exists:
        raise Http404
    return page


def _save_note(request: SignedInRequest, page: SentForm) -> HttpResponse:
    check_permission(page.may_write)
    forms, tab = _forms(page, request.POST, request.FILES), read_tab(request.POST)
    if not forms.note.is_valid() or not _write_note(page, forms.note):
        return _show(request, page, forms, tab)
    messages.success(request, _("The internal note was saved."))
    if _has_new_answer(forms):
        return _show(request, page, forms, tab)
    discard_drafts(respondent=page.desk, unit=page.unit, tab=tab, stamps=(), by=request.user)
    return redirect("record", page.desk.code, page.unit.slug)


def _save(request: SignedInRequest, page: SentForm) -> HttpResponse:
    forms, tab = _forms(page, request.POST, request.FILES), read_tab(request.POST)
    if _is_sent(request, page, forms.answer):
        return _show_sent(request, page)
    check_permission(page.may_write)
    if KEEPS_OPEN & request.POST.keys():
        return _show_unsaved(request, page, forms, tab)
    if any(form.errors for form in forms.each) or not _write_note(page, forms.note):
        return _show(request, page, forms, tab)
    added = []
    for form in forms.evidence:
        if not form.has_changed():
            continue
        try:
            version = add_evidence(respondent=page.desk, by=request.user, details=form.details)
        except ValidationError as error:
            form.add_error(None, error)
            return _show(request, page, forms, tab)
        added.append((version, form.place))
    typed = Edit(forms.answer.base, forms.answer.withdrawn, forms.answer.answer(added))
    conflict = _read_conflict(request, page, typed)
    if conflict and not conflict.is_valid():
        return _show_conflict(request, page, conflict, added)
    edit = _chosen_edit(conflict) if conflict else typed
    if conflict and "edit" in request.POST:
        return _show_combination(request, page, edit)
    keep = _choose_act(request)
    try:
        keep(request, page, forms.answer, edit, tab)
    except ValidationError as error:
        forms.answer.add_errors(error)
        return _show(request, page, forms, tab)
    except StaleAnswer as stale:
        return _show_stale(request, page, typed, added, stale)
    if keep is _send_answer:
        return _show_sent(request, page)
    if keep is _save_answer:
        _ask_if_section_is_completed(request, page)
    return _show_next(request, page)


def _is_suggestion(request: SignedInRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "proposal_add"


def _choose_act(request: SignedInRequest) -> Callable[[SignedInRequest, SentForm, AnswerForm, Edit, Tab], None]:
    if _is_suggestion(request):
        return _add_proposal
    if "proposal" in request.POST:
        return _accept_proposals
    return _send_answer if "send" in request.POST else _save_answer


def _is_sent(request: SignedInRequest, page: SentForm, form: AnswerForm) -> bool:
    """Return whether the user sent the same answer already, as by a double click: the current one has all changes."""
    if "send" not in request.POST or page.current is None or not page.may_undo_sending:
        return False
    if not form.is_valid():
        return False
    edit = Edit(form.base, form.withdrawn, form.answer())
    conflict = _read_conflict(request, page, edit)
    if conflict and conflict.is_valid():
        edit = _chosen_edit(conflict)
    combination = combine_with(page.current, *edit)
    return combination is not None and combination.answer == Answer.of(page.current)


def _chosen_edit(conflict: ConflictForm) -> Edit:
    return Edit(conflict.theirs.number, last_withdrawal(conflict.theirs), conflict.answer())


def _show_sent(request: SignedInRequest, page: SentForm) -> HttpResponse:
    show_sent_answer(request, page.unit)
    return redirect("respondent_desk", page.desk.code)


def _save_or_keep(
    save: Callable[[SignedInRequest, SentForm], HttpResponse], request: SignedInRequest, page: SentForm
) -> HttpResponse:
    """Save; where the unit was sent to the focal point since the page was opened, keep the input for its author."""
    try:
        return save(request, page)
    except PermissionDenied:
        if can_answer(request.user, page.desk, page.unit) or unsaved_input.keep(request) is None:
            raise
    message = _(
        # Translators: %(label)s: label of a recommendation with its short title, such as “I.7(a) Trafficking in
        # school curricula”.
        "%(label)s was sent to the focal point before you saved. Nothing was saved; your text reappears "
        "when you can edit again."
    )
    messages.warning(request, message % {"label": page.unit.label_with_title})
    return redirect("record", page.desk.code, page.unit.slug)


def _save_answer(request: SignedInRequest, page: SentForm, form: AnswerForm, edit: Edit, tab: Tab) -> None:
    revision = save_edit(**_edit_values(request, page, form, edit, tab))
    show_saved_answer(request, page.unit, revision or _saved_before(request, page, edit))
    if revision:
        _show_combined(request, page, edit, revision)


def _saved_before(request: SignedInRequest, page: SentForm, edit: Edit) -> Revision | None:
    """Return what the first click of a double click saved: the browser shows the response to the second alone."""
    newest = revisions_of(request.user, page.desk, page.unit).first()
    return newest if newest and newest.number > edit.base and newest.author_id == request.user.pk else None


def _send_answer(request: SignedInRequest, page: SentForm, form: AnswerForm, edit: Edit, tab: Tab) -> None:
    save_and_send(**_edit_values(request, page, form, edit, tab))
    if newest := revisions_of(request.user, page.desk, page.unit).first():
        _show_combined(request, page, edit, newest)


def _edit_values(request: SignedInRequest, page: SentForm, form: AnswerForm, edit: Edit, tab: Tab) -> dict[str, Any]:
    """Return the arguments of `save_edit`."""
    reason, values = form.cleaned_data.get("change_reason", ""), _typed_values(request, form, edit, tab)
    return {"respondent": page.desk, "unit": page.unit, "change_reason": reason, **values}


def _typed_values(request: SignedInRequest, form: AnswerForm, edit: Edit, tab: Tab) -> dict[str, Any]:
    """Return the arguments that `save_edit`, `add_proposal` and `merge_proposals` have in common."""
    return {**edit._asdict(), "by": request.user, "received": form.received(), "tab": tab}


def _add_proposal(request: SignedInRequest, page: SentForm, form: AnswerForm, edit: Edit, tab: Tab) -> None:
    """Suggest the answer to the focal point; the State's answer stays until it is accepted."""
    add_proposal(respondent=page.desk, unit=page.unit, **_typed_values(request, form, edit, tab))
    show_sent_suggestion(request, page.unit)


def _accept_proposals(request: SignedInRequest, page: SentForm, form: AnswerForm, edit: Edit, tab: Tab) -> None:
    stamps = request.POST.getlist("proposal")
    accepted = [
        suggestion for suggestion in proposals_of(page.desk, page.unit, request.user) if suggestion.stamp in stamps
    ]
    if len(accepted) < len(stamps):
        raise ValidationError(PAGE_CHANGED)
    try:
        revision = merge_proposals(
            proposals=accepted,
            change_reason=form.cleaned_data.get("change_reason", ""),
            **_typed_values(request, form, edit, tab),
        )
    except NotAllowed as error:
        raise ValidationError(PAGE_CHANGED) from error
    show_saved_answer(request, page.unit, revision)
    _show_combined(request, page, edit, revision)


def _show_with_proposals(request: SignedInRequest, page: AnswerPage) -> HttpResponse:
    check_permission(can_decide_proposals(request.user, page.desk))
    stamps = request.GET.getlist("proposal")
    waiting = [suggestion for suggestion in _waiting(page) if suggestion.stamp in stamps]
    if not waiting:
        messages.info(request, PAGE_CHANGED)
        return redirect("proposal_list", page.desk.code, page.unit.slug)
    accepted = [suggestion for suggestion in waiting if str(suggestion.pk) in request.GET.dict().values()] or waiting
    current = answer_of(page.current) if page.current else None
    beside = answers_beside(page.desk, [page.unit], waiting, request.user, known=page.newest)
    offered = as_read(waiting, beside, request.user)
    answer = answer_from_proposals(current, offered, request.GET)
    cited = [Citation(evidence_version=version, pinpoint=pinpoint) for version, pinpoint in answer.citations]
    forms = _forms(page, cited=cited)
    if page.current:
        forms.answer.withdrawn = page.current.last_withdrawal()
    received = first_received(accepted)
    values = {"received_from": received.institution, "received_on": received.on}
    forms.answer.initial.update(answer.as_fields() | values)
    taking = [ProposalChoice(suggestion, suggestion in accepted) for suggestion in waiting]
    return _show(request, page, forms, Tab(new_tab()), taking=taking)


def _waiting(page: SentForm) -> QuerySet[Proposal]:
    return proposals_of(page.desk, page.unit, page.user).filter(state=ProposalStage.OFFERED)


def _show_combined(request: SignedInRequest, page: SentForm, edit: Edit, revision: Revision) -> None:
    """Say what a colleague changed while the user was editing, where the new version has both changes."""
    before, theirs = edit.base, revision.number - 1
    if before >= theirs:
        return
    both = revisions_of(request.user, page.desk, page.unit).filter(number__in=(before, theirs))
    found = {saved.number: saved for saved in with_citations_and_origin(request.user, both)}
    changes = compare_fields(words_of(found.get(before)), words_of(found[theirs]))
    changes = [change for change in changes if change.name != "ready"] or changes
    message = _(
        # Translators: who: name of a person. theirs, number: numbers of versions. at: date and time. fields: names of
        # fields, a list.
        "%(who)s saved version %(theirs)s on %(at)s, while you were editing. Changed: %(fields)s. Version %(number)s "
        "has the changes of both of you."
    )
    values = {
        "who": found[theirs].author,
        "theirs": theirs,
        "at": date_format(localtime(found[theirs].created_at), "DATETIME_FORMAT"),
        "fields": format_list(change.label for change in changes),
        "number": revision.number,
    }
    messages.info(request, message % values)
    if not revision.ready and (edit.answer.ready or found[theirs].ready):
        messages.warning(request, _("The combined answer is not marked ready: nobody has confirmed it as a whole."))


def _ask_if_section_is_completed(request: SignedInRequest, page: SentForm) -> None:
    """Ask after the last recommendation of a theme without an answer got one."""
    if page.current:
        return
    section = [row for row in page.to_answer if row.theme == page.unit.primary_theme]
    if not section or any(not row.is_answered and row.unit != page.unit for row in section):
        return
    theme = page.unit.primary_theme
    answered = ngettext(
        # Translators: theme: name of the theme; count: how many of its recommendations are to be answered.
        "%(theme)s: the recommendation is answered.",
        "%(theme)s: all %(count)d recommendations are answered.",
        len(section),
    ) % {"theme": theme or _("No theme"), "count": len(section)}
    url = reverse("record_list", args=[page.desk.code], query={"theme": theme.slug} if theme else None)
    question = _("Have you completed this section?")
    messages.info(request, format_html('{} <a href="{}">{}</a>', answered, url, question))


def _show_next(request: SignedInRequest, page: SentForm) -> HttpResponse:
    if "next" not in request.POST:
        return redirect("record", page.desk.code, page.unit.slug)
    following = next_unanswered(page.to_answer, page.unit)
    if following is None:
        messages.info(request, _say_that_nothing_is_next(page))
        return redirect(record_list_address(page.desk, page.unit))
    return redirect("record", page.desk.code, following.unit.slug)


def _say_that_nothing_is_next(page: SentForm) -> str:
    skipped = sum(row.is_skipped for row in page.to_answer if row.unit != page.unit)
    if not skipped:
        return _("All recommendations addressed to you are answered.")
    return ngettext(
        # Translators: count: number.
        "%(count)s recommendation without an answer is assigned to others.",
        "%(count)s recommendations without an answer are assigned to others.",
        skipped,
    ) % {"count": skipped}


def _write_note(page: SentForm, form: NoteForm) -> bool:
    """Save the internal note; return False, with the error at its field, where another user has changed it."""
    if "note" not in form.data:
        return True
    note = form.cleaned_data["note"]
    try:
        save_note(respondent=page.desk, unit=page.unit, base=form.base, note=note, by=page.user)
    except StaleNote as stale:
        message = _(
            # Translators: %(note)s: text of the note.
            "This note was changed after you opened the page. The note now reads: “%(note)s”. Save again to "
            "replace the note."
        )
        form.add_error("note", message % {"note": stale.current})
        form.base = Record(note=stale.current).note_digest
        return False
    form.base = Record(note=note).note_digest
    return True


def _has_new_answer(forms: Forms) -> bool:
    return "language" in forms.answer.data and any(form.has_changed() for form in (forms.answer, *forms.evidence))


def _unsaved_input(request: SignedInRequest, code: str, slug: str) -> QueryDict | None:
    """Return the unsaved input of this page, posted to the address of any of its buttons."""
    names = ("record", "proposal_add", "record_note", "draft", "draft_discard")
    return unsaved_input.take(request, *(reverse(name, args=[code, slug]) for name in names))


def _open_tab(request: SignedInRequest, page: AnswerPage, typed: QueryDict | None) -> OpenTab:
    """Open a new tab that continues the newest draft, or `?draft=` by its key; after *Save draft* the same tab."""
    drafts = {str(draft.pk): draft for draft in page.drafts}
    if typed:
        own = [draft.stamp for draft in page.drafts if draft.tab == typed.get("tab")]
        return OpenTab(Tab(new_tab(), *own or [read_tab(typed).continues]))
    goes_on = request.session.pop(GOES_ON, None)
    for draft in page.drafts:
        if draft.tab == goes_on:
            return OpenTab(Tab(draft.tab, draft.continues), draft)
    shown = drafts.get(request.GET.get("draft", "")) or next(iter(page.drafts), None)
    return OpenTab(Tab(new_tab(), shown.stamp if shown else ""), shown)


def _forms(
    page: SentForm,
    data: QueryDict | None = None,
    files: MultiValueDict | None = None,
    cited: Iterable[Citation] | None = None,
) -> Forms:
    current: Iterable[Citation] = page.current.citations.all() if page.current else []
    answer = AnswerForm(
        data,
        unit=page.unit,
        items=page.items,
        library=evidence_list_of(page.user, page.desk),
        current=page.current,
        cited=current if cited is None else cited,
        language=page.current.language if page.current else last_language(page.desk, page.user),
        marks_ready=can_mark_ready(page.user, page.desk),
    )
    evidence = new_evidence_forms(data, files, respondent=page.desk, by=page.user)
    return Forms(answer, evidence, NoteForm(data, record=page.note))


def _show(
    request: SignedInRequest,
    page: SentForm,
    forms: Forms,
    tab: Tab,
    is_unsaved: bool = False,
    lost_words: list[Difference] | None = None,
    draft: Draft | None = None,
    is_draft: bool = False,
    taking: Iterable[ProposalChoice] = (),
    is_combined: bool = False,
) -> HttpResponse:
    if not isinstance(page, AnswerPage):
        page = AnswerPage(page.user, page.desk, page.unit)
    unit = page.unit
    neighbours = [row for row in page.to_answer if row.unit.primary_theme_id == unit.primary_theme_id]
    context = {
        "body_choice": BodyChoice(query=f"body={unit.body_slug}" if unit.body_slug else ""),
        "tab": "records",
        "page": page,
        "unit": unit,
        "is_to_answer": any(row.unit == unit for row in page.to_answer),
        "beside": len(neighbours),
        "beside_answered": count_answered(neighbours),
        "before": _link(page.desk, unanswered_before(page.to_answer, unit)),
        "after": _link(page.desk, next_unanswered(page.to_answer, unit)),
        "skipped": page.skipped,
        "family": family_rows(page),
        "form": FormGroup(*forms.each),
        "answer": forms.answer,
        "evidence": forms.evidence,
        "is_adding": any(form.is_bound and form.has_changed() for form in forms.evidence)
        or bool({HOLD, DISCARD, ANOTHER} & request.POST.keys()),
        "desk_note": forms.note,
        "cards": _citation_rows(page, forms.answer),
        "history": compare_revisions(page.newest, SHOWN_BY_THE_FORM),
        "answer_fields": compare_fields(defaultdict(str), words_of(page.current)) if page.current else [],
        "rewordings": wording_changes(page.current, page.texts) if page.current else [],
        "translations": find_translation_set(
            unit,
            [*unit.chapeaux, *page.items],
            request.GET.get("text", ""),
            request.headers.get("Accept-Language", ""),
        ),
        "is_unsaved": is_unsaved,
        "lacks_file": not any(form.held for form in forms.evidence),
        "lost_words": lost_words,
        "came_back": open_clarifications(page.desk, request.user, unit),
        "is_suggestion": _is_suggestion(request),
        "seen": stamp_of(page.current),
        "typing": tab,
        "draft": draft,
        "is_draft": is_draft,
        "taking": taking or _proposal_choices(page, forms.answer.data),
        "is_merged": bool(taking) and not is_combined,
        "is_combined": is_combined,
        "drafts": [other for other in page.drafts if other.tab != tab.token and other.stamp != tab.continues],
    }
    return render(request, "tracker/record/record.html", context, status=200 if lost_words is None else 409)


def _proposal_choices(page: SentForm, data: Any) -> list[ProposalChoice]:
    stamps = data.getlist("proposal") if isinstance(data, QueryDict) else []
    return [ProposalChoice(suggestion, suggestion.stamp in stamps) for suggestion in _waiting(page)] if stamps else []


def _show_unsaved(request: SignedInRequest, page: SentForm, forms: Forms, tab: Tab) -> HttpResponse:
    """Show the form as typed after a button that saves nothing; files are held."""
    drop_errors(forms.answer)
    drop_errors(forms.note)
    for form in forms.evidence:
        form.hold()
    return _show(request, page, forms, tab)


def _read_conflict(request: SignedInRequest, page: SentForm, typed: Edit) -> ConflictForm | None:
    """Return the choices of a user who saw the input beside a later version; None without any."""
    if "seen" not in request.POST:
        return None
    seen = read_seen_answer(request.POST["seen"], page.unit)
    theirs = revisions_of(request.user, page.desk, page.unit).select_related("author").filter(number=seen.base).first()
    if theirs is None or last_withdrawal(theirs) != seen.withdrawn:
        return None
    combination = combine_with(theirs, *typed)
    return _conflict_form(request, page, theirs, combination, request.POST) if combination else None


def _conflict_form(
    request: SignedInRequest,
    page: SentForm,
    theirs: Revision,
    combination: Combination,
    data: QueryDict | None = None,
) -> ConflictForm:
    return ConflictForm(
        data,
        unit=page.unit,
        theirs=theirs,
        combination=combination,
        marks_ready=can_mark_ready(request.user, page.desk),
        edited=request.POST.dict(),
    )


def _show_stale(
    request: SignedInRequest,
    page: SentForm,
    typed: Edit,
    added: list[tuple[EvidenceVersion, str]],
    stale: StaleAnswer,
) -> HttpResponse:
    """Ask about what both changed since the page was opened; where that cannot be compared, show the form again."""
    combination = combine_with(stale.current, *typed)
    if combination is None or stale.combination is None:
        return _show_lost_words(request, page, typed.answer, added)
    combination = combination.ask_about(part.name for part in stale.combination.clashes)
    return _show_conflict(request, page, _conflict_form(request, page, stale.current, combination), added)


def _show_conflict(
    request: SignedInRequest, page: SentForm, conflict: ConflictForm, added: list[tuple[EvidenceVersion, str]]
) -> HttpResponse:
    """Ask what to keep; the page carries the input as it was typed, so that it can also become a draft."""
    typed = _with_cited(request.POST, added)
    base = read_number(typed.get("base"))
    context = {
        "tab": "records",
        "crumbs": answer_links(page.desk, page.unit, _("Two versions")),
        "unit": page.unit,
        "form": conflict,
        "base": base,
        "theirs": conflict.theirs,
        "next": conflict.theirs.number + 1,
        "seen": f"{conflict.theirs.number}.{last_withdrawal(conflict.theirs) or 0}",
        "typed": [(name, value) for name, values in read_fields(typed).items() for value in values],
        "typing": read_tab(typed),
        "moves_on": "next" in typed,
        "is_suggestion": _is_suggestion(request),
    }
    return render(request, "tracker/record/conflict.html", context, status=409)


def _show_combination(request: SignedInRequest, page: SentForm, edit: Edit) -> HttpResponse:
    """Show the combined answer in the form, not saved yet."""
    cited = [Citation(evidence_version=version, pinpoint=pinpoint) for version, pinpoint in edit.answer.citations]
    forms = _forms(page, cited=cited)
    forms.answer.base, forms.answer.withdrawn = edit.base, edit.withdrawn
    typed = {name: request.POST.get(name, "") for name in ("change_reason", "received_from", "received_on")}
    forms.answer.initial.update(edit.answer.as_fields() | typed)
    taking = _proposal_choices(page, request.POST)
    return _show(request, page, forms, read_tab(request.POST), taking=taking, is_combined=True)


def _show_lost_words(
    request: SignedInRequest, page: SentForm, answer: Answer, added: list[tuple[EvidenceVersion, str]]
) -> HttpResponse:
    """Show the input beside the current answer, from which words were removed; the form starts from that one."""
    page = AnswerPage(request.user, page.desk, page.unit)
    forms = _forms(page, _with_cited(request.POST, added))
    newer = page.newest[0]
    forms.answer.base, forms.answer.withdrawn = newer.number, newer.last_withdrawal()
    differences = compare_fields(words_of(newer), answer_in_words(answer))
    return _show(request, page, forms, read_tab(request.POST), lost_words=differences)


def _with_cited(typed: QueryDict, added: list[tuple[EvidenceVersion, str]]) -> QueryDict:
    """Return the input, where the new evidence is in the library now and cited."""
    typed = typed.copy()
    for name in [name for name in typed if NEW_FIELD.match(name)]:
        del typed[name]
    for version, pinpoint in added:
        typed[f"pinpoint_{version.pk}"] = pinpoint
    return typed


def _link(desk: Respondent, row: UnitRow | None) -> Link | None:
    return Link(reverse("record", args=[desk.code, row.unit.slug]), row.unit.label_with_title) if row else None


def _citation_rows(page: AnswerPage, answer: AnswerForm) -> list[CitationRow]:
    if not answer.cited:
        return []
    pieces = [cited.version.evidence_id for cited in answer.cited]
    found = Citation.objects.visible_to(page.user).filter(
        evidence_version__evidence__in=pieces, revision=F("revision__record__current")
    )
    others = found.exclude(revision__record__recommendation=page.unit)
    others = others.order_by("revision__record__recommendation")
    labels = group_pairs(
        (citation.evidence_version.evidence_id, citation.revision.record.recommendation.label_with_title)
        for citation in others.select_related("evidence_version", "revision__record__recommendation")
    )
    return [CitationRow(cited, labels[cited.version.evidence_id]) for cited in answer.cited]
