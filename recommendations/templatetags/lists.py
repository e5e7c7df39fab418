from collections.abc import Iterable

from django import template
from django.template import Context, Variable
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from recommendations.lists import format_html_list, format_phrases

register = template.Library()


@register.filter
def as_list(parts: Iterable[object], path: str = "") -> SafeString:
    """Join the parts, or what is at this path of each, such as `unit.full_label`."""
    if not path:
        return format_html_list(parts)
    shown = Variable(f"part.{path}")
    return format_html_list(shown.resolve(Context({"part": part})) for part in parts)


@register.filter
def as_text(parts: Iterable[object]) -> str:
    """Join as plain text, for the title of a drawing."""
    return format_phrases(parts)


@register.simple_tag
def hidden_name(*names: object) -> SafeString:
    """Write what a button or a link is about, for screen readers only: every row of a list has the same label."""
    # Translators: Read by screen readers after a label, as in “Save: Carol”. name: what the button is about.
    words = gettext(": %(name)s") % {"name": format_html_list(names)}
    return format_html('<span class="hidden-words">{}</span>', SafeString(words))
