"""Keep the respondents, and say which units are asked of each."""

import unicodedata
from collections.abc import Collection, Iterable
from copy import copy
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations.models import Addressee, Recommendation
from recommendations.models.quick_row import QuickRow
from tracker.models.round import Round, RoundUnit
from tracker.models.validators import validate_name

UNITS_ON_THE_CONVENTION = ("I.5(b)", "I.23(a)", "I.23(b)", "II.29", "II.30", "V.21")


class RespondentKind(models.TextChoices):
    STATE = "state", _("State")
    # Translators: Kind of respondent.
    EUROPEAN_UNION = "european_union", _("European Union")
    SECRETARIAT = "secretariat", _("Secretariat and UNODC")


class TreatyStatus(models.TextChoices):
    PARTY = "party", _("Party to the Protocol")
    UNCONFIRMED = "unconfirmed", _("Treaty status not confirmed")
    CONVENTION_ONLY = "convention_only", _("Party to the Convention, not to the Protocol")
    NOT_PARTY = "not_party", _("Party to neither the Convention nor the Protocol")


class StateGroup(models.TextChoices):
    # Translators: Regional group of the United Nations: use its official name.
    AFRICAN = "African States", _("African States")
    # Translators: Regional group of the United Nations: use its official name.
    ASIA_PACIFIC = "Asia-Pacific States", _("Asia-Pacific States")
    EASTERN_EUROPEAN = "Eastern European States", _("Eastern European States")
    LATIN_AMERICAN = "Latin American and Caribbean States", _("Latin American and Caribbean States")
    WESTERN_EUROPEAN = "Western European and other States", _("Western European and other States")


_Code = Addressee.Code
AS_A_PARTY = (_Code.STATES_PARTIES, _Code.STATES, _Code.MEMBER_STATES)
AS_NO_PARTY = (_Code.STATES, _Code.MEMBER_STATES, _Code.STATES_NOT_YET_PARTIES)
OPEN_TO_A_STATE = (*AS_A_PARTY, _Code.STATES_NOT_YET_PARTIES)

ASKED_OF_A_STATE = {
    TreatyStatus.PARTY: AS_A_PARTY,
    TreatyStatus.UNCONFIRMED: AS_A_PARTY,
    TreatyStatus.CONVENTION_ONLY: AS_NO_PARTY,
    TreatyStatus.NOT_PARTY: AS_NO_PARTY,
}
ASKED_OF_OTHERS = {
    RespondentKind.EUROPEAN_UNION: (_Code.STATES_PARTIES,),
    RespondentKind.SECRETARIAT: (_Code.SECRETARIAT, _Code.UNODC),
}


class TreatyStanding(QuickRow):
    # Translators: Label before a date.
    convention_signed = models.DateField(_("Convention signed"), null=True, blank=True)
    convention_act = models.CharField(_("Act under the Convention"), max_length=40, blank=True)
    convention_acted = models.DateField("Date of the act under the Convention", null=True, blank=True)
    # Translators: Label before a date.
    protocol_signed = models.DateField(_("Protocol signed"), null=True, blank=True)
    protocol_act = models.CharField(_("Act under the Protocol"), max_length=40, blank=True)
    protocol_acted = models.DateField("Date of the act under the Protocol", null=True, blank=True)
    status_as_at = models.DateField("Treaty acts as at", null=True, blank=True)
    treaty_status = models.CharField(
        _("Treaty status"), max_length=20, choices=TreatyStatus, default=TreatyStatus.UNCONFIRMED
    )

    class Meta:
        abstract = True

    def standing(self) -> dict:
        return {field.name: getattr(self, field.name) for field in TreatyStanding._meta.fields}


class Respondent(TreatyStanding):
    """A State, the European Union, or the Secretariat with UNODC. Codes XAA to XZZ are of invented States.

    Its treaty standing is today's, and only the actions on treaty acts change it; earlier ones are its former
    standings.
    """

    code = models.CharField(_("Code"), max_length=12, unique=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=RespondentKind)
    name = models.CharField(_("Name"), max_length=200, unique=True, validators=[validate_name])
    sort_key = models.CharField(max_length=200, editable=False)
    un_member_state = models.BooleanField("Member State of the United Nations", default=False)
    regional_group = models.CharField(_("Regional group"), max_length=40, choices=StateGroup, blank=True)
    in_directory = models.BooleanField(_("Listed in the directory of contact points"), default=False, editable=False)
    opens_all_to_contributors = models.BooleanField(
        _("Contributors can read and edit everything"), default=False, editable=False
    )
    asks_second_factor = models.BooleanField(default=False, editable=False)  # of its contributors and viewers

    class Meta:
        verbose_name = _("Respondent")
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name_plural = _("Respondents")
        ordering = ["sort_key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(protocol_acted__isnull=True) | Q(treaty_status="party"),
                name="protocol_act_confirms_party",
                violation_error_message=(
                    "The date of an act under the Protocol confirms a party. Choose the treaty status “Party to the "
                    "Protocol”, or remove the date."
                ),
            )
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.sort_key = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().casefold()
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("respondent_desk", args=[self.code])

    def as_at(self, moment: datetime, former: Iterable["FormerStanding"] | None = None) -> "Respondent":
        """Return the respondent with the treaty standing of that moment, only to be read.

        `former` are its former standings, the earliest first; without them they are queried.
        """
        if former is None:
            former = self.former_standings.order_by("until")
        then = next((standing for standing in former if standing.until > moment), None)
        return self.with_standing(then) if then else self

    def with_standing(self, standing: TreatyStanding) -> "Respondent":
        found = copy(self)
        for name, value in standing.standing().items():
            setattr(found, name, value)
        return found

    @property
    def is_sample(self) -> bool:
        return self.kind == RespondentKind.STATE and len(self.code) == 3 and self.code.startswith("X")

    @property
    def addressee_codes(self) -> tuple[str, ...]:
        if self.kind == RespondentKind.STATE:
            return ASKED_OF_A_STATE[TreatyStatus(self.treaty_status)]
        return ASKED_OF_OTHERS[RespondentKind(self.kind)]

    def units_to_answer(self):
        """Return the published units that count in this respondent's denominator, of every body."""
        return self.units_to_answer_in_rounds().filter(withdrawn_on__isnull=True)

    def units_to_answer_in_rounds(self):
        """Include units withdrawn since, which count in the rounds that have them in their fixed scope."""
        units = Recommendation.objects.published().all_units()
        addressed = units.for_addressees(*self.addressee_codes)
        if self.treaty_status == TreatyStatus.CONVENTION_ONLY:
            return addressed | units.filter(body__is_first=True, label__in=UNITS_ON_THE_CONVENTION)
        return addressed

    def units_open(self):
        """Return the units that it may answer: those asked of it, and for a State all others that are put to States.

        A withdrawn unit stays open while it is in the scope of an open round.
        """
        if self.kind == RespondentKind.STATE:
            units = Recommendation.objects.published().all_units().for_addressees(*OPEN_TO_A_STATE)
        else:
            units = self.units_to_answer_in_rounds()
        in_open_rounds = RoundUnit.objects.filter(round__in=Round.objects.open()).values("unit")
        return units.filter(Q(withdrawn_on__isnull=True) | Q(pk__in=in_open_rounds))

    def find_units_to_answer(self, nodes: Iterable[Recommendation]) -> set[int]:
        """Return the keys that `units_to_answer` has among nodes that were just read."""
        return {unit.id for unit in self._find_units_in_rounds(nodes) if not unit.withdrawn_on}

    def find_units_open(self, nodes: Iterable[Recommendation]) -> set[int]:
        """Return the keys that `units_open` has among nodes that were just read; a query only if some are withdrawn."""
        is_state = self.kind == RespondentKind.STATE
        units = _find_addressed(nodes, OPEN_TO_A_STATE) if is_state else self._find_units_in_rounds(nodes)
        found, withdrawn = {unit.id for unit in units}, {unit.id for unit in units if unit.withdrawn_on}
        if not withdrawn:
            return found
        in_open_rounds = RoundUnit.objects.filter(round__in=Round.objects.open(), unit__in=withdrawn)
        return found - withdrawn | set(in_open_rounds.values_list("unit", flat=True))

    def _find_units_in_rounds(self, nodes: Iterable[Recommendation]) -> list[Recommendation]:
        on_the_convention = UNITS_ON_THE_CONVENTION if self.treaty_status == TreatyStatus.CONVENTION_ONLY else ()
        return _find_addressed(nodes, self.addressee_codes, on_the_convention)


def _find_addressed(
    nodes: Iterable[Recommendation], codes: Iterable[str], labels: Collection[str] = ()
) -> list[Recommendation]:
    """Return the published units that are addressed to one of the codes, or have one of the labels."""
    units = (node for node in nodes if node.is_open_unit and node.published_at)
    return [unit for unit in units if not unit.addressed_to.isdisjoint(codes) or unit.full_label in labels]


class FormerStanding(TreatyStanding):
    append_only = True

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="former_standings")
    until = models.DateTimeField()

    class Meta:
        ordering = ["respondent", "until"]
        constraints = [models.UniqueConstraint(fields=["respondent", "until"], name="standing_ended_once")]

    def __str__(self):
        return f"{self.respondent_id} {self.until}"
