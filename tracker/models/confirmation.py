"""Keep the confirmation that an earlier answer is still correct, by which it counts in a later round."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone

from tracker.models.digest import digest_value
from tracker.models.record import Revision
from tracker.models.round import Round
from tracker.models.state_owned import DeskQuerySet, StateOwned


class Confirmation(StateOwned):
    append_only = True
    respondent_path = "revision__record__respondent"

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="confirmations")
    round = models.ForeignKey(Round, models.PROTECT, related_name="+")
    as_at = models.DateField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = DeskQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["revision", "round"], name="confirmed_once_in_round")]

    def __str__(self):
        return f"{self.revision_id} {self.as_at}"

    @property
    def digest_base(self) -> list:
        return [self.revision.digest, self.round.code, self.as_at, self.author_id, self.saved_at]


def digest_of(confirmations: Iterable[Confirmation]) -> str:
    return digest_value(sorted((each.digest_base for each in confirmations), key=lambda base: base[0]))
