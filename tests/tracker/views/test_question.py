"""What came back: the State sees the questions that were sent to it, and replies to them."""

import re
from functools import partial

import pytest
from django.urls import reverse

from tests.client import Client
from tests.conftest import find_person, find_state, find_unit, make_person, save_for_xaa
from tests.evidence_items import add_item
from tests.labels import titled, titles
from tests.pages import client_of, plain_text, words
from tests.removals import remove_words
from tests.submissions import asked_about, close_round, reply_to, submit_ready
from tests.test_walk import words_of
from tests.thorough import in_turn, times
from tracker.actions.assignment import assign
from tracker.actions.draft import Tab, save_draft
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import close_reading, save_remark, send_clarifications, start_reading
from tracker.actions.reply import GivenReply, submit_replies
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.documents.report.files import FILE_KINDS
from tracker.models import Event, Remark, Reply, Submission, SubmissionItem
from tracker.models.draft import new_tab
from tracker.models.remark import RemarkKind
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
ASKED = {"IV.46(c)": "Which article provides for it?", "I.13": "Since when?", "IV.46(d)": "By whom?"}
STATED = {"names_no_victim": "on"}
CANARY = "Quetzalcanary"


def url(name="submission_questions", number=1, round_code="2026") -> str:
    return reverse(name, args=["XAA", round_code, number])


answer = partial(save_for_xaa, measures="The Act of 2016.", ready=True)


@pytest.fixture(scope="module", autouse=True)
def submitted(round_for_the_module):
    for label in (*ASKED, "I.14"):
        answer(label)
    submit_ready(find_state("XAA"), round_for_the_module, find_person("alice"))


@pytest.fixture
def remarks(first, bob) -> dict[str, Remark]:
    return asked_about(first, ASKED, bob)


@pytest.fixture
def page(remarks, alice) -> Client:
    """alice, after three questions were sent about XAA/2026/1."""
    return client_of(alice)


@pytest.fixture
def anna(xaa):
    """Another focal point of XAA."""
    return make_person("anna", Role.FOCAL_POINT, xaa)


def typed(**by_slug) -> dict[str, str]:
    """What the form posts, with the confirmation: `typed(I_13="…")`."""
    return STATED | {f"{slug.replace('_', '-')}-text": text for slug, text in by_slug.items()}


def changed(response, slug) -> dict[str, str]:
    """What the form posts for a changed answer that it offers."""
    html = response.content.decode()
    assert f'type="checkbox" name="{slug}-changed"' in html
    return {f"{slug}-changed": "on"} | dict(re.findall(rf'name="({slug}-version)" value="(\d+)"', html))


def standing(response) -> dict[str, str]:
    """How each question stands, by its label, beside which its title stands."""
    heads = re.findall(r'<div class="question-head">(.*?)</div>', response.content.decode(), re.DOTALL)
    found = dict(plain_text(head).split(" ", 1) for head in heads)
    assert all(words.startswith(titles()[label]) for label, words in found.items())
    return {label: words.removeprefix(titles()[label]).strip() for label, words in found.items()}


# What the State sees


def test_each_clarification_is_with_its_text_and_submitted_answer(page):
    answer("I.13", measures="Changed: since.", base=1)
    response = page.get(url())
    said = words(response)
    assert list(standing(response)) == ["I.13", "IV.46(c)", "IV.46(d)"]
    for question in ASKED.values():
        assert question in said
    assert "As submitted with XAA/2026/1 Implemented Measures taken The Act of 2016." in said
    assert "Changed: since." not in said
    assert "Clarification requested · " in said
    assert "States parties should" in said
    assert "Clarifications requested: 3 · Without a reply: 3" in said
    assert "All other answers stay as in XAA/2026/1." in said


def test_each_request_says_who_has_the_recommendation(page, xaa, alice):
    assign(respondent=xaa, units=[find_unit("I.13")], to=make_person("carol", Role.CONTRIBUTOR, xaa), by=alice)
    assert words(page.get(url())).count("Assigned to: Carol") == 1


def test_nothing_of_a_reading_under_way_is_shown(first, alice, bob):
    start_reading(submission=first, by=bob)
    item = SubmissionItem.everyones.get(submission=first, unit__label="I.13")
    save_remark(item=item, kind=RemarkKind.CLARIFICATION, question=CANARY, by=bob)
    response = client_of(alice).get(url())
    assert "No clarifications" in words(response)
    assert CANARY not in words_of(response)


def test_noted_remarks_are_not_shown_to_the_state(first, alice, bob):
    start_reading(submission=first, by=bob)
    for label, kind in (("I.13", RemarkKind.CLARIFICATION), ("I.14", RemarkKind.NOTED)):
        item = SubmissionItem.everyones.get(submission=first, unit__label=label)
        save_remark(item=item, kind=kind, question="Since when?", by=bob)
    send_clarifications(submission=first, by=bob)
    assert list(standing(client_of(alice).get(url()))) == ["I.13"]


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.VIEWER])
def test_people_of_the_state_read_and_only_focal_points_reply(role, page, xaa):
    other = client_of(make_person("carol", role, xaa))
    response = other.get(url())
    assert ASKED["I.13"] in words(response)
    assert "Submit replies" not in words(response)
    assert ("Change the answer:" in words(response)) is (role == Role.CONTRIBUTOR)
    assert other.post(url(), typed(I_13="Since 2016.")).status_code == 403
    assert not Reply.everyones.exists()


# Replying


def test_replies_in_words_are_submitted_together(page, alice):
    response = page.post(url(), typed(I_13=" Since\r\n2016. ", IV_46_c="Article 9.", IV_46_d=""))
    assert response.url == url("submission", 2)
    replies = Reply.everyones.order_by("remark__item__position")
    assert [(reply.text, reply.author) for reply in replies] == [("Since\n2016.", alice), ("Article 9.", alice)]
    shown = page.get(response.url)
    said = (
        "Focal points have been notified by e-mail. Secretariat officers get at most one e-mail a day for each State."
    )
    assert f"Submitted. {said}" in words(shown)
    for label in ("I.13", "IV.46(c)"):
        assert titled(label) in words(shown)
    assert titled("IV.46(d)") not in words(shown)
    listed = words(page.get(reverse("submission_list", args=["XAA"])))
    assert listed.count("Replies to requests for clarification") == 1
    response = page.get(url())
    assert standing(response) == {
        "I.13": "Reply submitted with XAA/2026/2",
        "IV.46(c)": "Reply submitted with XAA/2026/2",
        "IV.46(d)": "No reply",
    }
    assert "Since 2016." in words(response)
    assert "I-13-text" not in response.content.decode()


def test_there_is_no_further_information(page, first, bob):
    posted = STATED | {f"{slug}-has_nothing_further": "on" for slug in ("I-13", "IV-46-c", "IV-46-d")}
    assert page.post(url(), posted).status_code == 302
    assert set(Reply.everyones.values_list("text", "has_nothing_further")) == {("", True)}
    assert "No further information" in words(page.get(url()))
    reading = client_of(bob).get(url("review", 2), {"show": "asked", "item": "I-13"})
    assert "No further information" in words(reading)


def test_a_changed_answer_is_offered_once_it_is_ready(page):
    answer("IV.46(c)", measures="Article 9.", base=1)
    answer("IV.46(d)", measures="By the police.", base=1, ready=False)
    response = page.get(url())
    assert standing(response) == {
        "I.13": "No reply",
        "IV.46(c)": "Version 2 ready, not submitted No reply",
        "IV.46(d)": "Version 2 is not marked ready and is not submitted No reply",
    }
    assert "IV-46-d-changed" not in response.content.decode()
    assert "Submit version 2 of the answer" in words(response)
    assert page.post(url(), STATED | changed(response, "IV-46-c")).url == url("submission", 2)
    assert standing(page.get(url()))["IV.46(c)"] == "Changed answer submitted with XAA/2026/2"
    sealed = SubmissionItem.everyones.filter(submission__number=2, revision__isnull=False)
    numbers = dict(sealed.values_list("unit__label", "revision__number"))
    assert numbers == {"I.13": 1, "I.14": 1, "IV.46(c)": 2, "IV.46(d)": 1}


def test_a_version_saved_after_the_page_was_opened_is_not_submitted_unread(page):
    answer("IV.46(c)", measures="Article 9.", base=1)
    opened = changed(page.get(url()), "IV-46-c")
    answer("IV.46(c)", measures="Article 10.", base=2)
    response = page.post(url(), opened | typed(I_13="Since 2016."))
    assert response.status_code == 409
    assert "The answer changed after you opened this page." in words(response)
    assert "Since 2016.</textarea>" in response.content.decode()
    assert 'href="#id_IV-46-c-changed"' in response.content.decode()
    assert Submission.everyones.count() == 1
    again = changed(response, "IV-46-c") | typed(I_13="Since 2016.")
    assert page.post(url(), again).status_code == 302
    assert SubmissionItem.everyones.get(submission__number=2, unit__label="IV.46(c)").revision.number == 3


def test_a_double_click_submits_once(page):
    for _press in range(2):
        assert page.post(url(), typed(I_13="Since 2016.")).url == url("submission", 2)
    assert (Reply.everyones.count(), Submission.everyones.count()) == (1, 2)


def test_a_colleague_replied_in_between_nothing_is_submitted_and_what_was_typed_stays(page, remarks, anna):
    reply_to(remarks["I.13"], "Since 1999.", anna)
    response = page.post(url(), typed(I_13="Since 2016.", IV_46_c="Article 9."))
    assert response.status_code == 409
    said, html = words(response), response.content.decode()
    assert "Since 1999." in said
    assert "This request for clarification is closed. Your reply was not submitted." in said
    assert "Since 2016.</textarea>" in html
    assert "Article 9.</textarea>" in html
    assert 'href="#id_I-13-text"' in html
    assert "<title>Error:" in html
    assert Reply.everyones.get().text == "Since 1999."
    again = typed(I_13="Since 2016.", IV_46_c="Article 9.") | {"I-13-closed": "yes"}
    assert 'name="I-13-closed" value="yes"' in html
    assert page.post(url(), again).url == url("submission", 3)
    assert list(Reply.everyones.order_by("pk").values_list("text", flat=True)) == ["Since 1999.", "Article 9."]


@pytest.mark.parametrize(
    ("posted", "field", "problem"),
    [
        (typed(I_13="a\x00b"), "I-13-text", "Remove the invisible character"),
        (typed(I_13="x" * 20_001), "I-13-text", "The text is too long: at most 20000 characters."),
        (
            typed(I_13="Since 2016.") | {"I-13-has_nothing_further": "on"},
            "I-13-has_nothing_further",
            "Deselect “No further information”, or remove the rest of the reply.",
        ),
        (
            {"I-13-text": "Since 2016."},
            "names_no_victim",
            "Select the box to confirm that nothing identifies a victim.",
        ),
        (STATED, "__all__", "Reply to at least one request for clarification."),
        ({"II-8-text": "Not asked."} | STATED, "__all__", "Reply to at least one request for clarification."),
    ],
)
def test_every_error_is_at_its_field_and_nothing_is_submitted(posted, field, problem, page):
    response = page.post(url(), posted | {"IV-46-c-text": "Article 9."} if field == "I-13-text" else posted)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert problem in words(response)
    if "I-13-text" in posted:
        assert "</textarea>" in response.content.decode()
    assert Submission.everyones.count() == 1
    assert not Reply.everyones.exists()


def test_what_is_typed_is_kept_when_the_session_has_ended(page, alice):
    token = re.search(r'name="author_token" value="([^"]+)"', page.get(url()).content.decode())[1]
    stranger = Client()
    stranger.post(url(), typed(I_13="Since 2016.") | {"author_token": token})
    stranger.force_login(alice)
    html = stranger.get(url()).content.decode()
    assert "Since 2016.</textarea>" in html
    assert not Reply.everyones.exists()


def test_what_is_typed_is_kept_while_an_answer_is_changed(page):
    token = re.search(r'name="author_token" value="([^"]+)"', page.get(url()).content.decode())[1]
    kept = typed(I_13="Since 2016.") | {"author_token": token}
    response = page.post(url(), kept | {"change": "IV-46-c"})
    assert response.url == reverse("record", args=["XAA", "IV-46-c"])
    shown = page.get(url())
    assert "Since 2016.</textarea>" in shown.content.decode()
    assert 'data-keep="changed"' in shown.content.decode()
    assert "Not saved yet." not in words(shown)
    assert "names_no_victim" not in shown.context["form"].errors
    assert not Reply.everyones.exists()
    assert page.post(url(), kept | {"change": "II-8"}).url == url("submission", 2)


def test_words_that_were_removed_are_gone(page, remarks, xaa, alice, anna):
    reply_to(remarks["I.13"], "See Jane Doe.", alice)
    remove_words("Jane Doe", xaa, alice, anna)
    response = page.get(url())
    assert "Jane Doe" not in words_of(response)
    assert "because it identified a victim" in words(response)


def test_requests_need_no_reply_once_the_state_withdrew_from_the_round(page, remarks, xaa, alice, round_):
    withdraw_from_round(submission=reply_to(remarks["I.13"], "Since 2016.", alice), reason="Too early.", by=alice)
    response = page.get(url())
    assert standing(response) == {"I.13": "", "IV.46(c)": "", "IV.46(d)": ""}
    assert "Its requests for clarification no longer need a reply." in words(response)
    assert "Submit replies" not in words(response)
    refused = page.post(url(), typed(IV_46_c="Article 9."))
    assert refused.status_code == 409
    assert "Article 9.</textarea>" in refused.content.decode()
    submit_ready(xaa, round_, alice)
    assert standing(page.get(url())) == {"I.13": "", "IV.46(c)": "", "IV.46(d)": ""}


def test_the_check_leads_to_the_requests_also_when_the_round_is_closed(page, round_, bob):
    check = reverse("check", args=["XAA", "2026"])
    for turn in range(2):
        if turn:
            close_round(round_)
        response = page.get(check)
        assert f"{titled('IV.46(d)')} No reply" in words(response)
        assert "3 requests for clarification have no reply. You can reply until the reading is closed." in words(
            response
        )
        assert url() in response.content.decode()


# When they can be answered no more


def test_once_the_reading_is_closed_it_says_so_with_the_count_unanswered(page, remarks, xaa, alice, bob, first):
    close_reading(submission=reply_to(remarks["I.13"], "Since 2016.", alice), by=bob)
    answer("IV.46(c)", measures="Later.", base=1)
    response = page.get(url())
    said = words(response)
    assert "Reading closed on" in said
    assert "2 requests for clarification have no reply." in said
    assert "Submit replies" not in words(response)
    assert standing(response) == {
        "I.13": "Reply submitted with XAA/2026/2",
        "IV.46(c)": "No reply",
        "IV.46(d)": "No reply",
    }


def test_replies_to_a_closed_clarification_are_neither_saved_nor_lost(page, first, bob):
    close_reading(submission=first, by=bob)
    response = page.post(url(), typed(I_13="Since 2016."))
    assert response.status_code == 409
    assert "This request for clarification is closed. Your reply was not submitted." in words(response)
    assert "Since 2016.</textarea>" in response.content.decode()
    assert not Reply.everyones.exists()


def test_later_requests_leave_the_earlier_ones_open(page, remarks, xaa, alice, bob, first):
    answer("IV.46(c)", measures="Article 9.", base=1)
    second = submit_ready(xaa, first.round, alice)
    asked_about(second, {"IV.46(c)": "Of which act?"}, bob)
    assert standing(page.get(url())) == {
        "I.13": "No reply",
        "IV.46(c)": "Changed answer submitted with XAA/2026/2",
        "IV.46(d)": "No reply",
    }
    assert standing(page.get(url(number=2))) == {"IV.46(c)": "No reply"}
    assert page.post(url(), typed(IV_46_c="Too late.")).status_code == 409
    assert page.post(url(), typed(I_13="Since 2016.")).status_code == 302
    assert page.post(url(number=2), typed(IV_46_c="The Act of 2016.")).status_code == 302


def test_a_closed_round_does_not_end_the_answers(page, round_, bob):
    close_round(round_)
    assert page.post(url(), typed(I_13="Since 2016.")).status_code == 302
    assert standing(page.get(url()))["I.13"] == "Reply submitted with XAA/2026/2"


# On the desk, in the task list, beside the answer


def test_what_came_back_is_first_of_what_needs_attention(page, remarks, xaa, alice, round_):
    desk = reverse("respondent_desk", args=["XAA"])
    response = page.get(desk)
    said, html = words(response), response.content.decode()
    assert "Needs your attention 3 clarifications requested: XAA/2026/1" in said
    assert f'{url()}#IV-46-c"' in html
    reply_to(remarks["I.13"], "Since 2016.", alice)
    assert "2 clarifications requested: XAA/2026/1" in words(page.get(desk))


def test_nothing_comes_back_to_another_desk(page, xbb, charlie):
    for name in ("respondent_desk", "record_list"):
        assert "larification" not in words(client_of(charlie).get(reverse(name, args=["XBB"]))).replace(
            "Clarification requested 0", ""
        )


def test_the_task_list_marks_and_finds_what_came_back(page):
    listed = page.get(reverse("record_list", args=["XAA"]), {"ready": "came_back"})
    assert [row.unit.label for row in listed.context["tasks"].shown] == ["I.13", "IV.46(c)", "IV.46(d)"]
    said = words(listed)
    assert "Clarification is requested on 3 recommendations." in said
    assert said.count("Clarification requested") == 2 + 3, "the box, the filter and the rows"
    assert "Remove filter: Ready: Clarification requested" in said


def test_the_clarification_is_on_the_answer_page_with_a_link(page, first, bob):
    record = reverse("record", args=["XAA", "I-13"])
    response = page.get(record)
    assert "Clarification requested · XAA/2026/1" in words(response)
    assert ASKED["I.13"] in words(response)
    assert ASKED["IV.46(c)"] not in words(response)
    assert f"{url()}#I-13" in response.content.decode()
    close_reading(submission=first, by=bob)
    assert ASKED["I.13"] not in words(page.get(record))


def test_the_receipt_leads_to_the_questions(page, remarks, alice):
    assert url() in page.get(url("submission")).content.decode()
    reply_to(remarks["I.13"], "Since 2016.", alice)
    assert url() in page.get(url("submission", 2)).content.decode()


# Never public


def test_no_word_of_a_question_or_its_answer_leaves_the_two(desk, first, xaa, alice, bob, charlie, dana, erin, round_):
    """Not in what is public, nor in the State's own report and its files, whatever use it permits."""
    remark = asked_about(first, {"I.13": f"{CANARY} asked?"}, bob)["I.13"]
    second = reply_to(remark, f"{CANARY} answered.", alice)
    close_reading(submission=second, by=bob)
    change_use(submission=second, in_aggregates=True, quoted=True, published=True, by=alice)
    public = ["/", "/about/", "/recommendations/?open=all", "/recommendations/I-13/", f"/verify/{second.code}/"]
    public += [reverse("recommendations:json"), reverse("recommendations:csv")]
    clients = [Client(), *map(client_of, (charlie, dana, erin))]
    for place, path in enumerate(public):
        for client in in_turn(clients, place):
            assert CANARY not in words_of(client.get(path))
    for client in clients:
        for path in (url(), url(number=2), url("submission_json", 2), "/desk/XAA/", "/desk/XAA/report/"):
            assert CANARY not in words_of(client.get(path))
    for name in ("report", *(f"report_{kind}" for kind in FILE_KINDS)):
        response = desk.get(reverse(name, args=["XAA"]))
        assert response.status_code == 200
        assert CANARY not in words_of(response)
    assert CANARY in words_of(desk.get(url()))


def test_the_trail_identifies_a_reply_only_by_its_digest(page, remarks, alice):
    second = reply_to(remarks["I.13"], CANARY, alice)
    assert CANARY not in words_of(page.get(reverse("event_list", args=["XAA"])))
    assert f" {second.digest} " in Event.everyones.get(action="questions answered").after


# Which questions are open


def test_what_came_back_is_open_until_it_is_replied_to_withdrawn_or_closed(first, remarks, xaa, alice, bob, round_):
    def came_back():
        found = Remark.objects.visible_to(alice).open().order_by("pk")
        return list(found.values_list("item__unit__label", "item__submission__number"))

    both = [(remark.item.unit.label, 1) for remark in sorted(remarks.values(), key=lambda remark: remark.pk)]
    assert came_back() == both
    second = reply_to(remarks["I.13"], "Since 2016.", alice)
    assert came_back() == [row for row in both if row[0] != "I.13"]
    close_round(round_)
    assert came_back() == [row for row in both if row[0] != "I.13"]
    close_reading(submission=second, by=bob)
    assert came_back() == []


def test_what_came_back_on_a_withdrawn_submission_is_not_open(first, remarks, alice):
    withdraw_from_round(submission=first, reason="A slip.", by=alice)
    assert not Remark.objects.visible_to(alice).open().exists()


# How much it takes


def test_the_fullest_page_of_an_answer(first, xaa, alice, bob, round_, unit, django_assert_max_num_queries):
    """With items, evidence that others cite too, a question, and a draft."""
    law = add_item(xaa, alice, "The Act", url="https://a.example")
    for label, base in (("IV.46(i)", 0), ("I.13", 1)):
        said = Answer(status="implemented", measures="The Act of 2016.", ready=True, citations=[(law, "art. 9")])
        save_answer(respondent=xaa, unit=unit(label), base=base, answer=said, by=alice)
    asked_about(submit_ready(xaa, round_, alice), {"IV.46(i)": "Since when?"}, bob)
    fields = {"status": ["implemented"], "measures": ["The Act of 2017."]}
    save_draft(respondent=xaa, unit=unit("IV.46(i)"), tab=Tab(new_tab()), base=1, fields=fields, by=alice)
    client, path = client_of(alice), reverse("record", args=["XAA", "IV-46-i"])
    client.get(path)
    with django_assert_max_num_queries(QUERIES):
        said = words(client.get(path))
    assert "Since when?" in said
    assert "The Act of 2017." in said


@pytest.mark.parametrize("count", [1, times(8, 40)])
def test_queries(desk, count, first, xaa, alice, bob, round_, django_assert_max_num_queries):
    asked = list(SubmissionItem.everyones.filter(submission=first).values_list("unit__label", flat=True)[:count])
    remarks = asked_about(first, dict.fromkeys(asked, "Since when?"), bob)
    given = [GivenReply(remarks[label], "Since 2016.") for label in asked[::2]]
    submit_replies(respondent=xaa, round_=round_, given=given, names_no_victim=True, by=alice)
    for path in (
        url(),
        reverse("respondent_desk", args=["XAA"]),
        reverse("record_list", args=["XAA"]),
        reverse("record", args=["XAA", "I-13"]),
        reverse("check", args=["XAA", "2026"]),
    ):
        desk.get(path)
        with django_assert_max_num_queries(QUERIES):
            assert desk.get(path).status_code == 200
