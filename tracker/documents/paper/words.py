"""How documents of the United Nations write numbers, names and dates: numbers under ten spelled, "per cent"."""

from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.text import get_text_list
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from tracker.documents.tree import isolated
from tracker.figures.answers import Figure
from tracker.figures.suppression import is_too_few

NOT_TOLD = ".."
SPELLED = (
    gettext_lazy("none"),
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
)


def number(count: int) -> str:
    """As running text has it."""
    return str(SPELLED[count]) if count < len(SPELLED) else digits(count)


def digits(count: int) -> str:
    """As tables have it."""
    return number_format(count, force_grouping=True)


def few(count: int) -> str:
    """In running text, of States."""
    return _("fewer than five") if is_too_few(count) else number(count)


def few_of(states: Figure) -> str:
    """In running text, of so many States: also those that are not among them may be too few to be told."""
    if is_too_few(states.denominator - states.numerator):
        return _("all but fewer than five")
    return few(states.numerator)


def few_in_table(count: int) -> str:
    return few(count) if is_too_few(count) else digits(count)


def cell(count: int | None) -> str:
    return NOT_TOLD if count is None else digits(count)


def note_on_dots(rows: list[list[str]]) -> str:
    """What a table needs to say in which something is not told."""
    if not any(text == NOT_TOLD for row in rows for text in row):
        return ""
    return _("Two dots: fewer than five, or not given so that no figure of fewer than five can be worked out.")


def per_cent(part: int, whole: int) -> str:
    """Whole, and never 0 for some nor 100 for not all."""
    share = round(100 * part / whole) if whole else 0
    if 0 < part < whole:
        share = min(99, max(1, share))
    return _("%(share)d per cent") % {"share": share}


def name(text: str) -> str:
    """A name or a label, with marks of direction only where words run the other way."""
    return isolated(text) if get_language_bidi() else text


def listed(texts: list[str]) -> str:
    """`one, two and three`."""
    return get_text_list(texts, _("and"))


def day(of: date) -> str:
    return date_format(of, "DATE_FORMAT")
