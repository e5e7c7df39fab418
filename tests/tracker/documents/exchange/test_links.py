"""Attacks by a file that reaches outside of itself, and ordinary files: each is open, or says what to remove."""

import io
import re
from collections.abc import Callable

import docx
import pikepdf
import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, ObjectStreamMode
from PIL import Image

from recommendations.archives import HAS_OBJECT
from recommendations.links import FileLink
from recommendations.xml_links import HAS_MACROS
from tests.documents import (
    OOXML,
    add_to_part,
    attach,
    field,
    office,
    opendocument,
    pdf,
    references,
    typeset,
    upload,
    with_parts,
    word_with,
    workbook_with,
)
from tracker.documents.exchange.uploads import check_upload

pytestmark = pytest.mark.one_database

Made = tuple[str, Callable[[], bytes | str]]

XLINK = "xmlns:xlink='http://www.w3.org/1999/xlink'"
DISK = "file:///C:/Users/ann/Law.docx"
SERVER = r"file:///\\server\share\a.png"


def word(body: str, *outside: tuple[str, str]) -> Made:
    """Write into the text of a document of python-docx."""
    return "a.docx", lambda: add_to_part(word_with("The Act"), "word/document.xml", "<w:sectPr", body, outside)


def part_of_word(name: str, content: str) -> Made:
    return "a.docx", lambda: with_parts(word_with("The Act"), {name: content})


def book(added: str, *outside: tuple[str, str], part="xl/worksheets/sheet1.xml", before="</worksheet>") -> Made:
    """Write into a workbook of XlsxWriter."""
    return "a.xlsx", lambda: add_to_part(workbook_with("The Act"), part, before, added, outside)


def part_of_book(name: str, content: str) -> Made:
    return "a.xlsx", lambda: with_parts(workbook_with("The Act"), {name: content})


def cell(formula: str) -> Made:
    return book(f'<row r="9"><c r="A9"><f>{formula}</f></c></row>', before="</sheetData>")


def slides(content: str, *outside: tuple[str, str]) -> Made:
    parts = {"ppt/slide1.xml": f"<p:sld>{content}</p:sld>"}
    kind = f"{OOXML}.presentationml.presentation.main+xml"
    return "a.pptx", lambda: add_to_part(office(kind, parts), "ppt/slide1.xml", "</p:sld>", "", outside)


def text(content: str, kind="text", suffix=".odt", part="content.xml") -> Made:
    """Write the content of an OpenDocument file."""
    return f"a{suffix}", lambda: opendocument(kind, {part: f"<office:document {XLINK}>{content}</office:document>"})


def table(content: str) -> Made:
    return text(content, "spreadsheet", ".ods")


def document(change: Callable[[pikepdf.Pdf], None], **saved) -> Made:
    return "a.pdf", lambda: pdf(change, **saved)


def acts(kind: str, **entries) -> Dictionary:
    return Dictionary(S=Name(f"/{kind}"), **entries)


def on_opening(action: Dictionary, **saved) -> Made:
    def change(opened: pikepdf.Pdf) -> None:
        opened.Root.OpenAction = opened.make_indirect(action)

    return document(change, **saved)


def annotation(subtype: str = "Link", **entries) -> Made:
    def change(opened: pikepdf.Pdf) -> None:
        noted = Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=[0, 0, 9, 9], F=4, **entries)
        opened.pages[0].Annots = Array([opened.make_indirect(noted)])

    return document(change)


def page(**entries) -> Made:
    return document(lambda opened: opened.pages[0].obj.update(Dictionary(**entries)))


def field_of_form(**entries) -> Made:
    def change(opened: pikepdf.Pdf) -> None:
        opened.Root.AcroForm = Dictionary(Fields=Array([Dictionary(T="a", FT=Name.Tx, **entries)]))

    return document(change)


def stream(data: bytes = b"", **entries) -> Made:
    def change(opened: pikepdf.Pdf) -> None:
        opened.pages[0].Resources = Dictionary(XObject=Dictionary(a=opened.make_stream(data, **entries)))

    return document(change)


OUTSIDE_FIELDS = {
    name: word(f"<w:p>{field(f' {name} ')}</w:p>")
    for name in (
        *(
            "INCLUDEPICTURE &quot;http://a.example/b.png&quot; \\d",
            "INCLUDETEXT c:\\\\law.docx",
            "LINK Excel.Sheet.8 a",
        ),
        *("IMPORT a.png", "DATABASE \\d a.mdb", "RD a.docx", "MACROBUTTON Run it", "GOTOBUTTON a b", "AUTOTEXT a"),
        *("EMBED Package", "PRINT 27", "GLOSSARY a", "NEWFIELD a", "includepicture a", "PAGE\u200b a"),
    )
}
FETCH = field("INCLUDEPICTURE", " http://a.example/b.png")
OUTSIDE_ADDRESSES = (
    *(
        "file:///C:/law.docx",
        "file://server/law.docx",
        r"\\server\law.docx",
        "//server/law.docx",
        "law.docx",
        "../law.docx",
    ),
    *(
        "smb://server/law",
        "javascript:alert(1)",
        "ms-word:ofe|u|http://a.example/a",
        "search-ms:query=a",
        "ftp://a.example",
    ),
    *(" http://a.example", "http:a.example", r"http:\\server\law", "http:///law", "http://a\\@b.example", "mailto"),
    *("data:text/html,a", "C:\\law.docx", "http://a.example/\x01".replace("\x01", "&#x9;"), "%68ttp://a.example", ""),
)
ADDRESSES_OF_TEXT = {
    f"hyperlink to {address!r}": word('<w:p><w:hyperlink r:id="o0"/></w:p>', ("hyperlink", address))
    for address in OUTSIDE_ADDRESSES
}

# The kinds of file that reach outside, by what the page says to their author
LINKS: dict[str, dict[str, Made]] = {
    "picture": {
        "picture of a web site": word('<w:p><a:blip r:link="o0"/></w:p>', ("image", "http://a.example/b.png")),
        "picture on a network path": word('<w:p><a:blip r:link="o0"/></w:p>', ("image", SERVER)),
        "picture on a disk": word('<w:p><a:blip r:link="o0"/></w:p>', ("image", "file:///C:/a.png")),
        "picture by a hyperlink": word('<w:p><a:blip r:link="o0"/></w:p>', ("hyperlink", "http://a.example/b.png")),
        "picture by a hyperlink in spaces": word(
            '<w:p><a:blip r:link=" o0 "/></w:p>', ("hyperlink", "http://a.example/b")
        ),
        "picture with a prefix like a declaration": text("<draw:image xmlnsx:href='http://a.example/b.png'/>"),
        "picture with two addresses": text("<draw:image xlink:href='http://a.example/b.png' y:href='Pictures/b.png'/>"),
        "picture that says it is in the file": text("<draw:image xlink:href='data:image/svg+xml;base64,AAAA'/>"),
        "picture in the older drawings": word('<w:p><v:imagedata src="http://a.example/b.png"/></w:p>'),
        "picture in a fill": word('<w:p><v:fill o:href="http://a.example/b.png"/></w:p>'),
        "picture of a reference that says it is internal": part_of_word(
            "word/_rels/header1.xml.rels", references(("image", "http://a.example/b.png", ""))
        ),
        "picture of a reference on a network path": part_of_word(
            "word/_rels/header1.xml.rels", references(("image", "%5c%5cserver%5ca.png", ""))
        ),
        "picture of a reference with a new mode": part_of_word(
            "word/_rels/header1.xml.rels", references(("image", "a.png", ' TargetMode="external"'))
        ),
        "picture in a workbook": book("", ("image", SERVER)),
        "picture on a slide": slides('<a:blip r:link="o0"/>', ("image", "http://a.example/b.png")),
        "picture in OpenDocument": text("<draw:image xlink:href='http://a.example/b.png'/>"),
        "picture beside the document": text("<draw:image xlink:href='../b.png'/>"),
        "picture beside it, in numbers": text("<draw:image xlink:href='%2e%2e/b.png'/>"),
        "picture with another prefix": text(
            "<d:image x:href='//server/b.png' xmlns:x='http://www.w3.org/1999/xlink'/>"
        ),
        "background of OpenDocument": text("<style:background-image xlink:href='file:///b.png'/>", part="styles.xml"),
        "picture in a drawing": part_of_word(
            "word/media/a.svg", f"<svg {XLINK}><image xlink:href='http://a.example/b.png'/></svg>"
        ),
    },
    "template": {
        "template of a web site": word("", ("attachedTemplate", "https://a.example/t.dotm")),
        "template on a network path": word("", ("attachedTemplate", r"file:///\\server\t.dotm")),
        "template in strict Word": part_of_word(
            "word/_rels/settings.xml.rels",
            "<Relationships><Relationship "
            'Type="http://purl.oclc.org/ooxml/officeDocument/relationships/attachedTemplate" '
            'Target="http://a.example/t.dotx" TargetMode="External"/></Relationships>',
        ),
        "template of OpenDocument": text("<meta:template xlink:href='http://a.example/t.ott'/>", part="meta.xml"),
    },
    "hyperlink": {
        **ADDRESSES_OF_TEXT,
        "field with a link to a disk": word(f"<w:p>{field(' HYPERLINK &quot;C:\\\\law.docx&quot; ')}</w:p>"),
        "field with a link to a script": word(f"<w:p>{field(' HYPERLINK ', '&quot;javascript:a()&quot;')}</w:p>"),
        "field with two addresses": word(
            f"<w:p>{field(' HYPERLINK &quot;http://a.example &quot;file:a&quot; ')}</w:p>"
        ),
        "field with a computed link": word(
            f"<w:p>{field(' HYPERLINK &quot;http://', field('QUOTE a'), '&quot;')}</w:p>"
        ),
        "link that follows the mouse": slides('<a:hlinkMouseOver r:id="o0"/>', ("hyperlink", "http://a.example")),
        "link of a slide to a file": slides('<a:hlinkClick r:id="" action="ppaction://hlinkfile"/>'),
        "link in OpenDocument": text("<text:a xlink:href='file:///law.odt'>Law</text:a>"),
        "link of a PDF to a disk": annotation(A=acts("URI", URI=DISK)),
        "link of a PDF to a script": annotation(A=acts("URI", URI="javascript:a()")),
        "link of a PDF without a scheme": annotation(A=acts("URI", URI="law.pdf")),
        "link of a PDF that is no text": annotation(A=acts("URI")),
    },
    "field": {
        **OUTSIDE_FIELDS,
        "field in several runs": word(f"<w:p>{field('INCL', 'UDE', 'PICTURE a')}</w:p>"),
        "field in other runs": word(f"<w:p>{field('<w:r><w:t>INCLUDETEXT a</w:t></w:r>')}</w:p>"),
        "field that a field names": word(f"<w:p>{field(field('QUOTE INCLUDETEXT'), ' a')}</w:p>"),
        "field that a field names in part": word(f"<w:p>{field('INCLUDE', field('QUOTE TEXT'), ' a')}</w:p>"),
        "field that a simple field names": word(f"<w:p>{field('<w:fldSimple w:instr="QUOTE LINK"/>')}</w:p>"),
        "field in a field": word(f"<w:p>{field('IF 1 = 1 ', FETCH)}</w:p>"),
        "simple field": word('<w:p><w:fldSimple w:instr=" LINK a "/></w:p>'),
        "simple field in numbers": word('<w:p><w:fldSimple w:instr="&#76;INK a"/></w:p>'),
        "field that does not end": word("<w:p><w:fldChar w:fldCharType='begin'/><w:instrText>RD a</w:instrText></w:p>"),
        "field that does not begin": word("<w:p><w:instrText>INCLUDETEXT a</w:instrText></w:p>"),
        "field after an instruction": word(f"<w:p>{field('PAGE').replace('w:t>', 'w:instrText>')}</w:p>"),
        "field that was deleted": word(f"<w:p>{FETCH.replace('instrText', 'delInstrText')}</w:p>"),
        "field with another prefix": word(f"<x:p>{FETCH.replace('w:', 'x:')}</x:p>"),
        "field in pieces of text": word(
            "<w:fldChar w:fldCharType='begin'/><w:instrText>IN<![CDATA[CLUDE]]>TEXT<!----> a</w:instrText>"
        ),
        "field in UTF-16 without a mark": (
            "a.docx",
            lambda: with_parts(word_with("a"), {"word/a": f"<x>{FETCH}</x>".encode("utf-16-be")}),
        ),
        "field in UTF-16": (
            "a.docx",
            lambda: with_parts(word_with("a"), {"word/a": f"<x>{FETCH}</x>".encode("utf-16")}),
        ),
        **{
            f"field in {name}.xml": part_of_word(f"word/{name}.xml", f"<w:p>{FETCH}</w:p>")
            for name in ("header1", "footer2", "footnotes", "endnotes", "comments", "glossary/document")
        },
    },
    "document": {
        "part of another document": word('<w:subDoc r:id="o0"/>', ("subDocument", DISK)),
        "frame": word("", ("frame", "http://a.example/a.htm")),
        "section of another text": text("<text:section-source xlink:href='../law.odt'/>"),
        "floating frame": text("<draw:floating-frame xlink:href='http://a.example/'/>"),
    },
    "data": {
        "another workbook": part_of_book(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            references(("externalLinkPath", "file:///C:/a.xlsx", ' TargetMode="External"')),
        ),
        "connection": part_of_book("xl/connections.xml", '<connections><connection id="1" type="1"/></connections>'),
        "query in the properties": part_of_book("customXml/item1.xml", "<DataMashup>AAAA</DataMashup>"),
        "query": part_of_book("xl/queryTables/queryTable1.xml", '<queryTable connectionId="1"/>'),
        "mail merge": part_of_word("word/a.xml", "<w:mailMerge><w:connectString w:val='Provider=A'/></w:mailMerge>"),
        "data of another sheet": table("<table:table-source xlink:href='http://a.example/a.ods'/>"),
        "range of another sheet": table("<table:cell-range-source xlink:href='../a.csv'/>"),
        "database": table("<table:database-source-sql table:database-name='a' table:sql-statement='b'/>"),
    },
    "formula": {
        **{
            f"formula {formula}": cell(formula)
            for formula in (
                *('WEBSERVICE("http://a.example")', '_xlfn.WEBSERVICE("http://a.example")', "SUM(1,webservice (A1))"),
                *(
                    '_xlfn.IMAGE("http://a.example")',
                    'RTD("a","","b")',
                    'CALL("a","b","c")',
                    'INDIRECT("[a.xlsx]b!A1")',
                ),
                *('REGISTER.ID("a","b")', 'CUBEVALUE("a")', 'STOCKHISTORY("a")', "_xlfn._xlws.PY(0,1)", "NEWONE(1)"),
                *("_xlfn.MAP(A1,_xleta.IMAGE)", "_xlfn.BYROW(A1,_xleta.HYPERLINK)"),
                *(
                    'HYPERLINK("file:///a")',
                    'HYPERLINK("\\\\server\\a","Law")',
                    "HYPERLINK(A1)",
                    'HYPERLINK("http://a"&amp;A1)',
                ),
                *(r"'\\server\[a.xlsx]b'!A1", "'file:///a.ods'#$a.A1", "cmd|'/c calc'!A0", "http://a.example/a!b"),
            )
        },
        "formula of a name": book(
            '<definedNames><definedName name="a">WEBSERVICE("http://a.example")</definedName></definedNames>',
            part="xl/workbook.xml",
            before="</workbook>",
        ),
        "formula in pieces": cell('WEBSER<!---->VI<![CDATA[CE]]>("a")'),
        "formula between names with quotation marks": cell("'a\"b'!A1&amp;WEBSERVICE(A1)&amp;'a\"b'!A1"),
        "formula of a bar": book('<cfvo type="formula" val="WEBSERVICE(A1)"/>'),
        "formula of a condition": table("<style:map style:condition='is-true-formula(WEBSERVICE([.A1]))'/>"),
        "formula of a name in OpenDocument": table(
            "<table:named-expression table:expression='of:=WEBSERVICE([.A1])'/>"
        ),
        "formula of a format": book("<cfRule><formula>WEBSERVICE(A1)</formula></cfRule>"),
        "formula of a validation": book("<dataValidation><formula1>WEBSERVICE(A1)</formula1></dataValidation>"),
        "formula of an extension": book("<x14:cfRule><xm:f>_xlfn.IMAGE(A1)</xm:f></x14:cfRule>"),
        "formula of OpenDocument": table("<table:table-cell table:formula='of:=WEBSERVICE(&quot;http://a&quot;)'/>"),
        "formula with another file": table("<table:table-cell table:formula=\"of:=['file:///a.ods'#$a.A1]\"/>"),
        "exchange in a formula": table('<table:table-cell table:formula=\'of:=DDE("a";"b";"c")\'/>'),
    },
    "cell": {
        f"cells {content!r}": ("a.csv", lambda content=content: content)
        for content in (
            *(
                "a;=cmd|'/c calc'!A0\n",
                '1,"=WEBSERVICE(""http://a.example"")"\n',
                "+cmd|a!A0",
                "a\n-1+cmd|a!A0",
                "\t@SUM(A1)",
            ),
            *(
                ' =HYPERLINK("http://a.example")',
                "a;=1" + " " * 9_000 + "+cmd|a!A0",
                "a,=A1".encode("utf-16"),
                "\ufeff=A1",
            ),
            *(
                "\n" * 65_530 + "=1+   cmd|a!A0",
                '"a\n=cmd|b!A0"',
                "a\r=A1",
                "sep=|\na|=A1",
                "a,＝A1",
                "ID;PWXL;N;E\nC;X1;Y1;EA2\n",
            ),
        )
    },
    "media": {
        "video of a web site": slides('<a:videoFile r:link="o0"/>', ("video", "https://a.example/a.mp4")),
        "sound on a disk": slides('<a:audioFile r:link="o0"/>', ("audio", "file:///C:/a.wav")),
        "video player": word(
            '<w:p><wp15:webVideoPr embeddedHtml="&lt;iframe src=&quot;https://a.example&quot;&gt;"/></w:p>'
        ),
        "sound in OpenDocument": text(
            "<presentation:sound xlink:href='http://a.example/a.wav'/>", "presentation", ".odp"
        ),
        "player in OpenDocument": text("<draw:plugin xlink:href='http://a.example/a.mp4'/>", "presentation", ".odp"),
    },
    "action": {
        **{
            f"{kind} on opening": on_opening(acts(kind, **entries))
            for kind, entries in {
                "URI": {"URI": "http://a.example"},
                "GoToR": {"F": r"\\server\a.pdf", "D": Array([0])},
                "GoToE": {"T": Dictionary(R=Name.P)},
                "GoToDp": {},
                "SubmitForm": {"F": Dictionary(FS=Name.URL, F="http://a.example")},
                "ImportData": {"F": r"\\server\a.fdf"},
                "Rendition": {"OP": 0},
                "Thread": {"D": 0},
                "Sound": {},
                "Movie": {"T": "a"},
                "Hide": {"T": "a"},
                "NewOne": {},
            }.items()
        },
        "action in an object stream": on_opening(acts("GoToR", D=0), object_stream_mode=ObjectStreamMode.generate),
        "action after an allowed one": on_opening(
            acts("GoTo", D="a", Next=Array([acts("URI", URI="http://a.example")]))
        ),
        "action after a hyperlink": annotation(A=acts("URI", URI="http://a.example", Next=acts("GoToR", D=0))),
        "action when a page opens": page(AA=Dictionary(O=acts("URI", URI="http://a.example"))),
        "action when a link is seen": annotation(AA=Dictionary(PV=acts("URI", URI="http://a.example"))),
        "action of a former version": annotation(PA=acts("URI", URI="http://a.example")),
        "action when the document is printed": document(
            lambda opened: setattr(opened.Root, "AA", Dictionary(WP=acts("URI", URI="http://a.example")))
        ),
        "action of a field": field_of_form(AA=Dictionary(F=acts("SubmitForm"))),
        "button that sends": annotation("Widget", A=acts("SubmitForm", F="http://a.example")),
        "link to another PDF": annotation(A=acts("GoToR", F="a.pdf", D=0)),
        "stream in another file": stream(F="http://a.example/a", Subtype=Name.Image),
        "stream on a network path": stream(F=Dictionary(Type=Name.Filespec, UF=r"\\server\a")),
        "page of another PDF": stream(Subtype=Name.Form, Ref=Dictionary(F=Dictionary(F="a.pdf"), Page=0)),
        "address of a stamp of time": field_of_form(SV=Dictionary(TimeStamp=Dictionary(URL="http://a.example"))),
        **{
            f"annotation {kind}": annotation(kind) for kind in ("Movie", "Screen", "Sound", "3D", "RichMedia", "NewOne")
        },
        "action that the table of objects leaves out": (
            "a.pdf",
            lambda: pdf() + b"1 0 obj\n<</Type/Catalog/OpenAction<</S/Go#54oR/F(a)>>>>\nendobj\n",
        ),
    },
    "other": {
        "reference of a new kind": word("", ("newKind", "http://a.example")),
        "address in a new attribute": word('<w:p><w:newOne w:loads="\\\\server\\a"/></w:p>'),
        "file of a new attribute": book('<newOne source="file:///a"/>'),
        "picture that a workbook fetches": book('<address r:id="o0"/>', ("hyperlink", "http://a.example/a.png")),
        "style of a drawing": part_of_word("word/a.svg", "<svg><style>@import 'http://a.example/a.css'</style></svg>"),
        "style of an element": part_of_word("word/a.svg", "<svg><rect style='fill:url(http://a.example)'/></svg>"),
        "style with a set of pictures": part_of_word(
            "word/a.svg", "<svg><style>a{b:image-set('//a/b' 1x)}</style></svg>"
        ),
        "base of all addresses": text("<x xml:base='http://a.example/'><draw:image xlink:href='b.png'/></x>"),
        "field with two kinds of mark": word("<w:fldChar y:fldCharType='end' w:fldCharType='begin'/>"),
        "XML of mainframes": (
            "a.docx",
            lambda: with_parts(
                word_with("a"), {"a.png": f"<?xml version='1.0' encoding='cp037'?>{FETCH}".encode("cp037")}
            ),
        ),
        "style of a part": part_of_word("word/a.svg", "<?xml-stylesheet href='http://a.example/a.css'?><svg/>"),
        "part of an unknown kind that is damaged": part_of_word("word/media/a.png", f"<w:p>{FETCH}"),
        "document that loads itself again": text("<meta:auto-reload xlink:href='http://a.example'/>", part="meta.xml"),
        "object of another document": text("<draw:object xlink:href='http://a.example/a.ods'/>"),
        "form that sends": text("<form:form xlink:href='http://a.example'/>"),
        "font of a web site": text("<svg:font-face-uri xlink:href='http://a.example/a.ttf'/>", part="styles.xml"),
        "call of the program": text("<form:button xlink:href='.uno:Quit'/>"),
    },
    "attachment": {
        "attachment": document(attach("note.txt", b"Law")),
        "attachment of a note": document(
            lambda opened: setattr(
                opened.pages[0],
                "Annots",
                Array([Dictionary(Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9], FS=_attached(opened))]),
            )
        ),
    },
}


def _attached(opened: pikepdf.Pdf) -> pikepdf.Object:
    return AttachedFileSpec(opened, b"Law", filename="note.txt").obj


def cases(by_link: dict[str, dict[str, Made]]):
    found = [pytest.param(made, link, id=name) for link, files in by_link.items() for name, made in files.items()]
    return pytest.mark.parametrize(("made", "link"), found)


@cases(LINKS)
def test_attack_a_file_reaches_outside(made, link):
    name, content = made
    assert check_upload(upload(name, content())).links == {link}


# What is refused


REFUSED = {
    "script of a drawing": (part_of_word("word/a.svg", "<svg><script>a()</script></svg>"), HAS_MACROS),
    "script of a drawing on opening": (part_of_word("word/a.svg", "<svg onload='a()'/>"), HAS_MACROS),
    "script of a text": (text("<text:script script:language='JavaScript'>a()</text:script>"), HAS_MACROS),
    "listener of a script": (text("<e:event-listener script:language='ooo:script'/>"), HAS_MACROS),
    "listener of a slide that starts a program": (
        text("<presentation:event-listener presentation:action='execute' xlink:href='a'/>", "presentation", ".odp"),
        HAS_MACROS,
    ),
    "ribbon with a script": (
        part_of_word("_rels/b.rels", references(("ui/extensibility", "customUI/customUI.xml", ""))),
        HAS_MACROS,
    ),
    "add-in": (part_of_word("_rels/b.rels", references(("webextensiontaskpanes", "a.xml", ""))), HAS_MACROS),
    "script as a part": (part_of_word("word/media/run.vbs", "a"), HAS_OBJECT),
    "page as a part": (part_of_word("word/media/run.hta", "a"), HAS_OBJECT),
    "piece of a part": (part_of_word("word/document.xml/[0].piece", "a"), HAS_OBJECT),
    "drawing that is packed": (("a.docx", lambda: with_parts(word_with("a"), {"a.svgz": b"\x1f\x8b\x08"})), HAS_OBJECT),
    "page that Word converts": (word("", ("aFChunk", "http://a.example/a.htm")), HAS_OBJECT),
    "object outside the file": (word("", ("oleObject", DISK)), HAS_OBJECT),
    "RTF as a text": (("a.txt", lambda: r"{\rtf1{\field{\*\fldinst INCLUDEPICTURE http://a}}}"), "ends in “.txt”"),
    "page as a text": (("a.txt", lambda: "\ufeff\n<!DOCTYPE html><img src=http://a>"), "ends in “.txt”"),
    "page as a table": (("a.csv", lambda: "<html><img src='http://a'></html>".encode("utf-16")), "ends in “.csv”"),
    "flat OpenDocument as a text": (("a.txt", lambda: "<?xml version='1.0'?><office:document/>"), "ends in “.txt”"),
    "flat OpenDocument as a document": (("a.odt", lambda: "<?xml version='1.0'?><office:document/>"), "ends in “.odt”"),
}


@pytest.mark.parametrize("attack", REFUSED)
def test_attack_a_script_or_another_format_is_refused(attack):
    (name, content), refusal = REFUSED[attack]
    with pytest.raises(ValidationError, match=re.escape(str(refusal))):
        check_upload(upload(name, content()))


# Ordinary files


def lawbook() -> bytes:
    """A workbook with what Excel offers: formulas, a chart, a list to choose from, names and links."""
    written = io.BytesIO()
    made = xlsxwriter.Workbook(written, {"in_memory": True})
    sheet, other = made.add_worksheet("Cases 2025"), made.add_worksheet("Lists")
    sheet.write_row(0, 0, ["Region", "Cases", "-"])
    sheet.write_row(1, 0, ["North (old)", 3, "=no formula"], None)
    sheet.write_formula(2, 1, "=SUM('Lists'!B1:B2)/COUNTIF(B1:B2,\">0\")")
    sheet.write_formula(3, 1, '=IFERROR(VLOOKUP("North",A1:B2,2,FALSE),"none")&" | http://"')
    sheet.write_dynamic_array_formula("D1", "=UNIQUE(FILTER(A1:A2,B1:B2>0))")
    sheet.write_formula(4, 1, "=_xlfn.XLOOKUP(A1,A1:A2,B1:B2)")
    sheet.write_formula(5, 1, '=HYPERLINK("https://courts.example/a?b=c","Judgment")')
    sheet.write_formula(6, 1, '=HYPERLINK("#Lists!A1","Lists")')
    sheet.write_url(7, 0, "internal:Lists!A1")
    sheet.write_url(8, 0, "mailto:office@justice.example")
    sheet.write_url(9, 0, "https://a.example/x y#z", string="https://a.example")
    sheet.data_validation("A2", {"validate": "list", "source": ["North", "South (new)"]})
    sheet.data_validation("A3", {"validate": "list", "source": "=Lists!$A$1:$A$2"})
    sheet.conditional_format("B1:B9", {"type": "formula", "criteria": '=NOT(ISERROR(SEARCH("a",A1)))'})
    sheet.conditional_format("B1:B9", {"type": "data_bar"})
    made.define_name("Regions", "=Lists!$A$1:$A$2")
    chart = made.add_chart({"type": "column"})
    chart.add_series({"name": "='Cases 2025'!$A$2", "values": "='Cases 2025'!$B$2:$B$3"})
    sheet.insert_chart("F2", chart, {"url": "https://a.example"})
    sheet.set_header("&LMinistry (draft)&R&D")
    sheet.add_table("H1:I3", {"columns": [{"header": "a"}, {"header": "b", "formula": "=SUM(Table1[@a])"}]})
    other.protect("a")
    made.close()
    return written.getvalue()


def law() -> bytes:
    """A document of python-docx with a picture, a heading, a list, a table and properties."""
    made, written = docx.Document(), io.BytesIO()
    made.add_heading("Chapter I", 1)
    made.add_picture(io.BytesIO(picture()))
    made.add_paragraph("Article 1: see https://law.example and C:\\law (b).", style="List Bullet")
    made.add_table(2, 2, style="Table Grid").cell(0, 0).text = "=SUM(1)"
    made.core_properties.comments = "http://a.example"
    made.save(written)
    return written.getvalue()


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (2, 2)).save(written, "PNG")
    return written.getvalue()


def tagged_pdf(opened: pikepdf.Pdf) -> None:
    kid = opened.make_indirect(Dictionary(S=Name.P, A=Dictionary(O=Name.Layout, Placement=Name.Block)))
    opened.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, K=Array([kid]))
    opened.pages[0].Trans = Dictionary(S=Name.Dissolve)
    opened.pages[0].Group = Dictionary(S=Name.Transparency)
    opened.pages[0].Resources = Dictionary(Font=Dictionary(F=Dictionary(Type=Name.Font, Subtype=Name.Type1)))


def pdf_with_contents(opened: pikepdf.Pdf) -> None:
    with opened.open_outline() as outline:
        outline.root += [pikepdf.OutlineItem("Chapter I", 0), pikepdf.OutlineItem("Chapter II", 0)]
    first = opened.pages[0].obj
    opened.Root.OpenAction = Array([first, Name.Fit])
    opened.pages[0].AA = Dictionary(O=acts("GoTo", D=Array([first, Name.Fit])))


SHAREPOINT = (
    '<ct:contentTypeSchema ma:root="true"><xsd:schema targetNamespace="http://schemas.microsoft.com/office/2006/metadata">'
    '<xsd:import namespace="b7c2" schemaLocation="http://dublincore.org/schemas/xmls/qdc/2003/04/02/dc.xsd"/>'
    "</xsd:schema></ct:contentTypeSchema>"
)
SAVED_BY_LIBREOFFICE = (
    "<office:scripts/><text:sequence-decls/><text:a xlink:href='#1.Chapter|outline'>Chapter</text:a>"
    "<text:a xlink:href='https://law.example/a b' office:title='https://law.example'>Law</text:a>"
    "<draw:image xlink:href='Pictures/100000.png' draw:name='https://law.example/a.png'/>"
    "<draw:object xlink:href='./Object 1'/>"
    "<form:form xlink:href='' form:control-implementation='ooo:com.sun.star.form.component.Form'/>"
    "<draw:equation draw:formula='if(?f1 -10800,sin(?f2 ),left)'/>"
)
VOCABULARIES = (
    "<rdf:Description rdf:about='content.xml' grddl:transformation='http://docs.oasis-open.org/office/1.2/xslt/odf2rdf.xsl'>"
    "<rdf:type rdf:resource='http://docs.oasis-open.org/ns/office/1.2/meta/odf#ContentFile'/></rdf:Description>"
)
CALC = (
    "<table:content-validation table:condition='of:cell-content-is-in-list(&quot;a&quot;;&quot;b&quot;)'/>"
    "<table:table-cell table:formula='of:=SUM([.A1:.B2];COM.MICROSOFT.IFS([$&apos;My sheet&apos;.A1]&gt;1;2))'/>"
    "<calcext:condition calcext:value='between(1,5)'/><calcext:condition calcext:value='formula-is(ISBLANK(A1))'/>"
)

# By what each is kept from the public for, if it is.
ORDINARY: dict[str, dict[str, Made]] = {
    "": {
        "law with contents": word(
            f"<w:p>{field(' TOC \\o &quot;1-3&quot; \\h \\z \\u ', field(' HYPERLINK \\l &quot;_Toc1&quot; '))}</w:p>"
            f'<w:p><w:hyperlink w:anchor="_Toc1"><w:r><w:t>Chapter I</w:t></w:r>'
            f"{field(' PAGEREF _Toc1 \\h ')}</w:hyperlink></w:p>"
        ),
        "law with a heading, a picture, a list and a table": ("a.docx", law),
        "law with notes": part_of_word(
            "word/footnotes.xml", f"<w:footnotes>{field(' NOTEREF _R1 \\h ')}</w:footnotes>"
        ),
        "law with cross-references": word(
            f"<w:p>{field(' REF _R1 \\r \\h ')}{field(' STYLEREF &quot;Heading 1&quot; ')}"
            f"{field(' SEQ Table \\* ARABIC ')}</w:p>"
        ),
        "numbers of pages": part_of_word(
            "word/footer9.xml",
            '<w:ftr><w:fldSimple w:instr=" PAGE   \\* MERGEFORMAT "/><w:fldSimple w:instr="NUMPAGES"/></w:ftr>',
        ),
        "number of pages in runs": word(f"<w:p>{field(' ', 'PA', 'GE ', ' ')}{field(' = 2 + ', field('PAGE'))}</w:p>"),
        "letter with a date and an author": word(
            f"<w:p>{field('DATE \\@ &quot;d MMMM&quot;')}{field('AUTHOR')}{field('TITLE')}</w:p>"
        ),
        "form": word(
            f"<w:p>{field(' FORMTEXT ')}{field(' FORMCHECKBOX ')}{field(' FORMDROPDOWN ')}"
            "<w:sdt><w:dataBinding w:xpath='/a' "
            "w:prefixMappings=\"xmlns:a='http://ministry.example/form'\"/></w:sdt></w:p>"
        ),
        "index and symbols": word(
            f"<w:p>{field('XE &quot;Victims&quot;')}{field('INDEX \\c &quot;2&quot;')}{field('SYMBOL 167')}</w:p>"
        ),
        "letter to many": word(
            f"<w:p>{field(' IF ', field('MERGEFIELD a'), ' = 1 &quot;a&quot; &quot;b&quot;')}</w:p>"
        ),
        "links to the web and to a mailbox": word(
            '<w:p><w:hyperlink r:id="o0"/><w:hyperlink r:id="o1"/></w:p>',
            ("hyperlink", "HTTPS://law.example/a%20b?c=d&amp;e#f"),
            ("hyperlink", "mailto:a@b.example?subject=Law 5"),
        ),
        "field with a link to the web": word(
            field(" HYPERLINK ", "&quot;http://law.example/&quot; \\o &quot;The law&quot; \\t &quot;_blank&quot; ")
        ),
        "link to a place in the text": word("", ("hyperlink", "#_Toc1")),
        "picture with its source in words": word(
            '<w:p><pic:cNvPr name="https://a.example/b.png" descr="From https://a.example"/></w:p>'
        ),
        "properties of a library of documents": part_of_word("customXml/item9.xml", SHAREPOINT),
        "equation": word("<w:p><m:oMath><m:f><m:num><m:r><m:t>f(x)</m:t></m:r></m:num></m:f></m:oMath></w:p>"),
        "words that Word 2003 marked": part_of_word(
            "word/a.xml", '<w:smartTagType w:url="http://a.example" w:name="place"/>'
        ),
        "drawing in SVG": part_of_word(
            "word/media/a.svg", f"<svg {XLINK}><use xlink:href='#a'/><rect fill='url(#b)'/></svg>"
        ),
        "workbook": ("a.xlsx", lawbook),
        "workbook that knows its folder": book(
            '<x15ac:absPath url="C:\\Users\\ann\\"/>', part="xl/workbook.xml", before="</workbook>"
        ),
        "slides": slides(
            '<a:hlinkClick r:id="" action="ppaction://hlinkshowjump?jump=nextslide"/><a:hlinkClick r:id="o0"/>'
            '<a:ext uri="{C809E66F}"/><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table"/>',
            ("hyperlink", "https://law.example"),
        ),
        "text of LibreOffice": text(SAVED_BY_LIBREOFFICE),
        "vocabularies of LibreOffice": text(VOCABULARIES, part="manifest.rdf"),
        "table of LibreOffice": table(CALC),
        "slides of LibreOffice": text(
            "<presentation:event-listener script:event-name='dom:click' presentation:action='next-page'/>",
            "presentation",
            ".odp",
        ),
        "PDF of typst": (
            "a.pdf",
            lambda: typeset('#outline()\n= Law <a>\n#link("https://law.example")[See] @a'.replace(" @a", "")),
        ),
        "PDF with contents": document(pdf_with_contents),
        "PDF with tags": document(tagged_pdf),
        "PDF with a link": annotation(A=acts("URI", URI="http://law.example/a b")),
        "PDF with a note": annotation("Text", Contents="See http://law.example"),
        "PDF with a form": field_of_form(V="a", AA=Dictionary()),
        "PDF with a button that prints": annotation("Widget", A=acts("Named", N=Name.Print)),
        "statistics": (
            "a.csv",
            lambda: 'year,change\n2024,-3.5\n2025,"+4 %"\n2026,-\n,+44 (0)20 7946\nBolivia (State of),1-2\n',
        ),
        "text": ("a.txt", lambda: "Law\n====\n- see (b), http://law.example\n=SUM(A1)\n+ @ann <ann@a.example>"),
    },
    "field": {
        "citations of a program for literature": word(f"<w:p>{field(' ADDIN ZOTERO_ITEM CSL_CITATION {}')}</w:p>"),
    },
    "hyperlink": {
        "link to the disk of its author": word('<w:p><w:hyperlink r:id="o0"/></w:p>', ("hyperlink", DISK)),
        "PDF with a link to the disk of its author": annotation(A=acts("URI", URI=DISK)),
    },
    "template": {
        "letter with the template of a ministry": word("", ("attachedTemplate", "file:///C:\\Templates\\Letter.dotx")),
        "text with a template of LibreOffice": text(
            "<meta:template xlink:href='../../usr/share/libreoffice/a.ott'/>", part="meta.xml"
        ),
    },
    "data": {
        "workbook with figures of another": part_of_book(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            references(("externalLinkPath", "a.xlsx", ' TargetMode="External"')),
        ),
    },
    "formula": {
        "workbook that chooses its list": cell("INDIRECT(A1)"),
    },
    "action": {
        "PDF with a button that sends": annotation("Widget", A=acts("SubmitForm", F="https://a.example")),
    },
    "attachment": {
        "PDF with an invoice attached": document(attach("invoice.txt", b"Law")),
    },
    "cell": {
        "table with a dash before words": ("a.csv", lambda: "a;- see article (b)\n"),
    },
}


@cases(ORDINARY)
def test_an_ordinary_file_is_open_or_says_what_to_remove(made, link):
    name, content = made
    assert check_upload(upload(name, content())).links == set(link.split())


def test_every_link_says_what_to_do():
    assert set(LINKS) == set(FileLink.values)
    assert {link: str(link.label).count(".") for link in FileLink} == dict.fromkeys(FileLink, 2)
