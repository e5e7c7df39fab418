from collections.abc import Collection, Container, Iterable
from datetime import datetime
from html import escape  # django.utils.html looks for texts to translate in each value
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils.formats import time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.days import day_in_words
from recommendations.lists import format_html_list
from recommendations.models import Recommendation
from recommendations.templatetags.catalogue import title_beside_label
from tracker.models import Citation, EvidenceVersion, Respondent, Revision
from tracker.models.answer_fields import FIELD_BY_NAME, IN_DOCUMENTS, PUBLISHED, AnswerField
from tracker.queries.desk.units import UnitRow
from tracker.queries.submissions.check import CheckedUnit
from tracker.templatetags.looks import changes, mark_changes, status
from tracker.web.parts import render_part

register = template.Library()

NO_ASSIGNEE = SafeString('<span class="task-assigned"></span>')


@register.filter
def for_statuses(field: BoundField) -> str:
    """`{{ form.measures|for_statuses }}`: return a class for each status that needs the field; none for all."""
    return " ".join(f"for-{status}" for status in FIELD_BY_NAME[field.name].needed_for)


@register.filter
def published_facts(revision: Revision) -> list[tuple[AnswerField, object]]:
    return [(field, getattr(revision, field.name)) for field in IN_DOCUMENTS if field.name in PUBLISHED]


@register.simple_tag
def text_difference(before: str, after: str, tag: str) -> SafeString:
    """Show the first of two texts ("del") with what the second lacks, or the reverse ("ins")."""
    return mark_changes([(kind, text) for kind, text in changes(before, after) if kind in ("", tag)])


@register.simple_tag
def assigned_to(holders: Collection[str]) -> SafeString:
    if not holders:
        return SafeString()
    # Translators: names: list of names.
    words = _("Assigned to: %(names)s") % {"names": format_html_list(holders)}
    return format_html('\n<span class="note">{}</span>', SafeString(words))


# A page has hundreds of rows: what repeats in them is rendered once.


@register.simple_tag
def answer_link(desk: Respondent, unit: Recommendation, check: str = "") -> SafeString:
    """Write the label of a unit as a link to its answer, and its short title. `check`: the code of the round of the
    check to which the page of the answer leads back.
    """
    part, label = "tracker/record/parts.html#link", unit.full_shown_label
    return render_part(part, desk.code, slug=unit.slug, label=label, title=unit.title, check=check)


@register.simple_tag
def answer_links(desk: Respondent, rows: Iterable[Any], check: str = "") -> SafeString:
    """List the `unit` of each row as a link to its answer, with its `holders` if the row has them."""
    links = (f"<li>{answer_link(desk, row.unit, check)}{assigned_to(getattr(row, 'holders', ()))}</li>" for row in rows)
    return SafeString(f'<ul class="labels">{"".join(links)}</ul>')


@register.simple_tag
def checked_answers(rows: Iterable[CheckedUnit], desk: Respondent | None = None, check: str = "") -> SafeString:
    """List included answers with their statuses; with `desk`, as links to them."""
    labels = (answer_link(desk, row.unit, check) if desk else _label(row.unit) for row in rows)
    answers = (f"<li><span>{label}</span> {status(row.status)}</li>" for label, row in zip(labels, rows, strict=True))
    return SafeString(f'<ul class="rows check-rows">{"".join(answers)}</ul>')


@register.simple_tag
def evidence_links(
    desk: Respondent, items: Iterable[tuple[Citation, Iterable[CheckedUnit]]], check: str = ""
) -> SafeString:
    """List cited evidence items as links, each with links to the answers that cite it."""
    links = (
        (_evidence_link(desk, citation.evidence_version, check), answer_links(desk, rows, check))
        for citation, rows in items
    )
    return SafeString(f'<ul class="rows">{"".join(f"<li>{link}{answers}</li>" for link, answers in links)}</ul>')


def _evidence_link(desk: Respondent, version: EvidenceVersion, check: str) -> SafeString:
    title = SafeString(escape(version.title or _("Title removed")))
    number, language = version.evidence.number, version.language
    old = 0 if version.pk == version.evidence.current_id else version.number
    part = "tracker/record/parts.html#evidence"
    return render_part(part, desk.code, title, number=number, lang=language, old=old, check=check)


def _label(unit: Recommendation) -> SafeString:
    return format_html('<b class="label"><bdi>{}</bdi></b> {}', unit.full_shown_label, title_beside_label(unit.title))


@register.simple_tag
def unit_choice(row: UnitRow, chosen: Container[str], holders: Collection[str] = (), label: str = "") -> SafeString:
    """Write a unit with its box, to whom it is assigned, and its status. `label`: instead of the full one."""
    unit = row.unit
    choice = render_part(
        "tracker/record/parts.html#choice",
        content=assigned_to(holders),
        slug=unit.slug,
        label=label or unit.full_shown_label,
        title=unit.title,
        text=unit.text,
        is_chosen=unit.slug in chosen,
    )
    return SafeString(f"{choice}\n{status(row.status)}")


@register.simple_tag(takes_context=True)
def tasks_of(context: Context, rows: Iterable[UnitRow]) -> SafeString:
    """Write rows of the task list. From the context: desk; with_assignees, for their column; written, the keys of the
    units that have a box, None for all; selected, slugs; midnight.
    """
    names = ("desk", "with_assignees", "written", "selected", "midnight")
    values = [context[name] for name in names]
    language = get_language()
    return SafeString("\n".join(_task(row, language, *values) for row in rows))


def _task(
    row: UnitRow,
    language: str | None,
    desk: Respondent,
    with_assignees: bool,
    written: Container[int] | None,
    selected: Container[str],
    midnight: datetime,
) -> str:
    unit, revision = row.unit, row.revision
    label = render_part(
        "tracker/record/parts.html#task_label",
        desk.code,
        (_assignees(row) if row.assigned else NO_ASSIGNEE) if with_assignees else SafeString(),
        language,
        slug=unit.slug,
        label=unit.shown_label,
        label_with_title=unit.label_with_title,
        title=unit.title,
        text=unit.text,
        may_select=written is None or unit.pk in written,
        is_selected=unit.slug in selected,
    )
    marks = render_part(
        "tracker/record/parts.html#task_marks",
        content=_last_change(row, revision.created_at, midnight) if revision else SafeString(),
        language=language,
        code=row.status,
        is_withdrawn=unit.withdrawn_on is not None,
        answers_former_wording=row.answers_former_wording,
        came_back=row.came_back,
        has_update=row.update_from != "",
        is_answered=revision is not None,
        is_ready=revision is not None and revision.ready,
        evidence_count=row.evidence_count,
    )
    return f'<li class="task" id="{unit.slug}">\n{label}\n{marks}\n</li>'


def _assignees(row: UnitRow) -> SafeString:
    label, names = _("Assigned to"), format_html_list(row.holders)
    return SafeString(f'<span class="task-assigned"><span class="narrow-words">{label} · </span>{names}</span>')


def _last_change(row: UnitRow, at: datetime, midnight: datetime) -> SafeString:
    local = at.astimezone(midnight.tzinfo)
    # Translators: %(time)s: time of day.
    changed = _("Today, %(time)s") % {"time": time_format(local)} if at >= midnight else day_in_words(local)
    who = escape(row.institution_name or row.author_name)
    return SafeString(f"<span>{changed}</span> <span><bdi>{who}</bdi></span>")
