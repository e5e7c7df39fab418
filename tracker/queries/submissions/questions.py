"""Read the requests for clarification to a State, and how far each is. They are never public."""

from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from recommendations.models import Recommendation
from tracker.models import Participation, Record, Remark, Reply, Respondent, Submission, SubmissionItem, User
from tracker.models.submission import SubmissionStage, is_withdrawn
from tracker.queries.submissions.items import SubmittedItem, submitted_items


class Clarification(NamedTuple):
    """`revision` is the key of the current answer; `reply_in` and `revision_in` are references of the submissions that
    have a reply or a changed answer.
    """

    remark: Remark
    reply_in: str
    revision: int | None
    revision_number: int | None
    is_ready: bool
    revision_in: str

    @property
    def unit(self) -> Recommendation:
        return self.remark.item.unit

    @property
    def submission(self) -> Submission:
        return self.remark.item.submission

    @property
    def text(self) -> str:
        return self.remark.shown_value("question")

    @property
    def has_new_revision(self) -> bool:
        """Return whether a revision, ready or not, is saved since the request."""
        return self.revision != self.remark.item.revision_id

    @property
    def is_answered(self) -> bool:
        return bool(self.reply_in or self.revision_in)


class ClarificationRow(NamedTuple):
    clarification: Clarification
    submitted: SubmittedItem
    reply: Reply | None


def sent_clarifications(submissions: list[Submission], reader: User) -> list[Clarification]:
    sent = Remark.objects.visible_to(reader).filter(item__submission__in=submissions, sent_at__isnull=False)
    return [_clarification(remark) for remark in _with_answers(sent)]


def last_asked(submission: Submission, reader: User) -> Submission | None:
    """Return the submission of the round about which requests were sent last."""
    asked = (
        Remark.objects.visible_to(reader).in_force().filter(item__submission__participation=submission.participation)
    )
    last = asked.filter(sent_at__isnull=False).order_by("-pk")
    last = last.select_related("item__submission__respondent", "item__submission__round").first()
    return last.item.submission if last else None


def open_clarifications_of(participation: Participation, reader: User) -> list[Clarification]:
    if participation.state != SubmissionStage.CLARIFICATION_REQUESTED:
        return []
    open_ = Remark.objects.visible_to(reader).open().filter(item__submission__participation=participation)
    return [_clarification(remark) for remark in _with_answers(open_)]


def open_clarifications(desk: Respondent, reader: User, unit: Recommendation | None = None) -> list[Clarification]:
    """Read the clarifications that a State may answer now: usually none, which one small query finds."""
    asking = Participation.objects.visible_to(reader).filter(
        respondent=desk, state=SubmissionStage.CLARIFICATION_REQUESTED
    )
    return read_open_clarifications(desk, reader, unit) if asking.exists() else []


def read_open_clarifications(desk: Respondent, reader: User, unit: Recommendation | None = None) -> list[Clarification]:
    open_ = Remark.objects.visible_to(reader).open().filter(item__submission__respondent=desk)
    return [_clarification(remark) for remark in _with_answers(open_.filter(item__unit=unit) if unit else open_)]


def units_with_clarification(desk: Respondent, reader: User) -> set[int]:
    """Return the keys of the units about which the Secretariat requests clarification."""
    return {clarification.unit.pk for clarification in open_clarifications(desk, reader)}


def unanswered_clarifications(participation: Participation) -> int:
    """Count the requests without a submitted reply or new version."""
    requests = Remark.objects.for_readers_of(participation.respondent).unanswered()
    return requests.filter(item__submission__participation=participation).count()


def read_clarification_rows(questions: list[Clarification], reader: User) -> list[ClarificationRow]:
    if not questions:
        return []
    items = {
        shown.item.pk: shown
        for shown in submitted_items(questions[0].submission, [question.remark.item for question in questions])
    }
    given = Reply.objects.visible_to(reader).filter(remark__in=[question.remark.pk for question in questions])
    replies = {reply.remark_id: reply for reply in given.select_related("author", "withdrawal")}
    return [
        ClarificationRow(clarification, items[clarification.remark.item_id], replies.get(clarification.remark.pk))
        for clarification in questions
    ]


def _with_answers(remarks: QuerySet[Remark]) -> QuerySet[Remark]:
    """Annotate the answer to each, for `_clarification`. The rows must be of one State."""
    respondent, round_ = OuterRef("item__submission__respondent"), OuterRef("item__submission__round")
    replied = Reply.objects.filter(~is_withdrawn("submission__"), remark=OuterRef("pk"))
    current = Record.objects.filter(respondent=respondent, recommendation=OuterRef("item__unit"))
    later = SubmissionItem.objects.filter(
        ~is_withdrawn("submission__"),
        submission__respondent=respondent,
        submission__round=round_,
        submission__number__gt=OuterRef("item__submission__number"),
        unit=OuterRef("item__unit"),
    ).order_by("-submission__number")
    return (
        remarks.select_related("withdrawal", "item__unit", "item__submission__respondent", "item__submission__round")
        .annotate(
            replied=Subquery(replied.values("submission__number")),
            current=_first(current, revision="current", number="current__number", is_ready="current__ready"),
            later=_first(later, revision="revision", submission="submission__number"),
        )
        .order_by("item__submission", "item__position")
    )


def _first(rows: QuerySet, **columns: str) -> Subquery:
    return Subquery(rows.values(columns=JSONObject(**columns))[:1])


def _clarification(remark: Any) -> Clarification:
    def reference(number: int | None) -> str:
        asking = remark.item.submission
        return f"{asking.respondent.code}/{asking.round.code}/{number}" if number else ""

    current, later = remark.current or {}, remark.later or {}
    newer = later if later.get("revision") != remark.item.revision_id else {}
    return Clarification(
        remark=remark,
        reply_in=reference(remark.replied),
        revision=current.get("revision"),
        revision_number=current.get("number"),
        is_ready=bool(current.get("is_ready")),
        revision_in=reference(newer.get("submission")),
    )
