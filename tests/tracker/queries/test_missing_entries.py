"""A curator sees what the catalogue lacks, with the number of each and where to enter it."""

import datetime

import pytest
from django.urls import reverse

from recommendations import catalogue
from recommendations.models import Currency, RecordedAction, TakenUp, Translation
from tests.pages import words
from tracker.models import Respondent
from tracker.queries.missing_entries import find_missing_entries

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 1, 1)
SOURCE = {"symbol": "INVENTED/1", "date": DAY}


def counts() -> dict[str, int]:
    return {str(entry.name): entry.number for entry in find_missing_entries()}


def test_all_that_the_first_paper_lacks_is_counted(xaa):
    languages = ("العربية", "中文", "Français", "Русский", "Español")
    assert counts() == {f"Official texts: {language}": 317 for language in languages} | {
        "Adoption by the Conference": 275,
        "Symbol of a paper": 1,
        "Action by the Conference of the Parties": 37,
        "Action by the Working Group": 2,
        "Action by United Nations entities": 1,
        "Discussion of a topic at a meeting": 14,
        "Treaty acts: information of the last 12 months": 1,
    }


def test_each_entry_lowers_its_number_by_one(dana, unit, xaa):
    before = counts()
    for row in (
        Translation(wording=unit("II.43").current_wording, language="fr", text="Texte.", source="INVENTED/1"),
        Currency(recommendation=unit("I.13"), kind="adoption", words="endorsed", **SOURCE),
        RecordedAction(recommendation=unit("I.3"), by="conference", what="A decision.", **SOURCE),
        TakenUp(topic=unit("IV.45(k)"), at="A meeting", **SOURCE),
    ):
        catalogue.save_instance(instance=row, by=dana)
    Respondent.objects.filter(pk=xaa.pk).update(status_as_at=datetime.date.today())
    after = counts()
    assert {name: before[name] - after.get(name, 0) for name in before if before[name] != after.get(name, 0)} == {
        "Official texts: Français": 1,
        "Adoption by the Conference": 1,
        "Action by the Conference of the Parties": 1,
        "Discussion of a topic at a meeting": 1,
        "Treaty acts: information of the last 12 months": 1,
    }


def test_a_text_without_theme_and_title_is_counted(dana, unit):
    before = counts()
    catalogue.change_annotations(
        recommendation=unit("I.13"), by=dana, title="", primary_theme=None, secondary_theme=None
    )
    after = counts()
    assert {name: after[name] for name in after.keys() - before.keys()} == {"Short title": 1, "Theme": 1}


def test_each_entry_leads_to_the_page_where_it_is_entered(curator):
    page = curator.get(reverse("paper_import_list"))
    addresses = [entry.url for entry in page.context["missing"]]
    assert [curator.get(address).status_code for address in addresses] == [200] * len(addresses)
    french = next(entry.url for entry in page.context["missing"] if entry.name == "Official texts: Français")
    assert 'value="fr" selected' in curator.get(french).text


def test_the_page_takes_few_queries(curator, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        page = curator.get(reverse("paper_import_list"))
    assert "Missing entries Public pages do not mention them." in words(page)
