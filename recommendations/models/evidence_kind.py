from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class EvidenceKind(models.TextChoices):
    # Translators: Kind of evidence: a law.
    LAW = "law", _("Law")
    # Translators: Kind of evidence: a regulation.
    REGULATION = "regulation", _("Regulation")
    POLICY = "policy", _("Policy or plan")
    # Translators: Kind of evidence: a judgment of a court.
    JUDGMENT = "judgment", _("Judgment")
    # Translators: Kind of evidence.
    STATISTIC = "statistic", _("Statistics")
    # Translators: Kind of evidence; also tab and page title: the report of a State. Noun.
    REPORT = "report", _("Report")
    # Translators: Kind of evidence: an agreement between States or institutions.
    AGREEMENT = "agreement", _("Agreement")
    GUIDANCE = "guidance", _("Guidelines or training material")
    # Translators: Kind of evidence: the answer is already in another report, to another body.
    REPORTED = "reported", _("Already reported in another report")
    # Translators: A choice at the end of a list.
    OTHER = "other", _("Other")


def sort_evidence_kinds(codes: Collection[str]) -> list[str]:
    """Return the known codes in the order of `EvidenceKind`, each once."""
    return [code for code in EvidenceKind.values if code in codes]


def validate_evidence_kinds(codes: list[str]) -> None:
    if codes != sort_evidence_kinds(codes):
        raise ValidationError(_("Choose from the list."))
