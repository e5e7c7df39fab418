"""The catalogue's actions and its export. Who may is asked of `user.has_perm()`; the site answers."""

from datetime import date

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import (
    Addressee,
    Body,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Provenance,
    Provision,
    Recommendation,
    RecordedAction,
    ServedProvision,
    TakenUp,
    Theme,
    Translation,
    Wording,
    WordingKind,
)

# What curators keep as they edited it, and may remove where nothing refers to it. A text is neither.
DELETABLE = (
    Theme,
    Family,
    FamilyMember,
    Lineage,
    RecordedAction,
    Provenance,
    TakenUp,
    Translation,
    Provision,
    ServedProvision,
)
EDITABLE = (Body, Meeting, *DELETABLE)

# What curators say about a node. All else of it is as adopted.
ANNOTATIONS = (
    "addressees",
    "basis",
    "strength",
    "asks_to_consider",
    "primary_theme",
    "secondary_theme",
    "topic_clause",
    "guidance",
)


@transaction.atomic
def change_annotations(*, recommendation: Recommendation, by, **annotations) -> bool:
    """Change what is said about a node (ANNOTATIONS; `addressees` is a collection of them); return whether it did.

    A change is one line of history, however many fields it has; no change is none.
    Raises PermissionDenied, or ValidationError by field.
    """
    if annotations.keys() - set(ANNOTATIONS):
        raise PermissionDenied
    node = _lock_node(recommendation, by)
    addressees = set(annotations.pop("addressees", node.addressees.all()))
    moved = addressees != set(node.addressees.all())
    changed = {name: value for name, value in annotations.items() if value != getattr(node, name)}
    if not (moved or changed):
        return False
    for name, value in changed.items():
        setattr(node, name, value)
    if errors := addressee_errors(node.is_unit, addressees, node.basis):
        raise ValidationError(errors)
    if (
        moved
        and node.is_unit
        and node.recorded_actions.exists()
        and not any(one.code in Addressee.WITHOUT_DESK for one in addressees)
    ):
        raise ValidationError({"addressees": _("Facts are recorded on it, so it is not for respondents alone.")})
    node.full_clean()
    vars(node)["_history_user"] = by
    if moved:
        vars(node)["skip_history_when_saving"] = True
        node.addressees.set(addressees)
        del vars(node)["skip_history_when_saving"]
    node.save()
    return True


def addressee_errors(is_unit: bool, addressees, basis: str) -> dict[str, str]:
    """Why these cannot be the addressees of a node, by field."""
    if is_unit and not addressees:
        return {"addressees": _("An answer is recorded on it, so it is addressed to somebody.")}
    if addressees and not basis:
        return {"basis": _("Say how the addressee is known.")}
    if basis and not addressees:
        return {"basis": _("Without an addressee there is no basis.")}
    return {}


@transaction.atomic
def add_wording(*, recommendation: Recommendation, text: str, kind: str, reason: str, by) -> Wording:
    """Change the text of a node in the only way there is: by a further wording, which becomes the current one.

    Answers stay with the wording that they answered; after a new wording they were given on the former one.
    Raises PermissionDenied, or ValidationError by field.
    """
    node = _lock_node(recommendation, by)
    if errors := wording_errors(node, text, kind, reason):
        raise ValidationError(errors)
    stands = node.wordings.latest("number")
    wording = Wording.objects.create(
        recommendation=node,
        number=stands.number + 1,
        text=text,
        kind=kind,
        reason=reason,
        author=by,
        since=timezone.now() if kind == WordingKind.NEW_WORDING else stands.since,
    )
    Recommendation.objects.filter(pk=node.pk).update(current_wording=wording)
    return wording


@transaction.atomic
def withdraw_unit(*, unit: Recommendation, on: date, reason: str, by, into: Recommendation | None = None) -> None:
    """Ask for no answer on a unit from now on, or on another one in its place, `into`.

    It keeps its address, its answers and its place in frozen scopes and in what was handed in; no answer is moved.
    Raises PermissionDenied, or ValidationError by field.
    """
    node = _lock_node(unit, by)
    if errors := withdrawal_errors(node, on, reason, into):
        raise ValidationError(errors)
    node.withdrawn_on, node.withdrawal_reason, node.merged_into = on, reason, into
    _save_with_reason(node, reason, by)


@transaction.atomic
def reinstate_unit(*, unit: Recommendation, reason: str, by) -> None:
    """Ask again for answers on a unit that was withdrawn or merged. Raises PermissionDenied or ValidationError."""
    node = _lock_node(unit, by)
    if node.withdrawn_on is None:
        raise ValidationError(_("It is asked already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is asked again.")})
    node.withdrawn_on, node.withdrawal_reason, node.merged_into = None, "", None
    _save_with_reason(node, reason, by)


def withdrawal_errors(node: Recommendation, on: date, reason: str, into: Recommendation | None) -> dict[str, str]:
    """Why a unit cannot be withdrawn so, by field."""
    errors: dict[str, str] = {}
    if not node.is_unit or node.withdrawn_on or node.published_at is None:
        errors[NON_FIELD_ERRORS] = _("This is not a unit that is asked.")
    if on > timezone.localdate():
        errors["on"] = _("A withdrawal holds from the day on which it is made, not from a later one.")
    if not reason.strip():
        errors["reason"] = _("Say why it is withdrawn.")
    if into and not Recommendation.objects.published().units().exclude(pk=node.pk).filter(pk=into.pk).exists():
        errors["into"] = _("It is merged into another unit, one that is asked.")
    return errors


def _save_with_reason(node: Recommendation, reason: str, by) -> None:
    """With its reason in the history, by which the page tells acts from other changes."""
    vars(node)["_history_user"], vars(node)["_change_reason"] = by, reason
    node.save()


@transaction.atomic
def save_instance(*, thing: Model, by) -> None:
    """Keep one of KEPT as it was edited. Raises PermissionDenied."""
    if not isinstance(thing, EDITABLE):
        raise PermissionDenied
    _check_permission(by, "add" if thing._state.adding else "change", thing)
    vars(thing)["_history_user"] = by
    thing.save()


@transaction.atomic
def record_action(*, action: RecordedAction, by) -> None:
    """Save a recorded action, new or edited. Raises PermissionDenied, or ValidationError by field."""
    _check_permission(by, "change", action)
    action.full_clean()
    save_instance(thing=action, by=by)


@transaction.atomic
def save_checked_instance(*, thing: Provenance | TakenUp | Translation, by) -> None:
    """Keep what is known of a text, that a topic was taken up, or an official text in another language.

    Raises PermissionDenied, or ValidationError by field.
    """
    _check_permission(by, "change", thing)
    thing.full_clean()
    save_instance(thing=thing, by=by)


@transaction.atomic
def delete_instance(*, thing: Model, by) -> None:
    """Remove one of REMOVED to which nothing refers. Raises PermissionDenied or ProtectedError."""
    if not isinstance(thing, DELETABLE):
        raise PermissionDenied
    _check_permission(by, "delete", thing)
    vars(thing)["_history_user"] = by
    thing.delete()


def _check_permission(by, action: str, thing: Model) -> None:
    if not by.has_perm(f"recommendations.{action}_{thing._meta.model_name}"):
        raise PermissionDenied


def _lock_node(recommendation: Recommendation, by) -> Recommendation:
    if not by.has_perm("recommendations.change_recommendation"):
        raise PermissionDenied
    return Recommendation.objects.select_for_update().get(pk=recommendation.pk)


def wording_errors(node: Recommendation, text: str, kind: str, reason: str) -> dict[str, str]:
    """Why this cannot be the next wording of a node, by field."""
    errors = {}
    if not text.strip():
        errors["text"] = _("A text has words.")
    elif text == node.text:
        errors["text"] = _("This is the text as it stands.")
    if kind not in Wording.LATER_KINDS:
        errors["kind"] = _("Say whether it is a correction or a new wording: %(codes)s.") % {
            "codes": ", ".join(Wording.LATER_KINDS)
        }
    if not reason.strip():
        errors["reason"] = _("Say why the text changes.")
    return errors


def export_catalogue() -> list[dict]:
    """The published nodes, body by body in paper order, with the keys that `manage.py export_catalogue` documents."""
    nodes = (
        Recommendation.objects.published()
        .with_text()
        .select_related("body", "merged_into")
        .prefetch_related("addressees", Prefetch("footnotes", Footnote.objects.order_by("offset")), "recorded_actions")
        .order_by("body", "position")
    )
    return [
        {
            "label": node.label,
            "body": node.body.slug,
            "parent": node.parent.label if node.parent else None,
            "kind": node.kind,
            "unit": node.is_unit,
            "topic": node.is_topic,
            "meeting": node.meeting.number,
            "text": node.text,
            "footnotes": [note.number for note in node.footnotes.all()],
            "addressees": [addressee.code for addressee in node.addressees.all()],
            "basis": node.basis or None,
            "strength": node.strength or None,
            "asks_to_consider": node.asks_to_consider,
            "themes": [theme.slug for theme in (node.primary_theme, node.secondary_theme) if theme],
            "withdrawn_on": node.withdrawn_on.isoformat() if node.withdrawn_on else None,
            "merged_into": node.merged_into.slug if node.merged_into else None,
            "facts": [
                {
                    "by": action.by,
                    "what": action.what,
                    "symbol": action.symbol or None,
                    "date": action.date.isoformat(),
                    "link": action.link or None,
                }
                for action in node.recorded_actions.all()
            ],
        }
        for node in nodes
    ]
