"""Taking in a paper, for curators: what was understood beside the paper itself, its corrections, its publication."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import tablib
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import document
from recommendations.formats import CSV
from recommendations.intake import Plan, Stale, add_text, begin, correct, drop, keep_details, publish
from recommendations.models import Intake, IntakeNode, Theme
from tracker.forms.intake import (
    AnnotationsForm,
    MeetingsForm,
    TextForm,
    UploadForm,
    annotation_rows,
    blank_after,
    show_base,
)
from tracker.permissions import can_curate
from tracker.web import unsaved_input
from tracker.web.request import SignedInRequest

READ_AT_ONCE, WRITTEN_AT_ONCE = 100, 20
SHOWN = {"doubts": lambda plan: plan.doubtful, "new": lambda plan: plan.added}


@dataclass(frozen=True)
class Row:
    """A text of a draft beside its lines of the paper, (number, words) each."""

    node: IntakeNode
    doubts: list[dict]
    lines: list[tuple[int, str]]
    form: TextForm | None = None

    @property
    def url(self) -> str:
        """Of the published text."""
        body = self.node.intake.body
        return reverse("recommendations:detail", args=[body.slug_of(self.node.label)]) if body else ""

    @property
    def depth(self) -> int:
        place = document.place_of(self.node.label)
        return len(place.items) if place else 0


@require_safe
def intake_list(request: SignedInRequest) -> HttpResponse:
    """Drafts, and what was published of which paper."""
    _refuse_others(request)
    intakes = list(Intake.objects.select_related("body", "added_by", "published_by").defer("paper"))
    context = {
        "tab": "intake",
        "drafts": [intake for intake in intakes if not intake.is_published],
        "published": [intake for intake in intakes if intake.is_published],
    }
    return render(request, "tracker/intake/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_add(request: SignedInRequest) -> HttpResponse:
    _refuse_others(request)
    typed = unsaved_input.take(request) if request.method != "POST" else None
    form = UploadForm(request.POST or typed, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        intake = begin(intake=form.instance, found=form.found, by=request.user)
        messages.success(request, _("The paper is kept as a draft. Nothing of it is public."))
        return redirect("intake", intake.pk)
    return render(request, "tracker/intake/add.html", {"tab": "intake", "form": form, "is_unsaved": typed is not None})


@require_safe
def intake(request: SignedInRequest, pk: int) -> HttpResponse:
    """The texts as they were understood, beside the paper."""
    plan = _plan_or_404(request, pk)
    shown, nodes = _which(request, plan)
    page = Paginator(nodes, READ_AT_ONCE).get_page(request.GET.get("page"))
    context = {
        "tab": "intake",
        "plan": plan,
        "intake": plan.intake,
        "page": page,
        "rows": list(_rows(plan, page)),
        "shown": shown,
        "before": _before(plan) if page.number == 1 and not shown else [],
    }
    return render(request, "tracker/intake/intake.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Many texts at once, all of which are saved or none."""
    plan = _plan_or_404(request, pk)
    if plan.intake.is_published and request.method != "POST":
        return redirect("intake", pk)
    shown, nodes = _which(request, plan)
    page = Paginator(nodes, WRITTEN_AT_ONCE).get_page(request.GET.get("page"))
    typed = unsaved_input.take(request) if request.method != "POST" else None
    data = request.POST if request.method == "POST" else typed
    written = list(page) if data is None else _posted(plan, data)
    themes = list(Theme.objects.all())
    forms = {node.pk: TextForm(data, instance=node, themes=themes) for node in written}
    problem, status = "", 200
    wrong = [form for form in forms.values() if data is not None and not form.is_valid()]
    if request.method == "POST" and not wrong:
        problem, status, done = _save(request, plan.intake, forms)
        if done:
            ahead = page.number + 1 if "onwards" in request.POST and page.has_next() else page.number
            query = {"page": ahead} | ({"show": shown} if shown else {})
            return redirect(_edit_url(pk, query))
    context = {
        "tab": "intake",
        "plan": plan,
        "intake": plan.intake,
        "page": page,
        "rows": list(_rows(plan, written, forms)),
        "problem": problem,
        "wrong": wrong,
        "is_unsaved": typed is not None,
        "shown": shown,
    }
    return render(request, "tracker/intake/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_text(request: SignedInRequest, pk: int, text_pk: int) -> HttpResponse:
    """One text."""
    plan = _plan_or_404(request, pk)
    node = get_object_or_404(plan.intake.nodes.select_related("primary_theme", "secondary_theme"), pk=text_pk)
    if plan.intake.is_published and request.method != "POST":
        return redirect("intake", pk)
    typed = unsaved_input.take(request) if request.method != "POST" else None
    form = TextForm(request.POST or typed, instance=node, themes=Theme.objects.all())
    problem, status = "", 200
    if request.method == "POST" and form.is_valid():
        problem, status, done = _save(request, plan.intake, {node.pk: form})
        if done:
            return redirect("intake_text", pk, _next(plan, node) if "onwards" in request.POST else node.pk)
    [row] = _rows(plan, [node], {node.pk: form})
    context = {
        "tab": "intake",
        "plan": plan,
        "intake": plan.intake,
        "row": row,
        "form": form,
        "problem": problem,
        "is_unsaved": typed is not None,
    }
    return render(request, "tracker/intake/text.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_text_add(request: SignedInRequest, pk: int, text_pk: int) -> HttpResponse:
    """A text that was not understood as one, after another."""
    plan = _plan_or_404(request, pk)
    above = get_object_or_404(plan.intake.nodes, pk=text_pk)
    if plan.intake.is_published and request.method != "POST":
        return redirect("intake", pk)
    typed = unsaved_input.take(request) if request.method != "POST" else None
    form = TextForm(request.POST or typed, instance=blank_after(above), themes=Theme.objects.all())
    if request.method == "POST" and form.is_valid():
        try:
            added = add_text(after=above, values=form.values, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The text is added to the draft."))
            return redirect("intake_text", pk, added.pk)
    [row] = _rows(plan, [above])
    context = {
        "tab": "intake",
        "plan": plan,
        "intake": plan.intake,
        "above": above,
        "row": row,
        "form": form,
        "is_unsaved": typed is not None,
    }
    return render(request, "tracker/intake/text.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_details(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the paper is, of which body and of which meetings."""
    plan = _plan_or_404(request, pk)
    if plan.intake.is_published and request.method != "POST":
        return redirect("intake", pk)
    typed = unsaved_input.take(request) if request.method != "POST" else None
    form, status = MeetingsForm(request.POST or typed, instance=plan.intake), 200
    if request.method == "POST" and form.is_valid():
        try:
            keep_details(intake=form.instance, meetings=form.meetings, base=form.cleaned_data["base"], by=request.user)
        except Stale:
            status = 409
            standing = Intake.objects.get(pk=pk)
            show_base(form, standing.version)
            form.add_error(
                None,
                _("Somebody changed this meanwhile: the paper is now “%(title)s”. Saving again replaces what was kept.")
                % {"title": standing.paper_title},
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("What the paper is was kept."))
            return redirect("intake", pk)
    context = {
        "tab": "intake",
        "intake": Intake.objects.get(pk=pk),
        "form": form,
        "is_unsaved": typed is not None,
    }
    return render(request, "tracker/intake/details.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_annotations(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is said of many texts, from a file."""
    plan = _plan_or_404(request, pk)
    if plan.intake.is_published and request.method != "POST":
        return redirect("intake", pk)
    form = AnnotationsForm(request.POST or None, request.FILES or None, nodes=plan.kept, themes=Theme.objects.all())
    if request.method == "POST" and form.is_valid():
        problem, _status, done = _save(request, plan.intake, {one.instance.pk: one for one in form.forms})
        if done:
            return redirect("intake", pk)
        form.add_error(None, problem)
    context = {"tab": "intake", "intake": plan.intake, "form": form}
    return render(request, "tracker/intake/annotations.html", context)


@require_safe
def intake_annotations_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same as a file, to be filled in elsewhere and taken in again."""
    plan = _plan_or_404(request, pk)
    rows = tablib.Dataset()
    rows.dict = annotation_rows(plan.kept)
    response = HttpResponse(CSV().export_data(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="intake-{pk}.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def intake_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """What would be added, for whom, and what stands in the way; POST publishes it."""
    plan = _plan_or_404(request, pk)
    if plan.intake.is_published and request.method != "POST":
        return redirect("intake", pk)
    problems, status = [], 200
    if request.method == "POST":
        try:
            done = publish(intake=plan.intake, stamp=request.POST.get("stamp", ""), by=request.user)
        except ValidationError as error:
            problems, status = error.messages, 409
            plan = _plan_or_404(request, pk)
        else:
            told = ngettext("%(count)d text is published.", "%(count)d texts are published.", done.nodes_added)
            messages.success(request, told % {"count": done.nodes_added})
            return redirect("intake", pk)
    context = {"tab": "intake", "plan": plan, "intake": plan.intake, "problems": problems}
    return render(request, "tracker/intake/publish.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request, pk)
    if plan.intake.is_published and request.method != "POST":
        return redirect("intake", pk)
    if request.method == "POST":
        try:
            drop(intake=plan.intake, by=request.user)
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
        else:
            messages.success(request, _("The draft is deleted."))
        return redirect("intake_list")
    return render(request, "tracker/intake/delete.html", {"tab": "intake", "intake": plan.intake, "plan": plan})


def _refuse_others(request: SignedInRequest) -> None:
    if not can_curate(request.user):
        raise PermissionDenied


def _plan_or_404(request: SignedInRequest, pk: int) -> Plan:
    _refuse_others(request)
    return Plan(get_object_or_404(Intake.objects.select_related("body", "added_by", "published_by"), pk=pk))


def _save(request: SignedInRequest, intake: Intake, forms: Mapping[int, TextForm]) -> tuple[str, int, bool]:
    """Keep what was typed in; (what stands in the way, status code, whether it is kept)."""
    changes = {pk: (form.version_shown, form.values) for pk, form in forms.items() if form.was_typed_in}
    try:
        count = correct(intake=intake, changes=changes, by=request.user)
    except Stale as stale:
        for pk, standing in stale.nodes.items():
            forms[pk].meet(standing)
        return _("Nothing was saved: somebody changed a text meanwhile. What you typed is still here."), 409, False
    except ValidationError as error:
        return " ".join(error.messages), 409, False
    told = ngettext("%(count)d text was changed.", "%(count)d texts were changed.", count) % {"count": count}
    messages.success(request, told)
    return "", 200, True


def _which(request: SignedInRequest, plan: Plan) -> tuple[str, list[IntakeNode]]:
    """(which texts are asked for, those texts)."""
    shown = request.GET.get("show", "")
    return (shown, SHOWN[shown](plan)) if shown in SHOWN else ("", plan.nodes)


def _posted(plan: Plan, data: QueryDict) -> list[IntakeNode]:
    """The texts that a page had when it was sent, whatever stands on that page now."""
    sent = {name.partition("-")[0] for name in data}
    return [node for node in plan.nodes if f"t{node.pk}" in sent][: 2 * WRITTEN_AT_ONCE]


def _edit_url(pk: int, query: Mapping[str, object]) -> str:
    return reverse("intake_edit", args=[pk], query=query)


def _rows(plan: Plan, nodes: Iterable[IntakeNode], forms: Mapping[int, TextForm] | None = None) -> Iterator[Row]:
    """Each text with its lines of the paper: up to where the next one starts."""
    paper = plan.intake.paper.splitlines()
    starts = sorted({node.line for node in plan.nodes})
    ends = dict(zip(starts, [*(start - 1 for start in starts[1:]), len(paper)], strict=True))
    for node in nodes:
        lines = _with_words(paper, node.line, ends[node.line])
        yield Row(node, plan.doubts(node), lines, forms.get(node.pk) if forms else None)


def _with_words(paper: list[str], first: int, last: int) -> list[tuple[int, str]]:
    return [(number, paper[number - 1]) for number in range(first, last + 1) if paper[number - 1].strip()]


def _before(plan: Plan) -> list[tuple[int, str]]:
    """What stands before the first text, and is no part of any."""
    return _with_words(plan.intake.paper.splitlines(), 1, plan.nodes[0].line - 1)


def _next(plan: Plan, node: IntakeNode) -> int:
    """The key of the text after this one, or its own."""
    keys = [other.pk for other in plan.nodes]
    return keys[min(keys.index(node.pk) + 1, len(keys) - 1)]
