"""Keep the acts of States under the Convention and the Protocol, as a source reports and a curator confirms them.

A respondent's treaty standing follows from its confirmed acts (`standing_from`): nothing else changes it.
"""

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from recommendations.models.quick_row import QuickRow
from tracker.models.respondent import Respondent, TreatyStatus

SOURCE_LIMIT = 300  # characters
ON_FILE = "On file when the site was set up"  # as stored


class Treaty(models.TextChoices):
    CONVENTION = "convention", _("Convention")
    PROTOCOL = "protocol", _("Protocol")


class Act(models.TextChoices):
    # Translators: Treaty act: name as in the Treaty Collection.
    SIGNATURE = "signature", _("Signature")
    # Translators: Treaty act: name as in the Treaty Collection.
    RATIFICATION = "ratification", _("Ratification")
    # Translators: Treaty act: name as in the Treaty Collection.
    ACCEPTANCE = "acceptance", _("Acceptance")
    # Translators: Treaty act: name as in the Treaty Collection.
    APPROVAL = "approval", _("Approval")
    # Translators: Treaty act: name as in the Treaty Collection.
    FORMAL_CONFIRMATION = "formal confirmation", _("Formal confirmation")
    # Translators: Treaty act: name as in the Treaty Collection.
    ACCESSION = "accession", _("Accession")
    # Translators: Treaty act: name as in the Treaty Collection.
    SUCCESSION = "succession", _("Succession")
    # Translators: Treaty act: name as in the Treaty Collection.
    DENUNCIATION = "denunciation", _("Denunciation")
    NONE = "none", _("No act (not a party)")


NOT_BINDING = (Act.DENUNCIATION, Act.NONE)


class TreatyActStage(models.TextChoices):
    TO_BE_CONFIRMED = "to_be_confirmed", _("To be confirmed")
    # Translators: State of a treaty act or a removal request.
    CONFIRMED = "confirmed", pgettext_lazy("treaty act", "Confirmed")
    DECLINED = "declined", pgettext_lazy("treaty act", "Declined")


class TreatyAct(QuickRow):
    """One act under one instrument, as its source reports it. It counts while it is confirmed.

    `as_at` is the day on which the source said so. *None*, which confirms that there is no act, has no date.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="treaty_acts", verbose_name=_("Respondent"))
    instrument = models.CharField(_("Instrument"), max_length=20, choices=Treaty)
    act = models.CharField(_("Act"), max_length=30, choices=Act)
    date = models.DateField(_("Date"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=SOURCE_LIMIT)
    as_at = models.DateField(_("As at"), null=True)
    state = models.CharField(_("Status"), max_length=20, choices=TreatyActStage, default=TreatyActStage.TO_BE_CONFIRMED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    entered_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("Reason for declining"), max_length=SOURCE_LIMIT, blank=True)

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Treaty act")
        verbose_name_plural = _("Treaty acts")
        ordering = ["respondent", "instrument", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(act="none", date__isnull=True) | ~Q(act="none") & Q(date__isnull=False),
                name="treaty_act_has_date",
                violation_error_message=_("Enter the date of the act, or leave it blank if there is no act."),
            ),
            models.CheckConstraint(
                condition=Q(date__isnull=True) | Q(as_at__isnull=True) | Q(date__lte=F("as_at")),
                name="treaty_act_known_after_it_was_done",
                violation_error_message=_("The date of the act must not be later than the “as at” date."),
            ),
            models.CheckConstraint(condition=~Q(source=""), name="treaty_act_has_source"),
            models.CheckConstraint(
                condition=Q(state="to_be_confirmed", decided_at__isnull=True)
                | Q(state="confirmed", decided_at__isnull=False)
                | Q(state="declined", decided_at__isnull=False) & ~Q(reason=""),
                name="decided_treaty_act_says_when_and_why",
            ),
        ]

    def __str__(self):
        return f"{self.get_instrument_display()}: {self.get_act_display()}"

    @property
    def key(self) -> tuple[int, str, str]:
        """Return a key that is equal for two reports of the same act."""
        return self.respondent_id, self.instrument, self.act

    @property
    def as_fields(self) -> dict:
        return {"date": self.date, "source": self.source, "as_at": self.as_at}

    @property
    def on_file(self) -> str:
        """Return act and date on file today where this act would go, or an empty string."""
        respondent = self.respondent
        if self.act == Act.SIGNATURE:
            act, day = Act.SIGNATURE.value, getattr(respondent, f"{self.instrument}_signed")
        else:
            act, day = getattr(respondent, f"{self.instrument}_act"), getattr(respondent, f"{self.instrument}_acted")
        return f"{act} {date_format(day, 'DATE_FORMAT')}".strip() if day else ""

    @property
    def source_in_words(self) -> str:
        # Translators: Source of a treaty act that was known before the first use of the site.
        return gettext("On file when the site was set up") if self.source == ON_FILE else self.source

    @property
    def date_key(self) -> tuple[datetime.date, int]:
        """Return how new the information is; of the same day, what was entered later is newer."""
        return self.as_at or datetime.date.min, self.pk or 0


def acts_on_file(respondent: Respondent) -> list[TreatyAct]:
    """Return the acts that a respondent's standing implies, confirmed and not saved; for respondents without
    a decision.
    """
    possible = [
        (Treaty.CONVENTION, Act.SIGNATURE, respondent.convention_signed),
        (Treaty.CONVENTION, respondent.convention_act or Act.RATIFICATION, respondent.convention_acted),
        (Treaty.PROTOCOL, Act.SIGNATURE, respondent.protocol_signed),
        (Treaty.PROTOCOL, respondent.protocol_act or Act.RATIFICATION, respondent.protocol_acted),
    ]
    acts: list[tuple[str, str, datetime.date | None]] = [row for row in possible if row[2]]
    if respondent.treaty_status in (TreatyStatus.CONVENTION_ONLY, TreatyStatus.NOT_PARTY):
        acts.append((Treaty.PROTOCOL, Act.NONE, None))
    if respondent.treaty_status == TreatyStatus.NOT_PARTY:
        acts.append((Treaty.CONVENTION, Act.NONE, None))
    return [
        TreatyAct(
            respondent=respondent,
            instrument=instrument,
            act=act,
            date=day,
            source=ON_FILE,
            as_at=respondent.status_as_at,
            state=TreatyActStage.CONFIRMED,
        )
        for instrument, act, day in acts
    ]


def standing_from(acts: Iterable[TreatyAct]) -> dict:
    """Return the treaty standing that follows from the confirmed acts of one respondent.

    For each key the newest information counts; for each instrument the newest act that binds or does not, on the same
    day the later act.
    """
    newest_of_key = {act.key: act for act in sorted(acts, key=lambda act: act.date_key)}
    acts = sorted(newest_of_key.values(), key=lambda act: (act.date_key[0], act.date or datetime.date.max))
    signed = {act.instrument: act.date for act in acts if act.act == Act.SIGNATURE}
    newest = {act.instrument: act for act in acts if act.act != Act.SIGNATURE}
    binding = {instrument: act for instrument, act in newest.items() if act.act not in NOT_BINDING}
    convention, protocol = (binding.get(instrument) for instrument in Treaty)
    return {
        "convention_signed": signed.get(Treaty.CONVENTION),
        "convention_act": convention.act if convention else "",
        "convention_acted": convention.date if convention else None,
        "protocol_signed": signed.get(Treaty.PROTOCOL),
        "protocol_act": protocol.act if protocol else "",
        "protocol_acted": protocol.date if protocol else None,
        "status_as_at": max((act.as_at for act in acts if act.as_at), default=None),
        "treaty_status": _status(newest, binding),
    }


def _status(newest: dict[str, TreatyAct], binding: dict[str, TreatyAct]) -> TreatyStatus:
    if Treaty.PROTOCOL in binding:
        return TreatyStatus.PARTY
    if not newest.keys() >= set(Treaty):
        return TreatyStatus.UNCONFIRMED
    return TreatyStatus.CONVENTION_ONLY if Treaty.CONVENTION in binding else TreatyStatus.NOT_PARTY
