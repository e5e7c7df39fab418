"""Assigning, also by a file, My items, handing back, and what waits for the focal point."""

import datetime
import io
import re

import docx
import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from recommendations.days import day_in_words
from recommendations.error_messages import NOTHING_SELECTED, PAGE_CHANGED
from tests.conftest import make_person, save_for_xaa
from tests.documents import upload
from tests.labels import titled
from tests.pages import client_of, decide, messages_on
from tests.removals import remove_words
from tests.submissions import send_answer
from tests.thorough import times
from tracker.actions.assignment import assign, return_assignment
from tracker.actions.draft import Tab, save_draft
from tracker.actions.institution import add_institution, set_institution
from tracker.actions.record import Answer, save_answer
from tracker.documents.exchange.questionnaire_reader import read
from tracker.models import Assignment, Record, Respondent, Revision, User
from tracker.models.draft import new_tab
from tracker.models.user import Role
from tracker.web import unsaved_input

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("closed_to_contributors")]

NEXT_WEEK = timezone.localdate() + datetime.timedelta(days=7)
ADD = "/desk/XAA/assignments/add/"


@pytest.fixture
def carol(xaa, alice, justice):
    person = make_person("carol", Role.CONTRIBUTOR, xaa)
    set_institution(membership=person.memberships.get(), institution=justice, by=alice)
    return User.objects.get(pk=person.pk)


@pytest.fixture
def give(xaa, alice, justice, carol, unit):
    def give(*labels, **said):
        return assign(respondent=xaa, units=[unit(label) for label in labels], to=justice, by=alice, **said)

    return give


def page(client, person, url: str, **parameters) -> str:
    client.force_login(person)
    response = client.get(url, parameters)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def items(person) -> list[str]:
    response = client_of(person).get("/desk/XAA/")
    return [item.unit.label for item in response.context["my_items"].listed]


def typed(justice, *slugs, **said) -> dict:
    return {"to": f"institution-{justice.pk}", "unit": list(slugs), "due_on": "", "note": ""} | said


def test_a_selection_is_assigned_by_one_act(desk, justice, carol, give):
    give("I.14")
    response = desk.post(
        ADD, typed(justice, "I-13", "I-14", due_on=NEXT_WEEK.isoformat(), note="By article."), follow=True
    )
    assert response.redirect_chain == [(ADD, 302)]
    assert "2 recommendations are assigned to Ministry of Justice." in response.text
    given = justice.assignments(manager="everyones").values_list("unit__label", "due_on", "note")
    assert list(given) == [("I.13", NEXT_WEEK, "By article."), ("I.14", NEXT_WEEK, "By article.")]


def test_a_long_selection_is_closed_and_selected(desk, justice):
    html = desk.get(ADD, {"status": "no_information"}).text
    assert (html.count(" checked"), html.count('<details class="fold"'), " open>" in html) == (230, 16, False)


def test_whole_themes_are_assigned_by_their_boxes(desk, xaa, justice):
    page = desk.get(ADD)
    assert page.text.count('type="checkbox"') == len(page.context["sections"])
    group = page.context["sections"][0]
    desk.post(ADD, typed(justice, section=[group.of.slug]))
    assert Assignment.everyones.count() == len(group.rows)
    assert f"Assigned: {len(group.rows)}" in desk.get(ADD).text


@pytest.fixture
def health(xaa, alice):
    return add_institution(respondent=xaa, name="Ministry of Health", kind="ministry", by=alice)


def test_an_institution_without_users_gets_a_file_and_a_text(desk, alice, health):
    """The site mails none of it, and a reminder has the same text."""
    page = desk.post(ADD, typed(health, "I-13", "I-14", due_on=NEXT_WEEK.isoformat()), follow=True)
    for shown in (page, desk.get(f"/desk/XAA/assignments/remind/institution-{health.pk}/")):
        letter = shown.context["letter"]
        assert f"return it to {alice.email}.\n\nRecommendations: 2\nReturn by: {day_in_words(NEXT_WEEK)}" in letter.text
        assert letter.mail.startswith("mailto:?subject=Arandia%3A%20Questionnaire")
        assert f'href="/desk/XAA/assignments/institution-{health.pk}.docx"' in shown.text
    assert mail.outbox == []
    content = desk.get(f"/desk/XAA/assignments/institution-{health.pk}.docx").content
    sent = read(upload("sent.docx", content))
    assert ({unit.slug for unit in sent.units}, sent.institution) == ({"I-13", "I-14"}, health.pk)
    assert (sent.has_answers, sent.respondent) == (True, "XAA")
    without = desk.get(f"/desk/XAA/assignments/institution-{health.pk}.docx?answers=without").content
    assert read(upload("sent.docx", without)).has_answers is False


def test_a_form_with_errors_shows_no_letter_of_the_institution_before(desk, health, justice):
    """Else the file of another ministry is downloaded above the errors."""
    page = desk.post(ADD, typed(health, "I-13"), follow=True)
    refused = desk.post(page.redirect_chain[0][0], typed(justice, "I-14", due_on="5 December 2020", note="By article."))
    assert (page.context["letter"].to, refused.context["letter"]) == (health, None)
    assert refused.context["form"].errors == {"due_on": ["The date must be today or later."]}
    assert "By article.</textarea>" in refused.text


def test_a_letter_says_which_due_dates_are_ahead_and_which_passed(desk, health, xaa, unit, alice):
    today, week = timezone.localdate(), datetime.timedelta(days=7)
    ahead, later, passed = (day_in_words(today + weeks * week) for weeks in (1, 2, -1))
    for label, weeks in (("I.13", 1), ("I.14", 2), ("II.8", 3)):
        assign(respondent=xaa, units=[unit(label)], to=health, by=alice, due_on=today + weeks * week)
    Assignment.everyones.filter(unit__label="II.8").update(due_on=today - week)
    letter = desk.get(f"/desk/XAA/assignments/remind/institution-{health.pk}/").context["letter"]
    days = f"\nReturn by: {ahead}, {later}\nDue date passed: {passed}\n"
    assert f"{days}The Word file shows the date of each recommendation.\n" in letter.text
    file = docx.Document(io.BytesIO(desk.get(f"/desk/XAA/assignments/institution-{health.pk}.docx").content))
    cover = [[cell.text for cell in row.cells] for row in file.tables[0].rows]
    assert cover[1:3] == [["Return by", f"{ahead}, {later}"], ["Due date passed", passed]]
    notes = [each.text for each in file.paragraphs if each.text.startswith(("Return by:", "Due date passed:"))]
    assert sorted(notes) == [f"Due date passed: {passed}", *sorted([f"Return by: {ahead}", f"Return by: {later}"])]


def test_a_focal_point_may_prefer_the_file(desk, justice, carol):
    assert desk.post(ADD, typed(justice, "I-13"))["Location"] == ADD
    assert desk.post(ADD, typed(justice, "I-13", file="yes"))["Location"] == f"{ADD}?sent=institution-{justice.pk}"


def test_what_was_sent_is_overdue_on_every_page(desk, health, xaa, unit, alice):
    assign(respondent=xaa, units=[unit("I.13")], to=health, by=alice, due_on=NEXT_WEEK)
    for name in ("respondent_desk", "assignment_list", "handover", "event_list"):
        assert day_in_words(NEXT_WEEK) in desk.get(reverse(name, args=["XAA"])).text
    Assignment.everyones.update(due_on=timezone.localdate() - datetime.timedelta(days=1))
    assert "Due date passed: 1" in desk.get("/desk/XAA/").text
    assert "Remind" in desk.get("/desk/XAA/assignments/").text


def test_assignments_are_by_institution_with_each_note_once(desk, health, give, xaa, unit, alice, carol):
    given = {"respondent": xaa, "to": health, "by": alice}
    give("I.13", "I.12(a)", "I.14", note="By article.")
    assign(units=[unit("II.8")], note="Figures of 2026.", **given)
    assign(units=[unit("II.10"), unit("II.9")], **given)
    send_answer(respondent=xaa, unit=unit("I.14"), by=carol)
    listed = re.findall(
        r"<h3><bdi>([^<]+)</bdi></h3>|Assignment note</b> · <span[^>]*>([^<]+)|<bdi>([IV]+\.[^<]+)</bdi></a>",
        desk.get("/desk/XAA/assignments/").text,
    )
    assert ["".join(row) for row in listed] == [
        *("Ministry of Justice", "By article.", "I.14"),
        *("Ministry of Health", "II.9", "II.10", "Figures of 2026.", "II.8"),
        *("Ministry of Justice", "By article.", "I.12(a)", "I.13"),
    ]


def test_there_is_no_file_for_a_person(desk, xaa, unit, alice, carol):
    assign(respondent=xaa, units=[unit("I.13")], to=carol, by=alice)
    assert desk.get(f"/desk/XAA/assignments/person-{carol.pk}.docx").status_code == 302


@pytest.mark.parametrize(
    ("parameters", "selected"),
    [
        ({}, 0),
        ({"theme": "compensation"}, None),
        ({"meeting": "8", "status": "no_information"}, None),
        ({"unit": ["I-13", "I-14"]}, 2),
    ],
)
def test_the_filters_of_the_list_select_what_they_leave(desk, xaa, justice, parameters, selected):
    chosen = desk.get(ADD, parameters).context["form"].chosen
    if selected is None:
        selected = len(desk.get("/desk/XAA/recommendations/", parameters).context["tasks"].shown)
        assert selected > 0
    assert len(chosen) == selected


def listed(client, person, assigned: str) -> tuple[list[str], dict[str, int]]:
    """What the task list shows of these, and under which boxes how many are found."""
    client.force_login(person)
    tasks = client.get("/desk/XAA/recommendations/", {"assigned": assigned} if assigned else {}).context["tasks"]
    (facet,) = [facet for facet in tasks.facet_list if facet.name == "assigned"]
    return [row.unit.label for row in tasks.shown], {option.label: option.count for option in facet.options}


def test_the_task_list_is_narrowed_to_those_who_have_it(client, alice, carol, justice, give, xaa, unit):
    give("I.12(a)", "I.13")
    health = add_institution(respondent=xaa, name="Ministry of Health", kind="ministry", by=alice)
    assign(respondent=xaa, units=[unit("I.13")], to=health, by=alice)
    assign(respondent=xaa, units=[unit("I.14")], to=carol, by=alice)
    asked = xaa.units_to_answer().count()
    counts = {"Ministry of Health": 1, "Ministry of Justice": 2, "Carol": 1, "Not assigned": asked - 3}
    assert listed(client, alice, f"institution-{justice.pk}") == (["I.12(a)", "I.13"], counts)
    assert listed(client, alice, f"person-{carol.pk}") == (["I.14"], counts)
    assert len(listed(client, alice, "nobody")[0]) == asked - 3
    counts = {"Ministry of Justice": 2, "Carol": 1, "Not assigned": 0}
    assert listed(client, carol, "") == (["I.12(a)", "I.13", "I.14"], counts)
    assert listed(client, carol, f"institution-{health.pk}") == ([], counts), "the name of another is no value"


def test_every_error_is_at_its_field_and_the_input_stays(desk, justice):
    for said, field in (
        ({"to": "institution-999"}, "to"),
        ({"to": ""}, "to"),
        ({"due_on": "31.02."}, "due_on"),
        ({"note": "a\x00b"}, "note"),
        ({"unit": []}, "unit"),
        ({"unit": ["I-13", "nonsense"]}, "unit"),
    ):
        response = desk.post(ADD, typed(justice, "I-13", note="Keep this.") | said)
        assert list(response.context["form"].errors) == [field]
        assert "Keep this." in response.content.decode() or field == "note"
    past = typed(justice, "I-13", due_on="2020-01-01")
    assert desk.post(ADD, past).context["form"].errors == {"due_on": ["The date must be today or later."]}
    assert Assignment.everyones.count() == 0


def test_a_state_without_institutions_and_contributors_sees_the_first_step(client, alice):
    assert "No institution or contributor yet" in page(client, alice, ADD)


def test_own_items_are_first_with_returned_and_late_items_leading(client, alice, carol, give, xaa, unit):
    give("I.13", "I.14", "I.12(a)")
    give("I.10(a)", due_on=NEXT_WEEK, note="By article.")
    (late,) = give("I.10(b)", due_on=NEXT_WEEK)
    Assignment.everyones.filter(pk=late.pk).update(due_on=timezone.localdate() - datetime.timedelta(days=1))
    send_answer(respondent=xaa, unit=unit("I.12(a)"), by=carol)
    send_answer(respondent=xaa, unit=unit("I.14"), by=carol)
    return_assignment(assignment=Assignment.everyones.get(unit__label="I.14"), reason="Which law?", by=alice)
    assert items(carol) == ["I.14", "I.10(b)", "I.10(a)", "I.13", "I.12(a)"]
    said = page(client, carol, "/desk/XAA/")
    assert said.index("Your answers") < said.index("Assigned to you: 2 of 5 recommendations answered")
    for words in (
        "Which law?",
        "By article.",
        "Due date passed</span>",
        "4 of 5 to complete",
        "Returned: 1",
        "Due date passed: 1",
    ):
        assert words in said


def test_the_page_of_a_contributor_has_one_primary_button(client, carol, give, xaa, unit):
    give("I.13", "I.14", "II.8")
    send_answer(respondent=xaa, unit=unit("I.14"), by=carol)
    primary = 'class="button(?: small)?"[^>]*>([^<]+)'
    assert re.findall(primary, page(client, carol, "/desk/XAA/")) == ["Open the answer"]
    tab = Tab(new_tab())
    save_draft(respondent=xaa, unit=unit("II.8"), tab=tab, base=0, fields={"measures": ["An act."]}, by=carol)
    assert re.findall(primary, page(client, carol, "/desk/XAA/")) == ["Continue "]


ANSWER = "/desk/XAA/recommendations/I-13/"
SENT = "was sent to the focal point, who is notified. You can undo this until the answer is accepted or returned."


def written(**said) -> dict:
    """What the form of an answer posts."""
    return {"base": "0", "status": "in_progress", "measures": "A bill.", "language": "en"} | said


def test_a_contributor_saves_or_saves_and_sends_by_one_press(client, carol, give):
    give("I.13")
    buttons = re.findall(r"<button[^>]*>(.*?)</button>", page(client, carol, ANSWER))
    assert [label for label in buttons if label.startswith(("Save", "Suggest", "Send"))] == [
        "Save and send to the focal point",
        "Save",
        "Save draft",  # without JavaScript
        "Save note",
    ]
    assert 'name="ready"' not in page(client, carol, ANSWER)
    response = client.post(ANSWER, written(send="yes"), follow=True)
    assert response.redirect_chain == [("/desk/XAA/", 302)]
    assert f"{titled('I.13')} {SENT}" in response.content.decode()
    assert list(Revision.everyones.values_list("measures", "ready")) == [("A bill.", False)]
    assert Assignment.everyones.get().state == "ready"
    shown = page(client, carol, ANSWER)
    assert ("A bill." in shown, 'id="answer-form"' in shown) == (True, False)


def test_a_double_click_sends_once_and_what_was_typed_later_is_kept(client, carol, give):
    give("I.13")
    token = re.search(rf'name="{unsaved_input.FIELD}" value="([^"]+)"', page(client, carol, ANSWER))[1]
    for _click in range(2):
        assert SENT in client.post(ANSWER, written(send="yes"), follow=True).content.decode()
    later = client.post(ANSWER, written(send="yes", measures="Bill 7.", **{unsaved_input.FIELD: token}), follow=True)
    assert "was sent to the focal point before you saved. Nothing was saved" in later.content.decode()
    assert Revision.everyones.count() == 1
    client.post(f"{ANSWER}undo-sending/")
    assert "Bill 7." in page(client, carol, ANSWER)


def test_what_is_sent_is_combined_with_what_the_focal_point_saved(client, alice, carol, give, xaa, unit):
    give("I.13")
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("in_progress"), by=carol)
    save_for_xaa("I.13", "in_progress", base=1, lead_institution="Ministry", ready=True)
    client.force_login(carol)
    first, second = (client.post(ANSWER, written(base="1", send="yes"), follow=True) for _click in range(2))
    assert "Alice saved version 2 on" in first.content.decode()
    assert SENT in second.content.decode()
    newest = Revision.everyones.last()
    assert (newest.number, newest.measures, newest.lead_institution) == (3, "A bill.", "Ministry")
    assert (newest.ready, Assignment.everyones.get().state) == (False, "ready")


def test_a_double_click_on_a_choice_sends_once(client, alice, carol, give, xaa, unit):
    give("I.13")
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("in_progress"), by=carol)
    save_for_xaa("I.13", "in_progress", base=1, measures="A law.")
    client.force_login(carol)
    conflict = client.post(ANSWER, written(base="1", send="yes"))
    assert "This answer is ready" not in conflict.content.decode()
    for _click in range(2):
        sent = client.post(ANSWER, decide(conflict, measures="both", measures_text="A law and a bill."), follow=True)
        assert SENT in sent.content.decode()
    assert (Revision.everyones.count(), Revision.everyones.last().measures) == (3, "A law and a bill.")


def test_an_answer_without_a_word_or_evidence_is_refused_and_what_was_chosen_stays(carol, give):
    give("I.13")
    response = client_of(carol).post(ANSWER, written(send="yes", measures="", lead_institution="Ministry of Justice"))
    shown = response.content.decode()
    assert response.context["answer"].errors == {
        "measures": ["Describe the measures or add evidence before you send the answer to the focal point."]
    }
    assert 'value="Ministry of Justice"' in shown
    assert (Revision.everyones.exists(), Assignment.everyones.get().state) == (False, "assigned")


@pytest.mark.parametrize("wrong", [{"status": ""}, {"measures": "a\x00b"}, {"base": "7", "measures": "Other."}])
def test_an_answer_that_cannot_be_saved_is_not_sent(wrong, alice, carol, give, xaa, unit):
    give("I.13")
    if "base" in wrong:
        save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("implemented"), by=alice)
    response = client_of(carol).post(ANSWER, written(send="yes", **wrong))
    assert response.status_code == (409 if "base" in wrong else 200)
    assert Assignment.everyones.get().state == "assigned"


def test_sending_is_undone_by_its_sender_until_it_is_decided_on(client, alice, carol, give, xaa, unit):
    give("I.13")
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    undo = f"{ANSWER}undo-sending/"
    for shown in (page(client, carol, ANSWER), page(client, carol, "/desk/XAA/")):
        assert f'action="{undo}"' in shown
    response = client.post(undo, follow=True)
    assert response.redirect_chain == [(ANSWER, 302)]
    assert f"{titled('I.13')}: sending was undone. You can edit the answer again." in response.content.decode()
    assert 'id="answer-form"' in page(client, carol, ANSWER)
    assert (
        "The page changed after you opened it, so nothing was done." in client.post(undo, follow=True).content.decode()
    )
    assert "answer to check" not in page(client, alice, "/desk/XAA/")
    (sent,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    return_assignment(assignment=sent, reason="Which law?", by=alice)
    assert "nothing was done" in client_of(carol).post(undo, follow=True).content.decode()
    assert Assignment.everyones.get().state == "returned"


def test_a_suggestion_is_made_on_a_page_of_its_own_and_changes_no_answer(client, alice, carol, give, xaa, unit):
    give("I.13")
    save_for_xaa("I.13", measures="An act.", ready=True)
    suggest = f"{ANSWER}proposals/add/"
    assert f'href="{suggest}"' in page(client, carol, f"{ANSWER}proposals/")
    assert f'href="{suggest}"' not in page(client, alice, f"{ANSWER}proposals/")
    shown = page(client, carol, suggest)
    assert f'action="{suggest}?author_token=' in shown
    assert "Save and send" not in shown
    assert list(client.post(suggest, written(base="1", status="")).context["answer"].errors) == ["status"]
    response = client.post(suggest, written(base="1", send="yes"), follow=True)
    assert "your suggestion was sent to the focal point" in response.content.decode()
    assert list(Revision.everyones.values_list("number", "status")) == [(1, "implemented")]
    assert Assignment.everyones.get().state == "assigned"
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    assert client.get(suggest).status_code == 403


@pytest.mark.parametrize("to", ["", "note/"])
def test_input_from_a_page_before_sending_is_kept(to, client, alice, carol, give, xaa, unit):
    give("I.13")
    form = page(client, carol, "/desk/XAA/recommendations/I-13/")
    token = re.search(rf'name="{unsaved_input.FIELD}" value="([^"]+)"', form)[1]
    (ready,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    typed = {unsaved_input.FIELD: token, "status": "in_progress", "measures": "Bill 7.", "language": "en", "base": "0"}
    typed["note"] = "Ask the court."
    page_text = client.post(f"/desk/XAA/recommendations/I-13/{to}", typed, follow=True).content.decode()
    assert f"{titled('I.13')} was sent to the focal point before you saved. Nothing was saved; " in page_text
    assert Revision.everyones.get().measures == "A bill."
    return_assignment(assignment=ready, reason="Which bill?", by=alice)
    again = client.get("/desk/XAA/recommendations/I-13/").content.decode()
    assert ("Bill 7." in again, "Ask the court." in again) == (True, True)


def test_sent_answers_are_on_the_overview_and_the_answer_page(client, alice, carol, give, xaa, unit):
    (given,) = give("I.13")
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    assert "1 answer to check" in page(client, alice, "/desk/XAA/")
    beside = page(client, alice, reverse("record", args=["XAA", "I-13"]))
    assert "Accept" in beside
    assert "answer-form" in beside
    url = f"/desk/XAA/assignments/{given.pk}/return/"
    seen = {"assignment": stamp()}
    assert client.post(url, seen | {"reason": " "}).context["form"].errors == {"reason": ["Enter the reason."]}
    client.post(url, seen | {"reason": "Which law?"})
    assert Assignment.everyones.get().state == "returned"
    stale = client.post(url, seen | {"reason": "Which law?"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in stale.content.decode()
    stale = client.post("/desk/XAA/assignments/accept/", {"assignment": stamp()}, follow=True)
    assert "nothing was done" in stale.content.decode()
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    assert stamp() in page(client, alice, "/desk/XAA/assignments/")
    done = client.post("/desk/XAA/assignments/accept/", {"assignment": stamp()}, follow=True)
    assert "1 answer was accepted." in done.content.decode()


def stamp() -> str:
    """Of the one assignment, as a page that is opened now shows it."""
    return Assignment.everyones.get().stamp


@pytest.mark.parametrize("act", ["accept", "take-back", "return"])
def test_a_page_from_before_the_last_sending_changes_nothing(desk, act, alice, carol, give, xaa, unit):
    (given,) = give("I.13")
    (first,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    old = {"assignment": first.stamp, "reason": "Which law?"}
    return_assignment(assignment=first, reason="Which article?", by=alice)
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    url = f"/desk/XAA/assignments/{given.pk}/return/" if act == "return" else f"/desk/XAA/assignments/{act}/"
    page_text = " ".join(desk.post(url, old, follow=True).content.decode().split())
    why = "sent or returned again after you opened this page. Nothing was changed. Check the list and try again."
    assert f"{titled('I.13')}: {why}" in page_text
    assert ("Which law?" in page_text) is (act == "return")
    assert Assignment.everyones.get().state == "ready"


def test_what_is_ticked_by_nobody_of_ours_changes_nothing(desk, give):
    give("I.13")
    for selected in ([], ["x"], ["9" * 30], ["-1"], ["\x00"]):
        response = desk.post("/desk/XAA/assignments/take-back/", {"assignment": selected}, follow=True)
        assert messages_on(response) == [PAGE_CHANGED if selected else NOTHING_SELECTED]
    assert Assignment.everyones.get().state == "assigned"


def test_no_list_shows_more_than_a_page_of_what_is_assigned(client, alice, carol, justice, xaa):
    units = list(xaa.units_to_answer().with_text().order_by("position"))
    assign(respondent=xaa, units=units, to=justice, by=alice)
    assert page(client, carol, "/desk/XAA/").count('Open the answer<span class="hidden-words">: ') == 50
    assert "The 50 most urgent are shown. Open the list to see all 230." in page(client, carol, "/desk/XAA/")
    boxes = 'type="checkbox" name="assignment"'
    assert [page(client, alice, "/desk/XAA/assignments/", page=n).count(boxes) for n in (1, 2, 3)] == [100, 100, 30]
    Assignment.everyones.update(state="ready")
    ready = page(client, alice, "/desk/XAA/assignments/")
    assert (
        ready.count(boxes),
        "The first 100 of 230 are shown. More appear as you accept or return answers." in ready,
    ) == (100, True)


def test_progress_by_institution_counts_with_its_denominator(desk, alice, carol, give, xaa, unit):
    give("I.13", "I.14", "I.12(a)")
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("in_progress", measures="A bill."), by=carol)
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    (row,) = desk.get("/desk/XAA/assignments/").context["progress"]
    assert (str(row.assignee), row.assigned, row.counts) == ("Ministry of Justice", 3, [1, 1, 0, 0, 0])
    assert "1 of 3" in page(desk, alice, "/desk/XAA/assignments/")


def test_a_state_opens_all_to_all_and_takes_it_back(client, alice, carol, give, xaa):
    client.force_login(alice)
    client.post("/desk/XAA/institutions/opening/", {"opens": "all"})
    assert Respondent.objects.get(pk=xaa.pk).opens_all_to_contributors is True
    assert page(client, carol, "/desk/XAA/recommendations/I-13/")
    client_of(alice).post("/desk/XAA/institutions/opening/", {"opens": "assigned"})
    assert client_of(carol).get("/desk/XAA/recommendations/I-13/").status_code == 404


def test_pages_ask_the_database_as_often_at_three_items_as_at_many(
    client, alice, carol, xaa, give, justice, unit, django_assert_max_num_queries
):
    units = list(xaa.units_to_answer().order_by("position"))[: times(40, 230)]
    counts = []
    for given in ([*units[:2], unit("IV.46(i)")], units):
        assign(respondent=xaa, units=given, to=justice, by=alice, due_on=NEXT_WEEK)
        for person, url in (
            (alice, "/desk/XAA/assignments/"),
            (alice, ADD),
            (alice, "/desk/XAA/institutions/"),
            (alice, "/desk/XAA/"),
            (carol, "/desk/XAA/"),
            (carol, "/desk/XAA/recommendations/"),
            (carol, f"/desk/XAA/recommendations/{units[0].slug}/"),
        ):
            client.force_login(person)
            with django_assert_max_num_queries(15) as queries:
                client.get(url)
            counts.append(len(queries))
    assert counts[:7] == counts[7:]


# Checking what was sent


CHECK = "/desk/XAA/assignments/check/"


@pytest.fixture
def sent(xaa, alice, carol, give, unit):
    """Two answers of the Ministry of Justice, and one of a person: each sent."""
    dave = make_person("dave", Role.CONTRIBUTOR, xaa)
    give("I.13", "I.14")
    assign(respondent=xaa, units=[unit("II.8")], to=dave, by=alice)
    save_for_xaa("I.13", "in_progress", measures="A bill.", by=carol)
    save_answer(respondent=xaa, unit=unit("I.13"), base=1, answer=Answer("implemented", measures="An act."), by=carol)
    for label, person in (("I.13", carol), ("I.14", carol), ("II.8", dave)):
        send_answer(respondent=xaa, unit=unit(label), by=person)
    return dave


def test_each_sent_answer_is_read_with_its_differences_and_accepting_leads_to_the_next(client, alice, sent):
    shown = page(client, alice, CHECK)
    assert "Answer 1 of 3 to check" in shown
    assert "<del>" in shown or "<del " in shown
    assert [field.name for field in client.get(CHECK).context["fields"] if field.before != field.after] == [
        "status",
        "measures",
    ]
    for label, left in (("I.13", 2), ("I.14", 1), ("II.8", 0)):
        response = client.get(CHECK)
        item = response.context["item"]
        assert item.unit.label == label
        posted = {"assignment": item.stamp, f"seen-{item.unit.slug}": response.context["stamp"]}
        action = re.search(r'action="(/desk/XAA/assignments/accept/[^"]*)"', response.content.decode())[1]
        after = client.post(action.replace("&amp;", "&"), posted, follow=True)
        assert after.redirect_chain[0][0].startswith(CHECK)
        assert "1 answer was accepted." in after.content.decode()
        assert len(after.context["listed"]) == left
    shown = page(client, alice, CHECK)
    assert "No answers to check" in shown and "of 0" not in shown
    assert set(Record.everyones.values_list("current__ready", flat=True)) == {True}


def test_answers_are_checked_by_institution(desk, justice, sent):
    context = desk.get(CHECK, {"of": f"institution-{justice.pk}"}).context
    assert [item.unit.label for item in context["listed"]] == ["I.13", "I.14"]
    assert [(name, count) for (name, _key), count in context["assignees"]] == [("Dave", 1), ("Ministry of Justice", 2)]
    assert desk.get(CHECK, {"of": f"person-{sent.pk}"}).context["item"].unit.label == "II.8"
    second = desk.get(CHECK, {"at": context["listed"][1].pk}).context
    assert (second["item"].unit.label, second["number"], second["following"].unit.label) == ("I.14", 2, "II.8")
    for odd in ({"of": "nobody"}, {"at": "x"}, {"at": "9" * 30}):
        assert desk.get(CHECK, odd).status_code == 200


def test_the_page_to_check_answers_has_one_title(desk, sent):
    assert desk.get(CHECK).content.decode().count("<h1") == 1


def test_an_answer_that_is_newer_than_what_was_read_is_not_accepted(desk, alice, xaa, unit, sent):
    shown = desk.get(CHECK).context
    old = {"assignment": shown["item"].stamp, "seen-I-13": shown["stamp"]}
    save_answer(respondent=xaa, unit=unit("I.13"), base=2, answer=Answer("not_started"), by=alice)
    again = desk.post("/desk/XAA/assignments/accept/?at=", old, follow=True)
    assert "The page changed after you opened it, so nothing was done." in again.content.decode()
    assert Assignment.everyones.get(unit__label="I.13").state == "ready"


def test_an_answer_that_lost_its_reasons_cannot_be_marked_ready_and_is_named(desk, alice, ruth, carol, give, xaa, unit):
    give("I.13")
    save_for_xaa("I.13", "considered_not_taken_up", reasons="Jane Doe", measures="A bill.", by=carol)
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    remove_words("Jane Doe", xaa, alice, ruth)
    response = desk.post("/desk/XAA/assignments/accept/", {"assignment": stamp()}, follow=True)
    assert messages_on(response) == [f"{titled('I.13')}: Enter the reasons."]
    assert Assignment.everyones.get().state == "ready"


def test_the_list_shows_status_and_first_line_of_what_is_accepted(client, alice, sent):
    shown = page(client, alice, "/desk/XAA/assignments/")
    assert "An act." in shown
    response = client.get("/desk/XAA/assignments/")
    ready = response.context["ready"]
    data = {"assignment": [answer.item.stamp for answer, _stamp in ready]}
    data |= {f"seen-{answer.item.unit.slug}": stamp for answer, stamp in ready}
    done = client.post("/desk/XAA/assignments/accept/", data, follow=True)
    assert "3 answers were accepted." in done.content.decode()
    again = client.post("/desk/XAA/assignments/accept/", data, follow=True)  # a double click
    assert "The page changed after you opened it, so nothing was done." in again.content.decode()


def test_returning_leads_back_to_the_answers_to_check(desk, sent):
    item = desk.get(CHECK).context["item"]
    url = f"/desk/XAA/assignments/{item.pk}/return/?of=&at="
    response = desk.post(url, {"assignment": item.stamp, "reason": "Which act?"}, follow=True)
    assert response.redirect_chain[0][0].startswith(CHECK)
    assert [row.unit.label for row in response.context["listed"]] == ["I.14", "II.8"]


def test_the_list_of_recommendations_names_who_has_each(client, alice, carol, give, xaa, unit):
    assert "task-assigned" not in page(client, alice, "/desk/XAA/recommendations/")
    give("I.13")
    assign(respondent=xaa, units=[unit("I.13")], to=carol, by=alice)
    names = "<bdi>Ministry of Justice</bdi>, <bdi>Carol</bdi>"
    cells = re.findall(r'class="task-assigned">(.*?)</span> <span', page(client, alice, "/desk/XAA/recommendations/"))
    assert [cell for cell in cells if cell] == [f'<span class="narrow-words">Assigned to · </span>{names}']
    assert "task-assigned" not in page(client, carol, "/desk/XAA/recommendations/")


def test_a_suggestion_typed_before_the_answer_was_sent_is_kept(client, carol, give, xaa, unit):
    give("I.13")
    suggest = f"{ANSWER}proposals/add/"
    token = re.search(rf'name="{unsaved_input.FIELD}" value="([^"]+)"', page(client, carol, suggest))[1]
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    late = client.post(suggest, written(measures="Bill 7.", **{unsaved_input.FIELD: token}), follow=True)
    assert "was sent to the focal point before you saved." in late.content.decode()
    client.post(f"{ANSWER}undo-sending/")
    assert "Bill 7." in page(client, carol, ANSWER)


# Reminding


def test_a_reminder_is_edited_before_it_is_sent(
    client, alice, justice, give, mailoutbox, django_capture_on_commit_callbacks
):
    give("I.13", due_on=NEXT_WEEK)
    give("I.14")
    url = f"/desk/XAA/assignments/remind/institution-{justice.pk}/"
    assert f'href="{url}"' in page(client, alice, "/desk/XAA/assignments/")
    form = client.get(url).context["form"]
    assert f"{titled('I.13')}: due {day_in_words(NEXT_WEEK)}\n{titled('I.14')}" in form.initial["text"]
    refused = client.post(url, {"text": " ", "last": "0"})
    assert refused.context["form"].errors == {"text": ["Enter the text."]}
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(url, {"text": "By Friday, please.", "last": "0"}, follow=True)
    assert "A reminder was sent to: Carol." in response.content.decode()
    assert "Reminded on" in response.content.decode()
    assert "By Friday, please." in mailoutbox[0].body
    again = client.post(url, {"text": "By Friday, please.", "last": "0"}, follow=True)
    assert "nothing was done" in again.content.decode()
    assert len(mailoutbox) == 1
    missing = client.get("/desk/XAA/assignments/remind/institution-999/", follow=True)
    assert "nothing was done" in missing.content.decode()
