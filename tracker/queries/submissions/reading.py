"""Read a submission for its reader: all items, what became of clarifications, and one item in full with its comparison.

Even the State's own users see here only what was submitted.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import Case, Q, QuerySet, When

from tracker.models import (
    Remark,
    Reply,
    RoundUnit,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    SubmissionReply,
    User,
)
from tracker.models.remark import RemarkKind
from tracker.models.submission import SubmissionQuerySet, SubmissionStage
from tracker.queries.difference import EVIDENCE, Difference
from tracker.queries.submissions.items import SHOWN_APART, SubmittedItem, submitted_items
from tracker.queries.submissions.rewording import WordingChange, texts_of_answer, wording_changes
from tracker.queries.themes import ThemeGroup, by_frozen_theme

CHANGED, ASKED, ALL = "changed", "asked", "all"
State = SubmissionStage


class EarlierClarification(NamedTuple):
    remark: Remark
    item: SubmissionItem
    submission: Submission
    reply: Reply | None


class ReadingRow(NamedTuple):
    """`before`: the item in the last closed reading; `noted_in`: where in this reading the same answer was noted."""

    item: SubmissionItem
    before: SubmissionItem | None
    is_changed: bool
    remark: Remark | None
    noted_in: Submission | None
    questions: list[EarlierClarification]

    @property
    def is_read(self) -> bool:
        return self.remark is not None or self.noted_in is not None

    @property
    def is_new(self) -> bool:
        return self.is_changed and not (self.before and self.before.status)


class ReadingSection(NamedTuple):
    slug: str
    name: str
    rows: list[ReadingRow]

    @property
    def read(self) -> int:
        return sum(row.is_read for row in self.rows)


class ItemView(NamedTuple):
    """`fields` have equal sides where nothing changed; `known` are keys of the evidence items cited before."""

    shown: SubmittedItem
    before: SubmittedItem | None
    against: Submission | None
    fields: list[Difference]
    known: set[int]
    rewordings: list[WordingChange]


@dataclass(frozen=True)
class Reading:
    """`base` is the last closed reading before this submission; `rows` are all items, in the order of the paper."""

    submission: Submission
    base: Submission | None
    superseding: Submission | None
    rows: list[ReadingRow]
    themes: dict[int, list[list[str]]]

    def shown(self, show: str) -> list[ReadingRow]:
        match show:
            case "changed":
                return [row for row in self.rows if row.is_changed]
            case "asked":
                return [row for row in self.rows if row.questions]
        return self.rows

    @cached_property
    def counts(self) -> dict[str, int]:
        """Count the items for each list, and the new items among the changed; otherwise those without an answer."""
        changed = self.shown(CHANGED)
        return {
            CHANGED: len(changed),
            ASKED: len(self.shown(ASKED)),
            ALL: len(self.rows),
            "new": sum(row.is_new for row in changed),
            "as_before": sum(bool(row.item.status) and not row.is_changed for row in self.rows),
            "no_information": sum(not row.item.status for row in self.rows),
        }

    @property
    def questions(self) -> list[ReadingRow]:
        asking = (row for row in self.rows if row.remark and row.remark.kind == RemarkKind.CLARIFICATION)
        return [row for row in asking if row.remark and row.remark.sent_at is None]

    def sections(self, show: str) -> list[ReadingSection]:
        shown = {row.item.pk for row in self.shown(show)}
        sections = (
            ReadingSection(slug, name, [row for row in rows if row.item.pk in shown])
            for slug, name, rows in self._theme_rows
        )
        return [section for section in sections if section.rows]

    @cached_property
    def _theme_rows(self) -> list[ThemeGroup]:
        return by_frozen_theme(((self.themes[row.item.unit_id], row) for row in self.rows), self.submission.round)

    def row(self, slug: str) -> ReadingRow | None:
        return next((row for row in self.rows if row.item.unit.slug == slug), None)


def reading(submission: Submission, of_the_state: Iterable[Submission]) -> Reading:
    """Read in a fixed number of queries. `of_the_state` are all submissions of the respondent, with their standing."""
    of_the_state = list(of_the_state)
    chain = submission.chain
    base = _base(submission, chain, of_the_state)
    compared = [*chain, base] if base else chain
    items = _items(compared)
    # Includes remarks not sent yet, which no queryset for both sides returns: the reader is the officer.
    remarks = Remark.everyones.filter(item__submission__in=chain).select_related("author", "withdrawal")
    remark_by_item = {remark.item_id: remark for remark in remarks}
    seals = _sealed_answers(items, compared)
    before = {item.unit_id: item for item in items if base and item.submission_id == base.pk}
    by_pk = {submission.pk: submission for submission in chain}
    questions = _earlier_clarifications(submission, items, remark_by_item, by_pk)
    noted = _read_before(items, remark_by_item, by_pk)
    rows = [
        ReadingRow(
            item=item,
            before=before.get(item.unit_id),
            is_changed=seals[item.pk] != seals.get(before[item.unit_id].pk if item.unit_id in before else 0, ()),
            remark=remark_by_item.get(item.pk),
            noted_in=noted.get((item.unit_id, item.revision_id)),
            questions=questions[item.unit_id],
        )
        for item in items
        if item.submission_id == submission.pk
    ]
    themes = dict(RoundUnit.objects.filter(round=submission.round).values_list("unit", "themes"))
    return Reading(submission, base, _later_submission(submission, of_the_state), rows, themes)


def in_full(found: Reading, row: ReadingRow, show: str) -> ItemView:
    """Read one item, compared with the item asked about if it came back, else with the last reading if it changed."""
    before, against = row.before if row.is_changed else None, found.base
    if show == ASKED and row.questions:
        before, against = row.questions[0].item, row.questions[0].submission
    compared = before if before and before.status and before.submission_id != found.submission.pk else None
    by_pk = {
        shown.item.pk: shown
        for shown in submitted_items(found.submission, [row.item, *([compared] if compared else [])])
    }
    now, former = by_pk[row.item.pk], by_pk[compared.pk] if compared else None
    words = former.words if former else now.words
    fields = [Difference(name, words[name], after) for name, after in now.words.items() if words[name] or after]
    return ItemView(
        shown=now,
        before=former,
        against=against if former else None,
        fields=[
            field
            for field in fields
            if field.name not in SHOWN_APART and (field.name != EVIDENCE or field.before != field.after)
        ],
        known={piece.citation.evidence_version.evidence_id for piece in former.pieces} if former else set(),
        rewordings=wording_changes(now.item.revision, texts_of_answer(now.item.unit_id)) if now.item.revision else [],
    )


def queue(submissions: SubmissionQuerySet) -> QuerySet[Submission]:
    """Order by the longest wait, then closed readings. `goes_on`: a later submission is not withdrawn."""
    done = Case(When(standing__state__in=[State.REVIEW_CLOSED, State.WITHDRAWN], then=1), default=0)
    return (
        submissions.with_next_submission()
        .annotate(done=done)
        .select_related("respondent", "round", "standing__taken_by", "sealed_by", "answers_to")
        .order_by("done", "sealed_at", "pk")
    )


class ReadingTasks(NamedTuple):
    """Submissions that are not closed, the longest wait first: `own` readings of the reader, then those that nobody
    reads: `replies` to clarifications, and `waiting`; `asked`: own, that wait for the State.
    """

    own: list[Submission]
    replies: list[Submission]
    waiting: list[Submission]
    asked: list[Submission]


def reading_tasks(reader: User) -> ReadingTasks:
    submissions = current(queue(Submission.objects.to_be_read_by(reader)))
    found = list(submissions.exclude(standing__state=State.REVIEW_CLOSED))
    own = [submission for submission in found if submission.standing.taken_by == reader]
    free = [submission for submission in found if submission.standing.state == State.SUBMITTED]
    return ReadingTasks(
        own=[submission for submission in own if submission.standing.state == State.UNDER_REVIEW],
        replies=[submission for submission in free if submission.answers_to_id],
        waiting=[submission for submission in free if not submission.answers_to_id],
        asked=[submission for submission in own if submission.standing.state == State.CLARIFICATION_REQUESTED],
    )


def current(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Return the newest of each round, and what still has clarifications because the newest was withdrawn."""
    asks = Q(standing__state=State.CLARIFICATION_REQUESTED, goes_on=False)
    return submissions.filter(Q(superseded=False) | asks).exclude(standing__state=State.WITHDRAWN)


def _base(submission: Submission, chain: list[Submission], of_the_state: list[Submission]) -> Submission | None:
    earlier = [
        other
        for other in of_the_state
        if other.round.body_id == submission.round.body_id
        and other.standing.state == State.REVIEW_CLOSED
        and other.sealed_at < submission.sealed_at
        and other not in chain
    ]
    return max(earlier, key=lambda submission: submission.sealed_at, default=None)


def _later_submission(submission: Submission, of_the_state: list[Submission]) -> Submission | None:
    later = [
        other for other in of_the_state if other.round_id == submission.round_id and other.number > submission.number
    ]
    standing = [submission for submission in later if submission.standing.state != State.WITHDRAWN]
    return max(standing or later, key=lambda submission: submission.number, default=None)


def _items(submissions: list[Submission]) -> list[SubmissionItem]:
    items = SubmissionItem.objects.of_submissions(submissions).select_related("unit__meeting")
    return list(items.defer("chapeaux", "answered_with").order_by("position", "pk"))


def _sealed_answers(items: list[SubmissionItem], submissions: list[Submission]) -> dict[int, tuple]:
    """Return by item key the answer with which of its evidence is withheld; empty without an answer."""
    withheld = defaultdict(list)
    pieces = SubmissionEvidence.objects.of_submissions(submissions)
    for item, is_withheld in pieces.order_by("item", "position").values_list("item", "withheld"):
        withheld[item].append(is_withheld)
    return {item.pk: (item.revision_id, tuple(withheld[item.pk])) if item.revision_id else () for item in items}


def _read_before(
    items: list[SubmissionItem], remarks: dict[int, Remark], chain: dict[int, Submission]
) -> dict[tuple[int, int | None], Submission]:
    return {
        (item.unit_id, item.revision_id): chain[item.submission_id]
        for item in items
        if item.pk in remarks and remarks[item.pk].kind == RemarkKind.NOTED
    }


def _earlier_clarifications(
    submission: Submission, items: list[SubmissionItem], remarks: dict[int, Remark], chain: dict[int, Submission]
) -> dict[int, list[EarlierClarification]]:
    sent = [item for item in items if item.pk in remarks and remarks[item.pk].sent_at]
    submitted = (
        SubmissionReply.objects.for_readers_of(submission.respondent)
        .filter(reply__remark__item__in=[item.pk for item in sent])
        .exclude(submission__standing__state=State.WITHDRAWN)
        .select_related("reply__withdrawal")
        .order_by("submission__number")
    )
    replies = {link.reply.remark_id: link.reply for link in submitted}
    questions: defaultdict[int, list[EarlierClarification]] = defaultdict(list)
    for item in sorted(sent, key=lambda item: -chain[item.submission_id].number):
        remark = remarks[item.pk]
        questions[item.unit_id].append(
            EarlierClarification(remark, item, chain[item.submission_id], replies.get(remark.pk))
        )
    return questions
