"""Lists of the Treaty Collection, of invented States."""

import pytest

from tracker.documents.exchange.treaty_list import plain_name, read_act, read_treaty_list

NO_SIGNATURES = "Participant\tAcceptance(A), Accession(a)\n"


@pytest.mark.parametrize(
    ("line", "acts"),
    [
        ("Arandia\xa0\t12 Dec 2000 \t21 Aug 2002", [("signature", "12 Dec 2000"), ("ratification", "21 Aug 2002")]),
        ("Arandia\t\t19 Sep 2017 a", [("accession", "19 Sep 2017")]),
        ("Arandia\t \t6 Sep 2006 AA", [("approval", "6 Sep 2006")]),
        ("Arandia\t\t6 Sep 2006 A", [("acceptance", "6 Sep 2006")]),
        ("Arandia\t\t6 Sep 2006 c", [("formal confirmation", "6 Sep 2006")]),
        ("Arandia\t13 Dec 2000\t", [("signature", "13 Dec 2000")]),
        ("Arandia\t14 Dec 2000 d\t23 Oct 2006 d", [("signature", "14 Dec 2000"), ("succession", "23 Oct 2006")]),
        ("Arandia 1, 2\t\t19 Sep 2017 (a)", [("accession", "19 Sep 2017")]),
        ("Arandia¹ ²\t13 Dec 2000", [("signature", "13 Dec 2000")]),
        ("Arandia [3]\t13 Dec 2000", [("signature", "13 Dec 2000")]),
        ('"Arandia",12 Dec 2000,21 Aug 2002', [("signature", "12 Dec 2000"), ("ratification", "21 Aug 2002")]),
        ("Arandia;;12 Dec 2000", [("ratification", "12 Dec 2000")]),
        ("Arandia ..... 12 Dec 2000   21 Aug 2002 A", [("signature", "12 Dec 2000"), ("acceptance", "21 Aug 2002")]),
        ("Arandia Accession(a) 19 Sep 2017", [("accession", "19 Sep 2017")]),
        ("Arandia\tSignature\t19 Sep 2017", [("signature", "19 Sep 2017")]),
        (NO_SIGNATURES + "Arandia\t19 Sep 2017", [("ratification", "19 Sep 2017")]),
    ],
)
def test_a_line_is_read_as_it_is_printed(line, acts):
    found = list(read_treaty_list(line))
    assert [(each.name, each.act, each.day) for each in found] == [("Arandia", *act) for act in acts]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("End Note", "No date was found. Correct the line or remove it."),
        ("Arandia 19 Sep 2017", "The act is not clear."),
        ("Arandia\t1 Jan 2000 a\t2 Jan 2001", "The act is not clear."),
        (NO_SIGNATURES + "Arandia\t1 Jan 2000\t2 Jan 2001", "The act is not clear."),
        ("Arandia\t1 Jan 2000\t2 Jan 2001\t3 Jan 2002", "Only a State and its dates were expected."),
        ("Arandia\t1 Jan 2000 withdrawn", "Only a State and its dates were expected."),
        ("12 Dec 2000\t21 Aug 2002", "Only a State and its dates were expected."),
    ],
)
def test_a_line_that_is_not_clear_is_no_act(line, problem):
    [found] = read_treaty_list(line)
    assert (found.line, str(found.problem).startswith(problem)) == (line.splitlines()[-1], True)


def test_names_keep_their_brackets_and_lines_their_numbers():
    text = "Participant\tSignature\tAccession(a)\n\nBelmara (Republic of) 4\t\t19 Sep 2017 a\n"
    assert [tuple(each) for each in read_treaty_list(text)] == [
        (3, "Belmara (Republic of)", "accession", "19 Sep 2017")
    ]


def test_an_act_is_read_by_name_or_letter():
    read = [read_act(typed) for typed in ("Accession(a)", "accession", "a", "(A)", "AA", "none", "king", "")]
    assert read == ["accession", "accession", "accession", "acceptance", "approval", "none", "king", ""]


def test_two_spellings_of_a_name_are_equal():
    spellings = ("Saint Émile’s (Republic of the)", "St. Emile's (Republic of)")
    assert [plain_name(name) for name in spellings] == ["saint emiles republic of"] * 2


def test_a_hostile_line_is_no_act():
    assert len(list(read_treaty_list("1 " * 400_000 + "12 Dec 2000"))) == 1
    assert len(list(read_treaty_list(("a 1, " * 50 + "12 Dec 2000 x\n") * 1_000))) == 1_000
