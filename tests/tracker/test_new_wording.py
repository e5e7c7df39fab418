"""What a change of an adopted text does to the answers that were given to it: nothing, and they say so."""

import re
from functools import partial

import pytest
from django.urls import reverse

from recommendations import catalogue
from tests.pages import words
from tests.submissions import opened_round, submit_ready
from tracker.actions.remark import start_reading
from tracker.actions.submission import check_submission
from tracker.documents.receipt import gaps_text
from tracker.documents.report.sealed import submission_report
from tracker.documents.report.state import state_report
from tracker.queries.desk.units import unit_rows

pytestmark = pytest.mark.django_db

MARK = "changed since the answer"
TEXT = "States parties should do it otherwise."


@pytest.fixture
def say(say):
    return partial(say, ready=True)


@pytest.fixture
def reword(dana, unit):
    def reword(label, kind="new_wording", text=TEXT):
        return catalogue.add_wording(recommendation=unit(label), text=text, kind=kind, reason="Adopted anew.", by=dana)

    return reword


@pytest.fixture
def marked(xaa, alice):
    """Labels of the answers that are marked, on the living record."""

    def marked():
        rows = unit_rows(xaa, alice)
        entries = state_report(xaa, alice).entries
        found = [row.unit.label for row in (*rows.to_answer, *rows.others) if row.answers_former_wording]
        assert found == [entry.row.unit.label for entry in entries if entry.answers_former_wording]
        return found

    return marked


@pytest.fixture
def page(client, alice):
    def page(name, *args, query="", person=alice):
        client.force_login(person)
        return client.get(reverse(name, args=args) + query)

    return page


def test_an_answer_stays_with_the_wording_that_it_answered(say, reword, marked, unit):
    revision = say("II.44")
    reword("II.44")
    revision.refresh_from_db()
    assert revision.wording.number == 1
    assert revision.holds([])
    assert marked() == ["II.44"]


def test_after_a_correction_nothing_is_marked(say, reword, marked):
    say("II.44")
    reword("II.44", kind="correction")
    assert marked() == []


def test_a_correction_of_a_new_wording_changes_no_mark(say, reword, marked):
    say("II.44")
    reword("II.44")
    say("II.43")
    reword("II.44", kind="correction", text="States parties should do it otherwise .")
    assert marked() == ["II.44"]
    say("II.44", measures="Done otherwise.")
    assert marked() == []
    reword("II.44", kind="correction", text=TEXT)
    assert marked() == []


def test_what_is_saved_after_it_answers_the_new_wording_though_it_says_the_same(say, reword, marked):
    say("II.44")
    reword("II.44")
    again = say("II.44")
    assert (again.number, again.wording.number) == (2, 2)
    assert marked() == []
    assert say("II.44") is None, "a double click"


@pytest.mark.parametrize("label", ["IV.46", "IV.46(i)", "IV.46(i)(ii)"])
def test_the_text_of_a_unit_is_also_its_chapeaux_and_the_items_answered_with_it(say, reword, marked, label):
    say("IV.46(i)", items_met=["IV.46(i)(ii)"])
    reword(label)
    assert marked() == ["IV.46(i)"]
    say("IV.46(i)", items_met=["IV.46(i)(ii)"])
    assert marked() == []


def test_desk_list_and_answer_page_say_so(say, reword, page):
    say("II.44")
    say("II.43")
    assert MARK not in words(page("respondent_desk", "XAA")).lower()
    reword("II.44")
    assert "1 answer refers to an earlier wording." in words(page("respondent_desk", "XAA"))
    listed = page("record_list", "XAA", query="?ready=former_wording")
    assert [row.unit.label for row in listed.context["tasks"].shown] == ["II.44"]
    assert MARK in words(listed).lower()
    shown = page("record", "XAA", "II-44")
    assert MARK in words(shown).lower()
    assert "Adopted anew." in words(shown)
    assert re.search(r"<ins>.*?do it otherwise\.</ins>", shown.text)
    assert MARK not in words(page("record", "XAA", "II-43")).lower()


def test_the_answer_page_shows_a_new_wording_of_a_chapeau(say, reword, page):
    say("IV.46(i)")
    reword("IV.46")
    assert [(one.node.label, one.after.number) for one in page("record", "XAA", "IV-46-i").context["rewordings"]] == [
        ("IV.46", 2)
    ]


def test_files_of_the_living_record_say_so(say, reword, xaa, alice, page):
    say("II.44")
    reword("II.44")
    assert " · Text changed since the answer" in words(page("report", "XAA", query="?show=all"))
    answer = next(one for one in page("report_json", "XAA").json()["answers"] if one["label"] == "II.44")
    assert answer["answers_current_wording"] is False
    assert TEXT in answer["text"]


@pytest.mark.parametrize("label", ["II.44", "IV.46", "IV.46(i)(ii)"])
def test_the_check_names_earlier_wordings_and_the_answer_is_submitted(say, reword, page, xaa, alice, bob, label):
    round_ = opened_round(by=bob, meetings=[1, 2, 4])
    answered = label if label == "II.44" else "IV.46(i)"
    say(answered)
    say("II.43")
    assert "earlier wording" not in words(page("check", "XAA", "2026"))
    reword(label)
    assert [one.unit.label for one in check_submission(xaa, round_).gaps["on_a_former_wording"]] == [answered]
    assert "1 answer refers to an earlier wording." in words(page("check", "XAA", "2026"))
    submission = submit_ready(xaa, round_, alice)
    assert (submission.counts["answered"], submission.confirmed_gaps["on_a_former_wording"]) == (2, 1)
    assert "Text changed since the answer 1" in gaps_text(submission.confirmed_gaps)


def test_the_check_names_no_earlier_wording_of_unready_answers(say, reword, xaa, bob):
    round_ = opened_round(by=bob, meetings=[1, 2, 4])
    say("II.44", ready=False)
    reword("II.44")
    gaps = check_submission(xaa, round_).gaps
    assert [one.unit.label for one in gaps["not_ready"]] == ["II.44"]
    assert gaps["on_a_former_wording"] == []


def test_a_submission_stays_unchanged_and_marks_earlier_wordings(say, reword, page, xaa, alice, bob):
    say("II.44")
    say("II.43")
    reword("II.43")
    submission = submit_ready(xaa, opened_round(by=bob, meetings=[1, 2, 4]), alice)
    start_reading(submission=submission, by=bob)
    adopted = [entry.row.unit.text for entry in submission_report(submission).entries]
    reword("II.44")

    def sealed():
        return [e.row.unit.label for e in submission_report(submission).entries if e.answers_former_wording]

    assert sealed() == ["II.43"], "as it was when it was sealed"
    assert [entry.row.unit.text for entry in submission_report(submission).entries] == adopted
    for slug, label in (("II-43", "II.43"), ("II-44", "II.44")):
        read = page("review", "XAA", "2026", 1, query=f"?show=all&item={slug}", person=bob)
        assert MARK in words(read).lower()
        assert "otherwise" in words(read)
        assert [one.node.label for one in read.context["reading"].rewordings] == [label]
