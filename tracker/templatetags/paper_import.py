"""For the pages on which a paper is taken in."""

from django import template
from django.utils.functional import Promise

from recommendations.models import Addressee

register = template.Library()


@register.filter
def addressee(code: str) -> str | Promise:
    """`{{ code|addressee }}`: the words for a code; a code that is none stays itself."""
    return dict(Addressee.Code.choices).get(code, code)
