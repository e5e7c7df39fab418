"""Charts of the pages of progress. Each has a title and, as its description, the counts; a table is next to it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from recommendations.lists import format_list
from tracker.figures.answers import ANSWERS, CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED, Figure, Progress
from tracker.figures.comparison import RoundChanges, StatusChange
from tracker.figures.public_figures import SUPPRESSED
from tracker.models.status import CONSIDERED, NO_INFORMATION
from tracker.templatetags.looks import PATTERNS, bar_parts, symbol

register = template.Library()

CONSIDERED_KINDS = (CONSIDERED_WHERE_ASKED, CONSIDERED_ELSEWHERE)
# Translators: In place of a figure for fewer than five States.
TOLD = ANSWERS | {SUPPRESSED: _("Not shown")}
CHANGES = {change.value: change.label for change in StatusChange}
WIDTH, HEIGHT = 1000, 100  # of the drawing between two bars, in its own units


@register.inclusion_tag("components/bar.html")
def progress_bar(progress: Progress, title: str, large: bool = False, answered: bool = False) -> dict:
    """Draw the kinds of answer; 100 per cent are the units asked, or the answered units."""
    return counts_bar(progress.answers, title, large, answered)


@register.inclusion_tag("components/bar.html")
def counts_bar(counts: Mapping[str, int], title: str, large: bool = False, answered: bool = False) -> dict:
    left_out = NO_INFORMATION if answered else None
    found = ((code, count) for code, count in counts.items() if count and code != left_out)
    return {"segments": bar_parts(found, TOLD), "large": large, "title": title}


@register.inclusion_tag("components/bar.html")
def change_bar(changes: Mapping[StatusChange, Figure], title: str, large: bool = False) -> dict:
    found = ((change.value, figure.numerator) for change, figure in changes.items() if figure.numerator)
    return {"segments": bar_parts(found, CHANGES), "large": large, "title": title}


@register.simple_block_tag
def number_table(content: str, caption: str, label: str = "") -> SafeString:
    """`{% number_table caption %}<thead>…{% endnumber_table %}`: write the numbers of a chart."""
    context = {"content": content, "caption": caption, "label": label}
    return render_to_string("components/number_table.html", context)


@register.inclusion_tag("tracker/progress/changes_parts.html#change_legend")
def change_legend() -> dict:
    return {"changes": [(code, words, PATTERNS.get(code)) for code, words in CHANGES.items()]}


@register.simple_tag
def answer_kinds() -> Mapping[str, str | Promise]:
    return ANSWERS


@register.simple_tag
def answer_kind(code: str) -> SafeString:
    status = CONSIDERED if code in CONSIDERED_KINDS else code
    return format_html('<span class="status status-{}">{}<span>{}</span></span>', status, symbol(status), ANSWERS[code])


class Band(NamedTuple):
    """Hold the answers of one kind above that became one kind below. `path` is in units of WIDTH and HEIGHT."""

    is_same: bool
    path: str


@register.inclusion_tag("tracker/progress/changes_parts.html#flow")
def bar_links(comparison: RoundChanges, title: str) -> dict:
    return {"bands": _band_list(comparison), "comparison": comparison, "title": title, "width": WIDTH, "height": HEIGHT}


def _band_list(comparison: RoundChanges) -> list[Band]:
    counts = {
        (row.of, after): cell.numerator
        for row in comparison.change_rows
        for after, cell in row.cells_by_kind
        if cell and cell.numerator
    }
    above = _start_by_kind(counts, comparison.total)
    kinds = list(ANSWERS)
    by_later = {pair: counts[pair] for pair in sorted(counts, key=lambda pair: kinds.index(pair[1]))}
    below = _start_by_kind(by_later, comparison.total)
    return [
        Band(before == after, _band(above[before, after], below[before, after], WIDTH * count / comparison.total))
        for (before, after), count in counts.items()
    ]


def _start_by_kind(counts: Mapping[tuple[str, str], int], total: int) -> dict[tuple[str, str], float]:
    starts, before = {}, 0
    for pair, count in counts.items():
        starts[pair] = WIDTH * before / total
        before += count
    return starts


def _band(above: float, below: float, wide: float) -> str:
    half = HEIGHT // 2
    return (
        f"M{above:.1f} 0C{above:.1f} {half} {below:.1f} {half} {below:.1f} {HEIGHT}"
        f"H{below + wide:.1f}C{below + wide:.1f} {half} {above + wide:.1f} {half} {above + wide:.1f} 0Z"
    )


@register.simple_tag
def links_in_round(view: str, pages: Iterable[tuple[str, str]], code: str) -> SafeString:
    """`{% links_in_round "progress_theme" themes code %}`: list links to pages, (slug, words), in a round."""
    link = '<a href="{}?round={}"><bdi>{}</bdi></a>'
    return SafeString(format_list(format_html(link, reverse(view, args=[slug]), code, words) for slug, words in pages))
