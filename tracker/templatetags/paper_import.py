"""Tags for the pages of the import of a paper."""

from django import template
from django.utils.functional import Promise

from recommendations.models import Addressee

register = template.Library()


@register.filter
def addressee(code: str) -> str | Promise:
    """`{{ code|addressee }}`: the label of a code; an unknown code stays as it is."""
    return dict(Addressee.Code.choices).get(code, code)
