from collections.abc import Iterable
from functools import cached_property

from django.db.models import F, QuerySet

from tracker.models import Evidence, EvidenceVersion, Respondent, User


class EvidenceList:
    """Read no more versions of evidence than are requested, and each once."""

    def __init__(self, versions: QuerySet[EvidenceVersion]):
        self._versions = versions.select_related("evidence", "file", "withdrawal")
        self._read: dict[int, EvidenceVersion] = {}

    @cached_property
    def newest(self) -> list[tuple[int, str]]:
        """Return (key, name) of the current version of each item by number, in one or two queries."""
        current = self._versions.filter(evidence__current=F("pk")).order_by("evidence__number")
        titles = list(current.values_list("pk", "evidence__number", "title"))
        withdrawn = self.read(key for key, _number, title in titles if not title)
        return [
            (key, f"{Evidence(number=number)} {title or withdrawn[key].shown_value('title')}")
            for key, number, title in titles
        ]

    def read(self, keys: Iterable[int]) -> dict[int, EvidenceVersion]:
        wanted = set(keys)
        if unread := wanted - self._read.keys():
            self._read |= self._versions.in_bulk(unread)
        return {key: self._read[key] for key in wanted & self._read.keys()}


def evidence_list_of(user: User, desk: Respondent) -> EvidenceList:
    return EvidenceList(EvidenceVersion.objects.visible_to(user).filter(evidence__respondent=desk))


NOTHING_TO_CITE = EvidenceList(EvidenceVersion.objects.none())
