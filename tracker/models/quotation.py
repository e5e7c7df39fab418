"""Keep what an officer chose to quote of States' answers in a paper, and what each State says of its quotations.

No words of an answer are kept here: a quotation is places in its version, and reads them from there.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.courtesy_translation import QUOTABLE_FIELDS, CourtesyTranslation
from tracker.models.digest import new_salt
from tracker.models.record import Revision
from tracker.models.release import Release, ReleaseStanding
from tracker.models.respondent import Respondent
from tracker.models.round import Round
from tracker.models.state_owned import StateOwned
from tracker.models.submission import Submission, SubmissionItem, SubmittedQuerySet, is_withdrawn

REASON_LIMIT = 2000
LEFT_OUT = "[…]"

CUT = re.compile(r"\[\s*(?:…|\.{3})\s*\]")
LETTER = "[^\\W\u2e80-\u9fff]"  # of a script with spaces between words, so not of Chinese
NOT_IN_A_WORD = f"(?:(?<!{LETTER})|(?!{LETTER}))"
SHOWN = 60  # characters of words that are refused

NO_WORDS = _("Paste the words to quote.")
# Translators: words: the beginning of what an officer wants to quote.
ABSENT = _("The text does not have the words “%(words)s”. Copy the words from the text.")
# Translators: words: the beginning of what an officer wants to quote.
REPEATED = _("The text has the words “%(words)s” more than once. Copy more of the words around them.")
# Translators: words: the beginning of what an officer wants to quote.
REORDERED = _("The words “%(words)s” do not come after the words before them. Keep the order of the text.")


def find_passages(text: str, typed: str) -> list[list[int]]:
    """Return where a text has the words that were typed, with `LEFT_OUT` where words are left out.

    Only the white space may differ. Raise ValidationError that names the words that are not in the text, are in it more
    than once, or come in another order.
    """
    passages: list[list[int]] = []
    for words in filter(None, map(str.split, CUT.split(typed))):
        pattern = r"\s+".join(map(re.escape, words))
        places = [found.span(1) for found in re.finditer(f"(?={NOT_IN_A_WORD}({pattern}){NOT_IN_A_WORD})", text)]
        piece = " ".join(words)
        if not places:
            raise _refusal(ABSENT, _from_first_difference(piece, " ".join(text.split())))
        if len(places) > 1:
            raise _refusal(REPEATED, piece)
        if passages and places[0][0] < passages[-1][1]:
            raise _refusal(REORDERED, piece)
        passages.append([*places[0]])
    return passages


def _refusal(problem: Promise, words: str) -> ValidationError:
    return ValidationError(str(problem) % {"words": Truncator(words).chars(SHOWN)})


def _from_first_difference(piece: str, text: str) -> str:
    """Leave out what is in the text, but for a word or a few characters of Chinese."""
    if piece in text:
        return piece
    end = bisect_left(range(len(piece)), 1, key=lambda end: piece[:end] not in text)
    return piece[max(piece.rfind(" ", 0, end - 1) + 1, end - SHOWN // 3, 0) :]


def quote(text: str, passages: Sequence[Sequence[int]]) -> str:
    """Return the passages as the text has them, with `LEFT_OUT` for what is not quoted; nothing of an emptied text."""
    if not text or not passages:
        return ""
    pieces, before = [], 0
    for start, end in passages:
        if text[before:start].strip():
            pieces.append(LEFT_OUT)
        pieces.append(text[start:end])
        before = end
    return " ".join([*pieces, LEFT_OUT] if text[before:].strip() else pieces)


class QuotationQuerySet(SubmittedQuerySet):
    def _own(self, user) -> Q:
        """Match only what the State was notified of."""
        return super()._own(user) & Q(object_by__isnull=False)

    def for_paper(self, release: Release):
        """Return what a paper on this release may quote, for a document that leaves the Secretariat.

        The State was notified and did not object, and permits quotation today.
        """
        return self.filter(object_by__isnull=False, objected_at__isnull=True).of_release(release)._open()

    def to_notify(self, release: Release, language: str, submissions: Collection[int] | None = None):
        """Keep what a paper in this language may quote once the State is notified; `submissions`: as `of_release`."""
        is_readable = Q(revision__language=language) | Q(translation__language=language)
        return self.filter(is_readable, object_by__isnull=True).of_release(release, submissions)

    def of_release(self, release: Release, submissions: Collection[int] | None = None):
        """Keep the quotations of answers that the release counts and whose State permits quotation today.

        `submissions`: the keys of `quotable_submissions`, where they were read already.
        """
        keys = quotable_submissions(release) if submissions is None else submissions
        items = SubmissionItem.everyones.filter(
            submission__in=keys, unit=OuterRef("unit"), revision=OuterRef("revision")
        )
        return self.filter(Exists(items), round=release.round_id)


def quotable_submissions(release: Release):
    """Return the keys of the submissions that the release counts and their States permit to quote today."""
    counted = ReleaseStanding.everyones.filter(release=release, is_permitted=True, is_withdrawn=False)
    permitting = Submission.objects.counted_in(release.round).not_withdrawn().filter(may_be_quoted=True)
    found = Submission.everyones.filter(
        ~is_withdrawn(), pk__in=counted.values("submission"), respondent__in=permitting.order_by().values("respondent")
    )
    return found.order_by().values("pk")


class Quotation(StateOwned):
    """Part of an answer that an officer chose for the paper of a round.

    `passages` are [first character, character after the last] in the field of the version, `translated` in the courtesy
    translation of this field. `object_by` is the last day on which the State can object, and empty until the State is
    notified. After an objection nothing of the translation is quoted. Events have a digest of the reason, with `salt`.
    """

    respondent_path = "revision__record__respondent"

    round = models.ForeignKey(Round, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    field = models.CharField(max_length=20, choices=QUOTABLE_FIELDS)
    passages = models.JSONField(default=list)
    position = models.PositiveIntegerField()
    translation = models.ForeignKey(CourtesyTranslation, models.PROTECT, related_name="+", null=True)
    translated = models.JSONField(default=list)
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now)
    object_by = models.DateField(null=True)
    objected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    objected_at = models.DateTimeField(null=True)
    reason = models.TextField(_("Reason"), blank=True)

    objects = QuotationQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "revision", "field"], name="quoted_once"),
            models.CheckConstraint(
                condition=Q(translation__isnull=True, translated=[]) | Q(translation__isnull=False) & ~Q(translated=[]),
                name="quoted_translation_has_places",
            ),
            models.CheckConstraint(
                condition=Q(objected_at__isnull=True, objected_by__isnull=True, reason="") & ~Q(passages=[])
                | Q(objected_at__isnull=False, objected_by__isnull=False, object_by__isnull=False)
                & Q(translation__isnull=True),
                name="objection_ends_translation",
            ),
        ]

    def __str__(self):
        return f"{self.pk}"

    @property
    def stamp(self) -> str:
        """Return what changes whenever an officer changes the quotation."""
        return self.chosen_at.isoformat()

    @property
    def respondent(self) -> Respondent:
        return self.revision.record.respondent

    @property
    def words(self) -> str:
        return quote(getattr(self.revision, self.field), self.passages)

    @property
    def language(self) -> str:
        return self.revision.language

    @property
    def translation_words(self) -> str:
        return quote(self.translation.text, self.translated) if self.translation else ""

    @property
    def translator(self) -> str:
        """Return the name of the State, or the Secretariat; nothing without a translation."""
        if not self.translation:
            return ""
        return self.respondent.name if self.translation.is_by_state else gettext("the Secretariat")

    @property
    def is_open(self) -> bool:
        """Return whether the State can object today."""
        return self.object_by is not None and self.objected_at is None and timezone.localdate() <= self.object_by

    def is_readable_in(self, language: str) -> bool:
        translation = self.translation if self.translation_words else None
        return language == self.language or (translation is not None and language == translation.language)
