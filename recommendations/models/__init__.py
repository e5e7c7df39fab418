"""The catalogue: what was adopted, word for word, and what curators know about it."""

from recommendations.models.body import Body, Meeting
from recommendations.models.family import Family, FamilyMember, Lineage, units_in_families_of
from recommendations.models.footnote import Footnote
from recommendations.models.intake import Intake, IntakeMeeting, IntakeNode
from recommendations.models.label import ROMAN, roman, slug_of, validate_body_slug, validate_node_slug
from recommendations.models.provenance import Fact, Provenance, TakenUp
from recommendations.models.provision import Provision, ServedProvision
from recommendations.models.recommendation import (
    Addressee,
    Recommendation,
    RecommendationQuerySet,
    Theme,
    read_items,
    read_notes,
)
from recommendations.models.stamp import CatalogueStamp, stamp_beside, stamp_now
from recommendations.models.wording import Translation, Wording

__all__ = [
    "ROMAN",
    "Addressee",
    "Body",
    "CatalogueStamp",
    "Fact",
    "Family",
    "FamilyMember",
    "Footnote",
    "Intake",
    "IntakeMeeting",
    "IntakeNode",
    "Lineage",
    "Meeting",
    "Provenance",
    "Provision",
    "Recommendation",
    "RecommendationQuerySet",
    "ServedProvision",
    "TakenUp",
    "Theme",
    "Translation",
    "Wording",
    "read_items",
    "read_notes",
    "roman",
    "slug_of",
    "stamp_beside",
    "stamp_now",
    "units_in_families_of",
    "validate_body_slug",
    "validate_node_slug",
]
