"""The paragraphs of a document while its outline is made: labels apart, what a page cut in two joined. No Django."""

from collections.abc import Iterable
from dataclasses import replace

from recommendations.outline.labels import Label, Series, label_length, parse_label
from recommendations.outline.layout import PRINT_MARK
from recommendations.outline.outline import OutlineParagraph, Reason
from recommendations.outline.source import Note, PrintedPart, Run, SourceParagraph, cut_runs

LONGEST = 10_000  # letters of what is joined to one paragraph


def make_drafts(paragraphs: Iterable[SourceParagraph]) -> list[OutlineParagraph]:
    """Return the paragraphs with their labels apart; what a page or an editor cut in two is joined."""
    drafts: list[OutlineParagraph] = []
    last: OutlineParagraph | None = None  # that may go on
    for source in paragraphs:
        draft = _split_label(len(drafts) + 1, source)
        if last is not None and _continues(last, draft):
            last.source.differing += source.differing
            offset = len(last.text) + 1
            last.runs = [*last.runs, Run(" "), *draft.runs]
            last.notes = [*last.notes, *(Note(note.mark, note.text, note.offset + offset) for note in draft.notes)]
            continue
        drafts.append(draft)
        if draft.source.part not in (PrintedPart.PRINT_MARK, PrintedPart.UNREAD):
            last = draft if draft.source.part == PrintedPart.BODY else None
    return drafts


def _continues(last: OutlineParagraph, draft: OutlineParagraph) -> bool:
    """Whether a paragraph goes on in small letters where the last one did not end."""
    before, source = last.source, draft.source
    is_alike = before.cell == source.cell and before.is_bold == source.is_bold and not before.is_contents
    goes_on = draft.parsed is None and draft.text[:1].islower() and not last.is_ended and 0 < len(last.text) < LONGEST
    return source.part == PrintedPart.BODY and is_alike and goes_on


def _split_label(number: int, source: SourceParagraph) -> OutlineParagraph:
    if source.part != PrintedPart.BODY:
        is_running_head = source.part == PrintedPart.PRINT_MARK and not PRINT_MARK.fullmatch(source.text)
        reason = Reason.REPORT if is_running_head else Reason(source.part)
        return OutlineParagraph(number, source, None, "", source.runs, source.notes, reason)
    label = parse_label(source.label or source.text) or _label_in_column(source)
    if source.label or label is None:
        return OutlineParagraph(number, source, label, source.label, source.runs, source.notes)
    start = label_length(source.text, label)
    notes = [Note(note.mark, note.text, max(0, note.offset - start)) for note in source.notes]
    return OutlineParagraph(number, source, label, label.printed, cut_runs(source.runs, start), notes)


def _label_in_column(source: SourceParagraph) -> Label | None:
    """Read a number without a full stop that is alone in a cell, or before a wide gap."""
    if not source.tab and not (source.cell and source.cell[2] == 0):
        return None
    text = source.text[: source.tab or None].strip()
    label = parse_label(f"{text}.")
    is_number = label is not None and label.series == Series.NUMBER and label.printed == f"{text}."
    return replace(label, printed=text) if label and is_number else None
