"""Export everything public about each text. One table has the fields of all files, and what /data/ says of them."""

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db.models import Prefetch
from xlsxwriter import Workbook

from recommendations.currency import list_currencies
from recommendations.formats import write_csv
from recommendations.models import (
    Currency,
    FamilyMember,
    Footnote,
    Lineage,
    Provenance,
    Recommendation,
    ServedProvision,
    Translation,
    TranslationLanguage,
    Wording,
    read_stamp,
)
from recommendations.places import place_for_file
from recommendations.queries import served_provisions
from recommendations.text_cache import former_labels_column

LONGEST = 32_767  # characters in a cell of a workbook


class CatalogueEntry(NamedTuple):
    """Hold a text with what is public about it. `texts`: the newest official text in each other language."""

    node: Recommendation
    provenance: Provenance | None
    wordings: list[Wording]
    provisions: list[ServedProvision]
    texts: dict[str, Translation]


class CatalogueField(NamedTuple):
    """Hold a column: its `content` is said in English, as the file is."""

    name: str
    content: str
    value: Callable[[CatalogueEntry], object]


def own(name: str, content: str, path: str = "") -> CatalogueField:
    """Make a field of a value of the text itself, or of what its `path` leads to."""
    return CatalogueField(name, content, lambda entry: _follow(entry.node, path or name))


def of_origin(name: str, content: str, path: str = "") -> CatalogueField:
    return CatalogueField(name, content, lambda entry: _follow(entry.provenance, path or name))


def of_currency(name: str, kinds: Iterable[str], content: str) -> CatalogueField:
    return CatalogueField(
        name, content, lambda entry: _rows(list_currencies(entry.node, *kinds), "kind", "words", "symbol", "date")
    )


def official_text(language: str) -> Iterator[CatalogueField]:
    """Make the fields of the official text in a language."""

    def value_of(name: str) -> Callable[[CatalogueEntry], object]:
        return lambda entry: getattr(entry.texts.get(language), name, None)

    yield CatalogueField(f"text_{language}", "Official text in another language", value_of("text"))
    yield CatalogueField(f"source_{language}", "Official document with this text", value_of("source"))
    yield CatalogueField(
        f"is_current_{language}",
        "Whether this is the official text of the current wording, not of an earlier wording",
        lambda entry: (
            entry.texts[language].wording.since == entry.node.current_wording.since  # type: ignore[union-attr]
            if language in entry.texts
            else None
        ),
    )


def _rows(rows: Iterable, *names: str) -> list[dict]:
    return [{name: _plain(getattr(row, name)) for name in names} for row in rows]


def _follow(value: object, path: str) -> object:
    """Return what a path such as `parent.label` leads to, as `_plain` writes it; None where it leads to nothing."""
    for name in path.split("."):
        value = getattr(value, name) if value else None
    return _plain(value)


def _plain(value: object) -> object:
    """Write days and moments as ISO 8601, and nothing as None."""
    if value in ("", None):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


CATALOGUE_FIELDS = (
    own("label", "Label, unique in its body"),
    own("corrected_label", "Label that pages show since it was corrected; only in files that have one"),
    own("body", "Short name of the body", "body.slug"),
    own("parent", "Label of the text above", "parent.label"),
    CatalogueField("title", "Short title, not part of the adopted text", lambda entry: entry.node.title),
    own("kind", "Kind: chapeau, recommendation or note"),
    own("unit", "Whether answers are recorded for the text", "is_open_unit"),
    own("topic", "Whether the text proposes a topic for a future meeting", "is_topic"),
    own("meeting", "Number of the meeting", "meeting.number"),
    own("text", "Current wording, without number, text above and footnote marks"),
    CatalogueField(
        "footnotes", "Numbers of the footnotes", lambda entry: [note.number for note in entry.node.footnotes.all()]
    ),
    CatalogueField(
        "addressees", "Addressees", lambda entry: [addressee.code for addressee in entry.node.addressees.all()]
    ),
    own("basis", "How the addressees are known: stated, inherited or implied"),
    own("strength", "Strength of its wording, which is not a legal obligation"),
    own("asks_to_consider", "Whether the text asks only that a measure be considered"),
    CatalogueField("themes", "Themes, the primary theme first", lambda entry: [t.slug for t in entry.node.themes]),
    own("withdrawn_on", "Day from which answers are no longer requested"),
    own("merged_into", "Recommendation that is answered in its place", "merged_into.key"),
    CatalogueField(
        "recorded_actions",
        "Recorded actions of addressees that do not answer: by whom, what, symbol, date and link",
        lambda entry: _rows(entry.node.recorded_actions.all(), "by", "what", "symbol", "date", "link"),
    ),
    CatalogueField(
        "address",
        "Permanent address of the page of the text",
        lambda entry: settings.SITE_URL.rstrip("/") + entry.node.get_absolute_url(),
    ),
    own("marker", "Number of the text, as printed"),
    own("paper_symbol", "Symbol of the document; empty if it is not known", "paper.symbol"),
    own("paper_title", "Title of the document", "paper.title"),
    own("paper_date", "Date of the document", "paper.date"),
    own("paper_kind", "Kind of document: consolidated_record, report, decision or resolution", "paper.kind"),
    own("paragraph", "Number of the paragraph in the document, as printed"),
    own("page", "Page of the document; empty if it is not known"),
    own("topic_heading", "Headings above the text in the document, as printed"),
    CatalogueField(
        "paper_links",
        "Address of the document in each official language",
        lambda entry: {code: url for code, _name, url in entry.node.paper.links},
    ),
    CatalogueField(
        "footnote_texts",
        "Footnotes: number, text, and number of characters before the mark",
        lambda entry: _rows(entry.node.footnotes.all(), "number", "text", "offset"),
    ),
    CatalogueField(
        "families",
        "Groups of similar recommendations: short name, name, full, partial or related, and the part that matches",
        lambda entry: [
            {"family": each.family.slug, "name": each.family.name, "kind": each.kind, "note": each.note or None}
            for each in entry.node.memberships.all()
        ],
    ),
    CatalogueField(
        "references",
        "Texts to which the text refers: which, how, in which words, and how certain this is",
        lambda entry: [
            {"target": each.target.key, "kind": each.kind, "quote": each.quote or None, "confidence": each.confidence}
            for each in entry.node.references.all()
        ],
    ),
    of_origin("proposed_at", "Number of the earlier meeting that proposed the text", "proposed_at.number"),
    of_origin("document_symbol", "Symbol of another document that contains the text"),
    of_origin("document_place", "Place of the text in that document"),
    of_origin("source", "Source of this information on the origin"),
    of_currency(
        "adoption",
        [Currency.Kind.ADOPTION],
        "Decisions of the Conference on the text: their verb, symbol and date; empty if none is recorded",
    ),
    of_currency(
        "replacement",
        [Currency.Kind.REPLACEMENT],
        "Decisions that replace the text: the words that say so, symbol and date; empty if none is recorded",
    ),
    of_currency(
        "dates",
        Currency.DATES,
        "Dates in the text: date (the text asks something for it) or cited_date, the words, and the last day",
    ),
    CatalogueField(
        "provisions",
        "Treaty provisions that the text serves: instrument, article, title and reason",
        lambda entry: [
            _rows([each.provision], "instrument", "article", "title")[0] | {"reason": each.reason}
            for each in entry.provisions
        ],
    ),
    own("topic_clause", "Words of the text that propose a topic, if only a part of it does"),
    CatalogueField(
        "taken_up",
        "Meetings that discussed the topic: meeting, agenda item, date, symbol and link",
        lambda entry: _rows(entry.node.taken_up.all(), "at", "what", "date", "symbol", "link"),
    ),
    own("guidance", "Guidance for answers, not part of the adopted text"),
    own("evidence_kinds", "Kinds of evidence that fit an answer, not part of the adopted text"),
    own("evidence_hint", "Examples of evidence, not part of the adopted text"),
    own("earlier_labels", "Earlier labels, before the label was corrected on this site"),
    own("withdrawal_reason", "Reason of the last withdrawal or reinstatement"),
    CatalogueField(
        "wordings",
        "All wordings, if the text was corrected or reworded: number, kind, reason, date and text",
        lambda entry: (
            _rows(entry.wordings, "number", "kind", "reason", "created_at", "text") if len(entry.wordings) > 1 else []
        ),
    ),
    *(field for language in TranslationLanguage.values for field in official_text(language)),
)


def export_catalogue() -> list[dict]:
    return _read_table()[1]


def _read_table() -> tuple[list[CatalogueField], list[dict]]:
    """Return the fields, without the corrected label where no text has one, and the values of each text."""
    entries = list(_read_entries())
    is_corrected = any(entry.node.corrected_label for entry in entries)
    fields = [field for field in CATALOGUE_FIELDS if is_corrected or field.name != "corrected_label"]
    return fields, [{field.name: field.value(entry) for field in fields} for entry in entries]


def _read_entries() -> Iterator[CatalogueEntry]:
    """Read all published texts in the order of their papers, in a fixed number of queries."""
    nodes = list(
        Recommendation.objects.published()
        .select_related("body", "meeting", "paper", "primary_theme", "secondary_theme", "current_wording")
        .select_related("merged_into", "provenance__proposed_at")
        .annotate(former=former_labels_column())
        .prefetch_related(
            *("addressees", "recorded_actions", "currencies", "taken_up", "wordings"),
            Prefetch("footnotes", Footnote.objects.order_by("offset")),
            Prefetch("memberships", FamilyMember.objects.select_related("family").order_by("family__slug")),
            Prefetch("references", Lineage.objects.select_related("target")),
        )
        .order_by("body", "position")
    )
    by_id = {node.pk: node for node in nodes}
    for node in nodes:
        node.parent = by_id.get(node.parent_id or 0)
    provisions, texts = served_provisions(nodes), _read_texts()
    for node in nodes:
        origins = (getattr(each, "provenance", None) for each in (node, *reversed(node.chapeaux)))
        yield CatalogueEntry(
            node=node,
            provenance=next(filter(None, origins), None),
            wordings=list(node.wordings.all()),
            provisions=provisions[node.pk],
            texts=texts[node.pk],
        )


def _read_texts() -> defaultdict[int, dict[str, Translation]]:
    """Return the official text of the newest wording that has one, by key of the node and language."""
    texts = defaultdict[int, dict[str, Translation]](dict)
    for each in Translation.objects.select_related("wording").order_by("wording__number"):
        texts[each.wording.recommendation_id][each.language] = each
    return texts


def read_catalogue_file(ending: str) -> bytes:
    """Return a file of the catalogue, made once for each of its stamps: `json`, `csv` or `xlsx`. Raises Busy."""
    stamp = read_stamp()
    make = make_catalogue_file if stamp else make_catalogue_file.__wrapped__
    return make(stamp, ending)


@lru_cache(maxsize=3)
def make_catalogue_file(_stamp: int | None, ending: str) -> bytes:
    """Write it now, in English, and remember it for the stamp."""
    with place_for_file():
        return WRITERS[ending]()


def _write_workbook() -> bytes:
    file = io.BytesIO()
    fields, rows = _read_table()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Catalogue")
        for row, cells in enumerate([[field.name for field in fields], *_write_cells(rows)]):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, _as_text(cell))
        sheet.freeze_panes(1, 1)
        about = book.add_worksheet("About")
        for row, field in enumerate(fields):
            about.write_string(row, 0, field.name)
            about.write_string(row, 1, str(field.content))
    return file.getvalue()


def _as_text(cell: str) -> str:
    """Return a cell that XlsxWriter does not take for XML of its own."""
    cell = cell[:LONGEST]
    return f"{cell[: LONGEST - 1]} " if cell.startswith("<r>") and cell.endswith("</r>") else cell


def _write_csv() -> bytes:
    fields, rows = _read_table()
    return write_csv((field.name for field in fields), _write_cells(rows))


def _write_cells(rows: Iterable[dict]) -> Iterator[list[str]]:
    return ([_write_cell(value) for value in row.values()] for row in rows)


def _write_cell(value) -> str:
    if isinstance(value, list):
        return "; ".join(_write_cell(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(str(each) for each in value.values() if each)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


WRITERS = {
    "json": lambda: json.dumps(export_catalogue(), ensure_ascii=False).encode(),
    "csv": _write_csv,
    "xlsx": _write_workbook,
}
