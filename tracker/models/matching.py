"""Match words in a text, however they are written in it."""

import re
import unicodedata
from collections.abc import Iterable

# Soft hyphens, marks of zero width and of direction, and the stroke that lengthens an Arabic word.
UNSEEN = re.compile("[\u00ad\u0640\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
BETWEEN = re.compile(r"[\W_]+")


def plain_words(text: str) -> str:
    """Return letters and digits, without case and composition; everything between them becomes one space."""
    seen = UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    return BETWEEN.sub(" ", unicodedata.normalize("NFKC", seen.casefold()))


def holds(pieces: Iterable[str], words: str) -> bool:
    """Read one piece of the text at a time."""
    wanted = plain_words(words).strip()
    before = ""
    for piece in pieces:
        text = (before + plain_words(piece)).replace("  ", " ")
        if wanted in text:
            return True
        before = text[-len(wanted) :]
    return False
