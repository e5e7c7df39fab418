"""The transcriber's pages know nothing of the State's record; the State sees who enters what, and ends it."""

import datetime
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.conftest import make_person, save_for_xaa, with_second_factor
from tests.labels import titled
from tests.pages import without_tokens, words_of_page
from tests.races import done_first
from tests.removals import remove_words
from tests.suggestions import accept, decline
from tests.thorough import times
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer
from tracker.actions.transcription import add_request, end_request, transcribe
from tracker.models import Event, Proposal, Revision, TranscriptionRequest
from tracker.models.event import Action
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("transcription_list"), reverse("transcription_add")
DESK = reverse("desk_transcriptions", args=["XAA"])
RECORDED = "chrysoprase"
ACT = Answer(status="implemented", measures="The Act of 2025.")
QUERIES = 15


@pytest.fixture
def request_(xaa, bob) -> TranscriptionRequest:
    return request_for(xaa, bob)


def request_for(respondent, officer) -> TranscriptionRequest:
    return add_request(
        respondent=respondent,
        reference="note verbale No. 12/2026",
        requested_on=datetime.date(2026, 3, 3),
        ends_on=timezone.localdate() + timedelta(days=30),
        by=officer,
    )


@pytest.fixture
def page_of(request_):
    """Of a unit, or of the request."""

    def page_of(slug="", name="transcription_unit") -> str:
        place = [request_.respondent.code, request_.pk]
        return reverse(name, args=[*place, slug]) if slug else reverse("transcription", args=place)

    return page_of


@pytest.fixture
def recorded(xaa, alice, unit):
    """The State has answered I.13 already."""
    return save_for_xaa("I.13", "in_progress", measures=RECORDED, lead_institution=RECORDED)


def test_an_officer_registers_requests_only_of_states_they_read(officer, xaa, xbb, bob, erin):
    add_restriction(user=bob, respondent=xbb, by=erin)
    typed = {"reference": "letter", "requested_on": "3 March 2026", "ends_on": timezone.localdate().isoformat()}
    refused = officer.post(ADD, typed | {"respondent": "XBB"})
    assert "Belmara" not in words_of_page(officer.get(ADD))
    assert "Choose from the list." in words_of_page(refused)
    assert 'value="letter"' in refused.content.decode()
    response = officer.post(ADD, typed | {"respondent": "XAA"}, follow=True)
    assert "The request was registered. The focal points of the State have been notified by e-mail." in words_of_page(
        response
    )
    assert TranscriptionRequest.everyones.get().reference == "letter"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ends_on": "1 January 2020"}, "Last day: The last day must be between today and one year from today."),
        ({"requested_on": "1 January 2100"}, "Date of the request: The date must be today or earlier."),
        ({"requested_on": "soon"}, "Enter the date as 30 June 2027."),
        ({"reference": ""}, "Enter the reference of the State’s written request."),
        ({"respondent": "x" * 300}, "Choose from the list."),
    ],
)
def test_every_error_is_shown_at_its_field(officer, xaa, wrong, message):
    typed = {"respondent": "XAA", "reference": "letter", "requested_on": "3 March 2026", "ends_on": "3 December 2026"}
    assert message in words_of_page(officer.post(ADD, typed | wrong))
    assert TranscriptionRequest.everyones.count() == 0


def test_an_officer_adds_changes_and_withdraws_a_waiting_suggestion(officer, page_of, recorded):
    typed = {"status": "implemented", "measures": "The Act of 2025.", "language": "fr", "received_from": "Ministry"}
    typed |= {"received_on": "4 March 2026"}
    assert f"{titled('I.13')}: your suggestion was sent to the focal point." in words_of_page(
        officer.post(page_of("I-13"), typed, follow=True)
    )
    proposal = Proposal.everyones.get()
    assert (proposal.base, proposal.origin, proposal.reference) == (0, "transcription", "note verbale No. 12/2026")
    form = officer.get(page_of("I-13"))
    assert "If you send it again, the new suggestion replaces it." in words_of_page(form)
    for value in ("The Act of 2025.", 'value="Ministry"', 'value="4 March 2026"', 'value="fr" selected'):
        assert value in form.content.decode()
    officer.post(page_of("I-13"), typed | {"measures": "The Act of 2026."})
    assert sorted(Proposal.everyones.values_list("state", flat=True)) == ["offered", "taken_back"]
    message = words_of_page(officer.post(page_of("I-13", "transcription_take_back"), follow=True))
    assert f"{titled('I.13')}: suggestion withdrawn." in message
    assert "The page changed after you opened it, so nothing was done." in words_of_page(
        officer.post(page_of("I-13", "transcription_take_back"), follow=True)
    )
    assert Revision.everyones.get() == recorded


def test_a_page_that_is_older_than_a_withdrawal_brings_no_words_back(officer, page_of, xaa, alice):
    typed = {"status": "implemented", "measures": "As for Jane Doe.", "language": "en"}
    officer.post(page_of("I-13"), typed)
    ann = make_person("ann", Role.FOCAL_POINT, xaa)
    old = typed | {"seen": Proposal.everyones.get().stamp}
    remove_words("Jane Doe", xaa, alice, ann)
    page = officer.post(page_of("I-13"), old)
    removed = "Text that identified a victim was removed after you opened this page."
    assert removed in words_of_page(page)
    assert "As for Jane Doe." in page.content.decode()
    assert [proposal.fields["measures"] for proposal in Proposal.everyones.all()] == [""]
    seen = re.search('name="seen" value="([^"]+)"', page.content.decode())[1]
    officer.post(page_of("I-13"), typed | {"measures": "As for one person.", "seen": seen})
    assert [proposal.fields["measures"] for proposal in Proposal.everyones.filter(state="offered")] == [
        "As for one person."
    ]


def test_a_fault_is_shown_and_the_input_stays(officer, page_of):
    response = officer.post(page_of("I-13"), {"status": "not_applicable", "measures": "Typed.", "language": "en"})
    assert "Choose why the recommendation does not apply." in words_of_page(response)
    assert "Typed." in response.content.decode()
    assert Proposal.everyones.count() == 0


def test_no_page_of_the_officer_depends_on_the_states_answers(officer, page_of, xaa, alice, unit):
    pages = [LIST, page_of(), page_of("I-13"), page_of("IV-46-i")]

    def read() -> list[str]:
        return [without_tokens(officer.get(page)) for page in pages]

    before = read()
    for label in ("I.13", "IV.46(i)"):
        save_for_xaa(label, "in_progress", measures=RECORDED, lead_institution=RECORDED)
    assert read() == before
    assert RECORDED not in "".join(before)


def test_the_units_are_listed_by_meeting_as_on_paper(officer, page_of, xaa):
    page = officer.get(page_of())
    headed = re.findall(r'<h2 id="meeting-(\w+)">', page.text)
    assert headed == re.findall(r'href="#meeting-(\w+)"', page.text) == ["1", "2", "4", "5", "6", "7", "8"]
    labels = re.findall(r'<a class="label"[^>]*><bdi>([^<]+)</bdi>', page.text)
    assert labels == [unit.full_label for unit in xaa.units_open().order_by("position")]


def test_a_unit_that_is_not_put_to_the_state_is_not_there(officer, page_of):
    assert officer.get(page_of("V-43")).status_code == 404
    assert officer.get(page_of("Nowhere")).status_code == 404


def test_an_officer_sees_the_decisions_on_their_suggestions(officer, page_of, request_, bob, alice, unit):
    accepted, declined = (
        transcribe(request=request_, unit=unit(label), answer=ACT, by=bob) for label in ("I.13", "I.14")
    )
    accept(accepted, by=alice)
    decline(declined, reason="Repealed.", by=alice)
    assert "Waiting: 0 · Accepted: 1 · Declined: 1" in words_of_page(officer.get(LIST))
    assert "The State accepted your suggestion." in words_of_page(officer.get(page_of("I-13")))
    assert "The State declined your suggestion: Repealed." in words_of_page(officer.get(page_of("I-14")))


def test_the_page_is_a_tab_of_the_team_once_there_is_a_request(desk, xaa, bob):
    tab = f'<li><a href="{DESK}"'
    assert tab not in desk.get("/desk/XAA/assignments/").text
    request_for(xaa, bob)
    assert tab in desk.get("/desk/XAA/assignments/").text


def test_once_the_state_ended_it_nothing_is_there_any_more(desk, officer, page_of, bob, request_, unit):
    transcribe(request=request_, unit=unit("I.13"), answer=ACT, by=bob)
    said = words_of_page(desk.get(DESK))
    assert "note verbale No. 12/2026 Dated 3 March 2026, valid until" in said
    assert "Suggestions waiting for a focal point I.13" in said
    end = reverse("desk_transcription_end", args=["XAA", request_.pk])
    assert "The Secretariat can enter no further answers under it." in words_of_page(desk.post(end, follow=True))
    assert "The page changed after you opened it, so nothing was done." in words_of_page(desk.post(end, follow=True))
    pages = (page_of(), page_of("I-13"))
    assert [officer.get(page).status_code for page in pages] == [404, 404]
    assert "No open requests" in words_of_page(officer.get(LIST))
    assert Proposal.everyones.get().state == "offered"


def test_text_typed_before_the_end_is_shown_with_the_reason(officer, page_of, request_, alice, bob, erin, unit):
    transcribe(request=request_, unit=unit("I.13"), answer=ACT, by=bob)
    officer.get(page_of("I-13"))
    end_request(pk=request_.pk, by=alice)
    page = officer.post(page_of("I-13"), {"status": "implemented", "language": "en", "measures": RECORDED})
    assert page.status_code == 409
    assert page.context["form"].non_field_errors() == [
        "The request has ended, so nothing was sent. Copy your text: it is not saved."
    ]
    assert page.context["form"]["measures"].value() == RECORDED
    assert ACT.measures not in page.text
    assert "Send to the focal point" not in page.text
    assert page_of() not in page.text.replace(page_of("I-13"), "")
    add_restriction(user=bob, respondent=request_.respondent, by=erin)
    assert officer.post(page_of("I-13"), {"measures": RECORDED}).status_code == 404


def test_an_officer_ends_their_own_request(officer, page_of, request_):
    end = reverse("transcription_end", args=["XAA", request_.pk])
    for _time in range(2):
        assert (
            "The request has ended. Waiting suggestions stay with the State, and you can no longer see them."
            in words_of_page(officer.post(end, follow=True))
        )
    assert Event.everyones.filter(action=Action.TRANSCRIPTION_ENDED).count() == 1


def test_two_clicks_at_the_same_moment_end_it_once(officer, page_of, request_, bob):
    with done_first(lambda: end_request(pk=request_.pk, by=bob)):
        page = officer.post(reverse("transcription_end", args=["XAA", request_.pk]), follow=True)
    assert "The request has ended." in words_of_page(page)
    assert Event.everyones.filter(action=Action.TRANSCRIPTION_ENDED).count() == 1


def test_another_reviewer_finds_none_of_it(client, page_of, request_, bob, unit):
    transcribe(request=request_, unit=unit("I.13"), answer=ACT, by=bob)
    client.force_login(with_second_factor(make_person("rita", Role.REVIEWER)))
    assert [client.get(page).status_code for page in (page_of(), page_of("I-13"))] == [404, 404]


def test_the_focal_point_takes_it_on_the_page_of_proposals(desk, request_, bob, recorded, unit):
    proposal = transcribe(request=request_, unit=unit("I.13"), answer=ACT, by=bob)
    page = reverse("proposal_list", args=["XAA", "I-13"])
    said = words_of_page(desk.get(page))
    assert "Bob, Secretariat" in said
    assert "Entered by the Secretariat · Bob · " in said
    assert "At the State’s written request: note verbale No. 12/2026" in said
    assert "The author has not seen the State’s answer, which is now version 1." in said
    take = {"base": 1, "proposal": proposal.stamp}
    desk.post(reverse("proposal_take", args=["XAA", "I-13", proposal.pk]), take)
    history = words_of_page(desk.get(reverse("record_history", args=["XAA", "I-13"])))
    assert "Entered by the Secretariat at the written request of the State: note verbale No. 12/2026" in history


@pytest.mark.parametrize("count", [2, times(10, 60)])
def test_queries(count, officer, desk, page_of, request_, xaa, bob, unit, django_assert_max_num_queries):
    for one in xaa.units_to_answer().order_by("position")[:count]:
        transcribe(request=request_, unit=one, answer=ACT, by=bob)
    for page in (LIST, ADD, page_of(), page_of("I-13"), page_of("IV-46-i")):
        with django_assert_max_num_queries(QUERIES):
            assert officer.get(page).status_code == 200
    with django_assert_max_num_queries(QUERIES):
        assert desk.get(DESK).status_code == 200
