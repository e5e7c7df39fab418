"""What a person decides about paragraphs of a draft. Parts of the actions, which save what changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.error_messages import LABEL_OF_ITEMS
from recommendations.models import ImportedParagraph, NodeKind
from recommendations.outline.asks import Above, Asks, Speaker, asks_of
from recommendations.outline.labels import label_length, parse_label
from recommendations.outline.outline import Reason
from recommendations.paper_import import notation
from recommendations.paper_import.doubts import ADDED_WORDS, DROPPED_WORDS
from recommendations.paper_import.labels import is_decimal, next_label, write_piece
from recommendations.paper_import.rows import JOINED, ParagraphTable, is_print_mark

TEXT_LENGTH = ImportedParagraph._meta.get_field("text").max_length or 0
WORDS_SHOWN = 300  # letters of words in doubt
WORD_DOUBTS = (DROPPED_WORDS, ADDED_WORDS)
SAME_IN_PIECES = (
    *("paper_import", "number", "part", "page", "topic_heading", "primary_theme", "secondary_theme"),
    *("kind", "is_topic", "is_left_out", "reason"),
)


class Decision(TextChoices):
    """What a paragraph is, in the order of the buttons."""

    RECOMMENDATION = "recommendation", _("Recommendation")
    # Translators: Kind of text: it introduces items, as “States parties should:”.
    CHAPEAU = "chapeau", _("Introductory text")
    NOTE = "note", pgettext_lazy("kind of text", "Note")
    TOPIC = "topic", _("Topic")
    # Translators: What a paragraph of a document is: no text of the paper. Also a button.
    LEAVE_OUT = "leave_out", _("Leave out")


KINDS = {Decision.CHAPEAU: NodeKind.CHAPEAU, Decision.NOTE: NodeKind.NOTE}  # others are recommendations
# Reasons that a person can give for leaving a paragraph out.
GIVEN_REASONS = (
    *(Reason.MASTHEAD, Reason.CONTENTS, Reason.HEADING, Reason.PREAMBLE, Reason.REPORT, Reason.TABLE),
    *(Reason.ANNEX, Reason.FOOTNOTE, Reason.PRINT_MARK, Reason.CURATOR),
)


def decision_of(row: ImportedParagraph) -> Decision:
    if row.is_left_out:
        return Decision.LEAVE_OUT
    return Decision.TOPIC if row.is_topic else Decision(row.kind)


def decide(row: ImportedParagraph, decision: str, table: ParagraphTable, reason: str = "") -> None:
    """Make a row what a person said it is, with what its words suggest where it was no text before."""
    if decision == Decision.LEAVE_OUT:
        row.reason = reason or row.reason or Reason.CURATOR
        row.is_left_out, row.is_heading = True, row.reason == Reason.HEADING
        return
    was_left_out = row.is_left_out
    if was_left_out:
        row.depth = 0 if row.is_heading else row.depth
        row.is_left_out, row.is_heading, row.reason, row.settled = False, False, "", []
    row.kind = KINDS.get(Decision(decision), NodeKind.RECOMMENDATION).value
    row.is_topic = decision == Decision.TOPIC
    if was_left_out:
        _suggest(row, table.above(row))
    row.is_unit = decision == Decision.RECOMMENDATION and _is_answered_alone(row, table)
    parts = notation.parse_label(row.label)
    if was_left_out or (row.kind == NodeKind.NOTE) != (parts is not None and parts.number is None):
        place(row, table)


def _suggest(row: ImportedParagraph, above: ImportedParagraph | None) -> None:
    said = None
    if above:
        asks = Asks(tuple(above.addressees), above.basis, above.strength, above.asks_to_consider)
        said = Above(above.text, asks, above.is_topic)
    speaker = Speaker.CONFERENCE if Speaker.begins(row.text) else Speaker.WORKING_GROUP
    found = asks_of(row.text, said, speaker, row.is_topic)
    row.addressees, row.basis = list(found.addressees), found.basis
    row.strength, row.asks_to_consider = found.strength, found.asks_to_consider


def place(row: ImportedParagraph, table: ParagraphTable) -> None:
    """Propose the printed place of a text and its label: the first that is free where the document prints none."""
    above, printed = table.above(row), write_piece(row.printed)
    is_item = above is not None and not is_decimal(printed)
    prefix = above.label if above and is_item else _find_prefix(row, table)
    row.paragraph = f"{above.paragraph} {printed}".lstrip() if above and is_item and printed else printed
    number = notation.read_item(printed) if is_item else notation.read_place(printed)
    if row.kind == NodeKind.NOTE and not is_item:
        row.label = prefix
    elif number:
        row.label = notation.write_label(number, prefix)
    else:
        used = {other.label for other in table.rows if other is not row}
        row.label = next_label(prefix, used, table.counts[prefix], is_item=is_item)


def _find_prefix(row: ImportedParagraph, table: ParagraphTable) -> str:
    """Return the numeral of the heading of a meeting above, or else that of the labels before, or else after."""
    index = table.index(row)
    for other in reversed(table.rows[:index]):
        if other.is_heading and (meeting := notation.parse_heading(f"{other.printed} {other.text}".strip())):
            return meeting.roman
    labels = [other.label for other in (*reversed(table.rows[:index]), *table.rows[index + 1 :])]
    return next((parts.prefix for label in labels if (parts := notation.parse_label(label))), "")


def change_level(row: ImportedParagraph, levels: int, table: ParagraphTable) -> None:
    """Move a text and its items so many levels deeper. Its label follows, and the text above introduces it."""
    depth, label, printed, followed = row.depth, row.label, row.paragraph, Followed.before(row, table)
    row.depth = depth + levels
    above = table.above(row)
    try:
        if row.is_left_out or not 0 <= row.depth <= notation.DEEPEST or (row.depth and above is None):
            raise ValidationError(_("This paragraph cannot be moved to that level."))
        place(row, table)
        followed.follow()
    except ValidationError:
        row.depth, row.label, row.paragraph = depth, label, printed
        raise
    for item in followed.items:
        item.depth += levels
        item.paragraph = f"{row.paragraph}{item.paragraph.removeprefix(printed)}".lstrip()
    _put_below(row, above, table)


def _put_below(row: ImportedParagraph, above: ImportedParagraph | None, table: ParagraphTable) -> None:
    """Make the text above a chapeau. Of both, and of those above them, one is answered."""
    if above:
        above.kind = NodeKind.CHAPEAU.value
        above.is_unit = bool(above.depth) and _is_answered_alone(above, table)
    row.is_unit = row.kind == NodeKind.RECOMMENDATION and _is_answered_alone(row, table)


def _is_answered_alone(row: ImportedParagraph, table: ParagraphTable) -> bool:
    """Whether a text asks somebody, and no text above it is answered with its items."""
    asks, above = bool(row.addressees) and not row.is_topic, table.above(row)
    while above:
        asks, above = asks and not above.is_unit, table.above(above)
    return asks


def join(rows: list[ImportedParagraph], table: ParagraphTable) -> None:
    """Join paragraphs that follow each other: the first has the words of all, the others are left out."""
    first, *others = rows
    between = table.rows[table.index(first) : table.index(rows[-1])]
    chosen = {row.pk for row in rows}
    if not others or any(row.pk not in chosen and row.reason != JOINED and not is_print_mark(row) for row in between):
        raise ValidationError(_("Select two or more paragraphs that follow each other, then join them."))
    text = " ".join(row.text for row in rows)
    if len(text) > TEXT_LENGTH:
        raise ValidationError(_("The joined text would be too long. Select fewer paragraphs, then join them."))
    first.text = text
    first.footnotes = "\n".join(filter(None, (row.footnotes for row in rows)))
    for row in others:
        decide(row, Decision.LEAVE_OUT, table, JOINED)


def split(row: ImportedParagraph, texts: Iterable[str]) -> list[ImportedParagraph]:
    """Return unsaved pieces for what was split off a paragraph, each with its printed number."""
    pieces = []
    for piece, text in enumerate(texts, start=row.piece + 1):
        length = label_length(text, label) if (label := parse_label(text)) else 0
        is_item = text[:length].startswith("(") and "(" not in row.printed
        pieces.append(
            ImportedParagraph(
                **{name: getattr(row, name) for name in SAME_IN_PIECES},
                piece=piece,
                depth=row.depth + is_item,
                printed=text[:length].strip(),
                text=text[length:].strip(),
            )
        )
    return pieces


def propose(row: ImportedParagraph, table: ParagraphTable) -> None:
    """Fill in what the words of a new piece suggest, for a person to decide."""
    if row.is_left_out:
        return
    _suggest(row, above := table.above(row))
    _put_below(row, above, table)
    place(row, table)


@dataclass(frozen=True)
class Followed:
    """A text before a change, with the items below it, which follow its label and addressees."""

    row: ImportedParagraph
    label: str
    addressees: list[str]
    items: list[ImportedParagraph]

    @classmethod
    def before(cls, row: ImportedParagraph, table: ParagraphTable) -> "Followed":
        return cls(row, row.label, row.addressees, table.items(row))

    def follow(self) -> None:
        """Give the items the new label and addressees, where theirs did not change too."""
        labels = [self.row.label + item.label.removeprefix(self.label) for item in self.items]
        if any(len(label) > notation.LABEL_LENGTH for label in labels):
            raise ValidationError(LABEL_OF_ITEMS)
        for item, label in zip(self.items, labels, strict=True):
            if item.label.startswith(f"{self.label}("):
                item.label = label
            if item.basis == ImportedParagraph.Basis.INHERITED and item.addressees == self.addressees:
                item.addressees = self.row.addressees


# Words that a text has and the document has not, or the other way round.


def check_words(first: ImportedParagraph, table: ParagraphTable) -> None:
    """Note on the first text of a paragraph the words of the document that no text has, and those that it has not."""
    group = table.group(first)
    pieces = [each for each in group if each.reason != JOINED]
    chosen = next((each for each in pieces if not each.is_left_out), None)
    issued = [(each.issued_text, each.issued_footnotes) for each in group]
    written = [(f"{each.printed if each.piece else ''} {each.text}", each.footnotes) for each in pieces]
    found = list(_compare(_words(issued), _words(written))) if chosen else []
    for each in pieces:
        _keep_doubts(each, found if each is chosen else [])


def _words(parts: list[tuple[str, str]]) -> list[str]:
    """Return the words of texts, and after them those of their footnotes."""
    return " ".join([*(text for text, _footnotes in parts), *(footnotes for _text, footnotes in parts)]).split()


def _compare(issued: list[str], written: list[str]) -> Iterable[dict[str, str]]:
    dropped, added = [], []
    for tag, a, b, c, d in SequenceMatcher(None, issued, written, autojunk=False).get_opcodes():
        if tag != "equal" and a < b:
            dropped.append(" ".join(issued[a:b]))
        if tag != "equal" and c < d:
            added.append(" ".join(written[c:d]))
    for question, words in ((DROPPED_WORDS, dropped), (ADDED_WORDS, added)):
        if words:
            yield {"question": question, "words": " … ".join(words)[:WORDS_SHOWN]}


def _keep_doubts(row: ImportedParagraph, found: list[dict[str, str]]) -> None:
    """Replace the doubts about words; one that is about other words than before is not settled any more."""
    before = [doubt for doubt in row.doubts if doubt["question"] in WORD_DOUBTS]
    changed = {doubt["question"] for doubt in [*before, *found] if (doubt in before) != (doubt in found)}
    row.doubts = [doubt for doubt in row.doubts if doubt["question"] not in WORD_DOUBTS] + found
    row.settled = [question for question in row.settled if question not in changed]
