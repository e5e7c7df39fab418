from django import template
from django.utils.functional import Promise

from recommendations.models import Addressee

register = template.Library()


@register.filter
def addressee(code: str) -> str | Promise:
    return dict(Addressee.Code.choices).get(code, code)
