"""What becomes of the paragraphs of a document: the words in question, the classification of a text."""

from collections.abc import Iterable, Mapping

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from recommendations.lists import format_list
from recommendations.models import Addressee, ImportedParagraph, NodeKind, PaperImport, Recommendation
from recommendations.paper_import.decisions import Decision, decision_of
from recommendations.paper_import.doubts import DOUBTS
from recommendations.paper_import.plan import ParagraphDoubt
from recommendations.paper_import.rows import REASONS

register = template.Library()
register.filter("left_out_words", lambda reason: REASONS[reason])
register.filter("doubt_words", lambda question: DOUBTS[question])


@register.filter
def of_row(found: Mapping[int, list], row: ImportedParagraph) -> list:
    return found.get(row.pk, [])


@register.filter
def kind_words(row: ImportedParagraph) -> str:
    if row.is_unit and row.kind == NodeKind.CHAPEAU:
        # Translators: The text introduces items. One answer is requested on all of them.
        return str(_("Introductory text: one answer for all items"))
    if decision_of(row) == Decision.RECOMMENDATION and not row.is_unit:
        # Translators: What a paragraph of a document is.
        return str(_("Recommendation, no answer requested"))
    return str(decision_of(row).label)


def addressees(codes: Iterable[str]) -> str:
    names = dict(Addressee.Code.choices)
    return format_list(names.get(code, code) for code in codes)


@register.filter
def address_of(node: ImportedParagraph, paper_import: PaperImport) -> str:
    body = paper_import.body
    return reverse("recommendations:detail", args=[body.slug_of(node.label)]) if body else ""


@register.simple_tag
def classification(node: ImportedParagraph) -> str:
    """Say what was found about a text, from its addressees to its theme."""
    found = [
        addressees(node.addressees) if node.addressees else "",
        str(node.get_basis_display()) if node.addressees else "",
        _describe_strength(node),
        str(_("Asks to consider")) if node.asks_to_consider else "",
        str(node.primary_theme or ""),
        str(node.secondary_theme or ""),
    ]
    return " · ".join(filter(None, found))


def _describe_strength(node: ImportedParagraph) -> str:
    if node.strength == Recommendation.Strength.OTHER:
        return str(_("Wording: other verb"))
    return str(node.get_strength_display())


@register.simple_tag
def mark_words(text: str, doubts: Iterable[ParagraphDoubt]) -> SafeString:
    """Write a text with the words marked that its first doubt names."""
    words = next((doubt.words.rstrip("… ") for doubt in doubts), "")
    before, found, after = text.partition(words) if words else (text, "", "")
    return format_html("{}<mark>{}</mark>{}", before, found, after) if found else escape(text)
