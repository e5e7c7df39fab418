"""Files are compared day by day, nothing unknown stays, and nobody waits for a storage but who stores."""

import datetime
import signal
import threading
from contextlib import nullcontext

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests.access import appointed, note_verbale, requested_role
from tests.catalogue_events import later_events
from tests.conftest import make_person, save_for_xaa
from tests.documents import upload
from tests.machines import act_there, another_machine
from tests.storages import BlockedStorage, SilentStorage, alter, break_storage, make_old
from tracker.actions.evidence import EvidenceDetails, add_evidence, change_evidence
from tracker.actions.held_upload import hold_upload
from tracker.actions.stored_file import DAYS, MOST_UNKNOWN, check_files
from tracker.audit.integrity import list_files, stored_files
from tracker.documents.exchange.uploads import check_upload
from tracker.models import AccessChange, Event, EvidenceFile, EvidenceVersion, Export, HeldUpload, Revision
from tracker.models.user import Role

DAY = datetime.date(2026, 11, 28)
LAW = {"title": "Law", "kind": "law", "language": "en"}


def names_in(folder: str) -> list[str]:
    """Return the names of all files below a folder of the storage."""
    if not default_storage.exists(folder):
        return []
    folders, files = default_storage.listdir(folder)
    return [f"{folder}/{name}" for name in files] + [name for each in folders for name in names_in(f"{folder}/{each}")]


def maintain() -> None:
    call_command("maintain_files", verbosity=0)


@pytest.fixture
def add(xaa, alice):
    def add_(words: str) -> EvidenceFile:
        details = EvidenceDetails(**LAW, upload=check_upload(upload("law.txt", words)))
        return add_evidence(respondent=xaa, by=alice, details=details).file

    return add_


# Day by day


@pytest.fixture
def thirty(add) -> list[EvidenceFile]:
    return [add(f"Article {number}") for number in range(DAYS)]


def test_each_file_is_read_on_one_of_thirty_days(thirty, xaa, erin, greta):
    appointed(make_person("frida"), xaa, by=(erin, greta))
    of_days = [[found.name for found in stored_files(share, DAYS)] for share in range(DAYS)]
    assert sorted(name for names in of_days for name in names) == sorted(found.name for found in stored_files())
    assert {len([name for name in names if name.startswith("evidence")]) for names in of_days} == {1}


def test_what_differs_is_found_within_thirty_days_and_is_an_event(thirty):
    altered, missing = thirty[3], thirty[17]
    alter(altered.file.name, b"other")
    default_storage.delete(missing.file.name)
    assert sum(check_files(DAY + datetime.timedelta(days=days)) for days in range(DAYS)) == 2
    events = Event.everyones.filter(action__startswith="file ").order_by("after")
    assert {(event.chain, event.action, event.after) for event in events} == {
        ("XAA", "file altered", f"E4 {altered.sha256}"),
        ("XAA", "file missing", f"E18 {missing.sha256}"),
    }


def test_the_daily_job_fails_on_a_day_whose_file_differs(thirty):
    maintain()
    for file in thirty:
        alter(file.file.name, b"other")
    with pytest.raises(CommandError, match="0 not deleted, 1 missing or altered"):
        maintain()


def test_a_storage_that_does_not_respond_is_reported_and_is_no_event(thirty, settings):
    break_storage(settings, SilentStorage)
    assert check_files(DAY) == 1
    assert not Event.everyones.filter(action__startswith="file ").exists()


class DiscardingStorage(FileSystemStorage):
    """Another process deletes the file with its row, just before it is read."""

    def _open(self, name, mode="rb"):
        Export.objects.all().delete()
        self.delete(name)
        return super()._open(name, mode)


def test_a_file_that_is_deleted_while_the_job_runs_is_no_difference(bob, settings):
    name = default_storage.save("exports/abc", ContentFile(b"bytes"))
    Export.objects.create(owner=bob, state="done", file=name, size=5)
    default = settings.STORAGES["default"] | {"BACKEND": f"{__name__}.{DiscardingStorage.__name__}"}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    assert sum(check_files(DAY + datetime.timedelta(days=days)) for days in range(DAYS)) == 0
    assert (Export.objects.count(), later_events().count()) == (0, 0)


# What no row names


@pytest.mark.django_db
def test_a_file_that_no_row_names_goes_after_a_day_and_never_sooner():
    old, young = (default_storage.save(f"evidence/XAA/{name}", ContentFile(b"bytes")) for name in ("old", "young"))
    other = default_storage.save("backup/abc", ContentFile(b"of the operator"))
    make_old(old)
    make_old(other)
    maintain()
    assert (names_in("evidence"), names_in("backup")) == ([young], [other])


def test_a_file_that_a_row_names_stays_however_old(add, xaa, alice, erin):
    hold_upload(respondent=xaa, upload=check_upload(upload("a.txt", "held")), by=alice)
    request = requested_role(make_person("frida"), Role.VIEWER, xaa, by=erin, **note_verbale())
    named = [add("Article 1").file.name, request.document.name]
    for name in [*names_in("evidence"), *names_in("appointments")]:
        make_old(name)
    maintain()
    assert {*named} < {*names_in("evidence"), *names_in("appointments")}
    assert (len(names_in("evidence")), len(names_in("appointments"))) == (2, 1)


@pytest.mark.django_db
def test_attack_the_job_runs_with_the_database_of_another_site_and_deletes_all_files():
    for number in range(MOST_UNKNOWN + 1):
        make_old(default_storage.save(f"evidence/XAA/{number}", ContentFile(b"bytes")))
    with pytest.raises(CommandError, match="0 files deleted, 101 not deleted"):
        maintain()
    assert len(names_in("evidence")) == MOST_UNKNOWN + 1


@pytest.mark.parametrize(("known", "is_deleted"), [(11, False), (12, True)])
def test_attack_the_job_of_a_young_site_runs_with_an_older_database_and_deletes_its_few_files(add, known, is_deleted):
    for number in range(known):
        add(f"Article {number}")
    for number in range(12):
        make_old(default_storage.save(f"evidence/XAB/{number}", ContentFile(b"bytes")))
    with nullcontext() if is_deleted else pytest.raises(CommandError, match="0 files deleted, 12 not deleted"):
        maintain()
    assert len(names_in("evidence/XAB")) == (0 if is_deleted else 12)


KILLED = """
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.access import note_verbale, requested_role
from tests.documents import PDF
from tests.storages import KilledStorage
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.export import request_export
from tracker.actions.held_upload import hold_upload
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Respondent, User

settings.STORAGES["default"]["BACKEND"] = "tests.storages.KilledStorage"
XAA = Respondent.objects.get(code="XAA")
ROUNDS = []
PERSON = {name: User.objects.get(email=f"{name}@example.org") for name in ("alice", "bob", "erin")}


def file():
    return check_upload(SimpleUploadedFile("act.pdf", PDF))


def law():
    return EvidenceDetails(title="Law", kind="law", language="en", upload=file())


ACTS = {
    "hold": lambda: hold_upload(respondent=XAA, upload=file(), by=PERSON["alice"]),
    "add": lambda: add_evidence(respondent=XAA, details=law(), by=PERSON["alice"]),
    "document": lambda: requested_role(PERSON["alice"], "viewer", XAA, by=PERSON["erin"], **note_verbale()),
    "export": lambda: request_export(rounds=ROUNDS, by=PERSON["bob"]),
}


def act(line):
    name, part = line.split()
    KilledStorage.half = part == "half"
    ROUNDS.extend(["2026"] if KilledStorage.half else [])  # not the file that was requested before
    ACTS[name]()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.thorough
def test_attack_killed_uploads_leave_files_known_to_nothing(xaa, alice, bob, erin, monkeypatch):
    """Processes are killed by SIGKILL when a file, or half of it, is stored and nothing is committed."""
    monkeypatch.setenv("FILES_DIR", default_storage.location)
    killed = [f"{act} {part}" for act in ("hold", "add", "document", "export") for part in ("half", "whole")]
    with another_machine(KILLED) as machine:
        assert {act_there(machine, line)[1] for line in killed} == {signal.SIGKILL}
    left = [name for folder in ("evidence", "appointments", "exports") for name in names_in(folder)]
    assert len(left) == len(killed)
    assert len(list_files().unknown) == 4, "of held uploads there are rows"
    assert (EvidenceFile.everyones.count(), AccessChange.objects.count()) == (0, 0)
    assert not HeldUpload.objects.visible_to(alice).exists()
    maintain()
    assert [name for name in left if not default_storage.exists(name)] == [], "an upload may be under way"
    for name in left:
        make_old(name)
    HeldUpload.everyones.update(expires_at=timezone.now())
    maintain()
    assert [name for name in left if default_storage.exists(name)] == []
    assert (HeldUpload.everyones.count(), list_files().unknown) == (0, set())


# Who waits


def add_file(xaa, alice, _erin) -> None:
    add_evidence(respondent=xaa, by=alice, details=EvidenceDetails(**LAW, upload=check_upload(upload("a.txt", "a"))))


def change_file(xaa, alice, _erin) -> None:
    law = EvidenceVersion.everyones.select_related("evidence__respondent").get()
    details = EvidenceDetails(**LAW, upload=check_upload(upload("a.txt", "a")))
    change_evidence(evidence=law.evidence, base=law.base, by=alice, details=details)


def hold_file(xaa, alice, _erin) -> None:
    hold_upload(respondent=xaa, upload=check_upload(upload("a.txt", "a")), by=alice)


def add_document(xaa, alice, erin) -> None:
    requested_role(alice, Role.VIEWER, xaa, by=erin, **note_verbale())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("store", [add_file, change_file, hold_file, add_document])
def test_attack_a_colleague_saves_while_the_storage_is_slow(store, xaa, alice, ruth, erin, unit, settings):
    """The storage responds only after the colleague has saved: a save that waited for it would never end."""
    add_evidence(respondent=xaa, by=alice, details=EvidenceDetails(**LAW, citation="OG 12"))
    break_storage(settings, BlockedStorage)
    BlockedStorage.entered.clear()
    BlockedStorage.released.clear()
    errors = []

    def upload_it():
        try:
            store(xaa, alice, erin)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    uploading = threading.Thread(target=upload_it)
    uploading.start()
    try:
        assert BlockedStorage.entered.wait(60)
        save_for_xaa("I.13", "in_progress", by=ruth, measures="A.")
        assert (Revision.everyones.count(), uploading.is_alive()) == (1, True)
    finally:
        BlockedStorage.released.set()
        uploading.join()
    assert errors == []
    assert len(names_in("evidence") + names_in("appointments")) == 1
