"""Keep the texts that every desk and the public pages show in the memory of a process until the catalogue changes.

They are a quarter of what a page of 230 units reads from the database, and change a few times a year.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import OuterRef, QuerySet, StringAgg, Subquery, Value
from django.db.models.base import ModelState

from recommendations.models import (
    Body,
    Family,
    FamilyMember,
    NodeKind,
    Recommendation,
    TextChange,
    Wording,
    read_notes,
    read_stamp,
    stamp_column,
)

RELATIONS = ("body", "paper__body", "primary_theme", "secondary_theme")


class TextCache:
    """All nodes that have words, as `with_text()` reads them, with `notes`, and all wordings, in three queries.

    `stamp` is that of the catalogue when they were read. `html` of a node has the HTML of its text for the next page.
    """

    def __init__(self):
        self.stamp: int | None = None
        self.wordings: dict[int, Wording] = {}
        self._nodes: dict[int, Recommendation] = {}
        self._items = defaultdict(list)
        self._first_body: int | None = None
        for wording in _read_wordings():
            self.stamp = wording.stamp  # type: ignore[attr-defined]
            self.wordings[wording.pk] = wording
            if wording.recommendation.current_wording_id == wording.pk:
                self._add_node(wording.recommendation, wording)
        read_notes(self._nodes.values())

    def nodes(self, keys: Iterable[int]) -> dict[int, Recommendation]:
        """Return copies of nodes by key, with chapeaux and `unit_items` that are copies too. A key that is not here, as
        of a retracted text, is left out.

        Wordings, meetings, themes, bodies, `notes` and `html` are shared between callers: do not change them.
        """
        copies: dict[int, Recommendation] = {}
        return {key: self._copy_node(key, copies) for key in keys if key in self._nodes}

    def all_of(self, body: Body | None) -> list[Recommendation]:
        """Return the nodes of a body, or of the first, in the order of the paper: do not change them."""
        key = body.pk if body else self._first_body
        return [node for node in self._nodes.values() if node.body_id == key]

    def _add_node(self, node: Recommendation, current: Wording) -> None:
        node.current_wording = current
        node.currency_list = list(node.currencies.all())
        node.addressed_to = frozenset((current.codes or "").split())  # type: ignore[attr-defined]
        node.html = {}  # type: ignore[attr-defined]
        if node.body.is_first:
            self._first_body = node.body_id
        node.themes  # noqa: B018  # copies have it
        self._nodes[node.pk] = node
        self._items[node.parent_id].append(node.pk)

    def _copy_node(self, key: int, copies: dict[int, Recommendation]) -> Recommendation:
        if key not in copies:
            node = copies[key] = _copy_model(self._nodes[key])
            if node.parent_id:
                node.parent = self._copy_node(node.parent_id, copies)
            if node.is_unit and node.kind == NodeKind.CHAPEAU:
                node.unit_items = [self._copy_node(item, copies) for item in self._items[key]]
        return copies[key]


class FamilyCache:
    """Hold the families of each text by key, those of its items included, read in one query."""

    def __init__(self):
        self.stamp: int | None = None
        by_key: defaultdict[int, list[Family]] = defaultdict(list)
        for member in _read_members():
            self.stamp = member.stamp  # type: ignore[attr-defined]
            for key in filter(None, (member.recommendation_id, member.recommendation.parent_id)):
                if member.family not in by_key[key]:
                    by_key[key].append(member.family)
        self.by_key: dict[int, tuple[Family, ...]] = {key: tuple(families) for key, families in by_key.items()}


class PublishedCache:
    """Hold every published node in the order of its paper, with `children`, its items; `html` as in a TextCache."""

    def __init__(self):
        self.nodes: list[Recommendation] = list(_read_published())
        self.stamp: int | None = self.nodes[0].stamp if self.nodes else None  # type: ignore[attr-defined]
        by_id = {node.pk: node for node in self.nodes}
        for node in self.nodes:
            node.children, node.html = [], {}  # type: ignore[attr-defined]
            node.currency_list = list(node.currencies.all())
            node.parent = by_id.get(node.parent_id or 0)
            if node.parent:
                node.parent.children.append(node)  # type: ignore[attr-defined]


def _copy_model(node: Recommendation) -> Recommendation:
    """Do what `copy` does, in a tenth of the time."""
    copied = Recommendation.__new__(Recommendation)
    copied._state = state = ModelState()
    vars(state).update(vars(node._state), fields_cache=node._state.fields_cache.copy())  # type: ignore[attr-defined]
    vars(copied).update(vars(node), _state=state)
    return copied


_cache: dict[type, TextCache | FamilyCache | PublishedCache] = {}


def texts_at(stamp: int | None) -> TextCache:
    """Return the texts with this stamp, which the caller has just read, or newer ones."""
    return _read_cache(TextCache, stamp)


def families_at(stamp: int | None) -> FamilyCache:
    return _read_cache(FamilyCache, stamp)


def published_at(stamp: int | None) -> list[Recommendation]:
    """Return published nodes, which are shared between callers: do not change them."""
    return list(_read_cache(PublishedCache, stamp).nodes)


def fill_caches() -> None:
    """Read all texts before the first page needs them."""
    stamp = read_stamp()
    for kind in (TextCache, FamilyCache, PublishedCache):
        _read_cache(kind, stamp)


def _read_cache(kind, stamp: int | None):
    """Return what is cached, if it has this stamp, or else read it. Without a stamp, read it every time."""
    cached = _cache.get(kind)
    if cached is None or stamp is None or cached.stamp != stamp:
        cached = _cache[kind] = kind()
    return cached


def _read_wordings() -> QuerySet[Wording]:
    relations = [f"recommendation__{name}" for name in ("meeting", *RELATIONS)]
    addressed = Recommendation.addressees.through.objects.filter(recommendation=OuterRef("recommendation"))
    codes = addressed.values("recommendation").values(codes=StringAgg("addressee__code", Value(" ")))
    wordings = Wording.objects.select_related(*relations).annotate(stamp=stamp_column(), codes=Subquery(codes))
    wordings = wordings.prefetch_related("recommendation__currencies")
    return wordings.order_by("recommendation__body", "recommendation__position", "number")


def _read_members() -> QuerySet[FamilyMember]:
    members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY)
    return members.select_related("family", "recommendation").annotate(stamp=stamp_column()).order_by("family__name")


def _read_published() -> QuerySet[Recommendation]:
    """Read in four queries, the stamp in the first: a change after it has another stamp, and is read the next time."""
    published = Recommendation.objects.published().annotate(stamp=stamp_column(), former=former_labels_column())
    published = published.select_related("current_wording", "meeting__body", *RELATIONS)
    return published.prefetch_related("addressees", "currencies", "footnotes")


def former_labels_column() -> Subquery:
    """Return the former labels of a text in lines, as the column `former` that `former_labels` reads."""
    changes = TextChange.objects.filter(recommendation=OuterRef("pk")).order_by().values("recommendation")
    return Subquery(changes.values(labels=StringAgg("label", Value("\n"))))
