"""Keep what an officer chose to quote of States' answers in a paper, and what each State says of its quotations.

No words of an answer are kept here: a quotation is places in its version, and reads them from there.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.answer_fields import FIELD_BY_NAME, QUOTABLE
from tracker.models.digest import new_salt
from tracker.models.language import LANGUAGE_NAMES, Language
from tracker.models.record import Revision
from tracker.models.release import Release, ReleaseStanding
from tracker.models.respondent import Respondent
from tracker.models.round import Round
from tracker.models.state_owned import StateOwned
from tracker.models.submission import Submission, SubmissionItem, SubmittedQuerySet, is_withdrawn

TRANSLATOR_LIMIT = 200
REASON_LIMIT = 2000
LEFT_OUT = "[…]"

# After a full stop of each script, with the quotation marks and brackets that close behind it; and after a line.
SENTENCE_END = re.compile("[.!?…؟۔][\"'”’»)\\]]*\\s+|[。！？][”’」』）]*\\s*|\\n\\s*")  # noqa: RUF001

QUOTABLE_FIELDS = [(name, FIELD_BY_NAME[name].label) for name in QUOTABLE]


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence begins and ends, without the white space around it."""
    places, start = [], 0
    for end in (*(found.end() for found in SENTENCE_END.finditer(text)), len(text)):
        sentence = text[start:end]
        if sentence.strip():
            places.append((start + len(sentence) - len(sentence.lstrip()), start + len(sentence.rstrip())))
        start = end
    return places


def passages_of(text: str, sentences: Iterable[int]) -> list[list[int]]:
    """Join sentences that follow each other; raise IndexError for a number that the text does not have."""
    places = split_sentences(text)
    passages: list[list[int]] = []
    last = None
    for number in sorted(set(sentences)):
        start, end = places[number]
        if last is not None and number == last + 1:
            passages[-1][1] = end
        else:
            passages.append([start, end])
        last = number
    return passages


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
        is_readable = Q(revision__language=language) | Q(translation_language=language)
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

    `passages` are [first character, character after the last] in the field of the version. `object_by` is the last day
    on which the State can object, and empty until the State is notified. An objection deletes the translation. Events
    have a digest of what people wrote, with `salt`.
    """

    respondent_path = "revision__record__respondent"

    round = models.ForeignKey(Round, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    field = models.CharField(max_length=20, choices=QUOTABLE_FIELDS)
    passages = models.JSONField(default=list)
    position = models.PositiveIntegerField()
    translation = models.TextField(_("Courtesy translation"), blank=True)
    translation_language = models.CharField(
        _("Language of the translation"), max_length=3, choices=Language, blank=True
    )
    translator = models.CharField(_("Translation made by"), max_length=TRANSLATOR_LIMIT, blank=True)
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
                condition=Q(translation="", translation_language="", translator="")
                | ~Q(translation="") & ~Q(translation_language="") & ~Q(translator=""),
                name="translation_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(objected_at__isnull=True, objected_by__isnull=True, reason="") & ~Q(passages=[])
                | Q(objected_at__isnull=False, objected_by__isnull=False, object_by__isnull=False, translation=""),
                name="objection_deletes_translation",
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
    def translation_language_name(self) -> str | Promise:
        return LANGUAGE_NAMES.get(self.translation_language, self.get_translation_language_display())

    @property
    def is_open(self) -> bool:
        """Return whether the State can object today."""
        return self.object_by is not None and self.objected_at is None and timezone.localdate() <= self.object_by

    def is_readable_in(self, language: str) -> bool:
        return language in (self.language, self.translation_language)
