"""Hide words while a request to remove them is pending, and put them back when it is declined."""

import json
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, get_args

from django.db import transaction
from django.db.models import Model, Q

from tracker.actions.courtesy_translation import record_translations
from tracker.actions.draft import drop_forms, put_draft_back, take_words_out
from tracker.actions.evidence_text import delete_texts, keep_text_of
from tracker.actions.export import delete_exports_of
from tracker.actions.held_upload import destroy_held_uploads
from tracker.actions.institution import record_institution
from tracker.actions.kept_file import delete_kept_files
from tracker.actions.quotation import delete_emptied_quotations
from tracker.actions.search import forget_texts
from tracker.actions.word_search import Searched, WordPlace
from tracker.models import (
    CourtesyTranslation,
    Draft,
    EvidenceFile,
    EvidenceVersion,
    HeldUpload,
    HiddenText,
    Institution,
    Proposal,
    Quotation,
    Record,
    User,
    Withdrawal,
)
from tracker.models.digest import new_salt
from tracker.models.withdrawal import Digested, Withdrawable

TABLES: dict[str, type[Any]] = {
    model._meta.db_table: model for model in (*get_args(Searched), Record, Draft, Proposal, EvidenceFile)
}


@transaction.atomic
def hide(withdrawal: Withdrawal, places: Iterable[WordPlace], files: Iterable[EvidenceFile], by: User) -> None:
    """Hide places, and files with their names, of a pending request. What is not saved, or can be made again, is
    destroyed at once.

    The caller saves the names of the bytes of uploads, which are added to `undestroyed`.
    """
    uploads = set()
    for place in places:
        match place.row:
            case HeldUpload():
                uploads.add(place.row)
            case Draft():
                _hide_draft(place.row, withdrawal)
            case Quotation():
                pass  # deleted with the others
            case _:
                _hide_fields(place.row, place.fields, withdrawal, by)
    delete_texts(files)
    for file in files:
        _hide_fields(file, ("file",), withdrawal, by)
        for version in EvidenceVersion.everyones.filter(file=file).exclude(file_name=""):
            _hide_fields(version, ("file_name",), withdrawal, by)
    others = Q(sha256__in=[file.sha256 for file in files]) | Q(is_stored=False)
    uploads |= set(HeldUpload.everyones.filter(others, respondent=withdrawal.respondent))
    withdrawal.undestroyed = withdrawal.undestroyed + destroy_held_uploads(uploads)
    delete_emptied_quotations(withdrawal.respondent, withdrawal.words, by)
    delete_exports_of(withdrawal.respondent)
    delete_kept_files(withdrawal.respondent)
    forget_texts(withdrawal.respondent)
    if withdrawal.words:
        drop_forms(code=withdrawal.respondent.code, words=withdrawal.words)


@transaction.atomic
def put_back(hidden: Sequence[HiddenText], by: User) -> set[EvidenceFile]:
    """Put hidden texts of one request back into their rows; return the files among these."""
    files = set()
    place = attrgetter("withdrawal_id", "table", "row")
    for (_request, table, pk), texts in groupby(sorted(hidden, key=place), key=place):
        row = TABLES[table].everyones.filter(pk=pk).first()
        if table == Draft._meta.db_table:
            for text in texts:
                put_draft_back(row, json.loads(text.value), text.withdrawal)
        else:
            _put_fields_back(row, list(texts), by)
        if isinstance(row, EvidenceFile):
            files.add(row)
            transaction.on_commit(partial(keep_text_of.enqueue, row.pk), robust=True)
    HiddenText.everyones.filter(pk__in=[text.pk for text in hidden]).delete()
    return files


def _hide_draft(draft: Draft, withdrawal: Withdrawal) -> None:
    content = {"unit": draft.unit_id, "author": draft.author_id, "base": draft.base, "fields": draft.fields}
    value = json.dumps(content, ensure_ascii=False)
    HiddenText.everyones.create(
        withdrawal=withdrawal, table=Draft._meta.db_table, row=draft.pk, name="fields", value=value
    )
    take_words_out(draft, withdrawal)


def _hide_fields(row: Any, names: Iterable[str], withdrawal: Withdrawal, by: User) -> None:
    place = {"table": row._meta.db_table, "row": row.pk}
    earlier = HiddenText.everyones.filter(**place, withdrawal=withdrawal).first()
    previous = earlier.previous_id if earlier else getattr(row, "withdrawal_id", None)
    salts = row.salts if isinstance(row, Digested) else {}
    HiddenText.everyones.bulk_create(
        HiddenText(
            withdrawal=withdrawal,
            **place,
            name=name,
            value=_read_text(row, name),
            salt=salts.get(name, ""),
            digest=_digest_of(row),
            previous_id=previous,
        )
        for name in names
    )
    for name in names:
        _set_text(row, name, "")
        salts.pop(name, None)
    if not isinstance(row, Record):
        row.withdrawal = withdrawal
    _save(row, by)


def _put_fields_back(row: Any, texts: list[HiddenText], by: User) -> None:
    for text in texts:
        before = _read_text(row, text.name)
        if isinstance(row, Record):
            _set_text(row, text.name, "\n\n".join(filter(None, (before, text.value))))
        elif not before:
            _set_text(row, text.name, text.value)
        if isinstance(row, Digested):
            row.salts[text.name] = text.salt
    if not isinstance(row, Record):
        _forget_withdrawal(row, texts)
    _save(row, by)


def _save(row: Any, by: User) -> None:
    """Write no other column of an append-only row than those that the database lets change. The name of an institution
    and the text of a translation take their salt along.
    """
    if isinstance(row, Institution | CourtesyTranslation):
        row.salt = new_salt()
    is_append_only = isinstance(row, Withdrawable) and row.append_only
    row.save(update_fields=row.changeable_fields() if is_append_only else None)
    if isinstance(row, Institution):
        record_institution("institution changed", row, by, ["name", "withdrawal"])
    if isinstance(row, CourtesyTranslation):
        record_translations(row.revision, [row], by)


def _forget_withdrawal(row: Any, texts: list[HiddenText]) -> None:
    """Have the row name the withdrawal before this one, unless this one still hides some of its fields."""
    declined, previous = texts[0].withdrawal_id, texts[0].previous_id
    others = HiddenText.everyones.filter(table=texts[0].table, row=row.pk).exclude(pk__in=[text.pk for text in texts])
    if others.filter(withdrawal=declined).exists():
        return
    others.filter(previous=declined).update(previous=previous)
    if row.withdrawal_id == declined:
        row.withdrawal_id = previous


def _read_text(row: Model, name: str) -> str:
    return row.texts[name] if isinstance(row, Proposal) else str(getattr(row, name))


def _set_text(row: Model, name: str, text: str) -> None:
    if isinstance(row, Proposal):
        row.set_text(name, text)
    else:
        setattr(row, name, text)


def _digest_of(row: Model) -> str:
    if isinstance(row, EvidenceFile):
        return row.sha256
    return row.digest if isinstance(row, Digested) else ""
