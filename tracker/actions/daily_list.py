from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tracker.actions.event import lock_head
from tracker.actions.notification import notify
from tracker.audit.daily_list import NotSigned, public_digits, signing_key
from tracker.models import ChainHead, DailyLine, DailyList, Respondent
from tracker.models.digest import digest_value
from tracker.models.event import SITE
from tracker.models.notification import NotificationKind
from tracker.models.user import Role
from tracker.permissions import focal_points_of, people_with_role

NOT_INTRODUCED = "SIGNING_KEY is new. Give the former key as FORMER_SIGNING_KEY, or begin a new log (--new-log)."


@transaction.atomic
def sign_daily_list(*, begins_log: bool = False) -> tuple[DailyList, bool]:
    """Return the list of today, and whether it was signed now.

    Each State has a line from the first day on, with new random values: neither the number of lines nor a line that
    changes shows who saved. Days without a list are not signed later. The former key signs the first list of a new key,
    unless it `begins_log`: then focal points and administrators are notified. It checks no permission: it is a job.
    Raises NotSigned.
    """
    key = signing_key()
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
        public_key=public_digits(key),
        previous_digest=last.make_digest() if last else "",
    )
    signed.lines_digest = digest_value(signed.lines)
    if last:
        _set_key(signed, last, begins_log)
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


def _set_key(signed: DailyList, last: DailyList, begins_log: bool) -> None:
    has_new_key = signed.public_key != last.public_key
    signed.key_number, signed.log = last.key_number + has_new_key, last.log + begins_log
    if begins_log and not has_new_key:
        raise NotSigned("A new log begins with a new SIGNING_KEY.")
    if begins_log:
        _announce(signed)
    elif has_new_key:
        former = signing_key("FORMER_SIGNING_KEY")
        if former is None or public_digits(former) != last.public_key:
            raise NotSigned(NOT_INTRODUCED)
        signed.introduction = former.sign(signed.signed_bytes).hex()


def _announce(signed: DailyList) -> None:
    people = [*focal_points_of(*Respondent.objects.all()), *people_with_role(Role.ADMINISTRATOR)]
    thing, path, context = f"log {signed.log}", reverse("daily_list"), {"key": signed.public_key}
    notify(people, kind=NotificationKind.NEW_LOG, thing=thing, path=path, context=context)
