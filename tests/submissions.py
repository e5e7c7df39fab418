"""Answers, rounds, submissions and readings, made by their actions."""

import datetime
from collections.abc import Collection, Mapping

from django.utils import timezone

from recommendations.models import Body, Meeting, Recommendation, slug_of
from tracker.actions.assignment import send_to_focal_point
from tracker.actions.courtesy_translation import save_translations
from tracker.actions.quotation import notify_of_quotations, save_quotation
from tracker.actions.record import Answer, next_revision, save_answer
from tracker.actions.release import make_release, save_release
from tracker.actions.remark import close_reading, save_remark, send_clarifications, start_reading
from tracker.actions.reply import GivenReply, submit_replies
from tracker.actions.round import open_round, plan_round
from tracker.actions.submission import Statements, change_use, check_submission, confirm_answers, submit
from tracker.figures.release import draft_release
from tracker.models import (
    Assignment,
    Citation,
    Participation,
    Quotation,
    Record,
    Release,
    Remark,
    Respondent,
    Revision,
    Round,
    Submission,
    SubmissionItem,
    User,
)
from tracker.models.remark import RemarkKind
from tracker.models.status import Status
from tracker.models.submission import SubmissionStage

STATED = Statements(names_no_victim=True, in_aggregates=True)


def opened_round(by: User, code: str = "2026", meetings: Collection[int] = (), body: Body | None = None) -> Round:
    """Open a round over what these meetings adopted, or over all of a body, the first where none is given."""
    body = body or Body.objects.get(is_first=True)
    round_ = Round(
        body=body,
        code=code,
        title=f"Round {code}",
        opens_on=datetime.date(2026, 9, 1),
        due_on=datetime.date(2027, 1, 31),
    )
    scope = Meeting.objects.filter(body=body, number__in=meetings)
    plan_round(round=round_, meetings=scope, themes=[], families=[], by=by)
    open_round(round=round_, by=by)
    return Round.objects.get(code=code)


def close_round(round_: Round) -> None:
    """Let the round have closed yesterday, and have been due the day before."""
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    due_on = yesterday - datetime.timedelta(days=1)
    Round.objects.filter(pk=round_.pk).update(opens_on=due_on, due_on=due_on, closes_on=yesterday)


def submit_ready(respondent: Respondent, round_: Round, by: User, statements: Statements = STATED) -> Submission:
    """What is ready now, submitted."""
    fingerprint = check_submission(respondent, round_).digest
    return submit(respondent=respondent, round_=round_, fingerprint=fingerprint, statements=statements, by=by)


def confirm(
    respondent: Respondent, round_: Round, labels: Collection[str], by: User, as_at: datetime.date | None = None
) -> int:
    """Confirm the current answers of an earlier round, as at today if not said."""
    records = Record.everyones.filter(respondent=respondent, recommendation__label__in=labels)
    revisions = list(records.values_list("current", flat=True))
    as_at = as_at or timezone.localdate()
    return confirm_answers(respondent=respondent, round_=round_, revisions=revisions, as_at=as_at, by=by)


def save_statuses(respondent: Respondent, by: User, base: int = 0, **statuses: str) -> None:
    """Answers that are ready, with reasons; statuses by label."""
    for label, status in statuses.items():
        reason_code = "date_has_passed" if status == Status.NOT_APPLICABLE else ""
        answer = Answer(status=status, ready=True, reasons="Reasons", reason_code=reason_code)
        unit = Recommendation.objects.with_text().get(slug=slug_of(label))
        save_answer(respondent=respondent, unit=unit, base=base, answer=answer, by=by)


def send_answer(respondent: Respondent, unit: Recommendation, by: User) -> list[Assignment]:
    """Send the answer of a contributor to the focal point; where there is none, a short answer."""
    if not Record.everyones.filter(respondent=respondent, recommendation=unit, current__isnull=False).exists():
        save_answer(respondent=respondent, unit=unit, base=0, answer=Answer("in_progress", measures="A bill."), by=by)
    return send_to_focal_point(respondent=respondent, unit=unit, by=by)


def save_many(respondent: Respondent, answers: Mapping[Recommendation, Answer], by: User) -> None:
    """First answers by unit, in a tenth of the time: by few inserts, without events."""
    records = Record.everyones.bulk_create(Record(respondent=respondent, recommendation=unit) for unit in answers)
    made = [
        next_revision(record, answer, by=by, at=timezone.now())
        for record, answer in zip(records, answers.values(), strict=True)
    ]
    Revision.everyones.bulk_create(revision for revision, _citations in made)
    Citation.everyones.bulk_create(citation for _revision, citations in made for citation in citations)
    for record, (revision, _citations) in zip(records, made, strict=True):
        record.current = revision
    Record.everyones.bulk_update(records, ["current"])


def asked_about(submission: Submission, questions: dict[str, str], by: User) -> dict[str, Remark]:
    """Taken by a reviewer, where nobody reads yet, and questions sent; by label."""
    if Participation.everyones.get(submissions=submission).state == SubmissionStage.SUBMITTED:
        start_reading(submission=submission, by=by)
    items = SubmissionItem.everyones.filter(submission=submission, unit__label__in=questions).select_related("unit")
    for item in items:
        save_remark(item=item, kind=RemarkKind.CLARIFICATION, question=questions[item.unit.label], by=by)
    send_clarifications(submission=submission, by=by)
    return {remark.item.unit.label: remark for remark in Remark.everyones.filter(item__submission=submission)}


def reply_to(remark: Remark, text: str, by: User) -> Submission:
    """Reply in words, and return the submission that the reply makes."""
    asking = remark.item.submission
    given = [GivenReply(remark, text)]
    return submit_replies(respondent=asking.respondent, round_=asking.round, given=given, names_no_victim=True, by=by)


def read_and_answered(respondent: Respondent, round_: Round, label: str, by: User, reader: User) -> Submission:
    """The story: submitted, asked about one item, answered in words, closed, and opened for use."""
    first = submit_ready(respondent, round_, by)
    remarks = asked_about(first, {label: "Which article?"}, reader)
    second = reply_to(remarks[label], "Article 9.", by)
    close_reading(submission=second, by=reader)
    change_use(submission=second, in_aggregates=True, quoted=True, published=True, by=by)
    return second


def item_of(submission: Submission, label: str) -> SubmissionItem:
    return SubmissionItem.everyones.get(submission=submission, unit__label=label)


def translate(submission: Submission, label: str, by: User, into: str = "en", **texts: str) -> None:
    save_translations(revision=item_of(submission, label).revision, language=into, texts=texts, by=by)


def quote(
    release: Release, submission: Submission, label: str, field: str, by: User, translation: str = ""
) -> Quotation:
    """Put a whole text in the tray, with a translation, and notify the State."""
    item = item_of(submission, label)
    if translation:
        into = "fr" if item.revision.language == "en" else "en"
        translate(submission, label, by, into, **{field: translation})
    words = getattr(item.revision, field)
    quotation = save_quotation(release=release, item=item, field=field, words=words, translated=translation, by=by)
    notify_of_quotations(
        release=release, language="en", object_by=timezone.localdate() + datetime.timedelta(days=10), by=by
    )
    return quotation


def revisions_of(label: str) -> list[Revision]:
    return list(Revision.everyones.filter(record__recommendation__label=label).order_by("number"))


def made_release(round_: Round, by: User) -> Release:
    """Close the round for a moment, and make a release of it."""
    days = Round.objects.filter(pk=round_.pk).values("opens_on", "due_on", "closes_on").get()
    close_round(round_)
    try:
        return make_release(round=round_, by=by)
    finally:
        Round.objects.filter(pk=round_.pk).update(**days)


def release_of_few(round_: Round, by: User) -> Release:
    """Return the release of the round; save one of few States, which nobody can make: none of its figures is shown."""
    return Release.objects.filter(round=round_).first() or save_release(draft_release(round_), by, [])
