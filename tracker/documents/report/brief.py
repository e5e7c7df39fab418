"""The brief for a State's minister, for its own team: figures of its current answers or of a submission, and its own
texts, which are never submitted. It has two pages without what was done and what is missing, and at most four.
"""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.days import day_in_words
from recommendations.lists import format_list, format_phrases
from recommendations.models import Body
from tracker.documents import tree
from tracker.documents.report.answer import status_name
from tracker.documents.report.chapters import data_note, name_of, status_bar
from tracker.documents.report.sealed import submission_report
from tracker.documents.report.sentences import brief_sentences
from tracker.documents.report.state import Entry, StateReport, state_report
from tracker.figures.answers import Progress, answers_of, is_overdue, needs_assistance, open_target, progress
from tracker.models import BriefText, Respondent, Revision, Round, Submission, SubmissionItem, User
from tracker.models.answer_fields import UNFINISHED
from tracker.models.brief import decisions_of, paragraphs_of
from tracker.models.status import NO_INFORMATION
from tracker.queries.desk.units import by_theme

TITLE = gettext_lazy("Brief for the minister")

LISTED = 5  # recommendations; more of them are counted by theme
NAME = 40  # characters of an institution
EXCERPT = 180  # characters of the first paragraph of an answer


@dataclass(frozen=True)
class Brief:
    """`earlier`: the last submission of a round before; `before`: the statuses in it, by key of the unit."""

    report: StateReport
    texts: BriefText | None
    earlier: Submission | None
    before: Mapping[int, str]
    at: datetime

    @property
    def compared(self) -> tuple[Progress, Progress | None]:
        """Count now and before what was asked in both rounds. Count all, and nothing before, without a round before."""
        if self.earlier is None:
            return self.report.figures.overall, None
        rows = [entry.row for entry in self.report.to_answer if entry.row.unit.pk in self.before]
        counts = Counter((self.before[row.unit.pk] or NO_INFORMATION, row.unit.asks_to_consider) for row in rows)
        before = Progress(answers_of(counts), self.earlier.sealed_at, self.earlier.reference)
        return progress(rows, self.report.at, self.report.source), before


def read_brief(
    respondent: Respondent, reader: User, body: Body | None = None, submission: Submission | None = None
) -> Brief:
    """Read it in a fixed number of queries, from a submission if one is given, with what `submission_report` needs."""
    report = submission_report(submission) if submission else state_report(respondent, reader, body)
    earlier = _find_earlier(report, respondent, reader)
    items = SubmissionItem.objects.of_submissions([earlier] if earlier else []).order_by()
    before = dict(items.values_list("unit", "status"))
    return Brief(report, current_texts(respondent, reader), earlier, before, timezone.now())


def _find_earlier(report: StateReport, respondent: Respondent, reader: User) -> Submission | None:
    submissions = Submission.objects.visible_to(reader).filter(respondent=respondent, round__body__in=report.bodies)
    if report.submission:
        submissions = submissions.filter(round__opened_at__lt=report.submission.round.opened_at)
    else:
        submissions = submissions.exclude(round__in=Round.objects.open())
    last_first = submissions.not_withdrawn().order_by("-round__opened_at", "-pk")
    return last_first.select_related("respondent", "round").first()


def current_texts(respondent: Respondent, reader: User) -> BriefText | None:
    return BriefText.objects.visible_to(reader).filter(respondent=respondent).order_by("-number").first()


def is_as_submitted(report: StateReport, submission: Submission) -> bool:
    """Return whether the submission has each of the current answers."""
    submitted = dict(SubmissionItem.objects.of_submissions([submission]).order_by().values_list("unit", "revision"))
    return submitted == {entry.row.unit.pk: entry.revision and entry.revision.pk for entry in report.to_answer}


# What fills a text of the brief: which answers, and which of their fields.
FILLED: dict[str, tuple[Callable[[Revision], object], str]] = {
    "done": (lambda revision: revision.measures, "measures"),
    "missing": (lambda revision: revision.status in UNFINISHED or revision.difficulties, "difficulties"),
}


def can_fill(name: str, entry: Entry) -> bool:
    return entry.revision is not None and bool(FILLED[name][0](entry.revision))


def fill_text(text: str, name: str, entries: Iterable[Entry]) -> str:
    """Add title and first paragraph of each answer to the text of this name, where it does not have them."""
    _fills, field = FILLED[name]
    for entry in entries:
        first_paragraph = getattr(entry.revision, field).strip().partition("\n")[0]
        added = f"{entry.row.unit.title}\n{_shorten(first_paragraph, EXCERPT)}".strip()
        text = text if added in text else f"{text}\n\n{added}".strip()
    return text


def brief_document(brief: Brief) -> tree.Document:
    report = brief.report
    title = str(TITLE)
    mark = _mark(report)
    return tree.Document(
        date=report.at.date(),
        title=title,
        body=format_list(body.name for body in report.bodies),
        author=report.respondent.name,
        marking=mark,
        reference=mark,
        running=f"{report.respondent.name}: {title}",
        foot=data_note(report),
        chapters=[tree.DocumentPart(str(title), list(blocks)) for title, blocks in _chapters(brief)],
        has_cover=False,
        is_continuous=True,
    )


def _mark(report: StateReport) -> str:
    """Say what of the brief is submitted: at most its figures."""
    submission = report.submission
    if submission is None:
        return report.mark
    if submission.is_withdrawn:
        # Translators: reference: reference of a submission, such as XAA/2026/3. “Other parts”: of the brief.
        return _("Figures: %(reference)s (withdrawn). Other parts not submitted.") % {"reference": submission.reference}
    # Translators: reference: reference of a submission, such as XAA/2026/3. “Other parts”: of the brief.
    return _("Figures: %(reference)s. Other parts not submitted.") % {"reference": submission.reference}


def _chapters(brief: Brief) -> Iterator[tuple[str, Iterable[tree.Block]]]:
    report, texts = brief.report, brief.texts
    overdue = [entry for entry in report.to_answer if is_overdue(entry.row, brief.at)]
    asking = [entry for entry in report.to_answer if needs_assistance(entry.row)]
    yield _("Summary"), _summary(brief)
    if texts and texts.done:
        yield _("What was done"), _paragraphs(texts.done)
    if texts and texts.missing:
        yield _("What is missing"), _paragraphs(texts.missing)
    yield _("For decision"), _decisions(texts.decisions if texts else "")
    yield f"{_('Target date passed')} ({len(overdue)})", _listed(overdue, _target_table)
    yield f"{_('Assistance needed')} ({len(asking)})", _listed(asking, _assistance_table)
    # Translators: Heading: the office that cleared (approved) the text.
    yield _("Clearance"), [tree.Blanks([_("Prepared by"), _("Clearing office"), _("Signature and date")])]
    # Translators: Heading: where the figures and the recommendations come from.
    yield _("Sources"), _sources(report)


def _summary(brief: Brief) -> Iterator[tree.Block]:
    now, before = brief.compared
    code = brief.earlier.round.code if brief.earlier else ""
    yield tree.Paragraph(tree.own(" ".join(brief_sentences(now, before, code))), is_lead=True)
    yield status_bar(brief.report.figures.overall)
    if brief.earlier:
        # Translators: reference: of an earlier submission, such as XAA/2024/1; both: number of recommendations.
        note = _("Compared with %(reference)s. Recommendations in both rounds: %(both)s.")
        yield tree.own_note(note % {"reference": brief.earlier.reference, "both": now.total})


def _paragraphs(text: str) -> Iterator[tree.Block]:
    for title, words in paragraphs_of(text):
        if title:
            yield tree.Heading(title, is_listed=False)
        yield tree.Paragraph(tree.state_text(words))


def _decisions(text: str) -> Iterator[tree.Block]:
    decisions = decisions_of(text)
    if not decisions:
        yield tree.Paragraph(tree.own(_("None")))
        return
    # Translators: A decision: of the Conference, on a request, or of a minister.
    heads = [(_("Decision"), 10), (_("Date"), 4), (_("Lead institution"), 6)]
    rows: tree.Rows = [
        [tree.state_text(decision.text), day_in_words(decision.due_on), tree.state_text(decision.lead)]
        for decision in decisions
    ]
    yield tree.make_table(_("For decision"), heads, rows)


def _listed(entries: list[Entry], write_table: Callable[[list[Entry]], tree.Table]) -> Iterator[tree.Block]:
    """List all, or where they are many, count them by theme."""
    if not entries:
        yield tree.Paragraph(tree.own(_("None")))
    elif len(entries) <= LISTED:
        yield write_table(entries)
    else:
        groups = by_theme(entry.row for entry in entries)
        yield tree.Paragraph(tree.own(format_phrases(f"{name_of(group.of)} {len(group.rows)}" for group in groups)))


def _target_table(entries: list[Entry]) -> tree.Table:
    heads = [(_("Recommendation"), 8), (_("Target date"), 4), (_("Lead institution"), 5), (_("Status"), 5)]
    rows: tree.Rows = [
        [
            tree.unit_cell(entry.row.unit),
            day_in_words(open_target(entry.row)),
            _institution(entry),
            tree.Cell(tree.own(status_name(entry)), code=entry.row.status),
        ]
        for entry in sorted(entries, key=lambda entry: str(open_target(entry.row)))
    ]
    return tree.make_table(_("Target date passed"), heads, rows)


def _assistance_table(entries: list[Entry]) -> tree.Table:
    # Translators: One recommendation.
    heads = [(_("Recommendation"), 8), (_("Kind"), 12)]
    rows: tree.Rows = [[tree.unit_cell(entry.row.unit), _kinds(entry)] for entry in entries]
    return tree.make_table(_("Assistance needed"), heads, rows)


def _kinds(entry: Entry) -> str:
    return format_list(kind.label for kind in entry.assistance_kinds) or _("Kind not specified")


def _sources(report: StateReport) -> Iterator[tree.Block]:
    yield tree.own_note(_("All answers with their evidence: full report (separate file)."))
    yield tree.own_note(report.notice)


def _institution(entry: Entry) -> tree.TextRun:
    return tree.state_text(_shorten(entry.row.institution_name, NAME))


def _shorten(text: str, limit: int) -> str:
    """Cut after a word; in a script without spaces, or a very long word, after a letter."""
    short = textwrap.shorten(text, limit, placeholder=" …")
    return short if len(short) > limit / 2 else Truncator(" ".join(text.split())).chars(limit)
