from datetime import datetime

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils.formats import time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tracker.models import Revision
from tracker.models.answer_fields import FIELD_BY_NAME, IN_DOCUMENTS, AnswerField
from tracker.queries.desk.units import UnitRow
from tracker.templatetags.looks import changes, day, mark_changes
from tracker.web.parts import render_part

register = template.Library()


@register.filter
def for_statuses(field: BoundField) -> str:
    """`{{ form.measures|for_statuses }}`: return a class for each status that needs the field; none for all."""
    return " ".join(f"for-{status}" for status in FIELD_BY_NAME[field.name].needed_for)


@register.filter
def facts(revision: Revision) -> list[tuple[AnswerField, object]]:
    return [(field, getattr(revision, field.name)) for field in IN_DOCUMENTS]


@register.simple_tag
def text_difference(before: str, after: str, tag: str) -> SafeString:
    """Show the first of two texts ("del") with what the second lacks, or the reverse ("ins")."""
    return mark_changes([(kind, text) for kind, text in changes(before, after) if kind in ("", tag)])


# A page has hundreds of rows: what repeats in them is rendered once.


@register.simple_tag(takes_context=True)
def task_label(context: Context, row: UnitRow) -> SafeString:
    """Read from the context: desk; written, the keys of the units that have a box, None for all; selected, slugs."""
    unit, written = row.unit, context["written"]
    return render_part(
        "tracker/record/list.html#label",
        context["desk"].code,
        slug=unit.slug,
        label=unit.label,
        label_with_title=unit.label_with_title,
        title=unit.title,
        text=unit.text,
        may_select=written is None or unit.pk in written,
        is_selected=unit.slug in context["selected"],
    )


@register.simple_tag
def task_marks(row: UnitRow) -> SafeString:
    return render_part(
        "tracker/record/list.html#marks",
        code=row.status,
        is_withdrawn=row.unit.withdrawn_on is not None,
        answers_former_wording=row.answers_former_wording,
        came_back=row.came_back,
        has_update=bool(row.update_from),
        is_answered=row.is_answered,
        is_ready=row.is_ready,
        evidence_count=row.evidence_count,
    )


@register.simple_tag
def task_changed(revision: Revision, midnight: datetime) -> SafeString:
    if revision.created_at >= midnight:
        # Translators: %(time)s: time of day.
        changed = _("Today, %(time)s") % {"time": time_format(localtime(revision.created_at))}
    else:
        changed = day(revision.created_at)
    who = revision.lead_institution or revision.author
    return format_html("<span>{}</span> <span><bdi>{}</bdi></span>", changed, who)
