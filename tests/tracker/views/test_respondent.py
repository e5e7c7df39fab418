"""The desk: its figures, what is next, what changed; and which recommendations are asked, and why."""

import dataclasses
import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from recommendations.days import day_in_words
from tests.conftest import PASSWORD, find_person, make_person, make_state, save_for_xaa
from tests.evidence_items import add_item
from tests.labels import titled
from tests.pages import client_of, plain_text, words_of_page
from tests.submissions import (
    STATED,
    close_round,
    opened_round,
    quote,
    release_of_few,
    save_many,
    send_answer,
    submit_ready,
)
from tests.suggestions import decline
from tracker.actions.assignment import assign
from tracker.actions.draft import Tab, save_draft
from tracker.actions.proposal import add_proposal
from tracker.actions.quotation import object_to_quotation
from tracker.actions.record import Answer, save_note
from tracker.actions.user import note_first_page
from tracker.figures.comparison import StatusChange
from tracker.models import Assignment, Record, Revision
from tracker.models.draft import new_tab
from tracker.models.respondent import TreatyStatus
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

DESK, UNITS = reverse("respondent_desk", args=["XAA"]), reverse("units_asked", args=["XAA"])


@pytest.fixture
def page(desk):
    return lambda address=DESK: desk.get(address)


def test_the_desk_shows_both_figures_with_their_counts(page, say):
    say("I.13", ready=True)
    say("II.49", "in_progress")
    say("I.7(a)", "considered_not_taken_up", reasons="Considered in 2024.")
    said = words_of_page(page())
    assert "Arandia (party to the Protocol) · 230 recommendations" in said
    assert "3 of 230 answered · 1%" in said
    assert "No information: 227" in said
    assert "Marked ready: 1 · Answered, not ready: 2" in said
    assert "Status of the 3 answers" in said
    assert "Asked to consider a measure: 1 · Asked to act: 0" in said
    assert re.search(r"Self-reported · Current answers \(not submitted\) · \d+ \w+ \d{4}, \d\d:\d\d", said)


def test_themes_lead_into_the_list_and_the_round_comes_first(page, say, bob):
    opened_round(bob)
    say("I.13")
    html = page().content.decode()
    assert f'<a href="{reverse("record_list", args=["XAA"])}?theme=compensation">' in html
    assert "?meeting=" not in html
    parts = [html.index(words) for words in ("Check and submit</a>", 'id="continue"', 'id="attention"')]
    assert parts == sorted(parts)
    assert "<b>1</b> of 9 answered" in html


def section(html: str, first: str, last: str) -> str:
    return plain_text(html.partition(first)[2].partition(last)[0])


def continued(page) -> list[str]:
    """Return the labels to continue with, in the order of the page."""
    return re.findall(r"\b[IV]+\.\d+(?:\([a-z]\))*", section(page().text, 'class="continue"', "</section>"))


def test_what_is_next_follows_the_latest_answer(page, say, xaa):
    say("I.13")
    labels = list(xaa.units_to_answer().order_by("position").values_list("label", flat=True))
    assert continued(page) == labels[labels.index("I.13") + 1 :][:5]
    assert "Continue with the next recommendation I.14 " in words_of_page(page())


def test_an_own_draft_comes_before_what_is_next(page, say, xaa, alice, ruth, unit):
    say("I.13")
    tabs = Tab(new_tab()), Tab(new_tab())
    save_draft(respondent=xaa, unit=unit("II.8"), tab=tabs[0], base=0, fields={"measures": ["An act."]}, by=alice)
    save_draft(respondent=xaa, unit=unit("II.9"), tab=tabs[1], base=0, fields={"measures": ["A law."]}, by=ruth)
    assert continued(page)[:2] == ["II.8", "I.14"]
    said = words_of_page(page())
    assert f"Continue where you left off II.8 {unit('II.8').title} Your draft of" in said


def test_what_others_have_is_skipped_and_the_page_says_who_has_it(page, say, xaa, alice, carol, justice, unit):
    say("I.13")
    assign(respondent=xaa, units=[unit("I.14"), unit("I.16(a)"), unit("I.13")], to=justice, by=alice)
    assign(respondent=xaa, units=[unit("II.8")], to=carol, by=alice)
    labels = list(xaa.units_to_answer().order_by("position").values_list("label", flat=True))
    following = [label for label in labels[labels.index("I.13") + 1 :] if label not in {"I.14", "I.16(a)"}]
    assert continued(page) == following[:5]
    said = words_of_page(page())
    skipped = "recommendations without an answer are with others. The button for the next recommendation skips them."
    assert f"3 {skipped}" in said
    assert "skips them. Carol (1) · Ministry of Justice (2) Not answered: 229" in said
    assert f"2 {skipped}" in words_of_page(client_of(carol).get(DESK))


def test_what_needs_attention_comes_in_groups_with_counts(page, say, xaa, alice, carol, justice, unit):
    assert "Needs your attention Nothing to do at present" in words_of_page(page())
    yesterday = timezone.localdate() - timezone.timedelta(days=1)
    assign(respondent=xaa, units=[unit("I.14"), unit("I.16(a)")], to=justice, by=alice)
    Assignment.everyones.update(due_on=yesterday)
    assign(respondent=xaa, units=[unit("II.8")], to=carol, by=alice)
    send_answer(respondent=xaa, unit=unit("II.8"), by=carol)
    said = section(page().text, 'id="attention"', '<section class="section" aria-labelledby="changes"')
    titles = {label: unit(label).title for label in ("II.8", "I.14", "I.16(a)")}
    today = date_format(timezone.localdate())
    due = f"Ministry of Justice Due {day_in_words(yesterday)}"
    assert said.partition("1 answer to check")[2] == (
        f" Check answers II.8 {titles['II.8']} Carol Waiting since {today}"
        f" Due date passed: 2 Assignments I.14 {titles['I.14']} {due} I.16(a) {titles['I.16(a)']} {due}"
        " Assigned: 3 · To check: 1 · Returned: 0 Assign recommendations Upload a returned file"
    )


def test_a_focal_point_sees_until_when_quotations_can_be_objected_to(
    page, say, xaa, alice, bob, carol, django_assert_max_num_queries
):
    for label in ("I.13", "I.14"):
        say(label, measures="A fund exists.", ready=True)
    round_ = opened_round(bob, meetings=[1])
    submission = submit_ready(xaa, round_, alice, dataclasses.replace(STATED, quoted=True))
    close_round(round_)
    release = release_of_few(round_, bob)
    assert "Quotations of your State" not in words_of_page(page())
    for label in ("I.13", "I.14"):
        quotation = quote(release, submission, label, "measures", bob)
    with django_assert_max_num_queries(15):
        shown = page()
    day = date_format(timezone.localdate() + timezone.timedelta(days=10))
    row = f"Quotations of your State See the quotations You can object to 2 quotations until {day}."
    assert row in words_of_page(shown)
    assert "Nothing to do at present" not in words_of_page(shown)
    assert 'href="/desk/XAA/quotations/"' in shown.text.partition('id="open-quotations"')[2].partition("</section>")[0]
    object_to_quotation(quotation=quotation, reason="", by=alice)
    assert f"You can object to 1 quotation until {day}." in words_of_page(page())
    assert "Quotations of your State" not in words_of_page(client_of(carol).get(DESK))


def test_only_a_focal_point_has_suggestions_to_decide_on(page, xaa, carol, unit):
    add_proposal(respondent=xaa, unit=unit("I.14"), base=0, answer=Answer(status="implemented"), by=carol)
    shown = page().text.partition('id="attention"')[2].partition('aria-labelledby="changes"')[0]
    led = "Suggestions Suggestions for the focal point to decide, and decisions on your suggestions."
    assert f"{led} All completed questionnaires {titled('I.14')}" in plain_text(shown)
    assert "Nothing to do at present" not in shown
    assert not re.search(r"<a [^>]*></a>", shown), "a link has words"
    assert "Nothing to do at present Suggestions" in words_of_page(client_of(carol).get(DESK))


def test_a_decision_on_the_own_suggestion_is_nothing_to_do(page, xaa, alice, unit):
    first, second = (
        add_proposal(respondent=xaa, unit=unit(label), base=0, answer=Answer(status="implemented"), by=alice)
        for label in ("I.13", "I.14")
    )
    decline(second, reason="Ask again.", by=alice)
    shown = words_of_page(page())
    assert "Nothing to do at present" not in shown
    assert shown.index(f"{titled('I.13')}") < shown.index("Declined")
    decline(first, reason="Ask again.", by=alice)
    assert "Nothing to do at present Suggestions" in words_of_page(page())


def test_answers_with_a_passed_date_lead_to_the_list_of_them(page, say, client, carol):
    past = timezone.localdate() - datetime.timedelta(days=366)
    assert "Nothing to do at present" in words_of_page(page())
    for label in ("I.13", "II.8"):
        say(label, "in_progress", target_date=past)
    say("II.9", situation_as_at=past)
    led = {"Target date passed: 2": ("target=passed", 2), "Situation older than twelve months: 1": ("situation=old", 1)}
    for user in (find_person("alice"), carol):
        client.force_login(user)
        text, listed = page().text, reverse("record_list", args=["XAA"])
        for said, (query, count) in led.items():
            assert f'{said}</h3> <a href="{listed}?{query}">Show in the list</a>' in text
            assert len(page(f"{listed}?{query}").context["tasks"].shown) == count
    assert "Nothing to do at present" not in text


def test_each_institution_is_counted_in_alphabetical_order(page, say, xaa, alice, carol, justice, unit):
    say("I.14")
    assign(respondent=xaa, units=[unit("I.14"), unit("I.16(a)")], to=justice, by=alice)
    assign(respondent=xaa, units=[unit("II.8")], to=carol, by=alice)
    send_answer(respondent=xaa, unit=unit("II.8"), by=carol)
    said = section(page().text, 'id="assignees"', "</section>")
    heads = "By institution Assignments Assigned to Not answered To check"
    assert said.endswith(f"{heads} Carol 0 of 1 1 Ministry of Justice 1 of 2 0")


def test_changes_since_the_last_round_are_counted(page, say, xaa, alice, bob):
    assert page().context["changes_since"] == {}
    for label, status in {"I.13": "in_progress", "I.14": "implemented", "II.8": "in_progress"}.items():
        say(label, status, ready=True)
    former = opened_round(bob, code="2024", meetings=[1, 2, 4])
    submit_ready(xaa, former, alice)
    close_round(former)
    say("I.13", "implemented", base=1)
    say("I.14", "partially_implemented", base=1)
    say("I.16(a)")
    assert page().context["changes_since"] == {
        StatusChange.FURTHER: 1,
        StatusChange.LESS_FAR: 1,
        StatusChange.NEWLY_ANSWERED: 1,
        StatusChange.SAME: 1,
    }
    assert "Since round 2024 XAA/2024/1 Moved forward 1 Moved back 1 Newly answered 1 Same status 1" in words_of_page(
        page()
    )


def test_what_others_changed_since_the_last_visit_is_a_list(client, say, xaa, alice, ruth, unit):
    """By hand: the visit before is known from signing in."""
    credentials = {"login": alice.email, "password": PASSWORD}
    note_first_page(by=alice)
    client.post("/accounts/login/", credentials)
    assert "Recent changes" in words_of_page(client.get(DESK))
    say("I.14")
    client.logout()
    save_for_xaa("I.13", "in_progress", by=ruth)
    client.post("/accounts/login/", credentials)
    page = client.get(DESK)
    assert [(one.record.recommendation.label, one.author) for one in page.context["recent_changes"]] == [("I.13", ruth)]
    said = words_of_page(page)
    assert "What changed since your last visit Audit trail Your last visit: " in said
    client.post("/accounts/logout/")
    client.post("/accounts/login/", credentials)
    assert "No changes by others" in words_of_page(client.get(DESK))


def test_what_changed_says_who_and_to_what(page, say):
    say("I.13", "in_progress")
    say("I.13", "implemented", base=1)
    say("I.13", "implemented", base=2, measures="More words.")
    changes = words_of_page(page()).split("Recent changes")[1]
    title = "I.13 Possible procedures for compensation and restitution"
    assert re.findall(rf"{re.escape(title)} \d\d:\d\d · Version (\d) · Alice( [A-Z]\w+)?", changes) == [
        ("3", ""),
        ("2", " Implemented"),
        ("1", " In"),
    ]


def test_what_changed_last_is_the_newest_of_all_that_was_saved(page, say, xaa, alice, unit):
    labels = ["I.5(a)", "I.13", "II.8", "II.49", "IV.15", "V.12", "VI.19", "VIII.1(f)"]
    for base in range(2):
        for label in labels[base * 5 :]:
            say(label, base=base, measures=f"Said {base}.")
    for label in ("I.7(a)", "I.7(b)", "I.7(c)", "I.7(d)", "II.41", "IV.34"):
        save_note(respondent=xaa, unit=unit(label), base=Record.NO_NOTE, note="Nothing is saved here.", by=alice)
    newest = Revision.everyones.order_by("-pk").values_list("record__recommendation__label", "number")[:6]
    shown = [(one.record.recommendation.label, one.number) for one in page().context["recent_changes"]]
    assert shown == list(newest)


def test_an_empty_desk_says_where_to_begin(page):
    said = words_of_page(page())
    assert "Start with a short section: Trafficking in persons for the removal of organs" in said
    assert "No answers yet: where to start IV.2 United Nations data on trafficking for organ removal" in said
    assert "0 of 17 answered" in said


def test_a_viewer_reads_and_is_offered_nothing_to_write(xaa, say):
    say("I.13")
    said = words_of_page(client_of(make_person("vera", Role.VIEWER, xaa)).get(DESK))
    assert "1 of 230 answered" in said
    assert "Continue" not in said


def test_which_and_why_counts_addressees_and_gives_the_treaty_status(page):
    said = words_of_page(page(UNITS))
    assert "States parties Yes 207" in said
    assert "Secretariat No 17" in said
    assert "Party to the Protocol · Act: 1 May 2005" in said
    assert "You may also answer 1 recommendation that is not addressed to you" in said


def test_a_party_only_to_the_convention_sees_its_six_units(client):
    state = make_state("XDD", "Dorvania", treaty_status=TreatyStatus.CONVENTION_ONLY)
    client.force_login(make_person("dora", Role.FOCAL_POINT, state))
    said = words_of_page(client.get(reverse("units_asked", args=["XDD"])))
    assert "Dorvania (party to the Convention, not to the Protocol) · 31 recommendations" in said
    asked = " ".join(map(titled, ("I.5(b)", "I.23(a)", "I.23(b)", "II.29", "II.30", "V.21")))
    assert f"also asked to answer: {asked}" in said
    assert "may also answer 200 recommendations" in said


def test_the_desk_asks_the_database_as_often_at_20_answers_as_at_200(page, xaa, alice, django_assert_max_num_queries):
    units = list(xaa.units_to_answer().with_text().order_by("position"))
    law = add_item(xaa, alice, "Law No. 17 of 2022", url="https://laws.example/17")
    counts = []
    for start, end in ((0, 20), (20, 200)):
        said = Answer(status="implemented", citations=[(law, "")])
        save_many(xaa, dict.fromkeys(units[start:end], said), alice)
        with django_assert_max_num_queries(15) as queries:
            page()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_name_in_another_script_is_isolated_from_other_words(desk, alice, say):
    """Else an Arabic name draws the day of the date to its other side."""
    say("I.13")
    alice.name = "ليلى القاروني"
    alice.save()
    page = desk.get(reverse("record_history", args=["XAA", "I-13"])).content.decode()
    assert page.count("ليلى القاروني") == page.count("<bdi>ليلى القاروني</bdi>") > 1
