"""The paragraphs of a document while its outline is made: labels apart, what a page cut in two joined. No Django."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recommendations.outline.asks import NOTHING, Asks, finds_clause
from recommendations.outline.chapters import Zone
from recommendations.outline.labels import Label, Series, bare_label, label_length, parse_label
from recommendations.outline.layout import FUNCTION_WORD
from recommendations.outline.outline import Reason
from recommendations.outline.source import Note, PrintedPart, Run, SourceParagraph, TextOfRuns, cut_runs

ENDED = re.compile(r".*[.:;!?؛؟۔。；：！？][\"'”’»)\]]*|.*[;,] (?:and|or)", re.DOTALL)
HEADS = (Series.NAMED, Series.TEXT, Series.ANNEX)  # labels that are a heading
HEADING_WORDS = 30
LONGEST = 10_000  # letters of what is joined to one paragraph
BARE_NUMBER = re.compile(r"[1-9][0-9]{0,2}(?: (?:bis|ter|quater))?")


@dataclass
class DraftParagraph(TextOfRuns):
    """A paragraph while the outline is made. `printed` is its label, also where a heading before it has the label."""

    source: SourceParagraph
    label: Label | None
    printed: str
    runs: list[Run]
    notes: list[Note]
    rank: int = 0  # of a heading, from 1; 0 for others
    is_title: bool = False  # a line of the title of a resolution, decision or annex
    zone: Zone = Zone.UNKNOWN
    in_text: bool = False  # of a resolution or decision
    in_column: bool = False  # of recommendations
    reason: Reason | None = None
    is_text: bool = False
    parent: "DraftParagraph | None" = None
    label_of: "DraftParagraph | None" = None
    key: tuple = ()
    depth: int = 0
    children: int = 0
    named: tuple[str, ...] = ()  # addressees in a cell beside it
    asks: Asks = NOTHING
    is_topic: bool = False
    text_name: str = ""

    @property
    def series(self) -> Series | None:
        return self.label.series if self.label else None

    @property
    def is_ended(self) -> bool:
        return bool(ENDED.fullmatch(self.text))

    @property
    def is_short(self) -> bool:
        return len(self.text.split()) <= HEADING_WORDS


def make_drafts(paragraphs: Iterable[SourceParagraph]) -> list[DraftParagraph]:
    return list(_join_cut(_join_labels(_split_labels(paragraphs))))


def _split_labels(sources: Iterable[SourceParagraph]) -> Iterator[DraftParagraph]:
    for source in sources:
        if source.part != PrintedPart.BODY:
            yield DraftParagraph(source, None, "", source.runs, source.notes, reason=_reason_outside(source))
            continue
        label = parse_label(source.label or source.text) or _label_in_column(source)
        if source.label or label is None:
            yield DraftParagraph(source, label, source.label, source.runs, source.notes)
        else:
            start = label_length(source.text, label)
            notes = [Note(note.mark, note.text, max(0, note.offset - start)) for note in source.notes]
            yield DraftParagraph(source, label, label.printed, cut_runs(source.runs, start), notes)


def _reason_outside(source: SourceParagraph) -> Reason:
    """Return why what is printed outside the text is left out; a sentence in a margin or a box is no print mark."""
    if source.part == PrintedPart.FOOTNOTE:
        return Reason.FOOTNOTE
    is_sentence = ENDED.fullmatch(source.text) or finds_clause(source.text)
    return Reason.REPORT if is_sentence else Reason.PRINT_MARK


def _join_labels(drafts: Iterable[DraftParagraph]) -> Iterator[DraftParagraph]:
    """Join a label that is a line of its own to the paragraph below it, which has none."""
    label: DraftParagraph | None = None
    for draft in drafts:
        if label is not None:
            if draft.label is None and draft.text and draft.source.part == PrintedPart.BODY:
                draft.label, draft.printed = label.label, label.printed
                draft.source.is_contents |= label.source.is_contents
            else:
                yield label
            label = None
        if draft.label and not draft.text and not draft.source.cell and draft.series not in HEADS:
            label = draft
        else:
            yield draft
    if label is not None:
        yield label


def _label_in_column(source: SourceParagraph) -> Label | None:
    """Read a number without a full stop that is alone in a cell, or before a wide gap."""
    text = source.text[: source.tab].strip() if source.tab else source.text.strip()
    if not BARE_NUMBER.fullmatch(text) or not (source.tab or (source.cell and source.cell[2] == 0)):
        return None
    return bare_label(text)


def _join_cut(drafts: Iterable[DraftParagraph]) -> Iterator[DraftParagraph]:
    """Join what a page or an editor cut in two: small letters, or what follows a word that cannot be the last."""
    last: DraftParagraph | None = None
    for draft in drafts:
        if draft.source.part == PrintedPart.FOOTNOTE and last is not None:
            yield last
            last = None
        if draft.source.part != PrintedPart.BODY:
            yield draft
            continue
        if last is not None and _continues(last, draft):
            offset = len(last.text) + 1
            last.runs = [*last.runs, Run(" "), *draft.runs]
            last.notes = [*last.notes, *(Note(note.mark, note.text, note.offset + offset) for note in draft.notes)]
            continue
        if last is not None:
            yield last
        last = draft
    if last is not None:
        yield last


def _continues(last: DraftParagraph, draft: DraftParagraph) -> bool:
    if draft.label is not None or not draft.text or not last.text or last.source.cell != draft.source.cell:
        return False
    if last.source.is_contents or last.source.heading or draft.source.heading:
        return False
    if last.is_ended or len(last.text) > LONGEST:
        return False
    if abs(last.source.size - draft.source.size) > 1 or last.source.is_bold != draft.source.is_bold:
        return False
    if draft.text[0].islower():
        return True
    if last.text.endswith((",", "’")) or last.text[-1].isdigit():
        return False
    count = len(last.text.split())
    return count > 8 and (bool(FUNCTION_WORD.search(last.text)) or (last.label is not None and count > 12))
