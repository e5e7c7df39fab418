"""Invented documents as the United Nations issues them, in other shapes than the samples, with what a reader must find.

`tests/issued/*.txt` has one paragraph on each line: a sign, the label as printed, `|` and the text, for texts also `||`
and what they ask: `addressees strength [consider] [topic]`, or nothing where it is inherited.

    =   title            @  masthead      ^  entry of the contents    #, ##, ###  heading
    .   left out         !  label alone   +, ++, +++  text of the paper, at its level
    -   cells of a row of a table, as ` | ` of the signs above

`{1: words}` is a footnote. `written` makes a Word document, `printed` a PDF, `plain` a text of it.
"""

import io
import json
import re
import textwrap
import zipfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

import typst
from django.core.files.base import ContentFile

from recommendations.outline.document import read_document
from recommendations.outline.outline import Outline
from tests.documents import packed

FOLDER = Path(__file__).with_name("issued")
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))
NOTE = re.compile(r"\{([^:}]{1,3}): ([^}]*)\}")


@dataclass
class Line:
    sign: str
    label: str
    text: str
    asks: list[str] | None

    @property
    def plain(self) -> str:
        return NOTE.sub("", self.text)

    @property
    def notes(self) -> list[dict]:
        return [{"mark": mark, "plain": words} for mark, words in NOTE.findall(self.text)]


def lines_of(name: str) -> list[Line]:
    found = []
    for raw in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not raw.strip() or raw.startswith("//"):
            continue
        sign, _space, rest = raw.partition(" ")
        rest, asks_sign, asks = rest.partition("||")
        label, bar, text = rest.partition("|")
        if not bar:
            label, text = "", label
        found.append(Line(sign, label.strip(), text.strip(), asks.split() if asks_sign else None))
    return found


def symbol_of(name: str) -> str:
    return next(line.text for line in lines_of(name) if line.sign == "@" and re.match("CTOC/|A/", line.text))


def truth_of(name: str) -> dict:
    """Return what `score` compares: the form of the truth files of the samples."""
    items, path, waiting = [], [], ""
    for line in lines_of(name):
        if line.sign == "!":
            waiting = line.label
        item = {
            "kind": "not_a_recommendation",
            "sub": {"@": "masthead", "^": "contents", "!": "label", "#": "heading"}.get(line.sign[0], "left out"),
            "label_as_printed": line.label,
            "suggested_label": "",
            "plain": line.plain or line.label,
            "footnotes": line.notes,
            "addressees": [],
            "parent": None,
        }
        items.append(item)
        if line.sign.startswith("+"):
            depth = len(line.sign) - 1
            path[depth:] = [item]
            above = path[depth - 1] if depth else None
            item |= {"kind": "recommendation", "sub": "recommendations", "suggested_label": str(len(items))}
            item["label_as_printed"], waiting = line.label or waiting, ""
            item["parent"] = above["suggested_label"] if above else None
            _read_asks(item, line.asks or [], above)
    return {"items": items}


def _read_asks(item: dict, asks: list[str], above: dict | None) -> None:
    if asks:
        item["addressees"] = [] if asks[0] == "nobody" else asks[0].split(",")
        item["strength"] = asks[1] if len(asks) > 1 and asks[1] not in ("consider", "topic") else ""
        item["asks_to_consider"], item["topic"] = "consider" in asks, "topic" in asks
    elif above:
        item |= {name: above[name] for name in ("addressees", "strength", "asks_to_consider", "topic")}


# Word


def written(name: str, is_automatic: bool = False) -> bytes:
    """`is_automatic`: Word sets the numbers, and soft hyphens and tracked changes are in the texts."""
    body, notes, numbers = [], [], WordNumbers() if is_automatic else None
    for line in lines_of(name):
        if line.sign == "-":
            body.append(_word_row(line))
        else:
            body.append(_word_paragraph(line, notes, numbers))
    body_xml = "".join(body).replace("</w:tbl><w:tbl>", "")
    parts = WORD_PARTS | {
        "word/numbering.xml": numbers.written() if numbers else f"<w:numbering {W}/>",
        "word/document.xml": f"<w:document {W}><w:body>{body_xml}</w:body></w:document>",
        "word/footnotes.xml": f"<w:footnotes {W}>{''.join(notes)}</w:footnotes>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
    return file.getvalue()


def _word_row(line: Line) -> str:
    cells = [f"<w:tc>{_word_paragraph(Line('cell', '', words, None), [])}</w:tc>" for words in (line.label, line.text)]
    return f"<w:tbl><w:tr>{''.join(cells)}</w:tr></w:tbl>"


FORMS = (  # levels of the list: kind, text, what a label of it is
    ("decimal", "%1.", r"([0-9]+)\."),
    ("lowerLetter", "(%2)", r"\(([a-hj-uwyz])\)"),
    ("lowerRoman", "(%3)", r"\(([ivx]+)\)"),
    ("bullet", "\uf0b7", "•"),
    ("bullet", "–", "–"),
)
ROMANS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


class WordNumbers:
    """Number paragraphs as Word does: a list that goes on, and another where a number is not the next."""

    def __init__(self) -> None:
        self.lists = [""]
        self.last = [0] * len(FORMS)

    def find(self, label: str) -> tuple[int, int] | None:
        """Return the list and the level of a label, or None where Word does not set it."""
        for level, (kind, _text, words) in enumerate(FORMS):
            if not (match := re.fullmatch(words, label)):
                continue
            value = 0 if kind == "bullet" else self.value(kind, match[1])
            if kind != "bullet" and value != self.last[level] + 1:
                self.lists.append(f"<w:lvlOverride w:ilvl='{level}'><w:startOverride w:val='{value}'/></w:lvlOverride>")
            self.last[level:] = [value, *[0] * (len(FORMS) - level - 1)]
            return len(self.lists), level
        return None

    @staticmethod
    def value(kind: str, piece: str) -> int:
        return {"decimal": int, "lowerLetter": lambda letter: ord(letter) - 96, "lowerRoman": ROMANS.index}[kind](piece)

    def written(self) -> str:
        levels = "".join(
            f"<w:lvl w:ilvl='{level}'><w:start w:val='1'/><w:numFmt w:val='{kind}'/><w:lvlText w:val='{text}'/></w:lvl>"
            for level, (kind, text, _words) in enumerate(FORMS)
        )
        lists = "".join(
            f"<w:num w:numId='{number}'><w:abstractNumId w:val='0'/>{override}</w:num>"
            for number, override in enumerate(self.lists, start=1)
        )
        return f"<w:numbering {W}><w:abstractNum w:abstractNumId='0'>{levels}</w:abstractNum>{lists}</w:numbering>"


def _changed(words: str, looks: str) -> str:
    """Write words as a run with a soft hyphen, one word inserted and others deleted while changes were tracked."""
    first, space, rest = words.partition(" ")
    rest = re.sub(r"\b(informa|organi)(tion|zation)\b", "\\1\u00ad\\2", rest)
    return (
        f"<w:ins w:id='1'><w:r>{looks}<w:t xml:space='preserve'>{escape(first + space)}</w:t></w:r></w:ins>"
        f"<w:del w:id='2'><w:r><w:delText>never </w:delText></w:r></w:del>"
        f"<w:r><w:rPr><w:rPrChange w:id='3'><w:rPr><w:b/><w:vanish/></w:rPr></w:rPrChange></w:rPr>"
        f"<w:t xml:space='preserve'>{escape(rest)}</w:t></w:r>"
    )


def _word_paragraph(line: Line, notes: list[str], numbers: WordNumbers | None = None) -> str:
    is_bold = line.sign in ("=", "!") or line.sign.startswith("#")
    size = {"=": 15, "#": 14, "##": 12}.get(line.sign, 10)
    looks = f"<w:rPr>{'<w:b/>' if is_bold else ''}<w:sz w:val='{2 * size}'/></w:rPr>"
    number = numbers.find(line.label) if numbers and line.sign in (".", "+", "++", "+++") else None
    label = "" if number else line.label
    runs = f"<w:r>{looks}<w:t>{escape(label)}</w:t></w:r>" if label else ""
    if label and line.text:
        runs += "<w:r><w:tab/></w:r>"
    pieces = NOTE.split(line.text)
    for index, piece in enumerate(pieces):
        match index % 3:
            case 0 if numbers and not is_bold and index == 0 and len(piece.split()) > 3:
                runs += _changed(piece, looks)
            case 0:
                runs += f"<w:r>{looks}<w:t xml:space='preserve'>{escape(piece)}</w:t></w:r>"
            case 1:
                custom, own = ("w:customMarkFollows='1'", f"<w:t>{piece}</w:t>") if piece == "*" else ("", "")
                runs += f"<w:r><w:footnoteReference {custom} w:id='{len(notes) + 1}'/>{own}</w:r>"
                notes.append(
                    f"<w:footnote w:id='{len(notes) + 1}'><w:p><w:r><w:t xml:space='preserve'> "
                    f"{escape(pieces[index + 1])}</w:t></w:r></w:p></w:footnote>"
                )
    left = 600 * max(0, len(line.sign) - 1) if line.sign.startswith("+") else 0
    listed = f"<w:numPr><w:ilvl w:val='{number[1]}'/><w:numId w:val='{number[0]}'/></w:numPr>" if number else ""
    return f"<w:p><w:pPr>{listed}<w:ind w:left='{left}'/></w:pPr>{runs}</w:p>"


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
WORD_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{RELATIONS}<Relationship Id="a" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    ),
    "word/_rels/document.xml.rels": (
        f'{RELATIONS}<Relationship Id="a" Type="{OFFICE}/footnotes" Target="footnotes.xml"/>'
        f'<Relationship Id="b" Type="{OFFICE}/numbering" Target="numbering.xml"/></Relationships>'
    ),
}

# The first list of two, and one that begins with 7.
WORD_NUMBERING = (
    f"<w:numbering {W}><w:abstractNum w:abstractNumId='0'>"
    "<w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.'/></w:lvl>"
    "<w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='lowerLetter'/><w:lvlText w:val='(%2)'/></w:lvl>"
    "</w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num><w:num w:numId='2'>"
    "<w:abstractNumId w:val='0'/><w:lvlOverride w:ilvl='0'><w:startOverride w:val='7'/></w:lvlOverride></w:num>"
    "</w:numbering>"
)


def paragraph(words: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space='preserve'>{words}</w:t></w:r></w:p>"


def read_word_body(body: str, **parts: str) -> Outline:
    """Read a Word document with this body. `parts` are others by the kind of reference and a number: `header1`."""
    parts = {"numbering": WORD_NUMBERING} | parts
    references = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{name.rstrip("0123456789")}" Target="{name}.xml"/>' for name in parts
    )
    files = WORD_PARTS | {f"word/{name}.xml": content for name, content in parts.items()}
    files["word/document.xml"] = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    files["word/_rels/document.xml.rels"] = f"{RELATIONS}{references}</Relationships>"
    return read_document(ContentFile(packed(files), name="document.docx"))


# PDF

PAGE = """#set page(paper: "{paper}", margin: (x: {margin}mm, y: 24mm),
header: context if counter(page).get().first() > 1 [
#set text(8pt, weight: "bold")
{symbol}], footer: [#set text(8pt)
V.32-0{job} #h(1fr) #context counter(page).display("1/1", both: true)])
#set text(size: 10pt, font: {font}, lang: "en", region: "gb", hyphenate: {hyphenate})
#set par(justify: {justify}, leading: 0.55em, spacing: {spacing})
#set list(marker: none)
"""
SHAPES = (  # paper, margin in millimetres, font, whether lines are filled and words divided, space between paragraphs
    ("a4", 32, '"Libertinus Serif"', "true", "false", "0.9em"),
    ("us-letter", 40, '"New Computer Modern"', "true", "true", "1em"),
    ("a5", 18, '"Libertinus Serif"', "false", "false", "0.8em"),
    ("a4", 15, '"New Computer Modern"', "true", "false", "0.9em"),  # in two columns
)


def printed(name: str, shape: int = 0) -> bytes:
    paper, margin, font, justify, hyphenate, spacing = SHAPES[shape]
    page = PAGE.format(
        paper=paper, margin=margin, font=font, justify=justify, hyphenate=hyphenate, spacing=spacing,
        symbol=symbol_of(name), job=1000 + shape,
    )  # fmt: skip
    page += "#set page(columns: 2)\n" if shape == 3 else ""
    body = [_typst_row(line) if line.sign == "-" else _typst_paragraph(line) for line in lines_of(name)]
    return typst.compile((page + "\n\n".join(body)).encode())


def _typst_row(line: Line) -> str:
    cells = ", ".join(f"[{_typst_text(words)}]" for words in (line.label, line.text))
    return f"#table(columns: (28%, 72%), stroke: none, {cells})"


def _typst_paragraph(line: Line) -> str:
    label = _typst_text(line.label)
    text = f"{label}#h(1.2em){_typst_text(line.text)}" if line.label and line.text else label + _typst_text(line.text)
    size = {"=": 15, "#": 14, "##": 12}.get(line.sign, 10)
    if line.sign in ("=", "!") or line.sign.startswith("#"):
        return f'#block(sticky: true)[#text({size}pt, weight: "bold", hyphenate: false)[{text}]]'
    indent = f"#h({1.5 * (len(line.sign) - 1)}em)" if line.sign.startswith("++") else ""
    return indent + text


def _typst_text(text: str) -> str:
    out = ""
    for index, piece in enumerate(NOTE.split(text)):
        match index % 3:
            case 0:
                out += f"#({json.dumps(piece, ensure_ascii=False)})"
            case 1:
                out += "#footnote(numbering: _ => " + json.dumps(piece) + ")["
            case 2:
                out += f"#({json.dumps(piece, ensure_ascii=False)})]"
    return out


# Plain text


def plain(name: str) -> str:
    """Return lines of 88 letters as `pdftotext -raw` writes them: a page of 40 lines, its footnotes at its end."""
    pages: list[list[str]] = [[]]
    notes: list[str] = []
    for line in lines_of(name):
        text = NOTE.sub(lambda match: "" if match[1] == "*" else match[1], line.text)
        pages[-1] += textwrap.wrap(f"{line.label} {text}".strip(), 88, break_on_hyphens=False)
        notes += [
            part
            for note in line.notes
            if note["mark"] != "*"
            for part in (note["mark"], *textwrap.wrap(note["plain"], 88))
        ]
        if len(pages[-1]) > 40:
            pages[-1] += notes
            notes = []
            pages.append([])
    pages[-1] += notes
    heads = [
        [] if number == 1 else [symbol_of(name), f"V.32-01000 {number}/{len(pages)}"]
        for number in range(1, len(pages) + 1)
    ]
    return "\n".join(row for head, page in zip(heads, pages, strict=True) for row in (*head, *page)) + "\n"
