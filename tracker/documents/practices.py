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
from tracker.documents import tree
from tracker.documents.csv import csv_with_statements
from tracker.documents.report.columns import Column, named, row
from tracker.documents.statements import USUAL, all_statements
from tracker.figures.practices import (
    PracticeAnswer,
    PracticeEntry,
    evidence_of,
    group_by_family,
    group_by_theme,
    read_practices,
)
from tracker.models import SubmissionEvidence


class Compendium(NamedTuple):
    """`evidence`: what is public of it, by item. `shown`: the day, and keys of the practices and of their evidence,
    which change with what States publish.
    """

    body: Body
    practices: list[PracticeAnswer]
    evidence: dict[int, list[SubmissionEvidence]]
    day: date

    @property
    def rows(self) -> list[tuple[PracticeAnswer, list[SubmissionEvidence]]]:
        return [(practice, self.evidence[practice.item.pk]) for practice in self.practices]

    @property
    def shown(self) -> list[object]:
        return [self.day, *([practice.item.pk, *(piece.pk for piece in pieces)] for practice, pieces in self.rows)]


def compendium(listed: list[PracticeEntry], body: Body) -> Compendium:
    """Read the practices that States publish, in two queries."""
    practices = read_practices(listed, None)
    return Compendium(body, practices, evidence_of(practices, None), timezone.now().date())


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
    return csv_with_statements([column.header for column in COLUMNS], (row(COLUMNS, *each) for each in made.rows))


def practices_json(made: Compendium) -> str:
    content = {
        "statements": [str(statement) for statement in USUAL],
        "practices": [named(COLUMNS, *each) for each in made.rows],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def practices_document(made: Compendium) -> tree.Document:
    # Translators: Title of a document: the good practices that States publish.
    title = _("Compendium of good practices, as described by States")
    day = day_in_words(made.day)
    states = len({practice.respondent for practice in made.practices})
    # Translators: Number of good practices in a document.
    practices = ngettext("%(count)s good practice", "%(count)s good practices", len(made.practices))
    return tree.Document(
        date=made.day,
        title=title,
        body=made.body.name,
        author="",
        marking=_("Published by States"),
        reference=practices % {"count": len(made.practices)},
        running=title,
        # Translators: day: date on which a document was made.
        foot=_("Data as at %(day)s") % {"day": day},
        facts=tree.own_facts(
            [
                (_("Data as at"), day),
                (_("Good practices"), str(len(made.practices))),
                (_("States"), str(states)),
            ]
        ),
        statements=[
            _(
                "Each practice is in the words and the language of the State that publishes it. A State may unpublish "
                "its answers: download the document again before you use it."
            ),
            *all_statements([practice.unit for practice in made.practices]),
        ],
        chapters=list(_document_parts(made)),
        is_continuous=True,
    )


def _document_parts(made: Compendium) -> Iterator[tree.DocumentPart]:
    for group in group_by_theme(made.practices):
        yield tree.DocumentPart(str(group.title), list(_theme_parts(made, group.practices)))
    groups = group_by_family(made.practices)
    if groups:
        blocks: list[tree.Block] = []
        for group in groups:
            blocks += [
                tree.Heading(str(group.title), is_listed=False),
                _states_by_unit(str(group.title), group.practices),
            ]
        yield tree.DocumentPart(_("By group of similar recommendations"), blocks)
    if not made.practices:
        yield tree.DocumentPart(_("Good practices"), [tree.own_note(_("No good practices"))])


def _theme_parts(made: Compendium, practices: list[PracticeAnswer]) -> Iterator[tree.Block]:
    last = None
    for practice in practices:
        if practice.unit != last:
            yield tree.Heading(practice.unit.published_label_with_title, is_listed=False)
            yield tree.Paragraph(tree.state_text(practice.unit.text, "en"), is_note=True)
        last = practice.unit
        pieces = made.evidence[practice.item.pk]
        # Translators: Under the words of a State. reference: of its submission; day: date; language: of the words.
        line = _("%(reference)s · Submitted on %(day)s · %(language)s")
        reference = line % {
            "reference": tree.isolated(practice.submission.reference),
            "day": day_in_words(practice.submission.sealed_at),
            "language": tree.isolated(practice.language_name),
        }
        # Translators: evidence: title and place of a document.
        evidence = [_("Evidence: %(evidence)s") % {"evidence": tree.isolated(evidence_line(piece))} for piece in pieces]
        words = tree.state_text(practice.words, practice.language)
        yield tree.Facts([(practice.respondent.name, [words, *map(tree.own, (reference, *evidence))])])


def _states_by_unit(title: str, practices: list[PracticeAnswer]) -> tree.Block:
    by_unit = group_pairs((practice.unit, practice.respondent.name) for practice in practices)
    rows: tree.Rows = [
        [tree.unit_cell(unit), format_list(map(tree.isolated, names))] for unit, names in by_unit.items()
    ]
    return tree.make_table(title, [(_("Recommendation"), 6), (_("States"), 6)], rows)


def evidence_line(piece: SubmissionEvidence) -> str:
    """Name a piece of public evidence by title, place and address; of a file, by name."""
    citation, version = piece.citation, piece.citation.evidence_version
    file_name = version.file_name if version.file and not version.file.withdrawal_id else ""
    return ", ".join(filter(None, [version.title, citation.pinpoint, version.citation, version.url or file_name]))
