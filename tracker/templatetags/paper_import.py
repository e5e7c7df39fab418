from collections.abc import Iterable

from django import template

from recommendations.lists import format_list
from recommendations.models import Addressee

register = template.Library()


@register.filter
def addressees(codes: Iterable[str]) -> str:
    names = dict(Addressee.Code.choices)
    return format_list(names.get(code, code) for code in codes)
