from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from recommendations.days import day_in_words
from recommendations.groups import group_pairs
from recommendations.lists import format_list, format_phrases
from recommendations.models import Meeting, Theme
from tracker.documents import tree
from tracker.documents.receipt import digest_text
from tracker.documents.report.answer import answer, answer_text, status_name, unit_link
from tracker.documents.report.changes import AnswerChange, changes_since
from tracker.documents.report.sentences import summary_sentences
from tracker.documents.report.state import TITLE, Entry, ReportSection, StateReport
from tracker.figures.answers import Progress, open_target
from tracker.models import Submission
from tracker.models.answer_fields import UNFINISHED
from tracker.models.evidence import KINDS
from tracker.models.status import LABELS, NO_INFORMATION
from tracker.queries.addressees import describe_unit_count, treaty_status


class ReportPart(TextChoices):
    # Translators: Part of a report.
    SUMMARY = "summary", gettext_lazy("Summary")
    FINDINGS = "findings", gettext_lazy("Status by theme or by meeting, with charts")
    GAPS = "gaps", gettext_lazy("Gaps and plans")
    # Translators: Technical assistance that the State needs.
    ASSISTANCE = "assistance", gettext_lazy("Assistance needed")
    PRACTICES = "practices", gettext_lazy("Good practices")
    ANSWERS = "answers", gettext_lazy("Annex: all answers, with evidence")


@dataclass(frozen=True)
class Choice:
    parts: frozenset[str] = frozenset(ReportPart.values)
    grouping: str = "theme"
    since: Submission | None = None
    authority: str = ""
    as_at: date | None = None

    @property
    def values(self) -> list[object]:
        since = self.since.digest if self.since else ""
        return [sorted(self.parts), self.grouping, since, self.authority, self.as_at]


def document(report: StateReport, choice: Choice) -> tree.Document:
    submission = report.submission
    respondent = report.respondent
    return tree.Document(
        date=report.at.date(),
        title=str(TITLE),
        body=format_list(body.name for body in report.bodies),
        author=respondent.name,
        marking=report.mark,
        reference=submission.reference if submission else _("Working document"),
        running=f"{respondent.name}: {TITLE}",
        foot=data_note(report),
        sealed=f"SHA-256 {digest_text(report.digest)}" if submission else "",
        digest=report.digest,
        facts=_cover_facts(report, choice),
        statements=report.statements,
        chapters=list(_report_parts(report, choice)),
    )


def data_note(report: StateReport) -> str:
    at = date_format(report.at, "DATETIME_FORMAT")
    if report.submission:
        # Translators: At the foot of each page. at: date and time.
        return _("Submitted on %(at)s UTC") % {"at": at}
    return " · ".join([_("Data as at %(at)s UTC") % {"at": at}, _("Current answers (not submitted)")])


def _cover_facts(report: StateReport, choice: Choice) -> tree.Facts:
    submission = report.submission
    at = date_format(report.at, "DATETIME_FORMAT")
    rows = [
        # Translators: Label of a field and line on the cover of a report: name of an authority.
        (_("Prepared by"), choice.authority),
        (_("Situation as at"), day_in_words(choice.as_at)),
        (
            _("Data as at"),
            # Translators: at: date and time.
            _("%(at)s UTC") % {"at": at},
        ),
        (
            _("Source"),
            " · ".join([submission.reference, submission.round.name])
            if submission
            else _("Current answers (not submitted)"),
        ),
        (_("Digest (SHA-256)"), digest_text(report.digest)),
        (_("Verification code"), submission.code if submission else ""),
        # Translators: Whether a State is a party to the Protocol and to the Convention.
        (_("Treaty status"), treaty_status(report.respondent)),
        (_("Recommendations"), describe_unit_count(report.respondent, len(report.to_answer))),
        # Translators: Answers of an earlier round that the State confirmed as still correct. A number follows.
        (_("Confirmed unchanged"), str(report.confirmed or "")),
    ]
    return tree.own_facts(rows)


def _report_parts(report: StateReport, choice: Choice) -> Iterator[tree.DocumentPart]:
    for part, blocks in PARTS.items():
        if part in choice.parts:
            yield tree.DocumentPart(_title_of(part, choice), list(blocks(report, choice)), part.value)
        if part == ReportPart.PRACTICES and choice.since:
            # Translators: Heading of a chapter. reference: of an earlier submission, such as XAA/2026/1.
            title = _("Changes since %(reference)s") % {"reference": choice.since.reference}
            yield tree.DocumentPart(title, list(_changes(report, choice.since)), "changes")
    if ReportPart.ANSWERS in choice.parts and report.evidence:
        yield tree.DocumentPart(_("Annex: evidence cited"), list(references(report)), "evidence")


def _title_of(part: ReportPart, choice: Choice) -> str:
    if part == ReportPart.FINDINGS:
        return _("Status by meeting") if choice.grouping == "meeting" else _("Status by theme")
    return str(part.label)


def _summary(report: StateReport, choice: Choice) -> Iterator[tree.Block]:
    overall = report.figures.overall
    yield tree.Paragraph(tree.own(" ".join(summary_sentences(overall))), is_lead=True)
    yield status_bar(overall)
    yield from _considered(overall)
    yield tree.own_note(" ".join(map(str, (report.own_statements[0], *report.own_statements[3:]))))


def status_bar(progress: Progress) -> tree.StatusBar:
    """Draw all recommendations in a large bar, “No information” last."""
    return _bar(_("Recommendations"), _counted(progress), is_large=True)


def _considered(progress: Progress) -> Iterator[tree.Block]:
    if progress.considered.numerator:
        sentence = _(
            # Translators: asked and others: numbers of answers.
            "Considered, not taken up: %(asked)s on recommendations that ask States to consider a measure, "
            "%(others)s on other recommendations."
        )
        counts = {"asked": progress.considered_where_asked.numerator, "others": progress.considered_elsewhere.numerator}
        yield tree.own_note(sentence % counts)


# By theme or by meeting


def _section_figures(report: StateReport, choice: Choice) -> Iterator[tree.Block]:
    sections = report.sections(choice.grouping)
    yield tree.own_note(_("Bars show all recommendations addressed to the State. “No information” comes last."))
    yield _bar_table(report, sections, choice)
    for section in sections:
        yield tree.Heading(_heading(section))
        yield from _section_head(report, section)
        yield _units_table(section, choice)


def _bar_table(report: StateReport, sections: list[ReportSection], choice: Choice) -> tree.Table:
    of = _("Meeting") if choice.grouping == "meeting" else _("Theme")
    # Translators: Heading of a column with a bar in each row; for screen readers.
    heads: list[tuple[tree.Content, int]] = [
        (of, 7),
        (_("Bar chart"), 3),
        (pgettext("answers", "Requested"), 0),
        (_("Answered"), 0),
    ]
    heads += [(tree.Cell(tree.own(str(label)), code=code), 0) for code, label in LABELS.items()]
    rows = [_count_cells(name_of(section.of), section.progress) for section in sections]
    return tree.make_table(
        _title_of(ReportPart.FINDINGS, choice),
        heads,
        [*rows, _count_cells(_("All"), report.figures.overall)],
        has_total=True,
    )


def _count_cells(name: str, progress: Progress) -> list[tree.Content]:
    counts = [str(progress.total), str(progress.answered)]
    for status, figure in progress.distribution.items():
        in_two = status.is_considered and figure.numerator
        where, elsewhere = progress.considered_where_asked.numerator, progress.considered_elsewhere.numerator
        counts.append(f"{where} + {elsewhere}" if in_two else str(figure.numerator))
    counts.append(str(progress.no_information.numerator))
    bar = _bar(name, _counted(progress), has_legend=False)
    return [name, tree.Cell(tree.own(""), bar=bar), *counts]


def _section_head(report: StateReport, section: ReportSection) -> Iterator[tree.Block]:
    asked = section.progress.total
    sentence = ngettext(
        # Translators: answered, asked: numbers of recommendations.
        "%(answered)s of %(asked)s recommendation answered.",
        "%(answered)s of %(asked)s recommendations answered.",
        asked,
    )
    counts = {"answered": section.progress.answered, "asked": asked}
    yield tree.own_note(f"{sentence % counts} {report.own_statements[0]}")
    yield _bar(name_of(section.of), _counted(section.progress))
    yield from _considered(section.progress)


def _units_table(section: ReportSection, choice: Choice) -> tree.Table:
    heads = [(_("Recommendation"), 8), (_("Status"), 5), (_("Lead institution"), 5), (_("Target date"), 3)]
    has_answers = ReportPart.ANSWERS in choice.parts
    rows: tree.Rows = [
        [
            tree.unit_cell(entry.row.unit, to=unit_link(entry.row.unit) if has_answers else ""),
            tree.Cell(tree.own(status_name(entry)), code=entry.row.status),
            tree.state_text(entry.row.institution_name),
            day_in_words(open_target(entry.row)),
        ]
        for entry in section.entries
    ]
    return tree.make_table(_heading(section), heads, rows)


# Gaps, assistance, good practices, changes


def _gaps(report: StateReport, choice: Choice) -> Iterator[tree.Block]:
    unfinished = [entry for entry in report.to_answer if entry.row.status in UNFINISHED]
    dated = report.figures.target_dated
    yield tree.own_facts(
        [
            (_("Not fully implemented"), str(dated.denominator)),
            (_("Outstanding recommendations with a target date"), str(dated.numerator)),
            (_("Outstanding recommendations whose target date has passed"), str(report.figures.overdue.numerator)),
        ]
    )
    if unfinished:
        yield tree.Heading(_("Not fully implemented"))
        yield from (_answer_part(entry, "difficulties", choice) for entry in unfinished)
    silent = [section for section in report.sections(choice.grouping) if section.progress.no_information.numerator]
    if silent:
        yield tree.Heading(_("No information"))
        yield tree.own_facts((name_of(section.of), _unanswered_text(section)) for section in silent)


def _unanswered_text(section: ReportSection) -> str:
    return tree.list_units(entry.row.unit for entry in section.entries if not entry.row.is_answered)


def _assistance(report: StateReport, choice: Choice) -> Iterator[tree.Block]:
    needed = report.figures.assistance_needed
    sentence = ngettext(
        # Translators: count and answered: numbers.
        "%(count)d of %(answered)d answers asks for technical assistance. An answer may ask for several kinds.",
        "%(count)d of %(answered)d answers ask for technical assistance. An answer may ask for several kinds.",
        needed.numerator,
    )
    yield tree.Paragraph(tree.own(sentence % {"count": needed.numerator, "answered": needed.denominator}))
    for kind, entries in report.assistance:
        yield tree.Heading(f"{kind} ({len(entries)})")
        yield from (_answer_part(entry, "assistance", choice) for entry in entries)


def _practices(report: StateReport, choice: Choice) -> Iterator[tree.Block]:
    entries = [entry for entry in report.entries if entry.revision and entry.revision.good_practice]
    if not entries:
        yield tree.Paragraph(tree.own(_("No answer is marked as a good practice.")))
        return
    sentence = ngettext(
        # Translators: shown: number of good practices.
        "%(shown)s good practice",
        "%(shown)s good practices",
        len(entries),
    )
    yield tree.Paragraph(tree.own(sentence % {"shown": len(entries)}))
    yield from (_answer_part(entry, "measures", choice) for entry in entries)


def _answer_part(entry: Entry, name: str, choice: Choice) -> tree.AnswerPart:
    target = open_target(entry.row)
    due = f"{_('Target date')} · {day_in_words(target)}" if target else ""
    return tree.AnswerPart(
        label=entry.row.unit.label,
        title=entry.row.unit.title,
        to=unit_link(entry.row.unit) if ReportPart.ANSWERS in choice.parts else "",
        code=entry.row.status,
        status=status_name(entry),
        words=answer_text(entry, name),
        notes=[note for note in (tree.state_text(entry.row.institution_name), tree.own(due)) if note.text],
    )


def _changes(report: StateReport, since: Submission) -> Iterator[tree.Block]:
    changed = changes_since(report, since)
    sentence = ngettext(
        # Translators: units: number of answers. reference: such as XAA/2026/1.
        "%(units)s answer differs from %(reference)s.",
        "%(units)s answers differ from %(reference)s.",
        len(changed),
    )
    yield tree.Paragraph(tree.own(sentence % {"units": len(changed), "reference": since.reference}))
    for change in changed:
        yield tree.Heading(change.label, is_listed=False)
        yield _change_table(change)


def _change_table(change: AnswerChange) -> tree.Table:
    rows: tree.Rows = []
    for difference in change.differences:
        before, after = difference.before, difference.after
        texts = tree.state_text(before, change.before_language), tree.state_text(after, change.language)
        rows.append([difference.label, *(texts if difference.is_text else (before, after))])
    # Translators: Head of a column: name of a field of an answer.
    return tree.make_table(change.label, [(_("Field"), 3), (_("Previous"), 8), (_("Current"), 8)], rows)


# Every answer, and the evidence


def _answers(report: StateReport, choice: Choice) -> Iterator[tree.Block]:
    for section in report.sections(choice.grouping):
        yield tree.Heading(_heading(section))
        yield from _section_head(report, section)
        yield from (answer(report, entry) for entry in section.entries)
    if report.others:
        yield tree.Heading(_("Answers to other recommendations"))
        yield tree.own_note(_("The figures in this report do not include these answers."))
        yield from (answer(report, entry) for entry in report.others)


def references(report: StateReport) -> Iterator[tree.Block]:
    citing = group_pairs((cited.key, entry.row.unit) for entry in report.entries for cited in entry.citations)
    for cited in report.evidence:
        number = _("Version %(number)s") % {"number": cited.number}
        kind = format_list(filter(None, [str(KINDS[cited.kind]), day_in_words(cited.document_date), number]))
        notes = [
            tree.own(kind),
            tree.own(_("Cited in") + "\n" + tree.list_units(citing[cited.key])),
            *[tree.state_text(text) for text in (cited.file_name, cited.url, cited.citation)],
            tree.own(_("The file was removed.") if cited.withdrawal else ""),
        ]
        yield tree.Reference(
            number=cited.evidence,
            anchor=cited.anchor,
            title=tree.state_text(cited.title or _("Title removed"), cited.language),
            notes=[note for note in notes if note.text],
            digest=cited.sha256 or "",
        )


PARTS = {
    ReportPart.SUMMARY: _summary,
    ReportPart.FINDINGS: _section_figures,
    ReportPart.GAPS: _gaps,
    ReportPart.ASSISTANCE: _assistance,
    ReportPart.PRACTICES: _practices,
    ReportPart.ANSWERS: _answers,
}


# Words


def _bar(
    title: str, counts: list[tuple[str, str, int]], *, is_large: bool = False, has_legend: bool = True
) -> tree.StatusBar:
    described = format_phrases(f"{name} {count}" for _code, name, count in counts)
    return tree.StatusBar(f"{title}: {described}", counts, is_large, has_legend)


def _counted(progress: Progress) -> list[tuple[str, str, int]]:
    counts = {**progress.counts, NO_INFORMATION: progress.no_information.numerator}
    return [(code, str(label), counts[code]) for code, label in LABELS.items() if counts[code]]


def _heading(section: ReportSection) -> str:
    if isinstance(section.of, Meeting):
        return f"{section.of.roman}. {section.of.heading}"
    return f"{section.number}. {name_of(section.of)}"


def name_of(of: Theme | Meeting | None) -> str:
    return of.name if of else _("No theme")
