"""Check and submit: what would be submitted, what it lacks, and the one deliberate act."""

import datetime
import html
import re
from dataclasses import replace
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from recommendations.catalogue import add_wording
from recommendations.days import day_in_words
from tests.client import Client
from tests.conftest import make_person, save_for_xaa
from tests.evidence_items import add_item
from tests.labels import titled
from tests.pages import client_of, hidden_input, messages_on, words
from tests.submissions import asked_about, close_round, opened_round, submit_ready
from tests.thorough import times
from tracker.actions.assignment import assign, send_to_focal_point
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.remark import close_reading, start_reading
from tracker.actions.submission import submit, withdraw_from_round
from tracker.models import Record, Round, Submission
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
MANY = times(12, 42)
QUERIES_TO_MARK = QUERIES + 15  # with what saving needs: locks, versions, citations, records, events
STATED = {"names_no_victim": "on", "in_aggregates": "on"}


def url(name="check", round_code="2026") -> str:
    return reverse(name, args=["XAA", round_code])


answer = partial(save_for_xaa, measures="The Act.", ready=True)


@pytest.fixture(scope="module", autouse=True)
def answered(round_for_the_module):
    answer("IV.46(c)")


@pytest.fixture
def page(alice):
    """The check of a round in which IV.46(c) is answered, as alice."""
    return client_of(alice)


def checked(client) -> dict[str, str]:
    """What the page hides in its form: the fingerprint of what was checked, and when."""
    form = client.get(url()).context["form"]
    return {name: form[name].value() for name in ("fingerprint", "checked_at")}


def problems(response) -> dict[str, list[str]]:
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


# What it shows


def test_every_gap_is_named_with_a_link_to_correct_it(page, xaa, alice):
    manual = add_item(xaa, alice, "Police manual", kind="policy", citation="Manual 3")
    answer("IV.46(d)", ready=False)
    answer("IV.46(e)", citations=[(manual, "p. 1")])
    response = page.get(url())
    said, html = words(response), response.content.decode()
    assert "2 answers will be submitted" in said
    assert "71 recommendations have no answer" in said
    assert "1 answer is not marked ready Read one by one Only answers marked ready are submitted." in said
    assert "Left out: 1. No answer: 71. I have seen these gaps." in said
    assert "1 answer has the status “Implemented” and cites no evidence." in said
    assert "Visible to your team only 1 evidence item E1 Police manual" in said
    for label in ("IV-46-c", "IV-46-e", "I-13"):
        assert reverse("record", args=["XAA", label]) in html
    assert answer_url("IV-46-d") in html
    assert reverse("evidence", args=["XAA", 1]) in html


def test_a_link_of_the_check_leads_back_to_it_also_after_saving(page):
    record = reverse("record", args=["XAA", "I-13"])
    link = f"{record}?check=2026"
    assert f'href="{link}"' in page.get(url()).content.decode()
    assert "Back to “Check and submit”" not in words(page.get(record)), "opened in another way"
    opened = page.get(link)
    assert f'href="{url()}"' in opened.content.decode()
    assert opened.context["after"].url.endswith("?check=2026"), "the neighbours keep it"
    [posted_to] = re.findall(r'id="answer-form" method="post" action="([^"]+)"', opened.content.decode())
    typed = {"status": "in_progress", "language": "en", "base": hidden_input(opened, "base"), "measures": "A bill."}
    saved = page.post(html.unescape(posted_to), typed)
    assert saved.url == link


@pytest.mark.parametrize("code", ["../../x", "2026/../..", "a b", "<script>", "%00", "2026?x=1"])
def test_attack_the_way_back_leads_to_no_other_page(page, code):
    response = page.get(reverse("record", args=["XAA", "I-13"], query={"check": code}))
    assert response.status_code == 200
    assert "Back to “Check and submit”" not in words(response)


def test_counts_are_of_the_answers_that_will_be_submitted(page):
    response = page.get(url())
    now = response.context["now"]
    assert (now.counts["implemented"], len(now.left_out), len(now.unanswered)) == (1, 0, 73)
    assert "Will be submitted 1 Answered, left out 0 No answer 73 Addressed to you 74" in words(response)
    assert "Submit 1 answer" in words(response)


def test_what_is_submitted_is_compared_with_the_previous_submission(page, xaa, alice, round_, unit):
    answer("IV.46(d)")
    answer("IV.46(e)")
    submit_ready(xaa, round_, alice)
    save_for_xaa("IV.46(d)", "in_progress", base=1, measures="A bill.", ready=True)
    answer("I.13")
    response = page.get(url())
    included = response.context["included"]
    assert [(row.unit.label, row.changed_fields) for row in included.changed] == [
        ("IV.46(d)", ["Status", "Measures taken"])
    ]
    assert [row.unit.label for row in included.new] == ["I.13"]
    assert [row.unit.label for row in included.as_before] == ["IV.46(c)", "IV.46(e)"]
    said = words(response)
    assert "1 changed since XAA/2026/1" in said
    assert f"{titled('IV.46(d)')} Implemented In progress Status , Measures taken" in said
    assert "1 new" in said
    assert "2 as in XAA/2026/1" in said
    assert "Submission XAA/2026/2" in said


def test_after_a_withdrawal_everything_is_new(page, xaa, alice, round_):
    withdraw_from_round(submission=submit_ready(xaa, round_, alice), reason="Too early.", by=alice)
    included = page.get(url()).context["included"]
    assert [len(rows) for rows in included] == [0, 1, 0]


def test_evidence_is_shown_with_who_can_see_it(page, xaa, alice):
    law, manual = (
        add_evidence(
            respondent=xaa,
            by=alice,
            details=EvidenceDetails(title=title, kind="law", language="en", citation=title, disclosure=reader),
        )
        for title, reader in (("Act", "public"), ("Manual", "state"))
    )
    answer("IV.46(d)", citations=[(law, "p. 1"), (manual, "p. 2")])
    answer("IV.46(e)", citations=[(law, "p. 3")])
    found = {
        reader: [(str(citation.evidence_version.evidence), len(units)) for citation, units in items]
        for reader, items in page.get(url()).context["evidence"]
    }
    assert found == {"state": [("E2", 1)], "public": [("E1", 2)]}


def test_evidence_that_is_public_in_a_newer_version_is_named_with_the_version_that_is_cited(page, xaa, alice):
    details = EvidenceDetails(title="Case file", kind="judgment", language="en", citation="With the names")
    law = add_evidence(respondent=xaa, by=alice, details=details)
    answer("IV.46(d)", citations=[(law, "p. 1")])
    assert "is cited; the library has a newer version." not in words(page.get(url()))
    public = replace(details, citation="Without the names", disclosure="public")
    change_evidence(evidence=law.evidence, base=law.base, details=public, by=alice)
    cited = "Version 1 is cited; the library has a newer version."
    shown = f"Visible to your team only 1 evidence item E1 Case file {cited} {titled('IV.46(d)')}"
    assert shown in words(page.get(url()))
    assert f"E1 Case file p. 1 {cited} Visible to your team only" in words(page.get(answer_url("IV-46-d")))


def test_a_round_that_is_planned_or_unknown_has_no_check(page):
    Round.objects.update(opened_at=None)
    assert page.get(url()).status_code == 404
    assert page.get(url(round_code="1900")).status_code == 404


def test_it_takes_as_many_queries_for_much_as_for_little(page, xaa, unit, django_assert_max_num_queries):
    page.get(url())
    for asked in xaa.units_to_answer()[:MANY]:
        answer(asked.label, measures="Another Act.", base=1 if asked.label == "IV.46(c)" else 0)
    with django_assert_max_num_queries(QUERIES):
        page.get(url())


def test_so_does_the_check_of_answers_to_questions(page, xaa, alice, bob, round_, django_assert_max_num_queries):
    asked_about(submit_ready(xaa, round_, alice), {"IV.46(c)": "Which article?"}, bob)
    answer("IV.46(c)", measures="Article 3.", base=1)
    page.get(url())
    with django_assert_max_num_queries(QUERIES):
        response = page.get(url())
    assert "Replies to requests for clarification" in words(response)


# Marking ready


def stamps(client) -> dict[str, str]:
    """What the page hides of the answers that it offers to mark ready, by the name of the input."""
    return dict(re.findall(r'name="(seen-[^"]+)" value="([^"]+)"', client.get(url()).content.decode()))


def versions() -> list[tuple[str, int, bool]]:
    """Label, number and readiness of the answers, in the order of the paper."""
    current = Record.everyones.exclude(current=None).order_by("recommendation__position")
    return list(current.values_list("recommendation__label", "current__number", "current__ready"))


@pytest.mark.parametrize(
    ("pressed", "marked"),
    [
        ({"unit": ["I-13"]}, {"I.13"}),
        ({"unit": ["I-13", "I-14"]}, {"I.13", "I.14"}),
        ({"all": "yes"}, {"I.13", "I.14"}),
    ],
)
def test_one_some_or_all_are_marked_ready_and_included(page, pressed, marked):
    answer("I.13", ready=False)
    answer("I.14", ready=False)
    seen = stamps(page)
    response = page.post(url("mark_ready"), seen | pressed, follow=True)
    assert response.redirect_chain == [(url(), 302)]
    assert {label for label, number, is_ready in versions() if number == 2 and is_ready} == marked
    assert len(response.context["now"].included) == 1 + len(marked)
    assert len(messages_on(response)) == 1


def test_a_double_click_marks_once(page):
    answer("I.13", ready=False)
    seen = stamps(page)
    for expected in ("1 answer is marked ready.", "There are no changes to save."):
        assert messages_on(page.post(url("mark_ready"), seen | {"all": "yes"}, follow=True)) == [expected]
    assert ("I.13", 2, True) in versions()


def test_none_is_marked_where_one_has_changed_since_the_page_was_opened(page):
    answer("I.13", ready=False)
    answer("I.14", ready=False)
    seen = stamps(page)
    answer("I.14", measures="Another act.", base=1, ready=False)
    response = page.post(url("mark_ready"), seen | {"all": "yes"}, follow=True)
    assert f"{titled('I.14')}: Alice saved version 2 while you were working. Nothing was saved." in words(response)
    assert versions() == [("I.13", 1, False), ("I.14", 2, False), ("IV.46(c)", 1, True)]


def test_what_was_typed_and_selected_stays(page):
    answer("I.13", ready=False)
    html = page.get(url()).content.decode()
    token = re.search(r'name="author_token" value="([^"]+)"', html)[1]
    typed = {"cleared_by": "Legal Department", "cleared_on": "1 March", "quoted": "on", "names_no_victim": "on"}
    response = page.post(url("mark_ready"), typed | {"author_token": token}, follow=True)
    assert messages_on(response) == ["Select at least one answer."]
    form = response.context["form"]
    assert [form[name].value() for name in typed] == ["Legal Department", "1 March", "on", None]
    assert form.errors == {}


def test_what_must_be_read_first_is_not_offered(page, xaa, carol, alice, dana, unit):
    """An answer that a contributor sent, and an answer to a former wording."""
    answer("I.13", ready=False)
    answer("I.14", ready=False)
    assign(respondent=xaa, units=[unit("I.13")], to=carol, by=alice)
    send_to_focal_point(respondent=xaa, unit=unit("I.13"), by=carol)
    add_wording(recommendation=unit("I.14"), text="Another text.", kind="new_wording", reason="Adopted.", by=dana)
    assert stamps(page) == {}
    said = words(page.get(url()))
    assert "Sent by Carol, to be checked first" in said
    assert "Text changed since the answer" in said
    response = page.post(url("mark_ready"), {"seen-I-14": "1.0", "all": "yes"}, follow=True)
    assert "The wording of the recommendation has changed." in words(response)
    assert ("I.14", 1, False) in versions()


def test_each_answer_that_is_not_ready_and_each_gap_says_who_has_it(page, xaa, carol, alice, unit):
    answer("I.13", ready=False)
    assign(respondent=xaa, units=[unit("I.13"), unit("I.14")], to=carol, by=alice)
    response = page.get(url())
    assert [(row.checked.unit.label, row.holders) for row in response.context["unready"]] == [("I.13", ["Carol"])]
    [gap] = [row for _name, rows, _of in response.context["unanswered"] for row in rows if row.holders]
    assert (gap.unit.label, gap.holders) == ("I.14", ["Carol"])
    assert words(response).count("Assigned to: Carol") == 2


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.VIEWER])
def test_who_may_not_write_every_answer_marks_none(role, xaa):
    answer("I.13", ready=False)
    xaa.opens_all_to_contributors = False
    xaa.save()
    other = client_of(make_person("carol", role, xaa))
    assert other.post(url("mark_ready"), {"seen-I-13": "1.0", "all": "yes"}).status_code in (403, 404)
    assert ("I.13", 1, False) in versions()


def test_marking_many_takes_as_many_queries_as_marking_few(page, django_assert_max_num_queries):
    for gap in page.get(url()).context["now"].unanswered[:MANY]:
        answer(gap.unit.label, ready=False)
    with django_assert_max_num_queries(QUERIES):
        response = page.get(url())
    assert len(response.context["unready"]) == MANY
    seen = stamps(page)
    with django_assert_max_num_queries(QUERIES_TO_MARK):
        page.post(url("mark_ready"), seen | {"all": "yes"})
    assert sum(is_ready for _label, _number, is_ready in versions()) == MANY + 1


# Reading one by one, and the sheet


def answer_url(slug):
    return reverse("check_answer", args=["XAA", "2026", slug])


def test_unready_answers_are_read_and_marked_one_by_one(page):
    answer("I.13", ready=False)
    answer("I.14", measures="Shelters.", ready=False)
    assert "left out when you submit" not in words(page.get(url()))
    first = page.get(answer_url("I-13"))
    assert f"Answer 1 of 2 Next: {titled('I.14')}" in words(first)
    seen = {"seen": hidden_input(first, "seen")}
    assert [page.post(answer_url("I-13"), seen).url for _click in range(2)] == [answer_url("I-14")] * 2
    second = page.get(answer_url("I-14"))
    assert "Answer 1 of 1" in words(second)
    assert "Measures taken Shelters." in words(second)
    assert page.post(answer_url("I-14"), {"seen": hidden_input(second, "seen")}).url == url()
    assert versions() == [("I.13", 2, True), ("I.14", 2, True), ("IV.46(c)", 1, True)]
    assert page.post(answer_url("I-13"), seen).url == url()
    assert versions()[0] == ("I.13", 2, True)


def test_an_answer_that_changed_while_it_was_read_is_shown_again(page):
    answer("I.13", ready=False)
    seen = {"seen": hidden_input(page.get(answer_url("I-13")), "seen")}
    answer("I.13", measures="Another act.", base=1, ready=False)
    response = page.post(answer_url("I-13"), seen, follow=True)
    assert response.redirect_chain == [(answer_url("I-13"), 302)]
    assert f"{titled('I.13')}: Alice saved version 2 while you were working." in words(response)
    assert "Measures taken Another act." in words(response)


def test_an_included_answer_is_read_with_its_changes_and_evidence(page, xaa, alice, round_):
    submit_ready(xaa, round_, alice)
    details = EvidenceDetails(title="Act", kind="law", language="en", citation="Gazette", disclosure="public")
    answer(
        "IV.46(c)",
        measures="The Act of 2016.",
        base=1,
        citations=[(add_evidence(respondent=xaa, by=alice, details=details), "p. 1")],
    )
    response = page.get(answer_url("IV-46-c"))
    said = words(response)
    assert "E1 Act p. 1 Public after publication" in said
    assert [change.name for change in response.context["changes"]] == ["measures", "evidence"]
    assert "Mark ready and include" not in said


@pytest.mark.parametrize("slug", ["I-13", "I-2", "XX-9"])
def test_what_has_no_answer_cannot_be_read(page, slug):
    assert page.get(answer_url(slug)).status_code == 404


def test_reading_takes_few_queries(page, xaa, alice, round_, django_assert_max_num_queries):
    submit_ready(xaa, round_, alice)
    answer("IV.46(c)", measures="Another.", base=1, ready=False)
    page.get(answer_url("IV-46-c"))
    with django_assert_max_num_queries(QUERIES):
        page.get(answer_url("IV-46-c"))


def test_the_sheet_has_what_would_be_submitted_and_its_digest(page, xaa, alice, round_):
    response = page.get(url("check_sheet"))
    said = words(response)
    assert "Arandia · Sign-off sheet" in said
    assert "Will be submitted 1 Answered, left out 0 No answer 73" in said
    assert f"1 new {titled('IV.46(c)')} Implemented" in said
    assert submit_ready(xaa, round_, alice).content_digest in said


# Submitting


@pytest.mark.parametrize("name", ["in_aggregates", "quoted", "published", "names_no_victim"])
def test_nothing_is_permitted_or_confirmed_beforehand(page, name):
    assert not page.get(url()).context["form"][name].value()


def test_a_use_that_is_permitted_is_asked_about_again(page, xaa, alice, round_):
    submit_ready(xaa, round_, alice)
    answer("I.13")
    form = page.get(url()).context["form"]
    assert (form["in_aggregates"].value(), form["quoted"].value()) == (None, None)
    seen = checked(page)
    response = page.post(url(), seen | {"names_no_victim": "on"})
    assert problems(response) == {"in_aggregates": ["Choose whether this use is still permitted."]}
    page.post(url(), seen | {"names_no_victim": "on", "in_aggregates": "off"})
    assert Submission.everyones.get(number=2).use == {"in_aggregates": False, "quoted": False, "published": False}


def test_the_act_leads_to_the_receipt(page, alice):
    response = page.post(url(), STATED | checked(page) | {"cleared_by": "Legal Department", "published": "on"})
    submission = Submission.everyones.get()
    assert response.url == submission.get_absolute_url()
    assert (submission.sealed_by, submission.cleared_by) == (alice, "Legal Department")
    assert submission.use == {"in_aggregates": True, "quoted": False, "published": True}


def test_all_missing_statements_are_named_and_the_input_stays(page):
    typed = {"cleared_by": "Legal Department", "cleared_on": "30 February 2026", "note_verbale": "NV\x0012"}
    response = page.post(url(), checked(page) | typed)
    assert list(problems(response)) == ["cleared_on", "note_verbale", "names_no_victim"]
    html = response.content.decode()
    assert "There are 3 problems" in words(response)
    assert 'value="Legal Department"' in html
    assert 'value="30 February 2026"' in html
    assert "<title>Error:" in html
    assert not Submission.everyones.exists()


@pytest.mark.parametrize("seen", [{}, {"fingerprint": "x" * 64}, {"fingerprint": "0" * 64, "checked_at": "yesterday"}])
def test_answers_that_nobody_checked_are_not_submitted(page, seen):
    response = page.post(url(), STATED | seen)
    assert response.status_code == 200
    assert not Submission.everyones.exists()


def test_changes_since_the_check_and_the_gaps_are_shown_again(page):
    seen = checked(page)
    answer("I.13", measures="A new act.")
    response = page.post(url(), STATED | seen | {"cleared_by": "Legal Department"})
    assert (
        "Nothing was submitted: the content changed after you opened "
        f"this page. Answers saved since you opened this page: {titled('I.13')}" in words(response)
    )
    form = response.context["form"]
    assert (form["cleared_by"].value(), form["in_aggregates"].value()) == ("Legal Department", "on")
    assert form["names_no_victim"].value() is None
    assert not Submission.everyones.exists()
    again = {name: form[name].value() for name in ("fingerprint", "checked_at")}
    assert page.post(url(), STATED | again).status_code == 302


def test_a_double_click_shows_the_one_receipt(page):
    seen = checked(page)
    pressed = [page.post(url(), STATED | seen).url for _ in range(2)]
    assert pressed == [Submission.everyones.get().get_absolute_url()] * 2
    assert messages_on(page.get(pressed[0])) == [SUBMITTED]


CLEARED = {"cleared_by": "Legal Department", "cleared_on": "1 March 2026", "note_verbale": "NV 12"}
SUBMITTED = (
    "Submitted. Focal points have been notified by e-mail. Secretariat officers get at most one e-mail a day for each "
    "State."
)
SUBMITTED_BEFORE = (
    "The same answers were submitted before. What you entered under “Check and submit” was not saved. You can edit the "
    "permitted use below."
)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (CLEARED, CLEARED, []),
        ({"published": "on", "is_complete": "on"}, {"published": "on", "is_complete": "on"}, []),
        ({}, {"cleared_on": "30 February 2026"}, [SUBMITTED_BEFORE]),
        ({}, {"quoted": "on"}, [SUBMITTED_BEFORE]),
        ({}, {"in_aggregates": ""}, [SUBMITTED_BEFORE]),
        ({}, {"is_complete": "on"}, [SUBMITTED_BEFORE]),
        *(({}, {name: words}, [SUBMITTED_BEFORE]) for name, words in CLEARED.items()),
    ],
)
def test_what_is_entered_in_a_second_tab_is_not_lost_without_a_word(first, second, said, page):
    seen = checked(page)
    page.post(url(), STATED | seen | first, follow=True)
    response = page.post(url(), STATED | seen | second, follow=True)
    assert (messages_on(response), Submission.everyones.count()) == (said, 1)


def test_a_double_click_that_ends_a_use_is_silent(page, xaa, alice, round_):
    submit_ready(xaa, round_, alice)
    answer("I.13")
    stated = STATED | checked(page) | {"in_aggregates": "off"}
    page.post(url(), stated, follow=True)
    assert messages_on(page.post(url(), stated, follow=True)) == []


def test_a_second_focal_point_learns_that_a_colleague_submitted_before(page, xaa):
    other = client_of(make_person("anna", Role.FOCAL_POINT, xaa))
    seen = checked(other)
    page.post(url(), STATED | checked(page))
    response = other.post(url(), STATED | seen, follow=True)
    assert messages_on(response) == [SUBMITTED_BEFORE]


def test_so_does_a_focal_point_who_submits_at_the_same_moment(xaa, alice, round_, monkeypatch):
    other = client_of(make_person("anna", Role.FOCAL_POINT, xaa))
    seen = checked(other)

    def submit_after_a_colleague(**arguments):
        submit_ready(xaa, round_, alice)
        return submit(**arguments)

    monkeypatch.setattr("tracker.views.check.submit", submit_after_a_colleague)
    response = other.post(url(), STATED | seen, follow=True)
    assert messages_on(response) == [SUBMITTED_BEFORE]


def test_what_is_typed_is_kept_when_the_session_has_ended(page, alice):
    html = page.get(url()).content.decode()
    token = re.search(r'name="author_token" value="([^"]+)"', html)[1]
    stranger = Client()
    stranger.post(url(), STATED | {"cleared_by": "Legal Department", "author_token": token})
    stranger.force_login(alice)
    assert 'value="Legal Department"' in stranger.get(url()).content.decode()


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.VIEWER])
def test_other_roles_read_the_check_and_have_no_button(role, page, xaa):
    other = client_of(make_person("carol", role, xaa))
    response = other.get(url())
    assert "Only a focal point of your team can submit." in words(response)
    assert "Submit 1 answer" not in words(response)
    assert other.post(url(), STATED | checked(page)).status_code == 403
    assert not Submission.everyones.exists()


@pytest.mark.parametrize("name", ["respondent_desk", "submission_list"])
def test_only_a_focal_point_sees_the_link_to_submit(name, page, xaa):
    address = reverse(name, args=["XAA"])
    assert "Check and submit" in words(page.get(address))
    said = words(client_of(make_person("vera", Role.VIEWER, xaa)).get(address))
    assert "Check and submit" not in said
    assert "What will be submitted" in said


# When nothing can be submitted, or it is late


def test_it_says_that_it_is_late(page):
    Round.objects.update(opens_on=datetime.date(2026, 1, 1), due_on=timezone.localdate() - datetime.timedelta(1))
    assert "Later submissions are welcome; the receipt shows the date." in words(page.get(url()))
    page.post(url(), STATED | checked(page))
    assert Submission.everyones.get().late is True


@pytest.mark.parametrize("name", ["check", "respondent_desk"])
def test_it_says_when_the_round_closes(name, page):
    address = url() if name == "check" else reverse(name, args=["XAA"])
    assert "Closes on" not in words(page.get(address))
    Round.objects.update(closes_on=datetime.date(2027, 6, 30))
    assert "Closes on 30 June 2027" in words(page.get(address))


def test_the_check_shows_that_everything_is_submitted(page, xaa, alice, round_):
    submit_ready(xaa, round_, alice)
    response = page.get(url())
    assert "Nothing new to submit." in words(response)
    assert "Submit 1 answer" not in words(response)


def test_without_an_answer_that_is_ready_there_is_no_button(page):
    answer("IV.46(c)", ready=False, base=1)
    response = page.get(url())
    shown = words(response)
    assert "No answer is marked ready. Mark at least one answer ready." in shown
    assert "Submit 0 answers" not in shown
    assert 'name="names_no_victim"' not in response.text


@pytest.mark.parametrize(
    "is_read", [pytest.param(False, id="nothing submitted"), pytest.param(True, id="reading closed")]
)
def test_the_check_explains_why_nothing_can_be_submitted(is_read, page, xaa, alice, bob, round_):
    seen = checked(page)
    if is_read:
        submission = submit_ready(xaa, round_, alice)
        start_reading(submission=submission, by=bob)
        close_reading(submission=submission, by=bob)
        answer("IV.46(c)", measures="Another.", base=1)
    close_round(round_)
    before = Submission.everyones.count()
    for response in (page.get(url()), page.post(url(), STATED | seen)):
        closed_on = day_in_words(Round.objects.get(pk=round_.pk).closes_on)
        assert f"Closed on {closed_on}. Only open requests for clarification can be replied to." in words(response)
        assert "will be submitted" not in words(response)
        assert "Submit 1 answer" not in words(response)
    assert Submission.everyones.count() == before


def test_after_a_withdrawal_the_same_answers_are_submitted_again(page, xaa, alice, round_):
    withdraw_from_round(submission=submit_ready(xaa, round_, alice), reason="Too early.", by=alice)
    assert page.post(url(), STATED | checked(page)).url == reverse("submission", args=["XAA", "2026", 2])


# Answers of an earlier round


@pytest.fixture
def later(page, xaa, alice, bob, round_):
    """A second round, over what the first one sealed: IV.46(c), and IV.46(d) and I.13 of other themes."""
    answer("IV.46(d)")
    answer("I.13")
    submit_ready(xaa, round_, alice)
    return opened_round(bob, "2029", meetings=[1, 4])


def test_answers_of_before_are_listed_with_the_way_to_confirm_them(page, later, xaa):
    hint = "Confirm these answers before you fill in the submission: what you entered there is not kept."
    shown = page.get(url(round_code="2029"))
    assert hint in words(shown)
    assert hint not in words(page.get(url()))
    assert "Mark at least one answer ready, or confirm an answer from an earlier round." in words(shown)
    assert "3 answers have not changed since they were submitted." in words(shown)
    link = f'href="{url("still_correct", "2029")}"'
    assert link in shown.content.decode()
    viewer = client_of(make_person("vera", Role.VIEWER, xaa))
    assert link not in viewer.get(url(round_code="2029")).content.decode()


# The desk


def test_the_desk_shows_open_rounds_with_the_time_left(page, xaa, alice, round_):
    Round.objects.update(opens_on=datetime.date(2026, 1, 1), due_on=timezone.localdate() + datetime.timedelta(days=39))
    desk = reverse("respondent_desk", args=["XAA"])
    said = words(page.get(desk))
    assert "Round 2026: open, due" in said
    assert "39 days left" in said
    assert "Answered, not submitted: " in said
    submission = submit_ready(xaa, round_, alice)
    response = page.get(desk)
    assert "XAA/2026/1 · Submitted on" in words(response)
    assert submission.get_absolute_url() in response.content.decode()


def test_a_closed_round_leaves_the_desk_unless_questions_wait(page, xaa, alice, bob, round_):
    submission = submit_ready(xaa, round_, alice)
    close_round(round_)
    desk = reverse("respondent_desk", args=["XAA"])
    assert "Round 2026" not in words(page.get(desk))
    asked_about(submission, {"IV.46(c)": "Which article?"}, bob)
    assert "Round 2026: closed, with clarifications requested" in words(page.get(desk))


LEAVES_OUT = (
    "Answers selected to “Leave out” are left out when you submit. The numbers on this page still include them. "
    "Submit 2 answers"
)


def test_an_answer_that_is_edited_stays_as_submitted_or_is_left_out(page, xaa, alice, round_):
    submit_ready(xaa, round_, alice)
    answer("I.13")
    answer("IV.46(c)", measures="Being written.", base=1, ready=False)
    seen = checked(page) | {"names_no_victim": "on", "in_aggregates": "on"}
    assert "The version submitted before stays." in words(page.get(url()))
    assert LEAVES_OUT in words(page.get(url()))
    page.post(url(), seen | {"leave_out": "IV-46-c", "is_complete": "on"})
    submitted = Submission.everyones.get(number=2).items(manager="everyones").exclude(revision=None)
    assert list(submitted.values_list("unit__label", flat=True)) == ["I.13"]


def test_what_is_left_out_stays_selected_while_another_answer_is_marked_ready(page, xaa, alice, round_):
    submit_ready(xaa, round_, alice)
    answer("I.13", ready=False)
    answer("IV.46(c)", measures="Being written.", base=1, ready=False)
    token = re.search(r'name="author_token" value="([^"]+)"', page.get(url()).content.decode())[1]
    typed = {"author_token": token, "leave_out": "IV-46-c", "seen-I-13": "1.0", "unit": "I-13"}
    response = page.post(url("mark_ready"), typed, follow=True)
    assert 'name="leave_out" value="IV-46-c" checked' in response.content.decode()
