"""Attacks by a file: what runs, what contains something that runs, and what hides it. Files that are sent every day are
accepted.
"""

import gzip
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, AttachedFileSpec, Dictionary, Encryption, Name, ObjectStreamMode

from recommendations.archives import DAMAGED, HAS_OBJECT, HAS_PASSWORD, TOO_LARGE_INSIDE, TOO_MANY_PARTS
from recommendations.xml_links import HAS_DOCUMENT_TYPE, HAS_MACROS
from tests.documents import (
    MACRO_WORD,
    OLE,
    OOXML,
    PDF,
    archive,
    attach,
    field,
    office,
    opendocument,
    pdf,
    references,
    refers,
    typeset,
    with_parts,
    word_with,
    workbook_with,
)
from tracker.documents.exchange import pdf_inspector, uploads
from tracker.documents.exchange.uploads import HAS_ATTACHMENT, HAS_SCRIPT, IS_OLD_OFFICE, check_upload

pytestmark = pytest.mark.one_database

PROGRAM = b"MZ\x90\0" + bytes(200)
PAD = b"".join(hashlib.sha256(bytes([n // 256, n % 256])).digest() for n in range(2000))  # what does not pack
SAMPLES = Path(__file__).parents[4] / "fixtures" / "sample"
SAVED_BY_LIBREOFFICE = Path(__file__).parents[3] / "workbook_saved_by_libreoffice.xlsx"
VBA_TYPE = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'


def word(parts: dict[str, str | bytes]) -> bytes:
    return with_parts(word_with("The Act"), parts)


def workbook(parts: dict[str, str | bytes]) -> bytes:
    return with_parts(workbook_with("The Act"), parts)


def text_document(parts: dict[str, str | bytes]) -> bytes:
    return opendocument("text", parts)


def with_chart(book: bytes) -> bytes:
    """A Word document with a chart, whose numbers are in a workbook."""
    target = "../embeddings/Microsoft_Excel_Sheet1.xlsx"
    return word(
        {
            "word/charts/chart1.xml": "<c:chartSpace xmlns:c='c'/>",
            "word/charts/_rels/chart1.xml.rels": references(("package", target, "")),
            "word/embeddings/Microsoft_Excel_Sheet1.xlsx": book,
        }
    )


Made = tuple[str, Callable[[], bytes]]


def in_word(parts: dict[str, str | bytes]) -> Made:
    return "a.docx", lambda: word(parts)


def in_workbook(parts: dict[str, str | bytes]) -> Made:
    return "a.xlsx", lambda: workbook(parts)


def in_text(parts: dict[str, str | bytes]) -> Made:
    return "a.odt", lambda: text_document(parts)


def reference(*row: str) -> Made:
    return "a.docx", lambda: refers(*row)


def chart(book: bytes) -> Made:
    return "a.docx", lambda: with_chart(book)


def in_pdf(*change: Callable[[pikepdf.Pdf], None], **saved) -> Made:
    return "a.pdf", lambda: pdf(*change, **saved)


JAVASCRIPT = {"S": Name.JavaScript, "JS": "app.alert('x')"}
LAUNCH = {"S": Name.Launch, "F": "cmd.exe"}


def opens_with(action: dict):
    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = Dictionary(**action)

    return change


def named_script(document: pikepdf.Pdf) -> None:
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["run", Dictionary(**JAVASCRIPT)])))


def link_that_launches(document: pikepdf.Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(**LAUNCH))
    document.pages[0].Annots = Array([document.make_indirect(link)])


def action_of_a_field(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([Dictionary(T="a", AA=Dictionary(K=Dictionary(**JAVASCRIPT)))]))


def script_after_another_action(document: pikepdf.Pdf) -> None:
    after = document.make_indirect(Dictionary(**JAVASCRIPT))
    document.Root.OpenAction = Dictionary(S=Name.URI, URI="https://example.org", Next=Array([after]))


def script_in_a_stream(document: pikepdf.Pdf) -> None:
    script = document.make_stream(b"app.alert('x')")
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=script)


def dynamic_form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array(), XFA=document.make_stream(b"<xdp><script>x</script></xdp>"))


def attached_to_a_note(document: pikepdf.Pdf) -> None:
    found = AttachedFileSpec(document, PROGRAM, filename="setup.exe").obj
    document.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, FS=found)])


def attached_and_nowhere_named(document: pikepdf.Pdf) -> None:
    document.Root.Kept = document.make_stream(PROGRAM, Type=Name.EmbeddedFile)


def escaped(content: bytes) -> bytes:
    return content.replace(b"/JavaScript", b"/J#61vaScr#69pt").replace(b"/JS", b"/#4aS")


def damaged(content: bytes) -> bytes:
    """Take the table of objects from a PDF: a reader looks for the objects itself."""
    return content[: content.rindex(b"xref\n0")] + b"trailer <</Root 1 0 R>>\n%%EOF\n"


def encrypted_archive() -> bytes:
    """Mark every part as encrypted, as a program does that packs with a password."""
    content = bytearray(archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := content.find(signature, start)) >= 0:
            content[start + place] |= 1
            start += 1
    return bytes(content)


def repeated_part() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return word({"word/document.xml": "<x/>"})


def large_directory() -> bytes:
    content = bytearray(word({}))
    struct.pack_into("<L", content, content.rfind(b"PK\x05\x06") + 12, 50_000_000)
    return bytes(content)


def directory_of_64_bits() -> bytes:
    content = word({})
    end = content.rfind(b"PK\x05\x06")
    return content[:end] + b"PK\x06\x07" + bytes(16) + content[end:]


PLAIN = ObjectStreamMode.disable
PACKED = {"object_stream_mode": ObjectStreamMode.generate}

ATTACKS = [
    (
        HAS_OBJECT,
        {
            "program in Word": in_word({"word/media/image1.png": PROGRAM}),
            "program in a workbook": in_workbook({"xl/media/setup.bin": PROGRAM}),
            "program in OpenDocument": in_text({"Pictures/1.png": PROGRAM}),
            "program of Linux": in_text({"Pictures/1.png": b"\x7fELF" + bytes(60)}),
            "script of a shell": in_word({"word/media/run": b"#!/bin/sh\nrm -r ~"}),
            "shortcut in Word": in_word({"word/a.lnk": b"L\0\0\0\x01\x14\x02\0" + bytes(60)}),
            "OLE object in Word": in_word({"word/embeddings/oleObject1.bin": OLE}),
            "OLE object under another name": in_word({"word/media/image1.png": OLE}),
            "OLE object in a workbook": in_workbook({"xl/embeddings/oleObject1.bin": OLE}),
            "OLE object in OpenDocument": ("a.ods", lambda: opendocument("spreadsheet", {"Object 1": OLE})),
            "OLE object outside the file": reference("oleObject", "https://a.example/x.html!"),
            "RTF in Word": in_word({"word/afchunk.rtf": rb"{\rtf1{\object\objdata}}"}),
            "PDF in Word": in_word({"word/embeddings/a.pdf": PDF}),
            "document in a document": in_word({"word/embeddings/b.docx": word_with("b")}),
            "embedded workbook that is no chart": in_word(
                {
                    "word/_rels/x.xml.rels": references(("package", "embeddings/b.xlsx", "")),
                    "word/embeddings/b.xlsx": workbook_with("The numbers"),
                }
            ),
            "archive in an archive": in_text({"Pictures/1.png": archive({"a": "b"})}),
            "tar in an archive": in_text({"a.tar": bytes(257) + b"ustar" + bytes(250)}),
            "gzip in an archive": in_text({"a.gz": b"\x1f\x8b\x08" + bytes(30)}),
            "program that is packed like a picture": in_word({"word/media/a.emz": gzip.compress(PROGRAM)}),
            "7z in an archive": in_text({"a.png": b"7z\xbc\xaf\x27\x1c" + bytes(30)}),
            "archive in the workbook of a chart": chart(
                workbook({"xl/embeddings/b.xlsx": workbook_with("The numbers")})
            ),
            "chart in the workbook of a chart": chart(
                workbook(
                    {
                        "xl/charts/_rels/chart1.xml.rels": references(("package", "../embeddings/b.xlsx", "")),
                        "xl/embeddings/b.xlsx": workbook_with("The numbers"),
                    }
                )
            ),
            "object by references in capitals": in_word(
                {"word/_rels/a.xml.RELS": references(("OLEOBJECT", "b.dat", ""))}
            ),
            "page in another format": reference("aFChunk", "a.mht", ""),
        },
    ),
    (
        DAMAGED,
        {
            "two parts of one name behind a slash": in_word({"/word/document.xml": "<x/>"}),
            "two parts of one name in numbers": in_word({"word/document%2exml": "<x/>"}),
            "workbook of a chart that is a program": chart(PROGRAM),
            "document type in another encoding": in_text(
                {"b.xml": "<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x+AD4-<x/>"}
            ),
            "XML in an encoding of mainframes": in_text({"b.xml": "<!DOCTYPE x>".encode("cp500")}),
            "two parts of one name": ("a.docx", repeated_part),
            "PDF that no reader opens": ("a.pdf", lambda: b"%PDF-1.7\n" + PAD),
        },
    ),
    (
        TOO_LARGE_INSIDE,
        {
            "elements in each other without end": ("a.docx", lambda: word({"a.xml": "<x>" * 100_000, "pad": PAD})),
            "elements one after another without end": (
                "a.docx",
                lambda: word({"a.xml": f"<x>{'<y/>' * 2_500_000}</x>", "pad": PAD}),
            ),
            "references without end": (
                "a.docx",
                lambda: word({"a.xml": f"<x>{'<Relationship/>' * 60_000}", "pad": PAD}),
            ),
            "attribute without end": (
                "a.docx",
                lambda: word({"a.xml": f"<x a='{'b' * 17_000_000}'/>", "pad": PAD * 3}),
            ),
            "archive that unpacks to 1000 times its size": (
                "a.docx",
                lambda: word({"word/media/a.bmp": bytes(30_000_000)}),
            ),
            "directory that says it is large": ("a.docx", large_directory),
            "directory in the format of 64 bits": ("a.docx", directory_of_64_bits),
        },
    ),
    (
        HAS_MACROS,
        {
            "macros in the workbook of a chart": chart(workbook({"xl/vbaProject.bin": OLE})),
            "macros in Word": ("a.docx", lambda: MACRO_WORD),
            "macros under another name": (
                "a.docx",
                lambda: office(f"{OOXML}.wordprocessingml.document.main+xml", {"word/a.bin": b"x"}, also=VBA_TYPE),
            ),
            "macros by reference": reference("vbaProject", "a.dat", ""),
            "ActiveX by reference": reference("control", "a.xml", ""),
            "macros of Excel 4": in_workbook({"xl/macrosheets/sheet1.xml": "<x/>"}),
            "macros of LibreOffice": in_text({"Basic/Standard/Module1.xml": "<x/>"}),
            "macro of the installation of LibreOffice": in_text(
                {"b.xml": '<x href="vnd.sun.star.script:a.py$b?language=Python&amp;location=share"/>'}
            ),
            "the same far behind and in UTF-16": (
                "a.odt",
                lambda: text_document(
                    {"b.xml": f'<x a="{"é" * 600_000}" href="vnd.sun.star.script:a"/>'.encode("utf-16"), "pad": PAD}
                ),
            ),
            "DDE in small letters": in_word({"word/a.xml": f"<x>{field('ddeauto c:')}</x>"}),
            "DDE in several pieces": in_word({"word/a.xml": f"<x>{field('DD', 'EAU', 'TO cmd.exe')}</x>"}),
            "DDE in pieces far apart": (
                "a.docx",
                lambda: word(
                    {"word/a.xml": f"<x>{field('DD', f'<!-- > {"-x" * 200_000} -->', 'EAUTO c:')}</x>", "pad": PAD}
                ),
            ),
            "DDE in a document that is named like a picture": in_word({"word/a.svg": f"<x>{field('DDEAUTO c:')}</x>"}),
            "program started from a slide": (
                "a.pptx",
                lambda: office(
                    f"{OOXML}.presentationml.presentation.main+xml", {"ppt/a.xml": "<a action='ppaction://program'/>"}
                ),
            ),
            "macro of LibreOffice in capitals": in_text({"b.xml": '<x href="VND.SUN.STAR.SCRIPT:a.py"/>'}),
            "macro of LibreOffice by its older address": in_text(
                {"b.xml": '<x href="macro:///Standard.Module1.Main()"/>'}
            ),
            "macros of LibreOffice behind backslashes": in_text({"Basic\\Standard\\Module1.xml": "<x/>"}),
            "DDE in Word": in_word({"word/a.xml": f"<x>{field('DDE c:')}</x>"}),
            "DDE in a workbook": in_workbook({"xl/externalLinks/a.xml": "<x><ddeLink/></x>"}),
            "DDE in OpenDocument": (
                "a.ods",
                lambda: opendocument("spreadsheet", {"b.xml": "<x><dde-source dde-application='cmd'/></x>"}),
            ),
            "macro written in numbers": in_text({"b.xml": '<x href="vnd&#46;sun.st&#x0061;r.script:a.py"/>'}),
            "macros by a type written in numbers": (
                "a.docx",
                lambda: office(
                    f"{OOXML}.wordprocessingml.document.main+xml", also='<a ContentType="x.vb&#97;Project"/>'
                ),
            ),
            "macros in Word in capitals": in_word({"word/VBAPROJECT.BIN": OLE}),
            "workbook with macros in Word": in_word({"word/embeddings/sheet.xlsm": b""}),
            "ActiveX in Word": in_word({"word/activeX/activeX1.bin": OLE}),
            "script of Python in OpenDocument": in_text({"Scripts/python/run.py": "pass"}),
            "macros of an object in OpenDocument": in_text({"Object 1/Basic/script-lc.xml": "<x/>"}),
        },
    ),
    (
        HAS_DOCUMENT_TYPE,
        {
            "document type": in_word({"word/a.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}),
            "drawing with a document type": in_word({"word/media/a.svg": "<!DOCTYPE svg><svg/>"}),
            "document type behind a long comment": (
                "a.docx",
                lambda: word({"word/a.xml": f"<!--{'-x' * 200_000}--><!DOCTYPE x><x/>", "pad": PAD}),
            ),
            "document type in UTF-16": in_text(
                {"b.xml": "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>".encode("utf-16")}
            ),
            "document type in references": in_word({"word/_rels/a.xml.rels": "<!DOCTYPE x><Relationships/>"}),
        },
    ),
    (
        TOO_MANY_PARTS,
        {
            "501 parts": in_text({f"Pictures/{n}.txt": "x" for n in range(499)}),
        },
    ),
    (
        IS_OLD_OFFICE,
        {
            "Word with a password": ("a.docx", lambda: OLE),
        },
    ),
    (
        HAS_PASSWORD,
        {
            "archive with a password": ("a.docx", encrypted_archive),
            "OpenDocument with a password": in_text(
                {"META-INF/manifest.xml": "<m><encryption-data/></m>", "b.xml": b"\x91\x02"}
            ),
            "PDF with a password": in_pdf(encryption=Encryption(owner="a", user="b")),
        },
    ),
    (
        HAS_SCRIPT,
        {
            "PDF with JavaScript": in_pdf(opens_with(JAVASCRIPT), object_stream_mode=PLAIN),
            "JavaScript in an object stream": in_pdf(opens_with(JAVASCRIPT), **PACKED),
            "JavaScript with an encoded name": (
                "a.pdf",
                lambda: escaped(pdf(opens_with(JAVASCRIPT), object_stream_mode=PLAIN)),
            ),
            "JavaScript in a damaged PDF": (
                "a.pdf",
                lambda: damaged(pdf(opens_with(JAVASCRIPT), object_stream_mode=PLAIN)),
            ),
            "JavaScript that the table of objects leaves out": (
                "a.pdf",
                lambda: (
                    pdf() + b"1 0 obj\n<</Type/Catalog/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>>>\nendobj\n"
                ),
            ),
            "JavaScript in an encrypted PDF that opens": in_pdf(
                opens_with(JAVASCRIPT), encryption=Encryption(owner="a", user=""), **PACKED
            ),
            "JavaScript by name": in_pdf(named_script, **PACKED),
            "JavaScript of a field": in_pdf(action_of_a_field, **PACKED),
            "JavaScript after another action": in_pdf(script_after_another_action, **PACKED),
            "JavaScript in a stream": in_pdf(script_in_a_stream, **PACKED),
            "form with scripts": in_pdf(dynamic_form, **PACKED),
            "PDF that launches": in_pdf(opens_with(LAUNCH), object_stream_mode=PLAIN),
            "PDF that launches from an object stream": in_pdf(opens_with(LAUNCH), **PACKED),
            "link that launches": in_pdf(link_that_launches, **PACKED),
        },
    ),
    (
        HAS_ATTACHMENT,
        {
            "program attached to a PDF": in_pdf(attach("setup.exe", PROGRAM)),
            "program attached under another name": in_pdf(attach("law.pdf", PROGRAM)),
            "program attached to a note": in_pdf(attached_to_a_note),
            "program that is attached and nowhere named": in_pdf(attached_and_nowhere_named),
            "OLE object attached to a PDF": in_pdf(attach("a.doc", OLE)),
            "macros attached to a PDF": in_pdf(attach("a.docx", MACRO_WORD)),
            "archive attached to a PDF": in_pdf(attach("a.zip", archive({"a": "b"}))),
            "JavaScript in an attached PDF": in_pdf(attach("b.pdf", pdf(opens_with(JAVASCRIPT)))),
            "attachment of an attachment": in_pdf(attach("b.pdf", pdf(attach("c.txt", b"Law")))),
        },
    ),
    (
        "ends in “.pdf”",
        {
            "PDF behind a program": ("a.pdf", lambda: PROGRAM + PDF),
        },
    ),
]

# By the links that each has.
ACCEPTED = {
    "": {
        "Word by python-docx": ("a.docx", lambda: word_with("The Act")),
        "workbook by XlsxWriter": ("a.xlsx", lambda: workbook_with("The Act")),
        "workbook by LibreOffice": ("a.xlsx", SAVED_BY_LIBREOFFICE.read_bytes),
        "PDF by typst": ("a.pdf", lambda: typeset("= The Act")),
        "PDF with object streams": in_pdf(**PACKED),
        "PDF that may not be printed": in_pdf(encryption=Encryption(owner="a", user="")),
        "PDF about JavaScript": ("a.pdf", lambda: typeset("/S /JavaScript and /Launch")),
        "chart in Word": chart(workbook_with("The numbers")),
        "link in Word": reference("hyperlink", "https://example.org"),
        "500 parts": in_text({f"Pictures/{n}.txt": "x" for n in range(498)}),
        "packed picture": in_word({"word/media/a.emz": gzip.compress(b"\x01\0\0\0" + bytes(90))}),
        "settings of a printer": in_workbook({"xl/printerSettings/1.bin": b"x\0"}),
        "XML in UTF-16": in_word({"a.xml": '<?xml version="1.0"?><x/>'.encode("utf-16")}),
    },
    "template": {
        "template link in a part named in capitals": in_word(
            {"word/_rels/a.xml.RELS": references(("attachedTemplate", "x", ' TargetMode="External"'))}
        ),
        "Word with a template link": reference("attachedTemplate", "https://a.example/t.dotm"),
    },
    "attachment": {
        "PDF with a text attached": in_pdf(attach("note.txt", b"Law")),
        "PDF with a PDF attached": in_pdf(attach("b.pdf", PDF), **PACKED),
        "PDF with Word attached": in_pdf(attach("b.docx", word_with("b"))),
    },
}


def cases(groups):
    found = [pytest.param(*file, said, id=name) for said, files in groups for name, file in files.items()]
    return pytest.mark.parametrize(("name", "content", "said"), found)


@cases(ATTACKS)
def test_attack_a_hostile_file_is_refused_with_advice(name, content, said):
    with pytest.raises(ValidationError) as refused:
        check_upload(SimpleUploadedFile(name, content()))
    assert str(said).partition("%")[0].partition("“")[0] in refused.value.messages[0]


@cases(ACCEPTED.items())
def test_files_of_every_day_are_accepted(name, content, said):
    assert check_upload(SimpleUploadedFile(name, content())).links == set(said.split())


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("xaa-*")), ids=lambda path: path.name)
def test_the_files_of_the_demonstration_are_accepted(path):
    assert check_upload(SimpleUploadedFile(path.name, path.read_bytes())).links == set()


def test_a_pdf_with_more_attachments_than_are_checked_is_refused():
    def change(document: pikepdf.Pdf) -> None:
        for number in range(uploads.ATTACHMENTS_LIMIT + 1):
            attach(f"{number}.txt", b"Law")(document)

    with pytest.raises(ValidationError, match="Remove the attachment"):
        check_upload(SimpleUploadedFile("a.pdf", pdf(change)))


def test_a_pdf_that_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "PDF_SECONDS", 0)
    with pytest.raises(ValidationError, match="may be damaged"):
        check_upload(SimpleUploadedFile("a.pdf", PDF))


def test_the_inspector_ends_as_its_caller_expects():
    assert {pdf_inspector.SCRIPT: HAS_SCRIPT, pdf_inspector.PASSWORD: HAS_PASSWORD} == uploads.REFUSED_PDF
