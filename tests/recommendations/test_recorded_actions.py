"""What was done by those without a desk: facts that curators record, never a status."""

import csv
import datetime
import io

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from recommendations.catalogue import change_annotations, delete_instance, save_instance
from recommendations.models import Addressee, Recommendation, RecordedAction
from tests.catalogue_events import rows_about
from tests.pages import seen_at

pytestmark = pytest.mark.django_db

SAID = {
    "by": "conference",
    "what": "It decided to go on with the Working Group.",
    "symbol": "CTOC/COP/2010/17",
    "date": datetime.date(2010, 10, 22),
    "link": "https://www.example.org/decision",
}


@pytest.fixture
def fact(dana, unit):
    fact = RecordedAction(recommendation=unit("I.3"), **SAID)
    save_instance(instance=fact, by=dana)
    return fact


def form(node, **changed) -> dict:
    return SAID | {"recommendation": node.label} | changed


@pytest.mark.parametrize(
    ("label", "is_open"),
    [
        ("I.3", True),  # asked of the Conference
        ("IV.41", True),  # of the Working Group
        ("IV.1", True),  # of United Nations entities
        ("IV.45(a)", True),  # a topic
        ("VII.1", True),  # put to the Conference
        ("II.44", False),
        ("I.4", False),
        ("IV.46(i)", False),
        ("IV.46(i)(ii)", False),  # answered with its chapeau
    ],
)
def test_texts_that_only_respondents_answer_take_no_recorded_action(label, is_open, dana, unit):
    node = unit(label)
    assert Recommendation.objects.open_to_recorded_actions().filter(label=label).exists() is is_open
    try:
        save_instance(instance=RecordedAction(recommendation=node, **SAID), by=dana)
    except ValidationError as error:
        assert (is_open, list(error.message_dict)) == (False, ["recommendation"])
    assert node.recorded_actions.exists() is is_open


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"by": "states"}, "by"),
        ({"by": ""}, "by"),
        ({"what": ""}, "what"),
        ({"what": "x" * 2001}, "what"),
        ({"symbol": "", "link": ""}, "__all__"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"date": "2031-02-30"}, "date"),
        ({"date": "tomorrow"}, "date"),
    ],
)
def test_an_invalid_recorded_action_has_errors_and_keeps_the_input(curator, changed, field, unit):
    if changed.get("date") == "tomorrow":  # of the day on which the test runs, though midnight may have struck
        changed = {"date": timezone.localdate() + datetime.timedelta(days=1)}
    page = curator.post(reverse("admin:recommendations_recordedaction_add"), form(unit("I.3"), **changed))
    assert list(page.context["adminform"].form.errors) == [field]
    assert page.context["adminform"].form["symbol"].value() == changed.get("symbol", SAID["symbol"])
    assert not RecordedAction.objects.exists()


def test_a_curator_records_changes_and_removes_in_the_admin_with_an_event_each(curator, dana, unit):
    curator.post(reverse("admin:recommendations_recordedaction_add"), form(unit("I.3")))
    fact = RecordedAction.objects.get()
    page = reverse("admin:recommendations_recordedaction_change", args=[fact.pk])
    curator.post(page, form(unit("I.3"), symbol="5/2") | seen_at(curator, page))
    curator.post(reverse("admin:recommendations_recordedaction_delete", args=[fact.pk]), {"post": "yes"})
    rows = rows_about(fact)
    assert [(row.event.action, row.content and row.content["symbol"], row.event.actor) for row in rows] == [
        ("catalogue entry deleted", None, dana),
        ("catalogue entry changed", "5/2", dana),
        ("catalogue entry added", "CTOC/COP/2010/17", dana),
    ]


def test_a_text_with_recorded_actions_keeps_an_addressee_for_them(fact, dana, unit):
    states = Addressee.objects.filter(code="states")
    with pytest.raises(ValidationError, match="Select at least one of these addressees"):
        change_annotations(recommendation=unit("I.3"), addressees=states, by=dana)
    delete_instance(instance=fact, by=dana)
    assert change_annotations(recommendation=unit("I.3"), addressees=states, by=dana)


def test_the_page_of_a_text_shows_recorded_actions_and_sources(client, fact):
    said = client.get("/recommendations/I-3/").content.decode()
    assert "Action by the Conference of the Parties" in said
    assert "Action by the Working Group" not in said
    assert "It decided to go on with the Working Group." in said
    assert '<bdi>CTOC/COP/2010/17</bdi> · 22 October 2010 · <a href="https://www.example.org/decision">' in said


def test_where_nothing_is_recorded_the_page_says_nothing(client):
    assert "Action by United Nations entities" not in client.get("/recommendations/IV-1/").content.decode()


def test_the_list_has_every_text_that_asks_them_and_what_is_recorded(client, fact, dana, unit):
    topic = RecordedAction(recommendation=unit("IV.45(a)"), **SAID | {"by": "working_group", "link": ""})
    save_instance(instance=topic, by=dana)
    page = client.get("/recommendations/recorded-actions/")
    listed = {entry.by: {node.label: facts for node, facts in entry.texts} for entry in page.context["addressees"]}
    asked = {
        code: set(Recommendation.objects.for_addressees(code).values_list("label", flat=True))
        for code in ("conference", "working_group", "un_entities")
    }
    assert {by: set(texts) for by, texts in listed.items()} == asked | {
        "working_group": asked["working_group"] | {"IV.45(a)"}
    }
    assert (listed["conference"]["I.3"], listed["working_group"]["IV.45(a)"]) == ([fact], [topic])
    assert listed["conference"]["IV.45(a)"] == []
    assert "1 of 3 texts with recorded action" in page.content.decode()


def test_the_data_files_have_the_recorded_actions(client, fact):
    told = {"by": "conference", "what": SAID["what"], "symbol": "CTOC/COP/2010/17", "date": "2010-10-22"}
    nodes = {node["label"]: node for node in client.get("/recommendations/catalogue.json").json()}
    assert nodes["I.3"]["recorded_actions"] == [told | {"link": SAID["link"]}]
    assert nodes["II.44"]["recorded_actions"] == []
    rows = csv.DictReader(io.StringIO(client.get("/recommendations/catalogue.csv").content.decode("utf-8-sig")))
    cells = {row["label"]: row["recorded_actions"] for row in rows}
    assert cells["I.3"] == ", ".join([*told.values(), SAID["link"]])
    assert cells["II.44"] == ""
