"""Small files of every kind that may be kept, and of some that may not."""

import io
import subprocess
import zipfile

import docx
import pikepdf
import typst
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"

PDF = b"""%PDF-1.7
1 0 obj
<</Type/Catalog/Pages 2 0 R>>
endobj
2 0 obj
<</Type/Pages/Kids[3 0 R]/Count 1>>
endobj
3 0 obj
<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>
endobj
trailer<</Root 1 0 R>>
startxref
9
%%EOF
"""
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(20)
TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(20)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)


REFERENCES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def archive(parts: dict[str, str | bytes], how: int = zipfile.ZIP_DEFLATED, **kwargs) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how, **kwargs) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return packed.getvalue()


def packed(parts: dict[str, str | bytes], how: int = zipfile.ZIP_DEFLATED, level: int = 1) -> bytes:
    """Return an archive, by default packed in a fifth of the usual time."""
    return archive(parts, how, compresslevel=level)


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def office(main_type: str, parts: dict[str, str | bytes] | None = None, also: str = "") -> bytes:
    """An Office Open XML file whose main part is of this content type; `also`: further content types."""
    types = f'<Types><Override PartName="/main.xml" ContentType="{main_type}"/>{also}</Types>'
    return archive({"[Content_Types].xml": types, "main.xml": "<x/>"} | (parts or {}))


def opendocument(kind: str, parts: dict[str, str | bytes] | None = None) -> bytes:
    return archive({"mimetype": f"{ODF}.{kind}", "content.xml": "<x/>"} | (parts or {}))


def word(parts: dict[str, str | bytes] | None = None, also: str = "") -> bytes:
    return office(f"{OOXML}.wordprocessingml.document.main+xml", parts, also)


# The files of a State's report.
REPORTS = {
    "pdf": "application/pdf",
    "docx": f"{OOXML}.wordprocessingml.document",
    "xlsx": f"{OOXML}.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}

DOCUMENTS = {
    ".pdf": PDF,
    ".docx": word(),
    ".xlsx": office(f"{OOXML}.spreadsheetml.sheet.main+xml"),
    ".pptx": office(f"{OOXML}.presentationml.presentation.main+xml"),
    ".odt": opendocument("text"),
    ".ods": opendocument("spreadsheet"),
    ".odp": opendocument("presentation"),
    ".png": PNG,
    ".jpg": JPEG,
    ".tif": TIFF,
}
MACRO_WORD = office("application/vnd.ms-word.document.macroEnabled.main+xml")


def all_text_of(response) -> str:
    """Return all that a page or a file holds, the words of a PDF, and the parts of an archive as they are."""
    content = response.getvalue()
    if content.startswith(b"%PDF-"):
        return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "".join(packed.read(part).decode() for part in packed.namelist())


def upload(name: str, content: bytes | str) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def typeset(markup: str) -> bytes:
    """A PDF."""
    return typst.compile(markup.encode(), format="pdf")


def word_with(*runs: str) -> bytes:
    document, written = docx.Document(), io.BytesIO()
    paragraph = document.add_paragraph()
    for run in runs:
        paragraph.add_run(run).bold = True
    document.add_table(1, 1).cell(0, 0).text = "In a cell"
    document.sections[0].footer.paragraphs[0].text = "At the foot"
    document.core_properties.author = "Ann Author"
    document.save(written)
    return written.getvalue()


def workbook_with(cell: str) -> bytes:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    sheet = book.add_worksheet("On a tab")
    sheet.write_rich_string(0, 0, cell[:2], book.add_format({"bold": True}), cell[2:])
    sheet.write_comment(1, 1, "In a comment")
    sheet.write_url(2, 0, "https://courts.example/", string="Link", tip="x")
    book.close()
    return written.getvalue()


def with_parts(document: bytes, parts: dict[str, str | bytes]) -> bytes:
    """Add parts to an archive that a program wrote."""
    written = io.BytesIO(document)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return written.getvalue()


def references(*rows: tuple[str, str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{REFERENCES}/{kind}" Target="{target}"{mode}/>'
        for number, (kind, target, mode) in enumerate(rows)
    )
    return f"<Relationships>{listed}</Relationships>"


def refers(kind: str, target: str, mode: str = ' TargetMode="External"') -> bytes:
    """A Word document with a reference, to something outside the file by default."""
    return with_parts(word_with("The Act"), {"word/_rels/settings.xml.rels": references((kind, target, mode))})


def field(*pieces: str) -> str:
    """A field of Word, with an instruction in as many runs as there are pieces. A piece may be another field."""
    runs = "".join(piece if "<" in piece else f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    return f"{begin}{runs}{separate}<w:r><w:t>What is shown</w:t></w:r>{end}"


def pdf(change=lambda document: None, **saved) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    change(document)
    written = io.BytesIO()
    document.save(written, **saved)
    return written.getvalue()


def attach(name: str, content: bytes):
    def change(document: pikepdf.Pdf) -> None:
        document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)

    return change


def add_to_part(
    document: bytes, name: str, before: str, added: str, outside: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """Write into a part of an archive, before the last place of a text.

    `outside`: (kind, target) of references of this part to what is outside of the file, with the keys o0, o1, …
    """
    with zipfile.ZipFile(io.BytesIO(document)) as packed:
        parts = {part: packed.read(part) for part in packed.namelist()}
    text, found, rest = parts[name].decode().rpartition(before)
    parts[name] = text + added + found + rest
    folder, _slash, own = name.rpartition("/")
    listed = f"{folder}/_rels/{own}.rels".removeprefix("/")
    rows = "".join(
        f'<Relationship Id="o{number}" Type="{REFERENCES}/{kind}" Target="{target}" TargetMode="External"/>'
        for number, (kind, target) in enumerate(outside)
    )
    known = parts.get(listed, b"<Relationships></Relationships>").decode()
    parts[listed] = known.replace("</Relationships>", f"{rows}</Relationships>")
    return archive(parts)
