"""Check and hand in: what would be handed in, what it lacks, and the one deliberate act."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.conftest import find_person, find_state, find_unit, make_person
from tests.labels import titled
from tests.pages import client_of, words
from tests.submissions import asked_about, handed_in, opened_round
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import close_reading, start_reading
from tracker.actions.round import close_round
from tracker.actions.submission import withdraw_submission
from tracker.models import Confirmation, Round, Submission
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
STATED = {"gaps_confirmed": "on", "names_no_victim": "on", "in_aggregates": "on"}


def url(name="check", round_code="2026") -> str:
    return reverse(name, args=["XAA", round_code])


def save(label, measures="The Act.", base=0, ready=True, citations=()):
    answer = Answer(status="implemented", measures=measures, ready=ready, citations=list(citations))
    state, person = find_state("XAA"), find_person("alice")
    return save_answer(respondent=state, unit=find_unit(label), base=base, answer=answer, by=person)


@pytest.fixture(scope="module", autouse=True)
def answered(round_for_the_module):
    save("IV.46(c)")


@pytest.fixture
def answer(alice):
    return save


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


def test_every_gap_is_named_with_a_way_to_mend_it(page, answer, xaa, alice):
    details = EvidenceDetails(title="Police manual", kind="policy", language="en", citation="Manual 3")
    manual = add_evidence(respondent=xaa, by=alice, details=details)
    answer("IV.46(d)", ready=False)
    answer("IV.46(e)", citations=[(manual, "p. 1")])
    response = page.get(url())
    said, html = words(response), response.content.decode()
    assert "71 recommendations have no answer." in said
    assert "1 answer is left out. Only answers marked ready are submitted." in said
    assert "1 answer has the status “Implemented” and cites no evidence." in said
    assert "1 evidence item is cited but kept by the State." in said
    assert "E1 Police manual" in said
    for label in ("IV-46-c", "IV-46-d", "IV-46-e", "I-13"):
        assert reverse("record", args=["XAA", label]) in html
    assert reverse("evidence", args=["XAA", 1]) in html


def test_the_way_back_leads_from_what_is_mended_to_the_check_until_it_is_handed_in(page):
    record = reverse("record", args=["XAA", "I-13"])
    assert "Back to “Check and submit”" not in words(page.get(record))
    seen = checked(page)
    for mended in (record, reverse("evidence_list", args=["XAA"]), reverse("record_list", args=["XAA"])):
        response = page.get(mended)
        assert "Back to “Check and submit”" in words(response)
        assert url() in response.content.decode()
    assert page.post(url(), STATED | seen).status_code == 302
    assert "Back to “Check and submit”" not in words(page.get(record))


def test_counts_are_of_what_is_handed_in(page):
    context = page.get(url()).context
    assert (context["counts"]["implemented"], context["missing"]) == (1, 73)


def test_a_round_that_is_planned_or_unknown_has_no_check(page):
    Round.objects.update(state="planned", opened_at=None)
    assert page.get(url()).status_code == 404
    assert page.get(url(round_code="1900")).status_code == 404


def test_it_takes_as_many_queries_for_much_as_for_little(page, answer, xaa, unit, django_assert_max_num_queries):
    page.get(url())
    for asked in xaa.units_to_answer()[:40]:
        answer(asked.label, measures="Another Act.", base=1 if asked.label == "IV.46(c)" else 0)
    with django_assert_max_num_queries(QUERIES):
        page.get(url())


def test_so_does_the_check_of_answers_to_questions(
    page, answer, xaa, alice, bob, round_, django_assert_max_num_queries
):
    asked_about(handed_in(xaa, round_, alice), {"IV.46(c)": "Which article?"}, bob)
    answer("IV.46(c)", "Article 3.", base=1)
    page.get(url())
    with django_assert_max_num_queries(QUERIES):
        response = page.get(url())
    assert "This submission contains only replies to the requests for clarification on XAA/2026/1." in words(response)


# Handing in


def test_the_act_leads_to_the_receipt(page, alice):
    response = page.post(url(), STATED | checked(page) | {"cleared_by": "Legal Department", "published": "on"})
    submission = Submission.everyones.get()
    assert response.url == submission.get_absolute_url()
    assert (submission.sealed_by, submission.cleared_by) == (alice, "Legal Department")
    assert submission.use == {"in_aggregates": True, "quoted": False, "published": True}


def test_all_that_is_missing_is_said_at_once_and_what_was_typed_stays(page):
    typed = {"cleared_by": "Legal Department", "cleared_on": "30 February 2026", "note_verbale": "NV\x0012"}
    response = page.post(url(), checked(page) | typed)
    assert list(problems(response)) == ["cleared_on", "note_verbale", "names_no_victim", "gaps_confirmed"]
    html = response.content.decode()
    assert "There are 4 problems" in words(response)
    assert 'value="Legal Department"' in html
    assert 'value="30 February 2026"' in html
    assert "<title>Error:" in html
    assert not Submission.everyones.exists()


@pytest.mark.parametrize("seen", [{}, {"fingerprint": "x" * 64}, {"fingerprint": "0" * 64, "checked_at": "yesterday"}])
def test_what_nobody_checked_is_not_handed_in(page, seen):
    response = page.post(url(), STATED | seen)
    assert response.status_code == 200
    assert not Submission.everyones.exists()


def test_what_changed_since_the_check_is_shown_and_the_gaps_are_seen_anew(page, answer):
    seen = checked(page)
    answer("I.13", "A new act.")
    response = page.post(url(), STATED | seen | {"cleared_by": "Legal Department"})
    assert (
        "Nothing was submitted: the content changed after you opened "
        f"this page. Answers saved since you opened this page: {titled('I.13')}" in words(response)
    )
    form = response.context["form"]
    assert (form["cleared_by"].value(), form["names_no_victim"].value()) == ("Legal Department", True)
    assert form["gaps_confirmed"].value() is None
    assert not Submission.everyones.exists()
    again = {name: form[name].value() for name in ("fingerprint", "checked_at")}
    assert page.post(url(), STATED | again).status_code == 302


def test_a_double_click_shows_the_one_receipt(page):
    seen = checked(page)
    pressed = [page.post(url(), STATED | seen).url for _ in range(2)]
    assert pressed == [Submission.everyones.get().get_absolute_url()] * 2


def test_what_is_typed_is_kept_when_the_session_has_ended(page, alice):
    html = page.get(url()).content.decode()
    token = re.search(r'name="author_token" value="([^"]+)"', html)[1]
    stranger = Client()
    stranger.post(url(), STATED | {"cleared_by": "Legal Department", "author_token": token})
    stranger.force_login(alice)
    assert 'value="Legal Department"' in stranger.get(url()).content.decode()


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.VIEWER])
def test_whoever_is_no_focal_point_prepares_and_has_no_button(role, page, xaa):
    other = client_of(make_person("carol", role, xaa))
    response = other.get(url())
    assert "Only a focal point of your team can submit." in words(response)
    assert ">Submit</button>" not in response.content.decode()
    assert other.post(url(), STATED | checked(page)).status_code == 403
    assert other.post(url("confirm_answers")).status_code == 403
    assert not Submission.everyones.exists()


@pytest.mark.parametrize("name", ["respondent_desk", "submission_list"])
def test_submitting_is_offered_to_a_focal_point_alone(name, page, xaa):
    address = reverse(name, args=["XAA"])
    assert "Check and submit" in words(page.get(address))
    said = words(client_of(make_person("vera", Role.VIEWER, xaa)).get(address))
    assert "Check and submit" not in said
    assert "What will be submitted" in said


# When nothing can be handed in, or it is late


def test_it_says_that_it_is_late(page):
    Round.objects.update(opens_on=datetime.date(2026, 1, 1), due_on=timezone.localdate() - datetime.timedelta(1))
    assert "Later submissions are welcome; the receipt shows the date." in words(page.get(url()))
    page.post(url(), STATED | checked(page))
    assert Submission.everyones.get().late is True


def test_it_says_that_all_is_handed_in(page, xaa, alice, round_):
    handed_in(xaa, round_, alice)
    response = page.get(url())
    assert "Nothing new to submit." in words(response)
    html = response.content.decode()
    assert [part for part in ('id="seal"', ">Submit</button>") if part in html] == []


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("read", "The Secretariat is reading XAA/2026/1."),
        ("closed", "The Secretariat has closed its reading of XAA/2026/1."),
        ("round closed", "The Secretariat closed this round on"),
    ],
)
def test_why_nothing_can_be_handed_in_is_said_in_words(step, message, page, answer, xaa, alice, bob, round_):
    seen = checked(page)
    if step == "round closed":
        close_round(round=round_, by=bob)
    else:
        submission = handed_in(xaa, round_, alice)
        start_reading(submission=submission, by=bob)
        if step == "closed":
            close_reading(submission=submission, by=bob)
            close_round(round=round_, by=bob)
        answer("IV.46(c)", "Another.", base=1)
    before = Submission.everyones.count()
    for response in (page.get(url()), page.post(url(), STATED | seen)):
        assert ("Submissions to this round have ended." in words(response)) is (step == "round closed")
        assert message in words(response)
        assert ">Submit</button>" not in response.content.decode()
    assert Submission.everyones.count() == before


def test_after_a_withdrawal_the_same_is_handed_in_again(page, xaa, alice, round_):
    withdraw_submission(submission=handed_in(xaa, round_, alice), reason="Too early.", by=alice)
    assert page.post(url(), STATED | checked(page)).url == reverse("submission", args=["XAA", "2026", 2])


# Answers of an earlier round


@pytest.fixture
def later(page, answer, xaa, alice, bob, round_):
    """A second round, over what the first one sealed: IV.46(c), and IV.46(d) and I.13 of other themes."""
    answer("IV.46(d)")
    answer("I.13")
    handed_in(xaa, round_, alice)
    return opened_round(bob, "2029", meetings=[1, 4])


def confirm(client, section, **data):
    typed = {f"{section}-{name}": value for name, value in data.items()}
    return client.post(url("confirm_answers", "2029"), {"section": section, **typed})


def test_answers_of_before_are_confirmed_section_by_section(page, later):
    sections = page.get(url(round_code="2029")).context["unconfirmed"]
    assert sum(len(section.units) for section in sections) == 3
    section = sections[0]
    response = confirm(page, section.slug, theme=section.slug, as_at="2026-11-01")
    assert response.url == url(round_code="2029")
    confirmed = Confirmation.everyones.values_list("revision__record__recommendation__label", "as_at")
    assert dict(confirmed) == {unit.unit.label: datetime.date(2026, 11, 1) for unit in section.units}
    left = page.get(url(round_code="2029")).context["unconfirmed"]
    assert [one.slug for one in left] == [one.slug for one in sections[1:]]


@pytest.mark.parametrize("as_at", ["", "31 November 2026", "2999-01-01"])
def test_a_wrong_day_is_told_at_its_field(page, later, as_at):
    slug = page.get(url(round_code="2029")).context["unconfirmed"][0].slug
    response = confirm(page, slug, theme=slug, as_at=as_at)
    form = response.context["unconfirmed"][0].form
    assert list(form.errors) == ["as_at"]
    assert form["as_at"].value() == as_at
    assert not Confirmation.everyones.exists()


@pytest.mark.parametrize("slug", ["", "no-such-theme", "a\x00b"])
def test_a_section_that_is_none_confirms_nothing(page, later, slug):
    assert confirm(page, slug, theme=slug, as_at="2026-11-01").status_code in {200, 302}
    assert not Confirmation.everyones.exists()


def test_the_day_is_kept_when_the_session_has_ended(page, later, alice):
    opened = page.get(url(round_code="2029"))
    token = re.search(r'name="author_token" value="([^"]+)"', opened.content.decode())[1]
    slug = opened.context["unconfirmed"][0].slug
    typed = {"section": slug, f"{slug}-theme": slug, f"{slug}-as_at": "2026-11-01", "author_token": token}
    stranger = Client()
    stranger.post(url("confirm_answers", "2029"), typed)
    stranger.force_login(alice)
    response = stranger.get(url(round_code="2029"))
    assert "Not saved yet." in words(response)
    assert response.context["unconfirmed"][0].form["as_at"].value() == "2026-11-01"
    assert not Confirmation.everyones.exists()


def test_nothing_is_confirmed_in_a_closed_round(page, later, bob):
    slug = page.get(url(round_code="2029")).context["unconfirmed"][0].slug
    close_round(round=later, by=bob)
    confirm(page, slug, theme=slug, as_at="2026-11-01")
    assert not Confirmation.everyones.exists()


# The desk


def test_the_desk_shows_open_rounds_with_the_time_left(page, xaa, alice, round_):
    Round.objects.update(opens_on=datetime.date(2026, 1, 1), due_on=timezone.localdate() + datetime.timedelta(days=39))
    desk = reverse("respondent_desk", args=["XAA"])
    said = words(page.get(desk))
    assert "Round 2026: open, due" in said
    assert "39 days left" in said
    assert "Not submitted" in said
    submission = handed_in(xaa, round_, alice)
    response = page.get(desk)
    assert "XAA/2026/1 · Submitted on" in words(response)
    assert submission.get_absolute_url() in response.content.decode()


def test_a_closed_round_leaves_the_desk_unless_questions_wait(page, answer, xaa, alice, bob, round_):
    submission = handed_in(xaa, round_, alice)
    close_round(round=round_, by=bob)
    desk = reverse("respondent_desk", args=["XAA"])
    assert "Round 2026" not in words(page.get(desk))
    asked_about(submission, {"IV.46(c)": "Which article?"}, bob)
    assert "Round 2026: closed, with clarifications requested" in words(page.get(desk))
