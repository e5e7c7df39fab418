"""A language in which every message stands between two marks, so that no word can pass for its translation."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.utils.translation import override
from django.utils.translation.trans_real import TranslationCatalog, translation

MARK = "‹"
OTHER = "he"  # written from right to left; its months and separators are not the English ones


class MarkedMessages(TranslationCatalog):
    def get(self, key, default=None):
        message = key[0] if isinstance(key, tuple) else key
        return f"{MARK}{message.rpartition('\x04')[2]}›"

    def __getitem__(self, key):
        return self.get(key)

    def plural(self, msgid, num):
        return self.get(msgid)


@contextmanager
def another_language() -> Iterator[None]:
    messages = translation(OTHER)
    catalogue, messages._catalog = messages._catalog, MarkedMessages()
    try:
        with override(OTHER):
            yield
    finally:
        messages._catalog = catalogue


def rows_with_messages() -> list[str]:
    """Every row of the site that has a message of that language."""
    return [
        f"{model._meta.label} {row}"
        for model in apps.get_models()
        if model._meta.app_label != "recommendations"
        for row in model._base_manager.values_list()
        if any(MARK in str(value) for value in row)
    ]
