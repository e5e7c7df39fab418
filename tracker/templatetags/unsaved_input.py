"""Tags for forms whose input waits when it could not be saved: see tracker/web/unsaved_input.py."""

from django import template
from django.forms import BaseForm
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.web import unsaved_input
from tracker.web.desks import CHECK, round_of_check

register = template.Library()


@register.simple_tag(takes_context=True)
def author_token(context: Context) -> SafeString:
    """Name the author in a form, next to `{% csrf_token %}`, so that unsaved input is kept for them."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">',
        unsaved_input.FIELD,
        unsaved_input.author_token(context["request"]),
    )


@register.simple_tag(takes_context=True)
def author_query(context: Context, current: bool = False) -> str:
    """Name the author in the address of a form, so that a large form is read without a session.

    `current`: keep the query of the page, for a form that is posted to its page. The way back to a check is kept.
    """
    request = context["request"]
    query = request.GET.copy() if current else QueryDict(mutable=True)
    if code := round_of_check(request):
        query[CHECK] = code
    query[unsaved_input.FIELD] = unsaved_input.author_token(request)
    return f"?{query.urlencode()}"


@register.inclusion_tag("tracker/unsaved_input/texts.html", takes_context=True)
def unsaved_texts(context: Context) -> dict[str, list[str]]:
    """Show what the user wrote in a form that the site answers with an error page."""
    return {"texts": unsaved_input.read_texts(context["request"])}


@register.simple_block_tag(takes_context=True)
def page_form(
    context: Context,
    content: str,
    button: str | Promise,
    back: str = "",
    back_words: str | Promise = "",
    has_file: bool = False,
) -> SafeString:
    """`{% page_form _("Save") url %}{{ form }}{% endpage_form %}`: write a form that is posted to its page.

    `back` and `back_words`: a link after the button, "Cancel" without words; `has_file`: a field takes a file.
    """
    form = {"content": content, "button": button, "back": back, "back_words": back_words, "has_file": has_file}
    page = {name: context[name] for name in ("request", "csrf_token")}
    return render_to_string("components/page_form.html", page | form)


@register.simple_tag(takes_context=True)
def unsaved_input_note(context: Context, form: BaseForm | None = None, has_file: bool = False) -> str:
    """Say above a form that the input in it is not saved yet; with `has_file` that the file must be chosen again.

    `form`: say nothing unless it has input that this request did not post.
    """
    if form is not None and (not form.is_bound or context["request"].method == "POST"):
        return ""
    return render_to_string("tracker/unsaved_input/banner.html", {"has_file": has_file})
