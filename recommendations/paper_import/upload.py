from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.outline.document import check_text, check_type, read_characters
from recommendations.outline.source import Part, SourceParagraph
from recommendations.outline.word_source import read_word
from recommendations.paper_import import notation, parser
from recommendations.paper_import.notation import PaperProblem

TYPES = (".txt", ".docx")
TEXTS_LIMIT = 5_000
DOUBTS_LIMIT = 5_000
WRITE_HEADING = _("Enter the heading like this: IX. Ninth meeting, Vienna, 9 to 11 September 2019.")
REFUSED: dict[PaperProblem, str | Promise] = {
    # Translators: line: number of the line.
    PaperProblem.NOT_TEXT: _("Line %(line)d contains a character that is not text. Remove it."),
    PaperProblem.NO_MEETING: _("No heading of a meeting was found. Enter the heading of the meeting below."),
    PaperProblem.DATES: _(
        # Translators: line: number of the line.
        "Line %(line)d: the dates of the meeting cannot be read. Write them like this: 9 to 11 September 2019."
    ),
    PaperProblem.ORDER: _(
        # Translators: line: number of the line.
        "Line %(line)d: the number of the meeting must be a roman numeral higher than the previous one."
    ),
}


def read_file(file: File) -> str:
    """Return the text of a file of text, or that of a Word document in the notation of papers."""
    if check_type(file, TYPES) == ".txt":
        return check_text(read_characters(file))
    return check_text("\n\n".join(_write_lines(read_word(file))))


def _write_lines(paragraphs: Iterable[SourceParagraph]) -> Iterator[str]:
    """Yield a line for each paragraph with its number and footnote marks, and then for each footnote.

    Footnotes and endnotes are numbered from 1 together, whatever their marks are.
    """
    notes: list[str] = []
    for paragraph in paragraphs:
        if paragraph.part == Part.BODY:
            text = paragraph.text
            marks = [notation.footnote_mark(len(notes) + place) for place in range(1, len(paragraph.notes) + 1)]
            marked = list(zip(marks, paragraph.notes, strict=True))
            for mark, note in reversed(marked):
                text = text[: note.offset] + mark + text[note.offset :]
            notes += [f"{mark} {note.text}" for mark, note in marked]
            yield f"{paragraph.label} {text}".strip()
    yield from notes


def read_paper(text: str, heading: str = "") -> parser.ParsedPaper:
    try:
        meeting = notation.parse_heading(heading) if heading else None
    except notation.PaperError:
        raise ValidationError({"heading": WRITE_HEADING}) from None
    try:
        paper = parser.parse_draft(text, meeting)
    except notation.PaperError as error:
        raise ValidationError({"paper": REFUSED[error.problem] % {"line": error.line}}) from None
    if not paper.nodes:
        raise ValidationError(
            {"paper": _("No numbered text was found, such as “1. States parties…”. Check the file or the pasted text.")}
        )
    if len(paper.doubts) > DOUBTS_LIMIT:
        raise ValidationError(
            {"paper": _("Too many lines are not numbered paragraphs. Check that this is the right paper.")}
        )
    if len(paper.nodes) > TEXTS_LIMIT:
        raise ValidationError(
            {
                # Translators: limit: a number, as 5,000.
                "paper": _("The paper has too many texts: at most %(limit)s.")
                % {"limit": number_format(TEXTS_LIMIT, force_grouping=True)}
            }
        )
    if any(len(node.label) > 30 for node in paper.nodes):
        raise ValidationError({"paper": _("A label in the paper is too long: at most 30 characters.")})
    return paper
