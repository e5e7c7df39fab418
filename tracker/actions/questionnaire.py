"""Turn what an institution changed in a questionnaire into proposals, which are accepted or declined together."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from recommendations.models import Recommendation, read_items, slug_of
from tracker.actions.assignment import record_came_back
from tracker.actions.proposal import fields_of, save_proposals
from tracker.actions.record import CITATIONS, refuse_evidence_of_others
from tracker.actions.respondent import CANNOT_ANSWER, lock_respondent
from tracker.documents.exchange.questionnaire_reader import SentBack, SentBackUnit, changed
from tracker.models import Citation, Institution, Proposal, Record, Respondent, Revision, User
from tracker.models.answer_rules import answer_errors
from tracker.models.combination import NO_ANSWER, combine
from tracker.models.language import Language
from tracker.models.proposal import EVIDENCE_NAMED, ProposalStage
from tracker.models.record import Answer, ReceivedDetails, answer_of
from tracker.models.status import Status
from tracker.permissions import can_add_proposals, can_assign, check_permission, units_written
from tracker.queries.difference import EVIDENCE, LABELS, citation_line

OF_ANOTHER_STATE = _("This questionnaire was made for another State. Choose the file that the institution returned.")
FROM_ELSEWHERE = _(
    "The version that this answer is based on does not exist: numbers in the file were changed. "
    "Enter the answer manually."
)
WITHDRAWN = _(
    "Identifying information was removed from this field after the questionnaire was made. The box "
    "may still contain it. Enter manually the text that may be kept."
)


class FieldProblem(NamedTuple):
    """A part of a unit that cannot be read: nothing of the unit is suggested. `field` is empty for the whole unit."""

    label: str
    field: str
    problem: str
    text: str = ""
    title: str = ""


@dataclass
class QuestionnaireResult:
    """The result of an upload. `known_count` counts units suggested before; `unchanged`: units on which document and
    site agree; `not_assigned`: units that the institution has not, or not any more; `not_opened` counts units that the
    uploader may not answer.
    """

    offered: list[Proposal] = field(default_factory=list)
    known_count: int = 0
    unchanged: list[Recommendation] = field(default_factory=list)
    not_assigned: list[Recommendation] = field(default_factory=list)
    not_opened: int = 0
    unread: list[FieldProblem] = field(default_factory=list)


class SiteAnswers(NamedTuple):
    """What the site has on the units of a document, by slug; revisions also by number. `withdrawn` has, by key of the
    unit, the boxes that may still hold removed words.
    """

    units: dict[str, Recommendation]
    current: dict[str, int]
    revisions: dict[tuple[str, int], Revision]
    withdrawn: Mapping[int, set[str]]

    def answer(self, slug: str, number: int | None) -> Answer | None:
        revision = self.revisions.get((slug, number or 0))
        return answer_of(revision) if revision else None


@transaction.atomic
def add_questionnaire(
    *,
    respondent: Respondent,
    sent_back: SentBack,
    received: ReceivedDetails,
    by: User,
    institution: Institution | None = None,
    language: str = Language.ENGLISH,
) -> QuestionnaireResult:
    """Suggest what a document changed, for each unit that the uploader may answer, in a fixed number of queries.

    What was suggested before and waits, or was accepted, is not suggested again, by any uploader. Assignments of the
    institution show that they came back, if a focal point or a member of the institution uploads the file. `language`
    is that of new answers.
    """
    # Other uploads wait, and so does removing words: no new words escape the search.
    lock_respondent(respondent, by, can_add_proposals)
    check_permission(institution is None or institution.respondent_id == respondent.pk)
    if sent_back.respondent != respondent.code:
        raise ValidationError(OF_ANOTHER_STATE)
    known_answers, open_units = _read_answers(respondent, sent_back), units_written(by, respondent)
    if institution and not (can_assign(by, respondent) or institution.pk in by.institution_ids(respondent.pk)):
        institution = None
    known_proposals = _read_proposals(respondent, received)
    result, offered = QuestionnaireResult(), []
    for boxes in sent_back.units:
        unit = known_answers.units.get(boxes.slug)
        if unit is not None and open_units is not None and unit.pk not in open_units:
            result.not_opened += 1
            continue
        read = _ReadUnit(boxes, unit, known_answers, sent_back, language)
        if unread := list(read.find_problems()):
            result.unread += unread
        elif not read.has_changes:
            result.unchanged.append(read.unit)
        elif read.fields in known_proposals[read.unit.pk, read.base]:
            result.known_count += 1
        else:
            if broken := answer_errors(read.unit, read.combined, received=received):
                raise ValidationError(broken)
            offered.append(read)
    refuse_evidence_of_others(respondent, [read.answer for read in offered], by)
    result.offered = [
        read.make_proposal(respondent=respondent, received=received, author=by, institution=institution)
        for read in offered
    ]
    save_proposals(respondent, result.offered, by)
    if institution:
        changed = {proposal.unit_id for proposal in result.offered}
        returned = [proposal.unit for proposal in result.offered] + result.unchanged
        units, on = {unit.pk for unit in returned}, received.on or timezone.localdate()
        missing = record_came_back(institution=institution, units=units, changed=changed, on=on, by=by)
        result.not_assigned = [unit for unit in returned if unit.pk in missing]
    return result


def _read_answers(respondent: Respondent, sent_back: SentBack) -> SiteAnswers:
    slugs = {boxes.slug for boxes in sent_back.units}
    units = {unit.key: unit for unit in respondent.units_open() if unit.key in slugs}
    read_items(units.values())
    numbers = {boxes.base for boxes in sent_back.units if boxes.base}
    records = Record.everyones.filter(respondent=respondent, recommendation__in=units.values())
    numbers_now = dict(records.values_list("recommendation", "current__number"))
    current = {slug: numbers_now[unit.pk] for slug, unit in units.items() if unit.pk in numbers_now}
    revisions = Revision.everyones.filter(record__in=records)
    revisions = revisions.filter(Q(number__in=numbers) | Q(pk__in=records.values("current")))
    found = {
        (revision.record.recommendation.key, revision.number): revision
        for revision in revisions.select_related("record__recommendation").prefetch_related(CITATIONS)
    }
    withdrawn = _find_withdrawn_fields(sent_back.at, respondent, units.values())
    return SiteAnswers(units, current, found, withdrawn)


def _find_withdrawn_fields(
    at: datetime | None, respondent: Respondent, units: Collection[Recommendation]
) -> Mapping[int, set[str]]:
    """Return, by unit, the boxes from which words were removed after a document was made, or are hidden, in answers,
    evidence and proposals.
    """
    found: dict[int, set[str]] = defaultdict(set)
    revisions = Revision.everyones.filter(record__respondent=respondent, record__recommendation__in=units)
    for revision in revisions.filter(_is_removed_since(at)).select_related("record"):
        found[revision.record.recommendation_id] |= set(filter(revision.is_withdrawn, Revision.withdrawable))
    for proposal in Proposal.everyones.filter(respondent=respondent, unit__in=units).filter(_is_removed_since(at)):
        boxes = {
            name: EVIDENCE if name in (EVIDENCE_NAMED, *proposal.citation_texts) else name for name in proposal.texts
        }
        found[proposal.unit_id] |= {box for name, box in boxes.items() if proposal.is_withdrawn(name)}
    citations = Citation.everyones.filter(revision__in=revisions)
    removed = _is_removed_since(at) | _is_removed_since(at, "evidence_version__")
    for unit in citations.filter(removed).values_list("revision__record__recommendation"):
        found[unit[0]].add(EVIDENCE)
    return found


def _is_removed_since(at: datetime | None, path: str = "") -> Q:
    """Return the condition: words were removed after `at`, or are hidden by a request that waits for its decision."""
    decided = f"{path}withdrawal__decided_at"
    later = Q(**{f"{decided}__gt": at}) | Q(**{f"{decided}__isnull": True}) if at else Q()
    return Q(**{f"{path}withdrawal__isnull": False}) & later


def _read_proposals(respondent: Respondent, received: ReceivedDetails) -> dict[tuple[int, int], list[dict]]:
    """Return the fields of what the institution suggested that waits or was accepted, by key of the unit and base."""
    proposals = Proposal.everyones.filter(
        respondent=respondent,
        origin=Proposal.Origin.QUESTIONNAIRE,
        received_from=received.institution,
        state__in=[ProposalStage.OFFERED, ProposalStage.TAKEN],
    )
    rows = proposals.values_list("unit", "base", "fields")
    return group_pairs(((unit, base), fields) for unit, base, fields in rows)


class _ReadUnit:
    """What a document says on one unit: `answer` is the answer from which it was made with its changes, `combined` the
    site's answer with its changes.
    """

    def __init__(
        self, boxes: SentBackUnit, unit: Recommendation | None, known: SiteAnswers, sent_back: SentBack, language: str
    ):
        self.found_unit = unit
        self.label = unit.full_shown_label if unit else boxes.slug
        sent = known.answer(boxes.slug, boxes.base)
        now = known.answer(boxes.slug, known.current.get(boxes.slug))
        self.base = boxes.base or 0
        self.is_known = unit is not None and boxes.base is not None and (sent is not None or boxes.base == 0)
        base_answer = sent or replace(NO_ANSWER, language=now.language if now else language)
        cited = (
            citation_line(str(version.evidence), version.number, version.title, pinpoint)
            for version, pinpoint in base_answer.citations
        )
        base_fields = base_answer.as_fields() | {EVIDENCE: "\n".join(cited)}
        items = {slug_of(item.label): item.label for item in unit.unit_items} if unit else {}
        changes, self.faults = changed(boxes, base_fields if sent_back.has_answers else {}, items)
        self.withdrawn = [name for name in changes if unit and name in known.withdrawn.get(unit.pk, ())]
        self.evidence = changes.pop(EVIDENCE, "")
        self.now = now or base_answer
        self.answer = _with_changes(base_answer, changes)
        self.combined = combine(base_answer, self.now, self.answer).answer

    @property
    def unit(self) -> Recommendation:
        if self.found_unit is None:
            raise PermissionDenied
        return self.found_unit

    @property
    def has_changes(self) -> bool:
        return self.combined != self.now or bool(self.evidence)

    @property
    def fields(self) -> dict[str, Any]:
        return fields_of(self.answer) | ({EVIDENCE_NAMED: self.evidence} if self.evidence else {})

    def make_proposal(self, received: ReceivedDetails, **details: Any) -> Proposal:
        return Proposal(
            unit=self.unit,
            origin=Proposal.Origin.QUESTIONNAIRE,
            received_from=received.institution,
            received_on=received.on,
            base=self.base,
            fields=self.fields,
            **details,
        )

    def find_problems(self) -> Iterator[FieldProblem]:
        if not self.is_known:
            yield self._problem("", str(FROM_ELSEWHERE if self.found_unit else CANNOT_ANSWER))
            return
        for fault in self.faults:
            yield self._problem(fault.box, str(fault.problem), fault.text)
        for name in self.withdrawn:
            yield self._problem(name, str(WITHDRAWN))
        if self.faults or self.withdrawn or not self.has_changes:
            return
        for name, problems in answer_errors(self.unit, self.combined).items():
            yield self._problem(name, " ".join(ValidationError(problems).messages))

    def _problem(self, name: str, problem: str, text: str = "") -> FieldProblem:
        title = self.found_unit.title if self.found_unit else ""
        return FieldProblem(self.label, str(LABELS[name]) if name else "", problem, text, title)


def _with_changes(now: Answer, changes: Mapping[str, Any]) -> Answer:
    """Leave out the fields that the answer's status does not have."""
    answer = replace(now, **changes)
    return replace(
        answer,
        reason_code=answer.reason_code if answer.status == Status.NOT_APPLICABLE else "",
        good_practice_shared=answer.good_practice and answer.good_practice_shared,
    )
