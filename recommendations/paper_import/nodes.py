"""Keep the texts of a draft in step with its outline, and what a curator corrected as it is. Parts of the actions."""

from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from recommendations.error_messages import LABEL_OF_ITEMS
from recommendations.groups import group_pairs
from recommendations.models import ImportedNode, PaperImport
from recommendations.outline.outline import Reason
from recommendations.paper_import import notation
from recommendations.paper_import.doubts import ADDED_WORDS, DROPPED_WORDS
from recommendations.paper_import.reading import Row, suggested_values

WORDS_SHOWN = 300  # letters of words in doubt


def update_nodes(paper_import: PaperImport, before: list[Row], by) -> None:
    """Add, change or leave out texts so that they follow the outline, which was `before`.

    A value that differs from what was suggested before is that of a curator, and stays.
    """
    nodes = paper_import.nodes.filter(is_added=False)
    rows_before = {row["number"]: row for row in before}
    is_left_out = dict(nodes.values_list("number", "is_left_out"))
    rows = [
        row
        for row in paper_import.outline
        if row != rows_before.get(row["number"]) or is_left_out.get(row["number"]) is ("becomes" in row)
    ]
    known = {node.number: node for node in nodes.filter(number__in=[row["number"] for row in rows])}
    new, gone = [], []
    changed: dict[str, list[ImportedNode]] = {}  # by the name of the field
    for row in rows:
        node, is_needed = known.get(row["number"]), "becomes" in row or row["doubts"]
        if node is None:
            if is_needed:
                new.append(_new_node(paper_import, row, by))
        elif not is_needed and node.version == 1:
            gone.append(node.pk)
        else:
            for name in _follow(node, row, suggested_values(rows_before[row["number"]])):
                changed.setdefault(name, []).append(node)
    nodes.filter(pk__in=gone).delete()
    ImportedNode.objects.bulk_create(new)
    for name, of_field in changed.items():
        ImportedNode.objects.bulk_update(of_field, [name], batch_size=200)
    keys = {node.pk for of_field in changed.values() for node in of_field}
    nodes.filter(pk__in=keys).update(version=F("version") + 1, changed_by=by, changed_at=timezone.now())


def _new_node(paper_import: PaperImport, row: Row, by) -> ImportedNode:
    values = suggested_values(row)
    return ImportedNode(paper_import=paper_import, number=row["number"], doubts=row["doubts"], changed_by=by, **values)


def _follow(node: ImportedNode, row: Row, before: Mapping[str, Any]) -> list[str]:
    """Give a node the values that are suggested now, where it has those suggested before; return what changed."""
    values = {
        name: value
        for name, value in suggested_values(row).items()
        if getattr(node, name) == before[name] or name == "is_left_out"
    }
    values["doubts"] = [*row["doubts"], *(doubt for doubt in node.doubts if doubt["question"] in WORD_DOUBTS)]
    changed = {name: value for name, value in values.items() if getattr(node, name) != value}
    for name, value in changed.items():
        setattr(node, name, value)
    return [name.removesuffix("_id") for name in changed]


def move_items(draft: PaperImport, before: Iterable[ImportedNode], changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Have items follow the new label and addressees of their chapeau, which is the nearest text with its label above.

    `before`: all texts in order, as they were; `changes`: the values that were saved, by key.
    """
    order = list(before)
    after: dict[int, tuple[str, list[str]]] = {}  # new label and addressees by key
    above = {node.label: node for node in reversed(order) if node.label}  # the first, for an item before its chapeau
    for node in order:
        saved = changes.get(node.pk, {})
        label, addressees = saved.get("label", node.label), saved.get("addressees", node.addressees)
        new_label, new_addressees = label, addressees
        chapeau = above.get(node.label.rpartition("(")[0])
        if chapeau and chapeau.pk in after and label == node.label:
            chapeau_label, chapeau_addressees = after[chapeau.pk]
            new_label = chapeau_label + node.label.removeprefix(chapeau.label)
            if saved.get("basis", node.basis) == "inherited" and addressees == chapeau.addressees:
                new_addressees = chapeau_addressees
        after[node.pk] = new_label, new_addressees
        if node.label:
            above[node.label] = node
        if (new_label, new_addressees) != (label, addressees):
            if len(new_label) > notation.LABEL_LENGTH:
                raise ValidationError(LABEL_OF_ITEMS)
            draft.nodes.filter(pk=node.pk).update(label=new_label, addressees=new_addressees, version=F("version") + 1)


# Words that a text has and the document has not, or the other way round.

WORD_DOUBTS = (DROPPED_WORDS, ADDED_WORDS)


def check_words(draft: PaperImport, numbers: Collection[int]) -> None:
    """Note the words of a paragraph that no text has any more, and words of its texts that the document has not."""
    left_out = " ".join(_words(f"{row['text']} {row['footnotes']}") for row in draft.outline if _is_set_aside(row))
    nodes = group_pairs((node.number, node) for node in draft.nodes.filter(number__in=numbers))
    for number, texts in nodes.items():
        row = draft.outline[number - 1]
        for node in texts:
            others = " ".join(_words(f"{other.text} {other.footnotes}") for other in texts if other is not node)
            found = [] if node.is_left_out else list(_compare(node, row, others, left_out))
            _keep_doubts(node, found)


def _is_set_aside(row: Row) -> bool:
    """Whether a curator may have moved the words of a paragraph to a text."""
    return "becomes" not in row and row["reason"] in (Reason.CURATOR, Reason.FOOTNOTE)


def _compare(node: ImportedNode, row: Row, others: str, left_out: str) -> Iterable[dict[str, str]]:
    issued, now = _words(f"{row['text']} {row['footnotes']}"), _words(f"{node.text} {node.footnotes}")
    if issued == now:
        return
    dropped, added = different_words(issued, now)
    if not node.is_added and (words := [run for run in dropped if f" {run} " not in f" {others} "]):
        yield {"question": DROPPED_WORDS, "words": " … ".join(words)[:WORDS_SHOWN]}
    if words := [run for run in added if f" {run} " not in f" {left_out} "]:
        yield {"question": ADDED_WORDS, "words": " … ".join(words)[:WORDS_SHOWN]}


def different_words(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the runs of words that are only in the first text, and those that are only in the second."""
    old, new = before.split(), after.split()
    dropped, added = [], []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal" and a < b:
            dropped.append(" ".join(old[a:b]))
        if tag != "equal" and c < d:
            added.append(" ".join(new[c:d]))
    return dropped, added


def _keep_doubts(node: ImportedNode, found: list[dict[str, str]]) -> None:
    """Replace the doubts about words; one that is about other words than before is not settled any more."""
    before = [doubt for doubt in node.doubts if doubt["question"] in WORD_DOUBTS]
    if before == found:
        return
    changed = {doubt["question"] for doubt in [*before, *found] if (doubt in before) != (doubt in found)}
    node.doubts = [doubt for doubt in node.doubts if doubt["question"] not in WORD_DOUBTS] + found
    node.settled = [question for question in node.settled if question not in changed]
    node.save(update_fields=["doubts", "settled"])


def _words(text: str) -> str:
    return " ".join(text.split())
