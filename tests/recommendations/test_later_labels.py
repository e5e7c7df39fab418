"""Texts labelled `XII.2.2 bis`, `XII.12(b)(ii)(A)` or `Resolution 12/4.3(a)`: found as people type them, by their
addresses, and shown with all that is above and below them.

The texts here are obviously invented.
"""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations.citations import cite_text
from recommendations.models import Recommendation, read_items, slug_of
from recommendations.models.recommendation import CHAPEAUX
from recommendations.paper_import import notation
from recommendations.queries import published_nodes
from recommendations.search.texts import Catalogue
from recommendations.text_cache import texts_at
from tests.pages import words
from tests.papers import opened, published, restructure, taken_in
from tests.verification import find_errors
from tracker.actions.record import Answer, save_answer

pytestmark = pytest.mark.django_db

TWELFTH = """XII. Twelfth session, Vienna, 12 to 14 October 2026

2.2. States parties should share invented data.
2.2 bis. States parties should compare invented data.
12. States parties should:
 - (a) Collect invented data;
 - (b) Publish invented data about:
 - (i) Invented courts;
 - (ii) Invented schools, in particular:
(A) Schools of invented music;
(B) Schools of invented law.
22. States parties should keep invented data.

Resolution 12/4

Invented data

1. Urges States parties to find invented data.
2. Invites States parties:
 - (a) To read invented data.

Decision 12/4

Invented follow-up

1. Requests the Secretariat to report on invented data.
"""
LABELS = [
    *("XII.2.2", "XII.2.2 bis", "XII.12", "XII.12(a)", "XII.12(b)", "XII.12(b)(i)", "XII.12(b)(ii)"),
    *("XII.12(b)(ii)(A)", "XII.12(b)(ii)(B)", "XII.22"),
    *("Resolution 12/4.1", "Resolution 12/4.2", "Resolution 12/4.2(a)", "Decision 12/4.1"),
]


@pytest.fixture
def twelfth(dana) -> list[Recommendation]:
    published(taken_in(dana, TWELFTH), dana)
    return [node for node in published_nodes() if node.meeting.number == 12]


def test_texts_have_the_printed_labels_and_the_parents_that_follow(twelfth):
    assert [text.label for text in twelfth] == LABELS
    parents = {text.label: text.parent and text.parent.label for text in twelfth}
    assert {label: parent for label, parent in parents.items() if parent} == {
        "XII.12(a)": "XII.12",
        "XII.12(b)": "XII.12",
        "XII.12(b)(i)": "XII.12(b)",
        "XII.12(b)(ii)": "XII.12(b)",
        "XII.12(b)(ii)(A)": "XII.12(b)(ii)",
        "XII.12(b)(ii)(B)": "XII.12(b)(ii)",
        "Resolution 12/4.2(a)": "Resolution 12/4.2",
    }
    assert find_errors() == []


def spellings(label: str) -> list[str]:
    """Return a label as people type it: with and without spaces and signs, in small letters, and as in its address."""
    return [
        label,
        label.lower(),
        label.replace("(", " (").replace("/", " / "),
        label.replace("(", " ").replace(")", " "),
        label.lower().replace(" ", "").replace("resolution", "resolution ").replace("decision", "decision "),
        slug_of(label),
        f"recommendation {label}",
    ]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_found_as_people_type_it(client, twelfth, label):
    for typed in spellings(label):
        found = client.get("/search/", {"q": typed}).context["found"]
        assert (typed, found.hits[0].label) == (typed, label)
        assert client.get("/recommendations/", {"q": typed}).url == f"/recommendations/{slug_of(label)}/"
    assert label in words(client.get(f"/recommendations/{slug_of(label)}/"))


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("12/4.1", ["Resolution 12/4.1", "Decision 12/4.1"]),
        ("decision 12/4.1", ["Decision 12/4.1"]),
        ("XII.2.2", ["XII.2.2"]),
        ("XII.22", ["XII.22"]),
        ("12.2.2", ["XII.2.2"]),
        ("about resolution 12/4.2 (a) and XII.12 (b) (ii) (A)", ["Resolution 12/4.2(a)", "XII.12(b)(ii)(A)"]),
    ],
)
def test_a_label_finds_only_its_texts(twelfth, typed, labels):
    assert [text.label for text in Catalogue.read().understand(typed).labelled_texts] == labels


def test_a_form_refuses_the_number_of_a_resolution_and_a_decision(curator, twelfth):
    sent = curator.post(reverse("admin:recommendations_lineage_add"), {"source": "12/4.1"})
    assert sent.context["adminform"].form.errors["source"] == ["No text has the label “12/4.1”. Correct the label."]


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("XII.2.2", ["XII.2.2", "XII.2.2 bis"]),
        ("xii 22", ["XII.22"]),
        ("XII.12(b)(ii)", ["XII.12(b)(ii)", "XII.12(b)(ii)(A)", "XII.12(b)(ii)(B)"]),
        ("12/4.2", ["Resolution 12/4.2", "Resolution 12/4.2(a)"]),
    ],
)
def test_the_administration_finds_a_text_and_its_items(curator, twelfth, typed, labels):
    page = curator.get(reverse("admin:recommendations_recommendation_changelist"), {"q": typed})
    assert [text.label for text in page.context["cl"].queryset.order_by("position")] == labels


def test_a_resolution_is_cited_as_such(twelfth):
    text = next(text for text in twelfth if text.label == "Resolution 12/4.2(a)")
    assert cite_text(text) == (
        "Working Group on Trafficking in Persons, Twelfth session (Vienna, 12 to 14 October 2026), Resolution "
        "12/4.2(a), in “Recommendations adopted at the ninth meeting”, 1 October 2019. Document CTOC/COP/WG.4/2019/6, "
        "paragraph 2 (a)."
    )


def test_a_numbered_recommendation_is_cited_by_what_is_printed(dana):
    text = "XII. Twelfth session, Vienna, 12 to 14 October 2026\n\nRecommendation 3 bis. States parties should test.\n"
    published(taken_in(dana, text), dana)
    cited = cite_text(Recommendation.objects.get(label="XII.3 bis"))
    assert cited.endswith("Document CTOC/COP/WG.4/2019/6, Recommendation 3 bis.")


def texts_below(client, slug: str) -> str:
    page = words(client.get(f"/recommendations/{slug}/"))
    return page[page.index("States parties should:") :]


def test_a_page_shows_all_texts_above_and_below_a_text(client, twelfth):
    every = (
        "States parties should: (a) Collect invented data; (b) Publish invented data about: (i) Invented courts; "
        "(ii) Invented schools, in particular: (A) Schools of invented music; (B) Schools of invented law."
    )
    assert texts_below(client, "XII-12").startswith(every)
    assert texts_below(client, "XII-12-b-ii-A").startswith(
        "States parties should: Publish invented data about: Invented schools, in particular: Schools of invented"
    )


def test_one_answer_is_to_all_texts_below_a_unit(desk, alice, bob, dana, xaa, twelfth):
    unit = Recommendation.objects.with_text().get(label="XII.12(b)")
    below = ["XII.12(b)(i)", "XII.12(b)(ii)", "XII.12(b)(ii)(A)", "XII.12(b)(ii)(B)"]
    read_items([fresh := Recommendation.objects.get(pk=unit.pk)])
    cached = texts_at(None).nodes([unit.pk])[unit.pk]
    for each in (unit, fresh, cached):
        assert [item.label for item in each.unit_items] == below
    units = [text.label for text in twelfth if text.is_unit and text.label.startswith("XII.12")]
    assert units == ["XII.12(a)", "XII.12(b)"]
    opened(unit.paper, bob, dana)
    answer = Answer(status="partially_implemented", items_met=["XII.12(b)(ii)(A)"])
    save_answer(respondent=xaa, unit=unit, base=0, answer=answer, by=alice)
    page = words(desk.get(reverse("record", args=["XAA", unit.slug])))
    assert page.count("(B) Schools of invented law.") == 2  # in the text, and among the items that can be met
    assert find_errors() == []


def test_four_levels_take_as_many_queries_as_one(desk, twelfth, django_assert_num_queries):
    for pages in (
        ["/recommendations/XII-22/", "/recommendations/XII-12-b-ii-A/"],
        [record("XII-22"), record("XII-12-b")],
    ):
        desk.get(pages[0])
        with CaptureQueriesContext(connection) as few:
            desk.get(pages[0])
        with django_assert_num_queries(len(few)):
            desk.get(pages[1])
    deepest = Recommendation.objects.with_text().get(label="XII.12(b)(ii)(A)")
    with django_assert_num_queries(0):
        assert [text.text for text in deepest.chapeaux][1:] == [
            *("Publish invented data about:", "Invented schools, in particular:")
        ]


def text(slug: str) -> str:
    return reverse("recommendations:detail", args=[slug])


def record(slug: str) -> str:
    return reverse("record", args=["XAA", slug])


def test_queries_reach_all_texts_above_that_a_label_allows():
    assert [path.count("parent") for path in CHAPEAUX] == list(range(1, notation.DEEPEST + 1))


def test_recorded_actions_are_of_no_text_below_a_unit(twelfth):
    open_texts = Recommendation.objects.open_to_recorded_actions().filter(meeting__number=12)
    assert list(open_texts.values_list("label", flat=True)) == ["XII.12", "Resolution 12/4.2"]


def test_all_texts_below_a_text_move_with_its_label(dana, twelfth):
    restructure(Recommendation.objects.get(label="XII.12"), dana, label="XII.14")
    moved = Recommendation.objects.filter(meeting__number=12, label__startswith="XII.14").order_by("position")
    assert [text.label for text in moved] == [
        *("XII.14", "XII.14(a)", "XII.14(b)", "XII.14(b)(i)", "XII.14(b)(ii)"),
        *("XII.14(b)(ii)(A)", "XII.14(b)(ii)(B)"),
    ]
    assert find_errors() == []


def test_a_text_below_a_unit_has_no_answer_of_its_own(dana, twelfth):
    with pytest.raises(ValidationError, match="The text above is answered with its items"):
        restructure(Recommendation.objects.get(label="XII.12(b)(ii)(A)"), dana, is_unit=True)
    with pytest.raises(ValidationError, match="Its items are answered themselves"):
        restructure(Recommendation.objects.get(label="XII.12"), dana, is_unit=True)
