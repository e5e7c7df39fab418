"""Files that are made as a task: once however often they are asked for, and for whoever may have them when they are."""

import datetime
import logging
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.conftest import save_for_xaa
from tests.open_files import open_files, open_files_before
from tests.submissions import opened_round, submit_ready
from tracker.actions.export import discard_export, request_export, tidy_export_files
from tracker.actions.tasks import StaleExport, _Progress, write_export
from tracker.actions.user import choose_language
from tracker.documents import answers
from tracker.models import Export, Membership, User
from tracker.models.export import LIFETIME, SILENT, ExportStage

pytestmark = pytest.mark.django_db

State = ExportStage


@pytest.fixture
def submission(xaa, alice, bob, unit):
    round_ = opened_round(bob, meetings=[1])
    save_for_xaa("I.13", measures="An act.", ready=True)
    return submit_ready(xaa, round_, alice)


def asked_for(by: User, rounds: tuple[str, ...] = ()) -> Export:
    return request_export(rounds=list(rounds), by=by)


def made(export: Export) -> Export:
    write_export.call(export.pk)
    export.refresh_from_db()
    return export


def silent(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(alive_at=timezone.now() - SILENT)


def old(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(created_at=timezone.now() - LIFETIME)


@pytest.mark.parametrize("person", ["alice", "dana", "erin"])
def test_a_person_without_permission_cannot_request_the_export(person, submission, request):
    with pytest.raises(PermissionDenied):
        asked_for(request.getfixturevalue(person))
    assert not Export.objects.exists()


def test_it_is_made_after_the_commit_and_kept_with_what_it_is_of(submission, bob, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        export = asked_for(bob)
        assert export.state == State.QUEUED
    export.refresh_from_db()
    assert (export.state, export.sources, export.is_in_progress) == (State.DONE, [submission.pk], False)
    assert export.file.read()[:2] == b"PK"
    assert export.size == default_storage.size(export.file.name)


def test_it_is_made_in_the_language_of_its_owner(submission, bob, settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "العربية")]
    choose_language(language="ar", by=bob)
    with zipfile.ZipFile(made(asked_for(bob)).file) as parts:
        assert b'rightToLeft="1"' in parts.read("xl/worksheets/sheet1.xml")


def test_a_second_press_leads_to_the_one_under_way_and_another_choice_to_another(submission, bob):
    first = asked_for(bob)
    assert asked_for(bob) == first
    assert asked_for(bob, ["2026"]) != first
    made(first)
    assert asked_for(bob) != first


def test_what_nobody_goes_on_making_is_asked_for_again(submission, bob):
    first = asked_for(bob)
    Export.objects.filter(pk=first.pk).update(state=State.RUNNING)
    silent(first)
    first.refresh_from_db()
    assert not first.is_in_progress
    second = asked_for(bob)
    assert list(Export.objects.all()) == [second]
    assert made(second).state == State.DONE


def test_the_one_that_was_given_up_for_dead_ends_when_it_says_how_far_it_is(submission, bob):
    export = asked_for(bob)
    tell = _Progress(export.pk).save
    Export.objects.filter(pk=export.pk).update(state=State.RUNNING)
    tell(10, 200)
    export.refresh_from_db()
    assert (export.done, export.total) == (10, 200)
    tell(20, 200)  # within the second: not written
    export.refresh_from_db()
    assert export.done == 10
    discard_export(export=export, by=bob)
    with pytest.raises(StaleExport):
        _Progress(export.pk).save(30, 200)


def test_it_is_made_once(submission, bob):
    export = made(asked_for(bob))
    name = export.file.name
    assert made(export).file.name == name
    write_export.call(0)


def test_what_cannot_be_made_says_so_and_leaves_no_file(submission, bob):
    Path(default_storage.location).write_text("a file where the directory of files should be")
    export = made(asked_for(bob))
    assert (export.state, export.file.name, export.is_in_progress) == (State.FAILED, "", False)
    assert asked_for(bob) != export


@pytest.mark.parametrize(
    ("module", "limit", "value", "reason"),
    [
        (answers, "SECONDS", 0.01, "too much time"),
        (answers, "MEMORY", 8 * 1024 * 1024, "status "),
        (answers, "SIZE", 1_000, "status "),
        (answers, "SHEET_WRITER", Path("the program is not there"), "status "),
    ],
    ids=["over time", "over memory", "over output", "ends early"],
)
def test_attack_an_export_over_a_limit_fails_says_so_and_leaves_no_file(
    module, limit, value, reason, submission, bob, tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.ERROR)
    before = open_files_before()
    with monkeypatch.context() as patch:
        patch.setattr(module, limit, value)
        export = made(asked_for(bob))
    assert (export.state, export.file.name, export.sources, export.is_in_progress) == (State.FAILED, "", [], False)
    assert [record.name for record in caplog.records] == ["recommendations.child", "tracker.actions.tasks"]
    assert reason in caplog.messages[0]
    assert caplog.messages[1] == f"export {export.pk} was not made"
    assert open_files() == before
    assert not list((tmp_path / "files").rglob("exports/*"))
    assert made(asked_for(bob)).state == State.DONE


def test_whose_role_has_ended_by_then_gets_nothing(submission, bob):
    export = asked_for(bob)
    Membership.objects.filter(user=bob).update(ended_at=timezone.now())
    assert made(export).state == State.FAILED


def test_one_discards_ones_own(submission, bob, alice):
    export = made(asked_for(bob))
    name = export.file.name
    with pytest.raises(PermissionDenied):
        discard_export(export=export, by=alice)
    assert discard_export(export=export, by=bob) is True
    assert not default_storage.exists(name)
    assert not Export.objects.exists()


def test_an_export_discarded_while_waiting_leaves_no_file(submission, bob):
    export = asked_for(bob)
    discard_export(export=export, by=bob)
    write_export.call(export.pk)
    assert not list(Path(default_storage.location).rglob("exports/*"))


def test_after_a_week_it_is_gone(submission, bob):
    kept, expired = made(asked_for(bob)), made(asked_for(bob, ["2026"]))
    old(expired)
    assert list(Export.objects.visible_to(bob)) == [kept]
    call_command("maintain_files", verbosity=0)
    assert list(Export.objects.all()) == [kept]
    assert [path.name for path in Path(default_storage.location).rglob("exports/*")] == [
        kept.file.name.removeprefix("exports/")
    ]
    assert tidy_export_files() == 0


def test_a_file_that_cannot_be_deleted_is_tried_again(submission, bob):
    export = made(asked_for(bob))
    old(export)
    stored = Path(export.file.path)
    stored.unlink()
    stored.mkdir()
    (stored / "in the way").touch()
    with pytest.raises(CommandError, match="0 files deleted, 1 not deleted"):
        call_command("maintain_files")
    (stored / "in the way").unlink()
    call_command("maintain_files", verbosity=0)
    assert not Export.objects.exists()


@pytest.mark.parametrize("wrong", [{"state": "done"}, {"state": "running", "file": "exports/x"}])
def test_a_file_is_there_when_it_is_done_and_only_then(wrong, bob):
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(owner=bob, **wrong)


def test_a_person_sees_only_their_own_exports(submission, bob, alice):
    export = asked_for(bob)
    assert list(Export.objects.visible_to(bob)) == [export]
    assert list(Export.objects.visible_to(alice)) == []
    assert export.end_time - export.created_at == datetime.timedelta(days=7)
