"""A paper is taken in: read, kept as a draft, corrected, and published in one act."""

import contextlib
import datetime
import re
import signal
import time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.models import (
    Addressee,
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
    add_node,
    create_import,
    decide_paragraphs,
    delete_import,
    move_bounds,
    publish_import,
    save_details,
    save_paragraphs,
    settle_doubt,
)
from recommendations.paper_import.doubts import KNOWN, OTHER_WORDS
from recommendations.paper_import.notation import LABEL_LENGTH, parse_heading
from recommendations.paper_import.plan import PublicationPlan, node_errors, node_values
from recommendations.paper_import.reading import read_rows
from tests.catalogue_events import actions_on, rows_about
from tests.conftest import make_person, with_second_factor
from tests.machines import act_there, another_machine
from tests.papers import DETAILS, EIGHT_MEETINGS, NINTH, published, taken_in
from tests.submissions import opened_round
from tests.thorough import moments, times
from tracker.actions.record import Answer, save_answer
from tracker.models import EventRow, Revision
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


def another_body(by, text: str = NINTH) -> PaperImport:
    return taken_in(by, text, body_slug="smuggling", body_name="Working Group on the Smuggling of Migrants")


def node(paper_import: PaperImport, label: str) -> ImportedParagraph:
    return paper_import.paragraphs.get(label=label)


def correcting(paper_import: PaperImport, by, of: str, **values) -> None:
    found = node(paper_import, of)
    save_paragraphs(paper_import=paper_import, changes={found.pk: (found.version, values)}, by=by)


def with_note(paper_import: PaperImport, by) -> None:
    """Take in III, the only paragraph of the eight meetings that has no number and asks for nothing."""
    [note] = PublicationPlan(paper_import).blocking_doubts
    settle_doubt(node=note.node, question=note.question, answer="include", by=by)


def doubts(paper_import: PaperImport) -> dict[str, list[str]]:
    plan = PublicationPlan(paper_import)
    return {
        node.label: [doubt["question"] for doubt in found] for node in plan.nodes if (found := plan.list_doubts(node))
    }


# What is understood


def test_a_draft_has_what_was_read_and_what_its_words_suggest(dana):
    paper_import = taken_in(dana)

    said = list(
        paper_import.paragraphs.values_list(
            "label", "kind", "addressees", "basis", "strength", "asks_to_consider", "is_unit"
        )
    )
    assert said == [
        ("IX.1", "chapeau", ["states_parties"], "stated", "should", False, False),
        ("IX.1(a)", "recommendation", ["states_parties"], "inherited", "should", False, True),
        ("IX.1(b)", "recommendation", ["states_parties"], "inherited", "should_consider", True, True),
        ("IX.2", "recommendation", ["secretariat"], "stated", "should", False, True),
        ("IX.3", "recommendation", ["states_parties"], "implied", "should", False, True),
    ]
    assert node(paper_import, "IX.1(b)").text == "Consider establishing a fund for victims.¹"
    assert node(paper_import, "IX.1(b)").footnotes == "¹ See article 6, paragraph 6, of the Protocol."
    assert list(paper_import.meetings.values_list("number", "heading", "place")) == [
        (9, "Ninth meeting, Vienna, 9 to 11 September 2019", "Vienna")
    ]
    assert doubts(paper_import) == {"IX.3": ["implied"]}


def test_every_doubt_is_recorded_with_its_text(dana):
    text = NINTH.replace("2. The", "(x) Act as well.\n\n4. The").replace("good practices.", "good good practices")

    assert doubts(taken_in(dana, text.replace("3. Measures", "\n1. Measures"))) == {
        "IX.1(b)(x)": ["gap"],
        "IX.4": ["gap", "cut"],
        "IX.5": ["order", "implied"],
    }


def test_a_published_label_is_recognized_and_different_words_are_doubted(dana, unit):
    paper = f"I. First meeting, Vienna, 14 and 15 April 2009\n\n4. {unit('I.4').text}\n9. The Secretariat should act."

    paper_import = taken_in(dana, paper)

    assert doubts(paper_import) == {"I.4": [KNOWN], "I.9": ["gap", OTHER_WORDS]}
    assert [node.label for node in PublicationPlan(paper_import).nodes_with_doubts] == ["I.9"]
    assert PublicationPlan(paper_import).new_nodes == []


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
def test_however_a_text_was_made_it_is_read_or_refused_quickly(words):
    text = ("IX. Ninth meeting, Vienna, 9 September 2019\n\n1. a" + words * (MUCH // len(words)))[:MUCH]
    lines = text.splitlines()[:PARAGRAPHS_LIMIT]
    began = time.process_time()

    with contextlib.suppress(ValidationError):
        read_rows(paste_paragraphs("\n".join(lines)), PaperImport(), "IX", [])

    assert time.process_time() - began < 5


def test_the_details_that_are_missing_are_named(dana):
    draft = taken_in(dana, paper_kind="", paper_date=None)
    assert [str(problem) for problem in PublicationPlan(draft).problems] == [
        "Complete the details of the document: Date of the paper, Kind of paper."
    ]


# Correcting


def test_a_correction_is_kept_with_who_made_it(dana):
    paper_import = taken_in(dana)

    correcting(paper_import, dana, "IX.3", addressees=["states"], basis="stated", label="IX.4")

    corrected = node(paper_import, "IX.4")
    assert (corrected.addressees, corrected.basis, corrected.version, corrected.changed_by) == (
        ["states"],
        "stated",
        2,
        dana,
    )


def test_two_curators_correct_different_texts_of_one_draft(dana):
    paper_import, other = taken_in(dana), with_second_factor(make_person("fay", Role.CURATOR))
    first, second = node(paper_import, "IX.2"), node(paper_import, "IX.3")

    save_paragraphs(paper_import=paper_import, changes={first.pk: (1, {"strength": "may"})}, by=dana)
    save_paragraphs(paper_import=paper_import, changes={second.pk: (1, {"strength": "shall"})}, by=other)

    assert list(paper_import.paragraphs.filter(version=2).values_list("strength", flat=True)) == ["may", "shall"]


def test_a_text_changed_after_opening_is_named_and_nothing_saved(dana):
    paper_import = taken_in(dana)
    first, second = node(paper_import, "IX.2"), node(paper_import, "IX.3")
    correcting(paper_import, dana, "IX.3", strength="shall")

    with pytest.raises(StaleImport) as stale:
        save_paragraphs(
            paper_import=paper_import,
            changes={first.pk: (1, {"strength": "may"}), second.pk: (1, {"strength": "may"})},
            by=dana,
        )

    assert {pk: (found.strength, found.version) for pk, found in stale.value.nodes.items()} == {second.pk: ("shall", 2)}
    assert node(paper_import, "IX.2").strength == "should"


def test_a_text_of_another_draft_is_not_corrected(dana):
    mine, other = taken_in(dana), taken_in(dana)

    with pytest.raises(StaleImport):
        save_paragraphs(paper_import=mine, changes={node(other, "IX.2").pk: (1, {"strength": "may"})}, by=dana)

    assert node(other, "IX.2").strength == "should"


def test_a_text_is_added_in_the_place_after_another_text(dana):
    paper_import = taken_in(dana)

    add_node(
        after=node(paper_import, "IX.1(b)"),
        values=node_values(node(paper_import, "IX.1(b)")) | {"label": "IX.1(c)"},
        by=dana,
    )

    assert list(paper_import.paragraphs.values_list("label", flat=True)) == [
        "IX.1",
        "IX.1(a)",
        "IX.1(b)",
        "IX.1(c)",
        "IX.2",
        "IX.3",
    ]


def test_details_are_saved_unless_they_changed_after_opening(dana):
    paper_import = taken_in(dana)
    paper_import.paper_title = "Another title"
    meetings = {9: parse_heading("IX. Ninth meeting, Geneva, 1 to 3 October 2019")}

    save_details(paper_import=paper_import, meetings=meetings, base=1, by=dana)

    found = PaperImport.objects.get(pk=paper_import.pk)
    assert (found.paper_title, found.version, found.meetings.get().place) == ("Another title", 2, "Geneva")
    with pytest.raises(StaleImport):
        save_details(paper_import=paper_import, meetings=meetings, base=1, by=dana)


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


def test_a_published_draft_has_a_body_and_a_publisher(dana):
    paper_import = taken_in(dana)
    of_it, now = PaperImport.objects.filter(pk=paper_import.pk), timezone.now()

    assert "paper_import_published_by_somebody" in refused(of_it.update, published_at=now)
    assert "paper_import_published_by_somebody" in refused(of_it.update, published_by=dana)
    body = {"body": None, "body_slug": "smuggling", "body_name": "A body"}
    assert "paper_import_published_by_somebody" in refused(of_it.update, published_at=now, published_by=dana, **body)


def test_a_draft_has_a_meeting_once_and_it_ends_after_its_start(dana):
    meetings = taken_in(dana).meetings
    said = vars(meetings.get()) | {"id": None}
    del said["_state"]

    assert "UNIQUE" in refused(ImportedMeeting(**said).save).upper()
    assert "paper_import_meeting_ends_after_start" in refused(meetings.update, ends=datetime.date(2019, 9, 8))


# Nothing of a draft is public


def test_the_catalogue_contains_nothing_from_a_draft(dana, client):
    before = Recommendation.objects.count(), Body.objects.count(), Meeting.objects.count()
    another_body(dana, NINTH.replace("good good practices", "CANARY good practices"))
    taken_in(dana, NINTH.replace("good good practices", "CANARY good practices"))

    assert (Recommendation.objects.count(), Body.objects.count(), Meeting.objects.count()) == before
    for path in ("/recommendations/", "/recommendations/?q=CANARY", "/recommendations/catalogue.json"):
        assert "CANARY good practices" not in client.get(path).content.decode()
    assert client.get("/recommendations/IX-2/").status_code == 404
    assert client.get("/recommendations/smuggling/").status_code == 404


# Publishing


def test_published_texts_appear_in_the_catalogue_with_all_their_annotations(dana):
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
    assert list(fund.footnotes.values_list("number", "text", "offset")) == [
        (1, "See article 6, paragraph 6, of the Protocol.", 41)
    ]
    assert [addressee.code for addressee in fund.addressees.all()] == ["states_parties"]
    [row] = rows_about(fund)
    assert (row.event.action, row.event.actor, row.event.after) == ("paper published", dana, "5 texts")
    assert row.content["addressees"] == [Addressee.objects.get(code="states_parties").pk]
    assert fund.wordings.get().author == dana
    assert (paper_import.nodes_added, paper_import.units_added, paper_import.published_by) == (5, 4, dana)
    assert actions_on(Meeting.objects.get(number=9)) == [("paper published", dana)]


def test_a_new_body_is_added_to_the_first_body(dana):
    published(another_body(dana), dana)

    body = Body.objects.get(slug="smuggling")
    assert (body.is_first, body.name) == (False, "Working Group on the Smuggling of Migrants")
    assert body.recommendations.get(label="IX.1").get_absolute_url() == "/recommendations/smuggling/IX-1/"
    assert list(body.recommendations.values_list("position", flat=True)) == [1, 2, 3, 4, 5]


def test_units_of_a_new_meeting_are_asked_of_states_at_once(dana, xaa):
    asked = set(xaa.units_to_answer().values_list("label", flat=True))

    published(taken_in(dana), dana)

    assert set(xaa.units_to_answer().values_list("label", flat=True)) - asked == {"IX.1(a)", "IX.1(b)", "IX.3"}


def test_an_open_round_keeps_its_scope_and_answers_stay_as_they_are(dana, bob, xaa, alice, unit):
    save_answer(respondent=xaa, unit=unit("I.1"), answer=Answer(status="in_progress"), base=None, by=alice)
    round_ = opened_round(bob)
    scope, digests = list(round_.units.values_list("unit", flat=True)), list(Revision.everyones.values_list("digest"))

    published(taken_in(dana), dana)

    assert list(round_.units.values_list("unit", flat=True)) == scope
    assert list(Revision.everyones.values_list("digest")) == digests


def test_what_is_published_already_stays_and_what_is_new_is_added(dana, unit):
    """The consolidated record of nine meetings: eight of them are known."""
    before = list(Recommendation.objects.values_list("pk", "label", "position", "current_wording"))

    paper_import = taken_in(dana, EIGHT_MEETINGS + "\n" + NINTH[NINTH.index("IX.") :].replace("¹", "⁶"))
    with_note(paper_import, dana)
    published(paper_import, dana)

    after = list(Recommendation.objects.values_list("pk", "label", "position", "current_wording"))
    assert after[: len(before)] == before
    assert [label for _pk, label, _position, _wording in after[len(before) :]] == [
        "IX.1",
        "IX.1(a)",
        "IX.1(b)",
        "IX.2",
        "IX.3",
    ]


def test_what_is_left_out_is_not_published(dana):
    paper_import = taken_in(dana)
    correcting(paper_import, dana, "IX.3", is_left_out=True)

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
            "IX.1",
            {"is_unit": True},
            "IX.1(a): IX.1 is answered once for all its items. "
            "Under “Counts as”, choose “Neither” for this item, or for IX.1.",
        ),
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
    correcting(paper_import, dana, label, **values)

    with pytest.raises(ValidationError) as refused:
        published(paper_import, dana)

    assert problem in refused.value.messages
    assert not Recommendation.objects.filter(meeting__number=9).exists()


def test_what_was_changed_after_the_preview_is_not_published(dana):
    paper_import = taken_in(dana)
    stamp = PublicationPlan(paper_import).stamp
    correcting(paper_import, dana, "IX.3", strength="shall")

    with pytest.raises(ValidationError):
        publish_import(paper_import=paper_import, stamp=stamp, by=dana)

    assert not Recommendation.objects.filter(meeting__number=9).exists()


def test_a_published_paper_is_changed_no_more(dana):
    paper_import = taken_in(dana)
    text = node(paper_import, "IX.3")
    published(paper_import, dana)

    for again in (
        lambda: publish_import(paper_import=paper_import, stamp=PublicationPlan(paper_import).stamp, by=dana),
        lambda: save_paragraphs(paper_import=paper_import, changes={text.pk: (1, {"strength": "may"})}, by=dana),
        lambda: add_node(after=text, values=node_values(text), by=dana),
        lambda: save_details(paper_import=paper_import, meetings={}, base=1, by=dana),
        lambda: move_bounds(paper_import=paper_import, base=1, last=5, by=dana),
        lambda: decide_paragraphs(paper_import=paper_import, numbers=[8], is_text=False, by=dana),
        lambda: settle_doubt(node=text, question="implied", answer="states", by=dana),
        lambda: delete_import(paper_import=paper_import, by=dana),
    ):
        with pytest.raises(ValidationError):
            again()
    assert PaperImport.objects.get().nodes.count() == 5


def test_a_body_is_not_added_if_its_slug_is_used(dana):
    first, second = another_body(dana), another_body(dana)
    published(first, dana)

    with pytest.raises(ValidationError):
        published(second, dana)


def test_a_draft_is_deleted_with_its_texts(dana):
    paper_import = taken_in(dana)

    delete_import(paper_import=paper_import, by=dana)

    assert (PaperImport.objects.count(), ImportedParagraph.objects.count()) == (0, 0)


def test_an_addressee_of_a_chapeau_leaves_its_items_the_recommendations(dana):
    paper_import = taken_in(dana, NINTH.replace("1. States parties should", "1. Measures should be taken to"))
    assert doubts(paper_import)["IX.1"] == ["implied"]

    settle_doubt(node=node(paper_import, "IX.1"), question="implied", answer="states_parties", by=dana)

    assert list(paper_import.paragraphs.values_list("label", "is_unit")) == [
        ("IX.1", False),
        ("IX.1(a)", True),
        ("IX.1(b)", True),
        ("IX.2", True),
        ("IX.3", True),
    ]
    assert PublicationPlan(paper_import).problems == []


def test_a_text_that_addressed_nobody_is_a_recommendation_once_it_has_an_addressee(dana):
    paper_import = taken_in(dana)
    settle_doubt(node=node(paper_import, "IX.3"), question="implied", answer="nobody", by=dana)
    assert node(paper_import, "IX.3").is_unit is False

    settle_doubt(node=node(paper_import, "IX.3"), question="nobody", answer="states", by=dana)

    assert node(paper_import, "IX.3").is_unit is True
    assert [doubt.node.label for doubt in PublicationPlan(paper_import).doubts] == []  # not asked a second time


def test_a_text_that_is_published_in_the_same_words_has_nothing_to_settle(dana, unit):
    draft = taken_in(dana, f"I. First meeting, Vienna, 14 and 15 April 2009\n\n4. {unit('I.4').text}")
    assert doubts(draft) == {"I.4": [KNOWN]}

    with pytest.raises(ValidationError, match="The page changed"):
        settle_doubt(node=node(draft, "I.4"), question=KNOWN, answer="keep", by=dana)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_only_curators_import_papers(request, dana, who):
    somebody, paper_import = request.getfixturevalue(who), taken_in(dana)
    text = node(paper_import, "IX.3")

    for action in (
        lambda: taken_in(somebody),
        lambda: save_paragraphs(paper_import=paper_import, changes={text.pk: (1, {"strength": "may"})}, by=somebody),
        lambda: add_node(after=text, values=node_values(text), by=somebody),
        lambda: save_details(paper_import=paper_import, meetings={}, base=1, by=somebody),
        lambda: move_bounds(paper_import=paper_import, base=1, last=5, by=somebody),
        lambda: decide_paragraphs(paper_import=paper_import, numbers=[8], is_text=False, by=somebody),
        lambda: settle_doubt(node=text, question="implied", answer="states", by=somebody),
        lambda: delete_import(paper_import=paper_import, by=somebody),
        lambda: published(paper_import, somebody),
    ):
        with pytest.raises(PermissionDenied):
            action()


# The paper of eight meetings


def catalogue_of(body: Body) -> list:
    nodes = Recommendation.objects.filter(body=body).with_text().order_by("position")
    notes: dict[str, list] = {}
    for label, *note in Footnote.objects.filter(recommendation__body=body).values_list(
        "recommendation__label", "number", "text", "offset"
    ):
        notes.setdefault(label, []).append(note)
    return [
        (
            n.position,
            n.label,
            n.kind,
            n.marker,
            n.text,
            n.parent and n.parent.label,
            notes.get(n.label),
            n.meeting.heading,
        )
        for n in nodes
    ]


def test_the_paper_of_eight_meetings_gives_the_same_catalogue(dana):
    body = {"body_slug": "smuggling", "body_name": "Working Group on the Smuggling of Migrants"}
    paper_import = create_import(
        paper_import=PaperImport(**DETAILS, **body),
        source=paste_paragraphs(EIGHT_MEETINGS),
        by=dana,
    )
    with_note(paper_import, dana)

    published(paper_import, dana)

    first, other = Body.objects.get(is_first=True), Body.objects.get(slug="smuggling")
    assert catalogue_of(other) == catalogue_of(first)
    assert len(catalogue_of(other)) == 317
    days = ("number", "heading", "place", "starts", "ends")
    assert list(other.meetings.values_list(*days)) == list(first.meetings.values_list(*days))


# Size


@pytest.mark.thorough
def test_2000_texts_are_published_with_few_queries(dana, django_assert_max_num_queries):
    lines = [f"{number}. States parties should take measure {number}." for number in range(1, 401)]
    text = "".join(
        f"{numeral}. Some meeting, Vienna, {day} June 2019\n\n" + "\n".join(lines) + "\n"
        for day, numeral in enumerate(("IX", "X", "XI", "XII", "XIII"), start=1)
    )
    paper_import = taken_in(dana, text)
    plan = PublicationPlan(paper_import)
    assert plan.problems == []
    with django_assert_max_num_queries(60):
        publish_import(paper_import=paper_import, stamp=plan.stamp, by=dana)

    assert Recommendation.objects.filter(meeting__number__gte=9).published().count() == 2000


# Killed


PUBLISH = """
from recommendations.models import PaperImport
from recommendations.paper_import.actions import publish_import
from recommendations.paper_import.plan import PublicationPlan
from tracker.models import User

def act(pk):
    paper_import = PaperImport.objects.get(pk=int(pk))
    by = User.objects.get(email="dana@example.org")
    plan = PublicationPlan(paper_import)
    publish_import(paper_import=paper_import, stamp=plan.stamp, confirmed=plan.kinds_to_confirm, by=by)
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
def test_killed_at_any_moment_nothing_is_published_or_all(dana, machine):
    def another(number: int) -> PaperImport:
        paper_import = taken_in(dana, EIGHT_MEETINGS, body_slug=f"body-{number}", body_name=f"Body {number}")
        with_note(paper_import, dana)
        return paper_import

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


def test_a_decision_writes_only_what_it_changes_of_texts(dana):
    text = "1. States should act.\n\n2. States should report.\n\n3. States should cooperate."
    paper_import = taken_in(dana, text, "IX. Ninth meeting, Vienna, 9 to 11 September 2019")

    with CaptureQueriesContext(connection) as queries:
        decide_paragraphs(paper_import=paper_import, numbers=[2], is_text=False, by=dana)

    updates = (
        query["sql"] for query in queries if query["sql"].startswith('UPDATE "recommendations_importednode" SET')
    )
    written = [re.findall(r'(?:SET|,) "(\w+)" =', update) for update in updates]
    assert sorted(written) == [["doubts"], ["label"], ["version", "changed_by_id", "changed_at"]]
    values = paper_import.paragraphs.values_list("label", "version", "doubts")
    assert list(values) == [("IX.1", 1, []), ("IX.2", 2, [{"question": "gap", "words": "3."}])]


def test_a_label_that_is_too_long_for_the_items_of_a_text_is_refused(dana):
    paper_import = taken_in(dana)
    chapeau = node(paper_import, "IX.1")
    values = {"label": "I" * LABEL_LENGTH, "is_left_out": True}

    with pytest.raises(ValidationError, match="Its items cannot have labels that begin with this label"):
        save_paragraphs(paper_import=paper_import, changes={chapeau.pk: (1, values)}, by=dana)

    assert [(each.label, each.version) for each in paper_import.paragraphs.all()[:2]] == [("IX.1", 1), ("IX.1(a)", 1)]
