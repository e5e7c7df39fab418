"""Whatever is uploaded as a workbook is refused, or read, within bounds of time and of memory."""

import datetime
import io
import json
import os
import subprocess
import sys

import pytest
import xlsxwriter

from tests.broken_workbooks import broken, most, read
from tests.documents import packed, parts_of
from tests.thorough import some
from tests.workbooks import ANSWERS, as_upload, downloaded
from tracker.documents.exchange import cell_reader, spreadsheet_reader
from tracker.documents.exchange.spreadsheet_reader import REFUSED, TIED, TOO_LARGE, open_workbook

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SECONDS, BYTES = 10, 200 * 1024 * 1024
READ_ALL = "import django; django.setup(); from tests.broken_workbooks import read_all; read_all()"


@pytest.fixture
def good(xaa, alice):
    return downloaded(xaa, alice, "I.13", "I.14")


@pytest.fixture
def measured(tmp_path):
    """What reading each of these files took, in a process of its own, one after another."""

    def measured(files) -> list:
        told = []
        for number, (name, content) in enumerate(files):
            path = tmp_path / str(number)
            path.write_bytes(content)
            told.append(json.dumps([str(path), name]))
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
        command = [sys.executable, "-c", READ_ALL]
        lines = "\n".join(told)
        done = subprocess.run(command, input=lines, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return measured


@pytest.mark.thorough
def test_a_hundred_broken_workbooks_are_each_refused_at_once(good, measured):
    wrong = list(broken(good))
    assert len(wrong) >= 100
    wrong = some(wrong)
    told = measured([("a.xlsx", good), *((name, content) for _why, name, content in wrong)])
    assert told[0][2] == ""
    answers = dict(zip([why for why, _name, _content in wrong], told[1:], strict=True))
    assert [why for why, (_seconds, _bytes, answer) in answers.items() if not answer] == []
    assert {why: took for why, took in answers.items() if took[0] > SECONDS or took[1] > BYTES} == {}


@pytest.mark.thorough
def test_the_most_that_may_be_unpacked_is_read_within_the_bounds(good, measured):
    [(seconds, most_memory, _answer)] = measured([("a.xlsx", most(good))])
    assert seconds < SECONDS
    assert most_memory < BYTES


def test_places_of_formulas_are_listed_by_sheet(good):
    sheet = parts_of(good)["xl/worksheets/sheet1.xml"].decode()
    formula = '<row r="3"><c r="AB3"><f>1+1</f><v>2</v></c></row></sheetData>'
    content = packed(parts_of(good) | {"xl/worksheets/sheet1.xml": sheet.replace("</sheetData>", formula)})
    assert open_workbook(as_upload(content)).formulas == {"Answers": [(2, 27)], "Instructions": [], "stamp": []}


@pytest.mark.parametrize("name", ["a.XLSX", "قانون.xlsx"])
def test_the_name_does_not_matter_but_for_its_end(good, name):
    assert read(name, good) == ""


# In a child process


def test_the_reader_and_its_process_have_the_same_refusals():
    assert {cell_reader.TOO_LARGE: TOO_LARGE, cell_reader.TIED: TIED} == REFUSED


def test_cells_have_the_types_of_the_workbook(good):
    written, day = io.BytesIO(), datetime.date(2026, 11, 28)
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet, formats = book.add_worksheet("one"), ("d mmmm yyyy", "d mmmm yyyy hh:mm", "hh:mm", "[h]:mm")
        looks = [book.add_format({"num_format": each}) for each in formats]
        sheet.write_row(0, 0, ["قانون\nلا", 7, 7.5, True])
        sheet.write_datetime(1, 0, datetime.datetime.combine(day, datetime.time()), looks[0])
        sheet.write_datetime(1, 1, datetime.datetime.combine(day, datetime.time(9, 30)), looks[1])
        sheet.write_datetime(1, 2, datetime.time(9, 30), looks[2])
        sheet.write_datetime(1, 3, datetime.timedelta(hours=30), looks[3])
        book.add_worksheet("two")
    found = open_workbook(as_upload(written.getvalue()))
    assert (found.sheets, found.formulas, found.cells("two")) == (["one", "two"], {"one": [], "two": []}, [])
    assert found.cells("one") == [
        ["قانون\nلا", 7.0, 7.5, True],
        [day, datetime.datetime(2026, 11, 28, 9, 30), datetime.time(9, 30), datetime.timedelta(hours=30)],
    ]


@pytest.mark.parametrize(("limit", "value"), [("SECONDS", 0.01), ("MEMORY", 20 * 1024 * 1024)])
def test_a_workbook_over_a_limit_of_its_process_is_too_large(good, monkeypatch, limit, value):
    monkeypatch.setattr(spreadsheet_reader, limit, value)
    assert read("a.xlsx", most(good)) == TOO_LARGE


def test_a_file_over_the_limit_says_the_limit():
    said = read("a.xlsx", b"x" * (11 * 1024 * 1024))
    assert said == "The file is too large: 11.0\xa0MB. Choose a file of at most 10.0\xa0MB."


def test_attack_one_text_in_all_cells_is_a_hundred_times_what_is_unpacked(good):
    """Written out, it is more than a child may write."""
    sheet = f"<row>{'<c t="s"><v>0</v></c>' * 100}</row>" * 1_900
    start = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
    parts = parts_of(good) | {"xl/sharedStrings.xml": f"{start}{'word ' * 1_000}</t></si></sst>"}
    before, _rows, after = _around_rows(parts[ANSWERS].decode())
    assert read("a.xlsx", packed(parts | {ANSWERS: before + sheet + after})) == TOO_LARGE


def _around_rows(sheet: str) -> tuple[str, str, str]:
    start, end = sheet.index("<sheetData>") + len("<sheetData>"), sheet.index("</sheetData>")
    return sheet[:start], sheet[start:end], sheet[end:]
