"""Choose who is listed in the directory of contact points: a State that agrees, and each person alone (I.22)."""

from django.db import transaction

from tracker.actions.event import save_fields
from tracker.actions.respondent import lock_respondent, set_field
from tracker.models import Respondent, User
from tracker.permissions import can_manage_team, check_permission


@transaction.atomic
def list_respondent(*, respondent: Respondent, listed: bool, by: User) -> None:
    locked = lock_respondent(respondent, by, can_manage_team)
    after = "listed" if listed else "not listed"
    set_field(locked, "in_directory", listed, action="directory chosen", by=by, after=after)


@transaction.atomic
def list_person(*, listed: bool, with_address: bool, by: User) -> None:
    check_permission(bool(by.focal_point_of))
    choice = (listed, listed and with_address)
    if (by.in_directory, by.address_in_directory) == choice:
        return
    by.in_directory, by.address_in_directory = choice
    after = "listed with the address" if choice[1] else "listed" if listed else "not listed"
    save_fields(by, ["in_directory", "address_in_directory"], "directory chosen", by, after=after)
