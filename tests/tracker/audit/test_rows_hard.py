"""Each field of each kind of row that events keep is compared; of other models: test_every_table.py."""

import dataclasses
import datetime

import pytest
from allauth.account.models import EmailAddress
from django.db import DEFAULT_DB_ALIAS, connection, models

from recommendations.append_only import list_append_only, remove_triggers
from recommendations.models import Meeting
from tests.access import appointed
from tests.alterations import copied, delete, lifted_checks, undone, with_other
from tests.conftest import arandia, make_person, save_for_xaa, with_second_factor
from tests.database import as_owner
from tests.submissions import STATED, opened_round, quote, release_of_few, submit_ready
from tests.verification import OWN_KINDS, name_rows
from tracker.actions import access_change, invitation
from tracker.actions.identity import bind_identity
from tracker.actions.institution import add_institution
from tracker.actions.notification import choose_notifications
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.treaty_act import add_acts, confirm_acts, confirm_complete_acts
from tracker.audit.rows import KINDS, name_of
from tracker.audit.rows import find_errors as find_row_errors
from tracker.models import EventRow, TreatyAct
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def one_of_each(for_the_module) -> None:
    """A row of each kind, and mostly more than one."""
    xaa = arandia()
    alice, bob = make_person("alice", Role.FOCAL_POINT, xaa), with_second_factor(make_person("bob", Role.REVIEWER))
    dana, frida = make_person("dana", Role.CURATOR), make_person("frida")
    both = make_person("erin", Role.ADMINISTRATOR), make_person("greta", Role.ADMINISTRATOR)
    EmailAddress.objects.create(user=alice, email="alice@example.org")
    name_rows()
    quoted(xaa, opened_round(bob, meetings=[1]), alice, bob)
    add_restriction(user=bob, respondent=xaa, by=both[0])
    appointed(frida, xaa, by=both)
    access_change.request_address(user=dana, email="d@example.org", by=both[0])
    add_institution(respondent=xaa, name="Justice", kind="ministry", by=alice)
    invitation.send_invitation(respondent=xaa, email="ines@example.org", role=Role.VIEWER, by=alice)
    choose_notifications(wanted=set(), by=alice)
    bind_identity(frida, "ministry", "subject-frida", by=frida)
    day = datetime.date(2020, 1, 1)
    act = TreatyAct(respondent=xaa, instrument="convention", act="accession", date=day, source="A.", as_at=day)
    confirm_acts(acts=add_acts(acts=[act], by=dana), by=dana)
    confirm_complete_acts(as_at=day, source="A.", by=dana)
    connection.check_constraints()


def quoted(xaa, round_, alice, bob) -> None:
    """A quotation of an answer, with a translation."""
    save_for_xaa("I.13", measures="An act.", ready=True)
    found = submit_ready(xaa, round_, alice, dataclasses.replace(STATED, quoted=True))
    quote(release_of_few(round_, bob), found, "I.13", "measures", bob, translation="Une loi.")


@pytest.fixture
def unguarded(one_of_each, db):
    with as_owner(), undone():
        remove_triggers(list_append_only(), DEFAULT_DB_ALIAS)
        with lifted_checks([kind.model for kind in KINDS.values()]):
            yield


def last(kind) -> models.Model:
    return kind.model._base_manager.order_by("pk").last()


each_kind = pytest.mark.parametrize("noun", OWN_KINDS)


def row_errors() -> list[str]:
    return list(find_row_errors(OWN_KINDS))


def errors_about(name: str) -> list[str]:
    return [error for error in row_errors() if error.startswith(f"{name}: ")]


def is_renamed_by(field, row) -> bool:
    with undone():
        assert with_other(row, field), f"{field.name}: the database refuses it"
        return name_of(type(row)._base_manager.get(pk=row.pk)) != name_of(row)


@each_kind
def test_each_altered_field_is_named(noun, unguarded):
    """All fields are altered at once; alone those that name the row, which is then missing."""
    kind = KINDS[noun]
    row, name = last(kind), name_of(last(kind))
    fields = [f for f in row._meta.concrete_fields if not f.primary_key and f.name not in kind.left_out | {"salt"}]
    naming = [field for field in fields if is_renamed_by(field, row)]
    others = [field for field in fields if field not in naming]
    for field in naming:
        with undone():
            assert with_other(row, field)
            assert errors_about(name) == [f"{name}: missing"]
    altered = ", ".join(sorted(field.name for field in others))
    with undone():
        assert all(with_other(row, field) for field in others)
        assert errors_about(name) == ([f"{name}: altered: {altered}"] if others else [])
    assert row_errors() == []


@each_kind
def test_a_deleted_row_and_a_copied_row_are_named(noun, unguarded):
    kind = KINDS[noun]
    row, name = last(kind), name_of(last(kind))
    with undone():
        delete(kind.model._base_manager.filter(pk=row.pk))
        assert f"{name}: missing" in row_errors()
    with undone():
        assert copied(row)
        assert any(error.endswith(": no event names it") for error in row_errors()) is not kind.is_named_later


def test_a_scope_of_a_round_changed_by_sql_is_named(unguarded):
    round_ = last(KINDS["round"])
    round_.meetings.set(Meeting.objects.filter(number=2))
    assert row_errors() == [f"{name_of(round_)}: altered: meetings"]


def test_events_have_no_name_address_password_or_secret(one_of_each):
    rows = EventRow.everyones.filter(name__regex="^(access|identity|institution|invitation|person|quotation|second)")
    kept = " ".join(str(row.content) for row in rows)
    assert kept
    assert not any(
        word in kept for word in ("@", "Alice", "Justice", "argon2", "md5", "pbkdf2", "gAAAA", "subject-frida", "loi")
    )
