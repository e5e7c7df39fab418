"""Publication asks nothing of States: a paper is opened to answers by two people, and the States are notified."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations import catalogue
from recommendations.models import Addressee, Body, Paper, Recommendation
from tests.conftest import make_person
from tests.papers import opened, proposed, taken_in
from tests.papers import published as published_draft
from tests.submissions import opened_round
from tests.verification import find_errors
from tracker.actions.paper_opening import confirm_opening, propose_opening, withdraw_opening
from tracker.actions.record import Answer, save_answer
from tracker.actions.round import plan_round
from tracker.models import Event, Notification, Respondent, Round
from tracker.models.notification import NotificationKind
from tracker.models.respondent import TreatyStatus
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

OF_PARTIES = ["IX.1(a)", "IX.1(b)", "IX.3"]


@pytest.fixture
def ninth(dana) -> Paper:
    """Published; IX.2 is addressed to the Secretariat, its other units to States parties."""
    return published_draft(taken_in(dana), dana).texts.first().paper


def labels_asked(respondent) -> list[str]:
    return list(respondent.units_to_answer().filter(label__startswith="IX.").values_list("label", flat=True))


def told() -> list[tuple]:
    rows = Notification.objects.filter(kind=NotificationKind.REQUESTS_CHANGED).order_by("pk")
    return list(rows.values_list("user__name", "context"))


def test_the_first_paper_is_open_from_its_loading(xaa):
    paper = Paper.objects.get()
    assert (paper.opened_at is not None, paper.opened_by, paper.mandate) == (True, None, "")
    assert xaa.units_to_answer().count() == 230


def test_no_answer_to_a_paper_is_requested_until_opened(ninth, xaa, alice, bob, dana, unit, client):
    assert (labels_asked(xaa), Recommendation.objects.units().filter(paper=ninth).count()) == ([], 0)
    assert told() == []
    page = client.get("/recommendations/IX-1-a/")
    assert "Criminalize trafficking in persons" in page.text
    assert "States are not asked to answer this text yet: its paper is not open to answers." in page.text
    with pytest.raises(ValidationError, match="You cannot answer this recommendation"):
        save_answer(respondent=xaa, unit=unit("IX.1(a)"), base=0, answer=Answer(status="implemented"), by=alice)

    opened(ninth, bob, dana)

    assert labels_asked(xaa) == OF_PARTIES
    assert "its paper is not open" not in client.get("/recommendations/IX-1-a/").text
    save_answer(respondent=xaa, unit=unit("IX.1(a)"), base=0, answer=Answer(status="implemented"), by=alice)
    assert find_errors() == []


def test_attack_a_round_takes_a_text_of_an_unopened_paper(ninth, bob):
    body = Body.objects.get()
    opens_on = datetime.date(2026, 11, 1)
    planned = Round(body=body, code="2027", title="2027", opens_on=opens_on, due_on=opens_on)
    plan_round(round=planned, meetings=[*body.meetings.filter(number=9)], themes=[], families=[], by=bob)
    assert planned.units_in_scope().count() == 0
    assert not opened_round(bob).units.filter(unit__paper=ninth).exists()


def test_a_round_that_is_open_keeps_its_scope(ninth, bob, dana):
    round_ = opened_round(bob)
    before = round_.units.count()
    opened(ninth, bob, dana)
    assert round_.units.count() == before


def test_each_focal_point_with_an_addressed_text_is_notified_once(ninth, alice, bob, charlie, dana, mailoutbox):
    secretariat = Respondent.objects.create(code="SEC", name="The Secretariat", kind="secretariat")
    make_person("sam", Role.FOCAL_POINT, secretariat)
    Respondent.objects.filter(code="XBB").update(treaty_status=TreatyStatus.NOT_PARTY, protocol_acted=None)
    opened(ninth, bob, dana)
    assert told() == [(name, {"paper": ninth.pk}) for name in ("Alice", "Sam")]


def test_the_mail_names_the_paper_and_the_mandate(
    ninth, alice, bob, dana, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        opened(ninth, bob, dana)
    [mail] = [mail for mail in mailoutbox if mail.to == ["alice@example.org"]]
    assert mail.subject == f"Answers are requested: {ninth}"
    assert "Mandate: Note verbale CU 2026/1." in mail.body


def test_two_people_who_manage_rounds_open_it_with_a_mandate(ninth, bob, dana):
    with pytest.raises(ValidationError, match="Enter the mandate"):
        propose_opening(paper=ninth, mandate=" ", by=bob)
    paper = proposed(ninth, bob)
    with pytest.raises(ValidationError, match="Another person who manages rounds must confirm"):
        confirm_opening(paper=paper, base=paper.opening_stamp, by=bob)
    confirm_opening(paper=paper, base=paper.opening_stamp, by=dana)
    actions = Event.everyones.order_by("-pk").values_list("action", "actor")[:2]
    assert list(actions) == [("paper opened to answers", dana.pk), ("opening to answers proposed", bob.pk)]
    assert find_errors() == []


def test_attack_the_mandate_changes_before_the_confirmation(ninth, bob, dana):
    paper = proposed(ninth, bob)
    propose_opening(paper=ninth, mandate="Another note", by=bob)
    with pytest.raises(ValidationError, match="The page changed"):
        confirm_opening(paper=paper, base=paper.opening_stamp, by=dana)


def test_attack_a_text_published_after_the_proposal_is_opened_too(ninth, bob, dana):
    paper = proposed(ninth, bob)
    ninth.texts.filter(label="IX.2").update(published_at=timezone.now())
    with pytest.raises(ValidationError, match="The page changed"):
        confirm_opening(paper=paper, base=paper.opening_stamp, by=dana)


def test_a_proposal_of_somebody_who_left_does_not_hold(ninth, bob, dana):
    paper = proposed(ninth, bob)
    bob.memberships.update(until=timezone.localdate() - datetime.timedelta(1))
    with pytest.raises(ValidationError, match="Propose it again"):
        confirm_opening(paper=paper, base=paper.opening_stamp, by=dana)


def test_a_proposal_is_withdrawn(ninth, bob, dana):
    paper = proposed(ninth, bob)
    withdraw_opening(paper=paper, by=dana)
    with pytest.raises(ValidationError, match="The page changed"):
        confirm_opening(paper=paper, base=paper.opening_stamp, by=dana)
    with pytest.raises(ValidationError, match="The page changed"):
        withdraw_opening(paper=paper, by=dana)
    assert find_errors() == []


def test_no_text_is_published_into_an_open_paper(ninth, bob, dana):
    opened(ninth, bob, dana)
    later = "IX. Ninth meeting, Vienna, 9 to 11 September 2019\n\n4. States parties should report.\n"
    with pytest.raises(ValidationError, match="No text can be added to it"):
        published_draft(taken_in(dana, later), dana)


# What the database holds


def test_attack_the_database_refuses_an_opening_by_one_or_none(ninth, bob, dana):
    now, papers = timezone.now(), Paper.objects.filter(pk=ninth.pk)
    by_bob = {"mandate": "V.41", "opening_proposed_by": bob, "opening_proposed_at": now}
    for refused in (
        {"opened_at": now},
        {"opened_by": dana},
        {"opened_by": dana, "opened_at": now},
        {"opened_by": bob, "opened_at": now} | by_bob,
        {"opened_by": dana, "opened_at": now} | by_bob | {"mandate": ""},
        by_bob | {"mandate": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            papers.update(**refused)
    assert papers.update(opened_by=dana, opened_at=now, **by_bob) == 1


def test_attack_the_database_refuses_to_close_a_paper_again(ninth, bob, dana):
    opened(ninth, bob, dana)
    for changed in ({"opened_at": None, "opened_by": None}, {"opened_at": timezone.now()}, {"mandate": "Another"}):
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            Paper.objects.filter(pk=ninth.pk).update(**changed)
    Paper.objects.filter(pk=ninth.pk).update(title="As printed")


# After the opening


@pytest.fixture
def open_ninth(ninth, alice, charlie, bob, dana) -> Paper:
    Respondent.objects.filter(code="XBB").update(treaty_status=TreatyStatus.NOT_PARTY, protocol_acted=None)
    paper = opened(ninth, bob, dana)
    Notification.objects.all().delete()
    return paper


def test_states_are_notified_when_requests_end_and_begin_again(open_ninth, dana, unit):
    text = unit("IX.1(a)")
    catalogue.withdraw_unit(unit=text, on=timezone.localdate(), reason="Taken up elsewhere.", by=dana)
    catalogue.reinstate_unit(unit=text, reason="By mistake.", by=dana)
    assert told() == [("Alice", {"label": "IX.1(a)"})] * 2


def test_states_that_the_text_in_its_place_addresses_are_notified(open_ninth, dana, unit):
    into = Recommendation.objects.units().for_addressees("states").first()
    catalogue.withdraw_unit(unit=unit("IX.1(a)"), on=timezone.localdate(), reason="Elsewhere.", into=into, by=dana)
    assert told() == [(name, {"label": "IX.1(a)"}) for name in ("Alice", "Charlie")]


def test_states_that_a_text_addressed_or_addresses_now_are_notified(open_ninth, dana, unit):
    states = Addressee.objects.filter(code="states_not_yet_parties")
    catalogue.change_annotations(recommendation=unit("IX.1(a)"), addressees=states, by=dana)
    assert told() == [(name, {"label": "IX.1(a)"}) for name in ("Alice", "Charlie")]


def test_nobody_is_notified_of_changes_before_the_opening(ninth, alice, dana, unit):
    states = Addressee.objects.filter(code="states")
    catalogue.change_annotations(recommendation=unit("IX.1(a)"), addressees=states, by=dana)
    catalogue.withdraw_unit(unit=unit("IX.1(b)"), on=timezone.localdate(), reason="Elsewhere.", by=dana)
    catalogue.change_annotations(recommendation=unit("I.13"), title="Another", by=dana)
    assert told() == []
