from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from tracker.models import Assignment, Proposal, Respondent, Revision, User
from tracker.models.proposal import EVIDENCE_NAMED
from tracker.queries.desk.proposals import AnswersBeside, ShownProposal, answers_beside, as_read
from tracker.queries.difference import Difference, compare_fields, words_of


class SentProposal(NamedTuple):
    """`changes` says what the document adds to `current`; `site_changes` compares `current` with `sent`, the revision
    from which the questionnaire was made.
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
    def source(self) -> str:
        """Return the heading below which it is listed; empty where several suggest an answer."""
        return "" if self.proposal.has_others else self.proposal.received_from  # type: ignore[attr-defined]  # annotated

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
    def is_shared(self) -> bool:
        """Return whether somebody else changed the same field, or suggests another answer."""
        return self.has_conflict or self.proposal.has_others  # type: ignore[attr-defined]  # annotated


def proposals_sent_back(respondent: Respondent, reader: User) -> QuerySet[Proposal]:
    own = Proposal.objects.visible_to(reader).filter(respondent=respondent, origin=Proposal.Origin.QUESTIONNAIRE)
    of_unit = Proposal.objects.visible_to(reader).filter(respondent=respondent, unit=OuterRef("unit")).waiting()
    assigned = Assignment.objects.visible_to(reader).filter(respondent=respondent).current()
    own = own.waiting().annotate(
        has_others=Exists(of_unit.exclude(pk=OuterRef("pk"))),
        is_assigned=Exists(assigned.filter(unit=OuterRef("unit"), institution=OuterRef("institution"))),
    )
    of_other = Case(When(has_others=False, then="received_from"), default=Value(""))
    own = own.order_by("-has_others", of_other, "unit__body", "unit__position", "received_on", "pk")
    return own.select_related("respondent", "unit__current_wording", "author", "withdrawal")


def waiting_rows(proposals: Iterable[Proposal], respondent: Respondent, reader: User) -> list[SentProposal]:
    """Read in five queries for any number of suggestions."""
    proposals = list(proposals)
    beside = answers_beside(respondent, {proposal.unit for proposal in proposals}, proposals, reader)
    return [_waiting(offered, beside) for offered in as_read(proposals, beside, reader)]


def _waiting(offered: ShownProposal, beside: AnswersBeside) -> SentProposal:
    proposal = offered.proposal
    current = beside.current.get(proposal.unit_id)
    sent = beside.earlier.get((proposal.unit_id, proposal.base))
    now = words_of(current)
    changes, site_changes = compare_fields(now, offered.words), compare_fields(words_of(sent), now)
    return SentProposal(offered, current, sent, changes, site_changes)
