"""Find what a submission would include and leave out: read before it, and again while it is made.

Only ready answers are sealed. An answer that was submitted stays as submitted until its newer version is ready, or is
left out. An answer that an earlier round has sealed counts again once it is confirmed as "still correct as at" a date.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.functional import SimpleLazyObject

from recommendations.groups import group_pairs
from recommendations.models import Body, Recommendation, stamp_column
from recommendations.text_cache import TextCache, texts_at
from tracker.disclosure import is_kept_by_state
from tracker.models import (
    Citation,
    Confirmation,
    Participation,
    Record,
    Remark,
    Reply,
    Respondent,
    Revision,
    Round,
    Submission,
    SubmissionItem,
    Use,
)
from tracker.models.digest import PROOFS, digest_value
from tracker.models.evidence import EvidenceReader
from tracker.models.status import Status
from tracker.models.submission import content_digest, counts_of, is_withdrawn
from tracker.queries.difference import EVIDENCE, LABELS, NO_WORDS, Difference, compare_fields, in_words
from tracker.workflow import may_reply, may_submit

# Columns of a revision that neither the check nor the seal has.
LEFT_UNREAD = [
    *PROOFS,
    *("author", "source", "previous_digest", "canonical_form", "received_from", "received_on"),
    *("change_code", "change_details", "change_reason"),
]
SHOWN_APART = ("status", "language", "ready", EVIDENCE)


class LeftOutReason(StrEnum):
    UNANSWERED = "unanswered"
    NOT_READY = "not_ready"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True)
class CheckedUnit:
    """`sealed`: the revision to seal; `left`: why it is not the current answer; `former`: the one submitted before;
    `cited`: the citations of all three, by revision; `is_answer_withdrawn`: an answer was submitted, and has been
    emptied since.
    """

    unit: Recommendation
    themes: list[list[str]]
    current: Revision | None
    sealed: Revision | None
    left: LeftOutReason | None
    still_correct_as_at: date | None
    former: Revision | None
    cited: Mapping[int, list[Citation]]
    is_answer_withdrawn: bool = False

    @property
    def status(self) -> str:
        return self.sealed.status if self.sealed else ""

    @property
    def citations(self) -> list[Citation]:
        return self.cited.get(self.sealed.pk, []) if self.sealed else []

    @property
    def is_changed(self) -> bool:
        return (self.sealed and self.sealed.pk) != (self.former and self.former.pk)

    @property
    def is_without_evidence(self) -> bool:
        return self.status == Status.IMPLEMENTED and not self.citations

    @property
    def answers_former_wording(self) -> bool:
        return self.sealed is not None and self.sealed.answers_former_wording(self.unit, self.unit.unit_items)

    @property
    def needs_reading(self) -> bool:
        """Return whether the current answer was given to an earlier wording, and cannot be marked ready unread."""
        return self.current is not None and self.current.answers_former_wording(self.unit, self.unit.unit_items)

    @property
    def withheld(self) -> list[Citation]:
        return [citation for citation in self.citations if is_kept_by_state(citation)]

    @property
    def changed_fields(self) -> list[str]:
        """Return the labels of the fields in which the included version differs from the former one."""
        before, after = (self._values(revision) for revision in (self.former, self.sealed) if revision)
        return [str(LABELS[name]) for name in after if before[name] != after[name]]

    @property
    def fields_of_current(self) -> list[Difference]:
        """Return what the current answer says. Status, language and evidence have their own place on the page."""
        return [field for field in self._compare(None, self.current) if field.name not in SHOWN_APART]

    @property
    def changes_since_former(self) -> list[Difference]:
        """Compare the current answer with the one submitted before."""
        if self.former is None or self.former == self.current:
            return []
        return [field for field in self._compare(self.former, self.current) if field.name != "ready"]

    def _compare(self, before: Revision | None, after: Revision | None) -> list[Difference]:
        sides = (in_words(side, self.cited.get(side.pk, ())) if side else NO_WORDS for side in (before, after))
        return compare_fields(*sides)

    def _values(self, revision: Revision) -> dict[str, Any]:
        cited = [citation.digest for citation in self.cited.get(revision.pk, ())]
        return revision.answer_values | {"ready": True, EVIDENCE: cited}


@dataclass(frozen=True)
class Check:
    """`questions`: the open requests for clarification."""

    respondent: Respondent
    round: Round
    participation: Participation | None
    units: list[CheckedUnit]
    questions: list[Remark]
    replies: list[Reply]

    @property
    def current(self) -> Submission | None:
        return self.participation.current if self.participation else None

    @property
    def is_open(self) -> bool:
        return may_submit(self.round)

    @property
    def replies_to_all(self) -> bool:
        """Return whether every open request has a newer version of the answer once this is submitted."""
        sealed = {unit.unit.pk: unit.sealed and unit.sealed.pk for unit in self.units}
        return all(sealed.get(question.item.unit_id) != question.item.revision_id for question in self.questions)

    @cached_property
    def counts(self) -> dict[str, int]:
        return counts_of(unit.status for unit in self.units)

    @cached_property
    def by_reason(self) -> dict[str, list[CheckedUnit]]:
        """Return the units whose current answer is not included."""
        return {left.value: [unit for unit in self.units if unit.left == left] for left in LeftOutReason}

    @cached_property
    def gaps(self) -> dict[str, list[CheckedUnit]]:
        """Return the units of each gap. An answer of which an earlier version stays is no gap."""
        return {
            **{left: [unit for unit in units if not unit.sealed] for left, units in self.by_reason.items()},
            "on_a_former_wording": [unit for unit in self.units if unit.answers_former_wording],
            "without_evidence": [unit for unit in self.units if unit.is_without_evidence],
            "evidence_kept": [unit for unit in self.units if unit.withheld],
        }

    @property
    def number(self) -> int:
        """Return that of the submission that would be made."""
        if self.participation is None:
            return 1
        return (self.current.number if self.current else self.participation.withdrawn_to) + 1

    @property
    def next_reference(self) -> str:
        return f"{self.respondent.code}/{self.round.code}/{self.number}"

    @cached_property
    def included(self) -> list[CheckedUnit]:
        return [unit for unit in self.units if unit.sealed]

    @property
    def confirmed(self) -> list[CheckedUnit]:
        return [unit for unit in self.units if unit.still_correct_as_at]

    @property
    def left_out(self) -> list[CheckedUnit]:
        """Return the answered units of which no version is included."""
        return [unit for unit in self.units if unit.current and not unit.sealed]

    @property
    def unanswered(self) -> list[CheckedUnit]:
        return [unit for unit in self.units if not unit.current and not unit.sealed]

    @cached_property
    def content_digest(self) -> str:
        content = [
            [
                unit.unit.full_label,
                unit.sealed.digest if unit.sealed else "",
                unit.still_correct_as_at,
                [[citation.digest, is_kept_by_state(citation)] for citation in unit.citations],
                *(["answer withdrawn"] if unit.is_answer_withdrawn else []),
            ]
            for unit in self.units
        ]
        return content_digest(content, [reply.digest for reply in self.replies])

    @property
    def digest(self) -> str:
        left = [[unit.unit.label, unit.left or "", unit.current.digest if unit.current else ""] for unit in self.units]
        current = self.current.digest if self.current else ""
        return digest_value([self.content_digest, left, current, self.is_open])

    @property
    def is_same_as_current(self) -> bool:
        return self.current is not None and self.current.content_digest == self.content_digest


def participation_in(respondent: Respondent, round_: Round) -> Participation | None:
    participations = Participation.objects.for_readers_of(respondent).filter(round=round_)
    participation = participations.select_related("current").first()
    if participation:
        participation.respondent, participation.round = respondent, round_
        if current := participation.current:
            current.respondent, current.round, current.participation = respondent, round_, participation
    return participation


def round_to_confirm_for(respondent: Respondent, body: Body | None) -> Round | None:
    """Return the open round of a body, if the respondent submitted to another round of it: answers may be confirmed."""
    others = Submission.objects.for_readers_of(respondent).filter(round__body=OuterRef("body"))
    rounds = Round.objects.open().filter(Exists(others.exclude(round=OuterRef("pk"))), body=body)
    return rounds.order_by("-opened_at").first()


def check_submission(respondent: Respondent, round_: Round, leave_out: Collection[int] = ()) -> Check:
    """Read what would be submitted now, in a fixed number of queries.

    `leave_out` are keys of units whose answer was submitted, is not ready now, and is left out on purpose.
    """
    participation = participation_in(respondent, round_)
    scope = round_.units.filter(unit__in=respondent.units_to_answer_in_rounds().values("pk"))
    scope = scope.order_by("position").annotate(stamp=stamp_column())
    entries = list(scope.values_list("unit_id", "themes", "stamp", named=True))  # type: ignore[arg-type]
    texts = texts_at(entries[0].stamp if entries else None)
    nodes = texts.nodes(entry.unit_id for entry in entries)
    recorded = Record.objects.for_whole_desk(respondent).filter(current__isnull=False).select_related("current")
    recorded = recorded.defer("note", *(f"current__{name}" for name in LEFT_UNREAD))
    answers = {record.recommendation_id: record.current for record in recorded}
    current = participation.current if participation else None
    submitted = _submitted_answers(respondent, round_, current, answers.values())
    former = _former_revisions(current, submitted, answers.values())
    _add_wordings([*answers.values(), *former.values()], texts)
    questions = open_requests(participation) if participation and may_reply(participation) else []
    confirmed = {row.revision: row.as_at for row in submitted}
    emptied = {row.unit for row in submitted if row.unit not in answers}
    waiting = {row.revision for row in submitted if not (row.is_current or row.as_at)}
    stays = {unit: revision for unit, revision in former.items() if unit not in leave_out}
    chosen = {entry.unit_id: choose(answers.get(entry.unit_id), waiting, stays.get(entry.unit_id)) for entry in entries}
    cited = SimpleLazyObject(lambda: read_citations([*answers.values(), *former.values()]))
    units = [
        CheckedUnit(
            unit=nodes[entry.unit_id],
            themes=entry.themes,
            current=answers.get(entry.unit_id),
            sealed=sealed,
            left=left,
            still_correct_as_at=confirmed.get(sealed.pk) if sealed else None,
            former=former.get(entry.unit_id),
            cited=cited,  # type: ignore[arg-type]
            is_answer_withdrawn=entry.unit_id in emptied,
        )
        for entry, (sealed, left) in zip(entries, chosen.values(), strict=True)
    ]
    replies = _reply_list(participation) if participation and participation.asked_at else []
    return Check(respondent, round_, participation, units, questions, replies)


def choose(
    answer: Revision | None, waiting: set[int], former: Revision | None
) -> tuple[Revision | None, LeftOutReason | None]:
    """Return the answer to submit, with why it is not the current one. `former` is the answer submitted last."""
    if answer is None:
        return None, LeftOutReason.UNANSWERED
    if not answer.ready:
        return former, LeftOutReason.NOT_READY
    if answer.pk in waiting:
        return None, LeftOutReason.UNCONFIRMED
    return answer, None


def reader_of(citation: Citation) -> EvidenceReader:
    """Return who may read the cited evidence once the answer is submitted."""
    cited = citation.evidence_version
    newest = cited.evidence.current or cited
    return EvidenceReader.STATE if is_kept_by_state(citation) else EvidenceReader(newest.disclosure)


def uses_in_round(submission: Submission) -> list[Use]:
    """Return what the State permitted in the round of this submission, in the order of keys, not of clocks."""
    uses = Use.objects.for_readers_of(submission.respondent).filter(submission__round=submission.round)
    found = list(uses.select_related("submission__participation").order_by("pk"))
    for use in found:
        use.submission.respondent, use.submission.round = submission.respondent, submission.round
    return found


def use_in_force(submission: Submission, uses: list[Use]) -> dict[str, bool]:
    """Return what the State permitted last in the round, and whether this submission is published."""
    last = uses[-1] if uses else Use()
    return last.as_fields | {
        "published": any([use.published for use in uses if use.submission_id == submission.pk][-1:])
    }


def published_in(uses: list[Use]) -> list[Submission]:
    """Return the submissions that are published today, of those to which these uses belong."""
    newest = {use.submission_id: use for use in uses}
    return [use.submission for use in newest.values() if use.published and not use.submission.is_withdrawn]


def open_requests(participation: Participation) -> list[Remark]:
    questions = Remark.objects.for_readers_of(participation.respondent).open()
    return list(questions.filter(item__submission__participation=participation).select_related("item"))


def read_citations(revisions: Iterable[Revision]) -> dict[int, list[Citation]]:
    cited = Citation.objects.cited_by(set(revisions)).order_by("revision", "position").read_with_versions()
    return group_pairs((citation.revision_id, citation) for citation in cited)


def _submitted_answers(
    respondent: Respondent, round_: Round, current: Submission | None, answers: Iterable[Revision]
) -> list[Any]:
    """Return unit and revision of each item of the `current` submission, of `answers` submitted in other rounds, and of
    answers that are emptied since, with the day of the confirmation for the round, if any.
    """
    confirmations = Confirmation.objects.for_whole_desk(respondent).filter(round=round_, revision=OuterRef("revision"))
    elsewhere = ~Q(submission__round=round_) & Q(revision__in={answer.pk for answer in answers})
    items = SubmissionItem.objects.for_readers_of(respondent).order_by()
    emptied = Q(revision__record__current__isnull=True, revision__isnull=False) & ~is_withdrawn("submission__")
    items = items.filter(Q(submission=current, revision__isnull=False) | elsewhere | emptied)
    items = items.annotate(is_current=Q(submission=current), as_at=Subquery(confirmations.values("as_at")[:1]))
    return list(items.values_list("unit", "revision", "is_current", "as_at", named=True))


def _former_revisions(
    current: Submission | None, submitted: Iterable[Any], answers: Iterable[Revision]
) -> dict[int, Revision]:
    """Return the submitted revisions by unit. Those that are `answers` still, which most are, are not read again."""
    keys = {row.unit: row.revision for row in submitted if row.is_current}
    revisions = {answer.pk: answer for answer in answers}
    if others := set(keys.values()) - revisions.keys():
        replaced = SubmissionItem.objects.of_submissions(filter(None, [current])).filter(revision__in=others)
        replaced = replaced.select_related("revision").defer(*(f"revision__{name}" for name in LEFT_UNREAD))
        revisions |= {item.revision_id: item.revision for item in replaced}
    return {unit: revisions[revision] for unit, revision in keys.items()}


def _add_wordings(revisions: Iterable[Revision], texts: TextCache) -> None:
    for revision in revisions:
        if revision.wording_id in texts.wordings:
            revision.wording = texts.wordings[revision.wording_id]


def _reply_list(participation: Participation) -> list[Reply]:
    """Return the replies to requests in force: every submission carries all of them."""
    replies = Reply.objects.for_whole_desk(participation.respondent).exclude(is_withdrawn("remark__item__submission__"))
    replies = replies.filter(remark__item__submission__participation=participation)
    return list(replies.order_by("remark__item__position", "remark"))
