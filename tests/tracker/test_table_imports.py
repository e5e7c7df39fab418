"""The four tables that curators upload are read in one way, and refused for the same reasons in the same words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.conftest import make_state
from tests.pages import words_of_page
from tests.papers import taken_in
from tracker.models import EventRow

pytestmark = pytest.mark.django_db

TEXTS, OFFICIAL_TEXTS = (f"/admin/recommendations/{model}/import/" for model in ("recommendation", "translation"))
DRAFT, TREATY_ACTS = "draft", reverse("treaty_act_import")
TABLES = {  # by address: the heading and a row, whose last cell but one can be any text
    TEXTS: ("label,guidance,strength", "I.4,Où,should"),
    OFFICIAL_TEXTS: ("label,language,text,source", "II.43,fr,Où,INVENTED/1"),
    DRAFT: ("label,title,strength", "IX.2,Où,may"),
    TREATY_ACTS: ("code,instrument,act,date,source,as_at", "XDD,protocol,accession,2016-03-03,Où,2026-11-01"),
}
REFUSED_ROWS = "The JSON file must be a list of objects, one for each row."
REFUSALS = [
    (lambda head, row: b"\xff\xfe\x00", "The file is not text. Choose a text file in UTF-8 or UTF-16."),
    (lambda head, row: "", "The file is empty. Choose another file."),
    (lambda head, row: f"{head}\n{row}".encode("cp1252"), "The file is in an older encoding, such as Windows-1252"),
    (lambda head, row: f"{head}\n{row.rpartition(',')[0]}", "Row 2: the number of cells is "),
    (lambda head, row: f'{head}\n"{row}', "The file is not valid CSV. Save it as CSV (UTF-8) and choose it again."),
    (lambda head, row: f"{head}\n" + f"{row}\n" * 90_000, "Choose a file of at most 1.0 MB."),
    (lambda head, row: "[" * 100_000, "The file is not valid JSON. Correct it and choose it again."),
    (lambda head, row: "[]", REFUSED_ROWS),
    (lambda head, row: '[{"label": "", "code": ""}, ""]', REFUSED_ROWS),
    (lambda head, row: '[{"a": "", "b": ""}, {"a": ""}]', "Row 3: the keys must be the same as in the first row."),
    (lambda head, row: "\n".join(line.partition(",")[2] for line in (head, row)), "must have these columns, each once"),
    (lambda head, row: f"{head},{head.rpartition(',')[2]}\n{row},", "must have these columns, each once"),
    (lambda head, row: f"{head},colour\n{row},blue", "Unknown column: "),
]


@pytest.fixture(params=TABLES, ids=["texts", "official texts", "draft", "treaty acts"])
def table(curator, request, dana):
    """Return the heading, a row, and how a file is sent, which returns the words of the page."""
    make_state("XDD", "Dorvania", treaty_status="unconfirmed")
    draft = reverse("paper_import_annotations", args=[taken_in(dana).pk])

    def send(content: str | bytes) -> str:
        content = content.encode() if isinstance(content, str) else content
        is_json = content.startswith(b"[")
        name = "table.json" if is_json else "table.csv"
        files = {field: SimpleUploadedFile(name, content) for field in ("import_file", "upload", "file")}
        address = draft if request.param == DRAFT else request.param
        return words_of_page(curator.post(address, files | {"format": int(is_json), "resource": "0"}, follow=True))

    return *TABLES[request.param], send


@pytest.mark.parametrize(("write", "problem"), REFUSALS, ids=[problem for _write, problem in REFUSALS])
def test_a_table_that_cannot_be_read_is_refused_with_the_reason(table, write, problem):
    head, row, send = table
    before = EventRow.everyones.count()
    assert problem in send(write(head, row))
    assert EventRow.everyones.count() == before


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_of_any_spreadsheet_is_read(table, encoding, separator):
    head, row, send = table
    words = send(f"{head}\n{row}\n".replace(",", separator).encode(encoding))
    assert "Problem" not in words
    assert "Où" in words
