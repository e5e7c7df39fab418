"""Restrict a reviewer from reading for a State, and lift the restriction."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import PAGE_CHANGED
from tracker.actions.event import record_event, save_fields
from tracker.actions.remark import return_submissions
from tracker.models import ReadingRestriction, Respondent, User
from tracker.permissions import can_lift_restriction, can_manage_people, check_permission


@transaction.atomic
def add_restriction(*, user: User, respondent: Respondent, by: User) -> ReadingRestriction:
    """Restrict a person before or after they become a reviewer; their readings of the State return to the queue."""
    check_permission(can_manage_people(by))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one at a time, so that it is not set twice
    restriction = ReadingRestriction(user=user, respondent=respondent, set_by=by)
    restriction.full_clean()
    restriction.save()
    return_submissions(user=user, by=by)
    target, after = f"bar {restriction.pk}", _describe(restriction)
    record_event(action="bar set", target=target, by=by, after=after, rows=[restriction], fields=[])
    return restriction


@transaction.atomic
def end_restriction(*, restriction: ReadingRestriction, by: User) -> None:
    check_permission(can_manage_people(by))
    if not can_lift_restriction(by, restriction):
        raise ValidationError(_("Another administrator must lift this reading restriction: it concerns you."))
    if ReadingRestriction.objects.select_for_update().get(pk=restriction.pk).lifted_at:
        raise ValidationError(PAGE_CHANGED)
    restriction.lifted_at = timezone.now()
    save_fields(restriction, ["lifted_at"], "bar lifted", by, before=_describe(restriction))


def _describe(restriction: ReadingRestriction) -> str:
    return f"person {restriction.user_id}, {restriction.respondent.code}"
