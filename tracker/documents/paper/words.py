"""Write numbers, names and dates as United Nations documents do: numbers under ten in words, "per cent"."""

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from recommendations.models import Recommendation
from tracker.documents.tree import isolated

DOTS = ".."
SPELLED = (
    # Translators: In place of a number or of a list: nothing.
    gettext_lazy("None"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("one"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("two"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("three"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("four"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("five"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("six"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("seven"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("eight"),
    # Translators: A number in a sentence of a report, as a word.
    gettext_lazy("nine"),
)


def number(count: int) -> str:
    return str(SPELLED[count]) if count < len(SPELLED) else number_in_table(count)


def numbers_alike(**counts: int) -> dict[str, str]:
    """Write numbers of one series all in words, or all in figures where one of them is ten or more."""
    write = number if max(counts.values(), default=0) < len(SPELLED) else number_in_table
    return {name: write(count) for name, count in counts.items()}


def number_in_table(count: int) -> str:
    return number_format(count, force_grouping=True)


def cell(count: int | None) -> str:
    return DOTS if count is None else number_in_table(count)


def note_on_dots(rows: Iterable[Iterable[str]]) -> str:
    if not any(text == DOTS for row in rows for text in row):
        return ""
    return _("Note: Two dots (..) indicate that a figure is not shown.")


def share(part: int, whole: int) -> int:
    """Round to whole per cent, a half upwards, but never to 0 for some or to 100 for not all."""
    rounded = (200 * part + whole) // (2 * whole) if whole else 0
    return min(99, max(1, rounded)) if 0 < part < whole else rounded


def share_text(part: int, whole: int) -> str:
    return per_cent(share(part, whole))


def per_cent(share: int) -> str:
    # Translators: share: a whole number. In running text “per cent”, not %.
    return _("%(share)d per cent") % {"share": share}


def name(text: str) -> str:
    return isolated(text) if get_language_bidi() else text


def name_of_unit(unit: Recommendation) -> str:
    """Write `I.7(a) (Trafficking in school curricula)` for a sentence; the label alone where there is no title."""
    if not unit.title:
        return name(unit.full_label)
    # Translators: A recommendation in a sentence: its label, such as I.7(a), and its title.
    return name(_("%(label)s (%(title)s)") % {"label": unit.full_label, "title": unit.title})
