"""Write the letters of a PDF by line as JSON to standard output: the program of a child process, without Django.

A hostile file can take time and memory, or break the process, and nothing else. `pdf_source.py` starts it. It ends
with READ after a line of JSON for each page: `{"width", "height", "pieces"}`, in the order of the file. A piece is
letters of one look on one line without a wide gap: `[text, left, right, baseline, size, is_bold, is_italic]`, in
points from the lower left corner. It ends with LOCKED for a password, with EMPTY where no page has a letter.
"""

import ctypes
import json
import math
import sys

import pypdfium2
import pypdfium2.raw as pdfium

READ, LOCKED, EMPTY, TOO_LARGE = 0, 10, 11, 12
PAGES, LETTERS = 1_000, 4_000_000
WIDE = 1.0  # a gap between two pieces, in sizes of the letters
HYPHENS = {0x02, 0xFFFE, 0xFFFF}  # what PDFium writes for a hyphen at the end of a line
MARKS = {*b"0123456789*"}
LIGATURES = dict(
    zip("\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)
)
RAISED = 0.25  # of the size of the letters
FORCED_BOLD, ITALIC = 1 << 18, 1 << 6
BOLD_WEIGHT = 600


def main() -> int:
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        return LOCKED if "assword" in str(error) else 1
    if len(document) > PAGES:
        return TOO_LARGE
    letters = 0
    for page in document:
        text = page.get_textpage()
        letters += text.count_chars()
        if letters > LETTERS:
            return TOO_LARGE
        width, height = page.get_size()
        sys.stdout.write(json.dumps({"width": width, "height": height, "pieces": PageReader(text.raw).read()}) + "\n")
        text.close()
        page.close()
    return READ if letters else EMPTY


class PageReader:
    def __init__(self, text):
        self.text = text
        self.pieces: list[list] = []
        self.look: tuple = ()
        self.owner = 0
        self.x, self.y, self.box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
        self.sides = [ctypes.c_double() for _ in range(4)]  # left, right, bottom and top of the ink of a letter
        self.has_space = False

    def read(self) -> list[list]:
        for index in range(pdfium.FPDFText_CountChars(self.text)):
            code = pdfium.FPDFText_GetUnicode(self.text, index)
            if code in HYPHENS:
                code = 0x2D
            if code in (0x20, 0x09, 0x0A, 0x0D, 0):
                self.has_space = True
            else:
                self.add_letter(index, code)
        return [piece for piece in self.pieces if piece[0]]

    def add_letter(self, index: int, code: int) -> None:
        pdfium.FPDFText_GetLooseCharBox(self.text, index, self.box)  # with the space that the font has around a letter
        pdfium.FPDFText_GetCharOrigin(self.text, index, self.x, self.y)
        size, bold, italic = self.look_of(index)
        left, right, line = self.box.left, self.box.right, self.y.value
        if code in MARKS and self.bottom_of(index) > line + RAISED * size:
            size, line = round(0.6 * size, 1), round(line + RAISED * size, 1)  # a raised form of the font itself
        letter = chr(code) if code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd"
        letter = LIGATURES.get(letter, letter)
        last = self.pieces[-1] if self.pieces else None
        has_space, self.has_space = self.has_space, False
        if last and last[4:] == [size, bold, italic] and abs(last[3] - line) < 0.6:
            gap = left - last[2]
            if -size < gap < size * WIDE:
                last[0] += (" " if has_space or gap > size * 0.22 else "") + letter
                last[2] = round(max(right, last[2]), 1)
                return
        space = " " if has_space and last and abs(last[3] - line) < size and left - last[2] < size * WIDE else ""
        self.pieces.append([space + letter, round(left, 1), round(right, 1), round(line, 1), size, bold, italic])

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
        size = round(pdfium.FPDFText_GetFontSize(self.text, index) * scale, 1)
        pdfium.FPDFText_GetFontInfo(self.text, index, name, 200, flags)
        words = name.value.decode("utf-8", "replace").lower()
        is_bold = pdfium.FPDFText_GetFontWeight(self.text, index) >= BOLD_WEIGHT or "bold" in words or "black" in words
        is_italic = bool(flags.value & ITALIC) or "italic" in words or "oblique" in words
        self.look = size, is_bold or bool(flags.value & FORCED_BOLD), is_italic
        return self.look


if __name__ == "__main__":
    sys.exit(main())
