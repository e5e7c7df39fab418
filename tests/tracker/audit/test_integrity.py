"""Kept files are what was uploaded; rows and chains are tried in test_audit.py."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from tests.conftest import lifted_triggers
from tests.documents import PDF, upload
from tests.submissions import release_of_few
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.documents.exchange.uploads import check_upload
from tracker.models import EvidenceFile, EvidenceVersion


@pytest.fixture(autouse=True)
def name(xaa, alice) -> str:
    """Of a kept file."""
    details = EvidenceDetails(title="Act", kind="law", language="en", upload=check_upload(upload("act.pdf", PDF)))
    add_evidence(respondent=xaa, by=alice, details=details)
    return EvidenceFile.everyones.get().file.name


def test_all_holds(capsys):
    call_command("verify")
    assert capsys.readouterr().out == "Everything matches.\n"


@pytest.mark.parametrize("content", [None, b"other bytes"])
def test_a_missing_and_an_altered_file_and_all_else_are_said(name, content, capsys):
    default_storage.delete(name)
    if content:
        default_storage.save(name, ContentFile(content))
    with lifted_triggers():
        EvidenceVersion.everyones.update(title="Another act")
    with pytest.raises(CommandError, match="Different from what was saved: 2"):
        call_command("verify")
    assert capsys.readouterr().err.splitlines() == [
        "XAA, evidence E1, version 1: altered",
        f"XAA, file {name}: missing or altered",
    ]


def test_an_altered_file_of_a_release_is_said(round_, bob, capsys):
    release = release_of_few(round_, bob)
    file = release.files.get(kind="csv").file.name
    call_command("verify")
    default_storage.delete(file)
    default_storage.save(file, ContentFile(b"other figures"))
    with pytest.raises(CommandError, match="Different from what was saved: 1"):
        call_command("verify")
    assert capsys.readouterr().err.splitlines() == [f"release {release.reference}, file {file}: missing or altered"]
