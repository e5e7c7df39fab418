import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from recommendations.changes import CatalogueChange
from tracker.actions.search import AnalysedText, index_events
from tracker.audit import origin
from tracker.audit.rows import name_of, rows_left
from tracker.models import ChainHead, Event, EventRow, Respondent, Submission, User
from tracker.models.event import SITE, Action


def next_event(
    head: ChainHead,
    *,
    at: datetime.datetime,
    action: str,
    target: str,
    by: User | None,
    respondent: Respondent | None = None,
    before: str = "",
    after: str = "",
    rows: Iterable[EventRow] = (),
) -> Event:
    """Return the event that follows the head of a chain, and move the head to it. Saves nothing."""
    event = Event(
        chain=head.chain,
        respondent=respondent,
        number=head.number + 1,
        at=at,
        actor=by,
        action=Action(action).value,
        target=target,
        before=before,
        after=after,
        previous_digest=head.digest,
        address=origin.address.get() or None,
    )
    event.digest = event.make_digest(rows)
    head.number, head.digest = event.number, event.digest
    return event


def record_event(
    *,
    action: str,
    target: str,
    by: User | None,
    respondent: Respondent | None = None,
    before: str = "",
    after: str = "",
    rows: Iterable[Model] = (),
    deleted: Iterable[str] = (),
    renamed: Mapping[str, str] | None = None,
    fields: Iterable[str] | None = None,
    head: ChainHead | None = None,
    text: AnalysedText | None = None,
) -> Event:
    """Append one event to the respondent's chain, or to the site's, as the last step of an action: the head of the
    chain is locked until the transaction ends. Where `head` is given and has moved, the database refuses the event.

    `rows` are what the action changed, `fields` what of it if not all, `deleted` the names of what it deleted,
    `renamed` the former names of rows by their names (audit/rows.py), and `text` its analysed text for the search.
    """
    head = head or lock_head(respondent)
    left = rows_left(rows, deleted, fields, renamed)
    event = next_event(
        head,
        at=timezone.now(),
        action=action,
        target=target,
        by=by,
        respondent=respondent,
        before=before,
        after=after,
        rows=left,
    )
    _append_events([event], respondent, text)
    for row in left:
        row.event = event
    EventRow.everyones.bulk_create(left)
    return event


def lock_head(respondent: Respondent | None) -> ChainHead:
    chain = respondent.code if respondent else SITE
    return ChainHead.objects.select_for_update().get_or_create(chain=chain)[0]


def read_head(respondent: Respondent) -> ChainHead:
    head = ChainHead.objects.filter(chain=respondent.code).first()
    return head or ChainHead(chain=respondent.code)


def _append_events(events: list[Event], respondent: Respondent | None, text: AnalysedText | None) -> None:
    Event.everyones.bulk_create(events)
    if respondent and events:
        index_events(respondent, events, text)


def save_fields(row: Model, fields: Collection[str], action: str, by: User | None, **details: Any) -> None:
    """Save these fields of a row, and record the event about it as the last step of an action."""
    row.save(update_fields=fields)
    record_event(action=action, target=name_of(row), by=by, rows=[row], fields=fields, **details)


def record_loaded(rows: Collection[Model]) -> Event:
    """Name rows that a command loaded, in one event."""
    return record_event(action="rows loaded", target="site", by=None, after=str(len(rows)), rows=rows)


def record_catalogue_change(*, change: CatalogueChange, **_signal: object) -> None:
    """Receive `catalogue_changed`."""
    pairs = list(change.renamed)
    record_event(
        action=change.action,
        target=name_of(change.target) if change.target else "catalogue",
        by=change.by,
        after=change.after,
        rows=[*change.rows, *(row for _before, row in pairs)],
        deleted=map(name_of, [*change.deleted, *(before for before, _row in pairs)]),
        renamed={name_of(row): name_of(before) for before, row in pairs},
        fields=change.fields,
    )


def record_submission_event(action: str, submission: Submission, by: User, before: str = "", after: str = "") -> None:
    record_event(
        action=action,
        target=f"submission {submission.reference}",
        by=by,
        respondent=submission.respondent,
        before=before,
        after=after,
    )


def record_together(
    rows: Iterable[tuple[str, str, str]],
    *,
    action: str,
    by: User,
    respondent: Respondent,
    head: ChainHead | None = None,
    text: AnalysedText | None = None,
) -> None:
    head = head or lock_head(respondent)
    at = timezone.now()
    events = [
        next_event(head, at=at, action=action, target=target, by=by, respondent=respondent, before=before, after=after)
        for target, before, after in rows
    ]
    _append_events(events, respondent, text)


@transaction.atomic
def tidy_addresses() -> int:
    before = timezone.now() - datetime.timedelta(days=settings.EVENT_ADDRESS_DAYS)
    deleted = Event.everyones.filter(at__lt=before, address__isnull=False).update(address=None)
    if deleted:
        record_event(
            action="addresses forgotten",
            target="network addresses",
            by=None,
            after=f"{deleted} of before {before:%Y-%m-%d}",
        )
    return deleted
