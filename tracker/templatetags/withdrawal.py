from django import template
from django.utils.html import format_html

from tracker.models.withdrawal import Digested

register = template.Library()


@register.simple_tag
def field_text(row: Digested, name: str) -> str:
    """`{% field_text version "title" %}`: return the text of the field, or that it was removed, and when."""
    if row.is_withdrawn(name):
        return format_html('<span class="withdrawn">{}</span>', row.withdrawal_note)
    return getattr(row, name)
