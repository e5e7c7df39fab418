from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from tracker.models import Revision
from tracker.models.answer_fields import FIELD_BY_NAME, IN_DOCUMENTS, AnswerField
from tracker.templatetags.looks import changes, mark_changes

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
