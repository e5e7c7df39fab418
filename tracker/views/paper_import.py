"""The import of a paper, for curators: a table of the paragraphs of the document, corrections, publication."""

from collections import Counter
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recommendations.error_messages import NOTHING_SELECTED, PAGE_CHANGED
from recommendations.formats import write_csv
from recommendations.groups import group_pairs
from recommendations.models import ImportedParagraph, PaperImport, Theme
from recommendations.paper_import.actions import (
    RefusedParagraph,
    StaleImport,
    create_import,
    decide_paragraphs,
    delete_import,
    join_paragraphs,
    move_paragraphs,
    save_details,
    save_paragraphs,
    settle_doubt,
)
from recommendations.paper_import.cover import NOT_ENGLISH, detail_problems
from recommendations.paper_import.decisions import Decision, decide
from recommendations.paper_import.doubts import DOUBTS, QUESTIONS, answers_to
from recommendations.paper_import.plan import PublicationPlan
from recommendations.paper_import.rows import ParagraphTable, is_print_mark, must_be_decided
from tracker.forms.annotation_file import COLUMNS, AnnotationsFileForm, annotations_as_rows
from tracker.forms.paper_details import PaperDetailsForm, PaperUploadForm
from tracker.forms.paper_import import REASON_CHOICES, ImportedTextForm, show_base
from tracker.forms.record import read_number
from tracker.models import User
from tracker.permissions import can_edit_catalogue, check_permission
from tracker.queries.missing_entries import find_missing_entries
from tracker.views import download, form_data, form_errors, show_errors
from tracker.web.fresh_sign_in import NEVER, TO_POST, form_view
from tracker.web.request import SignedInRequest

ROWS_AT_ONCE = 100
# What the table can be reduced to, beside the kinds of doubt.
SHOWN: dict[str, Callable[[PublicationPlan], list[ImportedParagraph]]] = {
    "undecided": lambda plan: plan.undecided,
    "print_marks": lambda plan: ParagraphTable(plan.nodes).print_marks,
    "no_title": lambda plan: plan.nodes_without_title,
    "no_theme": lambda plan: plan.units_without_theme,
}
LEVELS = {"deeper": 1, "higher": -1}
REFUSALS_SHOWN, WORDS_SHOWN = 10, 8


@require_safe
def paper_import_list(request: SignedInRequest) -> HttpResponse:
    check_permission(can_edit_catalogue(request.user))
    imports = list(_imports())
    context = {
        "drafts": [each for each in imports if not each.is_published],
        "published": [each for each in imports if each.is_published and not each.is_retracted],
        "retracted": [each for each in imports if each.is_retracted],
        "missing": find_missing_entries(),
    }
    return render(request, "tracker/paper_import/list.html", context)


@form_view(fresh_sign_in=NEVER)
def paper_import_add(request: SignedInRequest) -> HttpResponse:
    """Read a document. One that could be read is a draft at once, so that no error of a detail loses it."""
    check_permission(can_edit_catalogue(request.user))
    form = PaperUploadForm(form_data(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            draft = create_import(
                paper_import=PaperImport(file_name=form.file_name),
                source=form.source,
                document=form.document,
                by=request.user,
            )
            messages.success(request, _("The document was imported as a draft. It is not public."))
            if form.file_name and form.cleaned_data["pasted"].strip():
                messages.warning(request, _("The file was read. The pasted text was not used."))
            messages.info(request, _("Check the details from the front page of the document, and enter the others."))
            return redirect("paper_import_details", draft.pk)
    return render(request, "tracker/paper_import/add.html", {"form": form})


@form_view(fresh_sign_in=NEVER)
def paper_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show every paragraph of the document and what it becomes, and do what a button says for those selected."""
    plan = _get_plan(request.user, pk)
    if request.method == "POST":
        with show_errors(request):
            _act(request, plan)
        return redirect(request.get_full_path())
    table, shown, opened = ParagraphTable(plan.nodes), request.GET.get("show", ""), read_number(request.GET.get("open"))
    listed = _list_rows(plan, shown)
    rows = _rows_to_send(table, opened) if listed is None else listed
    first = next((place for place, row in enumerate(rows) if row.part == opened), 0)
    page = Paginator(rows, ROWS_AT_ONCE).get_page(request.GET.get("page") or first // ROWS_AT_ONCE + 1)
    context = {
        "coverage": table.coverage,
        "parts": table.parts({row.pk for row in page}) if listed is None else None,
        "page": page,
        "printed": plan.choose_page(request.GET.get("printed"), [row for row in rows if row.part == opened] or page),
        "opened": opened,
        "shown": shown,
        "question": QUESTIONS.get(shown),
        "answers": answers_to(shown) if shown in QUESTIONS else {},
        "doubts": group_pairs((doubt.node.pk, doubt) for doubt in plan.doubts),
        "kinds_of_doubt": Counter(doubt.question for doubt in plan.doubts).items(),
        "problems": group_pairs(
            (each.node.pk, each) for each in plan.problems if each.node and each.text not in DOUBTS.values()
        ),
        "print_marks": table.print_marks,
        "decisions": [choice for choice in Decision.choices if choice[0] != Decision.LEAVE_OUT],
        "reasons": REASON_CHOICES,
    }
    return _show(request, plan, "paper_import", context)


def _list_rows(plan: PublicationPlan, shown: str) -> list[ImportedParagraph] | None:
    """Return the paragraphs to which the table is reduced; None for all of it."""
    if shown in QUESTIONS:
        return [doubt.node for doubt in plan.doubts if doubt.question == shown]
    return SHOWN[shown](plan) if shown in SHOWN else None


def _rows_to_send(table: ParagraphTable, opened: int) -> list[ImportedParagraph]:
    """Return the rows of parts in which something is to be decided, and of the part that is opened."""
    open_parts = {row.part for row in table.rows if must_be_decided(row)}
    if opened in table.rows_of_parts:
        open_parts |= {row.part for row in table.below(opened)}
    return [row for row in table.rows if row.part in open_parts and not is_print_mark(row)]


def _act(request: SignedInRequest, plan: PublicationPlan) -> None:
    """Do what a button of the table says for what is selected, or for the part that the button names."""
    sent, act = request.POST, request.POST.get("act", "")
    act, _colon, of_part = act.partition(":")
    chosen = sent.getlist("shown" if "all" in sent else "row")
    values: dict[str, Any] = {"paper_import": plan.paper_import, "versions": _read_pairs(chosen), "by": request.user}
    parts = _read_pairs([of_part] if of_part else sent.getlist("part"))
    if not values["versions"] and not parts:
        raise ValidationError(NOTHING_SELECTED)
    if act == "join":
        join_paragraphs(**values)
        return
    if act in LEVELS:
        done, refused = move_paragraphs(**values, levels=LEVELS[act])
    elif act == "settle":
        done, refused = settle_doubt(**values, question=sent.get("question", ""), answer=sent.get("answer", ""))
    elif act == "confirm" or act in Decision.values:
        values |= {"parts": parts, "versions": {} if of_part else values["versions"]}
        decision, reason = "" if act == "confirm" else act, sent.get("reason", "")
        values["reason"] = reason if reason in dict(REASON_CHOICES) else ""
        done, refused = decide_paragraphs(**values, decision=decision)
    else:
        raise ValidationError(PAGE_CHANGED)
    _say_what_was_done(request, done, refused)


def _read_pairs(values: Iterable[str]) -> dict[int, int]:
    """Read `12-3`: the key of a row with its version, or the number of a part with its stamp."""
    pairs = [value.partition("-") for value in values]
    return {read_number(key): read_number(version) for key, _dash, version in pairs}


def _say_what_was_done(request: SignedInRequest, done: int, refused: list[RefusedParagraph]) -> None:
    if done:
        # Translators: %(count)d is a number of paragraphs of a document.
        message = ngettext("%(count)d paragraph was decided.", "%(count)d paragraphs were decided.", done)
        messages.success(request, message % {"count": done})
    for refusal in refused[:REFUSALS_SHOWN]:
        name = refusal.row.label_with_title or " ".join(refusal.row.text.split()[:WORDS_SHOWN])
        messages.warning(request, f"{name}: {refusal.problem}")


@form_view(fresh_sign_in=NEVER)
def paper_import_text(request: SignedInRequest, pk: int, text_pk: int) -> HttpResponse:
    """Show one paragraph with all its fields, beside the printed page."""
    plan = _get_plan(request.user, pk)
    row = next((row for row in plan.nodes if row.pk == text_pk), None)
    if row is None:
        raise Http404
    doubts = [doubt for doubt in plan.all_doubts if doubt.node == row]
    form = ImportedTextForm(
        form_data(request), instance=row, themes=Theme.objects.all(), doubts=doubts, proposal=_propose(plan, row)
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            with form_errors(form):
                changes = {row.pk: (form.cleaned_data["base"], form.values)}
                save_paragraphs(paper_import=plan.paper_import, changes=changes, by=request.user)
                messages.success(request, _("Your changes were saved."))
                ahead = _next_to_decide(plan, row) if "onwards" in request.POST else row
                return redirect("paper_import_text", pk, ahead.pk) if ahead else redirect("paper_import", pk)
        except StaleImport as stale:
            status = 409
            if row.pk not in stale.rows:
                raise Http404 from None
            form.show_conflict(stale.rows[row.pk])
    context = {"row": row, "doubts": doubts, "form": form, "has_page": row.page and plan.choose_page(None, [row])}
    return _show(request, plan, "text", context, status)


def _propose(plan: PublicationPlan, row: ImportedParagraph) -> ImportedParagraph | None:
    """Return a paragraph that is left out as the recommendation that its words suggest."""
    if not row.is_left_out:
        return None
    proposal = copy(row)
    decide(proposal, Decision.RECOMMENDATION, ParagraphTable(plan.nodes))
    return proposal


def _next_to_decide(plan: PublicationPlan, row: ImportedParagraph) -> ImportedParagraph | None:
    """Return the next paragraph that is undecided or in doubt, or else the first."""
    now = PublicationPlan(plan.paper_import)
    pending = {each.pk for each in (*now.undecided, *(doubt.node for doubt in now.doubts))} - {row.pk}
    rows = [other for other in now.nodes if other.pk in pending]
    return next(
        (other for other in rows if (other.number, other.piece) > (row.number, row.piece)), next(iter(rows), None)
    )


@form_view(fresh_sign_in=NEVER)
def paper_import_details(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    form, status = PaperDetailsForm(form_data(request), plan=plan), 200
    if request.method == "POST" and form.is_valid():
        try:
            with form_errors(form):
                data, form.instance.confirmed = form.cleaned_data, form.confirmed
                save_details(paper_import=form.instance, meetings=data["headings"], base=data["base"], by=request.user)
                return _leave_details(request, pk)
        except StaleImport:
            status = 409
            current = PaperImport.objects.get(pk=pk)
            show_base(form, current.version)
            form.add_error(
                None,
                _(
                    # Translators: %(title)s is the title of the paper.
                    "Another user changed these details: the paper is now “%(title)s”. To replace their changes "
                    "with yours, save again."
                )
                % {"title": current.paper_title},
            )
    context = {"paper_import": PaperImport.objects.get(pk=pk), "form": form, "not_english": NOT_ENGLISH}
    return _show(request, plan, "details", context, status)


def _leave_details(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the details again while a doubt about them remains."""
    messages.success(request, _("Your changes were saved."))
    plan = _get_plan(request.user, pk)
    if not detail_problems(plan.paper_import, plan.detail_doubts):
        return redirect("paper_import", pk)
    messages.warning(request, _("Before publication, check each detail that has a box below it."))
    return redirect("paper_import_details", pk)


@form_view(fresh_sign_in=NEVER)
def paper_import_annotations(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    form = AnnotationsFileForm(
        request.POST or None, request.FILES or None, nodes=plan.chosen_nodes, themes=Theme.objects.all()
    )
    if request.method == "POST" and form.is_valid():
        changes = {each.instance.pk: (each.cleaned_data["base"], each.values) for each in form.forms}
        try:
            with form_errors(form):
                save_paragraphs(paper_import=plan.paper_import, changes=changes, by=request.user)
                _say_what_was_done(request, len(changes), [])
                return redirect("paper_import", pk)
        except StaleImport:
            form.add_error(None, PAGE_CHANGED)
    return _show(request, plan, "annotations", {"form": form})


@require_safe
def paper_import_annotations_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    rows = [[row[column] for column in COLUMNS] for row in annotations_as_rows(plan.chosen_nodes)]
    return download(lambda: write_csv(COLUMNS, rows), f"intake-{pk}.csv")


@form_view(fresh_sign_in=TO_POST)
def paper_import_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if request.method == "POST":
        with show_errors(request):
            delete_import(paper_import=plan.paper_import, by=request.user)
            messages.success(request, _("The draft was deleted."))
        return redirect("paper_import_list")
    return _show(request, plan, "delete", {})


def _get_plan(user: User, pk: int) -> PublicationPlan:
    check_permission(can_edit_catalogue(user))
    return PublicationPlan(get_object_or_404(_imports(), pk=pk))


def _imports() -> QuerySet[PaperImport]:
    return PaperImport.objects.select_related("body", "added_by", "published_by", "retracted_by").defer("document")


def _show(
    request: SignedInRequest, plan: PublicationPlan, page: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Show a page of a draft. Of a published paper, only the table is shown."""
    if plan.paper_import.is_published and page != "paper_import" and request.method != "POST":
        return redirect("paper_import", plan.paper_import.pk)
    context = {"plan": plan, "paper_import": plan.paper_import} | context
    return render(request, f"tracker/paper_import/{page}.html", context, status=status)
