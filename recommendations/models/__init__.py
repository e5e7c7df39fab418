from recommendations.models.body import Body, Meeting
from recommendations.models.evidence_kind import EvidenceKind, sort_evidence_kinds
from recommendations.models.family import Family, FamilyMember, Lineage, LineageKind, MemberKind, units_in_families_of
from recommendations.models.footnote import Footnote
from recommendations.models.label import ROMAN, roman, slug_of, validate_body_slug, validate_node_slug
from recommendations.models.paper import OFFICIAL_LANGUAGES, Paper, PaperKind, document_links
from recommendations.models.paper_import import ImportedMeeting, ImportedNode, PaperImport
from recommendations.models.provenance import Currency, Provenance, RecordedAction, TakenUp
from recommendations.models.provision import Provision, ProvisionTreaty, ServedProvision
from recommendations.models.recommendation import (
    Addressee,
    NodeKind,
    Recommendation,
    RecommendationQuerySet,
    Theme,
    read_items,
    read_notes,
)
from recommendations.models.search import OF_CATALOGUE, IndexedText, IndexState, Synonym, TextKind, TextReader
from recommendations.models.stamp import CatalogueStamp, read_stamp, stamp_column
from recommendations.models.text_change import TextChange
from recommendations.models.wording import Translation, TranslationLanguage, Wording, WordingKind

__all__ = [
    "OFFICIAL_LANGUAGES",
    "OF_CATALOGUE",
    "ROMAN",
    "Addressee",
    "Body",
    "CatalogueStamp",
    "Currency",
    "EvidenceKind",
    "Family",
    "FamilyMember",
    "Footnote",
    "ImportedMeeting",
    "ImportedNode",
    "IndexState",
    "IndexedText",
    "Lineage",
    "LineageKind",
    "Meeting",
    "MemberKind",
    "NodeKind",
    "Paper",
    "PaperImport",
    "PaperKind",
    "Provenance",
    "Provision",
    "ProvisionTreaty",
    "Recommendation",
    "RecommendationQuerySet",
    "RecordedAction",
    "ServedProvision",
    "Synonym",
    "TakenUp",
    "TextChange",
    "TextKind",
    "TextReader",
    "Theme",
    "Translation",
    "TranslationLanguage",
    "Wording",
    "WordingKind",
    "document_links",
    "read_items",
    "read_notes",
    "read_stamp",
    "roman",
    "slug_of",
    "sort_evidence_kinds",
    "stamp_column",
    "units_in_families_of",
    "validate_body_slug",
    "validate_node_slug",
]
