from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
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
from recommendations.forms import form_errors
from recommendations.groups import group_pairs
from recommendations.lists import format_list
from recommendations.queries import find_translation_set
from tracker.actions.assignment import save_and_send
from tracker.actions.bulk import empty_answers
from tracker.actions.draft import Tab, discard_drafts
from tracker.actions.evidence import add_evidence
from tracker.actions.proposal import add_proposal, first_received, merge_proposals
from tracker.actions.record import (
    NotSaved,
    SeenAnswer,
    StaleAnswer,
    StaleNote,
    combine_with,
    last_withdrawal,
    save_edit,
    save_note,
)
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
from tracker.models.combination import combine
from tracker.models.draft import new_tab
from tracker.models.proposal import ProposalStage
from tracker.models.record import Answer, answer_of
from tracker.permissions import can_answer, can_decide_proposals, can_mark_ready, check_permission
from tracker.queries.desk.answer_page import SHOWN_BY_THE_FORM, AnswerPage, SentForm, family_rows
from tracker.queries.desk.history import compare_revisions, last_language, with_citations_and_origin
from tracker.queries.desk.library import evidence_list_of
from tracker.queries.desk.proposals import answers_beside, as_read, proposals_of
from tracker.queries.desk.units import UnitRow, count_answered, next_unanswered, unanswered_before
from tracker.queries.difference import answer_in_words, compare_fields, words_of
from tracker.queries.submissions.questions import open_clarifications
from tracker.queries.submissions.rewording import wording_changes
from tracker.views import Link, answer_links
from tracker.web import unsaved_input
from tracker.web.answer_messages import show_saved_answer, show_sent_answer, show_sent_suggestion, show_unsaved_answers
from tracker.web.bodies import BodyChoice
from tracker.web.desks import address_with_check, get_desk_or_404, keep_check, record_list_address
from tracker.web.fresh_sign_in import NEVER, button_view, form_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404
from tracker.workflow import NotAllowed

NAMED_ON_A_CARD = 2
KEEPS_OPEN = {HOLD, DISCARD, ANOTHER, SEARCH, CITE}  # buttons that save nothing
ADDRESSES = ("record", "proposal_add", "record_note", "draft", "draft_discard")  # of the buttons of the form


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

    @classmethod
    def of(cls, current: Revision | None, answer: Answer) -> "Edit":
        return cls(current.number, last_withdrawal(current), answer) if current else cls(0, None, answer)


class ProposalChoice(NamedTuple):
    proposal: Proposal
    is_taken: bool


class Forms(NamedTuple):
    answer: AnswerForm
    evidence: list[NewEvidenceForm]
    note: NoteForm
    tab: Tab

    @property
    def each(self) -> list[Form]:
        return [self.answer, *self.evidence, self.note]


@form_view(fresh_sign_in=NEVER)
def record(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """POST saves the answer as the next revision, or suggests it to the focal point on the page for suggestions."""
    desk = get_desk_or_404(request.user, code)
    unit = get_unit_or_404(slug)
    if request.method == "POST":
        return _save_or_keep(_save, request, _check_exists(SentForm(request.user, desk, unit)))
    if unit.slug != slug:
        return keep_check(request, "record", code, unit.slug)
    page = _check_exists(AnswerPage(request.user, desk, unit))
    if _is_suggestion(request):
        check_permission(page.may_write)
    if "proposal" in request.GET:
        return _show_with_proposals(request, page)
    addresses = (reverse(name, args=[code, slug]) for name in ADDRESSES)
    if page.may_write and (typed := unsaved_input.take(request, *addresses)):
        own = [draft.stamp for draft in page.drafts if draft.tab == typed.get("tab")]
        tab = Tab(new_tab(), *own or [read_tab(typed).continues])
        return _show(request, page, _forms(page, typed, tab=tab), is_unsaved=True)
    tab, draft = _open_draft(request, page)
    forms = _forms(page, unsaved_input.as_posted(draft.fields) if draft else None, tab=tab)
    if draft:
        for form in forms.each:
            drop_errors(form)
    has_changes = any(form.has_changed() for form in forms.each)
    return _show(request, page, forms, draft=draft if has_changes else None, is_draft=draft is not None)


@button_view(fresh_sign_in=NEVER)
def record_note(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """Save the internal note; the answer in the form stays as typed, not saved yet."""
    sent = SentForm(request.user, get_desk_or_404(request.user, code), get_unit_or_404(slug))
    return _save_or_keep(_save_note, request, _check_exists(sent))


def _check_exists[Page: SentForm](page: Page) -> Page:
    if not page.exists:
        raise Http404
    return page


def _open_draft(request: SignedInRequest, page: AnswerPage) -> tuple[Tab, Draft | None]:
    """Open a new tab that continues the newest draft, or `?draft=` by its key; after *Save draft* the same tab."""
    goes_on = request.session.pop(GOES_ON, None)
    for draft in page.drafts:
        if draft.tab == goes_on:
            return Tab(draft.tab, draft.continues), draft
    drafts = {str(draft.pk): draft for draft in page.drafts}
    shown = drafts.get(request.GET.get("draft", "")) or next(iter(page.drafts), None)
    return Tab(new_tab(), shown.stamp if shown else ""), shown


def _save_or_keep(
    save: Callable[[SignedInRequest, SentForm, Forms], HttpResponse], request: SignedInRequest, page: SentForm
) -> HttpResponse:
    """Save; where the unit was sent to the focal point since the page was opened, keep the input for its author."""
    try:
        return save(request, page, _forms(page, request.POST, request.FILES, tab=read_tab(request.POST)))
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
    return keep_check(request, "record", page.desk.code, page.unit.slug)


def _save_note(request: SignedInRequest, page: SentForm, forms: Forms) -> HttpResponse:
    check_permission(page.may_write)
    if not forms.note.is_valid() or not _write_note(page, forms.note):
        return _show(request, page, forms)
    messages.success(request, _("The internal note was saved."))
    if "language" in request.POST and any(form.has_changed() for form in (forms.answer, *forms.evidence)):
        return _show(request, page, forms)
    discard_drafts(respondent=page.desk, unit=page.unit, tab=forms.tab, stamps=(), by=request.user)
    return keep_check(request, "record", page.desk.code, page.unit.slug)


def _save(request: SignedInRequest, page: SentForm, forms: Forms) -> HttpResponse:
    """End in one of four ways: saved, the form with its errors, two versions to choose from, or sent."""
    if _is_sent_before(request, page, forms.answer):
        return _show_sent(request, page)
    check_permission(page.may_write)
    if KEEPS_OPEN & request.POST.keys():
        for form in (forms.answer, forms.note):
            drop_errors(form)
        for evidence in forms.evidence:
            evidence.hold()
        return _show(request, page, forms)
    if any(form.errors for form in forms.each) or not _write_note(page, forms.note):
        return _show(request, page, forms)
    if forms.answer.is_emptied:
        return _empty(request, page, forms)
    added = []
    for new in filter(NewEvidenceForm.has_changed, forms.evidence):
        with form_errors(new):
            added.append((add_evidence(respondent=page.desk, by=request.user, details=new.details), new.place))
        if new.errors:
            return _show(request, page, forms)
    typed = Edit(forms.answer.base, forms.answer.withdrawn, forms.answer.answer(added))
    choice = _read_choice(request, page, typed)
    if choice and not choice.is_valid():
        return _show_two_versions(request, page, choice, added)
    edit = Edit.of(choice.theirs, choice.answer()) if choice else typed
    if choice and "edit" in request.POST:
        forms = _forms_with(page, edit, request.POST.dict(), forms.tab)
        return _show(request, page, forms, taking=_proposal_choices(page, request.POST), is_combined=True)
    try:
        return _write(request, page, forms, edit)
    except ValidationError as error:
        forms.answer.add_errors(error)
        return _show(request, page, forms)
    except StaleAnswer as stale:
        clashes = stale.combination.clashes if stale.combination else ()
        choice = _choice_between(request, page, stale.current, typed, asked=[part.name for part in clashes])
        return _show_two_versions(request, page, choice, added)


def _empty(request: SignedInRequest, page: SentForm, forms: Forms) -> HttpResponse:
    seen = SeenAnswer(page.unit, forms.answer.base, forms.answer.withdrawn)
    try:
        emptied = empty_answers(respondent=page.desk, answers=[seen], by=request.user)
    except NotSaved as refused:
        show_unsaved_answers(request, refused)
    else:
        discard_drafts(respondent=page.desk, unit=page.unit, tab=forms.tab, stamps=(), by=request.user)
        show_saved_answer(request, page.unit, next(iter(emptied), None))
    return keep_check(request, "record", page.desk.code, page.unit.slug)


def _is_suggestion(request: SignedInRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "proposal_add"


def _is_sent_before(request: SignedInRequest, page: SentForm, form: AnswerForm) -> bool:
    """Return whether the user sent the same answer already, as by a double click: the current one has all changes."""
    if "send" not in request.POST or page.current is None or not page.may_undo_sending or not form.is_valid():
        return False
    edit = Edit(form.base, form.withdrawn, form.answer())
    choice = _read_choice(request, page, edit)
    if choice and choice.is_valid():
        edit = Edit.of(choice.theirs, choice.answer())
    combination = combine_with(page.current, *edit)
    return combination is not None and combination.answer == Answer.of(page.current)


def _show_sent(request: SignedInRequest, page: SentForm) -> HttpResponse:
    show_sent_answer(request, page.unit)
    return redirect("respondent_desk", page.desk.code)


def _write(request: SignedInRequest, page: SentForm, forms: Forms, edit: Edit) -> HttpResponse:
    """Suggest the answer, or save it: from suggestions, to send it to the focal point, or to go on."""
    values: dict[str, Any] = {
        **edit._asdict(),
        "by": request.user,
        "received": forms.answer.received(),
        "tab": forms.tab,
    }
    of_unit: dict[str, Any] = {"respondent": page.desk, "unit": page.unit}
    if _is_suggestion(request):
        add_proposal(**of_unit, **values)
        show_sent_suggestion(request, page.unit)
        return _show_next(request, page)
    values["change_reason"] = forms.answer.cleaned_data.get("change_reason", "")
    revision: Revision | None
    if "proposal" in request.POST:
        stamps = request.POST.getlist("proposal")
        offered = proposals_of(page.desk, page.unit, request.user)
        accepted = [suggestion for suggestion in offered if suggestion.stamp in stamps]
        if len(accepted) < len(stamps):
            raise ValidationError(PAGE_CHANGED)
        try:
            revision = merge_proposals(proposals=accepted, **values)
        except NotAllowed as error:
            raise ValidationError(PAGE_CHANGED) from error
        show_saved_answer(request, page.unit, revision)
    elif "send" in request.POST:
        save_and_send(**of_unit, **values)
        _show_combined(request, page, edit, page.revisions.first())
        return _show_sent(request, page)
    else:
        revision = save_edit(**of_unit, **values)
        show_saved_answer(request, page.unit, revision or _saved_before(page, edit))
    _show_combined(request, page, edit, revision)
    if "proposal" not in request.POST:
        _ask_if_section_is_completed(request, page)
    return _show_next(request, page)


def _saved_before(page: SentForm, edit: Edit) -> Revision | None:
    """Return what the first click of a double click saved: the browser shows the response to the second alone."""
    newest = page.revisions.first()
    return newest if newest and newest.number > edit.base and newest.author_id == page.user.pk else None


def _show_with_proposals(request: SignedInRequest, page: AnswerPage) -> HttpResponse:
    check_permission(can_decide_proposals(request.user, page.desk))
    waiting = [choice.proposal for choice in _proposal_choices(page, request.GET) if choice.is_taken]
    if not waiting:
        messages.info(request, PAGE_CHANGED)
        return redirect("proposal_list", page.desk.code, page.unit.slug)
    accepted = [suggestion for suggestion in waiting if str(suggestion.pk) in request.GET.dict().values()] or waiting
    current = answer_of(page.current) if page.current else None
    beside = answers_beside(page.desk, [page.unit], waiting, request.user, known=page.newest)
    offered = as_read(waiting, beside, request.user)
    edit = Edit.of(page.current, answer_from_proposals(current, offered, request.GET))
    received = first_received(accepted)
    values = {"received_from": received.institution, "received_on": received.on}
    taking = [ProposalChoice(suggestion, suggestion in accepted) for suggestion in waiting]
    return _show(request, page, _forms_with(page, edit, values, Tab(new_tab())), taking=taking, is_merged=True)


def _show_combined(request: SignedInRequest, page: SentForm, edit: Edit, revision: Revision | None) -> None:
    """Say what a colleague changed while the user was editing, where the new version has both changes."""
    if revision is None or edit.base >= revision.number - 1:
        return
    before, theirs = edit.base, revision.number - 1
    both = page.revisions.filter(number__in=(before, theirs))
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
        return keep_check(request, "record", page.desk.code, page.unit.slug)
    following = next_unanswered(page.to_answer, page.unit)
    if following is None:
        messages.info(request, _say_that_nothing_is_next(page))
        return redirect(record_list_address(page.desk, page.unit))
    return keep_check(request, "record", page.desk.code, following.unit.slug)


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


def _forms(
    page: SentForm,
    data: QueryDict | None = None,
    files: MultiValueDict | None = None,
    *,
    tab: Tab,
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
    return Forms(answer, evidence, NoteForm(data, record=page.note), tab)


def _forms_with(page: SentForm, edit: Edit, values: dict[str, Any], tab: Tab) -> Forms:
    """Return the forms with an answer that was put together and is not saved yet, and with what is said beside it."""
    cited = [Citation(evidence_version=version, pinpoint=pinpoint) for version, pinpoint in edit.answer.citations]
    forms = _forms(page, cited=cited, tab=tab)
    forms.answer.base, forms.answer.withdrawn = edit.base, edit.withdrawn
    beside = {name: values.get(name, "") for name in ("change_reason", "received_from", "received_on")}
    forms.answer.initial.update(edit.answer.as_fields() | beside)
    return forms


def _show(request: SignedInRequest, page: SentForm, forms: Forms, **more: Any) -> HttpResponse:
    """Show the form. `more`: why it is shown (is_unsaved, is_draft, is_merged, is_combined), its `draft`, and the
    suggestions that it is `taking`.
    """
    if not isinstance(page, AnswerPage):
        page = AnswerPage(page.user, page.desk, page.unit)
    unit, tab = page.unit, forms.tab
    neighbours = [row for row in page.to_answer if row.unit.primary_theme_id == unit.primary_theme_id]
    context = {
        "body_choice": BodyChoice(query=f"body={unit.body_slug}" if unit.body_slug else ""),
        "page": page,
        "unit": unit,
        "is_to_answer": any(row.unit == unit for row in page.to_answer),
        "beside": len(neighbours),
        "beside_answered": count_answered(neighbours),
        "before": _link(request, page.desk, unanswered_before(page.to_answer, unit)),
        "after": _link(request, page.desk, next_unanswered(page.to_answer, unit)),
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
        "lacks_file": not any(form.held for form in forms.evidence),
        "came_back": open_clarifications(page.desk, request.user, unit),
        "is_suggestion": _is_suggestion(request),
        "seen": stamp_of(page.current),
        "typing": tab,
        "taking": _proposal_choices(page, forms.answer.data),
        "drafts": [other for other in page.drafts if other.tab != tab.token and other.stamp != tab.continues],
    }
    return render(request, "tracker/record/record.html", context | more)


def _proposal_choices(page: SentForm, data: Any) -> list[ProposalChoice]:
    """Return the suggestions that wait, where some are in the form or in the address."""
    stamps = data.getlist("proposal") if isinstance(data, QueryDict) else []
    offered = proposals_of(page.desk, page.unit, page.user).filter(state=ProposalStage.OFFERED) if stamps else ()
    return [ProposalChoice(suggestion, suggestion.stamp in stamps) for suggestion in offered]


def _read_choice(request: SignedInRequest, page: SentForm, typed: Edit) -> ConflictForm | None:
    """Return the choices of a user who saw the input beside a later version; None without any."""
    if "seen" not in request.POST:
        return None
    seen = read_seen_answer(request.POST["seen"], page.unit)
    theirs = page.revisions.select_related("author").filter(number=seen.base).first()
    if theirs is None or last_withdrawal(theirs) != seen.withdrawn:
        return None
    return _choice_between(request, page, theirs, typed, request.POST)


def _choice_between(
    request: SignedInRequest,
    page: SentForm,
    theirs: Revision,
    typed: Edit,
    data: QueryDict | None = None,
    asked: Iterable[str] = (),
) -> ConflictForm:
    """Ask about what both changed since the page was opened, and about the fields `asked`; or about every text that
    differs, where the text that was typed may have words that were removed since.
    """
    combination = combine_with(theirs, *typed)
    if has_removed_words := combination is None:
        current = Answer.of(theirs)
        combination = combine(current, current, typed.answer)
        asked = [change.name for change in compare_fields(answer_in_words(current), answer_in_words(typed.answer))]
    return ConflictForm(
        data,
        unit=page.unit,
        theirs=theirs,
        combination=combination.ask_about(asked),
        has_removed_words=has_removed_words,
        marks_ready=can_mark_ready(request.user, page.desk),
        edited=request.POST.dict(),
    )


def _show_two_versions(
    request: SignedInRequest, page: SentForm, choice: ConflictForm, added: list[tuple[EvidenceVersion, str]]
) -> HttpResponse:
    """Ask what to keep; the page carries the input as it was typed, so that it can also become a draft."""
    typed = _with_cited(request.POST, added)
    context = {
        "crumbs": answer_links(page.desk, page.unit, _("Two versions")),
        "unit": page.unit,
        "form": choice,
        "base": read_number(typed.get("base")),
        "theirs": choice.theirs,
        "next": choice.theirs.number + 1,
        "seen": f"{choice.theirs.number}.{last_withdrawal(choice.theirs) or 0}",
        "typed": [(name, value) for name, values in read_fields(typed).items() for value in values],
        "typing": read_tab(typed),
        "moves_on": "next" in typed,
        "is_suggestion": _is_suggestion(request),
    }
    return render(request, "tracker/record/conflict.html", context, status=409)


def _with_cited(typed: QueryDict, added: list[tuple[EvidenceVersion, str]]) -> QueryDict:
    """Return the input, where the new evidence is in the library now and cited."""
    typed = typed.copy()
    for name in [name for name in typed if NEW_FIELD.match(name)]:
        del typed[name]
    for version, pinpoint in added:
        typed[f"pinpoint_{version.pk}"] = pinpoint
    return typed


def _link(request: SignedInRequest, desk: Respondent, row: UnitRow | None) -> Link | None:
    return Link(address_with_check(request, "record", desk.code, row.unit.slug), row.unit) if row else None


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
