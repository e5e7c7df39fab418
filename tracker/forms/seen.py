"""Stamps: which answer a page showed, as the number of its revision and its last withdrawal."""

import re
from collections.abc import Iterable

from recommendations.models import Recommendation
from tracker.actions.record import SeenAnswer
from tracker.models import Citation, Revision

STAMP = re.compile(r"([0-9]{1,9})\.([0-9]{1,18})")


def stamp_of(current: Revision | None, citations: Iterable[Citation] | None = None) -> str:
    """Write the stamp of an answer, with its `citations`; without them, `current` must have them prefetched."""
    return f"{current.number}.{current.last_withdrawal(citations) or 0}" if current else "0.0"


def read_seen_answer(text: str | None, unit: Recommendation) -> SeenAnswer:
    """Read a stamp; one that is not ours means that the page showed no answer."""
    found = STAMP.fullmatch(text or "")
    return SeenAnswer(unit, int(found[1]), int(found[2]) or None) if found else SeenAnswer(unit)
