"""Keep what a State's team writes in the brief for its minister; it is never submitted."""

import re
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.days import read_day
from tracker.models.digest import salt_fields
from tracker.models.respondent import Respondent
from tracker.models.withdrawal import Digested, base_of

MARKS = ";\N{FULLWIDTH SEMICOLON}\N{ARABIC SEMICOLON}"
# "Approve the bill; 15 December 2026; Ministry of Justice", and without the lead.
DATED_LINES = [re.compile(rf"(.*)[{MARKS}]([^{MARKS}]+){end}") for end in (f"[{MARKS}]([^{MARKS}]*)", "()")]
EMPTY_LINE = re.compile(r"\n\s*\n")


class BriefDecision(NamedTuple):
    text: str
    due_on: date | None = None
    lead: str = ""


class BriefText(Digested):
    """A version, numbered from 1, of the texts in the brief. The newest is current, and may be empty.

    `decisions` has one a line. The paragraphs of the others have an empty line between them, and the first line of a
    paragraph of several is its title. The digest covers what is not empty.
    """

    withdrawable = digested = ("done", "missing", "decisions")
    sealed = "respondent.code number author_id saved_at"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="brief_texts")
    number = models.PositiveIntegerField()
    done = models.TextField(_("What was done"), blank=True)
    missing = models.TextField(_("What is missing"), blank=True)
    decisions = models.TextField(_("For decision"), blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta(Digested.Meta):
        ordering = ["respondent", "number"]
        constraints = [
            models.UniqueConstraint(fields=["respondent", "number"], name="brief_text_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="brief_text_numbered_from_1"),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.number}"

    @property
    def base(self) -> str:
        return base_of(self.number, self.withdrawal_id)

    def set_digest(self) -> None:
        written = {name: text for name, text in self.digested_fields().items() if text}
        self.salts, self.field_digests = salt_fields(written)
        self.digest = self.make_digest()


def paragraphs_of(text: str) -> list[tuple[str, str]]:
    """Return title, which may be empty, and words of each paragraph."""
    found = [paragraph.strip().partition("\n") for paragraph in EMPTY_LINE.split(text) if paragraph.strip()]
    return [(first, words) if words else ("", first) for first, _break, words in found]


def decisions_of(text: str) -> list[BriefDecision]:
    return [_read_decision(line.strip()) for line in text.splitlines() if line.strip()]


def _read_decision(line: str) -> BriefDecision:
    """Read date and lead at the end of the line. A line that ends otherwise is a decision without them."""
    for form in DATED_LINES:
        if found := form.fullmatch(line):
            try:
                return BriefDecision(found[1].strip(), read_day(found[2]), found[3].strip())
            except ValueError:
                continue
    return BriefDecision(line)
