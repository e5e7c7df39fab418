"""Tags for forms whose input waits when it could not be saved: see tracker/web/unsaved_input.py."""

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.web import unsaved_input

register = template.Library()


@register.simple_tag(takes_context=True)
def author_token(context: Context) -> SafeString:
    """Name the author in a form, next to `{% csrf_token %}`, so that unsaved input is kept for them."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">',
        unsaved_input.FIELD,
        unsaved_input.author_token(context["request"]),
    )


@register.inclusion_tag("tracker/unsaved_input/banner.html")
def unsaved_input_note(has_file: bool = False) -> dict:
    """Say above a form that the input in it is not saved yet; with `has_file` that the file must be chosen again."""
    return {"has_file": has_file}
