"""Tables that curators upload: read in the encoding and with the separator that they have, or refused by name."""

import codecs

import pytest

from recommendations.formats import CSV, JSON, FileFormatError, decode_text

TABLE = [{"label": "I.4", "guidance": "Où, à qui ; “comment”"}, {"label": "II.8", "guidance": ""}]
WITH_COMMAS = 'label,guidance\r\nI.4,"Où, à qui ; “comment”"\r\nII.8,\r\n'
WITH_SEMICOLONS = 'label;guidance\r\nI.4;"Où, à qui ; “comment”"\r\nII.8;\r\n'
WITH_TABS = "label\tguidance\r\nI.4\tOù, à qui ; “comment”\r\nII.8\t\r\n"
OLDER = (
    "The file is in an older encoding, such as Windows-1252, Windows-1251, Windows-1256 or GB 18030. Save it as UTF-8 "
    "(in Excel: “CSV UTF-8”) and choose it again."
)
UNMARKED = (
    "The file is in UTF-16 without a byte order mark. Save it as UTF-8 (in Excel: “CSV UTF-8”) and choose it again."
)
NO_TEXT = "The file is not text. Choose a text file in UTF-8 or UTF-16."


@pytest.mark.parametrize("mark", ["", "sep=;\r\n", "sep=,\r\n", "sep=\t\r\n"])
@pytest.mark.parametrize("text", [WITH_COMMAS, WITH_SEMICOLONS, WITH_TABS], ids=["commas", "semicolons", "tabs"])
def test_a_table_is_read_with_any_separator(text, mark):
    assert CSV().create_dataset((mark + text).encode()).dict == TABLE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_table_is_read_in_any_encoding_that_its_bytes_prove(encoding):
    assert CSV().create_dataset(WITH_SEMICOLONS.encode(encoding)).dict == TABLE


def test_the_unicode_text_of_excel_is_read():
    content = codecs.BOM_UTF16_LE + WITH_TABS.encode("utf-16-le")
    assert content[:8] == b"\xff\xfel\x00a\x00b\x00"
    assert CSV().create_dataset(content).dict == TABLE
    assert decode_text(codecs.BOM_UTF16_BE + WITH_TABS.encode("utf-16-be")) == WITH_TABS


def test_json_is_read_in_the_same_encodings():
    assert JSON().create_dataset('[{"label": "Où"}]'.encode("utf-16")).dict == [{"label": "Où"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (WITH_SEMICOLONS.encode("cp1252"), OLDER),
        ("label;guidance\nI.4;Где".encode("cp1251"), OLDER),
        ("label;guidance\nI.4;أين".encode("cp1256"), OLDER),
        ("label;guidance\nI.4;在哪里".encode("gb18030"), OLDER),
        (WITH_TABS.encode("utf-16-le"), UNMARKED),
        (WITH_TABS.encode("utf-16-be"), UNMARKED),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", NO_TEXT),
        (b"label\n\x00", NO_TEXT),
        (codecs.BOM_UTF16_LE + b"l", NO_TEXT),
        (codecs.BOM_UTF8 + b"label\n\xe9", NO_TEXT),
    ],
)
def test_any_other_file_is_refused_with_the_name_of_its_encoding(content, message):
    with pytest.raises(FileFormatError, match=r"^") as refused:
        CSV().create_dataset(content)
    assert str(refused.value) == message


def test_one_column_needs_no_separator():
    assert CSV().create_dataset(b"label\nI.4\n").dict == [{"label": "I.4"}]


def test_a_separator_in_a_quoted_heading_separates_nothing():
    assert CSV().create_dataset(b'"label;a;b",guidance\nI.4,x\n').dict == [{"label;a;b": "I.4", "guidance": "x"}]
