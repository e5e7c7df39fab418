from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from recommendations.models import Recommendation
from tracker.models import Respondent, Revision, SubmissionItem, User
from tracker.models.language import Language
from tracker.queries.desk.copies import with_citations, with_origin
from tracker.queries.difference import Difference, compare_fields, words_of


class HistoryEntry(NamedTuple):
    revision: Revision
    changes: list[Difference]


class SubmittedRound(NamedTuple):
    """`missing`: the difficulties, or why there is nothing to do."""

    item: SubmissionItem
    done: str = ""
    missing: str = ""


def submitted_rounds(user: User, desk: Respondent, unit: Recommendation) -> list[SubmittedRound]:
    """Return the last submission of each round that asked for the unit, the newest round first, in one query."""
    items = SubmissionItem.objects.visible_to(user).filter(submission__respondent=desk, unit=unit).of_newest_in_round()
    related = [f"submission__{name}" for name in ("respondent", "round", "participation")]
    found = items.select_related("revision__withdrawal", *related).order_by("-submission__round__due_on", "-pk")
    return [SubmittedRound(item, *_summary_of(item.revision)) for item in found]


def _summary_of(revision: Revision | None) -> list[str]:
    """Return what was done and what is missing."""
    if revision is None:
        return []
    return [revision.shown_value("measures"), revision.shown_value("difficulties") or revision.shown_value("reasons")]


def revisions_of(user: User, desk: Respondent, unit: Recommendation) -> QuerySet[Revision]:
    revisions = Revision.objects.visible_to(user).filter(record__respondent=desk, record__recommendation=unit)
    return revisions.order_by("-number")


def with_citations_and_origin(user: User, revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    revisions = revisions.select_related("record", "author", "withdrawal", "source")
    return with_origin(with_citations(revisions, user), user)


def last_language(respondent: Respondent, user: User) -> str:
    own = Revision.objects.visible_to(user).filter(record__respondent=respondent, author=user).order_by("-pk")
    return own.values_list("language", flat=True).first() or Language.ENGLISH


def compare_revisions(revisions: Iterable[Revision], shown: int) -> list[HistoryEntry]:
    """Return the first `shown` revisions, the newest first, each compared with the next in the list, if any."""
    revisions = list(revisions)
    words = [words_of(revision) for revision in revisions]
    before = [*words[1:], *words[-1:]]
    return [HistoryEntry(*entry) for entry in zip(revisions, map(compare_fields, before, words), strict=True)][:shown]
