"""The history of an answer: what each round has, who saved what, any two versions compared, and one restored."""

import re
from datetime import date

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from tests.labels import titled
from tests.pages import answer_address, client_of, messages_on, words, words_of_page
from tests.removals import remove_words
from tests.submissions import opened_round, revisions_of, submit_ready
from tracker.actions.assignment import assign
from tracker.actions.proposal import add_proposal
from tracker.actions.record import Answer, save_answer
from tracker.models import Round

pytestmark = pytest.mark.django_db


def test_the_history_shows_who_when_why_and_what_changed(desk, say, carol, xaa, unit):
    say(measures="The Fund paid 21 victims in 2024.")
    save_answer(
        respondent=xaa,
        unit=unit("I.13"),
        base=1,
        answer=Answer(status="partially_implemented", measures="The Fund paid 38 victims in 2025."),
        by=carol,
        change_reason="Figures of 2025",
    )
    page = words(desk.get(answer_address("record_history")))

    assert re.search(r"Version 2 \d+ \w+ \d{4}, \d\d:\d\d · Carol “Figures of 2025” Partially implemented", page)
    assert "Status: removed: Implemented added: Partially implemented" in page
    assert "The Fund paid removed: 21 victims in 2024 added: 38 victims in 2025 ." in page
    assert re.search(r"Version 1 \d+ \w+ \d{4}, \d\d:\d\d · Alice Implemented", page)


@pytest.fixture
def two_rounds(say, xaa, alice, bob):
    """The second with two submissions, of which the later one counts."""
    for base, (year, status) in enumerate([("2024", "in_progress"), ("2026", "not_started"), ("2026", "implemented")]):
        round_ = Round.objects.filter(code=year).first() or opened_round(bob, year, meetings=[1])
        texts = {"measures": f"Act {base}.", "difficulties": "" if base == 2 else f"Gap {base}."}
        dates = {"situation_as_at": date(2023 + base, 1, 1), "target_date": None if base == 2 else date(2024, 5, 1)}
        say(status=status, base=base, ready=True, **texts, **dates)
        submit_ready(xaa, round_, alice)


def test_rounds_are_side_by_side_and_the_newest_is_first(desk, two_rounds, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        page = words_of_page(desk.get(answer_address("record_history")))
    today = date_format(timezone.localdate())
    assert (
        f"Round 2026 Round 2024 Submission XAA/2026/2 {today} XAA/2024/1 {today} Status Implemented In progress "
        "What was done Act 2. Act 0. What is missing – Gap 0. Situation as at 1 January 2025 1 January 2023 "
        "Target date – 1 May 2024 All 3 versions" in page
    )
    without = words_of_page(desk.get(answer_address("record_history", "I-14")))
    assert "Status No information No information What was done – –" in without


def test_removed_words_are_in_no_round(desk, two_rounds, xaa, alice, ruth):
    remove_words("Gap 0.", xaa, alice, ruth)
    page = words_of_page(desk.get(answer_address("record_history")))
    assert f"What is missing – Removed on {date_format(timezone.localdate())} because it identified a victim." in page
    assert "Gap 0." not in page


def test_who_sees_a_part_sees_no_submission(two_rounds, closed_to_contributors, carol, xaa, unit, alice, victor):
    assign(respondent=xaa, units=[unit("I.13")], to=carol, by=alice)
    pages = [words(client_of(person).get(answer_address("record_history"))) for person in (carol, victor)]
    assert ["Submitted in each round" in page for page in pages] == [False, True]


def test_one_version_is_not_compared_with_itself(desk, say, carol, xaa, unit):
    say()
    bill = Answer(status="in_progress", measures="A bill.")
    add_proposal(respondent=xaa, unit=unit("I.13"), base=1, answer=bill, by=carol)
    compares = f'{answer_address("record_compare")}">Compare versions</a>'
    assert "Compare versions" not in desk.get(answer_address()).text
    say(base=1, measures="Law No. 18.")
    assert compares in desk.get(answer_address()).text


def test_a_long_history_has_pages(desk, say):
    for number in range(45):
        say(base=number, measures=f"Law No. {number}")
    shown = [
        [one.revision.number for one in desk.get(answer_address("record_history"), {"page": page}).context["history"]]
        for page in (1, 2, 3)
    ]
    assert [number for numbers in shown for number in numbers] == list(range(45, 0, -1))
    assert desk.get(answer_address("record_history"), {"page": "2"}).context["history"][-1].changes != []
    assert desk.get(answer_address("record_history"), {"page": "x"}).status_code == 200


def test_any_two_revisions_are_compared(desk, say):
    say(measures="One")
    say(base=1, measures="Two")
    say(base=2, measures="Three")

    assert "Measures taken: removed: One added: Three" in words(
        desk.get(answer_address("record_compare"), {"from": 1, "to": 3})
    )
    assert "Measures taken: removed: Three added: One" in words(
        desk.get(answer_address("record_compare"), {"from": 3, "to": 1})
    )
    assert "Measures taken: removed: Two added: Three" in words(desk.get(answer_address("record_compare")))
    assert "No changes" in words(desk.get(answer_address("record_compare"), {"from": 1, "to": 1}))


@pytest.mark.parametrize("query", ["from=0&to=1", "from=x&to=%00", "to=" + "9" * 4000, "from=&to=", "from=1&from=2"])
def test_revisions_that_there_are_not_are_not_compared(desk, say, query):
    say()
    assert desk.get(f"{answer_address('record_compare')}?{query}").status_code == 200


def test_nothing_is_compared_where_nothing_is_saved(desk):
    assert desk.get(answer_address("record_compare")).status_code == 404
    assert "No versions yet" in words(desk.get(answer_address("record_history")))


def test_restoring_is_a_new_revision(desk, say):
    say(measures="One")
    say(base=1, measures="Two")
    response = desk.post(answer_address("record_restore", "I-13", 1), {"base": 2}, follow=True)

    assert messages_on(response) == [f"{titled('I.13')}: saved as version 3."]
    assert [revision.measures for revision in revisions_of("I.13")] == ["One", "Two", "One"]
    assert "Restored from version 1" in words(desk.get(answer_address("record_history")))


def test_restoring_over_what_was_not_seen_says_who_saved_it(desk, say, carol):
    say(measures="One")
    say(base=1, by=carol, measures="Two")
    response = desk.post(answer_address("record_restore", "I-13", 1), {"base": 1}, follow=True)

    assert messages_on(response) == [
        f"{titled('I.13')}: Carol saved version 2 while you were working. Nothing was saved. Check the new version and "
        "try again."
    ]
    assert len(revisions_of("I.13")) == 2


@pytest.mark.parametrize("number", [0, 7, 10**30])
def test_only_a_revision_that_there_is_can_be_restored(desk, say, number):
    say()
    assert desk.post(answer_address("record_restore", "I-13", number), {"base": 1}).status_code == 404
    assert desk.get(answer_address("record_restore", "I-13", number)).status_code == 405
