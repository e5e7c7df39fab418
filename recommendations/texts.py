"""The texts as every desk shows them, kept in the memory of a process for as long as the catalogue stands as it does.

They are a quarter of what a page of 230 units asks of the database, and change a few times a year.
"""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from functools import lru_cache

from django.db.models import F

from recommendations.models import CatalogueStamp, Family, FamilyMember, Recommendation, Wording

FamiliesByKey = dict[int, tuple[Family, ...]]


class Texts:
    """All nodes of all bodies that have words, each with what `with_text()` reads, and all their wordings.

    `written` of a node is where a page leaves the HTML of its text for the next one.
    """

    def __init__(self):
        self._nodes: dict[int, Recommendation] = {}
        self.wordings: dict[int, Wording] = {}
        self._items = defaultdict(list)
        for wording in _wordings():
            self.wordings[wording.pk] = wording
            if wording.recommendation.current_wording_id == wording.pk:
                self._keep(wording.recommendation, wording)

    def nodes(self, keys: Iterable[int]) -> dict[int, Recommendation]:
        """By key, with the `items_as_one` of units: each the caller's own, and so are its chapeaux and items. Wordings,
        meetings, themes and bodies are everybody's and only read; so is what is `written`.
        """
        own: dict[int, Recommendation] = {}
        return {key: self._own(key, own) for key in keys}

    def _keep(self, node: Recommendation, current: Wording) -> None:
        node.current_wording = current
        node.written = {}  # type: ignore[attr-defined]
        self._nodes[node.pk] = node
        self._items[node.parent_id].append(node.pk)

    def _own(self, key: int, own: dict[int, Recommendation]) -> Recommendation:
        if key not in own:
            node = own[key] = copy(self._nodes[key])
            if node.parent_id:
                node.parent = self._own(node.parent_id, own)
            if node.is_unit and node.kind == Recommendation.Kind.CHAPEAU:
                node.items_as_one = [self._own(item, own) for item in self._items[key]]
        return own[key]


# Both are read after the stamp and may be newer than it: then it has moved, and nobody asks for it again.


@lru_cache(maxsize=1)
def texts_at(stamp: str) -> Texts:
    """The texts with this stamp, which the caller has just read, in one query or in none."""
    return Texts()


@lru_cache(maxsize=1)
def families_at(stamp: str) -> FamiliesByKey:
    """Likewise the families of texts, in the order of names. A unit at a chapeau has its items' families too."""
    found: defaultdict[int, list[Family]] = defaultdict(list)
    members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY).select_related("family")
    for member in members.annotate(parent=F("recommendation__parent")).order_by("family__name"):
        for key in filter(None, (member.recommendation_id, member.parent)):
            if member.family not in found[key]:
                found[key].append(member.family)
    return {key: tuple(families) for key, families in found.items()}


def stamp_now() -> str:
    return CatalogueStamp.objects.get().stamp


def _wordings():
    """In the order of the paper."""
    about = (f"recommendation__{name}" for name in ("body", "meeting", "primary_theme", "secondary_theme"))
    return Wording.objects.select_related(*about).order_by("recommendation__body", "recommendation__position", "number")
