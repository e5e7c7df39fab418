"""Headings, labels and footnote marks of papers are read, or refused."""

from datetime import date

import pytest

from recommendations.paper_import.notation import (
    LabelParts,
    PaperError,
    ParsedFootnote,
    add_footnotes,
    label_order,
    parse_footnotes,
    parse_heading,
    parse_label,
    remove_marks,
    split_footnotes,
    write_label,
)

# Headings


@pytest.mark.parametrize(
    "days, starts, ends",
    [
        ("1 July 2020", date(2020, 7, 1), date(2020, 7, 1)),
        ("9\N{EN DASH}11 September 2019", date(2019, 9, 9), date(2019, 9, 11)),
        ("30 June and 1 July 2020", date(2020, 6, 30), date(2020, 7, 1)),
        ("30 December 2020 to 2 January 2021", date(2020, 12, 30), date(2021, 1, 2)),
    ],
)
def test_days_of_a_meeting(days, starts, ends):
    meeting = parse_heading(f"IX. Ninth meeting, Vienna, {days}")

    assert (meeting.roman, meeting.number, meeting.place, meeting.starts, meeting.ends) == (
        "IX",
        9,
        "Vienna",
        starts,
        ends,
    )


@pytest.mark.parametrize(
    "heading",
    [
        "IX. Ninth meeting, Vienna, 31 June 2019",
        "IX. Ninth meeting, Vienna, 9 to 8 June 2019",
        "IX. Ninth meeting, Vienna, some day in June",
        "IIX. Ninth meeting, Vienna, 8 June 2019",
        "1. States should act.",
    ],
)
def test_what_is_no_heading(heading):
    assert parse_heading(heading) is None


def test_links_and_italics_go_and_other_asterisks_stay():
    text = "*States* [should](#) act, *inter alia*, in 2*3 ways*."
    assert remove_marks(text) == "States should act, inter alia, in 2*3 ways*."


# Labels and footnotes


@pytest.mark.parametrize(
    "label, place",
    [
        ("III", LabelParts(3, None, (), None, "", "III", "")),
        ("II.44", LabelParts(2, "44", (), None, "44", "II", "44")),
        ("II.24(b)", LabelParts(2, "24", ("b",), "II.24", "(b)", "II", "24(b)")),
        ("IV.46(i)(ii)", LabelParts(4, "46", ("i", "ii"), "IV.46(i)", "(ii)", "IV", "46(i)(ii)")),
        ("IX.12(b)(ii)(A)", LabelParts(9, "12", ("b", "ii", "A"), "IX.12(b)(ii)", "(A)", "IX", "12(b)(ii)(A)")),
        ("X.3 bis", LabelParts(10, "3 bis", (), None, "3 bis", "X", "3 bis")),
        ("X.3 bis(a)", LabelParts(10, "3 bis", ("a",), "X.3 bis", "(a)", "X", "3 bis(a)")),
        ("X.3(a bis)(ii)", LabelParts(10, "3", ("a bis", "ii"), "X.3(a bis)", "(ii)", "X", "3(a bis)(ii)")),
        ("IX.2.2 bis(1)", LabelParts(9, "2.2 bis", ("1",), "IX.2.2 bis", "(1)", "IX", "2.2 bis(1)")),
        ("Decision 3/1", LabelParts(3, "3/1", (), None, "3/1", "Decision 3/1", "")),
        ("Decision 3/1.2(b)", LabelParts(3, "2", ("b",), "Decision 3/1.2", "(b)", "Decision 3/1", "2(b)")),
        ("Decision 3/1(b)(i)", LabelParts(3, "3/1", ("b", "i"), "Decision 3/1(b)", "(i)", "Decision 3/1", "(b)(i)")),
        ("Resolution 12/4.3(a)", LabelParts(12, "3", ("a",), "Resolution 12/4.3", "(a)", "Resolution 12/4", "3(a)")),
    ],
)
def test_a_label_gives_the_place_of_a_text(label, place):
    assert parse_label(label) == place


@pytest.mark.parametrize(
    "said",
    [
        "",
        "II.",
        "II.0",
        "II.44.",
        "44",
        "ii.44",
        "IIX.1",
        "II.1(Aa)",
        "II.1(a)(i)(A)(1)",
        "II.1.0",
        "II.1.2.3.4.5",
        "II.1 (a)",
        "II(a)",
        "X.3(bis)",
        "X.3 foo",
        "Decision 3",
        "Decision 3/1(a)(i)(A)(1)",
        "Resolution 12",
        "resolution 12/4",
        "XXXVIII.100 quinquies(xx quater)(xx quater)",
    ],
)
def test_what_is_no_label(said):
    assert parse_label(said) is None


@pytest.mark.parametrize(
    "typed, label",
    [
        ("IX.12 (b)", "IX.12(b)"),
        (" IX. 12  (b) ( ii )(A)", "IX.12(b)(ii)(A)"),
        ("12 (b)", "IX.12(b)"),
        ("2.2bis", "IX.2.2 bis"),
        ("2.2 bis (a)", "IX.2.2 bis(a)"),
        ("3(abis)", "IX.3(a bis)"),
        ("Resolution 12 / 4.3 (a)", "Resolution 12/4.3(a)"),
        ("III", "III"),
        ("IX.12 to 14", "IX.12 to 14"),
    ],
)
def test_a_label_is_written_with_its_spaces_as_it_is_stored(typed, label):
    assert write_label(typed, "IX") == label


def test_labels_are_in_the_order_of_a_document():
    labels = [
        *("IX", "IX.2", "IX.2(a)", "IX.2(i)", "IX.2(z)", "IX.2(aa)", "IX.2(aa)(i)", "IX.2(aa)(ii)", "IX.2(aa)(ii)(A)"),
        *("IX.2(aa)(ii)(I)", "IX.2(aa)(iii)", "IX.2(aa)(v)", "IX.2(aa bis)", "IX.2.1", "IX.2.2", "IX.2.2 bis"),
        *("IX.2.3", "IX.2.10", "IX.2 bis", "IX.2 ter(a)", "IX.3", "Resolution 9/1", "Resolution 9/1.1"),
        *("Resolution 9/10.2", "Decision 9/1(b)", "Decision 9/1.1"),
    ]
    assert sorted(sorted(labels), key=label_order) == labels


def test_footnotes_are_marked_in_a_text_and_lifted_out_of_it_again():
    text = "States parties to the Convention against Crime as an initial step should ratify it."
    footnotes = (ParsedFootnote(1, "United Nations, Treaty Series, vol. 2237, No. 39574.", text.index(" as an")),)
    bodies = parse_footnotes("¹ United Nations, *Treaty Series*, vol. 2237, No. 39574.\n² *Ibid.*, vol. 2225.")

    shown = add_footnotes(text, footnotes)

    assert "Crime¹ as an initial step" in shown
    assert split_footnotes(shown, bodies) == (text, footnotes, ())
    assert split_footnotes("An area of 2 m²", bodies) == (
        "An area of 2 m",
        (ParsedFootnote(2, "Ibid., vol. 2225.", 14),),
        (),
    )
    assert split_footnotes("An area of 2 m³", bodies) == ("An area of 2 m³", (), (3,))


def test_a_loose_footnote_mark_leaves_no_double_space():
    text, footnotes, _alone = split_footnotes("States ¹ should act. ²", {1: "One.", 2: "Two."})
    assert text == "States should act."
    assert [footnote.offset for footnote in footnotes] == [len("States"), len("States should act.")]


def test_two_footnotes_at_one_place_stay_two():
    footnotes = (ParsedFootnote(1, "One.", 4), ParsedFootnote(2, "Two.", 4))

    assert add_footnotes("Act.", footnotes) == "Act.¹ ²"
    assert split_footnotes("Act.¹ ²", {1: "One.", 2: "Two."}) == ("Act.", footnotes, ())


@pytest.mark.parametrize("lines", ["A footnote.", "¹ One.\n¹ Again.", "1 One."])
def test_what_are_no_footnotes(lines):
    with pytest.raises(PaperError):
        parse_footnotes(lines)
