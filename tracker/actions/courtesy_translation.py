"""Write courtesy translations of an answer, and keep the quotations that use them true."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event
from tracker.actions.kept_file import delete_kept_files
from tracker.actions.respondent import lock_respondent
from tracker.audit.rows import name_of
from tracker.models import CourtesyTranslation, Quotation, Revision, User
from tracker.models.courtesy_translation import stamp_of
from tracker.models.digest import new_salt
from tracker.models.language import LANGUAGE_NAMES
from tracker.models.quotation import find_passages
from tracker.models.validators import TEXT_LIMIT, text_problems
from tracker.permissions import can_answer, can_translate, check_permission
from tracker.workflow import NotAllowed


@transaction.atomic
def save_translations(
    *, revision: Revision, language: str, texts: Mapping[str, str], base: str | None = None, by: User
) -> None:
    """Save translations of the texts of an answer by field; an empty text removes the translation.

    `base`: stamp of the translations that the author saw; None replaces any.
    """
    respondent = revision.record.respondent
    lock_respondent(respondent, by)
    check_permission(can_translate(by, revision))
    revision = Revision.everyones.select_related("record__respondent", "record__recommendation").get(pk=revision.pk)
    if not all(getattr(revision, name) for name in texts):
        raise NotAllowed("the words were removed")
    found = CourtesyTranslation.objects.of_words([revision])[revision.pk]
    if base is not None and base != stamp_of(found.values()):
        raise ValidationError(_("The translation was changed after you opened this page. Compare it with yours."))
    texts = {name: text.strip() for name, text in texts.items()}
    _check(revision, language, texts)
    is_by_state = can_answer(by, respondent, revision.record.recommendation)
    changed, deleted = [], []
    for name, text in texts.items():
        row = found.get(name)
        if not text and row and row.withdrawal_id:  # a declined removal puts its text back into this row
            row.text, row.author, row.saved_at, row.salt = "", by, timezone.now(), new_salt()
            changed.append(row)
        elif not text:
            deleted += [row] if row else []
        elif row is None or (row.text, row.language) != (text, language):
            row = row or _find_or_make(revision, name)
            row.text, row.language, row.is_by_state = text, language, is_by_state
            row.author, row.saved_at, row.salt = by, timezone.now(), new_salt()
            changed.append(row)
    if changed or deleted:
        _save(revision, changed, deleted, by)


def _check(revision: Revision, language: str, texts: Mapping[str, str]) -> None:
    problems = text_problems([(name, text, TEXT_LIMIT) for name, text in texts.items()])
    if any(texts.values()) and language not in LANGUAGE_NAMES:
        problems["language"].append(_("Choose the language of the translation."))
    if language == revision.language:
        problems["language"].append(_("The answer is in this language. Choose another language."))
    if problems:
        raise ValidationError(problems)


def _find_or_make(revision: Revision, name: str) -> CourtesyTranslation:
    """Return the row whose text was removed, if there is one."""
    of_field = CourtesyTranslation.everyones.filter(revision=revision, field=name)
    return of_field.first() or CourtesyTranslation(revision=revision, field=name)


def _save(revision: Revision, changed: list[CourtesyTranslation], deleted: list[CourtesyTranslation], by: User) -> None:
    quotations = _quotations_after(changed, deleted)
    names = [name_of(row) for row in deleted]
    for row in changed:
        row.save()
    for quotation in quotations:
        quotation.save()
    CourtesyTranslation.everyones.filter(pk__in=[row.pk for row in deleted]).delete()
    record_translations(revision, [*changed, *quotations], by, names)
    delete_kept_files(revision.record.respondent)


def _quotations_after(changed: list[CourtesyTranslation], deleted: Iterable[CourtesyTranslation]) -> list[Quotation]:
    """Return the quotations with these translations, changed and not saved: words that the translation still has stay
    quoted, and of others the State must be notified again.
    """
    texts = {row.pk: (row.language, row.text) for row in changed} | {row.pk: ("", "") for row in deleted}
    quotations = list(Quotation.everyones.filter(translation__in=texts).select_related("translation", "revision"))
    for quotation in quotations:
        former: Any = quotation.translation
        language, text = texts[former.pk]
        quotation.translated = _places(text, quotation.translation_words) if language == former.language else []
        if not quotation.translated:
            quotation.translation = quotation.object_by = None
    return quotations


def _places(text: str, words: str) -> list[list[int]]:
    try:
        return find_passages(text, words)
    except ValidationError:
        return []


def record_translations(
    revision: Revision, rows: Iterable[CourtesyTranslation | Quotation], by: User, deleted: Iterable[str] = ()
) -> None:
    record_event(
        action="courtesy translation saved",
        target=f"courtesy-translation of {revision.record.recommendation.full_label}",
        by=by,
        respondent=revision.record.respondent,
        after=f"revision {revision.number}",
        rows=rows,
        deleted=deleted,
    )
