"""Keep releases: dated sets of public figures that never change. Public figures come from releases alone."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.urls import reverse

from recommendations.models.quick_row import QuickRow
from tracker.models.digest import digest_value
from tracker.models.respondent import Respondent, TreatyStatus
from tracker.models.round import Round
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet, keys_of
from tracker.models.submission import Submission


class Release(QuickRow):
    """The public figures of a round, made once. An error in them is corrected by the note of the round.

    `units` are [slug, label with title, slug and name of the theme, number and name of the meeting, strength, whether
    it asks to consider], as on that day. `figures` are the rows of the files, by column. `covered` and `invited` are
    numbers of States. `confirmed` is the per cent of the answers counted that States confirmed as still correct since
    an earlier round, in steps of five, None where it is not shown.
    """

    append_only = True

    round = models.OneToOneField(Round, models.PROTECT, related_name="release")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    covered = models.PositiveIntegerField()
    invited = models.PositiveIntegerField()
    confirmed = models.PositiveSmallIntegerField(null=True)
    units = models.JSONField(default=list)
    figures = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(Exact(F("confirmed") % 5, 0), confirmed__lte=100), name="release_confirmed_in_fives"
            )
        ]

    def __str__(self):
        return self.round.code

    def get_absolute_url(self):
        return reverse("release", args=[self.round.code])

    def make_digest(self) -> str:
        """Digest the release as stored, with its files and with what each respondent had submitted."""
        own = [self.round.code, self.made_at, self.made_by_id, self.covered, self.invited]
        files = self.files.order_by("kind").values_list("kind", "file", "size", "sha256")
        rows = ReleaseStanding.everyones.filter(release=self).order_by("respondent_id")
        standings = rows.values_list("respondent_id", "submission_id", "is_permitted", "is_withdrawn", "treaty_status")
        confirmed = [] if self.confirmed is None else [self.confirmed]
        return digest_value([*own, self.units, self.figures, list(files), list(standings), *confirmed])


class ReleaseFile(QuickRow):
    """A file of a release. `kind` is its extension."""

    append_only = True

    release = models.ForeignKey(Release, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10)
    file = models.FileField(upload_to="releases", max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["release", "kind"]
        constraints = [models.UniqueConstraint(fields=["release", "kind"], name="release_file_once")]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return f"figures-{self.release}.{self.kind}"


class ReleaseStandingQuerySet(StateOwnedQuerySet):
    def of_releases(self, releases: Iterable[Release]):
        """Return what releases count, for figures that name no State."""
        return self.filter(release__in=keys_of(releases, Release))._open()


class ReleaseStanding(StateOwned):
    """What a respondent that was invited to report had submitted when a release was made, and permitted."""

    append_only = True

    release = models.ForeignKey(Release, models.PROTECT, related_name="standings")
    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+", null=True)
    is_permitted = models.BooleanField()
    is_withdrawn = models.BooleanField()
    treaty_status = models.CharField(max_length=20, choices=TreatyStatus)

    objects = ReleaseStandingQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["release", "respondent"]
        constraints = [
            models.UniqueConstraint(fields=["release", "respondent"], name="standing_once_in_release"),
            models.CheckConstraint(
                condition=Q(submission__isnull=False) | Q(is_permitted=False, is_withdrawn=False),
                name="standing_without_submission",
            ),
        ]

    def __str__(self):
        return f"{self.release_id}: {self.respondent_id}"
