"""Compare the texts that a reader found in a document with those that it has, by their words.

White space, soft hyphens and kinds of hyphen do not matter. A truth has `items` as in `tests/samples`: every paragraph
of the document in order, `kind`, `label_as_printed`, `suggested_label`, `parent`, `plain`, `footnotes`, what the text
asks, and in `also_acceptable` what else a careful curator could choose.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

from recommendations.models import Recommendation
from recommendations.outline.outline import Outline, OutlineParagraph


class Figures(NamedTuple):
    """`whole` of `texts` are right word for word; the others count what else is right. `asked` address somebody."""

    texts: int
    whole: int
    false: int
    labels: int
    parents: int
    footnotes: int
    topics: int
    asked: int
    addressees: int
    strengths: int
    considers: int


def words(text: str | None) -> str:
    return " ".join(re.sub("[\u2010\u2011]", "-", (text or "").replace("\u00ad", "")).split())


def compare(truth: dict, nodes: Iterable[dict]) -> Figures:
    items = [item for item in truth["items"] if item["kind"] != "not_a_recommendation"]
    text_of = {item["suggested_label"]: words(item["plain"]) for item in items}
    nodes = list(nodes)
    left: dict[str, list[dict]] = {}
    for node in nodes:
        left.setdefault(words(node["text"]), []).append(node)
    right = Counter()
    for item in items:
        found = left.get(words(item["plain"]))
        if found:
            right["whole"] += 1
            right.update(name for name, is_right in _rights(item, found.pop(0), text_of) if is_right)
    asked = sum(bool(item["addressees"]) for item in items)
    names = Figures._fields
    return Figures(
        **dict.fromkeys(names, 0)
        | {name: right[name] for name in names}
        | {"texts": len(items), "asked": asked, "false": len(nodes) - right["whole"]}
    )


def assert_nothing_is_silent(truth: dict, outline: Outline, found: dict) -> None:
    """Check that each paragraph is printed once, and that no person is asked only about page numbers and symbols."""
    printed = sorted(each["text"] for each in (*found["nodes"], *found["left_out"]))
    notes = [note.text for each in outline.paragraphs if not each.is_text for note in each.notes]
    assert printed == sorted([*(each.text or each.label for each in outline.paragraphs), *notes])
    read = " ".join(f"{each.label} {each.text} {_words_of_notes(each)}" for each in outline.paragraphs)
    assert not _letters(" ".join(item["plain"] for item in truth["items"])) - _letters(read)
    silent = {words(each["text"]) for each in found["left_out"] if not each["asks"]}
    assert not silent.intersection(words(item["plain"]) for item in truth["items"] if item["sub"] != "masthead")
    assert all(len(each.split()) < 6 and not each.endswith(".") for each in silent)


def _letters(text: str) -> Counter[str]:
    return Counter(re.sub(r"[\W_]", "", text))


def _words_of_notes(paragraph: OutlineParagraph) -> str:
    return " ".join(f"{note.mark} {note.mark} {note.text}" for note in paragraph.notes)


def _rights(item: dict, node: dict, text_of: dict[str, str]) -> Iterable[tuple[str, bool]]:
    is_topic = item["kind"] == "topic" or bool(item.get("topic"))
    yield (
        "labels",
        _pieces(node["label"])[-len(_pieces(item["label_as_printed"])) :] == _pieces(item["label_as_printed"])
        or not _pieces(item["label_as_printed"]),
    )
    yield "parents", words(node["parent_text"]) == text_of.get(item["parent"], "")
    notes = [(note["mark"], words(note["text"])) for note in node["footnotes"]]
    yield "footnotes", notes == [(note["mark"], words(note["plain"])) for note in item["footnotes"]]
    yield "topics", node["is_topic"] == is_topic
    if item["addressees"]:
        yield "addressees", sorted(node["addressees"]) in [sorted(codes) for codes in _allowed(item, "addressees")]
        yield "strengths", node["strength"] in _allowed(item, "strength")
        yield "considers", node["asks_to_consider"] == item["asks_to_consider"] or is_topic


def _allowed(item: dict, field: str) -> list:
    return [item[field], *item.get("also_acceptable", {}).get(field, [])]


def _pieces(label: str) -> list[str]:
    """`XXI.5(b)(ii)` -> xxi 5 b ii; nothing of a bullet."""
    return re.findall(r"[0-9]+|[a-z]+", re.sub("recommendation", "", label.lower()))


def differences(truth: dict, texts: Iterable[Recommendation]) -> list[tuple]:
    """Compare published texts, in order, with all of a truth: printed label, kind, words and whom they address."""
    items = [item for item in truth["items"] if item["kind"] != "not_a_recommendation"]
    return [pair for pair in zip_longest(map(_of_item, items), map(_of_text, texts, items)) if pair[0] != pair[1]]


def _of_item(item: dict) -> tuple:
    label = item["suggested_label"] if item["label_as_printed"] else ""
    return _compact(label), item["kind"], words(item["plain"]), sorted(item["addressees"])


def _compact(label: str) -> str:
    """`Resolution 15/1.5 bis` -> `15/1.5bis`, as truths have it."""
    return re.sub(r"\A(?:Resolution|Decision)| ", "", label)


def _of_text(text: Recommendation, item: dict) -> tuple:
    """Take other addressees that the truth accepts as those of the truth, and those of topics as none."""
    kind = "topic" if text.is_topic and text.kind == "recommendation" else text.kind
    addressees = sorted(addressee.code for addressee in text.addressees.all())
    if not item["addressees"] or addressees in map(sorted, _allowed(item, "addressees")):
        addressees = sorted(item["addressees"])
    return _compact(text.label) if item["label_as_printed"] else "", kind, words(text.text), addressees
