"""The messages in locale/, and the files that gettext reads, made of them: `manage.py build_words`."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import polib
from django.conf import settings
from django.core.checks import CheckMessage, Error


def message_files() -> list[Path]:
    return sorted(path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/django.po"))


def build_words() -> list[Path]:
    """Make what gettext reads of each file of messages, whole or not at all, and return these files."""
    built = [path.with_suffix(".mo") for path in message_files()]
    for path in built:
        words = polib.pofile(str(path.with_suffix(".po"))).to_binary()
        with NamedTemporaryFile(dir=path.parent, delete=False) as new:
            new.write(words)
        os.chmod(new.name, 0o644)
        os.replace(new.name, path)
    return built


def has_words(messages: Path) -> bool:
    """Return whether what gettext reads is as new as the messages."""
    built = messages.with_suffix(".mo")
    return built.exists() and built.stat().st_mtime_ns >= messages.stat().st_mtime_ns


def check_words(**kwargs: object) -> list[CheckMessage]:
    hint = "Run `manage.py build_words`, then start the site again."
    return [
        Error(f"The words of {path.parts[-3]} are older than its messages, or missing.", hint=hint, id="tracker.E005")
        for path in message_files()
        if not has_words(path)
    ]
