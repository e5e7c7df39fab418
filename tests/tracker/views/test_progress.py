"""The Secretariat's pages of progress."""

import re

import pytest

from tests.conftest import make_person, make_state
from tests.labels import titled
from tests.pages import client_of, words
from tests.submissions import handed_in, opened_round
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_submission
from tracker.models import Respondent
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
PAGES = (
    "/progress/",
    "/progress/regions/",
    "/progress/states/",
    "/progress/gaps/",
    "/progress/gaps/?of=implemented",
    "/progress/gaps/?of=considered",
    "/progress/gaps/?of=not_applicable",
    "/progress/themes/compensation/",
    "/progress/families/non-punishment/",
    "/progress/recommendations/IV-46-i/",
    "/progress/recommendations/IV-46-i/reasons/",
)


@pytest.fixture
def page(bob):
    return client_of(bob)


def state_row(response, name: str) -> str:
    """What the working view says of a State."""
    grid = response.content.decode().partition('class="progress-grid"')[2].partition("</table>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row) for row in grid.split("<tr>")]
    return next(" ".join(row.split()) for row in rows if name in row)


def answered(state, unit, by, base=0, **statuses) -> None:
    for label, status in statuses.items():
        reason = {"reasons": "Reasons", "reason_code": "date_has_passed" if status == "not_applicable" else ""}
        said = Answer(status=status, ready=True, **reason)
        save_answer(respondent=state, unit=unit(label), base=base, answer=said, by=by)


@pytest.fixture
def round_(bob):
    return opened_round(bob)


@pytest.fixture
def both(xaa, xbb, alice, charlie, round_, unit):
    answered(xaa, unit, alice, **{"I.13": "implemented", "IV.46(i)": "not_applicable"})
    answered(xbb, unit, charlie, **{"I.13": "in_progress", "I.7(a)": "considered_not_taken_up"})
    return handed_in(xaa, round_, alice), handed_in(xbb, round_, charlie)


@pytest.mark.parametrize("url", PAGES)
def test_before_the_first_round_a_page_says_so(url, page):
    assert "No rounds yet" in words(page.get(url))


@pytest.mark.parametrize("url", PAGES)
def test_before_the_first_hand_in_nothing_is_counted(url, page, round_, xaa):
    said = words(page.get(url))
    assert "No figures yet" in said
    assert "0%" not in said


def test_a_round_tells_its_figures_with_their_denominators_date_and_source(page, both):
    said = words(page.get("/progress/"))
    assert "Progress: Round 2026" in said
    assert "2 of 2 States have submitted. Figures are based on submissions only." in said
    assert "4 of 460 answered, 1%" in said
    assert "No information: 456 of 460" in said
    assert "Self-reported. Source: submissions of round 2026" in said
    assert "1 where the recommendation asks States to consider a measure, 0 elsewhere" in said
    assert "Self-reported by States; not verified by the Secretariat." in said


def test_states_stand_in_alphabetical_order_and_each_theme_says_how_many_of_how_many(page, both, xbb):
    make_state("XZZ", "Aland", protocol_acted=xbb.protocol_acted)
    response = page.get("/progress/")
    names = re.findall(r"<bdi>(Aland|Arandia|Belmara)</bdi>", response.content.decode())
    assert names == ["Aland", "Arandia", "Belmara"]
    assert "Aland XZZ Not submitted: no figures" in state_row(response, "Aland")
    assert "2/9" in state_row(response, "Arandia")
    assert state_row(response, "Belmara").endswith("Submitted")


def test_what_a_state_does_not_permit_is_left_out_and_the_page_says_so(page, both, charlie):
    change_use(submission=both[1], in_aggregates=False, quoted=False, published=False, by=charlie)
    response = page.get("/progress/")
    said = words(response)
    assert "1 of 2 submissions is left out: the State does not permit its use in aggregate figures." in said
    assert "2 of 230 answered" in said
    assert "Submitted; use in aggregate figures not permitted" in state_row(response, "Belmara")
    assert "/" not in state_row(response, "Belmara")


def test_what_was_withdrawn_is_no_information(page, both, charlie):
    withdraw_submission(submission=both[1], reason="An error.", by=charlie)
    response = page.get("/progress/")
    assert "1 State has withdrawn its submission." in words(response)
    assert "Withdrawn: no figures" in state_row(response, "Belmara")


def test_a_barred_reviewer_is_told_nothing_of_that_state_by_name(both, bob, erin, xbb):
    add_restriction(user=bob, respondent=xbb, by=erin)
    response = client_of(bob).get("/progress/")
    assert "Submitted; not visible to you" in state_row(response, "Belmara")
    assert "2/9" in state_row(response, "Arandia")
    assert both[0].get_absolute_url() in response.content.decode()
    assert both[1].get_absolute_url() not in response.content.decode()


def test_what_stands_by_itself_is_not_told_to_a_reviewer_who_is_barred_from_it(page, both, bob, erin, round_, unit):
    union = Respondent.objects.create(code="EU", name="Unified Europe", kind=RespondentKind.EUROPEAN_UNION)
    ursula = make_person("ursula", Role.FOCAL_POINT, union)
    answered(union, unit, ursula, **{"I.13": "implemented"})
    handed_in(union, round_, ursula)
    for url in ("/progress/", "/progress/figures.csv"):
        assert "Unified Europe" in page.get(url).content.decode()
    add_restriction(user=bob, respondent=union, by=erin)
    for url in ("/progress/", "/progress/figures.csv"):
        assert "Unified Europe" not in page.get(url).content.decode()


def test_the_figures_are_taken_home(page, both, dana):
    for browsing in (page, client_of(dana)):
        response = browsing.get("/progress/figures.csv?round=2026")
        assert re.search(r'filename="figures-2026-\d{4}-\d\d-\d\d.csv"', response["Content-Disposition"])
        assert "2026,overall,,,,response_rate" in response.content.decode()
        response = browsing.get("/progress/figures.xlsx")
        assert response["Content-Disposition"].endswith('.xlsx"')
    assert page.get("/progress/figures.csv?round=2031").status_code == 404


def test_before_the_first_round_there_are_no_figures(page):
    assert page.get("/progress/figures.csv").status_code == 404


def test_a_curator_sees_figures_and_is_led_to_no_submission(both, dana):
    content = client_of(dana).get("/progress/").content.decode()
    assert "4</b> of 460" in content
    assert "/submissions/" not in content


def test_a_recommendation_tells_its_figures_and_why_it_does_not_apply_and_names_nobody(page, both):
    said = words(page.get("/progress/recommendations/IV-46-i/"))
    assert "1 of 2 answered, 50%" in said
    assert "Why the recommendation does not apply The date in the recommendation has passed 1 of 1" in said
    assert "Arandia" not in said
    assert "Reasons" not in said.replace("Reasons given", "")


def test_the_page_of_an_item_that_is_answered_with_its_chapeau_is_the_chapeaus(page, both):
    assert "1 of 2 answered" in words(page.get("/progress/recommendations/IV-46-i-ii/"))


def test_a_theme_tells_its_units_and_what_also_concerns_it(page, both):
    said = words(page.get("/progress/themes/compensation/"))
    assert "3 of 18 answered" in said
    also = " ".join(map(titled, ("IV.46(b)", "IV.46(f)", "V.22")))
    assert f"Also related to this theme, but counted under their main theme: {also}" in said


def test_a_recommendation_leads_to_its_theme_and_to_its_family_in_the_round(page, both):
    said = page.get("/progress/recommendations/I-8/").content.decode()
    for address in (
        "/progress/themes/identification/?round=2026",
        "/progress/families/consular-staff/?round=2026",
    ):
        assert f'href="{address}"' in said
        assert page.get(address).status_code == 200


def test_gaps_tell_how_many_of_how_many(page, both):
    assert (
        "I.7(a)"
        in words(page.get("/progress/gaps/?of=considered")).partition(
            "Recommendations that ask States to consider a measure"
        )[2]
    )
    said = words(page.get("/progress/gaps/?of=not_applicable"))
    assert f"The date in the recommendation has passed: 1 Reasons given : {titled('IV.46(i)')} 1 of 1 100%" in said
    assert "0 of 1 0%" in words(page.get("/progress/gaps/?of=implemented"))


def test_a_round_is_chosen(page, both, bob):
    second = opened_round(bob, code="2027", meetings=[8])
    assert "No figures yet" in words(page.get("/progress/?round=2027"))
    assert "4 of 460" in words(page.get("/progress/?round=2026"))
    assert second.units.filter(unit__label="I.13").count() == 0
    assert "Not in this round" in words(page.get("/progress/recommendations/I-13/?round=2027"))
    for url in ("/progress/?round=2028", "/progress/?round=%00", "/progress/gaps/?of=rank"):
        assert page.get(url).status_code == 404
    for url in ("/progress/themes/none/", "/progress/families/none/", "/progress/recommendations/none/"):
        assert page.get(url).status_code == 404


@pytest.mark.parametrize("states", [2, 8])
def test_a_page_takes_as_many_queries_for_many_states(states, page, bob, round_, unit, django_assert_max_num_queries):
    for number in range(states):
        group = StateGroup.values[number % 5]
        state = make_state(f"X{chr(65 + number)}Z", f"Land {number}", regional_group=group)
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        answered(state, unit, person, **{"I.13": "implemented", "IV.46(i)": "not_applicable"})
        handed_in(state, round_, person)
    opened_round(bob, code="2027")
    for url in (*PAGES, "/progress/changes/", "/progress/rounds/", "/progress/figures.csv", "/progress/figures.xlsx"):
        with django_assert_max_num_queries(QUERIES):
            assert page.get(url).status_code == 200


# Reasons in words


def test_the_reasons_of_a_gap_are_told_to_whoever_may_read_them(page, both, bob, erin, xbb):
    assert 'progress/recommendations/I-7-a/reasons/?round=2026"' in page.get("/progress/gaps/?of=considered").text
    response = page.get("/progress/recommendations/I-7-a/reasons/")
    assert "Considered, not taken up 1 State Belmara XBB/2026/1 Reasons" in words(response)
    said = words(page.get("/progress/recommendations/IV-46-i/reasons/"))
    assert "Not applicable 1 State Arandia XAA/2026/1 The date in the recommendation has passed Reasons" in said
    add_restriction(user=bob, respondent=xbb, by=erin)
    assert "Belmara" not in words(client_of(bob).get("/progress/recommendations/I-7-a/reasons/"))


def test_reasons_are_of_what_is_counted_alone(page, both, charlie):
    change_use(submission=both[1], in_aggregates=False, quoted=True, published=True, by=charlie)
    assert "Belmara" not in words(page.get("/progress/recommendations/I-7-a/reasons/"))


def test_a_curator_is_led_to_no_reasons(both, dana):
    assert "reasons/" not in client_of(dana).get("/progress/gaps/?of=considered").text
    assert client_of(dana).get("/progress/recommendations/I-7-a/reasons/").status_code == 403


# Charts


CHARTS = (
    "/progress/",
    "/progress/regions/",
    "/progress/themes/compensation/",
    "/progress/rounds/",
    "/progress/changes/",
)
MOST_BYTES = 50 * 1024


def charts(response) -> list[str]:
    """The drawings of a page that say something: symbols beside their word, and swatches, say nothing."""
    found, content = [], response.content.decode()
    for start in re.finditer(r'<svg [^>]*role="img"', content):
        depth = 0
        for tag in re.finditer(r"<(/?)svg\b", content[start.start() :]):
            depth += -1 if tag[1] else 1
            if not depth:
                found.append(content[start.start() : start.start() + tag.end() + 1])
                break
    return found


@pytest.mark.parametrize("url", CHARTS)
def test_a_chart_has_a_title_and_its_counts_as_description_and_is_small_and_has_a_table_beside_it(
    url, page, two_rounds
):
    response = page.get(url + "?round=2026" if url == "/progress/changes/" else url + "?round=2025")
    drawn = charts(response)
    assert drawn
    for chart in drawn:
        assert re.search(r"<title>[^<]*\w[^<]*</title><desc>[^<]*\d[^<]*</desc>", chart)
        assert len(chart.encode()) <= MOST_BYTES
        assert not re.search(r"<script|<style|\sstyle=|\sfill=|href=", chart)
    assert "The figures as a table" in words(response)


@pytest.mark.parametrize(
    "url", ["/progress/?round=2025", "/progress/changes/", "/progress/recommendations/I-7-a/?round=2025"]
)
def test_what_was_considered_and_not_taken_up_is_drawn_and_counted_in_two(url, page, two_rounds):
    drawn = "".join(charts(page.get(url)))
    assert "Considered, not taken up (asked to consider) 1" in drawn
    assert "Considered, not taken up 1" not in drawn


# Two rounds compared, and all rounds


@pytest.fixture
def two_rounds(xaa, xbb, alice, charlie, bob, unit):
    """XAA hands in for both, XBB for the later one alone, which asks what meeting I adopted."""
    first, second = opened_round(bob, code="2025"), opened_round(bob, code="2026", meetings=[1])
    answered(xaa, unit, alice, **{"I.13": "in_progress", "I.7(a)": "considered_not_taken_up", "II.4": "implemented"})
    handed_in(xaa, first, alice)
    answered(xaa, unit, alice, base=1, **{"I.13": "implemented"})
    answered(xbb, unit, charlie, **{"I.13": "implemented"})
    return handed_in(xaa, second, alice), handed_in(xbb, second, charlie)


def test_without_two_rounds_there_is_nothing_to_compare(page, bob):
    assert "No rounds yet" in words(page.get("/progress/changes/"))
    assert "No rounds yet" in words(page.get("/progress/rounds/"))
    opened_round(bob)
    assert "Two rounds needed" in words(page.get("/progress/changes/"))
    opened_round(bob, code="2027")
    assert "No State to compare" in words(page.get("/progress/changes/"))
    assert "Choose two different rounds" in words(page.get("/progress/changes/?round=2026&with=2026"))


def test_changes_say_what_is_compared_and_what_is_left_out_and_why(page, two_rounds):
    said = words(page.get("/progress/changes/?round=2026&with=2025"))
    assert (
        "1 State is compared. Its newest submission for each round "
        "is not withdrawn and may be used in aggregate figures." in said
    )
    assert "1 State is not compared State 2025 2026 Belmara Not submitted Submitted" in said
    assert re.search(r"\d+ recommendations are not compared Only in round 2025", said)
    assert "Data as at" in said
    assert "Self-reported, submissions of round 2025" in said
    assert "Self-reported by States; not verified by the Secretariat." in said


def test_levels_and_changes_stand_apart_with_their_denominators(page, two_rounds, xaa):
    asked = xaa.units_to_answer().filter(meeting__number=1).count()
    said = words(page.get("/progress/changes/?round=2026&with=2025"))
    levels, changes = said.partition(" Changes Of ")[::2]
    assert f"2025 Response rate 2025 2 of {asked} answered 2 of {asked}" in levels
    assert f"2026 Response rate 2026 1 of {asked} answered 1 of {asked}" in levels
    assert f"Moved forward 1 of {asked}" in changes
    assert f"No longer answered 1 of {asked}" in changes


def test_the_order_in_which_two_rounds_are_chosen_does_not_matter(page, two_rounds):
    one, other = (
        page.get(url).context["found"].round.code
        for url in ("/progress/changes/?round=2026&with=2025", "/progress/changes/?round=2025&with=2026")
    )
    assert (one, other) == ("2026", "2026")
    assert page.get("/progress/changes/").context["found"].earlier.code == "2025"
    assert page.get("/progress/changes/?with=2031").status_code == 404


def test_a_barred_reviewer_is_not_told_why_a_state_is_left_out(two_rounds, bob, charlie, erin, xbb):
    change_use(submission=two_rounds[1], in_aggregates=False, quoted=False, published=False, by=charlie)
    url = "/progress/changes/?round=2026&with=2025"
    assert "Belmara Not submitted Submitted; use in aggregate figures not permitted" in words(client_of(bob).get(url))
    add_restriction(user=bob, respondent=xbb, by=erin)
    assert "Belmara Not submitted Submitted; not visible to you" in words(client_of(bob).get(url))


def test_every_round_stands_on_its_own_states(page, two_rounds):
    said = words(page.get("/progress/rounds/"))
    assert "A higher figure does not by itself show a change." in said
    assert "Round 2026 2 of 2 submitted" in said
    assert "Round 2025 1 of 2 submitted" in said
