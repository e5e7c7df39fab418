"""The brief for a State's minister: at most six pages in sentences, of its current answers, for its own team."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.days import day_in_words
from recommendations.lists import format_list
from recommendations.models import Body
from tracker.documents import tree
from tracker.documents.report.answer import status_name
from tracker.documents.report.chapters import data_note, name_of, status_bar
from tracker.documents.report.sentences import (
    ASSISTANCE_RULES,
    CHANGE_RULES,
    DECISION_RULES,
    GAP_RULES,
    MOVE_RULES,
    TARGET_RULES,
    sentences,
    summary_sentences,
)
from tracker.documents.report.state import Entry, StateReport, state_report
from tracker.figures.answers import is_overdue, open_target
from tracker.figures.comparison import StatusChange, change_of
from tracker.models import DecisionList, Respondent, Submission, SubmissionItem, User
from tracker.models.status import LABELS, NO_INFORMATION

TITLE = gettext_lazy("Brief for the minister")

# What keeps a brief within six pages, whatever a State wrote.
GAPS = 8  # recommendations
ROWS = 6  # of a table
TITLES = 3  # in a cell
WORDS = 240  # characters of an answer
NAME = 60  # characters of an institution


class MovedEntry(NamedTuple):
    entry: Entry
    before: str
    change: StatusChange


@dataclass(frozen=True)
class Brief:
    """`since`: the last submission that counts; `before`: the statuses in it, by key of the unit."""

    report: StateReport
    points: list[str]
    since: Submission | None
    before: dict[int, str]

    @cached_property
    def moves(self) -> list[MovedEntry]:
        if self.since is None:
            return []
        pairs = [(entry, self.before.get(entry.row.unit.pk) or NO_INFORMATION) for entry in self.report.to_answer]
        return [MovedEntry(entry, before, change_of(before, entry.row.status)) for entry, before in pairs]

    @property
    def changes(self) -> Mapping[StatusChange, int]:
        return Counter(move.change for move in self.moves)


def read_brief(respondent: Respondent, reader: User, body: Body | None = None) -> Brief:
    """Read the current answers and the points for decision, in a fixed number of queries."""
    report = state_report(respondent, reader, body)
    since = (
        Submission.objects.visible_to(reader)
        .filter(respondent=respondent, round__body__in=report.bodies)
        .not_withdrawn()
        .select_related("respondent", "round")
        .order_by("-pk")
        .first()
    )
    items = SubmissionItem.objects.of_submissions([since] if since else []).order_by()
    decisions = current_decisions(respondent, reader)
    return Brief(report, decisions.points if decisions else [], since, dict(items.values_list("unit", "status")))


def current_decisions(respondent: Respondent, reader: User) -> DecisionList | None:
    return DecisionList.objects.visible_to(reader).filter(respondent=respondent).order_by("-number").first()


def brief_document(brief: Brief) -> tree.Document:
    report = brief.report
    title = str(TITLE)
    return tree.Document(
        date=report.at.date(),
        title=title,
        body=format_list(body.name for body in report.bodies),
        author=report.respondent.name,
        marking=report.mark,
        reference=report.mark,
        running=f"{report.respondent.name}: {title}",
        foot=data_note(report),
        chapters=[tree.DocumentPart(str(title), list(blocks)) for title, blocks in _chapters(brief)],
        has_cover=False,
        is_continuous=True,
    )


def _chapters(brief: Brief) -> Iterator[tuple[str, Iterable[tree.Block]]]:
    report = brief.report
    yield _("Summary"), _summary(brief)
    yield _("For decision"), _decisions(brief)
    yield _("Main gaps"), _gaps(report)
    if brief.since:
        yield _("Changes since %(reference)s") % {"reference": brief.since.reference}, _changes(brief, brief.since)
    else:
        yield _("Changes since the last submission"), [tree.own_note(_("No submissions"))]
    yield _("Target dates"), _targets(report)
    yield _("Assistance needed"), _assistance(report)
    # Translators: Heading: the lines on which the clearing office signs the brief.
    yield _("Clearance"), [tree.Blanks([_("Prepared by"), _("Clearing office"), _("Signature and date")])]
    # Translators: Heading: where the figures and the recommendations come from.
    yield _("Sources"), _sources(report)


def _summary(brief: Brief) -> Iterator[tree.Block]:
    figures = brief.report.figures
    more = [
        *sentences(MOVE_RULES, brief.changes),
        *sentences(TARGET_RULES, figures),
        *sentences(ASSISTANCE_RULES, figures),
        *sentences(DECISION_RULES, len(brief.points)),
    ]
    said = filter(None, [" ".join(summary_sentences(figures.overall)), " ".join(more)])
    yield tree.Paragraph(tree.own("\n".join(said)), is_lead=True)
    yield status_bar(figures.overall)


def _decisions(brief: Brief) -> Iterator[tree.Block]:
    if brief.points:
        yield tree.Points([tree.state_text(point) for point in brief.points])
    else:
        yield tree.own_note(_("No points for decision"))


def _gaps(report: StateReport) -> Iterator[tree.Block]:
    if not report.gaps:
        yield tree.Paragraph(tree.own(_("Every recommendation has an answer, and none is “No measure to date”.")))
        return
    yield tree.own_facts((name_of(group.of), " ".join(sentences(GAP_RULES, group.progress))) for group in report.gaps)
    without = report.without_measure
    if without:
        yield tree.Heading(str(LABELS[without[0].row.status]), is_listed=False)
        yield from (_gap(entry) for entry in without[:GAPS])
        yield from _more(len(without) - GAPS)


def _gap(entry: Entry) -> tree.AnswerPart:
    revision = entry.revision
    words = _shorten(revision.difficulties, WORDS) if revision else ""
    return tree.AnswerPart(
        label=entry.row.unit.label,
        title=entry.row.unit.title,
        to="",
        code=entry.row.status,
        status=status_name(entry),
        words=tree.state_text(words, revision.language) if revision else tree.own(""),
        notes=[note for note in (_institution(entry), tree.own(day_in_words(open_target(entry.row)))) if note.text],
    )


def _changes(brief: Brief, since: Submission) -> Iterator[tree.Block]:
    # Translators: At the foot of each page. at: date and time.
    yield tree.own_note(_("Submitted on %(at)s UTC") % {"at": date_format(since.sealed_at, "DATETIME_FORMAT")})
    said = sentences(CHANGE_RULES, brief.changes)
    yield tree.Paragraph(tree.own(" ".join(said)))
    for change in (StatusChange.FURTHER, StatusChange.LESS_FAR, StatusChange.OTHERWISE):
        moves = [move for move in brief.moves if move.change == change]
        if moves:
            yield tree.Heading(str(change.label), is_listed=False)
            yield _move_table(str(change.label), moves[:ROWS])
            yield from _more(len(moves) - ROWS)


def _move_table(title: str, moves: list[MovedEntry]) -> tree.Table:
    rows: tree.Rows = [
        [
            tree.unit_cell(move.entry.row.unit),
            tree.Cell(tree.own(str(LABELS[move.before])), code=move.before),
            tree.Cell(tree.own(status_name(move.entry)), code=move.entry.row.status),
        ]
        for move in moves
    ]
    return tree.make_table(title, [(_("Recommendation"), 8), (_("Previous"), 4), (_("Current"), 4)], rows)


def _targets(report: StateReport) -> Iterator[tree.Block]:
    dated = [(target, entry) for entry in report.to_answer if (target := open_target(entry.row))]
    entries = [entry for _target, entry in sorted(dated, key=lambda pair: pair[0])]
    if not entries:
        yield tree.Paragraph(tree.own(_("No recommendation that is not fully implemented has a target date.")))
        return
    yield tree.Paragraph(tree.own(" ".join(sentences(TARGET_RULES, report.figures))))
    passed = [entry for entry in entries if is_overdue(entry.row, report.at)]
    coming = [entry for entry in entries if entry not in passed]
    for title, some in ((_("Target date passed"), passed), (_("Next target dates"), coming)):
        if some:
            yield tree.Heading(title, is_listed=False)
            yield _target_table(title, some[:ROWS])
            yield from _more(len(some) - ROWS)


def _target_table(title: str, entries: list[Entry]) -> tree.Table:
    heads = [(_("Recommendation"), 8), (_("Target date"), 4), (_("Lead institution"), 5), (_("Status"), 5)]
    rows: tree.Rows = [
        [
            tree.unit_cell(entry.row.unit),
            day_in_words(open_target(entry.row)),
            _institution(entry),
            tree.Cell(tree.own(status_name(entry)), code=entry.row.status),
        ]
        for entry in entries
    ]
    return tree.make_table(title, heads, rows)


def _assistance(report: StateReport) -> Iterator[tree.Block]:
    needed = report.figures.assistance_needed
    if not needed.numerator:
        yield tree.Paragraph(tree.own(_("No answer asks for technical assistance.")))
        return
    yield tree.Paragraph(tree.own(" ".join(sentences(ASSISTANCE_RULES, report.figures))))
    rows: tree.Rows = [[kind, _titles(entries)] for kind, entries in report.assistance]
    # Translators: Column heading: kind of assistance.
    yield tree.make_table(_("Assistance needed"), [(_("Kind"), 4), (_("Recommendations"), 12)], rows)


def _titles(entries: list[Entry]) -> str:
    shown = tree.list_units(entry.row.unit for entry in entries[:TITLES])
    more = len(entries) - TITLES
    # Translators: more: number of others.
    return "\n".join(filter(None, [shown, _("And %(more)s more") % {"more": more} if more > 0 else ""]))


def _sources(report: StateReport) -> Iterator[tree.Block]:
    yield tree.own_note(_("All answers, with their evidence, are in the full report, which is a file of its own."))
    yield from (tree.own_note(statement) for statement in report.statements)


def _more(more: int) -> Iterator[tree.Block]:
    if more > 0:
        yield tree.own_note(_("And %(more)s more") % {"more": more})


def _institution(entry: Entry) -> tree.TextRun:
    return tree.state_text(_shorten(entry.row.institution_name, NAME))


def _shorten(text: str, limit: int) -> str:
    return Truncator(" ".join(text.split())).chars(limit)
