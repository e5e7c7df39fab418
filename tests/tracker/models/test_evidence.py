"""What must always hold of evidence is the database's business."""

import pytest
from django.db import IntegrityError, transaction

from tests.database import lifted_triggers
from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Evidence, EvidenceFile, EvidenceVersion
from tracker.models.state_owned import NotVisible


@pytest.fixture
def version(xaa, alice) -> EvidenceVersion:
    """E1 of XAA: a file."""
    saved = add_item(xaa, alice, "Law", upload=check_upload(upload("law.pdf", PDF)))
    return EvidenceVersion.everyones.get(pk=saved.pk)


def insert_version(version: EvidenceVersion, **changes) -> None:
    """The next version of the same piece, past every rule but the database's own."""
    row = {
        "evidence": version.evidence,
        "number": 2,
        "title": "Law",
        "kind": "law",
        "language": "en",
        "form": "citation",
        "citation": "OG 12",
        "author": version.author,
        "digest": "0" * 64,
    }
    EvidenceVersion.everyones.bulk_create([EvidenceVersion(**row | changes)])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"form": "link", "citation": "", "url": "https://laws.example"},
        {"form": "link", "citation": "", "url": "http://x"},
    ],
)
def test_what_the_database_accepts(version, changes):
    insert_version(version, **changes)
    assert EvidenceVersion.everyones.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 1},
        {"title": ""},
        {"citation": ""},
        {"url": "https://laws.example"},
        {"form": "link"},
        {"form": "link", "citation": ""},
        {"form": "link", "citation": "", "url": "javascript:alert(1)"},
        {"form": "link", "citation": "", "url": "ftp://laws.example"},
        {"form": "file"},
        {"form": "file", "citation": ""},
        {"form": "letter"},
    ],
)
def test_what_the_database_refuses(version, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_version(version, **changes)
    assert EvidenceVersion.everyones.count() == 1


def test_a_number_and_a_current_version_are_of_one_piece(version, xaa):
    for row in ({"number": 1}, {"number": 2, "current": version}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Evidence.everyones.create(respondent=xaa, **row)


def test_bytes_are_kept_once_in_a_respondent(version, xaa, xbb):
    row = {"file": "evidence/x", "size": 1, "sha256": version.file.sha256, "content_type": "text/plain"}
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceFile.everyones.create(respondent=xaa, **row)
    assert EvidenceFile.everyones.create(respondent=xbb, **row).respondent == xbb


def test_a_file_has_bytes_until_it_is_withdrawn(xaa):
    with pytest.raises(IntegrityError):
        EvidenceFile.everyones.create(respondent=xaa, file="", size=1, sha256="0" * 64, content_type="text/plain")


@pytest.mark.parametrize(
    "forged",
    [
        {"title": "Another law"},
        {"disclosure": "public"},
        {"file_name": "act.pdf"},
        {"number": 7},
        {"previous_digest": "0" * 64},
        {"salts": {}},
    ],
)
def test_a_forged_version_does_not_hold(version, forged):
    assert version.holds() is True
    with lifted_triggers():
        EvidenceVersion.everyones.filter(pk=version.pk).update(**forged)
    assert EvidenceVersion.everyones.get().holds() is False


def test_a_version_with_another_file_does_not_hold(version):
    with lifted_triggers():
        EvidenceFile.everyones.update(sha256="0" * 64)
    assert EvidenceVersion.everyones.get().holds() is False


def test_what_it_is_in_a_few_words(version):
    insert_version(version)
    said = EvidenceVersion.everyones.order_by("number")
    assert [each.form_and_size.replace("\xa0", " ") for each in said] == [f"PDF, {len(PDF)} bytes", "Citation"]


@pytest.mark.parametrize("model", [Evidence, EvidenceVersion, EvidenceFile])
def test_a_state_reads_its_own_and_nobody_reads_unasked(version, alice, charlie, bob, dana, model):
    assert model.objects.visible_to(alice).count() == 1
    for stranger in (charlie, bob, dana):
        assert model.objects.visible_to(stranger).count() == 0
    with pytest.raises(NotVisible):
        list(model.objects.all())
