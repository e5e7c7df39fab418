"""The workplan (V.44): topics for future meetings, and where a meeting took them up."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from recommendations import catalogue
from recommendations.models import TakenUp
from tests.catalogue_events import actions_on
from tests.pages import words

pytestmark = pytest.mark.django_db

PAGE = "/recommendations/workplan/"
TOPICS = [*(f"IV.45({letter})" for letter in "abcdefghijk"), "V.43", "VI.14", "VIII.1(i)"]
CLAUSE = (
    "at a future meeting of the Working Group, the issue of how States identify victims and use confiscated proceeds "
    "of offences involving trafficking in persons should be considered"
)


def took_up(topic, **changed) -> TakenUp:
    said = {
        "at": "An invented meeting",
        "what": "Item 2",
        "date": datetime.date(2026, 9, 7),
        "symbol": "INVENTED/2026/1",
    }
    return TakenUp(topic=topic, **said | changed)


def test_the_workplan_has_the_topics_of_the_paper_and_the_clause_that_proposes_one(client):
    page = client.get(PAGE)
    topics = page.context["topics"]
    assert [topic.label for topic in topics] == TOPICS
    assert topics[0].text.startswith("Continued focus on key concepts of the Protocol")
    assert topics[13].topic_clause == CLAUSE
    assert [list(topic.taken_up.all()) for topic in topics] == [[]] * 14, (
        "this paper proves of none that a meeting took it up"
    )
    assert "Discussed at" not in words(page)


def test_a_curator_records_where_a_topic_was_taken_up_for_everybody_to_read(client, dana, unit):
    client.force_login(dana)
    typed = {
        "topic": "IV.45(k)",
        "at": "An invented meeting",
        "what": "Item 2",
        "date": "2026-09-07",
        "symbol": "INVENTED/2026/1",
        "link": "",
    }
    add = reverse("admin:recommendations_takenup_add")
    assert list(client.post(add, typed | {"topic": "II.44"}).context["adminform"].form.errors) == ["topic"]
    assert client.post(add, typed | {"symbol": ""}).status_code == 200
    assert client.post(add, typed).status_code == 302
    assert actions_on(TakenUp.objects.get()) == [("catalogue entry added", dana)]
    client.logout()
    for page in (PAGE, unit("IV.45(k)").get_absolute_url()):
        assert "An invented meeting · Item 2" in words(client.get(page))
        assert "INVENTED/2026/1 · 7 September 2026" in words(client.get(page))


def test_the_pages_of_topics_lead_to_the_workplan(client, unit):
    for label in ("V.43", "VIII.1(i)"):
        assert f'href="{PAGE}"' in client.get(unit(label).get_absolute_url()).text
    assert CLAUSE in words(client.get(unit("VIII.1(i)").get_absolute_url()))
    assert f'href="{PAGE}"' in client.get("/recommendations/").text


@pytest.mark.parametrize("changed", [{"symbol": ""}, {"at": ""}, {"topic": "II.44"}])
def test_what_cannot_be_looked_up_or_is_no_topic_is_refused(dana, unit, changed):
    changed = changed | {name: unit(label) for name, label in changed.items() if name == "topic"}
    with pytest.raises(ValidationError):
        catalogue.save_instance(instance=took_up(**{"topic": unit("V.43")} | changed), by=dana)
    assert not TakenUp.objects.exists()


@pytest.mark.parametrize(("label", "clause"), [("II.44", "Words of no text"), ("V.43", "recruitment")])
def test_a_clause_is_words_of_a_text_that_is_no_topic_as_a_whole(dana, unit, label, clause):
    with pytest.raises(ValidationError) as caught:
        catalogue.change_annotations(recommendation=unit(label), topic_clause=clause, by=dana)
    assert list(caught.value.message_dict) == ["topic_clause"]


def test_a_workplan_of_any_length_takes_as_many_queries(client, dana, unit, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(PAGE)
    for label in TOPICS:
        catalogue.save_instance(instance=took_up(unit(label)), by=dana)
    with django_assert_num_queries(2):
        client.get(PAGE)
