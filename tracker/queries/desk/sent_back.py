from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from tracker.models import Proposal, Respondent, Revision, User
from tracker.models.proposal import EVIDENCE_NAMED
from tracker.queries.desk.proposals import AnswersBeside, ShownProposal, answers_beside, as_read
from tracker.queries.difference import Difference, compare_fields, words_of


class SentProposal(NamedTuple):
    """`changes` says what the document adds to `current`; `site_changes` compares `current` with `sent`, the revision
    from which the questionnaire was made. `is_only`: no other that was read is for the same recommendation.
    """

    offered: ShownProposal
    current: Revision | None
    sent: Revision | None
    changes: list[Difference]
    site_changes: list[Difference]
    is_only: bool

    @property
    def proposal(self) -> Proposal:
        return self.offered.proposal

    @property
    def base(self) -> int:
        return self.current.number if self.current else 0

    @property
    def withdrawn(self) -> int | None:
        return self.current.last_withdrawal() if self.current else None

    @property
    def stamp(self) -> str:
        return f"{self.proposal.stamp}.{self.base}.{self.withdrawn or 0}"

    @property
    def evidence_named(self) -> str:
        return self.proposal.fields.get(EVIDENCE_NAMED, "")

    @property
    def has_conflict(self) -> bool:
        return bool(self.offered.combination.clashes)

    @property
    def is_selected_at_first(self) -> bool:
        return self.is_only and not self.has_conflict


def proposals_sent_back(respondent: Respondent, reader: User) -> QuerySet[Proposal]:
    own = Proposal.objects.visible_to(reader).filter(respondent=respondent, origin=Proposal.Origin.QUESTIONNAIRE)
    own = own.waiting().order_by("received_from", "received_on", "unit__body", "unit__position", "pk")
    return own.select_related("respondent", "unit__current_wording", "author", "withdrawal")


def waiting_rows(proposals: Iterable[Proposal], respondent: Respondent, reader: User) -> list[SentProposal]:
    """Read in five queries for any number of suggestions."""
    proposals = list(proposals)
    beside = answers_beside(respondent, {proposal.unit for proposal in proposals}, proposals, reader)
    counts = Counter(proposal.unit_id for proposal in proposals)
    return [
        _waiting(offered, beside, is_only=counts[offered.proposal.unit_id] == 1)
        for offered in as_read(proposals, beside, reader)
    ]


def _waiting(offered: ShownProposal, beside: AnswersBeside, *, is_only: bool) -> SentProposal:
    proposal = offered.proposal
    current = beside.current.get(proposal.unit_id)
    sent = beside.earlier.get((proposal.unit_id, proposal.base))
    now = words_of(current)
    changes, site_changes = compare_fields(now, offered.words), compare_fields(words_of(sent), now)
    return SentProposal(offered, current, sent, changes, site_changes, is_only)
