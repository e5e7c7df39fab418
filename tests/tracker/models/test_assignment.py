"""What is assigned is opened, and nothing else: to a contributor of one ministry the rest of the desk is not there."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tests.conftest import make_person, reread, save_for_xaa
from tests.evidence_items import add_item
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.record import Answer, save_answer, save_note
from tracker.models import (
    Assignment,
    Citation,
    Evidence,
    EvidenceVersion,
    Institution,
    Membership,
    Record,
    Respondent,
    Revision,
    Submission,
    Withdrawal,
)
from tracker.models.assignment import AssignmentStage, units_open_to
from tracker.models.status import Status
from tracker.models.user import Role
from tracker.permissions import can_answer, can_answer_all, can_change_evidence
from tracker.queries.desk.units import unit_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("closed_to_contributors")]


@pytest.fixture
def justice(xaa):
    return Institution.everyones.create(respondent=xaa, name="Ministry of Justice")


@pytest.fixture
def carol(xaa, justice):
    """A contributor of the Ministry of Justice."""
    person = make_person("carol", Role.CONTRIBUTOR, xaa)
    Membership.objects.filter(user=person).update(institution=justice)
    return person


@pytest.fixture
def assign(xaa, alice, unit):
    def assign(label, **to):
        return Assignment.everyones.create(respondent=xaa, unit=unit(label), assigned_by=alice, **to)

    return assign


@pytest.fixture
def answered(xaa, alice, unit):
    """Alice's answers to two units, each citing a law of its own."""
    pieces = {}
    for label in ("IV.46(i)", "I.13"):
        pieces[label] = add_item(xaa, alice, f"Law for {label}", citation="Gazette 1.")
        save_for_xaa(label, Status.IMPLEMENTED, measures=label, citations=[(pieces[label], "1")])
    return pieces


def labels(rows, path: str) -> list[str]:
    return sorted(set(rows.values_list(path, flat=True)))


def test_a_role_without_an_assignment_opens_nothing(carol, answered, xaa):
    for model in (Record, Revision, Citation, Evidence, EvidenceVersion, Submission, Withdrawal, Assignment):
        assert list(model.objects.visible_to(carol)) == []
    assert unit_rows(xaa, carol) == ([], [])
    assert carol.respondent_ids == {xaa.pk}
    assert carol.whole_desks == set()


@pytest.mark.parametrize("to", ["institution", "person"])
def test_what_is_assigned_is_opened_with_what_it_cites(to, carol, justice, answered, assign, xaa):
    assign("I.13", **{to: {"institution": justice, "person": carol}[to]})
    assert labels(Record.objects.visible_to(carol), "recommendation__label") == ["I.13"]
    assert labels(Revision.objects.visible_to(carol), "measures") == ["I.13"]
    assert labels(EvidenceVersion.objects.visible_to(carol), "title") == ["Law for I.13"]
    assert labels(Evidence.objects.visible_to(carol), "current__title") == ["Law for I.13"]
    assert labels(Citation.objects.visible_to(carol), "evidence_version__title") == ["Law for I.13"]
    assert labels(Assignment.objects.visible_to(carol), "unit__label") == ["I.13"]
    assert [row.unit.label for row in unit_rows(xaa, carol).to_answer] == ["I.13"]
    assert labels(units_open_to(xaa.units_to_answer(), xaa, carol), "label") == ["I.13"]


def test_what_is_assigned_to_others_is_not_opened(carol, answered, assign, xaa):
    health = Institution.everyones.create(respondent=xaa, name="Ministry of Health")
    assign("I.13", institution=health)
    assign("IV.46(i)", person=make_person("carl", Role.CONTRIBUTOR, xaa))
    assert list(Record.objects.visible_to(carol)) == []
    assert list(Assignment.objects.visible_to(carol)) == []


@pytest.mark.parametrize("state", [AssignmentStage.ACCEPTED, AssignmentStage.ENDED])
def test_an_ended_assignment_closes_the_unit_again(state, carol, justice, answered, assign):
    assignment = assign("I.13", institution=justice)
    Assignment.everyones.filter(pk=assignment.pk).update(state=state)
    assert list(Record.objects.visible_to(carol)) == []


def test_a_state_may_open_all_to_all(carol, answered, xaa, unit):
    Respondent.objects.filter(pk=xaa.pk).update(opens_all_to_contributors=True)
    carol = reread(carol)
    assert labels(Record.objects.visible_to(carol), "recommendation__label") == ["I.13", "IV.46(i)"]
    assert can_answer(carol, Respondent.objects.get(pk=xaa.pk), unit("IV.46(i)")) is True


def test_a_viewer_who_contributes_reads_all_and_writes_assigned_units(carol, justice, answered, assign, xaa, unit):
    Membership.objects.create(user=carol, role=Role.VIEWER, respondent=xaa)
    assign("I.13", institution=justice)
    carol = reread(carol)
    assert labels(Record.objects.visible_to(carol), "recommendation__label") == ["I.13", "IV.46(i)"]
    assert can_answer(carol, xaa, unit("I.13")) is True
    assert can_answer(carol, xaa, unit("IV.46(i)")) is False
    assert can_answer_all(carol, xaa) is False


def test_a_contributor_writes_assigned_answers_until_they_are_sent(carol, justice, assign, xaa, unit):
    assignment = assign("I.13", institution=justice)
    answer = Answer(status=Status.IN_PROGRESS, measures="A bill.")
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=answer, by=carol)
    Assignment.everyones.filter(pk=assignment.pk).update(state=AssignmentStage.READY)
    with pytest.raises(PermissionDenied):
        save_note(respondent=xaa, unit=unit("I.13"), note="Late.", by=carol)
    assert labels(Revision.objects.visible_to(carol), "measures") == ["A bill."]
    with pytest.raises(PermissionDenied):
        save_answer(respondent=xaa, unit=unit("IV.46(i)"), base=0, answer=answer, by=carol)


def test_a_focal_point_is_never_kept_from_writing(alice, justice, assign, xaa, unit):
    assign("I.13", institution=justice)
    assert save_for_xaa("I.13", Status.IN_PROGRESS, measures="Mine.").number == 1


def test_evidence_that_is_not_opened_cannot_be_cited(carol, justice, answered, assign, xaa, unit):
    assign("I.13", institution=justice)
    answer = Answer(status=Status.IMPLEMENTED, citations=[(answered["IV.46(i)"], "")])
    with pytest.raises(PermissionDenied):
        save_answer(respondent=xaa, unit=unit("I.13"), base=1, answer=answer, by=carol)


def test_a_contributor_changes_only_their_own_evidence(carol, justice, answered, assign, xaa):
    assign("I.13", institution=justice)
    details = EvidenceDetails(title="Circular 7", kind="guidance", language="en", citation="Circular 7.")
    own = add_evidence(respondent=xaa, by=carol, details=details)
    assert labels(EvidenceVersion.objects.visible_to(carol), "title") == ["Circular 7", "Law for I.13"]
    assert can_change_evidence(carol, own.evidence) is True
    others = answered["I.13"]
    with pytest.raises(PermissionDenied):
        change_evidence(evidence=others.evidence, base=others.base, by=carol, details=details)


def test_another_state_is_never_opened(charlie, justice, answered, assign, xaa):
    """Not even by an assignment to a person of another State, which no action makes."""
    assign("I.13", person=charlie)
    assert list(Record.objects.visible_to(charlie)) == []
    assert charlie.whole_desks == {charlie.current_memberships[0].respondent_id}


@pytest.mark.parametrize(
    "wrong",
    [{}, {"institution": True, "person": True}, {"person": True, "state": "returned"}],
    ids=["to nobody", "to both", "returned without a reason"],
)
def test_the_database_refuses(wrong, justice, carol, assign):
    given = {"institution": justice, "person": carol}
    with pytest.raises(IntegrityError), transaction.atomic():
        assign("I.13", **{name: given.get(name, value) for name, value in wrong.items()})


@pytest.mark.parametrize("to", ["institution", "person"])
def test_a_unit_has_one_open_assignment_for_each_assignee(to, justice, carol, assign):
    given = {to: {"institution": justice, "person": carol}[to]}
    first = assign("I.13", **given)
    with pytest.raises(IntegrityError), transaction.atomic():
        assign("I.13", **given)
    Assignment.everyones.filter(pk=first.pk).update(state=AssignmentStage.ENDED)
    assert assign("I.13", **given).state == "assigned"
