"""An answer as a page showed it, by a stamp in its form: the number of its revision, and its last withdrawal."""

import re

from recommendations.models import Recommendation
from tracker.actions.record import SeenAnswer
from tracker.models import Revision

STAMP = re.compile(r"([0-9]{1,9})\.([0-9]{1,18})")


def stamp_of(current: Revision | None) -> str:
    """Names an answer as it was shown; `current` has its citations with it."""
    return f"{current.number}.{current.last_withdrawal(current.citations.all()) or 0}" if current else "0.0"


def read_seen_answer(text: str | None, unit: Recommendation) -> SeenAnswer:
    """The answer that a stamp names; the one before any where it is none of ours."""
    found = STAMP.fullmatch(text or "")
    return SeenAnswer(unit, int(found[1]), int(found[2]) or None) if found else SeenAnswer(unit)
