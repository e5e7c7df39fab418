"""Write what a submission says, item by item in words, and compare submissions.

It is the same for everyone who may read it. Of what the State keeps to itself, it shows only how much there is.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import ngettext

from recommendations.groups import group_pairs
from tracker.audit.seal import read_texts
from tracker.models import (
    CourtesyTranslation,
    Reply,
    Revision,
    RoundUnit,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
)
from tracker.models.answer_fields import FIELD_NAMES
from tracker.queries.difference import EVIDENCE, NO_WORDS, READY, Difference, compare_fields, compare_sealed, in_words
from tracker.queries.themes import by_frozen_theme

SHOWN_APART = ("status", "language", READY)

COMPARED = [f"revision__{name}" for name in FIELD_NAMES if name != READY]
Pair = tuple[int, int]  # keys of the items of two submissions on one unit, 0 for none


class SubmittedItem(NamedTuple):
    """`chapeaux`: outermost first; `answered_with`: (marker, text); `words`: by field; `pieces`: not withheld."""

    item: SubmissionItem
    chapeaux: list[str]
    answered_with: list[tuple[str, str]]
    words: dict[str, str]
    pieces: list[SubmissionEvidence]
    withheld: int

    @property
    def fields(self) -> list[Difference]:
        """Return the fields that say something. Status and language have their own place on the page."""
        return [field for field in compare_fields(NO_WORDS, self.words) if field.name not in SHOWN_APART]


class ChangedItem(NamedTuple):
    """One side may be empty. `is_in_scope`: whether the later submission has the unit at all."""

    item: SubmissionItem
    before: Revision | None
    after: Revision | None
    is_in_scope: bool
    changes: list[Difference]

    @property
    def language(self) -> str:
        answer = self.after or self.before
        return answer.language if answer else ""


class ItemContent(NamedTuple):
    """Hold an answer with what it cites, to compare it. `is_whole`: nothing of these was removed."""

    pk: int
    position: int
    answer: tuple
    is_whole: bool


class ItemSection(NamedTuple):
    slug: str
    name: str
    items: list[SubmissionItem]

    @property
    def answered(self) -> int:
        return sum(bool(item.status) for item in self.items)


def sections(submission: Submission) -> list[ItemSection]:
    themes = dict(RoundUnit.objects.filter(round=submission.round).values_list("unit", "themes"))
    items = SubmissionItem.objects.of_submissions([submission]).select_related("unit").order_by("position")
    grouped = by_frozen_theme(((themes[item.unit_id], item) for item in items), submission.round)
    return [ItemSection(*group) for group in grouped]


def submitted_items(submission: Submission, items: Iterable[SubmissionItem]) -> list[SubmittedItem]:
    """Read these items in full, in a fixed number of queries. They may be of other submissions of the same body."""
    found = list(_in_full(SubmissionItem.objects.same_as(items)).select_related("wording"))
    texts = read_texts(submission, found)
    evidence = _evidence(found)
    return [
        SubmittedItem(
            item=item,
            chapeaux=[texts.get((label, number), "") for label, number, _digest in item.chapeaux],
            answered_with=[
                (label.removeprefix(item.unit.label), texts.get((label, number), ""))
                for label, number, _digest in item.answered_with
            ],
            words=_words_of(item, evidence[item.pk]),
            pieces=[piece for piece in evidence[item.pk] if not piece.withheld],
            withheld=sum(piece.withheld for piece in evidence[item.pk]),
        )
        for item in found
    ]


def translations_of(revisions: Iterable[Revision]) -> dict[int, dict[str, CourtesyTranslation]]:
    """Return the courtesy translations of versions that the reader has, by key and field."""
    return CourtesyTranslation.objects.of_words(revisions)


def replied_items(submission: Submission) -> list[SubmissionItem]:
    """Return what a submission of replies changed or replied to. All other items have the same digest as before."""
    items = SubmissionItem.objects.for_readers_of(submission.respondent).filter(
        submission__round=submission.round_id, submission__number=submission.number - 1
    )
    new = Reply.objects.for_readers_of(submission.respondent).filter(
        submission=submission, remark__item__unit=OuterRef("unit")
    )
    is_same = Exists(items.filter(unit=OuterRef("unit"), digest=OuterRef("digest")))
    found = SubmissionItem.objects.of_submissions([submission]).filter(~is_same | Exists(new))
    return list(found.select_related("unit").order_by("position"))


def earlier_submission(submission: Submission) -> Submission | None:
    """Return the submission to compare with: the one before in its round, else the last before it on the same body."""
    others = Submission.objects.for_readers_of(submission.respondent).filter(round__body=submission.round.body_id)
    others = others.select_related("respondent", "round").not_withdrawn()
    of_the_round = others.filter(round=submission.round, number=submission.number - 1).first()
    return of_the_round or others.filter(pk__lt=submission.pk).order_by("pk").last()


def changed_items(before: Submission, after: Submission) -> list[Pair]:
    """Return the items that differ, in the order of the paper, in two queries without their words.

    The words are compared only for answers from which words were removed, since removal changes them too.
    """
    none = ItemContent(0, 0, (), is_whole=True)
    old, new = _content_by_unit([before, after])
    pairs = [(old.get(unit, none), new.get(unit, none)) for unit in {**old, **new}]
    pairs.sort(key=lambda pair: max(side.position for side in pair))
    differs = {(former.pk, current.pk): former.answer != current.answer for former, current in pairs}
    in_part = [(former.pk, current.pk) for former, current in pairs if not (former.is_whole and current.is_whole)]
    differs |= {pair: bool(change.changes) for pair, change in zip(in_part, read_changes(in_part, after), strict=True)}
    return [pair for pair, is_different in differs.items() if is_different]


def read_changes(pairs: Iterable[Pair], after: Submission) -> list[ChangedItem]:
    """Read the changes in full, in their order and in two queries; `after` and its pair have the same respondent."""
    pairs = list(pairs)
    keys = [pk for pair in pairs for pk in pair if pk]
    items = _in_full(SubmissionItem.objects.for_readers_of(after.respondent).filter(pk__in=keys))
    full = {item.pk: item for item in items.defer("chapeaux", "answered_with")}
    evidence = _evidence(full.values())
    words = {pk: _words_of(item, evidence[pk]) for pk, item in full.items()}
    return [
        ChangedItem(
            item=full[new or old],
            before=full[old].revision if old else None,
            after=full[new].revision if new else None,
            is_in_scope=bool(new),
            changes=compare_sealed(words.get(old, NO_WORDS), words.get(new, NO_WORDS)),
        )
        for old, new in pairs
    ]


def _content_by_unit(submissions: list[Submission]) -> list[dict[int, ItemContent]]:
    cited = _cited(submissions)
    sides: dict[int, dict[int, ItemContent]] = {submission.pk: {} for submission in submissions}
    items = SubmissionItem.objects.of_submissions(submissions)
    about = ("submission", "unit", "unit__position", "pk", "revision", "revision__withdrawal")
    for submission, unit, position, pk, revision, withdrawal, *values in items.values_list(*about, *COMPARED):
        pieces, withheld, withdrawals = cited[pk]
        answer = (values, pieces, withheld) if revision else ()
        sides[submission][unit] = ItemContent(pk, position, answer, is_whole=not (withdrawal or withdrawals))
    return list(sides.values())


def _cited(submissions: list[Submission]) -> dict[int, tuple[list, int, int]]:
    """Return by item key what it cites, how many items are withheld (never which), and how many had words removed."""
    cited: defaultdict[int, tuple[list, int, int]] = defaultdict(lambda: ([], 0, 0))
    pieces = SubmissionEvidence.objects.of_submissions(submissions).order_by("item", "position")
    place = ("citation__evidence_version", "citation__pinpoint", "citation__withdrawal")
    for item, is_withheld, version, pinpoint, withdrawal in pieces.values_list("item", "withheld", *place):
        shown, withheld, withdrawals = cited[item]
        if is_withheld:
            cited[item] = (shown, withheld + 1, withdrawals)
        else:
            cited[item] = ([*shown, (version, pinpoint)], withheld, withdrawals + bool(withdrawal))
    return cited


def _in_full(items: QuerySet[SubmissionItem]) -> QuerySet[SubmissionItem]:
    return items.order_by("position").select_related("unit", "revision__withdrawal")


def _evidence(items: Iterable[SubmissionItem]) -> dict[int, list[SubmissionEvidence]]:
    pieces = SubmissionEvidence.objects.of_items(items).select_related(
        "citation__withdrawal",
        "citation__evidence_version__evidence",
        "citation__evidence_version__withdrawal",
        "citation__evidence_version__file__withdrawal",
    )
    return group_pairs((piece.item_id, piece) for piece in pieces.order_by("item", "position"))


def _words_of(item: SubmissionItem, evidence: list[SubmissionEvidence]) -> dict[str, str]:
    if item.revision is None:
        return NO_WORDS
    words = in_words(item.revision, [piece.citation for piece in evidence if not piece.withheld])
    withheld = sum(piece.withheld for piece in evidence)
    if withheld:
        text = ngettext(
            # Translators: count: number of evidence items that only the State sees.
            "%(count)s evidence item kept by the State",
            "%(count)s evidence items kept by the State",
            withheld,
        )
        words[EVIDENCE] += text % {"count": withheld} + "\n"
    return words
