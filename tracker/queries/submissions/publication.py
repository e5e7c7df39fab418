"""Read what a State publishes of its submissions, which is the same for everyone, and when it published it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from recommendations.search.index import ORIGINAL
from recommendations.search.query import Query
from recommendations.search.ranking import score_texts, terms_by_field
from tracker.models import Submission, SubmissionItem, Use, User

MOST_FOUND = 100  # submissions of States that were named


class PublicationChange(NamedTuple):
    """`is_published` from `at` on; `by` is None where the whole submission was withdrawn."""

    at: datetime
    is_published: bool
    by: User | None


class FormerPublication(NamedTuple):
    submission: Submission
    at: datetime


def publication_history(submission: Submission) -> list[PublicationChange]:
    """Return publishing and unpublishing in order. The submission must be selected with its participation."""
    found: list[PublicationChange] = []
    for use in Use.objects.of_submissions([submission]).select_related("said_by").order_by("pk"):
        if use.published != is_published(found):
            found.append(PublicationChange(use.said_at, use.published, use.said_by))
    withdrawn_at = submission.participation.withdrawn_at
    if withdrawn_at and submission.is_withdrawn and is_published(found):
        found.append(PublicationChange(withdrawn_at, False, None))
    return found


def former_publication(code: str, round_code: str, number: int) -> FormerPublication | None:
    submissions = Submission.objects.published_to_date()
    submission = submissions.filter(respondent__code=code, round__code=round_code, number=number).first()
    last = publication_history(submission)[-1:] if submission else []
    return FormerPublication(submission, last[0].at) if submission and last and not last[0].is_published else None


def published_submissions() -> list[Submission]:
    found = Submission.objects.published().select_related("respondent", "round__body")
    return list(found.order_by("respondent__sort_key", "respondent", "-pk"))


def published_submissions_of(query: Query, names: Mapping[int, str], state: int | None) -> list[Submission]:
    """Return the published submissions of the States whose names answer the words typed, the newest first.

    `names`: of all respondents, by key. `state`: the one that was named beside the words of the query.
    """
    scores = {
        key: score_texts(terms_by_field(ORIGINAL, title=name), ORIGINAL, query.groups) for key, name in names.items()
    }
    named = [key for key, (score, covered) in scores.items() if key == state or (score and covered >= query.least)]
    found = Submission.objects.published().filter(respondent__in=named).select_related("respondent", "round__body")
    return list(found.order_by("-sealed_at", "-pk")[:MOST_FOUND]) if named else []


def published_answers(unit_id: int) -> list[SubmissionItem]:
    items = (
        SubmissionItem.objects.published()
        .filter(unit=unit_id)
        .exclude(status="")
        .select_related("submission__respondent", "submission__round", "unit")
        .order_by("submission__respondent__sort_key", "submission__respondent", "submission_id")
    )
    return list({item.submission.respondent_id: item for item in items}.values())


def is_published(history: list[PublicationChange]) -> bool:
    return bool(history) and history[-1].is_published
