"""Curators choose a text by search, with its label in any spelling or words of its title; never from a bare list."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from recommendations.models import Recommendation, Wording

pytestmark = pytest.mark.django_db

FIELDS = [
    ("familymember", "recommendation"),
    ("lineage", "source"),
    ("lineage", "target"),
    ("servedprovision", "recommendation"),
    ("recordedaction", "recommendation"),
    ("takenup", "topic"),
    ("provenance", "recommendation"),
    ("recommendation", "merged_into"),
    ("translation", "wording"),
]
FORMS = ["family", "lineage", "provision", "recordedaction", "takenup", "provenance", "translation"]


@pytest.fixture
def curator(client, dana):
    client.force_login(dana)
    return client


def search(curator, model: str, field: str, term: str) -> list[str]:
    typed = {"app_label": "recommendations", "model_name": model, "field_name": field, "term": term}
    return [row["text"] for row in curator.get(reverse("admin:autocomplete"), typed).json()["results"]]


@pytest.mark.parametrize("spelling", ["IV.46(i)(ii)", "iv 46 i ii", "IV-46-i-ii", "iv46(i)ii", " IV.46 (i) (ii) "])
def test_a_label_is_found_in_any_spelling(curator, spelling):
    title = "IV.46(i)(ii) Criminal damages and compensation or restitution orders"
    assert search(curator, "lineage", "source", spelling) == [title]


def test_a_label_of_a_chapeau_finds_its_items_below_it(curator):
    assert (
        search(curator, "lineage", "source", "iv 46 i")
        == [str(node) for node in Recommendation.objects.filter(slug__startswith="IV-46-i").exclude(slug="IV-46-ii")][
            :20
        ]
    )


def test_words_of_the_title_find_a_text(curator):
    title = "I.7(a) Trafficking in persons in public education curricula"
    assert search(curator, "familymember", "recommendation", "education curric") == [title]


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_each_choice_of_a_text_is_a_search_with_label_and_title(curator, model, field):
    every = search(curator, model, field, "")
    assert len(every) == (14 if model == "takenup" else 20)
    assert all(re.match(r"[IVX]+\.\d+\S* \w", text) for text in every)


@pytest.mark.parametrize("model", FORMS)
def test_no_form_of_the_admin_lists_texts(curator, model):
    page = curator.get(reverse(f"admin:recommendations_{model}_add")).content.decode()
    assert max((block.count("<option") for block in page.split("<select")[1:]), default=0) < 40
    assert "I.7(a)" not in page


def test_a_replacement_of_a_recommendation_is_searched_too(curator):
    node = Recommendation.objects.get(label="I.4")
    page = curator.get(reverse("admin:recommendations_recommendation_standing", args=[node.pk])).content.decode()
    assert 'data-field-name="merged_into"' in page
    assert "admin/js/autocomplete.js" in page
    assert "I.7(a)" not in page


def test_fields_list_only_the_texts_that_they_may_have(curator):
    texts = Recommendation.objects.published()
    closed = texts.exclude(pk__in=texts.open_to_recorded_actions().order_by().values("pk"))[0]
    assert search(curator, "lineage", "source", closed.label)[0] == str(closed)
    assert str(closed) not in search(curator, "recordedaction", "recommendation", closed.label)
    topics = {str(node) for node in Recommendation.objects.published().topic_texts()}
    assert set(search(curator, "takenup", "topic", "")) <= topics


def test_only_the_current_wording_can_be_translated(curator):
    node = Recommendation.objects.get(label="I.5")
    assert search(curator, "translation", "wording", "i5")[0] == f"{node} (1)"
    assert Wording.objects.filter(recommendation=node).count() == 1


@pytest.mark.parametrize(
    ("model", "spelling"),
    [("family", "i 7 a"), ("provenance", "iv46"), ("recommendation", "iv46i"), ("wording", "i7a")],
)
def test_lists_of_the_admin_find_a_label_in_any_spelling(curator, model, spelling):
    page = curator.get(reverse(f"admin:recommendations_{model}_changelist"), {"q": spelling})
    assert page.context["cl"].result_count > 0


@pytest.mark.parametrize("term", ["((", "[", "9" * 300, "i" * 300])
def test_any_term_is_answered(curator, term):
    assert search(curator, "lineage", "source", term) == []


def test_every_field_that_refers_to_a_text_is_a_search():
    """In every form of the admin that a curator can write in."""
    found = set()
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label != "recommendations":
            continue
        for each in (model_admin, *(inline(model, admin.site) for inline in model_admin.inlines)):
            fields = [field for field in each.model._meta.fields if field.related_model in (Recommendation, Wording)]
            listed = {field.name for field in fields if field.editable} - set(each.readonly_fields)
            found |= {f"{each.model.__name__}.{name}" for name in listed - set(each.autocomplete_fields)}
    assert found == {"Footnote.recommendation", "Wording.recommendation"}  # only read
