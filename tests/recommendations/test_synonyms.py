"""Curators keep the words that people type for what the texts call otherwise; the search knows them at once."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from recommendations.catalogue import save_instance
from recommendations.models import Synonym
from recommendations.search.texts import search_texts
from tests.pages import seen_at
from tests.verification import find_errors
from tracker.models import Event

pytestmark = pytest.mark.django_db

FORM = {"words": "grotto", "meanings": "removal of organs\r\n", "language": "en"}


def address(name: str, *keys: int) -> str:
    return reverse(f"admin:recommendations_synonym_{name}", args=keys)


def first_labels(typed: str) -> set[str]:
    return {node.full_label for node in search_texts(typed).nodes[:3]}


def test_the_first_synonyms_come_with_the_catalogue():
    meanings = dict(Synonym.objects.values_list("words", "meanings"))
    assert meanings["kidney"].splitlines()[0] == "removal of organs"
    assert meanings.keys() >= {"kidney", "ratify", "minors", "ICT"}


def test_a_curator_adds_changes_and_deletes_a_synonym_and_each_is_an_event(curator, dana):
    assert first_labels("grotto") == set()
    curator.post(address("add"), FORM)
    found = first_labels("grotto")
    assert found == first_labels("removal of organs") != set()
    synonym = Synonym.objects.get(words="grotto")
    page = address("change", synonym.pk)
    curator.post(page, FORM | {"meanings": "money-laundering"} | seen_at(curator, page))
    assert first_labels("grotto") == first_labels("money-laundering") != found
    curator.post(address("delete", synonym.pk), {"post": "yes"})
    assert first_labels("grotto") == set()
    events = Event.everyones.filter(target=f"synonym {synonym.pk}").order_by("number")
    assert [event.actor for event in events] == [dana] * 3
    assert find_errors() == []


def test_a_synonym_that_is_altered_by_sql_is_named(curator, db):
    curator.post(address("add"), FORM)
    synonym = Synonym.objects.get(words="grotto")
    Synonym.objects.filter(pk=synonym.pk).update(meanings="forged")
    assert find_errors() == [f"synonym {synonym.pk}: altered: meanings"]


@pytest.mark.parametrize("lacking", ["words", "meanings", "language"])
def test_every_field_is_needed(curator, lacking):
    page = curator.post(address("add"), FORM | {lacking: ""})
    assert list(page.context["adminform"].errors) == [lacking]
    assert not Synonym.objects.filter(words="grotto").exists()


def test_the_list_shows_each_phrase(curator):
    page = curator.get(address("changelist"), {"q": "NGOs"})
    assert "non-governmental organizations; civil society" in page.text


def test_nobody_else_keeps_synonyms(alice, bob, erin):
    for person in (alice, bob, erin):
        with pytest.raises(PermissionDenied):
            save_instance(instance=Synonym(words="grotto", meanings="caves"), by=person)


def test_what_curators_changed_is_not_loaded_again(curator):
    synonym = Synonym.objects.get(words="kidney")
    curator.post(address("delete", synonym.pk), {"post": "yes"})
    call_command("load_catalogue", verbosity=0)
    assert not Synonym.objects.filter(words="kidney").exists()
