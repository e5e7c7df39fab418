"""What the audit trail has about rows of the catalogue."""

from django.db.models import Model, QuerySet

from tracker.audit.rows import name_of
from tracker.models import Event, EventRow


def rows_about(row: Model | str) -> list[EventRow]:
    """The row as events left it, or the row of a name, newest first."""
    name = row if isinstance(row, str) else name_of(row)
    rows = EventRow.everyones.filter(name=name).select_related("event__actor")
    return list(rows.order_by("-event__number"))


def actions_on(row: Model | str) -> list[tuple]:
    """The actions that changed a row, each with its author, newest first."""
    return [(each.event.action, each.event.actor) for each in rows_about(row)]


def later_events() -> QuerySet[Event]:
    """All events but that of loading the catalogue, which every test finds."""
    return Event.everyones.exclude(action="catalogue loaded")
