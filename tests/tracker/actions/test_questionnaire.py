"""What an institution changed in a questionnaire is offered unit by unit, once; nothing is applied but by her act."""

import datetime
import signal
from dataclasses import replace
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.models import Recommendation
from tests.conftest import make_person
from tests.documents import parts_of, upload
from tests.evidence_items import add_item
from tests.labels import titles
from tests.machines import act_there, another_machine
from tests.questionnaires import PROPERTIES, filled, made, with_part
from tests.races import results_at_once
from tests.removals import remove_words
from tests.suggestions import accept, decline
from tests.thorough import moments
from tests.verification import find_errors
from tracker.actions.assignment import accept_assignments, assign, end_assignments, return_assignment
from tracker.actions.institution import add_institution
from tracker.actions.proposal import SeenProposal, accept_proposals, decline_proposals, withdraw_proposal
from tracker.actions.questionnaire import WITHDRAWN, QuestionnaireResult, add_questionnaire
from tracker.actions.record import Answer, NotSaved, SeenAnswer, save_answer, save_together
from tracker.actions.withdrawal import request_withdrawal
from tracker.documents.exchange.questionnaire import Letter
from tracker.documents.exchange.questionnaire_reader import SentBack, SentBackUnit, read
from tracker.models import Assignment, Citation, Event, Membership, Proposal, Record, Respondent, Revision, User
from tracker.models.record import ReceivedDetails
from tracker.models.user import Role
from tracker.queries.desk.assignments import items_on_desk
from tracker.queries.desk.sent_back import SentProposal, proposals_sent_back, waiting_rows
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db

KILLS = moments(2, 8)
UNITS = moments(20, 60)
JUSTICE = ReceivedDetails("Ministry of Justice", datetime.date(2026, 11, 3))
NO_DAY = ReceivedDetails("Ministry of Justice")
BILL = Answer(status="in_progress", measures="A bill.", ready=True, language="fr")


@pytest.fixture
def save(xaa, alice, unit):
    def save(label="I.13", answer=BILL, base=0):
        return save_answer(respondent=xaa, unit=unit(label), base=base, answer=answer, by=alice)

    return save


@pytest.fixture
def ask(xaa, alice):
    return lambda *labels, **letter: made(xaa, alice, *labels, letter=Letter(**letter))


@pytest.fixture
def send_back(xaa, alice):
    """Upload a file with these boxes filled."""

    def send_back(file: bytes, boxes: dict | None = None, by=None, received=JUSTICE, **given) -> QuestionnaireResult:
        sent_back = read(upload("sent.docx", filled(file, boxes or {})))
        return add_questionnaire(respondent=xaa, sent_back=sent_back, received=received, by=by or alice, **given)

    return send_back


@pytest.fixture
def waiting(xaa, alice):
    return lambda: waiting_rows(proposals_sent_back(xaa, alice), xaa, alice)


@pytest.fixture
def take(xaa, alice, waiting):
    def take(by=None, rows=None):
        chosen = [SeenProposal(row.proposal, row.base, row.withdrawn) for row in rows or waiting()]
        return accept_proposals(respondent=xaa, proposals=chosen, by=by or alice)

    return take


def current(label: str = "I.13") -> Revision:
    return Record.everyones.select_related("current").get(recommendation__label=label).current


# Assignments


@pytest.fixture
def give(xaa, alice, justice, unit):
    def give(*labels, to=justice, **given) -> list[Assignment]:
        return assign(respondent=xaa, units=[unit(label) for label in labels], to=to, by=alice, **given)

    return give


@pytest.fixture
def health(xaa, alice):
    return add_institution(respondent=xaa, name="Ministry of Health", kind="ministry", by=alice)


def stages() -> dict[str, str]:
    return dict(Assignment.everyones.order_by("pk").values_list("unit__label", "state"))


ACT = {"I-13/measures": "An act."}


def test_accepting_marks_ready_and_ends_the_assignment_in_one_act(save, ask, send_back, take, give, justice):
    save(answer=replace(BILL, ready=False))
    give("I.13", "II.49")
    send_back(ask("I.13", "II.49"), ACT, institution=justice)
    assert stages() == {"I.13": "ready", "II.49": "assigned"}
    assert set(Assignment.everyones.values_list("came_back_on", flat=True)) == {JUSTICE.on}
    take()
    assert stages() == {"I.13": "accepted", "II.49": "assigned"}
    assert (current().number, current().measures, current().ready) == (2, "An act.", True)
    assert find_errors() == []


def test_a_returned_note_is_printed_in_the_next_file(xaa, alice, save, ask, send_back, give, justice, waiting):
    save()
    give("I.13", due_on=timezone.localdate())
    send_back(ask("I.13"), ACT, institution=justice)
    [row] = waiting()
    decline_proposals(respondent=xaa, proposals=[row.proposal], reason="Which article?", by=alice)
    [item] = items_on_desk(xaa, alice).listed
    assert (item.state, item.return_reason, item.came_back_on) == ("returned", "Which article?", None)
    printed = parts_of(ask("I.13", institution=justice, assignments={item.unit_id: item}))["word/document.xml"].decode()
    assert "Returned with this note:" in printed
    assert "Which article?" in printed
    assert find_errors() == []


def test_a_withdrawn_suggestion_leaves_its_assignment_to_be_written(save, ask, alice, send_back, give, justice):
    save()
    give("I.13")
    [proposal] = send_back(ask("I.13"), ACT, institution=justice).offered
    withdraw_proposal(proposal=proposal, by=alice)
    assert (stages(), Assignment.everyones.get().came_back_on) == ({"I.13": "assigned"}, None)


def test_a_withdrawn_suggestion_leaves_an_assignment_with_another_one(save, ask, alice, send_back, give, justice):
    save()
    give("I.13")
    first, second = (ask("I.13"), ask("I.13"))
    [proposal] = send_back(first, ACT, institution=justice).offered
    send_back(second, {"I-13/measures": "Two acts."}, institution=justice)
    withdraw_proposal(proposal=proposal, by=alice)
    assert stages() == {"I.13": "ready"}


def test_attack_a_contributor_settles_the_assignment_of_another_institution(
    xaa, carol, save, ask, send_back, give, justice, take
):
    """Neither a suggestion in its name, nor its withdrawal, nor its acceptance."""
    xaa.opens_all_to_contributors = True
    xaa.save()
    save(answer=replace(BILL, ready=False))
    give("I.13")
    file = ask("I.13")
    [proposal] = send_back(file, {"I-13/measures": "Two acts."}, by=carol, institution=justice).offered
    assert (proposal.institution, stages()) == (None, {"I.13": "assigned"})
    withdraw_proposal(proposal=proposal, by=carol)
    send_back(file, {"I-13/measures": "Three acts."}, by=carol, institution=justice)
    take()
    assert (stages(), current().measures, current().ready) == ({"I.13": "assigned"}, "Three acts.", False)


def test_what_came_back_unchanged_is_accepted_as_it_is(xaa, alice, save, ask, send_back, give, justice):
    save(answer=replace(BILL, ready=False))
    given = give("I.13", "II.49")
    with pytest.raises(NotAllowed):
        accept_assignments(respondent=xaa, assignments=given, by=alice)
    send_back(ask("I.13", "II.49"), institution=justice)
    answered, empty = items_on_desk(xaa, alice).listed
    with pytest.raises(ValidationError, match="There is no answer to accept"):
        accept_assignments(respondent=xaa, assignments=[answered, empty], by=alice)
    assert current().ready is False
    accept_assignments(respondent=xaa, assignments=[answered], by=alice)
    assert (stages(), current().ready) == ({"I.13": "accepted", "II.49": "assigned"}, True)


def test_an_assignment_with_a_suggestion_is_not_accepted_without_it(
    xaa, alice, save, ask, send_back, give, justice, unit
):
    save()
    give("I.13")
    send_back(ask("I.13"), ACT, institution=justice)
    [item] = items_on_desk(xaa, alice).came_back
    with pytest.raises(NotAllowed):
        accept_assignments(respondent=xaa, assignments=[item], by=alice)
    with pytest.raises(NotAllowed):
        return_assignment(assignment=item, reason="Why?", by=alice)
    assert stages() == {"I.13": "ready"}


def test_a_file_whose_assignment_ended_is_read_and_says_so(xaa, alice, save, ask, send_back, give, justice, take):
    save(answer=replace(BILL, ready=False))
    end_assignments(respondent=xaa, assignments=give("I.13"), by=alice)
    outcome = send_back(ask("I.13"), ACT, institution=justice)
    assert ([unit.label for unit in outcome.not_assigned], len(outcome.offered)) == (["I.13"], 1)
    take()
    assert (stages(), current().measures, current().ready) == ({"I.13": "ended"}, "An act.", False)


def test_attack_the_same_file_twice_changes_nothing_more(save, ask, send_back, give, justice):
    save()
    give("I.13", "II.49")
    file = ask("I.13", "II.49")
    send_back(file, ACT, institution=justice)
    events = Event.everyones.count()
    outcome = send_back(file, ACT, institution=justice)
    assert (outcome.offered, outcome.known_count) == ([], 1)
    assert Event.everyones.count() == events
    assert stages() == {"I.13": "ready", "II.49": "assigned"}


def test_attack_files_that_changed_one_field_are_accepted_in_a_group(
    save, ask, send_back, give, justice, health, take, waiting
):
    save()
    give("I.13")
    give("I.13", "II.49", to=health)
    file = ask("I.13", "II.49")
    send_back(file, ACT, institution=justice)
    of_health = ReceivedDetails(health.name, JUSTICE.on)
    send_back(file, {"I-13/measures": "A fund.", "II-49/status/implemented": True}, received=of_health)
    first, second, other = waiting()
    assert [row.is_shared for row in (first, second, other)] == [True, True, False]
    with pytest.raises(ValidationError, match=r"decide one by one: I\.13\."):
        take(rows=[first, other])
    take(rows=[first])
    assert current().measures == "An act."
    late, other = sorted(waiting(), key=lambda row: row.proposal.unit.label)
    assert (late.has_conflict, late.is_shared) == (True, True)
    with pytest.raises(ValidationError, match=r"decide one by one: I\.13\."):
        take(rows=[late, other])


def test_attack_a_contributor_returns_the_file_of_another_ministry(save, ask, send_back, give, health, justice, xaa):
    save()
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    give("I.13", to=carol)
    give("I.13", to=health)
    Respondent.objects.update(opens_all_to_contributors=False)
    send_back(ask("I.13"), ACT, institution=health, by=User.objects.get(pk=carol.pk))
    assert set(Assignment.everyones.values_list("state", flat=True)) == {"assigned"}


# Offering


def test_a_changed_box_becomes_a_suggestion_and_changes_no_answer(save, ask, send_back, waiting):
    save()
    [proposal] = send_back(ask("I.13", "II.49"), {"I-13/measures": "An act.\nA fund."}).offered
    assert (proposal.unit.label, proposal.base, proposal.origin) == ("I.13", 1, "questionnaire")
    assert (proposal.received_from, proposal.received_on) == ("Ministry of Justice", datetime.date(2026, 11, 3))
    assert [(change.name, change.before, change.after) for change in waiting()[0].changes] == [
        ("measures", "A bill.", "An act.\nA fund.")
    ]
    assert current().number == 1
    assert find_errors() == []


def test_what_nobody_touched_makes_no_proposal(save, ask, send_back):
    save()
    for answers in (True, False):
        outcome = send_back(ask("I.13", "II.49", with_answers=answers))
        assert (outcome.offered, outcome.unread) == ([], [])
        assert {unit.label for unit in outcome.unchanged} == {"I.13", "II.49"}


def test_boxes_that_were_sent_empty_and_left_so_take_nothing_away(save, ask, send_back):
    save()
    [proposal] = send_back(ask("I.13", with_answers=False), {"I-13/difficulties": "Few judges."}).offered
    assert proposal.offered_fields == BILL.as_fields() | {"difficulties": "Few judges."}


def test_a_first_answer_is_in_the_language_chosen_at_upload(ask, send_back):
    boxes = {"I-13/status/implemented": True, "I-13/measures": "Loi no 12"}
    [proposal] = send_back(ask("I.13"), boxes, language="fr").offered
    assert proposal.offered_fields == Answer(status="implemented", measures="Loi no 12", language="fr").as_fields()


def test_a_suggestion_has_the_chosen_institution_of_the_list(xaa, alice, ask, send_back):
    justice = add_institution(respondent=xaa, name="Ministry of Justice", kind="ministry", by=alice)
    [proposal] = send_back(ask("I.13"), {"I-13/status/implemented": True}, institution=justice).offered
    assert proposal.institution == justice


def test_an_institution_of_another_state_sends_nothing(charlie, xbb, ask, send_back):
    theirs = add_institution(respondent=xbb, name="Ministry of Justice", kind="ministry", by=charlie)
    with pytest.raises(PermissionDenied):
        send_back(ask("I.13"), {"I-13/measures": "An act."}, institution=theirs)
    assert not Proposal.everyones.exists()


def test_an_institution_is_named_with_the_day(ask, send_back):
    with pytest.raises(ValidationError) as refused:
        send_back(ask("I.13"), {"I-13/measures": "An act.", "I-13/status/implemented": True}, received=NO_DAY)
    assert refused.value.message_dict == {"received_on": ["Enter the date when the information was received."]}


def test_any_number_of_answers_is_suggested_with_as_many_queries(xaa, alice):
    units = list(xaa.units_to_answer().order_by("kind", "position"))
    assert [unit.label for unit in units[:2]] == ["IV.46(i)", "IV.46(j)"], "those with items first"
    save_together(respondent=xaa, answers=[(SeenAnswer(unit), BILL) for unit in units[::2]], by=alice)

    def queries_to_suggest(measures: str, some: list[Recommendation]) -> int:
        boxes = {"status/implemented": True, "measures": measures, "evidence": "Gazette 17"}
        back = [SentBackUnit(unit.slug, int(unit in units[::2]), boxes, set()) for unit in some]
        sent_back = SentBack(xaa.code, None, True, back)
        with CaptureQueriesContext(connection) as queries:
            offered = add_questionnaire(respondent=xaa, sent_back=sent_back, received=JUSTICE, by=alice).offered
        assert [proposal.unit for proposal in offered] == some
        return len(queries)

    assert queries_to_suggest("An act.", units[:1]) == queries_to_suggest("A fund.", units)
    assert find_errors() == []


def test_another_status_takes_the_reason_of_the_one_before_away(save, ask, send_back):
    save(answer=Answer(status="not_applicable", reason_code="other", reasons="No border."))
    [proposal] = send_back(ask("I.13"), {"I-13/status/in_progress": True}).offered
    assert (proposal.offered_fields["status"], proposal.offered_fields["reason_code"]) == ("in_progress", "")


def test_the_same_file_again_makes_no_second_proposal(carol, save, ask, send_back, take):
    save()
    file = filled(ask("I.13"), {"I-13/measures": "An act.", "I-13/evidence": "Act of 2016"})
    send_back(file)
    for by in (None, carol):
        again = send_back(file, by=by, received=ReceivedDetails("Ministry of Justice", datetime.date(2026, 11, 4)))
        assert (again.offered, again.known_count) == ([], 1)
    take()
    again = send_back(file)
    assert (again.offered, again.known_count) == ([], 1)


def test_new_evidence_named_in_a_questionnaire_is_a_note(xaa, alice, save, ask, send_back, waiting, take):
    law = add_item(xaa, alice, citation="OG 12")
    save(answer=Answer(status="implemented", citations=[(law, "art. 9")]))
    send_back(ask("I.13"), {"I-13/evidence": "E1 Act: art. 9\nDecree of 2020, OG 44"})
    [row] = waiting()
    assert (row.evidence_named, row.changes) == ("Decree of 2020, OG 44", [])
    take()
    assert list(Citation.everyones.filter(revision=current()).values_list("pinpoint", flat=True)) == ["art. 9"]
    assert current().received_from == "Ministry of Justice"


# What cannot be read


def test_an_unreadable_box_is_reported_and_other_units_become_suggestions(ask, send_back):
    boxes = {"I-13/status/implemented": True, "I-13/target_date": "summer", "II-49/status/implemented": True}
    outcome = send_back(ask("I.13", "II.49"), boxes)
    assert [proposal.unit.label for proposal in outcome.offered] == ["II.49"]
    assert [tuple(fault) for fault in outcome.unread] == [
        ("I.13", "Target date", "Enter the date as 30 June 2027.", "summer", titles()["I.13"])
    ]


@pytest.mark.parametrize(
    ("boxes", "field"),
    [
        ({"I-13/measures": "A law."}, "Status"),
        ({"I-13/status/not_applicable": True}, "Why the recommendation does not apply"),
        ({"I-13/status/considered_not_taken_up": True}, "Reasons"),
        ({"I-13/status/implemented": True, "I-13/measures": "x" * 20_001}, "Measures taken"),
        ({"I-13/status/implemented": True, "I-13/lead_institution": "x" * 201}, "Lead institution"),
        ({"I-13/status/implemented": True, "I-13/situation_as_at": "1 May 1066"}, "Situation as at"),
    ],
)
def test_a_box_against_the_rules_has_an_error_by_field(ask, send_back, boxes, field):
    outcome = send_back(ask("I.13"), boxes)
    assert outcome.offered == []
    assert [(fault.label, fault.field) for fault in outcome.unread] == [("I.13", field)]


def test_an_unknown_unit_or_version_is_reported(save, ask, send_back):
    save()
    for before, after, problem in (
        (b'name="I-13/revision"', b'name="I-99/revision"', "The version that this answer is based on does not exist"),
        (b'revision"><vt:i4>1<', b'revision"><vt:i4>7<', "The version that this answer is based on does not exist"),
    ):
        properties = parts_of(ask("I.13"))[PROPERTIES]
        assert before in properties
        outcome = send_back(with_part(ask("I.13"), PROPERTIES, properties.replace(before, after)))
        assert problem in outcome.unread[0].problem
    strange = parts_of(ask("I.13"))["word/document.xml"].replace(b'"I-13/', b'"V-43/')
    outcome = send_back(with_part(ask("I.13"), "word/document.xml", strange))
    problem = "You cannot answer this recommendation: answers are not requested, or only from others."
    assert outcome.unread[0][:3] == ("V-43", "", problem)


def test_one_of_another_state_is_refused(xbb, charlie, send_back):
    with pytest.raises(ValidationError, match="made for another State"):
        send_back(made(xbb, charlie, "I.13"), {"I-13/status/implemented": True})


# Answers that were changed meanwhile


def test_a_change_made_only_on_the_site_stays(save, ask, send_back, waiting, take):
    save()
    file = ask("I.13")
    save(answer=Answer(status="implemented", measures="A bill.", difficulties="Few judges."), base=1)
    send_back(file, {"I-13/measures": "An act."})
    [row] = waiting()
    assert [change.name for change in row.site_changes] == ["status", "difficulties", "language", "ready"]
    assert [change.name for change in row.changes] == ["measures"]
    assert not row.has_conflict
    take()
    assert (current().status, current().measures, current().difficulties) == ("implemented", "An act.", "Few judges.")


def test_a_field_that_was_changed_on_both_sides_is_shown_against_both(save, ask, send_back, waiting):
    save()
    file = ask("I.13")
    save(answer=Answer(status="in_progress", measures="Two bills."), base=1)
    send_back(file, {"I-13/measures": "An act."})
    [row] = waiting()
    assert row.has_conflict
    assert [(change.before, change.after) for change in row.site_changes if change.name == "measures"] == [
        ("A bill.", "Two bills.")
    ]
    assert [(change.before, change.after) for change in row.changes] == [("Two bills.", "An act.")]


def test_changes_to_an_answer_saved_later_need_no_status(save, ask, send_back, take):
    file = ask("I.13")
    save(answer=Answer(status="implemented", measures="A bill."))
    send_back(file, {"I-13/difficulties": "Few judges."})
    take()
    assert (current().status, current().measures, current().difficulties) == (
        "implemented",
        "A bill.",
        "Few judges.",
    )


def test_what_changed_on_the_site_after_the_upload_stays(save, ask, send_back, waiting, take):
    save()
    send_back(ask("I.13"), {"I-13/measures": "An act."})
    save(answer=Answer(**BILL.as_fields() | {"difficulties": "Few judges."}), base=1)
    [row] = waiting()
    assert (row.has_conflict, [change.name for change in row.changes]) == (False, ["measures", "ready"])
    take()
    assert (current().measures, current().difficulties) == ("An act.", "Few judges.")


def test_what_the_site_says_by_now_makes_no_proposal(save, ask, send_back):
    save()
    file = ask("I.13")
    save(answer=Answer(**BILL.as_fields() | {"measures": "An act."}), base=1)
    [unchanged] = send_back(file, {"I-13/measures": "An act."}).unchanged
    assert unchanged.label == "I.13"


# Taking and declining


def test_all_are_taken_together_each_marked_as_received(save, ask, send_back, take, waiting):
    save()
    send_back(ask("I.13", "II.49"), {"I-13/measures": "An act.", "II-49/status/implemented": True})
    assert len(take()) == 2
    for label in ("I.13", "II.49"):
        revision = current(label)
        assert (revision.received_from, revision.received_on) == ("Ministry of Justice", datetime.date(2026, 11, 3))
    assert (current().number, current().measures, current().ready) == (2, "An act.", True)
    assert waiting() == []
    assert Event.everyones.filter(action="proposal taken").count() == 2
    assert find_errors() == []


def test_all_or_none_are_taken(save, ask, send_back, take, waiting):
    save()
    send_back(ask("I.13", "II.49"), {"I-13/measures": "An act.", "II-49/status/implemented": True})
    rows = waiting()
    save(answer=replace(BILL, difficulties="Few judges."), base=1)
    with pytest.raises(NotSaved, match=r"^I\.13$"):
        take(rows=rows)
    assert not Record.everyones.filter(recommendation__label="II.49", current__isnull=False).exists()
    assert len(waiting()) == 2
    assert len(take()) == 2


def test_a_suggestion_decided_after_opening_stops_all_others(alice, save, ask, send_back, take, waiting):
    send_back(ask("I.13", "II.49"), {"I-13/status/implemented": True, "II-49/status/implemented": True})
    rows = waiting()
    decline(rows[0].proposal, reason="Not theirs.", by=alice)
    with pytest.raises(NotAllowed):
        take(rows=rows)
    assert Revision.everyones.count() == 0


def test_a_double_click_accepts_all_once(save, ask, send_back, take, waiting):
    save()
    send_back(ask("I.13", "II.49"), {"I-13/measures": "An act.", "II-49/status/implemented": True})
    rows = waiting()
    assert take(rows=rows) == take(rows=rows) == [current("I.13"), current("II.49")]
    assert Revision.everyones.count() == 3


def test_every_answer_that_changed_after_opening_is_named(save, ask, send_back, take, waiting):
    send_back(ask("I.13", "II.49"), {"I-13/status/implemented": True, "II-49/status/implemented": True})
    rows = waiting()
    newer = [save("I.13"), save("II.49")]
    with pytest.raises(NotSaved) as refused:
        take(rows=rows)
    assert [stale.current for stale in refused.value.why.values()] == newer


def test_of_several_for_one_recommendation_one_is_accepted(save, ask, send_back, take, waiting):
    save()
    for institution, measures in (("Ministry of Justice", "An act."), ("Ministry of Labour", "A fund.")):
        received = ReceivedDetails(institution, datetime.date(2026, 11, 3))
        send_back(ask("I.13"), {"I-13/measures": measures}, received=received)
    with pytest.raises(ValidationError, match=r"decide one by one: I\.13\."):
        take()
    assert current().number == 1
    take(rows=waiting()[:1])
    assert (current().number, current().received_from) == (2, "Ministry of Justice")


@pytest.mark.parametrize("decision", ["accept", "decline"])
def test_any_number_of_suggestions_is_decided_with_as_many_queries(decision, xaa, alice, waiting, take):
    units = list(xaa.units_to_answer().order_by("kind", "position"))[:UNITS]
    save_together(respondent=xaa, answers=[(SeenAnswer(unit), BILL) for unit in units], by=alice)
    back = [SentBackUnit(unit.slug, 1, {"measures": "An act."}, set()) for unit in units]
    sent_back = SentBack(xaa.code, None, True, back)
    add_questionnaire(respondent=xaa, sent_back=sent_back, received=JUSTICE, by=alice)
    later = [(SeenAnswer(unit, 1), replace(BILL, difficulties="Few judges.")) for unit in units]
    save_together(respondent=xaa, answers=later, by=alice)

    def queries_to_decide(rows: list[SentProposal]) -> int:
        with CaptureQueriesContext(connection) as queries:
            if decision == "accept":
                take(rows=rows)
            else:
                decline_proposals(respondent=xaa, proposals=[row.proposal for row in rows], reason="No.", by=alice)
        return len(queries)

    rows = waiting()
    assert queries_to_decide(rows[:2]) == queries_to_decide(rows[2:])
    number, measures = (3, "An act.") if decision == "accept" else (2, "A bill.")
    answers = Revision.everyones.filter(record__current=F("pk")).values_list("number", "measures", "difficulties")
    assert list(answers) == [(number, measures, "Few judges.")] * len(units)
    assert find_errors() == []


def test_all_or_none_are_declined(xaa, alice, ask, send_back, waiting):
    send_back(ask("I.13", "II.49"), {"I-13/status/implemented": True, "II-49/status/implemented": True})
    proposals = [row.proposal for row in waiting()]
    with pytest.raises(ValidationError):
        decline_proposals(respondent=xaa, proposals=proposals, reason=" ", by=alice)
    accept(proposals[1], by=alice)
    with pytest.raises(NotAllowed):
        decline_proposals(respondent=xaa, proposals=proposals, reason="Not theirs.", by=alice)
    assert [row.proposal.pk for row in waiting()] == [proposals[0].pk]


# Who may


@pytest.fixture
def in_part(xaa, alice, carol, unit):
    """Of a State that opens to its contributors what is assigned to them: carol has I.13."""
    xaa.opens_all_to_contributors = False
    xaa.save()
    Assignment.everyones.create(respondent=xaa, unit=unit("I.13"), person=carol, assigned_by=alice)


def test_a_contributor_imports_only_assigned_units_and_learns_no_others(
    in_part, xaa, carol, save, ask, send_back, take
):
    save("II.49", Answer(status="implemented", measures="Nobody's business"))
    boxes = {"I-13/status/implemented": True, "II-49/target_date": "summer", "II-49/measures": "x"}
    outcome = send_back(ask("I.13", "II.49"), boxes, by=carol)
    assert [proposal.unit.label for proposal in outcome.offered] == ["I.13"]
    assert (outcome.not_opened, outcome.unread, outcome.unchanged) == (1, [], [])
    assert [proposal.unit.label for proposal in proposals_sent_back(xaa, carol)] == ["I.13"]
    with pytest.raises(PermissionDenied):
        take(by=carol)


def test_nobody_else_uploads_or_takes(xaa, charlie, bob, dana, erin, ask, send_back, take):
    file = ask("I.13")
    for person in (make_person("victor", Role.VIEWER, xaa), charlie, bob, dana, erin):
        with pytest.raises(PermissionDenied):
            send_back(file, {"I-13/status/implemented": True}, by=person)
    send_back(file, {"I-13/status/implemented": True})
    for person in (charlie, bob, dana, erin):
        with pytest.raises(PermissionDenied):
            take(by=person)


# Words that identify a victim


def withdraw(xaa, alice, words: str) -> None:
    ann = make_person("ann", Role.FOCAL_POINT, xaa)
    remove_words(words, xaa, alice, ann)


def test_a_withdrawal_takes_them_out_of_what_waits(xaa, alice, ask, send_back, waiting):
    boxes = {"I-13/status/implemented": True, "I-13/measures": "Jane Doe", "I-13/evidence": "The case of Jane Doe"}
    send_back(ask("I.13"), boxes)
    withdraw(xaa, alice, "Jane Doe")
    [row] = waiting()
    assert (row.evidence_named, row.offered.words["measures"]) == ("", "")
    assert find_errors() == []


def test_a_box_that_may_still_have_them_does_not_bring_them_back(xaa, alice, save, ask, send_back):
    save(answer=Answer(status="implemented", measures="The case of Jane Doe"))
    file = ask("I.13")
    withdraw(xaa, alice, "Jane Doe")
    outcome = send_back(file)
    assert outcome.offered == []
    assert [(fault.label, fault.field) for fault in outcome.unread] == [("I.13", "Measures taken")]
    assert "Identifying information was removed from this field" in outcome.unread[0].problem
    [proposal] = send_back(ask("I.13"), {"I-13/measures": "A case"}).offered
    assert proposal.offered_fields["measures"] == "A case"


def test_attack_an_old_file_brings_back_words_while_their_removal_waits(xaa, alice, erin, save, ask, send_back):
    save(answer=Answer(status="implemented", measures="The case of Jane Doe"))
    file = ask("I.13")
    request_withdrawal(respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name")
    outcome = send_back(file)
    assert outcome.offered == []
    assert [(fault.label, fault.problem) for fault in outcome.unread] == [("I.13", str(WITHDRAWN))]


def test_a_questionnaire_restores_no_words_removed_after_its_download(xaa, alice, save, ask, send_back, take):
    """Neither what the institution wrote itself, in what waits and in what was taken, nor the name of a piece."""
    case = add_item(xaa, alice, "The case of Jane Doe", citation="Gazette 7")
    save("II.8", Answer(status="implemented", citations=[(case, "")]))
    save("II.9", Answer(status="implemented", citations=[(case, "on Jane Doe")]))
    file = filled(
        ask("I.13", "I.14", "II.8", "II.9", "II.49"),
        {
            "I-13/status/implemented": True,
            "I-13/measures": "The case of Jane Doe",
            "I-14/status/implemented": True,
            "I-14/evidence": "The case of Jane Doe",
            "II-8/measures": "An act.",
            "II-49/status/implemented": True,
            "II-49/measures": "An act.",
        },
    )
    assert len(send_back(file).offered) == 4
    take()
    withdraw(xaa, alice, "Jane Doe")
    outcome = send_back(file)
    assert (outcome.offered, [unit.label for unit in outcome.unchanged]) == ([], ["II.49"])
    refused = [("I.13", "Measures taken"), ("I.14", "Evidence"), ("II.8", "Evidence"), ("II.9", "Evidence")]
    assert sorted((fault.label, fault.field) for fault in outcome.unread) == refused
    assert {fault.problem for fault in outcome.unread} == {str(WITHDRAWN)}
    assert "Jane" not in str(list(Proposal.everyones.values()))
    assert find_errors() == []


# Two at once, and a machine that dies


OFFER = """
import datetime
from tests.documents import upload
from tests.machines import act_there, another_machine
from tracker.actions.questionnaire import add_questionnaire
from tracker.models.record import ReceivedDetails
from tracker.models import Respondent, User
from tracker.documents.exchange.questionnaire_reader import SentBack, SentBackUnit, read

def act(path):
    add_questionnaire(
        respondent=Respondent.objects.get(code="XAA"),
        sent_back=read(upload("sent.docx", open(path, "rb").read())),
        received=ReceivedDetails("Ministry of Justice", datetime.date(2026, 11, 3)),
        by=User.objects.get(email="alice@example.org"),
    )
"""


@pytest.fixture
def machine():
    """It uploads the file of each path that it is told."""
    with another_machine(OFFER) as process:
        yield process


@transaction.atomic
def written(xaa) -> set[int]:
    """How many proposals there are, and events of them; nothing is under way, for whoever offers holds the State."""
    Respondent.objects.select_for_update(no_key=True).get(pk=xaa.pk)
    return {Proposal.everyones.count(), Event.everyones.filter(action="proposal offered").count()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.thorough
def test_killed_while_offering_it_is_all_or_nothing_and_the_retry_works(xaa, alice, ask, machine, tmp_path):
    labels = list(xaa.units_to_answer().values_list("label", flat=True)[:UNITS])
    slugs = [label.replace(".", "-") for label in labels if "(" not in label]
    file, sent = ask(*labels), tmp_path / "sent.docx"

    def another(number):
        """All of them say something else."""
        boxes = {f"{slug}/status/implemented": True for slug in slugs}
        sent.write_bytes(filled(file, boxes | {f"{slug}/measures": f"Act {number}." for slug in slugs}))

    another(0)
    took, status = act_there(machine, sent)
    assert (status, written(xaa)) == (0, {len(slugs)})
    ends = set()
    for number in range(1, KILLS + 1):
        another(number)
        ends.add(act_there(machine, sent, killed_after=took * (number - 0.5) / KILLS)[1])
        assert written(xaa) in ({len(slugs) * number}, {len(slugs) * (number + 1)})
        act_there(machine, sent)
        assert written(xaa) == {len(slugs) * (number + 1)}
    assert signal.SIGKILL in ends
    assert find_errors() == []


@pytest.mark.django_db(transaction=True)
def test_two_who_upload_the_same_file_at_once_offer_once(xaa, alice, carol, ask, send_back):
    file = filled(ask("I.13", "II.49"), {"I-13/status/implemented": True, "II-49/status/implemented": True})
    results = results_at_once(*[partial(send_back, file, by=person) for person in (alice, carol)])
    assert sorted(len(result.offered) for result in results) == [0, 2]
    assert Proposal.everyones.count() == 2
    assert Membership.objects.filter(user=carol).exists()
