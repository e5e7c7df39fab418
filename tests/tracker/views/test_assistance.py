"""Needs for technical assistance: the Secretariat's figures and work list, and what a State sees of its own."""

import re

import pytest
from django.conf import settings

from tests.conftest import belmara, find_person, find_state, make_person, open_round_for_arandia, with_second_factor
from tests.labels import titled
from tests.needs import FILES, LIST, ask_for_assistance, cells, shown
from tests.pages import client_of, words
from tests.submissions import submit_ready
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.submission import change_use
from tracker.documents.needs import HEADERS
from tracker.models import AssistanceNeed, Submission
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

MARK = "/progress/assistance/XAA/II-4/"
OWN = "/desk/XAA/assistance/"
CLOSE = "/desk/XAA/assistance/II-4/close/"


@pytest.fixture(scope="module", autouse=True)
def submitted(for_the_module):
    """XAA asks on II.4 for training and data, and on I.13 in words alone; XBB for training on II.4."""
    round_ = open_round_for_arandia(meetings=[1, 2])
    xaa, alice, xbb = find_state("XAA"), find_person("alice"), belmara()
    charlie = make_person("charlie", Role.FOCAL_POINT, xbb)
    ask_for_assistance(xaa, alice, "II.4", assistance_kinds=["training", "data"], assistance="Two trainers.")
    ask_for_assistance(xaa, alice, "I.13", assistance="A manual.")
    ask_for_assistance(xbb, charlie, "II.4", assistance_kinds=["training"], assistance="A course.")
    submit_ready(xaa, round_, alice)
    submit_ready(xbb, round_, charlie)


@pytest.fixture
def both(xaa, xbb):
    return tuple(Submission.everyones.get(respondent=state) for state in (xaa, xbb))


def test_figures_of_needs_have_denominators_date_and_source(bob, both):
    response = client_of(bob).get(LIST)
    said = words(response)
    assert "Answers that ask for assistance: 3 of 3 · States that ask: 2 of 2 covered" in said
    assert "Self-reported · Submissions of round 2026" in said
    # legislative drafting, training, data, services, coordination, cooperation, equipment, other, without; all; of
    assert "All 0 2 (2) 1 (1) 0 0 0 0 0 1 (1) 3 (2) 3 2" in said
    assert "Self-reported by States; not verified by the Secretariat." in said


def test_a_reviewer_reads_the_words_by_state(bob, both):
    response = client_of(bob).get(LIST)
    assert shown(response) == ["XAA I.13", "XAA II.4", "XBB II.4"]
    said = words(response)
    for text in ("Two trainers.", "A manual.", "A course.", "Kind not specified", "XAA/2026/1"):
        assert text in said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "training"}, ["XAA II.4", "XBB II.4"]),
        ({"kind": "none"}, ["XAA I.13"]),
        ({"kind": ["data", "none"]}, ["XAA I.13", "XAA II.4"]),
        ({"respondent": "XBB"}, ["XBB II.4"]),
        ({"region": "African States"}, []),
        ({"region": "none"}, ["XAA I.13", "XAA II.4", "XBB II.4"]),
        ({"state": "open", "kind": "data"}, ["XAA II.4"]),
        ({"state": "closed"}, []),
        ({"kind": "rank"}, []),
        ({"page": "99"}, ["XAA I.13", "XAA II.4", "XBB II.4"]),
    ],
)
def test_the_list_is_filtered(bob, both, query, found):
    assert shown(client_of(bob).get(LIST, query)) == found


def test_an_unknown_value_of_a_filter_is_an_error_and_shows_nothing(bob, both):
    response = client_of(bob).get(LIST, {"kind": "novel"})
    assert list(response.context["page"]) == []
    assert '<a href="#id_kind">Kind: Choose from the list.</a>' in response.content.decode()


def test_the_list_is_filtered_by_the_theme_of_the_round(bob, both, unit):
    slug = unit("I.13").primary_theme.slug
    assert shown(client_of(bob).get(LIST, {"theme": slug})) == ["XAA I.13"]


def test_filters_and_marks_stay_with_the_round(bob, both):
    response = client_of(bob).get(LIST, {"round": "2026", "kind": "training"})
    assert '<input type="hidden" name="round" value="2026"' in response.content.decode()
    assert [chip.url for chip in response.context["listed"].chosen_filter_list] == ["?round=2026"]
    assert client_of(bob).get(LIST, {"round": "2031"}).status_code == 404


def test_a_curator_sees_figures_and_no_need(dana, both):
    response = client_of(dana).get(LIST)
    said = words(response)
    assert "Answers that ask for assistance: 3 of 3 · States that ask: 2 of 2 covered" in said
    for text in ("Two trainers.", "Arandia", "XAA", "Mark as"):
        assert text not in said


def test_a_reviewer_who_may_not_read_for_a_state_sees_none_of_its_needs(both, erin, xaa):
    barred = with_second_factor(make_person("ben", Role.REVIEWER))
    add_restriction(user=barred, respondent=xaa, by=erin)
    assert [[row["respondent"] for row in cells(client_of(barred).get(url))] for url in FILES] == [["XBB"]] * 2
    response = client_of(barred).get(LIST)
    assert shown(response) == ["XBB II.4"]
    assert "Answers that ask for assistance: 3 of 3" in words(response)
    assert "Two trainers." not in words(response)
    assert "Arandia" not in words(response).partition("The needs")[2]
    assert client_of(barred).post(MARK, {"transition": "see", "base": "open"}).status_code == 403


def test_what_a_state_does_not_permit_in_aggregates_is_on_no_list(bob, alice, both):
    change_use(submission=both[0], in_aggregates=False, quoted=False, published=False, by=alice)
    response = client_of(bob).get(LIST)
    assert shown(response) == ["XBB II.4"]
    assert "Answers that ask for assistance: 1 of 1" in words(response)


def test_both_files_hold_what_the_list_shows(officer, both):
    officer.post(MARK, {"transition": "contact", "base": "open"})
    for query, labels in (({}, ["I.13", "II.4", "II.4"]), ({"kind": "data"}, ["II.4"]), ({"state": "closed"}, [])):
        rows, again = (cells(officer.get(url, query)) for url in FILES)
        assert [{**row, "as_at": ""} for row in rows] == [{**row, "as_at": ""} for row in again]
        assert [row["label"] for row in rows] == labels
    row = cells(officer.get(FILES[0], {"kind": "data"}))[0]
    names = ("respondent", "submission", "kinds", "kind_names", "assistance", "state", "marked_by", "may_be_quoted")
    assert [row[name] for name in names] == [
        "XAA",
        "XAA/2026/1",
        "training; data",
        "Training; Data collection and research",
        "Two trainers.",
        "in_contact",
        "Bob",
        "no",
    ]


def test_every_column_is_documented():
    page = (settings.BASE_DIR / "docs/reference/need-columns.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE) == [*HEADERS, "notice"]


def test_a_need_is_marked_seen_by_its_state_and_closed(bob, alice, both):
    reviewer, state = client_of(bob), client_of(alice)
    query = "round=2026&kind=training"
    response = reviewer.post(MARK, {"transition": "contact", "base": "open", "query": query})
    assert (response.status_code, response.url) == (302, f"{LIST}?round=2026&kind=training#needs")
    assert f"Arandia, {titled('II.4')}: In contact." in words(reviewer.get(LIST))
    assert shown(reviewer.get(LIST, {"state": "in_contact"})) == ["XAA II.4"]

    assert "In contact Bob" in words(state.get(OWN))
    assert f"The Secretariat is in contact with your State about 1 need for assistance: {titled('II.4')}" in words(
        state.get("/desk/XAA/")
    )
    answer = words(state.get("/desk/XAA/recommendations/II-4/"))
    assert "The Secretariat has been in contact about this need for assistance since" in answer
    assert "in contact about this need" not in words(state.get("/desk/XAA/recommendations/I-13/"))

    response = state.post(CLOSE, {"base": "in_contact"})
    assert (response.status_code, response.url) == (302, OWN)
    assert "Closed Alice" in words(state.get(OWN))
    assert "Closed Alice" in words(reviewer.get(LIST, {"state": "closed"}))
    assert "In contact" not in words(state.get("/desk/XAA/"))


def test_a_stale_page_shows_a_message_and_changes_nothing(bob, alice, both):
    reviewer, state = client_of(bob), client_of(alice)
    state.post(CLOSE, {"base": "open"})
    reviewer.post(MARK, {"transition": "see", "base": "open"})
    shown = words(reviewer.get(LIST, {"state": "closed"}))
    assert (
        "The page changed after you opened it, so nothing was done. Check the page, and try again if needed." in shown
    )
    assert "Closed Alice" in shown
    state.post(CLOSE, {"base": "seen"})
    assert "nothing was done" in words(state.get(OWN))
    assert AssistanceNeed.everyones.get().state == "closed"


@pytest.mark.parametrize(
    "typed",
    [{}, {"transition": "close", "base": "open"}, {"transition": "see", "base": "\x00"}, {"query": "\r\nX: y"}],
    ids=str,
)
def test_what_nobody_would_send_marks_nothing(bob, both, typed):
    response = client_of(bob).post(MARK, typed)
    assert response.status_code == 302
    assert response.url.startswith(LIST)
    assert AssistanceNeed.everyones.count() == 0


def test_only_a_focal_point_is_offered_to_close(both, xaa):
    said = words(client_of(make_person("victor", Role.VIEWER, xaa)).get(OWN))
    assert "Close this need" not in said
    assert "Only a focal point of your team can close a need." in said


@pytest.mark.parametrize("code", ["XQQ", "%00", "%FF", "x" * 20_000])
def test_a_need_of_nobody_is_not_found(code, bob):
    assert client_of(bob).post(f"/progress/assistance/{code}/II-4/").status_code == 404
