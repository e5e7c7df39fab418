"""The search of every page: adopted texts with their titles, and help; nothing that is not public."""

import pytest

from recommendations.models import Recommendation
from recommendations.queries import published_nodes
from tests.canaries import CANARY, canary_state  # noqa: F401
from tests.pages import client_of, words_of_page
from tracker.queries.help import find_help

pytestmark = pytest.mark.django_db


def found(client, typed: str, **parameters) -> list[str]:
    """Return the labels that are found, in order."""
    page = client.get("/search/", {"q": typed, "in": "texts"} | parameters).context["page"]
    return [node.full_label for node in page]


def test_the_text_of_a_label_comes_first(client):
    assert found(client, "iv.46 (i)")[0] == "IV.46(i)"
    assert found(client, "I.13")[0] == "I.13"


def test_titles_are_searched_and_come_before_other_texts(client):
    node = Recommendation.objects.published().get(label="I.13")
    typed = "procedures for compensation and restitution"
    assert typed in node.title
    assert typed not in node.text
    assert found(client, typed)[0] == "I.13"


def test_all_words_are_looked_for_without_case_and_accents(client):
    expected = [
        node.full_label
        for node in published_nodes()
        if all(word in f"{node.label} {node.title} {node.text}".casefold() for word in ("organ", "removal"))
    ]
    assert set(found(client, "ORGÁN removal")) >= set(expected)
    assert found(client, "organ removal zebra") == []


def test_a_row_has_label_title_theme_and_marked_words(client):
    node = Recommendation.objects.published().get(label="I.13")
    html = client.get("/search/", {"q": "I.13"}).text
    row = words_of_page(client.get("/search/", {"q": "possible procedures compensation"}))
    assert f'<a class="label" href="{node.get_absolute_url()}"><bdi>I.13</bdi></a>' in html
    assert "I.13 Possible procedures for compensation and restitution Compensation, restitution and access" in row
    assert "<mark>I.13</mark>" not in html
    assert "<mark>compensation</mark>" in client.get("/search/", {"q": "compensation"}).text


def test_help_is_searched_too(client):
    hits = find_help("handover")
    page = client.get("/search/", {"q": "handover"})
    assert page.context["counts"] == {"texts": 0, "help": len(hits)}
    assert [hit.url for hit in page.context["page"]] == [hit.url for hit in hits][:25]
    assert f"Help: {len(hits)}" in words_of_page(page)


def test_results_come_in_pages_of_25(client):
    everything = client.get("/search/", {"q": "trafficking"}).context["page"].paginator
    labels = [node.full_label for number in everything.page_range for node in everything.page(number)]
    assert everything.count > 100
    assert found(client, "trafficking") + found(client, "trafficking", page=2) == labels[:50]
    assert 'href="?q=trafficking&amp;page=2"' in client.get("/search/", {"q": "trafficking"}).text
    assert found(client, "trafficking", page="no number") == labels[:25]


def test_nothing_typed_and_nothing_found_say_what_to_do(client):
    assert "Enter words of a recommendation, a label such as IV.46(i), or a subject of help." in words_of_page(
        client.get("/search/")
    )
    said = words_of_page(client.get("/search/", {"q": "zebra"}))
    assert "Nothing found for “ zebra ” Use fewer words, or the first letters of a word." in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x" * 201, "The text is too long: at most 200 characters. It has 201."),
        ("a\0b", "Remove the invisible character U+0000 after “a”: it cannot be saved."),
        ("التعويض", "Nothing found for “ التعويض ”"),
        ("<script>alert(1)</script>", "Nothing found for “ &lt;script&gt;alert(1)&lt;/script&gt; ”"),
        ("(.*)+[", "Nothing found for “ (.*)+[ ”"),
        ("' OR 1=1 --", "Nothing found for “ &#x27; OR 1=1 -- ”"),
    ],
)
def test_odd_words_find_nothing_and_break_nothing(client, typed, said):
    assert said in words_of_page(client.get("/search/", {"q": typed}))


def test_nothing_that_a_state_recorded_is_found(client, canary_state, alice):  # noqa: F811
    for reader in (client, client_of(alice)):
        page = reader.get("/search/", {"q": CANARY})
        assert page.context["counts"] == {"texts": 0, "help": 0}


def test_the_box_is_in_the_head_of_every_page(client, django_assert_max_num_queries):
    assert '<form class="search search-everything" role="search" action="/search/">' in client.get("/figures/").text
    with django_assert_max_num_queries(15):
        client.get("/search/", {"q": "compensation"})
