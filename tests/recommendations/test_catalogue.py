"""The catalogue's actions, what is loaded and what is exported."""

import json
from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from recommendations import catalogue, fixtures
from recommendations.catalogue_file import CATALOGUE_FIELDS
from recommendations.models import (
    Addressee,
    Body,
    Currency,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Paper,
    Provenance,
    Provision,
    Recommendation,
    ServedProvision,
    Synonym,
    Theme,
    Wording,
)
from recommendations.outline.labels import NUMERALS, SUPERSCRIPTS
from recommendations.paper_import.notation import add_footnotes, footnote_mark, parse_label
from recommendations.undo import correct_label
from tests.catalogue_events import rows_about
from tests.database import lifted_triggers
from tests.papers import EIGHT_MEETINGS
from tracker.audit.rows import KINDS
from tracker.audit.verification import find_errors
from tracker.models import Event, EventRow

pytestmark = pytest.mark.django_db

MODELS = [
    Body,
    Meeting,
    Addressee,
    Theme,
    Recommendation,
    Wording,
    Footnote,
    Family,
    FamilyMember,
    Lineage,
    Provenance,
    Paper,
    Currency,
    Provision,
    ServedProvision,
    Synonym,
]


def everything() -> list:
    models = [model.objects for model in MODELS] + [Event.everyones, EventRow.everyones]
    return [list(rows.order_by("pk").values()) for rows in models]


@pytest.fixture(scope="module")
def exported(django_db_setup, django_db_blocker) -> dict[str, dict]:
    with django_db_blocker.unblock():
        out = StringIO()
        call_command("export_catalogue", stdout=out)
    return {entry["label"]: entry for entry in json.loads(out.getvalue())}


def test_there_are_317_nodes_of_which_275_are_units():
    kinds = Counter(Recommendation.objects.values_list("kind", flat=True))
    assert kinds == {"chapeau": 21, "recommendation": 295, "note": 1}
    assert Recommendation.objects.units().count() == 275
    assert Recommendation.objects.filter(is_topic=True).count() == 13
    assert Recommendation.objects.published().count() == 317
    assert Wording.objects.filter(number=1, kind="adopted").count() == 317


def bare(line: str) -> str:
    """A printed line without list dash, italics and link syntax, by plain replacement."""
    for mark in ("*", "](#)", "["):
        line = line.replace(mark, "")
    return line.strip().removeprefix("- ")


def printed(node: Recommendation) -> str:
    """A text with its number and the marks of its footnotes."""
    number = node.marker if node.parent or node.kind == "note" else f"{node.marker}."
    return f"{number} {add_footnotes(node.text, node.footnotes.order_by('offset', 'number'))}".strip()


def test_the_catalogue_reads_as_the_paper():
    """Word for word, below the cover: a page break may cut a paragraph, and footnotes stand where a page ended."""
    lines = [line for line in EIGHT_MEETINGS[EIGHT_MEETINGS.index("I. First meeting") :].splitlines() if line]
    body = [bare(line) for line in lines if line[0] not in SUPERSCRIPTS]
    notes = [bare(line) for line in lines if line[0] in SUPERSCRIPTS]
    found = []
    for meeting in Meeting.objects.order_by("number"):
        found.append(f"{NUMERALS[meeting.number].upper()}. {meeting.heading}")
        found += [printed(node) for node in Recommendation.objects.with_text().filter(meeting=meeting)]
    assert " ".join(found) == " ".join(body)
    footnotes = Footnote.objects.order_by("number")
    assert [f"{footnote_mark(note.number)} {note.text}" for note in footnotes] == notes


def test_each_label_has_the_place_at_which_the_text_is_printed():
    """A number stands below the heading of its meeting, and an item below the text that introduces it."""
    introduced, above = set(), []
    for node in Recommendation.objects.with_text():
        place = parse_label(node.label)
        parent = node.parent and node.parent.label
        assert (place.meeting, place.parent, place.marker) == (node.meeting.number, parent, node.marker)
        above = above[: above.index(place.parent) + 1] if place.parent else []
        above.append(node.label)
        introduced |= {place.parent} - {None}
    kinds = dict(Recommendation.objects.values_list("label", "kind"))
    assert {label for label, kind in kinds.items() if kind == "chapeau"} == introduced
    assert [label for label, kind in kinds.items() if kind == "note"] == ["III"]
    romans = [f"IV.46(i)({number})" for number in ("i", "ii", "iii")]
    romans += [f"IV.46(j)({number})" for number in ("i", "ii", "iii", "iv", "v", "vi")]
    assert [label for label in kinds if label.count("(") == 2] == romans


def test_meetings_have_place_and_days():
    meetings = Meeting.objects.order_by("number").values_list("number", "starts", "ends")
    assert list(meetings) == [
        (1, date(2009, 4, 14), date(2009, 4, 15)),
        (2, date(2010, 1, 27), date(2010, 1, 29)),
        (3, date(2010, 10, 19), date(2010, 10, 19)),
        (4, date(2011, 10, 10), date(2011, 10, 12)),
        (5, date(2013, 11, 6), date(2013, 11, 8)),
        (6, date(2015, 11, 16), date(2015, 11, 18)),
        (7, date(2017, 9, 6), date(2017, 9, 8)),
        (8, date(2018, 7, 2), date(2018, 7, 3)),
    ]
    assert set(Meeting.objects.values_list("place", flat=True)) == {"Vienna"}


def test_loading_again_changes_nothing_and_writes_no_event():
    before = everything()
    call_command("load_catalogue", verbosity=0)
    assert everything() == before


def test_loading_again_leaves_what_curators_changed_added_and_deleted(dana, unit, second_body):
    emptied = {"title": "", "evidence_kinds": [], "evidence_hint": ""}
    catalogue.change_annotations(
        recommendation=unit("II.44"), by=dana, guidance="Say where.", strength="may", **emptied
    )
    catalogue.add_wording(
        recommendation=unit("II.45"), text="As corrected.", kind="correction", reason="A slip.", by=dana
    )
    correct_label(text=unit("I.13"), label="I.99", reason="Printed so.", by=dana)
    Theme.objects.filter(slug="prevention").update(name="Prevention")
    Meeting.objects.filter(number=3).update(place="Elsewhere")
    ServedProvision.objects.filter(theme__slug="compensation").update(reason="Because.")
    family = Family.objects.get(slug="reflection-period")
    provision = Provision.objects.get(instrument="convention", article="32")
    rows = (Lineage.objects.first(), unit("IV.46").provenance, Synonym.objects.first())
    for row in (*rows, *family.members.all(), family, *provision.served_by.all(), provision):
        catalogue.delete_instance(instance=row, by=dana)
    before = everything()
    assert fixtures.load_catalogue() == 0
    assert everything() == before


def test_loading_again_adds_texts_that_are_missing(unit):
    """Such as those of a later release of the paper."""
    with lifted_triggers():
        node = unit("V.41")
        node.addressees.clear()
        Recommendation.objects.filter(pk=node.pk).update(current_wording=None, published_at=None)
        node.wordings.all().delete()
        node.delete()
    assert fixtures.load_catalogue() == 1
    assert rows_about(unit("V.41"))[0].event.after == "1 texts"
    assert list(find_errors()) == []


@pytest.mark.parametrize(
    ("printed", "altered", "problem"),
    [
        ("\n¹ ", "\n²⁰⁰ ", "A text of the paper is in doubt."),
        ("\n13. ", "\nStates parties should act.\n\n13. ", "The texts of the paper are not those that are annotated."),
    ],
)
def test_a_paper_that_reads_otherwise_is_not_loaded(printed, altered, problem, tmp_path, monkeypatch):
    paper = fixtures.PAPER.read_text(encoding="utf-8")
    assert printed in paper
    monkeypatch.setattr(fixtures, "PAPER", tmp_path / "paper.txt")
    fixtures.PAPER.write_text(paper.replace(printed, altered, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=f"^{problem}$"):
        fixtures.load_catalogue()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "x" * 101),
        ("evidence_hint", "x" * 301),
        ("evidence_kinds", ["rumour"]),
        ("evidence_kinds", ["policy", "law"]),
        ("evidence_kinds", "law"),
    ],
)
def test_titles_and_kinds_of_evidence_that_cannot_be(dana, unit, name, value):
    with pytest.raises(ValidationError) as caught:
        catalogue.change_annotations(recommendation=unit("II.44"), by=dana, **{name: value})
    assert list(caught.value.message_dict) == [name]


def test_loading_is_one_event_with_all_rows(unit):
    kinds = [kind for kind in KINDS.values() if kind.model._meta.app_label == "recommendations"]
    event = Event.everyones.get()
    assert (event.action, event.target, event.actor) == ("catalogue loaded", "catalogue", None)
    assert event.after == "317 texts"
    assert event.rows(manager="everyones").count() == sum(kind.model.objects.count() for kind in kinds)
    [row] = rows_about(unit("IV.46(i)"))
    assert row.content["addressees"] == [Addressee.objects.get(code="states_parties").pk]


def test_the_export_is_in_the_order_of_the_paper_with_the_keys_it_documents(exported):
    assert list(exported) == [node.label for node in Recommendation.objects.all()]
    names = [field.name for field in CATALOGUE_FIELDS if field.name != "corrected_label"]
    assert all(list(entry) == names for entry in exported.values())


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("I.1", {"parent": None, "kind": "recommendation", "unit": True, "meeting": 1, "footnotes": []}),
        ("I.2", {"footnotes": [1, 2], "addressees": ["states_not_yet_parties"], "basis": "stated"}),
        ("I.7", {"title": "Prevention and awareness-raising", "kind": "chapeau", "unit": False, "themes": []}),
        ("I.7(a)", {"parent": "I.7", "basis": "inherited", "strength": "should_consider", "asks_to_consider": True}),
        ("II.44", {"footnotes": [4], "themes": ["non-punishment", "legislation"]}),
        (
            "III",
            {
                "kind": "note",
                "unit": False,
                "addressees": [],
                "basis": None,
                "strength": None,
                "themes": [],
                "text": "The recommendations proposed during the third meeting of the Working Group on Trafficking in "
                "Persons were subsequently endorsed by the Working Group at its fourth meeting, held from 10 to 12 "
                "October 2011.",
            },
        ),
        ("IV.45(a)", {"unit": False, "topic": True, "addressees": ["conference"]}),
        ("IV.46(i)", {"kind": "chapeau", "parent": "IV.46", "unit": True, "themes": ["compensation"]}),
        (
            "IV.46(i)(i)",
            {
                "parent": "IV.46(i)",
                "unit": False,
                "text": "Provisions allowing victims to sue offenders or others for civil damages;",
            },
        ),
        ("VII.1(a)", {"addressees": ["states_parties"], "basis": "implied"}),
    ],
)
def test_the_export_says_of_each_node(exported, label, said):
    assert {key: exported[label][key] for key in said} == said


def test_who_may_not_curate_changes_nothing(erin, alice, unit):
    node = unit("II.44")
    for person in (erin, alice):
        with pytest.raises(PermissionDenied):
            catalogue.change_annotations(recommendation=node, by=person, guidance="Say where.")
        with pytest.raises(PermissionDenied):
            catalogue.add_wording(recommendation=node, text="Other.", kind="correction", reason="A slip.", by=person)
    assert (unit("II.44").guidance, node.wordings.count()) == (node.guidance, 1)


def test_a_further_wording_becomes_the_current_one_and_the_others_stay(dana, unit):
    adopted = unit("II.44").text
    for number, text in ((2, "As corrected."), (3, "As adopted anew.")):
        wording = catalogue.add_wording(
            recommendation=unit("II.44"), text=text, kind="new_wording", reason="Adopted anew.", by=dana
        )
        assert (wording.number, unit("II.44").text) == (number, text)
    assert [wording.text for wording in unit("II.44").wordings.all()] == [adopted, "As corrected.", "As adopted anew."]


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"text": " "}, ["text"]),
        ({"kind": "adopted"}, ["kind"]),
        ({"kind": ""}, ["kind"]),
        ({"reason": "\n"}, ["reason"]),
        ({"kind": "", "reason": ""}, ["kind", "reason"]),
    ],
)
def test_a_wording_says_of_what_kind_it_is_and_why(dana, unit, said, fields):
    wording = {"text": "Another.", "kind": "correction", "reason": "A slip."} | said
    with pytest.raises(ValidationError) as caught:
        catalogue.add_wording(recommendation=unit("II.44"), by=dana, **wording)
    assert list(caught.value.message_dict) == fields
    assert unit("II.44").wordings.count() == 1
