"""The text of evidence is kept for search, page by page, and goes with the file."""

import pytest
from django.core.management import call_command
from django.db import transaction

from tests.conftest import make_person
from tests.documents import PDF, PNG, opendocument, typeset, upload, word_with, workbook_with
from tests.storages import SilentStorage, break_storage
from tracker.actions import evidence_text
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.evidence_text import keep_waiting_texts
from tracker.actions.withdrawal import confirm_withdrawal, refuse_withdrawal, request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.models import EvidenceFile, EvidenceText, EvidenceVersion, FileScan
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CODE = typeset("The victim claims damages.\n#pagebreak()\nA guardian is ap-#linebreak()pointed for a child.")


@pytest.fixture
def add(xaa, alice, django_capture_on_commit_callbacks):
    def add_(name: str, content: bytes) -> EvidenceVersion:
        details = EvidenceDetails("Law", "law", "en", upload=check_upload(upload(name, content)))
        with django_capture_on_commit_callbacks(execute=True):
            return add_evidence(respondent=xaa, by=alice, details=details)

    return add_


def pages_of(version: EvidenceVersion) -> list[str] | None:
    text = EvidenceText.everyones.filter(file=version.file_id).first()
    return text and text.pages


def test_a_pdf_is_kept_page_by_page_without_the_hyphens_of_its_lines(add):
    first, second = pages_of(add("law.pdf", CODE))
    assert (first.strip(), second.strip()) == ("The victim claims damages.", "A guardian is appointed for a child.")


@pytest.mark.parametrize(
    ("name", "content", "shown", "unseen"),
    [
        ("law.docx", word_with("The victim ", "claims"), ["The victim claims", "In a cell"], ["Ann Author"]),
        ("law.xlsx", workbook_with("The victim claims"), ["The victim claims", "Link"], ["https://"]),
        ("law.txt", "The victim claims reparación".encode("cp1252"), ["The victim claims reparación"], []),
        ("law.csv", "\ufeffThe victim;claims, ваша".encode(), ["The victim;claims, ваша"], ["\ufeff"]),
        ("law.txt", "The victim, التعويض".encode("utf-16"), ["The victim, التعويض"], []),
        (
            "law.odt",
            opendocument("text", {"content.xml": '<x xmlns:t="t"><t:p t:name="Style1">The <t:s/>victim</t:p></x>'}),
            ["The victim"],
            ["Style1"],
        ),
    ],
)
def test_another_document_is_one_text_of_what_it_shows(add, name, content, shown, unseen):
    (text,) = pages_of(add(name, content))
    assert [words for words in shown if words not in text] == []
    assert [words for words in unseen if words in text] == []


def test_a_file_without_text_is_read_once(add, monkeypatch):
    version = add("scan.png", PNG)
    assert pages_of(version) == []
    monkeypatch.setattr(evidence_text, "read_pages", pytest.fail)
    assert keep_waiting_texts() == 0


def test_a_file_that_cannot_be_read_has_no_text_and_is_stored(add):
    assert pages_of(add("law.pdf", PDF.replace(b"/Type/Page/", b"/Type/None/"))) == []


def test_what_the_storage_did_not_give_or_nobody_scanned_is_read_by_the_daily_job(add, settings):
    working = settings.STORAGES
    version = add("law.txt", b"The victim claims.")
    EvidenceText.everyones.all().delete()
    break_storage(settings, SilentStorage)
    assert (keep_waiting_texts(), pages_of(version)) == (1, None)
    settings.STORAGES = working
    settings.CLAMAV_SOCKET = "/run/nothing"
    assert (keep_waiting_texts(), pages_of(version)) == (0, None)
    settings.CLAMAV_SOCKET = ""
    FileScan.objects.update(found="Eicar", scanned_at="2026-11-28T00:00Z")
    assert (keep_waiting_texts(), pages_of(version)) == (0, None)
    FileScan.objects.update(found="")
    call_command("maintain_files", verbosity=0)
    assert pages_of(version) == ["The victim claims."]


def test_a_removal_destroys_the_text_at_once_and_its_refusal_makes_it_again(
    xaa, alice, add, django_capture_on_commit_callbacks
):
    version, carol = add("law.pdf", CODE), make_person("carol", Role.FOCAL_POINT, xaa)
    asked = {"respondent": xaa, "by": alice, "words": "guardian is appointed", "files": [], "reason": "name"}
    request = request_withdrawal(**asked)
    assert pages_of(version) is None
    with django_capture_on_commit_callbacks(execute=True):
        refuse_withdrawal(pk=request.pk, by=carol)
    assert len(pages_of(version)) == 2
    confirm_withdrawal(pk=request_withdrawal(**asked).pk, by=carol)
    assert keep_waiting_texts() == 0
    assert not EvidenceText.everyones.exists()


def test_a_text_that_was_read_while_its_file_was_removed_is_not_kept(xaa, alice, add, monkeypatch):
    version = add("law.txt", b"Jane Doe")
    make_person("carol", Role.FOCAL_POINT, xaa)
    EvidenceText.everyones.all().delete()

    def read_while_removed(file: EvidenceFile, seconds: float) -> list[str]:
        with transaction.atomic():
            request_withdrawal(respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name")
        return ["Jane Doe"]

    monkeypatch.setattr(evidence_text, "read_pages", read_while_removed)
    keep_waiting_texts()
    assert pages_of(version) is None
