"""The actions of the catalogue.

The site answers `user.has_perm()`. Every action can raise PermissionDenied, and ValidationError by field.
"""

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from datetime import date

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import changes
from recommendations.changes import announce_change
from recommendations.currency import list_currencies
from recommendations.error_messages import CHOOSE_FROM, PAGE_CHANGED
from recommendations.lists import format_list
from recommendations.models import (
    Addressee,
    Body,
    Currency,
    Family,
    FamilyMember,
    Lineage,
    Meeting,
    Paper,
    Provenance,
    Provision,
    Recommendation,
    RecommendationQuerySet,
    RecordedAction,
    ServedProvision,
    Synonym,
    TakenUp,
    Theme,
    Translation,
    Wording,
    WordingKind,
)

# Curators delete these where nothing refers to them. A text is never edited or deleted.
DELETABLE = (
    Paper,
    Theme,
    Family,
    FamilyMember,
    Lineage,
    RecordedAction,
    Provenance,
    Currency,
    TakenUp,
    Translation,
    Provision,
    ServedProvision,
    Synonym,
)
EDITABLE = (Body, Meeting, *DELETABLE)

# What curators write about a node, and its place in its paper. All other fields are as adopted.
ANNOTATIONS = (
    "paragraph",
    "page",
    "title",
    "addressees",
    "basis",
    "strength",
    "asks_to_consider",
    "primary_theme",
    "secondary_theme",
    "topic_clause",
    "guidance",
    "evidence_kinds",
    "evidence_hint",
)
OF_WITHDRAWAL = ("withdrawn_on", "withdrawal_reason", "merged_into")


@transaction.atomic
def change_annotations(*, recommendation: Recommendation, by, **annotations) -> bool:
    """Change ANNOTATIONS of a node; return whether anything changed."""
    fields = write_annotations(recommendation=recommendation, by=by, **annotations)
    if fields:
        announce_change(changes.CHANGED, by=by, target=recommendation, rows=[recommendation], fields=fields)
    return bool(fields)


def write_annotations(*, recommendation: Recommendation, by, **annotations) -> list[str]:
    """Change ANNOTATIONS as a part of an action, which announces the change; return which changed."""
    if annotations.keys() - set(ANNOTATIONS):
        raise PermissionDenied
    node = _lock_node(recommendation, by)
    addressees = set(annotations.pop("addressees", node.addressees.all()))
    is_readdressed = addressees != set(node.addressees.all())
    changed = {name: value for name, value in annotations.items() if value != getattr(node, name)}
    if not (is_readdressed or changed):
        return []
    for name, value in changed.items():
        setattr(node, name, value)
    if errors := addressee_errors(node.is_unit, addressees, node.basis):
        raise ValidationError(errors)
    if (
        is_readdressed
        and node.is_unit
        and node.recorded_actions.exists()
        and not any(addressee.code in Addressee.WITHOUT_DESK for addressee in addressees)
    ):
        raise ValidationError(
            {
                "addressees": "Action by the Conference, the Working Group or United Nations entities is recorded "
                "here. Select at least one of these addressees."
            }
        )
    node.full_clean()
    if is_readdressed and node.withdrawn_on is None:
        _announce_requests(node, {*addressees, *node.addressees.all()})
    node.addressees.set(addressees)
    node.save()
    return [*changed, *(["addressees"] if is_readdressed else [])]


def addressee_errors(is_unit: bool, addressees, basis: str) -> dict[str, str]:
    if is_unit and not addressees:
        return {"addressees": _("Select at least one addressee: answers are recorded for this text.")}
    if addressees and not basis:
        return {"basis": "Choose the basis for the addressee."}
    if basis and not addressees:
        return {"basis": "Select an addressee, or clear the basis."}
    return {}


@transaction.atomic
def add_wording(*, recommendation: Recommendation, text: str, kind: str, reason: str, by) -> Wording:
    """Change the text of a node, by a wording that becomes the current one. There is no other way.

    Answers stay with the wording that they answered.
    """
    wording = write_wording(recommendation=recommendation, text=text, kind=kind, reason=reason, by=by)
    announce_change(
        changes.TEXT_CHANGED,
        by=by,
        target=recommendation,
        rows=[recommendation, wording],
        after=f"wording {wording.number}",
        fields=["current_wording"],
    )
    return wording


def write_wording(*, recommendation: Recommendation, text: str, kind: str, reason: str, by) -> Wording:
    """Add a wording as a part of an action, which announces the change."""
    node = _lock_node(recommendation, by)
    if errors := wording_errors(node, text, kind, reason):
        raise ValidationError(errors)
    latest = node.wordings.latest("number")
    wording = Wording.objects.create(
        recommendation=node,
        number=latest.number + 1,
        text=text,
        kind=kind,
        reason=reason,
        author=by,
        since=timezone.now() if kind == WordingKind.NEW_WORDING else latest.since,
    )
    Recommendation.objects.filter(pk=node.pk).update(current_wording=wording)
    return wording


@transaction.atomic
def withdraw_unit(*, unit: Recommendation, on: date, reason: str, by, into: Recommendation | None = None) -> None:
    """Request no more answers on a text, or answers on the text `into` in its place.

    The text keeps its answers and its place in frozen scopes and submissions. No answer is moved. Its address leads to
    `into` where a quoted decision replaces the text.
    """
    node = _lock_node(unit, by)
    if errors := withdrawal_errors(node, on, reason, into):
        raise ValidationError(errors)
    node.withdrawn_on, node.withdrawal_reason, node.merged_into = on, reason, into
    node.save()
    after = f"merged into {into.full_label}" if into else ""
    announce_change(changes.WITHDRAWN, by=by, target=node, rows=[node], after=after, fields=OF_WITHDRAWAL)
    _announce_requests(node, {*node.addressees.all(), *(into.addressees.all() if into else ())})


@transaction.atomic
def reinstate_unit(*, unit: Recommendation, reason: str, by) -> None:
    node = _lock_node(unit, by)
    if node.withdrawn_on is None:
        raise ValidationError(PAGE_CHANGED)
    if not reason.strip():
        raise ValidationError({"reason": _("Enter the reason.")})
    node.withdrawn_on, node.withdrawal_reason, node.merged_into = None, reason, None
    node.save()
    announce_change(changes.REINSTATED, by=by, target=node, rows=[node], fields=OF_WITHDRAWAL)
    _announce_requests(node, node.addressees.all())


def _announce_requests(node: Recommendation, addressees: Iterable[Addressee]) -> None:
    if node.is_open_unit:
        changes.requests_changed.send(None, text=node, codes={addressee.code for addressee in addressees})


def texts_in_place_of(node: Recommendation) -> RecommendationQuerySet:
    """Return the texts of its body to which answers can be requested instead."""
    texts = Recommendation.objects.published().filter(body=node.body_id, withdrawn_on=None).exclude(pk=node.pk)
    return texts.units() if node.is_unit else texts.filter(paper__opened_at__isnull=False)


def withdrawal_errors(node: Recommendation, on: date, reason: str, into: Recommendation | None) -> dict[str, str]:
    errors: dict[str, str] = {}
    if node.withdrawn_on or node.published_at is None:
        errors[NON_FIELD_ERRORS] = "The site does not request answers to this text."
    if on > timezone.localdate():
        errors["on"] = _("The date must be today or earlier.")
    if not reason.strip():
        errors["reason"] = _("Enter the reason.")
    if into and not texts_in_place_of(node).filter(pk=into.pk).exists():
        errors["into"] = "Choose another recommendation for which answers are requested."
    elif into and not node.is_unit and not list_currencies(node, Currency.Kind.REPLACEMENT):
        errors["into"] = "First record the decision that replaces this text, under “Decisions and dates”."
    return errors


@transaction.atomic
def save_instance(*, instance: Model, by) -> None:
    action = changes.ADDED if instance._state.adding else changes.CHANGED
    check_permission(by, "change", instance)
    instance.full_clean()
    fields = write_instance(instance=instance, by=by)
    announce_change(action, by=by, target=instance, rows=[instance], fields=fields)


def write_instance(*, instance: Model, by) -> list[str]:
    """Save one of EDITABLE as a part of an action, which announces the change; return the fields that changed."""
    if not isinstance(instance, EDITABLE):
        raise PermissionDenied
    check_permission(by, "add" if instance._state.adding else "change", instance)
    stored = instance.__class__._default_manager.filter(pk=instance.pk).first()
    instance.save()
    return changed_fields(stored, instance)


def changed_fields(stored: Model | None, row: Model) -> list[str]:
    """Return the names of the fields in which a row differs from the one that is stored, if one is."""
    fields = row._meta.concrete_fields
    return [f.name for f in fields if stored is None or f.value_from_object(stored) != f.value_from_object(row)]


@transaction.atomic
def add_official_texts(
    *, paper: Paper, language: str, source: str, texts: Mapping[int, str], replaced: Collection[int] = (), by
) -> int:
    """Record official texts of a paper by key of their wordings, all of them or none, and return how many.

    A text that is recorded in other words changes only if its wording is in `replaced`. Raise ValidationError where the
    catalogue is no longer as the page showed it.
    """
    for action in ("add", "change"):
        check_permission(by, action, Translation)
    Paper.objects.select_for_update().get(pk=paper.pk)
    if texts.keys() - set(paper.texts.published().values_list("current_wording", flat=True)):
        raise ValidationError(PAGE_CHANGED)
    recorded = {each.wording_id: each for each in Translation.objects.filter(language=language, wording__in=texts)}
    rows = [
        recorded.get(wording) or Translation(wording_id=wording, language=language)
        for wording, text in texts.items()
        if wording not in recorded or recorded[wording].text != text
    ]
    if any(row.pk and row.wording_id not in replaced for row in rows):
        raise ValidationError(PAGE_CHANGED)
    if not rows:
        raise ValidationError("There is no official text to publish.")
    for row in rows:
        row.text, row.source = texts[row.wording_id], source
        row.clean_fields(exclude=["wording"])
    Translation.objects.bulk_update([row for row in rows if row.pk], ["text", "source"])
    Translation.objects.bulk_create(row for row in rows if not row.pk)
    announce_change(changes.IMPORTED, by=by, rows=rows, after=f"{len(rows)} texts", fields=["text", "source"])
    return len(rows)


@transaction.atomic
def delete_instance(*, instance: Model, by) -> None:
    """Delete one of DELETABLE. Raises ProtectedError where something refers to it."""
    if not isinstance(instance, DELETABLE):
        raise PermissionDenied
    check_permission(by, "delete", instance)
    deleted = copy(instance)
    instance.delete()
    announce_change(changes.DELETED, by=by, target=deleted, deleted=[deleted])


def check_permission(by, action: str, of: Model | type[Model]) -> None:
    if not by.has_perm(f"recommendations.{action}_{of._meta.model_name}"):
        raise PermissionDenied


def _lock_node(recommendation: Recommendation, by) -> Recommendation:
    check_permission(by, "change", recommendation)
    return Recommendation.objects.select_for_update().get(pk=recommendation.pk)


def wording_errors(node: Recommendation, text: str, kind: str, reason: str) -> dict[str, str]:
    errors = {}
    if not text.strip():
        errors["text"] = _("Enter the text.")
    elif text == node.text:
        errors["text"] = "The text is unchanged. Enter the new text."
    if kind not in Wording.LATER_KINDS:
        errors["kind"] = CHOOSE_FROM % {"words": format_list(Wording.LATER_KINDS)}
    if not reason.strip():
        errors["reason"] = _("Enter the reason.")
    return errors
