from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet, Window
from django.utils import timezone

from recommendations.models import Recommendation
from tracker.models import EvidenceVersion, Proposal, Respondent, Revision, User
from tracker.models.combination import CITATIONS, NO_ANSWER, Combination, combine
from tracker.models.proposal import ProposalStage
from tracker.models.record import Answer, answer_of
from tracker.queries.desk.copies import with_citations
from tracker.queries.difference import EVIDENCE, LABELS, Difference, answer_in_words, words_of

SHOWN_FOR = timedelta(days=30)  # how long its author sees a decision


class AnswersBeside(NamedTuple):
    """Hold the current answers, by key of the unit, and those from which suggestions began, also by number."""

    current: Mapping[int, Revision]
    earlier: Mapping[tuple[int, int], Revision]

    @classmethod
    def of(cls, revisions: Collection[Revision]) -> "AnswersBeside":
        """`revisions` have their record and their citations."""
        current = [revision for revision in revisions if revision.record.current_id == revision.pk]
        return cls(
            {revision.record.recommendation_id: revision for revision in current},
            {(revision.record.recommendation_id, revision.number): revision for revision in revisions},
        )


class ShownProposal(NamedTuple):
    """Hold a suggestion as the reader may see it: what it adds to the current answer, also in `words` by field.

    `hidden` counts cited items closed to the reader.
    """

    proposal: Proposal
    combination: Combination
    words: Mapping[str, str]
    hidden: int

    @property
    def clashes(self) -> list[str]:
        """Name the fields that the suggestion and a later version both changed."""
        names = (EVIDENCE if part.name == CITATIONS else part.name for part in self.combination.clashes)
        return [str(LABELS[name]) for name in dict.fromkeys(names)]


class FieldProposal(NamedTuple):
    proposal: Proposal
    difference: Difference
    is_chosen: bool


class FieldChoice(NamedTuple):
    current: Difference  # without an other side
    sides: list[FieldProposal]

    @property
    def is_kept(self) -> bool:
        return not any(side.is_chosen for side in self.sides)


def proposals_of(respondent: Respondent, unit: Recommendation, reader: User) -> QuerySet[Proposal]:
    own = Proposal.objects.visible_to(reader).filter(respondent=respondent, unit=unit)
    return own.select_related("respondent", "unit", "author", "institution", "decided_by", "withdrawal", "revision")


def waiting_count(respondent: Respondent, unit: Recommendation, reader: User) -> QuerySet:
    waiting = Proposal.objects.visible_to(reader).filter(respondent=respondent, unit=unit).waiting()
    return waiting.order_by().values("unit").annotate(count=Count("pk")).values("count")


def offered_on_desk(respondent: Respondent, reader: User) -> QuerySet[Proposal]:
    """Return waiting suggestions, then recent decisions on the reader's own, the newest first; `in_all` counts them."""
    decided = Q(author=reader, decided_at__gte=timezone.now() - SHOWN_FOR) & ~Q(state=ProposalStage.TAKEN_BACK)
    own = Proposal.objects.visible_to(reader).filter(Q(state=ProposalStage.OFFERED) | decided, respondent=respondent)
    own = own.select_related("author", "decided_by", "unit", "withdrawal").annotate(in_all=Window(Count("pk")))
    return own.order_by(F("decided_at").desc(nulls_first=True), "-pk")


def answers_beside(
    respondent: Respondent,
    units: Iterable[Recommendation],
    proposals: Iterable[Proposal],
    reader: User,
    known: Collection[Revision] = (),
) -> AnswersBeside:
    """Read nothing where `known`, the newest answers to one unit, has all of them."""
    numbers = {proposal.base for proposal in proposals}
    if known and numbers <= {0, *(revision.number for revision in known)}:
        return AnswersBeside.of(known)
    began = Q(pk=F("record__current")) | Q(number__in=numbers)
    own = Revision.objects.visible_to(reader).filter(
        began, record__respondent=respondent, record__recommendation__in=units
    )
    return AnswersBeside.of(list(with_citations(own.select_related("record", "author", "withdrawal"), reader)))


def as_read(proposals: Iterable[Proposal], beside: AnswersBeside, reader: User) -> list[ShownProposal]:
    proposals = list(proposals)
    keys = {key for proposal in proposals for key, _pinpoint in proposal.citations}
    versions = EvidenceVersion.objects.visible_to(reader).select_related("evidence", "withdrawal").in_bulk(list(keys))
    return [_as_read(proposal, beside, versions) for proposal in proposals]


def _as_read(proposal: Proposal, beside: AnswersBeside, versions: Mapping[int, EvidenceVersion]) -> ShownProposal:
    cited = [(versions[key], pinpoint) for key, pinpoint in proposal.citations if key in versions]
    current = beside.current.get(proposal.unit_id)
    before = beside.earlier.get((proposal.unit_id, proposal.base))
    base, theirs = (answer_of(revision) if revision else NO_ANSWER for revision in (before, current))
    combination = combine(base, theirs, Answer(**proposal.offered_fields, citations=cited))
    now, after = answer_in_words(theirs), answer_in_words(combination.answer)
    words = words_of(current) | {name: text for name, text in after.items() if text != now[name]}
    return ShownProposal(proposal, combination, words, len(proposal.citations) - len(cited))


def field_choices(current: Revision | None, offered: list[ShownProposal]) -> list[FieldChoice]:
    """Return the fields in which any suggestion differs, in the order of the form. The first of these is selected."""
    fields = []
    for name, before in words_of(current).items():
        differing = [suggestion.proposal.pk for suggestion in offered if suggestion.words[name] != before]
        if differing:
            sides = [
                FieldProposal(
                    suggestion.proposal,
                    Difference(name, before, suggestion.words[name]),
                    suggestion.proposal.pk == differing[0],
                )
                for suggestion in offered
            ]
            fields.append(FieldChoice(Difference(name, before, before), sides))
    return fields
