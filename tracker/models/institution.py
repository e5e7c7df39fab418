"""Keep the institutions of a State that know the facts: ministries, agencies, courts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tracker.models.answer_fields import INSTITUTION_LIMIT
from tracker.models.digest import digest_value, new_salt
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned
from tracker.models.validators import has_none, validate_name
from tracker.models.withdrawal import Withdrawal, base_of


class InstitutionKind(models.TextChoices):
    # Translators: Kind of institution: a ministry.
    MINISTRY = "ministry", _("Ministry")
    AGENCY = "agency", _("Agency or service")
    COURT = "court", _("Court or prosecution service")
    # Translators: Kind of institution: a parliament.
    PARLIAMENT = "parliament", _("Parliament")
    REGION = "region", _("Region or municipality")
    ORGANIZATION = "organization", _("Civil society organization")
    OTHER = "other", _("Other")


class Institution(StateOwned):
    """An institution of a State. Events have a digest of its name with `salt`, which goes with the name."""

    is_of_whole_desk = False
    withdrawable = ("name",)

    respondent = models.ForeignKey(
        Respondent,
        models.PROTECT,
        related_name="institutions",
        # Translators: Heading of a column: a body that answers and is not counted as a State.
        verbose_name=_("Respondent"),
    )
    name = models.CharField(_("Name"), max_length=INSTITUTION_LIMIT, validators=[validate_name])
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    kind = models.CharField(_("Kind"), max_length=20, choices=InstitutionKind, default=InstitutionKind.MINISTRY)
    closed_at = models.DateTimeField(pgettext_lazy("institution", "Closed"), null=True, editable=False)
    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="+", null=True, editable=False)

    class Meta(StateOwned.Meta):
        verbose_name = _("Institution")
        verbose_name_plural = _("Institutions")
        ordering = ["respondent", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["respondent", "name"],
                condition=~Q(name=""),
                name="institution_once",
                violation_error_message=_("This institution is already on the list."),
            ),
            models.CheckConstraint(condition=has_none("name", "\n\r"), name="institution_name_is_one_line"),
        ]

    def __str__(self):
        # Translators: Instead of the name of an institution that was removed because it identified a victim.
        return self.name or gettext("Name removed")

    @property
    def base(self) -> str:
        return base_of(digest_value([self.name, self.kind]), self.withdrawal_id)

    @property
    def is_offered(self) -> bool:
        return self.closed_at is None and self.name != ""
