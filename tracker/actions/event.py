from django.utils import timezone

from tracker.models import ChainHead, Event, Respondent, User

SITE = "site"


def record_event(
    *,
    action: str,
    target: str,
    by: User | None,
    respondent: Respondent | None = None,
    before: str = "",
    after: str = "",
) -> Event:
    """Append one event to the respondent's chain, or to the site's. The last thing that an action does:
    the chain's head is locked until the transaction ends.
    """
    chain = respondent.code if respondent else SITE
    head, _created = ChainHead.objects.select_for_update().get_or_create(chain=chain)
    event = Event(
        chain=chain,
        respondent=respondent,
        number=head.number + 1,
        at=timezone.now(),
        actor=by,
        action=action,
        target=target,
        before=before,
        after=after,
        previous_digest=head.digest,
    )
    event.digest = event.compute_digest()
    event.save(force_insert=True)
    head.number, head.digest = event.number, event.digest
    head.save(update_fields=["number", "digest"])
    return event
