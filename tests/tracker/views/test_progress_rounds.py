"""The Secretariat's pages of progress over two rounds: charts, the rounds compared, and all rounds."""

import re

import pytest

from tests.conftest import arandia, belmara, make_person, with_second_factor
from tests.pages import client_of, words
from tests.submissions import opened_round, save_statuses, submit_ready
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.submission import change_use
from tracker.models import Submission
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def submitted(for_the_module):
    """XAA for both rounds, XBB for the later one alone, which asks what meeting I adopted."""
    xaa, xbb = arandia(), belmara()
    alice = make_person("alice", Role.FOCAL_POINT, xaa)
    charlie = make_person("charlie", Role.FOCAL_POINT, xbb)
    bob = with_second_factor(make_person("bob", Role.REVIEWER))
    first, second = opened_round(bob, code="2025"), opened_round(bob, code="2026", meetings=[1])
    save_statuses(xaa, alice, **{"I.13": "in_progress", "I.7(a)": "considered_not_taken_up", "II.4": "implemented"})
    submit_ready(xaa, first, alice)
    save_statuses(xaa, alice, base=1, **{"I.13": "implemented"})
    save_statuses(xbb, charlie, **{"I.13": "implemented"})
    submit_ready(xaa, second, alice)
    submit_ready(xbb, second, charlie)


@pytest.fixture
def two_rounds(xaa, xbb):
    """What both submitted for the later round."""
    return tuple(Submission.everyones.get(respondent=state, round__code="2026") for state in (xaa, xbb))


@pytest.fixture
def page(bob):
    return client_of(bob)


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
def test_a_small_chart_has_title_description_and_table(url, page, two_rounds):
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


def test_changes_say_what_is_compared_and_what_is_left_out_and_why(page, two_rounds):
    said = words(page.get("/progress/changes/?round=2026&with=2025"))
    assert (
        "1 State is compared. Its newest submission for each round "
        "is not withdrawn and may be used in aggregate figures." in said
    )
    assert "1 State is not compared State 2025 2026 Belmara Not submitted Submitted" in said
    assert re.search(r"\d+ recommendations are not compared Only in round 2025", said)
    assert "Data as at" in said
    assert "Self-reported · Submissions of round 2025" in said
    assert "Self-reported by States; not verified by the Secretariat." in said


def test_levels_and_changes_are_separate_with_their_denominators(page, two_rounds, xaa):
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


def test_a_restricted_officer_does_not_see_why_states_are_omitted(two_rounds, bob, charlie, erin, xbb):
    change_use(submission=two_rounds[1], in_aggregates=False, quoted=False, published=False, by=charlie)
    url = "/progress/changes/?round=2026&with=2025"
    assert "Belmara Not submitted Submitted; use in aggregate figures not permitted" in words(client_of(bob).get(url))
    add_restriction(user=bob, respondent=xbb, by=erin)
    assert "Belmara Not submitted Submitted; not visible to you" in words(client_of(bob).get(url))


def test_every_round_counts_its_own_states(page, two_rounds):
    said = words(page.get("/progress/rounds/"))
    assert "A higher figure does not by itself show a change." in said
    assert "Round 2026 Submitted · 2 of 2" in said
    assert "Round 2025 Submitted · 1 of 2" in said
