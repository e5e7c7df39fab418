"""Plan rounds, open them with a fixed scope, move the due date, and set the day on which they close."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.days import day_in_words
from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import Family, Meeting, Theme, read_stamp
from recommendations.text_cache import texts_at
from tracker.actions.event import record_event
from tracker.actions.notification import notify
from tracker.models import Respondent, Round, RoundUnit, User
from tracker.models.answer_rules import YEARS
from tracker.models.notification import NotificationKind
from tracker.models.validators import check_text
from tracker.permissions import can_manage_rounds, check_permission, focal_points_of
from tracker.queries.addressees import respondents_of_round
from tracker.queries.reminders import name_closing_date, name_due_date
from tracker.queries.states import state_rows
from tracker.workflow import ROUND, NotAllowed, next_state

PLANNED = ("body", "code", "title", "opens_on", "due_on", "meetings", "themes", "families", "currency")
DUE_REASON_LIMIT = 180  # characters: the event has the day and the reason
ROUND_CHANGED = _("The round changed after you opened the page. Nothing was saved. To replace the changes, save again.")


@transaction.atomic
def plan_round(
    *,
    round: Round,
    meetings: Collection[Meeting],
    themes: Collection[Theme],
    families: Collection[Family],
    base: str | None = None,
    by: User,
) -> Round:
    """Save the plan of a round. `base`: stamp of the plan that the user saw; None replaces any."""
    check_permission(can_manage_rounds(by))
    is_new = round.pk is None
    saved = round if is_new else Round.objects.select_for_update().get(pk=round.pk)
    next_state(ROUND, "plan", saved.stage)
    if not is_new and base not in (None, saved.plan_stamp):
        raise ValidationError(ROUND_CHANGED)
    if any(meeting.body_id != round.body_id for meeting in meetings):
        raise ValidationError({"meetings": _("Select meetings of one body only.")})
    round.full_clean()
    round.save()
    round.meetings.set(meetings)
    round.themes.set(themes)
    round.families.set(families)
    _record("round planned" if is_new else "round changed", round, by, PLANNED)
    return round


@transaction.atomic
def open_round(*, round: Round, base: str | None = None, by: User) -> None:
    """Open a round, which fixes its scope, the themes and families of each unit, and the order of themes. `base`: as in
    `plan_round`.
    """
    round = _lock(round, by, "open")
    if base not in (None, round.plan_stamp):
        raise ValidationError(PAGE_CHANGED)
    units = make_round_units(round)
    if not units:
        raise ValidationError(
            _("No recommendation is in the scope of this round. Change the scope before you open the round.")
        )
    RoundUnit.objects.bulk_create(units)
    round.opened_at, round.theme_order = timezone.now(), theme_order()
    fields = ["opened_at", "theme_order"]
    round.save(update_fields=fields)
    _record("round opened", round, by, fields, units, after=f"{len(units)} units")
    _notify_focal_points(round, NotificationKind.ROUND_OPENED, round.code)


@transaction.atomic
def move_due_date(*, round: Round, due_on: date, reason: str, base: str, by: User) -> None:
    """Move the due date later, to a day that has not passed, and notify the focal points. `base`: the ISO date that the
    user saw. What is submitted keeps the due date of its day; none of it was received after the new date.
    """
    round = _lock(round, by, "move due date")
    before = round.due_on.isoformat()
    if base != before:
        if due_on == round.due_on:  # a double click
            return
        raise ValidationError(ROUND_CHANGED)
    check_text("reason", reason, DUE_REASON_LIMIT, _("Enter the reason."))
    first = max(round.due_on + timedelta(days=1), timezone.localdate())
    if not first <= due_on < (round.closes_on or date(YEARS.stop, 1, 1)):
        message = _("Enter a date that has not passed, after the due date and before the closing date.")
        raise ValidationError({"due_on": message})
    round.due_on = due_on
    round.save(update_fields=["due_on"])
    after, reason = due_on.isoformat(), reason.strip()
    _record("due date moved", round, by, ["due_on"], before=f"due {before}", after=f"due {after}: {reason}")
    _notify_focal_points(round, NotificationKind.ROUND_CLOSES, name_due_date(round), {"due": after, "reason": reason})


@transaction.atomic
def set_closing_date(*, round: Round, closes_on: date, by: User) -> None:
    """Set the last day on which States can submit, and notify their focal points. It can be moved until it has come."""
    round = _lock(round, by, "set closing date")
    if round.closes_on == closes_on:
        return
    if closes_on < round.first_closing_date:
        # Translators: date: a date.
        message = _("Enter %(date)s or a later date: after the due date, and 30 days or more from today.")
        raise ValidationError({"closes_on": message % {"date": day_in_words(round.first_closing_date)}})
    if closes_on.year not in YEARS:
        raise ValidationError({"closes_on": _("Enter a date between 1945 and 2100.")})
    round.closes_on = closes_on
    round.save(update_fields=["closes_on"])
    _record("closing date set", round, by, ["closes_on"], after=f"until {closes_on.isoformat()}")
    _notify_focal_points(
        round, NotificationKind.ROUND_CLOSES, f"{name_closing_date(round)} set {timezone.now().isoformat()}"
    )


@transaction.atomic
def remind_states(*, round: Round, by: User) -> int:
    """Remind the focal points of each State that has not submitted and was not reminded in the last seven days. Return
    the number of States; NotAllowed where there is none, as on a double click.
    """
    check_permission(can_manage_rounds(by))
    # Two rounds remind a State once.
    list(Respondent.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    round = _lock(round, by, "remind")
    states = [row.respondent for row in state_rows(round) if row.is_to_remind]
    if not states:
        raise NotAllowed("no State is left to remind")
    notify(
        focal_points_of(*states),
        kind=NotificationKind.ROUND_REMINDER,
        thing=f"{round.code} {timezone.localdate().isoformat()}",
        path=reverse("desks"),
        round=round,
    )
    for state in sorted(states, key=lambda state: state.pk):  # chains are locked in one order
        record_event(action="state reminded", target=f"round {round.code}", by=by, respondent=state)
    return len(states)


def theme_order() -> list[str]:
    return list(Theme.objects.values_list("slug", flat=True))


def make_round_units(round: Round) -> list[RoundUnit]:
    """Saves nothing."""
    units = round.units_in_scope().select_related("primary_theme", "secondary_theme").order_by("body", "position")
    families = texts_at(read_stamp()).families
    return [
        RoundUnit(
            round=round,
            unit=unit,
            position=position,
            themes=[[theme.slug, theme.name] for theme in (unit.primary_theme, unit.secondary_theme) if theme],
            families=sorted((family.slug, family.name) for family in families.get(unit.pk, ())),
        )
        for position, unit in enumerate(units, start=1)
    ]


def _record(
    action: str, round: Round, by: User, fields: Collection[str], units: Collection[RoundUnit] = (), **details: Any
) -> None:
    record_event(action=action, target=f"round {round.code}", by=by, rows=[round, *units], fields=fields, **details)


def _notify_focal_points(round: Round, kind: NotificationKind, thing: str, context: dict | None = None) -> None:
    people = focal_points_of(*respondents_of_round(round))
    notify(people, kind=kind, thing=thing, path=reverse("desks"), round=round, context=context)


def _lock(round: Round, by: User, transition: str) -> Round:
    check_permission(can_manage_rounds(by))
    round = Round.objects.select_for_update().get(pk=round.pk)
    next_state(ROUND, transition, round.stage)
    return round
