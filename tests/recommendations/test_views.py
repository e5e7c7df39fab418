"""The public record, as anybody reads it."""

import csv
import io
import json
import re
from html import unescape
from urllib.parse import quote

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations import catalogue
from recommendations.models import Family, Recommendation, Theme
from tests.labels import labels_in, titled
from tests.pages import words
from tests.thorough import times

pytestmark = pytest.mark.django_db

LIST = "/recommendations/"


@pytest.fixture
def page(client):
    return lambda label: client.get(f"{LIST}{label}/")


def test_the_record_has_every_text_in_the_order_of_the_paper(client):
    response = client.get(LIST, {"open": "all"})
    assert labels_in(response) == list(Recommendation.objects.values_list("label", flat=True))
    assert [group.of.number for group in response.context["groups"]] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (
        "Adopted texts, word for word: 317. Recommendations: 295 · Introductory texts (chapeaux): 21 · Notes: 1"
        in words(response)
    )


def test_a_long_list_opens_one_section_or_all(client):
    closed = client.get(LIST, {"strength": "should"})
    assert labels_in(closed) == []
    assert "VIII. Eighth meeting 24 texts" in words(closed)
    assert 'href="?strength=should&amp;open=8#section-8"' in closed.text
    section, whole = (client.get(LIST, {"strength": "should", "open": name}) for name in ("8", "all"))
    assert labels_in(section) == [label for label in labels_in(whole) if label.startswith("VIII.")]
    assert len(labels_in(whole)) > len(labels_in(section)) == 24
    assert "All on one page" not in words(whole)


def test_what_a_filter_leaves_is_open_if_it_is_one_section_or_thirty_texts(client):
    for narrowed in ({"meeting": "1"}, {"q": "heart"}):
        response = client.get(LIST, narrowed)
        assert len(labels_in(response)) >= len(response.context["filter"].shown) > 0
        assert "All on one page" not in words(response)


def test_the_index_has_every_theme_and_each_text_under_its_own(client):
    groups = client.get(LIST, {"group": "theme"}).context["groups"]
    assert [group.of for group in groups] == [*Theme.objects.all(), None]
    for group in groups:
        assert {row.node.primary_theme for row in group.rows if row.matched} == {group.of}
    assert sum(group.total for group in groups) == 317


def test_an_item_is_introduced_by_its_chapeaux_once(client):
    [group] = client.get(LIST, {"q": "scheme", "meeting": "4"}).context["groups"]
    assert [(row.node.label, row.matched, row.level) for row in group.rows] == [
        ("IV.46", False, 0),
        ("IV.46(h)", True, 1),
        ("IV.46(i)", True, 1),
        ("IV.46(i)(iii)", True, 2),
        ("IV.46(j)", False, 1),
        ("IV.46(j)(vi)", True, 2),
    ]


def test_what_was_searched_for_is_marked_in_the_text(client):
    assert "Blue <mark>Heart</mark> and Blue Blindfold" in client.get(LIST, {"q": "heart"}).text


def test_a_short_title_follows_the_label_and_is_marked_unofficial(client, page):
    title = '<bdi class="short-title" lang="en">At least one option for victim compensation</bdi>'
    assert f'<bdi class="heading-label">IV.46(i)</bdi> {title}</h1>' in page("IV-46-i").text
    assert "Titles are by the Secretariat and not part of the adopted text." in words(page("IV-46-i"))
    listed = client.get(LIST, {"open": "all"}).text
    assert listed.count('class="short-title"') == 317
    assert "Titles are by the Secretariat and not part of the adopted text." in listed


def test_a_text_without_a_short_title_has_only_its_label(client, page):
    Recommendation.objects.update(title="")
    assert '<h1><bdi class="heading-label">IV.46(i)</bdi> </h1>' in page("IV-46-i").text
    assert str(Recommendation.objects.get(label="IV.46(i)")) == "IV.46(i)"
    assert client.get(LIST, {"open": "all"}).text.count('class="short-title"') == 0


def test_short_titles_are_searched(client):
    node = Recommendation.objects.with_text().get(label="II.24(b)")
    assert "Issue papers" in node.title
    assert node.title not in node.text
    [group] = client.get(LIST, {"q": f'"{node.title}"'}).context["groups"]
    assert [row.node.label for row in group.rows if row.matched] == ["II.24(b)"]


def test_guidance_names_kinds_and_examples_of_evidence(page):
    shown = words(page("I-7-a"))
    assert "Kinds of evidence Regulation , Policy or plan , Guidelines or training material" in shown
    assert "Examples of evidence the curriculum; the order that adopts it; teaching material" in shown


def test_a_text_a_theme_and_a_family_has_a_page_of_its_own(client):
    for thing in (*Recommendation.objects.all()[::10], *Theme.objects.all()[::4], *Family.objects.all()[::6]):
        response = client.get(thing.get_absolute_url())
        heading = re.search(r"<h1.*?>(.+?)</h1>", response.text)[1]
        assert unescape(re.sub(r"<.+?>", "", heading)) == str(thing)


@pytest.mark.parametrize("path", ["IX-1/", "iv-46-i/", "themes/none/", "families/none/", "IV-46-i/x/", "%00/"])
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(LIST + path).status_code == 404


def test_a_text_is_shown_between_its_chapeaux_and_items(page):
    response = page("IV-46-i")
    chapeau = response.text.index("The Working Group endorsed, as orally amended")
    own = response.text.index('<p class="adopted-text">In fulfilling the requirements of article 6')
    item = response.text.index("Provisions allowing victims to sue offenders or others for civil damages;")
    assert chapeau < own < item


def test_a_footnote_is_marked_where_printed_and_links_back(page):
    text = page("II-44").text
    assert 'Trafficking in Persons<sup><a id="II-44-mark-4" href="#II-44-note-4"' in text
    assert re.search(r'<li id="II-44-note-4"><sup>4</sup> United Nations publication, Sales No. E.09.V.11.', text)
    assert 'href="#II-44-mark-4"' in text


def test_a_footnote_keeps_its_words_when_the_wording_changes(page, unit, dana):
    corrected = "Correction: " + unit("II.44").text.replace("UNODC Model Law", "Model Law of UNODC")
    catalogue.add_wording(
        recommendation=unit("II.44"), text=corrected, kind="correction", reason="A slip of ours.", by=dana
    )
    response = page("II-44")
    assert "Trafficking in Persons<sup>" in response.text
    assert "A slip of ours." in words(response)
    assert "make use of technical assistance tools such as the UNODC Model Law" in words(response)


def test_changes_are_public_and_their_authors_are_shown_to_users(curator, page, unit, dana):
    adopted = unit("II.44").text
    catalogue.add_wording(
        recommendation=unit("II.44"), text=f"{adopted} Anew.", kind="new_wording", reason="Adopted again.", by=dana
    )
    response = page("II-44")
    wordings = response.context["wordings"]
    assert [(one.number, before and before.number) for one, before in wordings] == [(1, None), (2, 1)]
    assert "Anew.</ins>" in response.text
    assert "Adopted again." in words(response)
    assert "refer to an earlier wording and are marked accordingly." in words(response)
    assert "Dana" not in words(response)
    assert "Dana" in words(curator.get(unit("II.44").get_absolute_url()))


def test_a_text_is_listed_with_its_siblings(page):
    neighbours = page("IV-46-i").context["neighbours"]
    assert [node.label for node in neighbours.nodes] == ["IV.46(f)", "IV.46(g)", "IV.46(h)", "IV.46(i)", "IV.46(j)"]
    assert neighbours.total == 10
    assert [node.label for node in page("II-1").context["neighbours"].nodes] == ["II.1", "II.2", "II.3", "II.4", "II.5"]
    assert "Paragraphs of the same meeting" not in words(page("III"))


@pytest.mark.parametrize(
    ("label", "before", "after"),
    [
        ("I-1", None, "I.2 Adherence to the Convention and the Protocol"),
        (
            "I-7",
            "I.6 Issue papers on key concepts of the Protocol",
            "I.7(a) Trafficking in persons in public education curricula",
        ),
        (
            "II-58",
            "II.57 Roster of training courses and United Nations experts",
            "III Endorsement of the third meeting's recommendations",
        ),
        ("VIII-2-h", "VIII.2(g) Culturally and linguistically appropriate protection", None),
    ],
)
def test_before_and_after_are_as_adopted(page, label, before, after):
    context = page(label).context
    assert [context[side] and str(context[side]["unit"]) for side in ("before", "after")] == [before, after]


def test_a_family_is_shown_over_the_eight_meetings(page):
    [family_texts] = [each for each in page("II-44").context["families"] if each.family.slug == "non-punishment"]
    assert [(meeting.roman, [node.label for node in members]) for meeting, members in family_texts.line] == [
        ("I", ["I.11(b)"]),
        ("II", ["II.43", "II.44"]),
        ("III", []),
        ("IV", []),
        ("V", ["V.35"]),
        ("VI", []),
        ("VII", ["VII.2(b)"]),
        ("VIII", ["VIII.1(c)"]),
    ]


def test_a_partial_member_says_which_part(page):
    assert f"Partial match · {titled('IV.46(i)')} · option (iii): dedicated funds or schemes" in words(page("IV-46-i"))


def test_what_is_related_is_seen_also_in_both_directions(page):
    family, related = Family.objects.get(slug="non-punishment"), Recommendation.objects.get(label="II.50(a)")
    assert (related.get_absolute_url(), str(related)) in [each[:2] for each in page("II-44").context["related"]]
    assert (family.get_absolute_url(), family.name) in [each[:2] for each in page("II-50-a").context["related"]]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("II-44", "Addressed to States parties · Stated in the text"),
        ("I-7-a", "Addressed to States parties · Named in the introductory sentence"),
        ("VII-1-a", "No addressee is named; States parties are assumed."),
        ("VII-1-a", "The paper does not say whether the Conference adopted it."),
        ("II-44", "Strength of wording should"),
        ("I-7-a", "Asks only that a measure be considered"),
        ("II-44", "“Shall” and “should” describe wording, not a legal obligation."),
        ("II-44", "Answers One answer, to this recommendation."),
        ("IV-46-i", "Answers One answer covers all 3 items and names those that are met."),
        (
            "IV-46-i-ii",
            "Answers Answered with IV.46(i) At least one option for victim compensation : one answer covers all its "
            "items.",
        ),
        ("IV-45-a", "Answers Not requested: this text proposes an item for a future meeting."),
        ("I-7", "Answers Each item has an answer of its own."),
        ("III", "Answers Not requested: this text is not a recommendation."),
        ("IV-1", "Answers Not requested. The Secretariat records the action taken , with decision, symbol and date."),
        ("I-2", "What an answer could include Not part of the adopted text"),
        ("II-44", "Theme Non-punishment and non-prosecution of trafficked persons Second theme Criminalization"),
        (
            "IV-46-i",
            "Working Group on Trafficking in Persons, Fourth meeting (Vienna, 10 to 12 October 2011), recommendation "
            "IV.46(i), in “Recommendations adopted by the Working Group on Trafficking in Persons at its first eight "
            "meetings”, 7 August 2019.",
        ),
        ("IV-46-i", "Permanent link: http://testserver/recommendations/IV-46-i/"),
    ],
)
def test_a_page_says_of_its_text(page, label, said):
    assert said in words(page(label))


def test_only_what_was_put_to_the_conference_says_so(page):
    for label in ("II-44", "VIII-1-a", "VII-1", "IV-46-a"):
        assert "does not say whether the Conference adopted it" not in words(page(label))


def test_a_theme_shows_what_it_is_first_and_second_for(client):
    context = client.get("/recommendations/themes/non-punishment/").context
    assert {row.node.label for row in context["primary"].rows if row.matched} == set(
        Recommendation.objects.filter(primary_theme__slug="non-punishment").values_list("label", flat=True)
    )
    assert {row.node.secondary_theme.slug for row in context["secondary"].rows if row.matched} == {"non-punishment"}


@pytest.mark.parametrize(
    ("source", "kind", "target", "quote"),
    [
        ("II-43", "Reaffirms", "I-11", "reaffirmed that States parties should implement the recommendations contained"),
        ("VII-1-f", "Reiterates", "IV-24", "Reiterate its previous recommendation for States parties to consider"),
        ("II-8", "Follows up", "I-16", "the recommendations contained in paragraph 17 of the report of the Working"),
    ],
)
def test_both_pages_show_a_reference_with_its_words_and_confidence(page, unit, source, kind, target, quote):
    names = {slug: str(Recommendation.objects.get(slug=slug)) for slug in (source, target)}
    for here, other, title in ((source, target, "Refers to"), (target, source, "Referred to by")):
        said = words(page(here))
        assert f"{title} {names[other]} · {kind}: “" in said
        assert quote in said and "Confidence · High" in said


def test_a_family_page_lists_full_and_partial_matches_by_meeting(client):
    response = client.get("/recommendations/families/national-coordination/")
    assert [
        (meeting.roman, [one.node.label for one in members]) for meeting, members in response.context["meetings"]
    ] == [("I", ["I.16(a)", "I.16(b)"]), ("II", ["II.8", "II.53"]), ("IV", ["IV.39"]), ("VI", ["VI.12", "VI.13"])]
    assert "Full match" in words(response)
    assert "Partial match local level" in words(response)
    assert "I.16 Coordination of efforts at the national level · Follows up: “" in words(response)


def test_differences_between_nearly_identical_members_are_shown_word_by_word(client):
    response = client.get("/recommendations/families/non-punishment/")
    compared = [one for _meeting, members in response.context["meetings"] for one in members if one.before]
    assert {one.node.label: one.before.label for one in compared} == {"VII.2(b)": "I.11(b)", "VIII.1(c)": "VII.2(b)"}
    assert (
        f"Changes from {titled('VII.2(b)')} : removed words are struck through, added words are underlined."
        in words(response)
    )
    assert "in line with removed: their domestic legislation" in words(response)


def test_every_family_has_a_page_in_few_queries(client, django_assert_max_num_queries):
    for family in Family.objects.all()[:: times(4, 1)]:
        with django_assert_max_num_queries(15):
            assert client.get(family.get_absolute_url()).status_code == 200


def test_a_family_shows_members_and_what_is_none(client):
    response = client.get("/recommendations/families/non-punishment/")
    assert [node.label for node, _ in response.context["texts"].related] == ["I.11(a)", "II.50(a)"]
    assert "another action, another addressee" in words(response)


def test_an_unpublished_text_is_nowhere(client, page, unit):
    Recommendation.objects.filter(label="II.44").update(published_at=None)
    assert page("II-44").status_code == 404
    assert "II.44<" not in client.get(LIST, {"open": "all"}).text
    assert "II.44<" not in client.get("/recommendations/families/non-punishment/").text


def test_the_data_are_those_of_the_command(client):
    out = io.StringIO()
    call_command("export_catalogue", stdout=out)
    assert client.get("/recommendations/catalogue.json").json() == json.loads(out.getvalue())
    rows = list(csv.DictReader(io.StringIO(client.get("/recommendations/catalogue.csv").content.decode("utf-8-sig"))))
    assert len(rows) == 317
    assert rows[1]["label"] == "I.2"
    assert (rows[1]["footnotes"], rows[1]["unit"], rows[1]["parent"]) == ("1; 2", "yes", "")


def test_the_public_record_is_nobodys_in_particular(client, alice, dana, django_assert_max_num_queries):
    paths = (
        "?open=all&group=theme",
        "IV-46-i/",
        "II-44/",
        "recorded-actions/",
        "themes/demand/",
        "families/non-punishment/",
    )
    for person in (None, alice, dana):
        if person:
            client.force_login(person)
        for path in paths:
            with django_assert_max_num_queries(15):
                assert client.get(LIST + path).status_code == 200


@settings(
    max_examples=times(10, 50),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    query=st.dictionaries(
        st.sampled_from(["q", "meeting", "theme", "addressee", "strength", "group"]) | st.text(max_size=5),
        st.lists(st.text(max_size=30) | st.sampled_from(["4", "theme", "demand", "should", "states"]), max_size=3),
        max_size=4,
    )
)
def test_no_query_breaks_the_record(client, query):
    pairs = [f"{quote(name)}={quote(value)}" for name, values in query.items() for value in values]
    assert client.get(f"{LIST}?{'&'.join(pairs)}").status_code in (200, 302)


@pytest.mark.parametrize("query", ["q=%00", "q=%ff%fe", "q=" + "x" * 5000, "&" * 500, "meeting=" + "9" * 500])
def test_nor_do_these(client, query):
    assert client.get(f"{LIST}?{query}").status_code == 200
