"""Keep submissions: the seal, which nothing changes, and beside it what the workflow adds.

The seal is `Submission`, its items and their evidence; `Participation`, `Use`, `Remark` and `Reply` are added to it.
Its respondent's people read a submission, and the reviewers who may read for that respondent; while its State publishes
it, everyone reads its answers and its public evidence.
"""

from collections import Counter
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.models import Recommendation, Wording
from tracker.models.digest import FORM, digest_parts, digest_value, new_salt, wording_reference
from tracker.models.evidence import EvidenceReader, EvidenceVersion
from tracker.models.record import Citation, Revision
from tracker.models.respondent import Respondent
from tracker.models.round import Round
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet, keys_of
from tracker.models.status import Status
from tracker.models.user import Role

STATEMENT_LIMIT = 200  # characters of an office, or of a reference
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without look-alikes


def new_code() -> str:
    """Return 26 letters and digits: 130 bits."""
    return get_random_string(26, CODE_LETTERS)


def content_digest(items: list[list], replies: list[str]) -> str:
    """Cover the answers alone: two equal submissions have the same digest.

    `items` are [label, digest of the revision or "", still correct as at, [[digest of the citation, whether it is kept
    by the State], …]]; `replies` are digests.
    """
    return digest_value({"items": items, "replies": replies})


def counts_of(statuses: Iterable[str]) -> dict[str, int]:
    """Count all units, those answered, and these by status code; the status of a unit without an answer is ""."""
    counts = Counter(statuses)
    total = counts.total()
    return {"asked": total, "answered": total - counts[""], **{status: counts[status] for status in Status.values}}


class SubmittedQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        return self.filter(self._own(user) | self._to_be_read_by(user))._open()

    def to_be_read_by(self, user):
        """Keep the rows that this reviewer may read: of no State where they have a role or a reading restriction."""
        return self.filter(self._to_be_read_by(user))._open()

    def for_readers_of(self, *respondents: Respondent):
        """Return what these respondents submitted, for readers of their submissions and for the figures that count it.

        The caller has checked that the reader is such a reader, or has the respondents from `counted_in`.
        """
        path = self.model.respondent_path  # type: ignore[attr-defined]
        return self.filter(self._shared_rows(), **{f"{path}__in": keys_of(respondents, Respondent)})._open()

    def of_submissions(self, submissions: Iterable["Submission"]):
        """Return what belongs to these submissions: to have a submission is the licence."""
        path = self.model.submission_path  # type: ignore[attr-defined]
        return self.filter(self._shared_rows(), **{f"{path}__in": keys_of(submissions, Submission)})._open()

    def _shared_rows(self) -> Q:
        """Match what both the State and the Secretariat may read."""
        return Q()

    def _to_be_read_by(self, user) -> Q:
        if not user.has_role(Role.REVIEWER):
            return Q(pk__in=[])
        not_read = user.restricted_ids | user.respondent_ids
        return ~Q(**{f"{self.model.respondent_path}__in": not_read})  # type: ignore[attr-defined]


class SubmittedModel(StateOwned):
    objects = SubmittedQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        abstract = True


class PublicationQuerySet(SubmittedQuerySet):
    def published(self):
        """Keep rows of submissions published today and not withdrawn: the only rule for readers not signed in."""
        return self.filter(self._published())._open()

    def _published(self) -> Q:
        path = self.model.submission_path  # type: ignore[attr-defined]
        newest = Use.everyones.filter(submission=OuterRef(path)).order_by("-pk").values("published")[:1]
        withdrawn = Submission.everyones.filter(is_withdrawn(), pk=OuterRef(path))
        return Q(Exact(Subquery(newest), True)) & ~Q(Exists(withdrawn))


def is_withdrawn(path: str = "") -> Q:
    """Match what was withdrawn from its round; `path` leads to the submission, with its `__`."""
    return Q(**{f"{path}number__lte": F(f"{path}participation__withdrawn_to")})


def _permitted_use(name: str) -> Subquery:
    """Read the permission that the State gave last in the round, whichever submission it was given with."""
    uses = Use.everyones.filter(submission__respondent=OuterRef("respondent"), submission__round=OuterRef("round"))
    return Subquery(uses.order_by("-pk").values(name)[:1])


class SubmissionQuerySet(PublicationQuerySet):
    def published_to_date(self):
        """Return what States ever published, for everyone: of what is unpublished now, its name and the dates.

        Reading any other field raises FieldFetchBlocked.
        """
        published = Use.everyones.filter(submission=OuterRef("pk"), published=True)
        names = ("number", "respondent__code", "respondent__name", "round__code", "round__title", "round__opens_on")
        rows = self.filter(Exists(published)).select_related("respondent", "round", "participation")
        return rows._open_only(*names, "participation__withdrawn_at", "participation__withdrawn_to")

    def of_code(self, code: str):
        """Return the submission that a verification code names, for anyone who has the code.

        Reading any field but State, round, date, form and digest raises FieldFetchBlocked.
        """
        rows = self.filter(code=code).select_related("respondent", "round")
        return rows._open_only(
            "respondent__name", "round__title", "round__opens_on", "sealed_at", "canonical_form", "digest"
        )

    def counted_in(self, *rounds: Round):
        """Return the newest submission of each respondent in these rounds, from which the figures are counted.

        Each has what its State permits today: `is_permitted` in aggregates, `may_be_quoted` with its name. The
        withdrawn and the not permitted are included, to be counted and not read.
        """
        newest = self.newest_in_round().filter(round__in=rounds)
        permitted = {"is_permitted": _permitted_use("in_aggregates"), "may_be_quoted": _permitted_use("quoted")}
        return newest.annotate(**permitted)._open()

    def for_figures(self):
        return self.alias(is_permitted=_permitted_use("in_aggregates")).filter(is_permitted=True)

    def not_withdrawn(self):
        return self.exclude(is_withdrawn())

    def newest_in_round(self):
        return self.filter(~Exists(_after_in_round()))


def _after_in_round(path: str = "") -> models.QuerySet["Submission"]:
    """`path` leads to the submission, with its `__`."""
    return Submission.everyones.filter(
        respondent=OuterRef(f"{path}respondent"), round=OuterRef(f"{path}round"), number__gt=OuterRef(f"{path}number")
    )


class SealedEvidenceQuerySet(PublicationQuerySet):
    def public(self):
        return self.filter(_is_public())

    def of_shared_practices(self, user):
        """Return the public evidence of shared good practices, for everyone who has a role here."""
        practice = SubmissionItem.objects.shared_practices(user).filter(pk=OuterRef("item"))
        return self.public().filter(Exists(practice))._open()

    def of_items(self, items: Iterable["SubmissionItem"]):
        """Return the evidence of these items: to have an item is the licence."""
        return self.filter(item__in=keys_of(items, SubmissionItem))._open()

    def _published(self) -> Q:
        return super()._published() & _is_public()


class Submission(SubmittedModel):
    """The seal: what a person submitted for which respondent and round, with a digest over all of it.

    `counts` are the answered units by status code, with `asked` and `answered`; `confirmed_gaps` are the counts of the
    gaps that were shown and confirmed. `due_on` is the round's due date on that day, with which `late` compares the
    day. `is_reply`: it is the submission before, changed only in the items replied to, and has its `due_on` and `late`.
    It states no use, and who cleared the other did not clear it. `replies` are the digests of the replies to requests
    in force, in order: each submission carries all of them.
    """

    append_only = True
    submission_path = "pk"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="submissions")
    round = models.ForeignKey(Round, models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    sealed_at = models.DateTimeField(default=timezone.now)
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_on = models.DateField()
    late = models.BooleanField()
    is_reply = models.BooleanField(default=False)
    counts = models.JSONField(default=dict)
    confirmed_gaps = models.JSONField(default=dict)
    names_no_victim = models.BooleanField()
    authority = models.CharField(max_length=STATEMENT_LIMIT, blank=True)
    cleared_by = models.CharField(max_length=STATEMENT_LIMIT, blank=True)
    cleared_on = models.DateField(null=True, blank=True)
    note_verbale = models.CharField(max_length=STATEMENT_LIMIT, blank=True)
    use = models.JSONField(default=dict)
    replies = models.JSONField(default=list)
    code = models.CharField(max_length=26, unique=True, default=new_code)
    content_digest = models.CharField(max_length=64)
    canonical_form = models.PositiveSmallIntegerField(default=FORM)
    digest = models.CharField(max_length=64)

    participation = models.ForeignObject(
        "Participation",
        models.PROTECT,
        from_fields=["respondent", "round"],
        to_fields=["respondent", "round"],
        related_name="submissions",
        editable=False,
    )

    objects = SubmissionQuerySet.as_manager()

    class Meta(SubmittedModel.Meta):
        # Translators: Column head: the reference and the round of a submission.
        verbose_name = _("Submission")
        # Translators: Tab and page title.
        verbose_name_plural = _("Submissions")
        ordering = ["respondent", "round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["respondent", "round", "number"], name="submission_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="submission_numbered_from_1"),
            models.CheckConstraint(condition=Q(names_no_victim=True), name="submission_declares_no_victim"),
            models.CheckConstraint(
                condition=Q(is_reply=False)
                | Q(is_reply=True, authority="", cleared_by="", cleared_on__isnull=True, note_verbale=""),
                name="reply_inherits_no_clearance",
            ),
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("submission", args=[self.respondent.code, self.round.code, self.number])

    def get_public_url(self):
        return reverse("published", args=[self.respondent.code, self.round.code, self.number])

    def get_clarifications_url(self):
        return reverse("submission_questions", args=[self.respondent.code, self.round.code, self.number])

    @property
    def reference(self) -> str:
        """Return State, round and number: XAA/2026/2. It is not a symbol of a United Nations document."""
        return f"{self.respondent.code}/{self.round.code}/{self.number}"

    @property
    def is_current(self) -> bool:
        return self.participation.current_id == self.pk

    @cached_property
    def respondent_when_sealed(self) -> Respondent:
        """Return the respondent with the treaty status on file at that time, only to be read."""
        return self.respondent.as_at(self.sealed_at)

    @property
    def is_withdrawn(self) -> bool:
        return self.number <= self.participation.withdrawn_to

    @property
    def is_after_due_date(self) -> bool:
        """Return whether it was received after the due date of today: a moved date is never before what was sealed."""
        return self.late and self.due_on >= self.round.due_on

    @property
    def stage(self) -> str:
        """Name the stage of the reading of the current submission, and what became of each earlier one."""
        if self.is_current:
            return str(SubmissionStage(self.participation.state).label)
        return str(SubmissionStage.WITHDRAWN.label if self.is_withdrawn else _("Superseded"))

    @property
    def digest_base(self) -> dict:
        return {
            "form": self.canonical_form,
            **digest_parts(
                self, "reference sealed_at sealed_by_id late is_reply counts confirmed_gaps names_no_victim"
            ),
            **digest_parts(self, "names_no_victim use authority cleared_by cleared_on note_verbale code"),
            "content": self.content_digest,
        }

    def make_digest(self, items: list[str]) -> str:
        """`items` are their digests, in order."""
        return digest_value({**self.digest_base, "items": items, "replies": self.replies})


class SubmissionItemQuerySet(PublicationQuerySet):
    def shared_practices(self, user):
        """Return the good practices that respondents share with other States, for everyone who has a role here today.

        They are those of SharedPractice whose submission is not withdrawn and that have words: the respondent, the
        unit, the words, and the submission with its time. Reading any other field raises FieldFetchBlocked.
        """
        rows = self.filter(~is_withdrawn("submission__"), pk__in=SharedPractice.everyones.values("item"))
        return (rows if user.current_memberships else rows.none())._as_practices()

    def published_practices(self):
        """Return the good practices that respondents share with other States and publish today, for everyone.

        Their words are those that the respondent shares now, in any submission that it publishes. Fields are as above.
        """
        return self.filter(
            submission__in=Submission.objects.published().order_by().values("pk"),
            revision__in=SharedPractice.everyones.exclude(is_withdrawn("item__submission__")).values("item__revision"),
        )._as_practices()

    def _as_practices(self):
        rows = self.filter(~Q(revision__measures=""), revision__good_practice_shared=True)
        return rows.select_related("submission__respondent", "submission__round", "revision")._open_only(
            "unit",
            "submission__number",
            "submission__sealed_at",
            "submission__respondent__code",
            "submission__respondent__name",
            "submission__respondent__sort_key",
            "submission__round__code",
            "revision__measures",
            "revision__language",
        )

    def of_newest_in_round(self):
        return self.filter(~Exists(_after_in_round("submission__")))


class SubmissionItem(SubmittedModel):
    """One unit in scope that was asked of the respondent on that day, with the answer, or none.

    `chapeaux`, outermost first, and `answered_with`, the items of IV.46(i) and IV.46(j) that are answered together, are
    wordings as [label, number, digest of the text]. `status`, `asks_for_assistance` and `good_practice` are copied from
    the revision, for figures without a join; empty and false without an answer. `answer_withdrawn`: the State submitted
    an answer before, and has none now.
    """

    append_only = True
    respondent_path = "submission__respondent"
    submission_path = "submission"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="items")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    wording = models.ForeignKey(Wording, models.PROTECT, related_name="+")
    chapeaux = models.JSONField(default=list)
    answered_with = models.JSONField(default=list)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+", null=True)
    status = models.CharField(max_length=30, choices=Status, blank=True)
    asks_for_assistance = models.BooleanField(default=False)
    good_practice = models.BooleanField(default=False)
    still_correct_as_at = models.DateField(null=True)
    answer_withdrawn = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)

    objects = SubmissionItemQuerySet.as_manager()

    class Meta(SubmittedModel.Meta):
        ordering = ["submission", "position"]
        # The figures of a round are counted from this index alone.
        indexes = [
            models.Index(
                fields=["submission", "unit", "status", "asks_for_assistance", "good_practice"], name="item_counted"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["submission", "unit"], name="unit_once_in_submission"),
            models.CheckConstraint(
                condition=Q(revision__isnull=True, status="")
                | Q(revision__isnull=False, answer_withdrawn=False) & ~Q(status=""),
                name="item_status_is_its_revisions",
            ),
            models.CheckConstraint(
                condition=Q(revision__isnull=False) | Q(asks_for_assistance=False, good_practice=False),
                name="item_says_what_its_revision_says",
            ),
        ]

    def __str__(self):
        return f"{self.submission_id}: {self.unit_id}"

    @property
    def digest_base(self) -> dict:
        base = {"label": self.unit.full_label, "status": self.status, "still_correct_as_at": self.still_correct_as_at}
        return base | ({"answer_withdrawn": True} if self.answer_withdrawn else {})

    def make_digest(self, evidence: list[str]) -> str:
        """`evidence` are the digests of its evidence items, in order."""
        return digest_value(
            {
                **self.digest_base,
                "wording": wording_reference(self.unit.label, self.wording),
                "chapeaux": self.chapeaux,
                "answered_with": self.answered_with,
                "revision": self.revision.digest if self.revision else "",
                "evidence": evidence,
            }
        )


def content_of(item: SubmissionItem, evidence: Iterable["SubmissionEvidence"]) -> list:
    """Return what `content_digest` covers of an item, with its evidence in order."""
    return [
        item.unit.full_label,
        item.revision.digest if item.revision else "",
        item.still_correct_as_at,
        [[piece.citation.digest, piece.withheld] for piece in evidence],
        *(["answer withdrawn"] if item.answer_withdrawn else []),
    ]


class SharedPractice(SubmittedModel):
    """A good practice that a respondent shares with other States: its last submission on a unit, in any round.

    It follows from the submissions, and is stored so that no page searches all rounds for it.
    """

    unit_path = "unit"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    item = models.OneToOneField(SubmissionItem, models.PROTECT, related_name="+", primary_key=True)

    class Meta(SubmittedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["respondent", "unit"], name="shared_once")]

    def __str__(self):
        return f"{self.respondent_id}: {self.unit_id}"


def practices_shared_by(respondents: Iterable[Respondent]) -> list[SharedPractice]:
    """Saves nothing. Withdrawing a submission restores nothing."""
    later = Submission.everyones.filter(respondent=OuterRef("submission__respondent"), pk__gt=OuterRef("submission"))
    later_on_the_unit = SubmissionItem.everyones.filter(
        unit=OuterRef("unit"),
        submission__respondent=OuterRef("submission__respondent"),
        submission__gt=OuterRef("submission"),
    )
    last = SubmissionItem.everyones.filter(
        ~Exists(later.filter(round=OuterRef("submission__round"))),
        ~Exists(later_on_the_unit),
        good_practice=True,
        revision__good_practice_shared=True,
        submission__respondent__in=respondents,
    )
    rows = last.order_by("pk").values_list("pk", "submission__respondent", "unit")
    return [SharedPractice(item_id=item, respondent_id=respondent, unit_id=unit) for item, respondent, unit in rows]


class SubmissionEvidence(SubmittedModel):
    """A citation as submitted. What the State keeps to itself enters as a digest with a random value alone."""

    append_only = True
    respondent_path = "item__submission__respondent"
    submission_path = "item__submission"

    item = models.ForeignKey(SubmissionItem, models.PROTECT, related_name="evidence")
    citation = models.ForeignKey(Citation, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    withheld = models.BooleanField()
    salt = models.CharField(max_length=32, default=new_salt)
    digest = models.CharField(max_length=64)

    objects = SealedEvidenceQuerySet.as_manager()

    class Meta(SubmittedModel.Meta):
        ordering = ["item", "position"]
        constraints = [models.UniqueConstraint(fields=["item", "position"], name="sealed_evidence_position_once")]

    def __str__(self):
        return self.digest

    def make_digest(self) -> str:
        return digest_value([self.salt, self.citation.digest, self.withheld])


def _is_public() -> Q:
    """Match sealed evidence that was public when submitted and is public today.

    The cited version is shown, never another one. Where it, or a version since, was not public, and the newest has
    another content, such as the law without the names, the newest does not make it public.
    """
    public = EvidenceReader.PUBLIC
    cited, newest = "citation__evidence_version", "citation__evidence_version__evidence__current"
    versions = EvidenceVersion.everyones.filter(evidence=OuterRef(f"{cited}__evidence"))
    when_sealed = versions.filter(created_at__lte=OuterRef("item__submission__sealed_at")).order_by("-number")
    closed_since = versions.filter(number__gte=OuterRef(f"{cited}__number")).exclude(disclosure=public)
    is_same = Q(**{f"{cited}__file": F(f"{newest}__file")}) | Q(
        **{f"{cited}__file__isnull": True, f"{newest}__file__isnull": True}
    )
    for name in EvidenceVersion.withdrawable:  # with the file, these are its content
        is_same &= Q(**{f"{cited}__{name}": F(f"{newest}__{name}")})
    return (
        Q(withheld=False)
        & Q(**{f"{newest}__disclosure": public})
        & Q(Exact(Subquery(when_sealed.values("disclosure")[:1]), public))
        & (~Q(Exists(closed_since)) | is_same)
    )


class SubmissionStage(models.TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("submission", "Submitted")
    # Translators: Status of a submission.
    UNDER_REVIEW = "under_review", _("Being read")
    CLARIFICATION_REQUESTED = "clarification_requested", _("Clarification requested")
    REVIEW_CLOSED = "review_closed", _("Reading closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("submission", "Withdrawn")


class Participation(SubmittedModel):
    """What a respondent has done in a round, and how the Secretariat reads it: one row for both.

    `current` is the newest submission. There is none after the respondent withdrew from the round, with every
    submission up to the number `withdrawn_to`. `read_to` is the number of that with which the reading was closed last.
    `is_complete`: the respondent marked the current submission complete for the round. `taken_by`: the officer to whom
    the reading is assigned, and who reads from `taken_at`.
    """

    submission_path = "submissions"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="participations")
    round = models.ForeignKey(Round, models.PROTECT, related_name="participations")
    current = models.OneToOneField(Submission, models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=30, choices=SubmissionStage, default=SubmissionStage.SUBMITTED)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    taken_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    unanswered = models.PositiveIntegerField(null=True)
    read_to = models.PositiveIntegerField(default=0)
    is_complete = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_to = models.PositiveIntegerField(default=0)
    withdrawal_reason = models.TextField(blank=True)

    class Meta(SubmittedModel.Meta):
        ordering = ["respondent", "round"]
        constraints = [
            models.UniqueConstraint(fields=["respondent", "round"], name="participation_once_in_round"),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") & Q(current__isnull=False)
                | Q(state="withdrawn", current__isnull=True, withdrawn_at__isnull=False, withdrawn_to__gte=1)
                & Q(is_complete=False)
                & ~Q(withdrawal_reason=""),
                name="withdrawn_from_round_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["under_review", "clarification_requested", "review_closed"])
                | Q(taken_by__isnull=False),
                name="reading_has_reader",
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def reference(self) -> str:
        """Return State and round: XAA/2026."""
        return f"{self.respondent.code}/{self.round.code}"


class Use(SubmittedModel):
    """What a submission may be used for, as the State stated it. The newest row applies, by its key and no clock."""

    append_only = True
    respondent_path = "submission__respondent"
    submission_path = "submission"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="uses", verbose_name=_("Submission"))
    in_aggregates = models.BooleanField(_("Included in aggregate figures"), default=False)
    quoted = models.BooleanField(_("Quoted with the name of the State"), default=False)
    # Translators: A use of a submission that the State permits: anyone may read it.
    published = models.BooleanField(pgettext_lazy("use", "Published"), default=False)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Set by"))
    said_at = models.DateTimeField(_("Set on"), default=timezone.now)

    class Meta(SubmittedModel.Meta):
        ordering = ["submission", "pk"]

    def __str__(self):
        return f"{self.submission_id} {self.said_at}"

    @property
    def as_fields(self) -> dict[str, bool]:
        return {"in_aggregates": self.in_aggregates, "quoted": self.quoted, "published": self.published}

    def make_digest(self) -> str:
        return digest_value(
            {
                "form": FORM,
                "submission": self.submission.digest,
                "use": self.as_fields,
                **digest_parts(self, "said_by_id said_at"),
            }
        )
