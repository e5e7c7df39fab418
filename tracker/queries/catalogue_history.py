"""How rows of the catalogue changed, from the events about them."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Field, JSONField, Model, Q
from django.template.defaultfilters import yesno
from django.utils.formats import localize

from recommendations.lists import format_list
from recommendations.models import OFFICIAL_LANGUAGES, EvidenceKind, Family, FamilyMember, Recommendation
from tracker.audit.rows import KINDS, NOUNS, Content, name_of, read_rows
from tracker.models import Event, EventRow
from tracker.models.event import Action

Names = dict[type[Model], dict[int, str]]  # of the rows that fields refer to


class FieldChange(NamedTuple):
    field: str
    before: str
    after: str


class RowChange(NamedTuple):
    event: Event
    fields: list[FieldChange]


class UnitChange(NamedTuple):
    """A withdrawal, a merger or, without a date, a reinstatement of a unit."""

    withdrawn_on: date | None
    merged_into: Recommendation | None
    reason: str
    event: Event


def changes_of(row: Model) -> list[RowChange]:
    """Return the changes of a row, and of the members of a family, newest first."""
    rows = EventRow.objects.of_catalogue()
    own = _own_names(row)
    if isinstance(row, Family):
        members = rows.filter(name__startswith=f"{NOUNS[FamilyMember]} ", content__family=row.pk)
        own |= Q(name__in=members.values("name"))
    found = list(rows.filter(own).select_related("event__actor").order_by("event__number", "pk"))
    names = _names_of(found)
    last: dict[str, Content] = {}
    changes = []
    for each in found:
        content = each.content or {}
        name = name_of(row) if isinstance(row, Recommendation) else each.name
        changes.append(RowChange(each.event, list(_compare(each, last.get(name, {}), content, names))))
        last[name] = content
    return changes[::-1]


def unit_changes(node: Recommendation) -> list[UnitChange]:
    """Return the withdrawals, mergers and reinstatements of a unit, oldest first."""
    actions = (Action.RECOMMENDATION_WITHDRAWN, Action.RECOMMENDATION_REINSTATED)
    rows = EventRow.objects.of_catalogue().filter(_own_names(node), event__action__in=actions)
    found = list(rows.select_related("event__actor").order_by("event__number"))
    mergers = {row.content["merged_into"] for row in found} - {None}
    merged = Recommendation.objects.in_bulk(mergers) if mergers else {}
    return [
        UnitChange(
            row.content["withdrawn_on"] and date.fromisoformat(row.content["withdrawn_on"]),
            merged.get(row.content["merged_into"]),
            row.content["withdrawal_reason"],
            row.event,
        )
        for row in found
    ]


def _own_names(row: Model) -> Q:
    """Match the rows of events about a row: a text also by its former labels, which other texts can have too."""
    if not isinstance(row, Recommendation):
        return Q(name=name_of(row))
    body, noun = f"{row.body_slug}/" if row.body_slug else "", NOUNS[Recommendation]
    former = (f"{noun} {body}{label}" for label in row.former_labels)
    return Q(name__in=[name_of(row), *former], content__id=row.pk)


def _compare(row: EventRow, before: Content, after: Content, names: Names) -> Iterator[FieldChange]:
    for field in _fields_of(row):
        values = [_in_words(field, content.get(field.name), names) for content in (before, after)]
        if values[0] != values[1]:
            yield FieldChange(str(field.verbose_name), *values)


def _fields_of(row: EventRow) -> list[Field]:
    kind = KINDS[row.name.partition(" ")[0]]
    names = [field.name for field in kind.model._meta.concrete_fields if not field.primary_key]
    return [kind.model._meta.get_field(name) for name in (*names, *kind.many)]


def _names_of(rows: Iterable[EventRow]) -> Names:
    """Read the names of all rows that the rows refer to: a query for each of their models."""
    keys: dict[type[Model], set[int]] = {}
    for row in rows:
        for field in _fields_of(row):
            if field.related_model and (value := (row.content or {}).get(field.name)):
                keys.setdefault(field.related_model, set()).update(value if isinstance(value, list) else [value])
    return {model: {row.pk: str(row) for row in read_rows(model, sorted(pks))} for model, pks in keys.items()}


def _in_words(field: Field, value: Any, names: Names) -> str:
    if value is None or value in ("", []):
        return ""
    if field.related_model:
        known = names[field.related_model]
        return format_list(known.get(key, str(key)) for key in (value if isinstance(value, list) else [value]))
    if isinstance(value, bool):
        return str(yesno(value))
    if isinstance(field, JSONField):
        return format_list((dict(EvidenceKind.choices) | OFFICIAL_LANGUAGES)[code] for code in value)
    return str(dict(field.flatchoices).get(value) or localize(field.to_python(value)))
