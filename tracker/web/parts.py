"""Write a part of a page once for equal values.

A part shows nothing but its values, in the language of the reader. The values are codes, numbers, names of States and
texts of the catalogue: never a text of a State or the name of a person, which must leave the memory when it is removed.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

PARTS_IN_MEMORY = 20_000
# A page puts its own in place of both. The first is in no address and no text of the catalogue; the second is in no
# escaped text.
ANY_DESK, ANY_CONTENT = "__desk__", SafeString("<!---->")


def render_part(
    template: str,
    desk_code: str = "",
    content: SafeString = ANY_CONTENT,
    language: str | None = None,
    **values: Hashable,
) -> SafeString:
    """Render the values, with `desk_code` for addresses and `content`, which are not kept in memory. `language`: where
    the caller has asked already, for hundreds of parts.
    """
    part = _write(_render, language or get_language(), template, **values)
    return SafeString(part.replace(ANY_DESK, desk_code).replace(ANY_CONTENT, content))


def part[**Values](write: Callable[Values, SafeString]) -> Callable[Values, SafeString]:
    """Let a function write each part once."""

    @wraps(write)
    def read_or_write(*args: Values.args, **kwargs: Values.kwargs) -> SafeString:
        return _write(write, get_language(), *args, **kwargs)  # type: ignore[arg-type]  # each is hashable

    return read_or_write


@lru_cache(PARTS_IN_MEMORY, typed=True)
def _write(
    write: Callable[..., SafeString], language: str | None, /, *args: Hashable, **values: Hashable
) -> SafeString:
    return write(*args, **values)


def _render(template: str, /, **values: Hashable) -> SafeString:
    return SafeString(render_to_string(template, {"desk_code": ANY_DESK, "content": ANY_CONTENT, **values}).strip())
