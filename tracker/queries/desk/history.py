from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Prefetch, QuerySet

from recommendations.models import Recommendation
from tracker.models import Citation, Respondent, Revision, User
from tracker.models.language import Language
from tracker.queries.desk.copies import with_origin
from tracker.queries.difference import Difference, differences, in_words


class HistoryEntry(NamedTuple):
    revision: Revision
    changes: list[Difference]


def revisions_of(user: User, desk: Respondent, unit: Recommendation) -> QuerySet[Revision]:
    revisions = Revision.objects.visible_to(user).filter(record__respondent=desk, record__recommendation=unit)
    return revisions.order_by("-number")


def with_citations(user: User, revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    cited = Citation.objects.visible_to(user).order_by("position")
    cited = cited.select_related(
        "withdrawal", "evidence_version__evidence", "evidence_version__file", "evidence_version__withdrawal"
    )
    revisions = revisions.select_related("record", "author", "withdrawal", "source")
    return with_origin(revisions, user).prefetch_related(Prefetch("citations", cited))


def last_language(respondent: Respondent, user: User) -> str:
    own = Revision.objects.visible_to(user).filter(record__respondent=respondent, author=user).order_by("-pk")
    return own.values_list("language", flat=True).first() or Language.ENGLISH


def words_of(revision: Revision) -> dict[str, str]:
    return in_words(revision, revision.citations.all())


def compare_revisions(revisions: Iterable[Revision], shown: int) -> list[HistoryEntry]:
    """Return the first `shown` revisions, the newest first, each compared with the next in the list, if any."""
    revisions = list(revisions)
    words = [words_of(revision) for revision in revisions]
    before = [*words[1:], *words[-1:]]
    return [HistoryEntry(*entry) for entry in zip(revisions, map(differences, before, words), strict=True)][:shown]
