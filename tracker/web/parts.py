"""Render a part of a page once for equal values.

A part is a template that shows nothing but its values, in the language of the reader. The values are codes, numbers and
texts of the catalogue: never a text of a State or the name of a person, which must leave the memory when it is removed.
"""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

PARTS_IN_MEMORY = 20_000
# In the addresses of a part, in place of the code of the State.
ANY_DESK = "-desk-"


def render_part(template: str, desk_code: str = "", **values: str | int | None) -> SafeString:
    """Render the values and `desk_code`, for `{% url "record" desk_code slug %}`."""
    return SafeString(_render(template, get_language(), **values).replace(ANY_DESK, desk_code))


@lru_cache(PARTS_IN_MEMORY, typed=True)
def _render(template: str, language: str | None, **values: str | int | None) -> str:
    return render_to_string(template, {"desk_code": ANY_DESK, **values}).strip()
