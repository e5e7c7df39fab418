"""What stands in the progress report of needs for assistance and of good practices: counts, and what States said.

A State's words stand here with its name, whole, and only where it lets its submission be quoted today. Which of them
is no judgement: where there are more than are wanted, no State is quoted twice in a chapter before all are once.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from tracker.models import RoundUnit, SubmissionItem, User
from tracker.models.assistance import ASKS_FOR_ASSISTANCE
from tracker.reports.assistance import KINDS, WITHOUT_KIND, Need, Needs, in_order
from tracker.reports.document import own, said
from tracker.reports.fewer_than_five import FEWEST, Line, is_too_few, kept_back
from tracker.reports.figures import Figure
from tracker.reports.groups import theme_of
from tracker.reports.outside import Outside
from tracker.reports.paper import Block, Heading, Items, Numbered, Quotation, Table
from tracker.reports.paper_words import cell, name, note_on_dots, number
from tracker.reports.practices import Practice, Practices
from tracker.reports.progress import RoundProgress, Standing

QUOTED_WORDS = 100  # a longer statement is not quoted, since nothing is cut out of one


class Voice(NamedTuple):
    """Words of a State on a unit, which it lets be quoted."""

    state: str
    label: str
    text: str
    language: str


class Row(NamedTuple):
    """Answers, and States that gave them, of a group in which so many `counted` States are."""

    of: str
    answers: int
    states: int
    counted: int


def assistance(outside: Outside, quotations: int) -> Iterator[Block]:
    found, voices = _needs(outside.found)
    everything = found.overall.all
    yield Heading(_("Needs for technical assistance"))
    told = _("Technical assistance is asked for in %(needs)s answers, by %(states)s of the States that are counted.")
    if everything.states.numerator < FEWEST:
        told = _("Fewer than five of the States that are counted ask for technical assistance.")
    numbers = {"needs": number(everything.needs.numerator), "states": number(everything.states.numerator)}
    yield Numbered([own(told % numbers)])
    if everything.states.numerator >= FEWEST:
        yield from _needs_by(found)
    times: Counter[str] = Counter()
    for kind, title in KINDS:
        yield from _quoted(str(title), voices[kind], quotations, times)


def _needs(found: RoundProgress) -> tuple[Needs, dict[str, list[Voice]]]:
    """The needs of a round, and their words by kind, in one query: what became of them is told to nobody here."""
    standings, entries = _standings(found), _entries(found)
    asking = found.items.filter(ASKS_FOR_ASSISTANCE).values_list(
        "submission",
        "unit",
        "pk",
        "revision",
        "revision__assistance_kinds",
        "revision__assistance",
        "revision__language",
    )
    rows, voices = [], defaultdict(list)
    for submission, unit, item, revision, kinds, text, language in _in_order(asking, standings, entries):
        need = Need(item, revision, standings[submission], entries[unit], in_order(kinds), mark=None)
        rows.append(need)
        if need.standing.may_be_quoted:
            for kind in need.kinds or (WITHOUT_KIND,):
                voices[kind].append(Voice(need.respondent.name, need.unit.label, text, language))
    return Needs(found, rows), voices


def _needs_by(found: Needs) -> Iterator[Block]:
    yield Numbered([own(_("An answer may ask for several kinds. By kind, the answers and the States are:"))])
    yield Items(
        [
            _of_kind(str(title), counted.needs.numerator, counted.states.numerator)
            for kind, title in KINDS
            if (counted := found.overall.by_kind[kind]).needs.numerator
        ]
    )
    yield Numbered([own(_("By regional group and by theme, each answer once, they are as follows."))])
    heads = [_("Answers that ask for assistance"), _("States")]
    regions = [_row(str(one.of), one.all.needs, one.all.states) for one in found.by_region]
    themes = [_row(str(one.of), one.all.needs, one.all.states) for one in found.by_theme]
    yield _table(_("Needs by regional group"), [_("Regional group"), *heads], regions, are_states_once=True)
    yield _table(_("Needs by theme"), [_("Theme"), *heads], themes)


def _of_kind(title: str, answers: int, states: int) -> str:
    if states < FEWEST:
        return _("%(kind)s: fewer than five States") % {"kind": title}
    told = _("%(kind)s: %(answers)s answers by %(states)s States")
    return told % {"kind": title, "answers": number(answers), "states": number(states)}


def good_practices(outside: Outside, quotations: int, reader: User) -> Iterator[Block]:
    found, voices = _practices(outside.found, reader)
    everything = found.overall
    yield Heading(_("Good practices"))
    if everything.states.numerator < FEWEST:
        told = _("Fewer than five of the States that are counted name good practices.")
        yield Numbered([own(told)])
    else:
        told = _("Good practices are named in %(practices)s answers, by %(states)s of the States that are counted.")
        numbers = {
            "practices": number(everything.practices.numerator),
            "states": number(everything.states.numerator),
        }
        yield Numbered([own(told % numbers)])
        themes = [_row(str(one.of), one.practices, one.states) for one in found.by_theme]
        heads = [_("Theme"), _("Answers that name a good practice"), _("States")]
        yield _table(_("Good practices by theme"), heads, themes)
    times: Counter[str] = Counter()
    for part in outside.found.by_theme:
        yield from _quoted(str(part.of), voices[part.slug], quotations, times)


def _practices(found: RoundProgress, reader: User) -> tuple[Practices, dict[str, list[Voice]]]:
    """The good practices of a round, and by theme the words of those that States share, in one query."""
    standings, entries = _standings(found), _entries(found)
    shared = SubmissionItem.objects.shared_practices(reader).filter(pk=OuterRef("pk"))
    named = found.items.filter(revision__good_practice=True).values_list(
        "submission",
        "unit",
        "pk",
        "revision__good_practice_shared",
        "revision__measures",
        "revision__language",
        Exists(shared),
    )
    rows, voices = [], defaultdict(list)
    for submission, unit, item, is_shared, text, language, is_shared_now in _in_order(named, standings, entries):
        practice = Practice(item, standings[submission], entries[unit], is_shared)
        rows.append(practice)
        if is_shared_now and practice.standing.may_be_quoted:
            voice = Voice(practice.standing.respondent.name, practice.entry.unit.label, text, language)
            voices[theme_of(practice.entry)[0]].append(voice)
    return Practices(found, rows), voices


def _standings(found: RoundProgress) -> dict[int, Standing]:
    """Those that are counted, by the key of what they handed in."""
    return {one.submission.pk: one for one in found.counted if one.submission}


def _entries(found: RoundProgress) -> dict[int, RoundUnit]:
    return {entry.unit_id: entry for entry in found.scope}


def _in_order(rows: Iterable[tuple], standings: Iterable[int], entries: dict[int, RoundUnit]) -> list[tuple]:
    """State by State in alphabetical order, each in the order of the paper."""
    places = {submission: place for place, submission in enumerate(standings)}
    return sorted(rows, key=lambda row: (places[row[0]], entries[row[1]].position))


def _quoted(title: str, voices: list[Voice], at_most: int, times: Counter[str]) -> Iterator[Block]:
    """Under a heading of its own; `times`: how often each State is quoted before it."""
    chosen = _chosen(voices, at_most, times)
    if not chosen:
        return
    yield Heading(title, 2)
    yield Numbered([own(_("In the words of States:") if len(chosen) > 1 else _("In the words of a State:"))])
    for voice in chosen:
        by = _("%(state)s, on recommendation %(label)s") % {"state": name(voice.state), "label": name(voice.label)}
        yield Quotation(said(voice.text, voice.language), by)


def _chosen(voices: list[Voice], at_most: int, times: Counter[str]) -> list[Voice]:
    """One of each State, in alphabetical order as they come: of those that can be quoted whole, the least quoted."""
    first: dict[str, Voice] = {}
    for voice in voices:
        if voice.text and len(voice.text.split()) <= QUOTED_WORDS:
            first.setdefault(voice.state, voice)
    least = sorted(first, key=times.__getitem__)[:at_most]
    times.update(least)
    return [voice for state, voice in first.items() if state in least]


def _row(of: str, answers: Figure, states: Figure) -> Row:
    return Row(of, answers.numerator, states.numerator, states.denominator)


def _table(title: str, heads: list[str], groups: list[Row], are_states_once: bool = False) -> Table:
    """`are_states_once`: each State stands in one group alone, so that their numbers add up."""
    counts: dict[Hashable, int] = {}
    for place, row in enumerate(groups):
        counts["answers", place], counts["states", place] = row.answers, row.states
    places = range(len(groups))
    lines = [Line([("answers", place) for place in places])]
    if are_states_once:
        lines.append(Line([("states", place) for place in places]))
    too_few = [
        (what, place)
        for place, row in enumerate(groups)
        for what in ("answers", "states")
        if is_too_few(row.states) or is_too_few(row.counted)
    ]
    back = kept_back(counts, lines, too_few)
    rows = [
        [row.of, *(cell(None if (what, place) in back else counts[what, place]) for what in ("answers", "states"))]
        for place, row in enumerate(groups)
    ]
    return Table(title, heads, rows, [8, 3, 3], note=note_on_dots(rows))
