"""The Secretariat's pages of progress."""

import html
import re

import pytest

from tests.conftest import arandia, belmara, make_person, make_state, with_second_factor
from tests.labels import titled
from tests.pages import client_of, words
from tests.submissions import opened_round, save_statuses, submit_ready
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.figures.progress import round_progress
from tracker.models import Respondent, Round, Submission
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(bob):
    return client_of(bob)


def state_row(response, name: str) -> str:
    """What the working view says of a State."""
    grid = response.content.decode().partition('class="progress-grid"')[2].partition("</table>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row) for row in grid.split("<tr>")]
    return next(" ".join(row.split()) for row in rows if name in row)


@pytest.fixture(scope="module", autouse=True)
def submitted(for_the_module):
    """XAA and XBB for a round over everything."""
    xaa, xbb = arandia(), belmara()
    alice = make_person("alice", Role.FOCAL_POINT, xaa)
    charlie = make_person("charlie", Role.FOCAL_POINT, xbb)
    round_ = opened_round(with_second_factor(make_person("bob", Role.REVIEWER)))
    save_statuses(xaa, alice, **{"I.13": "implemented", "IV.46(i)": "not_applicable"})
    save_statuses(xbb, charlie, **{"I.13": "in_progress", "I.7(a)": "considered_not_taken_up"})
    submit_ready(xaa, round_, alice)
    submit_ready(xbb, round_, charlie)


@pytest.fixture
def both(xaa, xbb):
    return tuple(Submission.everyones.get(respondent=state) for state in (xaa, xbb))


def test_a_round_shows_figures_with_denominators_date_and_source(page, both):
    said = words(page.get("/progress/"))
    assert "Round 2026 · Progress" in said
    assert "Based on submissions only." in said
    assert "2 of 2 invited to report have submitted" in said
    assert "4 of 460 answered · 1%" in said
    assert "No information: 456 of 460" in said
    assert "Self-reported · Submissions of round 2026" in said
    assert "Asked to consider a measure: 1 · Asked to act: 0" in said
    assert "Self-reported by States; not verified by the Secretariat." in said


def test_states_are_alphabetical_and_themes_have_their_denominators(page, both):
    response = page.get("/progress/")
    names = re.findall(r"<bdi>(Arandia|Belmara)</bdi>", response.content.decode())
    assert names == ["Arandia", "Belmara"]
    assert "2/9" in state_row(response, "Arandia")
    assert state_row(response, "Belmara").endswith("Submitted")


@pytest.mark.parametrize("url", ["/progress/", "/progress/states/"])
def test_states_that_did_not_submit_are_a_number_with_its_list(page, both, xbb, url):
    assert "has not submitted" not in words(page.get(url))
    make_state("XZZ", "Aland", protocol_acted=xbb.protocol_acted)
    response = page.get(url)
    assert "1 State has not submitted and is not listed." in words(response)
    [address] = re.findall(r'href="([^"]*standing=not_submitted[^"]*)"', response.content.decode())
    assert "Aland" not in words(response)
    assert re.findall(r"Aland|Arandia|Belmara", words(page.get(html.unescape(address)))) == ["Aland"]


def test_what_a_state_does_not_permit_is_left_out_and_the_page_says_so(page, both, charlie):
    change_use(submission=both[1], in_aggregates=False, quoted=False, published=False, by=charlie)
    response = page.get("/progress/")
    said = words(response)
    assert "1 of 2 submissions is left out: the State does not permit its use in aggregate figures." in said
    assert "2 of 230 answered" in said
    assert "Submitted; use in aggregate figures not permitted" in state_row(response, "Belmara")
    assert "/" not in state_row(response, "Belmara")


def test_what_was_withdrawn_is_no_information(page, both, charlie):
    withdraw_from_round(submission=both[1], reason="An error.", by=charlie)
    response = page.get("/progress/")
    assert "1 State has withdrawn its submission." in words(response)
    assert "Withdrawn: no figures" in state_row(response, "Belmara")


def test_a_restricted_officer_sees_no_figures_of_that_state(both, bob, erin, xbb):
    add_restriction(user=bob, respondent=xbb, by=erin)
    response = client_of(bob).get("/progress/")
    assert "Submitted; not visible to you" in state_row(response, "Belmara")
    assert "2/9" in state_row(response, "Arandia")
    assert both[0].get_absolute_url() in response.content.decode()
    assert both[1].get_absolute_url() not in response.content.decode()


def test_figures_of_one_respondent_are_hidden_from_a_restricted_officer(page, both, bob, erin, round_):
    union = Respondent.objects.create(code="EU", name="Unified Europe", kind=RespondentKind.EUROPEAN_UNION)
    ursula = make_person("ursula", Role.FOCAL_POINT, union)
    save_statuses(union, ursula, **{"I.13": "implemented"})
    submit_ready(union, round_, ursula)
    for url in ("/progress/", "/progress/figures.csv"):
        assert "Unified Europe" in page.get(url).content.decode()
    add_restriction(user=bob, respondent=union, by=erin)
    for url in ("/progress/", "/progress/figures.csv"):
        assert "Unified Europe" not in page.get(url).content.decode()


def test_the_figures_are_downloaded(page, both, dana):
    for browsing in (page, client_of(dana)):
        response = browsing.get("/progress/figures.csv?round=2026")
        assert re.search(r'filename="figures-2026-\d{4}-\d\d-\d\d.csv"', response["Content-Disposition"])
        assert "2026,overall,,,,response_rate" in response.content.decode()
        response = browsing.get("/progress/figures.xlsx")
        assert response["Content-Disposition"].endswith('.xlsx"')
    assert page.get("/progress/figures.csv?round=2031").status_code == 404


def test_a_curator_sees_figures_and_is_led_to_no_submission(both, dana):
    content = client_of(dana).get("/progress/").content.decode()
    assert "4</b> of 460" in content
    assert "/submissions/" not in content


def test_a_recommendation_shows_figures_and_reasons_without_naming_a_state(page, both):
    said = words(page.get("/progress/recommendations/IV-46-i/"))
    assert "1 of 2 answered · 50%" in said
    assert "Why the recommendation does not apply The date in the recommendation has passed 1 of 1" in said
    assert "Arandia" not in said
    assert "Reasons" not in said


def test_the_page_of_an_item_that_is_answered_with_its_chapeau_is_the_chapeaus(page, both):
    assert "1 of 2 answered" in words(page.get("/progress/recommendations/IV-46-i-ii/"))


def test_a_theme_lists_its_units_and_other_related_units(page, both):
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


def test_gaps_have_their_denominators(page, both):
    assert (
        "I.7(a)"
        in words(page.get("/progress/gaps/?of=considered")).partition(
            "Recommendations that ask States to consider a measure"
        )[2]
    )
    said = words(page.get("/progress/gaps/?of=not_applicable"))
    assert "The date in the recommendation has passed: 1 1 of 1 100%" in said
    assert "0 of 1 0%" in words(page.get("/progress/gaps/?of=implemented"))


def test_a_long_list_of_gaps_begins_with_thirty(page, charlie, xbb):
    save_statuses(xbb, charlie, **{unit.label: "in_progress" for unit in xbb.units_to_answer()[5:45]})
    submit_ready(xbb, Round.objects.get(), charlie)
    pages = [page.get(f"/progress/gaps/?of=implemented{opened}").text for opened in ("", "&open=1-30", "&open=all")]
    assert [html.count('<th scope="row">') for html in pages] == [30, 42, 42]


def test_both_lists_of_missing_information_leave_out_what_is_addressed_to_few(page, both):
    """Of five States covered four are parties, so that what is addressed to parties alone is addressed to four."""
    round_ = Round.objects.get()
    for code, status in (("XCC", "party"), ("XDD", "party"), ("XEE", "not_party")):
        state = make_state(code, code, treaty_status=status)
        focal_point = make_person(code.lower(), Role.FOCAL_POINT, state)
        save_statuses(state, focal_point, **{state.units_to_answer().first().label: "implemented"})
        submit_ready(state, round_, focal_point)
    [(_title, rows)] = page.get("/progress/gaps/").context["lists"]
    listed = [row.unit.label for row, _figure, _reasons in rows]
    missing = [(row.unit.label, row.progress.total) for row in round_progress(round_).most_unanswered]
    assert listed == [label for label, total in missing if total == 5]
    assert 0 < len(listed) < len(missing)
    assert [row.unit.label for row in page.get("/progress/").context["gaps"]] == listed[:5]


def test_a_round_is_chosen(page, both, bob):
    second = opened_round(bob, code="2027", meetings=[8])
    assert "No figures Figures appear here once a State has submitted for this round" in words(
        page.get("/progress/?round=2027")
    )
    assert "4 of 460" in words(page.get("/progress/?round=2026"))
    assert second.units.filter(unit__label="I.13").count() == 0
    assert "Not in this round" in words(page.get("/progress/recommendations/I-13/?round=2027"))
    for url in ("/progress/?round=2028", "/progress/?round=%00", "/progress/gaps/?of=rank"):
        assert page.get(url).status_code == 404
    for url in ("/progress/themes/none/", "/progress/families/none/", "/progress/recommendations/none/"):
        assert page.get(url).status_code == 404
