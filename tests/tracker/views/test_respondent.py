"""The desk: its figures, what is next, what changed; and which recommendations are asked, and why."""

import re

import pytest
from django.urls import reverse

from tests.conftest import make_person, make_state
from tests.pages import words_of_page
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer, save_note
from tracker.models import Record, Revision
from tracker.models.respondent import TreatyStatus
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

DESK, UNITS = reverse("respondent_desk", args=["XAA"]), reverse("units_asked", args=["XAA"])


@pytest.fixture
def say(xaa, alice, unit):
    def say(node, status="implemented", base=0, **said):
        node = unit(node) if isinstance(node, str) else node
        return save_answer(respondent=xaa, unit=node, base=base, answer=Answer(status=status, **said), by=alice)

    return say


@pytest.fixture
def page(client, alice):
    client.force_login(alice)
    return lambda address=DESK: client.get(address)


def test_the_desk_shows_both_figures_with_their_counts(page, say):
    say("I.13", ready=True)
    say("II.49", "in_progress")
    say("I.7(a)", "considered_not_taken_up", reasons="Considered in 2024.")
    said = words_of_page(page())
    assert "Arandia (party to the Protocol): 230 recommendations addressed." in said
    assert "3 of 230 answered, 1%" in said
    assert "No information: 227" in said
    assert "Marked ready: 1 , Answered, not ready: 2" in said
    assert "Status of the 3 answers" in said
    assert "1 where the recommendation asks States to consider a measure, 0 elsewhere" in said
    assert re.search(r"Self-reported · current answers · \d+ \w+ \d{4}, \d\d:\d\d", said)


def test_themes_and_meetings_lead_into_the_list(page, say):
    say("I.13")
    html = page().content.decode()
    assert f'<a href="{reverse("record_list", args=["XAA"])}?theme=compensation">' in html
    assert f'<a href="{reverse("record_list", args=["XAA"])}?meeting=1">' in html
    assert "<b>1</b> of 9 answered" in html


def test_what_is_next_follows_the_latest_answer(page, say, xaa):
    say("I.13")
    labels = list(xaa.units_to_answer().order_by("position").values_list("label", flat=True))
    expected = labels[labels.index("I.13") + 1 :][:5]
    shown = words_of_page(page()).split("Next recommendations")[1].split("Recent changes")[0]
    assert [label for label in expected if label in shown] == expected
    assert f"Continue with {expected[0]}" in words_of_page(page())


def test_what_changed_says_who_and_to_what(page, say):
    say("I.13", "in_progress")
    say("I.13", "implemented", base=1)
    say("I.13", "implemented", base=2, measures="More words.")
    changes = words_of_page(page()).split("Recent changes")[1].split("Recent evidence")[0]
    title = "I.13 Possible procedures for compensation and restitution"
    assert re.findall(rf"{re.escape(title)} Version (\d), saved by you( [A-Z]\w+)?", changes) == [
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


def test_recent_evidence_is_shown_in_its_current_version(page, xaa, alice, say):
    say("I.13")
    details = EvidenceDetails("Law No. 17 of 2022", kind="law", language="en", url="https://laws.example/17")
    add_evidence(respondent=xaa, by=alice, details=details)
    assert "E1 Law No. 17 of 2022 Law · Alice" in words_of_page(page())


def test_an_empty_desk_says_where_to_begin(page):
    said = words_of_page(page())
    assert "No answers yet: where to start" in said
    assert "Start with a short section: Trafficking in persons for the removal of organs" in said
    assert "Start with IV.2" in said
    assert "0 of 17 answered" in said


def test_a_viewer_reads_and_is_offered_nothing_to_write(client, xaa, say):
    say("I.13")
    client.force_login(make_person("vera", Role.VIEWER, xaa))
    said = words_of_page(client.get(DESK))
    assert "1 of 230 answered" in said
    assert "Continue with" not in said


def test_a_stranger_finds_no_desk(client, xaa, charlie):
    client.force_login(charlie)
    assert [client.get(address).status_code for address in (DESK, UNITS)] == [404, 404]


def test_which_and_why_counts_addressees_and_gives_the_treaty_status(page):
    said = words_of_page(page(UNITS))
    assert "States parties Yes 207" in said
    assert "Secretariat No 17" in said
    assert "Party to the Protocol (act on 1 May 2005)" in said
    assert "You may also answer 1 recommendation that is not addressed to your State" in said


def test_a_party_to_the_convention_alone_is_told_the_six_units_on_the_convention(client):
    state = make_state("XDD", "Dorvania", treaty_status=TreatyStatus.CONVENTION_ONLY)
    client.force_login(make_person("dora", Role.FOCAL_POINT, state))
    said = words_of_page(client.get(reverse("units_asked", args=["XDD"])))
    assert "Dorvania (party to the Convention, not to the Protocol): 31 recommendations addressed." in said
    assert "also asked to answer: I.5(b) , I.23(a) , I.23(b) , II.29 , II.30 , V.21" in said
    assert "may also answer 200 recommendations" in said


def test_the_desk_asks_the_database_as_often_at_20_answers_as_at_200(
    page, say, xaa, alice, django_assert_max_num_queries
):
    units = list(xaa.units_to_answer().with_text().order_by("position"))
    details = EvidenceDetails("Law No. 17 of 2022", kind="law", language="en", url="https://laws.example/17")
    law = add_evidence(respondent=xaa, by=alice, details=details)
    counts = []
    for start, end in ((0, 20), (20, 200)):
        for unit in units[start:end]:
            say(unit, citations=[(law, "")])
        with django_assert_max_num_queries(15) as queries:
            page()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_name_in_another_script_stands_apart_from_the_words_around_it(client, alice, say):
    """Else an Arabic name draws the day of the date to its other side."""
    say("I.13")
    alice.name = "ليلى القاروني"
    alice.save()
    client.force_login(alice)
    page = client.get(reverse("record_history", args=["XAA", "I-13"])).content.decode()
    assert page.count("ليلى القاروني") == page.count("<bdi>ليلى القاروني</bdi>") > 1
