"""The official paper is read word for word; anything else is read, doubted or refused, never half-read."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.paper_import import notation
from recommendations.paper_import.notation import (
    LabelParts,
    ParsedFootnote,
    add_footnotes,
    parse_footnotes,
    parse_label,
    split_footnotes,
)
from tests.paper_parser import Doubt, DoubtKind, PaperError, PaperProblem, ParsedKind, parse_paper
from tests.thorough import times

FIXTURES = Path(__file__).parents[3] / "fixtures"
PAPER = (FIXTURES / "CTOC-COP-WG.4-recommendations-2009-2018.txt").read_text(encoding="utf-8")
DOCUMENT = parse_paper(PAPER)
NODES = {node.label: node for node in DOCUMENT.nodes}
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
HEADING = "IX. Ninth meeting, Vienna, 9 to 11 September 2019"


def bare(line: str) -> str:
    """A printed line without list dash, italics, link syntax and footnote marks, by plain replacement."""
    for mark in ("*", "](#)", "[", *SUPERSCRIPTS):
        line = line.replace(mark, "")
    return line.strip().removeprefix("- ")


def print_node(node) -> str:
    if node.kind == ParsedKind.NOTE:
        return node.text
    number = node.marker if node.parent else f"{node.marker}."
    return f"{number} {node.text}"


# The paper of the first eight meetings


def test_the_paper_has_317_nodes():
    kinds = [node.kind for node in DOCUMENT.nodes]

    assert len(NODES) == len(kinds) == 317
    assert [kinds.count(kind) for kind in (ParsedKind.CHAPEAU, ParsedKind.RECOMMENDATION, ParsedKind.NOTE)] == [
        21,
        295,
        1,
    ]
    assert DOCUMENT.doubts == ()


def test_headings_nodes_and_footnotes_are_the_whole_body_word_for_word():
    start = PAPER.index("I. First meeting")
    lines = [line for line in PAPER[start:].splitlines() if line]
    body = [bare(line) for line in lines if line[0] not in SUPERSCRIPTS]
    footnotes = [bare(line) for line in lines if line[0] in SUPERSCRIPTS]

    found = []
    for meeting in DOCUMENT.meetings:
        found.append(meeting.heading)
        found += [print_node(node) for node in DOCUMENT.nodes if node.meeting == meeting.number]

    assert " ".join(found).split() == " ".join(body).split()
    assert [footnote.text for footnote in DOCUMENT.footnotes] == footnotes


def test_the_cover_is_kept_whole():
    cover = PAPER[: PAPER.index("I. First meeting")].replace("[", "").replace("](#)", "")

    assert " ".join(DOCUMENT.cover).split() == cover.split()
    assert DOCUMENT.title == (
        "Recommendations adopted by the Working Group on Trafficking in Persons at its first eight meetings"
    )


def test_no_text_holds_marks_of_printing():
    texts = [node.text for node in DOCUMENT.nodes] + [footnote.text for footnote in DOCUMENT.footnotes]

    assert [text for text in texts if set(text) & set(f"*[]{SUPERSCRIPTS}\n") or "  " in text or not text] == []


def test_meetings_have_place_and_days():
    days = [(meeting.roman, meeting.number, meeting.starts, meeting.ends) for meeting in DOCUMENT.meetings]

    assert days == [
        ("I", 1, date(2009, 4, 14), date(2009, 4, 15)),
        ("II", 2, date(2010, 1, 27), date(2010, 1, 29)),
        ("III", 3, date(2010, 10, 19), date(2010, 10, 19)),
        ("IV", 4, date(2011, 10, 10), date(2011, 10, 12)),
        ("V", 5, date(2013, 11, 6), date(2013, 11, 8)),
        ("VI", 6, date(2015, 11, 16), date(2015, 11, 18)),
        ("VII", 7, date(2017, 9, 6), date(2017, 9, 8)),
        ("VIII", 8, date(2018, 7, 2), date(2018, 7, 3)),
    ]
    assert {meeting.place for meeting in DOCUMENT.meetings} == {"Vienna"}
    assert DOCUMENT.meetings[3].heading == "IV. Fourth meeting, Vienna, 10 to 12 October 2011"


@pytest.mark.parametrize(
    "label, across",
    [
        ("II.24(b)", "abuse of a position of vulnerability"),
        ("II.37", "to ensure their supply chains"),
        ("IV.46(b)", "and, in particular, to ensure"),
        ("V.13", "and supported by cooperation at the regional"),
        ("VI.12", "responsible for, among others, justice"),
        ("VII.2(d)", "in collaboration with the diplomatic representation"),
        ("VIII.1(o)", "measures are in place to address"),
    ],
)
def test_a_paragraph_cut_by_a_page_break_is_joined(label, across):
    assert across in NODES[label].text


def test_romans_stand_beneath_two_letters_of_iv_46_only():
    romans = [label for label in NODES if label.count("(") == 2]

    assert romans == [f"IV.46(i)({roman})" for roman in ("i", "ii", "iii")] + [
        f"IV.46(j)({roman})" for roman in ("i", "ii", "iii", "iv", "v", "vi")
    ]
    assert {NODES[label].parent for label in romans} == {"IV.46(i)", "IV.46(j)"}
    assert NODES["IV.46(i)"].parent == "IV.46"


@pytest.mark.parametrize("label", ["IV.45(i)", "VII.1(i)", "VII.2(i)", "VIII.1(i)"])
def test_elsewhere_i_is_a_letter(label):
    assert NODES[label].parent == label.removesuffix("(i)")
    assert NODES[label].kind == ParsedKind.RECOMMENDATION


def test_equal_chapeaux_stay_apart():
    assert NODES["VII.1"].text == NODES["VII.2"].text
    assert NODES["VIII.1"].text == NODES["VIII.2"].text == "States parties should:"
    assert sum(node.parent == "VII.1" for node in DOCUMENT.nodes) == 10
    assert sum(node.parent == "VIII.1" for node in DOCUMENT.nodes) == 17


def test_footnotes_stay_with_their_node_where_their_mark_stood():
    stood = {
        (node.label, footnote.number): node.text[: footnote.offset].split()[-1]
        for node in DOCUMENT.nodes
        for footnote in node.footnotes
    }

    assert stood == {
        ("I.2", 1): "Crime",
        ("I.2", 2): "Crime",
        ("II.1", 3): "Rights,",
        ("II.44", 4): "Persons",
        ("II.46", 5): "victimization.",
    }
    assert NODES["I.2"].footnotes[0].text == "United Nations, Treaty Series, vol. 2237, No. 39574."
    assert NODES["II.46"].footnotes[0].text.startswith("In accordance with the UNODC Model Law")


def test_the_note_of_meeting_iii_has_no_number():
    note = NODES["III"]

    assert (note.kind, note.marker, note.parent) == (ParsedKind.NOTE, "", None)
    assert note.text.endswith("held from 10 to 12 October 2011.")


def test_punctuation_is_as_adopted():
    assert NODES["II.44"].text.startswith("States parties should ensure that, provisions for")
    assert "on the victim developing guidelines" in NODES["V.8"].text
    assert NODES["IV.46(i)(iii)"].text.endswith("as a result of a criminal offence;")
    assert "causes, trends and modi operandi, with" in NODES["IV.2"].text
    assert NODES["IV.45(g)"].text.endswith("General Assembly resolution 64/293;")


# Other papers


def paper(*lines: str) -> str:
    return "\n".join([HEADING, "", *lines])


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
    [meeting] = parse_paper(f"IX. Ninth meeting, Vienna, {days}").meetings

    assert (meeting.starts, meeting.ends) == (starts, ends)


@pytest.mark.parametrize(
    "text, problem, line",
    [
        ("", PaperProblem.NO_MEETING, 1),
        ("1. States should act.", PaperProblem.NO_MEETING, 1),
        ("IX. Ninth meeting, Vienna, 31 June 2019", PaperProblem.DATES, 1),
        ("IX. Ninth meeting, Vienna, 9 to 8 June 2019", PaperProblem.DATES, 1),
        ("IX. Ninth meeting, Vienna, some day in June", PaperProblem.DATES, 1),
        ("IIX. Ninth meeting, Vienna, 8 June 2019", PaperProblem.ORDER, 1),
        (paper("1. One.", HEADING), PaperProblem.ORDER, 4),
        (paper("1. One.", "1. One again."), PaperProblem.ORDER, 4),
        (paper("2. Two.", "1. One."), PaperProblem.ORDER, 4),
        (paper("1. States should:", "(a) Act;", "(a) Act again."), PaperProblem.ORDER, 5),
        (paper("(a) Act."), PaperProblem.NOTHING_ABOVE, 3),
        (paper("A note.", "(a) Act."), PaperProblem.NOTHING_ABOVE, 4),
        (paper("1. States should:", "(ii) Act."), PaperProblem.NOTHING_ABOVE, 4),
        (paper("1. [ ](#)"), PaperProblem.EMPTY, 3),
        (paper("1. One.", "", "¹ A footnote."), PaperProblem.FOOTNOTE_ALONE, 5),
        (paper("1. One.¹", "", "¹ A footnote.", "", "¹ Another."), PaperProblem.FOOTNOTE_TWICE, 7),
        (paper("1. One\x00."), PaperProblem.NOT_TEXT, 3),
    ],
)
def test_a_paper_that_cannot_be_read_is_refused_with_reason_and_line(text, problem, line):
    with pytest.raises(PaperError) as refused:
        parse_paper(text)

    assert (refused.value.problem, refused.value.line) == (problem, line)
    assert str(refused.value) == f"line {line}: {problem}"


@pytest.mark.parametrize(
    "lines, doubt",
    [
        (["1. One.", "3. Three."], Doubt(4, "IX.3", DoubtKind.GAP)),
        (["1. States should:", "(a) Act;", "(c) Act."], Doubt(5, "IX.1(c)", DoubtKind.GAP)),
        (["1. One.", "", "Two."], Doubt(5, "IX.1", DoubtKind.JOINED)),
        (["1. One, and", "", "Two."], Doubt(5, "IX.1", DoubtKind.JOINED)),
        (["1. One m² of land."], Doubt(3, "IX.1", DoubtKind.MARK_ALONE)),
    ],
)
def test_what_deserves_a_look_is_a_doubt(lines, doubt):
    assert parse_paper(paper(*lines)).doubts == (doubt,)


@pytest.mark.parametrize(
    "end_of_h, label, doubts",
    [
        (";", "IX.1(i)", []),
        (":", "IX.1(h)(i)", []),
        ("", "IX.1(i)", [DoubtKind.LETTER_OR_ROMAN]),
    ],
)
def test_what_i_is_after_h_depends_on_the_end_of_h(end_of_h, label, doubts):
    letters = [f"({letter}) Act;" for letter in "abcdefg"]

    document = parse_paper(paper("1. States should:", *letters, f"(h) Act{end_of_h}", "(i) Act."))

    assert document.nodes[-1].label == label
    assert [doubt.question for doubt in document.doubts] == doubts


def test_what_v_is_after_u_iv_is_doubtful():
    letters = [f"({letter}) Act;" for letter in "abcdefghijklmnopqrst"]
    romans = [f"({roman}) Act;" for roman in ("i", "ii", "iii", "iv")]

    document = parse_paper(paper("1. States should:", *letters, "(u) Act:", *romans, "(v) Act."))

    assert document.nodes[-1].label == "IX.1(u)(v)"
    assert [doubt.question for doubt in document.doubts] == [DoubtKind.LETTER_OR_ROMAN]


def test_a_word_in_brackets_is_no_item():
    [node] = parse_paper(paper("1. States should act", "(that) is, together.")).nodes

    assert node.text == "States should act (that) is, together."


def test_lines_that_touch_are_one_paragraph_and_a_footnote_does_not_end_it():
    [node] = parse_paper(paper("1. States should¹", "act", "", "¹ A", "footnote.", "", "together", "now.")).nodes

    assert node.text == "States should act together now."
    assert node.footnotes == (ParsedFootnote(1, "A footnote.", len("States should")),)


def test_links_and_italics_go_and_other_asterisks_stay():
    [node] = parse_paper(paper("1. *States* [should ](#) act, *inter", "", "alia*, in 2*3 ways*.")).nodes

    assert node.text == "States should act, inter alia, in 2*3 ways*."


def test_a_loose_footnote_mark_leaves_no_double_space():
    [node] = parse_paper(paper("1. States ¹ should act. ²", "", "¹ One.", "", "² Two.")).nodes

    assert node.text == "States should act."
    assert [footnote.offset for footnote in node.footnotes] == [len("States"), len("States should act.")]


# Labels and footnotes


@pytest.mark.parametrize(
    "label, place",
    [
        ("III", LabelParts(3, None, (), None, "")),
        ("II.44", LabelParts(2, "44", (), None, "44")),
        ("II.24(b)", LabelParts(2, "24", ("b",), "II.24", "(b)")),
        ("IV.46(i)(ii)", LabelParts(4, "46", ("i", "ii"), "IV.46(i)", "(ii)")),
        ("X.3 bis", LabelParts(10, "3 bis", (), None, "3 bis")),
        ("X.3 bis(a)", LabelParts(10, "3 bis", ("a",), "X.3 bis", "(a)")),
        ("X.3(a bis)(ii)", LabelParts(10, "3", ("a bis", "ii"), "X.3(a bis)", "(ii)")),
        ("Decision 3/1", LabelParts(3, "3/1", (), None, "3/1")),
        ("Decision 3/1.2(b)", LabelParts(3, "2", ("b",), "Decision 3/1.2", "(b)")),
        ("Decision 3/1(b)(i)", LabelParts(3, "3/1", ("b", "i"), "Decision 3/1(b)", "(i)")),
    ],
)
def test_a_label_says_where_a_text_stands(label, place):
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
        "II.1(A)",
        "II.1(a)(i)(ii)",
        "II(a)",
        "X.3(bis)",
        "X.3 foo",
        "Decision 3",
        "X.3(iii quater)",
        "Decision 3/1(a)(i)(ii)",
        "XXXVIII.100 quater(xx quater)(xx quater)",
    ],
)
def test_what_is_no_label(said):
    assert parse_label(said) is None


def test_every_label_of_the_paper_says_its_parent_and_its_number():
    said = {label: parse_label(label) for label in NODES}

    assert {label: (place.meeting, place.parent, place.marker) for label, place in said.items()} == {
        label: (node.meeting, node.parent, node.marker) for label, node in NODES.items()
    }


def test_footnotes_are_marked_in_a_text_and_lifted_out_of_it_again():
    node = NODES["I.2"]
    bodies = parse_footnotes("¹ United Nations, *Treaty Series*, vol. 2237, No. 39574.\n² *Ibid.*, vol. 2225.")

    shown = add_footnotes(node.text, node.footnotes)

    assert "Crime¹ as an initial step" in shown
    assert "Crime² and the Trafficking" in shown
    assert split_footnotes(shown, bodies)[0] == node.text
    assert [(note.number, note.offset) for note in split_footnotes(shown, bodies)[1]] == [
        (note.number, note.offset) for note in node.footnotes
    ]
    assert split_footnotes("An area of 2 m²", bodies) == (
        "An area of 2 m",
        (ParsedFootnote(2, "Ibid., vol. 2225.", 14),),
        (),
    )
    assert split_footnotes("An area of 2 m³", bodies) == ("An area of 2 m³", (), (3,))


def test_two_footnotes_at_one_place_stay_two():
    footnotes = (ParsedFootnote(1, "One.", 4), ParsedFootnote(2, "Two.", 4))

    assert add_footnotes("Act.", footnotes) == "Act.¹ ²"
    assert split_footnotes("Act.¹ ²", {1: "One.", 2: "Two."}) == ("Act.", footnotes, ())


@pytest.mark.parametrize("lines", ["A footnote.", "¹ One.\n¹ Again.", "1 One."])
def test_what_are_no_footnotes(lines):
    with pytest.raises(notation.PaperError):
        parse_footnotes(lines)


# Any paper


@given(st.text() | st.text("IXVi.()12¹²-*[]#:; aé\n").map(lambda text: f"{HEADING}\n{text}"))
@settings(max_examples=times(75, 300))
def test_any_text_is_read_or_refused(text):
    try:
        document = parse_paper(text)
    except PaperError as refused:
        assert 1 <= refused.line <= max(1, len(text.splitlines()))
        return
    labels = [node.label for node in document.nodes]
    assert len(set(labels)) == len(labels)
    for position, node in enumerate(document.nodes):
        assert node.parent is None or node.parent in labels[:position]
        assert node.text == " ".join(node.text.split()) != ""
        assert [footnote for footnote in node.footnotes if footnote.offset > len(node.text)] == []


@given(st.data())
@settings(max_examples=times(75, 300))
def test_no_word_is_lost(data):
    """Whatever the order of the lines: what was read has the letters of what was printed."""
    line = st.sampled_from(["1. {}", "2. {}:", "(a) {};", "(b) {}", "(i) {}", " - (ii) {}", "{}", "{}¹", "¹ {}", ""])
    words = st.text("abcdé XYZ", min_size=1).filter(str.strip)
    lines = [data.draw(line).format(data.draw(words)) for _ in range(data.draw(st.integers(0, 12)))]
    try:
        document = parse_paper(paper(*lines))
    except PaperError:
        return
    found = [print_node(node) for node in document.nodes] + [footnote.text for footnote in document.footnotes]

    def letters(texts):
        return sorted("".join(bare(text) for text in texts).replace(" ", ""))

    assert letters(found) == letters(lines)


LETTERS = "abcdefghijklmnopqrst"
ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi")
WORDS = st.lists(st.sampled_from(["states", "should", "act", "against", "trafficking"]), min_size=2, max_size=6)


@st.composite
def outlines(draw):
    """Numbered paragraphs, letters and romans in paper order: label, number as printed, whether it introduces items."""
    outline = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        letters = LETTERS[: draw(st.integers(0, len(LETTERS)))]
        outline.append((f"IX.{number}", f"{number}.", bool(letters)))
        for letter in letters:
            label = f"IX.{number}({letter})"
            romans = ROMANS[: draw(st.sampled_from([0, 0, 0, 1, 3, len(ROMANS)]))]
            dash = draw(st.sampled_from(["", " - "]))
            outline.append((label, f"{dash}({letter})", bool(romans)))
            outline += [(f"{label}({roman})", f"({roman})", False) for roman in romans]
    return outline


@given(outlines(), st.data())
@settings(max_examples=times(25, 100), deadline=None)
def test_a_printed_paper_is_read_as_it_was_meant(outline, data):
    """With page breaks anywhere, and footnotes at the end of the page or of the paper."""
    lines, endnotes, meant = [], [], []
    marks = list(SUPERSCRIPTS[1:])
    for label, number, introduces in outline:
        first, *others = data.draw(WORDS)
        rest = " ".join(others) + (":" if introduces else ";")
        mark = marks.pop(0) if marks and data.draw(st.booleans()) else ""
        footnote = [f"{mark} A footnote.", ""] if mark else []
        if data.draw(st.booleans()):
            lines += [f"{number} {first}{mark}", "", *footnote, rest]
        else:
            lines.append(f"{number} {first}{mark} {rest}")
            endnotes += footnote
        meant.append((label, f"{first} {rest}", len(first) if mark else None))

    document = parse_paper(paper(*lines, "", *endnotes))

    found = [(node.label, node.text, node.footnotes[0].offset if node.footnotes else None) for node in document.nodes]
    assert found == meant
    assert document.doubts == ()
