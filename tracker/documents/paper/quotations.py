"""Write the chapters on needs for assistance and on good practices: counts, and quotations of States.

States are quoted with their name, whole, and only where they permit it today. The choice is no judgement: where there
are too many, no State is quoted twice in a chapter before all are quoted once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.documents.paper.tree import Block, PaperHeading, PaperItems, PaperTable, QuotedText, own_paragraph
from tracker.documents.paper.words import cell, name, note_on_table, number
from tracker.documents.tree import state_text
from tracker.figures.assistance import KINDS, WITHOUT_KIND
from tracker.figures.groups import theme_of
from tracker.figures.progress import RoundProgress
from tracker.figures.public_figures import PublicFigures, PublicRow
from tracker.figures.release import ALL, NEEDS, PRACTICES, STATES_IN_NEED, STATES_WITH_PRACTICES
from tracker.models import SubmissionItem, User
from tracker.queries.desk.assistance import in_order

QUOTED_WORDS = 100  # a longer statement is not quoted, since nothing is cut out of one


class StateText(NamedTuple):
    state: str
    label: str
    text: str
    language: str


@dataclass(frozen=True)
class QuotableTexts:
    """Hold the words that may be quoted: of needs by kind, of good practices by theme.

    States are in alphabetical order, and each in the order of the paper.
    """

    asking: dict[str, list[StateText]]
    sharing: dict[str, list[StateText]]


def quotable_texts(found: RoundProgress, reader: User) -> QuotableTexts:
    """Read in two queries. A practice is quoted only if it is shared."""
    standings = {
        standing.submission.pk: standing for standing in found.counted if standing.submission and standing.may_be_quoted
    }
    entries = {entry.unit_id: entry for entry in found.scope}
    places = {submission: place for place, submission in enumerate(standings)}
    shared = SubmissionItem.objects.shared_practices(reader).filter(submission__in=standings)
    shared_now = set(shared.order_by().values_list("pk", flat=True))
    items = SubmissionItem.objects.of_submissions(
        standing.submission for standing in standings.values() if standing.submission
    )
    rows = (
        items.filter(Q(asks_for_assistance=True) | Q(good_practice=True))
        .order_by()
        .values_list(
            "pk",
            "submission",
            "unit",
            "revision__assistance_kinds",
            "revision__assistance",
            "revision__measures",
            "revision__language",
        )
    )
    asking: defaultdict[str, list[StateText]] = defaultdict(list)
    sharing: defaultdict[str, list[StateText]] = defaultdict(list)
    for item, submission, unit, kinds, assistance, measures, language in sorted(
        rows, key=lambda row: (places[row[1]], entries[row[2]].position)
    ):
        entry = entries[unit]
        who = (standings[submission].respondent.name, entry.unit.label_with_title)
        for kind in in_order(kinds) or (WITHOUT_KIND,):
            asking[kind].append(StateText(*who, assistance, language))
        if item in shared_now:
            sharing[theme_of(entry)[0]].append(StateText(*who, measures, language))
    return QuotableTexts(asking, sharing)


def assistance_parts(figures: PublicFigures, quotable: QuotableTexts, quotations: int) -> Iterator[Block]:
    yield PaperHeading(_("Needs for technical assistance"))
    needs, states = (figures.counts[ALL].others[measure] for measure in (NEEDS, STATES_IN_NEED))
    if needs is None or states is None:
        yield own_paragraph(_not_shown())
    elif not needs:
        yield own_paragraph(_("None of the States covered asked for technical assistance."))
    else:
        sentence = ngettext(
            # Translators: needs: number of answers; states: number of States.
            # The numbers are spelled in words up to nine.
            "Technical assistance was asked for in %(needs)s answer by %(states)s of the States covered.",
            "Technical assistance was asked for in %(needs)s answers by %(states)s of the States covered.",
            needs,
        )
        yield own_paragraph(sentence % {"needs": number(needs), "states": number(states)})
        yield from _needs_by(figures)
    times: Counter[str] = Counter()
    for kind, title in KINDS:
        yield from _quoted_texts(str(title), quotable.asking.get(kind, []), quotations, times)


def _not_shown() -> str:
    return _("The number is not shown, to avoid disclosing figures for fewer than five States.")


def _needs_by(figures: PublicFigures) -> Iterator[Block]:
    yield own_paragraph(
        _(
            "An answer may ask for several kinds of assistance. For the States covered, the numbers of "
            "answers and of States, by kind, are as follows:"
        )
    )
    kinds = [(str(title), figures.counts["assistance", kind].others) for kind, title in KINDS]
    yield PaperItems([_of_kind(title, counts) for title, counts in kinds if counts[NEEDS] != 0])
    yield own_paragraph(
        _(
            "For the States covered, the numbers by regional group and by theme are shown in the tables "
            "below. Each answer is counted once."
        )
    )
    heads = [_("Answers that ask for assistance"), _("States")]
    measures = (NEEDS, STATES_IN_NEED)
    yield _table(_("By regional group"), [_("Regional group"), *heads], figures.by_region, measures)
    yield _table(_("By theme"), [_("Theme"), *heads], figures.by_theme, measures)


def _of_kind(title: str, counts: Mapping[str, int | None]) -> str:
    answers, states = counts[NEEDS], counts[STATES_IN_NEED]
    if answers is None or states is None:
        # Translators: kind: kind of assistance. Its numbers are not shown.
        return _("%(kind)s: not shown") % {"kind": title}
    sentence = ngettext(
        # Translators: kind: kind of assistance; answers: number of answers; states: number of States.
        # The numbers are spelled in words up to nine.
        "%(kind)s: %(answers)s answer by %(states)s States",
        "%(kind)s: %(answers)s answers by %(states)s States",
        answers,
    )
    return sentence % {"kind": title, "answers": number(answers), "states": number(states)}


def practice_parts(figures: PublicFigures, quotable: QuotableTexts, quotations: int) -> Iterator[Block]:
    # Translators: Tab, heading and page title.
    yield PaperHeading(_("Good practices"))
    practices, states = (figures.counts[ALL].others[measure] for measure in (PRACTICES, STATES_WITH_PRACTICES))
    if practices is None or states is None:
        yield own_paragraph(_not_shown())
    elif not practices:
        yield own_paragraph(_("None of the States covered described good practices."))
    else:
        sentence = ngettext(
            # Translators: practices: number of answers; states: number of States.
            # The numbers are spelled in words up to nine.
            "Good practices were described in %(practices)s answer by %(states)s of the States covered.",
            "Good practices were described in %(practices)s answers by %(states)s of the States covered.",
            practices,
        )
        yield own_paragraph(sentence % {"practices": number(practices), "states": number(states)})
        heads = [_("Theme"), _("Answers describing a good practice"), _("States")]
        yield _table(_("By theme"), heads, figures.by_theme, (PRACTICES, STATES_WITH_PRACTICES))
    times: Counter[str] = Counter()
    for row in figures.by_theme:
        yield from _quoted_texts(str(row.of), quotable.sharing.get(row.slug, []), quotations, times)


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


def _table(title: str, heads: list[str], groups: list[PublicRow], measures: tuple[str, str]) -> PaperTable:
    rows = [[str(row.of), *(cell(row.counts.others[measure]) for measure in measures)] for row in groups]
    return PaperTable(title, heads, rows, [8, 3, 3], note=note_on_table(rows))
