"""A document is a table of its paragraphs, and a person decides about each."""

import contextlib
import datetime
import signal
import time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.models import (
    Body,
    Footnote,
    ImportedMeeting,
    ImportedParagraph,
    Meeting,
    PaperImport,
    Recommendation,
    Wording,
)
from recommendations.outline.document import LETTERS_LIMIT, paste_paragraphs
from recommendations.outline.source import PARAGRAPHS_LIMIT
from recommendations.paper_import.actions import (
    StaleImport,
    decide_paragraphs,
    delete_import,
    join_paragraphs,
    move_paragraphs,
    save_details,
    save_paragraphs,
    settle_doubt,
)
from recommendations.paper_import.doubts import DOUBTS, OTHER_WORDS, QUESTIONS, answers_to
from recommendations.paper_import.notation import LABEL_LENGTH, parse_heading
from recommendations.paper_import.plan import PublicationPlan, node_errors
from recommendations.paper_import.reading import read_rows
from recommendations.paper_import.rows import ParagraphTable
from tests.conftest import make_person, with_second_factor
from tests.machines import act_there, another_machine
from tests.papers import EIGHT_MEETINGS, NINTH, REPORT, offered, parts_of, published, taken_in
from tests.submissions import opened_round
from tests.thorough import moments, times
from tracker.actions.record import Answer, save_answer
from tracker.models import EventRow, Revision
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(dana) -> PaperImport:
    return taken_in(dana, REPORT)


@pytest.fixture
def fay():
    return with_second_factor(make_person("fay", Role.CURATOR))


def row(draft: PaperImport, words: str) -> ImportedParagraph:
    """Return the paragraph with a label, or the first whose words begin so."""
    found = (
        draft.paragraphs.filter(label=words) if "." in words[:5] else draft.paragraphs.filter(text__startswith=words)
    )
    return found.order_by("number", "piece")[0]


def versions(*rows: ImportedParagraph) -> dict[int, int]:
    return {each.pk: each.version for each in rows}


def say(draft: PaperImport, by, decision: str, *begins: str, **values):
    chosen = versions(*(row(draft, words) for words in begins))
    return decide_paragraphs(paper_import=draft, decision=decision, versions=chosen, by=by, **values)


def correct(draft: PaperImport, by, words: str, **values) -> None:
    found = row(draft, words)
    save_paragraphs(paper_import=draft, changes={found.pk: (found.version, values)}, by=by)


def labels(draft: PaperImport) -> list[str]:
    return [each.label for each in draft.paragraphs.all() if not each.is_left_out]


def doubts(draft: PaperImport) -> dict[str, list[str]]:
    plan = PublicationPlan(draft)
    found = {each.label: [doubt.question for doubt in plan.list_doubts(each)] for each in plan.nodes}
    return {label: questions for label, questions in found.items() if questions}


def undecided(draft: PaperImport) -> list[str]:
    return [each.text for each in PublicationPlan(draft).undecided]


# What the program proposes


def test_every_paragraph_of_a_document_is_a_row_in_order(draft):
    rows = list(draft.paragraphs.all())

    assert [word for each in rows for word in f"{each.printed} {each.issued}".split()] == REPORT.split()
    assert [each.number for each in rows] == list(range(1, 17))
    assert {each.decided_by for each in rows} == {None}


def test_a_text_has_what_its_words_suggest(dana):
    paper_import = taken_in(dana)

    values = ("label", "kind", "addressees", "basis", "strength", "asks_to_consider", "is_unit")
    assert list(paper_import.paragraphs.filter(is_left_out=False).values_list(*values)) == [
        ("IX.1", "chapeau", ["states_parties"], "stated", "should", False, False),
        ("IX.1(a)", "recommendation", ["states_parties"], "inherited", "should", False, True),
        ("IX.1(b)", "recommendation", ["states_parties"], "inherited", "should_consider", True, True),
        ("IX.2", "recommendation", ["secretariat"], "stated", "should", False, True),
        ("IX.3", "recommendation", ["states_parties"], "implied", "should", False, True),
    ]
    fund = row(paper_import, "IX.1(b)")
    assert (fund.issued_text, fund.issued_footnotes) == (
        "Consider establishing a fund for victims.¹",
        "¹ See article 6, paragraph 6, of the Protocol.",
    )
    assert doubts(paper_import) == {"IX.3": ["implied"]}


def test_a_published_label_is_recognized_and_different_words_are_doubted(dana, unit):
    paper = f"I. First meeting, Vienna, 14 and 15 April 2009\n\n4. {unit('I.4').text}\n9. The Secretariat should act."

    paper_import = taken_in(dana, paper)

    plan = PublicationPlan(paper_import)
    assert doubts(paper_import) == {"I.9": [OTHER_WORDS]}
    assert ([node.label for node in plan.published_nodes], plan.new_nodes) == (["I.4", "I.9"], [])


MUCH = times(400_000, LETTERS_LIMIT - 100)  # the square of either is far too long


@pytest.mark.parametrize(
    "words",
    [
        *("[", "[a](", "*", "*a ", "¹", "a¹ ", "should, ", "States, ", "States that have not ", "a).'\""),
        *("Working Group recommended ", "topic be considered ", "topic be considered next meeting ", "reiterate "),
        *("1. a\n", "(a) b:\n\n", "Foo.\n\n", "¹ x\n", "² x\n\n³ y\n\n"),
        *("a word after a word and a word and the\n\n", "a word 1\n\n", "Annex\n\n", "Annex\n\nHEADING\n\n"),
    ],
)
def test_any_text_is_read_or_refused_quickly(words):
    text = ("IX. Ninth meeting, Vienna, 9 September 2019\n\n1. a" + words * (MUCH // len(words)))[:MUCH]
    lines = text.splitlines()[:PARAGRAPHS_LIMIT]
    began = time.process_time()

    with contextlib.suppress(ValidationError):
        read_rows(paste_paragraphs("\n".join(lines)), "IX", [])

    assert time.process_time() - began < 5


# A person decides


def test_leaving_out_a_part_keeps_what_was_decided_singly(draft, dana):
    say(draft, dana, "recommendation", "States are invited")
    part = row(draft, "States are invited").part

    stamp = ParagraphTable(draft.paragraphs.all()).part(part).stamp
    decide_paragraphs(paper_import=draft, decision="leave_out", parts={part: stamp}, reason="annex", by=dana)

    of_part = draft.paragraphs.filter(part=part).values_list("text", "is_left_out", "reason")
    assert list(of_part)[1:] == [
        ("Draft decision", True, "annex"),
        ("States are invited to take note of the offer of Austria.", False, ""),
        ("Topics were named.", True, "annex"),
    ]


def test_a_decision_about_a_part_is_changed_with_the_part(draft, dana):
    for decision in ("leave_out", "recommendation"):
        decide_paragraphs(paper_import=draft, decision=decision, parts=parts_of(draft, "Recommendations"), by=dana)

    assert {"IX.3", "IX.4", "IX.4(a)", "IX.4(b)", "IX.5"} <= set(labels(draft))


def test_a_part_that_somebody_else_changed_is_not_decided(draft, dana, fay):
    seen = parts_of(draft, "Recommendations")
    decide_paragraphs(paper_import=draft, decision="", parts=seen, by=fay)

    with pytest.raises(ValidationError, match="The page changed"):
        decide_paragraphs(paper_import=draft, decision="leave_out", parts=seen, by=dana)

    assert not draft.paragraphs.filter(decided_by=dana).exists()


def test_a_paragraph_becomes_a_recommendation_with_what_its_words_suggest(draft, dana):
    assert say(draft, dana, "recommendation", "The Chair said") == (1, [])

    chair = row(draft, "The Chair said")
    assert (chair.label, chair.is_unit, chair.decided_by) == ("IX.2", True, dana)
    assert (chair.addressees, chair.basis, chair.strength) == (["states_parties"], "implied", "should")


@pytest.mark.parametrize(
    ("decision", "found"),
    [
        ("recommendation", ("recommendation", True, False, False, "IX.3")),
        ("chapeau", ("chapeau", False, False, False, "IX.3")),
        ("note", ("note", False, False, False, "IX")),
        ("topic", ("recommendation", False, True, False, "IX.3")),
        ("leave_out", ("recommendation", True, False, True, "IX.3")),
    ],
)
def test_a_person_says_what_a_paragraph_is(draft, dana, decision, found):
    say(draft, dana, decision, "IX.3")

    third = row(draft, "States parties should compensate")
    assert (third.kind, third.is_unit, third.is_topic, third.is_left_out, third.label) == found


def test_a_paragraph_left_out_by_mistake_comes_back_as_proposed(draft, dana):
    before = draft.paragraphs.values("label", "kind", "is_unit", "addressees", "basis").get(label="IX.4(a)")

    say(draft, dana, "leave_out", "IX.4(a)")
    say(draft, dana, "recommendation", "IX.4(a)")

    assert draft.paragraphs.values("label", "kind", "is_unit", "addressees", "basis").get(label="IX.4(a)") == before


def test_everything_but_print_marks_must_be_decided_before_publication(draft, dana):
    draft.paragraphs.filter(number=5).update(reason="print_mark")
    assert len(undecided(draft)) == 15

    decide_paragraphs(
        paper_import=draft, decision="", parts=parts_of(draft, "Report", "Ninth", "Introduction", "Recom"), by=dana
    )

    assert undecided(draft) == [
        "",
        "Draft decision",
        "States are invited to take note of the offer of Austria.",
        "Topics were named.",
    ]
    assert "Decide about 4 paragraphs." in map(str, PublicationPlan(draft).problems)


def test_two_curators_decide_about_different_paragraphs(draft, dana, fay):
    first, second = row(draft, "IX.3"), row(draft, "IX.5")

    save_paragraphs(paper_import=draft, changes={first.pk: (1, {"strength": "may"})}, by=dana)
    save_paragraphs(paper_import=draft, changes={second.pk: (1, {"strength": "shall"})}, by=fay)

    found = draft.paragraphs.filter(version=2).values_list("strength", "decided_by", "changed_by")
    assert list(found) == [("may", dana.pk, dana.pk), ("shall", fay.pk, fay.pk)]


def test_a_text_changed_after_opening_is_named_and_nothing_saved(draft, dana, fay):
    first, second = row(draft, "IX.3"), row(draft, "IX.5")
    correct(draft, fay, "IX.5", strength="shall")

    with pytest.raises(StaleImport) as stale:
        changes = {each.pk: (1, {"strength": "may"}) for each in (first, second)}
        save_paragraphs(paper_import=draft, changes=changes, by=dana)

    assert {pk: (each.strength, each.version) for pk, each in stale.value.rows.items()} == {second.pk: ("shall", 2)}
    assert row(draft, "IX.3").version == 1


def test_attack_a_paragraph_of_another_draft_is_decided(draft, dana):
    other = row(taken_in(dana), "IX.2")

    with pytest.raises(ValidationError, match="The page changed"):
        decide_paragraphs(paper_import=draft, decision="leave_out", versions=versions(other), by=dana)
    with pytest.raises(StaleImport):
        save_paragraphs(paper_import=draft, changes={other.pk: (1, {"strength": "may"})}, by=dana)

    assert ImportedParagraph.objects.get(pk=other.pk).version == 1


# Split, join, levels


def test_an_empty_line_splits_a_paragraph_into_proposed_pieces(draft, dana):
    correct(draft, dana, "IX.3", text="States parties should", split=["(a) Compensate victims;", "(b) Inform victims."])

    pieces = draft.paragraphs.filter(number=8).values_list("piece", "printed", "text", "label", "decided_by")
    assert list(pieces) == [
        (0, "3.", "States parties should", "IX.3", dana.pk),
        (1, "(a)", "Compensate victims;", "IX.3(a)", None),
        (2, "(b)", "Inform victims.", "IX.3(b)", None),
    ]
    third = row(draft, "States parties should")
    assert (third.issued, third.kind) == ("States parties should compensate victims.", "chapeau")
    assert doubts(draft)["IX.3"] == ["dropped_words", "added_words"]


def test_a_piece_is_split_again_in_its_place(draft, dana):
    correct(draft, dana, "IX.3", text="States", split=["parties", "should compensate victims."])
    piece = draft.paragraphs.get(number=8, piece=1)

    save_paragraphs(paper_import=draft, changes={piece.pk: (1, {"text": "par", "split": ["ties"]})}, by=dana)

    assert [each.text for each in draft.paragraphs.filter(number=8)] == [
        "States",
        "par",
        "ties",
        "should compensate victims.",
    ]


def test_words_that_only_move_to_a_piece_are_not_doubted(draft, dana):
    correct(draft, dana, "IX.3", text="States parties", split=["should compensate victims."])

    assert "IX.3" not in doubts(draft)


def test_paragraphs_that_a_page_divides_are_joined(dana):
    paper = "IX. Ninth meeting, Vienna, 9 September 2019\n\n1. States should act\n\nV.19-0001\n\n2. against fraud."
    draft = taken_in(dana, paper)
    draft.paragraphs.filter(text="V.19-0001").update(is_left_out=True, is_unit=False, reason="print_mark")

    join_paragraphs(paper_import=draft, versions=versions(row(draft, "IX.1"), row(draft, "against")), by=dana)

    assert row(draft, "IX.1").text == "States should act against fraud."
    assert row(draft, "against").reason == "joined"
    assert {"dropped_words", "added_words"}.isdisjoint(doubts(draft).get("IX.1", []))


def test_attack_hundreds_of_paragraphs_are_joined(dana):
    draft = taken_in(dana, "\n\n".join(["I. Introduction", *(f"The speaker {name} was brief." for name in range(400))]))
    began = time.process_time()

    join_paragraphs(paper_import=draft, versions=versions(*draft.paragraphs.all()), by=dana)

    assert time.process_time() - began < 5
    assert draft.paragraphs.filter(reason="joined").count() == 400


def test_more_than_a_text_can_have_is_not_joined(dana):
    draft = taken_in(dana, "\n\n".join(f"{number}. {'Word ' * 3_000}end." for number in (1, 2)))

    with pytest.raises(ValidationError, match="too long"):
        join_paragraphs(paper_import=draft, versions=versions(*draft.paragraphs.all()), by=dana)


def test_a_joined_paragraph_that_comes_back_is_doubted(draft, dana):
    joined = versions(*(row(draft, label) for label in ("IX.4(a)", "IX.4(b)", "IX.5")))
    join_paragraphs(paper_import=draft, versions=joined, by=dana)
    assert doubts(draft) == {}

    say(draft, dana, "recommendation", "Measures should be taken")

    assert doubts(draft)["IX.4(a)"] == ["added_words"]


@pytest.mark.parametrize("begins", [["IX.3"], ["IX.3", "IX.5"]])
def test_only_paragraphs_that_follow_each_other_are_joined(draft, dana, begins):
    with pytest.raises(ValidationError, match="that follow each other"):
        join_paragraphs(paper_import=draft, versions=versions(*(row(draft, each) for each in begins)), by=dana)

    assert not draft.paragraphs.exclude(version=1).exists()


def test_a_text_one_level_deeper_becomes_an_item(draft, dana):
    fifth = row(draft, "IX.5")

    move_paragraphs(paper_import=draft, versions=versions(fifth), levels=1, by=dana)

    fifth.refresh_from_db()
    assert (fifth.label, fifth.depth, row(draft, "IX.4").kind) == ("IX.4(5)", 1, "chapeau")


def test_a_text_moves_with_its_items_and_back(draft, dana):
    before = labels(draft)

    for levels in (1, -1):
        fourth = row(draft, "States parties should:")
        move_paragraphs(paper_import=draft, versions=versions(fourth), levels=levels, by=dana)
        if levels == 1:
            assert labels(draft) == ["IX.3", "IX.3(4)", "IX.3(4)(a)", "IX.3(4)(b)", "IX.5"]

    assert labels(draft) == before


# Labels and words


def test_items_follow_the_label_and_the_addressees_of_their_chapeau(draft, dana):
    correct(draft, dana, "IX.4", label="Decision 9/1", addressees=["unodc"])

    assert list(draft.paragraphs.filter(label__startswith="Decision").values_list("label", "addressees")) == [
        (label, ["unodc"]) for label in ("Decision 9/1", "Decision 9/1(a)", "Decision 9/1(b)")
    ]


CHAPEAUX = """IX. Ninth meeting, Vienna, 9 September 2019

1. States parties should:

(a) Train police officers;

(b) Train prosecutors.

2. The Secretariat should:

(a) Collect laws.
"""


def test_items_follow_their_own_chapeau_where_two_labels_are_exchanged(dana):
    draft = taken_in(dana, CHAPEAUX)
    changes = {row(draft, "IX.1").pk: (1, {"label": "IX.2"}), row(draft, "IX.2").pk: (1, {"label": "IX.1"})}

    save_paragraphs(paper_import=draft, changes=changes, by=dana)

    assert labels(draft) == ["IX.2", "IX.2(a)", "IX.2(b)", "IX.1", "IX.1(a)"]


def test_a_label_corrected_twice_changes_only_its_own_items(dana):
    draft = taken_in(dana, CHAPEAUX)
    before, first = labels(draft), row(draft, "IX.1")

    save_paragraphs(paper_import=draft, changes={first.pk: (1, {"label": "IX.2"})}, by=dana)
    save_paragraphs(paper_import=draft, changes={first.pk: (2, {"label": "IX.1"})}, by=dana)

    assert labels(draft) == before


def test_a_label_too_long_for_the_items_is_refused(draft, dana):
    with pytest.raises(ValidationError, match="Its items cannot have labels that begin with this label"):
        correct(draft, dana, "IX.4", label="I" * LABEL_LENGTH)

    assert labels(draft) == ["IX.3", "IX.4", "IX.4(a)", "IX.4(b)", "IX.5"]


def test_words_that_are_dropped_or_added_are_doubted_until_settled(draft, dana):
    correct(draft, dana, "IX.5", text="Measures must be taken.")
    assert row(draft, "IX.5").doubts == [
        {"question": "dropped_words", "words": "should … taken to inspect workplaces."},
        {"question": "added_words", "words": "must … taken."},
    ]

    settle_doubt(
        paper_import=draft, versions=versions(row(draft, "IX.5")), question="dropped_words", answer="keep", by=dana
    )
    assert row(draft, "IX.5").settled == ["dropped_words"]
    correct(draft, dana, "IX.5", text="Measures must follow.")

    assert row(draft, "IX.5").settled == []


# Doubts


@pytest.mark.parametrize("question", DOUBTS)
def test_to_leave_a_text_out_is_the_last_answer(question):
    answers = answers_to(question)

    assert list(answers)[-1] == "leave_out"
    assert len(answers) > 1
    assert question in QUESTIONS


def test_the_same_doubt_of_several_texts_is_settled_at_once(dana):
    draft = taken_in(dana, REPORT.replace("States parties should compensate", "Measures should be taken to compensate"))
    assert doubts(draft) == {"IX.3": ["implied"], "IX.5": ["implied"]}
    both = versions(row(draft, "IX.3"), row(draft, "IX.5"))

    assert settle_doubt(paper_import=draft, versions=both, question="implied", answer="un_entities", by=dana) == (2, [])

    assert doubts(draft) == {"IX.3": ["implied"], "IX.5": ["implied"]}
    assert PublicationPlan(draft).doubts == []
    assert row(draft, "IX.3").addressees == ["un_entities"]


def test_a_text_with_an_addressee_again_is_a_recommendation(draft, dana):
    for question, answer in (("implied", "nobody"), ("nobody", "states")):
        found = versions(row(draft, "IX.5"))
        settle_doubt(paper_import=draft, versions=found, question=question, answer=answer, by=dana)

    fifth = row(draft, "IX.5")
    assert (fifth.is_unit, fifth.addressees, PublicationPlan(draft).doubts) == (True, ["states"], [])


@pytest.mark.parametrize("answer", ["", "everybody", "keep me"])
def test_an_unknown_answer_settles_nothing(draft, dana, answer):
    with pytest.raises(ValidationError, match="Choose an answer"):
        settle_doubt(
            paper_import=draft, versions=versions(row(draft, "IX.5")), question="implied", answer=answer, by=dana
        )


# The details


def test_details_are_saved_unless_they_changed_after_opening(dana):
    paper_import = taken_in(dana)
    paper_import.paper_title = "Another title"
    meetings = {10: parse_heading("X. Tenth meeting, Geneva, 1 to 3 October 2020")}

    save_details(paper_import=paper_import, meetings=meetings, base=1, by=dana)

    found = PaperImport.objects.get(pk=paper_import.pk)
    assert (found.paper_title, found.version, found.meetings.get().place) == ("Another title", 2, "Geneva")
    assert labels(found) == ["X.1", "X.1(a)", "X.1(b)", "X.2", "X.3"]
    with pytest.raises(StaleImport):
        save_details(paper_import=paper_import, meetings=meetings, base=1, by=dana)


# Errors by field


VALID = {
    "label": "IX.1",
    "kind": "recommendation",
    "text": "States should act.",
    "footnotes": "",
    "is_unit": True,
    "is_topic": False,
    "addressees": ["states"],
    "basis": "stated",
    "primary_theme": None,
    "secondary_theme": None,
}


@pytest.mark.parametrize(
    "values, fields",
    [
        ({}, []),
        ({"label": "IX.1."}, ["label"]),
        ({"label": "IX"}, ["kind"]),
        ({"kind": "note", "is_unit": False}, ["kind"]),
        ({"is_topic": True}, ["is_unit"]),
        ({"addressees": ["everybody"]}, ["addressees"]),
        ({"addressees": []}, ["addressees"]),
        ({"basis": ""}, ["basis"]),
        ({"text": " "}, ["text"]),
        ({"footnotes": "A footnote."}, ["footnotes"]),
        ({"footnotes": "¹ A footnote."}, ["text"]),
        ({"footnotes": "¹ A footnote.", "text": "States should act.¹"}, []),
        ({"secondary_theme": "x"}, ["primary_theme"]),
        ({"secondary_theme": "x", "primary_theme": "x"}, ["secondary_theme"]),
    ],
)
def test_errors_of_a_text_are_listed_by_field(values, fields):
    assert list(node_errors(VALID | values)) == fields


# What must always hold


def refused(write, **kwargs) -> str:
    """The constraint that the database names when it refuses."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write(**kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("paragraph_left_out_for_a_reason", {"is_left_out": True}),
        ("paragraph_left_out_for_a_reason", {"reason": "annex"}),
        ("heading_is_no_text", {"is_heading": True}),
        ("part_decided_by_somebody", {"decided_with": 1}),
    ],
)
def test_the_database_keeps_reasons_and_people_of_paragraphs(draft, constraint, values):
    assert constraint in refused(draft.paragraphs.filter(label="IX.3").update, **values)


def test_a_draft_has_each_piece_of_a_paragraph_once(draft):
    assert "UNIQUE" in refused(draft.paragraphs.filter(label="IX.3").update, number=9).upper()


@pytest.mark.parametrize("values", [{"offered_stamp": "x"}, {"offered_at": timezone.now()}])
def test_an_offer_has_its_person_its_time_and_its_stamp(draft, values):
    assert "paper_import_offered_by_somebody" in refused(PaperImport.objects.filter(pk=draft.pk).update, **values)


def test_a_draft_has_each_meeting_once_with_days_in_order(dana):
    meetings = taken_in(dana).meetings
    said = vars(meetings.get()) | {"id": None}
    del said["_state"]

    assert "UNIQUE" in refused(ImportedMeeting(**said).save).upper()
    assert "paper_import_meeting_ends_after_start" in refused(meetings.update, ends=datetime.date(2019, 9, 8))


def actions_of(draft: PaperImport) -> list:
    """Return every action that changes a draft, ready to be done by somebody."""
    found, values = row(draft, "IX.3"), {"paper_import": draft}
    seen = versions(found)
    return [
        lambda by: save_paragraphs(**values, changes={found.pk: (found.version, {"strength": "may"})}, by=by),
        lambda by: decide_paragraphs(**values, decision="leave_out", versions=seen, by=by),
        lambda by: settle_doubt(**values, versions=seen, question="implied", answer="states", by=by),
        lambda by: join_paragraphs(**values, versions=seen, by=by),
        lambda by: move_paragraphs(**values, versions=seen, levels=1, by=by),
        lambda by: save_details(**values, meetings={}, base=1, by=by),
        lambda by: delete_import(**values, by=by),
    ]


@pytest.mark.parametrize("who", ["alice", "bob", "erin"])
def test_only_curators_import_papers(request, dana, who):
    somebody = request.getfixturevalue(who)

    for act in (lambda by: taken_in(by), *actions_of(taken_in(dana))):
        with pytest.raises(PermissionDenied):
            act(somebody)


def test_a_published_paper_is_changed_no_more(dana):
    published(paper_import := taken_in(dana), dana)

    for act in actions_of(paper_import):
        with pytest.raises(ValidationError):
            act(dana)

    assert PaperImport.objects.get().paragraphs.count() == 8


def test_a_draft_is_deleted_with_its_paragraphs(draft, dana):
    delete_import(paper_import=draft, by=dana)

    assert (PaperImport.objects.count(), ImportedParagraph.objects.count()) == (0, 0)


# Nothing of a draft is public


def another_body(by, text: str = NINTH) -> PaperImport:
    return taken_in(by, text, body_slug="smuggling", body_name="Working Group on the Smuggling of Migrants")


def test_the_catalogue_contains_nothing_from_a_draft(dana, client):
    before = Recommendation.objects.count(), Body.objects.count(), Meeting.objects.count()
    another_body(dana, NINTH.replace("good practices", "CANARY good practices"))
    offered(taken_in(dana, NINTH.replace("good practices", "CANARY good practices")), dana)

    assert (Recommendation.objects.count(), Body.objects.count(), Meeting.objects.count()) == before
    for path in ("/recommendations/?open=all", "/recommendations/?q=CANARY", "/recommendations/catalogue.json"):
        assert "CANARY good practices" not in client.get(path).content.decode()
    assert client.get("/recommendations/IX-2/").status_code == 404
    assert client.get("/recommendations/smuggling/").status_code == 404


# What a publication adds


def test_published_texts_are_in_the_catalogue_with_their_annotations(dana):
    paper_import = published(taken_in(dana), dana)

    nodes = Recommendation.objects.filter(meeting__number=9).with_annotations()
    assert [(n.label, n.marker, n.parent and n.parent.label, n.kind, n.is_unit, n.position) for n in nodes] == [
        ("IX.1", "1", None, "chapeau", False, 318),
        ("IX.1(a)", "(a)", "IX.1", "recommendation", True, 319),
        ("IX.1(b)", "(b)", "IX.1", "recommendation", True, 320),
        ("IX.2", "2", None, "recommendation", True, 321),
        ("IX.3", "3", None, "recommendation", True, 322),
    ]
    fund = nodes.get(label="IX.1(b)")
    assert (fund.text, fund.slug) == ("Consider establishing a fund for victims.", "IX-1-b")
    assert [addressee.code for addressee in fund.addressees.all()] == ["states_parties"]
    assert (paper_import.nodes_added, paper_import.units_added) == (5, 4)


def test_a_new_body_is_added_to_the_first_body(dana):
    published(another_body(dana), dana)

    body = Body.objects.get(slug="smuggling")
    assert (body.is_first, body.name) == (False, "Working Group on the Smuggling of Migrants")
    assert body.recommendations.get(label="IX.1").get_absolute_url() == "/recommendations/smuggling/IX-1/"
    assert list(body.recommendations.values_list("position", flat=True)) == [1, 2, 3, 4, 5]


def test_a_body_is_not_added_if_its_slug_is_used(dana):
    first, second = another_body(dana), another_body(dana)
    published(first, dana)

    with pytest.raises(ValidationError):
        published(second, dana)


def test_open_rounds_and_answers_stay_as_they_are(dana, bob, xaa, alice, unit):
    save_answer(respondent=xaa, unit=unit("I.1"), answer=Answer(status="in_progress"), base=None, by=alice)
    round_ = opened_round(bob)
    scope, digests = list(round_.units.values_list("unit", flat=True)), list(Revision.everyones.values_list("digest"))

    published(taken_in(dana), dana)

    assert list(round_.units.values_list("unit", flat=True)) == scope
    assert list(Revision.everyones.values_list("digest")) == digests


def with_note(paper_import: PaperImport, by) -> PaperImport:
    """Say that III is a note, the only paragraph of the eight meetings that has no number and asks for nothing."""
    say(paper_import, by, "note", "The recommendations proposed during the third")
    return paper_import


def test_published_texts_stay_and_new_texts_are_added(dana):
    """The consolidated record of nine meetings: eight of them are known."""
    before = list(Recommendation.objects.values_list("pk", "label", "position", "current_wording"))

    paper = EIGHT_MEETINGS + "\n" + NINTH[NINTH.index("IX.") :].replace("¹", "⁶")
    published(with_note(taken_in(dana, paper), dana), dana)

    after = list(Recommendation.objects.values_list("pk", "label", "position", "current_wording"))
    assert after[: len(before)] == before
    new = [label for _pk, label, _position, _wording in after[len(before) :]]
    assert new == ["IX.1", "IX.1(a)", "IX.1(b)", "IX.2", "IX.3"]


def test_what_is_left_out_is_not_published(dana):
    paper_import = taken_in(dana)
    say(paper_import, dana, "leave_out", "IX.3")

    published(paper_import, dana)

    assert not Recommendation.objects.filter(label="IX.3").exists()


@pytest.mark.parametrize(
    "label, values, problem",
    [
        ("IX.3", {"label": "IX.2"}, "IX.2: Another text in the paper has the same label. Change one of the labels."),
        ("IX.3", {"label": "X.1"}, "X.1: The label must begin with the number of a meeting in this paper."),
        ("IX.3", {"label": "IX.7(a)"}, "IX.7(a): The text above, IX.7, is missing. Add it, or change this label."),
        ("IX.1", {"kind": "recommendation"}, "IX.1: This text has items: its kind must be “chapeau”."),
        (
            "IX.3",
            {"addressees": [], "basis": ""},
            "IX.3: Select at least one addressee: answers are recorded for this text.",
        ),
        ("IX.3", {"text": ""}, "IX.3: Enter the text."),
    ],
)
def test_a_draft_with_a_fault_is_not_published(dana, label, values, problem):
    paper_import = taken_in(dana)
    correct(paper_import, dana, label, **values)

    with pytest.raises(ValidationError) as refused:
        published(paper_import, dana)

    assert problem in refused.value.messages
    assert not Recommendation.objects.filter(meeting__number=9).exists()


# Killed


PUBLISH = """
from recommendations.models import PaperImport
from recommendations.paper_import.plan import PublicationPlan
from tracker.actions.paper_publication import publish_paper
from tracker.models import User

def act(pk):
    paper_import = PaperImport.objects.get(pk=int(pk))
    by = User.objects.get(email="bob@example.org")
    publish_paper(paper_import=paper_import, stamp=PublicationPlan(paper_import).stamp, by=by)
"""
KILLS = moments(3, 6)


@pytest.fixture
def machine():
    """It publishes the draft with each key that it reads."""
    with another_machine(PUBLISH) as process:
        yield process


@transaction.atomic
def whole(slug: str) -> set[int]:
    """How much of a body is there, in whole ones. A server may only be finishing what a dead client began: this waits
    until it has.
    """
    list(PaperImport.objects.select_for_update().all())
    nodes = Recommendation.objects.filter(body__slug=slug)
    return {
        Body.objects.filter(slug=slug).count(),
        nodes.published().count() / 317,
        Wording.objects.filter(recommendation__in=nodes).count() / 317,
        Footnote.objects.filter(recommendation__in=nodes).count() / 5,
        EventRow.everyones.filter(name__startswith=f"recommendation {slug}/").count() / 317,
        Meeting.objects.filter(body__slug=slug).count() / 8,
        PaperImport.objects.filter(body_slug=slug, published_at__isnull=False).count(),
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.thorough
def test_killed_at_any_moment_nothing_is_published_or_all(dana, bob, machine):
    def another(number: int) -> PaperImport:
        paper_import = taken_in(dana, EIGHT_MEETINGS, body_slug=f"body-{number}", body_name=f"Body {number}")
        return offered(with_note(paper_import, dana), dana)

    took, status = act_there(machine, another(0).pk)
    assert (status, whole("body-0")) == (0, {1})
    ends = []
    for number in range(1, KILLS + 1):
        paper_import = another(number)
        ends.append(act_there(machine, paper_import.pk, killed_after=took * (number - 0.5) / KILLS)[1])
        assert whole(f"body-{number}") in ({0}, {1})
        act_there(machine, paper_import.pk)
        assert whole(f"body-{number}") == {1}
    assert signal.SIGKILL in ends
