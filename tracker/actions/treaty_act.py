"""Add, confirm and decline acts under the two treaties, from which a State's treaty standing follows."""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event
from tracker.models import CompleteActs, FormerStanding, Respondent, TreatyAct, User
from tracker.models.respondent import TreatyStanding
from tracker.models.treaty_act import SOURCE_LIMIT, TreatyActStage, acts_on_file, standing_from
from tracker.models.validators import check_text
from tracker.permissions import can_edit_catalogue, check_permission
from tracker.workflow import TREATY_ACT, next_state

DECIDED = ("state", "decided_by", "decided_at", "reason", *(field.name for field in TreatyStanding._meta.fields))


@transaction.atomic
def add_acts(*, acts: Collection[TreatyAct], by: User) -> list[TreatyAct]:
    """Save acts to be confirmed, all or none; an act that waits with the same content is not saved again."""
    check_permission(can_edit_catalogue(by))
    keys = {act.respondent_id for act in acts}
    respondents = list(Respondent.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    waiting = TreatyAct.objects.filter(state=TreatyActStage.TO_BE_CONFIRMED, respondent__in=respondents)
    existing = {(act.key, *act.as_fields.values()) for act in waiting}
    new = [act for act in acts if (act.key, *act.as_fields.values()) not in existing]
    for act in new:
        act.entered_by = by
        act.clean_fields()
        act.validate_constraints()
    TreatyAct.objects.bulk_create(new)
    if new:
        record_event(action="treaty acts entered", target="treaty acts", by=by, after=str(len(new)), rows=new)
    return new


@transaction.atomic
def confirm_acts(*, acts: Collection[TreatyAct], by: User) -> list[Respondent]:
    """Confirm acts, and return the respondents whose treaty status changed, and so their units."""
    locked, on_file = _decide(acts, "confirm", by)
    TreatyAct.objects.bulk_update(locked, ["state", "decided_by", "decided_at"])
    return _update_standing([*on_file, *locked], "treaty status confirmed", by)


@transaction.atomic
def decline_act(*, act: TreatyAct, reason: str, by: User) -> None:
    """Decline an act, even one confirmed by mistake; the treaty standing of the State follows at once."""
    [locked], on_file = _decide([act], "decline", by)
    check_text("reason", reason, SOURCE_LIMIT, _("Enter the reason."))
    locked.reason = reason
    locked.save()
    _update_standing([*on_file, locked], "treaty act declined", by)


@transaction.atomic
def confirm_complete_acts(*, as_at: date, source: str, by: User) -> CompleteActs:
    """Confirm that the confirmed acts are those of the source on that day, so that lists may have treaty status."""
    check_permission(can_edit_catalogue(by))
    check_text("source", source, SOURCE_LIMIT, _("Enter the source."))
    if as_at > timezone.localdate():
        raise ValidationError({"as_at": _("The date must be today or earlier.")})
    if TreatyAct.objects.filter(state=TreatyActStage.TO_BE_CONFIRMED).exists():
        raise ValidationError(_("Confirm or decline the acts that are waiting first."))
    complete = CompleteActs.objects.create(as_at=as_at, source=source, confirmed_by=by)
    after = f"as at {as_at.isoformat()}"
    record_event(action="treaty acts complete", target="treaty acts", by=by, after=after, rows=[complete])
    return complete


def _decide(acts: Collection[TreatyAct], transition: str, by: User) -> tuple[list[TreatyAct], list[TreatyAct]]:
    """Return the acts in their next state, not yet saved, with their respondents locked, and what was on file of these,
    saved as acts.
    """
    check_permission(can_edit_catalogue(by))
    keys = {act.respondent_id for act in acts}
    now = timezone.now()
    on_file: list[TreatyAct] = []
    for respondent in Respondent.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"):
        if not respondent.treaty_acts.exclude(state=TreatyActStage.TO_BE_CONFIRMED).exists():
            on_file += acts_on_file(respondent)
    for act in on_file:
        act.decided_at = now
    TreatyAct.objects.bulk_create(on_file)
    locked = list(TreatyAct.objects.filter(pk__in=[act.pk for act in acts]).select_related("respondent").order_by("pk"))
    for act in locked:
        act.state = next_state(TREATY_ACT, transition, act.state)
        act.decided_by, act.decided_at = by, now
    return locked, on_file


def _update_standing(acts: list[TreatyAct], action: str, by: User) -> list[Respondent]:
    changed = []
    for respondent in Respondent.objects.filter(pk__in={act.respondent_id for act in acts}):
        rows: list[Model] = [act for act in acts if act.respondent_id == respondent.pk]
        before, was = respondent.treaty_status, respondent.standing()
        standing = standing_from(respondent.treaty_acts.filter(state=TreatyActStage.CONFIRMED))
        if standing != was:
            rows += [FormerStanding.objects.create(respondent=respondent, until=timezone.now(), **was), respondent]
            Respondent.objects.filter(pk=respondent.pk).update(**standing)
            respondent.refresh_from_db()
        if respondent.treaty_status != before:
            changed.append(respondent)
        record_event(
            action=action,
            target=f"respondent {respondent.code}",
            by=by,
            respondent=respondent,
            before=before,
            after=respondent.treaty_status,
            rows=rows,
            fields=DECIDED,
        )
    return changed
