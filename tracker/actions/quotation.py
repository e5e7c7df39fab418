"""Choose what a paper quotes of States' answers, notify the States, and take out what a State objects to."""

import datetime
from collections.abc import Iterable
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event
from tracker.actions.kept_file import delete_kept_files
from tracker.actions.notification import notify
from tracker.actions.respondent import lock_respondent
from tracker.audit.rows import name_of
from tracker.disclosure import can_read_for
from tracker.models import CourtesyTranslation, Quotation, Release, Respondent, Round, SubmissionItem, User
from tracker.models.digest import new_salt
from tracker.models.matching import holds
from tracker.models.notification import NotificationKind
from tracker.models.quotation import (
    NO_WORDS,
    QUOTABLE_FIELDS,
    REASON_LIMIT,
    find_passages,
    quotable_submissions,
)
from tracker.models.validators import TEXT_LIMIT, check_text
from tracker.permissions import can_object, can_quote, check_permission, focal_points_of
from tracker.workflow import NotAllowed

_choice_of = attrgetter("passages", "translation_id", "translated")


@transaction.atomic
def save_quotation(
    *,
    release: Release,
    item: SubmissionItem,
    field: str,
    words: str,
    translated: str = "",
    base: str | None = None,
    by: User,
) -> Quotation:
    """Quote these words of an answer that the release counts, with “[…]” for each cut. A change needs another notice.

    `translated`: the words of its courtesy translation, in the same way. `base`: stamp of the quotation that the
    officer saw, or empty where there was none; None replaces any.
    """
    respondent, revision = item.submission.respondent, item.revision
    lock_respondent(respondent, by, can_read_for)
    is_quotable = quotable_submissions(release).filter(pk=item.submission_id).exists()
    if revision is None or field not in dict(QUOTABLE_FIELDS) or not is_quotable:
        raise NotAllowed("the State does not permit this quotation, or the release counts another answer")
    revision.refresh_from_db()
    passages = _passages("words", getattr(revision, field), words)
    if not passages:
        raise ValidationError({"words": NO_WORDS})
    translation = CourtesyTranslation.objects.of_words([revision])[revision.pk].get(field)
    places = _passages("translated", translation.text if translation else "", translated)
    quotation = _find_or_make(release.round, item, field, by)
    if base is not None and base != (quotation.stamp if quotation.pk else ""):
        raise ValidationError(
            _("The quotation was changed or removed after you opened this page. Compare it with yours.")
        )
    before = _choice_of(quotation)
    quotation.passages, quotation.translated = passages, places
    quotation.translation = translation if places else None
    if quotation.pk and before == _choice_of(quotation):
        return quotation
    quotation.object_by, quotation.chosen_by, quotation.chosen_at = None, by, timezone.now()
    quotation.salt = new_salt()
    quotation.save()
    _record("quotation saved", quotation, by)
    return quotation


@transaction.atomic
def remove_quotation(*, quotation: Quotation, by: User) -> None:
    """Remove a quotation to which the State has not objected: the objection stays on record."""
    lock_respondent(quotation.respondent, by, can_read_for)
    quotation = _read_again(quotation)
    if quotation.objected_at:
        raise NotAllowed("the State objected")
    _delete([quotation], by, respondent=None)


@transaction.atomic
def move_quotation(*, quotation: Quotation, above: Quotation, by: User) -> None:
    """Exchange the places of two quotations of a round."""
    check_permission(can_quote(by))
    rows = Quotation.objects.to_be_read_by(by).select_for_update(of=("self",)).filter(pk__in=[quotation.pk, above.pk])
    found = {row.pk: row for row in rows.order_by("pk")}
    if len(found) < 2 or len({row.round_id for row in found.values()}) > 1:
        raise NotAllowed("one of them was removed, or the officer may not read for its State")
    first, second = found[quotation.pk], found[above.pk]
    first.position, second.position = second.position, first.position
    Quotation.everyones.bulk_update([first, second], ["position"])
    record_event(
        action="quotations ordered", target=f"quotations of round {first.round.code}", by=by, rows=[first, second]
    )


@transaction.atomic
def notify_of_quotations(*, release: Release, language: str, object_by: datetime.date, by: User) -> int:
    """Notify the States of the quotations of which they were not notified yet, and return how many quotations.

    Only a quotation that a paper in this language can have counts. A State without a focal point cannot be notified.
    """
    check_permission(can_quote(by))
    if object_by <= timezone.localdate():
        raise ValidationError({"object_by": _("Enter a date after today.")})
    waiting = Quotation.objects.to_be_read_by(by).to_notify(release, language)
    keys = sorted(set(waiting.order_by().values_list("revision__record__respondent", flat=True)))
    count = 0
    for respondent in Respondent.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"):
        rows = list(waiting.filter(revision__record__respondent=respondent).order_by("pk"))
        people = focal_points_of(respondent)
        if not rows or not people:
            continue
        count += len(rows)
        Quotation.everyones.filter(pk__in=[row.pk for row in rows]).update(object_by=object_by)
        notify(
            people,
            kind=NotificationKind.QUOTED,
            thing=f"{respondent.code}/{release.round.code} {timezone.now().isoformat()}",
            path=reverse("quotations_of_state", args=[respondent.code]),
            respondent=respondent,
            round=release.round,
            context={"due": object_by.isoformat()},
        )
        record_event(
            action="quotations sent",
            target=f"quotations of round {release.round.code}",
            by=by,
            respondent=respondent,
            after=f"{len(rows)} quotations until {object_by.isoformat()}",
            rows=rows,
        )
    return count


@transaction.atomic
def object_to_quotation(*, quotation: Quotation, reason: str, by: User) -> Quotation:
    """Take a quotation out of the paper, as its State, until the day of which the State was notified."""
    respondent = quotation.respondent
    lock_respondent(respondent, by, can_object)
    quotation = _read_again(quotation)
    if quotation.objected_at:
        return quotation
    if not quotation.is_open:
        raise NotAllowed("the date to object has passed, or the quotation was changed")
    check_text("reason", reason, REASON_LIMIT)
    quotation.objected_by, quotation.objected_at, quotation.reason = by, timezone.now(), reason.strip()
    quotation.translation, quotation.translated = None, []
    quotation.salt = new_salt()
    quotation.save()
    delete_kept_files(respondent)
    _record("quotation objected to", quotation, by, respondent)
    return quotation


def delete_quotations_in(respondent: Respondent, round_: Round, by: User) -> None:
    """Delete what a State no longer permits to be quoted in a round, inside the action that ends the permission. An
    objection stays, for when the State permits quotation again.
    """
    rows = Quotation.everyones.filter(revision__record__respondent=respondent, round=round_, objected_at__isnull=True)
    rows = rows.select_related("revision__record__respondent", "round")
    _delete(rows, by, respondent)


def delete_emptied_quotations(respondent: Respondent, words: str, by: User) -> None:
    """Delete quotations whose words were removed from the answer, or from its translation. Of an objection only the
    reason is deleted.
    """
    rows = Quotation.everyones.filter(revision__record__respondent=respondent)
    found = list(rows.select_related("revision__record__respondent", "translation", "unit", "round"))
    chosen = [row for row in found if not row.objected_at]
    _delete([row for row in chosen if not row.words or (row.translation and not row.translation_words)], by, respondent)
    for row in found:
        if row.objected_at and fields_holding(row, words):
            row.reason, row.salt = "", new_salt()
            row.save()
            _record("quotation saved", row, by, respondent)


def fields_holding(quotation: Quotation, words: str) -> tuple[str, ...]:
    return ("reason",) if words and holds([quotation.reason], words) else ()


def _delete(rows: Iterable[Quotation], by: User, respondent: Respondent | None) -> None:
    rows = list(rows)
    if not rows:
        return
    names = [name_of(row) for row in rows]
    target = f"quotations of round {rows[0].round.code}"
    Quotation.everyones.filter(pk__in=[row.pk for row in rows]).delete()
    delete_kept_files(rows[0].respondent)
    record_event(
        action="quotation removed",
        target=target,
        by=by,
        respondent=respondent,
        after=f"{len(names)} quotations",
        deleted=names,
    )


def _find_or_make(round_: Round, item: SubmissionItem, field: str, by: User) -> Quotation:
    found = Quotation.everyones.filter(round=round_, revision=item.revision, field=field).first()
    if found and found.objected_at:
        raise NotAllowed("the State objected to a quotation of this answer")
    if found:
        return found
    last = Quotation.everyones.filter(round=round_).aggregate(last=Max("position"))["last"]
    return Quotation(
        round=round_, unit_id=item.unit_id, revision=item.revision, field=field, position=(last or 0) + 1, chosen_by=by
    )


def _passages(name: str, text: str, words: str) -> list[list[int]]:
    check_text(name, words, TEXT_LIMIT)
    try:
        return find_passages(text, words)
    except ValidationError as error:
        raise ValidationError({name: error}) from None


def _read_again(quotation: Quotation) -> Quotation:
    rows = Quotation.everyones.select_for_update(of=("self",))
    found = rows.select_related("revision__record__respondent", "unit", "round").filter(pk=quotation.pk).first()
    if found is None:
        raise NotAllowed("the quotation was removed")
    return found


def _record(action: str, quotation: Quotation, by: User, respondent: Respondent | None = None) -> None:
    """Record it in the chain of the site, or of the State whose act it is: a State reads its own chain."""
    record_event(
        action=action,
        target=f"quotation {quotation.pk} on {quotation.unit.full_label}",
        by=by,
        respondent=respondent,
        rows=[quotation],
    )
