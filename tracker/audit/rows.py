"""Compare rows that people change with the events that name them.

Each event keeps the rows that its action changed, as it left them. So every row of `KINDS` must be as the last event
left it. Rows that were there before the first event are named by an event of their own, such as `catalogue loaded`.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection, transaction
from django.db.models import BinaryField, Field, JSONField, Model

from recommendations.groups import group_pairs
from recommendations.models import (
    Addressee,
    Body,
    Currency,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Paper,
    PaperImport,
    Provenance,
    Provision,
    Recommendation,
    RecordedAction,
    ServedProvision,
    Synonym,
    TakenUp,
    TextChange,
    Theme,
    Translation,
    Wording,
)
from tracker.audit.seal import form_error
from tracker.models import (
    AccessChange,
    CompleteActs,
    CourtesyTranslation,
    EventRow,
    FileScan,
    FormerStanding,
    Institution,
    Invitation,
    Membership,
    Quotation,
    ReadingRestriction,
    Respondent,
    Round,
    RoundUnit,
    TreatyAct,
    User,
)
from tracker.models.digest import FORM, as_text, field_digest
from tracker.models.second_factor import second_factor_key

AT_A_TIME = 1000
PLAIN = (bool, int, str)  # types that stay as they are

Content = dict[str, object]


class LastEvent(NamedTuple):
    """What the last event about a row says of it, none where it was deleted, and in which form.

    `in_order`: each event about the row is as late as those of other chains that are stored before it.
    """

    content: Content | None
    form: int
    chain: str = ""
    at: datetime | None = None
    in_order: bool = True


NO_EVENT = LastEvent(None, FORM)


@dataclass(frozen=True)
class RowKind:
    """How rows of a model stand in events.

    `left_out` names fields, and keys of JSON fields, that change without an event. Of `secret` fields an event has only
    the digest, with the `salt` of the row if it has one; of `many` the keys. `key` names a row within its kind; it must
    be unique, an action that changes it gives the former name (`renamed`), and it needs the rows `related` to it.
    `is_named_later`: a row is of nobody until an event names it.
    """

    model: type[Model]
    left_out: Set[str] = frozenset()
    secret: Set[str] = frozenset()
    many: tuple[str, ...] = ()
    key: Callable[[Any], object] = attrgetter("pk")
    related: tuple[str, ...] = ()
    is_named_later: bool = False


def _text_key(text: Recommendation) -> str:
    """Return the label; that of a retracted text is free for another text."""
    return f"{text.full_label} retracted {text.pk}" if text.retracted_at else text.full_label


def _numbered(row) -> str:
    return f"{_text_key(row.recommendation)} {row.number}"


# By the noun that events use.
KINDS: dict[str, RowKind] = {
    "access": RowKind(AccessChange, secret={"email", "subject"}),
    "addressee": RowKind(Addressee, key=attrgetter("code")),
    "bar": RowKind(ReadingRestriction),
    "body": RowKind(Body, key=attrgetter("slug")),
    "currency": RowKind(Currency),
    "family": RowKind(Family, key=attrgetter("slug")),
    "family-member": RowKind(FamilyMember),
    "footnote": RowKind(Footnote, key=_numbered, related=("recommendation",)),
    "courtesy-translation": RowKind(CourtesyTranslation, left_out={"salt"}, secret={"text"}),
    "complete-acts": RowKind(CompleteActs),
    "former-standing": RowKind(FormerStanding),
    "identity": RowKind(
        SocialAccount,
        left_out={"id", "last_login", "date_joined", "extra_data"},
        secret={"uid"},
        key=lambda row: f"{row.user_id} {row.provider}",
    ),
    "institution": RowKind(Institution, left_out={"salt"}, secret={"name"}),
    "invitation": RowKind(Invitation, left_out={"salt"}, secret={"email"}),
    "mailbox": RowKind(EmailAddress, secret={"email"}),  # of allauth; the site adds none
    "meeting": RowKind(Meeting),
    "membership": RowKind(Membership),
    "paper": RowKind(Paper),
    # The texts of a draft are no kind: nobody but curators reads them, and their publication names all that it adds.
    "paper-import": RowKind(PaperImport, many=("editors",)),
    "person": RowKind(
        User, left_out={"last_login", "language", "device_generation"}, secret={"email", "name", "password"}
    ),
    "provenance": RowKind(Provenance),
    "provision": RowKind(Provision),
    "quotation": RowKind(Quotation, left_out={"salt"}, secret={"reason"}),
    "recommendation": RowKind(Recommendation, many=("addressees",), key=_text_key),
    "recorded-action": RowKind(RecordedAction),
    "reference": RowKind(Lineage),
    "respondent": RowKind(Respondent, key=lambda row: row.code),
    "round": RowKind(Round, many=("meetings", "themes", "families")),
    "round-unit": RowKind(RoundUnit),
    "second-factor": RowKind(
        Authenticator,
        left_out={"id", "last_used_at", "name", "used_mask", "viewed_at"},
        secret={"data"},
        key=second_factor_key,
    ),
    "scan": RowKind(FileScan, left_out={"id", "created_at"}, key=attrgetter("sha256"), is_named_later=True),
    "served-provision": RowKind(ServedProvision),
    "synonym": RowKind(Synonym),
    "taken-up": RowKind(TakenUp),
    "text-change": RowKind(TextChange),
    "theme": RowKind(Theme, key=attrgetter("slug")),
    "translation": RowKind(Translation),
    "treaty-act": RowKind(TreatyAct),
    "wording": RowKind(Wording, key=_numbered, related=("recommendation",)),
}
NOUNS = {kind.model: noun for noun, kind in KINDS.items()}


def name_of(row: Model) -> str:
    """Return the name of a row in events, such as `theme 5`."""
    noun = NOUNS[row.__class__]
    return f"{noun} {KINDS[noun].key(row)}"


def row_of(saved: EventRow) -> Model:
    """Return an unsaved row of the catalogue as an event left it."""
    model = KINDS[saved.name.partition(" ")[0]].model
    names = {field.name: field.attname for field in model._meta.concrete_fields}
    return model(**{names[name]: value for name, value in (saved.content or {}).items() if name in names})


def content_of(row: Model) -> Content:
    """Return the fields of a row that was read from the database, as JSON."""
    kind = KINDS[NOUNS[row.__class__]]
    fields = [field for field in row._meta.concrete_fields if field.name not in kind.left_out]
    values = [(field, field.value_from_object(row)) for field in fields]
    content = {
        field.name: value if isinstance(value, PLAIN) else _plain(value, field, kind.left_out)
        for field, value in values
    }
    salt = getattr(row, "salt", "")
    content |= {name: field_digest(salt, content[name]) for name in kind.secret}
    return content | {name: sorted(other.pk for other in getattr(row, name).all()) for name in kind.many}


def _plain(value, field: Field, left_out: Set[str]) -> object:
    if isinstance(value, dict):
        return {key: part for key, part in value.items() if key not in left_out}
    if value is None or isinstance(field, JSONField):
        return value
    if isinstance(field, BinaryField):
        return hashlib.sha256(value).hexdigest()
    return as_text(value) if isinstance(value, date) else str(value)


def rows_left(
    rows: Iterable[Model],
    deleted: Iterable[str] = (),
    fields: Iterable[str] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> list[EventRow]:
    """Return unsaved rows of an event: `rows` as they are in the database now, and the names of `deleted` rows.

    With `fields`, a row that an event names already stays otherwise as that event left it: so an act does not hide what
    somebody changed past the site.
    """
    keys = group_pairs((row.__class__, row.pk) for row in rows)
    left = {name_of(row): content_of(row) for model, pks in keys.items() for row in read_rows(model, pks)}
    if fields is not None:
        names, former = set(fields), {name: (renamed or {}).get(name, name) for name in left}
        last_events = _last_events(name__in=former.values())
        for name, content in left.items():
            if last := last_events.get(former[name], NO_EVENT).content:
                left[name] = {**last, **{field: value for field, value in content.items() if field in names}}
    found: dict[str, Content | None] = {**dict.fromkeys(deleted), **left}
    return [EventRow(name=name, content=found[name]) for name in sorted(found)]


def read_rows(model: type[Model], pks: list | None = None) -> Iterator[Model]:
    kind = KINDS[NOUNS[model]]
    rows = model._base_manager.order_by("pk").prefetch_related(*kind.many)
    if kind.related:
        rows = rows.select_related(*kind.related)
    return (rows if pks is None else rows.filter(pk__in=pks)).iterator(AT_A_TIME)


def find_errors(nouns: Collection[str] = ()) -> Iterator[str]:
    """Yield what differs between the rows and the last event about each, of all kinds or of these."""
    with _one_moment():
        last = _last_events(name__regex=rf"^({'|'.join(nouns)}) ") if nouns else _last_events()
        for noun in nouns or KINDS:
            for row in read_rows(KINDS[noun].model):
                name = name_of(row)
                event = last.pop(name, NO_EVENT)
                is_of_nobody = KINDS[noun].is_named_later and event is NO_EVENT
                if not is_of_nobody and (fault := _fault(content_of(row), event)):
                    yield f"{name}: {fault}"
        yield from (f"{name}: missing" for name, event in last.items() if event.content is not None)


def _last_events(**of: object) -> dict[str, LastEvent]:
    """Return each row as the last event about it left it, by name."""
    rows = EventRow.everyones.filter(**of).order_by("event_id")
    values = rows.values_list("name", "content", "event__canonical_form", "event__chain", "event__at")
    last: dict[str, LastEvent] = {}
    for name, content, form, chain, at in values.iterator(AT_A_TIME):
        before = last.get(name, NO_EVENT)
        in_order = before.in_order and (before.at is None or before.chain == chain or before.at <= at)
        last[name] = LastEvent(content, form, chain, at, in_order)
    return last


def _fault(content: Content, event: LastEvent) -> str:
    """Compare what both have: a field that a later version of the site adds is in no event yet."""
    if event.form != FORM:
        return form_error(event.form)
    last = event.content
    if not event.in_order:
        return "its events are stored in another order"
    if last is None:
        return "no event names it"
    names = sorted(name for name in content.keys() & last.keys() if content[name] != last[name])
    return f"altered: {', '.join(names)}" if names else ""


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read the events and the rows as they were at one moment, without holding anybody up."""
    is_first = not connection.in_atomic_block
    with transaction.atomic():
        if is_first and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
