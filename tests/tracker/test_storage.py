"""A file is on the disk before its row is committed."""

import errno
import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.documents import PDF, upload
from tests.storages import make_old
from tracker import settings as shipped
from tracker.actions.held_upload import hold_upload
from tracker.actions.stored_file import delete_unknown_files
from tracker.documents.exchange.uploads import check_upload
from tracker.models import HeldUpload

DEFAULT = shipped.STORAGES["default"]


@pytest.fixture
def top(settings, tmp_path):
    """The directory of the storage as it is shipped, which does not exist yet."""
    options = DEFAULT["OPTIONS"] | {"location": str(tmp_path / "shipped")}
    settings.STORAGES = {**settings.STORAGES, "default": DEFAULT | {"OPTIONS": options}}
    return tmp_path / "shipped"


@pytest.fixture
def on_disk(monkeypatch) -> dict[int, tuple[int, int]]:
    """What is written to the disk: by inode, the size then, and how many uploads have a file by then."""
    written, write = {}, os.fsync

    def fsync(descriptor):
        write(descriptor)
        found = os.fstat(descriptor)
        written[found.st_ino] = found.st_size, HeldUpload.everyones.filter(is_stored=True).count()

    monkeypatch.setattr(os, "fsync", fsync)
    return written


def test_attack_power_fails_after_the_commit_and_the_file_is_empty(top, on_disk, xaa, alice):
    """The file, whole, and each new folder are on the disk before the row says that it is stored."""
    held = hold_upload(respondent=xaa, upload=check_upload(upload("act.pdf", PDF)), by=alice)
    file = top / held.file.name
    assert on_disk[file.stat().st_ino] == (len(PDF), 0)
    folders = [folder for folder in file.parents if folder.is_relative_to(top)]
    assert [folder.name for folder in folders] == ["XAA", "evidence", "shipped"]
    assert {folder.stat().st_ino for folder in folders} <= on_disk.keys()
    assert file.stat().st_mode & 0o777 == 0o600


def test_attack_a_pipe_in_place_of_a_file_holds_a_thread_for_ever(top, xaa, alice):
    held = hold_upload(respondent=xaa, upload=check_upload(upload("act.pdf", PDF)), by=alice)
    file = top / held.file.name
    file.unlink()
    os.mkfifo(file)
    writer = os.open(file, os.O_RDWR)  # with a writer, opening a pipe ends
    try:
        with pytest.raises(FileNotFoundError):
            default_storage.open(held.file.name)
    finally:
        os.close(writer)


@pytest.mark.django_db
def test_attack_a_link_to_another_folder_has_its_files_deleted(top, tmp_path):
    other = tmp_path / "backup" / "tracker.dump"
    other.parent.mkdir()
    other.touch()
    os.utime(other, (0, 0))
    default_storage.save("evidence/XAA/old", ContentFile(b"bytes"))
    make_old("evidence/XAA/old")
    (top / "evidence" / "XAB").symlink_to(other.parent)
    (top / "evidence" / "XAA" / "loop").symlink_to(top / "evidence")
    (top / "evidence" / "XAA" / "dump").symlink_to(other)
    assert delete_unknown_files() == 0
    assert (other.exists(), default_storage.exists("evidence/XAA/old")) == (True, False)


class BrokenFile(ContentFile):
    def chunks(self, chunk_size=None):
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_no_part_of_a_file_stays_on_a_full_disk(top):
    with pytest.raises(OSError, match="No space left"):
        default_storage.save("evidence/XAA/abc", BrokenFile(b""))
    assert [path for path in top.rglob("*") if path.is_file()] == []


def test_a_file_takes_the_place_of_no_other(top):
    names = [default_storage.save("releases/figures.csv", ContentFile(content)) for content in (b"a", b"b")]
    assert len(set(names)) == 2
    assert [default_storage.open(name).read() for name in names] == [b"a", b"b"]
