from collections.abc import Callable, Collection, Iterable
from functools import cached_property

from django.db.models import F, QuerySet

from tracker.models import Evidence, EvidenceVersion, Respondent, User
from tracker.models.matching import plain_words

SEARCHED = ("title", "citation", "url", "file_name")


def has_words(words: str, texts: Iterable[str]) -> bool:
    text = plain_words(" ".join(texts))
    return all(word in text for word in plain_words(words).split())


class EvidenceList:
    """Read no more versions of evidence than are requested, and each once. Most answers that are saved request none."""

    def __init__(self, make_versions: Callable[[], QuerySet[EvidenceVersion]]):
        self._make_versions = make_versions
        self._read: dict[int, EvidenceVersion] = {}

    @cached_property
    def _versions(self) -> QuerySet[EvidenceVersion]:
        return self._make_versions().select_related("evidence", "file", "withdrawal")

    def search(self, words: str, leave_out: Collection[int] = ()) -> list[int]:
        """Return the keys of current versions that have all these words, the newest items first."""
        current = self._versions.filter(evidence__current=F("pk")).exclude(pk__in=leave_out)
        rows = current.order_by("-evidence__number").values_list("pk", "evidence__number", *SEARCHED)
        return [key for key, number, *texts in rows if has_words(words, [str(Evidence(number=number)), *texts])]

    def read(self, keys: Iterable[int]) -> dict[int, EvidenceVersion]:
        wanted = set(keys)
        if unread := wanted - self._read.keys():
            self._read |= self._versions.order_by().in_bulk(unread)  # which costs less than an order that nobody sees
        return {key: self._read[key] for key in wanted & self._read.keys()}


def evidence_list_of(user: User, desk: Respondent) -> EvidenceList:
    return EvidenceList(lambda: EvidenceVersion.objects.visible_to(user).filter(evidence__respondent=desk))


NOTHING_TO_CITE = EvidenceList(lambda: EvidenceVersion.objects.none())
