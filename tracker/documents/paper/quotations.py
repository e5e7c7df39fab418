"""Write the chapters on needs for assistance and on good practices: counts, and quotations of States.

States are quoted with their name, whole, and only where they permit it today. The choice is no judgement: where there
are too many, no State is quoted twice in a chapter before all are quoted once.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.documents.paper.tree import Block, PaperHeading, PaperItems, PaperTable, QuotedText, own_paragraph
from tracker.documents.paper.words import cell, name, note_on_table, number
from tracker.documents.tree import state_text
from tracker.figures.answers import Figure
from tracker.figures.assistance import KINDS, WITHOUT_KIND, Need, NeedCount, Needs
from tracker.figures.groups import theme_of
from tracker.figures.practices import Practice, Practices
from tracker.figures.progress import RoundProgress
from tracker.figures.suppression import FEWEST, CountLine, is_small_count, suppress_small_counts
from tracker.models import SubmissionItem, User
from tracker.queries.desk.assistance import in_order

QUOTED_WORDS = 100  # a longer statement is not quoted, since nothing is cut out of one


class StateText(NamedTuple):
    state: str
    label: str
    text: str
    language: str


class GroupCount(NamedTuple):
    of: str
    answers: int
    states: int
    counted: int


class ItemAnswer(NamedTuple):
    """Hold the answer of an item. `is_shared`: other States may read it; the first four fields are keys."""

    item: int
    submission: int
    unit: int
    revision: int
    asks: bool
    kinds: list[str]
    assistance: str
    is_practice: bool
    is_shared: bool
    measures: str
    language: str


@dataclass(frozen=True)
class NeedsAndPractices:
    """Hold needs and good practices of a round with the words that may be quoted: needs by kind, practices by theme.

    States are in alphabetical order, and each in the order of the paper.
    """

    needs: Needs
    practices: Practices
    asking: dict[str, list[StateText]]
    sharing: dict[str, list[StateText]]


def needs_and_practices(found: RoundProgress, reader: User) -> NeedsAndPractices:
    """Read in two queries. The marks of needs are for nobody here; a practice is quoted only if it is shared."""
    standings = {answer.submission.pk: answer for answer in found.counted if answer.submission}
    entries = {entry.unit_id: entry for entry in found.scope}
    places = {submission: place for place, submission in enumerate(standings)}
    answers = sorted(_answers(found), key=lambda answer: (places[answer.submission], entries[answer.unit].position))
    quotable = {submission for submission, standing in standings.items() if standing.may_be_quoted}
    shared = SubmissionItem.objects.shared_practices(reader).filter(submission__in=quotable)
    shared_now = set(shared.order_by().values_list("pk", flat=True))
    needs, practices = [], []
    asking: defaultdict[str, list[StateText]] = defaultdict(list)
    sharing: defaultdict[str, list[StateText]] = defaultdict(list)
    for answer in answers:
        standing, entry, kinds = standings[answer.submission], entries[answer.unit], in_order(answer.kinds)
        who = (standing.respondent.name, entry.unit.label_with_title)
        if answer.asks:
            needs.append(Need(answer.item, answer.revision, standing, entry, kinds, mark=None))
        if answer.is_practice:
            practices.append(Practice(answer.item, standing, entry, answer.is_shared))
        if not standing.may_be_quoted:
            continue
        for kind in kinds or (WITHOUT_KIND,):
            asking[kind].append(StateText(*who, answer.assistance, answer.language))
        if answer.item in shared_now:
            sharing[theme_of(entry)[0]].append(StateText(*who, answer.measures, answer.language))
    return NeedsAndPractices(Needs(found, needs), Practices(found, practices), asking, sharing)


def _answers(found: RoundProgress) -> list[ItemAnswer]:
    rows = found.items.filter(Q(asks_for_assistance=True) | Q(good_practice=True)).values_list(
        "pk",
        "submission",
        "unit",
        "revision",
        "asks_for_assistance",
        "revision__assistance_kinds",
        "revision__assistance",
        "good_practice",
        "revision__good_practice_shared",
        "revision__measures",
        "revision__language",
    )
    return [ItemAnswer(*row) for row in rows]


def assistance_parts(found: NeedsAndPractices, quotations: int) -> Iterator[Block]:
    everything = found.needs.overall.all
    yield PaperHeading(_("Needs for technical assistance"))
    if everything.states.numerator < FEWEST:
        words = _("Fewer than five of the States covered asked for technical assistance.")
        yield own_paragraph(words)
    else:
        yield own_paragraph(_count_needs(everything))
        yield from _needs_by(found.needs)
    times: Counter[str] = Counter()
    for kind, title in KINDS:
        yield from _quoted_texts(str(title), found.asking.get(kind, []), quotations, times)


def _count_needs(counted: NeedCount) -> str:
    answers, states = counted.needs.numerator, counted.states
    if _leaves_few(states):
        sentence = ngettext(
            # Translators: needs: number of needs.
            "Technical assistance was asked for in %(needs)s answer by all but fewer than five of the States covered.",
            "Technical assistance was asked for in %(needs)s answers by all but fewer than five of the States covered.",
            answers,
        )
    else:
        sentence = ngettext(
            # Translators: needs: number of answers; states: number of States.
            # The numbers are spelled in words up to nine.
            "Technical assistance was asked for in %(needs)s answer by %(states)s of the States covered.",
            "Technical assistance was asked for in %(needs)s answers by %(states)s of the States covered.",
            answers,
        )
    return sentence % {"needs": number(answers), "states": number(states.numerator)}


def _leaves_few(states: Figure) -> bool:
    """The number of these States must not be shown, since too few States are not among them."""
    return is_small_count(states.denominator - states.numerator)


def _needs_by(found: Needs) -> Iterator[Block]:
    yield own_paragraph(
        _(
            "An answer may ask for several kinds of assistance. For the States covered, the numbers of "
            "answers and of States, by kind, are as follows:"
        )
    )
    yield PaperItems(
        [
            _of_kind(str(title), counted)
            for kind, title in KINDS
            if (counted := found.overall.by_kind[kind]).needs.numerator
        ]
    )
    yield own_paragraph(
        _(
            "For the States covered, the numbers by regional group and by theme are shown in the tables "
            "below. Each answer is counted once."
        )
    )
    heads = [_("Answers that ask for assistance"), _("States")]
    regions = [_row(str(region.of), region.all.needs, region.all.states) for region in found.by_region]
    themes = [_row(str(theme.of), theme.all.needs, theme.all.states) for theme in found.by_theme]
    yield _table(_("By regional group"), [_("Regional group"), *heads], regions, are_states_once=True)
    yield _table(_("By theme"), [_("Theme"), *heads], themes)


def _of_kind(title: str, counted: NeedCount) -> str:
    if counted.states.numerator < FEWEST:
        # Translators: kind: kind of assistance.
        return _("%(kind)s: fewer than five States") % {"kind": title}
    answers, states = counted.needs.numerator, counted.states
    if _leaves_few(states):
        sentence = ngettext(
            # Translators: kind: kind of assistance; answers: number of answers.
            "%(kind)s: %(answers)s answer by all but fewer than five States",
            "%(kind)s: %(answers)s answers by all but fewer than five States",
            answers,
        )
    else:
        sentence = ngettext(
            # Translators: kind: kind of assistance; answers: number of answers; states: number of States.
            # The numbers are spelled in words up to nine.
            "%(kind)s: %(answers)s answer by %(states)s States",
            "%(kind)s: %(answers)s answers by %(states)s States",
            answers,
        )
    return sentence % {"kind": title, "answers": number(answers), "states": number(states.numerator)}


def practice_parts(found: NeedsAndPractices, quotations: int) -> Iterator[Block]:
    everything = found.practices.overall
    by_theme = found.practices.by_theme
    # Translators: Tab, heading and page title.
    yield PaperHeading(_("Good practices"))
    if everything.states.numerator < FEWEST:
        yield own_paragraph(_("Fewer than five of the States covered described good practices."))
    else:
        yield own_paragraph(_count_practices(everything.practices.numerator, everything.states))
        rows = [_row(str(theme.of), theme.practices, theme.states) for theme in by_theme]
        heads = [_("Theme"), _("Answers describing a good practice"), _("States")]
        yield _table(_("By theme"), heads, rows)
    times: Counter[str] = Counter()
    for theme in by_theme:
        yield from _quoted_texts(str(theme.of), found.sharing.get(theme.slug, []), quotations, times)


def _count_practices(answers: int, states: Figure) -> str:
    if _leaves_few(states):
        sentence = ngettext(
            # Translators: practices: number of answers.
            "Good practices were described in %(practices)s answer by all but fewer than five of the States covered.",
            "Good practices were described in %(practices)s answers by all but fewer than five of the States covered.",
            answers,
        )
    else:
        sentence = ngettext(
            # Translators: practices: number of answers; states: number of States.
            # The numbers are spelled in words up to nine.
            "Good practices were described in %(practices)s answer by %(states)s of the States covered.",
            "Good practices were described in %(practices)s answers by %(states)s of the States covered.",
            answers,
        )
    return sentence % {"practices": number(answers), "states": number(states.numerator)}


def _quoted_texts(title: str, texts: list[StateText], at_most: int, times: Counter[str]) -> Iterator[Block]:
    chosen = _chosen(texts, at_most, times)
    if not chosen:
        return
    yield PaperHeading(title, 2)
    yield own_paragraph(_("States reported as follows:") if len(chosen) > 1 else _("One State reported as follows:"))
    for quoted in chosen:
        # Translators: Under a quotation. state: name of the State; label: label of the recommendation.
        by = _("%(state)s, on recommendation %(label)s") % {"state": name(quoted.state), "label": name(quoted.label)}
        yield QuotedText(state_text(quoted.text, quoted.language), by)


def _chosen(texts: list[StateText], at_most: int, times: Counter[str]) -> list[StateText]:
    """Choose a short quotation of each State, in alphabetical order, from the States quoted least."""
    first: dict[str, StateText] = {}
    for each in texts:
        if each.text and len(each.text.split()) <= QUOTED_WORDS:
            first.setdefault(each.state, each)
    least = sorted(first, key=times.__getitem__)[:at_most]
    times.update(least)
    return [text for state, text in first.items() if state in least]


def _row(of: str, answers: Figure, states: Figure) -> GroupCount:
    return GroupCount(of, answers.numerator, states.numerator, states.denominator)


def _table(title: str, heads: list[str], groups: list[GroupCount], are_states_once: bool = False) -> PaperTable:
    """`are_states_once`: each State is in one group only, so that their numbers add up."""
    counts: dict[Hashable, int] = {}
    for place, row in enumerate(groups):
        counts["answers", place], counts["states", place] = row.answers, row.states
    places = range(len(groups))
    lines = [CountLine([("answers", place) for place in places])]
    if are_states_once:
        lines.append(CountLine([("states", place) for place in places]))
    of_few = [
        (what, place)
        for place, row in enumerate(groups)
        for what in ("answers", "states")
        if is_small_count(row.states) or is_small_count(row.counted)
    ]
    but_few = [("states", place) for place, row in enumerate(groups) if is_small_count(row.counted - row.states)]
    back = suppress_small_counts(counts, lines, [*of_few, *but_few])
    rows = [
        [row.of, *(cell(None if (what, place) in back else counts[what, place]) for what in ("answers", "states"))]
        for place, row in enumerate(groups)
    ]
    return PaperTable(title, heads, rows, [8, 3, 3], note=note_on_table(rows))
