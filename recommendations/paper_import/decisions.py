"""What a person decides about paragraphs of a draft. Parts of the actions, which save what changes."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import LABEL_OF_ITEMS
from recommendations.models import ImportedParagraph, NodeKind
from recommendations.outline.asks import Above, Asks, Speaker, asks_of
from recommendations.outline.outline import Reason
from recommendations.paper_import import notation
from recommendations.paper_import.doubts import ADDED_WORDS, DROPPED_WORDS
from recommendations.paper_import.labels import is_decimal, write_piece
from recommendations.paper_import.rows import JOINED, Table

WORDS_SHOWN = 300  # letters of words in doubt
WORD_DOUBTS = (DROPPED_WORDS, ADDED_WORDS)
# Doubts of what a paragraph is: a person who says what it is settles them.
ABOUT_KIND: tuple[str, ...] = ()


class Decision(TextChoices):
    """What a paragraph is, in the order of the buttons."""

    RECOMMENDATION = "recommendation", _("Recommendations")
    CHAPEAU = "chapeau", _("Introductory text")
    NOTE = "note", _("Note")
    TOPIC = "topic", _("Topic")
    LEAVE_OUT = "leave_out", _("Leave out")


def is_open(row: ImportedParagraph, question: str) -> bool:
    return question not in row.settled and any(doubt["question"] == question for doubt in row.doubts)


def can_be_confirmed(row: ImportedParagraph) -> bool:
    """Whether the proposal asks nothing that only an answer settles."""
    return not any(is_open(row, question) for question in ABOUT_KIND)


def decide(row: ImportedParagraph, decision: str, table: Table, reason: str = "") -> None:
    """Make a row what a person said it is, with what its words suggest where it was no text before."""
    questions = {doubt["question"] for doubt in row.doubts}
    if decision == Decision.LEAVE_OUT:
        row.reason = reason or row.reason or Reason.CURATOR
        row.is_left_out, row.is_heading, row.settled = True, row.reason == Reason.HEADING, sorted(questions)
        return
    was_left_out = row.is_left_out
    if was_left_out:
        row.depth = 0 if row.is_heading else row.depth
        row.is_left_out, row.is_heading, row.reason, row.settled = False, False, "", []
    row.settled = sorted({*row.settled, *questions.intersection(ABOUT_KIND)})
    kinds = {Decision.CHAPEAU: NodeKind.CHAPEAU, Decision.NOTE: NodeKind.NOTE}
    row.kind = kinds.get(Decision(decision), NodeKind.RECOMMENDATION).value
    row.is_topic = decision == Decision.TOPIC
    if was_left_out:
        _suggest(row, table)
    row.is_unit = decision == Decision.RECOMMENDATION and bool(row.addressees)
    if was_left_out or (row.kind == NodeKind.NOTE) != (_has_no_number(row.label)):
        place(row, table)


def _has_no_number(label: str) -> bool:
    parts = notation.parse_label(label)
    return parts is not None and parts.number is None


def _suggest(row: ImportedParagraph, table: Table) -> None:
    above = table.above(row)
    said = None
    if above:
        asks = Asks(tuple(above.addressees), above.basis, above.strength, above.asks_to_consider)
        said = Above(above.text, asks, above.is_topic)
    speaker = Speaker.CONFERENCE if Speaker.begins(row.text) else Speaker.WORKING_GROUP
    found = asks_of(row.text, said, speaker, row.is_topic)
    row.addressees, row.basis = list(found.addressees), found.basis
    row.strength, row.asks_to_consider = found.strength, found.asks_to_consider


def place(row: ImportedParagraph, table: Table) -> None:
    """Propose the printed place of a text and its label; both are empty where nothing is printed."""
    above, printed = table.above(row), write_piece(row.printed)
    if above and not is_decimal(printed):
        row.paragraph = f"{above.paragraph} {printed}".lstrip() if printed else ""
        row.label = f"{above.label}{notation.read_item(printed)}" if printed else ""
    else:
        row.paragraph = printed
        number = "" if row.kind == NodeKind.NOTE else notation.read_place(printed)
        prefix = _find_prefix(row, table)
        row.label = notation.write_label(number, prefix) or (prefix if row.kind == NodeKind.NOTE else "")


def _find_prefix(row: ImportedParagraph, table: Table) -> str:
    """Return the numeral of the heading of a meeting above, or else that of the labels before, or else after."""
    index = table.rows.index(row)
    for other in reversed(table.rows[:index]):
        if other.is_heading and (meeting := notation.parse_heading(f"{other.printed} {other.text}".strip())):
            return meeting.roman
    labels = [other.label for other in (*reversed(table.rows[:index]), *table.rows[index + 1 :])]
    return next((parts.prefix for label in labels if (parts := notation.parse_label(label))), "")


def move(row: ImportedParagraph, levels: int, table: Table) -> None:
    """Move a text and its items so many levels deeper. Its label follows, and the text above introduces it."""
    items, label = list(table.items(row)), row.label
    row.depth = min(max(0, row.depth + levels), notation.DEEPEST)
    place(row, table)
    for item in items:
        item.depth, item.label = item.depth + levels, row.label + item.label.removeprefix(label)
    if above := table.above(row):
        above.kind = NodeKind.CHAPEAU.value
        above.is_unit = bool(above.depth and _is_answered_alone(above, table))
        row.is_unit = _is_answered_alone(row, table)


def _is_answered_alone(row: ImportedParagraph, table: Table) -> bool:
    """Whether a text asks somebody, and no text above it is answered with its items."""
    asks, above = bool(row.addressees) and not row.is_topic, table.above(row)
    while above:
        asks, above = asks and not above.is_unit, table.above(above)
    return asks


def join(rows: list[ImportedParagraph], table: Table) -> None:
    """Join paragraphs that follow each other: the first has the words of all, the others are left out."""
    first, *others = rows
    first.text = " ".join(row.text for row in rows)
    first.footnotes = "\n".join(filter(None, (row.footnotes for row in rows)))
    for row in others:
        row.is_left_out, row.is_heading, row.reason = True, False, JOINED
        row.settled = sorted({doubt["question"] for doubt in row.doubts})
    check_words(first, table)


def follow(row: ImportedParagraph, label: str, addressees: list[str], table: Table) -> str:
    """Have items follow the new label and addressees of their chapeau; `label` and `addressees` are those before.

    Return why the label cannot have items; empty where they follow.
    """
    items = [other for other in table.rows if other is not row and label and other.label.startswith(f"{label}(")]
    if any(len(row.label + item.label.removeprefix(label)) > notation.LABEL_LENGTH for item in items):
        return str(LABEL_OF_ITEMS)
    for item in items:
        item.label = row.label + item.label.removeprefix(label)
        if item.basis == ImportedParagraph.Basis.INHERITED and item.addressees == addressees:
            item.addressees = row.addressees
    return ""


# Words that a text has and the document has not, or the other way round.


def check_words(row: ImportedParagraph, table: Table) -> None:
    """Note on the first text of a paragraph the words of the document that no text has, and those that it has not."""
    group = table.group(row)
    texts = [each for each in group if each.reason != JOINED]
    chosen = next((each for each in texts if not each.is_left_out), None)
    issued = [(each.issued_text, each.issued_footnotes) for each in group]
    written = [(each.text, each.footnotes) for each in texts]
    found = list(_compare(_words(issued), _words(written))) if chosen else []
    for each in texts:
        _keep_doubts(each, found if each is chosen else [])


def _words(parts: list[tuple[str, str]]) -> str:
    """Join texts, and after them their footnotes."""
    return " ".join([*(text for text, _footnotes in parts), *(footnotes for _text, footnotes in parts)])


def _compare(issued: str, written: str) -> Iterable[dict[str, str]]:
    dropped, added = different_words(issued, written)
    for question, words in ((DROPPED_WORDS, dropped), (ADDED_WORDS, added)):
        if words:
            yield {"question": question, "words": " … ".join(words)[:WORDS_SHOWN]}


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


def _keep_doubts(row: ImportedParagraph, found: list[dict[str, str]]) -> None:
    """Replace the doubts about words; one that is about other words than before is not settled any more."""
    before = [doubt for doubt in row.doubts if doubt["question"] in WORD_DOUBTS]
    changed = {doubt["question"] for doubt in [*before, *found] if (doubt in before) != (doubt in found)}
    row.doubts = [doubt for doubt in row.doubts if doubt["question"] not in WORD_DOUBTS] + found
    row.settled = [question for question in row.settled if question not in changed]
