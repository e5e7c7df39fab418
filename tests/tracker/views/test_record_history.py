"""The history of an answer: who saved what, any two versions compared, and one restored."""

import re

import pytest

from tests.labels import titled
from tests.pages import answer_address, messages_on, words
from tests.submissions import revisions_of
from tracker.actions.proposal import add_proposal
from tracker.actions.record import Answer, save_answer

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
