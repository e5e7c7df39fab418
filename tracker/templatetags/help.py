from django import template
from django.template import Context

from tracker.models import User
from tracker.web.topics import help_address

register = template.Library()


@register.simple_tag(takes_context=True)
def find_help_address(context: Context) -> str:
    """Return the address of help for the page. Read from the context: request, user, desk; each may be missing."""
    match = getattr(context.get("request"), "resolver_match", None)
    user, desk = context.get("user"), context.get("desk")
    is_in_part = isinstance(user, User) and desk is not None and desk.pk in user.desks_in_part
    return help_address(match.view_name if match else "", is_in_part)
