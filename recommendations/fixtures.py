import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from recommendations.models import (
    Body,
    Family,
    FamilyMember,
    Lineage,
    Meeting,
    MemberKind,
    Provenance,
    Provision,
    Recommendation,
    ServedProvision,
    Theme,
)
from recommendations.paper_import import notation, parser
from recommendations.paper_import.new_nodes import NewNode, add_nodes

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
TITLE_FIELDS = ("title", "guidance", "evidence_kinds", "evidence_hint")
PAPER = FIXTURES / "CTOC-COP-WG.4-recommendations-2009-2018.txt"


@transaction.atomic
def load_catalogue() -> int:
    """Add what is missing in the catalogue, and return the number of nodes added.

    What is in the catalogue already, and so what a curator changed, stays as it is.
    """
    annotations = json.loads((FIXTURES / "annotations.json").read_text(encoding="utf-8"))
    paper = parser.parse_paper(PAPER.read_text(encoding="utf-8"))
    body = _load_body(annotations)
    themes = _load_themes(json.loads((FIXTURES / "themes.json").read_text(encoding="utf-8"))["themes"])
    titles = json.loads((FIXTURES / "titles.json").read_text(encoding="utf-8"))
    added = _load_nodes(body, paper, annotations["nodes"], titles["texts"], themes)
    _fill_empty_fields(titles["body"], titles["texts"])
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
    primary: dict[str, Theme | None] = {}
    secondary: dict[str, Theme | None] = {}
    for position, entry in enumerate(entries, start=1):
        theme, _created = _get_or_add(Theme, entry["id"], name=entry["name"], basis=entry["basis"], position=position)
        primary |= dict.fromkeys(entry["primary"], theme)
        secondary |= dict.fromkeys(entry["secondary"], theme)
    return {label: (theme, secondary.get(label)) for label, theme in primary.items()}


def _get_or_add(model, slug: str, **values) -> tuple[Any, bool]:
    """Return the row with this slug and whether it is new; None where a curator removed it: it stays removed."""
    if row := model.objects.filter(slug=slug).first():
        return row, False
    if model.history.filter(slug=slug).exists():
        return None, False
    return model.objects.create(slug=slug, **values), True


def _load_nodes(body, paper, annotations, titles, themes) -> dict[str, Recommendation]:
    meetings = {meeting.number: _load_meeting(body, meeting) for meeting in paper.meetings}
    known = set(body.recommendations.values_list("label", flat=True))
    annotated = {entry["label"]: entry for entry in annotations}
    titled = {entry["label"]: {name: entry[name] for name in TITLE_FIELDS} for entry in titles}
    new = [
        _new_node(position, node, annotated[node.label] | titled[node.label], themes.get(node.label, (None, None)))
        for position, node in enumerate(paper.nodes, start=1)
        if node.label not in known
    ]
    return {node.label: node for node in add_nodes(body, meetings, new)}


def _load_meeting(body: Body, meeting: notation.ParsedMeeting) -> Meeting:
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


def _new_node(position: int, node: parser.ParsedNode, entry: dict, themes: tuple) -> "NewNode":
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
        title=entry["title"],
        guidance=entry["guidance"],
        evidence_kinds=entry["evidence_kinds"],
        evidence_hint=entry["evidence_hint"],
        topic_clause=entry.get("topic_clause", ""),
    )


def _fill_empty_fields(body: str, titles: list[dict]) -> None:
    """Fill TITLE_FIELDS that were always empty; a field that a curator emptied stays empty."""
    entries = {entry["label"]: entry for entry in titles}
    lines = Recommendation.history.filter(body__slug=body).values("id", *TITLE_FIELDS)
    known = {(line["id"], name) for line in lines for name in TITLE_FIELDS if line[name]}
    for node in Recommendation.objects.filter(body__slug=body, label__in=entries):
        entry = entries[node.label]
        missing = [name for name in TITLE_FIELDS if entry[name] and (node.pk, name) not in known]
        for name in missing:
            setattr(node, name, entry[name])
        if missing:
            node.save()


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
        family, created = _get_or_add(
            Family,
            entry["id"],
            name=entry["name"],
            relation=entry["relation"],
            confidence=entry["confidence"],
            note=entry["note"] or "",
        )
        if created:
            for label, kind, note in _family_members(entry):
                FamilyMember.objects.create(family=family, recommendation=nodes[label], kind=kind, note=note)


def _family_members(entry: dict) -> Iterator[tuple[str, str, str]]:
    """Yield (label, kind, note) of each member, and of the texts that are deliberately only related."""
    for label in entry["labels"]:
        yield label, MemberKind.FULL, ""
    for member in entry["partial"]:
        yield member["label"], MemberKind.PARTIAL, member["part"]
    for member in entry["related_not_members"]:
        yield member["label"], MemberKind.RELATED, member["why"]
