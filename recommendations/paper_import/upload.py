import codecs
import re
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.archives import HAS_MACROS
from recommendations.error_messages import EMPTY_FILE, FILE_TYPES, NOT_UTF8, OTHER_CONTENT, check_size
from recommendations.lists import format_list
from recommendations.paper_import import notation, parser
from recommendations.paper_import.notation import PaperProblem
from recommendations.paper_import.word_paper import LETTERS_LIMIT, PARAGRAPHS_LIMIT, read_word_paper
from recommendations.word_reader import TOO_LARGE

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

FILE_LIMIT = 5 * 1024 * 1024  # bytes; the paper of eight meetings has 80,000
SOMETHING_ELSE = (b"%PDF", b"{\\rtf", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"<")
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")

SUFFIX = {"suffix": ".txt"}
EMPTY = _("The paper contains no text. Choose another file, or paste the text.")


def read_file(file: File) -> str:
    suffix = PurePath(file.name or "").suffix.lower()
    if suffix in (".docm", ".dotm"):
        raise ValidationError(HAS_MACROS)
    if suffix not in (".txt", ".docx"):
        raise ValidationError(FILE_TYPES, params={"types": format_list((".txt", ".docx"))})
    if not file.size:
        raise ValidationError(EMPTY_FILE)
    check_size(file.size, FILE_LIMIT)
    text = decode_text(file) if suffix == ".txt" else read_word_paper(file)
    return check_text(text)


def check_text(text: str) -> str:
    """Return the text with line feeds only, if it can be the text of a paper."""
    if NOT_TEXT.search(text):
        raise ValidationError(OTHER_CONTENT, params=SUFFIX)
    if not text.strip():
        raise ValidationError(EMPTY)
    if len(text) > LETTERS_LIMIT or text.count("\n") > 2 * PARAGRAPHS_LIMIT:
        raise ValidationError(TOO_LARGE)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def decode_text(file: File) -> str:
    file.seek(0)
    content = file.read()
    if content.startswith(SOMETHING_ELSE):
        raise ValidationError(OTHER_CONTENT, params=SUFFIX)
    encoding = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if b"\0" in content:
            raise ValidationError(OTHER_CONTENT, params=SUFFIX) from None
        raise ValidationError(NOT_UTF8) from None


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
