"""Write the compendium of good practices that States publish, as document and as data.

The columns are documented in docs/reference/practice-columns.md. The words are those of States, and nothing is counted.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.days import day_in_words
from recommendations.groups import group_pairs
from recommendations.lists import format_list
from recommendations.models import Body
from tracker.documents.csv import csv_with_statements
from tracker.documents.docx import report_docx
from tracker.documents.pdf import report_pdf
from tracker.documents.report.columns import Column, named, row
from tracker.documents.statements import USUAL, all_statements
from tracker.documents.tree import (
    Block,
    Document,
    DocumentPart,
    Facts,
    Heading,
    Paragraph,
    Rows,
    isolated,
    make_table,
    own,
    own_facts,
    own_note,
    state_text,
    unit_cell,
)
from tracker.figures.practices import (
    PracticeAnswer,
    PracticeEntry,
    evidence_of,
    group_by_family,
    group_by_theme,
    read_practices,
)
from tracker.models import SubmissionEvidence


class CompendiumRow(NamedTuple):
    """`pieces`: the public evidence."""

    practice: PracticeAnswer
    pieces: list[SubmissionEvidence]


class Compendium(NamedTuple):
    """`shown`: the day, and keys of the practices and of their evidence, which change with what States publish."""

    body: Body
    listed: list[PracticeEntry]
    rows: dict[int, CompendiumRow]
    day: date

    @property
    def shown(self) -> list[object]:
        return [self.day, *([item, *(piece.pk for piece in row.pieces)] for item, row in self.rows.items())]


def compendium(listed: list[PracticeEntry], body: Body) -> Compendium:
    """Read the practices that States publish, in two queries."""
    practices = read_practices(listed, None)
    evidence = evidence_of(practices, None)
    rows = {practice.item.pk: CompendiumRow(practice, evidence[practice.item.pk]) for practice in practices}
    return Compendium(body, [entry for entry in listed if entry.item in rows], rows, timezone.now().date())


COLUMNS = (
    Column("respondent", lambda practice, pieces: practice.respondent.code),
    Column("respondent_name", lambda practice, pieces: practice.respondent.name),
    Column("body", lambda practice, pieces: practice.unit.body_slug),
    Column("label", lambda practice, pieces: practice.unit.label),
    Column("title", lambda practice, pieces: practice.unit.title),
    Column("text", lambda practice, pieces: practice.unit.text),
    Column("theme", lambda practice, pieces: practice.unit.primary_theme and practice.unit.primary_theme.slug),
    Column("theme_name", lambda practice, pieces: practice.unit.primary_theme and practice.unit.primary_theme.name),
    Column("groups", lambda practice, pieces: [family.slug for family in practice.families]),
    Column("group_names", lambda practice, pieces: [family.name for family in practice.families]),
    Column("practice", lambda practice, pieces: practice.words),
    Column("language", lambda practice, pieces: practice.language),
    Column("submission", lambda practice, pieces: practice.submission.reference),
    Column("submitted_at", lambda practice, pieces: practice.submission.sealed_at),
    Column("evidence", lambda practice, pieces: [evidence_line(piece) for piece in pieces]),
)


def practices_csv(made: Compendium) -> str:
    return csv_with_statements([column.header for column in COLUMNS], (row(COLUMNS, *each) for each in _rows(made)))


def practices_json(made: Compendium) -> str:
    content = {
        "statements": [str(statement) for statement in USUAL],
        "practices": [named(COLUMNS, *each) for each in _rows(made)],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def practices_docx(made: Compendium) -> bytes:
    return report_docx(practices_document(made))


def practices_pdf(made: Compendium) -> bytes:
    return report_pdf(practices_document(made))


def _rows(made: Compendium) -> Iterator[CompendiumRow]:
    return (made.rows[entry.item] for entry in made.listed)


def practices_document(made: Compendium) -> Document:
    # Translators: Title of a document: the good practices that States publish.
    title = _("Compendium of good practices, as described by States")
    day = day_in_words(made.day)
    states = len({entry.respondent for entry in made.listed})
    # Translators: Number of good practices in a document.
    practices = ngettext("%(count)s good practice", "%(count)s good practices", len(made.listed))
    return Document(
        date=made.day,
        title=title,
        body=made.body.name,
        state="",
        marking=_("Published by States"),
        reference=practices % {"count": len(made.listed)},
        running=title,
        # Translators: day: date on which a document was made.
        foot=_("Data as at %(day)s") % {"day": day},
        facts=own_facts(
            [
                (_("Data as at"), day),
                (_("Good practices"), str(len(made.listed))),
                (_("States"), str(states)),
            ]
        ),
        statements=[
            _(
                "Each practice is in the words and the language of the State that publishes it. A State may unpublish "
                "its answers: download the document again before you use it."
            ),
            *all_statements([entry.unit for entry in made.listed]),
        ],
        chapters=list(_document_parts(made)),
        is_continuous=True,
    )


def _document_parts(made: Compendium) -> Iterator[DocumentPart]:
    for group in group_by_theme(made.listed):
        yield DocumentPart(str(group.title), list(_theme_parts(made, group.practices)))
    groups = group_by_family(made.listed)
    if groups:
        blocks: list[Block] = []
        for group in groups:
            blocks += [Heading(str(group.title), is_listed=False), _states_by_unit(str(group.title), group.practices)]
        yield DocumentPart(_("By group of similar recommendations"), blocks)
    if not made.listed:
        yield DocumentPart(_("Good practices"), [own_note(_("No good practices"))])


def _theme_parts(made: Compendium, practices: list[PracticeEntry]) -> Iterator[Block]:
    last = None
    for entry in practices:
        if entry.unit != last:
            yield Heading(entry.unit.label_with_title, is_listed=False)
            yield Paragraph(state_text(entry.unit.text, "en"), is_note=True)
        last = entry.unit
        practice, pieces = made.rows[entry.item]
        # Translators: Under the words of a State. reference: of its submission; day: date; language: of the words.
        line = _("%(reference)s · Submitted on %(day)s · %(language)s")
        reference = line % {
            "reference": isolated(practice.submission.reference),
            "day": day_in_words(practice.submission.sealed_at),
            "language": isolated(practice.language_name),
        }
        # Translators: evidence: title and place of a document.
        evidence = [_("Evidence: %(evidence)s") % {"evidence": isolated(evidence_line(piece))} for piece in pieces]
        words = state_text(practice.words, practice.language)
        yield Facts([(practice.respondent.name, [words, *map(own, (reference, *evidence))])])


def _states_by_unit(title: str, practices: list[PracticeEntry]) -> Block:
    by_unit = group_pairs((entry.unit, entry.respondent.name) for entry in practices)
    rows: Rows = [[unit_cell(unit), format_list(map(isolated, names))] for unit, names in by_unit.items()]
    return make_table(title, [(_("Recommendation"), 6), (_("States"), 6)], rows)


def evidence_line(piece: SubmissionEvidence) -> str:
    """Name a piece of public evidence by title, place and address; of a file, by name."""
    citation, version = piece.citation, piece.citation.evidence_version
    file_name = version.file_name if version.file and not version.file.withdrawal_id else ""
    return ", ".join(filter(None, [version.title, citation.pinpoint, version.citation, version.url or file_name]))
