"""What a withdrawal may do to an append-only row, and nothing else may: tried in SQL, past all code."""

import json
from datetime import date

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.conftest import arandia, find_unit, make_person
from tests.documents import PDF, upload
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Citation, EvidenceFile, EvidenceVersion, HiddenText, Revision, Withdrawal
from tracker.models.answer_fields import TEXTS
from tracker.models.change import Change, ChangeCode
from tracker.models.record import ReceivedDetails
from tracker.models.state_owned import NotVisible
from tracker.models.user import Role
from tracker.models.withdrawal import Digested

pytestmark = pytest.mark.usefixtures("owner")

WORDS = "Jane Doe"
FIELDS = [(model, name) for model in (Revision, Citation, EvidenceVersion, EvidenceFile) for name in model.withdrawable]
each_field = pytest.mark.parametrize(("model", "field"), FIELDS, ids=lambda value: getattr(value, "__name__", value))
each_digested_field = pytest.mark.parametrize(
    ("model", "field"),
    [(model, name) for model, name in FIELDS if issubclass(model, Digested)],
    ids=lambda value: getattr(value, "__name__", value),
)


@pytest.fixture(autouse=True, scope="module")
def rows(for_the_module):
    """Every withdrawable field holds the words: in a revision, its citations, a file, a link and a citation."""
    xaa = arandia()
    alice = make_person("alice", Role.FOCAL_POINT, xaa)
    about = {"title": WORDS, "kind": "law", "language": "en"}
    pieces = [
        EvidenceDetails(**about, upload=check_upload(upload(f"{WORDS}.pdf", PDF))),
        EvidenceDetails(**about, url="https://laws.example/Jane%20Doe"),
        EvidenceDetails(**about, citation=WORDS),
    ]
    answer = Answer(
        status="implemented",
        **dict.fromkeys(TEXTS, WORDS),
        citations=[(add_evidence(respondent=xaa, by=alice, details=details), WORDS) for details in pieces],
    )
    received = ReceivedDetails(WORDS, date(2026, 3, 3))
    change = Change.of(ChangeCode.SUGGESTION, [WORDS])
    about_it = {"change": change, "change_reason": WORDS, "received": received}
    save_answer(respondent=xaa, unit=find_unit("I.13"), base=0, answer=answer, by=alice, **about_it)


def make_withdrawal(respondent, **kwargs) -> Withdrawal:
    number = Withdrawal.everyones.count()
    kwargs.setdefault("requested_by", make_person(f"first{number}"))
    decided = {"state": "confirmed", "decided_by": make_person(f"second{number}"), "decided_at": timezone.now()}
    return Withdrawal.everyones.create(respondent=respondent, reason="name", **decided | kwargs)


def make_pending(respondent, **kwargs) -> Withdrawal:
    """A pending request that hides all withdrawable fields of all rows, as an action notes before it empties them."""
    pending = make_withdrawal(respondent, state="requested", decided_by=None, decided_at=None, **kwargs)
    HiddenText.everyones.bulk_create(
        HiddenText(
            withdrawal=pending,
            table=model._meta.db_table,
            row=row.pk,
            name=name,
            value=str(getattr(row, name)),
            salt=row.salts[name] if isinstance(row, Digested) else "",
        )
        for model in {model for model, _name in FIELDS}
        for row in model.everyones.all()
        for name in model.withdrawable
        if getattr(row, name)
    )
    return pending


@pytest.fixture
def withdrawal(xaa) -> Withdrawal:
    return make_pending(xaa)


def row_with(model, field):
    """The row in which the field holds something."""
    return model.everyones.exclude(**{field: ""}).first()


def update(row, **columns) -> None:
    """One UPDATE in SQL."""
    values = [json.dumps(value) if isinstance(value, dict) else value for value in columns.values()]
    assignments = ", ".join(f'"{column}" = %s' for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{row._meta.db_table}" SET {assignments} WHERE id = %s', [*values, row.pk])


def emptied(row, field, withdrawal) -> dict:
    """The columns that a withdrawal sets."""
    columns = {field: "", "withdrawal_id": withdrawal.pk}
    if isinstance(row, Digested):
        columns["salts"] = {name: salt for name, salt in row.salts.items() if name != field}
    return columns


def is_refused(row, **columns) -> bool:
    with pytest.raises(IntegrityError, match="append-only"):
        update(row, **columns)
    kept = type(row).everyones.get(pk=row.pk)
    return all(getattr(kept, field.attname) == getattr(row, field.attname) for field in row._meta.concrete_fields)


def all_hold() -> bool:
    revision = Revision.everyones.get()
    return revision.holds(list(Citation.everyones.all())) and all(
        each.holds() for each in EvidenceVersion.everyones.all()
    )


@each_field
def test_a_withdrawal_empties_a_field_and_everything_holds(model, field, withdrawal):
    row = row_with(model, field)
    update(row, **emptied(row, field, withdrawal))
    left = model.everyones.get(pk=row.pk)
    assert (getattr(left, field), left.withdrawal) == ("", withdrawal)
    assert all_hold() is True


def test_a_withdrawal_empties_every_field_of_a_row_at_once(withdrawal):
    row = Revision.everyones.get()
    salts = {name: salt for name, salt in row.salts.items() if name not in Revision.withdrawable}
    update(row, **dict.fromkeys(Revision.withdrawable, ""), salts=salts, withdrawal_id=withdrawal.pk)
    left = Revision.everyones.get()
    assert [left.is_withdrawn(name) for name in Revision.withdrawable] == [True] * len(Revision.withdrawable)
    assert left.is_withdrawn("status") is False
    assert all_hold() is True


def test_a_second_withdrawal_empties_another_field(xaa, withdrawal, xbb):
    row = Revision.everyones.get()
    update(row, **emptied(row, "measures", withdrawal))
    row = Revision.everyones.get()
    later = make_pending(xaa)
    update(row, **emptied(row, "reasons", later))
    assert Revision.everyones.get().withdrawal == later
    assert all_hold() is True


@each_field
def test_words_do_not_become_other_words(model, field, withdrawal):
    row = row_with(model, field)
    assert is_refused(row, **{field: "John Roe"}) is True
    assert is_refused(row, **emptied(row, field, withdrawal) | {field: "John Roe"}) is True
    assert is_refused(row, **emptied(row, field, withdrawal) | {field: " "}) is True


@each_field
def test_nothing_is_emptied_without_a_withdrawal(model, field, withdrawal):
    row = row_with(model, field)
    assert is_refused(row, **emptied(row, field, withdrawal) | {"withdrawal_id": None}) is True
    assert is_refused(row, **{field: ""}) is True


@each_field
@pytest.mark.parametrize("state", ["confirmed", "refused"])
def test_nothing_is_emptied_by_a_withdrawal_that_is_decided(model, field, state, xaa, withdrawal):
    other = make_withdrawal(xaa, state=state)
    row = row_with(model, field)
    assert is_refused(row, **emptied(row, field, other)) is True


@each_field
def test_nothing_is_emptied_that_is_not_hidden_word_for_word(model, field, withdrawal):
    row = row_with(model, field)
    hidden = HiddenText.everyones.filter(table=model._meta.db_table, row=row.pk, name=field)
    hidden.update(value="John Roe")
    assert is_refused(row, **emptied(row, field, withdrawal)) is True
    hidden.delete()
    assert is_refused(row, **emptied(row, field, withdrawal)) is True


@each_field
def test_nothing_is_emptied_by_the_withdrawal_of_another_state(model, field, xbb):
    row = row_with(model, field)
    assert is_refused(row, **emptied(row, field, make_pending(xbb))) is True


@each_field
def test_nothing_is_emptied_by_a_withdrawal_that_there_is_not(model, field, withdrawal):
    row = row_with(model, field)
    assert is_refused(row, **emptied(row, field, withdrawal) | {"withdrawal_id": withdrawal.pk + 1}) is True


@each_field
def test_naming_a_withdrawal_is_not_enough(model, field, withdrawal):
    row = row_with(model, field)
    assert is_refused(row, withdrawal_id=withdrawal.pk) is True


@each_digested_field
def test_the_random_value_goes_with_the_words(model, field, withdrawal):
    row = row_with(model, field)
    right = emptied(row, field, withdrawal)
    assert is_refused(row, **right | {"salts": row.salts}) is True
    assert is_refused(row, **right | {"salts": row.salts | {field: "0" * 32}}) is True
    assert is_refused(row, **right | {"salts": row.salts | {field: None}}) is True
    assert is_refused(row, salts=right["salts"], withdrawal_id=withdrawal.pk) is True


@each_digested_field
def test_no_other_random_value_goes_or_changes(model, field, withdrawal):
    row = row_with(model, field)
    right = emptied(row, field, withdrawal)
    for other in right["salts"]:
        without = {name: salt for name, salt in right["salts"].items() if name != other}
        assert is_refused(row, **right | {"salts": without}) is True
        assert is_refused(row, **right | {"salts": right["salts"] | {other: "0" * 32}}) is True
    assert is_refused(row, **right | {"salts": right["salts"] | {"more": "0" * 32}}) is True


@pytest.mark.parametrize("salts", ["{}", "null", "[]", '""', "1"])
def test_the_random_values_stay_an_object_of_them(salts, withdrawal):
    row = Revision.everyones.get()
    assert is_refused(row, **emptied(row, "measures", withdrawal) | {"salts": salts}) is True


CHANGED = {"CharField": "0", "TextField": "0", "JSONField": "{}", "BooleanField": None, "DateField": "2001-01-01"}


@each_field
def test_no_other_column_changes_with_a_removal(model, field, withdrawal):
    row = row_with(model, field)
    free = {field, "id", "salts", "withdrawal_id"}
    for other in model._meta.concrete_fields:
        if other.column in free:
            continue
        value = CHANGED.get(other.get_internal_type())
        value = not getattr(row, other.attname) if other.get_internal_type() == "BooleanField" else value
        value = "2001-01-01 00:00:00+00:00" if other.get_internal_type() == "DateTimeField" else value
        value = 12345 if value is None else value
        assert is_refused(row, **emptied(row, field, withdrawal) | {other.column: value}) is True


@each_field
def test_what_is_hidden_comes_back_word_for_word(model, field, withdrawal, xbb):
    before = row_with(model, field)
    update(before, **emptied(before, field, withdrawal))
    row = model.everyones.get(pk=before.pk)
    right = {field: str(getattr(before, field)), "withdrawal_id": None}
    right |= {"salts": before.salts} if isinstance(row, Digested) else {}
    assert is_refused(row, **right | {field: "John Roe"}) is True
    assert is_refused(row, **right | {"withdrawal_id": make_withdrawal(xbb).pk}) is True
    if isinstance(row, Digested):
        assert is_refused(row, **right | {"salts": row.salts}) is True
        assert is_refused(row, **right | {"salts": before.salts | {field: "0" * 32}}) is True
        assert is_refused(row, **right | {"salts": before.salts | {"more": "0" * 32}}) is True
    update(row, **right)
    restored = model.everyones.get(pk=row.pk)
    assert (getattr(restored, field), restored.withdrawal) == (getattr(before, field), None)
    assert all_hold() is True


@each_field
def test_what_was_destroyed_does_not_come_back(model, field, withdrawal):
    row = row_with(model, field)
    update(row, **emptied(row, field, withdrawal))
    HiddenText.everyones.all().delete()
    row.refresh_from_db()
    assert is_refused(row, **{field: WORDS}) is True
    assert is_refused(row, withdrawal_id=None) is True
    assert is_refused(row, withdrawal_id=withdrawal.pk, **{field: WORDS}) is True
    if isinstance(row, Digested):
        assert is_refused(row, salts=row.salts | {field: "0" * 32}) is True


@each_field
def test_a_withdrawn_row_is_not_deleted(model, field, withdrawal):
    row = row_with(model, field)
    update(row, **emptied(row, field, withdrawal))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE id = %s', [row.pk])


# Requests


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "confirmed", "decided_by": None},
        {"state": "refused", "decided_at": None},
        {"state": "confirmed", "words": WORDS},
        {"state": "refused", "words": WORDS},
        {"state": "requested"},
        {"state": "forgotten"},
    ],
)
def test_a_request_is_decided_by_somebody_and_forgets_or_it_is_not_decided(xaa, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_withdrawal(xaa, **changes)


def test_nobody_confirms_their_own_request(xaa, alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_withdrawal(xaa, requested_by=alice, decided_by=alice)
    assert make_withdrawal(xaa, requested_by=alice, decided_by=alice, state="refused").state == "refused"


def test_a_withdrawal_that_is_named_is_not_deleted(withdrawal):
    row = Revision.everyones.get()
    update(row, **emptied(row, "measures", withdrawal))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tracker_withdrawal WHERE id = %s", [withdrawal.pk])
        connection.check_constraints()


# Who sees what of them


def test_a_state_sees_its_own_requests(xaa, xbb, alice, charlie, bob, dana):
    make_withdrawal(xaa)
    assert Withdrawal.objects.visible_to(alice).count() == 1
    for stranger in (charlie, bob, dana):
        assert Withdrawal.objects.visible_to(stranger).count() == 0
    with pytest.raises(NotVisible):
        list(Withdrawal.objects.waiting())


def test_an_administrator_sees_the_envelope_and_nobody_else_does(xaa, alice, charlie, bob, dana):
    asked = Withdrawal.everyones.create(respondent=xaa, words=WORDS, reason="name", requested_by=alice)
    erin = make_person("erin", Role.ADMINISTRATOR)
    for person in (alice, charlie, bob, dana):
        assert list(Withdrawal.objects.headers_for(person)) == []
    [envelope] = Withdrawal.objects.headers_for(erin)
    assert (envelope.pk, envelope.respondent.name, envelope.requested_by.name) == (asked.pk, "Arandia", "Alice")
    assert (envelope.get_reason_display(), envelope.requested_at) == ("Names a victim", asked.requested_at)
    with pytest.raises(FieldFetchBlocked):
        assert envelope.words


def test_what_waits_is_not_decided_or_not_destroyed(xaa, xbb, alice):
    erin = make_person("erin", Role.ADMINISTRATOR)
    asked = Withdrawal.everyones.create(respondent=xaa, words=WORDS, reason="name", requested_by=alice)
    make_withdrawal(xaa)
    left = make_withdrawal(xbb, undestroyed=["evidence/XBB/x"])
    assert set(Withdrawal.objects.headers_for(erin).waiting()) == {asked, left}
