"""Match words in a text, however they are written in it."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote_plus

# Soft hyphens, marks of zero width and of direction, and the stroke that lengthens an Arabic word.
UNSEEN = re.compile("[\u00ad\u0640\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
CHARACTER = re.compile(r"[^\W_][\u0300-\u036f\u064b-\u065f]*|.", re.DOTALL)  # with the marks that follow it
BETWEEN = re.compile(r"[\W_]+")


def plain_words(text: str) -> str:
    """Return letters and digits, without case and composition; everything between them becomes one space."""
    seen = UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    return BETWEEN.sub(" ", unicodedata.normalize("NFKC", seen.casefold()))


def split_by_words(text: str, words: str) -> list[tuple[str, bool]]:
    """Split a text into pieces, each with whether it is the words; joined they are the text."""
    wanted, plain, places = plain_words(words).strip(), "", []
    for found in CHARACTER.finditer(text):
        added = plain_words(found[0])
        if added == " " and plain.endswith(" "):
            added = ""
        plain += added
        places += [found.span()] * len(added)
    pieces, end, at = [], 0, plain.find(wanted)
    while at >= 0:
        start, stop = places[at][0], places[at + len(wanted) - 1][1]
        pieces += [(text[end:start], False), (text[start:stop], True)]
        end, at = stop, plain.find(wanted, at + len(wanted))
    return [piece for piece in (*pieces, (text[end:], False)) if piece[0]]


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


def values_hold(values: Iterable[str], words: str) -> bool:
    """Return whether a value of a form holds the words, also as a link writes them (`Jane%20Doe`)."""
    return any(holds([text], words) for value in values for text in (value, unquote_plus(value)))
