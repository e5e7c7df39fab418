"""Read a submission for its reader: all items, what became of clarifications, and one item in full with its comparison.

Even the State's own users see here only what was submitted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Case, Count, Exists, Min, OuterRef, QuerySet, When
from django.utils import timezone
from django.utils.functional import Promise

from recommendations.groups import group_pairs
from tracker.models import (
    CourtesyTranslation,
    Membership,
    Participation,
    Remark,
    Reply,
    RoundUnit,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    User,
)
from tracker.models.language import LANGUAGE_NAMES, Language
from tracker.models.remark import RemarkKind
from tracker.models.submission import SubmissionQuerySet, SubmissionStage, is_withdrawn
from tracker.models.user import Role
from tracker.queries.difference import EVIDENCE, Difference, all_fields
from tracker.queries.submissions.items import SHOWN_APART, SubmittedItem, submitted_items, translations_of
from tracker.queries.submissions.rewording import WordingChange, texts_of_answer, wording_changes
from tracker.queries.themes import ThemeGroup, by_frozen_theme
from tracker.workflow import NOT_READ

CHANGED, ASKED, ALL = "changed", "asked", "all"
State = SubmissionStage


class EarlierClarification(NamedTuple):
    """`is_overdue`: the day to reply has passed without a reply or a new version."""

    remark: Remark
    reply: Reply | None
    is_overdue: bool

    @property
    def item(self) -> SubmissionItem:
        return self.remark.item

    @property
    def submission(self) -> Submission:
        return self.remark.item.submission


class ReadingRow(NamedTuple):
    """`before`: the item remarked last in this reading in another version, else that of the last closed reading.

    `remark` is on the version that is submitted now, or is a request that was written on an earlier one and not sent.
    """

    item: SubmissionItem
    before: SubmissionItem | None
    is_changed: bool
    remark: Remark | None
    questions: list[EarlierClarification]

    @property
    def is_read(self) -> bool:
        return self.remark is not None and not self.moves_along

    @property
    def moves_along(self) -> bool:
        """Return whether a request was written on an earlier version of the answer, and not sent."""
        return self.remark is not None and self.remark.item.revision_id != self.item.revision_id

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
    """`fields` have equal sides where nothing changed; `translations` are by field; `known` are keys of the evidence
    items cited before.
    """

    shown: SubmittedItem
    before: SubmittedItem | None
    against: Submission | None
    fields: list[Difference]
    translations: dict[str, CourtesyTranslation]
    known: set[int]
    rewordings: list[WordingChange]


@dataclass(frozen=True)
class Reading:
    """`base` is the last closed reading before this submission; `rows` are all items, in the order of the paper.

    `superseding` is the current submission where this one is not.
    """

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
            "confirmed": sum(row.item.still_correct_as_at is not None for row in self.rows),
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
    """Read in a fixed number of queries. `of_the_state` are all submissions of the respondent, with participation."""
    of_the_state = list(of_the_state)
    base = _base(submission, of_the_state)
    # Includes remarks not sent yet, which no queryset for both sides returns: the reader is the officer.
    remarks = Remark.everyones.filter(item__submission__participation=submission.participation)
    remarks = remarks.exclude(is_withdrawn("item__submission__")).order_by("pk")
    remarks = remarks.select_related("author", "withdrawal", "item__submission__respondent", "item__submission__round")
    of_unit = group_pairs((remark.item.unit_id, remark) for remark in remarks)
    remarked = [remark.item for remarks in of_unit.values() for remark in remarks]
    items = _items([submission, *([base] if base else [])])
    seals = _sealed_answers([*items, *remarked])
    read_last = {item.unit_id: item for item in items if base and item.submission_id == base.pk}
    replies = _submitted_replies(submission)
    rows = [
        _row(item, of_unit[item.unit_id], read_last.get(item.unit_id), seals, replies)
        for item in items
        if item.submission_id == submission.pk
    ]
    themes = dict(RoundUnit.objects.filter(round=submission.round).values_list("unit", "themes"))
    return Reading(submission, base, _current_instead(submission, of_the_state), rows, themes)


def _row(
    item: SubmissionItem,
    remarks: list[Remark],
    read_last: SubmissionItem | None,
    seals: dict[int, tuple],
    replies: dict[int, Reply],
) -> ReadingRow:
    earlier = [remark.item for remark in remarks if remark.item.revision_id != item.revision_id]
    before = max([*earlier, *([read_last] if read_last else [])], key=lambda item: item.pk, default=None)
    own = [remark for remark in remarks if remark.item.revision_id == item.revision_id]
    unanswered = {remark.pk for remark in own} - replies.keys()
    unsent = [remark for remark in remarks if remark.kind == RemarkKind.CLARIFICATION and not remark.sent_at]
    return ReadingRow(
        item=item,
        before=before,
        is_changed=seals[item.pk] != (seals[before.pk] if before else ()),
        remark=next(iter(unsent or reversed(own)), None),
        questions=[
            EarlierClarification(
                remark, replies.get(remark.pk), is_overdue=remark.is_overdue and remark.pk in unanswered
            )
            for remark in reversed(remarks)
            if remark.sent_at
        ],
    )


def in_full(found: Reading, row: ReadingRow, show: str) -> ItemView:
    """Read one item, compared with the item asked about if it came back, else with the last reading if it changed."""
    before = row.before if row.is_changed else None
    if show == ASKED and row.questions:
        before = row.questions[0].item
    compared = before if before and before.status and before.submission_id != found.submission.pk else None
    by_pk = {
        shown.item.pk: shown
        for shown in submitted_items(found.submission, [row.item, *([compared] if compared else [])])
    }
    now, former = by_pk[row.item.pk], by_pk[compared.pk] if compared else None
    words = former.words if former else now.words
    return ItemView(
        shown=now,
        before=former,
        against=compared.submission if compared else None,
        fields=[
            field
            for field in all_fields(words, now.words)
            if field.name not in SHOWN_APART and (field.name != EVIDENCE or field.before != field.after)
        ],
        translations=(translations_of([now.item.revision])[now.item.revision.pk] if now.item.revision else {}),
        known={piece.citation.evidence_version.evidence_id for piece in former.pieces} if former else set(),
        rewordings=wording_changes(now.item.revision, texts_of_answer(now.item.unit_id)) if now.item.revision else [],
    )


def queue(submissions: SubmissionQuerySet) -> QuerySet[Submission]:
    """Return one submission for each State and round, the longest wait first, then closed readings."""
    stage = "participation__state"
    done = Case(When(**{f"{stage}__in": [State.REVIEW_CLOSED, State.WITHDRAWN]}, then=1), default=0)
    return (
        submissions.newest_in_round()
        .annotate(done=done)
        .select_related("respondent", "round", "participation__taken_by", "sealed_by")
        .order_by("done", "sealed_at", "pk")
    )


def in_languages(submissions: QuerySet[Submission], languages: Collection[str]) -> QuerySet[Submission]:
    """Keep the submissions of which every answer is in one of the languages."""
    answers = SubmissionItem.objects.filter(submission=OuterRef("pk"), revision__isnull=False)
    return submissions.exclude(Exists(answers.exclude(revision__language__in=languages)))


def languages_of(submissions: Iterable[Submission]) -> dict[int, list[str | Promise]]:
    """Return the names of the languages of the answers by the key of each submission."""
    items = SubmissionItem.objects.of_submissions(submissions).filter(revision__isnull=False)
    found = set(items.order_by().values_list("submission", "revision__language").distinct())
    pairs = ((submission, language) for language in Language for submission, code in found if code == language)
    return group_pairs((submission, LANGUAGE_NAMES.get(code, code.label)) for submission, code in pairs)


def days_to_reply(submissions: Iterable[Submission], reader: User) -> dict[int, date]:
    """Return the first day by which a reply is requested, by the key of each submission that has open requests."""
    current = "item__submission__participation__current"
    open_ = Remark.objects.to_be_read_by(reader).open().filter(**{f"{current}__in": list(submissions)})
    days = open_.filter(reply_by__isnull=False).order_by().values_list(current)
    return dict(days.annotate(Min("reply_by")))


class OfficerLoad(NamedTuple):
    """`oldest`: when the oldest submission was submitted of those that are not closed."""

    officer: User
    readings: int
    oldest: datetime | None

    @property
    def days(self) -> int | None:
        return days_since(self.oldest) if self.oldest else None


def days_since(moment: datetime) -> int:
    return (timezone.localdate() - timezone.localdate(moment)).days


def readings_by_officer(officers: Iterable[User], reader: User) -> list[OfficerLoad]:
    """Count what each officer is to read or reads, of the States for which the reader may read."""
    rows = Participation.objects.to_be_read_by(reader).filter(state__in=NOT_READ, taken_by__isnull=False)
    counts = rows.order_by().values_list("taken_by").annotate(Count("pk"), Min("current__sealed_at"))
    found = {officer: (count, oldest) for officer, count, oldest in counts}
    return [OfficerLoad(officer, *found.get(officer.pk, (0, None))) for officer in officers]


class ReadingTasks(NamedTuple):
    """Submissions that are not closed, the longest wait first: `own` readings of the reader, those in progress first;
    `waiting`, without an officer; `asked`: own, that wait for the State.
    """

    own: list[Submission]
    waiting: list[Submission]
    asked: list[Submission]


def reading_tasks(reader: User) -> ReadingTasks:
    submissions = queue(Submission.objects.to_be_read_by(reader)).filter(done=0)
    found = [(row, row.participation) for row in submissions]
    submitted = [(row, reading.taken_by_id) for row, reading in found if reading.state == State.SUBMITTED]
    assigned = {key for _row, key in submitted} - {None, reader.pk}
    officers = Membership.objects.current().filter(role=Role.REVIEWER, user__in=assigned)
    has_officer = {*officers.values_list("user", flat=True), reader.pk}  # a restriction ends an assignment by itself
    own = [(submission, reading) for submission, reading in found if reading.taken_by == reader]
    return ReadingTasks(
        own=[row for stage in (State.UNDER_REVIEW, State.SUBMITTED) for row, reading in own if reading.state == stage],
        waiting=[row for row, key in submitted if key not in has_officer],
        asked=[submission for submission, reading in own if reading.state == State.CLARIFICATION_REQUESTED],
    )


def _base(submission: Submission, of_the_state: list[Submission]) -> Submission | None:
    """Return the last submission of the body, before this one, with which a reading was closed."""
    earlier = [
        other
        for other in of_the_state
        if other.round.body_id == submission.round.body_id
        and other.number == other.participation.read_to
        and not other.is_withdrawn
        and other.pk < submission.pk
    ]
    return max(earlier, key=lambda submission: submission.pk, default=None)


def _current_instead(submission: Submission, of_the_state: list[Submission]) -> Submission | None:
    of_the_round = [other for other in of_the_state if other.round_id == submission.round_id]
    return next((other for other in of_the_round if other.is_current and other.pk != submission.pk), None)


def _items(submissions: list[Submission]) -> list[SubmissionItem]:
    by_pk = {submission.pk: submission for submission in submissions}
    items = SubmissionItem.objects.of_submissions(submissions).select_related("unit__meeting")
    found = list(items.defer("chapeaux", "answered_with").order_by("position", "pk"))
    for item in found:
        item.submission = by_pk[item.submission_id]
    return found


def _sealed_answers(items: list[SubmissionItem]) -> dict[int, tuple]:
    """Return by item key the answer with which of its evidence is withheld; empty without an answer."""
    pieces = SubmissionEvidence.objects.of_items(items).order_by("item", "position")
    withheld = group_pairs(pieces.values_list("item", "withheld"))
    return {item.pk: (item.revision_id, tuple(withheld[item.pk])) if item.revision_id else () for item in items}


def _submitted_replies(submission: Submission) -> dict[int, Reply]:
    """Return by the key of a request in this round its reply."""
    replies = Reply.objects.for_readers_of(submission.respondent).filter(
        ~is_withdrawn("submission__"), submission__round=submission.round
    )
    return {reply.remark_id: reply for reply in replies.select_related("withdrawal")}
