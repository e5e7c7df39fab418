"""Which provisions of the Protocol and the Convention the catalogue serves: loaded, public, and kept by curators."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from recommendations import fixtures
from recommendations.models import Provision, Recommendation, ServedProvision, Theme
from recommendations.queries import served_provisions
from tests.catalogue_events import actions_on
from tests.pages import words_of_page

pytestmark = pytest.mark.django_db

FIXTURE = json.loads((fixtures.FIXTURES / "provisions.json").read_text(encoding="utf-8"))["provisions"]


def serves(label: str) -> list[str]:
    node = Recommendation.objects.get(label=label)
    return [str(served.provision) for served in served_provisions([node])[node.pk]]


def test_the_list_is_loaded_in_its_order_with_its_reasons():
    found = [
        {
            "instrument": one.instrument,
            "article": one.article,
            "title": one.title,
            "themes": {served.theme.slug: served.reason for served in one.served_by.all() if served.theme},
            "units": {
                served.recommendation.label: served.reason for served in one.served_by.all() if served.recommendation
            },
        }
        for one in Provision.objects.prefetch_related("served_by__theme", "served_by__recommendation")
    ]
    assert found == FIXTURE


def test_every_theme_serves_a_provision_and_every_unit_named_is_one():
    assert not Theme.objects.filter(serves__isnull=True).exists()
    assert not ServedProvision.objects.filter(recommendation__is_unit=False).exists()


@pytest.mark.parametrize(
    ("label", "provisions"),
    [
        ("I.13", ["Protocol, article 6(6)", "Convention, article 25(2)"]),
        ("IV.46(i)(ii)", ["Protocol, article 6(6)", "Convention, article 25(2)"]),
        ("VIII.2(a)", ["Protocol, article 8"]),
        ("II.9", ["Convention, article 19", "Convention, article 20"]),
        ("I.2", ["Convention, article 32"]),
    ],
)
def test_a_text_serves_its_own_provisions_or_else_those_of_its_primary_theme(label, provisions):
    assert serves(label) == provisions


def test_the_page_of_a_text_and_of_a_theme_say_what_they_serve_and_why(client):
    said = (
        "Related treaty provisions Protocol, article 6(6): Possibility of obtaining compensation "
        "The theme is the possibility"
    )
    assert said in words_of_page(client.get(reverse("recommendations:detail", args=["I-13"])))
    assert said in words_of_page(client.get(reverse("recommendations:theme", args=["compensation"])))


def test_a_curator_adds_one_in_the_admin(curator, dana):
    theme = Theme.objects.get(slug="compensation")
    typed = {"instrument": "convention", "article": "14(2)", "title": "Return of proceeds", "position": 90}
    rows = {
        "served_by-TOTAL_FORMS": 1,
        "served_by-INITIAL_FORMS": 0,
        "served_by-0-theme": theme.pk,
        "served_by-0-recommendation": "",
        "served_by-0-reason": "Proceeds may go to victims.",
    }
    assert curator.post(reverse("admin:recommendations_provision_add"), typed | rows).status_code == 302
    served = ServedProvision.objects.get(provision__article="14(2)")
    assert (served.theme, served.reason) == (theme, "Proceeds may go to victims.")
    assert actions_on(served) == [("catalogue entry added", dana)]


@pytest.mark.parametrize("said", [{}, {"theme": True, "recommendation": True}, {"theme": True, "reason": ""}], ids=str)
def test_the_database_keeps_what_serves_to_one_and_with_a_reason(said, unit):
    given = {"theme": Theme.objects.get(slug="demand"), "recommendation": unit("I.2")}
    named = {name: given[name] for name in said if name in given}
    with pytest.raises(IntegrityError), transaction.atomic():
        ServedProvision.objects.create(
            provision=Provision.objects.first(), reason=said.get("reason", "Because."), **named
        )
