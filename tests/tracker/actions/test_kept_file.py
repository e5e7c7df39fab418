"""What is made from a submission is made once, shows what it would show now, and goes with what is removed."""

import datetime
import io
import os
import zipfile

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommendations.models import Recommendation
from tests.conftest import make_person
from tests.documents import REPORTS, all_text_of, upload
from tests.evidence_items import add_item
from tests.storages import FullStorage, SilentStorage, UndyingStorage, alter, break_storage
from tests.submissions import opened_round, submit_ready
from tests.tracker.actions.test_stored_file import names_in
from tracker.actions import kept_file
from tracker.actions.evidence import EvidenceDetails, change_evidence
from tracker.actions.kept_file import LIFETIME, delete_kept_files, find_shelf, tidy_kept_files
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import change_use, withdraw_from_round
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.audit.integrity import FOLDERS, list_files
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Respondent, Round, Submission
from tracker.models.evidence import EvidenceReader
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalReason

pytestmark = pytest.mark.django_db

WORDS = "Xochicanary"
PLACE = ["XAA", "2026", 1]
OF_REPORT = {kind: reverse(f"submission_report_{kind}", args=PLACE) for kind in REPORTS}
RECEIPT, JSON = reverse("receipt_pdf", args=PLACE), reverse("submission_json", args=PLACE)
PUBLISHED = {kind: reverse(f"published_{kind}", args=PLACE) for kind in ("csv", "json")}
ALL = [*OF_REPORT.values(), RECEIPT, JSON, *PUBLISHED.values()]
PDF = OF_REPORT["pdf"]
KEPT = [PDF, RECEIPT]


@pytest.fixture
def evidence(xaa, alice):
    return add_item(
        xaa,
        alice,
        f"The law on {WORDS}",
        disclosure=EvidenceReader.PUBLIC,
        upload=check_upload(upload("law.txt", f"The law on {WORDS}.")),
    )


@pytest.fixture
def submission(xaa, alice, bob, unit, evidence) -> Submission:
    """One answer with the words, published with its evidence."""
    answer = Answer(status="implemented", measures=f"{WORDS} was heard.", ready=True, citations=[(evidence, "")])
    round_ = opened_round(bob, meetings=[1])
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=answer, by=alice)
    found = submit_ready(xaa, round_, alice)
    change_use(submission=found, published=True, by=alice)
    return found


@pytest.fixture
def get(client, submission, alice):
    """Return the bytes of a file, for the focal point or another reader."""

    def get_(address: str, reader=alice, **headers: str) -> bytes:
        client.force_login(reader)
        response = client.get(address, headers=headers)
        assert response.status_code == 200
        return response.content

    return get_


def all_bytes() -> bytes:
    """Return every byte of the storage, with what is packed in archives and PDF files."""
    found = [default_storage.open(name).read() for folder in (*FOLDERS, "kept") for name in names_in(folder)]
    return b"".join(part for content in found for part in (content, *_unpacked(content[kept_file.SEAL :])))


def _unpacked(content: bytes) -> list[bytes]:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [archive.read(name) for name in archive.namelist()]
    if content.startswith(b"%PDF-"):
        with pikepdf.open(io.BytesIO(content)) as document:
            return [each.read_bytes() for each in document.objects if isinstance(each, pikepdf.Stream)]
    return []


def without_time(content: bytes) -> dict[str, bytes]:
    """Return the parts of a document but the one that tells when it was made."""
    if not content.startswith(b"PK"):
        return {"": content}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}


def made_again(get, address: str, reader=None) -> bool:
    """Return whether the file of now is another than those that are kept."""
    before = set(names_in("kept"))
    get(address, reader) if reader else get(address)
    return set(names_in("kept")) != before


# Once


@pytest.mark.parametrize("address", KEPT)
def test_a_pdf_of_a_submission_is_made_once(get, address):
    first = get(address)
    [name] = names_in("kept")
    assert name.startswith("kept/XAA/")
    assert default_storage.open(name).read()[kept_file.SEAL :] == first
    assert get(address) == first
    assert names_in("kept") == [name]


@pytest.mark.parametrize("address", [address for address in ALL if address not in KEPT])
def test_a_file_that_takes_no_seconds_is_not_kept(get, address):
    assert without_time(get(address)) == without_time(get(address))
    assert names_in("kept") == []


def test_what_is_kept_is_served_without_reading_the_answers(get):
    get(PDF)
    with CaptureQueriesContext(connection) as queries:
        get(PDF)
    assert [query["sql"] for query in queries if "tracker_revision" in query["sql"]] == []


def test_readers_of_the_same_report_share_its_file_and_others_get_none(client, get, alice, bob, charlie):
    get(OF_REPORT["pdf"], alice)
    assert not made_again(get, OF_REPORT["pdf"], bob)
    client.force_login(charlie)
    assert client.get(OF_REPORT["pdf"]).status_code == 404


def test_attack_a_reviewer_asks_for_the_receipt_that_is_kept_for_the_state(get, alice, bob):
    assert "Audit trail" in all_text_of(_Response(get(RECEIPT, alice)))
    assert "Audit trail" not in all_text_of(_Response(get(RECEIPT, bob)))
    assert len(names_in("kept")) == 2


class _Response:
    def __init__(self, content: bytes):
        self.content = content

    def getvalue(self) -> bytes:
        return self.content


# What it depends on


def rename_state() -> None:
    Respondent.objects.filter(code="XAA").update(name="Arandia-on-Sea")


def rename_round() -> None:
    Round.objects.update(title="Another title")


def change_title() -> None:
    Recommendation.objects.filter(label="I.13").update(title="Another title")


@pytest.mark.parametrize("change", [rename_state, rename_round, change_title])
def test_a_file_shows_names_and_texts_of_today(get, change):
    get(PDF)
    change()
    assert made_again(get, PDF)
    assert not made_again(get, PDF)


@pytest.mark.thorough
def test_a_file_is_kept_for_each_choice_and_language(get, alice, languages_of_tests):
    get(PDF)
    for choice in ("part=summary", "by=meeting", "authority=Ministry", "as_at=2026-09-30"):
        assert made_again(get, f"{PDF}?{choice}")
        assert not made_again(get, f"{PDF}?{choice}")
    alice.language = "fr"
    alice.save()
    assert made_again(get, PDF)


def test_another_version_of_the_code_makes_its_own_files(get, monkeypatch):
    get(PDF)
    monkeypatch.setattr(kept_file, "_code_digest", lambda: "of another version")
    assert made_again(get, PDF)


def test_a_published_file_loses_evidence_that_is_closed(get, evidence, alice):
    assert WORDS in str(get(PUBLISHED["json"]).decode().partition('"evidence": [')[2])
    details = EvidenceDetails(
        title=evidence.title, kind="law", language="en", disclosure=EvidenceReader.STATE, upload=None
    )
    change_evidence(evidence=evidence.evidence, base=evidence.base, details=details, by=alice)
    assert "The law on" not in get(PUBLISHED["json"]).decode()


def test_a_submission_that_was_withdrawn_says_so(get, submission, alice, django_capture_on_commit_callbacks):
    get(PDF)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_from_round(submission=submission, reason="A mistake.", by=alice)
    assert names_in("kept") == []
    assert "(withdrawn)" in get(OF_REPORT["json"]).decode()


# Removal


@pytest.fixture
def second(xaa):
    """Another focal point, who confirms a removal."""
    return make_person("sam", Role.FOCAL_POINT, xaa)


@pytest.fixture
def remove(submission, xaa, alice, second, django_capture_on_commit_callbacks):
    def remove_() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return request_withdrawal(respondent=xaa, words=WORDS, files=[], reason=WithdrawalReason.NAME, by=alice).pk

    return remove_


@pytest.mark.thorough
def test_attack_removed_words_stay_in_a_file_that_is_kept(get, remove, second, django_capture_on_commit_callbacks):
    for address in ALL:
        get(address)
    assert len(names_in("kept")) == len(KEPT)
    assert WORDS.encode() in all_bytes()
    pk = remove()
    assert names_in("kept") == []
    for address in ALL:
        assert WORDS.encode() not in get(address)
    with django_capture_on_commit_callbacks(execute=True):
        confirm_withdrawal(pk=pk, by=second)
    for address in ALL:
        get(address)
    assert WORDS.encode() not in all_bytes()


def test_a_removal_deletes_what_has_words_of_several_and_nothing_of_others(remove, xbb):
    of_others, of_several = find_shelf(xbb).file("pdf", 1), find_shelf().file("pdf", 1)
    of_others.save(b"bytes")
    of_several.save(b"bytes")
    remove()
    assert (of_others.read(), of_several.read()) == (b"bytes", None)


def test_attack_a_file_with_removed_words_is_saved_after_the_removal(remove, xaa):
    """It was begun before."""
    shelves = [find_shelf(xaa), find_shelf()]
    remove()
    for shelf in shelves:
        shelf.file("pdf", 1).save(WORDS.encode())
    assert names_in("kept") == []


def test_what_the_storage_does_not_delete_is_not_served_and_goes_with_the_daily_job(get, remove, settings):
    get(PDF)
    before, working = names_in("kept"), settings.STORAGES
    break_storage(settings, UndyingStorage)
    remove()
    assert WORDS not in all_text_of(_Response(get(PDF)))
    settings.STORAGES = working
    assert tidy_kept_files() == 0
    assert set(before).isdisjoint(names_in("kept"))


# The storage


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 100], ids=["nothing", "less than a seal", "other bytes"])
def test_attack_a_file_that_was_altered_is_made_again(get, content):
    first = get(RECEIPT)
    [name] = names_in("kept")
    alter(name, content)
    assert get(RECEIPT) == first
    assert default_storage.open(name).read().endswith(first)


def test_attack_a_kept_file_is_put_in_the_place_of_another(get):
    words = [all_text_of(_Response(get(address))) for address in KEPT]
    for name, other in zip(
        names_in("kept"), reversed([default_storage.open(name).read() for name in names_in("kept")]), strict=True
    ):
        alter(name, other)
    assert [all_text_of(_Response(get(address))) for address in KEPT] == words


def test_after_a_change_of_the_key_files_are_made_again_without_an_alarm(get, alice, settings, caplog):
    get(PDF)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
    assert made_again(get, PDF)
    assert [record.getMessage() for record in caplog.records if record.levelname == "CRITICAL"] == []


@pytest.mark.parametrize("storage", [FullStorage, SilentStorage])
def test_a_storage_that_fails_does_not_keep_anyone_from_a_file(get, settings, storage):
    first = get(RECEIPT)
    break_storage(settings, storage)
    assert get(RECEIPT) == first
    assert made_again(get, PDF) == (storage is SilentStorage)


def test_attack_a_user_fills_the_storage_with_variants(xaa, monkeypatch):
    monkeypatch.setattr(kept_file, "MOST", 3)
    shelf = find_shelf(xaa)
    for number in range(5):
        shelf.file("pdf", number).save(b"bytes")
    assert len(names_in("kept")) == 3


def test_two_requests_for_one_file_leave_one(xaa):
    found = find_shelf(xaa).file("pdf", 1)
    found.save(b"bytes")
    found.save(b"bytes")
    assert (names_in("kept"), found.read()) == ([found.name], b"bytes")


# Day by day


def test_the_daily_job_deletes_old_files_and_those_of_an_earlier_mark(xaa):
    shelf = find_shelf(xaa)
    old, young, earlier = (
        each.file("pdf", number) for number, each in enumerate([shelf, shelf, shelf._replace(mark="f" * 16)])
    )
    for each in (old, young):
        each.save(b"bytes")
    default_storage.save(earlier.name, default_storage.open(young.name))
    long_ago = (timezone.now() - LIFETIME - datetime.timedelta(days=1)).timestamp()
    os.utime(default_storage.path(old.name), (long_ago, long_ago))
    call_command("maintain_files", verbosity=0)
    assert names_in("kept") == [young.name]
    assert list_files().unknown == set()


def test_the_daily_job_counts_what_it_cannot_delete(xaa, settings):
    find_shelf(xaa).file("pdf", 1).save(b"bytes")
    change_title()
    break_storage(settings, UndyingStorage)
    assert tidy_kept_files() == 1


def test_files_of_a_change_that_is_undone_stay(xaa, django_capture_on_commit_callbacks):
    found = find_shelf(xaa).file("pdf", 1)
    found.save(b"bytes")
    with django_capture_on_commit_callbacks(execute=False):
        delete_kept_files(xaa)
    assert found.read() == b"bytes"
