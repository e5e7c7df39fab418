"""Compare a State's report with one of its submissions, in three queries."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from recommendations.groups import group_pairs
from tracker.documents.report.state import StateReport
from tracker.models import Citation, Revision, Submission, SubmissionEvidence, SubmissionItem
from tracker.queries.difference import NO_WORDS, Difference, compare_sealed, in_words


class AnswerChange(NamedTuple):
    """`label`: with the title."""

    label: str
    before_language: str
    language: str
    differences: list[Difference]


def changes_since(report: StateReport, since: Submission) -> list[AnswerChange]:
    """Return the changes in the order of the paper. Evidence withheld on either side is left out."""
    items = (
        SubmissionItem.objects.of_submissions([since])
        .select_related("unit", "revision")
        .only("revision__number", "unit__label", "unit__slug", "unit__title", "unit__position")
    )
    before = {item.unit_id: item.revision for item in items}
    now = {entry.row.unit.pk: entry.revision for entry in report.entries}
    found_units = [*(item.unit for item in items), *(entry.row.unit for entry in report.entries)]
    units = {unit.pk: (unit.position, unit.published_label_with_title) for unit in found_units}
    differing = [unit for unit in units if before.get(unit) != now.get(unit)]
    compared = [found for unit in differing for found in (before.get(unit), now.get(unit)) if found]
    revisions = Revision.objects.same_as(compared).select_related("withdrawal")
    cited = _citations(revisions, _withheld(report, since))
    words = {revision: in_words(revision, cited[revision.pk]) for revision in revisions}
    languages = {revision: revision.language for revision in revisions}
    found = []
    for unit in sorted(differing, key=lambda unit: units[unit]):
        old, new = before.get(unit), now.get(unit)
        different = compare_sealed(words.get(old, NO_WORDS), words.get(new, NO_WORDS))
        if different:
            found.append(AnswerChange(units[unit][1], languages.get(old, ""), languages.get(new, ""), different))
    return found


def _withheld(report: StateReport, since: Submission) -> QuerySet[SubmissionEvidence]:
    """Return the evidence that a report of a submission leaves out; the State's own users see all of it."""
    sealed = [since, report.submission] if report.submission else []
    return SubmissionEvidence.objects.of_submissions(sealed).filter(withheld=True)


def _citations(revisions: Iterable[Revision], withheld: QuerySet[SubmissionEvidence]) -> dict[int, list[Citation]]:
    citations = (
        Citation.objects.cited_by(revisions)
        .exclude(pk__in=withheld.values("citation"))
        .select_related("withdrawal", "evidence_version__evidence", "evidence_version__withdrawal")
    )
    return group_pairs((citation.revision_id, citation) for citation in citations.order_by("revision", "position"))
