"""A trail of State XAA, which tests alter past the site."""

import datetime

import pytest
from django.db import DEFAULT_DB_ALIAS, transaction

from recommendations.append_only import list_append_only, remove_triggers
from tests.conftest import arandia, find_unit, make_person
from tests.database import as_owner
from tests.evidence_items import add_item
from tests.submissions import opened_round, read_and_answered
from tests.verification import name_rows
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.record import Answer, restore_revision, save_answer
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.models import Revision, Submission
from tracker.models.record import ReceivedDetails
from tracker.models.user import Role


@pytest.fixture(scope="module")
def recorded(for_the_module) -> Submission:
    """What a State's trail may have in it."""
    xaa = arandia()
    alice, bob = make_person("alice", Role.FOCAL_POINT, xaa), make_person("bob", Role.REVIEWER)
    erin = make_person("erin", Role.ADMINISTRATOR)
    name_rows()
    law = add_item(xaa, alice, "Act", citation="OG 12")
    changed = EvidenceDetails(title="Act of 2020", kind="law", language="en", citation="OG 12", disclosure="public")
    law = change_evidence(evidence=law.evidence, base=law.base, by=alice, details=changed)
    kept = add_item(xaa, alice, "Kept", citation="OG 13")
    for label in ("I.13", "I.14"):
        for base, measures in enumerate(["A bill.", "An act.", "Jane Doe was helped."]):
            cited = [(law, "article 9"), (kept, "")]
            answer = Answer(status="implemented", measures=measures, ready=True, citations=cited)
            received = ReceivedDetails("Ministry of Justice", datetime.date(2026, 3, 3)) if base else ReceivedDetails()
            save_answer(respondent=xaa, unit=find_unit(label), base=base, answer=answer, by=alice, received=received)
    restore_revision(revision=Revision.everyones.filter(number=1).first(), base=3, by=alice)
    submission = read_and_answered(xaa, opened_round(bob, meetings=[1]), "I.13", alice, bob)
    request = request_withdrawal(respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name")
    confirm_withdrawal(pk=request.pk, by=erin)
    return submission


@pytest.fixture
def trail(recorded, db) -> Submission:
    """What is recorded, without the triggers that guard it."""
    with as_owner(), transaction.atomic():
        remove_triggers(list_append_only(), DEFAULT_DB_ALIAS)
        yield Submission.everyones.get(pk=recorded.pk)
        transaction.set_rollback(True)
