"""Load the respondents with their treaty acts on file, and lock a respondent while its people write."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation, read_stamp
from recommendations.text_cache import texts_at
from tracker.actions.event import read_head, record_loaded, save_fields
from tracker.models import ChainHead, Respondent, User
from tracker.models.respondent import RespondentKind, TreatyStatus
from tracker.permissions import check_permission

STATES = settings.BASE_DIR / "fixtures" / "states.csv"
EUROPEAN_UNION = "EU"
CANNOT_ANSWER = _("You cannot answer this recommendation: answers are not requested, or only from others.")
NOT_IN_THE_FILE = (
    {"code": "PSE", "kind": RespondentKind.STATE, "name": "State of Palestine"},
    {"code": "SECRETARIAT", "kind": RespondentKind.SECRETARIAT, "name": "Secretariat with UNODC"},
)


@transaction.atomic
def load_respondents() -> int:
    """Add the missing respondents, and return how many.

    A date of an act under the Protocol confirms a party; its absence confirms nothing.
    """
    existing = set(Respondent.objects.values_list("code", flat=True))
    rows = [_of_row(row) for row in _read_states()]
    missing = [values for values in (*rows, *NOT_IN_THE_FILE) if values["code"] not in existing]
    added = [Respondent.objects.create(**values) for values in missing]
    if added:
        record_loaded(added)
    return len(added)


def names_in_treaty_source() -> dict[str, str]:
    """Return the codes of States by their name in the Treaty Collection."""
    return {row["name_in_treaty_source"]: row["iso3"] for row in _read_states() if row["name_in_treaty_source"]}


def lock_respondent(
    respondent: Respondent, by: User, is_allowed: Callable[[User, Respondent], bool] | None = None
) -> Respondent:
    """Lock the respondent until the transaction ends, read the roles of `by` again, and check what `is_allowed`, a
    function of permissions.py, says of them.

    It keeps answers, roles, assignments and the words that a removal looks for as they are. Call it before asking
    permissions.py for anything else, and before locking anything else.
    """
    locked = Respondent.objects.select_for_update(no_key=True).get(pk=respondent.pk)
    by.read_memberships_again()
    if is_allowed:
        check_permission(is_allowed(by, locked))
    return locked


def read_then_lock[Saved](respondent: Respondent, save: Callable[[ChainHead | None], Saved]) -> Saved:
    """Have an action read and check while nobody waits for it, and do it again under the lock where another action on
    the respondent came between.

    `save` gets the head of the chain as it was before it reads, writes in `write_locked`, and records its event after
    that head: the database refuses the event where the head has moved. Under the lock it gets none, and locks the head
    last, as all actions do: else two could wait for each other.
    """
    try:
        return save(read_head(respondent))
    except IntegrityError:
        with write_locked(respondent):
            return save(None)


@contextmanager
def write_locked(respondent: Respondent) -> Iterator[None]:
    """Lock the respondent and write, all or nothing. On SQLite transactions take turns, so no statement is needed."""
    with transaction.atomic():
        if connection.features.has_select_for_update:
            list(Respondent.objects.select_for_update(no_key=True).filter(pk=respondent.pk).values_list("pk"))
        yield


def set_field(locked: Respondent, field: str, value: object, *, action: str, by: User, after: str = "") -> None:
    """Set a field of a locked respondent and record it, unless it has this value."""
    if getattr(locked, field) == value:
        return
    setattr(locked, field, value)
    save_fields(locked, [field], action, by, respondent=locked, after=after)


def check_unit(respondent: Respondent, unit: Recommendation) -> Recommendation:
    """Return the unit with its text of today, however long ago `unit` was read. Raises ValidationError where the
    respondent cannot answer it.
    """
    found = texts_at(read_stamp()).nodes([unit.pk]).get(unit.pk)
    if found is None or not respondent.find_units_open([found]):
        raise ValidationError(CANNOT_ANSWER)
    return found


def _read_states() -> list[dict]:
    with STATES.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _of_row(row: dict) -> dict:
    acted = _date(row["tip_ratification"])
    return {
        "code": row["iso3"],
        "kind": RespondentKind.EUROPEAN_UNION if row["iso3"] == EUROPEAN_UNION else RespondentKind.STATE,
        "name": row["name"],
        "un_member_state": row["un_member_state"] == "yes",
        "regional_group": row["un_regional_group"],
        "convention_signed": _date(row["untoc_signature"]),
        "convention_act": row["untoc_ratification_type"],
        "convention_acted": _date(row["untoc_ratification"]),
        "protocol_signed": _date(row["tip_signature"]),
        "protocol_act": row["tip_ratification_type"],
        "protocol_acted": acted,
        "status_as_at": _date(row["status_as_of"]),
        "treaty_status": TreatyStatus.PARTY if acted else TreatyStatus.UNCONFIRMED,
    }


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
