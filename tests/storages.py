"""Storages that break, as disks and networks do."""

import errno

from django.core.files.storage import FileSystemStorage


class FullStorage(FileSystemStorage):
    def _save(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")


class UndyingStorage(FileSystemStorage):
    def delete(self, name):
        raise PermissionError(errno.EACCES, "Permission denied")


class SilentStorage(FileSystemStorage):
    def _open(self, name, mode="rb"):
        raise TimeoutError("the storage does not answer")


def break_storage(settings, storage: type[FileSystemStorage]) -> None:
    """From now on the default storage, with what it holds, is of this kind."""
    default = settings.STORAGES["default"] | {"BACKEND": f"tests.storages.{storage.__name__}"}
    settings.STORAGES = {**settings.STORAGES, "default": default}
