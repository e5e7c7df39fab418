"""Several answers at once: selected in the list, looked at, and saved together or not at all."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from recommendations.catalogue import add_wording
from recommendations.days import day_in_words
from tests.client import Client
from tests.conftest import make_person, make_state
from tests.labels import titled
from tests.pages import client_of, hidden_input, messages_on, words
from tests.removals import remove_words
from tests.submissions import asked_about, close_round, opened_round, revisions_of, save_many, send_answer, submit_ready
from tests.thorough import times
from tracker.actions.assignment import assign
from tracker.actions.record import Answer, save_answer
from tracker.models import Confirmation, Record, Round
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

BILL = Answer(status="in_progress", measures="A bill.", lead_institution="Ministry of Justice")
READY = replace(BILL, ready=True)
QUERIES = 15
QUERIES_TO_SAVE = QUERIES + 20  # with locks, versions, citations, records and events


@pytest.fixture
def address():
    return reverse("bulk", args=["XAA"])


@pytest.fixture
def listed():
    return reverse("record_list", args=["XAA"])


@pytest.fixture
def say(xaa, alice, unit):
    def say(label, answer=BILL):
        return save_answer(respondent=xaa, unit=unit(label), base=len(revisions_of(label)), answer=answer, by=alice)

    return say


@pytest.fixture
def send(desk, address):
    """Send the form as the browser would."""

    def send(*slugs, step="preview", query="", **said):
        return desk.post(f"{address}{query}", {"unit": slugs, "change_reason": "", step: "yes"} | said)

    return send


def hidden(response) -> dict[str, str | list[str]]:
    """What the preview would send."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode())
    said = {name: value for name, value in found if name not in ("csrfmiddlewaretoken", "author_token", "unit")}
    return said | {"unit": [value for name, value in found if name == "unit"]}


def selected(response) -> list[str]:
    return re.findall(r'name="unit" id="[^"]+" value="([^"]+)" checked', response.content.decode())


def errors(response) -> dict[str, list[str]]:
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


# Choosing


def test_only_people_who_write_have_boxes_in_the_list(desk, client, listed, xaa):
    assert desk.get(listed).content.decode().count('form="filters" aria-label="Select ') == 230
    assert "Mark ready" in words(desk.get(listed))
    client.force_login(make_person("vera", Role.VIEWER, xaa))
    assert 'aria-label="Select' not in client.get(listed).content.decode()
    assert "Mark ready" not in words(client.get(listed))


def test_the_selection_of_the_list_is_kept_without_errors(desk, address):
    response = desk.get(address, {"unit": ["I-13", "I-14"]})
    assert (selected(response), errors(response)) == (["I-13", "I-14"], {})
    assert selected(desk.get(address, {"unit": ["I-13", "no-such"]})) == []


@pytest.mark.parametrize("name", ["bulk", "assignment_add", "workbook"])
@pytest.mark.parametrize("filters", [{"status": "done"}, {"unit": "no-such"}], ids=str)
def test_an_unknown_filter_is_an_error_and_nothing_is_selected(desk, name, filters):
    response = desk.get(reverse(name, args=["XAA"]), filters)
    assert messages_on(response) == [
        "A filter or a selected recommendation in the address is unknown, so nothing is selected. "
        "Select again in the list."
    ]
    assert selected(response) == []
    assert messages_on(desk.get(reverse(name, args=["XAA"]), {"status": "implemented"})) == []


def test_what_the_filters_leave_is_ticked(desk, address, say):
    say("I.13")
    assert selected(desk.get(address, {"status": "in_progress"})) == ["I-13"]
    assert selected(desk.get(address)) == []


def test_more_than_25_units_are_refused_before_and_after_sending(desk, address, send, xaa):
    slugs = [unit.slug for unit in xaa.units_to_answer()[:26]]
    expected = "Selected: 26. The limit is 25 at a time: deselect some recommendations."
    assert expected in words(desk.get(address, {"unit": slugs}))
    response = send(*slugs, status="in_progress")
    assert errors(response) == {"unit": [expected]}
    assert len(selected(response)) == 26


GIVE_REASONS = "Give the reasons on the answer page first, or deselect these recommendations."
NEITHER = "There is no information yet. Choose a status as well, or deselect these recommendations."
BOTH_CHANGES = {"lead_institution": "Cabinet", "no_lead_institution": "on"}


@pytest.mark.parametrize(
    ("slugs", "said", "place", "error"),
    [
        ([], {"status": "implemented"}, "unit", "Select at least one recommendation."),
        (["I-13"], {}, "__all__", "Set at least one field to change."),
        (["I-13"], {"status": "done"}, "status", "Choose from the list."),
        (["I-13"], {"target_date": "soon"}, "target_date", "Enter the date as 30 June 2027."),
        (["I-13"], {"target_date": "0207-01-01"}, "target_date", "{I.13}: Enter a date between 1945 and 2100."),
        (["I-13"], BOTH_CHANGES, "lead_institution", "Enter a new value or clear the current value, not both."),
        (["I-13", "I-14"], {"ready": "ready"}, "status", f"{{I.14}}: {NEITHER}"),
        (["I-13", "I-14"], {"status": "considered_not_taken_up"}, "status", f"{{I.13}}, {{I.14}}: {GIVE_REASONS}"),
        (["I-13"], {"status": "not_applicable"}, "status", f"{{I.13}}: {GIVE_REASONS}"),
    ],
)
def test_an_impossible_change_has_an_error_that_names_the_units(send, say, slugs, said, place, error):
    say("I.13")
    named = re.sub(r"{([^}]+)}", lambda found: titled(found[1]), error)
    assert errors(send(*slugs, **said)) == {place: [named]}
    assert len(revisions_of("I.13")) == 1


def test_answers_to_an_earlier_wording_are_named_at_the_units(send, say, dana, unit):
    say("I.13")
    add_wording(recommendation=unit("I.13"), text="Another text.", kind="new_wording", reason="Adopted.", by=dana)
    expected = (
        f"{titled('I.13')}: The wording of the recommendation has "
        "changed. Read the new wording on the answer page and save the answer, or deselect the recommendation."
    )
    assert errors(send("I-13", "I-14", status="implemented")) == {"unit": [expected]}


# Before it is saved, and then


def test_the_preview_shows_each_change_and_saves_nothing(send, say):
    say("I.13")
    response = send("I-13", "I-14", status="in_progress", lead_institution="Cabinet")

    assert "2 answers will change" in words(response)
    assert "Lead institution: removed: Ministry of Justice added: Cabinet" in words(response)
    assert "No information" in words(response)
    assert (len(revisions_of("I.13")), revisions_of("I.14")) == (1, [])


def test_saving_leads_back_to_the_list_as_it_was(desk, address, listed, send, say):
    say("I.13")
    shown = send("I-13", "I-14", query="?meeting=1", status="implemented", target_date="30 June 2027")
    response = desk.post(f"{address}?meeting=1", hidden(shown) | {"act": "change"}, follow=True)

    assert response.request["PATH_INFO"] == listed
    assert response.request["QUERY_STRING"] == "meeting=1"
    assert "2 answers changed, each saved as a new version." in words(response)
    assert [revisions_of(label)[-1].status for label in ("I.13", "I.14")] == ["implemented"] * 2
    assert revisions_of("I.13")[-1].measures == "A bill."


def test_what_does_not_change_gets_no_revision(desk, address, send, say):
    say("I.13")
    shown = send("I-13", "I-14", status="in_progress")
    assert f"No change {titled('I.13')}" in words(shown)
    desk.post(address, hidden(shown) | {"act": "change"})
    assert [len(revisions_of(label)) for label in ("I.13", "I.14")] == [1, 1]


def test_fields_can_be_emptied(desk, address, send, say):
    say("I.13")
    shown = send("I-13", no_lead_institution="on")
    desk.post(address, hidden(shown) | {"act": "change"})
    assert revisions_of("I.13")[-1].lead_institution == ""


def test_answers_are_marked_ready_from_the_list_after_a_look_at_them(desk, address, say):
    say("I.13")
    shown = desk.get(address, {"unit": ["I-13", "I-14"], "mark_ready": "yes"})
    assert "1 answer will change" in words(shown)
    assert len(revisions_of("I.13")) == 1
    response = desk.post(f"{address}?unit=I-13&unit=I-14&mark_ready=yes", hidden(shown) | {"act": "change"})
    assert response.url == reverse("record_list", args=["XAA"]) + "?unit=I-13&unit=I-14"
    assert (revisions_of("I.13")[-1].ready, revisions_of("I.14")) == (True, [])


def test_any_number_of_answers_is_marked_ready_at_once(
    desk, client, address, xaa, alice, django_assert_max_num_queries
):
    units = list(xaa.units_to_answer().with_text()[:42])
    save_many(xaa, dict.fromkeys(units, BILL), alice)
    desk.get(address)
    with django_assert_max_num_queries(QUERIES):
        shown = desk.get(address, {"status": "in_progress", "mark_ready": "yes"})
    assert "42 answers will change" in words(shown)
    with django_assert_max_num_queries(QUERIES_TO_SAVE):
        desk.post(f"{address}?status=in_progress&mark_ready=yes", hidden(shown) | {"act": "change"})
    assert Record.everyones.filter(current__ready=True).count() == 42
    response = desk.post(address, hidden(shown) | {"act": "change", "lead_institution": "Cabinet"})
    assert list(errors(response)) == ["unit"], "with another change the limit is 25"


def test_nothing_is_marked_ready_where_nothing_is_selected_or_answered(desk, address, listed, say):
    say("I.13")
    expected = {"unit": ["Select at least one recommendation."]}
    assert errors(desk.get(address, {"mark_ready": "yes"})) == expected
    for targets in ("unit=I-14", "status=no_information"):
        response = desk.get(f"{address}?{targets}&mark_ready=yes", follow=True)
        assert response.redirect_chain == [(f"{listed}?{targets}", 302)]
        why = "None of these recommendations has an answer. Only answers are marked ready."
        assert messages_on(response) == [why]


def test_something_can_be_changed_still(desk, address, send, say):
    shown = send("I-13", "I-14", status="in_progress", change_reason="Figures of 2026.")
    response = desk.post(address, hidden(shown) | {"again": "yes"})
    assert selected(response) == ["I-13", "I-14"]
    assert '<option value="in_progress" selected>' in response.content.decode()
    assert "Figures of 2026." in response.content.decode()


def test_where_a_colleague_was_quicker_nothing_is_saved_and_the_newer_is_shown(desk, address, send, say):
    say("I.13")
    shown = send("I-13", "I-14", status="implemented")
    say("I.13", Answer(status="not_started"))
    response = desk.post(address, hidden(shown) | {"act": "change"})

    assert response.status_code == 409
    why = "Alice saved version 2 while you were working. Nothing was saved. Check the new version and try again."
    assert f"{titled('I.13')}: {why}" in words(response)
    assert "removed: No measure to date added: Implemented" in words(response)
    assert revisions_of("I.14") == []
    desk.post(address, hidden(response) | {"act": "change"})
    assert [revisions_of(label)[-1].status for label in ("I.13", "I.14")] == ["implemented"] * 2


def test_one_button_of_the_list_undoes_the_last_edit(desk, client, address, listed, send, say):
    say("I.13")
    shown = send("I-13", "I-14", status="implemented")
    response = desk.post(f"{address}?meeting=1", hidden(shown) | {"act": "change"}, follow=True)
    assert "Last edit in the list: 2 answers Undo" in words(response)
    typed = {"undo": "yes", "revision": [revisions_of(label)[-1].pk for label in ("I.13", "I.14")]}
    response = desk.post(f"{address}?meeting=1", typed, follow=True)
    assert response.request["QUERY_STRING"] == "meeting=1"
    assert messages_on(response) == ["2 answers restored as they were before."]
    assert revisions_of("I.14")[-1].change_text == "Set to “No information”"
    assert "Undo" not in words(response)
    assert [revision.status for revision in revisions_of("I.13")] == ["in_progress", "implemented", "in_progress"]
    response = desk.post(address, typed, follow=True)
    left = f"Not undone, because the answer was changed afterwards: {titled('I.13')}, {titled('I.14')}."
    assert messages_on(response) == ["No answer was restored.", left]
    assert [message.level_tag for message in response.context["messages"]] == ["warning", "info"]
    assert len(revisions_of("I.13")) == 3


def test_after_a_double_click_the_edit_can_still_be_undone(desk, address, send, say):
    say("I.13")
    typed = hidden(send("I-13", status="implemented")) | {"act": "change"}
    desk.post(address, typed)
    response = desk.post(address, typed, follow=True)
    assert messages_on(response) == ["1 answer changed and saved as a new version.", "There are no changes to save."]
    assert "Last edit in the list: 1 answer Undo" in words(response)


def test_an_answer_that_cannot_be_restored_is_named_with_the_reason(desk, address, say, send, xaa, alice, ruth):
    say("I.13", Answer(status="considered_not_taken_up", reasons="Jane Doe"))
    desk.post(address, hidden(send("I-13", status="implemented")) | {"act": "change"}, follow=True)
    remove_words("Jane Doe", xaa, alice, ruth)
    response = desk.post(address, {"undo": "yes", "revision": [revisions_of("I.13")[-1].pk]}, follow=True)
    assert messages_on(response) == [f"{titled('I.13')}: Enter the reasons."]
    assert len(revisions_of("I.13")) == 2


def test_an_edit_that_changed_since_is_not_offered_to_undo(desk, address, listed, send, say):
    say("I.13")
    desk.post(address, hidden(send("I-13", status="implemented")) | {"act": "change"})
    say("I.13", Answer(status="not_started"))
    assert "Undo" not in words(desk.get(listed))


# Still correct


@pytest.fixture
def later(say, xaa, alice, bob):
    """A second round: I.14, I.13 and II.7, each of another theme, were submitted in the first, II.8 is new."""
    for label in ("I.13", "I.14", "II.7"):
        say(label, READY)
    submit_ready(xaa, opened_round(bob, "2026", meetings=[1, 2]), alice)
    say("II.8", READY)
    return opened_round(bob, "2028", meetings=[1, 2])


def still_correct(code="2028") -> str:
    return reverse("still_correct", args=["XAA", code])


def shown_on(response) -> list[str]:
    return re.findall('name="revision" value="([0-9]+)"', response.content.decode())


def confirm(desk, page, as_at="1 November 2026", query=""):
    """Confirm what a page shows, as its button does."""
    typed = {"show": page.context["chosen"].slug, "revision": shown_on(page), "as_at": as_at}
    return desk.post(still_correct() + query, typed, follow=True)


def confirmed() -> dict[str, date]:
    return dict(Confirmation.everyones.values_list("revision__record__recommendation__label", "as_at"))


def test_answers_of_an_earlier_round_are_confirmed_theme_by_theme(desk, later):
    page = desk.get(still_correct())
    slugs = [section.slug for section in page.context["sections"]]
    today = day_in_words(timezone.localdate())
    assert f"{titled('I.14')} In progress A bill. Situation as at {today} · Alice Whole answer" in words(page)
    page = confirm(desk, desk.get(still_correct(), {"show": slugs[1]}))
    assert confirmed() == {"I.13": date(2026, 11, 1)}
    assert page.context["form"]["as_at"].value() == "1 November 2026", "the day is typed once"
    assert page.context["chosen"].slug == slugs[2], "the next theme"
    page = confirm(desk, page, "2026-11-02")
    assert page.context["chosen"].slug == slugs[0]
    assert "No answer is waiting for confirmation" in words(confirm(desk, page))
    assert confirmed() == {"I.13": date(2026, 11, 1), "II.7": date(2026, 11, 2), "I.14": date(2026, 11, 1)}
    assert len(revisions_of("I.13")) == 1


def test_a_selection_of_the_list_is_confirmed_once(desk, later, listed):
    assert f'formaction="{still_correct()}">Still correct' in desk.get(listed).content.decode()
    page = desk.get(still_correct(), {"unit": ["I-14", "II-8"]})
    assert shown_on(page) == [str(revisions_of("I.14")[0].pk)]
    assert f'href="{listed}?unit=I-14&amp;unit=II-8"' in page.content.decode()
    address = f"{still_correct()}?unit=I-14&unit=II-8&show={page.context['chosen'].slug}&as_at=1+November+2026"
    for message in ("Confirmed as still correct: 1.", "There are no changes to save."):  # a double click
        response = confirm(desk, page, query="?unit=I-14&unit=II-8&author_token=x")
        assert response.redirect_chain == [(address, 302)]
        assert messages_on(response)[-1] == message
    assert list(confirmed()) == ["I.14"]


@pytest.mark.parametrize("selection", ["", "?unit=I-13&unit=I-14"])
@pytest.mark.parametrize(
    ("reason", "values"),
    [
        ("Target date passed", {"target_date": date(2026, 1, 1)}),
        ("Situation older than two years", {"situation_as_at": date(2024, 1, 1)}),
        ("Clarification requested", {}),
        ("Text changed since the answer", {}),
    ],
)
def test_an_answer_in_doubt_comes_first_and_is_not_confirmed(
    desk, say, xaa, alice, bob, dana, unit, reason, values, selection
):
    shown = [say(label, replace(READY, **given)).pk for label, given in (("I.13", values), ("I.14", {}))]
    submission = submit_ready(xaa, opened_round(bob, "2026", meetings=[1]), alice)
    opened_round(bob, "2028", meetings=[1])
    if reason == "Clarification requested":
        asked_about(submission, {"I.13": "Which bill?"}, bob)
    elif not values:
        add_wording(recommendation=unit("I.13"), text="Another.", kind="new_wording", reason="Adopted.", by=dana)
    page = desk.get(still_correct() + selection)
    assert f"{titled('I.13')} {reason} In progress" in words(page)
    assert shown_on(page) == [str(shown[1])]
    response = desk.post(still_correct() + selection, {"revision": shown, "as_at": "1 November 2026"})
    why = "Nothing was confirmed, because this answer must be read on its own page first."
    assert (messages_on(response), confirmed()) == ([f"{titled('I.13')}: {why}"], {})


def test_an_answer_that_changed_is_named_and_the_day_stays(desk, later, say):
    page = desk.get(still_correct())
    say("I.14", replace(READY, measures="An act."))
    response = confirm(desk, page)
    why = "Nothing was confirmed, because this answer changed after you opened the page."
    assert messages_on(response) == [f"{titled('I.14')}: {why}"]
    assert (response.context["form"]["as_at"].value(), confirmed()) == ("1 November 2026", {})


def test_answers_of_another_state_are_not_confirmed(desk, later, xaa):
    charlie = client_of(make_person("charlie", Role.FOCAL_POINT, make_state("XBB", "Bellara")))
    carol = client_of(make_person("carol", Role.CONTRIBUTOR, xaa))
    typed = {"revision": revisions_of("I.13")[0].pk, "as_at": "1 November 2026"}
    assert [client.post(still_correct(), typed).status_code for client in (charlie, carol)] == [404, 403]
    response = charlie.post(still_correct().replace("XAA", "XBB"), typed, follow=True)
    assert (messages_on(response), confirmed()) == (["There are no changes to save."], {})


def test_what_is_edited_or_confirmed_together_says_who_has_it(
    desk, address, later, xaa, carol, alice, unit, django_assert_max_num_queries
):
    assign(respondent=xaa, units=[unit("I.13"), unit("I.14")], to=carol, by=alice)
    for page in (address, still_correct()):
        with django_assert_max_num_queries(QUERIES):
            assert words(desk.get(page, {"unit": ["I-13"]})).count("Assigned to: Carol") == 1


@pytest.mark.parametrize(
    ("as_at", "expected"),
    [("soon", "Enter the date as 30 June 2027."), ("1 November 2099", "The date must be today or earlier.")],
)
def test_an_impossible_day_has_an_error_at_its_field(desk, later, as_at, expected):
    response = confirm(desk, desk.get(still_correct()), as_at)
    assert errors(response) == {"as_at": [expected]}
    assert (response.context["form"]["as_at"].value(), confirmed()) == (as_at, {})


def test_the_day_is_kept_when_the_session_has_ended(desk, later, alice):
    opened, stranger = desk.get(still_correct()), Client()
    typed = {"as_at": "2026-11-01", "author_token": hidden_input(opened, "author_token"), "revision": shown_on(opened)}
    stranger.post(still_correct(), typed)
    stranger.force_login(alice)
    response = stranger.get(still_correct())
    assert "Not saved yet." in words(response)
    assert (response.context["form"]["as_at"].value(), confirmed()) == ("2026-11-01", {})


def test_in_the_first_round_and_for_others_there_is_nothing_to_confirm(desk, listed, later, xaa):
    assert "Still correct" not in words(client_of(make_person("carol", Role.CONTRIBUTOR, xaa)).get(listed))
    assert "No answer is waiting for confirmation" in words(desk.get(still_correct("2026")))
    page = desk.get(still_correct())
    for found in Round.objects.all():
        close_round(found)
    assert "Still correct" not in words(desk.get(listed))
    assert "The page changed after you opened it" in words(confirm(desk, page))
    assert confirmed() == {}


# Who may


def test_a_contributor_selects_only_assigned_units(client, address, listed, xaa, carol, alice, unit):
    xaa.opens_all_to_contributors = False
    xaa.save()
    assign(respondent=xaa, units=[unit("I.13"), unit("I.14")], to=carol, by=alice)
    send_answer(respondent=xaa, unit=unit("I.14"), by=carol)
    client.force_login(carol)

    assert re.findall('aria-label="Select (I[^ "]+)', client.get(listed).content.decode()) == ["I.13"]
    said = {"unit": ["I-13", "I-14", "I-1"], "change_reason": "", "status": "in_progress", "preview": "yes"}
    assert list(errors(client.post(address, said))) == ["unit"]


def test_a_contributor_reads_that_the_mark_goes_with_other_words(client, address, say, carol):
    say("I.13", READY)
    client.force_login(carol)
    shown = client.post(address, {"unit": "I-13", "change_reason": "", "status": "implemented", "preview": "yes"})
    assert "Ready: removed: Yes" in words(shown)
    client.post(address, hidden(shown) | {"act": "change"})
    assert not revisions_of("I.13")[-1].ready


# How much it takes


@pytest.mark.parametrize("count", [2, times(8, 25)])
def test_queries(count, desk, address, send, say, xaa, django_assert_max_num_queries):
    units = list(xaa.units_to_answer()[:count])
    for unit in units:
        say(unit.label)
    slugs = [unit.slug for unit in units]
    desk.get(address)
    with django_assert_max_num_queries(QUERIES):
        desk.get(address, {"unit": slugs})
    with django_assert_max_num_queries(QUERIES):
        assert f"{count} answers will change" in words(send(*slugs, status="implemented"))
