"""The pages on which the Secretariat plans and opens rounds, and sets when they close."""

import datetime
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from recommendations.days import day_in_words
from recommendations.models import Meeting
from tests.conftest import PASSWORD, client_of, make_person, make_state
from tests.labels import labels_in
from tests.pages import words, words_of_page
from tests.submissions import close_round, opened_round, release_of_few, save_statuses, submit_ready
from tracker.actions.round import move_due_date, plan_round
from tracker.audit.seal import find_errors, read_seal
from tracker.demo.clock import on_day
from tracker.documents.submission_json import write_submission_json
from tracker.models import Event, Release, Round, Submission, User
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
PLAN = {"code": "2026", "title": "Round 2026", "opens_on": "1 September 2026", "due_on": "31 January 2027"}


def test_a_round_is_planned_and_opened_and_its_closing_date_is_set(officer):
    address = reverse("round", args=["2026"])
    assert officer.post(reverse("round_add"), PLAN).url == address
    officer.post(address, {"step": "open"})
    assert Round.objects.get().stage == "open"
    opened = words(officer.get(address))
    assert (labels_in(officer.get(address)), len(labels_in(officer.get(address, {"open": "7"})))) == ([], 25)
    assert "275 recommendations, as at" in opened
    assert "Closes on" not in opened
    assert officer.post(address, {"closes_on": "30 June 2027"}).url == address
    for shown in (address, reverse("round_list"), reverse("desks")):
        assert "Closes on 30 June 2027" in words(officer.get(shown))


def test_a_closed_round_says_when_it_closed_and_its_date_stays(officer, bob):
    round_ = opened_round(bob, meetings=[1, 2, 4])
    close_round(round_)
    address = reverse("round", args=["2026"])
    said = words(officer.get(address))
    assert "Only open requests for clarification can be replied to." in said
    assert "Set the closing date" not in said
    response = officer.post(address, {"closes_on": "30 June 2027"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)


MOVE = {"due_on": "28 February 2027", "reason": "Holidays.", "base": "2027-01-31"}


def test_a_due_date_is_moved_on_the_page_of_the_round(officer, bob):
    opened_round(bob, meetings=[1, 2, 4])
    address = reverse("round", args=["2026"])
    assert 'name="base" value="2027-01-31"' in officer.get(address).text
    for _press in range(2):
        assert "Your changes were saved." in words(officer.post(address, MOVE, follow=True))
    assert "Due date: 28 February 2027." in words(officer.get(address))


@pytest.mark.parametrize(
    ("posted", "error"),
    [
        ({"reason": ""}, "Enter the reason."),
        ({"due_on": "31 January 2027"}, "Enter a date that has not passed, after the due date and before"),
        ({"due_on": "soon"}, "Enter the date as 30 June 2027."),
        ({"base": "2026-12-31"}, "The round changed after you opened the page. Nothing was saved."),
    ],
)
def test_a_refused_due_date_stays_in_the_form(officer, bob, posted, error):
    opened_round(bob, meetings=[1, 2, 4])
    response = officer.post(reverse("round", args=["2026"]), MOVE | posted)
    assert error in words(response)
    assert f'value="{(MOVE | posted)["due_on"]}"' in response.text
    assert 'name="base" value="2027-01-31"' in response.text
    assert Round.objects.get().due_on == datetime.date(2027, 1, 31)


@pytest.mark.parametrize("stage", ["planned", "closed"])
def test_only_the_due_date_of_an_open_round_is_moved(officer, bob, stage):
    officer.post(reverse("round_add"), PLAN | {"code": "planned"})
    close_round(opened_round(bob, "closed", meetings=[1]))
    address = reverse("round", args=[stage])
    before = Round.objects.get(code=stage).due_on
    assert "Move the due date" not in words(officer.get(address))
    response = officer.post(address, MOVE | {"base": before.isoformat()}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert Round.objects.get(code=stage).due_on == before


def test_a_submission_within_the_new_date_is_not_shown_as_late(officer, bob, xaa, alice):
    today = timezone.localdate()
    before, moved = today - datetime.timedelta(days=1), today + datetime.timedelta(days=20)
    round_ = opened_round(bob, meetings=[1])
    Round.objects.update(opens_on=before, due_on=before)
    round_.refresh_from_db()
    save_statuses(xaa, alice, **{"I.13": "implemented"})
    submission = submit_ready(xaa, round_, alice)
    desk = client_of(alice)

    def read() -> list[bool]:
        queue = officer.get(reverse("review_queue"))
        pages = desk.get(reverse("submission_list", args=["XAA"])), desk.get(submission.get_absolute_url())
        marked = ["Received after the due date" in words(page) for page in pages]
        return [*marked, '<span class="tag ">Received after' in queue.text]

    def listed(value: str) -> list[str]:
        rows = officer.get(reverse("review_queue"), {"late": value}).context["rows"]
        return [row.submission.reference for row in rows]

    assert (read(), listed("yes"), listed("no")) == ([True, True, True], ["XAA/2026/1"], [])
    move_due_date(round=round_, due_on=moved, reason="Holidays.", base=before.isoformat(), by=bob)
    assert (read(), listed("yes"), listed("no")) == ([False, False, False], [], ["XAA/2026/1"])
    receipt = words(desk.get(submission.get_absolute_url()))
    assert f"{day_in_words(before)} · Moved to {day_in_words(moved)}" in receipt
    sealed = Submission.everyones.select_related("respondent", "round").get()
    assert (sealed.late, sealed.due_on, list(find_errors(read_seal(sealed)))) == (True, before, [])
    assert json.loads(write_submission_json(sealed))["not_sealed"]["due_on"] == before.isoformat()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (
            "31 January 2027",
            "Enter 1 February 2027 or a later date: after the due date, and 30 days or more from today.",
        ),
        ("soon", "Enter the date as 30 June 2027."),
    ],
)
def test_a_closing_date_that_is_too_early_is_refused_and_what_was_typed_stays(officer, bob, typed, error):
    opened_round(bob, meetings=[1, 2, 4])
    with on_day(datetime.date(2026, 11, 1)):
        officer.force_login(bob)
        response = officer.post(reverse("round", args=["2026"]), {"closes_on": typed})
    assert error in words(response)
    assert f'value="{typed}"' in response.content.decode()
    assert Round.objects.get().closes_on is None


def test_an_error_is_shown_and_the_input_stays(officer):
    response = officer.post(reverse("round_add"), PLAN | {"due_on": "1 August 2026"})
    assert "The due date must be the opening date or later." in words(response)
    assert 'value="Round 2026"' in response.content.decode()
    assert not Round.objects.exists()


def test_the_address_of_another_page_is_no_code(officer):
    response = officer.post(reverse("round_add"), PLAN | {"code": "add"})
    assert list(response.context["form"].errors) == ["code"]
    assert not Round.objects.exists()


def test_doing_it_twice_says_so(officer, bob):
    opened_round(bob, meetings=[1, 2, 4])
    response = officer.post(reverse("round", args=["2026"]), {"step": "open"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)


def test_a_plan_that_another_user_changed_since_is_neither_replaced_nor_opened_unseen(officer, dana):
    officer.post(reverse("round_add"), PLAN)
    address = reverse("round", args=["2026"])
    base = officer.get(address).context["form"]["base"].value()
    found = Round.objects.get()
    found.title = "Of dana"
    plan_round(round=found, meetings=Meeting.objects.filter(number=1), themes=[], families=[], by=dana)

    response = officer.post(address, {"step": "open", "base": base}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert Round.objects.get().stage == "planned"

    typed = PLAN | {"title": "Of bob", "base": base}
    response = officer.post(address, typed)
    assert "The round changed after you opened the page. Nothing was saved." in words(response)
    assert 'value="Of bob"' in response.text
    assert Round.objects.get().title == "Of dana"
    assert officer.post(address, typed | {"base": response.context["form"]["base"].value()}).url == address
    assert Round.objects.get().title == "Of bob"
    officer.post(address, {"step": "open", "base": officer.get(address).context["form"]["base"].value()})
    assert Round.objects.get().stage == "open"


def test_an_open_round_is_not_edited_and_what_was_typed_stays(officer, bob):
    opened_round(bob, meetings=[1, 2, 4])
    response = officer.post(reverse("round", args=["2026"]), PLAN | {"title": "Another"})
    assert response.status_code == 409
    assert "This round has opened since you loaded this page and cannot be changed." in words(response)
    assert 'value="Another"' in response.content.decode()
    assert "Open the round" not in words(response)
    assert Round.objects.get().title == "Round 2026"


@pytest.mark.parametrize("name", ["round_list", "round_add", "round"])
def test_queries(name, officer, bob, django_assert_max_num_queries):
    opened_round(bob, meetings=[1, 2, 4])
    address = reverse(name, args=["2026"] if name == "round" else [])
    officer.get(address)
    with django_assert_max_num_queries(QUERIES):
        assert officer.get(address).status_code == 200


def test_a_release_is_prepared_and_made_on_the_page_of_a_closed_round(officer, bob, unit):
    round_ = opened_round(bob, code="2025", meetings=[1])
    for place in range(6):
        state = make_state(f"X{chr(65 + place)}Y", f"Land {place}")
        person = make_person(f"person{place}", Role.FOCAL_POINT, state)
        save_statuses(state, person, **{"I.13": "implemented"})
        submit_ready(state, round_, person)
    page = reverse("round", args=["2025"])
    assert "Prepare a release" not in words(officer.get(page))
    close_round(round_)
    assert "Prepare a release" in words(officer.get(page))
    prepared = words(officer.get(page, {"release": ""}))
    assert "States covered: 6 of 6 invited" in prepared
    assert "Recommendations shown: 27" in prepared
    assert "This round can have no other release." in prepared
    assert "Make release 2025" in prepared
    officer.post(page, {"step": "release"})
    assert "Make release" not in words(officer.get(page, {"release": ""}))
    again = words(officer.post(page, {"step": "release"}, follow=True))
    assert "This round already has a release. Correct an error in it by a note." in again
    assert Release.objects.count() == 1


def test_a_note_is_saved_on_the_page_of_the_round_and_refused_where_it_is_too_long(officer, bob):
    round_ = opened_round(bob, code="2025", meetings=[1])
    close_round(round_)
    release_of_few(round_, bob)
    page = reverse("round", args=["2025"])
    long = officer.post(page, {"release_note": "x" * 1001})
    assert ("x" * 1001 in long.text, Round.objects.get().release_note) == (True, "")
    assert "Your changes were saved." in words(officer.post(page, {"release_note": "An error."}, follow=True))
    assert Round.objects.get().release_note == "An error."


# States


def shown(client, **filters) -> dict[str, tuple[str, str]]:
    page = client.get(reverse("state_list"), filters)
    return {row.respondent.code: (row.access, row.stage) for row in page.context["page"]}


def test_all_states_are_listed_also_those_that_never_had_a_user(client, officer, administrator, bob, alice, xaa, xbb):
    """With no word of what they recorded: tests/test_walk.py looks for one on every page."""
    make_state("XCC", "Cordava")
    opened_round(bob, meetings=[1])
    alice.memberships.update(appointing_document="Note verbale No. 12/2026", appointed_on=datetime.date(2026, 3, 3))
    save_statuses(xaa, alice, **{"I.13": "implemented"})
    assert shown(officer) == {
        "XAA": ("invited", "not_submitted"),
        "XBB": ("nobody", "not_submitted"),
        "XCC": ("nobody", "not_submitted"),
    }
    page = words(officer.get(reverse("state_list")))
    assert "Arandia XAA Alice · Invited Note verbale No. 12/2026 · 3 March 2026 Not submitted" in page
    assert "Cordava XCC No focal point Not submitted" in page
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    submit_ready(xaa, Round.objects.get(), alice)
    assert shown(officer)["XAA"] == ("accepted", "submitted")
    assert "Add a focal point" in words(administrator.get(reverse("state_list")))


def test_states_are_filtered_by_focal_point_and_submission(officer, bob, alice, xaa, xbb):
    opened_round(bob, meetings=[1])
    make_person("frida", Role.FOCAL_POINT, make_state("XCC", "Cordava"))
    save_statuses(xaa, alice, **{"I.13": "implemented"})
    submit_ready(xaa, Round.objects.get(), alice)
    assert set(shown(officer, access="nobody")) == {"XBB"}
    assert set(shown(officer, access="invited")) == {"XAA", "XCC"}
    assert set(shown(officer, access="invited", submission="not_submitted")) == {"XCC"}
    assert set(shown(officer, submission="submitted")) == {"XAA"}
    assert "No results" in words(officer.get(reverse("state_list"), {"access": "accepted"}))


@pytest.mark.parametrize("states", [1, 30])
def test_the_table_of_states_takes_few_queries(officer, bob, states, django_assert_max_num_queries):
    opened_round(bob, meetings=[1])
    for number in range(states):
        make_person(f"person{number}", Role.FOCAL_POINT, make_state(f"XD{number}", f"State {number}"))
    with django_assert_max_num_queries(QUERIES):
        officer.get(reverse("state_list"))
    with django_assert_max_num_queries(QUERIES):
        officer.get(reverse("round_remind", args=["2026"]))


def test_a_reminder_is_read_before_it_is_sent(officer, bob, alice, xbb):
    opened_round(bob, meetings=[1])
    address = reverse("round_remind", args=["2026"])
    before = words(officer.get(address))
    assert "To remind 1 Arandia" in before
    assert "Dear Alice," in before
    assert "Answering is voluntary." in before
    assert "Nobody gets the e-mail: write a note verbale 1 Belmara" in before
    assert "The reminder was sent." in words(officer.post(address, follow=True))
    again = words(officer.post(address, follow=True))
    assert "The page changed after you opened it, so nothing was done." in again
    assert "No State to remind" in again
    assert "Reminded in the last seven days 1 Arandia" in again
    assert f"Reminded on {day_in_words(timezone.localdate())}" in words(officer.get(reverse("state_list")))


def test_a_state_that_switched_reminders_off_is_not_recorded_as_reminded(officer, bob, alice):
    opened_round(bob, meetings=[1])
    User.objects.filter(pk=alice.pk).update(unwanted_notifications=["round_reminder"])
    address = reverse("round_remind", args=["2026"])
    assert "Nobody gets the e-mail: write a note verbale 1 Arandia" in words(officer.get(address))
    assert "The page changed after you opened it" in words(officer.post(address, follow=True))
    assert not Event.everyones.filter(action="state reminded").exists()


def test_attack_the_reason_of_a_new_due_date_breaks_the_log(administrator, bob):
    round_ = opened_round(bob, meetings=[1])
    reason, base = "Letter to person 99999999999999999999", round_.due_on.isoformat()
    move_due_date(round=round_, due_on=round_.due_on + datetime.timedelta(days=20), reason=reason, base=base, by=bob)
    assert reason in words_of_page(administrator.get(reverse("site_event_list")))


def test_a_closed_round_reminds_nobody(officer, administrator, bob, alice):
    close_round(opened_round(bob, meetings=[1]))
    address = reverse("round_remind", args=["2026"])
    assert "No State to remind" in words(officer.get(address))
    response = officer.post(address, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert administrator.post(address).status_code == 403
    assert client_of(alice).post(address).status_code == 403
