"""The filters of the public record: what they keep, and the counts beside them."""

import pytest
from django.http import QueryDict

from recommendations.facets import plain_text
from recommendations.filters import RecommendationFilter
from recommendations.queries import published_nodes

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return published_nodes()


def filtered(nodes, query: str) -> RecommendationFilter:
    return RecommendationFilter(QueryDict(query), nodes)


def labels(nodes, query: str) -> list[str]:
    return [node.label for node in filtered(nodes, query).shown]


def test_without_a_filter_all_317_texts_are_shown(nodes):
    filter_ = filtered(nodes, "")
    assert len(filter_.shown) == 317
    assert filter_.chosen_filter_list == []


@pytest.mark.parametrize(
    ("query", "count"),
    [("meeting=3", 1), ("meeting=1", 56), ("meeting=1&meeting=3", 57), ("strength=shall", 2), ("theme=demand", 29)],
)
def test_a_filter_keeps(nodes, query, count):
    assert len(labels(nodes, query)) == count


def test_within_a_facet_more_is_shown_and_by_a_second_facet_less(nodes):
    one, other, both = (
        set(labels(nodes, f"{query}&theme=compensation")) for query in ("meeting=1", "meeting=4", "meeting=1&meeting=4")
    )
    assert both == one | other
    assert one == {"I.13"}


@pytest.mark.parametrize("query", ["", "meeting=4", "meeting=4&strength=should", "q=compensation&theme=compensation"])
def test_a_count_is_the_result_of_selecting_only_that_box(nodes, query):
    filter_ = filtered(nodes, query)
    for facet in filter_.facet_list:
        for option in facet.options:
            others = QueryDict(query, mutable=True)
            others.setlist(facet.name, [option.value])
            assert option.count == len(labels(nodes, others.urlencode())), (facet.name, option)


def test_a_box_that_would_show_nothing_stays(nodes):
    [theme] = [facet for facet in filtered(nodes, "meeting=3").facet_list if facet.name == "theme"]
    assert [option.count for option in theme.options if option.value == "demand"] == [0]


def test_a_chip_takes_its_filter_away_and_leaves_the_others(nodes):
    filter_ = filtered(nodes, "group=theme&q=victim&meeting=4&meeting=5")
    assert [(chip.words, chip.url) for chip in filter_.chosen_filter_list] == [
        ("Search: “victim”", "?meeting=4&meeting=5&group=theme"),
        ("Meeting: IV 2011", "?q=victim&meeting=5&group=theme"),
        ("Meeting: V 2013", "?q=victim&meeting=4&group=theme"),
    ]
    assert filter_.links == {
        "meeting": "?q=victim&meeting=4&meeting=5",
        "theme": "?q=victim&meeting=4&meeting=5&group=theme",
        "cleared": "?group=theme",
    }


def test_a_search_disregards_case_and_accents(nodes):
    found = labels(nodes, "q=blue heart")
    assert found == labels(nodes, "q=BLÜE hEart") == ["IV.34"]
    assert plain_text("Épreuve d’État") == "epreuve d'etat"


def test_a_search_finds_every_text_that_has_the_word_and_no_other(nodes):
    having = [node.label for node in nodes if "smuggling" in node.text.lower()]
    assert labels(nodes, "q=smuggling") == having


def test_several_words_may_be_shared_with_the_chapeau(nodes):
    assert "I.12(b)" in labels(nodes, "q=minimum standards victim protection and assistance")
    assert "I.12(a)" not in labels(nodes, "q=minimum standards")


def test_a_search_reads_footnotes(nodes):
    assert labels(nodes, "q=E.09.V.11") == ["II.44"]


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=" + "x" * 201, "meeting=99", "meeting=4&meeting=x", "theme=%00", "strength=must", "group=moon"],
)
def test_a_value_that_cannot_be_used_is_an_error_and_shows_nothing(nodes, query):
    filter_ = filtered(nodes, query)
    assert len(filter_.form.errors) == 1
    assert filter_.shown == []
