"""Keep answers suggested to the focal point, which are the State's only once accepted."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.answer_fields import DATES, FIELD_NAMES, INSTITUTION_LIMIT, TEXTS
from tracker.models.digest import digest_parts, digest_value
from tracker.models.institution import Institution
from tracker.models.record import Citation, Revision
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwnedQuerySet
from tracker.models.transcription import TranscriptionRequest
from tracker.models.withdrawal import Digested

EVIDENCE_NAMED = "evidence_named"
PINPOINT = "pinpoint "  # followed by the place of its citation, from 1


class ProposalQuerySet(StateOwnedQuerySet):
    def _own(self, user) -> Q:
        """Match also what the user transcribes for a State, while the request is open to the user."""
        request = TranscriptionRequest.objects.to_transcribe(user)
        request = request.filter(respondent=OuterRef("respondent"), reference=OuterRef("reference"))
        transcribed = Q(Exists(request), author=user, origin=Proposal.Origin.TRANSCRIPTION)
        return super()._own(user) | transcribed

    def waiting(self):
        return self.filter(state=ProposalStage.OFFERED)


class ProposalStage(models.TextChoices):
    OFFERED = "offered", _("Waiting for the focal point")
    TAKEN = "taken", pgettext_lazy("suggestion", "Accepted")
    # Translators: State of a suggestion, a treaty act, a report of an error or a removal request.
    DECLINED = "declined", pgettext_lazy("suggestion", "Declined")
    TAKEN_BACK = "taken_back", pgettext_lazy("suggestion", "Withdrawn")


class Proposal(Digested):
    """A suggested answer: `fields` by name, as JSON; `citations` among them are [key of the evidence version, pinpoint]
    pairs.

    `base` is the number of the revision from which it began, or from which its questionnaire was made; `revision` is
    what it became. The fields of a questionnaire may include `evidence_named`, the text of its evidence box, which the
    focal point adds by hand. `reference` is the State's written request, for a
    transcription.
    """

    append_only = False
    unit_path = "unit"
    sealed = "respondent.code unit.full_label origin author_id institution_id received_on base made_at"
    decision = "decline_reason"

    class Origin(models.TextChoices):
        DRAFT = "draft", _("Suggestion by a contributor")
        # Translators: Source of a suggestion.
        QUESTIONNAIRE = "questionnaire", _("Completed questionnaire")
        TRANSCRIPTION = "transcription", _("Entered by the Secretariat")

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="proposals")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    origin = models.CharField(max_length=20, choices=Origin)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", null=True)
    # Translators: Field name: the institution that sent the information.
    received_from = models.CharField(_("Received from"), max_length=INSTITUTION_LIMIT, blank=True)
    received_on = models.DateField(null=True)
    reference = models.TextField(_("Written request of the State"), blank=True)
    base = models.PositiveIntegerField(default=0)
    fields = models.JSONField()
    state = models.CharField(max_length=10, choices=ProposalStage, default=ProposalStage.OFFERED)
    made_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    decline_reason = models.TextField(_("Reason for declining"), blank=True)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="proposals", null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta(Digested.Meta):
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="offered", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["taken", "declined", "taken_back"], decided_by__isnull=False, decided_at__isnull=False),
                name="decided_proposal_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(state="taken", revision__isnull=False) | ~Q(state="taken") & Q(revision__isnull=True),
                name="taken_proposal_has_revision",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason="") | Q(withdrawal__isnull=False),
                name="declined_proposal_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(origin="transcription") | ~Q(reference="") | Q(withdrawal__isnull=False),
                name="transcription_has_reference",
            ),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.unit_id}/{self.pk}"

    @property
    def from_name(self) -> str:
        if self.received_from or self.origin != self.Origin.TRANSCRIPTION:
            return self.received_from or str(self.author)
        # Translators: %(name)s: name of a user of the Secretariat.
        return gettext("%(name)s, Secretariat") % {"name": self.author}

    @property
    def stamp(self) -> str:
        """Name the proposal as it was read; a removal changes it, so that an old page does not restore the words."""
        return f"{self.pk}.{self.withdrawal_id or 0}"

    @property
    def offered_fields(self) -> dict:
        values = {name: self.fields[name] for name in FIELD_NAMES if name in self.fields}
        return values | {name: date.fromisoformat(values[name]) for name in DATES if values.get(name)}

    @property
    def citations(self) -> list[tuple[int, str]]:
        return [(key, pinpoint) for key, pinpoint in self.fields.get("citations", [])]

    @property
    def citation_texts(self) -> dict[str, str]:
        return {f"{PINPOINT}{place}": pinpoint for place, (_key, pinpoint) in enumerate(self.citations, start=1)}

    @property
    def texts(self) -> dict[str, str]:
        """Return what people wrote in it, by the names under which it is digested."""
        answer = {name: self.fields[name] for name in TEXTS if name in self.fields}
        details = {"received_from": self.received_from, "reference": self.reference}
        is_declined = self.state == ProposalStage.DECLINED or self.decline_reason
        reason = {"decline_reason": self.decline_reason} if is_declined else {}
        evidence = {EVIDENCE_NAMED: self.fields[EVIDENCE_NAMED]} if EVIDENCE_NAMED in self.fields else {}
        return answer | self.citation_texts | details | evidence | reason

    def set_text(self, name: str, text: str) -> None:
        """Set one of `texts`. Neither digests nor saves it."""
        if name.startswith(PINPOINT):
            self.fields["citations"][int(name.removeprefix(PINPOINT)) - 1][1] = text
        elif name in (*TEXTS, EVIDENCE_NAMED):
            self.fields[name] = text
        else:
            setattr(self, name, text)

    def digested_fields(self) -> dict:
        return self.fields | self.texts | {"citations": [key for key, _pinpoint in self.citations]}

    @staticmethod
    def label_of(name: str) -> str:
        if name.startswith(PINPOINT):
            return str(Citation._meta.get_field("pinpoint").verbose_name)
        if name == EVIDENCE_NAMED:
            return str(_("Evidence named in the document"))
        model = Revision if name in TEXTS else Proposal
        return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]

    def state_digest(self) -> str:
        return digest_value(
            {
                "form": self.canonical_form,
                "proposal": self.digest,
                **digest_parts(self, "state decided_by_id decided_at"),
                "decline_reason": self.field_digests.get("decline_reason", ""),
                "revision": self.revision.digest if self.revision else "",
            }
        )
