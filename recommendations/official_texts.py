"""Pair the official text of a paper in another language with the texts of the paper, by their numbers and letters.

The document is a list of paragraphs, which a curator can correct: `12. …`, `a) …`, or `[X.3 bis] …` for a paragraph
that the curator paired. The texts of the paper say what is below what, so that `i)` after `h)` needs no rule.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from statistics import median
from typing import NamedTuple

from recommendations.models import ImportedParagraph, Paper, Recommendation, Translation, TranslationLanguage
from recommendations.outline.labels import CYRILLIC_LETTERS, ITEMS, NUMERALS, Label, Series, label_length, parse_label
from recommendations.outline.outline import Outline, Reason
from recommendations.paper_import import notation
from recommendations.paper_import.plan import remove_footnote_marks
from recommendations.queries import find_labels

BY_HAND = re.compile(r"\[([^\[\]]{1,60})\] ?(.*)")
NOT_OF_THE_TEXT = (Reason.PRINT_MARK, Reason.FOOTNOTE, Reason.UNREAD, Reason.CONTENTS)
# What a document may print before texts that are below no other text; all else are items.
NUMBERS = ((Series.NUMBER, Series.DECIMAL), (Series.NAMED,), (Series.BRACKETED,))
LOOK_ALIKE = dict(zip("аеорсух", "aeopcyx", strict=True))  # Cyrillic letters that are printed for Latin ones
UNUSUAL = 2.2  # times the usual length beside the text as adopted


class DocumentParagraph(NamedTuple):
    """`number` counts from 1. `label` is as printed, `by_hand` the label of the catalogue that a curator gave."""

    number: int
    label: Label | None
    text: str
    by_hand: str = ""

    @property
    def line(self) -> str:
        head = f"[{self.by_hand}]" if self.by_hand else self.label.printed if self.label else ""
        return f"{head} {self.text}".strip()


def list_lines(outline: Outline) -> Iterator[str]:
    """Yield a line for each paragraph of a document, without print marks and footnotes."""
    return _join_labels((each.label, each.text) for each in outline.paragraphs if each.reason not in NOT_OF_THE_TEXT)


def list_imported_lines(paragraphs: Iterable[ImportedParagraph]) -> Iterator[str]:
    """Yield the lines of a document that was imported as a draft, as they were read."""
    return _join_labels(
        (each.printed, remove_footnote_marks(each.issued_text, each.issued_footnotes))
        for each in paragraphs
        if each.reason not in NOT_OF_THE_TEXT and each.piece == 0
    )


def _join_labels(paragraphs: Iterable[tuple[str, str]]) -> Iterator[str]:
    waiting = ""
    for label, words in paragraphs:
        text = " ".join(words.split())
        if label and not text:  # a heading that is a label, such as `Recommandation 3`
            waiting = label
        elif text:
            yield f"{label or waiting} {text}".strip()
            waiting = ""


def read_lines(document: str) -> list[DocumentParagraph]:
    lines = [" ".join(line.split()) for line in document.splitlines()]
    return [_read_line(number, line) for number, line in enumerate(filter(None, lines), start=1)]


def _read_line(number: int, line: str) -> DocumentParagraph:
    if match := BY_HAND.fullmatch(line):
        return DocumentParagraph(number, None, match[2].strip(), match[1].strip())
    label = parse_label(line)
    return DocumentParagraph(number, label, line[label_length(line, label) :] if label else line)


def pair_by_hand(document: str, labels: dict[int, str]) -> str:
    """Return the document with labels of the catalogue for paragraphs by number."""
    paragraphs = read_lines(document)
    return "\n".join(
        each._replace(by_hand=labels[each.number]).line if labels.get(each.number) else each.line for each in paragraphs
    )


class TextPair(NamedTuple):
    """Hold a text as adopted and its official text. `known` is recorded already, with these words or others."""

    node: Recommendation
    paragraph: DocumentParagraph
    known: Translation | None
    is_unusual: bool

    @property
    def text(self) -> str:
        return self.paragraph.text

    @property
    def is_new(self) -> bool:
        return self.known is None

    @property
    def differs(self) -> bool:
        return self.known is not None and self.known.text != self.text


@dataclass(frozen=True)
class OfficialTexts:
    """Hold what a document in `language` has of the texts of a paper."""

    paper: Paper
    language: str
    paragraphs: Sequence[DocumentParagraph]

    @property
    def language_name(self) -> str:
        return str(TranslationLanguage(self.language).label)

    @cached_property
    def nodes(self) -> list[Recommendation]:
        texts = self.paper.texts.published().order_by("position")
        return list(texts.select_related("current_wording", "body", "parent"))

    @cached_property
    def known(self) -> dict[int, Translation]:
        """Return the official texts that are recorded, by key of their wording."""
        wordings = [node.current_wording_id for node in self.nodes]
        found = Translation.objects.filter(language=self.language, wording__recommendation__paper=self.paper)
        return {each.wording_id: each for each in found if each.wording_id in wordings}

    @cached_property
    def pairs(self) -> list[TextPair]:
        """Return the pairs in the order of the paper."""
        found = _pair_paragraphs(self.nodes, self.paragraphs)
        both = [(node, found[node.pk]) for node in self.nodes if node.pk in found]
        usual = median([len(paragraph.text) / len(node.text) for node, paragraph in both] or [1.0])
        return [
            TextPair(node, paragraph, self.known.get(node.current_wording_id or 0), _is_unusual(node, paragraph, usual))
            for node, paragraph in both
        ]

    @property
    def nodes_without_text(self) -> list[Recommendation]:
        paired = {pair.node.pk for pair in self.pairs}
        return [node for node in self.nodes if node.pk not in paired]

    @property
    def paragraphs_without_node(self) -> list[DocumentParagraph]:
        paired = {pair.paragraph.number for pair in self.pairs}
        return [paragraph for paragraph in self.paragraphs if paragraph.number not in paired]

    @property
    def new_pairs(self) -> list[TextPair]:
        return [pair for pair in self.pairs if pair.is_new]

    @property
    def other_pairs(self) -> list[TextPair]:
        """Return the pairs whose official text is recorded in other words."""
        return [pair for pair in self.pairs if pair.differs]

    @property
    def same_pairs(self) -> list[TextPair]:
        return [pair for pair in self.pairs if not (pair.is_new or pair.differs)]

    @property
    def unusual_pairs(self) -> list[TextPair]:
        return [pair for pair in self.pairs if pair.is_unusual]

    @property
    def stamp(self) -> str:
        found = [(pair.node.current_wording_id, pair.text, pair.known and pair.known.text) for pair in self.pairs]
        return hashlib.sha256(repr((self.paper.pk, self.language, found)).encode()).hexdigest()[:20]


def _is_unusual(node: Recommendation, paragraph: DocumentParagraph, usual: float) -> bool:
    share = len(paragraph.text) / len(node.text) / (usual or 1)
    return len(node.text) > 40 and not 1 / UNUSUAL < share < UNUSUAL


# Pairing


@dataclass
class Place:
    """Hold a text in the tree of the paper, with what is below it by number or letter."""

    node: Recommendation | None = None
    above: "Place | None" = None
    below: "dict[str, Place]" = field(default_factory=dict)
    all_below: "dict[int, Place]" = field(default_factory=dict)  # of a tree, by key of the text


type Pairs = dict[int, DocumentParagraph]  # by key of the text
type Chosen = dict[int, int | None]  # texts that a curator chose, by number of the paragraph
type Numbering = Callable[[Recommendation], str]


def _pair_paragraphs(nodes: Sequence[Recommendation], paragraphs: Sequence[DocumentParagraph]) -> Pairs:
    """Pair as many as the printed paragraph numbers or the labels of the texts give, whichever gives more."""
    labelled = {each.number: find_labels(nodes, each.by_hand) for each in paragraphs if each.by_hand}
    chosen = {number: found[0].pk if found else None for number, found in labelled.items()}
    by_hand = {key: each for each in paragraphs if (key := chosen.get(each.number))}
    numberings: tuple[Numbering, ...] = (
        lambda node: notation.read_place(node.paragraph),
        lambda node: notation.read_label(node.label).place,
    )
    trials = (
        _pair_groups(_build_trees(nodes, numbering), list(_cut_segments(paragraphs, numbers)), numbers, chosen)
        for numbering, numbers in product(numberings, NUMBERS)
    )
    return max(trials, key=len) | by_hand


def _build_trees(nodes: Iterable[Recommendation], numbering: Numbering) -> list[Place]:
    """Return a tree for each meeting or decision, in the order of the paper."""
    trees: dict[str, Place] = {}
    places: dict[int, Place] = {}
    for node in nodes:
        tree = trees.setdefault(notation.read_label(node.label).prefix, Place())
        if node.parent_id:
            above, piece = places.get(node.parent_id), node.marker.strip("()")
        else:
            above = tree
            match = re.match(r"[0-9]+(?:\.[0-9]+)*(?: [a-z]+\b)?", numbering(node))
            piece = match[0] if match else ""
        if above is not None:
            places[node.pk] = tree.all_below[node.pk] = Place(node, above)
            above.below.setdefault(piece.replace(" ", ""), places[node.pk])
    return list(trees.values())


type Segment = list[DocumentParagraph]


def _cut_segments(paragraphs: Iterable[DocumentParagraph], numbers: Sequence[Series]) -> Iterator[Segment]:
    """Cut the document where the numbers begin again. Only paragraphs with a label that can be paired are in it."""
    segment: Segment = []
    last = 0
    for each in paragraphs:
        if each.label is None:
            if each.by_hand:
                segment.append(each)
        elif each.label.series in numbers:
            is_later = each.label.value == last and each.label.piece != str(last)
            if each.label.value <= last and not is_later:
                yield segment
                segment = []
            last = each.label.value
            segment.append(each)
        elif each.label.series in ITEMS:
            segment.append(each)
    yield segment


class Fit(NamedTuple):
    """Hold how many paragraphs are paired, and less how many are not, with the pairs of the last segment."""

    paired: int = 0
    others: int = 0
    pairs: Pairs = {}
    before: "Fit | None" = None

    @property
    def all_pairs(self) -> Pairs:
        return (self.before.all_pairs if self.before else {}) | self.pairs


def _pair_groups(
    trees: Sequence[Place], segments: Sequence[Segment], numbers: Sequence[Series], chosen: Chosen
) -> Pairs:
    """Give each tree the segment that fits, both in their order, so that most paragraphs are paired.

    Of segments that fit equally well the one with fewer other paragraphs counts, and then the later one.
    """
    best = [Fit()] * (len(segments) + 1)  # by how many segments are used
    for tree in trees:
        fits = [_walk(tree, segment, numbers, chosen) for segment in segments]
        after = [best[0]]
        for count, (segment, pairs) in enumerate(zip(segments, fits, strict=True), start=1):
            before = best[count - 1]
            left = len(segment) - len(pairs)
            with_segment = Fit(before.paired + len(pairs), before.others - left, pairs, before)
            candidates = [best[count], after[count - 1], *([with_segment] if pairs else [])]
            after.append(max(reversed(candidates), key=lambda each: (each.paired, each.others)))
        best = after
    return best[-1].all_pairs


def _walk(tree: Place, segment: Segment, numbers: Sequence[Series], chosen: Chosen) -> Pairs:
    """Pair a number with a text at the head of the tree, an item below the last text, or beside one above it."""
    pairs: Pairs = {}
    place = tree
    for each in segment:
        if each.label is None:
            place = tree.all_below.get(chosen[each.number] or 0, place)
            continue
        levels = [tree] if each.label.series in numbers else list(_levels(tree, place))
        found = next(filter(None, (_find_below(level, each.label, pairs) for level in levels)), None)
        if found is not None and found.node is not None:
            pairs[found.node.pk] = each
            place = found
    return pairs


def _levels(tree: Place, place: Place | None) -> Iterator[Place]:
    while place is not None and place is not tree:
        yield place
        place = place.above


def _find_below(place: Place, label: Label, pairs: Pairs) -> Place | None:
    left = {piece: each for piece, each in place.below.items() if each.node and each.node.pk not in pairs}
    found = [left[piece] for piece in _pieces(label) if piece in left]
    first = next(iter(left.values()), None)
    return first if first in found else found[0] if found else None


def _pieces(label: Label) -> Iterator[str]:
    """Yield what a label can be in the labels of the catalogue."""
    yield label.piece
    letter = label.printed.strip("() ")[:1]
    if letter in LOOK_ALIKE and letter in CYRILLIC_LETTERS:
        yield LOOK_ALIKE[letter]
    if label.series == Series.BRACKETED:
        yield chr(96 + label.value) if label.value <= 26 else ""
        yield NUMERALS.get(label.value, "")
