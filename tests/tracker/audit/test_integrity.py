"""Kept files are what was uploaded; rows and chains are tried in test_audit.py."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from tests.conftest import make_person
from tests.database import lifted_triggers
from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tests.storages import SilentStorage, alter, break_storage
from tests.submissions import release_of_few
from tests.verification import name_rows
from tracker.actions.withdrawal import request_withdrawal
from tracker.audit import integrity
from tracker.documents.exchange.uploads import check_upload
from tracker.models import EvidenceFile, EvidenceVersion
from tracker.models.user import Role


@pytest.fixture(autouse=True)
def name(xaa, alice) -> str:
    """Of a kept file."""
    name_rows()
    add_item(xaa, alice, upload=check_upload(upload("act.pdf", PDF)))
    return EvidenceFile.everyones.get().file.name


def test_all_holds(capsys):
    call_command("verify")
    assert capsys.readouterr().out == "Everything matches.\n"


@pytest.mark.parametrize(("content", "fault"), [(None, "missing"), (PDF[:-1] + b"x", "altered"), (b"", "altered")])
def test_missing_and_altered_files_and_all_other_faults_are_reported(name, content, fault, capsys):
    default_storage.delete(name)
    if content is not None:
        default_storage.save(name, ContentFile(content))
    with lifted_triggers():
        EvidenceVersion.everyones.update(title="Another act")
    with pytest.raises(CommandError, match="Different from what was saved: 2"):
        call_command("verify")
    assert capsys.readouterr().err.splitlines() == [
        "XAA, evidence E1, version 1: altered",
        f"XAA, EvidenceFile {EvidenceFile.everyones.get().pk}, file {name}: {fault}",
    ]


def test_an_altered_file_of_a_release_is_reported(round_, bob, capsys):
    release = release_of_few(round_, bob)
    row = release.files.get(kind="csv")
    file = row.file.name
    name_rows()
    call_command("verify")
    alter(file, b"other figures")
    with pytest.raises(CommandError, match="Different from what was saved: 1"):
        call_command("verify")
    assert capsys.readouterr().err.splitlines() == [f"site, ReleaseFile {row.pk}, file {file}: altered"]


def test_a_storage_that_does_not_respond_alters_nothing(name, settings, capsys):
    break_storage(settings, SilentStorage)
    with pytest.raises(CommandError, match="Different from what was saved: 1"):
        call_command("verify")
    assert capsys.readouterr().err.endswith(f"file {name}: cannot be read\n")


def test_a_file_that_a_pending_removal_hides_is_checked_too(name, xaa, alice):
    make_person("carol", Role.FOCAL_POINT, xaa)
    file = EvidenceFile.everyones.get()
    name_rows()
    request_withdrawal(respondent=xaa, by=alice, words="", files=[file], reason="image")
    assert [found.name for found in integrity.stored_files()] == [name]
    assert integrity.list_files().unknown == set()
    default_storage.delete(name)
    assert list(integrity.find_errors()) == [f"XAA, EvidenceFile {file.pk}, file {name}: missing"]


def test_files_that_no_row_names_are_listed_and_are_no_difference(capsys):
    default_storage.save("exports/abc", ContentFile(b"bytes"))
    default_storage.save("evidence/XQQ/abc", ContentFile(b"bytes"))
    call_command("verify")
    assert capsys.readouterr().out.splitlines() == [
        "evidence/XQQ/abc: no row names this file",
        "exports/abc: no row names this file",
        "Everything matches.",
    ]
