"""Correct what was published wrongly: retract an import, or change labels and kinds, until the paper is opened to
answers; after that correct a label on pages alone.

Every action can raise PermissionDenied, and ValidationError by field.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from recommendations import changes
from recommendations.catalogue import check_permission
from recommendations.changes import announce_change
from recommendations.error_messages import LABEL_OF_ITEMS, PAGE_CHANGED
from recommendations.lists import format_list
from recommendations.models import (
    Addressee,
    Body,
    Footnote,
    Meeting,
    NodeKind,
    PaperImport,
    Recommendation,
    TextChange,
    Wording,
)
from recommendations.paper_import import notation
from recommendations.paper_import.labels import label_problems
from recommendations.paper_import.new_nodes import make_room
from recommendations.paper_import.plan import node_errors

OF_RETRACTION = ("retracted_by", "retracted_at", "retraction_reason")
# What a curator changes of a text; the other fields follow from the label.
OF_STRUCTURE = ("label", "kind", "is_unit", "is_topic")
FOLLOWING = ("slug", "parent", "meeting", "marker", "position")
OF_CORRECTION = ("corrected_label", "slug", "marker")


@transaction.atomic
def retract_import(*, paper_import: PaperImport, reason: str, by) -> None:
    """Hide all texts that an import published, and free their labels. The rows stay."""
    check_permission(by, "add", Recommendation)
    locked = PaperImport.objects.select_for_update(of=("self",)).get(pk=paper_import.pk)
    if not locked.is_published or locked.is_retracted:
        raise ValidationError(PAGE_CHANGED)
    if not reason.strip():
        raise ValidationError({"reason": _("Enter the reason.")})
    _lock_body(locked.body_id)
    texts = Recommendation.objects.filter(paper_import=locked)
    keys = list(texts.select_for_update().order_by("pk").values_list("pk", flat=True))
    if problem := find_retraction_problem(locked):
        raise ValidationError(problem)
    before, now = _read_named_rows(keys), timezone.now()
    texts.update(retracted_at=now)
    locked.retracted_by, locked.retracted_at, locked.retraction_reason = by, now, reason.strip()
    locked.save()
    announce_change(
        changes.RETRACTED,
        by=by,
        target=locked,
        rows=[locked],
        renamed=list(zip(before, _read_named_rows(keys), strict=True)),
        after=f"{len(keys)} texts",
        fields=OF_RETRACTION,
    )


def _lock_body(key: int | None) -> None:
    """Wait for a publication and an opening; a round, whose foreign key locks the body after its texts, goes on."""
    Body.objects.select_for_update(no_key=True).get(pk=key)


def find_retraction_problem(paper_import: PaperImport) -> str:
    """Return why a published import cannot be retracted; empty where it can."""
    texts = Recommendation.objects.filter(paper_import=paper_import)
    if texts.filter(paper__opened_at__isnull=False).exists():
        return _("This paper is open to answers. It cannot be retracted any more.")
    items = Recommendation.objects.filter(parent__in=texts).exclude(pk__in=texts.values("pk"))
    if labels := items.order_by("position").values_list("label", flat=True):
        # Translators: labels: list of labels of texts, such as X.4 and X.5.
        words = _("First retract the imports with other items of these texts: %(labels)s.")
        return words % {"labels": format_list(labels)}
    return ""


def _read_named_rows(keys: Collection[int]) -> list[Model]:
    """Return texts with their wordings and footnotes: events name all of them by the label of the text."""
    rows: list[Model] = [*Recommendation.objects.including_retracted().filter(pk__in=keys).order_by("pk")]
    for of_texts in (Wording.objects.including_retracted(), Footnote.objects.including_retracted()):
        rows += of_texts.filter(recommendation__in=keys).select_related("recommendation").order_by("pk")
    return rows


class Structure(NamedTuple):
    """Hold what a curator wants a text to be. `labels`: the new label of the text and of each item that moves with it.

    `parent`: the text above it, None where the label is of a paragraph; `parts`: those of each new label; `meetings`:
    that of the label, or all parts of one that was held in parts where the label does not say the part.
    """

    text: Recommendation
    values: Mapping[str, Any]
    labels: Mapping[int, str]
    parts: Mapping[int, notation.LabelParts | None]
    parent: Recommendation | None
    meetings: list[Meeting]


@transaction.atomic
def change_structure(
    *, text: Recommendation, label: str, kind: str, is_unit: bool, is_topic: bool, reason: str, by
) -> bool:
    """Change OF_STRUCTURE of a text whose paper is not open to answers; return whether anything changed.

    Its meeting, chapeau, number and position follow from the label. Its items move with it.
    """
    check_permission(by, "change", text)
    _lock_body(text.body_id)
    stored = Recommendation.objects.filter(pk=text.pk).first()
    if stored is None:
        raise ValidationError(PAGE_CHANGED)
    values = {"label": label.strip(), "kind": kind, "is_unit": is_unit, "is_topic": is_topic}
    wanted = _plan_structure(stored, values)
    if errors := _structure_errors(wanted, reason):
        raise ValidationError(errors)
    if all(getattr(stored, name) == value for name, value in values.items()):
        return False
    line = {*wanted.labels, stored.parent_id, wanted.parent and wanted.parent.pk} - {None}
    nodes = Recommendation.objects.select_for_update().filter(pk__in=line).order_by("pk").in_bulk()
    moved = [nodes[key] for key in wanted.labels]
    if Recommendation.objects.filter(pk__in=line, paper__opened_at__isnull=False).exists():
        raise ValidationError(_("This paper is open to answers. Its texts keep their labels and kinds."))
    before = _read_named_rows(wanted.labels)
    is_renamed = values["label"] != stored.label
    rows = _move_to_place(moved, wanted) if is_renamed else []
    rows += [_write_structure(node, wanted, reason.strip(), by) for node in moved]
    announce_change(
        changes.RESTRUCTURED,
        by=by,
        target=nodes[stored.pk],
        rows=rows if is_renamed else [*rows, nodes[stored.pk]],
        renamed=list(zip(before, _read_named_rows(wanted.labels), strict=True)) if is_renamed else [],
        after=f"formerly {stored.full_label}" if is_renamed else "",
        fields=(*OF_STRUCTURE, *FOLLOWING),
    )
    return True


@transaction.atomic
def correct_label(*, text: Recommendation, label: str, reason: str, by) -> bool:
    """Show another label on pages than the one at publication, which files and digests keep; return whether it changed.

    Until the paper is open to answers, `change_structure` changes the label itself. The labels of its items change with
    it, and their addresses follow.
    """
    check_permission(by, "change", text)
    _lock_body(text.body_id)
    nodes = _list_with_items(text)
    if nodes[0].paper.opened_at is None:
        raise ValidationError(PAGE_CHANGED)
    shown, label = nodes[0].shown_label, label.strip()
    labels = {node.pk: label + node.shown_label.removeprefix(shown) for node in nodes}
    if errors := _corrected_label_errors(nodes, labels, reason):
        raise ValidationError(errors)
    if label == shown:
        return False
    rows = [change for node in nodes for change in (_keep_former(node, reason.strip(), by), node)]
    for node in nodes:
        node.corrected_label = "" if labels[node.pk] == node.label else labels[node.pk]
        node.slug = node.body.slug_of(node.shown_label)
        node.marker = notation.parse_label(node.shown_label).marker  # type: ignore[union-attr]
        node.save(update_fields=OF_CORRECTION)
    after = f"formerly {shown}"
    announce_change(changes.LABEL_CORRECTED, by=by, target=nodes[0], rows=rows, after=after, fields=OF_CORRECTION)
    return True


def _list_with_items(text: Recommendation) -> list[Recommendation]:
    """Lock a text and what is below it."""
    of_text = Q(pk=text.pk) | Q(parent=text.pk) | Q(parent__parent=text.pk) | Q(parent__parent__parent=text.pk)
    return list(Recommendation.objects.select_for_update(of=("self",)).filter(of_text).order_by("position"))


def _corrected_label_errors(
    nodes: list[Recommendation], labels: Mapping[int, str], reason: str
) -> dict[str, str | Promise]:
    if not reason.strip():
        return {"reason": _("Enter the reason.")}
    others = [node for node in nodes if {node.label, node.corrected_label} & (set(labels.values()) - {labels[node.pk]})]
    if others or None in map(notation.parse_label, labels.values()):
        return {"label": LABEL_OF_ITEMS}
    return _taken_label_error(nodes[0], labels)


def _taken_label_error(text: Recommendation, labels: Mapping[int, str]) -> dict[str, str | Promise]:
    """Return the error where the search cannot distinguish one of the labels from that of another text, as it is shown
    or was at publication.
    """
    others = Recommendation.objects.filter(body=text.body_id).exclude(pk__in=labels)
    taken = {label: node for node in others for label in (node.label, node.corrected_label) if label}
    for other in label_problems(labels.values(), taken).values():
        # Translators: text: label of a text with its short title.
        return {"label": _("Another text has this label: %(text)s") % {"text": taken.get(other, other)}}
    return {}


def _plan_structure(text: Recommendation, values: Mapping[str, Any]) -> Structure:
    labels = {text.pk: values["label"]}
    if values["label"] != text.label:
        for node in Recommendation.objects.below(text).order_by("label"):
            labels[node.pk] = values["label"] + node.label.removeprefix(text.label)
    parts = {key: notation.parse_label(label) for key, label in labels.items()}
    own, parent = parts[text.pk], None
    if own and own.parent:
        parent = Recommendation.objects.filter(body=text.body_id, label=own.parent).exclude(pk__in=labels).first()
    meetings = list(text.body.meetings.filter(number=own.meeting)) if own else []
    if parent or text.meeting in meetings:
        meetings = [(parent or text).meeting]
    return Structure(text, values, labels, parts, parent, meetings)


def _structure_errors(wanted: Structure, reason: str) -> dict[str, str | Promise]:
    text, values = wanted.text, wanted.values
    as_imported = {name: getattr(text, name) for name in ("basis", "text", "primary_theme", "secondary_theme")}
    codes = list(text.addressees.values_list("code", flat=True))
    errors = node_errors({**as_imported, "addressees": codes, "footnotes": "", **values})
    errors = {name: error for name, error in errors.items() if name in OF_STRUCTURE}
    if not reason.strip():
        errors["reason"] = _("Enter the reason.")
    return _unit_errors(wanted, codes) | _topic_errors(wanted) | _label_errors(wanted) | errors


def _label_errors(wanted: Structure) -> dict[str, str | Promise]:
    own = wanted.parts[wanted.text.pk]
    if taken := _taken_label_error(wanted.text, wanted.labels):
        return taken
    if len(wanted.meetings) > 1:
        return {"label": "This meeting was held in parts. A text of another meeting cannot be moved to it."}
    if own and not wanted.meetings:
        return {"label": "No meeting of this body has this number. Enter the label of another meeting."}
    if own and own.parent and wanted.parent is None:
        return {"label": f"No text has the label {own.parent}, below which this text would be."}
    if None in wanted.parts.values():
        return {"label": LABEL_OF_ITEMS}
    return {}


def _unit_errors(wanted: Structure, codes: Collection[str]) -> dict[str, str]:
    text = wanted.text
    if wanted.values["kind"] != NodeKind.CHAPEAU and text.items.exists():
        return {"kind": "Choose “chapeau”: the text has items."}
    if not wanted.values["is_unit"]:
        return {}
    if not codes:
        return {"is_unit": "First select an addressee on the page of the text: answers are requested from addressees."}
    above = [wanted.parent, *wanted.parent.chapeaux] if wanted.parent else []
    if any(node.is_unit for node in above):
        return {"is_unit": "The text above is answered with its items. Only one of them can be answered."}
    if Recommendation.objects.below(text).filter(is_unit=True).exists():
        return {"is_unit": "Its items are answered themselves. Change the items first."}
    if text.recorded_actions.exists() and not set(codes).intersection(Addressee.WITHOUT_DESK):
        return {"is_unit": "Recorded actions refer to this text, which only respondents would answer."}
    return {}


def _topic_errors(wanted: Structure) -> dict[str, str]:
    text, is_topic = wanted.text, wanted.values["is_topic"]
    if is_topic and text.topic_clause:
        return {"is_topic": "First clear the clause that proposes a topic on the page of the text."}
    if not is_topic and not text.topic_clause and text.taken_up.exists():
        return {"is_topic": "Meetings are recorded at which this topic was discussed. Delete these records first."}
    return {}


def _move_to_place(nodes: Collection[Recommendation], wanted: Structure) -> list[Model]:
    """Set the positions of texts by their new labels, and return the texts that make room for them."""
    body = wanted.text.body
    labels = sorted(wanted.labels.values(), key=notation.label_order)
    meetings = {meeting.number: meeting for meeting in body.meetings.all()}
    positions, others = make_room(body, meetings, labels, of=wanted.labels)
    for node in nodes:
        node.position = positions[wanted.labels[node.pk]]
    return others


def _write_structure(node: Recommendation, wanted: Structure, reason: str, by) -> TextChange:
    """Change a text, or an item that moves with it, and return what keeps the values from before."""
    change = _keep_former(node, reason, by)
    parts = wanted.parts[node.pk]
    if parts is None:
        raise ValueError(wanted.labels[node.pk])
    if node.pk == wanted.text.pk:
        node.kind, node.is_unit, node.is_topic = (wanted.values[name] for name in ("kind", "is_unit", "is_topic"))
        node.parent = wanted.parent
    node.label = wanted.labels[node.pk]
    node.slug, node.marker = node.body.slug_of(node.label), parts.marker
    [node.meeting] = wanted.meetings
    node.save(update_fields=[*OF_STRUCTURE, *FOLLOWING])
    return change


def _keep_former(node: Recommendation, reason: str, by) -> TextChange:
    former = {name: getattr(node, name) for name in ("slug", "kind", "is_unit", "is_topic", "parent")}
    return TextChange.objects.create(recommendation=node, label=node.shown_label, reason=reason, author=by, **former)
