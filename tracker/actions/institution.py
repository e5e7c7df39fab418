"""Change a State's list of institutions, the institution of its people, and what its contributors can open."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from recommendations.error_messages import PAGE_CHANGED
from tracker.actions.event import record_event, save_fields
from tracker.actions.respondent import lock_respondent, set_field
from tracker.models import Assignment, Institution, Membership, Respondent, User
from tracker.permissions import can_assign

CHANGED = _(
    "Your team changed this institution, or removed identifying information, after you opened the page. "
    "The saved name is above: save again to replace it."
)


@transaction.atomic
def add_institution(*, respondent: Respondent, name: str, kind: str, by: User) -> Institution:
    lock_respondent(respondent, by, can_assign)
    institution = Institution(respondent=respondent, name=name, kind=kind)
    institution.full_clean()
    institution.save()
    record_institution("institution added", institution, by)
    return institution


@transaction.atomic
def change_institution(*, institution: Institution, base: str, name: str, kind: str, by: User) -> None:
    """Raise ValidationError where it changed, or words were removed, after the page with `base` was opened."""
    lock_respondent(institution.respondent, by, can_assign)
    institution.refresh_from_db()
    if base != institution.base and (name, kind) != (institution.name, institution.kind):
        raise ValidationError({"name": CHANGED})
    institution.name, institution.kind = name, kind
    institution.full_clean()
    institution.save(update_fields=["name", "kind"])
    record_institution("institution changed", institution, by, ["name", "kind"])


@transaction.atomic
def close_institution(*, institution: Institution, by: User) -> None:
    """Stop offering an institution that has no assignments; it stays where it is named."""
    lock_respondent(institution.respondent, by, can_assign)
    institution.refresh_from_db()
    if institution.closed_at:
        raise ValidationError(PAGE_CHANGED)
    assignment_count = Assignment.everyones.filter(institution=institution, state__in=Assignment.CURRENT).count()
    if assignment_count:
        raise ValidationError(
            ngettext_lazy(
                # Translators: count: number of recommendations.
                "%(count)d recommendation is assigned to this institution. Accept the answer or end the "
                "assignment first.",
                "%(count)d recommendations are assigned to this institution. Accept the answers or end the "
                "assignments first.",
                assignment_count,
            ),
            params={"count": assignment_count},
        )
    institution.closed_at = timezone.now()
    institution.save(update_fields=["closed_at"])
    record_institution("institution closed", institution, by, ["closed_at"])


@transaction.atomic
def open_institution(*, institution: Institution, by: User) -> None:
    lock_respondent(institution.respondent, by, can_assign)
    institution.refresh_from_db()
    if not institution.closed_at:
        raise ValidationError(PAGE_CHANGED)
    institution.closed_at = None
    institution.save(update_fields=["closed_at"])
    record_institution("institution reopened", institution, by, ["closed_at"])


@transaction.atomic
def set_institution(*, membership: Membership, institution: Institution | None, by: User) -> None:
    respondent = membership.respondent
    if respondent is None:
        raise PermissionDenied
    lock_respondent(respondent, by, can_assign)
    membership = Membership.objects.get(pk=membership.pk)
    if institution and (institution.respondent_id != respondent.pk or not institution.is_offered):
        raise ValidationError({"institution": _("Choose an institution from your list.")})
    before = membership.institution_id
    if before == (institution.pk if institution else None):
        return
    membership.institution = institution
    save_fields(
        membership,
        ["institution"],
        "institution given",
        by,
        respondent=respondent,
        before=f"institution {before}" if before else "",
        after=f"institution {institution.pk}" if institution else "",
    )


@transaction.atomic
def open_desk(*, respondent: Respondent, opens_all: bool, by: User) -> None:
    """Open everything of the State to its contributors, or only what is assigned to them."""
    locked = lock_respondent(respondent, by, can_assign)
    action = "desk opened to contributors" if opens_all else "desk closed to contributors"
    set_field(locked, "opens_all_to_contributors", opens_all, action=action, by=by)


def record_institution(action: str, institution: Institution, by: User, fields: Collection[str] = ()) -> None:
    record_event(
        action=action,
        target=f"institution {institution.pk}",
        by=by,
        respondent=institution.respondent,
        after=institution.kind,
        rows=[institution],
        fields=fields,
    )
