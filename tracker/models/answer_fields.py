"""The fields of an answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

INSTITUTION_LIMIT = 200  # characters


class AssistanceKind(models.TextChoices):
    LEGISLATIVE_DRAFTING = "legislative_drafting", _("Legislative drafting")
    TRAINING = "training", _("Training")
    DATA = "data", _("Data collection and research")
    VICTIM_SERVICES = "victim_services", _("Services for victims")
    COORDINATION = "coordination", _("Coordination and strategy")
    COOPERATION = "cooperation", _("International cooperation")
    EQUIPMENT = "equipment", _("Equipment and systems")
    OTHER = "other", _("Other")


# What one answer takes from another, with the evidence cited: the rest is for each text by itself.
COPIED = (
    "status",
    "reasons",
    "measures",
    "difficulties",
    "assistance_kinds",
    "assistance",
    "lead_institution",
    "target_date",
    "situation_as_at",
    "language",
)
