"""The State's report in all its forms: the same units, the same figures, and text that stays text."""

import datetime
import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from recommendations.spreadsheets import mark_as_text, remove_mark
from tests.conftest import make_person
from tests.evidence_items import add_item
from tests.files import rows_of_csv, rows_of_sheet, sheets_of
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.documents.report.columns import FILE_TABLES, headers
from tracker.documents.report.csv import report_csv
from tracker.documents.report.state import state_report
from tracker.documents.report.xlsx import workbook
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("https://example.org")', "＝1"]
SCRIPTS = {
    "ar": "تُعرض على الضحايا المساعدة القانونية",
    "ru": "Жертвам предоставляется правовая помощь",
    "zh": "向被害人提供法律援助",
}


@pytest.fixture
def law(xaa, alice):
    file = SimpleUploadedFile("law-17.txt", b"Article 31. The Fund pays.")
    return add_item(xaa, alice, "Law No. 17 of 2022", upload=check_upload(file))


@pytest.fixture
def answered(say, law):
    """One of each status, one of them twice, and one beyond what is asked."""
    say("I.13", measures="Victims may claim.", ready=True, citations=[(law, "articles 31 to 40")])
    say("II.49", measures="The Fund is open.", lead_institution="Ministry of Justice", citations=[(law, "")])
    say("I.7(a)", "considered_not_taken_up", reasons="Considered in 2024.")
    say("II.4", "considered_not_taken_up", reasons="The general law covers it.")
    say("IV.46(i)", "partially_implemented", items_met=["IV.46(i)(i)"], target_date=datetime.date(2020, 1, 1))
    say("VII.1(a)", "in_progress", target_date=datetime.date(2099, 3, 1), assistance_kinds=["training"])
    say("VI.4", "not_started", difficulties="Few interpreters.", assistance="Forty judges.")
    say("V.33", "not_applicable", reason_code="date_has_passed")
    say("I.2", measures="A party since 2005.")


@pytest.fixture
def report(xaa, alice):
    return lambda: state_report(xaa, alice)


def in_csv(report) -> dict:
    return next(row for row in rows_of_csv(report_csv(report)) if row["label"] == "I.13")


def in_sheet(report) -> dict:
    return next(row for row in rows_of_sheet(sheets_of(workbook(report))["Answers"]) if row["label"] == "I.13")


@pytest.mark.usefixtures("answered")
def test_csv_and_sheet_hold_the_same_rows_of_text(report):
    found = report()
    in_csv, in_workbook = rows_of_csv(report_csv(found)), rows_of_sheet(sheets_of(workbook(found))["Answers"])
    assert len(in_csv) == 231
    assert [{name: str(cell) for name, cell in row.items()} for row in in_workbook] == in_csv


@pytest.mark.usefixtures("answered")
def test_every_unit_asked_is_a_row_in_the_order_of_the_paper_and_the_others_follow(report, xaa):
    labels = [row["label"] for row in rows_of_csv(report_csv(report()))]
    assert labels == [*xaa.units_to_answer().order_by("position").values_list("label", flat=True), "I.2"]


@pytest.mark.usefixtures("answered")
def test_sections_hold_every_unit_asked_once(report):
    found = report()
    for grouping in ("theme", "meeting"):
        entries = [entry for section in found.sections(grouping) for entry in section.entries]
        assert sorted(entry.row.unit.label for entry in entries) == sorted(e.row.unit.label for e in found.to_answer)


@pytest.mark.usefixtures("answered")
def test_codes_are_next_to_words_and_dates_are_iso(report, law):
    rows = {row["label"]: row for row in rows_of_csv(report_csv(report()))}
    item = rows["IV.46(i)"]
    assert (item["status"], item["status_name"]) == ("partially_implemented", "Partially implemented")
    assert (item["items_met"], item["target_date"], item["asked"]) == ("IV.46(i)(i)", "2020-01-01", "yes")
    assert rows["V.33"]["reason_name"] == "The date in the recommendation has passed"
    assert (rows["VII.1(a)"]["assistance_kinds"], rows["VII.1(a)"]["assistance_kind_names"]) == ("training", "Training")
    assert rows["I.13"]["evidence"] == (
        f"E1 version 1, Law No. 17 of 2022, articles 31 to 40 (Law; sha256 {law.file.sha256})"
    )
    assert (rows["I.1"]["status"], rows["I.1"]["status_name"], rows["I.1"]["ready"]) == (
        "no_information",
        "No information",
        "",
    )
    assert rows["I.2"]["asked"] == "no"
    assert datetime.datetime.fromisoformat(rows["I.1"]["data_as_at"]).tzinfo == datetime.UTC


@pytest.mark.usefixtures("answered")
def test_each_citation_is_a_row_of_the_evidence_sheet(report, law):
    rows = rows_of_sheet(sheets_of(workbook(report()))["Evidence"])
    assert [(row["label"], row["evidence"], row["pinpoint"]) for row in rows] == [
        ("I.13", "E1", "articles 31 to 40"),
        ("II.49", "E1", ""),
    ]
    assert {(row["title"], row["kind_name"], row["sha256"], row["file_name"]) for row in rows} == {
        ("Law No. 17 of 2022", "Law", law.file.sha256, "law-17.txt")
    }


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_what_a_state_wrote_never_comes_alive(text, say, report):
    say("I.13", measures=text, lead_institution=text)
    found = report()
    of_csv = in_csv(found)
    assert (of_csv["measures"], of_csv["lead_institution"]) == (mark_as_text(text), mark_as_text(text))
    assert (of_csv["measures"][0], remove_mark(of_csv["measures"])) == ("'", text)
    of_sheet = in_sheet(found)
    assert (of_sheet["measures"], of_sheet["lead_institution"]) == (text, text)
    assert formulas_and_links(found) == []


def formulas_and_links(report) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(workbook(report))) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels"))]
    return [
        found for part in parts for found in re.findall(r"<f[ >].*?</f>|<hyperlink[ >]|TargetMode=\"External\"", part)
    ]


def test_nor_where_a_spreadsheet_splits_by_semicolons(say, report):
    """It does not know the quotes by their comma: each line of a cell begins a row, each semicolon another cell."""
    say("I.13", measures="First;=1+1\n=cmd|'/c calc'!A1\n- a point\n\nLast", lead_institution="x;@SUM(A1)")
    cells = [cell for row in report_csv(report()).split("\r\n") for cell in re.split("[;\n]", row)]
    assert [cell for cell in cells if cell.startswith(tuple("=+-@"))] == []
    assert "'=cmd|'/c calc'!A1" in cells


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_script_is_right_in_every_form(desk, language, say, report):
    words = SCRIPTS[language]
    say("I.13", measures=words, language=language)
    found = report()
    assert in_csv(found)["measures"] == words
    assert in_sheet(found)["measures"] == words
    page = desk.get(reverse("report", args=["XAA"], query={"show": "all"})).content.decode()
    assert f'<dd lang="{language}" dir="auto">{words}</dd>' in page


def test_what_a_cell_cannot_hold_is_cut_and_says_so_and_the_csv_has_it_whole(say, report):
    long = "\N{MUSICAL SYMBOL G CLEF}" * 20_000  # each of two UTF-16 units, in which a cell is measured
    say("I.13", measures=long)
    found = report()
    cell = in_sheet(found)["measures"]
    assert cell.startswith(
        "[Shortened: a cell holds at most 32,767 characters. The whole text is in the CSV file and on the page.]"
    )
    assert 32_766 <= len(cell.encode("utf-16-le")) / 2 <= 32_767
    assert in_csv(found)["measures"] == long


def test_every_form_carries_the_statements(desk, report):
    found = report()
    page = desk.get(reverse("report", args=["XAA"], query={"show": "all"})).content.decode()
    about = [row[0] for row in sheets_of(workbook(found))["About"]]
    assert about == found.statements
    assert rows_of_csv(report_csv(found))[0]["notice"] == " ".join(found.statements)
    for words in (
        "Self-reported by States; not verified by the Secretariat.",
        "“Shall” and “should” describe wording, not a legal obligation.",
        "do not imply the expression of any opinion whatsoever",
        "“Recommendations adopted by the Working Group on Trafficking in Persons at its first eight meetings”, "
        "7 August 2019",
    ):
        assert words in " ".join(about)
        assert words in page


def test_removed_information_is_mentioned_and_not_shown(desk, say, law, report, xaa, alice):
    say("I.13", measures="Ms Quetzal was helped.", citations=[(law, "")])
    decider = make_person("ali", Role.FOCAL_POINT, xaa)
    withdrawal = request_withdrawal(respondent=xaa, by=alice, words="Quetzal", files=[], reason="name")
    confirm_withdrawal(pk=withdrawal.pk, by=decider)
    page = desk.get(reverse("report", args=["XAA"], query={"show": "all"})).content.decode()
    assert "Information that identified a victim was removed from this answer." in page
    assert "Quetzal" not in page
    row = in_csv(report())
    assert (row["measures"], row["words_withdrawn"]) == ("", "yes")


def test_headers_are_those_of_the_documentation(settings):
    documented = (settings.BASE_DIR / "docs" / "reference" / "report-columns.md").read_text()
    sections = re.split(r"^## ", documented, flags=re.M)
    for name in FILE_TABLES:
        section = next(section for section in sections if section.startswith(name.capitalize()))
        assert re.findall(r"^\| `(\w+)`", section, re.M) == headers(name)
