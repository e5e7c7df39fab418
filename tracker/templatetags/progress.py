"""Charts and tables of the pages of progress. A chart has a title and, as its description, the counts; a table with
them is next to it.

The figures of sealed submissions are the same at each request, so what is written of equal figures is written once.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from recommendations.lists import format_list
from recommendations.models import Recommendation
from recommendations.templatetags.catalogue import title_beside_label
from tracker.figures.answers import ANSWERS, CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED, Figure, NumberParts, Progress
from tracker.figures.assistance import NeedCount
from tracker.figures.comparison import ComparedGroup, RoundChanges, StatusChange
from tracker.figures.progress import AnswerCount, StateRow
from tracker.figures.selection import ANSWERED, Selection
from tracker.models.status import CONSIDERED, NO_INFORMATION
from tracker.templatetags.looks import PATTERNS, draw_bar, mark_status, thousands
from tracker.web.parts import part, render_part

register = template.Library()

CONSIDERED_KINDS = (CONSIDERED_WHERE_ASKED, CONSIDERED_ELSEWHERE)
CHANGES = {change.value: change.label for change in StatusChange}
WIDTH, HEIGHT = 1000, 100  # of the drawing between two bars, in its own units


@register.simple_tag
def progress_bar(progress: Progress, title: object, large: bool = False, answered: bool = False) -> SafeString:
    """Draw the kinds of answer; 100 per cent are the units asked, or the answered units."""
    return counts_bar(progress.answers, title, large, answered)


@register.simple_tag
def counts_bar(counts: Mapping[str, int], title: object, large: bool = False, answered: bool = False) -> SafeString:
    left_out = NO_INFORMATION if answered else None
    return draw_bar((pair for pair in counts.items() if pair[0] != left_out), title, large, ANSWERS)


@register.simple_tag
def change_bar(changes: Mapping[StatusChange, Figure], title: object, large: bool = False) -> SafeString:
    return draw_bar(((change.value, figure.numerator) for change, figure in changes.items()), title, large, CHANGES)


@register.simple_tag(takes_context=True)
def figure_of(context: Context, figure: Figure, bold: bool = True) -> SafeString:
    """Write `12 of 1,040`; the first opens the list behind it."""
    return _count_of(figure.numerator, figure.denominator, bold, _opened(context, figure.selection))


@register.simple_tag(takes_context=True)
def figure_number(context: Context, figure: Figure, bold: bool = False) -> SafeString:
    """Write the numerator alone, which opens the list behind it."""
    return _number(figure.numerator, bold, _opened(context, figure.selection))


@register.inclusion_tag("components/statuses.html#counts", takes_context=True)
def status_figures(context: Context, progress: Progress) -> dict:
    """List every status with its count and its share of the answers."""
    opened = {"opens_figures": context.get("opens_figures")}
    asked, others = progress.considered_where_asked, progress.considered_elsewhere
    return {
        **opened,
        "entries": progress.distribution.items(),
        "considered": CONSIDERED,
        "considered_asked": asked,
        "considered_others": others,
    }


@register.simple_tag
def list_link(selection: Selection) -> str:
    """Return the address of the list of a selection."""
    return f"{reverse('progress_behind')}?{selection.query}"


def _opened(context: Context, selection: Selection | None) -> Selection | None:
    """Return the selection where the page is for a reader who opens lists: `opens_figures`."""
    return selection if context.get("opens_figures") else None


def _linked(number: object, count: int, selection: Selection | None) -> SafeString:
    """Link a number to the list behind it; nothing is behind zero."""
    if selection is None or not count:
        return format_html("{}", number)
    return format_html('<a class="behind" href="{}">{}</a>', list_link(selection), number)


@part
def _number(count: int, bold: bool, selection: Selection | None) -> SafeString:
    number = _linked(thousands(count), count, selection)
    return format_html("<b>{}</b>", number) if bold else number


@part
def _count_of(count: int, of: int, bold: bool, selection: Selection | None) -> SafeString:
    number = _number(count, bold, selection)
    # Translators: count: number; of: total.
    return SafeString(gettext("%(count)s of %(of)s") % {"count": number, "of": thousands(of)})


@register.simple_tag
def number_cells(numbers: Iterable[int | None]) -> SafeString:
    """Write the cells of a row; None is a number that is not shown."""
    return _number_cells(tuple(numbers))


@part
def _number_cells(numbers: tuple[int | None, ...]) -> SafeString:
    cells = (("\N{EN DASH}" if number is None else thousands(number),) for number in numbers)
    return format_html_join("", '<td class="number">{}</td>', cells)


@register.simple_tag(takes_context=True)
def figure_cells(context: Context, row: Progress | ComparedGroup) -> SafeString:
    """Write the numbers of a row as cells, each of which opens the list behind it."""
    return _figure_cells(tuple(row.numbers), row.number_parts, _opened(context, row.selection))


@part
def _figure_cells(numbers: tuple[int, ...], parts: NumberParts, selection: Selection | None) -> SafeString:
    cells = (
        (_linked(thousands(number), number, selection and _narrow(selection, part)),)
        for number, part in zip(numbers, parts, strict=True)
    )
    return format_html_join("", '<td class="number">{}</td>', cells)


def _narrow(selection: Selection, part: tuple[str, str] | None) -> Selection:
    return selection._replace(**dict([part])) if part else selection


@register.simple_tag
def no_figures(themes: int) -> SafeString:
    """Write in place of the numbers of a State that they are not shown, once for each theme."""
    return SafeString(format_html('<td colspan="2">{}</td>', gettext("No figures")) * themes)


@part
def _level_cells(answered: tuple[AnswerCount, ...], themes: tuple[str, ...], selection: Selection | None) -> SafeString:
    cells = (
        (
            count.level,
            _linked(count, count.numerator, selection and selection._replace(theme=theme, status=ANSWERED)),
        )
        for count, theme in zip(answered, themes, strict=True)
    )
    return format_html_join("", '<td class="level-{}">{}</td>', cells)


@register.simple_tag(takes_context=True)
def state_numbers(context: Context, row: StateRow) -> SafeString:
    """Write how many recommendations of each theme a State answered, and how many are addressed to it."""
    return _state_numbers(tuple(row.answered), row.themes, _opened(context, row.selection))


@part
def _state_numbers(
    answered: tuple[AnswerCount, ...], themes: tuple[str, ...], selection: Selection | None
) -> SafeString:
    cells = (
        (_linked(number, number, selection and selection._replace(theme=theme, status=status)),)
        for count, theme in zip(answered, themes, strict=True)
        for number, status in zip(count, (ANSWERED, None), strict=True)
    )
    return format_html_join("", '<td class="number">{}</td>', cells)


@register.simple_tag(takes_context=True)
def state_row(context: Context, row: StateRow, themes: int, unread: Collection[int]) -> SafeString:
    """Write how many recommendations of each theme a State answered, or why that is not shown."""
    standing, submission = row.standing, row.submission
    state, is_unread = standing.respondent, standing.respondent.pk in unread
    reasons = {"withdrawn": standing.is_withdrawn, "not visible": is_unread, "not permitted": standing.is_left_out}
    return render_part(
        "tracker/progress/progress.html#state_row",
        content=_level_cells(tuple(row.answered), row.themes, _opened(context, row.selection)),
        name=state.name,
        code=state.code,
        round=submission.round.code,
        number=submission.number if context.get("opens_figures") and not is_unread else None,
        reason=next((reason for reason, holds in reasons.items() if holds), ""),
        themes=themes,
        stage=submission.stage if standing.is_submitted else "\N{EN DASH}",
    )


@register.simple_tag(takes_context=True)
def states_number(context: Context, figure: Figure) -> SafeString:
    """Write a number of States in brackets, which opens the list of them."""
    return _in_brackets(figure.numerator, _opened(context, figure.selection))


def _in_brackets(states: int, selection: Selection | None) -> SafeString:
    return format_html('<span class="note">{}</span>', _linked(f"({states})", states, selection))


@register.simple_tag(takes_context=True)
def need_cells(context: Context, counted: Iterable[NeedCount]) -> SafeString:
    """Write numbers of needs with, in brackets, the numbers of States."""
    cells = tuple((count.needs.numerator, count.states.numerator) for count in counted)
    selections = tuple(_opened(context, count.needs.selection) for count in counted)
    return _need_cells(cells, selections)


@part
def _need_cells(numbers: tuple[tuple[int, int], ...], selections: tuple[Selection | None, ...]) -> SafeString:
    none = SafeString('<span class="note">0</span>')
    cells = (
        format_html(
            "{} {}",
            _linked(thousands(needs), needs, selection),
            _in_brackets(states, selection and selection._replace(of="states")),
        )
        if needs
        else none
        for (needs, states), selection in zip(numbers, selections, strict=True)
    )
    return format_html_join("", '<td class="number">{}</td>', ((cell,) for cell in cells))


@register.simple_tag
def unit_link(unit: Recommendation, code: str) -> SafeString:
    """Write the label of a unit, with a link to its figures in a round, and its short title."""
    return _unit_link(unit.slug, unit.shown_label, unit.title, code)


@part
def _unit_link(slug: str, label: str, title: str, code: str) -> SafeString:
    link = '<a class="label" href="{}?round={}"><bdi>{}</bdi></a> {}'
    return format_html(link, reverse("progress_recommendation", args=[slug]), code, label, title_beside_label(title))


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
    return mark_status(status, ANSWERS[code])


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
        for after, cell in row.cells.items()
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
