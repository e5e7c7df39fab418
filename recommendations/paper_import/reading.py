"""Read the paragraphs of a document into rows of a draft, each with what the program proposes."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from recommendations.models import ImportedParagraph, NodeKind, Theme
from recommendations.outline.outline import DoubtCode, Outline, OutlineKind, OutlineParagraph, Reason
from recommendations.outline.reading import read_outline
from recommendations.outline.source import SourceParagraph
from recommendations.paper_import import notation
from recommendations.paper_import.doubts import LABEL_NOT_PRINTED
from recommendations.paper_import.labels import ProposedLabel, find_meeting, printed_place, propose_labels

WORD = re.compile(r"[^\W\d_]{4,}")
FROM_VALUES = (DoubtCode.IMPLIED, DoubtCode.NOBODY, DoubtCode.TWO_ADDRESSEES)  # `plan.py` finds these
HEADING_LENGTH = ImportedParagraph._meta.get_field("topic_heading").max_length
PLACE_LENGTH = ImportedParagraph._meta.get_field("paragraph").max_length
PRINTED_LENGTH = ImportedParagraph._meta.get_field("printed").max_length


def read_rows(
    source: Iterable[SourceParagraph], numeral: str, themes: Collection[Theme]
) -> tuple[list[ImportedParagraph], list[notation.ParsedMeeting]]:
    """Return unsaved rows of a draft, one for each paragraph, and the meetings that headings name.

    `numeral`: that of the meeting, for labels below no such heading.
    """
    outline = read_outline(source)
    labels, finder = propose_labels(outline, numeral), ThemeFinder(themes)
    not_printed = {number for number, proposed in labels.items() if not proposed.is_printed}
    rows = [
        ImportedParagraph(
            number=paragraph.number,
            part=paragraph.part,
            part_above=outline.parts_above.get(paragraph.number),
            is_heading=paragraph.reason == Reason.HEADING,
            is_left_out=not paragraph.is_text,
            reason="" if paragraph.is_text else paragraph.reason,
            depth=paragraph.depth,
            page=paragraph.page or None,
            paragraph=printed_place(outline, paragraph)[:PLACE_LENGTH],
            doubts=[
                {"question": doubt.code, "words": doubt.words}
                for doubt in paragraph.doubts
                if doubt.code not in FROM_VALUES
            ]
            + [{"question": LABEL_NOT_PRINTED, "words": ""}] * (paragraph.number in not_printed),
            **_words_of(paragraph),
            **_values_of(outline, paragraph, labels, finder),
        )
        for paragraph in outline.paragraphs
    ]
    return rows, [meeting for paragraph in outline.paragraphs if (meeting := find_meeting(paragraph))]


def _words_of(paragraph: OutlineParagraph) -> dict[str, str]:
    text, footnotes = _mark_footnotes(paragraph)
    printed = "" if paragraph.label_of else paragraph.label[:PRINTED_LENGTH]
    return {"printed": printed, "issued": f"{text}\n{footnotes}".rstrip("\n"), "text": text, "footnotes": footnotes}


def _values_of(
    outline: Outline, paragraph: OutlineParagraph, labels: Mapping[int, ProposedLabel], themes: "ThemeFinder"
) -> dict[str, Any]:
    """Return what the program proposes about a text; of a heading, the theme that it suggests."""
    if not paragraph.is_text:
        theme = themes.find([paragraph.text]) if paragraph.reason == Reason.HEADING else None
        return {"kind": NodeKind.RECOMMENDATION.value, "primary_theme_id": theme}
    label = labels[paragraph.number].label
    is_note = (parts := notation.parse_label(label)) is not None and parts.number is None
    kind = NodeKind.CHAPEAU if paragraph.kind == OutlineKind.CHAPEAU else NodeKind.RECOMMENDATION
    is_unit = outline.is_unit(paragraph)
    return {
        "label": label,
        "kind": (NodeKind.NOTE if is_note else kind).value,
        "is_unit": is_unit,
        "is_topic": paragraph.is_topic and paragraph.kind != OutlineKind.CHAPEAU,
        "addressees": list(paragraph.asks.addressees),
        "basis": paragraph.asks.basis,
        "strength": paragraph.asks.strength,
        "asks_to_consider": is_unit and paragraph.asks.asks_to_consider,
        "primary_theme_id": themes.find([outline.find(number).text for number in paragraph.topics]),
        "topic_heading": outline.topic_heading(paragraph)[:HEADING_LENGTH],
    }


def _mark_footnotes(paragraph: OutlineParagraph) -> tuple[str, str]:
    """Return the text with raised numbers, and its footnotes one a line. A mark that is no number gets one."""
    numbers: dict[int, None] = {}
    last = 0
    for note in paragraph.notes:
        printed = note.mark.translate(notation.DIGITS)
        number = int(printed) if printed.isascii() and printed.isdigit() and 0 < int(printed) < 10_000 else 1
        number = last + 1 if number in numbers else number
        last = max(last, number)
        numbers[number] = None
    marked = [
        notation.ParsedFootnote(number, " ".join(note.text.split()), note.offset)
        for number, note in zip(numbers, paragraph.notes, strict=True)
    ]
    lines = "\n".join(f"{notation.footnote_mark(note.number)} {note.text}" for note in marked)
    return notation.add_footnotes(paragraph.text, sorted(marked, key=lambda note: note.offset)), lines


class ThemeFinder:
    """Find the theme of which a heading has the rarest words."""

    def __init__(self, themes: Iterable[Theme]):
        self.words = {theme.pk: _stems(theme.name) for theme in themes}
        self.counts = Counter(word for words in self.words.values() for word in words)

    def find(self, headings: Iterable[str]) -> int | None:
        """Return the key of the theme that the nearest heading suggests; none where two fit as well."""
        for heading in reversed(list(headings)):
            stems = _stems(heading)
            scores = sorted(
                ((sum(1 / self.counts[word] for word in words & stems), pk) for pk, words in self.words.items()),
                reverse=True,
            )
            if scores and scores[0][0] >= 0.5 and (len(scores) == 1 or scores[0][0] > scores[1][0]):
                return scores[0][1]
        return None


def _stems(text: str) -> set[str]:
    return {word.lower()[:6] for word in WORD.findall(text)}
