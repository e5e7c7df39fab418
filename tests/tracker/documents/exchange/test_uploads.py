"""A file is kept only where it is what its name says, and has nothing in it that runs."""

import hashlib
import os
import tracemalloc

import pytest
from django.core.exceptions import TooManyFilesSent, ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents import DOCUMENTS, MACRO_WORD, ODF, OLE, OOXML, PDF, archive, office, upload, word
from tracker.documents.exchange import uploads
from tracker.documents.exchange.uploads import TYPES, check_upload


def refusal(name: str, content) -> str:
    with pytest.raises(ValidationError) as refused:
        check_upload(upload(name, content))
    return " ".join(refused.value.messages)


@pytest.mark.parametrize("suffix", DOCUMENTS)
def test_a_file_that_is_what_its_name_says(suffix):
    found = check_upload(upload(f"Law No. 17{suffix}", DOCUMENTS[suffix]))
    assert (found.name, found.size, found.content_type, found.sha256) == (
        f"Law No. 17{suffix}",
        len(DOCUMENTS[suffix]),
        TYPES[suffix],
        hashlib.sha256(DOCUMENTS[suffix]).hexdigest(),
    )
    assert found.file.read() == DOCUMENTS[suffix]


@pytest.mark.parametrize("name", ["LAW.PDF", "law.v2.pdf", "قانون.pdf", "法律.pdf"])
def test_the_end_of_the_name_counts_and_nothing_else(name):
    assert check_upload(upload(name, PDF)).name == name


@pytest.mark.parametrize(
    "content",
    [
        "Law",
        "BMZ report\nsecond line",
        "From: me\nTo: you\n\nText",
        '{"a": 1}',
        "a;b\n1;2;3\n",
        "قانون\n",
        "Закон о торговле людьми".encode("cp1251"),
        "反对贩运人口".encode("gb18030"),
        "Закон\n".encode("utf-16"),
        "\ufefflaw,year\n",
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".csv"])
def test_text_in_any_encoding(suffix, content):
    assert check_upload(upload(f"a{suffix}", content)).content_type == TYPES[suffix]


@pytest.mark.parametrize("suffix", TYPES)
@pytest.mark.parametrize("inside", DOCUMENTS)
def test_what_is_under_another_name_is_refused(suffix, inside):
    if TYPES[suffix] == TYPES[inside]:
        return
    assert f"ends in “{suffix}”" in refusal(f"law{suffix}", DOCUMENTS[inside])


@pytest.mark.parametrize("content", [bytes(range(256)), b"\xff\xfe\x00", b"law\x00", archive({"a.txt": "law"})])
def test_what_is_no_text_is_refused_as_text(content):
    assert "ends in “.txt”" in refusal("law.txt", content)


def test_any_other_archive_is_refused():
    assert "ends in “.docx”" in refusal("law.docx", archive({"law.txt": "law"}))
    assert "ends in “.docx”" in refusal("law.docx", office(f"{OOXML}.wordprocessingml.template.main+xml"))
    assert "ends in “.odt”" in refusal("law.odt", archive({"mimetype": f"{ODF}.graphics", "content.xml": ""}))


@pytest.mark.parametrize("name", ["law.exe", "law", "law.zip", "law.html", "law.svg", "law.pdf.js", ".pdf", "law."])
def test_other_types_are_refused_with_those_that_may_be_kept(name):
    assert ".pdf, .docx" in refusal(name, PDF)


@pytest.mark.parametrize(
    ("name", "newer"),
    [("a.doc", ".docx (Word)"), ("a.XLS", ".xlsx (Excel)"), ("a.ppt", ".pptx (PowerPoint)")],
)
def test_older_office_formats_are_refused_with_advice(name, newer):
    said = refusal(name, OLE)
    assert "has an older Office format or a password" in said
    assert newer in said.partition("save the file as ")[2]


@pytest.mark.parametrize("suffix", TYPES)
def test_older_office_formats_are_seen_under_any_name(suffix):
    assert "older Office format" in refusal(f"law{suffix}", OLE)


@pytest.mark.parametrize("name", ["a.docm", "a.dotm", "a.xlsm", "a.xlsb", "a.pptm", "a.ppsm"])
def test_formats_with_macros_are_refused_with_advice(name):
    assert "contains macros. Save it without macros" in refusal(name, MACRO_WORD)


def test_no_part_is_read_that_says_it_is_large():
    parts = {"docProps/app.xml": b" x" * 1_000_000, "pad": bytes(range(256)) * 4000}
    assert "too large when unpacked" in refusal("a.docx", word(parts))


@pytest.mark.parametrize("cut", [5, 30, 100, -30, -1])
def test_a_damaged_archive_is_refused_with_advice(cut):
    assert "may be damaged" in refusal("a.docx", word()[:cut])


@settings(deadline=None)  # a child process reads it
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", OLE[:8], b"%PDF-"]), st.sampled_from(sorted(TYPES))
)
def test_any_bytes_are_kept_or_refused(content, beginning, suffix):
    try:
        found = check_upload(upload(f"a{suffix}", beginning + content))
    except ValidationError:
        return
    assert found.content_type == TYPES[suffix]


@settings(deadline=None)
@given(st.integers(0, len(DOCUMENTS[".docx"]) - 1), st.integers(0, 255))
def test_any_slip_in_an_archive_is_kept_or_refused(place, byte):
    content = bytearray(DOCUMENTS[".docx"])
    content[place] = byte
    try:
        found = check_upload(upload("a.docx", bytes(content)))
    except ValidationError:
        return
    assert found.content_type == TYPES[".docx"]


# Size


def test_the_largest_file_and_one_byte_more(settings):
    settings.EVIDENCE_FILE_LIMIT = len(PDF)
    assert check_upload(upload("a.pdf", PDF)).size == len(PDF)
    assert "at most" in refusal("a.pdf", PDF + b"\n")


def test_a_large_file_is_never_whole_in_memory():
    with TemporaryUploadedFile("a.txt", "text/plain", 0, None) as large:
        for _ in range(20):
            large.write(b"Law No. 17\n" * 100_000)
        large.size = large.tell()
        tracemalloc.start()
        check_upload(large)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert large.size > 20_000_000
    assert peak < 2_000_000


def test_an_upload_on_disk_is_checked_without_a_copy(monkeypatch):
    monkeypatch.setattr(uploads.tempfile, "NamedTemporaryFile", None)
    with TemporaryUploadedFile("a.docx", "", 0, None) as large:
        large.write(DOCUMENTS[".docx"])
        large.flush()
        large.size = large.tell()
        assert check_upload(large).content_type == TYPES[".docx"]


def test_what_comes_beyond_the_limit_is_counted_and_not_stored(settings, rf):
    settings.EVIDENCE_FILE_LIMIT = 3 * 1024 * 1024
    sent = rf.post("/", {"upload": upload("law.pdf", PDF + bytes(9 * 1024 * 1024))}).FILES["upload"]
    assert isinstance(sent, TemporaryUploadedFile)
    assert sent.size == len(PDF) + 9 * 1024 * 1024
    assert os.path.getsize(sent.temporary_file_path()) <= 3 * 1024 * 1024 + 64 * 1024
    with pytest.raises(ValidationError) as refused:
        check_upload(sent)
    assert refused.value.messages == ["The file is too large: 9.0 MB. Choose a file of at most 3.0 MB."]


def test_a_form_sends_thirty_files_at_most(rf):
    files = {f"new{number}-upload": upload("a.pdf", PDF) for number in range(31)}
    with pytest.raises(TooManyFilesSent):
        rf.post("/", files).FILES  # noqa: B018
