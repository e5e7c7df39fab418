"""The statuses of an answer, and the reasons for which a recommendation does not apply."""

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """What the respondent says, in the order in which bars and legends show it."""

    IMPLEMENTED = "implemented", _("Implemented")
    CONSIDERED_NOT_TAKEN_UP = "considered_not_taken_up", _("Considered, not taken up")
    PARTIALLY_IMPLEMENTED = "partially_implemented", _("Partially implemented")
    IN_PROGRESS = "in_progress", _("In progress")
    NOT_STARTED = "not_started", _("No measure yet")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


# In the order in which a form asks: by how much was done, then the two that need a reason.
MEANINGS = {
    Status.IMPLEMENTED: _("what the text asks is done, or continuing measures are in force"),
    Status.PARTIALLY_IMPLEMENTED: _("some of it is in place"),
    Status.IN_PROGRESS: _("work has begun, nothing is in place yet"),
    Status.NOT_STARTED: _("no step taken so far"),
    Status.CONSIDERED_NOT_TAKEN_UP: _("say why; this text asks for more, so it does not count as addressed"),
    Status.NOT_APPLICABLE: _("say why: five reasons to choose from"),
}
CONSIDERING_IS_ASKED = _("say why; considering is what this text asks")


def meanings_where(asks_to_consider: bool) -> Mapping[Status, Promise]:
    """What each status means in plain words, on a text that asks to consider or on another."""
    return MEANINGS | {Status.CONSIDERED_NOT_TAKEN_UP: CONSIDERING_IS_ASKED} if asks_to_consider else MEANINGS


NO_INFORMATION = "no_information"
NO_INFORMATION_LABEL = _("No information")


class ReasonCode(models.TextChoices):
    """Why a unit is not applicable."""

    NOT_A_PARTY = "not_a_party", _("Not a party")
    CONDITION_DOES_NOT_ARISE = "condition_does_not_arise", _("The condition does not arise")
    DATE_HAS_PASSED = "date_has_passed", _("The date in the text has passed")
    ANOTHER_AUTHORITY = "another_authority", _("Another authority's competence")
    OTHER = "other", _("Other")
