"""A second body beside the first: the same labels, other addresses, and no text of the one among those of the other."""

import csv
import io

import pytest
from django.urls import reverse

from recommendations.catalogue_file import export_catalogue
from recommendations.models import Family, FamilyMember, Lineage, Recommendation
from tests.bodies import SLUG, TEXTS, WORD
from tests.labels import labels_in

pytestmark = pytest.mark.django_db

FIRST, SECOND = "/recommendations/", f"/recommendations/{SLUG}/"


@pytest.fixture(autouse=True)
def _beside(second_body):
    """All of these tests have it."""


@pytest.fixture
def family(unit):
    """Of both: I.1 of the first body, and I.1 of the second in part."""
    family = Family.objects.create(slug="registers", name="Registers", relation="same", confidence="high")
    FamilyMember.objects.create(family=family, recommendation=unit("I.1"), kind="full")
    FamilyMember.objects.create(family=family, recommendation=unit(f"{SLUG}/I.1"), kind="partial", note="Vessels.")
    return family


def test_a_text_has_the_address_of_its_body(client, unit):
    assert unit(f"{SLUG}/I.2(a)").get_absolute_url() == f"{SECOND}I-2-a/"
    assert unit("I.1").get_absolute_url() == f"{FIRST}I-1/"
    assert WORD in client.get(f"{SECOND}I-1/").text
    assert WORD not in client.get(f"{FIRST}I-1/").text
    assert client.get(f"{FIRST}IX-1/").status_code == 404
    assert client.get(f"{SECOND}II-1/").status_code == 404
    assert client.get("/recommendations/wgtip/I-1/").status_code == 404


def test_a_full_label_leads_to_the_address(unit):
    assert [unit(f"{SLUG}/{said.label}").full_label for said in TEXTS] == [f"{SLUG}/{said.label}" for said in TEXTS]
    assert unit("IV.46(i)").full_label == "IV.46(i)"


def test_each_body_has_its_own_record(client):
    first, second = client.get(FIRST, {"open": "all"}), client.get(SECOND)
    assert labels_in(second) == [said.label for said in TEXTS]
    assert labels_in(first) == list(Recommendation.objects.filter(body__is_first=True).values_list("label", flat=True))
    assert WORD not in first.text
    for response in (first, second):
        assert 'href="/recommendations/smuggling-x/"' in response.text
    for nothing in ("wgtip", "nobody"):
        assert client.get(f"/recommendations/{nothing}/").status_code == 404


def test_a_body_without_published_texts_is_on_no_page(client):
    Recommendation.objects.filter(body__slug=SLUG).update(published_at=None)
    assert client.get(SECOND).status_code == client.get(f"{SECOND}I-1/").status_code == 404
    assert SLUG not in client.get(FIRST, {"open": "all"}).text


def test_the_number_of_a_meeting_is_one_of_its_body(client):
    assert labels_in(client.get(SECOND, {"meeting": "1"})) == ["I.1", "I.2", "I.2(a)", "I.2(b)", "I.3"]
    assert WORD not in client.get(FIRST, {"meeting": "1"}).text
    assert client.get(FIRST, {"meeting": "9"}).context["form"].errors.keys() == {"meeting"}


def test_a_label_that_is_typed_is_one_of_the_body_in_which_it_is_searched(client):
    assert client.get(FIRST, {"q": "i.1"}).url == f"{FIRST}I-1/"
    assert client.get(SECOND, {"q": "i.1"}).url == f"{SECOND}I-1/"
    assert client.get(SECOND, {"q": f"{SLUG}/I.1"}).url == f"{SECOND}I-1/"
    assert labels_in(client.get(FIRST, {"q": WORD})) == []


def test_the_texts_before_and_after_are_of_the_same_body(client):
    """The last of the first body has nothing after it, the first of the second nothing before."""
    last = Recommendation.objects.filter(body__is_first=True).last()
    assert client.get(last.get_absolute_url()).context["after"] is None
    assert client.get(f"{SECOND}I-1/").context["before"] is None
    after = client.get(f"{SECOND}I-1/").context["after"]
    assert (after["url"], str(after["unit"])) == (f"{SECOND}I-2/", f"{SLUG}/I.2")


def test_a_family_over_bodies_names_the_body_of_each_member(client, family):
    text = client.get(family.get_absolute_url()).text
    assert text.count('<p class="note"><bdi>Working Group on Invented Smuggling</bdi></p>') == 1
    assert f'href="{SECOND}I-1/"' in text and f'href="{FIRST}I-1/"' in text


def test_a_family_of_one_body_has_only_that_bodys_meetings(client):
    assert "Invented Smuggling" not in client.get(Family.objects.first().get_absolute_url()).text


def test_a_theme_over_bodies_distinguishes_the_bodies(client):
    found = labels_in(client.get(reverse("recommendations:theme", args=["legislation"])))
    assert [label for label in found if label.startswith(SLUG)] == [f"{SLUG}/{said.label}" for said in TEXTS]
    assert not {said.label for said in TEXTS} & set(found)


def test_a_reference_between_bodies_names_the_other(client, unit):
    Lineage.objects.create(
        source=unit(f"{SLUG}/I.1"), target=unit("I.1"), kind="reaffirms", confidence="high", quote="recalling"
    )
    assert f"<bdi>{SLUG}/I.1</bdi>" in client.get(f"{FIRST}I-1/").text
    title = "Comprehensive and balanced approach to combating trafficking"
    shown = f'<bdi>I.1</bdi></a> <bdi class="short-title" lang="en">{title}</bdi> · Reaffirms'
    assert shown in client.get(f"{SECOND}I-1/").text


def test_the_data_name_the_body_of_each_text(client):
    entries = export_catalogue()
    assert [(one["body"], one["label"]) for one in entries if WORD in one["text"]] == [(SLUG, t.label) for t in TEXTS]
    assert len({(one["body"], one["label"]) for one in entries}) == len(entries) == 317 + len(TEXTS)
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("recommendations:csv")).text.lstrip("\ufeff"))))
    assert [(row["body"], row["label"]) for row in rows] == [(one["body"], one["label"]) for one in entries]


def test_a_page_asks_the_database_no_more_than_with_one_body(client, django_assert_max_num_queries, family):
    for url in (FIRST, SECOND, f"{SECOND}I-1/", family.get_absolute_url()):
        with django_assert_max_num_queries(15):
            client.get(url)
