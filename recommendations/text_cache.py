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

RELATIONS = ("body", "meeting__body", "paper__body", "primary_theme", "secondary_theme")


class TextCache:
    """All nodes that have words, as `with_text()` reads them, with `notes` and `children`, their items; all wordings,
    and the families of each text by key, those of its items included.

    `stamp` is that of the catalogue when they were read. `published` are the published nodes in the order of their
    paper. `html` of a node has the HTML of its text for the next page. All are shared between callers: do not change
    them.
    """

    def __init__(self):
        """Read the stamp in the first query: what changes after it has another stamp, and is read the next time."""
        self.stamp: int | None = None
        self.wordings: dict[int, Wording] = {}
        self._nodes: dict[int, Recommendation] = {}
        self._first_body: int | None = None
        for wording in _read_wordings():
            self.stamp = wording.stamp  # type: ignore[attr-defined]
            self.wordings[wording.pk] = wording
            if wording.recommendation.current_wording_id == wording.pk:
                self._add_node(wording.recommendation, wording)
        read_notes(self._nodes.values())
        self.published = [node for node in self._nodes.values() if node.published_at]
        for node in self.published:
            node.parent = self._nodes.get(node.parent_id or 0)
            if node.parent:
                node.parent.children.append(node)  # type: ignore[attr-defined]
        self.families = self._read_families()

    def nodes(self, keys: Iterable[int]) -> dict[int, Recommendation]:
        """Return copies of nodes by key, with chapeaux and `unit_items` that are copies too. A key that is not here, as
        of a retracted text, is left out. What is not a node is no copy.
        """
        copies: dict[int, Recommendation] = {}
        return {key: self._copy_node(key, copies) for key in keys if key in self._nodes}

    def all_of(self, body: Body | None) -> list[Recommendation]:
        """Return the nodes of a body, or of the first, in the order of the paper: do not change them."""
        key = body.pk if body else self._first_body
        return [node for node in self._nodes.values() if node.body_id == key]

    def _add_node(self, node: Recommendation, current: Wording) -> None:
        node.current_wording = current
        node.former = current.former  # type: ignore[attr-defined]
        node.currency_list = list(node.currencies.all())
        node.addressed_to = frozenset(addressee.code for addressee in node.addressees.all())
        node.children, node.html = [], {}  # type: ignore[attr-defined]
        if node.body.is_first:
            self._first_body = node.body_id
        self._nodes[node.pk] = node

    def _read_families(self) -> dict[int, tuple[Family, ...]]:
        """Return the families of each text by key, those of its items included, by name."""
        members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY)
        families: defaultdict[int, dict[Family, None]] = defaultdict(dict)
        for member in members.select_related("family").order_by("family__name"):
            if node := self._nodes.get(member.recommendation_id):
                for each in (node, *node.chapeaux):
                    families[each.pk][member.family] = None
        return {key: tuple(found) for key, found in families.items()}

    def _copy_node(self, key: int, copies: dict[int, Recommendation]) -> Recommendation:
        if key not in copies:
            node = copies[key] = _copy_model(self._nodes[key])
            if node.parent_id:
                node.parent = self._copy_node(node.parent_id, copies)
            if node.is_unit and node.kind == NodeKind.CHAPEAU:
                items = sorted(list_items(self._nodes[key]), key=lambda item: item.position)
                node.unit_items = [self._copy_node(item.pk, copies) for item in items]
        return copies[key]


def _copy_model(node: Recommendation) -> Recommendation:
    """Do what `copy` does, in a tenth of the time."""
    copied = Recommendation.__new__(Recommendation)
    copied._state = state = ModelState()
    vars(state).update(vars(node._state), fields_cache=node._state.fields_cache.copy())  # type: ignore[attr-defined]
    vars(copied).update(vars(node), _state=state)
    return copied


_cache: dict[str, TextCache] = {}  # under "texts"


def texts_at(stamp: int | None) -> TextCache:
    """Return the texts with this stamp, which the caller has just read, or newer ones; without a stamp, read them."""
    cached = _cache.get("texts")
    if cached is None or stamp is None or cached.stamp != stamp:
        cached = _cache["texts"] = TextCache()
    return cached


def published_at(stamp: int | None) -> list[Recommendation]:
    """Return published nodes, which are shared between callers: do not change them."""
    return list(texts_at(stamp).published)


def fill_cache() -> None:
    """Read all texts before the first page needs them."""
    texts_at(read_stamp())


def _read_wordings() -> QuerySet[Wording]:
    wordings = Wording.objects.select_related(*(f"recommendation__{name}" for name in RELATIONS))
    wordings = wordings.annotate(stamp=stamp_column(), former=former_labels_column("recommendation"))
    wordings = wordings.prefetch_related("recommendation__addressees", "recommendation__currencies")
    return wordings.order_by("recommendation__body", "recommendation__position", "number")


def list_items(node) -> list[Recommendation]:
    """Return all texts below a node of the cache: its items, then their items."""
    found = list(node.children)
    for item in found:
        found += item.children
    return found


def former_labels_column(text: str = "pk") -> Subquery:
    """Return the former labels of a text in lines, as the column `former` that `former_labels` reads."""
    changes = TextChange.objects.filter(recommendation=OuterRef(text)).order_by().values("recommendation")
    return Subquery(changes.values(labels=StringAgg("label", Value("\n"))))
