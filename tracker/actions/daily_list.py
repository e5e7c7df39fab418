from django.db import transaction
from django.utils import timezone

from tracker.actions.event import lock_head
from tracker.audit.daily_list import signing_key
from tracker.models import ChainHead, DailyLine, DailyList, Respondent
from tracker.models.digest import digest_value
from tracker.models.event import SITE


class NotSigned(Exception):
    """No list can be signed today; the message says why."""


@transaction.atomic
def sign_daily_list() -> tuple[DailyList, bool]:
    """Return the list of today, and whether it was signed now.

    Each State has a line from the first day on, with new random values: neither the number of lines nor a line that
    changes shows who saved. Days without a list are not signed later. It checks no permission: it is a job. Raises
    NotSigned.
    """
    try:
        key = signing_key()
    except ValueError as error:
        raise NotSigned(str(error)) from None
    if key is None:
        raise NotSigned("SIGNING_KEY is empty: no daily list is signed.")
    lock_head(None)  # one process at a time
    today, last = timezone.localdate(), DailyList.objects.first()
    if last and last.day > today:
        raise NotSigned(f"The last daily list is of {last.day}: the clock of this machine says {today}.")
    if last and last.day == today:
        return last, False
    lines = _make_lines()
    signed = DailyList(
        number=last.number + 1 if last else 1,
        day=today,
        lines=sorted(line.make_digest() for line in lines),
        public_key=key.public_key().public_bytes_raw().hex(),
        previous_digest=last.make_digest() if last else "",
    )
    signed.lines_digest = digest_value(signed.lines)
    signed.key_number = _key_number(signed.public_key, last)
    signed.signature = key.sign(signed.signed_bytes).hex()
    signed.save(force_insert=True)
    for line in lines:
        line.list = signed
    DailyLine.everyones.bulk_create(lines)
    return signed, True


def _make_lines() -> list[DailyLine]:
    heads = {head.chain: head for head in ChainHead.objects.all()}
    owners = {SITE: None} | {respondent.code: respondent for respondent in Respondent.objects.order_by("code")}
    ends = {chain: heads.get(chain) or ChainHead(chain=chain) for chain in owners}
    return [
        DailyLine(respondent=owner, chain=chain, number=ends[chain].number, head=ends[chain].digest)
        for chain, owner in owners.items()
    ]


def _key_number(public_key: str, last: DailyList | None) -> int:
    if last is None:
        return 1
    return last.key_number if last.public_key == public_key else last.key_number + 1
