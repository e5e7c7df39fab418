"""The progress report as a paper: what its two files say is what the figures are, and nothing that must not leave the
Secretariat is in it.
"""

import dataclasses
import io
import re
import subprocess
import zipfile

import docx
import pytest
from docx.oxml.ns import qn

from recommendations.models import Recommendation
from tests.conftest import make_person, make_state
from tests.labels import titled
from tests.submissions import handed_in, opened_round
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import Statements, change_use, withdraw_from_round
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.paper.chapters import PaperChoice, paper
from tracker.documents.paper.docx import paper_docx
from tracker.documents.paper.pdf import paper_pdf
from tracker.documents.paper.tree import PaperHeading, PaperParagraph, PaperTable, QuotedText
from tracker.documents.statements import USUAL
from tracker.figures.answers import ANSWERS
from tracker.figures.progress import round_progress
from tracker.models import Record, Respondent, Round
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalReason

pytestmark = pytest.mark.django_db

CHOICE = PaperChoice("Fifteenth meeting", "Vienna, 6 to 8 October 2027", "Item 2 of the provisional agenda")
NAMES = ("Arandia", "Belmara", "Corvessa", "Dorvania", "Estmark", "Falland", "Gorwen")
INVISIBLE = re.compile("[\u200b\u00ad]")


@pytest.fixture
def round_(bob):
    """Over what the first meeting adopted."""
    return opened_round(bob, meetings=[1])


@pytest.fixture
def state(round_, unit):
    """A State that hands in: its place, what it says by label, and what it permits."""

    def state(place: int, answers: dict[str, Answer], aggregates=True, quoted=False, **kwargs):
        found = make_state(f"X{chr(65 + place)}Z", NAMES[place], **{"regional_group": StateGroup.AFRICAN} | kwargs)
        person = make_person(f"person{place}", Role.FOCAL_POINT, found)
        for label, answer in answers.items():
            said = dataclasses.replace(answer, ready=True)
            save_answer(respondent=found, unit=unit(label), base=0, answer=said, by=person)
        stated = Statements(names_no_victim=True)
        submission = handed_in(found, round_, person, stated)
        change_use(submission=submission, in_aggregates=aggregates, quoted=quoted, published=False, by=person)
        return submission, person

    return state


@pytest.fixture
def written(round_, bob):
    return lambda **choice: paper(round_progress(round_), dataclasses.replace(CHOICE, **choice), bob)


IMPLEMENTED = Answer(status="implemented")
IN_PROGRESS = Answer(status="in_progress")
NEED = Answer(
    status="in_progress", assistance_kinds=["training"], assistance="Forty judges are to be trained.", language="en"
)
PRACTICE = Answer(
    status="implemented", measures="The Fund pays within a month.", good_practice=True, good_practice_shared=True
)


@pytest.fixture
def seven(state):
    """All say that I.13 is implemented; on I.7(a) five have no measure, and two say that it is in progress."""
    for place in range(7):
        answer = Answer(status="not_started") if place < 5 else IN_PROGRESS
        state(place, {"I.13": IMPLEMENTED, "I.7(a)": answer})


def words_of_docx(file: bytes) -> list[str]:
    """The words of each paragraph of the body and of each footnote."""
    document = docx.Document(io.BytesIO(file))
    notes = next(part for part in document.part.package.iter_parts() if part.partname == "/word/footnotes.xml")
    paragraphs = [*document.element.body.iter(qn("w:p")), *docx.oxml.parse_xml(notes.blob).iter(qn("w:p"))]
    breaks = {qn("w:br"), qn("w:tab")}
    return [
        "".join(" " if node.tag in breaks else node.text or "" for node in one.iter(*breaks, qn("w:t")))
        for one in paragraphs
    ]


def words_of_pdf(file: bytes) -> str:
    read = subprocess.run(["pdftotext", "-raw", "-", "-"], input=file, capture_output=True, check=True).stdout.decode()
    return " ".join(INVISIBLE.sub("", re.sub("[-\u2010\u00ad]\n", "-", read)).split())


def everything(of) -> str:
    return "\n".join([*of.texts])


def tables(of) -> list[PaperTable]:
    blocks = [*of.blocks, *(block for annex in of.annexes for block in annex.blocks)]
    return [block for block in blocks if isinstance(block, PaperTable)]


def quotations(of) -> list[QuotedText]:
    """Of States."""
    return [block for block in of.blocks if isinstance(block, QuotedText) and block.by]


def quoted(of) -> list[str]:
    return [block.words.text for block in quotations(of)]


# What the files say


def test_both_files_say_the_same_figures(seven, written):
    said = written()
    document = docx.Document(io.BytesIO(paper_docx(said)))
    read = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables[1:]]
    assert read == [[table.heads, *table.rows] for table in tables(said)]
    pdf = paper_pdf(said)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    words = words_of_pdf(pdf)
    for table in tables(said):
        for row in table.rows:
            numbers = " ".join(row[table.numbers_from :])
            assert numbers in words
    for block in said.blocks:
        if isinstance(block, PaperParagraph):
            assert words.count(block.pieces[0].text[:30]) >= 1


def test_the_figures_are_those_of_the_round(seven, written, round_):
    overall = round_progress(round_).overall
    said = written()
    total = said.annexes[1].blocks[0].rows[-1]
    assert total[:3] == ["All", str(overall.total), str(overall.answered)]
    assert (overall.total, overall.answered) == (7 * 27, 14)
    told = dict(zip(ANSWERS, total[3:], strict=True))
    assert (told["no_information"], told["implemented"]) == ("175", "7")
    assert "States gave 14 of the 189 answers requested (7 per cent)." in everything(said)


def test_every_word_of_the_word_file_is_counted(seven, written):
    said = written()
    file = paper_docx(said)
    in_file = sum(len(words.split()) for words in words_of_docx(file))
    assert in_file == said.word_count
    assert said.word_count > 500


def test_paragraphs_headings_and_items_are_numbered_by_word(seven, written):
    said = written()
    document = docx.Document(io.BytesIO(paper_docx(said)))
    numbered = [one for one in document.paragraphs if one.style.name == "Numbered paragraph"]
    assert len(numbered) == sum(isinstance(block, PaperParagraph) for block in said.blocks)
    assert {one._p.pPr.numPr.numId.val for one in numbered} == {2}
    headings = [
        one for one in document.paragraphs if one.style.name.startswith("heading") or "Heading" in one.style.name
    ]
    assert [one.text for one in headings] == [
        *(block.text for block in said.blocks if isinstance(block, PaperHeading)),
        *(f"{annex.number}: {annex.title}" for annex in said.annexes),
    ]
    levels = [block.level - 1 for block in said.blocks if isinstance(block, PaperHeading)]
    assert [one._p.pPr.numPr.ilvl.val for one in headings[: len(levels)]] == levels
    formats = document.part.numbering_part.element.xpath(".//w:numFmt/@w:val")
    assert formats == ["upperRoman", "upperLetter", "decimal", "decimal", "lowerLetter"]
    for table in document.tables[1:]:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_respondents_stand_in_a_footnote_in_alphabetical_order(seven, written):
    file = paper_docx(written())
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        notes = docx.oxml.parse_xml(parts.read("word/footnotes.xml"))
        assert b"/word/footnotes.xml" in parts.read("[Content_Types].xml")
        assert b"relationships/footnotes" in parts.read("word/_rels/document.xml.rels")
        marks = re.findall(rb'<w:footnoteReference w:id="(\d+)"', parts.read("word/document.xml"))
    texts = {note.get(qn("w:id")): "".join(text.text for text in note.iter(qn("w:t"))).strip() for note in notes}
    assert marks == [b"1", b"2"]
    assert texts["2"] == "Arandia, Belmara, Corvessa, Dorvania, Estmark, Falland, Gorwen."
    assert "first eight meetings”, background paper prepared by the Secretariat, 7 August 2019." in texts["1"]


def test_the_head_says_what_was_typed_and_the_symbol_is_left_blank(seven, written):
    said = written(title="Progress made")
    body = Recommendation.objects.first().body
    assert said.head == [body.parent_name, body.name, CHOICE.session, CHOICE.place_and_dates, CHOICE.agenda_item]
    assert (said.title, said.prepared_by, said.symbol) == ("Progress made", "Prepared by the Secretariat", "")
    assert written().title == "Report on the implementation of the recommendations"
    assert "CTOC" not in everything(said)
    for statement in USUAL:
        assert str(statement) in everything(said)


def test_the_mandate_is_quoted_word_for_word(seven, written, unit):
    adopted = [block.words.text for block in written().blocks if isinstance(block, QuotedText) and not block.by]
    assert adopted == [unit("V.41").text, unit("IV.43").text]


# What leaves the Secretariat, and what does not


def test_a_state_that_does_not_permit_aggregates_is_neither_counted_nor_named(state, written):
    for place in range(6):
        state(place, {"I.13": IMPLEMENTED})
    state(6, {"I.13": NEED, "I.1": PRACTICE}, aggregates=False, quoted=True)
    said = everything(written())
    assert "Gorwen" not in said
    assert NEED.assistance not in said
    assert PRACTICE.measures not in said
    assert "States gave six of the 162 answers requested (4 per cent)." in said
    assert "fewer than five States submitted answers but do not permit their use in aggregate figures." in said


def test_of_fewer_than_five_states_no_figure_is_given(state, written):
    for place in range(4):
        state(place, {"I.13": IMPLEMENTED, "I.1": NEED})
    said = written()
    assert said.annexes == []
    assert tables(said) == []
    assert "As fewer than five States are covered, figures on their answers are not shown." in everything(said)
    assert "per cent" not in everything(said)
    assert "Fewer than five of the States covered asked for technical assistance." in everything(said)


def test_a_count_of_fewer_than_five_is_not_told_and_cannot_be_worked_out(seven, written):
    said = written()
    total = dict(zip(ANSWERS, said.annexes[1].blocks[0].rows[-1][3:], strict=True))
    assert total["in_progress"] == ".."
    hidden = {"implemented": 7, "not_started": 5, "in_progress": 2}
    assert sum(count for name, count in hidden.items() if total[name] == "..") >= 5
    assert "“In progress”" in next(text for text in said.texts if text.startswith("Not shown, to avoid"))
    assert " two " not in next(text for text in said.texts if "I.7(a)" in text)


def test_no_place_in_a_list_by_figures_tells_a_figure_that_is_not_told(state, written):
    """Three of seven say that I.1 is implemented: it would stand between those of which it is told how many do."""
    for place in range(7):
        state(place, {"I.13": IN_PROGRESS, "I.1": IMPLEMENTED if place < 3 else IN_PROGRESS})
    lists = [table for table in tables(written()) if table.title]
    assert [table.title for table in lists] == ["Least answered", "Least implemented"]
    assert [row[0] for row in lists[1].rows] == [titled("I.13")]
    assert not any(cell == ".." for table in lists for row in table.rows for cell in row)


def test_a_list_without_a_figure_that_may_be_told_says_so(state, written):
    for place in range(7):
        state(place, {"I.1": IMPLEMENTED if place < 3 else IN_PROGRESS})
    said = everything(written())
    assert "smallest shares" not in said
    assert "This figure is not shown for any recommendation." in said


def test_a_regional_group_of_fewer_than_five_is_not_told(state, written):
    for place in range(6):
        state(place, {"I.13": IMPLEMENTED})
    state(6, {"I.13": IMPLEMENTED, "I.1": IN_PROGRESS}, regional_group=StateGroup.ASIA_PACIFIC)
    rows = {row[0]: row[1:] for row in written().annexes[0].blocks[0].rows}
    assert rows["Asia-Pacific States"] == ["fewer than five", *[".."] * 10]
    assert rows["African States"][0] == "6"
    assert rows["African States"][2] == ".."
    assert rows["All"][:2] == ["7", "189"]


def test_words_stand_with_the_name_of_a_state_only_where_it_permits_that(state, written):
    for place in range(5):
        state(place, {"I.13": NEED, "I.1": PRACTICE})
    state(5, {"I.13": NEED, "I.1": PRACTICE}, quoted=True)
    said = written()
    assert quoted(said) == [NEED.assistance, PRACTICE.measures]
    assert [block.by for block in quotations(said)] == [
        f"Falland, on recommendation {titled('I.13')}",
        f"Falland, on recommendation {titled('I.1')}",
    ]
    notes = [piece for block in said.blocks if isinstance(block, PaperParagraph) for piece in block.pieces[1:]]
    assert [text for text in said.texts if "Arandia" in text] == [notes[1].text]
    for file in (" ".join(words_of_docx(paper_docx(said))), words_of_pdf(paper_pdf(said))):
        assert NEED.assistance in file
        assert PRACTICE.measures in file


def test_a_permission_that_is_taken_back_takes_the_words_away(state, written):
    submission, person = state(0, {"I.13": NEED}, quoted=True)
    assert quoted(written()) == [NEED.assistance]
    change_use(submission=submission, in_aggregates=True, quoted=False, published=False, by=person)
    assert quoted(written()) == []


def test_a_practice_that_is_not_shared_is_not_quoted(state, written):
    state(0, {"I.1": dataclasses.replace(PRACTICE, good_practice_shared=False)}, quoted=True)
    assert quoted(written()) == []


def test_words_that_were_withdrawn_are_not_in_it(state, written, unit):
    submission, person = state(0, {"I.13": NEED}, quoted=True)
    xaa = submission.respondent
    second = make_person("second", Role.FOCAL_POINT, xaa)
    asked = request_withdrawal(respondent=xaa, words="Forty judges", files=[], reason=WithdrawalReason.NAME, by=person)
    confirm_withdrawal(pk=asked.pk, by=second)
    assert quoted(written()) == []
    assert "Forty judges" not in everything(written())


def test_a_submission_that_was_withdrawn_is_not_in_it(state, written):
    submission, person = state(0, {"I.13": NEED}, quoted=True)
    withdraw_from_round(submission=submission, reason="An error.", by=person)
    assert "Arandia" not in everything(written())


def test_quotations_are_as_many_as_are_wanted_and_of_every_state_once_before_any_twice(state, written):
    said = dataclasses.replace(NEED, assistance_kinds=["training", "data"])
    for place in range(4):
        state(place, {"I.13": said}, quoted=True)
    by = [
        block.by.partition(",")[0]
        for block in written(quotations=2).blocks
        if isinstance(block, QuotedText) and block.by
    ]
    assert by == ["Arandia", "Belmara", "Corvessa", "Dorvania"]
    assert quoted(written(quotations=0)) == []


def test_a_long_statement_is_left_out_and_never_cut(state, written):
    state(0, {"I.13": dataclasses.replace(NEED, assistance="word " * 101)}, quoted=True)
    assert quoted(written()) == []


def test_what_is_in_the_living_record_alone_is_not_in_it(state, written, unit):
    _submission, person = state(0, {"I.13": NEED}, quoted=True)
    later = dataclasses.replace(NEED, assistance="Quetzalcanary", ready=True)
    xaa = Respondent.objects.get(code="XAZ")
    base = Record.everyones.get(respondent=xaa, recommendation=unit("I.13")).current.number
    save_answer(respondent=xaa, unit=unit("I.13"), base=base, answer=later, by=person, change_reason="Again")
    assert "Quetzalcanary" not in everything(written())


def test_the_european_union_stands_apart_and_is_told_only_where_it_may_be_quoted(seven, round_, written, unit):
    union = Respondent.objects.create(code="EU", name="European Union", kind=RespondentKind.EUROPEAN_UNION)
    person = make_person("eva", Role.FOCAL_POINT, union)
    answer = dataclasses.replace(IMPLEMENTED, ready=True)
    save_answer(respondent=union, unit=unit("I.13"), base=0, answer=answer, by=person)
    submission = handed_in(union, round_, person)
    assert "A submission was received. Its answers are not included in any figure of the present report." in everything(
        written()
    )
    change_use(submission=submission, in_aggregates=True, quoted=True, published=False, by=person)
    told = everything(written())
    assert "recommendations addressed to this respondent, one was answered (" in told
    assert "States gave 14 of the 189 answers requested" in told


def test_what_the_secretariat_did_stands_apart(seven, round_, written, unit):
    desk = Respondent.objects.create(code="SECRETARIAT", name="Secretariat with UNODC", kind=RespondentKind.SECRETARIAT)
    person = make_person("sven", Role.FOCAL_POINT, desk)
    label = desk.units_to_answer().filter(meeting__number=1).first().label
    answer = dataclasses.replace(IMPLEMENTED, ready=True)
    save_answer(respondent=desk, unit=unit(label), base=0, answer=answer, by=person)
    handed_in(desk, round_, person)
    assert "recommendations addressed to this respondent, one was answered (" in everything(written())


def test_states_that_are_too_few_are_not_told_by_the_others_either(state, written):
    for place in range(6):
        state(place, {"I.13": NEED, "I.1": PRACTICE})
    state(6, {"I.13": IMPLEMENTED})
    said = everything(written())
    assert "Technical assistance was asked for in six answers by all but fewer than five of the States" in said
    assert "Good practices were described in six answers by all but fewer than five of the States" in said
    needs = next(table for table in tables(written()) if table.title == "By theme")
    assert ["6", ".."] in [row[1:] for row in needs.rows]


@pytest.mark.parametrize("states", [1, 6])
def test_a_paper_takes_as_many_queries_for_many_states(states, state, round_, bob, unit, django_assert_max_num_queries):
    union = Respondent.objects.create(code="EU", name="European Union", kind=RespondentKind.EUROPEAN_UNION)
    person = make_person("eva", Role.FOCAL_POINT, union)
    answer = dataclasses.replace(IMPLEMENTED, ready=True)
    save_answer(respondent=union, unit=unit("I.13"), base=0, answer=answer, by=person)
    handed_in(union, round_, person)
    for place in range(states):
        state(place, {"I.13": NEED, "I.1": PRACTICE}, quoted=True)
    known = Round.objects.select_related("body").get()
    assert bob.current_memberships
    with django_assert_max_num_queries(11):
        assert paper(round_progress(known), CHOICE, bob).word_count
