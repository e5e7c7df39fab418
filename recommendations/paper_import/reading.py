"""Read the paragraphs of a document into the outline of a draft: rows of JSON, each with what it becomes."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from recommendations.models import ImportedNode, NodeKind, PaperImport, Theme
from recommendations.outline.outline import DoubtCode, Outline, OutlineKind, OutlineParagraph, Reason
from recommendations.outline.reading import read_outline
from recommendations.outline.source import SourceParagraph
from recommendations.outline.stored import read_paragraphs
from recommendations.paper_import import notation
from recommendations.paper_import.labels import ProposedLabel, find_meeting, printed_place, propose_labels

type Row = dict[str, Any]

WORD = re.compile(r"[^\W\d_]{4,}")
FROM_VALUES = (DoubtCode.IMPLIED, DoubtCode.NOBODY, DoubtCode.TWO_ADDRESSEES)  # `plan.py` finds these
HEADING_LENGTH = ImportedNode._meta.get_field("topic_heading").max_length
PLACE_LENGTH = ImportedNode._meta.get_field("paragraph").max_length
# What a paragraph is that is no text of the paper.
NO_TEXT: Row = {
    "label": "",
    "kind": NodeKind.RECOMMENDATION.value,
    "is_unit": False,
    "is_topic": False,
    "addressees": [],
    "basis": "",
    "strength": "",
    "asks_to_consider": False,
    "primary_theme": None,
}


def read_draft(paper_import: PaperImport, numeral: str) -> tuple[list[Row], list[notation.ParsedMeeting]]:
    """Return the rows of the outline, and the meetings that its headings name. `numeral`: that of the meeting."""
    return read_rows(read_paragraphs(paper_import.source), paper_import, numeral, list(Theme.objects.all()))


def read_rows(
    source: Iterable[SourceParagraph], paper_import: PaperImport, numeral: str, themes: Collection[Theme]
) -> tuple[list[Row], list[notation.ParsedMeeting]]:
    bounds = (paper_import.first, paper_import.last)
    decisions = {int(number): is_text for number, is_text in paper_import.decisions.items()}
    outline = read_outline(source, bounds if None not in bounds else None, decisions)  # type: ignore[arg-type]
    labels = propose_labels(outline, numeral)
    finder = ThemeFinder(themes)
    rows = [_write_row(outline, paragraph, labels, finder) for paragraph in outline.paragraphs]
    return rows, [meeting for paragraph in outline.paragraphs if (meeting := find_meeting(paragraph))]


def _write_row(
    outline: Outline, paragraph: OutlineParagraph, labels: Mapping[int, ProposedLabel], themes: "ThemeFinder"
) -> Row:
    text, footnotes = _mark_footnotes(paragraph)
    row = {
        "number": paragraph.number,
        "printed": "" if paragraph.label_of else paragraph.label,
        "text": text,
        "footnotes": footnotes,
        "page": paragraph.page or None,
        "words": paragraph.words,
        "depth": paragraph.depth,
        "reason": paragraph.reason,
        "doubts": [
            {"question": doubt.code, "words": doubt.words}
            for doubt in paragraph.doubts
            if doubt.code not in FROM_VALUES
        ],
    }
    if paragraph.reason == Reason.HEADING:
        row["theme"] = themes.find([paragraph.text])
    if not paragraph.is_text:
        return row
    heading = outline.topic_heading(paragraph)
    is_unit, is_topic = outline.is_unit(paragraph), paragraph.is_topic and paragraph.kind != OutlineKind.CHAPEAU
    label = labels[paragraph.number].label
    is_note = (parts := notation.parse_label(label)) is not None and parts.number is None
    kind = NodeKind.CHAPEAU if paragraph.kind == OutlineKind.CHAPEAU else NodeKind.RECOMMENDATION
    return row | {
        "becomes": {
            "label": label,
            "kind": (NodeKind.NOTE if is_note else kind).value,
            "is_unit": is_unit,
            "is_topic": is_topic,
            "addressees": list(paragraph.asks.addressees),
            "basis": paragraph.asks.basis,
            "strength": paragraph.asks.strength,
            "asks_to_consider": is_unit and paragraph.asks.asks_to_consider,
            "primary_theme": themes.find([outline.find(number).text for number in paragraph.topics]),
            "topic_heading": heading[:HEADING_LENGTH],
            "paragraph": printed_place(outline, paragraph)[:PLACE_LENGTH],
        }
    }


def bounds_of(paper_import: PaperImport) -> tuple[int, int]:
    """Return the numbers of the first and the last paragraph of the recommendations; (1, 0) where there are none.

    A text that a curator left out is still a bound.
    """
    texts = [row["number"] for row in paper_import.outline if "becomes" in row or row["reason"] == Reason.CURATOR]
    begins, ends = (texts[0], texts[-1]) if texts else (1, 0)
    return paper_import.first or begins, paper_import.last or ends


def suggested_values(row: Row) -> Row:
    """Return the values of the text that a row of an outline becomes."""
    values = NO_TEXT | {"topic_heading": "", "paragraph": ""} | row.get("becomes", {})
    theme = values.pop("primary_theme")
    same = {name: row[name] for name in ("text", "footnotes", "page")}
    return values | same | {"primary_theme_id": theme, "is_left_out": "becomes" not in row}


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
