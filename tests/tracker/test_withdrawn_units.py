"""A unit that is withdrawn, or merged into another, takes no answer with it."""

import datetime
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from recommendations import catalogue
from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import Recommendation, read_stamp
from recommendations.text_cache import texts_at
from tests.catalogue_events import actions_on
from tests.pages import seen_at, words
from tests.submissions import opened_round, submit_ready
from tracker.actions.submission import check_submission
from tracker.documents.report.sealed import submission_report
from tracker.models import Record, Respondent, SubmissionItem
from tracker.models.respondent import RespondentKind, TreatyStatus
from tracker.queries.catalogue_history import unit_changes
from tracker.queries.desk.units import unit_rows

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 1)


@pytest.fixture
def say(say):
    return partial(say, ready=True)


@pytest.fixture
def withdraw(dana, unit):
    def withdraw(label, into=None, reason="Superseded.", on=TODAY):
        target = unit(into) if into else None
        catalogue.withdraw_unit(unit=unit(label), on=on, reason=reason, into=target, by=dana)

    return withdraw


@pytest.fixture
def page(client, alice):
    def page(name, *args, person=alice, query=""):
        client.logout()
        if person:
            client.force_login(person)
        return client.get(reverse(name, args=args) + query)

    return page


def asked_of(respondent) -> set[str]:
    return set(respondent.units_to_answer().values_list("label", flat=True))


@pytest.mark.parametrize("standing", TreatyStatus)
@pytest.mark.parametrize("kind", RespondentKind)
def test_what_is_open_is_the_same_for_one_unit_as_for_all(withdraw, bob, xaa, kind, standing):
    """Also of withdrawn units, in an open round and in none."""
    opened_round(bob, meetings=[1])
    for label in ("I.13", "IV.46(i)"):
        withdraw(label)
    respondent = Respondent(kind=kind, treaty_status=standing)
    texts = texts_at(read_stamp()).nodes(Recommendation.objects.published().values_list("pk", flat=True))
    found = respondent.find_units_open(texts.values())
    assert found == set(respondent.units_open().values_list("pk", flat=True))
    asked = respondent.find_units_to_answer(texts.values())
    assert asked == set(respondent.units_to_answer().values_list("pk", flat=True))
    stored = Recommendation.objects.published().exclude(pk__in=[node.pk for node in texts.values() if not node.is_unit])
    assert found == respondent.find_units_open(stored)
    of_one = {node.label for node in stored if respondent.find_units_open([node])}
    if kind == RespondentKind.STATE:
        assert "I.13" in of_one
        assert "IV.46(i)" not in of_one


@pytest.mark.parametrize("into", [None, "II.43"])
def test_it_is_asked_no_longer_and_its_answer_stays(withdraw, say, xaa, xbb, alice, charlie, page, into):
    revision = say("II.44")
    before = asked_of(xaa)
    withdraw("II.44", into)
    assert before - asked_of(xaa) == before - asked_of(xbb) == {"II.44"}
    record = Record.everyones.get(respondent=xaa, recommendation__label="II.44")
    assert record.current == revision
    assert not Record.everyones.filter(recommendation__label="II.43").exists(), "no answer is moved"
    [row] = [row for row in unit_rows(xaa, alice).others if row.unit.label == "II.44"]
    assert row.revision == revision
    shown = page("record", "XAA", "II-44")
    assert shown.status_code == 200
    assert "Superseded." in words(shown)
    assert not shown.context["page"].may_write
    assert page("record_history", "XAA", "II-44").status_code == 200
    assert page("record", "XBB", "II-44", person=charlie).status_code == 404, "nothing is recorded there"


def test_nothing_is_saved_on_it(withdraw, say):
    withdraw("II.44")
    with pytest.raises(ValidationError):
        say("II.44")


def test_its_address_goes_on_to_work_and_says_so(withdraw, page, dana):
    withdraw("II.44", into="II.43")
    shown = page("recommendations:detail", "II-44", person=None)
    assert (
        "This site has not requested answers to this text since 1 November 2026. It requests answers to another text "
        "instead. The adopted text is unchanged. Superseded." in words(shown)
    )
    assert '<a href="/recommendations/II-43/"><bdi>II.43</bdi></a>' in shown.text
    assert "Dana" not in words(shown)
    assert "Dana" in words(page("recommendations:detail", "II-44", person=dana))
    shown = words(page("recommendations:list", person=None, query="?meeting=2"))
    assert "Answers not requested since 1 November 2026" in shown


def test_a_round_that_was_opened_keeps_it(withdraw, say, xaa, alice, bob):
    round_ = opened_round(by=bob, meetings=[1, 2, 4])
    withdraw("II.44")
    assert "II.44" in {one.unit.label for one in check_submission(xaa, round_).units}
    say("II.44")
    submission = submit_ready(xaa, round_, alice)
    assert SubmissionItem.everyones.get(submission=submission, unit__label="II.44").status == "implemented"
    later = opened_round(by=bob, code="2027", meetings=[1, 2, 4])
    assert not later.units.filter(unit__label="II.44").exists()


def test_a_submission_is_unchanged_after_a_unit_is_withdrawn(withdraw, say, xaa, alice, bob, page):
    say("II.44")
    submission = submit_ready(xaa, opened_round(by=bob, meetings=[1, 2, 4]), alice)
    before = submission_report(submission)
    withdraw("II.44", into="II.43")
    after = submission_report(submission)
    assert after.figures == before.figures
    assert [entry.revision for entry in after.entries] == [entry.revision for entry in before.entries]
    answers = page("submission_report_json", "XAA", "2026", 1).json()["answers"]
    assert next(one["status"] for one in answers if one["label"] == "II.44") == "implemented"


def test_a_curator_reinstates_a_unit_and_its_page_shows_both(withdraw, say, xaa, alice, dana, unit, page):
    revision = say("II.44")
    before = asked_of(xaa)
    withdraw("II.44", into="II.43")
    catalogue.reinstate_unit(unit=unit("II.44"), reason="By mistake.", by=dana)
    assert asked_of(xaa) == before
    [row] = [row for row in unit_rows(xaa, alice).to_answer if row.unit.label == "II.44"]
    assert row.revision == revision
    shown = page("recommendations:detail", "II-44", person=None)
    assert [change.reason for change in unit_changes(unit("II.44"))] == ["Superseded.", "By mistake."]
    assert f"Requested instead · {unit('II.43').label_with_title} · 1 November 2026: Superseded." in words(shown)
    assert "has not requested answers" not in words(shown)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"on": datetime.date(2999, 1, 1)}, "on"),
        ({"into": "II.44"}, "into"),
        ({"into": "I.4"}, "into"),
        ({"into": "IV.46"}, "into"),
        ({"unit": "IV.46", "into": "II.44"}, "into"),
        ({"unit": "I.4"}, "__all__"),
    ],
)
def test_what_cannot_be_withdrawn_is_refused(dana, unit, withdraw, changed, field):
    withdraw("I.4")
    said = {"unit": "II.44", "on": TODAY, "reason": "Superseded.", "into": None} | changed
    said |= {name: unit(said[name]) for name in ("unit", "into") if said[name]}
    with pytest.raises(ValidationError) as caught:
        catalogue.withdraw_unit(**said, by=dana)
    assert list(caught.value.message_dict) == [field]


def test_what_is_asked_is_not_put_back(dana, unit, withdraw):
    with pytest.raises(ValidationError):
        catalogue.reinstate_unit(unit=unit("II.44"), reason="By mistake.", by=dana)
    withdraw("II.44")
    with pytest.raises(ValidationError):
        catalogue.reinstate_unit(unit=unit("II.44"), reason=" ", by=dana)


def test_only_curators_withdraw_and_reinstate_units(alice, bob, erin, unit):
    for person in (alice, bob, erin):
        with pytest.raises(PermissionDenied):
            catalogue.withdraw_unit(unit=unit("II.44"), on=TODAY, reason="Superseded.", by=person)
        with pytest.raises(PermissionDenied):
            catalogue.reinstate_unit(unit=unit("II.44"), reason="By mistake.", by=person)


@pytest.mark.parametrize(
    "broken",
    [
        {"withdrawn_on": TODAY},
        {"withdrawal_reason": "Superseded.", "merged_into": 1},
    ],
)
def test_the_database_refuses_half_a_withdrawal(unit, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        Recommendation.objects.filter(label="II.44").update(**broken)


def test_a_curator_does_it_in_the_admin(curator, dana, unit, xaa):
    address = reverse("admin:recommendations_recommendation_standing", args=[unit("II.44").pk])
    typed = {"into": "II.43", "on": "2026-11-01", "reason": "Superseded."}
    typed |= seen_at(curator, address)
    assert list(curator.post(address, typed | {"reason": ""}).context["form"].errors) == ["reason"]
    assert curator.post(address, typed).status_code == 302
    assert unit("II.44").merged_into == unit("II.43")
    assert actions_on(unit("II.44"))[0] == ("recommendation withdrawn", dana)
    assert curator.post(address, {"reason": "By mistake."} | seen_at(curator, address)).status_code == 302
    assert "II.44" in asked_of(xaa)


def test_a_second_click_does_not_request_answers_again(curator, unit):
    address = reverse("admin:recommendations_recommendation_standing", args=[unit("II.44").pk])
    typed = {"on": "2026-11-01", "reason": "Superseded."} | seen_at(curator, address)
    assert curator.post(address, typed).status_code == 302

    again = curator.post(address, typed)

    assert again.context["form"].non_field_errors() == [PAGE_CHANGED]
    assert again.context["form"]["reason"].value() == "Superseded."
    assert unit("II.44").withdrawn_on is not None
    assert curator.post(address, again.context["form"].data).status_code == 302
    assert unit("II.44").withdrawn_on is None
