"""The progress report as a paper: what its two files say is what the figures are, and nothing that must not leave the
Secretariat is in it.
"""

import dataclasses
import io
import re
import subprocess
from datetime import date
from functools import partial

import docx
import pytest
from docx.oxml.ns import qn

from tests.conftest import find_unit, make_person, make_state
from tests.labels import in_sentence
from tests.submissions import handed_in, opened_round, release_of_few
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import Statements, change_use, withdraw_from_round
from tracker.actions.treaty_act import confirm_complete_acts
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.paper.chapters import PaperChoice, paper
from tracker.documents.paper.docx import paper_docx
from tracker.documents.paper.pdf import paper_pdf
from tracker.documents.paper.tree import PaperParagraph, PaperTable, QuotedText
from tracker.figures.progress import release_progress
from tracker.figures.public_figures import newest_release
from tracker.models import Record, Respondent, Round
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalReason

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CHOICE = PaperChoice(
    session="Fifteenth meeting",
    place_and_dates="Vienna, 6 to 8 October 2027",
    agenda_item="Item 2 of the provisional agenda",
)
NAMES = ("Arandia", "Belmara", "Corvessa", "Dorvania", "Estmark", "Falland", "Gorwen")
NAMES_OF_FOUR = ["Arandia", "Belmara", "Corvessa", "Dorvania"]
INVISIBLE = re.compile("[\u200b\u00ad]")


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
    submission = handed_in(found, round_, person, stated)
    change_use(submission=submission, in_aggregates=aggregates, quoted=quoted, published=False, by=person)
    return submission, person


@pytest.fixture
def state(round_):
    return partial(add_state, round_)


@pytest.fixture
def written(round_, bob):
    """Write the paper on a release of today."""
    return lambda **choice: paper(
        release_progress(release_of_few(round_, bob)), dataclasses.replace(CHOICE, **choice), bob
    )


IMPLEMENTED = Answer(status="implemented")
IN_PROGRESS = Answer(status="in_progress")
NEED = Answer(
    status="in_progress", assistance_kinds=["training"], assistance="Forty judges are to be trained.", language="en"
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


def words_of_pdf(file: bytes) -> str:
    read = subprocess.run(["pdftotext", "-raw", "-", "-"], input=file, capture_output=True, check=True).stdout.decode()
    return " ".join(INVISIBLE.sub("", re.sub("[-\u2010\u00ad]\n", "-", read)).split())


def everything(of) -> str:
    return "\n".join([*of.texts])


def tables(of) -> list[PaperTable]:
    return [block for block in of.all_blocks if isinstance(block, PaperTable)]


def table_named(of, title: str) -> PaperTable:
    (found,) = (each for each in tables(of) if each.title == title)
    return found


def quotations(of) -> list[QuotedText]:
    """Of States."""
    return [block for block in of.blocks if isinstance(block, QuotedText) and block.by]


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
    assert "Of the answers requested from the States covered, 4 per cent were given." in said
    assert "fewer than five States submitted answers but do not permit their use in aggregate figures." in said


def test_a_recommendation_stands_out_only_among_those_whose_figures_are_shown(state, written):
    """Three of seven say that I.1 is implemented: no sentence may say so, nor put I.1 behind another."""
    for place in range(7):
        state(place, {"I.13": IN_PROGRESS, "I.1": IMPLEMENTED if place < 3 else IN_PROGRESS})
    said = everything(written())
    assert "“Implemented” was reported by the largest share" not in said
    assert "The annex gives the numbers under this theme that can be shown." in said


def test_a_regional_group_of_fewer_than_five_is_not_told(state, written):
    for place in range(6):
        state(place, {"I.13": IMPLEMENTED})
    state(6, {"I.13": IMPLEMENTED, "I.1": IN_PROGRESS}, regional_group=StateGroup.ASIA_PACIFIC)
    rows = {row[0]: row[1:] for row in table_named(written(), "Status by regional group").rows}
    assert rows["Asia-Pacific States"] == [".."] * 11
    assert rows["African States"] == [".."] * 11
    assert rows["All"][:2] == ["7", "189"]


def test_words_stand_with_the_name_of_a_state_only_where_it_permits_that(state, written):
    for place in range(5):
        state(place, {"I.13": NEED, "I.1": PRACTICE})
    state(5, {"I.13": NEED, "I.1": PRACTICE}, quoted=True)
    said = written()
    assert quoted(said) == [PRACTICE.measures, NEED.assistance]
    assert [block.by for block in quotations(said)] == ["Falland", "Falland"]
    leads = [said.blocks[said.blocks.index(block) - 1] for block in quotations(said)]
    assert [(block.is_lead, block.pieces[0].text) for block in leads] == [
        (True, f"On recommendation {in_sentence('I.1')}, one State described its measures as follows:"),
        (True, f"On recommendation {in_sentence('I.13')}, one State described the assistance it needs as follows:"),
    ]
    notes = [piece for block in said.blocks if isinstance(block, PaperParagraph) for piece in block.pieces[1:]]
    assert [text for text in said.texts if "Arandia" in text] == [notes[1].text]
    for file in (" ".join(words_of_docx(paper_docx(said))), words_of_pdf(paper_pdf(said))):
        assert NEED.assistance in file
        assert PRACTICE.measures in file


def test_the_paper_says_of_which_day_and_source_the_treaty_status_is(state, written, dana):
    state(0, {"I.13": IMPLEMENTED})
    before = everything(written())
    assert "The treaty acts of all States are not yet confirmed as complete." in before
    confirm_complete_acts(as_at=date(2026, 11, 1), source="UNTC XVIII-12-a", by=dana)
    after = everything(written())
    assert "Treaty status is as at 1 November 2026 (UNTC XVIII-12-a), or as confirmed since." in after


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
    """The two recommendations have different themes."""
    for place in range(4):
        state(place, {"I.13": NEED, "I.1": NEED}, quoted=True)
    assert sorted(block.by for block in quotations(written(quotations=2))) == NAMES_OF_FOUR
    assert quoted(written(quotations=0)) == []


def test_reasons_are_quoted_where_a_state_considered_a_measure(state, written):
    state(0, {"I.13": CONSIDERED}, quoted=True)
    (quotation,) = quotations(written())
    assert (quotation.words.text, quotation.by) == ("A fund exists.", "Arandia")


def test_a_quotation_in_another_language_names_it_and_has_room_for_a_translation(state, written):
    state(0, {"I.13": dataclasses.replace(NEED, language="fr")}, quoted=True)
    (quotation,) = quotations(written())
    assert quotation.by == "Arandia (original in French)"
    assert quotation.note == "[Courtesy translation to be added.]"


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


def test_states_that_are_too_few_are_not_told_by_the_others_either(state, written):
    for place in range(6):
        state(place, {"I.13": NEED, "I.1": PRACTICE})
    state(6, {"I.13": IMPLEMENTED})
    said = everything(written())
    assert "Technical assistance was asked for in six answers. " in said
    assert "Good practices were described in six answers. " in said
    assert "six of the States covered" not in said


@pytest.mark.parametrize("states", [1, 6])
def test_a_paper_takes_as_many_queries_for_many_states(states, state, round_, bob, unit, django_assert_max_num_queries):
    union = Respondent.objects.create(code="EU", name="European Union", kind=RespondentKind.EUROPEAN_UNION)
    person = make_person("eva", Role.FOCAL_POINT, union)
    answer = dataclasses.replace(IMPLEMENTED, ready=True)
    save_answer(respondent=union, unit=unit("I.13"), base=0, answer=answer, by=person)
    handed_in(union, round_, person)
    for place in range(states):
        state(place, {"I.13": NEED, "I.1": PRACTICE}, quoted=True)
    release_of_few(round_, bob)
    known = newest_release()
    assert bob.current_memberships
    with django_assert_max_num_queries(12):
        assert paper(release_progress(known), CHOICE, bob).word_count
