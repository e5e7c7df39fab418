"""The catalogue's actions and its export. Who may is asked of `user.has_perm()`; the site answers."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, OuterRef, Prefetch, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import document
from recommendations.models import (
    Addressee,
    Body,
    Fact,
    Family,
    FamilyMember,
    Footnote,
    Lineage,
    Meeting,
    Provenance,
    Provision,
    Recommendation,
    ServedProvision,
    TakenUp,
    Theme,
    Translation,
    Wording,
)

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
PAPER = FIXTURES / "CTOC-COP-WG.4-recommendations-2009-2018.txt"

# What curators keep as they edited it, and may remove where nothing refers to it. A text is neither.
REMOVED = (
    Theme,
    Family,
    FamilyMember,
    Lineage,
    Fact,
    Provenance,
    TakenUp,
    Translation,
    Provision,
    ServedProvision,
)
KEPT = (Body, Meeting, *REMOVED)

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
def annotate(*, recommendation: Recommendation, by, **annotations) -> bool:
    """Change what is said about a node (ANNOTATIONS; `addressees` is a collection of them); return whether it did.

    A change is one line of history, however many fields it has; no change is none.
    Raises PermissionDenied, or ValidationError by field.
    """
    if annotations.keys() - set(ANNOTATIONS):
        raise PermissionDenied
    node = _to_change(recommendation, by)
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
        and node.facts.exists()
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
    node = _to_change(recommendation, by)
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
        since=timezone.now() if kind == Wording.Kind.NEW_WORDING else stands.since,
    )
    Recommendation.objects.filter(pk=node.pk).update(current_wording=wording)
    return wording


@transaction.atomic
def withdraw_unit(*, unit: Recommendation, on: date, reason: str, by, into: Recommendation | None = None) -> None:
    """Ask for no answer on a unit from now on, or on another one in its place, `into`.

    It keeps its address, its answers and its place in frozen scopes and in what was handed in; no answer is moved.
    Raises PermissionDenied, or ValidationError by field.
    """
    node = _to_change(unit, by)
    if errors := withdrawal_errors(node, on, reason, into):
        raise ValidationError(errors)
    node.withdrawn_on, node.withdrawal_reason, node.merged_into = on, reason, into
    _keep_act(node, reason, by)


@transaction.atomic
def put_back(*, unit: Recommendation, reason: str, by) -> None:
    """Ask again for answers on a unit that was withdrawn or merged. Raises PermissionDenied or ValidationError."""
    node = _to_change(unit, by)
    if node.withdrawn_on is None:
        raise ValidationError(_("It is asked already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is asked again.")})
    node.withdrawn_on, node.withdrawal_reason, node.merged_into = None, "", None
    _keep_act(node, reason, by)


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


def _keep_act(node: Recommendation, reason: str, by) -> None:
    """With its reason in the history, by which the page tells acts from other changes."""
    vars(node)["_history_user"], vars(node)["_change_reason"] = by, reason
    node.save()


@transaction.atomic
def keep(*, thing: Model, by) -> None:
    """Keep one of KEPT as it was edited. Raises PermissionDenied."""
    if not isinstance(thing, KEPT):
        raise PermissionDenied
    _refuse_unless(by, "add" if thing._state.adding else "change", thing)
    vars(thing)["_history_user"] = by
    thing.save()


@transaction.atomic
def record_fact(*, fact: Fact, by) -> None:
    """Keep a fact, new or edited. Raises PermissionDenied, or ValidationError by field."""
    _refuse_unless(by, "change", fact)
    fact.full_clean()
    keep(thing=fact, by=by)


@transaction.atomic
def keep_checked(*, thing: Provenance | TakenUp | Translation, by) -> None:
    """Keep what is known of a text, that a topic was taken up, or an official text in another language.

    Raises PermissionDenied, or ValidationError by field.
    """
    _refuse_unless(by, "change", thing)
    thing.full_clean()
    keep(thing=thing, by=by)


@transaction.atomic
def remove(*, thing: Model, by) -> None:
    """Remove one of REMOVED to which nothing refers. Raises PermissionDenied or ProtectedError."""
    if not isinstance(thing, REMOVED):
        raise PermissionDenied
    _refuse_unless(by, "delete", thing)
    vars(thing)["_history_user"] = by
    thing.delete()


def _refuse_unless(by, action: str, thing: Model) -> None:
    if not by.has_perm(f"recommendations.{action}_{thing._meta.model_name}"):
        raise PermissionDenied


def _to_change(recommendation: Recommendation, by) -> Recommendation:
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


@transaction.atomic
def load_catalogue() -> int:
    """Add to the catalogue what the fixtures have and it has not; return the number of nodes added.

    What stands already, and so what a curator changed, is left as it is.
    """
    annotations = json.loads((FIXTURES / "annotations.json").read_text(encoding="utf-8"))
    paper = document.parse(PAPER.read_text(encoding="utf-8"))
    body = _load_body(annotations)
    themes = _load_themes(json.loads((FIXTURES / "themes.json").read_text(encoding="utf-8"))["themes"])
    added = _load_nodes(body, paper, annotations["nodes"], themes)
    nodes = {node.label: node for node in body.recommendations.all()}
    _load_references(annotations["references"], nodes, added)
    _load_provenance(annotations["provenance"], nodes)
    _load_provisions(json.loads((FIXTURES / "provisions.json").read_text(encoding="utf-8"))["provisions"], nodes)
    _load_families(json.loads((FIXTURES / "families.json").read_text(encoding="utf-8"))["families"], nodes)
    return len(added)


def _load_body(annotations: dict) -> Body:
    return Body.objects.get_or_create(
        slug=annotations["body"]["slug"],
        defaults={
            "name": annotations["body"]["name"],
            "parent_name": annotations["body"]["parent"],
            "paper_title": annotations["paper"]["title"],
            "paper_date": date.fromisoformat(annotations["paper"]["date"]),
            "is_first": True,
        },
    )[0]


def _load_themes(entries: list[dict]) -> dict[str, tuple[Theme | None, Theme | None]]:
    """The primary and the secondary theme of each label."""
    primary: dict[str, Theme | None] = {}
    secondary: dict[str, Theme | None] = {}
    for position, entry in enumerate(entries, start=1):
        theme, _created = _found_or_added(
            Theme, entry["id"], name=entry["name"], basis=entry["basis"], position=position
        )
        primary |= dict.fromkeys(entry["primary"], theme)
        secondary |= dict.fromkeys(entry["secondary"], theme)
    return {label: (theme, secondary.get(label)) for label, theme in primary.items()}


def _found_or_added(model, slug: str, **values) -> tuple[Any, bool]:
    """What has the slug, and whether it was added now; None where a curator removed it, for then it stays removed."""
    if found := model.objects.filter(slug=slug).first():
        return found, False
    if model.history.filter(slug=slug).exists():
        return None, False
    return model.objects.create(slug=slug, **values), True


def _load_nodes(body, paper, annotations, themes) -> dict[str, Recommendation]:
    meetings = {meeting.number: _load_meeting(body, meeting) for meeting in paper.meetings}
    known = set(body.recommendations.values_list("label", flat=True))
    annotated = {entry["label"]: entry for entry in annotations}
    new = [
        _as_annotated(position, node, annotated[node.label], themes.get(node.label, (None, None)))
        for position, node in enumerate(paper.nodes, start=1)
        if node.label not in known
    ]
    return {node.label: node for node in add_nodes(body, meetings, new)}


def _load_meeting(body: Body, meeting: document.Meeting) -> Meeting:
    return Meeting.objects.get_or_create(
        body=body,
        number=meeting.number,
        defaults={
            "heading": meeting.heading.removeprefix(f"{meeting.roman}. "),
            "place": meeting.place,
            "starts": meeting.starts,
            "ends": meeting.ends,
        },
    )[0]


def _as_annotated(position: int, node: document.Node, entry: dict, themes: tuple) -> "NewNode":
    return NewNode(
        position=position,
        label=node.label,
        kind=node.kind,
        text=node.text,
        footnotes=node.footnotes,
        is_unit=entry["unit"],
        is_topic=entry["topic"],
        addressees=entry["addressees"],
        basis=entry["basis"] or "",
        strength=entry["strength"] or "",
        asks_to_consider=entry["asks_to_consider"],
        primary_theme=themes[0],
        secondary_theme=themes[1],
        guidance=entry.get("guidance", ""),
        topic_clause=entry.get("topic_clause", ""),
    )


class NewNode(NamedTuple):
    """A text that is to be published, with what is said of it; what else it has follows from its label."""

    position: int
    label: str
    kind: str
    text: str
    footnotes: Collection[document.Footnote]
    is_unit: bool
    is_topic: bool
    addressees: Collection[str]
    basis: str
    strength: str
    asks_to_consider: bool
    primary_theme: Theme | None
    secondary_theme: Theme | None
    guidance: str
    topic_clause: str = ""


def add_nodes(body: Body, meetings: Mapping[int, Meeting], new: Collection[NewNode], by=None) -> list[Recommendation]:
    """Publish texts, each with its first wording, its footnotes and one line of history; twenty queries or so.

    `meetings` by number. A chapeau is among them or in the catalogue. To be called in a transaction.
    """
    known = {node.label: node for node in body.recommendations.all()}
    added: list[Recommendation] = []
    for depth in range(3):  # numbered paragraph, letter, roman: a chapeau before its items
        rows = [_row(body, meetings, known, node) for node in new if len(_place(node).items) == depth]
        added += Recommendation.objects.bulk_create(rows)
        known |= {node.label: node for node in rows}
    _add_words(body, added, {node.label: node for node in new}, by)
    _add_addressees(added, {node.label: node.addressees for node in new}, by)
    return added


def _place(node: NewNode) -> document.Place:
    place = document.place_of(node.label)
    if place is None:
        raise ValueError(node.label)
    return place


def _row(body, meetings, known, node: NewNode) -> Recommendation:
    place = _place(node)
    return Recommendation(
        body=body,
        meeting=meetings[place.meeting],
        parent=known[place.parent] if place.parent else None,
        position=node.position,
        label=node.label,
        slug=body.slug_of(node.label),
        marker=place.marker,
        kind=node.kind,
        is_unit=node.is_unit,
        is_topic=node.is_topic,
        basis=node.basis,
        strength=node.strength,
        asks_to_consider=node.asks_to_consider,
        primary_theme=node.primary_theme,
        secondary_theme=node.secondary_theme,
        guidance=node.guidance,
        topic_clause=node.topic_clause,
    )


def _add_words(body: Body, added: list[Recommendation], new: Mapping[str, NewNode], by) -> None:
    """Their wordings and footnotes; what has a wording is published."""
    adopted = Wording.Kind.ADOPTED
    wordings = Wording.objects.bulk_create(
        Wording(recommendation=node, number=1, text=new[node.label].text, kind=adopted, author=by) for node in added
    )
    Footnote.objects.bulk_create(
        Footnote(recommendation=node, number=note.number, text=note.text, offset=note.offset)
        for node in added
        for note in new[node.label].footnotes
    )
    now = timezone.now()
    first = Wording.objects.filter(recommendation=OuterRef("pk"), number=1).values("pk")
    body.recommendations.filter(current_wording=None).update(current_wording=Subquery(first), published_at=now)
    for node, wording in zip(added, wordings, strict=True):
        node.current_wording, node.published_at = wording, now


def _add_addressees(added: list[Recommendation], codes: Mapping[str, Collection[str]], by) -> None:
    """Who is asked, and the line of history that tells it with all else."""
    addressees = {code: Addressee.objects.get_or_create(code=code)[0] for code in Addressee.Code.values}
    through = Recommendation.addressees.through
    links = through.objects.bulk_create(
        through(recommendation=node, addressee=addressees[code]) for node in added for code in codes[node.label]
    )
    lines = Recommendation.history.bulk_history_create(added, default_user=by)
    line_of = {line.id: line for line in lines}
    told = Recommendation.history.model.addressees.model
    told.objects.bulk_create(
        told(
            history=line_of[link.recommendation_id],
            id=link.pk,
            recommendation_id=link.recommendation_id,
            addressee_id=link.addressee_id,
        )
        for link in links
    )


def _load_references(references, nodes, added) -> None:
    for reference in references:
        if reference["source"] in added:
            Lineage.objects.create(
                source=nodes[reference["source"]],
                target=nodes[reference["target"]],
                kind=reference["kind"],
                quote=reference["quote"],
                confidence=reference["confidence"],
            )


def _load_provenance(entries: list[dict], nodes: dict[str, Recommendation]) -> None:
    """What the paper itself says of where its texts come from; where a curator said or removed it, it stays so."""
    for entry in entries:
        node = nodes[entry["label"]]
        if not Provenance.history.filter(recommendation=node).exists():
            proposed_at = entry.get("proposed_at")
            Provenance.objects.create(
                recommendation=node,
                proposed_at=node.body.meetings.get(number=proposed_at) if proposed_at else None,
                document_symbol=entry.get("document_symbol", ""),
                document_place=entry.get("document_place", ""),
                source=entry["source"],
            )


def _load_provisions(entries: list[dict], nodes: dict[str, Recommendation]) -> None:
    """With what serves each of them, and why; one that a curator removed stays removed."""
    themes = {theme.slug: theme for theme in Theme.objects.all()}
    known = set(Provision.history.values_list("instrument", "article"))
    for position, entry in enumerate(entries, start=1):
        if (entry["instrument"], entry["article"]) in known:
            continue
        provision = Provision.objects.create(
            instrument=entry["instrument"], article=entry["article"], title=entry["title"], position=position
        )
        for slug, reason in entry["themes"].items():
            if slug in themes:
                ServedProvision.objects.create(provision=provision, theme=themes[slug], reason=reason)
        for label, reason in entry["units"].items():
            ServedProvision.objects.create(provision=provision, recommendation=nodes[label], reason=reason)


def _load_families(entries: list[dict], nodes: dict[str, Recommendation]) -> None:
    for entry in entries:
        family, created = _found_or_added(
            Family,
            entry["id"],
            name=entry["name"],
            relation=entry["relation"],
            confidence=entry["confidence"],
            note=entry["note"] or "",
        )
        if created:
            for label, kind, note in _members(entry):
                FamilyMember.objects.create(family=family, recommendation=nodes[label], kind=kind, note=note)


def _members(entry: dict) -> Iterator[tuple[str, str, str]]:
    """(label, kind, note) of each member, and of what is related but deliberately no member."""
    for label in entry["labels"]:
        yield label, FamilyMember.Kind.FULL, ""
    for member in entry["partial"]:
        yield member["label"], FamilyMember.Kind.PARTIAL, member["part"]
    for member in entry["related_not_members"]:
        yield member["label"], FamilyMember.Kind.RELATED, member["why"]


def export_catalogue() -> list[dict]:
    """The published nodes, body by body in paper order, with the keys that `manage.py export_catalogue` documents."""
    nodes = (
        Recommendation.objects.published()
        .with_text()
        .select_related("body", "merged_into")
        .prefetch_related("addressees", Prefetch("footnotes", Footnote.objects.order_by("offset")), "facts")
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
                    "by": fact.by,
                    "what": fact.what,
                    "symbol": fact.symbol or None,
                    "date": fact.date.isoformat(),
                    "link": fact.link or None,
                }
                for fact in node.facts.all()
            ],
        }
        for node in nodes
    ]
