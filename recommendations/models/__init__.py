from recommendations.models.body import Body, Meeting
from recommendations.models.evidence_kind import EvidenceKind, sort_evidence_kinds
from recommendations.models.family import Family, FamilyMember, Lineage, MemberKind, units_in_families_of
from recommendations.models.footnote import Footnote
from recommendations.models.label import roman, slug_of
from recommendations.models.paper import OFFICIAL_LANGUAGES, Paper, PaperKind, document_links
from recommendations.models.paper_import import ImportedMeeting, ImportedParagraph, PaperImport
from recommendations.models.provenance import Currency, Provenance, RecordedAction, TakenUp
from recommendations.models.provision import Provision, ServedProvision
from recommendations.models.recommendation import (
    Addressee,
    NodeKind,
    Recommendation,
    RecommendationQuerySet,
    Theme,
    at_or_above,
    is_any,
    read_items,
    read_notes,
)
from recommendations.models.search import OF_CATALOGUE, IndexedText, IndexState, Synonym, TextKind, TextReader
from recommendations.models.stamp import CatalogueStamp, read_stamp, stamp_column
from recommendations.models.text_change import TextChange
from recommendations.models.wording import Translation, TranslationLanguage, Wording, WordingKind
