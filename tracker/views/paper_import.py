"""The import of a paper, for curators: each text next to its lines of the paper, corrections, publication."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recommendations.error_messages import PAGE_CHANGED
from recommendations.formats import write_csv
from recommendations.models import ImportedNode, PaperImport, Theme
from recommendations.paper_import.actions import (
    StaleImport,
    add_node,
    create_import,
    decide_paragraphs,
    delete_import,
    move_bounds,
    publish_import,
    save_details,
    save_nodes,
    settle_doubt,
)
from recommendations.paper_import.doubts import DOUBTS, QUESTIONS, answers_to
from recommendations.paper_import.plan import PublicationPlan, PublicationProblem
from recommendations.paper_import.reading import Row
from recommendations.paper_import.rows import ImportedDocument
from tracker.forms.annotation_file import COLUMNS, AnnotationsFileForm, annotations_as_rows
from tracker.forms.paper_details import ImportDetailsForm, PaperUploadForm
from tracker.forms.paper_import import ImportedNodeForm, new_text_after, show_base
from tracker.forms.record import read_number
from tracker.models import User
from tracker.permissions import can_edit_catalogue, check_permission
from tracker.views import download, form_data, form_errors, show_errors
from tracker.web.fresh_sign_in import NEVER, TO_POST, form_view
from tracker.web.request import SignedInRequest

READ_AT_ONCE, WRITTEN_AT_ONCE = 100, 15
SHOWN = {
    "doubts": lambda plan: plan.nodes_with_doubts,
    "new": lambda plan: plan.new_nodes,
    "no_title": lambda plan: plan.nodes_without_title,
    "no_theme": lambda plan: plan.units_without_theme,
}
MOVED = ("first", "last")  # bounds of the recommendations
SAID_AT_ONCE = 10  # problems


@dataclass(frozen=True)
class ImportedRow:
    """`issued`: the paragraph of the document, None for a text that a curator added."""

    node: ImportedNode
    doubts: list[dict]
    issued: Row | None
    form: ImportedNodeForm | None = None


class DraftBefore(NamedTuple):
    """Hold what a draft was before a change: what its problems are about, and the labels of its texts by key."""

    problems: set[tuple[int | None, str]]
    labels: dict[int, str]

    @classmethod
    def read(cls, plan: PublicationPlan) -> "DraftBefore":
        return cls({_key(problem) for problem in plan.problems}, {node.pk: node.label for node in plan.chosen_nodes})


@require_safe
def paper_import_list(request: SignedInRequest) -> HttpResponse:
    check_permission(can_edit_catalogue(request.user))
    imports = list(
        PaperImport.objects.select_related("body", "added_by", "published_by", "retracted_by").defer(
            "source", "outline"
        )
    )
    context = {
        "drafts": [each for each in imports if not each.is_published],
        "published": [each for each in imports if each.is_published and not each.is_retracted],
        "retracted": [each for each in imports if each.is_retracted],
    }
    return render(request, "tracker/paper_import/list.html", context)


@form_view(fresh_sign_in=NEVER)
def paper_import_add(request: SignedInRequest) -> HttpResponse:
    """Read a document. One that could be read is a draft at once, so that no other error loses it."""
    check_permission(can_edit_catalogue(request.user))
    form = PaperUploadForm(form_data(request), request.FILES or None)
    is_valid = request.method == "POST" and form.is_valid()
    if request.method == "POST" and form.source is not None:
        with form_errors(form):
            draft = create_import(
                paper_import=form.instance,
                source=form.source,
                meeting=form.cleaned_data.get("heading"),
                by=request.user,
            )
            messages.success(request, _("The document was imported as a draft. It is not public."))
            if form.cleaned_data.get("upload") and form.cleaned_data.get("pasted", "").strip():
                messages.warning(request, _("The file was read. The pasted text was not used."))
            if is_valid:
                return redirect("paper_import", draft.pk)
            if form.has_details:
                return _complete_details(request, draft)
            messages.info(request, _("Check the details from the front page of the document, and enter the others."))
            return redirect("paper_import_details", draft.pk)
    return render(request, "tracker/paper_import/add.html", {"form": form})


def _complete_details(request: SignedInRequest, draft: PaperImport) -> HttpResponse:
    """Show what was sent with the document and is not complete or not right, on the form of the details."""
    data, unbound = request.POST.copy(), ImportDetailsForm(instance=draft)
    for name in unbound.read_fields:
        data[name] = data.get(name) or unbound[name].value()
    context = {"paper_import": draft, "form": ImportDetailsForm(data, instance=draft)}
    return render(request, "tracker/paper_import/details.html", context)


@form_view(fresh_sign_in=NEVER)
def paper_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what becomes of every paragraph. Move a bound, include paragraphs or leave them out, or settle a doubt."""
    plan = _get_plan(request.user, pk)
    if request.method == "POST":
        return _decide(request, plan)
    moved = request.GET.get("move", "")
    is_moving = moved in MOVED and not plan.paper_import.is_published
    document = ImportedDocument(plan, "all" if is_moving else request.GET.get("open", ""))
    shown, nodes = _choose_nodes(request, plan)
    rows = document.rows
    if shown:
        keys = {node.pk for node in nodes}
        rows = [row for row in rows if any(node.pk in keys for node in row.nodes)]
    doubt = _open_doubt(plan, read_number(request.GET.get("doubt")))
    page = Paginator(rows, READ_AT_ONCE).get_page(request.GET.get("page") or _page_with(document, request, doubt))
    context = {
        "document": document,
        "page": page,
        "rows": page.object_list,
        "opened_doubt": doubt,
        "shown": shown,
        "move": moved if is_moving else "",
    }
    return _show(request, plan, "paper_import", context)


def _page_with(document: ImportedDocument, request: SignedInRequest, doubt: dict | None) -> int:
    """Return the page that has the doubt or the opened group of the address."""
    if "doubt" in request.GET and doubt:
        place = document.find(lambda row: doubt["doubt"] in row.doubts)
    elif request.GET.get("move") in MOVED:
        first, last = document.bounds
        place = document.find(lambda row: row.number == (first if request.GET["move"] == "first" else last))
    else:
        opened = read_number(request.GET.get("open"))
        place = document.find(lambda row: row.number == opened)
    return place // READ_AT_ONCE + 1


def _open_doubt(plan: PublicationPlan, number: int) -> dict | None:
    """Return the doubt whose answers are shown: that with the number, or the next one that is not settled."""
    if plan.paper_import.is_published or not plan.doubts:
        return None
    place = next((place for place, doubt in enumerate(plan.doubts) if doubt.number >= number), 0)
    doubt = plan.doubts[place]
    return {
        "of": len(plan.all_doubts),
        "doubt": doubt,
        "text": DOUBTS[doubt.question],
        "question": QUESTIONS[doubt.question],
        "answers": answers_to(doubt.question, doubt.node),
        "before": plan.doubts[place - 1].number if place else 0,
        "after": plan.doubts[place + 1].number if place + 1 < len(plan.doubts) else 0,
    }


def _decide(request: SignedInRequest, plan: PublicationPlan) -> HttpResponse:
    """Do what a button of the page says; nothing where the page is older than the draft."""
    sent, draft, query = request.POST, plan.paper_import, {}
    before = DraftBefore.read(plan)
    try:
        with show_errors(request):
            if "answer" in sent or "question" in sent:
                query = {"doubt": read_number(sent.get("doubt")) or 1}
                _settle(request, plan)
            elif "include" in sent or "leave_out" in sent:
                name = "include" if "include" in sent else "leave_out"
                numbers = [read_number(part) for value in sent.getlist(name) for part in value.split(",")]
                decide_paragraphs(paper_import=draft, numbers=numbers, is_text=name == "include", by=request.user)
                query = {"open": min(numbers)}
            else:
                bounds = {name: read_number(sent[name]) for name in MOVED if name in sent}
                base = read_number(sent.get("base"))
                move_bounds(paper_import=draft, base=base, **bounds, by=request.user)
    except StaleImport:
        messages.warning(request, PAGE_CHANGED)
    else:
        _say_which_labels_changed(request, draft, before)
        _say_what_broke(request, draft, before)
    place = "#doubt" if "doubt" in query else ""
    return redirect(reverse("paper_import", args=[draft.pk], query=query) + place)


def _settle(request: SignedInRequest, plan: PublicationPlan) -> None:
    """Settle a doubt. The page then opens the next one."""
    sent = request.POST
    node = next((node for node in plan.nodes if str(node.pk) == sent.get("node")), None)
    if node is None or str(node.version) != sent.get("version"):
        raise ValidationError(PAGE_CHANGED)
    if "answer" not in sent:
        raise ValidationError(_("Choose an answer, then settle the doubt."))
    settle_doubt(node=node, question=sent.get("question", ""), answer=sent["answer"], by=request.user)


def _say_what_broke(request: SignedInRequest, draft: PaperImport, before: DraftBefore) -> None:
    """Say which problems a change made that the draft did not have before it."""
    now = PublicationPlan(PaperImport.objects.select_related("body").defer("source", "outline").get(pk=draft.pk))
    for problem in [problem for problem in now.problems if _key(problem) not in before.problems][:SAID_AT_ONCE]:
        # Translators: %(problem)s is a sentence that says what must be fixed, and in which text.
        messages.warning(request, _("To fix after this change: %(problem)s") % {"problem": problem})


def _key(problem: PublicationProblem) -> tuple[int | None, str]:
    """Return what a problem is about; the label of its text can change."""
    return problem.node.pk if problem.node else None, str(problem.text)


def _say_which_labels_changed(request: SignedInRequest, draft: PaperImport, before: DraftBefore) -> None:
    """Say how many labels of texts a decision changed, and the first of them."""
    now = dict(draft.nodes.filter(is_left_out=False).values_list("pk", "label"))
    moved = [(label, now[pk]) for pk, label in before.labels.items() if now.get(pk, label) != label]
    if moved:
        message = ngettext(
            # Translators: before, after: labels of a text, as IX.2.
            "%(count)d label changed: %(before)s is now %(after)s.",
            # Translators: before, after: labels of the first of the texts, as IX.2.
            "%(count)d labels changed. The first: %(before)s is now %(after)s.",
            len(moved),
        )
        messages.info(request, message % {"count": len(moved), "before": moved[0][0], "after": moved[0][1]})


@form_view(fresh_sign_in=NEVER)
def paper_import_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct many texts at once; all are saved or none."""
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    shown, nodes = _choose_nodes(request, plan)
    page = Paginator(nodes, WRITTEN_AT_ONCE).get_page(request.GET.get("page"))
    data = form_data(request)
    rows_to_edit = list(page) if data is None else _sent_nodes(plan, data)
    if data is not None and request.method == "POST" and len(rows_to_edit) < len(_sent_prefixes(data)):
        raise Http404  # another user left a text out: its input is shown, and none of the others is saved
    themes = list(Theme.objects.all())
    forms = {node.pk: ImportedNodeForm(data, instance=node, themes=themes) for node in rows_to_edit}
    problem = ""
    invalid_forms = [form for form in forms.values() if data is not None and not form.is_valid()]
    if request.method == "POST" and not invalid_forms:
        problem = _save(request, plan, forms)
        if not problem:
            _shown, nodes = _choose_nodes(request, _get_plan(request.user, pk))
            ahead = _page_after(nodes, rows_to_edit) if "onwards" in request.POST else page.number
            query = {"page": ahead} | ({"show": shown} if shown else {})
            return redirect(reverse("paper_import_edit", args=[pk], query=query))
    context = {
        "page": page,
        "rows": [_row(plan, node, forms[node.pk]) for node in rows_to_edit],
        "problem": problem,
        "wrong": invalid_forms,
        "is_unsaved": data is not None and request.method != "POST",
        "shown": shown,
    }
    return _show(request, plan, "edit", context, is_refused=bool(problem))


@form_view(fresh_sign_in=NEVER)
def paper_import_text(request: SignedInRequest, pk: int, text_pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    node = get_object_or_404(plan.paper_import.nodes.select_related("primary_theme", "secondary_theme"), pk=text_pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    form = ImportedNodeForm(form_data(request), instance=node, themes=Theme.objects.all())
    problem = ""
    if request.method == "POST" and form.is_valid():
        problem = _save(request, plan, {node.pk: form})
        if not problem:
            return redirect("paper_import_text", pk, _next_key(plan, node) if "onwards" in request.POST else node.pk)
    context = {"row": _row(plan, node, form), "form": form, "problem": problem}
    return _show(request, plan, "text", context, is_refused=bool(problem))


@form_view(fresh_sign_in=NEVER)
def paper_import_text_add(request: SignedInRequest, pk: int, text_pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    above = get_object_or_404(plan.paper_import.nodes, pk=text_pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    form = ImportedNodeForm(form_data(request), instance=new_text_after(above), themes=Theme.objects.all())
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            added = add_node(after=above, values=form.values, by=request.user)
            messages.success(request, _("The text was added to the draft."))
            return redirect("paper_import_text", pk, added.pk)
    return _show(request, plan, "text", {"above": above, "row": _row(plan, above), "form": form})


@form_view(fresh_sign_in=NEVER)
def paper_import_details(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    form, status = ImportDetailsForm(form_data(request), instance=plan.paper_import), 200
    if request.method == "POST" and form.is_valid():
        try:
            with form_errors(form):
                save_details(
                    paper_import=form.instance, meetings=form.meetings, base=form.cleaned_data["base"], by=request.user
                )
                messages.success(request, _("Your changes were saved."))
                return redirect("paper_import", pk)
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
    context = {
        "paper_import": PaperImport.objects.get(pk=pk),
        "form": form,
    }
    return render(request, "tracker/paper_import/details.html", context, status=status)


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
def paper_import_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _get_plan(request.user, pk)
    if plan.paper_import.is_published and request.method != "POST":
        return redirect("paper_import", pk)
    problems, typed = list[str](), form_data(request)
    if request.method == "POST":
        try:
            published = publish_import(
                paper_import=plan.paper_import,
                stamp=request.POST.get("stamp", ""),
                confirmed=request.POST.getlist("confirmed"),
                by=request.user,
            )
        except ValidationError as error:
            problems = error.messages
            plan = _get_plan(request.user, pk)
        else:
            count = published.nodes_added
            # Translators: %(count)d is a number of texts.
            message = ngettext("%(count)d text was published.", "%(count)d texts were published.", count)
            messages.success(request, message % {"count": count})
            return redirect("paper_import", pk)
    context = {
        "problems": problems,
        "counts": ImportedDocument(plan).counts,
        "confirmed": typed.getlist("confirmed") if typed else (),
    }
    return _show(request, plan, "publish", context, is_refused=bool(problems))


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
            PaperImport.objects.select_related("body", "added_by", "published_by", "retracted_by").defer("source"),
            pk=pk,
        )
    )


def _show(
    request: SignedInRequest, plan: PublicationPlan, page: str, context: dict[str, Any], is_refused: bool = False
) -> HttpResponse:
    context |= {"plan": plan, "paper_import": plan.paper_import}
    return render(request, f"tracker/paper_import/{page}.html", context, status=409 if is_refused else 200)


def _save(request: SignedInRequest, plan: PublicationPlan, forms: Mapping[int, ImportedNodeForm]) -> str:
    """Save what was changed; return why nothing is saved, empty once it is."""
    before = DraftBefore.read(plan)
    changes = {pk: (form.version_shown, form.values) for pk, form in forms.items() if form.is_changed}
    try:
        count = save_nodes(paper_import=plan.paper_import, changes=changes, by=request.user)
    except StaleImport as stale:
        for pk, current in stale.nodes.items():
            forms[pk].show_conflict(current)
        return _(
            "Nothing was saved: another user changed a text after you opened the page. Your changes are still here."
        )
    except ValidationError as error:
        return " ".join(error.messages)
    # Translators: %(count)d is a number of texts.
    message = ngettext("%(count)d text was changed.", "%(count)d texts were changed.", count)
    messages.success(request, message % {"count": count})
    _say_what_broke(request, plan.paper_import, before)
    return ""


def _choose_nodes(request: SignedInRequest, plan: PublicationPlan) -> tuple[str, list[ImportedNode]]:
    """Return (name of the choice, texts)."""
    shown = request.GET.get("show", "")
    return (shown, SHOWN[shown](plan)) if shown in SHOWN else ("", plan.nodes)


def _page_after(nodes: list[ImportedNode], edited: list[ImportedNode]) -> int:
    """Return the page of the first text after those that were edited, some of which a list no longer has."""
    last = max(((node.number, node.pk) for node in edited), default=(0, 0))
    place = sum((node.number, node.pk) <= last for node in nodes)
    return min(place, max(0, len(nodes) - 1)) // WRITTEN_AT_ONCE + 1


def _sent_prefixes(data: QueryDict) -> set[str]:
    return {name.partition("-")[0] for name in data if "-" in name}


def _sent_nodes(plan: PublicationPlan, data: QueryDict) -> list[ImportedNode]:
    sent = _sent_prefixes(data)
    return [node for node in plan.nodes if f"t{node.pk}" in sent][: 2 * WRITTEN_AT_ONCE]


def _row(plan: PublicationPlan, node: ImportedNode, form: ImportedNodeForm | None = None) -> ImportedRow:
    issued = None if node.is_added else plan.paper_import.outline[node.number - 1]
    return ImportedRow(node, plan.list_doubts(node), issued, form)


def _next_key(plan: PublicationPlan, node: ImportedNode) -> int:
    keys = [other.pk for other in plan.nodes]
    return keys[min(keys.index(node.pk) + 1, len(keys) - 1)]
