from django import template
from django.template import Context

from tracker.models import User
from tracker.web.help_topics import HelpTopic, help_topic

register = template.Library()


@register.simple_tag(takes_context=True)
def find_help_topic(context: Context) -> HelpTopic | None:
    """Return the section of help for the page, None where there is none. Read the context: request, user, desk."""
    match = getattr(context.get("request"), "resolver_match", None)
    user, desk = context.get("user"), context.get("desk")
    is_in_part = isinstance(user, User) and bool(desk) and desk.pk in user.desks_in_part
    return help_topic(match.view_name, is_in_part) if match else None
