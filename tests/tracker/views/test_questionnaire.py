"""A completed questionnaire is uploaded, and what it suggests is decided on."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from recommendations.models import slug_of
from tests.conftest import make_person
from tests.documents import PDF, upload
from tests.labels import titled
from tests.pages import client_of
from tests.questionnaires import filled, made
from tests.submissions import save_many
from tests.thorough import times
from tracker.actions.assignment import assign, end_assignments
from tracker.actions.record import Answer
from tracker.documents.exchange.questionnaire import Letter
from tracker.models import Assignment, Proposal, Revision
from tracker.models.user import Role
from tracker.views import questionnaire

pytestmark = pytest.mark.django_db


@pytest.fixture
def get(client, alice):
    client.force_login(alice)
    return lambda name, query="": client.get(reverse(name, args=["XAA"]) + query)


def test_who_reads_and_does_not_write_is_not_offered_it(client, xaa):
    client.force_login(make_person("vera", Role.VIEWER, xaa))
    for name in ("record_list", "record"):
        args = ["XAA"] if name == "record_list" else ["XAA", "I-13"]
        assert "returned" not in client.get(reverse(name, args=args)).content.decode()


# What comes back

RETURN, ANSWERS = "returned_file", "questionnaire_answers"
TYPED = {"received_from": "Ministry of Justice", "received_on": "3 November 2026", "language": "en"}


@pytest.fixture
def send(client, alice, get):
    """Post this file with what is typed beside it."""

    def send(file: bytes | None, **typed):
        files = {"upload": upload("sent.docx", file)} if file else {}
        return client.post(reverse(RETURN, args=["XAA"]), TYPED | files | typed)

    return send


@pytest.fixture
def file(xaa, alice):
    """Of two units, of which both are said to be implemented."""
    return filled(
        made(xaa, alice, "I.13", "II.49"), {"I-13/status/implemented": True, "II-49/status/implemented": True}
    )


@pytest.fixture
def post(client, get):
    return lambda **data: client.post(reverse(ANSWERS, args=["XAA"]), data)


def stamps(page) -> list[str]:
    return [row.stamp for row in page.context["rows"]]


def said(page) -> str:
    return " ".join(unescape(strip_tags(page.content.decode())).split())


def test_new_suggestions_are_on_a_page_and_accepted_there(send, file, get, post):
    response = send(file)
    assert response["Location"] == reverse(ANSWERS, args=["XAA"])
    page = get(ANSWERS)
    assert "2 suggestions are waiting for a decision." in said(page)
    assert "Received from: Ministry of Justice, 3 November 2026" in said(page)
    assert page.context["chosen"] == set(stamps(page))
    assert post(chosen=stamps(page), take="")["Location"] == reverse(ANSWERS, args=["XAA"])
    assert "2 suggestions accepted, each saved as a new version." in said(get(ANSWERS))
    assert {revision.received_from for revision in Revision.everyones.all()} == {"Ministry of Justice"}
    assert Revision.everyones.count() == 2


def test_nothing_is_taken_that_is_not_ticked(send, file, get, post):
    send(file)
    assert "Nothing was selected. Select at least one box" in said(post(take=""))
    post(chosen=stamps(get(ANSWERS))[:1], take="")
    assert Revision.everyones.count() == 1
    assert len(stamps(get(ANSWERS))) == 1


def test_an_answer_changed_after_opening_stops_all_and_is_named(send, file, get, post, say):
    send(file)
    chosen = stamps(get(ANSWERS))
    say("I.13", measures="A law.")
    response = post(chosen=chosen, take="")
    assert response.status_code == 409
    assert Revision.everyones.count() == 1
    assert "Alice has since saved version 1." in said(response)


def test_where_several_wait_for_one_recommendation_none_has_a_box(send, file, get, post, carol):
    send(file)
    send(file, received_from="Ministry of Labour")
    page = get(ANSWERS)
    assert [row.proposal.unit.label for row in page.context["rows"]] == ["I.13", "I.13", "II.49", "II.49"]
    assert (page.context["chosen"], 'type="checkbox" name="chosen"' in page.text) == (set(), False)
    note = "More than one institution or person changed this answer."
    assert (said(page).count(note), "Accept selected</button>" in page.text) == (2, False)
    both = [re.findall(r"Received from: <bdi>([^<]+)", beside) for beside in page.text.split('<div class="sides">')[1:]]
    assert both == [["Ministry of Justice", "Ministry of Labour"]] * 2, "each recommendation once"
    response = post(chosen=stamps(page), take="")
    assert "Compare the suggestions, and decide one by one: I.13, II.49." in said(response)
    assert Revision.everyones.count() == 0
    assert note not in said(client_of(carol).get(reverse(ANSWERS, args=["XAA"])))


def test_a_file_is_known_by_the_institution_for_which_it_was_made(send, get, post, xaa, alice, justice, unit):
    [item] = assign(respondent=xaa, units=[unit("I.13")], to=justice, by=alice)
    letter = Letter(institution=justice, assignments={item.unit_id: item})
    content = filled(made(xaa, alice, "I.13", letter=letter), {"I-13/status/implemented": True})
    assert send(content, received_from="").status_code == 302
    assert [row.proposal.received_from for row in get(ANSWERS).context["rows"]] == ["Ministry of Justice"]
    assert "1 answer came back in a file" in said(get("respondent_desk"))
    assert "1 answer came back in a file" in said(get("assignment_list"))
    for status in (302, 409):  # a double click
        assert post(chosen=stamps(get(ANSWERS)) or ["1.0.0.0"], take="").status_code == status
    assert list(Assignment.everyones.values_list("state", flat=True)) == ["accepted"]
    assert [(revision.ready, revision.number) for revision in Revision.everyones.all()] == [(True, 1)]


def test_what_came_back_unchanged_is_accepted_on_the_list(client, send, get, say, xaa, alice, justice, unit):
    say("I.13", measures="A law.")
    [item] = assign(respondent=xaa, units=[unit("I.13")], to=justice, by=alice)
    letter = Letter(institution=justice, assignments={item.unit_id: item})
    send(made(xaa, alice, "I.13", letter=letter), received_from="")
    page = get("assignment_list")
    assert "1 recommendation came back unchanged. If it was assigned, it stays assigned." in said(page)
    assert "Came back unchanged on 3 November 2026" in said(page)
    [shown] = page.context["page"]
    client.post(reverse("assignment_accept", args=["XAA"]), {"assignment": shown.stamp})
    assert (Assignment.everyones.get().state, Revision.everyones.last().ready) == ("accepted", True)


def test_an_ended_assignment_is_named_after_the_upload(send, get, xaa, alice, justice, unit, file):
    end_assignments(
        respondent=xaa,
        assignments=assign(respondent=xaa, units=[unit("I.13"), unit("II.49")], to=justice, by=alice),
        by=alice,
    )
    send(file)
    page = said(get(ANSWERS))
    names = f"{titled('I.13')}, {titled('II.49')}"
    assert f"Read, although not assigned to this institution any more: {names}." in page
    assert page.count("No longer assigned to this institution: accepting does not mark the answer ready.") == 2


def test_they_are_declined_with_one_reason(send, file, get, post):
    send(file)
    response = post(chosen=stamps(get(ANSWERS)), decline="", decline_reason="")
    assert response.context["form"].errors == {"decline_reason": ["Enter the reason."]}
    post(chosen=stamps(get(ANSWERS)), decline="", decline_reason="Of last year.")
    assert {proposal.decline_reason for proposal in Proposal.everyones.all()} == {"Of last year."}


def test_another_file_is_refused_with_the_reason_and_what_was_typed_stays(send, xbb, charlie):
    for content, reason in (
        (PDF, "but the content is of another type. Choose the correct file."),
        (made(xbb, charlie, "I.13"), "made for another State"),
        (None, "Choose a file."),
    ):
        response = send(content, received_from="The Court")
        [problem] = response.context["form"].errors["upload"]
        assert reason in problem
        assert 'value="The Court"' in response.content.decode()
    assert Proposal.everyones.count() == 0


def test_who_sent_it_and_when_is_asked(send, file):
    for typed, field, message in (
        ({"received_from": ""}, "received_from", "Enter the institution that sent the information."),
        ({"received_on": ""}, "received_on", "Enter the date as 30 June 2027."),
        ({"received_on": "1 January 2100"}, "received_on", "The date must be today or earlier."),
    ):
        errors = send(file, **typed).context["form"].errors
        assert errors == {field: [message], "upload": ["Choose the file “sent.docx” again: it was not saved."]}
    assert Proposal.everyones.count() == 0


def test_a_box_that_cannot_be_read_is_named_with_what_was_typed(send, file):
    response = send(filled(file, {"I-13/target_date": "summer 2027"}))
    assert f"{titled('I.13')} Target date Enter the date as 30 June 2027. summer 2027" in said(response)
    assert "See the suggestions" in said(response)


def test_without_suggestions_the_page_mentions_none_waiting(send, xaa, alice):
    page = said(send(filled(made(xaa, alice, "I.13"), {"I-13/target_date": "summer 2027"})))
    assert "1 box cannot be read" in page
    assert "waiting for a decision" not in page
    assert "See the suggestions" not in page


def test_a_contributor_reads_what_waits_and_is_not_offered_to_take_it(client, xaa, send, file, get):
    send(file)
    client.force_login(make_person("carol", Role.CONTRIBUTOR, xaa))
    page = client.get(reverse(ANSWERS, args=["XAA"]))
    assert len(stamps(page)) == 2
    assert "Take those" not in said(page)
    assert client.post(reverse(ANSWERS, args=["XAA"]), {"chosen": stamps(page), "take": ""}).status_code == 403


def test_what_waits_asks_the_database_as_often_on_a_page_as_on_two(
    xaa, alice, say, send, get, monkeypatch, django_assert_max_num_queries
):
    page = times(20, questionnaire.ON_A_PAGE)
    monkeypatch.setattr(questionnaire, "ON_A_PAGE", page)
    labels = list(xaa.units_to_answer().order_by("position").values_list("label", flat=True))
    for label in labels[:10]:
        say(label, measures="A law.")
    others = xaa.units_to_answer().with_text().filter(label__in=labels[10 : page + 1])
    for some in (labels[:10], labels[: page + 1]):
        if some[10:]:
            save_many(xaa, dict.fromkeys(others, Answer(status="implemented", measures="A law.")), alice)
        file = made(xaa, alice, *some)
        send(filled(file, {f"{slug_of(label)}/difficulties": "Few." for label in some}))
        with django_assert_max_num_queries(15):
            assert len(stamps(get(ANSWERS))) == min(len(some), page)
    second = get(ANSWERS, "?page=2")
    assert (len(stamps(second)), "Page 2 of 2" in said(second)) == (1, True)
