"""Define the statuses of an answer, how each looks, and the reasons for which a recommendation does not apply."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """The codes in the order of charts and legends."""

    # Translators: Status of an answer.
    IMPLEMENTED = "implemented", _("Implemented")
    CONSIDERED_NOT_TAKEN_UP = "considered_not_taken_up", _("Considered, not taken up")
    # Translators: Status of an answer.
    PARTIALLY_IMPLEMENTED = "partially_implemented", _("Partially implemented")
    # Translators: Status of an answer.
    IN_PROGRESS = "in_progress", _("In progress")
    NOT_STARTED = "not_started", _("No measure to date")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")

    @property
    def is_considered(self) -> bool:
        return self == Status.CONSIDERED_NOT_TAKEN_UP


CONSIDERED = Status.CONSIDERED_NOT_TAKEN_UP
NEED_REASONS = (CONSIDERED, Status.NOT_APPLICABLE)

# In the order in which a form asks: by how much was done, then the two that need a reason.
MEANINGS = {
    Status.IMPLEMENTED: _("what the recommendation asks is done, or continuing measures are in force"),
    Status.PARTIALLY_IMPLEMENTED: _("some of it is in place"),
    Status.IN_PROGRESS: _("work has begun, nothing is in place yet"),
    Status.NOT_STARTED: _("no measure taken so far"),
    CONSIDERED: _("give reasons; counted separately"),
    Status.NOT_APPLICABLE: _("choose one of five reasons"),
}
CONSIDERING_IS_ASKED = _("give reasons; this recommendation asks States to consider a measure")


def describe_statuses(asks_to_consider: bool) -> Mapping[Status, Promise]:
    return MEANINGS | {CONSIDERED: CONSIDERING_IS_ASKED} if asks_to_consider else MEANINGS


NO_INFORMATION = "no_information"
# Translators: Shown where a State recorded nothing on a recommendation. Never “zero”.
NO_INFORMATION_LABEL = _("No information")
NO_INFORMATION_MEANING = _("this answer is emptied; its versions stay in the history")

# In the order in which bars and legends show them.
LABELS = {status.value: status.label for status in Status} | {NO_INFORMATION: NO_INFORMATION_LABEL}


class StatusStyle(NamedTuple):
    """How a status looks on pages, in charts, in PDF and in Word.

    `character` is the symbol in Word, `drawing` in SVG, 16 by 16. `ink` colours the symbol and an edge, `fill`
    a part of a bar. `pattern`, `dots` or `hatch`, makes that part differ from the others in grey.
    """

    character: str
    ink: str
    fill: str
    drawing: str
    pattern: str = ""

    @property
    def is_filled(self) -> bool:
        """Return whether a number on it is white, and its part of a chart needs no edge."""
        return self.ink == self.fill


RING = '<circle cx="8" cy="8" r="7.1" fill="none" stroke="currentColor" stroke-width="1.8"/>'
LOOKS = {
    Status.IMPLEMENTED.value: StatusStyle(
        character="●",
        ink="#0b5a4c",
        fill="#0b5a4c",
        drawing=(
            '<circle cx="8" cy="8" r="8" fill="currentColor"/>'
            '<path class="cut" d="M4.4 8.4 7 11l4.7-5.4" fill="none" stroke="#fff" stroke-width="2"/>'
        ),
    ),
    Status.CONSIDERED_NOT_TAKEN_UP.value: StatusStyle(
        character="⊟",
        ink="#54468c",
        fill="#54468c",
        pattern="dots",
        drawing=(
            '<rect width="16" height="16" rx="2" fill="currentColor"/>'
            '<path class="cut" d="M3.75 8h8.5" stroke="#fff" stroke-width="2.25"/>'
        ),
    ),
    Status.PARTIALLY_IMPLEMENTED.value: StatusStyle(
        character="◐",
        ink="#25806f",
        fill="#25806f",
        drawing=RING + '<path d="M8 1v14A7 7 0 0 0 8 1Z" fill="currentColor"/>',
    ),
    Status.IN_PROGRESS.value: StatusStyle(
        character="◔",
        ink="#8a5d0c",
        fill="#e0ac4c",
        drawing=RING + '<path d="M8 8V3.25A4.75 4.75 0 0 1 12.75 8Z" fill="currentColor"/>',
    ),
    Status.NOT_STARTED.value: StatusStyle(
        character="○",
        ink="#77684a",
        fill="#f0e6d2",
        drawing=RING,
    ),
    Status.NOT_APPLICABLE.value: StatusStyle(
        character="⊘",
        ink="#66727c",
        fill="#dfe4e8",
        pattern="hatch",
        drawing=(
            '<circle cx="8" cy="8" r="7.1" fill="none" stroke="currentColor" stroke-width="1.6"/>'
            '<path d="m3.4 12.6 9.2-9.2" stroke="currentColor" stroke-width="1.6"/>'
        ),
    ),
    NO_INFORMATION: StatusStyle(
        character="◌",
        ink="#7c8892",
        fill="#ffffff",
        drawing=(
            '<circle cx="8" cy="8" r="7.1" fill="none" stroke="currentColor" stroke-width="1.5" '
            'stroke-dasharray="2.2 1.52"/>'
        ),
    ),
}


class ReasonCode(models.TextChoices):
    NOT_A_PARTY = "not_a_party", _("Not a party to the treaty")
    CONDITION_DOES_NOT_ARISE = "condition_does_not_arise", _("The condition in the recommendation does not arise")
    DATE_HAS_PASSED = "date_has_passed", _("The date in the recommendation has passed")
    ANOTHER_AUTHORITY = "another_authority", _("Within the competence of another authority")
    OTHER = "other", _("Other")
