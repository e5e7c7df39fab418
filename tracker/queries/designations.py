"""Find the open requests for roles of States, as administrators confirm them."""

from typing import NamedTuple

from tracker.models import AccessChange, User
from tracker.models.access_change import AccessChangeStage
from tracker.permissions import can_confirm_access_change


class OpenRequests(NamedTuple):
    """`together`: those that the reader can confirm in one act; `own`: those that another administrator can;
    `single`: others to confirm; `waiting`: those that take effect later.
    """

    together: list[AccessChange]
    own: list[AccessChange]
    single: list[AccessChange]
    waiting: list[AccessChange]


def open_requests(reader: User) -> OpenRequests:
    of_states = AccessChange.objects.open().filter(respondent__isnull=False)
    rows = list(of_states.with_people().order_by("respondent__sort_key", "pk"))
    new = set(AccessChange.objects.to_confirm_together().values_list("pk", flat=True))
    found = OpenRequests([], [], [], [])
    for row in rows:
        if row.state == AccessChangeStage.CONFIRMED:
            found.waiting.append(row)
        elif row.pk not in new:
            found.single.append(row)
        else:
            (found.together if can_confirm_access_change(reader, row) else found.own).append(row)
    return found
