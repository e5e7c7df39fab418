"""The progress report on twenty States: what its two files say is what the figures are."""

import dataclasses
import io
import re
import zipfile

import docx
import pytest
from docx.oxml.ns import qn

from recommendations.lists import format_list
from recommendations.models import Recommendation
from tests.conftest import make_person, with_second_factor
from tests.labels import in_sentence
from tests.submissions import opened_round, release_of_few, submit_ready
from tests.tracker.documents.paper.test_paper import (
    CHOICE,
    IMPLEMENTED,
    IN_PROGRESS,
    NAMES,
    add_state,
    blocks_of,
    cells_of,
    everything,
    headings,
    table_named,
    words_of_docx,
    words_of_pdf,
)
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use
from tracker.documents.docx import CHART_PATTERNS, write_docx
from tracker.documents.paper.chapters import paper
from tracker.documents.paper.tree import count_words
from tracker.documents.pdf import write_pdf
from tracker.documents.statements import USUAL
from tracker.documents.tree import BAR_LOOKS, Chart, Contents, Heading, NumberedParagraph, Paragraph, QuotedText, Table
from tracker.figures.answers import ANSWERS, CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED
from tracker.models import Respondent
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="module", autouse=True)
def twenty(for_the_module):
    """All say that I.13 is implemented; on I.7(a) 14 have no measure, and six say that it is in progress."""
    round_ = opened_round(with_second_factor(make_person("bob", Role.REVIEWER)), meetings=[1])
    for place in range(20):
        answer = Answer(status="not_started") if place < 14 else IN_PROGRESS
        add_state(round_, place, {"I.13": IMPLEMENTED, "I.7(a)": answer})


@pytest.fixture
def written(round_, bob):
    """Write the paper on a release of today."""
    return lambda **choice: paper(release_of_few(round_, bob), dataclasses.replace(CHOICE, **choice))


def test_both_files_say_the_same_figures(written):
    said = written()
    document = docx.Document(io.BytesIO(write_docx(said)))
    in_word = [table for table in document.tables if table.style.name == "Paper table"]
    read = [[[cell.text for cell in row.cells] for row in table.rows] for table in in_word]
    assert read == [cells_of(table) for table in blocks_of(said, Table)]
    pdf = write_pdf(said)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    words = words_of_pdf(pdf)
    for cells in read:
        for row in cells[1:]:
            assert " ".join(row[1:]) in words
    for block in blocks_of(said, NumberedParagraph):
        assert block.run.text[:30] in words


def test_the_figures_are_those_of_the_round(written, round_):
    """Of 27 recommendations one is implemented by all 20 States, and another has no measure in about 15."""
    said = written()
    total = table_named(said, "Status by theme, in per cent")[-1]
    counts = dict(zip(ANSWERS, total[2:], strict=True))
    assert (*total[:2], counts["no_information"], counts["implemented"]) == ("All", "27", "93", "4")
    assert "The States covered provided 7 per cent of the answers requested." in everything(said)
    assert f"On recommendation {in_sentence('I.7(a)')}, about 15 of 20 States reported “No measure" in everything(said)


def test_every_word_of_the_word_file_is_counted(written):
    said = written()
    file = write_docx(said)
    in_file = sum(len(words.split()) for words in words_of_docx(file))
    assert in_file == count_words(said)
    assert in_file > 500


def test_paragraphs_headings_and_items_are_numbered_by_word(written):
    said = written()
    document = docx.Document(io.BytesIO(write_docx(said)))
    numbered = [one for one in document.paragraphs if one.style.name in ("Numbered paragraph", "Lead-in")]
    leads = [block.is_lead for block in blocks_of(said, NumberedParagraph)]
    assert [one.style.paragraph_format.keep_with_next is True for one in numbered] == leads
    assert {one._p.pPr.numPr.numId.val for one in numbered} == {2}
    titles = [one for one in document.paragraphs if one.style.name.startswith("Heading")]
    assert [one.text for one in titles] == [*headings(said), said.chapters[1].title]
    levels = [heading.level - 1 for heading in blocks_of(said, Heading)]
    assert [one._p.pPr.numPr.ilvl.val for one in titles[:-1]] == levels
    formats = document.part.numbering_part.element.xpath(".//w:numFmt/@w:val")
    assert formats == ["upperRoman", "upperLetter", "decimal", "decimal", "lowerLetter"]
    in_word = [table for table in document.tables if table.style.name == "Paper table"]
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in in_word)


def test_a_chart_of_word_is_in_one_row_with_its_source(written):
    said = written()
    document = docx.Document(io.BytesIO(write_docx(said)))
    charts = [table for table in document.tables if table.style.name == "Chart table"]
    sources = [chart.source for chart in blocks_of(said, Chart)]
    assert sources
    assert [table.cell(0, 0).paragraphs[-1].text for table in charts] == sources
    assert all(len(table.rows) == 1 and table.rows[0]._tr.trPr.find(qn("w:cantSplit")) is not None for table in charts)


def test_both_parts_of_considered_have_different_patterns_in_word(written):
    """LibreOffice mixes the colours of a pattern: ten per cent of white is not seen."""
    with zipfile.ZipFile(io.BytesIO(write_docx(written()))) as parts:
        body = parts.read("word/document.xml").decode()
    assert 'w:val="pct10"' not in body
    assert [CHART_PATTERNS[BAR_LOOKS[code].pattern][0] for code in (CONSIDERED_WHERE_ASKED, CONSIDERED_ELSEWHERE)] == [
        "clear",
        "pct50",
    ]


def test_the_states_covered_are_listed_once_in_the_annex(written):
    said = written()
    listed = f"States covered: {format_list(NAMES)}."
    assert [block.run.text for block in said.chapters[1].blocks if isinstance(block, Paragraph)] == [listed]
    assert "The States covered are listed in the annex." in everything(said)
    for words in (" ".join(words_of_docx(write_docx(said))), words_of_pdf(write_pdf(said))):
        assert (words.count("Arandia"), words.count("Torvessa")) == (1, 1)


def test_the_source_is_in_a_footnote_with_its_mark(written):
    with zipfile.ZipFile(io.BytesIO(write_docx(written()))) as parts:
        notes = docx.oxml.parse_xml(parts.read("word/footnotes.xml"))
        assert b"/word/footnotes.xml" in parts.read("[Content_Types].xml")
        assert b"relationships/footnotes" in parts.read("word/_rels/document.xml.rels")
        marks = re.findall(rb'<w:footnoteReference w:id="(\d+)"', parts.read("word/document.xml"))
    texts = {note.get(qn("w:id")): "".join(text.text for text in note.iter(qn("w:t"))).strip() for note in notes}
    assert marks == [b"1"]
    assert texts["1"].startswith("Working Group on Trafficking in Persons, “Recommendations adopted")


def test_both_files_list_the_numbered_headings(written):
    said = written()
    [listed] = blocks_of(said, Contents)
    expected = ["Mandate", "Status of reporting", "Method", "Reported trends", "All recommendations"]
    assert [text.split("\N{EM SPACE}") for _level, text in listed.headings][:5] == [
        [number, heading] for number, heading in zip(("I.", "II.", "III.", "IV.", "A."), expected, strict=True)
    ]
    assert [text for _level, text in listed.headings][-1] == "Annex. States covered, and answers by status"
    in_word = [one for one in docx.Document(io.BytesIO(write_docx(said))).paragraphs if "toc " in one.style.name]
    assert [one.text.strip() for one in in_word] == [text for _level, text in listed.headings]
    assert re.search(r"Contents Page I\. Mandate [. \N{WORD JOINER}]*2 ", words_of_pdf(write_pdf(said)))


def test_the_head_says_what_was_typed_and_what_is_not_allocated_is_empty(written):
    said = written(title="Progress made")
    head, body = said.masthead, Recommendation.objects.first().body
    assert (head.parent, said.body) == (body.parent_name, body.name)
    assert head.meeting == [CHOICE.session, CHOICE.place_and_dates, CHOICE.agenda_item]
    assert (said.title, said.author) == ("Progress made", "Report of the Secretariat")
    assert head.fields == [("distribution", "Distr.:", ""), ("date", "", ""), ("original", "Original:", "")]
    assert head.symbol == ""
    assert "CTOC" not in everything(said)
    assert written().title == f"Implementation of the recommendations adopted by the {body.name}"


def test_both_files_print_what_was_allocated_and_the_mark_of_a_draft(written):
    allocated = {"symbol": "CTOC/COP/WG.4/2027/2", "distribution": "General", "dated": "7 August 2027"}
    said = written(**allocated, original="English")
    with zipfile.ZipFile(io.BytesIO(write_docx(said))) as parts:
        heads = [parts.read(f"word/header-{pages}.xml").decode() for pages in ("default", "first", "even")]
        body = parts.read("word/document.xml").decode()
    assert [allocated["symbol"] in head for head in heads] == [True, False, True]
    assert [">Draft<" in head for head in heads] == [True] * 3
    pdf = words_of_pdf(write_pdf(said))
    assert pdf.count("Draft") > 1
    for text in (*allocated.values(), "English"):
        assert f">{text}<" in body
        assert text in pdf


def test_the_usual_statements_are_in_it(written):
    said = everything(written())
    assert "All answers are self-reported by States and were not verified by the Secretariat." in said
    assert all(str(statement) in said for statement in USUAL[1:])


def test_the_mandate_is_quoted_word_for_word(written, unit):
    adopted = [block.words.text for block in blocks_of(written(), QuotedText) if not block.by]
    assert adopted == [unit("V.41").text, unit("IV.43").text]


def test_the_european_union_is_apart_and_is_shown_only_where_it_may_be_quoted(round_, written, unit):
    union = Respondent.objects.create(code="EU", name="European Union", kind=RespondentKind.EUROPEAN_UNION)
    person = make_person("eva", Role.FOCAL_POINT, union)
    answer = dataclasses.replace(IMPLEMENTED, ready=True)
    save_answer(respondent=union, unit=unit("I.13"), base=0, answer=answer, by=person)
    submission = submit_ready(union, round_, person)
    assert "A submission was received. Its answers are not included in any figure of the present report." in everything(
        written()
    )
    change_use(submission=submission, in_aggregates=True, quoted=True, published=False, by=person)
    text = everything(written())
    assert "recommendations addressed to this respondent, 1 was answered (" in text
    assert "The States covered provided 7 per cent of the answers requested." in text


def test_answers_of_the_secretariat_are_reported_separately(round_, written, unit):
    desk = Respondent.objects.create(code="SECRETARIAT", name="Secretariat with UNODC", kind=RespondentKind.SECRETARIAT)
    person = make_person("sven", Role.FOCAL_POINT, desk)
    label = desk.units_to_answer().filter(meeting__number=1).first().label
    answer = dataclasses.replace(IMPLEMENTED, ready=True)
    save_answer(respondent=desk, unit=unit(label), base=0, answer=answer, by=person)
    submit_ready(desk, round_, person)
    assert "recommendations addressed to this respondent, one was answered (" in everything(written())
