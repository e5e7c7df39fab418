from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from tracker.models import Proposal, Respondent, Revision, User
from tracker.models.proposal import EVIDENCE_NAMED, SENT
from tracker.queries.desk.copies import with_citations
from tracker.queries.desk.proposals import ShownProposal, as_read
from tracker.queries.difference import Difference, compare_fields, words_of


class SentProposal(NamedTuple):
    """`changes` compares the document with `current`; `site_changes` compares `current` with `sent`, the revision from
    which the questionnaire was made.
    """

    offered: ShownProposal
    current: Revision | None
    sent: Revision | None
    changes: list[Difference]
    site_changes: list[Difference]

    @property
    def proposal(self) -> Proposal:
        return self.offered.proposal

    @property
    def base(self) -> int:
        return self.current.number if self.current else 0

    @property
    def withdrawn(self) -> int | None:
        return self.current.last_withdrawal(self.current.citations.all()) if self.current else None

    @property
    def stamp(self) -> str:
        return f"{self.proposal.stamp}.{self.base}.{self.withdrawn or 0}"

    @property
    def evidence_named(self) -> str:
        return self.proposal.fields.get(EVIDENCE_NAMED, "")

    @property
    def is_stale(self) -> bool:
        """Return whether the answer changed after the upload: accepting the suggestion would undo the change."""
        return self.base != self.proposal.base

    @property
    def has_conflict(self) -> bool:
        return bool({change.name for change in self.changes} & {change.name for change in self.site_changes})


def proposals_sent_back(respondent: Respondent, reader: User) -> QuerySet[Proposal]:
    own = Proposal.objects.visible_to(reader).filter(respondent=respondent, origin=Proposal.Origin.QUESTIONNAIRE)
    own = own.waiting().order_by("received_from", "received_on", "unit__body", "unit__position", "pk")
    return own.select_related("respondent", "unit__current_wording", "author", "withdrawal")


def waiting_rows(proposals: Iterable[Proposal], respondent: Respondent, reader: User) -> list[SentProposal]:
    """Read in five queries for any number of suggestions."""
    proposals = list(proposals)
    revisions = {
        (revision.record.recommendation_id, revision.number): revision
        for revision in _revisions(respondent, reader, proposals)
    }
    current = {unit: revision for (unit, _number), revision in revisions.items() if _is_current(revision)}
    return [
        _waiting(offered, current.get(offered.proposal.unit_id), revisions) for offered in as_read(proposals, reader)
    ]


def _revisions(respondent: Respondent, reader: User, proposals: list[Proposal]) -> QuerySet[Revision]:
    units = {proposal.unit_id for proposal in proposals}
    numbers = {proposal.fields.get(SENT) for proposal in proposals}
    revisions = Revision.objects.visible_to(reader).filter(
        Q(pk=F("record__current")) | Q(number__in=numbers - {None}),
        record__respondent=respondent,
        record__recommendation__in=units,
    )
    return with_citations(revisions.select_related("record", "author", "withdrawal"), reader)


def _is_current(revision: Revision) -> bool:
    return revision.record.current_id == revision.pk


def _waiting(
    offered: ShownProposal, current: Revision | None, revisions: dict[tuple[int, int], Revision]
) -> SentProposal:
    proposal = offered.proposal
    sent = revisions.get((proposal.unit_id, proposal.fields.get(SENT) or 0))
    now = words_of(current)
    return SentProposal(offered, current, sent, compare_fields(now, offered.words), compare_fields(words_of(sent), now))
