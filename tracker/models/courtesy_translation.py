"""Keep courtesy translations of the words of answers. They are not official, and never part of an answer."""

from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.models.answer_fields import FIELD_BY_NAME, QUOTABLE
from tracker.models.digest import new_salt
from tracker.models.language import LANGUAGE_NAMES
from tracker.models.record import Revision
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet, keys_of
from tracker.models.withdrawal import Withdrawal

QUOTABLE_FIELDS = [(name, FIELD_BY_NAME[name].label) for name in QUOTABLE]
TRANSLATED_INTO = list(LANGUAGE_NAMES.items())


class CourtesyTranslationQuerySet(StateOwnedQuerySet):
    def of_words(self, revisions: Iterable[Revision]) -> dict[int, dict[str, "CourtesyTranslation"]]:
        """Return the translations of the very words of these revisions, by their keys and by field: to have a revision
        is the licence. A translation that was written for another version with the same words counts.
        """
        by_key = {revision.pk: revision for revision in revisions}
        others = self.filter(revision__record__revisions__in=keys_of(by_key.values(), Revision)).exclude(text="")
        rows = others.annotate(asked=F("revision__record__revisions")).select_related("author", "revision")
        found: dict[int, dict[str, CourtesyTranslation]] = defaultdict(dict)
        for row in rows.order_by("pk")._open():
            if (words := getattr(by_key[row.asked], row.field)) and words == row.original:
                found[row.asked][row.field] = row
        return found


class CourtesyTranslation(StateOwned):
    """A translation of one text of an answer, as an officer or the State wrote or pasted it.

    It is bound to the words in the field of the version, whose digest covers them: other words, or none, have no
    translation. Events have a digest of its text with `salt`.
    """

    respondent_path = "revision__record__respondent"
    unit_path = "revision__record__recommendation"
    withdrawable = ("text",)

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    field = models.CharField(max_length=20, choices=QUOTABLE_FIELDS)
    language = models.CharField(_("Language of the translation"), max_length=3, choices=TRANSLATED_INTO)
    text = models.TextField(_("Courtesy translation"), blank=True)
    is_by_state = models.BooleanField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="+", null=True, editable=False)

    objects = CourtesyTranslationQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["revision", "field"], name="courtesy_translation_once"),
            models.CheckConstraint(
                condition=~Q(text="") | Q(withdrawal__isnull=False), name="courtesy_translation_has_words"
            ),
        ]

    def __str__(self):
        return f"{self.revision_id} {self.field}"

    @property
    def original(self) -> str:
        return getattr(self.revision, self.field)

    @property
    def language_name(self) -> str | Promise:
        return LANGUAGE_NAMES[self.language]


def stamp_of(translations: Iterable[CourtesyTranslation]) -> str:
    """Return what changes whenever one of the translations of an answer is written, changed or removed."""
    return " ".join(sorted(f"{row.pk}:{row.saved_at.isoformat()}" for row in translations))
