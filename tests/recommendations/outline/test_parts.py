"""The parts of a document, which a person decides on: chapters, annexes, resolutions, tables."""

from recommendations.outline.document import read_pasted
from recommendations.outline.outline import Outline
from recommendations.outline.reading import read_outline
from recommendations.outline.source import PrintedPart, Run, SourceParagraph


def read(*paragraphs: str) -> Outline:
    return read_pasted("\n\n".join(paragraphs))


def parts(outline: Outline) -> list[tuple[str, str]]:
    """Return the words of each part and of the part above, in their order."""
    heads = [each for each in outline.paragraphs if each.part == each.number]
    return [
        (outline.words_of(head.number), outline.words_of(above) if (above := outline.parts_above[head.number]) else "")
        for head in heads
    ]


def texts(outline: Outline) -> list[tuple[str, str]]:
    return [(text.name, text.text) for text in outline.texts]


def table(*rows: tuple[str, ...]) -> list[SourceParagraph]:
    return [
        SourceParagraph([Run(words)], cell=(1, row, column))
        for row, cells in enumerate(rows)
        for column, words in enumerate(cells)
    ]


def body(*paragraphs: str) -> list[SourceParagraph]:
    return [SourceParagraph([Run(words)]) for words in paragraphs]


def test_a_table_is_a_part_of_its_chapter():
    outline = read_outline(
        [
            *body("Report of the Working Group", "I. Introduction", "1. The Working Group met in Vienna."),
            *table(("Symbol", "Title"), ("CTOC/COP/1", "Agenda")),
            *body("2. It was opened by the Chair.", "II. Recommendations", "3. States should act."),
        ]
    )

    assert parts(outline) == [
        ("Report of the Working Group", ""),
        ("I. Introduction", ""),
        ("Symbol", "I. Introduction"),
        ("II. Recommendations", ""),
    ]
    assert [each.part for each in outline.paragraphs] == [1, 2, 2, 4, 4, 4, 4, 2, 9, 9]


def test_attack_a_document_that_begins_with_a_table_is_read():
    outline = read_outline([*table(("United Nations", "Distr.: General")), *body("States should act.", "UNODC rests.")])

    assert [each.part for each in outline.paragraphs] == [1, 1, 1, 1]


def test_a_draft_decision_in_an_annex_is_no_recommendation():
    outline = read(
        "Report of the Working Group on Trafficking in Persons",
        "I. Recommendations",
        "1. States should act.",
        "Annex I",
        "Draft decision I",
        "The Conference of the Parties,",
        "1. Takes note of the offer of Austria;",
        "Annex II",
        "Draft decision for consideration by the Conference",
        "The Conference of the Parties,",
        "1. Requests the Secretariat to report.",
    )

    assert texts(outline) == [("1", "States should act.")]
    assert parts(outline)[1:] == [
        ("I. Recommendations", ""),
        ("Annex I", ""),
        ("Draft decision I", "Annex I"),
        ("Annex II", ""),
    ]
    assert {each.reason for each in outline.paragraphs[3:]} == {"heading", "annex"}


def test_an_annex_of_a_resolution_ends_at_the_next_resolution():
    outline = read(
        "Resolutions adopted by the Conference",
        "Resolution 12/4",
        "The Conference of the Parties,",
        "1. Urges States parties to act;",
        "2. Takes note of the guidelines annexed to the present resolution.",
        "Annex",
        "Guidelines",
        "1. Judges should be trained.",
        "Resolution 12/5",
        "The Conference of the Parties,",
        "1. Requests the Secretariat to report.",
    )

    assert texts(outline) == [
        ("12/4.1", "Urges States parties to act;"),
        ("12/4.2", "Takes note of the guidelines annexed to the present resolution."),
        ("12/5.1", "Requests the Secretariat to report."),
    ]
    assert parts(outline)[1:] == [("Resolution 12/4", ""), ("Annex", "Resolution 12/4"), ("Resolution 12/5", "")]


def test_topics_of_an_annex_need_no_addressee():
    outline = read(
        "I. Recommendations",
        "1. States should act.",
        "Annex",
        "Topics for future meetings",
        "(a) Demand;",
        "(b) Housing.",
    )

    assert [(text.label, text.kind, text.doubts) for text in outline.texts] == [
        ("1.", "recommendation", []),
        ("(a)", "topic", []),
        ("(b)", "topic", []),
    ]


def test_a_column_of_recommendations_is_proposed_with_its_addressees():
    outline = read_outline(
        [
            *body("Outcome of the meeting", "I. Follow-up", "The experts met in Vienna and drew up the table."),
            *table(
                ("No.", "Recommendation", "Addressee", "Deadline"),
                ("1", "Open a hotline", "States parties", "June 2034"),
                ("2", "UNODC should report.", "UNODC", "None"),
                ("2 bis", "Consider a study", "Secretariat and UNODC", "None"),
            ),
        ]
    )

    assert [(text.name, text.text, text.asks.addressees, text.asks.asks_to_consider) for text in outline.texts] == [
        ("1", "Open a hotline", ("states_parties",), False),
        ("2", "UNODC should report.", ("unodc",), False),
        ("2bis", "Consider a study", ("secretariat", "unodc"), True),
    ]


def test_reported_speech_is_proposed_and_speakers_are_not():
    outline = read(
        "I. Introduction",
        "1. The Working Group met in Vienna.",
        "II. Prevention",
        "2. It was recommended that States should train teachers.",
        "3. The Working Group recommended that States should inform the public.",
        "4. Several speakers said that States should do more.",
    )

    assert texts(outline) == [
        ("2", "It was recommended that States should train teachers."),
        ("3", "The Working Group recommended that States should inform the public."),
    ]
    assert all(each.needs_decision for each in outline.paragraphs)


def test_a_long_heading_takes_no_text_after_it():
    heading = "II. Recommendations adopted by the Working Group on Trafficking in Persons in Vienna"
    text = "1. States parties should train teachers, judges, prosecutors and officers who meet\nvictims of trafficking."

    assert texts(read(f"{heading}\n{text}")) == [("1", text.removeprefix("1. ").replace("\n", " "))]


def test_a_chapter_of_which_most_paragraphs_ask_is_proposed():
    outline = read(
        "I. Introduction",
        "1. The Working Group met in Vienna.",
        "2. It was opened by the Chair.",
        "II. Prevention",
        "3. States should train teachers.",
        "4. UNODC should report.",
    )

    assert [name for name, _words in texts(outline)] == ["3", "4"]


def test_a_sentence_in_a_margin_is_no_print_mark():
    head = SourceParagraph([Run("CTOC/COP/2033/1")], part=PrintedPart.PRINT_MARK)
    box = SourceParagraph([Run("States should act")], part=PrintedPart.PRINT_MARK)

    outline = read_outline([head, box, *body("I. Introduction", "1. The Working Group met in Vienna.")])

    assert [each.needs_decision for each in outline.paragraphs] == [False, True, True, True]


def test_four_levels_and_later_numbers_are_read_as_printed():
    outline = read(
        "Recommendations",
        "2.2 States parties should act.",
        "2.2 bis States parties should also report:",
        "(a) On their laws:",
        "(i) Criminal laws, in particular:",
        "a. On offences;",
        "b. On sanctions.",
    )

    assert [text.name for text in outline.texts] == [
        "2.2",
        "2.2bis",
        "2.2bis(a)",
        "2.2bis(a)(i)",
        *(f"2.2bis(a)(i)({letter})" for letter in "ab"),
    ]
