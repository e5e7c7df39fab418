"""What came back: the State sees the questions that were sent to it, answers them and hands the answers in."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import find_person, find_state, find_unit, make_person
from tests.labels import titled, titles
from tests.pages import client_of, plain_text, words
from tests.submissions import asked_about, close_round, handed_in
from tests.test_walk import words_of
from tracker.actions.draft import Tab, save_draft
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import close_reading, save_remark, save_reply, send_clarifications, start_reading
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.report.files import FILE_KINDS
from tracker.models import Event, Remark, Reply, Submission, SubmissionItem
from tracker.models.draft import new_tab
from tracker.models.remark import RemarkKind
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

QUERIES = 15
ASKED = {"IV.46(c)": "Which article provides for it?", "I.13": "Since when?", "IV.46(d)": "By whom?"}
STATED = {"names_no_victim": "on", "in_aggregates": "on"}
CANARY = "Quetzalcanary"


def url(name="submission_questions", number=1, round_code="2026") -> str:
    return reverse(name, args=["XAA", round_code, number])


def save(label, measures="The Act of 2016.", base=0, ready=True):
    answer = Answer(status="implemented", measures=measures, ready=ready)
    state, person = find_state("XAA"), find_person("alice")
    return save_answer(respondent=state, unit=find_unit(label), base=base, answer=answer, by=person)


@pytest.fixture(scope="module", autouse=True)
def submitted(round_for_the_module):
    for label in (*ASKED, "I.14"):
        save(label)
    handed_in(find_state("XAA"), round_for_the_module, find_person("alice"))


@pytest.fixture
def answer(alice):
    return save


@pytest.fixture
def first(db) -> Submission:
    return Submission.everyones.get()


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


def typed(base=0, **by_slug) -> dict[str, str]:
    """What the form posts: `typed(I_13="…")`."""
    posted = {}
    for slug, text in by_slug.items():
        prefix = slug.replace("_", "-")
        posted |= {f"{prefix}-text": text, f"{prefix}-base": str(base)}
    return posted


def hidden(response, slug) -> dict[str, str]:
    """What the form of a question posts beside what is typed."""
    html = response.content.decode()
    return dict(re.findall(rf'<input type="hidden" name="({slug}-\w+)" value="(\d+)">', html))


def standing(response) -> dict[str, str]:
    """How each question stands, by its label, beside which its title stands."""
    heads = re.findall(r'<div class="question-head">(.*?)</div>', response.content.decode(), re.DOTALL)
    found = dict(plain_text(head).split(" ", 1) for head in heads)
    assert all(words.startswith(titles()[label]) for label, words in found.items())
    return {label: words.removeprefix(titles()[label]).strip() for label, words in found.items()}


# What the State sees


def test_each_question_stands_beside_its_text_and_what_was_handed_in(page, answer):
    answer("I.13", "Changed: since.", base=1)
    response = page.get(url())
    said = words(response)
    assert list(standing(response)) == ["I.13", "IV.46(c)", "IV.46(d)"]
    for question in ASKED.values():
        assert question in said
    assert "As submitted with XAA/2026/1 Implemented Measures taken The Act of 2016." in said
    assert "Changed: since." not in said
    assert "Clarification requested · " in said
    assert "States parties should" in said
    assert "Clarifications requested: 3 · Without a reply: 2" in said


def test_nothing_of_a_reading_under_way_is_told(first, alice, bob):
    start_reading(submission=first, by=bob)
    item = SubmissionItem.everyones.get(submission=first, unit__label="I.13")
    save_remark(item=item, kind=RemarkKind.CLARIFICATION, question=CANARY, by=bob)
    response = client_of(alice).get(url())
    assert "No clarifications" in words(response)
    assert CANARY not in words_of(response)


def test_what_was_noted_is_not_told(first, alice, bob):
    start_reading(submission=first, by=bob)
    for label, kind in (("I.13", RemarkKind.CLARIFICATION), ("I.14", RemarkKind.NOTED)):
        item = SubmissionItem.everyones.get(submission=first, unit__label=label)
        save_remark(item=item, kind=kind, question="Since when?", by=bob)
    send_clarifications(submission=first, by=bob)
    assert list(standing(client_of(alice).get(url()))) == ["I.13"]


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.VIEWER])
def test_all_people_of_the_state_read_them_and_focal_points_alone_answer(role, page, xaa):
    other = client_of(make_person("carol", role, xaa))
    response = other.get(url())
    assert ASKED["I.13"] in words(response)
    assert "data-save" not in response.content.decode()
    assert ("Change the answer:" in words(response)) is (role == Role.CONTRIBUTOR)
    assert other.post(url(), typed(I_13="Since 2016.")).status_code == 403
    assert not Reply.everyones.exists()


def test_the_secretariat_reads_them_elsewhere_and_nobody_else_finds_them(page, bob, charlie, dana, erin):
    assert client_of(bob).get(url()).status_code == 403
    assert {client_of(person).get(url()).status_code for person in (charlie, dana, erin)} == {404}


# Answering in words


def test_answers_in_words_are_saved_together_and_not_handed_in_yet(page, alice):
    response = page.post(url(), typed(I_13=" Since\r\n2016. ", IV_46_c="Article 9.", IV_46_d=""), follow=True)
    replies = Reply.everyones.order_by("remark__item__position")
    assert [(reply.text, reply.number, reply.author) for reply in replies] == [
        ("Since\n2016.", 1, alice),
        ("Article 9.", 1, alice),
    ]
    assert "2 replies saved. The Secretariat can read them after you submit them." in words(response)
    assert standing(response) == {
        "I.13": "Reply saved, not submitted",
        "IV.46(c)": "Reply saved, not submitted",
        "IV.46(d)": "No reply",
    }


def test_what_stands_already_is_not_saved_again(page):
    page.post(url(), typed(I_13="Since 2016."))
    response = page.post(url(), typed(base=1, I_13="Since 2016."), follow=True)
    assert "There are no changes to save." in words(response)
    assert Reply.everyones.count() == 1


def test_a_double_click_saves_once(page):
    for _press in range(2):
        assert page.post(url(), typed(I_13="Since 2016.")).status_code == 302
    assert Reply.everyones.count() == 1


def test_words_are_mended_by_a_next_reply_that_counts(page):
    page.post(url(), typed(I_13="Since 2016."))
    page.post(url(), typed(base=1, I_13="Since 2017."))
    assert list(Reply.everyones.values_list("number", "text")) == [(1, "Since 2016."), (2, "Since 2017.")]
    assert "Since 2017.</textarea>" in page.get(url()).content.decode()


def test_somebody_else_answered_meanwhile_both_are_shown_and_what_was_typed_stays(page, remarks, anna):
    save_reply(remark=remarks["I.13"], text="Since 1999.", base=0, by=anna)
    response = page.post(url(), typed(I_13="Since 2016.", IV_46_c="Article 9."))
    assert response.status_code == 409
    said, html = words(response), response.content.decode()
    assert "Since 1999." in said
    assert "Anna saved a reply on" in said
    assert "Since 2016.</textarea>" in html
    assert 'href="#id_I-13-text"' in html
    assert "<title>Error:" in html
    assert list(Reply.everyones.order_by("pk").values_list("text", flat=True)) == ["Since 1999.", "Article 9."]
    assert 'name="I-13-base" value="1"' in html
    assert page.post(url(), typed(base=1, I_13="Since 2016.")).status_code == 302
    assert Reply.everyones.get(number=2).text == "Since 2016."


def test_a_stale_tab_in_which_nothing_was_typed_about_a_question_leaves_it(page, remarks, anna):
    page.post(url(), typed(I_13="Since 2016."))
    save_reply(remark=remarks["I.13"], text="Since 1999.", base=1, by=anna)
    save_reply(remark=remarks["IV.46(c)"], text="Article 3.", base=0, by=anna)
    posted = typed(base=1, I_13="Since 2016.") | typed(IV_46_c="", IV_46_d="By the police.")
    assert page.post(url(), posted).status_code == 302
    assert Reply.everyones.order_by("pk").last().text == "By the police."
    assert Reply.everyones.count() == 4


@pytest.mark.parametrize(
    ("text", "base", "problem"),
    [
        ("a\x00b", 0, "Remove the invisible character"),
        ("x" * 20_001, 0, "The text is too long: at most 20000 characters."),
        ("", 1, "Enter the reply."),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field_and_the_rest_is_saved(text, base, problem, page, remarks, alice):
    if base:
        save_reply(remark=remarks["I.13"], text="Since 2016.", base=0, by=alice)
    before = Reply.everyones.count()
    response = page.post(url(), typed(base=base, I_13=text) | typed(IV_46_c="Article 9."))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["I-13-text"]
    assert problem in words(response)
    assert "1 reply saved. The Secretariat can read it after you submit it." in words(response)
    assert Reply.everyones.count() == before + 1


def test_what_is_typed_is_kept_when_the_session_has_ended(page, alice):
    token = re.search(r'name="author_token" value="([^"]+)"', page.get(url()).content.decode())[1]
    stranger = Client()
    stranger.post(url(), typed(I_13="Since 2016.") | {"author_token": token})
    stranger.force_login(alice)
    html = stranger.get(url()).content.decode()
    assert "Since 2016.</textarea>" in html
    assert not Reply.everyones.exists()


def test_a_form_that_is_none_of_ours_saves_nothing(page):
    assert page.post(url(), {"I-13-base": "0", "II-8-text": "Not asked.", "I-14-text": "Not asked."}).status_code == 302
    assert not Reply.everyones.exists()


def test_words_that_were_withdrawn_are_gone_and_can_be_written_anew(page, remarks, xaa, alice, anna):
    save_reply(remark=remarks["I.13"], text="See Jane Doe.", base=0, by=alice)
    request = request_withdrawal(respondent=xaa, words="Jane Doe", files=[], reason="name", by=alice)
    confirm_withdrawal(pk=request.pk, by=anna)
    assert "Jane Doe" not in words_of(page.get(url()))
    viewer = client_of(make_person("victor", Role.VIEWER, xaa))
    assert "because it identified a victim" in words(viewer.get(url()))
    anew = typed(base=1, I_13="Since 2016.") | hidden(page.get(url()), "I-13")
    assert page.post(url(), anew).status_code == 302
    assert Reply.everyones.get(number=2).text == "Since 2016."


def test_a_page_that_was_opened_before_does_not_bring_withdrawn_words_back(page, remarks, xaa, alice, anna):
    save_reply(remark=remarks["I.13"], text="See Jane Doe.", base=0, by=alice)
    opened = typed(base=1, I_13="See Jane Doe.") | typed(IV_46_c="Article 9.")
    request = request_withdrawal(respondent=xaa, words="Jane Doe", files=[], reason="name", by=alice)
    confirm_withdrawal(pk=request.pk, by=anna)
    response = page.post(url(), opened)
    assert response.status_code == 409
    assert "Text that identified a victim was removed after you opened this page." in words(response)
    assert "See Jane Doe.</textarea>" in response.content.decode()
    assert set(Reply.everyones.values_list("text", flat=True)) == {"", "Article 9."}
    assert page.post(url(), typed(base=1, I_13="See the Act.") | hidden(response, "I-13")).status_code == 302
    assert Reply.everyones.get(number=2).text == "See the Act."


# Answering by a new revision, and handing in


def test_how_each_question_stands_is_told(page, answer, remarks, xaa, alice, round_):
    save_reply(remark=remarks["I.13"], text="Since 2016.", base=0, by=alice)
    answer("IV.46(c)", "Article 9.", base=1)
    answer("IV.46(d)", "By the police.", base=1, ready=False)
    assert standing(page.get(url())) == {
        "I.13": "Reply saved, not submitted",
        "IV.46(c)": "Version 2 ready, not submitted",
        "IV.46(d)": "Version 2 is not marked ready and is not submitted No reply",
    }
    handed_in(xaa, round_, alice)
    assert standing(page.get(url())) == {
        "I.13": "Reply submitted with XAA/2026/2",
        "IV.46(c)": "Changed answer submitted with XAA/2026/2",
        "IV.46(d)": "Version 2 is not marked ready and is not submitted No reply",
    }
    with pytest.raises(NotAllowed):
        save_reply(remark=remarks["I.13"], text="Since 2017.", base=1, by=alice)


def test_requests_need_no_reply_once_the_state_withdrew_from_the_round(page, remarks, xaa, alice, round_):
    save_reply(remark=remarks["I.13"], text="Since 2016.", base=0, by=alice)
    withdraw_from_round(submission=handed_in(xaa, round_, alice), reason="Too early.", by=alice)
    response = page.get(url())
    assert "Its requests for clarification no longer need a reply." in words(response)
    assert "data-save" not in response.content.decode()


def test_one_button_saves_and_leads_to_the_check(page):
    response = page.post(url(), typed(I_13="Since 2016.") | {"check": "yes"})
    assert response.url == reverse("check", args=["XAA", "2026"])
    assert Reply.everyones.get().text == "Since 2016."


def test_the_check_says_that_it_carries_only_answers_and_names_what_stays_unanswered(
    page, answer, remarks, alice, bob, round_
):
    close_round(round_)
    save_reply(remark=remarks["I.13"], text="Since 2016.", base=0, by=alice)
    answer("IV.46(c)", "Article 9.", base=1)
    answer("I.14", "Not asked about.", base=1)
    check = reverse("check", args=["XAA", "2026"])
    response = page.get(check)
    said = words(response)
    assert "This submission contains only replies to requests for clarification." in said
    assert "For all other recommendations, what was submitted before stays." in said
    assert f"{titled('IV.46(d)')} No reply" in said
    assert "1 request for clarification has no reply." in said
    form = response.context["form"]
    seen = {name: form[name].value() for name in ("fingerprint", "checked_at")}
    assert page.post(check, STATED | seen).url == url("submission", 2)
    sealed = SubmissionItem.everyones.filter(submission__number=2).exclude(revision__isnull=True)
    assert dict(sealed.values_list("unit__label", "revision__number")) == {
        "I.13": 1,
        "I.14": 1,
        "IV.46(c)": 2,
        "IV.46(d)": 1,
    }


def test_before_anything_is_answered_the_check_leads_to_the_questions(page, round_, bob):
    close_round(round_)
    response = page.get(reverse("check", args=["XAA", "2026"]))
    said = words(response)
    assert "No request for clarification has a reply yet." in said
    assert "Nothing new to submit." not in said
    assert url() in response.content.decode()


# When they can be answered no more


def test_once_the_reading_is_closed_it_says_so_with_the_count_unanswered(page, answer, remarks, xaa, alice, bob, first):
    save_reply(remark=remarks["I.13"], text="Since 2016.", base=0, by=alice)
    close_reading(submission=handed_in(xaa, first.round, alice), by=bob)
    answer("IV.46(c)", "Later.", base=1)
    response = page.get(url())
    said = words(response)
    assert "Reading closed on" in said
    assert "2 requests for clarification have no reply." in said
    assert "data-save" not in response.content.decode()
    assert standing(response) == {
        "I.13": "Reply submitted with XAA/2026/2",
        "IV.46(c)": "No reply",
        "IV.46(d)": "No reply",
    }


def test_what_was_typed_when_it_was_closed_meanwhile_is_not_saved_and_not_lost(page, first, bob):
    close_reading(submission=first, by=bob)
    response = page.post(url(), typed(I_13="Since 2016."))
    assert response.status_code == 409
    assert "This request for clarification is closed. Your reply was not saved." in words(response)
    assert "Since 2016.</textarea>" in response.content.decode()
    assert not Reply.everyones.exists()


def test_later_requests_leave_the_earlier_ones_open(page, answer, remarks, xaa, alice, bob, first):
    answer("IV.46(c)", "Article 9.", base=1)
    second = handed_in(xaa, first.round, alice)
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
    assert standing(page.get(url()))["I.13"] == "Reply saved, not submitted"


# On the desk, in the task list, beside the answer


def test_the_desk_says_first_what_came_back(page, remarks, xaa, alice, round_):
    desk = reverse("respondent_desk", args=["XAA"])
    response = page.get(desk)
    said, html = words(response), response.content.decode()
    assert "3 clarifications requested: XAA/2026/1" in said
    assert said.index("3 clarifications requested") < said.index("Round 2026: open")
    assert f'{url()}#IV-46-c"' in html
    save_reply(remark=remarks["I.13"], text="Since 2016.", base=0, by=alice)
    handed_in(xaa, round_, alice)
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


def test_the_question_stands_beside_the_answer_with_the_way_to_all_of_them(page, first, bob):
    record = reverse("record", args=["XAA", "I-13"])
    response = page.get(record)
    assert "Clarification requested · XAA/2026/1" in words(response)
    assert ASKED["I.13"] in words(response)
    assert ASKED["IV.46(c)"] not in words(response)
    assert f"{url()}#I-13" in response.content.decode()
    close_reading(submission=first, by=bob)
    assert ASKED["I.13"] not in words(page.get(record))


def test_the_receipt_leads_to_the_questions(page):
    assert url() in page.get(url("submission")).content.decode()


# Never public


def test_no_word_of_a_question_or_its_answer_leaves_the_two(first, xaa, alice, bob, charlie, dana, erin, round_):
    """Not in what is public, nor in the State's own report and its files, whatever use it permits."""
    remark = asked_about(first, {"I.13": f"{CANARY} asked?"}, bob)["I.13"]
    save_reply(remark=remark, text=f"{CANARY} answered.", base=0, by=alice)
    second = handed_in(xaa, round_, alice)
    close_reading(submission=second, by=bob)
    change_use(submission=second, in_aggregates=True, quoted=True, published=True, by=alice)
    public = ["/", "/about/", "/recommendations/", "/recommendations/I-13/", f"/verify/{second.code}/"]
    public += [reverse("recommendations:json"), reverse("recommendations:csv")]
    for person in (None, charlie, dana, erin):
        client = client_of(person) if person else Client()
        for path in (*public, url(), url(number=2), url("submission_json", 2), "/desk/XAA/", "/desk/XAA/report/"):
            assert CANARY not in words_of(client.get(path))
    own = client_of(alice)
    for name in ("report", *(f"report_{kind}" for kind in FILE_KINDS)):
        response = own.get(reverse(name, args=["XAA"]))
        assert response.status_code == 200
        assert CANARY not in words_of(response)
    assert CANARY in words_of(own.get(url()))


def test_the_trail_names_a_question_and_its_answer_by_digest_alone(page, remarks, alice):
    save_reply(remark=remarks["I.13"], text=CANARY, base=0, by=alice)
    assert CANARY not in words_of(page.get(reverse("event_list", args=["XAA"])))
    assert Event.everyones.get(action="question answered").after.endswith(Reply.everyones.get().digest)


# Which questions are open


def test_what_came_back_is_open_until_it_is_replied_to_withdrawn_or_closed(first, remarks, xaa, alice, bob, round_):
    def came_back():
        found = Remark.objects.visible_to(alice).open().order_by("pk")
        return list(found.values_list("item__unit__label", "item__submission__number"))

    both = [(remark.item.unit.label, 1) for remark in sorted(remarks.values(), key=lambda remark: remark.pk)]
    assert came_back() == both
    save_reply(remark=remarks["I.13"], text="Since 2016.", base=0, by=alice)
    assert came_back() == both
    second = handed_in(xaa, round_, alice)
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
    law = add_evidence(
        respondent=xaa,
        details=EvidenceDetails(title="The Act", kind="law", language="en", url="https://a.example"),
        by=alice,
    )
    for label, base in (("IV.46(i)", 0), ("I.13", 1)):
        said = Answer(status="implemented", measures="The Act of 2016.", ready=True, citations=[(law, "art. 9")])
        save_answer(respondent=xaa, unit=unit(label), base=base, answer=said, by=alice)
    asked_about(handed_in(xaa, round_, alice), {"IV.46(i)": "Since when?"}, bob)
    fields = {"status": ["implemented"], "measures": ["The Act of 2017."]}
    save_draft(respondent=xaa, unit=unit("IV.46(i)"), tab=Tab(new_tab()), base=1, fields=fields, by=alice)
    client, path = client_of(alice), reverse("record", args=["XAA", "IV-46-i"])
    client.get(path)
    with django_assert_max_num_queries(QUERIES):
        said = words(client.get(path))
    assert "Since when?" in said
    assert "The Act of 2017." in said


@pytest.mark.parametrize("count", [1, 40])
def test_queries(count, first, xaa, alice, bob, round_, answer, django_assert_max_num_queries):
    asked = list(SubmissionItem.everyones.filter(submission=first).values_list("unit__label", flat=True)[:count])
    remarks = asked_about(first, dict.fromkeys(asked, "Since when?"), bob)
    for label in asked[::2]:
        save_reply(remark=remarks[label], text="Since 2016.", base=0, by=alice)
    handed_in(xaa, round_, alice)
    client = client_of(alice)
    for path in (
        url(),
        reverse("respondent_desk", args=["XAA"]),
        reverse("record_list", args=["XAA"]),
        reverse("record", args=["XAA", "I-13"]),
        reverse("check", args=["XAA", "2026"]),
    ):
        client.get(path)
        with django_assert_max_num_queries(QUERIES):
            assert client.get(path).status_code == 200
