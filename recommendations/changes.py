"""Announce what an action changed in the catalogue; the site that uses the catalogue keeps it in its audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.dispatch import Signal

LOADED = "catalogue loaded"
ADDED = "catalogue entry added"
CHANGED = "catalogue entry changed"
DELETED = "catalogue entry deleted"
IMPORTED = "catalogue entries imported"
TEXT_CHANGED = "text changed"
WITHDRAWN = "recommendation withdrawn"
REINSTATED = "recommendation reinstated"
DRAFT_ADDED = "paper import added"
DRAFT_EDITED = "paper import edited"
DRAFT_DELETED = "paper import deleted"
PUBLISHED = "paper published"
RETRACTED = "paper retracted"
RESTRUCTURED = "label or kind changed"
LABEL_CORRECTED = "label corrected"

# Sent in the transaction of the change, with a CatalogueChange as `change`.
catalogue_changed = Signal()
# Sent where answers to a `text` are no longer requested, requested again, or from other addressees. `codes`: the
# addressees before and after, of texts in its place too.
requests_changed = Signal()


@dataclass(frozen=True)
class CatalogueChange:
    """`target`: what was changed, without one the catalogue as a whole. `rows`: all rows that were added or changed.

    `deleted`: rows as they were before, with their keys. `renamed`: pairs of a changed row with another name in
    events than before: as it was and as it is. `after`: the new state as a code with parameters. `fields`:
    what of changed rows was changed, if not all.
    """

    action: str
    by: Any
    target: Model | None = None
    rows: Iterable[Model] = ()
    deleted: Iterable[Model] = ()
    renamed: Iterable[tuple[Model, Model]] = ()
    after: str = ""
    fields: Iterable[str] | None = None


def announce_change(action: str, **details: Any) -> None:
    """Announce one change, as the last step of an action; `details` are those of CatalogueChange."""
    catalogue_changed.send(None, change=CatalogueChange(action, **details))
