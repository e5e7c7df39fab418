"""Save an uploaded workbook while its uploader looks at it, and apply all of it or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Prefetch, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation, Wording, slug_of
from tracker.actions.record import SeenAnswer, save_together, with_mark
from tracker.actions.respondent import lock_respondent
from tracker.documents.exchange.workbook import COLUMNS, Flat, body_of, column_name, rows_to_fill
from tracker.models import Citation, HeldUpload, Respondent, Revision, User
from tracker.models.answer_fields import DATES, AssistanceKind
from tracker.models.answer_rules import answer_errors
from tracker.models.change import Change, ChangeCode
from tracker.models.combination import NO_ANSWER, Combination, combine, value_of
from tracker.models.matching import holds
from tracker.models.record import NOT_RECEIVED, Answer, ReceivedDetails, answer_of
from tracker.permissions import can_fill_workbook, can_mark_ready, check_permission

NOT_OPEN = _(
    "You cannot edit this answer: it is not requested, not assigned to you, or already sent to the focal point."
)
ELSEWHERE = _("The answer that this workbook was made from was not found. Download the workbook again.")


SITE, COMBINED, FILE = "site", "combined", "file"


class StaleWorkbook(Exception):
    """Answers changed since they were shown, or a row was not decided: nothing was applied."""


class RowChoice(NamedTuple):
    """`choice`: leave the answer of the site (SITE), or save all changes; where both sides changed a field, with the
    value of the site (COMBINED) or of the file (FILE). `seen` is the state of the site when the decision was made.
    """

    choice: str
    seen: str


@dataclass(frozen=True)
class ComparedRow:
    """A row of an uploaded workbook beside its answer.

    `current` is the revision on the site now; `combination` has both sides. `problems` say why it cannot be saved;
    `left_out` has columns from which words were removed since; `is_reworded` says that the adopted text has a new
    wording since the download.
    """

    label: str
    row: int
    unit: Recommendation | None
    current: Revision | None
    changes: Flat
    combination: Combination
    problems: list[str | Promise]
    left_out: list[str]
    is_conflict: bool
    is_reworded: bool

    @property
    def slug(self) -> str:
        return slug_of(self.label)

    @property
    def seen(self) -> str:
        return f"{self.current.digest}:{self.current.last_withdrawal() or ''}" if self.current else "none"

    @property
    def seen_answer(self) -> SeenAnswer:
        if self.unit is None:
            raise PermissionDenied
        return SeenAnswer.of_fetched(self.unit, self.current)

    @property
    def answer(self) -> Answer:
        """Return the current answer with all changes of the file."""
        return self.combination.answer

    def chosen_answer(self, choice: str) -> Answer:
        side = self.combination.theirs if choice == COMBINED else self.combination.mine
        return self.combination.resolve({part: value_of(side, part) for part in self.combination.clashes})

    @property
    def is_same(self) -> bool:
        return not self.problems and self.current is not None and self.answer == answer_of(self.current)

    @property
    def needs_choice(self) -> bool:
        return self.is_conflict or bool(self.problems)


class Revisions(NamedTuple):
    current: dict[str, Revision]
    by_digest: dict[str, Revision]


@transaction.atomic
def save_workbook(
    *,
    respondent: Respondent,
    by: User,
    downloaded_at: datetime,
    rows: list[dict],
    received: ReceivedDetails = NOT_RECEIVED,
) -> HeldUpload:
    """Save what an uploaded workbook changes, for its uploader to look at."""
    lock_respondent(respondent, by, can_fill_workbook)  # so that no new words escape a removal
    return HeldUpload.everyones.create(
        respondent=respondent,
        owner=by,
        is_stored=True,
        downloaded_at=downloaded_at,
        received_from=received.institution,
        received_on=received.on,
        rows=rows,
    )


def discard_workbook(*, upload: HeldUpload, by: User) -> None:
    check_permission(upload.owner_id == by.pk)
    HeldUpload.everyones.filter(pk=upload.pk).delete()


def workbook_holds(upload: HeldUpload, words: str) -> bool:
    texts = [value for row in upload.rows for value in row.get("changes", row).values() if isinstance(value, str)]
    return any(holds([text], words) for text in [upload.received_from, *texts])


@transaction.atomic
def apply_workbook(*, upload: HeldUpload, decisions: Mapping[str, RowChoice], by: User) -> list[Revision]:
    """Save every row as a revision that says where it came from, or none; nothing is applied twice.

    `decisions`, by slug of the unit, are needed for rows that are `needs_choice`. Raises StaleWorkbook or NotSaved.
    """
    lock_respondent(upload.respondent, by)
    check_permission(upload.owner_id == by.pk and can_fill_workbook(by, upload.respondent))
    locked = HeldUpload.everyones.select_for_update(of=("self",)).select_related("respondent")
    current = locked.filter(pk=upload.pk).first()
    if current is None:
        raise ValidationError(_("This upload is no longer available. Choose the file again."))
    upload = current
    rows = [row for row in compare_rows(upload, by) if not row.is_same]
    if any(row.needs_choice and not _has_choice(row, decisions) for row in rows):
        raise StaleWorkbook
    choices = [(row, decisions[row.slug].choice if row.needs_choice else FILE) for row in rows]
    answers = [(row.seen_answer, row.chosen_answer(choice)) for row, choice in choices if choice != SITE]
    saved = save_together(
        respondent=upload.respondent,
        answers=answers,
        by=by,
        change=Change.of(ChangeCode.WORKBOOK, [timezone.localdate(upload.downloaded_at).isoformat()]),
        received=ReceivedDetails.of(upload),
    )
    upload.rows, upload.applied_at = [], upload.applied_at or timezone.now()
    upload.save(update_fields=["rows", "applied_at"])
    return saved


def _has_choice(row: ComparedRow, decisions: Mapping[str, RowChoice]) -> bool:
    decision = decisions.get(row.slug)
    return decision is not None and decision.seen == row.seen and not (decision.choice != SITE and row.problems)


def compare_rows(upload: HeldUpload, by: User) -> list[ComparedRow]:
    requested, others = rows_to_fill(upload.respondent, by, body=body_of(row["label"] for row in upload.rows))
    units = {row.unit.full_label: row.unit for row in (*requested, *others)}
    digests = [row["digest"] for row in upload.rows]
    found = revisions_of(upload.respondent, by, [row["label"] for row in upload.rows], digests)
    marks_ready = can_mark_ready(by, upload.respondent)
    return [_compare_row(row, units.get(row["label"]), found, upload.downloaded_at, marks_ready) for row in upload.rows]


def _compare_row(
    row: dict, unit: Recommendation | None, found: Revisions, downloaded_at: datetime | None, marks_ready: bool
) -> ComparedRow:
    before = found.by_digest.get(row["digest"]) if unit else None
    current = found.current.get(row["label"]) if unit else None
    base, now = (answer_of(revision) if revision else None for revision in (before, current))
    base = base or NO_ANSWER
    combination = combine(base, now or base, with_changes(base, row["changes"]))
    combination = combination._replace(answer=with_mark(combination.answer, now, marks_ready=marks_ready))
    is_reworded = bool(unit and downloaded_at and _has_new_wording(unit, downloaded_at))
    return ComparedRow(
        label=row["label"],
        row=row["row"],
        unit=unit,
        current=current,
        changes=row["changes"],
        combination=combination,
        problems=find_problems(unit, combination.answer),
        left_out=[column_name(column) for column in COLUMNS if column.key in row["left_out"]],
        is_conflict=is_reworded
        or bool(combination.clashes)
        or (before.last_withdrawal() if before else None) != row["withdrawn"],
        is_reworded=is_reworded,
    )


def _has_new_wording(unit: Recommendation, since: datetime) -> bool:
    return any(wording.since and wording.since > since for wording in _wordings(unit))


def is_text_changed(unit: Recommendation, since: datetime) -> bool:
    """Return whether the adopted text has a new wording or a correction. A text that was imported since has neither."""
    return any(wording.number > 1 and wording.created_at > since for wording in _wordings(unit))


def _wordings(unit: Recommendation) -> list[Wording]:
    return [node.current_wording for node in (*unit.chapeaux, unit, *unit.unit_items)]  # type: ignore[misc]


def find_problems(unit: Recommendation | None, answer: Answer) -> list[str | Promise]:
    if unit is None:
        return [NOT_OPEN]
    broken = answer_errors(unit, answer)
    return [message for problems in broken.values() for message in ValidationError(problems).messages]


def with_changes(answer: Answer, changes: Flat) -> Answer:
    fields: dict[str, Any] = {}
    kinds = set(answer.assistance_kinds)
    for key, value in changes.items():
        name, _dot, kind = key.partition(".")
        if kind:
            (kinds.add if value else kinds.discard)(kind)
        elif name in DATES:
            fields[name] = date.fromisoformat(str(value)) if value else None
        else:
            fields[name] = value
    if kinds != set(answer.assistance_kinds):
        fields["assistance_kinds"] = [kind for kind in AssistanceKind.values if kind in kinds]
    return replace(answer, **fields)


def revisions_of(respondent: Respondent, by: User, labels: Iterable[str], digests: Iterable[str]) -> Revisions:
    cited = Citation.objects.visible_to(by).select_related("evidence_version__evidence").order_by("position")
    own = Revision.objects.visible_to(by).filter(
        record__respondent=respondent, record__recommendation__in=Recommendation.objects.labelled(labels)
    )
    wanted = own.filter(Q(record__current=F("pk")) | Q(digest__in=[digest for digest in digests if digest]))
    current, by_digest = {}, {}
    for revision in wanted.select_related("record__recommendation", "author", "withdrawal").prefetch_related(
        Prefetch("citations", cited)
    ):
        by_digest[revision.digest] = revision
        if revision.record.current_id == revision.pk:
            current[revision.record.recommendation.full_label] = revision
    return Revisions(current, by_digest)
