"""The list behind each figure of the Secretariat's pages: as long as the figure, and for officers who may read it."""

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import parse_qsl

import pytest

from tests.conftest import arandia, belmara, find_unit, make_person, make_state, with_second_factor
from tests.labels import titled
from tests.pages import client_of, plain_text, words
from tests.submissions import opened_round, save_statuses, submit_ready
from tests.thorough import some
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.figures.behind import Behind
from tracker.figures.comparison import RoundChanges, compare
from tracker.figures.progress import RoundProgress, round_progress
from tracker.figures.release import draft_release
from tracker.figures.selection import read_selection
from tracker.models import Respondent, Round, Submission
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

BEHIND = "/progress/behind/"
QUERIES = 15
PAGES = (
    "/desk/",
    "/progress/?round=2026",
    "/progress/?round=2024",
    "/progress/regions/?round=2026",
    "/progress/states/?round=2026",
    "/progress/rounds/",
    "/progress/changes/?round=2026",
    "/progress/gaps/?round=2026",
    "/progress/gaps/?round=2026&of=implemented",
    "/progress/gaps/?round=2026&of=considered",
    "/progress/gaps/?round=2026&of=not_applicable",
    "/progress/assistance/?round=2026",
    "/progress/practices/?round=2026",
    "/progress/themes/demand/?round=2026",
    "/progress/families/consular-staff/?round=2026",
    "/progress/recommendations/I-13/?round=2026",
    "/progress/recommendations/I-7-a/?round=2026",
    "/progress/recommendations/II-4/?round=2026",
    "/progress/behind/?round=2026&unit=I-13",
    "/progress/behind/?round=2026&of=states&need=any",
    "/progress/behind/?round=2026&earlier=2024&change=further",
)
WITHOUT_CELLS = {  # they have figures, and no table of figures
    *(PAGES[0], PAGES[-3], PAGES[-1]),
    "/progress/gaps/?round=2026",  # fewer than five States are covered
}
LINK = re.compile(r'<a class="behind" href="/progress/behind/\?([^"]*)">\(?([\d,]+)(?:/\d+)?\)?</a>')
FIGURE_CELL = re.compile(r'<td class="(?:number|level-)[^"]*">(.*?)</td>', re.DOTALL)
NO_FIGURE = re.compile(r"of [\d,]+|\d+%|0/\d+|\b0\b|\b\d{4}\b")


@pytest.fixture(scope="module", autouse=True)
def world(for_the_module):
    """Two rounds. XAA and XBB in both; XCC withdrew, XDD does not permit figures, XEE did not submit, and the European
    Union submitted for 2026.
    """
    bob = with_second_factor(make_person("bob", Role.REVIEWER))
    states = {"XAA": arandia(), "XBB": belmara()}
    for code, region in (("XCC", ""), ("XDD", StateGroup.AFRICAN), ("XEE", StateGroup.ASIA_PACIFIC)):
        acted = states["XAA"].protocol_acted
        states[code] = make_state(code, f"Land {code[1:]}", protocol_acted=acted, regional_group=region)
    states["EU"] = Respondent.objects.create(
        code="EU", name="Unified Europe", kind=RespondentKind.EUROPEAN_UNION, treaty_status="party"
    )
    Respondent.objects.filter(code="XBB").update(regional_group=StateGroup.AFRICAN)
    people = {code: make_person(f"writer-{code}", Role.FOCAL_POINT, state) for code, state in states.items()}
    earlier = opened_round(bob, code="2024", meetings=[1, 2])
    save_statuses(states["XAA"], people["XAA"], **{"I.13": "in_progress", "II.4": "in_progress"})
    save_statuses(states["XBB"], people["XBB"], **{"I.13": "implemented", "I.7(a)": "considered_not_taken_up"})
    for code in ("XAA", "XBB"):
        submit_ready(states[code], earlier, people[code])
    later = opened_round(bob, code="2026", meetings=[1, 2])
    practice = {"measures": "Mobile teams.", "good_practice": True, "good_practice_shared": True}
    need = {"assistance_kinds": ["training", "data"], "assistance": "Two trainers."}
    save(states["XAA"], people["XAA"], "II.4", 1, status="implemented", **practice)
    save(states["XAA"], people["XAA"], "I.7(a)", 0, status="considered_not_taken_up", reasons="It was discussed.")
    save(states["XBB"], people["XBB"], "I.13", 1, status="in_progress", measures="A bill.", **need)
    save(states["XBB"], people["XBB"], "II.4", 0, status="in_progress", measures="A plan.", assistance="A manual.")
    save_statuses(states["XBB"], people["XBB"], **{"I.1": "not_applicable"})
    for code in ("XCC", "XDD", "EU"):
        save_statuses(states[code], people[code], **{"I.13": "in_progress"})
    submitted = {code: submit_ready(states[code], later, people[code]) for code in ("XAA", "XBB", "XCC", "XDD", "EU")}
    withdraw_from_round(submission=submitted["XCC"], reason="An error.", by=people["XCC"])
    use = {"quoted": False, "published": False, "by": people["XDD"]}
    change_use(submission=submitted["XDD"], in_aggregates=False, **use)


def save(state, by, label, base, **said) -> None:
    save_answer(respondent=state, unit=find_unit(label), base=base, answer=Answer(ready=True, **said), by=by)


def figures_on(page, url: str) -> dict[str, int]:
    """Return the figures that open a list, by its query."""
    found: dict[str, int] = {}
    for query, number in LINK.findall(page.get(url).content.decode()):
        assert found.setdefault(unescape(query), int(number.replace(",", ""))) == int(number.replace(",", ""))
    return found


def sizes_of_lists(queries: Iterable[str]) -> dict[str, int]:
    """Return the lengths of lists by query. The figures of rounds are read once."""
    rounds, sizes = {round_.code: round_ for round_ in Round.objects.all()}, {}
    found_by_rounds: dict[tuple, RoundProgress | RoundChanges] = {}
    for query in queries:
        chosen = dict(parse_qsl(query))
        selection = read_selection(chosen, chosen["round"])
        pair = (selection.earlier, selection.round)
        if pair not in found_by_rounds:
            earlier, later = map(rounds.get, pair)
            found_by_rounds[pair] = compare(earlier, later) if earlier else round_progress(later)
        sizes[query] = Behind(selection, found_by_rounds[pair]).size
    return sizes


def listed(response) -> list[str]:
    """Return the names in the list, in its order."""
    return [plain_text(name) for name in re.findall(r'<th scope="row"><bdi>(.*?)</bdi>', response.content.decode())]


# Every figure


@pytest.mark.parametrize("url", PAGES)
def test_every_figure_opens_a_list_as_long_as_the_figure(officer, url):
    figures = figures_on(officer, url)
    assert figures
    assert sizes_of_lists(figures) == figures


@pytest.mark.parametrize("url", PAGES)
def test_the_page_of_the_list_says_the_figure(officer, url):
    figures = figures_on(officer, url)
    for query in some(list(figures)):
        response = officer.get(f"{BEHIND}?{query}")
        heading = re.search(r"<h1>(.*?)</h1>", response.content.decode())[1]
        assert int(re.match(r"[\d,]+", heading)[0].replace(",", "")) == figures[query]


@pytest.mark.parametrize("url", PAGES)
def test_no_cell_has_a_figure_that_opens_nothing(officer, url):
    cells = FIGURE_CELL.findall(officer.get(url).content.decode())
    assert bool(cells) == (url not in WITHOUT_CELLS)
    unlinked = [plain_text(re.sub(r'<a class="behind".*?</a>|<svg.*?</svg>', "", cell)) for cell in cells]
    assert [cell for cell in unlinked if re.search(r"\d", NO_FIGURE.sub("", cell))] == []


def test_the_figures_of_a_release_that_is_prepared_open_lists():
    draft = draft_release(Round.objects.get(code="2026"))
    figures = {figure.selection.query: figure.numerator for figure in (draft.covered, draft.invited)}
    assert sizes_of_lists(figures) == figures


def test_the_list_says_for_whom_it_is(alice):
    refused = client_of(alice).get(BEHIND)
    said = "This page is for Secretariat officers who may read all submissions of the round."
    assert (refused.status_code, said in words(refused)) == (403, True)


@pytest.mark.parametrize("url", [url for url in PAGES if not url.startswith(BEHIND)])
def test_a_curator_sees_the_figures_and_no_list(dana, url):
    assert BEHIND not in client_of(dana).get(url).content.decode()
    assert client_of(dana).get(BEHIND).status_code == 403


# What a list shows


def test_a_list_has_the_states_in_alphabetical_order_with_their_words(officer):
    response = officer.get(BEHIND, {"round": "2026", "unit": "II-4"})
    assert listed(response) == ["Arandia", "Belmara"]
    said = words(response)
    assert titled("II.4") in said
    assert "Before, 2024" in said
    assert "Mobile teams." in said
    assert "A plan." in said
    assert "1 Implemented 0 Considered, not taken up 0 Partially implemented 1 In progress" in said


def test_a_status_is_a_link_and_the_list_has_its_states(officer):
    response = officer.get(BEHIND, {"round": "2026", "unit": "II-4", "status": "in_progress"})
    assert "1 State: In progress" in words(response)
    assert listed(response) == ["Belmara"]
    assert 'aria-current="true"' in response.content.decode()


def test_the_list_leads_to_the_answer_in_its_submission(officer):
    response = officer.get(BEHIND, {"round": "2026", "unit": "II-4", "status": "in_progress"})
    submission = Submission.everyones.get(respondent__code="XBB", round__code="2026")
    [address] = re.findall(r'href="(/submissions/[^"]*item=II-4)"', response.content.decode())
    assert unescape(address) == f"/submissions/XBB/2026/{submission.number}/review/?show=all&item=II-4"
    assert officer.get(unescape(address)).status_code == 200


def test_who_is_not_in_the_figure_is_counted_and_can_be_read(officer):
    response = officer.get(BEHIND, {"round": "2026", "unit": "I-13", "status": "in_progress"})
    said = words(response)
    assert "Not submitted: 1 Withdrawn: 1 Submitted; use in aggregate figures not permitted: 1" in said
    assert "The European Union and the Secretariat are not counted as States." in said
    [address] = re.findall(r'href="([^"]*)">Read the answers', response.content.decode())
    assert listed(officer.get(unescape(address))) == ["Land DD"]
    assert listed(officer.get(BEHIND, {"round": "2026", "of": "states", "standing": "not_submitted"})) == ["Land EE"]


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ({}, "152 possible answers"),
        ({"status": "answered"}, "5 answers"),
        ({"status": "in_progress"}, "2 answers: In progress"),
        ({"need": "any"}, "2 answers"),
        ({"unit": "I-13", "status": "answered"}, "1 State: Answered"),
        ({"of": "states"}, "2 States covered"),
        ({"of": "states", "standing": "withdrawn"}, "1 State: Withdrawn"),
        ({"of": "states", "need": "any"}, "1 State"),
    ],
)
def test_the_heading_says_what_is_counted_once(officer, query, heading):
    response = officer.get(BEHIND, {"round": "2026"} | query)
    assert plain_text(re.search(r"<h1>(.*?)</h1>", response.content.decode())[1]) == heading


def test_an_empty_list_says_what_it_has_none_of(officer):
    empty = {"round": "2026", "status": "partially_implemented"}
    assert "No answers" in words(officer.get(BEHIND, empty))
    assert "No States" in words(officer.get(BEHIND, empty | {"of": "states"}))


def test_a_figure_of_one_state_mentions_no_omissions(officer):
    said = words(officer.get(BEHIND, {"round": "2026", "state": "XAA"}))
    assert "State Arandia" in said
    assert "Not in this figure" not in said
    assert "Not in this figure Withdrawn: 1" in words(officer.get(BEHIND, {"round": "2026", "state": "XCC"}))


def test_a_list_has_no_file_and_asks_nothing(officer):
    html = officer.get(BEHIND, {"round": "2026"}).content.decode()
    main = html.partition("<main")[2].partition("</main>")[0]
    assert ".csv" not in main
    assert "<form" not in main


@pytest.mark.parametrize(
    "query",
    [
        {"round": "2031"},
        {"round": "2026", "unit": "XX-1"},
        {"round": "2026", "theme": "none"},
        {"round": "2026", "status": "best"},
        {"round": "2026", "standing": "rank"},
        {"round": "2026", "of": "everything"},
        {"round": "2026", "region": "Mars"},
        {"round": "2026", "state": "XZZ"},
        {"round": "2026", "need": "money"},
        {"round": "2026", "earlier": "2026"},
        {"round": "2024", "earlier": "2026"},
        {"round": "2026", "before": "implemented"},
        {"round": "2026", "earlier": "2024", "need": "training"},
    ],
)
def test_what_does_not_exist_is_not_found(officer, query):
    assert officer.get(BEHIND, query).status_code == 404


# Who may read each submission


def test_an_officer_who_may_not_read_for_a_state_gets_no_list_with_it(officer, bob, erin, xbb):
    add_restriction(user=bob, respondent=xbb, by=erin)
    for status in ("in_progress", "implemented", "no_information"):
        response = officer.get(BEHIND, {"round": "2026", "unit": "II-4", "status": status})
        said = words(response)
        assert response.status_code == 403
        assert "List not shown" in said
        assert "Arandia" not in said
        assert "Belmara" not in said
        assert "1 State" not in said
    for of_state in ({"state": "XBB"}, {"region": "African States"}, {"of": "states"}, {"earlier": "2024"}):
        assert officer.get(BEHIND, {"round": "2026", **of_state}).status_code == 403
    assert listed(officer.get(BEHIND, {"round": "2026", "state": "XAA", "unit": "II-4"})) == ["Arandia"]


# Orders


def test_states_and_groups_are_in_their_own_order_whatever_they_answered(officer):
    html = officer.get("/progress/?round=2026").content.decode()
    regions = html.partition('id="by-region"')[2].partition("</tbody>")[0]
    assert re.findall(r'<th scope="row">(.*?)</th>', regions) == [
        "African States",
        "Asia-Pacific States",
        "No regional group",
    ]
    grid = html.partition('class="progress-grid"')[2]
    names = re.findall(r"<bdi>(Arandia|Belmara|Land ..)</bdi>", grid)
    assert names == ["Arandia", "Belmara", "Land CC", "Land DD"]


def test_where_information_is_missing_leaves_out_what_is_addressed_to_fewer_than_five(officer, xaa):
    def shown() -> str:
        html = officer.get("/progress/?round=2026").content.decode()
        return plain_text(html.partition('id="missing"')[2].partition("</section>")[0])

    assert "I." not in shown()
    round_ = Round.objects.get(code="2026")
    for letter in "FGHI":
        state = make_state(f"X{letter * 2}", f"Land {letter * 2}", protocol_acted=xaa.protocol_acted)
        writer = make_person(f"writer-{letter}", Role.FOCAL_POINT, state)
        save_statuses(state, writer, **{"I.13": "implemented"})
        submit_ready(state, round_, writer)
    assert "6 of 6" in shown()


# Limits


def test_a_list_takes_few_queries_with_ten_times_the_states(officer, xaa, django_assert_max_num_queries):
    query = {"round": "2026", "unit": "I-13"}
    officer.get(BEHIND, query)
    with django_assert_max_num_queries(QUERIES):
        officer.get(BEHIND, query)
    round_ = Round.objects.get(code="2026")
    for number in range(10):
        code = f"X{chr(70 + number)}X"
        state = make_state(code, code, protocol_acted=xaa.protocol_acted)
        writer = make_person(f"writer-{code}", Role.FOCAL_POINT, state)
        save_statuses(state, writer, **{"I.13": "implemented"})
        submit_ready(state, round_, writer)
    with django_assert_max_num_queries(QUERIES):
        assert len(listed(officer.get(BEHIND, query))) == 12
