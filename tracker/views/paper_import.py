"""The import of a paper, for curators: each text next to its lines of the paper, corrections, publication."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recommendations.error_messages import PAGE_CHANGED
from recommendations.formats import write_csv
from recommendations.models import ImportedParagraph, PaperImport, Theme
from recommendations.paper_import.actions import (
    StaleImport,
    create_import,
    decide_paragraphs,
    delete_import,
    save_details,
    save_paragraphs,
)
from recommendations.paper_import.cover import NOT_ENGLISH, FirstPage, detail_problems
from recommendations.paper_import.decisions import Decision
from recommendations.paper_import.plan import Doubt, PublicationPlan
from recommendations.paper_import.rows import Table
from tracker.forms.annotation_file import COLUMNS, AnnotationsFileForm, annotations_as_rows
from tracker.forms.paper_details import PaperDetailsForm, PaperUploadForm
from tracker.forms.paper_import import ImportedTextForm, show_base
from tracker.forms.record import read_number
from tracker.models import User
from tracker.permissions import can_edit_catalogue, check_permission
from tracker.views import download, form_data, form_errors, show_errors
from tracker.web.fresh_sign_in import NEVER, TO_POST, form_view
from tracker.web.request import SignedInRequest

READ_AT_ONCE = 100


@dataclass(frozen=True)
class ImportedRow:
    node: ImportedParagraph
    doubts: list[Doubt]
    form: ImportedTextForm | None = None


@require_safe
def paper_import_list(request: SignedInRequest) -> HttpResponse:
    check_permission(can_edit_catalogue(request.user))
    imports = list(
        PaperImport.objects.select_related("body", "added_by", "published_by", "retracted_by").defer("document")
    )
    context = {
        "drafts": [each for each in imports if not each.is_published],
        "published": [each for each in imports if each.is_published and not each.is_retracted],
        "retracted": [each for each in imports if each.is_retracted],
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
        return _act(request, plan)
    table = Table(plan.nodes)
    page = Paginator(table.rows, READ_AT_ONCE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [_row(plan, node) for node in page], "decisions": Decision.choices}
    return _show(request, plan, "paper_import", context)


def _act(request: SignedInRequest, plan: PublicationPlan) -> HttpResponse:
    sent, draft = request.POST, plan.paper_import
    pairs = [value.partition("-") for value in sent.getlist("row")]
    versions = {read_number(key): read_number(version) for key, _dash, version in pairs}
    part = read_number(sent.get("confirm_part") or sent.get("leave_out_part"))
    decision = "leave_out" if "leave_out_part" in sent else sent.get("decision", "")
    with show_errors(request):
        if decision and decision not in Decision.values:
            raise ValidationError(PAGE_CHANGED)
        stale = decide_paragraphs(
            paper_import=draft, decision=decision, versions=versions, parts=[part] if part else (), by=request.user
        )
        if stale:
            messages.warning(request, PAGE_CHANGED)
    return redirect(request.get_full_path())


@form_view(fresh_sign_in=NEVER)
def paper_import_text(request: SignedInRequest, pk: int, text_pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    node = get_object_or_404(
        plan.paper_import.paragraphs.select_related("primary_theme", "secondary_theme"), pk=text_pk
    )
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    form = ImportedTextForm(form_data(request), instance=node, themes=Theme.objects.all())
    problem = ""
    if request.method == "POST" and form.is_valid():
        problem = _save(request, plan, {node.pk: form})
        if not problem:
            return redirect("paper_import_text", pk, _next_key(plan, node) if "onwards" in request.POST else node.pk)
    context = {"row": _row(plan, node, form), "form": form, "problem": problem}
    return _show(request, plan, "text", context, is_refused=bool(problem))


@form_view(fresh_sign_in=NEVER)
def paper_import_details(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    page = FirstPage.of_draft(plan.nodes)
    form, status = PaperDetailsForm(form_data(request), instance=plan.paper_import, page=page), 200
    if request.method == "POST" and form.is_valid():
        try:
            with form_errors(form):
                save_details(
                    paper_import=form.instance, meetings=form.meetings, base=form.cleaned_data["base"], by=request.user
                )
                return _leave_details(request, form.instance, page)
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
    return render(request, "tracker/paper_import/details.html", context, status=status)


def _leave_details(request: SignedInRequest, draft: PaperImport, page: FirstPage) -> HttpResponse:
    """Show the details again while a doubt about them remains."""
    messages.success(request, _("Your changes were saved."))
    if not detail_problems(draft, page):
        return redirect("paper_import", draft.pk)
    messages.warning(request, _("Before publication, check each detail that has a box below it."))
    return redirect("paper_import_details", draft.pk)


@form_view(fresh_sign_in=NEVER)
def paper_import_annotations(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    form = AnnotationsFileForm(
        request.POST or None, request.FILES or None, nodes=plan.chosen_nodes, themes=Theme.objects.all()
    )
    if request.method == "POST" and form.is_valid():
        problem = _save(request, plan, {each.instance.pk: each for each in form.forms})
        if not problem:
            return redirect("paper_import", pk)
        form.add_error(None, problem)
    return _show(request, plan, "annotations", {"form": form})


@require_safe
def paper_import_annotations_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    rows = [[row[column] for column in COLUMNS] for row in annotations_as_rows(plan.chosen_nodes)]
    return download(lambda: write_csv(COLUMNS, rows), f"intake-{pk}.csv")


@form_view(fresh_sign_in=TO_POST)
def paper_import_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    if request.method == "POST":
        with show_errors(request):
            delete_import(paper_import=plan.paper_import, by=request.user)
            messages.success(request, _("The draft was deleted."))
        return redirect("paper_import_list")
    return _show(request, plan, "delete", {})


def _get_plan(user: User, pk: int) -> PublicationPlan:
    check_permission(can_edit_catalogue(user))
    return PublicationPlan(
        get_object_or_404(
            PaperImport.objects.select_related("body", "added_by", "published_by", "retracted_by").defer("document"),
            pk=pk,
        )
    )


def _show(
    request: SignedInRequest, plan: PublicationPlan, page: str, context: dict[str, Any], is_refused: bool = False
) -> HttpResponse:
    context |= {"plan": plan, "paper_import": plan.paper_import}
    return render(request, f"tracker/paper_import/{page}.html", context, status=409 if is_refused else 200)


def _save(request: SignedInRequest, plan: PublicationPlan, forms: Mapping[int, ImportedTextForm]) -> str:
    """Save what was changed; return why something is not saved, empty once all is."""
    changes = {pk: (form.version_shown, form.values) for pk, form in forms.items() if form.is_changed}
    try:
        stale = save_paragraphs(paper_import=plan.paper_import, changes=changes, by=request.user)
    except ValidationError as error:
        return " ".join(error.messages)
    if stale:
        for current in ImportedParagraph.objects.select_related("changed_by").filter(pk__in=stale):
            forms[current.pk].show_conflict(current)
        return _("Another user changed a text after you opened the page. Your changes are still here.")
    count = len(changes)
    # Translators: %(count)d is a number of texts.
    message = ngettext("%(count)d text was changed.", "%(count)d texts were changed.", count)
    messages.success(request, message % {"count": count})
    return ""


def _row(plan: PublicationPlan, node: ImportedParagraph, form: ImportedTextForm | None = None) -> ImportedRow:
    return ImportedRow(node, plan.list_doubts(node), form)


def _next_key(plan: PublicationPlan, node: ImportedParagraph) -> int:
    keys = [other.pk for other in plan.nodes]
    return keys[min(keys.index(node.pk) + 1, len(keys) - 1)]
