"""Keeping a reviewer from reading for a State, and letting her again."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event
from tracker.actions.remark import end_holds
from tracker.models import ReadingRestriction, Respondent, User
from tracker.permissions import can_manage_people


@transaction.atomic
def set_bar(*, user: User, respondent: Respondent, by: User) -> ReadingRestriction:
    """Bar a person from reading for a respondent, before or after she becomes a reviewer; what she holds of it goes
    back to the queue. Administrators only. Raises ValidationError where she is barred already.
    """
    if not can_manage_people(by):
        raise PermissionDenied
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one at a time, lest it be set twice
    bar = ReadingRestriction(user=user, respondent=respondent, set_by=by)
    bar.full_clean()
    bar.save()
    end_holds(user=user, by=by)
    record_event(action="bar set", target=f"bar {bar.pk}", by=by, after=_terms(bar))
    return bar


@transaction.atomic
def lift_bar(*, bar: ReadingRestriction, by: User) -> None:
    """Let a person read for a respondent again. Administrators only. Raises ValidationError where it is lifted."""
    if not can_manage_people(by):
        raise PermissionDenied
    if ReadingRestriction.objects.select_for_update().get(pk=bar.pk).lifted_at:
        raise ValidationError(_("This bar is lifted already."))
    bar.lifted_at = timezone.now()
    bar.save(update_fields=["lifted_at"])
    record_event(action="bar lifted", target=f"bar {bar.pk}", by=by, before=_terms(bar))


def _terms(bar: ReadingRestriction) -> str:
    return f"person {bar.user_id}, {bar.respondent.code}"
