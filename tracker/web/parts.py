"""Render a part of a page once for equal values.

A part is a template that shows nothing but its values, in the language of the reader. The values are codes, numbers,
names of States and texts of the catalogue: never a text of a State or the name of a person, which must leave the memory
when it is removed.
"""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

PARTS_IN_MEMORY = 10_000
# A page puts its own in place of both. The first is in no address and no text of the catalogue; the second is in no
# escaped text.
ANY_DESK, ANY_CONTENT = "__desk__", SafeString("<!---->")


def render_part(
    template: str, desk_code: str = "", content: SafeString = ANY_CONTENT, **values: str | int | None
) -> SafeString:
    """Render the values, with `desk_code` for addresses and `content`, which are not kept in memory."""
    part = _render(template, get_language(), **values)
    return SafeString(part.replace(ANY_DESK, desk_code).replace(ANY_CONTENT, content))


@lru_cache(PARTS_IN_MEMORY, typed=True)
def _render(template: str, language: str | None, **values: str | int | None) -> str:
    return render_to_string(template, {"desk_code": ANY_DESK, "content": ANY_CONTENT, **values}).strip()
