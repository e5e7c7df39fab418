"""Keep answers: the record, its revisions, and the evidence that they cite."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.append_only import OnInsert, move_current
from recommendations.models import Recommendation, Wording
from tracker.models.answer_fields import FIELD_NAMES, INSTITUTION_LIMIT, PARAGRAPHS, TEXTS, UNFINISHED, WITH_MEASURES
from tracker.models.change import Change, ChangeCode, change_in_words
from tracker.models.digest import PROOFS, digest_value, wording_reference
from tracker.models.evidence import EvidenceReader, EvidenceVersion
from tracker.models.language import LANGUAGE_NAMES, Language
from tracker.models.respondent import Respondent
from tracker.models.state_owned import DeskQuerySet, StateOwned, StateOwnedQuerySet, keys_of
from tracker.models.status import CONSIDERED, ReasonCode, Status
from tracker.models.withdrawal import Digested

# What a check reads of a version of an evidence item.
CHECKED = (
    *("evidence__number", "evidence__current", "number", "title", "language", "disclosure"),
    *("file", "file_name", "url", "citation", "withdrawal"),
)
REASON_LIMIT = 300
PINPOINT_LIMIT = 200


class Record(StateOwned):
    """What one respondent recorded on one unit. `note` is the team's own and never submitted.

    `current` is its newest revision, or None after one that empties the answer: `emptied`, where it was read.
    `update_declined` is the newest revision of the record from which this one was copied that the focal point declined.
    """

    emptied: "Revision | None" = None
    NO_NOTE = digest_value("")
    unit_path = "recommendation"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="records")
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="records")
    current = models.OneToOneField("Revision", models.PROTECT, related_name="+", null=True)
    note = models.TextField(_("Internal note"), blank=True)
    update_declined = models.ForeignKey("Revision", models.PROTECT, related_name="+", null=True)

    objects = DeskQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["respondent", "recommendation"], name="record_once")]

    def __str__(self):
        return f"{self.respondent_id}: {self.recommendation_id}"

    @property
    def last(self) -> "Revision | None":
        return self.current or self.emptied

    @property
    def note_digest(self) -> str:
        return digest_value(self.note)

    def get_absolute_url(self):
        return reverse("record", args=[self.respondent.code, self.recommendation.slug])


class Revision(Digested):
    """One saved version of a record: append-only, numbered from 1.

    `received_from` and `received_on` say which institution sent it, and when; `change_code` and `change_details` how it
    was made, and `change_reason` why, in the author's words. They describe this save, and the next revision does not
    inherit them. A revision without a status empties the answer.
    """

    respondent_path = "record__respondent"
    unit_path = "record__recommendation"
    withdrawable = (*TEXTS, "change_details", "change_reason", "received_from")
    digested = (*FIELD_NAMES, "change_code", "change_details", "change_reason", "received_from", "received_on")

    # Translators: Noun: what the State answered.
    record = models.ForeignKey(Record, models.PROTECT, related_name="revisions", verbose_name=_("Answer"))
    number = models.PositiveIntegerField(_("Number"))
    # Translators: Name of a field or of a kind of data, in the administration.
    wording = models.ForeignKey(Wording, models.PROTECT, related_name="+")
    status = models.CharField(_("Status"), max_length=30, choices=Status, blank=True)
    reason_code = models.CharField(
        _("Why the recommendation does not apply"), max_length=30, choices=ReasonCode, blank=True
    )
    reasons = models.TextField(_("Reasons"), blank=True)
    measures = models.TextField(_("Measures taken"), blank=True)
    difficulties = models.TextField(_("Difficulties"), blank=True)
    assistance_kinds = models.JSONField(_("Technical assistance needed"), default=list, blank=True)
    assistance = models.TextField(_("Details of the assistance needed"), blank=True)
    good_practice = models.BooleanField(_("Good practice"), default=False)
    good_practice_shared = models.BooleanField(
        _("Other States may read this good practice after submission"), default=False
    )
    items_met = models.JSONField(_("Items met"), default=list, blank=True)
    lead_institution = models.CharField(_("Lead institution"), max_length=INSTITUTION_LIMIT, blank=True)
    target_date = models.DateField(_("Target date"), null=True, blank=True)
    situation_as_at = models.DateField(_("Situation as at"), null=True, blank=True)
    language = models.CharField(_("Language of the answer"), max_length=3, choices=Language, default=Language.ENGLISH)
    ready = models.BooleanField(_("Ready"), default=False)
    change_code = models.CharField(max_length=30, choices=ChangeCode, blank=True)
    change_details = models.TextField(_("Details of the change"), blank=True)
    change_reason = models.CharField(_("Reason for the change"), max_length=REASON_LIMIT, blank=True)
    received_from = models.CharField(_("Received from"), max_length=INSTITUTION_LIMIT, blank=True)
    received_on = models.DateField(_("Received on"), null=True, blank=True)
    source = models.ForeignKey("self", models.PROTECT, related_name="+", null=True, blank=True)
    evidence = models.ManyToManyField(EvidenceVersion, through="Citation", related_name="revisions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Author"))
    created_at = models.DateTimeField(default=timezone.now)
    previous_digest = models.CharField(max_length=64, blank=True)

    class Meta(Digested.Meta):
        verbose_name = _("Version")
        # Translators: Heading: saved versions of an answer or an evidence item.
        verbose_name_plural = _("Versions")
        ordering = ["record", "number"]
        # Few are copied, and every record is searched for them.
        indexes = [models.Index(fields=["record", "number"], condition=Q(source__isnull=False), name="revision_copied")]
        constraints = [
            models.UniqueConstraint(fields=["record", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_numbered_from_1"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values) & ~Q(change_code=ChangeCode.EMPTIED)
                | Q(
                    status="",
                    change_code=ChangeCode.EMPTIED,
                    ready=False,
                    good_practice=False,
                    **dict.fromkeys(TEXTS, ""),
                ),
                name="status_known_or_emptied",
            ),
            models.CheckConstraint(condition=Q(change_code__in=["", *ChangeCode.values]), name="change_code_known"),
            models.CheckConstraint(
                condition=Q(status="not_applicable", reason_code__in=ReasonCode.values)
                | ~Q(status="not_applicable") & Q(reason_code=""),
                name="not_applicable_has_reason_code",
            ),
            models.CheckConstraint(
                condition=Q(withdrawal__isnull=False)
                | ~Q(reasons="")
                | ~Q(status=CONSIDERED.value) & ~Q(reason_code="other"),
                name="reasons_where_due",
            ),
            models.CheckConstraint(
                condition=Q(good_practice=True) | Q(good_practice_shared=False), name="only_good_practice_is_shared"
            ),
            models.CheckConstraint(
                condition=Q(received_from="", received_on__isnull=True)
                | Q(received_on__isnull=False) & (~Q(received_from="") | Q(withdrawal__isnull=False)),
                name="received_from_and_on",
            ),
        ]

    def __str__(self):
        return f"{self.record_id}/{self.number}"

    @classmethod
    def on_insert(cls) -> OnInsert:
        return move_current(cls, "record", empty="{}status = ''")

    @property
    def answer_values(self) -> dict:
        return {name: getattr(self, name) for name in FIELD_NAMES}

    @property
    def change_text(self) -> str:
        """Return how it was made, in the language of the reader; empty where its author wrote the answer."""
        if self.is_withdrawn("change_details"):
            return self.withdrawal_note
        return change_in_words(Change(self.change_code, self.change_details))

    @property
    def language_name(self) -> str | Promise:
        """Return the name of the language in the language of the page."""
        return LANGUAGE_NAMES.get(self.language, self.get_language_display())

    @property
    def first_words(self) -> str:
        return next((words for name in TEXTS if (words := getattr(self, name))), "")

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def open_target(self) -> date | None:
        """Return the target date while there is work left."""
        return self.target_date if self.is_unfinished else None

    def is_target_passed(self, today: date) -> bool:
        target = self.open_target
        return target is not None and target < today

    @property
    def asks_for_assistance(self) -> bool:
        """Return whether it names a kind, or describes the need in words, even if these were removed."""
        return bool(self.assistance_kinds or self.assistance or self.is_withdrawn("assistance"))

    def last_withdrawal(self, citations: Iterable["Citation"] | None = None) -> int | None:
        """Return the newest removal from it or from its `citations`; without them they must have been fetched."""
        rows = (self, *(self.citations.all() if citations is None else citations))
        return max((row.withdrawal_id for row in rows if row.withdrawal_id), default=None)

    def answers_former_wording(self, unit: Recommendation, items: Iterable[Recommendation]) -> bool:
        """Compare the unit, its chapeaux and `items`, answered with it, as they are or were sealed. A correction is no
        new wording.
        """
        own = unit.current_wording
        if own and self.wording_id != own.pk and self.wording.since != own.since:
            return True
        wordings = (node.current_wording for node in (*unit.chapeaux, *items))
        return any(wording.since > self.created_at for wording in wordings if wording and wording.since)

    @property
    def digest_base(self) -> dict:
        return {
            "form": self.canonical_form,
            "record": [self.record.respondent.code, self.record.recommendation.full_label],
            "number": self.number,
            "source": self.source.digest if self.source else "",
            "author": self.author_id,
            "created_at": self.created_at,
            "previous": self.previous_digest,
        }

    def make_digest(self, citations: list["Citation"]) -> str:  # type: ignore[override]
        return digest_value(
            {
                **self.digest_base,
                "wording": wording_reference(self.record.recommendation.label, self.wording),
                "fields": self.field_digests,
                "citations": [citation.digest for citation in citations],
            }
        )

    def holds(self, citations: list["Citation"]) -> bool:  # type: ignore[override]
        return (
            self.has_same_fields()
            and self.wording.recommendation_id == self.record.recommendation_id
            and all(citation.holds() for citation in citations)
            and [citation.position for citation in citations] == list(range(1, len(citations) + 1))
            and self.make_digest(citations) == self.digest
        )


class CitationQuerySet(StateOwnedQuerySet):
    def cited_by(self, revisions: Iterable[Revision]):
        """Return the citations of these revisions: to have a revision is the licence."""
        return self.filter(revision__in=keys_of(revisions, Revision))._open()

    def read_with_versions(self) -> list["Citation"]:
        """Read all versions of each cited evidence item once. Set `kept_since`: whether the State keeps to itself the
        cited version, or a version since.
        """
        citations: list[Citation] = list(self.defer(*PROOFS).fetch_mode(models.FETCH_PEERS))  # type: ignore[arg-type]
        cited = EvidenceVersion.everyones.filter(pk__in={citation.evidence_version_id for citation in citations})
        found = EvidenceVersion.everyones.filter(evidence__in=cited.values("evidence")).only(*CHECKED)
        found = found.select_related("evidence").fetch_mode(models.FETCH_PEERS)
        versions = {version.pk: version for version in found}
        kept: dict[int, int] = defaultdict(int)
        for version in versions.values():
            version.evidence.current = versions.get(version.evidence.current_id or 0)
            if version.disclosure == EvidenceReader.STATE:
                kept[version.evidence_id] = max(version.number, kept[version.evidence_id])
        for citation in citations:
            citation.evidence_version = version = versions[citation.evidence_version_id]
            citation.kept_since = version.number <= kept[version.evidence_id]  # type: ignore[attr-defined]
        return citations


class Citation(Digested):
    """A version of an evidence item that a revision cites, with the place in it: articles, pages."""

    respondent_path = "revision__record__respondent"
    unit_path = "revision__record__recommendation"
    withdrawable = digested = ("pinpoint",)

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="citations")
    evidence_version = models.ForeignKey(EvidenceVersion, models.PROTECT, related_name="citations")
    position = models.PositiveSmallIntegerField()
    pinpoint = models.CharField(_("Articles or pages"), max_length=PINPOINT_LIMIT, blank=True)

    objects = CitationQuerySet.as_manager()

    class Meta(Digested.Meta):
        ordering = ["revision", "position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="citation_position_once"),
            models.UniqueConstraint(fields=["revision", "evidence_version"], name="evidence_cited_once"),
        ]

    def __str__(self):
        return self.pinpoint

    def make_digest(self) -> str:
        return digest_value({"evidence": self.evidence_version.digest, "fields": self.field_digests})


@dataclass(frozen=True)
class Answer:
    """What a respondent says on a unit; `citations` are (evidence version, pinpoint) pairs in the order shown."""

    status: str
    reason_code: str = ""
    reasons: str = ""
    measures: str = ""
    difficulties: str = ""
    assistance_kinds: list[str] = field(default_factory=list)
    assistance: str = ""
    good_practice: bool = False
    good_practice_shared: bool = False
    items_met: list[str] = field(default_factory=list)
    lead_institution: str = ""
    target_date: date | None = None
    situation_as_at: date | None = None
    language: str = Language.ENGLISH
    ready: bool = False
    citations: list[tuple[EvidenceVersion, str]] = field(default_factory=list)

    @classmethod
    def of(cls, revision: Revision) -> "Answer":
        citations = Citation.everyones.filter(revision=revision).select_related("evidence_version__evidence")
        return cls(**revision.answer_values, citations=[(c.evidence_version, c.pinpoint) for c in citations])

    @property
    def is_empty(self) -> bool:
        """Return whether it claims measures and has neither words nor evidence for them.

        The other statuses say enough, or need reasons anyway.
        """
        return self.status in WITH_MEASURES and not (self.citations or any(self.of_fields(PARAGRAPHS)))

    def as_fields(self) -> dict:
        return {name: getattr(self, name) for name in FIELD_NAMES}

    def of_fields(self, names: Iterable[str]) -> list:
        return [getattr(self, name) for name in names]


def answer_of(revision: Revision) -> Answer:
    """Return the answer of a revision whose citations are fetched."""
    return Answer(
        **revision.answer_values, citations=[(c.evidence_version, c.pinpoint) for c in revision.citations.all()]
    )


@dataclass(frozen=True)
class ReceivedDetails:
    """Institution and day; both are empty where the State's people wrote the answer themselves."""

    institution: str = ""
    on: date | None = None

    @classmethod
    def of(cls, row: Any) -> "ReceivedDetails":
        """Return those of a revision, a proposal or an uploaded workbook."""
        return cls(row.received_from, row.received_on)


NOT_RECEIVED = ReceivedDetails()
