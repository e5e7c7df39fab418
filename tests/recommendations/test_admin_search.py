"""Curators enter a text by its label in any spelling, with JavaScript or without; never from a bare list."""

import pytest
from django.contrib import admin
from django.forms import BoundField
from django.urls import reverse

from recommendations.model_admin import TextsByLabel
from recommendations.models import Family, Lineage, Recommendation, Wording

pytestmark = pytest.mark.django_db

ADD_FORMS = [
    ("lineage", "source"),
    ("lineage", "target"),
    ("recordedaction", "recommendation"),
    ("takenup", "topic"),
    ("provenance", "recommendation"),
    ("currency", "recommendation"),
    ("translation", "wording"),
]


def send(curator, model: str, field: str, typed: str) -> BoundField:
    """Send the label alone, and return its field."""
    page = curator.post(reverse(f"admin:recommendations_{model}_add"), {field: typed})
    return page.context["adminform"].form[field]


@pytest.mark.parametrize(
    "spelling",
    [
        *("IV.46(i)(ii)", "iv 46 i ii", "IV-46-i-ii", "iv46(i)ii", " IV.46 (i) (ii) ", "4.46 (i)(ii)"),
        "IV.46(i)(ii) Criminal damages and compensation or restitution orders",
    ],
)
def test_a_text_is_found_by_its_label_in_any_spelling(curator, unit, spelling):
    field = send(curator, "lineage", "source", spelling)
    assert (field.errors, field.form.cleaned_data["source"]) == ([], unit("IV.46(i)(ii)"))


@pytest.mark.parametrize(("model", "field"), ADD_FORMS)
@pytest.mark.parametrize("typed", ["I.99", "((", "7", "9" * 300])
def test_an_unknown_label_is_an_error_at_its_field(curator, model, field, typed):
    shown = send(curator, model, field, typed)
    assert (shown.errors, shown.value()) == ([f"No text has the label “{typed}”. Correct the label."], typed)


@pytest.mark.parametrize(("model", "field"), ADD_FORMS)
def test_a_label_is_asked_for_and_can_be_in_the_address(curator, model, field):
    address = reverse(f"admin:recommendations_{model}_add")
    assert send(curator, model, field, "").errors == ["Enter the label."]
    for typed in ("I.7", "x", "5", "9" * 30):
        assert curator.get(address, {field: typed}).context["adminform"].form[field].value() == typed


def test_each_form_with_a_label_suggests_every_text_once(curator, django_assert_max_num_queries):
    family = Family.objects.get(slug="reflection-period")
    addresses = [reverse(f"admin:recommendations_{model}_add") for model, _field in ADD_FORMS]
    addresses += [reverse("admin:recommendations_family_change", args=[family.pk])]
    addresses += [reverse("admin:recommendations_provision_add")]
    addresses += [reverse("admin:recommendations_recommendation_standing", args=[family.recommendations.first().pk])]
    for address in addresses:
        with django_assert_max_num_queries(15):
            page = curator.get(address).text
        assert page.count('<datalist id="texts"') == 1
        assert page.count('<option value="I.7(a) Trafficking in persons in public education curricula">') == 1
        assert 'list="texts"' in page


@pytest.mark.parametrize("model", ["family", "provision"])
def test_a_text_is_added_to_a_list_without_a_script(curator, model):
    [inline] = curator.get(reverse(f"admin:recommendations_{model}_add")).context["inline_admin_formsets"]
    assert [form["recommendation"].value() for form in inline.formset.forms] == [None]


def test_a_saved_text_is_shown_by_label_and_title(curator):
    link = Lineage.objects.select_related("source").first()
    page = curator.get(reverse("admin:recommendations_lineage_change", args=[link.pk]))
    assert f'name="source" value="{link.source}"' in page.text
    assert not page.context["adminform"].form["source"].errors


def test_fields_accept_only_the_texts_that_they_may_have(curator):
    refused = ["This text cannot be entered here. Enter the label of another text."]
    assert send(curator, "recordedaction", "recommendation", "II.44").errors == refused
    assert send(curator, "recordedaction", "recommendation", "I.3").errors == []
    assert send(curator, "takenup", "topic", "II.44").errors == refused
    assert send(curator, "takenup", "topic", "IV.45(k)").errors == []


def test_only_the_current_wording_can_be_translated(curator, unit):
    field = send(curator, "translation", "wording", "i5")
    assert field.form.cleaned_data["wording"] == unit("I.5").current_wording


@pytest.mark.parametrize(
    ("model", "spelling"),
    [("family", "i 7 a"), ("provenance", "iv46"), ("recommendation", "iv46i"), ("wording", "i7a")],
)
def test_lists_of_the_admin_find_a_label_in_any_spelling(curator, model, spelling):
    page = curator.get(reverse(f"admin:recommendations_{model}_changelist"), {"q": spelling})
    assert page.context["cl"].result_count > 0


def test_every_field_that_refers_to_a_text_takes_its_label():
    """In every form of the admin that a curator can write in."""
    found = set()
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label != "recommendations":
            continue
        for each in (model_admin, *(inline(model, admin.site) for inline in model_admin.inlines)):
            fields = [field for field in each.model._meta.fields if field.related_model in (Recommendation, Wording)]
            asked = [field for field in fields if field.editable and field.name not in each.readonly_fields]
            if not isinstance(each, TextsByLabel):
                found |= {f"{each.model.__name__}.{field.name}" for field in asked}
    assert found == {"Footnote.recommendation", "Wording.recommendation"}  # only read
