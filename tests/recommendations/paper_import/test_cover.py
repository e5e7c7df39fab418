"""The front page of a document as issued says what the paper is."""

import datetime
import time

import pytest

from recommendations.models import PaperImport
from recommendations.outline.source import PrintedPart, Run, SourceParagraph
from recommendations.paper_import.cover import DETAILS, FirstPage, read_first_page
from recommendations.paper_import.reading import read_rows


def page_of(*texts: str, part: PrintedPart = PrintedPart.BODY) -> FirstPage:
    return read_first_page([SourceParagraph([Run(text)], part=part) for text in texts])


def cover_of(*texts: str, part: PrintedPart = PrintedPart.BODY) -> PaperImport:
    """Return a draft with the details that its first page says."""
    draft = PaperImport()
    page_of(*texts, part=part).complete(draft)
    return draft


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("United Nations CTOC/COP/WG.4/2031/6", "CTOC/COP/WG.4/2031/6"),
        ("A/RES/55/25", "A/RES/55/25"),
        ("CTOC/COP/2008/19/Add.1", "CTOC/COP/2008/19/Add.1"),
        ("CTOC/COP/WG.4/2031/L.3/Rev.1", "CTOC/COP/WG.4/2031/L.3/Rev.1"),
        ("CTOC/COP/WG.4/2031/CRP.2", "CTOC/COP/WG.4/2031/CRP.2"),
        ("V.31-01234 1/1", ""),
        ("and/or 3/4", ""),
    ],
)
def test_a_symbol_has_letters_and_a_number_at_its_end(text, symbol):
    assert cover_of(text).paper_symbol == symbol


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20 May 2031", datetime.date(2031, 5, 20)),
        ("Distr.: General 1 July 2031", datetime.date(2031, 7, 1)),
        ("Vienna, 13–15 May 2031", None),
        ("31 June 2031", None),
    ],
)
def test_the_issue_date_is_read_with_or_without_the_distribution(text, day):
    assert cover_of(text).paper_date == day


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Report on the meeting held in Vienna", "report"),
        ("Decision adopted by the Conference", "decision"),
        ("Resolution adopted by the Conference", "resolution"),
        ("Recommendations of the Working Group", ""),
    ],
)
def test_the_title_is_the_last_before_the_contents(title, kind):
    found = cover_of("Adoption of the report", title, "Contents", "Report of somebody")
    assert (found.paper_title, found.paper_kind) == (title, kind)


@pytest.mark.parametrize("after", [("Trafficking in Persons",), ()])
def test_a_title_that_may_go_on_is_not_suggested(after):
    assert cover_of("Report on the meeting of", *after, "I. Introduction").paper_title == (
        "" if after else "Report on the meeting of"
    )


def test_the_meeting_has_its_number_in_words_and_its_place_on_a_line():
    meeting = page_of("Fifteenth session", "Vienna, 14–18 October 2030").meeting
    assert meeting is not None
    assert (meeting.roman, meeting.heading) == ("XV", "XV. Fifteenth session, Vienna, 14–18 October 2030")
    assert page_of("Working Group", "Vienna, 14–18 October 2030").meeting is None
    assert page_of("Fifteenth session").meeting is None


def test_a_symbol_or_a_heading_is_never_too_long_for_the_catalogue():
    assert len(cover_of(f"{'A/' * 100}1").paper_symbol) == 100
    assert page_of("Ninth meeting", f"{'V' * 101}, 9 September 2019").meeting is None


def test_a_symbol_in_a_text_is_not_that_of_the_paper():
    found = cover_of("1. See CTOC/COP/2008/19.")
    assert {getattr(found, name) for name in DETAILS} == {"", None}


def test_a_running_head_has_the_symbol_of_the_paper():
    assert cover_of("CTOC/COP/2008/19", part=PrintedPart.PRINT_MARK).paper_symbol == "CTOC/COP/2008/19"
    assert cover_of("CTOC/COP/2008/19", part=PrintedPart.FOOTNOTE).paper_symbol == ""


def test_a_meeting_is_read_from_a_title_with_its_place():
    title = "Report on the seventeenth meeting, held in Vienna from 24 to 25 June 2025"
    meeting = page_of(title).meeting
    assert meeting is not None
    assert meeting.heading == "XVII. Seventeenth meeting, Vienna, 24 to 25 June 2025"


@pytest.mark.parametrize(
    ("words", "is_there"),
    [
        ("Working Group on Trafficking in Persons", True),
        ("WORKING GROUP on trafficking in persons", True),
        ("Working Group on Trafficking in Persons: report", True),
        ("Group on Trafficking in Person", False),
        ("Trafficking in Persons Working Group", False),
        ("Traf\N{SOFT HYPHEN}ficking in Persons", True),
        ("Traf f icking in Persons", False),
    ],
)
def test_words_are_there_whatever_the_lines_capitals_and_marks(words, is_there):
    page = page_of("Working Group on", "Tra\N{LATIN SMALL LIGATURE FF}icking in Persons¹", "Report")
    assert page.has(words) is is_there


@pytest.mark.parametrize(
    ("printed", "is_there"),
    [
        ("CTOC/COP/2019/6", True),
        ("United Nations CTOC/COP/2019/6.", True),
        ("CTOC/COP/2019/61", False),
        ("CTOC/COP/2019/6/Add.1", False),
        ("CTOC/COP/2019/L.6", False),
        ("X/CTOC/COP/2019/6", False),
    ],
)
def test_a_symbol_is_no_part_of_a_longer_one(printed, is_there):
    assert page_of(printed).has_symbol("CTOC/COP/2019/6") is is_there


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The Working Group adopted the recommendations of the meeting.", "en"),
        ("Le Groupe de travail a adopté les recommandations des États et des experts.", "fr"),
        ("El Grupo de Trabajo aprobó las recomendaciones de los Estados.", "es"),
        ("Рабочая группа приняла рекомендации.", "ru"),
        ("اعتمد الفريق العامل التوصيات.", "ar"),
        ("工作组通过了以下建议。", "zh"),
        ("12 34", ""),
    ],
)
def test_the_language_is_that_of_most_words(text, language):
    assert page_of("United Nations", text).language == language
    assert cover_of(text).language == (language or "en")


@pytest.mark.parametrize("piece", ["A/", "A/1/", "A.A/", "first meeting, ", "Vienna, 1 May ", "a "])
def test_however_long_a_line_is_it_is_read_quickly(piece):
    began = time.process_time()

    cover_of(*[piece * 100_000] * 40)

    assert time.process_time() - began < 5


def test_a_running_head_of_other_pages_is_not_on_the_first_page():
    heads = [SourceParagraph([Run("Report of the Group")], part=PrintedPart.PRINT_MARK, page=page) for page in (2, 3)]
    body = [SourceParagraph([Run(words)], page=1) for words in ("CTOC/COP/WG.4/2031/6", "20 May 2031")]
    rows, _meetings = read_rows([*heads, *body], "", [])

    assert FirstPage.read(rows).texts == ["CTOC/COP/WG.4/2031/6", "20 May 2031"]
