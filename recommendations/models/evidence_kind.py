from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class EvidenceKind(models.TextChoices):
    LAW = "law", _("Law")
    REGULATION = "regulation", _("Regulation")
    POLICY = "policy", _("Policy or plan")
    JUDGMENT = "judgment", _("Judgment")
    STATISTIC = "statistic", _("Statistics")
    REPORT = "report", _("Report")
    AGREEMENT = "agreement", _("Agreement")
    GUIDANCE = "guidance", _("Guidelines or training material")
    OTHER = "other", _("Other")


def sort_evidence_kinds(codes: Collection[str]) -> list[str]:
    """Return the known codes in the order of `EvidenceKind`, each once."""
    return [code for code in EvidenceKind.values if code in codes]


def validate_evidence_kinds(codes: list[str]) -> None:
    if codes != sort_evidence_kinds(codes):
        raise ValidationError(_("Choose kinds of evidence from the list, each once."))
