"""Assign units, send them to the focal point, return and accept them, and show the progress of each institution."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recommendations.days import day_in_words
from recommendations.error_messages import NOTHING_SELECTED, PAGE_CHANGED
from recommendations.groups import group_pairs
from recommendations.lists import format_list
from recommendations.models import Body
from tracker.actions.assignment import (
    accept_assignments,
    assign,
    end_assignments,
    remind,
    return_assignment,
    undo_sending,
)
from tracker.documents.exchange.questionnaire import Letter, questionnaire, questionnaire_docx
from tracker.forms.assignment import AssignmentForm, ReminderForm
from tracker.forms.filters import UnitFilter, section_key
from tracker.forms.seen import read_seen_answer, stamp_of
from tracker.forms.shared import ReasonForm
from tracker.models import Assignment, Institution, Respondent, User
from tracker.permissions import can_assign, contributors_of
from tracker.queries.desk.assignments import (
    SentAnswer,
    contributors_on_desk,
    institutions_offered,
    items_on_desk,
    letter_of,
    newest_reminders,
    progress_of_assignments,
    rows_of_assignments,
    with_answers,
)
from tracker.queries.desk.history import revisions_of, with_citations_and_origin
from tracker.queries.desk.units import by_theme
from tracker.queries.difference import all_fields, words_of
from tracker.views import download, form_data, form_errors, listed_rows, read_filters, show_errors
from tracker.web.bodies import choose_body_of_desk
from tracker.web.desks import get_desk_or_404, get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_DOWNLOAD, TO_POST, button_view, file_view, form_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_unit_or_404
from tracker.workflow import NotAllowed

ON_A_PAGE = 100
REMINDED_OF = 30  # recommendations named in the text of a reminder


@require_safe
def assignment_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    items = items_on_desk(desk, request.user).by_assignee
    ready = items.sent[:ON_A_PAGE]
    page = Paginator(items.not_sent, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "items": items,
        "page": page,
        "open": [(SentAnswer(item, None), "") for item in page],
        "ready": [(sent, stamp_of(sent.current)) for sent in with_answers(ready, desk, request.user)],
        "has_unchanged": any(item.is_unchanged for item in items.listed),
        "progress": progress_of_assignments(desk, request.user),
        "staffed": {institution.institution_id for institution in contributors_on_desk(desk)},
        "may_assign": can_assign(request.user, desk),
    }
    return render(request, "tracker/assignment/list.html", context)


@require_safe
def assignment_check(request: SignedInRequest, code: str) -> HttpResponse:
    """Show one sent answer after the other: `of` names one assignee, `at` the assignment to show."""
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    ready = items_on_desk(desk, request.user).sent
    of = request.GET.get("of", "")
    listed = [item for item in ready if not of or item.assignee_key == of]
    place = next((place for place, item in enumerate(listed) if str(item.pk) == request.GET.get("at")), 0)
    context: dict[str, Any] = {
        "of": of,
        "listed": listed,
        "number": place + 1,
        "following": listed[(place + 1) % len(listed)] if len(listed) > 1 else None,
        "all_ready": len(ready),
        "assignees": sorted(Counter((item.assignee, item.assignee_key) for item in ready).items()),
    }
    if listed:
        context |= _answer_to_check(listed[place], desk, request)
    return render(request, "tracker/assignment/check.html", context)


@form_view(fresh_sign_in=TO_POST)
def assignment_add(request: SignedInRequest, code: str) -> HttpResponse:
    """At first select the targets of the list, or offer whole themes. `sent` is the key of an institution to which the
    focal point sends a file.
    """
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    body_choice = choose_body_of_desk(request, desk)
    form, tasks = _form(request, desk, body_choice.body, form_data(request))
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            _add_assignments(request, desk, form)
            query = {"body": body_choice.body.slug} if body_choice.body and body_choice.query else {}
            query |= {"sent": form.cleaned_data["to"]} if "file" in request.POST or not form.people else {}
            return redirect(reverse("assignment_add", args=[code], query=query))
    items = items_on_desk(desk, request.user)
    sent = "" if form.is_bound else request.GET.get("sent", "")  # a form with errors is about another institution
    context = {
        "body_choice": body_choice,
        "form": form,
        "is_limited": tasks.is_limited,
        "sections": by_theme(tasks.targets),
        "letter": letter_of(items.to_write(sent), desk, request.user),
    }
    return render(request, "tracker/assignment/add.html", context)


@file_view(fresh_sign_in=TO_DOWNLOAD)
def assignment_file(request: SignedInRequest, code: str, key: str) -> HttpResponse:
    """Make a questionnaire of what an institution has to answer, with the current answers or without."""
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    items = items_on_desk(desk, request.user).to_write(key)
    if not items or not items[0].institution:
        messages.info(request, PAGE_CHANGED)
        return redirect("assignment_list", code)
    letter = Letter(
        institution=items[0].institution,
        return_to=request.user.name,
        email=request.user.email,
        with_answers=request.GET.get("answers") != "without",
        assignments={item.unit_id: item for item in items},
    )
    content = questionnaire(desk, request.user, rows_of_assignments(items, desk, request.user), letter)
    name = f"{desk.code}-questionnaire-{items[0].institution.pk}-{content.at:%Y-%m-%d}.docx"
    return download(lambda: questionnaire_docx(content), name)


@button_view(fresh_sign_in=NEVER)
def assignment_accept(request: SignedInRequest, code: str) -> HttpResponse:
    return _end(request, code, accept_assignments)


@button_view(fresh_sign_in=TO_POST)
def assignment_take_back(request: SignedInRequest, code: str) -> HttpResponse:
    return _end(request, code, end_assignments)


@form_view(fresh_sign_in=NEVER)
def assignment_return(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    assignments = Assignment.objects.visible_to(request.user).filter(respondent=desk)
    found = get_object_or_404(assignments.select_related("respondent", "unit", "institution", "person"), pk=pk)
    form = ReasonForm(form_data(request))
    is_as_read = request.POST.get("assignment") == found.stamp
    if request.method == "POST" and found.is_ready and not is_as_read:
        messages.warning(request, _changed_text([found]))
    elif request.method == "POST" and form.is_valid():
        with show_errors(request):
            return_assignment(assignment=found, reason=form.cleaned_data["reason"], by=request.user)
            # Translators: %(label)s: label of a recommendation with its short title. %(assignee)s: name of an
            # institution or a person.
            message = _("%(label)s was returned to %(assignee)s.")
            messages.success(request, message % {"label": found.unit.label_with_title, "assignee": found.assignee})
        return _return_to_list(request, code)
    context = {"form": form, "assignment": found}
    return render(request, "tracker/assignment/return.html", context)


@form_view(fresh_sign_in=NEVER)
def assignment_remind(request: SignedInRequest, code: str, key: str) -> HttpResponse:
    """Show the mail to the contributors of an institution, or to a person, for editing. POST sends it. For an
    institution show also the file and the text that the focal point sends.
    """
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    items = items_on_desk(desk, request.user).to_write(key)
    if not items:
        messages.info(request, PAGE_CHANGED)
        return redirect("assignment_list", code)
    to: Institution | User = items[0].institution or items[0].person  # type: ignore[assignment]  # one of them
    reminded = newest_reminders(desk, request.user).get(key)
    initial = {"text": _reminder_text(items), "last": reminded.number if reminded else 0}
    form = ReminderForm(form_data(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with show_errors(request), form_errors(form):
            people = remind(respondent=desk, to=to, by=request.user, **form.cleaned_data)
            # Translators: %(people)s: names of contributors.
            message = _("A reminder was sent to: %(people)s.")
            messages.success(request, message % {"people": format_list(str(person) for person in people)})
        if not form.errors:
            return redirect("assignment_list", code)
    context = {
        "form": form,
        "to": to,
        "people": contributors_of(items),
        "reminded": reminded,
        "letter": letter_of(items, desk, request.user),
    }
    return render(request, "tracker/assignment/remind.html", context)


@button_view(fresh_sign_in=NEVER)
def assignment_undo(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """Undo sending: the user can edit the answer again."""
    desk, unit = get_desk_or_404(request.user, code), get_unit_or_404(slug)
    try:
        undo_sending(respondent=desk, unit=unit, by=request.user)
    except NotAllowed:
        messages.info(request, PAGE_CHANGED)
        return redirect("respondent_desk", code)
    # Translators: %(label)s: label of a recommendation with its short title.
    message = _("%(label)s: sending was undone. You can edit the answer again.")
    messages.success(request, message % {"label": unit.label_with_title})
    return redirect("record", code, unit.slug)


def _reminder_text(items: list[Assignment]) -> str:
    lines = [
        # Translators: %(label)s: label of a recommendation with its short title. %(due)s: date.
        _("%(label)s: due %(due)s") % {"label": item.unit.label_with_title, "due": day_in_words(item.due_on)}
        if item.due_on
        else item.unit.label_with_title
        for item in items[:REMINDED_OF]
    ]
    head = _("Please complete and send the answers that are assigned to you:")
    return "\n".join([head, "", *lines, *(["…"] if len(items) > REMINDED_OF else [])])


def _answer_to_check(item: Assignment, desk: Respondent, request: SignedInRequest) -> dict[str, Any]:
    """Return the newest version, with every field compared with the version before."""
    newest = list(with_citations_and_origin(request.user, revisions_of(request.user, desk, item.unit))[:2])
    current, before = (*newest, None, None)[:2]
    return {
        "item": item,
        "current": current,
        "before": before,
        "fields": all_fields(words_of(before), words_of(current)) if current else [],
        "stamp": stamp_of(current),
    }


def _form(
    request: SignedInRequest, desk: Respondent, body: Body | None, data: QueryDict | None
) -> tuple[AssignmentForm, UnitFilter]:
    units, others = listed_rows(request, desk, body)
    tasks = read_filters(request, units, others)
    sections = group_pairs((section_key(row, by_meeting=False), row.unit) for row in units)
    form = AssignmentForm(
        data,
        offered=[row.unit for row in (*units, *others)],
        selected=[row.unit.slug for row in tasks.targets] if tasks.is_limited else [],
        sections=sections,
        institutions=institutions_offered(desk, request.user),
        contributors=contributors_on_desk(desk),
        initial={"to": request.GET.get("to", "")},
    )
    return form, tasks


def _add_assignments(request: SignedInRequest, desk: Respondent, form: AssignmentForm) -> None:
    due_on, note = form.cleaned_data["due_on"], form.cleaned_data["note"]
    assign(respondent=desk, units=form.units, to=form.assignee, due_on=due_on, note=note, by=request.user)
    message = ngettext(
        # Translators: %(to)s: name of an institution or a person.
        "%(count)d recommendation is assigned to %(to)s.",
        "%(count)d recommendations are assigned to %(to)s.",
        len(form.units),
    )
    messages.success(request, message % {"count": len(form.units), "to": form.assignee})


def _end(request: SignedInRequest, code: str, act: Callable[..., list[Assignment]]) -> HttpResponse:
    """Act on all selected items, or on none where an item has changed since the page was shown."""
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    selected = set(request.POST.getlist("assignment"))
    keys = {stamp.partition(".")[0] for stamp in selected}
    rows = Assignment.objects.visible_to(request.user).filter(respondent=desk).current().select_related("unit")
    found = [row for row in rows if str(row.pk) in keys]
    if changed := [row for row in found if row.stamp not in selected]:
        messages.warning(request, _changed_text(changed))
        return _return_to_list(request, code)
    seen = [
        read_seen_answer(request.POST[f"seen-{row.unit.slug}"], row.unit)
        for row in found
        if f"seen-{row.unit.slug}" in request.POST
    ]
    with show_errors(request):
        done = act(respondent=desk, assignments=found, by=request.user, **{"seen": seen} if seen else {})
        if act is accept_assignments:
            # Translators: %(count)d: answers that contributors sent to the focal point.
            message = ngettext("%(count)d answer was accepted.", "%(count)d answers were accepted.", len(done))
        else:
            # Translators: %(count)d: a count.
            message = ngettext("%(count)d assignment was ended.", "%(count)d assignments were ended.", len(done))
        if done:
            messages.success(request, message % {"count": len(done)})
        else:
            messages.info(request, PAGE_CHANGED if selected else NOTHING_SELECTED)
    return _return_to_list(request, code)


def _return_to_list(request: SignedInRequest, code: str) -> HttpResponse:
    """Return to the list, or to the answers to check where the form was there: its address then has `at`."""
    if "at" not in request.GET:
        return redirect("assignment_list", code)
    query = {name: request.GET[name] for name in ("of", "at") if request.GET.get(name)}
    return redirect(reverse("assignment_check", args=[code], query=query))


def _changed_text(assignments: list[Assignment]) -> str:
    labels = format_list(row.unit.label_with_title for row in assignments)
    message = _(
        # Translators: %(labels)s: labels of recommendations.
        "%(labels)s: sent or returned again after you opened this page. Nothing was changed. Check the "
        "list and try again."
    )
    return message % {"labels": labels}
