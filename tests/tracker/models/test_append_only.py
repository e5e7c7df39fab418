"""The database itself refuses to change or delete what must stay, whichever way it is asked."""

from contextvars import ContextVar

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from recommendations.append_only import list_append_only, list_statements, missing_triggers, remove_triggers
from recommendations.models import TextChange, Wording
from recommendations.undo import correct_label
from tests.conftest import arandia, find_unit, make_person, save_for_xaa
from tests.database import lifted_triggers
from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tests.submissions import confirm, opened_round, read_and_answered, release_of_few
from tests.thorough import some
from tracker.actions.brief import save_brief
from tracker.actions.comment import write_comment
from tracker.actions.daily_list import sign_daily_list
from tracker.actions.event import lock_head, next_event, record_event
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.audit import origin
from tracker.documents.exchange.uploads import check_upload
from tracker.models import (
    BriefText,
    ChainHead,
    Citation,
    Comment,
    CompleteActs,
    Confirmation,
    DailyLine,
    DailyList,
    Event,
    EventRow,
    EvidenceFile,
    EvidenceVersion,
    FormerStanding,
    Record,
    Release,
    ReleaseFile,
    ReleaseStanding,
    Reply,
    Revision,
    Round,
    RoundUnit,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    Use,
)
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner")]

OF_THE_RECORD = [
    TextChange,
    Wording,
    Revision,
    Citation,
    EvidenceVersion,
    EvidenceFile,
    Comment,
    BriefText,
    Event,
    EventRow,
    FormerStanding,
    CompleteActs,
]
OF_ROUNDS = [RoundUnit, Confirmation, Submission, SubmissionItem, SubmissionEvidence, Reply, Use]
OF_RELEASES = [Release, ReleaseFile, ReleaseStanding]
OF_DAILY_LISTS = [DailyList, DailyLine]
MODELS = [*OF_THE_RECORD, *OF_ROUNDS, *OF_RELEASES, *OF_DAILY_LISTS]
SQLITE, POSTGRESQL = (connection.vendor == vendor for vendor in ("sqlite", "postgresql"))

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


@pytest.fixture(scope="module", autouse=True)
def rows(for_the_module):
    """At least one row in every append-only table."""
    xaa, unit = arandia(), find_unit("I.13")
    dana = make_person("dana", Role.CURATOR)
    correct_label(text=find_unit("I.12"), label="I.99", reason="Printed so.", by=dana)
    alice, bob = make_person("alice", Role.FOCAL_POINT, xaa), make_person("bob", Role.REVIEWER)
    law = add_item(xaa, alice, "Law", upload=check_upload(upload("law.pdf", PDF)))
    answer = Answer(status="implemented", measures="Law", ready=True, citations=[(law, "art. 9")])
    save_answer(respondent=xaa, unit=unit, base=0, answer=answer, by=alice)
    write_comment(respondent=xaa, unit=unit, text="In force?", after=0, by=alice)
    save_brief(respondent=xaa, texts={"decisions": "Approve the bill."}, base="", by=alice)
    FormerStanding.objects.create(respondent=xaa, until=timezone.now())
    CompleteActs.objects.create(as_at=timezone.localdate(), source="UNTC", confirmed_by=bob)
    add_restriction(user=make_person("olga", Role.REVIEWER), respondent=xaa, by=make_person("erin", Role.ADMINISTRATOR))
    read_and_answered(xaa, opened_round(bob, meetings=[1]), "I.13", alice, bob)
    release_of_few(Round.objects.get(), bob)
    confirm(xaa, opened_round(bob, "2028", meetings=[1]), ["I.13"], alice)
    sign_daily_list()
    connection.check_constraints()


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except IntegrityError as error:
        return "append-only" in str(error)
    return False


def test_these_are_the_append_only_models():
    assert set(list_append_only()) == set(MODELS)


@each_model
def test_no_row_is_changed(model):
    table = model._meta.db_table
    for column in (field.column for field in model._meta.concrete_fields):
        assert refused(f'UPDATE "{table}" SET "{column}" = "{column}"') is True


def test_the_address_of_an_event_can_be_deleted_and_not_given(monkeypatch):
    monkeypatch.setattr(origin, "address", ContextVar("address", default="192.0.2.7"))
    event = record_event(action="person welcomed", target="person 1", by=None)
    changes = ["action = 'note saved'", "address = '192.0.2.8'", "address = NULL, number = 0"]
    assert [refused(f"UPDATE tracker_event SET {change} WHERE id = {event.pk}") for change in changes] == [True] * 3
    assert refused(f"UPDATE tracker_event SET address = NULL WHERE id = {event.pk}") is False
    assert refused(f"UPDATE tracker_event SET address = '192.0.2.7' WHERE id = {event.pk}") is True


@each_model
def test_no_row_is_deleted(model):
    table, count = model._meta.db_table, model._base_manager.count()
    assert refused(f'DELETE FROM "{table}"') is True
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model._base_manager.all()._raw_delete("default")
    assert model._base_manager.count() == count > 0


@each_model
def test_no_row_is_changed_by_inserting_over_it(model):
    row = model._base_manager.first()
    field = next(field.name for field in model._meta.concrete_fields if not field.primary_key)
    with pytest.raises(IntegrityError), transaction.atomic():
        model._base_manager.bulk_create([row], update_conflicts=True, unique_fields=["pk"], update_fields=[field])


@pytest.mark.skipif(not SQLITE, reason="a statement of SQLite")
@each_model
def test_no_row_is_replaced(model):
    table = model._meta.db_table
    columns = [f'"{field.column}"' for field in model._meta.concrete_fields]
    before = list(model._base_manager.values_list())
    assert refused(f'REPLACE INTO "{table}" SELECT * FROM "{table}"') is True
    others = ", ".join(column for column in columns if column != '"id"')
    if any(
        constraint.name.endswith(("_once", "_in_chain", "_in_respondent")) for constraint in model._meta.constraints
    ):
        assert refused(f'INSERT OR REPLACE INTO "{table}" ({others}) SELECT {others} FROM "{table}"') is True
    assert list(model._base_manager.values_list()) == before


@pytest.mark.skipif(not POSTGRESQL, reason="a statement of PostgreSQL")
@each_model
def test_no_table_is_emptied(model):
    assert refused(f'TRUNCATE "{model._meta.db_table}" CASCADE') is True
    assert refused("TRUNCATE tracker_user CASCADE") is True


# What follows an INSERT


def next_of_site(**changed) -> Event:
    event = next_event(lock_head(None), at=timezone.now(), action="person welcomed", target="person 1", by=None)
    for name, value in changed.items():
        setattr(event, name, value)
    return event


def test_an_event_moves_the_head_of_its_chain():
    event = next_of_site()
    event.save(force_insert=True)
    head = ChainHead.objects.get(chain="site")
    assert (head.number, head.digest) == (event.number, event.digest)


@pytest.mark.parametrize(("name", "value"), [("previous_digest", "0" * 64), ("number", 1_000_000), ("chain", "XBB")])
def test_an_event_that_does_not_follow_the_head_is_refused(name, value):
    before = list(ChainHead.objects.order_by("chain").values())
    with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
        next_of_site(**{name: value}).save(force_insert=True)
    assert list(ChainHead.objects.order_by("chain").values()) == before


@pytest.mark.parametrize(("model", "owner"), [(Revision, "record"), (EvidenceVersion, "evidence")])
def test_the_newest_version_is_the_current_one(model, owner):
    first = model.everyones.filter(number=1).order_by("pk").first()
    version = model.everyones.get(pk=first.pk)
    version.pk, version.number = None, 7
    version.save(force_insert=True)
    assert getattr(model.everyones.get(number=7), owner).current == version

    older = model.everyones.get(pk=first.pk)
    older.pk, older.number = None, 6
    with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
        older.save(force_insert=True)
    assert getattr(model.everyones.get(number=7), owner).current == version


# The triggers themselves


@pytest.mark.parametrize("model", some(MODELS), ids=lambda model: model.__name__)
def test_a_missing_trigger_is_named_and_comes_back_with_the_next_migration(model):
    assert missing_triggers("default") == []
    remove_triggers([model], "default")
    assert missing_triggers("default") == sorted(list_statements(model, connection.vendor))
    call_command("migrate", verbosity=0)
    assert missing_triggers("default") == []


def test_what_was_saved_without_triggers_is_followed_after_the_migration():
    """As by an upgraded command before the migration, or on SQLite during a migration."""
    remove_triggers([Event, Revision, EvidenceVersion], "default")
    revision = save_for_xaa("I.14", measures="A new Act.")  # the first one
    version = EvidenceVersion.everyones.get(number=1)
    version.pk, version.number = None, 2
    version.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        save_for_xaa(measures="A newer Act.")
    call_command("migrate", verbosity=0)
    assert Record.everyones.get(recommendation=find_unit("I.14")).current == revision
    assert EvidenceVersion.everyones.get(number=2).evidence.current == version

    before = ChainHead.objects.get(chain="XAA")
    assert before.digest == Event.everyones.filter(chain="XAA").latest("number").digest
    save_for_xaa(measures="A newer Act.")
    assert ChainHead.objects.get(chain="XAA").number == before.number + 1


def test_a_migration_moves_no_head_back():
    """A head that is further than the last event shows that events were deleted."""
    ChainHead.objects.filter(chain="XAA").update(number=1_000_000, digest="0" * 64)
    call_command("migrate", verbosity=0)
    assert ChainHead.objects.get(chain="XAA").number == 1_000_000


@pytest.mark.skipif(not POSTGRESQL, reason="a statement of PostgreSQL")
def test_a_disabled_trigger_is_missing():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tracker_event DISABLE TRIGGER append_only_tracker_event_update")
    assert missing_triggers("default") == ["append_only_tracker_event_update"]


def test_only_the_tests_lift_the_triggers():
    with lifted_triggers():
        assert Event.everyones.update(action="forged") > 0
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Event.everyones.update(action="forged again")
