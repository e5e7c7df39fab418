"""Tags for forms whose input waits when it could not be saved: see tracker/web/unsaved_input.py."""

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.web import unsaved_input

register = template.Library()


@register.simple_tag(takes_context=True)
def author_token(context: Context) -> SafeString:
    """`{% author_token %}`, in a form beside `{% csrf_token %}`: what is typed in it is kept for its author."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">',
        unsaved_input.FIELD,
        unsaved_input.author_token(context["request"]),
    )


@register.inclusion_tag("tracker/unsaved_input/banner.html")
def unsaved_input_note(has_file: bool = False) -> dict:
    """`{% unsaved_input_note %}`, above a form that shows what was taken: it is not saved yet.

    `has_file`: the form has a file to choose, and it must be chosen again.
    """
    return {"has_file": has_file}
