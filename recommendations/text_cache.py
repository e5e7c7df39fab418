"""The texts as every desk shows them, kept in the memory of a process for as long as the catalogue stands as it does.

They are a quarter of what a page of 230 units asks of the database, and change a few times a year.
"""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy

from django.db.models import QuerySet

from recommendations.models import Family, FamilyMember, NodeKind, Recommendation, Wording, stamp_column


class CachedTexts:
    """All nodes of all bodies that have words, with what `with_text()` reads of them, and all wordings; in one query.

    `stamp`: that of the catalogue when they were read. `written` of a node is where a page leaves the HTML of its text
    for the next one.
    """

    def __init__(self):
        self.stamp: int | None = None
        self.wordings: dict[int, Wording] = {}
        self._nodes: dict[int, Recommendation] = {}
        self._items = defaultdict(list)
        for wording in _read_wordings():
            self.stamp = wording.stamp  # type: ignore[attr-defined]
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
            if node.is_unit and node.kind == NodeKind.CHAPEAU:
                node.items_as_one = [self._own(item, own) for item in self._items[key]]
        return own[key]


class CachedFamilies:
    """The families of texts, in the order of names; a unit at a chapeau has its items' families too. In one query.

    `by_key` of the text; `stamp`: that of the catalogue when they were read.
    """

    def __init__(self):
        self.stamp: int | None = None
        found: defaultdict[int, list[Family]] = defaultdict(list)
        for member in _read_members():
            self.stamp = member.stamp  # type: ignore[attr-defined]
            for key in filter(None, (member.recommendation_id, member.recommendation.parent_id)):
                if member.family not in found[key]:
                    found[key].append(member.family)
        self.by_key: dict[int, tuple[Family, ...]] = {key: tuple(families) for key, families in found.items()}


_cache: dict[type, CachedTexts | CachedFamilies] = {}


def texts_at(stamp: int | None) -> CachedTexts:
    """The texts with this stamp, which the caller has just read, or newer ones."""
    return _read_cache(CachedTexts, stamp)


def families_at(stamp: int | None) -> CachedFamilies:
    """Likewise."""
    return _read_cache(CachedFamilies, stamp)


def _read_cache(kind, stamp: int | None):
    """What is kept, if it has this stamp; else what is read now. Without a stamp nothing is kept for the next."""
    kept = _cache.get(kind)
    if kept is None or stamp is None or kept.stamp != stamp:
        kept = _cache[kind] = kind()
    return kept


def _read_wordings() -> QuerySet[Wording]:
    """In the order of the paper."""
    about = (f"recommendation__{name}" for name in ("body", "meeting", "primary_theme", "secondary_theme"))
    found = Wording.objects.select_related(*about).annotate(stamp=stamp_column())
    return found.order_by("recommendation__body", "recommendation__position", "number")


def _read_members() -> QuerySet[FamilyMember]:
    found = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY).select_related("family", "recommendation")
    return found.annotate(stamp=stamp_column()).order_by("family__name")
