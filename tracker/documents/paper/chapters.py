"""Write the progress report as a paper, chapter by chapter, in the style of United Nations documents.

States are in alphabetical order and none is named as missing. The figures are those of one release. Every statement is
written by a rule of docs/reference/paper-rules.md.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.citations import cite_paper_in_footnote
from recommendations.days import day_in_words
from recommendations.languages import active_language
from recommendations.lists import format_list
from recommendations.models import Body
from recommendations.text_cache import published_at
from tracker.documents import tree
from tracker.documents.paper.quotations import Chapter, Quotations
from tracker.documents.paper.tree import (
    ChangedParagraph,
    changed_paragraphs,
    contents,
    joined_sentences,
    number_blocks,
    own_paragraph,
    punctuated_items,
)
from tracker.documents.paper.trends import (
    PARAGRAPHS,
    ThemeFigures,
    both_rounds,
    compare_shares,
    theme_figures,
    trend_parts,
)
from tracker.documents.paper.words import (
    cell,
    name,
    name_of_unit,
    note_on_dots,
    number,
    numbers_alike,
    per_cent,
    share_text,
)
from tracker.documents.statements import ROUNDED, USUAL
from tracker.figures.answers import ANSWERS, Progress
from tracker.figures.progress import RoundProgress, progress_of_others
from tracker.figures.public_figures import PublicFigures, PublicProgress, PublicRow
from tracker.figures.release import ALL
from tracker.figures.rounding import BASE
from tracker.models import Release
from tracker.models.quotation import LEFT_OUT
from tracker.models.respondent import RespondentKind
from tracker.models.status import NO_INFORMATION, Status
from tracker.queries.quotations import quotations_for
from tracker.queries.treaty_acts import complete_acts, describe_status_lists

MANDATE = ("V.41", "IV.43")

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
        ROUNDED[0],
        gettext_lazy(
            "If a State published its answers in this round, the published answers are counted. Answers published in "
            "other rounds are not counted."
        ),
        gettext_lazy("A recommendation is shown if six or more of the States covered never published an answer to it."),
        gettext_lazy(
            "Percentages are calculated from the figures that are shown, where 20 States or more are covered, and are "
            "of the answers requested."
        ),
    ),
)
HOW_CONFIRMED = gettext_lazy(
    "The share of answers confirmed as unchanged is of all answers counted, and is rounded to a multiple of 5 per cent."
)
HOW_QUOTED = (
    gettext_lazy("States are quoted only if they permit quotation of their submission by name."),
    gettext_lazy("The quotations were chosen by the Secretariat, and each State could object to its own."),
)
# Translators: The mark stands where words of an answer are left out.
CUTS = gettext_lazy("The mark “[…]” stands for words that are left out.")
TRANSLATIONS = gettext_lazy(
    # Translators: translators: who made the translations, such as the Secretariat.
    "Words in another language are given in a courtesy translation, which is not official. Translations by: "
    "%(translators)s."
)


@dataclass(frozen=True)
class PaperChoice(tree.Masthead):
    """Hold what the author typed for the head of a paper; an empty title gives the usual one."""

    title: str = ""
    most_quoted: int | None = 2  # quotations of States under a theme; None for all


def usual_title(body: Body) -> str:
    # Translators: Title of a paper. body: name of the working group.
    return _("Implementation of the recommendations adopted by the %(body)s") % {"body": body.name}


def paper(release: Release, choice: PaperChoice) -> tree.Document:
    outside, numbers = PublicProgress(release), Counter[type]()
    found = outside.found
    body = found.round.body
    quoted = Quotations(quotations_for(release, active_language()), choice.most_quoted)
    # Translators: Heading of the last part of a paper: its tables.
    annex = [_("Annex"), _("States covered, and answers by status")]
    summary, *blocks = number_blocks(_chapters(outside, quoted), numbers)
    return tree.Document(
        date=found.at.date(),
        title=choice.title or usual_title(body),
        body=body.name,
        # Translators: Under the title of a paper: by whom it is.
        author=_("Report of the Secretariat"),
        # Translators: Mark of a paper that is not issued yet, on every page.
        marking=_("Draft"),
        # Translators: On every page of a paper. %(release)s: code of a round, as 2026.
        foot=_("Figures of release %(release)s") % {"release": release},
        chapters=[
            tree.DocumentPart("", [summary, contents(blocks, ". ".join(annex)), *blocks]),
            tree.DocumentPart("\n".join(annex), list(number_blocks(_annex(outside), numbers))),
        ],
        # Translators: Head of a document: the organization.
        masthead=replace(choice, organization=_("United Nations"), parent=body.parent_name),
    )


def changes_since(before: PublicFigures, release: Release) -> list[ChangedParagraph]:
    """Compare the paper of a release with that of an earlier one, without quotations."""
    papers = (_chapters(PublicProgress(each), Quotations({}, None)) for each in (before.release, release))
    return list(changed_paragraphs(*papers))


def _chapters(outside: PublicProgress, quoted: Quotations) -> Iterator[tree.Block]:
    themes = theme_figures(outside)
    yield tree.SummaryBox(_("Summary"), [_summary_of_answers(outside), _summary_of_trends(outside)])
    yield from _about_round(outside)
    yield from _status(outside)
    yield from _method(outside, themes, quoted)
    yield from _trends(outside, themes, quoted)
    yield from _quotations_by_theme(outside, quoted, Chapter.ASSISTANCE, _("Technical assistance"))
    yield from _quotations_by_theme(outside, quoted, Chapter.PRACTICES, _("Practices as described by States"))
    yield from _others(outside, quoted)
    yield tree.Heading(_("Matters for consideration"))
    to_write = tree.own(_("[To be drafted: matters that the Working Group may wish to consider.]"))
    yield tree.NumberedParagraph(to_write, is_instruction=True)


def _summary_of_answers(outside: PublicProgress) -> str:
    found = outside.found
    covered = ngettext(
        # Translators: counted, states: numbers; numbers below ten are spelled out.
        "The present report is based on the answers of %(counted)s of the %(states)s State invited to report.",
        "The present report is based on the answers of %(counted)s of the %(states)s States invited to report.",
        len(found.states),
    )
    counts = numbers_alike(counted=len(found.counted), states=len(found.states))
    return joined_sentences(covered % counts, _summary_of_statuses(outside.overall))


def _summary_of_statuses(overall: PublicRow) -> str:
    if not overall.counts:
        return ""
    # Translators: share: such as “34 per cent”.
    given = _("The States covered provided %(share)s of the answers requested.")
    return given % {"share": per_cent(overall.answered)}


def _summary_of_trends(outside: PublicProgress) -> str:
    return joined_sentences(
        _shares(outside, Status.IMPLEMENTED, Status.PARTIALLY_IMPLEMENTED),
        _("For each theme, the report describes what States reported."),
    )


def _shares(outside: PublicProgress, *answers: str) -> str:
    # Translators: status: such as No measure to date. after: such as “34 per cent”.
    alone = _("“%(status)s” is %(after)s of the answers requested.")
    # Translators: status: such as No measure to date. before, after: such as “34 per cent”.
    compared = _("“%(status)s” is %(after)s of the answers requested; in the previous round, it was %(before)s.")
    both = both_rounds(outside, ALL)
    return joined_sentences(*(compare_shares(answer, *both, alone, compared) for answer in answers))


# Why, who, and how it is counted


def _about_round(outside: PublicProgress) -> Iterator[tree.Block]:
    round_, body = outside.found.round, outside.found.round.body
    # Translators: The decision by which a paper or the answers of States are requested.
    yield tree.Heading(_("Mandate"))
    opened = _(
        # Translators: Background paper in the style of United Nations documents. %(round)s: code of the round, as 2026.
        # %(opens)s, %(due)s: dates. %(body)s: name of the working group.
        "The present report was prepared by the Secretariat on the basis of submissions in the %(round)s reporting "
        "round. The round opened on %(opens)s, and submissions were due by %(due)s. The report "
        "covers the recommendations adopted by the %(body)s, which are cited by meeting and paragraph."
    )
    values = {
        "round": round_.code,
        "opens": day_in_words(round_.opens_on),
        "due": day_in_words(round_.due_on),
        "body": body.name,
    }
    texts, scope = published_at(outside.found.stamp), {entry.unit_id for entry in outside.found.scope}
    papers = sorted({node.paper for node in texts if node.pk in scope}, key=lambda paper: (paper.date, paper.pk))
    yield tree.NumberedParagraph(tree.own(opened % values), " ".join(map(cite_paper_in_footnote, papers)))
    found = [node for node in texts if node.body_id == body.pk and node.label in MANDATE]
    for node in sorted(found, key=lambda node: MANDATE.index(node.label)):
        reads = _(
            # Translators: Background paper in the style of United Nations documents. %(label)s: label. %(meeting)s:
            # name, place and days of the meeting. The adopted text follows.
            "Recommendation %(label)s, adopted by the Working Group (%(meeting)s), reads as follows:"
        )
        values = {"label": name_of_unit(node), "meeting": str(node.meeting)}
        yield own_paragraph(reads % values, is_lead=True)
        yield tree.QuotedText(tree.own(node.text))


def _status(outside: PublicProgress) -> Iterator[tree.Block]:
    found = outside.found
    yield tree.Heading(_("Status of reporting"))
    covered = ngettext(
        # Translators: counted, states: numbers; numbers below ten are spelled out.
        "The report covers %(counted)s of the %(states)s State invited to report.",
        "The report covers %(counted)s of the %(states)s States invited to report.",
        len(found.states),
    )
    counts = numbers_alike(counted=len(found.counted), states=len(found.states))
    yield own_paragraph(covered % counts, _("The States covered are listed in the annex."))
    if found.left_out.numerator:
        yield own_paragraph(
            _(
                "Submissions whose use in aggregate figures is not permitted were also received. Their States are "
                "neither covered nor named."
            )
        )
    if found.status_to_confirm.numerator:
        yield own_paragraph(_("States covered whose treaty status is not confirmed are counted as parties."))


def _method(outside: PublicProgress, themes: list[ThemeFigures], quoted: Quotations) -> Iterator[tree.Block]:
    # Translators: Heading of the paper: how the figures were obtained.
    yield tree.Heading(_("Method"))
    yield own_paragraph(*_about_release(outside.found))
    yield own_paragraph(*_about_scope(outside.found))
    for sentences in HOW_COUNTED:
        yield own_paragraph(*map(str, sentences))
    if outside.release.confirmed is not None:
        yield own_paragraph(str(HOW_CONFIRMED))
    if outside.release.round.release_note:
        yield own_paragraph(outside.release.round.release_note)
    yield from _about_trends(themes, quoted)
    if quoted.rows:
        yield own_paragraph(*map(str, HOW_QUOTED), *_about_words(quoted))
    yield own_paragraph(str(USUAL[4]))


def _about_release(found: RoundProgress) -> Iterator[str]:
    counted = _(
        # Translators: %(release)s: code of a round, as 2026. %(at)s: date and time.
        "The figures are those of release %(release)s. They count the most recent submission of each State for the "
        "round, or what the State published, as at %(at)s UTC."
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


def _about_trends(themes: list[ThemeFigures], quoted: Quotations) -> Iterator[tree.Block]:
    """List what the chapter on trends has, and nothing else."""
    is_compared = any(figures.most(answer) for figures in themes for answer in chain(*PARAGRAPHS.values()))
    is_shared = any(each.row for each in themes)
    matters = {
        _("The share of the answers named there in all answers requested under the theme"): is_shared,
        _("The same share in the previous round"): any(each.row and each.before for each in themes),
        _("The recommendations with the largest share of an answer"): is_compared,
        _("Reasons in the words of States"): Chapter.REASONS in quoted.chapters,
        _("Examples in the words of States"): Chapter.TRENDS in quoted.chapters,
    }
    if not any(matters.values()):
        return
    lead = _("The chapter on reported trends states the following for each theme, where figures can be shown:")
    yield own_paragraph(lead, is_lead=True)
    yield punctuated_items([words for words, is_present in matters.items() if is_present])
    if is_compared:
        yield own_paragraph(
            _("Only recommendations that are addressed to at least 20 of the States covered are compared."),
            _("Shares are compared as they are rounded. Where more than three are the largest, none is named."),
            _("Recommendations are compared; States are not."),
        )


def _about_words(quoted: Quotations) -> Iterator[str]:
    if any(LEFT_OUT in (row.translation or row.words) for row in quoted.rows):
        yield str(CUTS)
    if translators := sorted({row.translator for row in quoted.rows if row.translation}):
        yield TRANSLATIONS % {"translators": format_list(map(name, translators))}


def _treaty_status() -> str:
    complete = complete_acts()
    depends = _("Which recommendations are addressed to a State depends on whether it is a party to the Protocol.")
    if complete is None:
        return f"{depends} {_('The record of treaty acts is not yet confirmed as complete for all States.')}"
    return f"{depends} {describe_status_lists(complete)}"


# What was reported


def _trends(outside: PublicProgress, themes: list[ThemeFigures], quoted: Quotations) -> Iterator[tree.Block]:
    # Translators: Heading of the paper.
    yield tree.Heading(_("Reported trends"))
    # Translators: Heading of the paper: figures over all recommendations.
    yield tree.Heading(_("All recommendations"), level=2)
    yield own_paragraph(*_about_all(outside))
    if chart := _chart(outside, _("Status of the answers requested, by theme"), outside.by_theme):
        below = _("The figure below shows the status of the answers. The annex gives the percentages.")
        yield own_paragraph(below, is_lead=True)
        yield chart
    yield from trend_parts(themes, quoted)


def _about_all(outside: PublicProgress) -> Iterator[str]:
    if outside.release.covered < BASE:
        yield _no_percentages()
    shares = _shares(outside, Status.IMPLEMENTED, Status.NOT_STARTED, NO_INFORMATION)
    yield shares
    before = outside.before
    if before is None:
        yield _("No change is reported, since no earlier round has figures.")
    elif shares and before.overall.counts:
        covered = _(
            # Translators: round: title of the earlier round. states, before: numbers of States.
            "The present round covers %(states)s States, and the previous round, “%(round)s”, %(before)s. The States "
            "and the recommendations of both rounds can differ."
        )
        coverage = numbers_alike(states=outside.release.covered, before=before.release.covered)
        yield covered % {"round": before.release.round.name, **coverage}
    else:
        yield _("No change is reported, since the figures of one of the two last rounds have no percentages.")
    if outside.release.confirmed is not None:
        yield _confirmed(outside.release.confirmed)


def _confirmed(share: int) -> str:
    confirmed = _(
        # Translators: share: such as “about 35 per cent”. An answer was confirmed by its State as still correct.
        "Of the answers counted, %(share)s were confirmed as unchanged since an earlier round. All figures "
        "include these answers."
    )
    ends = {0: _("less than 3 per cent"), 100: _("more than 97 per cent")}  # neither is none or all
    return confirmed % {"share": ends.get(share) or _("about %(share)d per cent") % {"share": share}}


def _no_percentages() -> str:
    return _("No percentages are given, since fewer than 20 States are covered.")


def _chart(outside: PublicProgress, title: str, groups: list[PublicRow]) -> tree.Chart | None:
    """Draw a bar for each group with figures, and for all; nothing where no group has figures."""
    shown = [(str(row.of), row.counts) for row in (*groups, outside.overall) if row.counts]
    present = {code for _name, counts in shown for code, count in counts.items() if count}
    legend = [(code, str(name)) for code, name in ANSWERS.items() if code in present]
    rows = [
        (name, tree.StatusBar(name, [(code, of, counts[code]) for code, of in legend if counts.get(code)]))
        for name, counts in shown
    ]
    return tree.Chart(title, rows, legend, _source(outside)) if len(rows) > 1 else None


def _quotations_by_theme(
    outside: PublicProgress, quoted: Quotations, chapter: Chapter, heading: str
) -> Iterator[tree.Block]:
    blocks = [block for part in outside.found.by_theme for block in quoted.of_theme(part.slug, chapter)]
    if blocks:
        yield tree.Heading(heading)
        yield from blocks


def _source(outside: PublicFigures, rows: Iterable[Iterable[str]] = ()) -> str:
    # Translators: Under a table or a chart. %(release)s: code of a round, as 2026.
    source = _("Source: release %(release)s, from answers of States.") % {"release": outside.release}
    return joined_sentences(source, note_on_dots(rows))


# The Secretariat and the European Union


def _others(outside: PublicProgress, quoted: Quotations) -> Iterator[tree.Block]:
    yield tree.Heading(_("The Secretariat and the European Union"))
    others = progress_of_others(outside.found)
    quotable = {standing.respondent for standing in outside.found.standings if standing.may_be_quoted}
    if not others:
        yield own_paragraph(
            _("Neither the Secretariat nor the European Union has made a submission that can be counted.")
        )
    for respondent, progress in others:
        yield tree.Heading(str(respondent), level=2)
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


def _annex(outside: PublicProgress) -> Iterator[tree.Block]:
    names = format_list(name(standing.respondent.name) for standing in outside.found.counted)
    # Translators: names: of States.
    yield tree.Paragraph(tree.own(_("States covered: %(names)s.") % {"names": names}))
    if not outside.overall.counts:
        yield tree.Paragraph(tree.own(_no_percentages()))
    else:
        yield _percent_table(outside, _("Status by theme, in per cent"), _("Theme"), outside.by_theme)
        yield _percent_table(outside, _("Status by meeting, in per cent"), _("Meeting"), outside.by_meeting)
        yield _percent_table(
            outside, _("Status by strength of wording, in per cent"), _("Strength"), outside.by_strength
        )


def _percent_table(outside: PublicProgress, title: str, head: str, groups: list[PublicRow]) -> tree.Table:
    # Translators: Head of a column: number of recommendations.
    heads = [(_("Recommendations"), 4), *((str(name), 3) for name in ANSWERS.values())]
    # Translators: Column head or row head: the total, in which each answer is counted once.
    total = outside.overall._replace(of=_("All"))
    rows = [[str(row.of), *map(cell, row.numbers)] for row in (*groups, total)]
    return tree.make_table(title, [(head, 8), *heads], rows, has_total=True, source=_source(outside, rows))


def _status_lines(progress: Progress) -> list[str]:
    """Write `“Implemented”: 400 (34 per cent)` for each status with a count."""
    return [
        f"“{ANSWERS[code]}”: {number(count)} ({share_text(count, progress.answered)})"
        for code, count in progress.answers.items()
        if count and code != NO_INFORMATION
    ]
