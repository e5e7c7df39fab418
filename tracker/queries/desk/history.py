from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from recommendations.models import Recommendation
from tracker.models import Respondent, Revision, User
from tracker.models.language import Language
from tracker.queries.desk.copies import with_citations, with_origin
from tracker.queries.difference import Difference, compare_fields, words_of


class HistoryEntry(NamedTuple):
    revision: Revision
    changes: list[Difference]


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
