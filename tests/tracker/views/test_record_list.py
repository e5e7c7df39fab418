"""The task list of a respondent: what it shows, to whom, and in how many queries."""

import re

import pytest
from django.urls import reverse

from tests.conftest import make_person, make_state
from tests.pages import words
from tests.submissions import save_many
from tracker.actions.record import Answer
from tracker.models import Respondent
from tracker.models.respondent import RespondentKind, TreatyStatus
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

CANARY = "chrysoprase"


@pytest.fixture
def address():
    return reverse("record_list", args=["XAA"])


@pytest.fixture
def page(client, alice, address):
    """The page as alice reads it, by query string."""
    client.force_login(alice)

    def page(query=""):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 200
        return response

    return page


def labels(response) -> list[str]:
    return re.findall(r'<a class="label"[^>]*><bdi>([^<]+)</bdi>', response.content.decode())


def test_every_unit_asked_is_listed_once_under_theme_or_meeting(page, xaa):
    asked = list(xaa.units_to_answer().order_by("position").values_list("label", flat=True))
    assert sorted(labels(page())) == sorted(asked)
    assert labels(page("group=meeting")) == asked, "by meeting, the order is the paper's"
    assert labels(page()) != asked


def test_a_group_says_how_many_of_all_its_units_are_answered_and_how_many_are_shown(page, say):
    say("II.8")
    say("II.9", "not_started")
    assert "Second meeting, Vienna, 27 to 29 January 2010" in words(page("group=meeting"))
    assert "2 of 49 answered 49 shown" in words(page("group=meeting"))
    assert "2 of 49 answered 1 shown" in words(page("group=meeting&status=not_started"))
    assert labels(page("group=meeting&status=not_started")) == ["II.9"], "groups with nothing to show are left out"


def test_a_row_says_status_readiness_evidence_change_and_lead(page, say):
    say("II.8", "in_progress", lead_institution="Ministry of Labour")
    say("II.9", "partially_implemented", ready=True)
    assert re.search(
        r"II\.8 .+ In progress Not ready No evidence Today, \d\d:\d\d Ministry of Labour", words(page("q=II.8"))
    )
    assert re.search(r"II\.9 .+ Partially implemented Ready No evidence Today, \d\d:\d\d Alice", words(page("q=II.9")))
    assert words(page("q=II.10")).count("No information") == 3, "the box, the bar and the row"


def test_figures_say_what_they_count(page, say):
    say("II.8", ready=True)
    say("II.9")
    say("I.2", ready=True)
    assert "Answered: 2 of 230 · Ready: 1" in words(page())
    assert "Self-reported · " in words(page())
    assert "230 of 230 shown" in words(page())
    assert "49 of 230 shown" in words(page("meeting=2"))


def test_an_unconfirmed_status_is_marked(client):
    state = make_state("XEE", "Eloria", treaty_status=TreatyStatus.UNCONFIRMED)
    client.force_login(make_person("eve", Role.VIEWER, state))
    assert "Treaty status not confirmed" in words(client.get(reverse("record_list", args=["XEE"])))


def test_recommendations_without_a_request_are_listed_separately(page, say):
    say("I.2")
    assert "I.2" not in labels(page())
    assert "Other recommendations you may answer: 1" in words(page())
    assert labels(page("units=others")) == ["I.2"]
    assert "1 of 1 shown" in words(page("units=others"))
    assert "of 1 answered" not in words(page("units=others")), "in no denominator"


def test_the_european_union_has_no_second_list(client):
    union = Respondent.objects.create(code="XEU", name="Union", kind=RespondentKind.EUROPEAN_UNION)
    client.force_login(make_person("ursula", Role.FOCAL_POINT, union))
    response = client.get(reverse("record_list", args=["XEU"]))
    assert len(labels(response)) == union.units_to_answer().count()
    assert "open to its answer" not in words(response)


def test_next_unanswered_is_looked_for_among_what_is_shown_and_then_among_all(page, say):
    link = r'<a class="button" href="/desk/XAA/recommendations/([^/]+)/">Next unanswered'
    assert re.findall(link, page().content.decode()) == ["I-1"]
    assert re.findall(link, page("meeting=5").content.decode()) == ["V-1"]
    say("II.8")
    assert re.findall(link, page("status=implemented").content.decode()) == ["I-1"]


def test_when_all_is_answered_nothing_is_next_and_every_group_is_closed(page, xaa, alice):
    save_many(xaa, dict.fromkeys(xaa.units_to_answer().with_text(), Answer(status="implemented")), alice)
    assert "Next unanswered recommendation" not in words(page())
    assert '<details class="group" open>' not in page().content.decode()


def test_the_first_group_with_work_is_open_and_under_a_filter_all_are(page, xaa, alice):
    units = xaa.units_to_answer().with_text().filter(meeting__number=1)
    save_many(xaa, dict.fromkeys(units, Answer(status="implemented")), alice)
    headings = r'<details class="group" open>.+?<h2 class="group-name">([^<,]+)'
    assert re.findall(headings, page("group=meeting").content.decode(), re.S) == ["Second meeting"]
    assert len(re.findall(headings, page("group=meeting&strength=shall").content.decode(), re.S)) == 2


def test_the_search_and_the_boxes_stay_as_they_were_sent(page):
    html = page("q=victims&status=no_information&group=meeting").content.decode()
    assert re.search(r'<input type="search" name="q" value="victims"[^>]* form="filters"', html)
    assert re.findall(r'name="(\w+)" value="(\w+)" checked', html) == [("status", "no_information")]
    assert '<input type="hidden" name="group" value="meeting"' in html


def test_the_selected_rows_stay_selected_and_are_counted(page):
    html = page("unit=II-8&unit=I-13&meeting=1").content.decode()
    assert re.findall(r'name="unit" value="([^"]+)" form="filters" checked', html) == ["I-13"]
    assert re.findall(r'<input type="hidden" name="unit" value="([^"]+)"', html) == ["II-8"]
    assert "2 selected" in words(page("unit=II-8&unit=I-13&meeting=1"))
    assert "Actions are for the recommendations you select." in words(page("meeting=1&meeting=2"))


def test_a_changed_selection_returns_only_its_buttons(client, alice, address):
    client.force_login(alice)
    response = client.get(address, {"unit": ["II-8"]}, headers={"HX-Request": "true", "HX-Target": "id_unit"})
    assert words(response).startswith("Select all (230) 1 selected Deselect Edit")
    assert "<html" not in response.content.decode()


def test_an_unknown_value_of_a_filter_is_an_error_at_its_field_and_shows_nothing(page):
    assert labels(page("status=done")) == []
    html = page("status=done").content.decode()
    assert '<a href="#id_status">Status: Choose from the list.</a>' in html
    assert '<ul class="errorlist" id="id_status_error"><li>Choose from the list.</li></ul>' in html.replace("\n", "")


def test_nothing_found_says_what_to_do(page):
    assert "No results" in words(page("q=zyzzyva"))
    assert "0 of 230 shown" in words(page("q=zyzzyva"))


@pytest.mark.parametrize(
    "query",
    [
        "status=&theme=&meeting=&since=&q=&group=&units=",
        "status=done&theme=%00&meeting=-1&strength=%F0%28%8C%28&family=*&ready=maybe&evidence=2",
        "since=0000-00-00",
        "since=99999-12-31",
        "since=%D9%A2%D9%A0%D9%A2%D9%A6",
        "q=%00",
        "q=%FF%FE",
        "q=%ED%A0%80",
        f"q={'(' * 5000}",
        "q=%3Cscript%3Ealert(1)%3C/script%3E",
        "meeting=99999999999999999999999999",
        "&".join(["status=implemented"] * 500),
        "group=theme&group=meeting&units=others&units=asked",
        "status[]=implemented&status.x=1&%=&&&=",
    ],
)
def test_no_query_string_breaks_it(page, query):
    html = page(query).content.decode()
    assert "<h1>Recommendations</h1>" in html
    assert "<script>alert" not in html


def test_a_problem_is_named_in_the_title_and_at_the_field_with_what_was_typed(page):
    html = page("since=yesterday").content.decode()
    assert "<title>Error: Recommendations" in html
    assert '<a href="#id_since">Changed since: Enter the date as 30 June 2027.</a>' in html
    assert re.search(r'<input type="text" name="since" value="yesterday"', html)


@pytest.mark.parametrize("query", [f"q={CANARY}", "status=implemented", "ready=no", "since=2020-01-01"])
def test_no_search_of_one_state_finds_the_words_of_another(client, page, say, charlie, query):
    say("II.8", measures=f"The {CANARY} programme", lead_institution=f"{CANARY} institute")
    assert labels(page(query)) == ["II.8"]
    client.force_login(charlie)
    response = client.get(reverse("record_list", args=["XBB"]) + f"?{query}")
    assert labels(response) == []
    assert CANARY not in response.content.decode().replace(query, "").replace(f"“{CANARY}”", "").replace(
        f'value="{CANARY}"', ""
    )


@pytest.mark.parametrize("answers", [20, 200])
def test_eight_queries_however_much_is_recorded(page, xaa, alice, answers, django_assert_num_queries):
    units = xaa.units_to_answer().with_text().order_by("position")[:answers]
    said = Answer(status="implemented", lead_institution="Ministry of Health")
    save_many(xaa, dict.fromkeys(units, said), alice)
    page()  # reads the texts
    with django_assert_num_queries(8):
        page("q=states&meeting=2&group=meeting")


def test_a_section_asks_at_its_end_whether_it_is_completed(page, say):
    assert "Have you completed this section?" not in words(page())
    for label, ready in (("II.8", False), ("II.9", True), ("II.10", False)):
        say(label, ready=ready)
    html = page("group=meeting").content.decode()
    assert "Have you completed this section? 3 of 49 answered · Mark 2 answers ready" in words(page("group=meeting"))
    assert '<a href="/desk/XAA/bulk/?mark_ready=yes&amp;unit=II-8&amp;unit=II-10">' in html
