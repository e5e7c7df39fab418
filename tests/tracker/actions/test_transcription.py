"""On behalf of a State: only at its written request, seen by nobody but who transcribes and the State, and its answer
only once a focal point takes it.
"""

import datetime
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.conftest import make_person, reread, save_for_xaa
from tests.evidence_items import add_item
from tests.labels import titled
from tests.removals import remove_words
from tests.suggestions import accept, answer_of, decline
from tests.verification import find_errors
from tracker.actions.proposal import add_proposal, merge_proposals
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.transcription import add_request, end_request, transcribe, withdraw_transcription
from tracker.actions.withdrawal import find_withdrawable
from tracker.models import Event, Membership, Proposal, Record, Revision, TranscriptionRequest, User
from tracker.models.event import SHOWN
from tracker.models.user import Role
from tracker.permissions import can_transcribe
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

REFERENCE = "note verbale No. 12/2026"
ASKED = datetime.date(2026, 3, 3)
ACT = Answer(status="implemented", measures="The Act of 2025.")
BILL = Answer(status="in_progress", measures="A bill.")


@pytest.fixture
def register(xaa, bob):
    def register(reference=REFERENCE, respondent=xaa, by=bob, requested_on=ASKED, days=30) -> TranscriptionRequest:
        ends_on = timezone.localdate() + timedelta(days=days)
        return add_request(
            respondent=respondent, reference=reference, requested_on=requested_on, ends_on=ends_on, by=by
        )

    return register


@pytest.fixture
def request_(register):
    return register()


@pytest.fixture
def enter(request_, bob, unit):
    def enter(answer=ACT, label="I.13", by=bob, request=request_) -> Proposal:
        return transcribe(request=request, unit=unit(label), answer=answer, by=by)

    return enter


def sees(person: User) -> tuple[int, int]:
    """How many requests and proposals."""
    person = reread(person)
    requests, proposals = (model.objects.visible_to(person) for model in (TranscriptionRequest, Proposal))
    return requests.count(), proposals.count()


# The request


@pytest.mark.django_db(transaction=True)
def test_the_focal_points_are_mailed_at_once(register, xaa, alice, charlie, bob, smtp):
    ruth = make_person("ruth", Role.FOCAL_POINT, xaa)
    make_person("carol", Role.CONTRIBUTOR, xaa)
    request = register()
    assert sorted(smtp.recipients) == sorted([alice.email, ruth.email])
    [(_to, message), _other] = smtp.messages
    said = " ".join(message.get_body(("plain",)).get_content().split())
    assert message["Subject"] == "Request for the Secretariat to enter answers: Arandia"
    assert "Arandia: “Bob” (Secretariat) registered a written request dated 3 March 2026." in said
    assert "/desk/XAA/transcriptions/" in said
    assert register() == request  # a double click
    assert len(smtp.messages) == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reference": " "}, "reference"),
        ({"reference": "x" * 201}, "reference"),
        ({"requested_on": datetime.date(2100, 1, 1)}, "requested_on"),
        ({"days": -1}, "ends_on"),
        ({"days": 400}, "ends_on"),
    ],
    ids=["no reference", "a long one", "of tomorrow", "ended yesterday", "for more than a year"],
)
def test_what_no_request_is(register, said, field):
    with pytest.raises(ValidationError) as refused:
        register(**said)
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize(
    "altered",
    [{"reference": ""}, {"ends_on": "2026-01-01"}, {"closed_at": timezone.now()}],
    ids=["no reference", "ended before it was made", "ended by nobody"],
)
def test_the_database_refuses(altered, request_):
    with pytest.raises(IntegrityError), transaction.atomic():
        TranscriptionRequest.everyones.filter(pk=request_.pk).update(**altered)


def test_a_focal_point_ends_it_once_and_so_does_who_transcribes(register, alice, bob):
    first, second = register(), register("letter of the Permanent Mission")
    end_request(pk=first.pk, by=alice)
    with pytest.raises(NotAllowed):
        end_request(pk=first.pk, by=alice)
    end_request(pk=second.pk, by=bob)
    events = Event.everyones.filter(chain="XAA").order_by("number").values_list("action", flat=True)
    assert list(events) == ["transcription requested"] * 2 + ["transcription ended"] * 2
    assert find_errors() == []


# Who sees it


def test_nobody_but_who_transcribes_and_the_state_sees_anything(enter, xaa, alice, bob, charlie, dana, erin):
    enter()
    ben = make_person("ben", Role.REVIEWER)
    add_restriction(user=ben, respondent=xaa, by=erin)
    assert (sees(bob), sees(alice)) == ((1, 1), (1, 1))
    for person in (charlie, dana, erin, ben, make_person("rita", Role.REVIEWER)):
        assert sees(person) == (0, 0)
    assert {"transcription requested", "transcription ended", "proposal offered"} & set(SHOWN) == set()


def test_a_viewer_of_the_state_sees_the_proposal_as_any_other(enter, xaa):
    enter()
    assert sees(make_person("vera", Role.VIEWER, xaa)) == (0, 1)


@pytest.mark.parametrize("how", ["ended", "passed", "barred", "role ended", "deactivated"])
def test_who_may_transcribe_no_more_sees_and_does_nothing(how, enter, request_, xaa, alice, bob, erin, unit):
    proposal = enter()
    match how:
        case "ended":
            end_request(pk=request_.pk, by=alice)
        case "passed":
            yesterday = timezone.localdate() - timedelta(days=1)
            TranscriptionRequest.everyones.filter(pk=request_.pk).update(ends_on=yesterday)
        case "barred":
            add_restriction(user=bob, respondent=xaa, by=erin)
        case "role ended":
            Membership.objects.filter(user=bob).update(ended_at=timezone.now())
        case _:
            User.objects.filter(pk=bob.pk).update(is_active=False)
    bob = reread(bob)
    assert sees(bob) == (0, 0)
    assert can_transcribe(bob, xaa) is False
    with pytest.raises(PermissionDenied):
        enter(BILL, by=bob)
    with pytest.raises(PermissionDenied):
        withdraw_transcription(request=request_, unit=unit("I.13"), by=bob)
    assert Proposal.everyones.get().state == "offered"
    assert accept(proposal, by=alice).measures == "The Act of 2025."


def test_a_request_lets_its_own_reviewer_transcribe_for_its_own_state(enter, register, xbb):
    rita = make_person("rita", Role.REVIEWER)
    with pytest.raises(PermissionDenied):
        enter(by=rita)
    theirs = register("note of Belmara", xbb)
    assert enter(request=theirs).respondent == xbb


# Entering


def test_what_is_entered_begins_from_nothing_whatever_the_state_recorded(enter, xaa, alice, bob, unit):
    answered = save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=BILL, by=alice)
    on_an_answered, on_another = enter(), enter(label="I.14")
    assert (on_an_answered.base, on_another.base) == (0, 0)
    assert (Record.objects.visible_to(bob).count(), Revision.objects.visible_to(bob).count()) == (0, 0)
    assert Revision.everyones.get() == answered


def test_the_rules_look_only_at_what_is_entered(enter, xaa, alice, unit):
    """Where reasons are needed, no error or its absence says whether the State recorded some."""
    save_for_xaa("I.13", "considered_not_taken_up", reasons="Costs")
    with pytest.raises(ValidationError, match="Enter the reasons"):
        enter(Answer(status="considered_not_taken_up"))


def test_an_answer_entered_again_replaces_the_waiting_suggestion(enter, bob):
    first = enter(BILL)
    assert enter(BILL) == first
    second = enter(ACT)
    states = dict(Proposal.everyones.values_list("pk", "state"))
    assert states == {first.pk: "taken_back", second.pk: "offered"}
    assert answer_of(second) == ACT
    assert find_errors() == []


def test_an_officer_withdraws_waiting_suggestions_and_decided_suggestions_stay(enter, request_, alice, bob, unit):
    enter()
    withdraw_transcription(request=request_, unit=unit("I.13"), by=bob)
    with pytest.raises(NotAllowed):
        withdraw_transcription(request=request_, unit=unit("I.13"), by=bob)
    declined = decline(enter(), reason="The Act was repealed.", by=alice)
    enter(BILL)
    assert sorted(Proposal.everyones.values_list("state", flat=True)) == ["declined", "offered", "taken_back"]
    assert Proposal.objects.visible_to(bob).get(pk=declined.pk).decline_reason == "The Act was repealed."


def test_it_cites_no_evidence(enter, xaa, alice):
    law = add_item(xaa, alice, citation="OG 12")
    with pytest.raises(ValidationError) as refused:
        enter(Answer(status="implemented", citations=[(law, "")]))
    assert list(refused.value.message_dict) == ["citations"]


def test_taken_it_says_at_whose_request_it_was_transcribed(enter, xaa, alice, bob, unit):
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=BILL, by=alice)
    revision = accept(enter(), base=1, by=alice)
    assert (revision.number, revision.author, revision.measures) == (2, alice, "The Act of 2025.")
    assert revision.change_text == f"Entered by the Secretariat at the written request of the State: {REFERENCE}"
    assert Proposal.objects.visible_to(bob).get().state == "taken"
    assert Revision.objects.visible_to(bob).count() == 0


def test_an_answer_merged_with_a_suggestion_names_the_request_and_the_contributor(enter, xaa, carol, alice, unit):
    entered = enter()
    offered = add_proposal(respondent=xaa, unit=unit("I.13"), base=0, answer=BILL, by=carol)
    revision = merge_proposals(proposals=[entered, offered], base=0, answer=ACT, by=alice)
    assert (revision.change_code, revision.change_details) == ("suggestion_and_transcription", f"{REFERENCE}\nCarol")


# Withdrawing


def test_without_its_reference_an_answer_names_who_suggested_it(register, enter, xaa, carol, alice):
    entered = enter(request=register("letter about Jane Doe"))
    remove_words("Jane Doe", xaa, alice, carol)
    revision = accept(Proposal.everyones.get(pk=entered.pk), base=0, by=alice)
    assert revision.change_text == "Suggestion accepted: Bob"


def test_a_withdrawal_reaches_the_reference_and_what_was_entered(register, enter, xaa, carol, alice, bob):
    words = "Jane Doe"
    request = register(f"letter about {words}")
    said = Answer(status="implemented", measures=f"{words} was helped.", difficulties="None.")
    proposal = enter(said, request=request)
    places, _files, _unsearched = find_withdrawable(respondent=xaa, by=alice, words=words, files=[])
    assert [place.where for place in places] == [
        "Request to the Secretariat to enter answers, 3 March 2026",
        f"{titled('I.13')}: suggestion, Bob",
    ]
    remove_words(words, xaa, alice, carol)
    assert words not in str([*TranscriptionRequest.everyones.values(), *Proposal.everyones.values()])
    assert str(TranscriptionRequest.objects.visible_to(alice).get(pk=request.pk)).startswith("Removed on ")
    assert Proposal.objects.visible_to(bob).get(pk=proposal.pk).fields["difficulties"] == "None."
    assert find_errors() == []


@pytest.mark.parametrize(
    "altered", [{"ends_on": datetime.date(2099, 1, 1)}, {"reference": "another"}, {"salts": {}}], ids=str
)
def test_the_audit_finds_what_was_altered(altered, request_):
    TranscriptionRequest.everyones.filter(pk=request_.pk).update(**altered)
    assert find_errors() == [f"XAA, transcription {request_.pk}: altered"]
