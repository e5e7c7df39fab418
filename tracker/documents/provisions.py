"""Draft other reports of a State: its answers by the provision of the Protocol or the Convention that they serve.

The draft uses current answers, so only the State's own users may read it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.groups import group_pairs
from recommendations.models import Body, Provision, ServedProvision
from recommendations.queries import served_provisions
from tracker.documents.csv import csv_file
from tracker.documents.docx import write_docx
from tracker.documents.report.answer import answer
from tracker.documents.report.chapters import Choice, document, references
from tracker.documents.report.columns import ANSWERS, Column, cells, entry_values
from tracker.documents.report.state import Entry, StateReport, state_report
from tracker.documents.tree import Block, Document, DocumentPart, Heading, list_units, own_note
from tracker.models import Respondent, User
from tracker.models.status import NO_INFORMATION_LABEL

TITLE = gettext_lazy("Answers by provision")
IS_DRAFT = gettext_lazy(
    "A draft for the State’s other reporting obligations, based on its answers to the "
    "recommendations. The Secretariat links recommendations to provisions for working purposes; the "
    "links are not a legal interpretation."
)
OF_PROVISION = (
    Column("instrument", lambda served: served.provision.instrument),
    Column("article", lambda served: served.provision.article),
    Column("provision_title", lambda served: served.provision.title),
    Column("serves_because", lambda served: served.reason),
)


class ByProvision(NamedTuple):
    provision: Provision
    served: list[tuple[Entry, ServedProvision]]

    @property
    def answered(self) -> list[Entry]:
        return [entry for entry, _served in self.served if entry.row.is_answered]

    @property
    def unanswered(self) -> list[Entry]:
        return [entry for entry, _served in self.served if not entry.row.is_answered]


class ProvisionReport(NamedTuple):
    """`report` has the answers of these provisions only, `whole` all units to answer."""

    whole: StateReport
    report: StateReport
    provisions: list[ByProvision]


def draft(
    respondent: Respondent, reader: User, slug: str = "", body: Body | None = None, *, with_answers: bool = True
) -> ProvisionReport:
    """Read the provisions that the units of a body (the first if None) serve, or the provision with this slug."""
    whole = state_report(respondent, reader, body, with_answers=with_answers)
    serves = served_provisions([entry.row.unit for entry in whole.entries])
    found = group_pairs(
        (served.provision, (entry, served))
        for entry in whole.entries
        for served in serves[entry.row.unit.pk]
        if slug in ("", served.provision.slug)
    )
    provisions = [
        ByProvision(each, found[each])
        for each in sorted(found, key=lambda provision: (provision.position, provision.pk))
    ]
    keys = {entry.row.unit.pk for served in found.values() for entry, _served in served}
    to_answer, others = (
        [entry for entry in part if entry.row.unit.pk in keys] for part in (whole.to_answer, whole.others)
    )
    return ProvisionReport(whole, replace(whole, to_answer=to_answer, others=others), provisions)


def draft_csv(found: ProvisionReport) -> str:
    listed = [pair for of_provision in found.provisions for pair in of_provision.served]
    columns = [
        *cells(OF_PROVISION, ((served,) for _entry, served in listed)),
        *cells(ANSWERS, entry_values(found.report, [entry for entry, _served in listed])),
    ]
    return csv_file([column.header for column in (*OF_PROVISION, *ANSWERS)], columns)


def draft_docx(found: ProvisionReport) -> bytes:
    return write_docx(_document(found))


def _document(found: ProvisionReport) -> Document:
    whole = document(found.whole, Choice(parts=frozenset()))
    chapters = [
        DocumentPart(str(served_provision.provision), list(_section(found.report, served_provision)))
        for served_provision in found.provisions
    ]
    if found.report.evidence:
        chapters.append(DocumentPart(_("Annex: evidence cited"), list(references(found.report)), "evidence"))
    return replace(
        whole,
        title=str(TITLE),
        running=f"{whole.author}: {TITLE}",
        statements=[str(IS_DRAFT), *whole.statements],
        chapters=chapters,
    )


def _section(report: StateReport, served_provision: ByProvision) -> Iterator[Block]:
    yield Heading(served_provision.provision.title, is_listed=False)
    yield own_note(counted(served_provision))
    for entry in served_provision.answered:
        block = answer(report, entry)
        yield replace(block, anchor=f"{served_provision.provision.slug}-{block.anchor}")
    if served_provision.unanswered:
        yield own_note(str(NO_INFORMATION_LABEL))
        yield own_note(list_units(entry.row.unit for entry in served_provision.unanswered))


def counted(served_provision: ByProvision) -> str:
    counts = {"answered": len(served_provision.answered), "all": len(served_provision.served)}
    # Translators: all, answered: numbers of recommendations.
    return _("Recommendations linked to this provision: %(all)d. Answered: %(answered)d.") % counts
