"""What must always hold of answers is the database's business: constraints, triggers and digests."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.conftest import make_person, save_for_xaa
from tests.database import as_owner, lifted_triggers
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.models import Citation, Record, Revision, Withdrawal
from tracker.models.answer_fields import TEXTS
from tracker.models.state_owned import NotVisible

NAMES_A_VICTIM = "It names a victim."
LAW = EvidenceDetails(title="Law", kind="law", language="en", citation="OG 12")


@pytest.fixture
def revision(xaa, alice, unit) -> Revision:
    """Revision 1 of XAA on I.13, as it comes back from the database; it cites one piece of evidence."""
    saved = save_for_xaa(
        "I.13",
        reasons=NAMES_A_VICTIM,
        measures="Law No. 17",
        citations=[(add_evidence(respondent=xaa, by=alice, details=LAW), "art. 9")],
    )
    return Revision.everyones.get(pk=saved.pk)


@pytest.fixture
def citation(revision) -> Citation:
    return Citation.everyones.get(revision=revision)


@pytest.fixture
def withdrawal(xaa, alice, bob) -> Withdrawal:
    """One that was confirmed."""
    return Withdrawal.everyones.create(
        respondent=xaa,
        reason="name",
        state="confirmed",
        requested_by=alice,
        decided_by=make_person("carol"),
        decided_at=timezone.now(),
    )


def insert_revision(revision: Revision, **changes) -> None:
    """The next revision of the same record, past every rule but the database's own."""
    row = {
        "record": revision.record,
        "number": 2,
        "wording": revision.wording,
        "status": "implemented",
        "author": revision.author,
        "digest": "0" * 64,
    }
    Revision.everyones.bulk_create([Revision(**row | changes)])


def execute(sql: str, *parameters) -> None:
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


# Constraints


def test_one_record_for_a_unit(revision, xaa, unit):
    with pytest.raises(IntegrityError):
        Record.everyones.create(respondent=xaa, recommendation=unit("I.13"))


def test_a_revision_is_current_in_one_record(revision, xaa, unit):
    with pytest.raises(IntegrityError):
        Record.everyones.create(respondent=xaa, recommendation=unit("I.14"), current=revision)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"status": "not_started"},
        {"status": "not_applicable", "reason_code": "date_has_passed"},
        {"status": "not_applicable", "reason_code": "other", "reasons": "Landlocked."},
        {"status": "considered_not_taken_up", "reasons": "Cost."},
        {"good_practice": True, "good_practice_shared": True},
        {"change_code": "restored", "change_details": "1"},
        {"received_from": "Ministry of Justice", "received_on": datetime.date(2026, 3, 3)},
    ],
)
def test_what_the_database_accepts(revision, changes):
    insert_revision(revision, **changes)
    assert Revision.everyones.filter(record=revision.record).count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 1},
        {"number": 0},
        {"status": "no_information"},
        {"change_code": "by hand"},
        {"status": "not_applicable"},
        {"status": "not_applicable", "reason_code": "because"},
        {"status": "implemented", "reason_code": "not_a_party"},
        {"status": "not_applicable", "reason_code": "other"},
        {"status": "considered_not_taken_up"},
        {"good_practice_shared": True},
        {"received_from": "Ministry of Justice"},
        {"received_on": datetime.date(2026, 3, 3)},
    ],
)
def test_what_the_database_refuses(revision, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_revision(revision, **changes)
    assert Revision.everyones.filter(record=revision.record).count() == 1


def test_withdrawn_reasons_may_be_empty(revision, withdrawal):
    insert_revision(revision, status="considered_not_taken_up", withdrawal=withdrawal)
    assert Revision.everyones.filter(record=revision.record).count() == 2


def test_the_name_of_an_institution_may_be_withdrawn_and_not_the_day(revision, withdrawal):
    day = datetime.date(2026, 3, 3)
    insert_revision(revision, received_on=day, withdrawal=withdrawal)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_revision(revision, number=3, received_from="Ministry of Justice", withdrawal=withdrawal)
    assert Revision.everyones.latest("number").received_on == day


@pytest.mark.parametrize("same", ["position", "evidence_version"])
def test_a_place_and_a_version_are_cited_once(revision, citation, xaa, alice, same):
    law = add_evidence(respondent=xaa, by=alice, details=LAW)
    row = {"position": 2, "evidence_version": law} | {same: getattr(citation, same)}
    with pytest.raises(IntegrityError):
        Citation.everyones.bulk_create([Citation(revision=revision, digest="0" * 64, **row)])


# Triggers

REVISION_CHANGES = {
    "record_id": "record_id + 1",
    "number": "number + 1",
    "wording_id": "wording_id + 1",
    "status": "'not_started'",
    "reason_code": "'other'",
    **dict.fromkeys(TEXTS, "'x'"),
    "measures": "''",
    "assistance_kinds": """'["training"]'""",
    "good_practice": "NOT good_practice",
    "good_practice_shared": "NOT good_practice_shared",
    "items_met": """'["IV.46(i)(i)"]'""",
    "target_date": "'2027-06-30'",
    "situation_as_at": "'2026-06-30'",
    "language": "'fr'",
    "ready": "NOT ready",
    "change_code": "'list'",
    "change_details": "'x'",
    "change_reason": "'x'",
    "received_from": "'x'",
    "received_on": "'2026-03-03'",
    "source_id": "id",
    "author_id": "author_id + 1",
    "created_at": "'2001-01-01 00:00:00+00:00'",
    "canonical_form": "canonical_form + 1",
    "salts": "'{}'",
    "field_digests": "'{}'",
    "previous_digest": "'0'",
    "digest": "'0'",
}


def test_every_column_of_a_revision_is_tried_below():
    columns = {field.column for field in Revision._meta.concrete_fields}
    assert columns - {"id", "withdrawal_id"} == set(REVISION_CHANGES)


@pytest.mark.parametrize("column", REVISION_CHANGES)
def test_no_column_of_a_revision_can_be_changed(revision, column):
    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"UPDATE tracker_revision SET {column} = {REVISION_CHANGES[column]} WHERE id = %s", revision.pk)


@pytest.mark.parametrize(
    "change",
    ["position = 2", "pinpoint = 'art. 10'", "pinpoint = ''", "digest = ''", "salts = '{}'", "revision_id = 0"],
)
def test_no_column_of_a_citation_can_be_changed(citation, change):
    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"UPDATE tracker_citation SET {change} WHERE id = %s", citation.pk)


@pytest.mark.parametrize("table", ["tracker_citation", "tracker_revision"])
def test_nothing_of_an_answer_can_be_deleted(revision, table):
    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"DELETE FROM {table}")


# Digests


@pytest.mark.parametrize(
    "forged",
    [
        {"status": "not_started"},
        {"measures": "Law No. 18"},
        {"items_met": ["IV.46(i)(i)"]},
        {"received_from": "Ministry of Justice", "received_on": datetime.date(2026, 3, 3)},
        {"change_code": "list"},
        {"change_details": "3"},
        {"number": 7},
        {"created_at": timezone.datetime(2001, 1, 1, tzinfo=timezone.get_default_timezone())},
        {"previous_digest": "0" * 64},
    ],
)
def test_a_forged_revision_does_not_hold(revision, citation, forged):
    assert revision.holds([citation]) is True
    with lifted_triggers():
        Revision.everyones.filter(pk=revision.pk).update(**forged)
    assert Revision.everyones.get(pk=revision.pk).holds([citation]) is False


def test_a_citation_that_was_forged_or_taken_away_shows(revision, citation):
    assert revision.holds([]) is False
    with lifted_triggers():
        Citation.everyones.filter(pk=citation.pk).update(pinpoint="art. 10")
    assert revision.holds(list(Citation.everyones.filter(revision=revision))) is False


# Isolation


@pytest.mark.parametrize("model", [Record, Revision, Citation])
def test_a_state_reads_its_own_and_nobody_reads_unasked(revision, alice, charlie, bob, dana, model):
    assert model.objects.visible_to(alice).count() == 1
    for stranger in (charlie, bob, dana):
        assert model.objects.visible_to(stranger).count() == 0
    with pytest.raises(NotVisible):
        list(model.objects.all())
