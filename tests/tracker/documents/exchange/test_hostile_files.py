"""Attacks by a file: what runs, what contains something that runs, and what hides it. Files that are sent every day are
accepted.
"""

import gzip
import hashlib
from pathlib import Path

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, AttachedFileSpec, Dictionary, Encryption, Name, ObjectStreamMode

from recommendations.archives import (
    DAMAGED,
    HAS_OBJECT,
    HAS_PASSWORD,
    TOO_LARGE_INSIDE,
    TOO_MANY_PARTS,
)
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


PLAIN = ObjectStreamMode.disable
PACKED = {"object_stream_mode": ObjectStreamMode.generate}

ATTACKS = {
    "program in Word": ("a.docx", lambda: word({"word/media/image1.png": PROGRAM}), HAS_OBJECT),
    "program in a workbook": ("a.xlsx", lambda: workbook({"xl/media/setup.bin": PROGRAM}), HAS_OBJECT),
    "program in OpenDocument": ("a.odt", lambda: text_document({"Pictures/1.png": PROGRAM}), HAS_OBJECT),
    "program of Linux": ("a.odt", lambda: text_document({"Pictures/1.png": b"\x7fELF" + bytes(60)}), HAS_OBJECT),
    "script of a shell": ("a.docx", lambda: word({"word/media/run": b"#!/bin/sh\nrm -r ~"}), HAS_OBJECT),
    "shortcut in Word": ("a.docx", lambda: word({"word/a.lnk": b"L\0\0\0\x01\x14\x02\0" + bytes(60)}), HAS_OBJECT),
    "OLE object in Word": ("a.docx", lambda: word({"word/embeddings/oleObject1.bin": OLE}), HAS_OBJECT),
    "OLE object under another name": ("a.docx", lambda: word({"word/media/image1.png": OLE}), HAS_OBJECT),
    "OLE object in a workbook": ("a.xlsx", lambda: workbook({"xl/embeddings/oleObject1.bin": OLE}), HAS_OBJECT),
    "OLE object in OpenDocument": ("a.ods", lambda: opendocument("spreadsheet", {"Object 1": OLE}), HAS_OBJECT),
    "OLE object outside the file": ("a.docx", lambda: refers("oleObject", "https://a.example/x.html!"), HAS_OBJECT),
    "RTF in Word": ("a.docx", lambda: word({"word/afchunk.rtf": rb"{\rtf1{\object\objdata}}"}), HAS_OBJECT),
    "PDF in Word": ("a.docx", lambda: word({"word/embeddings/a.pdf": PDF}), HAS_OBJECT),
    "document in a document": ("a.docx", lambda: word({"word/embeddings/b.docx": word_with("b")}), HAS_OBJECT),
    "embedded workbook that is no chart": (
        "a.docx",
        lambda: word(
            {
                "word/_rels/x.xml.rels": references(("package", "embeddings/b.xlsx", "")),
                "word/embeddings/b.xlsx": workbook_with("The numbers"),
            }
        ),
        HAS_OBJECT,
    ),
    "archive in an archive": ("a.odt", lambda: text_document({"Pictures/1.png": archive({"a": "b"})}), HAS_OBJECT),
    "tar in an archive": ("a.odt", lambda: text_document({"a.tar": bytes(257) + b"ustar" + bytes(250)}), HAS_OBJECT),
    "gzip in an archive": ("a.odt", lambda: text_document({"a.gz": b"\x1f\x8b\x08" + bytes(30)}), HAS_OBJECT),
    "program that is packed like a picture": (
        "a.docx",
        lambda: word({"word/media/a.emz": gzip.compress(PROGRAM)}),
        HAS_OBJECT,
    ),
    "two parts of one name behind a slash": ("a.docx", lambda: word({"/word/document.xml": "<x/>"}), DAMAGED),
    "two parts of one name in numbers": ("a.docx", lambda: word({"word/document%2exml": "<x/>"}), DAMAGED),
    "elements in each other without end": (
        "a.docx",
        lambda: word({"a.xml": "<x>" * 100_000, "pad": PAD}),
        TOO_LARGE_INSIDE,
    ),
    "elements one after another without end": (
        "a.docx",
        lambda: word({"a.xml": f"<x>{'<y/>' * 2_500_000}</x>", "pad": PAD}),
        TOO_LARGE_INSIDE,
    ),
    "references without end": (
        "a.docx",
        lambda: word({"a.xml": f"<x>{'<Relationship/>' * 60_000}", "pad": PAD}),
        TOO_LARGE_INSIDE,
    ),
    "attribute without end": (
        "a.docx",
        lambda: word({"a.xml": f"<x a='{'b' * 17_000_000}'/>", "pad": PAD * 3}),
        TOO_LARGE_INSIDE,
    ),
    "7z in an archive": ("a.odt", lambda: text_document({"a.png": b"7z\xbc\xaf\x27\x1c" + bytes(30)}), HAS_OBJECT),
    "macros in the workbook of a chart": (
        "a.docx",
        lambda: with_chart(workbook({"xl/vbaProject.bin": OLE})),
        HAS_MACROS,
    ),
    "archive in the workbook of a chart": (
        "a.docx",
        lambda: with_chart(workbook({"xl/embeddings/b.xlsx": workbook_with("The numbers")})),
        HAS_OBJECT,
    ),
    "chart in the workbook of a chart": (
        "a.docx",
        lambda: with_chart(
            workbook(
                {
                    "xl/charts/_rels/chart1.xml.rels": references(("package", "../embeddings/b.xlsx", "")),
                    "xl/embeddings/b.xlsx": workbook_with("The numbers"),
                }
            )
        ),
        HAS_OBJECT,
    ),
    "workbook of a chart that is a program": ("a.docx", lambda: with_chart(PROGRAM), DAMAGED),
    "macros in Word": ("a.docx", lambda: MACRO_WORD, HAS_MACROS),
    "macros under another name": (
        "a.docx",
        lambda: office(f"{OOXML}.wordprocessingml.document.main+xml", {"word/a.bin": b"x"}, also=VBA_TYPE),
        HAS_MACROS,
    ),
    "macros by reference": ("a.docx", lambda: refers("vbaProject", "a.dat", ""), HAS_MACROS),
    "ActiveX by reference": ("a.docx", lambda: refers("control", "a.xml", ""), HAS_MACROS),
    "macros of Excel 4": ("a.xlsx", lambda: workbook({"xl/macrosheets/sheet1.xml": "<x/>"}), HAS_MACROS),
    "macros of LibreOffice": ("a.odt", lambda: text_document({"Basic/Standard/Module1.xml": "<x/>"}), HAS_MACROS),
    "macro of the installation of LibreOffice": (
        "a.odt",
        lambda: text_document({"b.xml": '<x href="vnd.sun.star.script:a.py$b?language=Python&amp;location=share"/>'}),
        HAS_MACROS,
    ),
    "the same far behind and in UTF-16": (
        "a.odt",
        lambda: text_document(
            {"b.xml": f'<x a="{"é" * 600_000}" href="vnd.sun.star.script:a"/>'.encode("utf-16"), "pad": PAD}
        ),
        HAS_MACROS,
    ),
    "DDE in small letters": ("a.docx", lambda: word({"word/a.xml": f"<x>{field('ddeauto c:')}</x>"}), HAS_MACROS),
    "DDE in several pieces": (
        "a.docx",
        lambda: word({"word/a.xml": f"<x>{field('DD', 'EAU', 'TO cmd.exe')}</x>"}),
        HAS_MACROS,
    ),
    "DDE in pieces far apart": (
        "a.docx",
        lambda: word({"word/a.xml": f"<x>{field('DD', f'<!-- > {"-x" * 200_000} -->', 'EAUTO c:')}</x>", "pad": PAD}),
        HAS_MACROS,
    ),
    "DDE in a document that is named like a picture": (
        "a.docx",
        lambda: word({"word/a.svg": f"<x>{field('DDEAUTO c:')}</x>"}),
        HAS_MACROS,
    ),
    "program started from a slide": (
        "a.pptx",
        lambda: office(
            f"{OOXML}.presentationml.presentation.main+xml", {"ppt/a.xml": "<a action='ppaction://program'/>"}
        ),
        HAS_MACROS,
    ),
    "macro of LibreOffice in capitals": (
        "a.odt",
        lambda: text_document({"b.xml": '<x href="VND.SUN.STAR.SCRIPT:a.py"/>'}),
        HAS_MACROS,
    ),
    "macro of LibreOffice by its older address": (
        "a.odt",
        lambda: text_document({"b.xml": '<x href="macro:///Standard.Module1.Main()"/>'}),
        HAS_MACROS,
    ),
    "macros of LibreOffice behind backslashes": (
        "a.odt",
        lambda: text_document({"Basic\\Standard\\Module1.xml": "<x/>"}),
        HAS_MACROS,
    ),
    "object by references in capitals": (
        "a.docx",
        lambda: word({"word/_rels/a.xml.RELS": references(("OLEOBJECT", "b.dat", ""))}),
        HAS_OBJECT,
    ),
    "page in another format": ("a.docx", lambda: refers("aFChunk", "a.mht", ""), HAS_OBJECT),
    "DDE in Word": ("a.docx", lambda: word({"word/a.xml": f"<x>{field('DDE c:')}</x>"}), HAS_MACROS),
    "DDE in a workbook": ("a.xlsx", lambda: workbook({"xl/externalLinks/a.xml": "<x><ddeLink/></x>"}), HAS_MACROS),
    "DDE in OpenDocument": (
        "a.ods",
        lambda: opendocument("spreadsheet", {"b.xml": "<x><dde-source dde-application='cmd'/></x>"}),
        HAS_MACROS,
    ),
    "macro written in numbers": (
        "a.odt",
        lambda: text_document({"b.xml": '<x href="vnd&#46;sun.st&#x0061;r.script:a.py"/>'}),
        HAS_MACROS,
    ),
    "macros by a type written in numbers": (
        "a.docx",
        lambda: office(f"{OOXML}.wordprocessingml.document.main+xml", also='<a ContentType="x.vb&#97;Project"/>'),
        HAS_MACROS,
    ),
    "document type": (
        "a.docx",
        lambda: word({"word/a.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}),
        HAS_DOCUMENT_TYPE,
    ),
    "drawing with a document type": (
        "a.docx",
        lambda: word({"word/media/a.svg": "<!DOCTYPE svg><svg/>"}),
        HAS_DOCUMENT_TYPE,
    ),
    "document type behind a long comment": (
        "a.docx",
        lambda: word({"word/a.xml": f"<!--{'-x' * 200_000}--><!DOCTYPE x><x/>", "pad": PAD}),
        HAS_DOCUMENT_TYPE,
    ),
    "document type in UTF-16": (
        "a.odt",
        lambda: text_document({"b.xml": "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>".encode("utf-16")}),
        HAS_DOCUMENT_TYPE,
    ),
    "document type in references": (
        "a.docx",
        lambda: word({"word/_rels/a.xml.rels": "<!DOCTYPE x><Relationships/>"}),
        HAS_DOCUMENT_TYPE,
    ),
    "document type in another encoding": (
        "a.odt",
        lambda: text_document({"b.xml": "<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x+AD4-<x/>"}),
        DAMAGED,
    ),
    "XML in an encoding of mainframes": (
        "a.odt",
        lambda: text_document({"b.xml": "<!DOCTYPE x>".encode("cp500")}),
        DAMAGED,
    ),
    "501 parts": ("a.odt", lambda: text_document({f"Pictures/{n}.txt": "x" for n in range(499)}), TOO_MANY_PARTS),
    "two parts of one name": ("a.docx", repeated_part, DAMAGED),
    "archive that unpacks to 1000 times its size": (
        "a.docx",
        lambda: word({"word/media/a.bmp": bytes(30_000_000)}),
        TOO_LARGE_INSIDE,
    ),
    "Word with a password": ("a.docx", lambda: OLE, IS_OLD_OFFICE),
    "archive with a password": ("a.docx", encrypted_archive, HAS_PASSWORD),
    "OpenDocument with a password": (
        "a.odt",
        lambda: text_document({"META-INF/manifest.xml": "<m><encryption-data/></m>", "b.xml": b"\x91\x02"}),
        HAS_PASSWORD,
    ),
    "PDF with a password": ("a.pdf", lambda: pdf(encryption=Encryption(owner="a", user="b")), HAS_PASSWORD),
    "PDF with JavaScript": ("a.pdf", lambda: pdf(opens_with(JAVASCRIPT), object_stream_mode=PLAIN), HAS_SCRIPT),
    "JavaScript in an object stream": ("a.pdf", lambda: pdf(opens_with(JAVASCRIPT), **PACKED), HAS_SCRIPT),
    "JavaScript with an encoded name": (
        "a.pdf",
        lambda: escaped(pdf(opens_with(JAVASCRIPT), object_stream_mode=PLAIN)),
        HAS_SCRIPT,
    ),
    "JavaScript in a damaged PDF": (
        "a.pdf",
        lambda: damaged(pdf(opens_with(JAVASCRIPT), object_stream_mode=PLAIN)),
        HAS_SCRIPT,
    ),
    "JavaScript that the table of objects leaves out": (
        "a.pdf",
        lambda: pdf() + b"1 0 obj\n<</Type/Catalog/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>>>\nendobj\n",
        HAS_SCRIPT,
    ),
    "JavaScript in an encrypted PDF that opens": (
        "a.pdf",
        lambda: pdf(opens_with(JAVASCRIPT), encryption=Encryption(owner="a", user=""), **PACKED),
        HAS_SCRIPT,
    ),
    "JavaScript by name": ("a.pdf", lambda: pdf(named_script, **PACKED), HAS_SCRIPT),
    "JavaScript of a field": ("a.pdf", lambda: pdf(action_of_a_field, **PACKED), HAS_SCRIPT),
    "JavaScript after another action": ("a.pdf", lambda: pdf(script_after_another_action, **PACKED), HAS_SCRIPT),
    "JavaScript in a stream": ("a.pdf", lambda: pdf(script_in_a_stream, **PACKED), HAS_SCRIPT),
    "form with scripts": ("a.pdf", lambda: pdf(dynamic_form, **PACKED), HAS_SCRIPT),
    "PDF that launches": ("a.pdf", lambda: pdf(opens_with(LAUNCH), object_stream_mode=PLAIN), HAS_SCRIPT),
    "PDF that launches from an object stream": ("a.pdf", lambda: pdf(opens_with(LAUNCH), **PACKED), HAS_SCRIPT),
    "link that launches": ("a.pdf", lambda: pdf(link_that_launches, **PACKED), HAS_SCRIPT),
    "program attached to a PDF": ("a.pdf", lambda: pdf(attach("setup.exe", PROGRAM)), HAS_ATTACHMENT),
    "program attached under another name": ("a.pdf", lambda: pdf(attach("law.pdf", PROGRAM)), HAS_ATTACHMENT),
    "program attached to a note": ("a.pdf", lambda: pdf(attached_to_a_note), HAS_ATTACHMENT),
    "program that is attached and nowhere named": ("a.pdf", lambda: pdf(attached_and_nowhere_named), HAS_ATTACHMENT),
    "OLE object attached to a PDF": ("a.pdf", lambda: pdf(attach("a.doc", OLE)), HAS_ATTACHMENT),
    "macros attached to a PDF": ("a.pdf", lambda: pdf(attach("a.docx", MACRO_WORD)), HAS_ATTACHMENT),
    "archive attached to a PDF": ("a.pdf", lambda: pdf(attach("a.zip", archive({"a": "b"}))), HAS_ATTACHMENT),
    "JavaScript in an attached PDF": (
        "a.pdf",
        lambda: pdf(attach("b.pdf", pdf(opens_with(JAVASCRIPT)))),
        HAS_ATTACHMENT,
    ),
    "attachment of an attachment": (
        "a.pdf",
        lambda: pdf(attach("b.pdf", pdf(attach("c.txt", b"Law")))),
        HAS_ATTACHMENT,
    ),
    "PDF that no reader opens": ("a.pdf", lambda: b"%PDF-1.7\n" + PAD, DAMAGED),
    "PDF behind a program": ("a.pdf", lambda: PROGRAM + PDF, "ends in “.pdf”"),
}

ACCEPTED = {
    "Word by python-docx": ("a.docx", lambda: word_with("The Act"), ""),
    "workbook by XlsxWriter": ("a.xlsx", lambda: workbook_with("The Act"), ""),
    "workbook by LibreOffice": ("a.xlsx", SAVED_BY_LIBREOFFICE.read_bytes, ""),
    "PDF by typst": ("a.pdf", lambda: typeset("= The Act"), ""),
    "PDF with object streams": ("a.pdf", lambda: pdf(**PACKED), ""),
    "PDF that may not be printed": ("a.pdf", lambda: pdf(encryption=Encryption(owner="a", user="")), ""),
    "PDF about JavaScript": ("a.pdf", lambda: typeset("/S /JavaScript and /Launch"), ""),
    "chart in Word": ("a.docx", lambda: with_chart(workbook_with("The numbers")), ""),
    "link in Word": ("a.docx", lambda: refers("hyperlink", "https://example.org"), ""),
    "500 parts": ("a.odt", lambda: text_document({f"Pictures/{n}.txt": "x" for n in range(498)}), ""),
    "packed picture": ("a.docx", lambda: word({"word/media/a.emz": gzip.compress(b"\x01\0\0\0" + bytes(90))}), ""),
    "settings of a printer": ("a.xlsx", lambda: workbook({"xl/printerSettings/1.bin": b"x\0"}), ""),
    "XML in UTF-16": ("a.docx", lambda: word({"a.xml": '<?xml version="1.0"?><x/>'.encode("utf-16")}), ""),
    "template link in a part named in capitals": (
        "a.docx",
        lambda: word({"word/_rels/a.xml.RELS": references(("attachedTemplate", "x", ' TargetMode="External"'))}),
        "template",
    ),
    "Word with a template link": ("a.docx", lambda: refers("attachedTemplate", "https://a.example/t.dotm"), "template"),
    "PDF with a text attached": ("a.pdf", lambda: pdf(attach("note.txt", b"Law")), "attachment"),
    "PDF with a PDF attached": ("a.pdf", lambda: pdf(attach("b.pdf", PDF), **PACKED), "attachment"),
    "PDF with Word attached": ("a.pdf", lambda: pdf(attach("b.docx", word_with("b"))), "attachment"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_a_hostile_file_is_refused_with_advice(attack):
    name, content, refusal = ATTACKS[attack]
    with pytest.raises(ValidationError) as refused:
        check_upload(SimpleUploadedFile(name, content()))
    assert str(refusal).partition("%")[0].partition("“")[0] in refused.value.messages[0]


@pytest.mark.parametrize("kind", ACCEPTED)
def test_files_of_every_day_are_accepted(kind):
    name, content, link = ACCEPTED[kind]
    assert check_upload(SimpleUploadedFile(name, content())).links == set(link.split())


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
