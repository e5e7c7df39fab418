"""The front page of a document as issued says what the paper is."""

import datetime
import time

import pytest

from recommendations.outline.source import PrintedPart, Run, SourceParagraph
from recommendations.paper_import.cover import DETAILS, Cover, read_cover


def cover_of(*texts: str, part: PrintedPart = PrintedPart.BODY) -> Cover:
    return read_cover([SourceParagraph([Run(text)], part=part) for text in texts])


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
    meeting = cover_of("Fifteenth session", "Vienna, 14–18 October 2030").meeting
    assert meeting is not None
    assert (meeting.roman, meeting.heading) == ("XV", "XV. Fifteenth session, Vienna, 14–18 October 2030")
    assert cover_of("Working Group", "Vienna, 14–18 October 2030").meeting is None
    assert cover_of("Fifteenth session").meeting is None


def test_a_paper_that_only_names_a_symbol_in_a_text_says_nothing():
    found = cover_of("1. See CTOC/COP/2008/19.")
    assert {getattr(found, name) for name in (*DETAILS, "meeting")} == {"", None}


def test_the_symbol_of_a_running_head_is_that_of_the_paper():
    assert cover_of("CTOC/COP/2008/19", part=PrintedPart.PRINT_MARK).paper_symbol == "CTOC/COP/2008/19"
    assert cover_of("CTOC/COP/2008/19", part=PrintedPart.FOOTNOTE).paper_symbol == ""


@pytest.mark.parametrize("piece", ["A/", "A/1/", "A.A/", "first meeting, ", "Vienna, 1 May ", "a "])
def test_however_long_a_line_is_it_is_read_quickly(piece):
    began = time.process_time()

    cover_of(*[piece * 100_000] * 40)

    assert time.process_time() - began < 5
