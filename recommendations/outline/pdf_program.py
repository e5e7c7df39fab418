"""Write the letters of a PDF by line as JSON, or the picture of a page: the program of a child process, without Django.

A hostile file can take time and memory, or break the process, and nothing else. `pdf_source.py` starts it. It ends
with READ after a line of JSON for each page: `{"width", "height", "text", "pieces", "unread"}`. `text` is what PDFium
itself makes of the page, `unread` names what can have words that are not among them: pictures and annotations, or the
whole page. The pieces are in the order of the file. A piece is letters of one look on one line without a wide gap:
`[text, left, right, baseline, size, is_bold, is_italic]`, in points from the lower left corner; of a page written from
right to left, from the lower right corner. It ends with LOCKED for a password, with EMPTY where no page has a letter.
With the number of a page as argument it writes the page as a grey PNG, and ends with ABSENT where there is none.
"""

import ctypes
import json
import math
import sys
from collections.abc import Iterator
from itertools import groupby
from unicodedata import bidirectional, normalize

import pypdfium2
import pypdfium2.raw as pdfium

READ, LOCKED, EMPTY, TOO_LARGE, ABSENT = 0, 10, 11, 12, 13
PAGES, LETTERS = 1_000, 2_000_000
DRAWN_NOTES = {pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_WIDGET}
PICTURE = 1_000, 2_000  # the largest width and height, in pixels
WIDE = 1.0  # a gap between two pieces, in sizes of the letters
HYPHENS = {0x02, 0xFFFE, 0xFFFF}  # what PDFium writes for a hyphen at the end of a line
MARKS = {*b"0123456789*"}
LIGATURES = "\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
DIVIDED = dict.fromkeys(HYPHENS, "-\n")
RAISED = 0.25  # of the size of the letters
FORCED_BOLD, ITALIC = 1 << 18, 1 << 6
BOLD_WEIGHT = 600
SPACES = (0x20, 0x09, 0x0A, 0x0D, 0)
MIRRORED = str.maketrans("()[]«»", ")(][»«")  # as brackets look from right to left, which is what a PDF has
BETWEEN = "./-–:,%"  # signs within a number or a symbol that is written from left to right


def main() -> int:
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        return LOCKED if "assword" in str(error) else 1
    if len(document) > PAGES:
        return TOO_LARGE
    return draw_page(document, int(sys.argv[1])) if sys.argv[1:] else read_pages(document)


def draw_page(document: pypdfium2.PdfDocument, number: int) -> int:
    if not 1 <= number <= len(document):
        return ABSENT
    page = document[number - 1]
    scale = min(limit / side for limit, side in zip(PICTURE, page.get_size(), strict=True))
    page.render(scale=scale, grayscale=True).to_pil().save(sys.stdout.buffer, "PNG")
    return READ


def read_pages(document: pypdfium2.PdfDocument) -> int:
    letters = 0
    for page in document:
        text = page.get_textpage()
        letters += text.count_chars()
        if letters > LETTERS:
            return TOO_LARGE
        width, height = page.get_size()
        pieces = PageReader(text.raw).read(width)
        own = text.get_text_range().translate(DIVIDED)
        unread = list_unread(page) if pieces else ["[Page without words]"]
        found = {"width": width, "height": height, "pieces": pieces, "text": own, "unread": unread}
        sys.stdout.write(json.dumps(found) + "\n")
        text.close()
        page.close()
    return READ if letters else EMPTY


def list_unread(page: pypdfium2.PdfPage) -> list[str]:
    """Name what can have words that were not read, each once: pictures, and annotations that are printed."""
    pictures = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])
    return ["[Picture]"] * any(pictures) + ["[Annotation]"] * bool(DRAWN_NOTES.intersection(_kinds_of_notes(page)))


def _kinds_of_notes(page: pypdfium2.PdfPage) -> Iterator[int]:
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        yield pdfium.FPDFAnnot_GetSubtype(note)
        pdfium.FPDFPage_CloseAnnot(note)


def _is_from_right(code: int) -> bool:
    return 0x590 <= code <= 0x8FF or 0xFB1D <= code <= 0xFEFC


def _turn_runs(text: str) -> str:
    """Write letters that are in the order of their places, from the right, in the order in which they are read.

    Numbers and Latin words run from left to right, with the signs between two of their letters.
    """
    found: list[str] = []
    run = ""
    for index, letter in enumerate(text):
        after = text[index + 1 : index + 2]
        if _runs_from_left(letter) or (run and letter in BETWEEN and _runs_from_left(after)):
            run = letter + run
            continue
        found += [run, letter.translate(MIRRORED)]
        run = ""
    return "".join([*found, run])


def _runs_from_left(letter: str) -> bool:
    return bool(letter) and bidirectional(letter) in ("L", "EN", "AN")


class PageReader:
    def __init__(self, text):
        self.text = text
        self.pieces: list[list] = []
        self.look: tuple = ()
        self.owner = 0
        self.x, self.y, self.box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
        self.sides = [ctypes.c_double() for _ in range(4)]  # left, right, bottom and top of the ink of a letter
        self.has_space = False
        self.start = 0.0  # the left side of the last letter
        self.turn = 1 + 0j  # the direction in which the letters run, of length 1

    def read(self, width: float) -> list[list]:
        codes = [pdfium.FPDFText_GetUnicode(self.text, each) for each in range(pdfium.FPDFText_CountChars(self.text))]
        codes = [0x2D if code in HYPHENS else code for code in codes]
        if 2 * sum(map(_is_from_right, codes)) > sum(code not in SPACES for code in codes):
            return list(self.read_from_right(codes, width))
        for index, code in enumerate(codes):
            if code in SPACES:
                self.has_space = True
            else:
                self.add_letter(index, code)
        return [piece for piece in self.pieces if piece[0]]

    def read_from_right(self, codes: list[int], width: float) -> Iterator[list]:
        """Yield a piece for the letters of one look on a line of a page from right to left, with its sides exchanged.

        The order is that of their places. PDFium gives the letters of a ligature, which have one box, the other way.
        """
        letters = []
        line: float = 0
        look: list = [0.0, False, False]
        for index, code in enumerate(codes):
            if code not in SPACES:
                letter, left, right, line, *look = self.letter_at(index, code)
            elif code == 0x20:
                pdfium.FPDFText_GetLooseCharBox(self.text, index, self.box)
                is_made = self.box.left == self.box.right  # by PDFium, at the edge of the next letter
                letter, left, right = " ", self.box.left, self.box.right + (0.1 if is_made else 0)
            else:
                continue
            letters.append((round(line), tuple(look), right, index, left, letter))
        for (line, look), found in groupby(letters, key=lambda each: each[:2]):
            placed = sorted(found, key=lambda each: (-each[2], -each[3]))
            text = _turn_runs("".join(each[5] for each in placed))
            left, right = min(each[4] for each in placed), max(each[2] for each in placed)
            if text.strip():
                yield [text, round(width - right, 1), round(width - left, 1), line, *look]

    def letter_at(self, index: int, code: int) -> tuple:
        pdfium.FPDFText_GetLooseCharBox(self.text, index, self.box)  # with the space that the font has around a letter
        pdfium.FPDFText_GetCharOrigin(self.text, index, self.x, self.y)
        size, bold, italic = self.look_of(index)
        corners = [complex(x, y) for x in (self.box.left, self.box.right) for y in (self.box.bottom, self.box.top)]
        places = [(corner / self.turn).real for corner in corners]  # on a page that is turned as the letters are
        left, right, line = min(places), max(places), (complex(self.x.value, self.y.value) / self.turn).imag
        if code in MARKS and self.turn == 1 and self.bottom_of(index) > line + RAISED * size:
            size, line = round(0.6 * size, 1), round(line + RAISED * size, 1)  # a raised form of the font itself
        letter = chr(code) if code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd"
        return normalize("NFKC", letter) if letter in LIGATURES else letter, left, right, line, size, bold, italic

    def add_letter(self, index: int, code: int) -> None:
        letter, left, right, line, size, bold, italic = self.letter_at(index, code)
        last = self.pieces[-1] if self.pieces else [""] * 7
        words = " " + letter if self.has_space else letter
        # A ligature is several letters with one box, each to the left of the end of the last.
        is_next = left > self.start - size / 2 and left - last[2] < size * WIDE if self.pieces else False
        self.has_space, self.start = False, left
        if is_next and abs(last[3] - line) < 0.6 and last[4:] == [size, bold, italic]:
            last[0] += words
            last[2] = round(max(right, last[2]), 1)
        else:
            self.pieces.append([words, round(left, 1), round(right, 1), round(line, 1), size, bold, italic])

    def bottom_of(self, index: int) -> float:
        pdfium.FPDFText_GetCharBox(self.text, index, *self.sides)
        return self.sides[2].value

    def look_of(self, index: int) -> tuple:
        owner = pdfium.FPDFText_GetTextObject(self.text, index)
        key = ctypes.addressof(owner.contents) if owner else 0
        if key and key == self.owner:
            return self.look
        self.owner = key
        matrix, flags, name = pdfium.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(200)
        pdfium.FPDFText_GetMatrix(self.text, index, matrix)
        scale = math.hypot(matrix.c, matrix.d) or 1
        direction = complex(matrix.a, matrix.b)
        self.turn = direction / abs(direction) if abs(direction) else 1 + 0j
        size = round(pdfium.FPDFText_GetFontSize(self.text, index) * scale, 1)
        pdfium.FPDFText_GetFontInfo(self.text, index, name, 200, flags)
        words = name.value.decode("utf-8", "replace").lower()
        is_bold = pdfium.FPDFText_GetFontWeight(self.text, index) >= BOLD_WEIGHT or "bold" in words or "black" in words
        is_italic = bool(flags.value & ITALIC) or "italic" in words or "oblique" in words
        self.look = size, is_bold or bool(flags.value & FORCED_BOLD), is_italic
        return self.look


if __name__ == "__main__":
    sys.exit(main())
