"""What a State publishes of what it handed in: the same for everybody; and the record of its having published it."""

from datetime import datetime
from typing import NamedTuple

from tracker.models import Submission, SubmissionItem, Use, User


class Turn(NamedTuple):
    """From `at` on it is published, or is not any more; `by` is None where it was withdrawn as a whole."""

    at: datetime
    is_published: bool
    by: User | None


class TakenBack(NamedTuple):
    submission: Submission
    at: datetime


def turns(submission: Submission) -> list[Turn]:
    """When it was published and when taken back, in this order; it comes with its standing."""
    found: list[Turn] = []
    standing = submission.standing
    uses = Use.objects.of_submissions([submission]).select_related("said_by").order_by("said_at", "pk")
    for use in uses:
        if standing.withdrawn_at and use.said_at > standing.withdrawn_at:
            break
        if use.published != is_published(found):
            found.append(Turn(use.said_at, use.published, use.said_by))
    if standing.withdrawn_at and is_published(found):
        found.append(Turn(standing.withdrawn_at, False, None))
    return found


def taken_back(code: str, round_code: str, number: int) -> TakenBack | None:
    """A submission that was published once and is not now; nothing where there is none, or it never was."""
    submissions = Submission.objects.once_published()
    submission = submissions.filter(respondent__code=code, round__code=round_code, number=number).first()
    last = turns(submission)[-1:] if submission else []
    return TakenBack(submission, last[0].at) if submission and last and not last[0].is_published else None


def published_submissions() -> list[Submission]:
    """In alphabetical order of the States, of each the newest first."""
    found = Submission.objects.published().select_related("respondent", "round__body")
    return list(found.order_by("respondent__sort_key", "respondent", "-sealed_at", "-pk"))


def published_answers(unit_id: int) -> list[SubmissionItem]:
    """To one unit, in alphabetical order of the States: of each that in the newest submission that it publishes."""
    items = (
        SubmissionItem.objects.published()
        .filter(unit=unit_id)
        .exclude(status="")
        .select_related("submission__respondent", "submission__round", "unit")
        .order_by("submission__respondent__sort_key", "submission__respondent", "submission__sealed_at")
    )
    return list({item.submission.respondent_id: item for item in items}.values())


def is_published(turns: list[Turn]) -> bool:
    """Whether it is published now, by its `turns`."""
    return bool(turns) and turns[-1].is_published
