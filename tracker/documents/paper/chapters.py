"""Write the progress report as a paper, chapter by chapter, in the style of United Nations documents.

States are in alphabetical order and none is named as missing. The figures are those of one release.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.citations import cite_paper_in_footnote
from recommendations.days import day_in_words
from recommendations.lists import format_list, format_phrases
from recommendations.models import roman
from recommendations.queries import published_nodes
from tracker.documents.paper.quotations import QUOTED_WORDS, assistance_parts, practice_parts, quotable_texts
from tracker.documents.paper.tree import (
    Annex,
    Block,
    PaperFootnote,
    PaperHeading,
    PaperItems,
    PaperParagraph,
    PaperTable,
    ProgressPaper,
    QuotedText,
    own_paragraph,
)
from tracker.documents.paper.words import (
    DOTS,
    cell,
    name,
    note_on_table,
    number,
    share_text,
)
from tracker.documents.report.state import TITLE
from tracker.documents.statements import USUAL
from tracker.documents.tree import own
from tracker.figures.answers import ANSWERS, CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED
from tracker.figures.groups import theme_of
from tracker.figures.progress import RoundProgress, UnitProgress, progress_of_others
from tracker.figures.public_figures import PublicCounts, PublicProgress, PublicRow, all_counts
from tracker.figures.release import ALL, REASONS
from tracker.figures.suppression import is_small_count
from tracker.models import User
from tracker.models.respondent import RespondentKind
from tracker.models.status import NO_INFORMATION, ReasonCode, Status
from tracker.queries.treaty_acts import complete_acts

MANDATE = ("V.41", "IV.43")
LISTED = 10  # recommendations in a list of gaps
TEXT_IN_A_LIST = 20  # words of a recommendation


@dataclass(frozen=True)
class PaperChoice:
    """Hold what the author typed for the head of a paper; an empty title gives the usual one.

    `quotations` is the largest number of States quoted under one heading.
    """

    session: str
    place_and_dates: str
    agenda_item: str
    title: str = ""
    quotations: int = 2


def paper(found: RoundProgress, choice: PaperChoice, reader: User) -> ProgressPaper:
    outside = PublicProgress(found)
    body = found.round.body
    dated = day_in_words(found.at)
    return ProgressPaper(
        date=found.at.date(),
        parent=body.parent_name,
        body=body.name,
        session=choice.session,
        place_and_dates=choice.place_and_dates,
        agenda_item=choice.agenda_item,
        title=choice.title or str(TITLE),
        prepared_by=_("Prepared by the Secretariat"),
        dated=dated,
        # Translators: Running head of the paper. %(release)s: round and number of a release. %(date)s: date.
        running=_("Draft, release %(release)s, data of %(date)s") % {"release": found.release, "date": dated},
        blocks=list(_paper_parts(outside, choice, reader)),
        annexes=list(_figures_by_group(outside)),
    )


def _paper_parts(outside: PublicProgress, choice: PaperChoice, reader: User) -> Iterator[Block]:
    yield from _about_round(outside)
    yield from _status(outside)
    yield from _about_counts(outside)
    yield from _all_figures(outside)
    yield from _gaps(outside)
    quotable = quotable_texts(outside.found, reader)
    yield from assistance_parts(outside.figures, quotable, choice.quotations)
    yield from practice_parts(outside.figures, quotable, choice.quotations)
    yield from _others(outside)
    yield PaperHeading(_("Matters for consideration"))
    to_write = own(_("[To be drafted: matters that the Working Group may wish to consider.]"))
    yield PaperParagraph([to_write], is_instruction=True)


# Why, who, and how it is counted


def _about_round(outside: PublicProgress) -> Iterator[Block]:
    round_, body = outside.found.round, outside.found.round.body
    # Translators: Heading of the paper: why it was prepared.
    yield PaperHeading(_("Mandate"))
    opened = _(
        # Translators: Background paper in the style of United Nations documents. %(round)s: title of the round.
        # %(opens)s, %(due)s: dates. %(body)s: name of the working group.
        "The present report was prepared by the Secretariat on the basis of submissions for the "
        "reporting round “%(round)s”. The round runs from %(opens)s to %(due)s. The report covers the "
        "recommendations adopted by the %(body)s, which are cited by meeting and paragraph."
    )
    values = {
        "round": round_.title,
        "opens": day_in_words(round_.opens_on),
        "due": day_in_words(round_.due_on),
        "body": body.name,
    }
    texts, scope = published_nodes(), {entry.unit_id for entry in outside.found.scope}
    papers = sorted({node.paper for node in texts if node.pk in scope}, key=lambda paper: (paper.date, paper.pk))
    yield PaperParagraph([own(opened % values), PaperFootnote(" ".join(map(cite_paper_in_footnote, papers)))])
    found = [node for node in texts if node.body_id == body.pk and node.label in MANDATE]
    for node in sorted(found, key=lambda node: MANDATE.index(node.label)):
        # Translators: Background paper in the style of United Nations documents. %(label)s: label. %(meeting)s: place
        # and days of the meeting. The adopted text follows.
        reads = _("Recommendation %(label)s, adopted at the meeting held in %(meeting)s, reads as follows:")
        yield own_paragraph(reads % {"label": name(node.label_with_title), "meeting": node.meeting.place_and_days})
        yield QuotedText(own(node.text))


def _status(outside: PublicProgress) -> Iterator[Block]:
    found = outside.found
    counted, states = found.counted, found.states
    yield PaperHeading(_("Status of reporting"))
    names = format_list(name(standing.respondent.name) for standing in counted)
    sentence = ngettext(
        # Translators: states, counted: numbers; numbers below ten are spelled out.
        "Of the %(states)s States invited to report, %(counted)s is covered by the present report.",
        "Of the %(states)s States invited to report, %(counted)s are covered by the present report.",
        len(counted),
    )
    numbers = {"states": number(len(states)), "counted": number(len(counted))}
    yield PaperParagraph([own(sentence % numbers), PaperFootnote(f"{names}.")])
    if left_out := found.left_out.numerator:
        sentence = (
            _(
                "In addition, fewer than five States submitted answers but do not permit their use in aggregate "
                "figures. Those States are neither covered nor named."
            )
            if is_small_count(left_out)
            else ngettext(
                # Translators: count: a number; numbers below ten are spelled out.
                "In addition, %(count)s State submitted answers but does not permit their use in aggregate "
                "figures. That State is neither covered nor named.",
                "In addition, %(count)s States submitted answers but do not permit their use in aggregate "
                "figures. Those States are neither covered nor named.",
                left_out,
            )
        )
        yield own_paragraph(sentence % {"count": number(left_out)})
    yield own_paragraph(_("Annex I gives the number of States covered by regional group."))
    if unconfirmed := found.status_to_confirm.numerator:
        sentence = (
            _(
                "The treaty status of fewer than five of the States covered is not confirmed; those States are "
                "counted as parties."
            )
            if is_small_count(unconfirmed)
            else ngettext(
                # Translators: count: a number; numbers below ten are spelled out.
                "The treaty status of %(count)s of the States covered is not confirmed; that State is counted as a "
                "party.",
                "The treaty status of %(count)s of the States covered is not confirmed; those States are "
                "counted as parties.",
                unconfirmed,
            )
        )
        yield own_paragraph(sentence % {"count": number(unconfirmed)})


def _about_counts(outside: PublicProgress) -> Iterator[Block]:
    found = outside.found
    at = date_format(found.at, "DATETIME_FORMAT")
    complete = complete_acts()
    treaty = (
        _(
            # Translators: date: day of the information. source: where it is published.
            "Which recommendations are addressed to a State depends on whether it is a party to the "
            "Protocol. Treaty status is as at %(date)s (%(source)s), or as confirmed since."
        )
        % {"date": day_in_words(complete.as_at), "source": complete.source}
        if complete
        else _(
            "Which recommendations are addressed to a State depends on whether it is a party to the "
            "Protocol. The treaty acts of all States are not yet confirmed as complete."
        )
    )
    paragraphs = [
        _(
            # Translators: %(release)s: round and number of a release, as 2026/1. %(at)s: date and time.
            "The figures are those of release %(release)s. They are based on the most recent submission of each State "
            "for the round, as at %(at)s UTC. A submission is a sealed set of answers. Information recorded but not "
            "submitted is not reflected. Submissions that were withdrawn, or whose use in aggregate figures is not "
            "permitted, are not reflected either. The European Union and the Secretariat are not States and "
            "are reported on separately."
        )
        % {"release": found.release, "at": at},
        ngettext(
            # Translators: Numbers below ten are spelled out.
            "The round comprises %(units)s recommendation. One answer is requested from each State on "
            "every recommendation addressed to it. Two figures are given together. The response rate is the "
            "share of requested answers that were given. The distribution shows the statuses of the answers "
            "given.",
            "The round comprises %(units)s recommendations. One answer is requested from each State on "
            "every recommendation addressed to it. Two figures are given together. The response rate is the "
            "share of requested answers that were given. The distribution shows the statuses of the answers "
            "given.",
            len(found.scope),
        )
        % {"units": number(len(found.scope))},
        f"{USUAL[0]} {USUAL[1]}",
        str(USUAL[2]) + " " + _("“Not applicable” is a separate answer and is not part of any other."),
        _(
            "“Considered, not taken up” is always given as two figures. One is for recommendations that ask "
            "States to consider a measure, where considering is itself what was asked. The other is for all "
            "other recommendations."
        ),
        str(USUAL[3]),
        _(
            # Translators: %(dots)s: the sign that replaces a figure that is not shown.
            "Figures for fewer than five States are not shown, nor is any figure from which they could be derived with "
            "published submissions, totals or an earlier release. In tables, two dots (%(dots)s) replace them."
        )
        % {"dots": DOTS},
        _(
            # Translators: %(words)s: a number of words.
            "States are quoted only if they permit quotation of their submission by name. Quotations are "
            "complete and in the original language. Statements of more than %(words)s words are not quoted."
        )
        % {"words": number(QUOTED_WORDS)},
        treaty,
        str(USUAL[4]),
    ]
    # Translators: Heading of the paper: how the figures were obtained.
    yield PaperHeading(_("Method"))
    yield from (own_paragraph(words) for words in paragraphs if words)


# What was found


def _all_figures(outside: PublicProgress) -> Iterator[Block]:
    overall = outside.counts[ALL]
    # Translators: Heading of the paper.
    yield PaperHeading(_("Findings"))
    # Translators: Heading of the paper: figures over all recommendations.
    yield PaperHeading(_("All recommendations"), 2)
    yield own_paragraph(_response(overall) + " " + _("The answers are distributed as follows:"))
    yield PaperItems(_status_lines(overall))
    if sentence := _not_shown(overall):
        yield own_paragraph(sentence)
    # Translators: Link or heading: order of a list.
    yield PaperHeading(_("By theme"), 2)
    for part in outside.found.by_theme:
        units = [
            unit_progress for unit_progress in outside.found.by_unit if theme_of(unit_progress.entry)[0] == part.slug
        ]
        yield PaperHeading(str(part.of), 3)
        sentences = _theme_text(outside, outside.counts["theme", part.slug], units)
        yield own_paragraph(" ".join(filter(None, sentences)))
    yield PaperHeading(_("By regional group, meeting and strength of wording"), 2)
    sentence = _(
        "Annex I gives the same figures by regional group, annex II by theme, annex III by meeting and "
        "annex IV by strength of wording."
    )
    yield own_paragraph(sentence)


def _theme_text(outside: PublicProgress, public: PublicCounts, units: list[UnitProgress]) -> Iterator[str]:
    sentence = ngettext(
        # Translators: Numbers below ten are spelled out. “States covered” are the States whose submissions are
        # counted.
        "Under this theme, %(count)s recommendation is addressed to the States covered.",
        "Under this theme, %(count)s recommendations are addressed to the States covered.",
        len(units),
    )
    yield sentence % {"count": number(len(units))}
    yield _response(public)
    if shares := _status_lines(public):
        # Translators: %(shares)s: list of statuses with counts, such as “Implemented”: 400 (34 per cent).
        yield _("Answers given: %(shares)s.") % {"shares": format_phrases(shares)}
    yield _not_shown(public)
    yield _compare_units(outside, units)


def _compare_units(outside: PublicProgress, units: list[UnitProgress]) -> str:
    """Name the units with the largest and the smallest share of "implemented" among the States that answered."""
    counts = [
        (part.of, outside.of_unit(part).counts[Status.IMPLEMENTED], outside.of_unit(part).answered) for part in units
    ]
    shown = [(label, count, answered) for label, count, answered in counts if count is not None and answered]
    if len(shown) < 2:
        return ""
    most = max(shown, key=lambda row: row[1] / row[2])
    least = min(shown, key=lambda row: row[1] / row[2])
    sentence = _(
        # Translators: %(most)s, %(least)s: label with figures, such as “I.7(b) (20 of 33 States)”.
        "By share of States, recommendation %(most)s was most often reported as implemented and "
        "recommendation %(least)s least often."
    )
    return sentence % {"most": _name_with_count(*most), "least": _name_with_count(*least)}


def _name_with_count(label: str, count: int, of: int) -> str:
    # Translators: %(label)s: label of a recommendation. %(count)s: States that reported “Implemented”. %(of)s: States
    # that answered.
    sentence = ngettext("%(label)s (%(count)s of %(of)s State)", "%(label)s (%(count)s of %(of)s States)", of)
    return sentence % {"label": name(label), "count": number(count), "of": number(of)}


def _gaps(outside: PublicProgress) -> Iterator[Block]:
    found = outside.found
    # Translators: Title of a page: recommendations with little information or little implementation.
    yield PaperHeading(_("Gaps"))
    sentence = _(
        # Translators: Numbers below ten are spelled out.
        "Each list contains at most %(listed)s of the recommendations for which figures are shown. "
        "Recommendations are ranked; States are not."
    )
    yield own_paragraph(sentence % {"listed": number(LISTED)})
    # Translators: Heading: recommendations with the lowest response rate.
    yield PaperHeading(_("Least answered"), 2)
    sentence = _("For the following recommendations, the largest shares of States gave no information.")
    title, head = _("Least answered"), _("No information")
    table = _units_table(outside, title, found.most_unanswered, head, NO_INFORMATION, of_all=True)
    yield from _table_with_text(sentence, table)
    # Translators: Heading: recommendations least often reported as implemented.
    yield PaperHeading(_("Least implemented"), 2)
    sentence = _(
        "For the following recommendations, the smallest shares of the States that answered reported “Implemented”."
    )
    title, head = _("Least implemented"), _("Implemented")
    table = _units_table(outside, title, found.most_not_implemented, head, Status.IMPLEMENTED)
    yield from _table_with_text(sentence, table)
    yield PaperHeading(_("Considered, not taken up"), 2)
    yield from _considered(outside, found.most_considered_elsewhere, CONSIDERED_ELSEWHERE)
    yield from _considered(outside, found.most_considered_where_asked, CONSIDERED_WHERE_ASKED)
    # Translators: Status of an answer.
    yield PaperHeading(_("Not applicable"), 2)
    yield from _not_applicable(outside)


def _table_with_text(sentence: str, table: list[PaperTable], none: str = "") -> Iterator[Block]:
    none = none or _("This figure is not shown for any recommendation.")
    yield own_paragraph(sentence if table else none)
    yield from table


def _considered(outside: PublicProgress, units: list[UnitProgress], answer: str) -> Iterator[Block]:
    table = _units_table(outside, str(ANSWERS[answer]), units, _("Not taken up"), answer)
    if answer == CONSIDERED_WHERE_ASKED:
        some = _(
            "Five or more States reported “Considered, not taken up” on the following recommendations, "
            "which ask States to consider a measure."
        )
        none = _("For recommendations that ask States to consider a measure, this figure is not shown.")
    else:
        some = _(
            "Five or more States reported “Considered, not taken up” on the following recommendations, "
            "which ask for more than consideration."
        )
        none = _("For recommendations that ask for more than consideration, this figure is not shown.")
    yield from _table_with_text(some, table, none)


def _not_applicable(outside: PublicProgress) -> Iterator[Block]:
    rows = []
    for part, count, answered in _shown_units(outside, outside.found.most_not_applicable, Status.NOT_APPLICABLE):
        others = outside.of_unit(part).others
        given = [(reason.label, others[REASONS[reason]]) for reason in ReasonCode]
        reasons = format_phrases([f"{label} ({states})" for label, states in given if states])
        rows.append([name(part.of), reasons or DOTS, cell(count), cell(answered)])
    heads = [_("Recommendation"), _("Reasons"), _("Not applicable"), _("States that answered")]
    table = [PaperTable(_("Not applicable"), heads, rows, [6, 10, 3, 3], numbers_from=2)] if rows else []
    sentence = _(
        "Five or more States reported “Not applicable” on the following recommendations, for the reasons shown."
    )
    yield from _table_with_text(sentence, table)


def _units_table(
    outside: PublicProgress, title: str, units: list[UnitProgress], head: str, answer: str, of_all: bool = False
) -> list[PaperTable]:
    """Make a table, if it has rows, of the States that gave this answer: of those that answered, or of all asked."""
    rows = [
        [name(part.of), Truncator(part.unit.text).words(TEXT_IN_A_LIST, truncate="…"), cell(counted), cell(whole)]
        for part, counted, whole in _shown_units(outside, units, answer, of_all)
    ]
    heads = [_("Recommendation"), _("Text"), head, _("States addressed") if of_all else _("States that answered")]
    return [PaperTable(title, heads, rows, [6, 10, 3, 3], numbers_from=2)] if rows else []


def _shown_units(
    outside: PublicProgress, units: list[UnitProgress], answer: str, of_all: bool = False
) -> list[tuple[UnitProgress, int, int]]:
    """Return at most `LISTED` units with both figures. Leave out a unit with a suppressed figure.

    Its place in the order, between two shown figures, would disclose it.
    """
    shown = []
    for part in units:
        public = outside.of_unit(part)
        count, whole = public.counts[answer], public.total if of_all else public.answered
        if count is not None and whole is not None:
            shown.append((part, count, whole))
    return shown[:LISTED]


# The Secretariat and the European Union


def _others(outside: PublicProgress) -> Iterator[Block]:
    yield PaperHeading(_("The Secretariat and the European Union"))
    others = {
        standing.respondent.pk: standing
        for standing in outside.found.standings
        if not standing.is_state and standing.is_counted
    }
    if not others:
        yield own_paragraph(
            _("Neither the Secretariat nor the European Union has made a submission that can be counted.")
        )
    for respondent, progress in progress_of_others(outside.found):
        yield PaperHeading(str(respondent), 2)
        if respondent.kind != RespondentKind.SECRETARIAT and not others[respondent.pk].may_be_quoted:
            sentence = _("A submission was received. Its answers are not included in any figure of the present report.")
            yield own_paragraph(sentence)
            continue
        public = all_counts(progress)
        sentence = ngettext(
            # Translators: Under a heading with the name of the respondent. Numbers below ten are spelled out.
            # %(share)s: such as “34 per cent”.
            "Of the %(asked)s recommendations addressed to this respondent, %(answered)s was answered (%(share)s).",
            "Of the %(asked)s recommendations addressed to this respondent, %(answered)s were answered (%(share)s).",
            progress.answered,
        )
        numbers = {"asked": number(progress.total), "answered": number(progress.answered)}
        yield own_paragraph(sentence % {**numbers, "share": share_text(progress.answered, progress.total)})
        yield PaperItems(_status_lines(public))


# Annexes


def _figures_by_group(outside: PublicProgress) -> Iterator[Annex]:
    figures = outside.figures
    meetings = [row._replace(of=f"{row.of.roman}. {row.of.name}") for row in figures.by_meeting]  # type: ignore[union-attr]
    tables = (
        (_("Status by regional group"), _("Regional group"), figures.by_region),
        (_("Status by theme"), _("Theme"), figures.by_theme),
        (_("Status by meeting"), _("Meeting"), meetings),
        (_("Status by strength of wording"), _("Strength"), figures.by_strength),
    )
    for place, (title, head, rows) in enumerate(tables, start=1):
        table = _figures_table(head, rows, figures.overall, has_states=place == 1)
        # Translators: %(number)s: Roman number of the annex.
        yield Annex(_("Annex %(number)s") % {"number": roman(place)}, title, [table])


def _figures_table(head: str, groups: list[PublicRow], overall: PublicRow, has_states: bool) -> PaperTable:
    heads = [
        head,
        *([_("States")] if has_states else []),
        # Translators: Head of a column: date and time.
        _("Requested"),
        # Translators: Heading of a column, such as 120 of 400.
        _("Answers given"),
        *map(str, ANSWERS.values()),
    ]
    # Translators: Column head or row head: the total, in which each answer is counted once.
    total = overall._replace(of=_("All"))
    rows = [
        [str(row.of), *([cell(row.states)] if has_states else []), *_count_cells(row.counts)]
        for row in (*groups, total)
    ]
    widths = [8, *([4] if has_states else []), *(3 for _head in range(2 + len(ANSWERS)))]
    return PaperTable("", heads, rows, widths, has_total=True, note=note_on_table(rows))


def _count_cells(public: PublicCounts) -> list[str]:
    return [cell(public.total), cell(public.answered), *map(cell, public.counts.values())]


# Words


def _response(public: PublicCounts) -> str:
    if public.total is None or public.answered is None:
        return _("The response rate is not shown, to avoid disclosing figures for fewer than five States.")
    sentence = ngettext(
        # Translators: Numbers below ten are spelled out. %(share)s: such as “34 per cent”.
        "States gave %(answered)s of the %(asked)s answer requested (%(share)s).",
        "States gave %(answered)s of the %(asked)s answers requested (%(share)s).",
        public.total,
    )
    return sentence % {
        "answered": number(public.answered),
        "asked": number(public.total),
        "share": share_text(public.answered, public.total),
    }


def _status_of(answer: str) -> str:
    if answer == CONSIDERED_WHERE_ASKED:
        return _("“Considered, not taken up” on recommendations that ask States to consider a measure")
    if answer == CONSIDERED_ELSEWHERE:
        return _("“Considered, not taken up” on other recommendations")
    return f"“{ANSWERS[answer]}”"


def _status_lines(public: PublicCounts) -> list[str]:
    """Write `“Implemented”: 400 (34 per cent)` for each status with a count that is shown."""
    return [
        f"{_status_of(name)}: {number(count)}" + (f" ({share_text(count, public.answered)})" if public.answered else "")
        for name, count in public.counts.items()
        if count and name != NO_INFORMATION
    ]


def _not_shown(public: PublicCounts) -> str:
    names = [_status_of(name) for name, count in public.counts.items() if count is None]
    if not names:
        return ""
    # Translators: %(names)s: list of statuses.
    sentence = _("Not shown, to avoid disclosing figures for fewer than five States: %(names)s.")
    return sentence % {"names": format_list(names)}
