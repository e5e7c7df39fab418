"""Statuses, bars and differences. Their markup is in templates/components/."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import Match, SequenceMatcher
from html import escape
from itertools import accumulate, groupby
from operator import itemgetter
from typing import NamedTuple

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from recommendations.days import day_in_words
from recommendations.facets import ShownFacet
from recommendations.languages import active_language, language_attributes
from recommendations.search.marking import Piece
from tracker.documents.paper.words import share
from tracker.models.status import (
    CONSIDERED,
    LABELS,
    LOOKS,
    NO_INFORMATION,
    NO_INFORMATION_LABEL,
    NO_INFORMATION_MEANING,
    describe_statuses,
)
from tracker.web.parts import part, render_part

register = template.Library()

ROOM_FOR_A_COUNT = 0.04
CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"([{CJK}]|[^\W{CJK}]+|[^\w\s]|(?=\s))(\s*)")
KEPT_BETWEEN_CHANGES = 3
KEPT_AROUND_CHANGES = 12
PAIRS_COMPARED = 2_000_000
SELECTED = SafeString(" selected")
CHECKED = SafeString(" checked")
SYMBOLS = {
    code: SafeString(
        f'<svg class="symbol symbol-{code}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'
        f"{look.drawing}</svg>\n"
    )
    for code, look in LOOKS.items()
}
FACET_OPTION = (
    '<li><label><input type="checkbox" id="id_{name}_{number}" name="{name}" value="{value}"{checked}>{symbol}'
    '<span>{label}</span><span class="facet-count">{count}</span></label></li>'
)


@register.simple_tag
def in_language(language: str = "") -> SafeString:
    """`<p {% in_language revision.language %}>`: return the attributes of an element in this language, or in the active
    one.
    """
    return language_attributes(language or active_language())


@register.simple_tag
def icon(name: str) -> SafeString:
    return render_part(f"components/icons.html#{name}")


@register.simple_tag
def symbol(code: str | None) -> SafeString:
    return SYMBOLS[code or NO_INFORMATION]


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """Mark what a search found in a text."""
    shown = (format_html("<mark>{}</mark>", piece.text) if piece.is_found else piece.text for piece in pieces)
    return format_html_join("", "{}", ([words] for words in shown))


@register.filter
def day(of: date | datetime | None) -> str:
    """Return the day as `date` does, but quicker for repeated days; of a moment the day by the clock of the reader."""
    return day_in_words(localdate(of) if isinstance(of, datetime) else of)


@register.simple_tag
def options_of(optgroups: Iterable[tuple[str | None, list[dict], int]]) -> SafeString:
    written = ((name, _options(groups)) for name, groups in groupby(optgroups, key=itemgetter(0)))
    found = (format_html('<optgroup label="{}">{}</optgroup>', *pair) if pair[0] else pair[1] for pair in written)
    return SafeString("\n".join(found))


@register.simple_tag
def facet_options(facet: ShownFacet) -> SafeString:
    """Write the boxes of a filter, each with the number of rows that selecting it would show."""
    options = (
        FACET_OPTION.format(
            name=facet.name,
            number=number,
            value=escape(option.value),
            checked=CHECKED if option.checked else "",
            symbol=symbol(option.value) if facet.symbols else "",
            label=escape(str(option.label)),
            count=option.count,
        )
        for number, option in enumerate(facet.options)
    )
    return SafeString("\n".join(options))


def _options(groups: Iterable[tuple[str | None, list[dict], int]]) -> SafeString:
    options = (option for _name, options, _index in groups for option in options)
    rows = ((option["value"], SELECTED if option["selected"] else "", option["label"]) for option in options)
    return format_html_join("\n", '<option value="{}"{}>{}</option>', rows)


@register.simple_tag
def status(code: str | None) -> SafeString:
    return mark_status(code or NO_INFORMATION, LABELS[code or NO_INFORMATION])


def mark_status(code: str, label: str | Promise) -> SafeString:
    return SafeString(f'<span class="status status-{code}">{SYMBOLS[code]}<span>{escape(str(label))}</span></span>')


# Patterns make parts of a bar differ in grey, where their shades alone do not.
PATTERNS = {code: look.pattern for code, look in LOOKS.items()} | {
    "considered_where_asked": "dashes",
    "considered_elsewhere": LOOKS[CONSIDERED].pattern,
    "otherwise": "hatch",
    "left_out": "hatch",
    "less_far": "dots",
    "no_longer_answered": "dashes",
}


class BarPart(NamedTuple):
    """Hold a part of a bar. `x` and `width` are per cent of the bar, written for an SVG attribute."""

    code: str
    label: str | Promise
    count: int  # type: ignore[assignment]
    x: str
    width: str
    has_room: bool

    def __str__(self) -> str:
        return f"{self.label} {thousands(self.count)}"

    @property
    def pattern(self) -> str:
        return PATTERNS.get(self.code, "")


def counted(counts: Mapping[str, int], of: int | None) -> Iterator[tuple[str, int]]:
    missing = max(0, (of or 0) - sum(counts.values()))
    for code in LABELS:
        count = counts.get(code, 0) + (missing if code == NO_INFORMATION else 0)
        if count:
            yield code, count


def bar_parts(found: Sequence[tuple[str, int]], label_of: Callable[[str], str | Promise]) -> list[BarPart]:
    """Return the parts of a bar from (code, count), no count being zero; without any, one part without information."""
    if not found:
        return [BarPart(NO_INFORMATION, NO_INFORMATION_LABEL, 0, "0%", "100%", has_room=False)]
    total = sum(count for _code, count in found)
    parts, before = [], 0
    for code, count in found:
        has_room = count / total >= ROOM_FOR_A_COUNT
        parts.append(BarPart(code, label_of(code), count, f"{before / total:.3%}", f"{count / total:.3%}", has_room))
        before += count
    return parts


@register.simple_tag
def bar(counts: Mapping[str, int], of: int | None = None, large: bool = False, title: str = "") -> SafeString:
    """Draw `counts` by status. 100 per cent is `of` units, or the sum of the counts."""
    return draw_bar(counted(counts, of), title, large)


def draw_bar(
    counts: Iterable[tuple[str, int]],
    title: object = "",
    large: bool = False,
    labels: Mapping[str, str | Promise] = LABELS,
) -> SafeString:
    """Draw (code, count) of what occurs, which add up to 100 per cent."""
    return _draw_bar(tuple(pair for pair in counts if pair[1]), labels.__getitem__, str(title), large)


@part
def _draw_bar(
    found: tuple[tuple[str, int], ...], label_of: Callable[[str], str | Promise], title: str, large: bool
) -> SafeString:
    segments = bar_parts(found, label_of)
    return render_to_string("components/bar.html", {"segments": segments, "large": large, "title": title})


@register.inclusion_tag("components/statuses.html#response_bar")
def response_bar(answered: int, of: int, title: str = "") -> dict:
    return {"answered": answered, "of": of, "title": title, "width": f"{answered / of if of else 0:.3%}"}


@register.inclusion_tag("components/statuses.html#legend")
def legend(counts: Mapping[str, int] | None = None, of: int | None = None) -> dict:
    """Explain the symbols; with `counts`, only those that occur, with their counts."""
    if counts is None:
        return {"entries": [(code, None) for code in LABELS]}
    return {"entries": list(counted(counts, of))}


@register.filter
def percent(part: int, whole: int) -> str:
    """`182|percent:230` -> "79%". Never 0 for some nor 100 for not all; empty where there is no whole."""
    return f"{share(part, whole)}%" if whole else ""


@register.filter
def thousands(number: int) -> str:
    return number_format(number, force_grouping=True)


@register.filter
def bold(value: object) -> SafeString:
    """Mark a number or a name that is put into a message."""
    return format_html("<b>{}</b>", value)


@register.filter
def bdi(value: object) -> SafeString:
    """Isolate a name that is put into a message: it may have another direction."""
    return format_html("<bdi>{}</bdi>", value)


@register.filter
def problems(errors: Mapping[str, list]) -> int:
    return sum(len(messages) for messages in errors.values())


@register.inclusion_tag("components/statuses.html#status_options")
def status_options(field: BoundField, asks_to_consider: bool = False) -> dict:
    radios = {radio.data["value"]: radio for radio in field}
    meanings = [*describe_statuses(asks_to_consider).items(), (NO_INFORMATION, NO_INFORMATION_MEANING)]
    return {
        "field": field,
        "options": [(radios[code], str(code), meaning) for code, meaning in meanings if code in radios],
    }


class WordDifference(SequenceMatcher):
    """Compare two lists of words in at most PAIRS_COMPARED steps; after them the rest of a stretch counts as changed.

    Two long texts of the same few words would otherwise take minutes.
    """

    def __init__(self, before: list, after: list):
        super().__init__(None, before, after)
        # How many pairs the words so far make.
        self.pairs = [0, *accumulate(len(self.b2j.get(word, ())) for word in before)]  # type: ignore[attr-defined]
        self.left = PAIRS_COMPARED

    def find_longest_match(self, alo: int, ahi: int, blo: int, bhi: int) -> Match:  # type: ignore[override]
        self.left -= self.pairs[ahi] - self.pairs[alo]
        return super().find_longest_match(alo, ahi, blo, bhi) if self.left >= 0 else Match(alo, blo, 0)


def words(text: str) -> list[tuple[str, str]]:
    """Split into words and marks, each with the white space after it. A Chinese or Japanese character is a word."""
    return WORD.findall(text.replace("\r\n", "\n"))


def text_of(words: Iterable[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in words)


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """Return in reading order ("", unchanged), ("del", removed) and ("ins", added) pieces.

    A word or two between two changes counts as changed with them; spaces are not compared, line breaks are.
    """
    if not before or not after:
        return [(tag, text_of(words(text))) for tag, text in (("del", before), ("ins", after)) if text]
    old, new = words(before), words(after)
    keys = [[(word, "\n" in space) for word, space in side] for side in (old, new)]
    operations = WordDifference(*keys).get_opcodes()
    pieces: list[tuple[str, str]] = []
    removed: list = []
    added: list = []

    def write_changes() -> None:
        for tag, side in (("del", removed), ("ins", added)):
            if side:
                pieces.append((tag, text_of(side)))
            side.clear()

    for index, (operation, i1, i2, j1, j2) in enumerate(operations, start=1):
        between = (removed or added) and index < len(operations) and j2 - j1 < KEPT_BETWEEN_CHANGES
        if operation == "equal" and not between:
            write_changes()
            both = zip(old[i1:i2], new[j1:j2], strict=True)
            pieces.append(("", text_of((word, max(was, now, key=len)) for (word, was), (_word, now) in both)))
            continue
        removed += old[i1:i2]
        added += new[j1:j2]
    write_changes()
    return pieces


def text_next_to_changes(shown: str, first: bool, last: bool) -> str:
    """Cut a long stretch without a change to the words next to a change."""
    found = words(shown)
    head = "" if first else text_of(found[:KEPT_AROUND_CHANGES])
    tail = "" if last else text_of(found[-KEPT_AROUND_CHANGES:])
    bar_parts = f"{head.rstrip()} … {tail}"
    return bar_parts if len(bar_parts) < len(shown) else shown


@register.simple_tag
def difference(before: str, after: str, brief: bool = False) -> SafeString:
    pieces = changes(before, after)
    if brief:
        pieces = [
            (tag, text if tag else text_next_to_changes(text, index == 0, index == len(pieces) - 1))
            for index, (tag, text) in enumerate(pieces)
        ]
    return mark_changes(pieces)


def mark_changes(pieces: Iterable[tuple[str, str]]) -> SafeString:
    # Translators: Read by screen readers before words that a change removed.
    values = {"del": escape(str(_("removed:"))), "ins": escape(str(_("added:")))}
    pieces = list(pieces)
    html = []
    for (tag, text), (next_tag, _next) in zip(pieces, [*pieces[1:], ("", "")], strict=True):
        if not tag or not text.strip():
            html.append(escape(text))
            continue
        words = text.rstrip()
        space = text[len(words) :] or (" " if next_tag == "ins" else "")
        html.append(f'<{tag}><span class="hidden-words">{values[tag]} </span>{escape(words)}</{tag}>{space}')
    return SafeString("".join(html))
