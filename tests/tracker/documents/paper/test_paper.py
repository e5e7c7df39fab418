"""The progress report as a paper: what its two files say is what the figures are, and nothing that must not leave the
Secretariat is in it.
"""

import dataclasses
import io
import re
import subprocess
from collections.abc import Iterator
from functools import partial
from random import Random

import docx
import pytest
from docx.oxml.ns import qn

from recommendations.models import Meeting
from tests.conftest import find_unit, make_person, make_state
from tests.files import visible
from tests.labels import in_sentence
from tests.submissions import opened_round, release_of_few, submit_ready
from tests.submissions import quote as put_in_tray
from tests.tracker.documents.paper.worlds import PaperWorld
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import Statements, change_use
from tracker.documents.docx import write_docx
from tracker.documents.paper.chapters import PaperChoice, paper
from tracker.documents.paper.quotations import LEAD_INS, LEAD_INS_ON_THE_SAME
from tracker.documents.paper.tree import count_words, texts_of
from tracker.documents.pdf import write_pdf
from tracker.documents.tree import Block, Document, Heading, NumberedParagraph, QuotedText, Table
from tracker.figures.public_figures import newest_release
from tracker.models import Respondent, Round
from tracker.models.answer_fields import PARAGRAPHS
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CHOICE = PaperChoice(
    session="Fifteenth meeting",
    place_and_dates="Vienna, 6 to 8 October 2027",
    agenda_item="Item 2 of the provisional agenda",
)
NAMES = (
    *("Arandia", "Belmara", "Corvessa", "Dorvania", "Estmark", "Falland", "Gorwen", "Hestavia", "Ilmara", "Jorvia"),
    *("Kestrand", "Lomara", "Mirvania", "Norwen", "Ostavia", "Pelvara", "Quenland", "Rovania", "Selmark", "Torvessa"),
)


@pytest.fixture
def round_(bob):
    """Over what the first meeting adopted."""
    return opened_round(bob, meetings=[1])


def add_state(round_: Round, place: int, answers: dict[str, Answer], aggregates=True, quoted=False, **kwargs):
    """A State that submits: its place, what it says by label, and what it permits."""
    found = make_state(f"X{chr(65 + place)}Z", NAMES[place], **{"regional_group": StateGroup.AFRICAN} | kwargs)
    person = make_person(f"person{place}", Role.FOCAL_POINT, found)
    for label, answer in answers.items():
        said = dataclasses.replace(answer, ready=True)
        save_answer(respondent=found, unit=find_unit(label), base=0, answer=said, by=person)
    stated = Statements(names_no_victim=True)
    submission = submit_ready(found, round_, person, stated)
    change_use(submission=submission, in_aggregates=aggregates, quoted=quoted, published=False, by=person)
    return submission, person


@pytest.fixture
def state(round_):
    return partial(add_state, round_)


@pytest.fixture
def written(round_, bob):
    """Write the paper on a release of today."""
    return lambda **choice: paper(release_of_few(round_, bob), dataclasses.replace(CHOICE, **choice))


@pytest.fixture
def quote(round_, bob):
    """Quote a whole text in the paper of a release of today, and notify the State."""
    return lambda submission, label, field, **translation: put_in_tray(
        release_of_few(round_, bob), submission, label, field, bob, **translation
    )


IMPLEMENTED = Answer(status="implemented")
IN_PROGRESS = Answer(status="in_progress")
NEED = Answer(
    status="in_progress",
    measures="A bill is before Parliament.",
    difficulties="The courts lack staff.",
    assistance_kinds=["training"],
    assistance="Forty judges are to be trained.",
    language="en",
)
CONSIDERED = Answer(status="considered_not_taken_up", reasons="A fund exists.", language="en")
PRACTICE = Answer(
    status="implemented", measures="The Fund pays within a month.", good_practice=True, good_practice_shared=True
)


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


def words_of_pdf(file: bytes, page_end: str = " ") -> str:
    read = subprocess.run(["pdftotext", "-raw", "-", "-"], input=file, capture_output=True, check=True).stdout.decode()
    read = re.sub("[-\u2010\u00ad]\n", "-", read.replace("\f", page_end))
    return " ".join(visible(read).split())


def everything(of: Document) -> str:
    return "\n".join(texts_of(of))


def blocks_of[Kind: Block](of: Document, kind: type[Kind]) -> list[Kind]:
    return [block for chapter in of.chapters for block in chapter.blocks if isinstance(block, kind)]


def headings(of: Document) -> list[str]:
    return [heading.text for heading in blocks_of(of, Heading)]


def cells_of(table: Table) -> list[list[str]]:
    """The words of the head and of each row."""
    return [[cell.run.text for cell in row] for row in (table.heads, *table.rows)]


def table_named(of: Document, title: str) -> list[list[str]]:
    [found] = (each for each in blocks_of(of, Table) if each.title == title)
    return cells_of(found)[1:]


def quotations(of) -> list[QuotedText]:
    """Of States."""
    return [block for block in blocks_of(of, QuotedText) if block.by]


def places_of_quotations(of) -> Iterator[tuple[str, str, str]]:
    """Yield the heading, the lead-in and the words of each quotation of a State."""
    heading = lead = ""
    for block in of.chapters[0].blocks:
        match block:
            case Heading():
                heading = block.text
            case NumberedParagraph():
                lead = block.run.text
            case QuotedText() if block.by:
                yield heading, lead, block.words.text


def quoted(of) -> list[str]:
    return [block.words.text for block in quotations(of)]


# What the files say


# What leaves the Secretariat, and what does not


def test_a_state_that_does_not_permit_aggregates_is_neither_counted_nor_named(state, written):
    for place in range(6):
        state(place, {"I.13": IMPLEMENTED})
    state(6, {"I.13": NEED, "I.1": PRACTICE}, aggregates=False, quoted=True)
    said = everything(written())
    assert "Gorwen" not in said
    assert NEED.assistance not in said
    assert PRACTICE.measures not in said
    assert "The report covers six of the seven States invited to report." in said
    assert "Submissions whose use in aggregate figures is not permitted were also received." in said


def test_of_fewer_than_twenty_states_no_percentage_is_given(state, written):
    for place in range(6):
        state(place, {"I.13": IN_PROGRESS})
    said = written()
    assert blocks_of(said, Table) == []
    assert "The share of each answer" not in everything(said)
    assert everything(said).count("No percentages are given, since fewer than 20 States are covered.") == 2
    assert "per cent" not in everything(said).replace("Percentages", "")


def test_a_theme_on_which_nothing_can_be_stated_is_left_out(state, written, quote):
    submissions = [state(place, {"I.13": NEED, "I.1": IN_PROGRESS}, quoted=True)[0] for place in range(3)]
    trends = ["Reported trends", "All recommendations"]
    assert headings(written())[3:6] == [
        *trends,
        "The Secretariat and the European Union",
    ]
    quote(submissions[0], "I.13", "measures")
    quote(submissions[0], "I.13", "assistance")
    assert headings(written())[3:7] == [
        *trends,
        find_unit("I.13").primary_theme.name,
        "Technical assistance",
    ]


def test_a_meeting_that_was_held_in_parts_has_its_row(bob):
    world = PaperWorld(Random(1), 30, {"implemented", "in_progress"}, bob)  # noqa: S311
    Meeting.objects.filter(number=1).update(part=2)
    rows = table_named(paper(world.releases[-1], CHOICE), "Status by meeting, in per cent")
    assert [row[:2] for row in rows] == [["I. First meeting, Vienna, 14 and 15 April 2009", "11"], ["All", "11"]]


@pytest.mark.thorough
def test_quotations_name_the_state_in_the_chapter_of_their_field(state, written, quote):
    """What nobody chose is not quoted, though the State permits it."""
    for place in range(6):
        submission, _person = state(place, {"I.13": NEED, "I.1": PRACTICE, "I.7(a)": CONSIDERED}, quoted=True)
    chosen = (("I.1", "measures"), ("I.13", "measures"), ("I.13", "difficulties"), ("I.13", "assistance"))
    for label, field in (*chosen, ("I.7(a)", "reasons")):
        quote(submission, label, field)
    said = written(most_quoted=None)
    theme = {label: find_unit(label).primary_theme.name for label in ("I.13", "I.7(a)")}
    assert sorted(places_of_quotations(said)) == sorted(
        [
            (
                "Practices as described by States",
                f"On recommendation {in_sentence('I.1')}, practices were described as follows:",
                PRACTICE.measures,
            ),
            (
                theme["I.13"],
                f"On recommendation {in_sentence('I.13')}, measures were described as follows:",
                NEED.measures,
            ),
            (
                theme["I.13"],
                "On the same recommendation, difficulties were described as follows:",
                NEED.difficulties,
            ),
            (
                "Technical assistance",
                f"On recommendation {in_sentence('I.13')}, the assistance needed was described as follows:",
                NEED.assistance,
            ),
            (
                theme["I.7(a)"],
                f"On recommendation {in_sentence('I.7(a)')}, the reasons for “Considered, not taken up” were given as "
                "follows:",
                CONSIDERED.reasons,
            ),
        ]
    )
    assert {block.by for block in quotations(said)} == {"Falland"}
    assert [text.split(":")[0] for text in texts_of(said) if "Arandia" in text] == ["States covered"]
    for file in (" ".join(words_of_docx(write_docx(said))), words_of_pdf(write_pdf(said))):
        assert NEED.assistance in file
        assert PRACTICE.measures in file


def test_one_lead_in_is_before_all_words_on_a_matter_in_the_order_of_the_tray(state, written, quote):
    submissions = [state(place, {"I.13": NEED}, quoted=True)[0] for place in range(3)]
    for submission in (submissions[2], submissions[0]):
        quote(submission, "I.13", "assistance")
    said = written()
    assert [block.by for block in quotations(said)] == ["Corvessa", "Arandia"]
    assert everything(said).count("the assistance needed was described as follows:") == 1


def test_the_method_describes_only_what_the_paper_has(state, written, quote):
    """No quotations where none is chosen."""
    submission, _person = state(0, {"I.13": NEED}, quoted=True)
    said = everything(written())
    for absent in ("Examples in the words", "are quoted", "“[…]”", "courtesy"):
        assert absent not in said
    quote(submission, "I.13", "measures")
    said = everything(written())
    assert "Examples in the words of States." in said
    assert "States are quoted only if they permit quotation" in said


def test_a_theme_has_at_most_two_quotations_unless_the_officer_wants_all(state, written, quote):
    submission, _person = state(0, {"I.13": NEED, "I.1": PRACTICE}, quoted=True)
    for label, field in (("I.13", "difficulties"), ("I.1", "measures"), ("I.13", "measures"), ("I.13", "assistance")):
        quote(submission, label, field)
    assert quoted(written()) == [NEED.difficulties, NEED.measures, PRACTICE.measures]
    assert sorted(quoted(written(most_quoted=None))) == sorted(
        [NEED.difficulties, NEED.measures, NEED.assistance, PRACTICE.measures]
    )


def test_a_translation_is_printed_and_the_original_named_by_its_language(state, written, quote):
    """The disclaimer stands once."""
    arabic = Answer(status="in_progress", measures="يُصرف التعويض من الصندوق.", language="ar")
    other = dataclasses.replace(arabic, measures="Hazina hulipa fidia.", language="und")
    submissions = [state(place, {"I.13": answer}, quoted=True)[0] for place, answer in enumerate((arabic, other))]
    for submission in submissions:
        quote(submission, "I.13", "measures", translation="As translated.")
    said = written()
    assert [(block.words.text, block.by) for block in quotations(said)] == [
        ("As translated.", "Arandia (original in Arabic)"),
        ("As translated.", "Belmara (original in another language)"),
    ]
    disclaimer = (
        "Words in another language are given in a courtesy translation, which is not official. "
        "Translations by: the Secretariat."
    )
    for words in (everything(said), " ".join(words_of_docx(write_docx(said))), words_of_pdf(write_pdf(said))):
        assert words.count("courtesy") == 1
        assert "الصندوق" not in words
    assert disclaimer in everything(said)


def test_reasons_follow_what_was_considered_before_other_quotations(state, written, quote):
    submission, _person = state(0, {"I.13": NEED}, quoted=True)
    other, _person = state(1, {"I.13": CONSIDERED}, quoted=True)
    quote(submission, "I.13", "measures")
    quote(other, "I.13", "reasons")
    assert quoted(written()) == [CONSIDERED.reasons, NEED.measures]


def test_a_recommendation_is_named_again_after_words_on_another(state, written, quote):
    submission, _person = state(0, {"I.7(a)": NEED, "I.7(b)": NEED}, quoted=True)
    for label, field in (("I.7(a)", "measures"), ("I.7(b)", "measures"), ("I.7(a)", "difficulties")):
        quote(submission, label, field)
    assert [lead for _heading, lead, _words in places_of_quotations(written(most_quoted=None))] == [
        f"On recommendation {in_sentence('I.7(a)')}, measures were described as follows:",
        f"On recommendation {in_sentence('I.7(b)')}, measures were described as follows:",
        f"On recommendation {in_sentence('I.7(a)')}, difficulties were described as follows:",
    ]


def test_a_long_quotation_begins_below_its_lead_in_and_goes_on_over_the_page(state, written, quote):
    """A short one stays on the page with the name of its State."""
    long = dataclasses.replace(NEED, measures=" ".join(["The bill is before Parliament."] * 300))
    submission, _person = state(0, {"I.13": long}, quoted=True)
    quote(submission, "I.13", "measures")
    quote(submission, "I.13", "difficulties")
    said = written()
    document = docx.Document(io.BytesIO(write_docx(said)))
    styles = {paragraph.text: paragraph.style.name for paragraph in document.paragraphs}
    assert (styles[long.measures], styles[NEED.difficulties]) == ("Quote", "Quote and more")
    pages = words_of_pdf(write_pdf(said), page_end="END").split("END")
    assert [page for page in pages if re.search("de-?scribed as fol-?lows: The bill is be-?fore Parl", page)] != []


def test_every_field_that_can_be_quoted_has_a_lead_in():
    assert {*LEAD_INS} == {*LEAD_INS_ON_THE_SAME} == {*PARAGRAPHS, "practice"}


@pytest.mark.parametrize("states", [1, 6])
def test_a_paper_takes_as_many_queries_for_many_states(
    states, state, quote, round_, bob, unit, django_assert_max_num_queries
):
    union = Respondent.objects.create(code="EU", name="European Union", kind=RespondentKind.EUROPEAN_UNION)
    person = make_person("eva", Role.FOCAL_POINT, union)
    answer = dataclasses.replace(IMPLEMENTED, ready=True)
    save_answer(respondent=union, unit=unit("I.13"), base=0, answer=answer, by=person)
    submit_ready(union, round_, person)
    made = [state(place, {"I.13": NEED, "I.1": PRACTICE}, quoted=True)[0] for place in range(states)]
    for submission in made:
        quote(submission, "I.13", "assistance")
    release_of_few(round_, bob)
    known = newest_release()
    with django_assert_max_num_queries(12):
        assert count_words(paper(known, CHOICE)) > 500
