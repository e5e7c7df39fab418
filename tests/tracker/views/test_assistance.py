"""Needs for technical assistance: the Secretariat's figures and work list, and what a State sees of its own."""

import csv
import io
import re

import pytest
from django.conf import settings
from python_calamine import CalamineWorkbook

from tests.conftest import make_person, make_state, with_second_factor
from tests.labels import titled
from tests.pages import client_of, words
from tests.submissions import handed_in, opened_round, save_many
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use
from tracker.documents.needs import HEADERS
from tracker.models import AssistanceNeed, Membership
from tracker.models.respondent import StateGroup
from tracker.models.user import Role
from tracker.views.assistance import PAGE

pytestmark = pytest.mark.django_db

QUERIES = 15
LIST = "/progress/assistance/"
MARK = "/progress/assistance/XAA/II-4/"
OWN = "/desk/XAA/assistance/"
CLOSE = "/desk/XAA/assistance/II-4/close/"


def shown(response) -> list[str]:
    """`XAA II.4` of each need on the list."""
    return [f"{row.need.respondent.code} {row.need.unit.label}" for row in response.context["rows"]]


@pytest.fixture
def ask(unit):
    def save(state, by, label="II.4", **said):
        answer = Answer(status="in_progress", measures="A bill.", ready=True, **said)
        save_answer(respondent=state, unit=unit(label), base=0, answer=answer, by=by)

    return save


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=[1, 2])


@pytest.fixture
def both(ask, xaa, xbb, alice, charlie, round_):
    """XAA asks on II.4 for training and data, and on I.13 in words alone; XBB for training on II.4."""
    ask(xaa, alice, assistance_kinds=["training", "data"], assistance="Two trainers.")
    ask(xaa, alice, "I.13", assistance="A manual.")
    ask(xbb, charlie, assistance_kinds=["training"], assistance="A course.")
    return handed_in(xaa, round_, alice), handed_in(xbb, round_, charlie)


def test_before_anybody_asks_the_pages_say_so(bob, alice, ask, xaa):
    assert "No rounds yet" in words(client_of(bob).get(LIST))
    round_ = opened_round(bob)
    assert "No figures yet" in words(client_of(bob).get(LIST))
    ask(xaa, alice)
    handed_in(xaa, round_, alice)
    said = words(client_of(bob).get(LIST))
    assert "0 of 1 answers ask for assistance, from 0 of the 1 States covered." in said
    assert "No answer that you can read asks for assistance." in said
    assert "No submitted answer asks for technical assistance." in words(client_of(alice).get(OWN))


def test_figures_tell_needs_and_states_with_their_denominators_date_and_source(bob, both):
    response = client_of(bob).get(LIST)
    said = words(response)
    assert "3 of 3 answers ask for assistance, from 2 of the 2 States covered." in said
    assert "Self-reported. Source: submissions of round 2026" in said
    # legislative drafting, training, data, services, coordination, cooperation, equipment, other, without; all; of
    assert "All 0 2 (2) 1 (1) 0 0 0 0 0 1 (1) 3 (2) 3 2" in said
    assert "Self-reported by States; not verified by the Secretariat." in said


def test_a_reviewer_reads_the_words_by_state(bob, both):
    response = client_of(bob).get(LIST)
    assert shown(response) == ["XAA I.13", "XAA II.4", "XBB II.4"]
    said = words(response)
    for told in ("Two trainers.", "A manual.", "A course.", "Kind not specified", "XAA/2026/1"):
        assert told in said


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
        ({"kind": "rank"}, ["XAA I.13", "XAA II.4", "XBB II.4"]),
        ({"page": "99"}, ["XAA I.13", "XAA II.4", "XBB II.4"]),
    ],
)
def test_the_list_is_filtered(bob, both, query, found):
    assert shown(client_of(bob).get(LIST, query)) == found


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
    assert "3 of 3 answers ask for assistance" in said
    for told in ("Two trainers.", "Arandia", "XAA", "Mark as"):
        assert told not in said


def test_a_reviewer_who_may_not_read_for_a_state_sees_none_of_its_needs(both, erin, xaa):
    barred, writes = (with_second_factor(make_person(name, Role.REVIEWER)) for name in ("ben", "wanda"))
    add_restriction(user=barred, respondent=xaa, by=erin)
    Membership.objects.create(user=writes, role=Role.CONTRIBUTOR, respondent=xaa)
    for person in (barred, writes):
        assert [[row["respondent"] for row in cells(client_of(person).get(url))] for url in FILES] == [["XBB"]] * 2
        response = client_of(person).get(LIST)
        assert shown(response) == ["XBB II.4"]
        assert "3 of 3 answers" in words(response)
        assert "Two trainers." not in words(response)
        assert "Arandia" not in words(response).partition("The needs")[2]
        assert client_of(person).post(MARK, {"transition": "see", "base": "open"}).status_code == 403


def test_what_a_state_does_not_permit_in_aggregates_is_on_no_list(bob, alice, both):
    change_use(submission=both[0], in_aggregates=False, quoted=False, published=False, by=alice)
    response = client_of(bob).get(LIST)
    assert shown(response) == ["XBB II.4"]
    assert "1 of 1 answers asks for assistance" in words(response)


FILES = ("/progress/assistance.csv", "/progress/assistance.xlsx")


def cells(response) -> list[dict[str, str]]:
    """The rows of a file of needs, without what only one of the two has."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK"):
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Needs")
        head, *rows = [[str(cell) for cell in row] for row in sheet.to_python()]
        return [dict(zip(head, row, strict=True)) for row in rows]
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [{name: cell for name, cell in row.items() if name != "notice"} for row in rows]


def test_both_files_hold_what_the_list_shows(bob, both):
    reviewer = client_of(bob)
    reviewer.post(MARK, {"transition": "contact", "base": "open"})
    for query, labels in (({}, ["I.13", "II.4", "II.4"]), ({"kind": "data"}, ["II.4"]), ({"state": "closed"}, [])):
        rows, again = (cells(reviewer.get(url, query)) for url in FILES)
        assert [{**row, "as_at": ""} for row in rows] == [{**row, "as_at": ""} for row in again]
        assert [row["label"] for row in rows] == labels
    row = cells(reviewer.get(FILES[0], {"kind": "data"}))[0]
    told = ("respondent", "submission", "kinds", "kind_names", "assistance", "state", "marked_by", "may_be_quoted")
    assert [row[name] for name in told] == [
        "XAA",
        "XAA/2026/1",
        "training; data",
        "Training; Data collection and research",
        "Two trainers.",
        "in_contact",
        "Bob",
        "no",
    ]


def test_a_need_is_no_formula(bob, ask, xaa, alice, round_):
    ask(xaa, alice, assistance="=HYPERLINK(1)")
    handed_in(xaa, round_, alice)
    said = [cells(client_of(bob).get(url))[0]["assistance"] for url in FILES]
    assert said == ["'=HYPERLINK(1)", "=HYPERLINK(1)"]


def test_every_column_is_documented():
    page = (settings.BASE_DIR / "docs/reference/need-columns.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE) == [*HEADERS, "notice"]


@pytest.mark.parametrize("url", FILES)
def test_a_file_is_for_reviewers_and_of_a_round(url, bob, dana, erin, xaa, alice):
    assert client_of(bob).get(url).status_code == 404
    opened_round(bob)
    assert client_of(dana).get(url).status_code == 403
    assert client_of(bob).get(url).status_code == 200


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


def test_a_stale_page_is_told_and_changes_nothing(bob, alice, both):
    reviewer, state = client_of(bob), client_of(alice)
    state.post(CLOSE, {"base": "open"})
    reviewer.post(MARK, {"transition": "see", "base": "open"})
    assert re.search(
        rf"Arandia, {titled('II.4')}: Closed since .*, set by Alice. Nothing was changed", words(reviewer.get(LIST))
    )
    state.post(CLOSE, {"base": "seen"})
    assert "Nothing was changed" in words(state.get(OWN))
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


def test_a_long_list_has_pages(bob, xaa, alice, round_):
    units = xaa.units_to_answer().with_text().order_by("position")[: PAGE + 5]
    said = Answer(status="in_progress", measures="A bill.", ready=True, assistance="A manual.")
    save_many(xaa, dict.fromkeys(units, said), alice)
    handed_in(xaa, round_, alice)
    assert [len(shown(client_of(bob).get(LIST, {"page": page}))) for page in (1, 2)] == [PAGE, 5]


@pytest.mark.parametrize("states", [2, 8])
def test_the_pages_take_as_many_queries_for_many_needs(states, bob, ask, round_, django_assert_max_num_queries):
    for number in range(states):
        group = StateGroup.values[number % 5]
        state = make_state(f"X{chr(65 + number)}Z", f"Land {number}", regional_group=group)
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        for label in ("II.4", "I.13"):
            ask(state, person, label, assistance_kinds=["training"], assistance="A manual.")
        handed_in(state, round_, person)
    reviewer, desk = client_of(bob), client_of(person)
    reviewer.post("/progress/assistance/XAZ/II-4/", {"transition": "contact", "base": "open"})
    reviewer.get(LIST)
    with django_assert_max_num_queries(QUERIES):
        assert len(shown(reviewer.get(LIST))) == states * 2
    with django_assert_max_num_queries(QUERIES):
        assert len(desk.get(f"/desk/{state.code}/assistance/").context["needs"]) == 2


@pytest.mark.parametrize("code", ["XQQ", "%00", "%FF", "x" * 20_000])
def test_a_need_of_nobody_is_not_found(code, bob):
    assert client_of(bob).post(f"/progress/assistance/{code}/II-4/").status_code == 404
