"""Write the progress report as a paper, chapter by chapter, in the style of United Nations documents.

States are in alphabetical order and none is named as missing. The figures are those of one release. Every statement is
written by a rule of docs/reference/paper-rules.md.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.citations import cite_paper_in_footnote
from recommendations.days import day_in_words
from recommendations.languages import active_language
from recommendations.lists import format_list
from recommendations.models import Body
from recommendations.text_cache import published_at
from tracker.documents.paper.quotations import Chapter, Quotations
from tracker.documents.paper.tree import (
    Annex,
    Block,
    ChartRow,
    Masthead,
    PaperChart,
    PaperFootnote,
    PaperHeading,
    PaperParagraph,
    PaperSummary,
    PaperTable,
    ProgressPaper,
    QuotedText,
    joined_sentences,
    number_blocks,
    own_paragraph,
    punctuated_items,
)
from tracker.documents.paper.trends import ThemeFigures, compare_shares, moves, share_implemented, trend_parts
from tracker.documents.paper.words import (
    cell,
    name,
    name_of_unit,
    note_on_dots,
    number,
    numbers_alike,
    share_text,
)
from tracker.documents.statements import USUAL
from tracker.documents.tree import own
from tracker.figures.answers import ANSWERS, Progress
from tracker.figures.assistance import KINDS
from tracker.figures.progress import RoundProgress, progress_of_others
from tracker.figures.public_figures import SUPPRESSED, PublicCounts, PublicProgress, PublicRow
from tracker.figures.release import ALL, NEEDS, PRACTICES, STATES_IN_NEED, STATES_WITH_PRACTICES
from tracker.figures.release_change import GroupChange, ReleaseChange, release_change
from tracker.figures.suppression import is_small_count
from tracker.models import Release
from tracker.models.respondent import RespondentKind
from tracker.models.status import NO_INFORMATION, Status
from tracker.queries.quotations import quotations_for
from tracker.queries.treaty_acts import complete_acts

MANDATE = ("V.41", "IV.43")

ASSISTANCE = (NEEDS, STATES_IN_NEED)
GOOD_PRACTICES = (PRACTICES, STATES_WITH_PRACTICES)

HOW_COUNTED = (  # sentences of each paragraph
    (gettext_lazy("All answers are self-reported by States and were not verified by the Secretariat."), USUAL[1]),
    (USUAL[2], USUAL[3]),
    (
        gettext_lazy(
            "“Considered, not taken up” is always given as two figures: for recommendations that ask States to "
            "consider a measure, and for all others."
        ),
        gettext_lazy("Where States are asked to consider a measure, considering it is what was asked."),
    ),
    (
        gettext_lazy("Figures for fewer than five States are not shown."),
        gettext_lazy(
            "Nor is any figure from which a figure for fewer than five States could be worked out with published "
            "submissions, totals or an earlier release."
        ),
    ),
)
HOW_QUOTED = (
    gettext_lazy("States are quoted only if they permit quotation of their submission by name."),
    gettext_lazy("The quotations were chosen by the Secretariat, and each State could object to its own."),
    # Translators: The mark stands where words of an answer are left out.
    gettext_lazy("The mark “[…]” stands for words that are left out."),
    gettext_lazy("Words in another language are given with a courtesy translation, which is not official."),
)


@dataclass(frozen=True)
class PaperChoice(Masthead):
    """Hold what the author typed for the head of a paper; an empty title gives the usual one."""

    title: str = ""


def usual_title(body: Body) -> str:
    # Translators: Title of a paper. body: name of the working group.
    return _("Implementation of the recommendations adopted by the %(body)s") % {"body": body.name}


def paper(release: Release, choice: PaperChoice) -> ProgressPaper:
    outside, numbers = PublicProgress(release), Counter[type]()
    found = outside.found
    body = found.round.body
    quoted = Quotations(quotations_for(release, active_language()))
    return ProgressPaper(
        date=found.at.date(),
        # Translators: Head of a document: the organization.
        organization=_("United Nations"),
        parent=body.parent_name,
        body=body.name,
        masthead=choice,
        title=choice.title or usual_title(body),
        # Translators: Under the title of a paper: by whom it is.
        prepared_by=_("Report of the Secretariat"),
        # Translators: Mark of a paper that is not issued yet, on every page.
        draft=_("Draft"),
        # Translators: On every page of a paper. %(release)s: round and number of a release, as 2026/1.
        release=_("Figures of release %(release)s") % {"release": release},
        blocks=list(number_blocks(_chapters(outside, quoted), numbers)),
        # Translators: Heading of the last part of a paper: its tables.
        annex=Annex(_("Annex"), _("Answers by status"), list(number_blocks(_annex_tables(outside), numbers))),
    )


def _chapters(outside: PublicProgress, quoted: Quotations) -> Iterator[Block]:
    change = release_change(outside.found)
    yield PaperSummary(_("Summary"), [_summary_of_answers(outside), _summary_of_trends(change)])
    yield from _about_round(outside)
    yield from _status(outside)
    yield from _method(outside, change, quoted)
    yield from _trends(outside, change, quoted)
    yield from _assistance(outside, quoted)
    yield from _practices(outside, quoted)
    yield from _others(outside, quoted)
    yield PaperHeading(_("Matters for consideration"))
    to_write = own(_("[To be drafted: matters that the Working Group may wish to consider.]"))
    yield PaperParagraph([to_write], is_instruction=True)


def _summary_of_answers(outside: PublicProgress) -> str:
    found, overall = outside.found, outside.counts[ALL]
    covered = ngettext(
        # Translators: counted, states: numbers; numbers below ten are spelled out.
        "The present report is based on the answers of %(counted)s of the %(states)s State invited to report.",
        "The present report is based on the answers of %(counted)s of the %(states)s States invited to report.",
        len(found.states),
    )
    given = statuses = ""
    if overall.total and overall.answered is not None:
        # Translators: share: such as “34 per cent”.
        given = _("Of the answers requested from the States covered, %(share)s were given.")
        given %= {"share": share_text(overall.answered, overall.total)}
    shares = {
        "implemented": _share_of(overall, Status.IMPLEMENTED),
        "partially": _share_of(overall, Status.PARTIALLY_IMPLEMENTED),
    }
    if all(shares.values()):
        statuses = _(
            # Translators: implemented, partially: such as “34 per cent”.
            "Of the answers given, %(implemented)s are “Implemented” and %(partially)s are “Partially implemented”."
        )
    counts = numbers_alike(counted=len(found.counted), states=len(found.states))
    return joined_sentences(covered % counts, given, statuses % shares)


def _summary_of_trends(change: ReleaseChange | None) -> str:
    if change is None:
        return _("For each theme, the report describes what States reported.")
    return joined_sentences(
        _("For each theme, the report describes what States reported and what changed since the previous round."),
        _share_in_both_rounds(change.groups.get(ALL)),
    )


def _share_in_both_rounds(change: GroupChange | None) -> str:
    if change is None:
        return ""
    # Translators: after: such as “34 per cent”.
    same = _("In the States covered by both rounds, “Implemented” remained at %(after)s of the answers requested.")
    rose = _(
        # Translators: before: a number of per cent. after: such as “34 per cent”.
        "In the States covered by both rounds, “Implemented” rose from %(before)s to %(after)s of the answers "
        "requested."
    )
    fell = _(
        # Translators: before: a number of per cent. after: such as “34 per cent”.
        "In the States covered by both rounds, “Implemented” fell from %(before)s to %(after)s of the answers "
        "requested."
    )
    return compare_shares(change, same, rose, fell)


def _share_of(public: PublicCounts, answer: str) -> str:
    count = public.counts[answer]
    return share_text(count, public.answered) if count and public.answered else ""


# Why, who, and how it is counted


def _about_round(outside: PublicProgress) -> Iterator[Block]:
    round_, body = outside.found.round, outside.found.round.body
    # Translators: Heading of the paper: why it was prepared.
    yield PaperHeading(_("Mandate"))
    opened = _(
        # Translators: Background paper in the style of United Nations documents. %(round)s: title of the round.
        # %(opens)s, %(due)s: dates. %(body)s: name of the working group.
        "The present report was prepared by the Secretariat on the basis of submissions for the "
        "reporting round “%(round)s”. The round opened on %(opens)s, and submissions were due by %(due)s. The report "
        "covers the recommendations adopted by the %(body)s, which are cited by meeting and paragraph."
    )
    values = {
        "round": round_.title,
        "opens": day_in_words(round_.opens_on),
        "due": day_in_words(round_.due_on),
        "body": body.name,
    }
    texts, scope = published_at(outside.found.stamp), {entry.unit_id for entry in outside.found.scope}
    papers = sorted({node.paper for node in texts if node.pk in scope}, key=lambda paper: (paper.date, paper.pk))
    yield PaperParagraph([own(opened % values), PaperFootnote(" ".join(map(cite_paper_in_footnote, papers)))])
    found = [node for node in texts if node.body_id == body.pk and node.label in MANDATE]
    for node in sorted(found, key=lambda node: MANDATE.index(node.label)):
        reads = _(
            # Translators: Background paper in the style of United Nations documents. %(label)s: label. %(meeting)s:
            # place and days of the meeting. The adopted text follows.
            "Recommendation %(label)s, adopted by the Working Group at its meeting (%(meeting)s), reads as follows:"
        )
        values = {"label": name_of_unit(node), "meeting": node.meeting.place_and_days}
        yield own_paragraph(reads % values, is_lead=True)
        yield QuotedText(own(node.text))


def _status(outside: PublicProgress) -> Iterator[Block]:
    found = outside.found
    yield PaperHeading(_("Status of reporting"))
    names = format_list(name(standing.respondent.name) for standing in found.counted)
    covered = ngettext(
        # Translators: counted, states: numbers; numbers below ten are spelled out.
        "The report covers %(counted)s of the %(states)s State invited to report.",
        "The report covers %(counted)s of the %(states)s States invited to report.",
        len(found.states),
    )
    counts = numbers_alike(counted=len(found.counted), states=len(found.states))
    yield PaperParagraph(
        [
            own(f"{covered % counts} {_('The States covered are named in the footnote, in alphabetical order.')}"),
            PaperFootnote(f"{names}."),
            own(f" {_('The annex gives their number by regional group.')}"),
        ]
    )
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


def _method(outside: PublicProgress, change: ReleaseChange | None, quoted: Quotations) -> Iterator[Block]:
    # Translators: Heading of the paper: how the figures were obtained.
    yield PaperHeading(_("Method"))
    yield own_paragraph(*_about_release(outside.found))
    yield own_paragraph(*_about_scope(outside.found))
    for sentences in HOW_COUNTED:
        yield own_paragraph(*map(str, sentences))
    yield from _about_trends(has_change=change is not None, has_quotations=quoted.are_chosen)
    if quoted.are_chosen:
        yield own_paragraph(*map(str, HOW_QUOTED))
    yield own_paragraph(str(USUAL[4]))


def _about_release(found: RoundProgress) -> Iterator[str]:
    counted = _(
        # Translators: %(release)s: round and number of a release, as 2026/1. %(at)s: date and time.
        "The figures are those of release %(release)s. They count the most recent submission of each State for the "
        "round, as at %(at)s UTC."
    )
    yield counted % {"release": found.release, "at": date_format(found.at, "DATETIME_FORMAT")}
    yield _("Information that was recorded but not submitted is not reflected.")
    yield _("Submissions that were withdrawn, or whose use in aggregate figures is not permitted, are not counted.")


def _about_scope(found: RoundProgress) -> Iterator[str]:
    comprises = ngettext(
        # Translators: Numbers below ten are spelled out.
        "The round comprises %(units)s recommendation.",
        "The round comprises %(units)s recommendations.",
        len(found.scope),
    )
    yield comprises % {"units": number(len(found.scope))}
    yield _("One answer is requested from each State on every recommendation addressed to it.")
    yield _treaty_status()


def _about_trends(*, has_change: bool, has_quotations: bool) -> Iterator[Block]:
    yield own_paragraph(_("The chapter on reported trends states the following for each theme:"), is_lead=True)
    items = [
        _("The recommendations with the largest shares of “Implemented”, “No measure to date” and “No information”"),
        _(
            "The recommendations with the largest shares of “Considered, not taken up” and “Not applicable”, with the "
            "reason given by most States"
        ),
    ]
    if has_change:
        items.insert(0, _("What changed since the previous round, on States and recommendations common to both rounds"))
    if has_quotations:
        items.append(_("Examples in the words of States"))
    yield punctuated_items(items)
    yield own_paragraph(
        _("A statement is left out where its figures are not shown, and a theme on which nothing can be stated."),
        _(
            "Only recommendations that are addressed to at least five of the States covered, and were answered by at "
            "least five, are compared."
        ),
        _("Recommendations are compared; States are not."),
    )
    if has_change:
        yield own_paragraph(
            _(
                "An answer moved forward if its status moved towards “Implemented” in the order “No measure to date”, "
                "“In progress”, “Partially implemented”, “Implemented”."
            ),
            _("It moved back if its status moved away from “Implemented”."),
            _("In a comparison of rounds, shares are of the answers requested in both rounds."),
        )


def _treaty_status() -> str:
    complete = complete_acts()
    depends = _("Which recommendations are addressed to a State depends on whether it is a party to the Protocol.")
    if complete is None:
        return f"{depends} {_('The record of treaty acts is not yet confirmed as complete for all States.')}"
    # Translators: date: day of the information. source: where it is published.
    as_at = _("Treaty status is as at %(date)s (%(source)s), or as confirmed since.")
    return f"{depends} {as_at % {'date': day_in_words(complete.as_at), 'source': complete.source}}"


# What was reported


def _trends(outside: PublicProgress, change: ReleaseChange | None, quoted: Quotations) -> Iterator[Block]:
    # Translators: Heading of the paper.
    yield PaperHeading(_("Reported trends"))
    # Translators: Heading of the paper: figures over all recommendations.
    yield PaperHeading(_("All recommendations"), 2)
    yield own_paragraph(*_compared(outside, change))
    charts = [
        *_chart(outside, _("Status of the answers requested, by regional group"), outside.by_region),
        *_chart(outside, _("Status of the answers requested, by theme"), outside.by_theme),
    ]
    if charts:
        below = ngettext(
            "The figure below shows the status of the answers. The annex gives the numbers.",
            "The figures below show the status of the answers. The annex gives the numbers.",
            len(charts),
        )
        yield own_paragraph(below, is_lead=True)
        yield from charts
    yield from trend_parts(outside, change, quoted)


def _compared(outside: PublicProgress, change: ReleaseChange | None) -> Iterator[str]:
    if change is None:
        yield _("No change is reported, since no earlier release has five or more of the States covered.")
        return
    # Translators: round: title of the earlier round. release: round and number of its release, as 2024/1.
    sentence = _("Changes are reported since the round “%(round)s”, whose figures are those of release %(release)s.")
    yield sentence % {"round": change.before.round.title, "release": change.before}
    sentence = ngettext(
        # Translators: states: a number, spelled out to nine.
        "The comparison is limited to the %(states)s State that both rounds cover.",
        "The comparison is limited to the %(states)s States that both rounds cover.",
        change.states,
    )
    yield sentence % {"states": number(change.states)}
    overall = ThemeFigures([], change.groups.get(ALL))
    yield from (share_implemented(overall), moves(overall))


def _chart(outside: PublicProgress, title: str, groups: list[PublicRow]) -> Iterator[PaperChart]:
    """Draw a bar for each group with figures, and for all; nothing where no group has figures."""
    rows = [ChartRow(str(row.of), [*row.parts.items()]) for row in (*groups, outside.overall) if row.is_shown]
    present = {code for row in rows for code, count in row.parts if count}
    names = {**ANSWERS, SUPPRESSED: _("Not shown")}
    codes = (*(code for code in ANSWERS if code != NO_INFORMATION), SUPPRESSED, NO_INFORMATION)
    if len(rows) > 1:
        legend = [(code, str(names[code])) for code in codes if code in present]
        yield PaperChart(title, rows, legend, _source(outside))


# Assistance and practices


def _assistance(outside: PublicProgress, quoted: Quotations) -> Iterator[Block]:
    needs, states = _totals(outside, ASSISTANCE)
    both = ngettext(
        # Translators: needs: number of answers; states: number of States. Numbers below ten are spelled out.
        "Technical assistance was asked for in %(needs)s answer by %(states)s of the States covered.",
        "Technical assistance was asked for in %(needs)s answers by %(states)s of the States covered.",
        needs or 0,
    )
    one = ngettext(
        # Translators: needs: number of answers. Numbers below ten are spelled out.
        "Technical assistance was asked for in %(needs)s answer.",
        "Technical assistance was asked for in %(needs)s answers.",
        needs or 0,
    )
    sentences = (
        _sentence_of(both, one, needs=needs, states=states),
        _("An answer may ask for several kinds of assistance."),
        _("The tables below show the numbers by kind of assistance, regional group and theme."),
    )
    counted = _("Answers that ask for assistance")
    kinds = [(str(title), outside.counts["assistance", kind]) for kind, title in KINDS]
    tables = (
        # Translators: Title of a table. Head of its first column.
        (_("Needs by kind of assistance"), _("Kind of assistance"), kinds),
        (_("Needs by regional group"), _("Regional group"), _named(outside.by_region)),
        (_("Needs by theme"), _("Theme"), _named(outside.by_theme)),
    )
    yield PaperHeading(_("Technical assistance"))
    if needs == 0:
        yield own_paragraph(_("None of the States covered asked for technical assistance."))
    else:
        yield from _counts(outside, ASSISTANCE, sentences, counted, tables)
    yield from _quotations_by_theme(outside, quoted, Chapter.ASSISTANCE)


def _practices(outside: PublicProgress, quoted: Quotations) -> Iterator[Block]:
    practices, states = _totals(outside, GOOD_PRACTICES)
    both = ngettext(
        # Translators: practices: number of answers; states: number of States. Numbers below ten are spelled out.
        "Good practices were described in %(practices)s answer by %(states)s of the States covered.",
        "Good practices were described in %(practices)s answers by %(states)s of the States covered.",
        practices or 0,
    )
    one = ngettext(
        # Translators: practices: number of answers. Numbers below ten are spelled out.
        "Good practices were described in %(practices)s answer.",
        "Good practices were described in %(practices)s answers.",
        practices or 0,
    )
    sentences = (
        _sentence_of(both, one, practices=practices, states=states),
        _("Whether a practice is a good practice is decided by the State that describes it."),
        _("The table below shows the numbers by theme."),
    )
    counted = _("Answers describing a good practice")
    table = (_("Good practices by theme"), _("Theme"), _named(outside.by_theme))
    yield PaperHeading(_("Practices as described by States"))
    if practices == 0:
        yield own_paragraph(_("None of the States covered described good practices."))
    else:
        yield from _counts(outside, GOOD_PRACTICES, sentences, counted, [table])
    yield from _quotations_by_theme(outside, quoted, Chapter.PRACTICES)


def _totals(outside: PublicProgress, measures: tuple[str, str]) -> Iterator[int | None]:
    return (outside.counts[ALL].others[measure] for measure in measures)


def _counts(
    outside: PublicProgress,
    measures: tuple[str, str],
    sentences: Iterable[str],
    counted: str,
    tables: Iterable[tuple[str, str, list[tuple[str, PublicCounts]]]],
) -> Iterator[Block]:
    """Write a paragraph, and below it tables of what is counted and of States. A table: title, first head, rows."""
    yield own_paragraph(*sentences, is_lead=True)
    for title, head, groups in tables:
        rows = [[group, *(cell(counts.others[measure]) for measure in measures)] for group, counts in groups]
        yield PaperTable(title, [head, counted, _("States")], rows, [8, 3, 3], _source(outside, rows))


def _sentence_of(both: str, one: str, **counts: int | None) -> str:
    """Write the sentence with both counts, or `one` with the first, or neither: as many as are shown."""
    shown = numbers_alike(**{key: count for key, count in counts.items() if count is not None})
    first = next(iter(counts))
    return both % shown if len(shown) == len(counts) else one % shown if first in shown else ""


def _named(rows: Iterable[PublicRow]) -> list[tuple[str, PublicCounts]]:
    return [(str(row.of), row.counts) for row in rows]


def _quotations_by_theme(outside: PublicProgress, quoted: Quotations, chapter: Chapter) -> Iterator[Block]:
    for part in outside.found.by_theme:
        yield from quoted.of_theme(part.slug, chapter)


def _source(outside: PublicProgress, rows: Iterable[Iterable[str]] = ()) -> str:
    # Translators: Under a table or a chart. %(release)s: round and number of a release, as 2026/1.
    source = _("Source: release %(release)s, from answers of States.") % {"release": outside.release}
    return joined_sentences(source, note_on_dots(rows))


# The Secretariat and the European Union


def _others(outside: PublicProgress, quoted: Quotations) -> Iterator[Block]:
    yield PaperHeading(_("The Secretariat and the European Union"))
    others = progress_of_others(outside.found)
    quotable = {standing.respondent for standing in outside.found.standings if standing.may_be_quoted}
    if not others:
        yield own_paragraph(
            _("Neither the Secretariat nor the European Union has made a submission that can be counted.")
        )
    for respondent, progress in others:
        yield PaperHeading(str(respondent), 2)
        if respondent.kind != RespondentKind.SECRETARIAT and respondent not in quotable:
            sentence = _("A submission was received. Its answers are not included in any figure of the present report.")
            yield own_paragraph(sentence)
            continue
        sentence = ngettext(
            # Translators: Under a heading with the name of the respondent. Numbers below ten are spelled out.
            # %(share)s: such as “34 per cent”.
            "Of the %(asked)s recommendations addressed to this respondent, %(answered)s was answered (%(share)s).",
            "Of the %(asked)s recommendations addressed to this respondent, %(answered)s were answered (%(share)s).",
            progress.answered,
        )
        numbers = numbers_alike(asked=progress.total, answered=progress.answered)
        yield own_paragraph(
            sentence % {**numbers, "share": share_text(progress.answered, progress.total)},
            _("The answers are distributed as follows:"),
            is_lead=True,
        )
        yield punctuated_items(_status_lines(progress))
        yield from quoted.of_other(respondent)


# The annex


def _annex_tables(outside: PublicProgress) -> Iterator[Block]:
    meetings = {entry.unit.meeting.code: entry.unit.meeting for entry in outside.found.scope}
    by_meeting = [
        PublicRow("meeting", code, f"{meeting.roman}. {meeting.name}", outside.counts["meeting", code])
        for code, meeting in meetings.items()
        if ("meeting", code) in outside.counts
    ]
    yield _figures_table(outside, _("Status by regional group"), _("Regional group"), outside.by_region)
    yield _figures_table(outside, _("Status by theme"), _("Theme"), outside.by_theme)
    yield _figures_table(outside, _("Status by meeting"), _("Meeting"), by_meeting)
    yield _figures_table(outside, _("Status by strength of wording"), _("Strength"), outside.by_strength)


def _figures_table(outside: PublicProgress, title: str, head: str, groups: list[PublicRow]) -> PaperTable:
    has_states = any(row.kind == "regional_group" for row in groups)
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
    total = outside.overall._replace(of=_("All"))
    rows = [
        [str(row.of), *([cell(row.states)] if has_states else []), *_count_cells(row.counts)]
        for row in (*groups, total)
    ]
    widths = [8, *([4] if has_states else []), *(3 for _head in range(2 + len(ANSWERS)))]
    return PaperTable(title, heads, rows, widths, _source(outside, rows), has_total=True)


def _count_cells(public: PublicCounts) -> list[str]:
    return [cell(public.total), cell(public.answered), *map(cell, public.counts.values())]


def _status_lines(progress: Progress) -> list[str]:
    """Write `“Implemented”: 400 (34 per cent)` for each status with a count."""
    return [
        f"“{ANSWERS[code]}”: {number(count)} ({share_text(count, progress.answered)})"
        for code, count in progress.answers.items()
        if count and code != NO_INFORMATION
    ]
