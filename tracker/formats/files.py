"""Choose the language of a file: English in files for machines, that of the reader in all others."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

from django.utils.translation import override

FOR_MACHINES = {"csv", "json"}


def language_of_file(extension: str) -> AbstractContextManager:
    return override("en") if extension in FOR_MACHINES else nullcontext()


def in_english(parts: Iterator[str]) -> Iterator[str]:
    """Make each part in English; between two parts the language of the reader is active."""
    while True:
        with override("en"):
            part = next(parts, None)
        if part is None:
            return
        yield part
