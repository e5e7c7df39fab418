"""Keep what a person types and has not saved: only the author sees a draft, and it is no answer of the State.

The form of an answer is saved while it is typed, by respondent, unit and tab. Every other form is kept by its page when
it is sent and cannot be saved, until the author opens the page again.
"""

import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.digest import digest_value
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.user import Membership
from tracker.models.withdrawal import Withdrawal

TAB = re.compile("[0-9a-f]{32}")
LIFETIME = timedelta(days=30)  # how long a form can be sent, and how long it then waits for its author
PAGE_LIMIT = 500  # characters of an address; those of the site are shorter


def new_tab() -> str:
    """Return a name for one opened form, so that no other tab overwrites its draft."""
    return secrets.token_hex(16)


class DraftQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        return super().visible_to(user).filter(author=user, closed_at__isnull=True)

    def unsaved_of(self, user):
        """Return the forms of the user that were sent and could not be saved, the last first."""
        return self.filter(author=user, respondent=None, saved_at__gt=timezone.now() - LIFETIME)._open()

    def headers_for(self, user):
        """Return what a focal point may know of drafts; reading any other field raises FieldFetchBlocked."""
        here = Membership.objects.current().filter(user=OuterRef("author"), respondent=OuterRef("respondent"))
        rows = self.filter(respondent__in=user.focal_point_of, closed_at__isnull=True).exclude(fields={})
        return (
            rows.annotate(has_left=~Exists(here))
            .select_related("unit", "author")
            ._open_only(
                "unit__label",
                "unit__corrected_label",
                "unit__slug",
                "unit__title",
                "author__name",
                "author__email",
                "saved_at",
            )
        )


class Draft(StateOwned):
    """The form of an answer in one tab of one author: `fields` are its names with their values, as posted. Or any form
    that could not be saved, without respondent and unit: `page` is the address to which it was sent.

    `base` is the number of the revision from which it began, `continues` the stamp of the draft with which the tab was
    opened, `withdrawal` the removal that emptied some of it. A closed draft is empty, and refuses what its tab still
    sends.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="drafts", null=True)
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+", null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    page = models.CharField(max_length=PAGE_LIMIT, blank=True)
    tab = models.CharField(max_length=32, blank=True)
    continues = models.CharField(max_length=64, blank=True)
    base = models.PositiveIntegerField(default=0)
    fields = models.JSONField(_("Draft text"), default=dict)
    saved_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="+", null=True)

    unit_path = "unit"
    objects = DraftQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["-saved_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["respondent", "unit", "author", "tab"], name="draft_once_in_tab"),
            models.UniqueConstraint(
                fields=["author", "page"], condition=models.Q(respondent=None), name="draft_once_of_page"
            ),
            models.CheckConstraint(
                condition=models.Q(respondent__isnull=False, unit__isnull=False, page="")
                | (models.Q(respondent=None, unit=None, tab="") & ~models.Q(page="")),
                name="draft_of_answer_or_page",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(fields={}), name="closed_draft_is_empty"
            ),
        ]

    def __str__(self):
        return self.page or f"{self.respondent_id}: {self.unit_id}"

    @property
    def stamp(self) -> str:
        return digest_value([self.tab, self.fields])
