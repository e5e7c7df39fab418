"""Keep files on the disk of the server so that no committed row names bytes that a power failure can lose."""

import os
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


def _write_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
