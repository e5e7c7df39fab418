"""An uploaded file is held for a day, for its uploader alone. Killed uploads are in test_stored_file.py."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.catalogue_events import later_events
from tests.conftest import make_person
from tests.documents import DOCUMENTS, PDF, upload
from tests.storages import FullStorage, UndyingStorage, break_storage, make_old
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.held_upload import discard_held_upload, hold_upload
from tracker.actions.withdrawal import confirm_withdrawal, find_withdrawable, request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.models import EvidenceFile, EvidenceVersion, HeldUpload
from tracker.models.user import Role

LAW = EvidenceDetails(title="Law", kind="law", language="en")


def stored() -> list[str]:
    """Names of the files in storage."""
    return default_storage.listdir("evidence/XAA")[1] if default_storage.exists("evidence/XAA") else []


@pytest.fixture
def hold(xaa, alice):
    def hold_(name="law.pdf", content=PDF, by=alice) -> HeldUpload:
        return hold_upload(respondent=xaa, upload=check_upload(upload(name, content)), by=by)

    return hold_


@pytest.fixture
def save(xaa, alice):
    def save_(held, by=alice, **details) -> EvidenceVersion:
        return add_evidence(respondent=xaa, by=by, details=replace(LAW, upload=held, **details))

    return save_


def expire(held: HeldUpload) -> None:
    HeldUpload.everyones.filter(pk=held.pk).update(expires_at=timezone.now())


def test_a_held_file_is_visible_only_to_its_uploader(hold, xaa, alice, charlie, bob):
    held = hold("Jane Doe.pdf")
    assert HeldUpload.objects.visible_to(alice).get() == held
    for person in (charlie, bob, make_person("carol", Role.FOCAL_POINT, xaa)):
        assert not HeldUpload.objects.visible_to(person).exists()
    assert (len(held.key), "Jane" in held.file.name) == (32, False)
    assert (held.name, held.size, stored()) == ("Jane Doe.pdf", len(PDF), [held.file.name.partition("XAA/")[2]])
    assert not later_events().exists()


def test_a_held_file_expires_after_a_day(hold, alice, save):
    held = hold()
    assert held.expires_at - timezone.now() > timedelta(hours=23)
    expire(held)
    assert not HeldUpload.objects.visible_to(alice).exists()
    with pytest.raises(ValidationError) as refused:
        save(held)
    assert refused.value.message_dict == {
        "upload": ["The uploaded file was deleted after a day. Choose the file again."]
    }
    call_command("maintain_files", verbosity=0)
    assert (stored(), HeldUpload.everyones.count()) == ([], 0)


def test_the_clean_up_leaves_what_has_not_expired_and_what_is_in_the_library(hold, save):
    held, saved = hold("a.txt", "a"), hold()
    save(saved)
    expire(saved)
    call_command("maintain_files", verbosity=0)
    assert HeldUpload.everyones.get() == held
    assert EvidenceFile.everyones.get().file.read() == PDF
    assert len(stored()) == 2


def test_a_file_that_cannot_be_deleted_goes_with_the_next_clean_up(hold, settings):
    held = hold()
    expire(held)
    working = settings.STORAGES
    break_storage(settings, UndyingStorage)
    with pytest.raises(CommandError, match="1 not deleted"):
        call_command("maintain_files", verbosity=0)
    assert (HeldUpload.everyones.count(), len(stored())) == (0, 1)
    settings.STORAGES = working
    make_old(held.file.name)
    call_command("maintain_files", verbosity=0)
    assert stored() == []


def test_saving_moves_no_bytes_and_a_double_click_adds_one_item(hold, save):
    held = hold()
    name = held.file.name
    first = save(held)
    assert (first.file.file.name, first.file_name, first.file.sha256) == (name, "law.pdf", held.sha256)
    assert save(HeldUpload.everyones.get()) == first
    assert (len(stored()), EvidenceFile.everyones.count()) == (1, 1)


def test_a_file_of_the_library_takes_no_more_room_while_it_is_held(hold, save, settings):
    settings.EVIDENCE_QUOTA = len(PDF)
    save(hold())
    again = hold("act.pdf")
    assert (again.file.name, len(stored())) == ("", 1)
    assert save(again, title="Act").file == EvidenceFile.everyones.get()


def test_held_files_count_in_the_quota(hold, save, settings):
    settings.EVIDENCE_QUOTA = len(PDF) + 1
    held = hold()
    hold("a.txt", "a")
    with pytest.raises(ValidationError) as refused:
        hold("b.txt", "b")
    assert refused.value.message_dict["upload"][0].startswith(
        "This file is 1\xa0byte, but the space left is 0\xa0bytes."
    )
    assert save(held).file.size == len(PDF)


def test_who_may_not_add_evidence_holds_nothing(hold, charlie, bob, xaa):
    for person in (charlie, bob, make_person("victor", Role.VIEWER, xaa)):
        with pytest.raises(PermissionDenied):
            hold(by=person)
    assert (stored(), HeldUpload.everyones.count()) == ([], 0)


def test_nobody_saves_or_discards_the_file_of_another_person(hold, save, xaa, xbb, charlie):
    held, carol = hold(), make_person("carol", Role.CONTRIBUTOR, xaa)
    with pytest.raises(ValidationError):
        save(held, by=carol)
    with pytest.raises(ValidationError):
        add_evidence(respondent=xbb, by=charlie, details=replace(LAW, upload=held))
    with pytest.raises(PermissionDenied):
        discard_held_upload(held=held, by=carol)
    assert len(stored()) == 1


def test_a_discarded_file_is_gone(hold, alice):
    held = hold()
    assert discard_held_upload(held=held, by=alice) is True
    assert discard_held_upload(held=held, by=alice) is True
    assert (stored(), HeldUpload.everyones.count()) == ([], 0)


def test_a_full_disk_leaves_nothing(hold, settings):
    break_storage(settings, FullStorage)
    with pytest.raises(ValidationError):
        hold()
    assert HeldUpload.everyones.count() == 0


@pytest.mark.django_db(transaction=True)
def test_removing_what_identifies_a_victim_destroys_held_files(hold, save, xaa, alice):
    carol = make_person("carol", Role.FOCAL_POINT, xaa)
    named, text, other = hold("Jane Doe.pdf"), hold("a.txt", "Of Jane Doe."), hold("b.txt", "A law", by=carol)
    copy = hold("photo.png", DOCUMENTS[".png"])
    photo = add_evidence(
        respondent=xaa, by=carol, details=replace(LAW, upload=hold("x.png", DOCUMENTS[".png"], by=carol))
    ).file
    places, _files, _unsearched = find_withdrawable(respondent=xaa, by=alice, words="jane doe", files=[])
    assert [place.where for place in places] == [f"Uploaded file, not yet saved: {alice}"] * 2
    request = request_withdrawal(respondent=xaa, by=alice, words="jane doe", files=[photo], reason="name")
    left, others = HeldUpload.everyones.filter(file__gt=""), other.file.name.partition("XAA/")[2]
    hidden = photo.file.name.partition("XAA/")[2]
    assert ([held.pk for held in left], sorted(stored())) == ([other.pk], sorted([others, hidden]))
    confirm_withdrawal(pk=request.pk, by=carol)
    assert ([held.pk for held in left.all()], stored()) == ([other.pk], [others])
    for held in (named, text, copy):
        with pytest.raises(ValidationError):
            save(held)
