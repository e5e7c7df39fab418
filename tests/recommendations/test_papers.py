"""The paper behind each text: cited, linked in six languages, corrected, and in every file."""

import csv
import datetime
import io
import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from python_calamine import CalamineWorkbook

from recommendations import catalogue
from recommendations.catalogue_file import CATALOGUE_FIELDS, LONGEST, export_catalogue, read_catalogue_file
from recommendations.citations import cite_paper_in_footnote
from recommendations.models import Currency, Paper, Recommendation, TakenUp, Translation, document_links
from recommendations.paper_import.actions import save_paragraphs
from recommendations.spreadsheets import remove_mark
from recommendations.undo import correct_label
from tests.catalogue_events import actions_on
from tests.languages import another_language
from tests.pages import seen_at, words
from tests.papers import opened, published, taken_in
from tests.submissions import opened_round
from tests.verification import find_errors
from tracker.documents.report.state import state_report

pytestmark = pytest.mark.django_db

FIRST = "Recommendations adopted by the Working Group on Trafficking in Persons at its first eight meetings"
TENTH = """X. Tenth meeting, Vienna, 14 to 16 October 2020

A. Data

1. States parties should share data.
2. The Secretariat should compile good practices.
"""
REPORT = {
    "paper_symbol": "CTOC/COP/WG.4/2020/4",
    "paper_title": "Report on the meeting of the Working Group held in Vienna from 14 to 16 October 2020",
    "paper_date": datetime.date(2020, 11, 2),
}


@pytest.fixture
def tenth(dana) -> Paper:
    """The report of a tenth meeting, with paragraph 12 on page 7."""
    paper_import = taken_in(dana, TENTH, **REPORT)
    node = paper_import.paragraphs.get(label="X.1")
    save_paragraphs(paper_import=paper_import, changes={node.pk: (1, {"paragraph": "12", "page": 7})}, by=dana)
    published(paper_import, dana)
    return Paper.objects.get(symbol="CTOC/COP/WG.4/2020/4")


def test_each_text_has_its_paper_and_its_paragraph(unit):
    paper = Paper.objects.get()
    assert (paper.symbol, paper.title, paper.date, paper.kind) == (
        "",  # the paper does not print one
        FIRST,
        datetime.date(2019, 8, 7),
        "consolidated_record",
    )
    assert paper.texts.count() == 317
    places = {label: (unit(label).paragraph, unit(label).page) for label in ("I.1", "IV.46(i)(ii)", "III")}
    assert places == {"I.1": ("1", None), "IV.46(i)(ii)": ("46(i)(ii)", None), "III": ("", None)}


def test_a_document_has_a_stable_address_in_each_official_language():
    assert document_links("A/RES/55/25") == [
        ("ar", "العربية", "https://docs.un.org/ar/A/RES/55/25"),
        ("zh", "中文", "https://docs.un.org/zh/A/RES/55/25"),
        ("en", "English", "https://docs.un.org/en/A/RES/55/25"),
        ("fr", "Français", "https://docs.un.org/fr/A/RES/55/25"),
        ("ru", "Русский", "https://docs.un.org/ru/A/RES/55/25"),
        ("es", "Español", "https://docs.un.org/es/A/RES/55/25"),
    ]
    assert document_links("") == []
    assert [code for code, _name, _url in Paper(symbol="A/1", languages=["fr", "en"]).links] == ["en", "fr"]
    assert Paper(symbol='A/1" onclick="').links[0][2] == "https://docs.un.org/ar/A/1%22%20onclick%3D%22"


# A text of another paper


def test_publication_makes_the_paper_of_its_texts(dana, tenth):
    assert (tenth.title, tenth.date, tenth.kind, tenth.languages) == (
        REPORT["paper_title"],
        datetime.date(2020, 11, 2),
        "report",
        ["ar", "zh", "en", "fr", "ru", "es"],
    )
    assert [(node.label, node.paragraph, node.page) for node in tenth.texts.all()] == [
        ("X.1", "12", 7),
        ("X.2", "2", None),
    ]
    assert [action for action, _actor in actions_on(tenth)] == ["paper published"]
    assert list(find_errors()) == []


def test_another_import_of_the_same_paper_adds_to_it(dana, tenth):
    again = taken_in(dana, f"{TENTH}3. States parties should train judges.\n", **REPORT | {"paper_title": "Other"})
    published(again, dana)
    assert Paper.objects.count() == 2
    assert [node.label for node in tenth.texts.all()] == ["X.1", "X.2", "X.3"]


def test_a_text_is_cited_with_its_own_paper(client, unit, tenth):
    page = words(client.get(unit("X.1").get_absolute_url()))
    assert (
        "Working Group on Trafficking in Persons, Tenth meeting (Vienna, 14 to 16 October 2020), recommendation X.1, "
        "in “Report on the meeting of the Working Group held in Vienna from 14 to 16 October 2020”, 2 November 2020. "
        "Document CTOC/COP/WG.4/2020/4, paragraph 12, page 7."
    ) in page
    assert "first eight meetings" not in page
    assert "Official document · العربية · 中文 · English · Français · Русский · Español" in page
    assert "Document CTOC/COP/WG.4/2020/4, paragraph 2." in words(client.get(unit("X.2").get_absolute_url()))
    assert f"recommendation I.1, in “{FIRST}”, 7 August 2019." in words(client.get(unit("I.1").get_absolute_url()))


def test_pages_for_everybody_count_all_meetings_and_name_all_papers(client, tenth):
    for path in ("/", "/about/"):
        page = words(client.get(path))
        assert f"Source · {FIRST} · 7 August 2019" in page
        assert f"Source · {REPORT['paper_title']} · CTOC/COP/WG.4/2020/4 · 2 November 2020" in page
    assert "Working Group on Trafficking in Persons: 9 meetings, 2009 to 2020." in words(client.get("/"))


def test_a_footnote_of_the_progress_report_names_what_kind_of_paper_it_is(tenth):
    assert [cite_paper_in_footnote(paper) for paper in Paper.objects.all()] == [
        f"Working Group on Trafficking in Persons, “{FIRST}”, background paper prepared by the Secretariat, 7 August "
        "2019.",
        f"Working Group on Trafficking in Persons, “{REPORT['paper_title']}”, 2 November 2020. "
        "Document CTOC/COP/WG.4/2020/4.",
    ]


def test_the_statements_of_a_file_name_the_paper_of_each_text(xaa, alice, bob, dana, tenth):
    opened(tenth, bob, dana)
    sources = [
        f"Source of the recommendations: Working Group on Trafficking in Persons, “{FIRST}”, 7 August 2019.",
        f"Source of the recommendations: Working Group on Trafficking in Persons, “{REPORT['paper_title']}”, "
        "2 November 2020. Document CTOC/COP/WG.4/2020/4.",
    ]
    assert state_report(xaa, alice).statements[-2:] == sources


def test_a_round_over_one_paper_names_only_this_paper(desk, bob, dana, xaa, tenth):
    opened(tenth, bob, dana)
    opened_round(bob, meetings=[10])
    rows = csv.DictReader(io.StringIO(desk.get(reverse("report_csv", args=["XAA"])).text.lstrip("\ufeff")))
    papers = {row["label"]: (row["paper_symbol"], row["paper_date"], row["paragraph"]) for row in rows}
    assert papers["X.1"] == ("CTOC/COP/WG.4/2020/4", "2020-11-02", "12")
    assert papers["I.13"] == ("", "2019-08-07", "13")


# Curators


def test_a_curator_corrects_a_paper(curator, dana, unit, tenth):
    page = reverse("admin:recommendations_paper_change", args=[tenth.pk])
    typed = {"symbol": "CTOC/COP/WG.4/2020/5", "title": "Report", "date": "3 November 2020", "kind": "report"}
    typed |= {"languages": ["en", "fr"]} | seen_at(curator, page)
    assert curator.post(page, typed).status_code == 302
    assert "Document CTOC/COP/WG.4/2020/5, paragraph 12, page 7." in words(curator.get(unit("X.1").get_absolute_url()))
    assert "Official document · English · Français" in words(curator.get(unit("X.1").get_absolute_url()))
    assert actions_on(tenth)[0] == ("catalogue entry changed", dana)
    history = words(curator.get(reverse("admin:recommendations_paper_history", args=[tenth.pk])))
    assert "Français" in history
    assert curator.post(page, typed | {"languages": ["de"]}).status_code == 200
    assert list(find_errors()) == []


def test_a_paper_with_texts_is_not_deleted_and_its_symbol_is_its_own(curator, tenth):
    assert curator.post(
        reverse("admin:recommendations_paper_delete", args=[tenth.pk]), {"post": "yes"}
    ).status_code in (
        200,
        403,
    )
    assert Paper.objects.filter(pk=tenth.pk).exists()
    other = Paper(body=tenth.body, symbol=tenth.symbol, title="Another", date=tenth.date, kind="report")
    with pytest.raises(ValidationError):
        other.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()


# The files


@pytest.fixture
def everything_recorded(dana, unit, tenth):
    decided = {"symbol": "INVENTED/9/1", "date": datetime.date(2021, 5, 6)}
    for entry in (
        Currency(recommendation=unit("I.7"), kind="adoption", words="endorsed", **decided),
        Currency(recommendation=unit("II.44"), kind="replacement", words="shall replace", **decided),
        TakenUp(topic=unit("IV.45(k)"), at="Ninth meeting", what="Item 4", **decided),
        Translation(wording=unit("X.1").current_wording, language="fr", text="Les États…", source="A/FR"),
    ):
        catalogue.save_instance(instance=entry, by=dana)
    catalogue.add_wording(recommendation=unit("X.1"), text="Another.", kind="new_wording", reason="Adopted.", by=dana)


def cells_of(row: dict) -> dict:
    return {name: remove_mark(cell) for name, cell in row.items()}


@pytest.mark.thorough
def test_the_files_hold_what_the_page_of_data_promises(client, dana, unit, everything_recorded):
    correct_label(text=unit("I.13"), label="I.13 bis", reason="Printed so.", by=dana)
    page = client.get("/data/").text
    table = page[page.index('id="catalogue"') : page.index('id="answers"')]
    promised = re.findall(r'<tr><th scope="row"><code>(\w+)</code></th>', table)
    assert promised == [field.name for field in CATALOGUE_FIELDS]
    assert set(re.findall(r'href="/recommendations/(catalogue\.\w+)"', table)) == {
        "catalogue.csv",
        "catalogue.json",
        "catalogue.xlsx",
    }
    entries = client.get(reverse("recommendations:json")).json()
    assert all(list(entry) == promised for entry in entries)
    assert json.loads(json.dumps(export_catalogue())) == entries
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("recommendations:csv")).text.lstrip("\ufeff"))))
    assert all(list(row) == promised for row in rows)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(reverse("recommendations:xlsx")).content))
    heads, *sheet = book.get_sheet_by_name("Catalogue").to_python()
    assert heads == promised
    assert [dict(zip(heads, cells, strict=True)) for cells in sheet] == [
        {name: cell[:LONGEST] for name, cell in cells_of(row).items()} for row in rows
    ]
    assert [name for name, _content in book.get_sheet_by_name("About").to_python()] == promised
    assert len(entries) == len(rows) == len(sheet) == 319
    without_value = {name for name in promised if not any(entry[name] for entry in entries)}
    assert without_value == {
        *("withdrawn_on", "merged_into", "recorded_actions", "withdrawal_reason"),
        *(f"{name}_{code}" for name in ("text", "source", "is_current") for code in ("ar", "zh", "ru", "es")),
        "is_current_fr",
    }


def test_the_file_has_everything_about_a_text(client, everything_recorded, settings):
    settings.SITE_URL = "https://tracker.example"
    entries = {entry["label"]: entry for entry in export_catalogue()}
    assert {
        name: entries["X.1"][name]
        for name in entries["X.1"]
        if re.match("paper|paragraph|page|address$|topic_heading", name)
    } == {
        "address": "https://tracker.example/recommendations/X-1/",
        "paper_symbol": "CTOC/COP/WG.4/2020/4",
        "paper_title": REPORT["paper_title"],
        "paper_date": "2020-11-02",
        "paper_kind": "report",
        "paragraph": "12",
        "page": 7,
        "topic_heading": "A. Data",
        "paper_links": {code: url for code, _name, url in document_links("CTOC/COP/WG.4/2020/4")},
    }
    assert (entries["X.1"]["text_fr"], entries["X.1"]["source_fr"]) == ("Les États…", "A/FR")
    assert entries["X.1"]["is_current_fr"] is False
    assert [(each["number"], each["text"]) for each in entries["X.1"]["wordings"]] == [
        (1, "States parties should share data."),
        (2, "Another."),
    ]
    decision = {"symbol": "INVENTED/9/1", "date": "2021-05-06"}
    assert entries["I.7(a)"]["adoption"] == [{"kind": "adoption", "words": "endorsed", **decision}]
    assert entries["II.44"]["replacement"] == [{"kind": "replacement", "words": "shall replace", **decision}]
    assert entries["IV.32"]["dates"] == [
        {"kind": "date", "words": "for publication in 2012", "symbol": None, "date": "2012-12-31"}
    ]
    assert entries["IV.45(k)"]["taken_up"] == [{"at": "Ninth meeting", "what": "Item 4", "link": None, **decision}]
    assert entries["II.8"]["references"] == [
        {
            "target": "I-16",
            "kind": "follows_up",
            "quote": "the recommendations contained in paragraph 17 of the report of the Working Group on its meeting "
            "held in Vienna on 14 and 15 April 2009",
            "confidence": "high",
        }
    ]
    assert {"family": "non-punishment", "kind": "full"}.items() <= entries["II.44"]["families"][0].items()
    assert (entries["I.11(b)"]["document_symbol"], entries["I.11(b)"]["document_place"]) == (
        "CTOC/COP/WG.4/2009/2",
        "paragraph 12",
    )
    assert entries["IV.46(c)"]["proposed_at"] == 3
    provisions = entries["II.44"]["provisions"]
    assert [set(each) for each in provisions] == [{"instrument", "article", "title", "reason"}] * len(provisions)
    assert entries["II.44"]["footnote_texts"][0]["text"].startswith("United Nations publication")
    assert entries["II.44"]["guidance"] == Recommendation.objects.get(label="II.44").guidance


def test_the_file_takes_as_many_queries_for_any_number_of_texts(client, tenth, django_assert_max_num_queries):
    with django_assert_max_num_queries(13):
        client.get(reverse("recommendations:json"))


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx"])
def test_a_file_is_made_once_until_the_catalogue_changes(client, dana, django_assert_num_queries, kind):
    address = reverse(f"recommendations:{kind}")
    first = client.get(address).content
    with django_assert_num_queries(2):  # the count of the network's files, and the stamp
        assert client.get(address).content == first
    topic = Recommendation.objects.get(label="IV.45(k)")
    taken_up = TakenUp(topic=topic, at="Ninth meeting", what="Item 4", symbol="INVENTED/9/1", date=REPORT["paper_date"])
    catalogue.save_instance(instance=taken_up, by=dana)
    assert client.get(address).content != first


def test_a_workbook_says_in_english_for_every_reader_what_it_has():
    def about() -> list:
        book = CalamineWorkbook.from_filelike(io.BytesIO(read_catalogue_file("xlsx")))
        return book.get_sheet_by_name("About").to_python()[0]

    assert about() == ["label", "Label, unique in its body"]
    with another_language():
        assert about() == ["label", "Label, unique in its body"]
