"""Choose the language of a file: English in files for machines, that of the reader in all others."""

from contextlib import AbstractContextManager, nullcontext

from django.utils.translation import override

FOR_MACHINES = {"csv", "json"}


def language_of_file(extension: str) -> AbstractContextManager:
    return override("en") if extension in FOR_MACHINES else nullcontext()
