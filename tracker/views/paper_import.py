"""The import of a paper, for curators: each text next to its lines of the paper, corrections, publication."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import tablib
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from recommendations.formats import CSV
from recommendations.models import ImportedNode, PaperImport, Theme
from recommendations.paper_import import notation
from recommendations.paper_import.actions import (
    PublicationPlan,
    StaleImport,
    add_node,
    create_import,
    delete_import,
    publish_import,
    save_details,
    save_nodes,
)
from tracker.forms.annotation_file import AnnotationsFileForm, annotations_as_rows
from tracker.forms.paper_import import (
    ImportDetailsForm,
    ImportedNodeForm,
    PaperUploadForm,
    new_text_after,
    show_base,
)
from tracker.models import User
from tracker.permissions import can_edit_catalogue
from tracker.views import check_permission, download, form_data, form_errors, show_errors
from tracker.web.request import SignedInRequest

READ_AT_ONCE, WRITTEN_AT_ONCE = 100, 20
SHOWN = {"doubts": lambda plan: plan.nodes_with_doubts, "new": lambda plan: plan.new_nodes}


@dataclass(frozen=True)
class ImportedRow:
    """`lines`: those of the paper, each (number, text)."""

    node: ImportedNode
    doubts: list[dict]
    lines: list[tuple[int, str]]
    form: ImportedNodeForm | None = None

    @property
    def url(self) -> str:
        body = self.node.paper_import.body
        return reverse("recommendations:detail", args=[body.slug_of(self.node.label)]) if body else ""

    @property
    def level(self) -> int:
        parts = notation.parse_label(self.node.label)
        return len(parts.items) if parts else 0


@require_safe
def paper_import_list(request: SignedInRequest) -> HttpResponse:
    check_permission(can_edit_catalogue(request.user))
    imports = list(PaperImport.objects.select_related("body", "added_by", "published_by").defer("paper"))
    context = {
        "tab": "paper_import",
        "drafts": [each for each in imports if not each.is_published],
        "published": [each for each in imports if each.is_published],
    }
    return render(request, "tracker/paper_import/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_import_add(request: SignedInRequest) -> HttpResponse:
    check_permission(can_edit_catalogue(request.user))
    data, is_unsaved = form_data(request)
    form = PaperUploadForm(data, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        paper_import = create_import(paper_import=form.instance, paper=form.paper, by=request.user)
        messages.success(request, _("The paper was imported as a draft. It is not public."))
        return redirect("paper_import", paper_import.pk)
    return render(
        request, "tracker/paper_import/add.html", {"tab": "paper_import", "form": form, "is_unsaved": is_unsaved}
    )


@require_safe
def paper_import(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    shown, nodes = _choose_nodes(request, plan)
    page = Paginator(nodes, READ_AT_ONCE).get_page(request.GET.get("page"))
    context = {
        "tab": "paper_import",
        "plan": plan,
        "paper_import": plan.paper_import,
        "page": page,
        "rows": list(_rows(plan, page)),
        "shown": shown,
        "before": _lines_before(plan) if page.number == 1 and not shown else [],
    }
    return render(request, "tracker/paper_import/paper_import.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_import_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct many texts at once; all are saved or none."""
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    shown, nodes = _choose_nodes(request, plan)
    page = Paginator(nodes, WRITTEN_AT_ONCE).get_page(request.GET.get("page"))
    data, is_unsaved = form_data(request)
    rows_to_edit = list(page) if data is None else _sent_nodes(plan, data)
    themes = list(Theme.objects.all())
    forms = {node.pk: ImportedNodeForm(data, instance=node, themes=themes) for node in rows_to_edit}
    problem, status = "", 200
    invalid_forms = [form for form in forms.values() if data is not None and not form.is_valid()]
    if request.method == "POST" and not invalid_forms:
        problem, status, done = _save(request, plan.paper_import, forms)
        if done:
            ahead = page.number + 1 if "onwards" in request.POST and page.has_next() else page.number
            query = {"page": ahead} | ({"show": shown} if shown else {})
            return redirect(_edit_url(pk, query))
    context = {
        "tab": "paper_import",
        "plan": plan,
        "paper_import": plan.paper_import,
        "page": page,
        "rows": list(_rows(plan, rows_to_edit, forms)),
        "problem": problem,
        "wrong": invalid_forms,
        "is_unsaved": is_unsaved,
        "shown": shown,
    }
    return render(request, "tracker/paper_import/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_import_text(request: SignedInRequest, pk: int, text_pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    node = get_object_or_404(plan.paper_import.nodes.select_related("primary_theme", "secondary_theme"), pk=text_pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    data, is_unsaved = form_data(request)
    form = ImportedNodeForm(data, instance=node, themes=Theme.objects.all())
    problem, status = "", 200
    if request.method == "POST" and form.is_valid():
        problem, status, done = _save(request, plan.paper_import, {node.pk: form})
        if done:
            return redirect("paper_import_text", pk, _next_key(plan, node) if "onwards" in request.POST else node.pk)
    [row] = _rows(plan, [node], {node.pk: form})
    context = {
        "tab": "paper_import",
        "plan": plan,
        "paper_import": plan.paper_import,
        "row": row,
        "form": form,
        "problem": problem,
        "is_unsaved": is_unsaved,
    }
    return render(request, "tracker/paper_import/text.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_import_text_add(request: SignedInRequest, pk: int, text_pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    above = get_object_or_404(plan.paper_import.nodes, pk=text_pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    data, is_unsaved = form_data(request)
    form = ImportedNodeForm(data, instance=new_text_after(above), themes=Theme.objects.all())
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            added = add_node(after=above, values=form.values, by=request.user)
            messages.success(request, _("The text was added to the draft."))
            return redirect("paper_import_text", pk, added.pk)
    [row] = _rows(plan, [above])
    context = {
        "tab": "paper_import",
        "plan": plan,
        "paper_import": plan.paper_import,
        "above": above,
        "row": row,
        "form": form,
        "is_unsaved": is_unsaved,
    }
    return render(request, "tracker/paper_import/text.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_import_details(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    data, is_unsaved = form_data(request)
    form, status = ImportDetailsForm(data, instance=plan.paper_import), 200
    if request.method == "POST" and form.is_valid():
        try:
            save_details(
                paper_import=form.instance, meetings=form.meetings, base=form.cleaned_data["base"], by=request.user
            )
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
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Your changes were saved."))
            return redirect("paper_import", pk)
    context = {
        "tab": "paper_import",
        "paper_import": PaperImport.objects.get(pk=pk),
        "form": form,
        "is_unsaved": is_unsaved,
    }
    return render(request, "tracker/paper_import/details.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_import_annotations(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    form = AnnotationsFileForm(
        request.POST or None, request.FILES or None, nodes=plan.chosen_nodes, themes=Theme.objects.all()
    )
    if request.method == "POST" and form.is_valid():
        problem, _status, done = _save(request, plan.paper_import, {each.instance.pk: each for each in form.forms})
        if done:
            return redirect("paper_import", pk)
        form.add_error(None, problem)
    context = {"tab": "paper_import", "paper_import": plan.paper_import, "form": form}
    return render(request, "tracker/paper_import/annotations.html", context)


@require_safe
def paper_import_annotations_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    rows = tablib.Dataset()
    rows.dict = annotations_as_rows(plan.chosen_nodes)
    return download(lambda: CSV().export_data(rows), f"intake-{pk}.csv")


@require_http_methods(["GET", "HEAD", "POST"])
def paper_import_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    problems, status = [], 200
    if request.method == "POST":
        try:
            published = publish_import(
                paper_import=plan.paper_import, stamp=request.POST.get("stamp", ""), by=request.user
            )
        except ValidationError as error:
            problems, status = error.messages, 409
            plan = _get_plan(request.user, pk)
        else:
            count = published.nodes_added
            # Translators: %(count)d is a number of texts.
            message = ngettext("%(count)d text was published.", "%(count)d texts were published.", count)
            messages.success(request, message % {"count": count})
            return redirect("paper_import", pk)
    context = {"tab": "paper_import", "plan": plan, "paper_import": plan.paper_import, "problems": problems}
    return render(request, "tracker/paper_import/publish.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_import_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    if request.method == "POST":
        with show_errors(request):
            delete_import(paper_import=plan.paper_import, by=request.user)
            messages.success(request, _("The draft was deleted."))
        return redirect("paper_import_list")
    return render(
        request,
        "tracker/paper_import/delete.html",
        {"tab": "paper_import", "paper_import": plan.paper_import, "plan": plan},
    )


def _get_plan(user: User, pk: int) -> PublicationPlan:
    check_permission(can_edit_catalogue(user))
    return PublicationPlan(
        get_object_or_404(PaperImport.objects.select_related("body", "added_by", "published_by"), pk=pk)
    )


def _save(
    request: SignedInRequest, paper_import: PaperImport, forms: Mapping[int, ImportedNodeForm]
) -> tuple[str, int, bool]:
    """Save what was changed; return (problem, status code, whether it is saved)."""
    changes = {pk: (form.version_shown, form.values) for pk, form in forms.items() if form.is_changed}
    try:
        count = save_nodes(paper_import=paper_import, changes=changes, by=request.user)
    except StaleImport as stale:
        for pk, current in stale.nodes.items():
            forms[pk].show_conflict(current)
        return (
            _("Nothing was saved: another user changed a text after you opened the page. Your changes are still here."),
            409,
            False,
        )
    except ValidationError as error:
        return " ".join(error.messages), 409, False
    # Translators: %(count)d is a number of texts.
    message = ngettext("%(count)d text was changed.", "%(count)d texts were changed.", count)
    messages.success(request, message % {"count": count})
    return "", 200, True


def _choose_nodes(request: SignedInRequest, plan: PublicationPlan) -> tuple[str, list[ImportedNode]]:
    """Return (name of the choice, texts)."""
    shown = request.GET.get("show", "")
    return (shown, SHOWN[shown](plan)) if shown in SHOWN else ("", plan.nodes)


def _sent_nodes(plan: PublicationPlan, data: QueryDict) -> list[ImportedNode]:
    sent = {name.partition("-")[0] for name in data}
    return [node for node in plan.nodes if f"t{node.pk}" in sent][: 2 * WRITTEN_AT_ONCE]


def _edit_url(pk: int, query: Mapping[str, object]) -> str:
    return reverse("paper_import_edit", args=[pk], query=query)


def _rows(
    plan: PublicationPlan, nodes: Iterable[ImportedNode], forms: Mapping[int, ImportedNodeForm] | None = None
) -> Iterator[ImportedRow]:
    """Yield each text with its lines of the paper, up to the start of the next text."""
    paper = plan.paper_import.paper.splitlines()
    starts = sorted({node.line for node in plan.nodes})
    ends = dict(zip(starts, [*(start - 1 for start in starts[1:]), len(paper)], strict=True))
    for node in nodes:
        lines = _text_lines(paper, node.line, ends[node.line])
        yield ImportedRow(node, plan.list_doubts(node), lines, forms.get(node.pk) if forms else None)


def _text_lines(paper: list[str], first: int, last: int) -> list[tuple[int, str]]:
    return [(number, paper[number - 1]) for number in range(first, last + 1) if paper[number - 1].strip()]


def _lines_before(plan: PublicationPlan) -> list[tuple[int, str]]:
    return _text_lines(plan.paper_import.paper.splitlines(), 1, plan.nodes[0].line - 1)


def _next_key(plan: PublicationPlan, node: ImportedNode) -> int:
    keys = [other.pk for other in plan.nodes]
    return keys[min(keys.index(node.pk) + 1, len(keys) - 1)]
