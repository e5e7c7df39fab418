"""Keep files on the disk of the server so that no committed row names bytes that a power failure can lose."""

import errno
import os
import stat
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """Return from `save` when the file and its folders are on disk. If that fails, no part of the file stays."""

    def _save(self, name: str, content: File) -> str:
        try:
            name = super()._save(name, content)
            path, top = Path(self.path(name)), Path(self.location)
            for each in (path, *(folder for folder in path.parents if folder.is_relative_to(top))):
                _write_to_disk(each)
        except BaseException:
            Path(self.path(name)).unlink(missing_ok=True)  # its own: no name is given to two files at once
            raise
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        return File(open(self.path(name), mode, opener=_open_regular))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Leave out symbolic links: what they lead to is not for the site to delete."""
        with os.scandir(self.path(path)) as entries:
            own = [entry for entry in entries if not entry.is_symlink()]
        return [entry.name for entry in own if entry.is_dir()], [entry.name for entry in own if not entry.is_dir()]


def _open_regular(path: str, flags: int) -> int:
    """Open no pipe or device, which can be waited for without end."""
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return descriptor


def _write_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
