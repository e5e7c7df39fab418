"""Save and close drafts of answers, and keep other forms that could not be saved. They change no record, so only taking
over a draft has an event.

Each tab of an author has a draft of its own (docs/decisions/0014-drafts.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recommendations.models import Recommendation
from tracker.actions.event import record_event
from tracker.actions.respondent import check_unit, lock_respondent, write_locked
from tracker.models import Draft, Membership, Respondent, User, Withdrawal
from tracker.models.draft import LIFETIME, PAGE_LIMIT, new_tab
from tracker.models.matching import values_hold
from tracker.models.validators import TEXT_LIMIT, text_problems
from tracker.permissions import can_answer, can_read_handover, check_permission
from tracker.workflow import NotAllowed

LATE = timedelta(days=1)  # how long a closed draft waits for late requests from its tab
KEPT_FORMS = 50  # of one user
KEPT_CHARACTERS = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # in the forms of one user
NUL = "\0"


class StaleDraft(Exception):
    """The answer was saved from this tab, its draft was discarded or taken over, or words were removed from it."""


@dataclass(frozen=True)
class Tab:
    """One opened form: its token, and the stamp of the draft with which it was opened, if there was one."""

    token: str
    continues: str = ""


def save_draft(
    *, respondent: Respondent, unit: Recommendation, tab: Tab, base: int, fields: dict[str, list[str]], by: User
) -> Draft:
    """Save what is in the form of one tab, beside the drafts of other tabs.

    `base` is the number of the revision from which it began, even if that is not current. Raises StaleDraft.
    """
    by.read_memberships_again()
    check_permission(can_answer(by, respondent, unit))
    check_unit(respondent, unit)
    if broken := text_problems((name, text, TEXT_LIMIT) for name, texts in fields.items() for text in (name, *texts)):
        raise ValidationError(broken)
    of_tab = {"respondent": respondent, "unit": unit, "author": by, "tab": tab.token}
    with write_locked(respondent):  # as removing words does, so that no new words escape the search
        draft = Draft.everyones.filter(**of_tab).first() or Draft(**of_tab)
        if draft.closed_at:
            raise StaleDraft
        draft.continues, draft.base, draft.fields, draft.saved_at = tab.continues, base, fields, timezone.now()
        draft.save()
    return draft


@transaction.atomic
def discard_drafts(*, respondent: Respondent, unit: Recommendation, tab: Tab, stamps: Iterable[str], by: User) -> None:
    """Delete the draft of a tab, and those with these stamps; a draft that was saved again has another stamp."""
    lock_respondent(respondent, by)
    check_permission(can_answer(by, respondent, unit))
    close_draft(respondent=respondent, unit=unit, tab=tab, by=by)
    stamps = set(stamps)
    drafts = Draft.everyones.filter(respondent=respondent, unit=unit, author=by)
    drafts.filter(pk__in=[draft.pk for draft in drafts if draft.stamp in stamps]).delete()


def close_draft(*, respondent: Respondent, unit: Recommendation, tab: Tab, by: User) -> None:
    """Empty the draft of a tab once its answer is saved, and delete the drafts that it continues. The respondent is
    locked.

    The empty row stays for a while, so that a request sent before and received after does not restore the draft.
    """
    if tab.continues:
        _delete_continued(respondent, unit, tab, by)
    Draft.everyones.bulk_create(
        [Draft(respondent=respondent, unit=unit, author=by, tab=tab.token, closed_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["respondent", "unit", "author", "tab"],
        update_fields=["fields", "closed_at"],
    )


def _delete_continued(respondent: Respondent, unit: Recommendation, tab: Tab, by: User) -> None:
    drafts = Draft.everyones.filter(respondent=respondent, unit=unit, author=by)
    by_stamp = {draft.stamp: draft for draft in drafts}
    stamp, gone = tab.continues, []
    while draft := by_stamp.pop(stamp, None):
        gone.append(draft.pk)
        stamp = draft.continues
    Draft.everyones.filter(pk__in=gone).delete()


def tidy_drafts() -> None:
    """Delete the drafts that were closed longer than LATE ago, and the forms that nobody opened again in LIFETIME."""
    now = timezone.now()
    is_over = Q(closed_at__lt=now - LATE) | Q(respondent=None, saved_at__lt=now - LIFETIME)
    Draft.everyones.filter(is_over).delete()


@transaction.atomic
def keep_form(*, page: str, fields: dict[str, list[str]], author: int) -> bool:
    """Keep a form that was sent to `page` and not saved; of the author's forms the newest stay, up to two limits.

    The author may be signed out: the caller has read their signature. Return False for a user without an account.
    """
    if len(page) > PAGE_LIMIT or not User.objects.select_for_update(no_key=True).filter(pk=author, is_active=True):
        return False
    fields = {name.replace(NUL, "␀"): [value.replace(NUL, "␀") for value in values] for name, values in fields.items()}
    values = {"fields": fields, "saved_at": timezone.now()}
    Draft.everyones.update_or_create(author_id=author, respondent=None, page=page, defaults=values)
    size = 0
    for number, form in enumerate(Draft.everyones.filter(author=author, respondent=None)):
        size += sum(len(value) for values in form.fields.values() for value in values)
        if number >= KEPT_FORMS or size > KEPT_CHARACTERS:
            form.delete()
    return True


@transaction.atomic
def take_form(*, pages: Iterable[str], by: User) -> dict[str, list[str]] | None:
    """Return the fields of the user's form that was sent to one of the pages last, and delete it."""
    found = list(Draft.objects.unsaved_of(by).filter(page__in=pages))
    Draft.everyones.filter(pk__in=[form.pk for form in found]).delete()
    return found[0].fields if found else None


def drop_forms(*, code: str = "", words: str = "", author: User | None = None) -> None:
    """Delete the kept forms of an author, or those about the respondent with this code that hold the words."""
    forms = Draft.everyones.filter(respondent=None, page__contains=f"/{code}/" if code else "")
    if author:
        forms = forms.filter(author=author)
    forms.filter(pk__in=[form.pk for form in forms if not words or holds_words(form, words)]).delete()


@transaction.atomic
def take_over_draft(*, respondent: Respondent, pk: int, by: User) -> Draft:
    """Give the user a draft whose author has left; done again (a double click) it is the same draft.

    Raises NotAllowed where the draft is gone or its author has a role in the State, as after another person took it
    over.
    """
    lock_respondent(respondent, by, can_read_handover)  # so that no new words escape a removal
    drafts = Draft.everyones.filter(respondent=respondent, pk=pk, closed_at__isnull=True)
    draft = drafts.select_related("respondent", "unit", "author").first()
    if draft is None:
        raise NotAllowed("there is no such draft any more")
    if draft.author == by:
        return draft
    if Membership.objects.current().filter(respondent=respondent, user=draft.author).exists():
        raise NotAllowed("its author is here")
    empty, before = _make_empty_draft(draft), draft.author_id
    draft.author, draft.tab, draft.continues = by, new_tab(), ""
    draft.save()
    empty.save()
    record_event(
        action="draft taken over",
        target=f"record {draft.unit.full_label}",  # type: ignore[union-attr]
        by=by,
        respondent=respondent,
        before=f"person {before}",
        after=f"person {by.pk}",
    )
    return draft


def take_words_out(draft: Draft, withdrawal: Withdrawal) -> None:
    """Empty each field of a draft that holds the words; the author keeps the rest under a new tab.

    The tab that still shows the words is closed, so that it does not restore them.
    """
    empty, words = _make_empty_draft(draft), withdrawal.words
    draft.fields = {name: values for name, values in draft.fields.items() if not values_hold(values, words)}
    draft.tab, draft.withdrawal = new_tab(), withdrawal
    draft.save()
    empty.save()


def put_draft_back(draft: Draft | None, hidden: dict, withdrawal: Withdrawal) -> None:
    """Put the fields back from which words were hidden: in place of what was left of them, or beside newer text."""
    left = {name: values for name, values in hidden["fields"].items() if not values_hold(values, withdrawal.words)}
    if draft and not draft.closed_at and draft.fields == left:
        draft.fields, draft.tab, draft.withdrawal = hidden["fields"], new_tab(), None
        draft.save()
        return
    Draft.everyones.create(
        respondent=withdrawal.respondent,
        unit_id=hidden["unit"],
        author_id=hidden["author"],
        tab=new_tab(),
        base=hidden["base"],
        fields=hidden["fields"],
    )


def holds_words(draft: Draft, words: str) -> bool:
    return any(values_hold(values, words) for values in draft.fields.values())


def _make_empty_draft(draft: Draft) -> Draft:
    """Return the closed draft that stays in the tab of a draft that moves to another. Saves nothing."""
    return Draft(
        respondent=draft.respondent, unit=draft.unit, author=draft.author, tab=draft.tab, closed_at=timezone.now()
    )
