"""Whatever is uploaded as a workbook is refused, or read, within bounds of time and of memory."""

import json
import os
import subprocess
import sys

import pytest

from tests.broken_workbooks import broken, most, read
from tests.thorough import some
from tests.workbooks import as_upload, downloaded, packed, parts_of
from tracker.documents.exchange.spreadsheet_reader import open_workbook

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SECONDS, BYTES = 5, 200 * 1024 * 1024
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


def test_a_hundred_broken_workbooks_are_each_refused_at_once(good, measured):
    wrong = list(broken(good))
    assert len(wrong) >= 100
    wrong = some(wrong)
    told = measured([("a.xlsx", good), *((name, content) for _why, name, content in wrong)])
    assert told[0][2] == ""
    answers = dict(zip([why for why, _name, _content in wrong], told[1:], strict=True))
    assert [why for why, (_seconds, _bytes, answer) in answers.items() if not answer] == []
    assert {why: took for why, took in answers.items() if took[0] > SECONDS or took[1] > BYTES} == {}


def test_the_most_that_may_be_unpacked_is_read_within_the_bounds(good, measured):
    [(seconds, most_memory, _answer)] = measured([("a.xlsx", most(good))])
    assert seconds < SECONDS
    assert most_memory < BYTES


def test_places_of_formulas_are_told_by_sheet(good):
    sheet = parts_of(good)["xl/worksheets/sheet1.xml"].decode()
    formula = '<row r="3"><c r="AB3"><f>1+1</f><v>2</v></c></row></sheetData>'
    content = packed(parts_of(good) | {"xl/worksheets/sheet1.xml": sheet.replace("</sheetData>", formula)})
    assert open_workbook(as_upload(content)).formulas == {"Answers": [(2, 27)], "Instructions": [], "stamp": []}


@pytest.mark.parametrize("name", ["a.XLSX", "قانون.xlsx"])
def test_the_name_does_not_matter_but_for_its_end(good, name):
    assert read(name, good) == ""
