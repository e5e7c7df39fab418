"""An offered answer is nobody's but the State's and its author's, and becomes the State's answer when she takes it."""

import datetime
from dataclasses import replace
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.conftest import make_person
from tests.evidence_items import add_item
from tests.races import results_at_once
from tests.suggestions import accept, answer_of, decline
from tests.verification import find_errors
from tracker.actions.draft import Tab, save_draft
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.proposal import (
    SeenProposal,
    accept_proposals,
    add_proposal,
    decline_proposals,
    merge_proposals,
    withdraw_proposal,
)
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, NotSaved, save_answer
from tracker.actions.transcription import add_request
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.models import Assignment, Draft, Event, Membership, Proposal, Record, Revision
from tracker.models.draft import new_tab
from tracker.models.record import ReceivedDetails
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

BILL = Answer(status="in_progress", measures="A bill.")
ACT = Answer(status="implemented", measures="An act.", situation_as_at=datetime.date(2026, 3, 3), ready=True)
REQUEST = "Note verbale No. 7/2026"
TRANSCRIPTION = Proposal.Origin.TRANSCRIPTION


@pytest.fixture
def offer(xaa, carol, unit):
    def offer(answer=ACT, by=None, base=0, label="I.13", **given):
        return add_proposal(respondent=xaa, unit=unit(label), base=base, answer=answer, by=by or carol, **given)

    return offer


@pytest.fixture
def save(xaa, alice, unit):
    def save(answer=BILL, base=0, label="I.13", by=alice):
        return save_answer(respondent=xaa, unit=unit(label), base=base, answer=answer, by=by)

    return save


def events() -> list[tuple]:
    rows = Event.everyones.filter(chain="XAA").order_by("number")
    return [(event.action, event.actor.name, event.after.partition(" ")[0]) for event in rows]


def row(proposal: Proposal) -> Proposal:
    return Proposal.everyones.get(pk=proposal.pk)


@pytest.fixture
def requested(xaa, bob):
    """The State asked bob in writing to transcribe what it sends."""
    day = datetime.date(2026, 3, 3)
    said = {"requested_on": day, "ends_on": timezone.localdate()}
    return add_request(respondent=xaa, reference=REQUEST, by=bob, **said)


# Offering


def test_an_offered_answer_is_kept_as_it_is_and_nothing_is_saved(offer, xaa, alice, carol):
    law = add_evidence(
        respondent=xaa, by=alice, details=EvidenceDetails(title="Act", kind="law", language="en", citation="OG 12")
    )
    answer = Answer(status="implemented", measures="An act.", target_date=datetime.date(2027, 6, 30), ready=True)
    answer.citations.append((law, "article 9"))
    proposal = offer(answer)
    assert answer_of(row(proposal)) == answer
    assert (proposal.author, proposal.state, proposal.revision) == (carol, "offered", None)
    assert Revision.everyones.count() == 0
    assert events()[-1] == ("proposal offered", "Carol", "offered")
    assert Event.everyones.latest("pk").target == f"proposal {proposal.pk} on I.13"
    assert find_errors() == []


def test_a_double_click_offers_once(offer):
    assert offer() == offer()
    assert offer(BILL) != offer()
    assert Proposal.everyones.count() == 2


def test_with_what_is_offered_goes_its_draft(offer, xaa, carol, unit):
    tab = Tab(new_tab())
    typed = {"measures": ["An act."]}
    save_draft(respondent=xaa, unit=unit("I.13"), tab=tab, base=0, fields=typed, by=carol)
    offer(tab=tab)
    assert list(Draft.objects.visible_to(carol)) == []


def test_what_breaks_a_rule_of_answers_is_not_offered(offer):
    with pytest.raises(ValidationError) as refused:
        offer(Answer(status="considered_not_taken_up"), received=ReceivedDetails("Ministry of Justice"))
    assert refused.value.message_dict == {
        "reasons": ["Enter the reasons."],
        "received_on": ["Enter the date when the information was received."],
    }


def test_what_is_no_unit_of_the_state_is_not_offered(offer):
    with pytest.raises(ValidationError):
        offer(label="V.43")


def test_a_contributor_makes_suggestions_only_on_assigned_units(closed_to_contributors, offer, xaa, alice, carol, unit):
    with pytest.raises(PermissionDenied):
        offer()
    Assignment.everyones.create(respondent=xaa, unit=unit("I.13"), person=carol, assigned_by=alice)
    proposal = offer()
    assert list(Proposal.objects.visible_to(carol)) == [proposal]


def test_a_suggestion_cannot_cite_evidence_its_author_cannot_read(
    closed_to_contributors, offer, xaa, alice, carol, unit
):
    Assignment.everyones.create(respondent=xaa, unit=unit("I.13"), person=carol, assigned_by=alice)
    law = add_item(xaa, alice, citation="OG 12")
    with pytest.raises(PermissionDenied):
        offer(Answer(status="implemented", citations=[(law, "")]))


# Reading


def test_only_people_of_the_state_with_access_read_a_suggestion(
    closed_to_contributors, offer, xaa, alice, carol, charlie, bob, dana, erin, unit
):
    proposal = offer(by=alice)
    victor, carl = make_person("victor", Role.VIEWER, xaa), make_person("carl", Role.CONTRIBUTOR, xaa)
    Assignment.everyones.create(respondent=xaa, unit=unit("I.13"), person=carl, assigned_by=alice)
    seen = {
        person.name: list(Proposal.objects.visible_to(person))
        for person in (alice, victor, carl, carol, charlie, bob, dana, erin)
    }
    assert {name for name, rows in seen.items() if rows == [proposal]} == {"Alice", "Victor", "Carl"}
    assert {name for name, rows in seen.items() if rows == []} == {"Carol", "Charlie", "Bob", "Dana", "Erin"}


def test_an_officer_reads_only_the_answers_that_they_entered(offer, save, alice, bob, xaa, requested):
    save()
    offer(by=alice)
    transcribed = offer(by=bob, origin=TRANSCRIPTION, reference=REQUEST)
    assert list(Proposal.objects.visible_to(bob)) == [transcribed]
    assert list(Proposal.objects.visible_to(make_person("ben", Role.REVIEWER))) == []
    for model in (Record, Revision, Draft, Assignment):
        assert list(model.objects.visible_to(bob)) == []
    assert transcribed in Proposal.objects.visible_to(alice)


def test_who_is_barred_or_a_reviewer_no_more_reads_none_of_it(offer, bob, erin, xaa, requested):
    offer(by=bob, origin=TRANSCRIPTION, reference=REQUEST)
    with transaction.atomic():
        add_restriction(user=bob, respondent=xaa, by=erin)
        assert list(Proposal.objects.visible_to(bob)) == []
        transaction.set_rollback(True)
    Membership.objects.filter(user=bob).update(until="2026-01-31")
    assert list(Proposal.objects.visible_to(type(bob).objects.get(pk=bob.pk))) == []


def test_nothing_is_transcribed_without_the_states_request(offer, xaa, bob, charlie):
    with pytest.raises(PermissionDenied):
        offer(by=bob, origin=TRANSCRIPTION, reference=REQUEST)
    day = timezone.localdate()
    add_request(respondent=xaa, reference=REQUEST, requested_on=day, ends_on=day, by=bob)
    with pytest.raises(ValidationError) as refused:
        offer(by=bob, origin=TRANSCRIPTION, reference=" ")
    assert refused.value.message_dict == {"reference": ["Enter the reference of the State’s written request."]}
    with pytest.raises(PermissionDenied):
        offer(by=charlie, origin=TRANSCRIPTION, reference=REQUEST)


# Taking


def test_a_proposal_taken_as_it_is_becomes_the_next_revision(offer, save, alice):
    save()
    day = datetime.date(2026, 3, 3)
    proposal = offer(received=ReceivedDetails("Ministry of Justice", day))
    revision = accept(proposal, base=1, by=alice)
    assert (revision.number, revision.author, revision.measures) == (2, alice, "An act.")
    assert (revision.received_from, revision.received_on) == ("Ministry of Justice", day)
    assert revision.change_text == "Suggestion accepted: Ministry of Justice"
    proposal = row(proposal)
    assert (proposal.state, proposal.decided_by, proposal.revision) == ("taken", alice, revision)
    assert events()[-2:] == [("answer saved", "Alice", "revision"), ("proposal taken", "Alice", "taken")]
    assert Event.everyones.get(action="proposal taken").before == f"offered {proposal.digest}"
    assert find_errors() == []


def test_a_merged_answer_names_all_whose_proposals_it_takes(offer, save, alice, xaa):
    save()
    one, other = offer(), offer(BILL, by=make_person("carl", Role.CONTRIBUTOR, xaa))
    merged = Answer(status="implemented", measures="A bill, and an act.")
    revision = merge_proposals(proposals=[one, other], base=1, answer=merged, by=alice)
    assert revision.measures == "A bill, and an act."
    assert revision.change_text == "Suggestion accepted: Carol, Carl"
    assert (revision.change_code, revision.change_details) == ("suggestion", "Carol\nCarl")
    assert [proposal.author.name for proposal in Proposal.everyones.filter(revision=revision)] == ["Carol", "Carl"]
    assert find_errors() == []


def test_an_older_suggestion_adds_its_changes_to_the_current_answer(offer, save, alice):
    save()
    proposal = offer(replace(BILL, measures="An act."), base=1)
    save(replace(BILL, difficulties="Few judges.", lead_institution="Court"), base=1)
    revision = accept(proposal, base=2, by=alice)
    assert (revision.number, revision.measures) == (3, "An act.")
    assert (revision.difficulties, revision.lead_institution) == ("Few judges.", "Court")
    assert accept(row(proposal), base=2, by=alice) == revision
    assert Revision.everyones.count() == 3


def test_what_both_changed_is_that_of_the_suggestion_once_it_is_accepted(offer, save, alice):
    save()
    proposal = offer(replace(BILL, measures="An act."), base=1)
    save(replace(BILL, measures="Two bills."), base=1)
    assert accept(proposal, base=2, by=alice).measures == "An act."


def test_a_merge_is_combined_with_an_answer_saved_since(offer, save, alice):
    save()
    proposal = offer(replace(BILL, measures="An act."), base=1)
    merged = replace(BILL, measures="An act, and a bill.")
    save(replace(BILL, difficulties="Few judges."), base=1)
    revision = merge_proposals(proposals=[proposal], base=1, answer=merged, by=alice)
    assert (revision.measures, revision.difficulties) == ("An act, and a bill.", "Few judges.")
    assert merge_proposals(proposals=[row(proposal)], base=1, answer=merged, by=alice) == revision
    assert Revision.everyones.count() == 3


def test_what_says_nothing_new_is_taken_as_what_is_there(offer, save, alice):
    current = save(ACT)
    assert accept(offer(), base=1, by=alice) == current
    assert Revision.everyones.count() == 1
    assert find_errors() == []


def test_an_answer_changed_after_opening_stops_accepting_a_suggestion(offer, save, alice):
    proposal = offer()
    newer = save()
    with pytest.raises(NotSaved) as refused:
        accept(proposal, by=alice)
    assert [(unit.label, stale.current) for unit, stale in refused.value.why.items()] == [("I.13", newer)]
    assert row(proposal).state == "offered"


def test_a_double_click_makes_one_revision(offer, alice):
    proposal = offer()
    revision = accept(proposal, by=alice)
    assert accept(proposal, by=alice) == revision
    assert Revision.everyones.count() == 1
    assert [action for action, _who, _after in events()].count("proposal taken") == 1


def test_what_is_decided_is_not_decided_again(offer, alice, carol, xaa):
    proposal = offer()
    decline(proposal, reason="The act is repealed.", by=alice)
    with pytest.raises(NotAllowed):
        accept(proposal, by=alice)
    with pytest.raises(NotAllowed):
        decline(proposal, reason="Again.", by=alice)
    with pytest.raises(NotAllowed):
        withdraw_proposal(proposal=proposal, by=carol)
    assert Revision.everyones.count() == 0


def test_a_suggestion_merged_in_other_words_is_not_accepted_again(offer, alice):
    proposal = offer()
    merge_proposals(proposals=[proposal], base=0, answer=replace(ACT, measures="Mine."), by=alice)
    with pytest.raises(NotAllowed):
        accept(row(proposal), base=1, by=alice)
    assert Revision.everyones.count() == 1


def test_a_merge_is_made_again_by_nobody_else_and_with_no_other_proposal(offer, alice, xaa):
    proposal, alan, merged = offer(), make_person("alan", Role.FOCAL_POINT, xaa), replace(ACT, measures="Mine.")
    merge_proposals(proposals=[proposal], base=0, answer=merged, by=alice)
    with pytest.raises(NotAllowed):
        merge_proposals(proposals=[row(proposal)], base=0, answer=merged, by=alan)
    with pytest.raises(NotAllowed):
        merge_proposals(proposals=[row(proposal), offer(BILL)], base=0, answer=merged, by=alice)
    assert Revision.everyones.count() == 1


def test_a_proposal_of_another_state_is_not_decided_on(xaa, xbb, alice, charlie, unit):
    theirs = add_proposal(respondent=xbb, unit=unit("I.13"), base=0, answer=ACT, by=charlie)
    with pytest.raises(PermissionDenied):
        accept_proposals(respondent=xaa, proposals=[SeenProposal(theirs)], by=alice)
    with pytest.raises(PermissionDenied):
        decline_proposals(respondent=xaa, proposals=[theirs], reason="No.", by=alice)
    assert row(theirs).state == "offered"


def test_a_proposal_on_another_unit_is_not_merged(offer, alice):
    with pytest.raises(PermissionDenied):
        merge_proposals(proposals=[offer(), offer(label="I.14")], base=0, answer=ACT, by=alice)


@pytest.mark.django_db(transaction=True)
def test_of_two_focal_points_at_once_only_one_accepts(offer, alice, xaa):
    proposal, alan = offer(), make_person("alan", Role.FOCAL_POINT, xaa)
    takes = [partial(accept, row(proposal), by=person) for person in (alice, alan)]
    results = results_at_once(*takes, refusals=(NotAllowed, NotSaved))
    [taken] = [result for result in results if isinstance(result, Revision)]
    [_refused] = [result for result in results if isinstance(result, NotAllowed)]
    assert row(proposal).decided_by == taken.author
    assert Revision.everyones.count() == 1


# Declining and taking back


def test_a_proposal_is_declined_with_a_reason_that_its_author_reads(offer, alice, carol):
    proposal = offer()
    with pytest.raises(ValidationError) as refused:
        decline(proposal, reason=" ", by=alice)
    assert refused.value.message_dict == {"decline_reason": ["Enter the reason."]}
    decline(proposal, reason="The act is repealed.", by=alice)
    read = Proposal.objects.visible_to(carol).get()
    assert (read.state, read.decline_reason, read.decided_by) == ("declined", "The act is repealed.", alice)
    assert events()[-1] == ("proposal declined", "Alice", "declined")
    assert find_errors() == []


def test_only_the_author_withdraws_a_suggestion(offer, alice, carol, xaa):
    proposal = offer()
    for person in (alice, make_person("carl", Role.CONTRIBUTOR, xaa)):
        with pytest.raises(PermissionDenied):
            withdraw_proposal(proposal=proposal, by=person)
    assert withdraw_proposal(proposal=proposal, by=carol).state == "taken_back"
    assert events()[-1] == ("proposal taken back", "Carol", "taken_back")
    with pytest.raises(NotAllowed):
        accept(proposal, by=alice)
    assert find_errors() == []


def test_who_is_no_contributor_any_more_takes_nothing_back(offer, carol):
    proposal = offer()
    Membership.objects.filter(user=carol).update(until="2026-01-31")
    with pytest.raises(PermissionDenied):
        withdraw_proposal(proposal=proposal, by=type(carol).objects.get(pk=carol.pk))


# Words that identify a victim


WORDS = "Jane Doe"


@pytest.fixture
def withdraw(xaa, alice, erin):
    def withdraw():
        request = request_withdrawal(respondent=xaa, by=alice, words=WORDS, files=[], reason="name")
        return confirm_withdrawal(pk=request.pk, by=erin)

    return withdraw


def test_withdrawn_words_are_taken_out_of_proposals_field_by_field(offer, withdraw, xaa, alice, carol, bob):
    law = add_item(xaa, alice, citation="OG 12")
    said = Answer(status="implemented", measures=f"{WORDS} was helped.", difficulties="None.")
    proposal = offer(said, received=ReceivedDetails(f"Shelter of {WORDS}", datetime.date(2026, 3, 3)))
    cites = offer(Answer(status="implemented", citations=[(law, f"case of {WORDS}")]))
    declined = decline(offer(BILL), reason=f"{WORDS} must not be named.", by=alice)
    day, reference = timezone.localdate(), f"Letter about {WORDS}"
    request = add_request(respondent=xaa, reference=reference, requested_on=day, ends_on=day, by=bob)
    paper = offer(by=bob, origin=TRANSCRIPTION, reference=reference)
    withdrawal = withdraw()
    emptied = {(proposal.digest, name) for name in ("measures", "received_from")}
    emptied |= {(cites.digest, "pinpoint 1"), (declined.digest, "decline_reason"), (paper.digest, "reference")}
    emptied |= {(request.digest, "reference")}
    assert {tuple(place) for place in withdrawal.places} == emptied
    assert [row(p).withdrawal for p in (proposal, cites, declined, paper)] == [withdrawal] * 4
    assert WORDS not in str(list(Proposal.everyones.values()))
    assert answer_of(row(proposal)) == Answer(status="implemented", difficulties="None.")
    assert answer_of(row(cites)).citations == [(law, "")]
    assert find_errors() == []


def test_words_that_were_withdrawn_are_not_taken_from_a_page_that_was_open(offer, withdraw, alice):
    read = offer(Answer(status="implemented", measures=f"{WORDS} was helped."))
    answer = answer_of(read)
    withdraw()
    with pytest.raises(NotAllowed):
        merge_proposals(proposals=[read], base=0, answer=answer, by=alice)
    assert Revision.everyones.count() == 0


def test_a_page_older_than_a_withdrawal_from_the_answer_accepts_nothing(offer, save, withdraw, alice):
    save(replace(BILL, difficulties=f"{WORDS} was not heard."))
    proposal = offer(base=1)
    withdrawal = withdraw()
    with pytest.raises(NotSaved):
        accept(row(proposal), base=1, by=alice)
    assert accept(row(proposal), base=1, withdrawn=withdrawal.pk, by=alice).number == 2


def test_a_proposal_of_which_words_were_withdrawn_can_be_taken_and_declined(offer, withdraw, alice):
    taken, declined = (offer(Answer(status=status, measures=WORDS)) for status in ("implemented", "in_progress"))
    withdraw()
    assert accept(row(taken), by=alice).measures == ""
    decline(row(declined), reason="Nothing is left of it.", by=alice)
    assert find_errors() == []


# What must always hold


@pytest.mark.parametrize(
    "altered",
    [
        {"state": "declined"},
        {"state": "lost"},
        {"decided_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)},
        {"origin": TRANSCRIPTION},
    ],
    ids=str,
)
def test_the_database_refuses(altered, offer):
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.everyones.filter(pk=offer().pk).update(**altered)


@pytest.mark.parametrize(
    "altered",
    [
        {"base": 7},
        {"state": "taken_back"},
        {"made_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)},
        {"reference": "Another."},
        {"fields": {"status": "implemented"}},
        {"received_on": datetime.date(2026, 1, 1)},
        {"salts": {}},
    ],
    ids=str,
)
def test_the_audit_finds_what_was_altered(altered, offer, alice, carol):
    proposal = decline(offer(), reason="No.", by=alice)
    assert find_errors() == []
    Proposal.everyones.filter(pk=proposal.pk).update(**altered | {"decided_by": alice})
    assert find_errors() == [f"XAA, proposal {proposal.pk} on I.13: altered"]


def test_the_audit_finds_what_is_missing(offer):
    proposal = offer()
    Proposal.everyones.filter(pk=proposal.pk).delete()
    assert find_errors() == [f"XAA, proposal {proposal.pk} on I.13: missing"]
