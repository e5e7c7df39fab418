"""Write numbers, names and dates as United Nations documents do: numbers under ten in words, "per cent"."""

from django.utils.formats import number_format
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

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


def number_in_table(count: int) -> str:
    return number_format(count, force_grouping=True)


def cell(count: int | None) -> str:
    return DOTS if count is None else number_in_table(count)


def note_on_table(rows: list[list[str]]) -> str:
    if not any(text == DOTS for row in rows for text in row):
        return ""
    return _("Two dots (..): not shown, to avoid disclosing figures for fewer than five States.")


def share_text(part: int, whole: int) -> str:
    """Round to whole per cent, but never to 0 for some or to 100 for not all."""
    share = round(100 * part / whole) if whole else 0
    if 0 < part < whole:
        share = min(99, max(1, share))
    # Translators: share: a whole number. In running text “per cent”, not %.
    return _("%(share)d per cent") % {"share": share}


def name(text: str) -> str:
    return isolated(text) if get_language_bidi() else text
