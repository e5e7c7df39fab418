import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from recommendations import changes
from recommendations.changes import announce_change
from recommendations.models import (
    Body,
    Currency,
    Family,
    FamilyMember,
    ImportedParagraph,
    Lineage,
    Meeting,
    MemberKind,
    Paper,
    Provenance,
    Provision,
    Recommendation,
    ServedProvision,
    Synonym,
    Theme,
)
from recommendations.outline.document import paste_paragraphs
from recommendations.outline.outline import Reason
from recommendations.paper_import.decisions import Decision, decide
from recommendations.paper_import.new_nodes import add_nodes
from recommendations.paper_import.notation import ParsedMeeting
from recommendations.paper_import.reading import read_rows
from recommendations.paper_import.rows import ParagraphTable

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
PAPER = FIXTURES / "CTOC-COP-WG.4-recommendations-2009-2018.txt"
NOTE = 135  # number of the paragraph that is a text without a number, as a curator would decide


@transaction.atomic
def load_catalogue() -> int:
    """Add the texts that are missing, and return their number; what came with the first of them only then.

    What is in the catalogue already, and so what a curator changed or removed, stays as it is.
    """
    annotations = _read("annotations")
    texts, meetings = _read_paper(annotations["nodes"])
    body, is_first_load = _load_body(annotations["body"])
    paper = _load_paper(body, annotations["paper"])
    rows: list[Model] = [body, paper] if is_first_load else []
    if is_first_load:
        rows += _load_themes(_read("themes")["themes"])
    rows += _load_meetings(body, meetings)
    rows += _load_nodes(paper, texts, annotations["nodes"])
    added = {row.label for row in rows if isinstance(row, Recommendation)}
    nodes = _texts_by_label(body)
    rows += _load_references([each for each in annotations["references"] if each["source"] in added], nodes)
    rows += _load_provenance(body, [each for each in annotations["provenance"] if each["label"] in added], nodes)
    rows += _load_dates([each for each in annotations["dates"] if each["label"] in added], nodes)
    if is_first_load:
        rows += _load_provisions(_read("provisions")["provisions"], nodes)
        rows += _load_families(_read("families")["families"], nodes)
    rows += _load_synonyms(_read("synonyms")["synonyms"])
    if rows:
        announce_change(changes.LOADED, by=None, rows=rows, after=f"{len(added)} texts")
    return len(added)


def _read(name: str) -> dict:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def _read_paper(annotations: list[dict]) -> tuple[list[ImportedParagraph], list[ParsedMeeting]]:
    """Read the texts of the paper and its meetings. Raise ValueError where a text is in doubt or not annotated."""
    paragraphs = paste_paragraphs(PAPER.read_text(encoding="utf-8"))
    rows, meetings = read_rows(paragraphs, "", [])
    decide(rows[NOTE - 1], Decision.NOTE, ParagraphTable(rows))
    texts = [row for row in rows if not row.is_left_out]
    if [row.label for row in texts] != [entry["label"] for entry in annotations]:
        raise ValueError("The texts of the paper are not those that are annotated.")
    if any(row.doubts or row.reason == Reason.FOOTNOTE for row in rows):  # a footnote that no text refers to
        raise ValueError("A text of the paper is in doubt.")
    return texts, meetings


def _load_synonyms(entries: list[dict]) -> list[Synonym]:
    if Synonym.objects.exists():
        return []
    return Synonym.objects.bulk_create(
        Synonym(words=entry["words"], meanings="\n".join(entry["meanings"]), language=entry.get("language", "en"))
        for entry in entries
    )


def _load_body(entry: dict) -> tuple[Body, bool]:
    defaults = {"name": entry["name"], "parent_name": entry["parent"], "is_first": True}
    return Body.objects.get_or_create(slug=entry["slug"], defaults=defaults)


def _load_paper(body: Body, entry: dict) -> Paper:
    """Return the paper, which is open to answers. Its symbol is empty, because the paper does not name it."""
    known = body.papers.order_by("pk").first()
    return known or Paper.objects.create(
        body=body,
        title=entry["title"],
        date=date.fromisoformat(entry["date"]),
        kind=entry["kind"],
        opened_at=timezone.now(),
    )


def _load_themes(entries: list[dict]) -> list[Theme]:
    return Theme.objects.bulk_create(
        Theme(slug=entry["id"], name=entry["name"], basis=entry["basis"], position=position)
        for position, entry in enumerate(entries, start=1)
    )


def _load_meetings(body: Body, meetings: list[ParsedMeeting]) -> list[Meeting]:
    known = set(body.meetings.values_list("number", flat=True))
    return Meeting.objects.bulk_create(
        Meeting(body=body, **meeting.values) for meeting in meetings if meeting.number not in known
    )


def _load_nodes(paper: Paper, texts: list[ImportedParagraph], annotations: list[dict]) -> list[Model]:
    body = paper.body
    meetings = {meeting.number: meeting for meeting in body.meetings.all()}
    known = _texts_by_label(body)
    titled = {entry["label"]: entry for entry in _read("titles")["texts"]}
    themes = _themes_by_label()
    new = [
        _new_node(row, titled[entry["label"]] | entry, themes.get(entry["label"], (None, None)))
        for row, entry in zip(texts, annotations, strict=True)
        if entry["label"] not in known
    ]
    positions = {entry["label"]: position for position, entry in enumerate(annotations, start=1)}
    clauses = {entry["label"]: entry["topic_clause"] for entry in annotations if "topic_clause" in entry}
    rows = add_nodes(paper, meetings, new, positions)
    for node in rows:
        if isinstance(node, Recommendation) and node.label in clauses:
            node.topic_clause = clauses[node.label]
            node.save(update_fields=["topic_clause"])
    return rows


def _texts_by_label(body: Body) -> dict[str, Recommendation]:
    return {node.label: node for node in body.recommendations.all()}


def _themes_by_label() -> dict[str, tuple[Theme | None, Theme | None]]:
    themes = {theme.slug: theme for theme in Theme.objects.all()}
    primary: dict[str, Theme | None] = {}
    secondary: dict[str, Theme | None] = {}
    for entry in _read("themes")["themes"]:
        primary |= dict.fromkeys(entry["primary"], themes.get(entry["id"]))
        secondary |= dict.fromkeys(entry["secondary"], themes.get(entry["id"]))
    return {label: (theme, theme and secondary.get(label)) for label, theme in primary.items()}


def _new_node(row: ImportedParagraph, entry: dict, themes: tuple[Theme | None, Theme | None]) -> ImportedParagraph:
    written = ("addressees", "asks_to_consider", "title", "guidance", "evidence_kinds", "evidence_hint")
    return ImportedParagraph(
        label=entry["label"],
        paragraph=entry["label"].partition(".")[2],  # `46(i)` of `IV.46(i)`
        kind=row.kind,
        text=row.text,
        footnotes=row.footnotes,
        is_unit=entry["unit"],
        is_topic=entry["topic"],
        basis=entry["basis"] or "",
        strength=entry["strength"] or "",
        primary_theme=themes[0],
        secondary_theme=themes[1],
        **{name: entry[name] for name in written},
    )


def _load_references(entries: list[dict], nodes: dict[str, Recommendation]) -> list[Lineage]:
    return Lineage.objects.bulk_create(
        Lineage(**entry | {"source": nodes[entry["source"]], "target": nodes[entry["target"]]}) for entry in entries
    )


def _load_provenance(body: Body, entries: list[dict], nodes: dict[str, Recommendation]) -> list[Provenance]:
    meetings: dict[int | None, Meeting] = {meeting.number: meeting for meeting in body.meetings.all()}
    return Provenance.objects.bulk_create(
        Provenance(
            recommendation=nodes[entry["label"]],
            proposed_at=meetings.get(entry.get("proposed_at")),
            document_symbol=entry.get("document_symbol", ""),
            document_place=entry.get("document_place", ""),
            source=entry["source"],
        )
        for entry in entries
    )


def _load_dates(entries: list[dict], nodes: dict[str, Recommendation]) -> list[Currency]:
    return Currency.objects.bulk_create(
        Currency(
            recommendation=nodes[entry["label"]],
            kind=entry["kind"],
            words=entry["words"],
            date=date.fromisoformat(entry["date"]),
        )
        for entry in entries
    )


def _load_provisions(entries: list[dict], nodes: dict[str, Recommendation]) -> list[Model]:
    themes = {theme.slug: theme for theme in Theme.objects.all()}
    provisions = Provision.objects.bulk_create(
        Provision(instrument=entry["instrument"], article=entry["article"], title=entry["title"], position=position)
        for position, entry in enumerate(entries, start=1)
    )
    served = []
    for provision, entry in zip(provisions, entries, strict=True):
        for slug, reason in entry["themes"].items():
            served.append(ServedProvision(provision=provision, theme=themes[slug], reason=reason))
        for label, reason in entry["units"].items():
            served.append(ServedProvision(provision=provision, recommendation=nodes[label], reason=reason))
    return [*provisions, *ServedProvision.objects.bulk_create(served)]


def _load_families(entries: list[dict], nodes: dict[str, Recommendation]) -> list[Model]:
    families = Family.objects.bulk_create(
        Family(
            slug=entry["id"],
            name=entry["name"],
            relation=entry["relation"],
            confidence=entry["confidence"],
            note=entry["note"] or "",
        )
        for entry in entries
    )
    members = FamilyMember.objects.bulk_create(
        FamilyMember(family=family, recommendation=nodes[label], kind=kind, note=note)
        for family, entry in zip(families, entries, strict=True)
        for label, kind, note in _family_members(entry)
    )
    return [*families, *members]


def _family_members(entry: dict) -> Iterator[tuple[str, str, str]]:
    """Yield (label, kind, note) of each member, and of the texts that are deliberately only related."""
    for label in entry["labels"]:
        yield label, MemberKind.FULL, ""
    for member in entry["partial"]:
        yield member["label"], MemberKind.PARTIAL, member["part"]
    for member in entry["related_not_members"]:
        yield member["label"], MemberKind.RELATED, member["why"]
