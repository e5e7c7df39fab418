"""Storages that break, as disks and networks do."""

import errno
import os
import signal
import threading

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage


class FullStorage(FileSystemStorage):
    def _save(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")


class UndyingStorage(FileSystemStorage):
    def delete(self, name):
        raise PermissionError(errno.EACCES, "Permission denied")


class SilentStorage(FileSystemStorage):
    def _open(self, name, mode="rb"):
        raise TimeoutError("the storage does not answer")


class KilledStorage(FileSystemStorage):
    """Stores a file, or half of it, after which its process is killed: nothing that follows is done."""

    half = False

    def _save(self, name, content):
        super()._save(name, ContentFile(content.read(content.size // 2)) if self.half else content)
        os.kill(os.getpid(), signal.SIGKILL)


class BlockedStorage(FileSystemStorage):
    """Stores nothing until `released` is set; `entered` is set when it is asked to."""

    entered, released = threading.Event(), threading.Event()

    def _save(self, name, content):
        self.entered.set()
        assert self.released.wait(60)
        return super()._save(name, content)


def make_old(name: str) -> None:
    """Make a file of the default storage one of three days ago."""
    path = default_storage.path(name)
    os.utime(path, (os.path.getatime(path), os.path.getmtime(path) - 3 * 24 * 3600))


def alter(name: str, content: bytes) -> None:
    """Put other bytes in the place of a file, as by somebody with access to the storage."""
    default_storage.delete(name)
    assert default_storage.save(name, ContentFile(content)) == name


def break_storage(settings, storage: type[FileSystemStorage]) -> None:
    """From now on the default storage, with what it holds, is of this kind."""
    default = settings.STORAGES["default"] | {"BACKEND": f"tests.storages.{storage.__name__}"}
    settings.STORAGES = {**settings.STORAGES, "default": default}
