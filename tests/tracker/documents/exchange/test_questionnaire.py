"""What an institution is sent has the texts as adopted, and a box for each field that is found again by its tag."""

import datetime
import io
import zipfile

import docx
import pytest
from django.utils import translation
from docx.oxml.ns import qn
from lxml import etree

from tests.evidence_items import add_item
from tracker.documents.exchange.questionnaire import Letter, questionnaire, questionnaire_docx
from tracker.documents.statements import USUAL
from tracker.models import Assignment, Institution
from tracker.models.answer_fields import FIELD_BY_NAME, TEXTS, AssistanceKind
from tracker.models.status import ReasonCode, Status
from tracker.queries.desk.units import unit_rows

pytestmark = pytest.mark.one_database

CHECKED = ".//{http://schemas.microsoft.com/office/word/2010/wordml}checked"
WITHOUT = Letter(with_answers=False)
TEXTS_ASKED = [name for name in TEXTS if FIELD_BY_NAME[name].is_in_questionnaire]


@pytest.fixture
def ask(xaa, alice):
    """The questionnaire about the units of these labels, as bytes."""

    def ask(*labels, letter=Letter()) -> bytes:  # noqa: B008 - it cannot be changed
        rows = unit_rows(xaa, alice).to_answer
        chosen = [row for row in rows if row.unit.label in labels]
        return questionnaire_docx(questionnaire(xaa, alice, chosen, letter))

    return ask


def boxes(file: bytes) -> dict[str, str | bool]:
    """What stands in each box, by its tag, as the documentation says that it is read."""
    found = {}
    for box in docx.Document(io.BytesIO(file)).element.body.iter(qn("w:sdt")):
        about = box.find(qn("w:sdtPr"))
        checked = about.find(CHECKED)
        if checked is not None:
            value = checked.get(checked.keys()[0]) == "1"
        elif about.find(qn("w:showingPlcHdr")) is not None:
            value = ""
        else:
            value = "".join(
                {qn("w:br"): "\n", qn("w:tab"): "\t"}.get(piece.tag, piece.text or "")
                for piece in box.iter(qn("w:t"), qn("w:br"), qn("w:tab"))
            )
        tag = about.find(qn("w:tag")).get(qn("w:val"))
        assert tag not in found
        found[tag] = value
    return found


def selected(file: bytes, field: str) -> list[str]:
    """The codes that are selected of a field."""
    return [tag.removeprefix(f"{field}/") for tag, value in boxes(file).items() if tag.startswith(field) and value]


def properties(file: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        root = etree.fromstring(archive.read("docProps/custom.xml"))
    return {one.get("name"): one[0].text for one in root}


def words_of(file: bytes) -> str:
    document = docx.Document(io.BytesIO(file))
    return " ".join("".join(text.text or "" for text in document.element.body.iter(qn("w:t"))).split())


def test_the_current_answer_is_in_its_boxes(say, ask, xaa, alice):
    law = add_item(xaa, alice, "Act", citation="OG 12")
    say(
        "IV.46(i)",
        "partially_implemented",
        measures="Law No. 17\n\nA fund.\tOpen.",
        difficulties="Few awards <&>",
        items_met=["IV.46(i)(ii)"],
        assistance_kinds=["training", "data"],
        assistance="Two trainers",
        good_practice=True,
        lead_institution="وزارة العدل",
        target_date=datetime.date(2027, 6, 30),
        situation_as_at=datetime.date(2026, 10, 20),
        citations=[(law, "art. 9")],
    )
    file = ask("IV.46(i)")
    found = boxes(file)

    assert selected(file, "IV-46-i/status") == ["partially_implemented"]
    assert selected(file, "IV-46-i/items_met") == ["IV-46-i-ii"]
    assert selected(file, "IV-46-i/assistance_kinds") == ["training", "data"]
    assert {tag.removeprefix("IV-46-i/"): text for tag, text in found.items() if isinstance(text, str)} == {
        **dict.fromkeys(TEXTS_ASKED, ""),
        "measures": "Law No. 17\n\nA fund.\tOpen.",
        "difficulties": "Few awards <&>",
        "evidence": "E1 Act: art. 9",
        "lead_institution": "وزارة العدل",
        "target_date": "30 June 2027",
        "situation_as_at": "20 October 2026",
        "assistance": "Two trainers",
    }
    assert found["IV-46-i/good_practice"] is True


def test_there_is_a_box_for_each_code_and_none_is_ticked_without_an_answer(ask):
    file = ask("I.13")
    tags = {
        *(f"I-13/status/{code}" for code in Status.values),
        *(f"I-13/reason_code/{code}" for code in ReasonCode.values),
        *(f"I-13/assistance_kinds/{code}" for code in AssistanceKind.values),
        *(f"I-13/{name}" for name in (*TEXTS_ASKED, "evidence", "target_date", "situation_as_at", "good_practice")),
    }
    assert boxes(file).keys() == tags
    assert not any(boxes(file).values())
    assert "There is no answer yet." in words_of(file)


def test_the_boxes_are_empty_where_the_answers_are_not_to_be_sent(say, ask):
    say("I.13", measures="Law No. 17", lead_institution="Ministry of Justice")
    file = ask("I.13", letter=WITHOUT)
    assert not any(boxes(file).values())
    assert "Law No. 17" not in words_of(file)
    assert properties(file)["I-13/revision"] == "1"
    assert properties(file)["questionnaire/answers"] == "without"


def test_the_file_says_of_which_state_and_revisions_it_is(say, ask):
    say("II.49")
    say("II.49", base=1, measures="The Fund is open.")
    said = properties(ask("I.13", "II.49"))
    assert said.pop("questionnaire/data_as_at")[:2] == "20"
    assert said == {
        "questionnaire/form": "3",
        "questionnaire/answers": "with",
        "questionnaire/hint": "Enter text here",
        "questionnaire/respondent": "XAA",
        "I-13/revision": "0",
        "II-49/revision": "2",
    }


def test_the_texts_are_as_adopted_with_chapeau_items_and_footnotes(ask, unit, xaa):
    noted = xaa.units_to_answer().filter(footnotes__isnull=False).with_text().first()
    file = ask("IV.46(i)", noted.label)
    said = words_of(file)
    chapeau = unit("IV.46(i)")
    for node in (*chapeau.chapeaux, chapeau, *chapeau.items.all()):
        assert " ".join(node.text.split()) in said
    for note in noted.footnotes.all():
        assert " ".join(note.text.split()) in said
    adopted = [one for one in docx.Document(io.BytesIO(file)).paragraphs if one.style.name.startswith("Adopted")]
    assert {one.paragraph_format.element.pPr.find(qn("w:bidi")).get(qn("w:val")) for one in adopted} == {"0"}


def test_the_first_page_says_to_whom_by_when_how_and_what_becomes_of_it(ask, unit):
    justice = Institution(pk=1, name="Ministry of Justice")
    due = Assignment(due_on=datetime.date(2027, 1, 15))
    letter = Letter(justice, "Alice", "alice@example.org", assignments={unit("I.13").pk: due})
    said = words_of(ask("I.13", letter=letter))
    for each in ("Arandia", "Ministry of Justice", "15 January 2027", "Alice, alice@example.org", *map(str, USUAL)):
        assert each in said
    assert "records your institution as their source" in said


def test_what_considering_means_depends_on_the_text(ask):
    assert "this recommendation asks States to consider a measure" in words_of(ask("V.4"))
    assert "give reasons; counted separately" in words_of(ask("II.8"))


def test_it_is_from_right_to_left_where_the_language_is(ask):
    with translation.override("ar"):
        document = docx.Document(io.BytesIO(ask("I.13")))
    assert document.styles["Normal"].element.pPr.find(qn("w:bidi")) is not None
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in document.tables)


@pytest.mark.parametrize("text", ["x" * 20_000, "\N{GRINNING FACE} </w:sdt> & \ue000", "ضحية 受害者 жертва\n" * 100])
def test_no_text_breaks_it_and_none_is_cut(say, ask, text):
    say("I.13", measures=text, lead_institution=text[:200])
    assert boxes(ask("I.13"))["I-13/measures"] == text
