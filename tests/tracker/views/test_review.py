"""The reviewers' pages: what came in, and the reading of a submission item by item."""

import datetime
import io
import re
from functools import partial
from urllib.parse import quote

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.files import File
from django.urls import reverse
from django.utils import timezone

from recommendations.days import day_in_words
from tests.conftest import PASSWORD, TOTP_KEY, find_person, find_state, make_person, save_for_xaa, with_second_factor
from tests.evidence_items import add_item
from tests.pages import client_of, hidden_input, text_area, words
from tests.submissions import asked_about, item_of, reply_to, submit_ready
from tests.thorough import times
from tests.verification import find_errors
from tracker.actions.draft import Tab, save_draft
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer, save_note
from tracker.actions.remark import close_reading, note_items, save_remark, send_clarifications, start_reading
from tracker.actions.submission import withdraw_from_round
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.models import (
    Draft,
    Event,
    EvidenceVersion,
    Membership,
    Participation,
    ReadingRestriction,
    Remark,
    Respondent,
    Submission,
)
from tracker.models.record import ReceivedDetails
from tracker.models.remark import RemarkKind
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
QUESTION = RemarkKind.CLARIFICATION
QUEUE = "/review/"


def url(name="review", number=1, round_code="2026", **more) -> str:
    return reverse(name, kwargs={"code": "XAA", "round_code": round_code, "number": number} | more)


def totp_code() -> str:
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(TOTP_KEY, counters[len(counters) // 2]))


def labels(rows) -> list[str]:
    return [row.item.unit.label for row in rows]


def items(response) -> list[str]:
    """The labels of what is listed."""
    return [label for section in response.context["sections"] for label in labels(section.rows)]


def law(title, disclosure="secretariat", text=""):
    upload = check_upload(File(io.BytesIO(text.encode()), name=f"{title}.txt")) if text else None
    citation = "" if text else f"Gazette of {title}"
    return add_item(
        find_state("XAA"), find_person("alice"), title, citation=citation, disclosure=disclosure, upload=upload
    )


answer = partial(save_for_xaa, measures="The Act of 2016.", ready=True)


@pytest.fixture(scope="module", autouse=True)
def submitted(round_for_the_module):
    """I.13 and IV.46(c) of one theme, IV.46(d) of another or the same, with evidence on IV.46(c)."""
    answer("IV.46(c)", citations=[(law("Shown Act"), "art. 9"), (law("Secret Act", "state"), "p. 1")])
    answer("IV.46(d)")
    answer("I.13", status="in_progress")
    submit_ready(find_state("XAA"), round_for_the_module, find_person("alice"))


@pytest.fixture
def ben(db):
    return with_second_factor(make_person("ben", Role.REVIEWER))


@pytest.fixture
def taken(first, bob) -> Submission:
    start_reading(submission=first, by=bob)
    return first


def remark(client, slug, show="changed", **typed):
    return client.post(url("review_remark", slug=slug), {"show": show, **typed})


# The queue


def test_the_queue_says_what_came_in_from_whom_when_and_how_long_it_waits(officer, first, bob):
    said = words(officer.get(QUEUE))
    assert "1 submission" in said
    assert f"Arandia XAA/2026/1 {timezone.localdate().strftime('%-d %B %Y')}" in said
    assert "today · 3 of 74 answered English Submitted No Secretariat officer Start reading" in said
    officer.post(url("review_take"))
    assert "Being read Bob Return to the queue" in words(officer.get(QUEUE))


def test_a_restricted_officer_finds_nothing_of_that_state(officer, first, xaa, bob, erin):
    add_restriction(user=bob, respondent=xaa, by=erin)
    response = officer.get(QUEUE)
    assert "No submissions" in words(response)
    assert "Arandia" not in response.content.decode()


def test_the_queue_has_one_line_for_a_state_and_none_once_it_withdrew(officer, first, bob, alice, xaa, round_):
    asked_about(first, {"I.13": "Which article?"}, bob)
    answer("I.13", measures="Article 9.", base=1)
    second = submit_ready(xaa, round_, alice)
    assert [row.submission for row in officer.get(QUEUE).context["rows"]] == [second]
    withdraw_from_round(submission=second, reason="Wrong article.", by=alice)
    assert [row.submission for row in officer.get(QUEUE).context["rows"]] == []


@pytest.mark.parametrize("states", [2, times(5, 12)])
def test_queries_of_the_queue(states, officer, first, round_, unit, ben, bob, django_assert_max_num_queries):
    for number in range(states):
        state = Respondent.objects.create(
            code=f"XY{chr(65 + number)}", name=f"State {number}", kind="state", treaty_status="party"
        )
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        said = Answer(status="implemented", measures="A law.", ready=True)
        save_answer(respondent=state, unit=unit("I.13"), base=0, answer=said, by=person)
        start_reading(submission=submit_ready(state, round_, person), by=(ben, bob)[number % 2])
    with django_assert_max_num_queries(QUERIES):
        assert len(officer.get(QUEUE).context["rows"]) == 1 + states


# Taking and giving back


def test_one_holds_it_and_others_look_and_do_not_write(officer, taken, ben):
    other = client_of(ben)
    said = words(other.get(url()))
    assert "Bob has been reading this submission since" in said
    assert "Save, next" not in said
    assert "The page changed after you opened it, so nothing was done." in words(
        other.post(url("review_take"), follow=True)
    )
    refused = remark(other, "I-13", kind="clarification_requested", question="Mine?")
    assert refused.status_code == 403
    assert "The page changed after you opened it, so nothing was done." in words(refused)
    assert "Mine?" in words(refused)
    for name in ("review_release", "review_send", "review_close"):
        assert other.post(url(name)).status_code == 403
    assert other.post(url("review_note_rest", theme_slug="compensation")).status_code == 403
    assert Remark.everyones.count() == 0
    assert Participation.everyones.get().taken_by.name == "Bob"


def test_it_is_given_back_and_twice_says_so(officer, taken):
    assert officer.post(url("review_release")).url == QUEUE
    assert "The page changed after you opened it, so nothing was done." in words(
        officer.post(url("review_release"), follow=True)
    )
    assert Participation.everyones.get().state == "submitted"


def test_a_reading_with_clarifications_explains_why_it_is_not_released(officer, first, alice, bob):
    asked = asked_about(first, {"I.13": "Which article?"}, bob)
    reply_to(asked["I.13"], "Article 9.", alice)
    text = words(officer.post(url("review_release", number=2), follow=True))
    assert "There is a request for clarification, so the submission cannot return to the queue." in text
    assert "The page changed after you opened it" not in text


@pytest.mark.parametrize("how", ["role ended", "restricted"])
def test_a_reading_is_taken_over_from_who_may_no_longer_read(how, officer, first, xaa, bob, ben):
    asked_about(first, {"I.13": "Which article?"}, ben)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    match how:
        case "role ended":
            Membership.objects.filter(user=ben).update(since=yesterday, until=yesterday)
        case "restricted":
            ReadingRestriction.objects.create(user=ben, respondent=xaa, set_by=bob)
    assert "May no longer read for this State Take over" in words(officer.get(QUEUE))
    assert "Ben may no longer read for this State." in words(officer.get(url()))
    officer.post(url("review_take"))
    assert "Close the reading" in words(officer.get(url()))


# Reading


def test_without_a_reading_before_all_that_is_answered_is_to_be_read(officer, first):
    response = officer.get(url())
    assert sorted(items(response)) == ["I.13", "IV.46(c)", "IV.46(d)"]
    assert "0 of 3 read" in words(response)
    assert "3 of 74 recommendations have an answer to read. No earlier reading for this State is closed." in words(
        response
    )
    assert len(items(officer.get(url(), {"show": "all"}))) == 74


def test_an_item_is_shown_with_its_text_answer_and_evidence(officer, first):
    said = words(officer.get(url(), {"item": "IV-46-c"}))
    for each in (
        "IV.46(c)",
        item_of(first, "IV.46(c)").wording.text,
        "The Act of 2016.",
        "Implemented",
        "Shown Act",
        "art. 9",
        "Gazette of Shown Act",
        "1 evidence item kept by the State",
    ):
        assert " ".join(each.split()) in said
    assert "Secret Act" not in said


def test_the_institution_that_sent_an_answer_is_shown(officer, first, xaa, alice, round_, unit):
    said = Answer(status="implemented", measures="A law.", ready=True)
    received = ReceivedDetails("Ministry of Justice", datetime.date(2026, 3, 3))
    save_answer(respondent=xaa, unit=unit("I.13"), base=1, answer=said, by=alice, received=received)
    submit_ready(xaa, round_, alice)
    message = "Received from: Ministry of Justice , 3 March 2026"
    assert message in words(officer.get(url(number=2), {"item": "I-13"}))
    sections = officer.get(url("submission_items", number=2)).context["sections"]
    section = next(one.slug for one in sections for item in one.items if item.unit.label == "I.13")
    assert message in words(officer.get(url("submission_items", number=2), {"section": section}))


def test_what_is_answered_once_for_several_items_shows_them(officer, first, xaa, alice, round_):
    answer("IV.46(i)", items_met=["IV.46(i)(ii)"])
    submit_ready(xaa, round_, alice)
    said = words(officer.get(url(number=2), {"item": "IV-46-i"}))
    assert "(i) Provisions" in said
    assert "allowing victims to sue offenders" in said


@pytest.fixture
def closed(taken, bob) -> Submission:
    close_reading(submission=taken, by=bob)
    return taken


def test_changes_since_the_last_closed_reading_are_shown_by_word(officer, closed, xaa, alice, round_, unit):
    answer("I.13", measures="The Act of 2026.", base=1, status="partially_implemented")
    answer("IV.46(f)", measures="New.")
    submit_ready(xaa, round_, alice)
    response = officer.get(url(number=2), {"item": "I-13"})
    assert sorted(items(response)) == ["I.13", "IV.46(f)"]
    html = response.content.decode()
    assert re.search(r"<del>.*2016.*</del>", html)
    assert re.search(r"<ins>.*2026.*</ins>", html)
    assert "Partially implemented Status in XAA/2026/1 In progress" in words(response)
    assert "2 answers differ from XAA/2026/1. 1 answer is new. 2 answers are unchanged." in words(response)


def test_what_was_read_and_not_closed_is_not_compared_with(officer, taken, xaa, alice, bob, round_):
    officer.post(url("review_release"))
    answer("I.13", measures="The Act of 2026.", base=1)
    submit_ready(xaa, round_, alice)
    assert sorted(items(officer.get(url(number=2)))) == ["I.13", "IV.46(c)", "IV.46(d)"]


def test_evidence_that_is_withheld_from_now_on_is_to_be_read(officer, closed, xaa, alice, round_):
    piece = EvidenceVersion.everyones.get(title="Shown Act")
    details = EvidenceDetails(
        title="Shown Act", kind="law", language="en", citation="Gazette of Shown Act", disclosure="state"
    )
    change_evidence(evidence=piece.evidence, base=piece.base, details=details, by=alice)
    submit_ready(xaa, round_, alice)
    assert items(officer.get(url(number=2))) == ["IV.46(c)"]
    assert "2 evidence items kept by the State" in words(officer.get(url(number=2)))
    assert "Shown Act" in words(officer.get(url(), {"item": "IV-46-c"}))


def test_a_new_submission_shows_clarifications_and_replies_together(officer, first, xaa, alice, bob, round_):
    remarks = asked_about(first, {"I.13": "Which article?", "IV.46(c)": "Since when?", "IV.46(d)": "By whom?"}, bob)
    answer("I.13", measures="Article 9 of the Act of 2016.", base=1, status="in_progress")
    submit_ready(xaa, round_, alice)
    reply_to(remarks["IV.46(c)"], "Since 2017.", alice)
    response = officer.get(url(number=3), {"show": "asked", "item": "I-13"})
    assert sorted(items(response)) == ["I.13", "IV.46(c)", "IV.46(d)"]
    assert words(response).count("Clarification requested · Reply") == 1
    said = words(response)
    assert "Which article?" in said
    assert "New version of the answer" in said
    assert re.search(r"<ins>.*Article.*</ins>", response.content.decode())
    said = words(officer.get(url(number=3), {"show": "asked", "item": "IV-46-c"}))
    assert "Since when?" in said
    assert "Reply" in said
    assert "Since 2017." in said
    assert "No reply" in words(officer.get(url(number=2), {"show": "asked", "item": "IV-46-d"}))


def test_what_was_noted_and_did_not_change_is_not_to_be_read_again(officer, taken, xaa, alice, bob, round_):
    note_items(submission=taken, items=[item_of(taken, "IV.46(c)"), item_of(taken, "IV.46(d)")], by=bob)
    save_remark(item=item_of(taken, "I.13"), kind=QUESTION, question="Which article?", by=bob)
    send_clarifications(submission=taken, by=bob)
    answer("I.13", measures="Article 9.", base=1)
    submit_ready(xaa, round_, alice)
    assert "2 of 3 read" in words(officer.get(url(number=2)))


def test_a_superseded_one_leads_to_where_the_reading_goes_on(officer, first, xaa, alice, bob, round_):
    asked_about(first, {"I.13": "Which article?"}, bob)
    answer("I.13", measures="Article 9.", base=1)
    second = submit_ready(xaa, round_, alice)
    said = words(officer.get(url()))
    assert "The reading continues in XAA/2026/2." in said
    assert ("Close the reading" in said, "You can view it" in said) == (False, False)
    assert "Close the reading" in words(officer.get(url(number=2)))
    officer.post(url("review_close"))
    assert Participation.everyones.get().state == "under_review"
    officer.post(url("review_close", number=2))
    assert (Participation.everyones.get().state, second.number) == ("review_closed", 2)


def test_an_item_that_is_none_is_the_first_to_be_read(officer, first):
    for odd in ({"item": "no-such"}, {"item": "a\0b"}, {"show": "x"}, {"show": "asked"}):
        assert officer.get(url(), odd).status_code == 200


@pytest.mark.parametrize("answered", [3, times(12, 60)])
def test_queries_of_a_reading(answered, officer, closed, xaa, alice, bob, round_, django_assert_max_num_queries):
    for label in {"I.13", *(unit.label for unit in xaa.units_to_answer()[:answered])}:
        answer(label, measures="Much more.", base=1 if label in {"IV.46(c)", "IV.46(d)", "I.13"} else 0)
    second = submit_ready(xaa, round_, alice)
    label = xaa.units_to_answer()[0].label
    remarks = asked_about(second, {label: "Which article?"}, bob)
    third = reply_to(remarks[label], "Article 9.", alice)
    for slug in (item_of(third, label).unit.slug, "I-13"):  # asked about, and changed since the closed reading
        for show in ("changed", "asked", "all"):
            with django_assert_max_num_queries(QUERIES):
                assert officer.get(url(number=3), {"show": show, "item": slug}).status_code == 200


# Remarks


def test_a_remark_is_saved_and_the_next_item_follows(officer, taken):
    listed = items(officer.get(url()))
    slugs = {label: item_of(taken, label).unit.slug for label in listed}
    response = remark(officer, slugs[listed[0]], kind="noted")
    assert response.url == f"{url()}?show=changed&item={slugs[listed[1]]}"
    response = officer.get(response.url)
    assert "1 of 3 read" in words(response)
    assert response.context["row"].item.unit.label == listed[1]
    asking = {"kind": "clarification_requested", "question": " Which article? "}
    remark(officer, slugs[listed[1]], **asking)
    assert dict(Remark.everyones.values_list("item__unit__label", "question")) == {
        listed[0]: "",
        listed[1]: "Which article?",
    }
    assert "1 request for clarification has not been sent." in words(officer.get(url()))


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({}, "kind", "Choose a remark."),
        ({"kind": "verified"}, "kind", "Choose from the list."),
        ({"kind": "clarification_requested", "question": " "}, "question", "Enter the request for clarification."),
        ({"kind": "clarification_requested", "question": "a\x07b"}, "question", "invisible character"),
        ({"kind": "clarification_requested", "question": "x" * 20_001}, "question", "20000"),
    ],
)
def test_an_error_is_at_the_field_and_the_input_stays(typed, field, said, officer, taken):
    response = remark(officer, "I-13", **typed)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert said in words(response)
    assert response.context["form"]["question"].value() == typed.get("question")
    assert response.context["row"].item.unit.label == "I.13"
    assert Remark.everyones.count() == 0


def test_words_that_came_too_late_are_shown_and_not_lost(officer, taken, bob):
    save_remark(item=item_of(taken, "I.13"), kind=QUESTION, question="Which article?", by=bob)
    send_clarifications(submission=taken, by=bob)
    response = remark(officer, "I-13", kind="clarification_requested", question="Which article, and which law?")
    assert response.status_code == 409
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert "Which article, and which law?" in words(response)
    assert Remark.everyones.get().question == "Which article?"


@pytest.mark.parametrize("typed", [{"kind": "noted"}, {"kind": QUESTION, "question": "Which law?"}], ids=str)
def test_a_stale_page_drops_no_request_that_another_page_wrote(typed, officer, taken):
    assert remark(officer, "I-13", kind=QUESTION, question="Which article?").status_code == 302
    response = remark(officer, "I-13", **typed)
    assert response.status_code == 409
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert typed.get("question", "") in words(response)
    assert text_area(response, "question") == "Which article?"
    assert Remark.everyones.get().question == "Which article?"
    assert remark(officer, "I-13", base=hidden_input(response, "base"), **typed).status_code == 302
    assert Remark.everyones.get().question == typed.get("question", "")


def test_the_same_remark_of_two_clicks_is_one(officer, taken):
    typed = {"kind": QUESTION, "question": "Which article?"}
    assert [remark(officer, "I-13", **typed).status_code for _click in range(2)] == [302, 302]
    assert Event.everyones.filter(action="item remarked").count() == 1


@pytest.mark.parametrize("query", ["?show=all&item=I-13", ""])
def test_a_question_typed_while_signed_out_is_kept(officer, query, taken, bob):
    """Also where the reading began by itself with the item."""
    address = f"{url()}{query}"
    page = officer.get(address)
    assert page.context["row"].item.unit.slug == "I-13"
    token = re.search(r'name="author_token" value="([^"]+)"', page.content.decode())[1]
    officer.logout()
    typed = {"author_token": token, "kind": "clarification_requested", "question": "Which article?", "show": "all"}
    back = officer.post(url("review_remark", slug="I-13"), typed).url
    assert back.endswith(quote(address))
    officer.post(back, {"login": bob.email, "password": PASSWORD})
    officer.post(reverse("mfa_authenticate"), {"code": totp_code()})
    response = officer.get(address)
    assert response.context["form"]["question"].value() == "Which article?"


def test_the_rest_of_a_section_is_noted_and_nothing_of_what_is_not_shown(officer, taken):
    section = next(one for one in officer.get(url()).context["sections"] if "I.13" in labels(one.rows))
    remark(officer, section.rows[0].item.unit.slug, kind="clarification_requested", question="Which article?")
    address = url("review_note_rest", theme_slug=section.slug)
    said = words(officer.post(address, {"show": "changed"}, follow=True))
    assert f"Marked as noted in “{section.name}”: {len(section.rows) - 1}" in said
    assert Remark.everyones.filter(kind=QUESTION).count() == 1
    assert Remark.everyones.count() == len(section.rows)
    assert f"Marked as noted in “{section.name}”: 0" in words(officer.post(address, {"show": "changed"}, follow=True))


def test_a_section_that_is_none_is_not_found(officer, taken):
    assert officer.post(url("review_note_rest", theme_slug="no-such")).status_code == 404
    assert officer.post(url("review_remark", slug="IX-99")).status_code == 404


def test_all_questions_are_listed_and_sent_at_once(officer, taken, alice):
    for slug in ("I-13", "IV-46-c"):
        remark(officer, slug, kind="clarification_requested", question=f"What of {slug}?")
    said = words(officer.get(url("review_send")))
    assert "What of I-13?" in said
    assert "What of IV-46-c?" in said
    assert Remark.objects.visible_to(alice).count() == 0
    assert "Arandia: 2 requests for clarification sent." in words(officer.post(url("review_send"), follow=True))
    assert Remark.objects.visible_to(alice).count() == 2
    assert "There is no request to send." in words(officer.post(url("review_send"), follow=True))


def test_the_state_sees_by_when_a_reply_is_requested_and_that_it_passed(officer, taken, alice):
    remark(officer, "I-13", kind="clarification_requested", question="Since when?")
    today = timezone.localdate()
    asked_by = today + datetime.timedelta(days=14)
    assert f"Reply requested by {day_in_words(asked_by)}" not in words(officer.get(url("review_send")))
    officer.post(url("review_send"), {"reply_by": asked_by.isoformat()})
    desk, said = client_of(alice), f"Reply requested by {day_in_words(asked_by)}"
    pages = ["/desk/XAA/", Remark.everyones.get().item.submission.get_clarifications_url()]
    for address in pages:
        shown = words(desk.get(address))
        assert (said in shown, "Date passed" in shown) == (True, False)
    assert find_errors() == []
    Remark.everyones.update(reply_by=today - datetime.timedelta(days=1))
    assert [address for address in pages if "Date passed" not in words(desk.get(address))] == []
    assert find_errors() != [], "the digest covers the date"


@pytest.mark.parametrize(
    ("typed", "why"),
    [("2020-01-01", "The date must be today or later."), ("soon", "Enter the date as 30 June 2027.")],
)
def test_attack_a_date_for_the_reply_that_is_past_or_none_sends_nothing(officer, taken, typed, why):
    remark(officer, "I-13", kind="clarification_requested", question="Since when?")
    response = officer.post(url("review_send"), {"reply_by": typed})
    assert why in words(response)
    assert f'value="{typed}"' in response.content.decode()
    assert Remark.everyones.get().sent_at is None


def test_there_is_nothing_to_send(officer, taken):
    assert "There are no requests to send." in words(officer.get(url("review_send")))
    assert "There is no request to send. Enter a request for clarification first." in words(
        officer.post(url("review_send"), follow=True)
    )


def test_closing_says_what_stays_unanswered_first(officer, first, bob):
    asked_about(first, {"I.13": "Which article?"}, bob)
    said = words(officer.get(url("review_close")))
    assert "1 request for clarification has no reply." in said
    assert "2 changed answers have no remark. None is required." in said
    assert Participation.everyones.get().state == "clarification_requested"
    assert "Reading closed on" in words(officer.post(url("review_close"), follow=True))
    assert Participation.everyones.get().unanswered == 1
    assert "The page changed after you opened it, so nothing was done." in words(
        officer.post(url("review_close"), follow=True)
    )


# Who may


def test_the_receipt_leads_reviewers_here_and_nobody_else(officer, first, alice):
    receipt = first.get_absolute_url()
    assert url() in officer.get(receipt).content.decode()
    assert url() not in client_of(alice).get(receipt).content.decode()


@pytest.mark.parametrize(("who", "status"), [("alice", 403), ("charlie", 404), ("dana", 404), ("erin", 404)])
def test_the_states_own_people_are_refused_and_others_find_nothing(who, status, request, first):
    client = client_of(request.getfixturevalue(who))
    assert client.get(url()).status_code == status
    for name in ("review_take", "review_release", "review_send", "review_close"):
        assert client.post(url(name)).status_code == status
    assert remark(client, "I-13", kind="noted").status_code == status
    assert Participation.everyones.get().state == "submitted"


def test_an_officer_who_is_barred_does_not_read(officer, taken, bob, xaa, erin):
    add_restriction(user=bob, respondent=xaa, by=erin)
    assert officer.get(url()).status_code == 404


# Evidence


def file_url(position=1, slug="IV-46-c", number=2) -> str:
    return url("submission_evidence_file", number, slug=slug, position=position)


@pytest.fixture
def with_files(first, round_, xaa, alice) -> Submission:
    """XAA/2026/2, IV.46(c) with a file for the Secretariat, one kept to the State, and a citation."""
    cited = [law("Act", text="The text."), law("Kept", "state", text="Kept text."), law("Cited")]
    answer("IV.46(c)", base=1, citations=[(piece, "") for piece in cited])
    return submit_ready(xaa, round_, alice)


def test_the_sealed_file_is_for_readers_of_the_submission(with_files, officer, alice, charlie, dana, erin):
    for client in (officer, client_of(alice)):
        response = client.get(file_url())
        assert b"".join(response.streaming_content) == b"The text."
        assert response["Content-Disposition"] == 'attachment; filename="Act.txt"'
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Content-Type-Options"] == "nosniff"
    for person in (charlie, dana, erin):
        assert client_of(person).get(file_url()).status_code == 404


@pytest.mark.parametrize("position", [0, 2, 3, 4])
def test_what_is_withheld_or_no_file_is_not_there(position, with_files, officer, alice):
    assert officer.get(file_url(position)).status_code == 404
    assert client_of(alice).get(file_url(position)).status_code == 404


def test_the_secretariat_keeps_files_submitted_before_a_restriction(with_files, officer, alice):
    piece = EvidenceVersion.everyones.get(title="Act")
    details = EvidenceDetails(
        title="Another", kind="law", language="en", citation="Gazette of Another", disclosure="state"
    )
    change_evidence(evidence=piece.evidence, base=piece.base, details=details, by=alice)
    assert b"".join(officer.get(file_url()).streaming_content) == b"The text."
    assert "Another" not in words(officer.get(url(number=2), {"item": "IV-46-c"}))


def test_a_file_that_was_withdrawn_is_gone_here_too(with_files, officer, xaa, carol, alice):
    version = EvidenceVersion.everyones.get(title="Act")
    request = request_withdrawal(respondent=xaa, words="", files=[version.file], reason="name", by=alice)
    assert officer.get(file_url()).status_code == 410
    confirm_withdrawal(pk=request.pk, by=carol)
    assert officer.get(file_url()).status_code == 410
    assert "submission_evidence" not in officer.get(url(number=2), {"item": "IV-46-c"}).content.decode()


# The State's own


def test_nothing_of_the_living_record_a_draft_or_kept_evidence_is_shown(officer, taken, xaa, alice, bob, unit):
    """A canary in all that was not submitted."""
    canary = "Quetzalcanary"
    save_remark(item=item_of(taken, "I.13"), kind=QUESTION, question="Which article?", by=bob)
    send_clarifications(submission=taken, by=bob)
    for label, base in (("I.13", 1), ("IV.46(c)", 1), ("IV.46(f)", 0)):
        answer(label, measures=f"{canary} living", base=base, ready=False, citations=[(law(f"{canary} law"), canary)])
        save_note(respondent=xaa, unit=unit(label), note=f"{canary} note", by=alice)
    typed = {"measures": [f"{canary} typed"]}
    save_draft(respondent=xaa, unit=unit("I.13"), tab=Tab("t" * 32, ""), base=2, fields=typed, by=alice)
    assert Draft.everyones.count() == 1
    slugs = ("I-13", "IV-46-c", "IV-46-f")
    pages = [url(), url("review_close"), QUEUE, f"{QUEUE}?all=on"]
    pages += [f"{url()}?show={show}&item={slug}" for show in ("changed", "asked", "all") for slug in slugs]
    pages += [file_url(position, slug, number=1) for slug in slugs for position in (1, 2)]
    for address in pages:
        response = officer.get(address)
        assert canary not in response.content.decode()
