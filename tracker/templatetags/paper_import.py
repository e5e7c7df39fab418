"""What becomes of a document: its bar of words, the words in question, the classification of a text."""

from collections.abc import Iterable

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommendations.lists import format_list
from recommendations.models import Addressee, ImportedParagraph, NodeKind, PaperImport, Recommendation
from recommendations.paper_import.doubts import DOUBTS
from recommendations.paper_import.plan import Doubt
from recommendations.paper_import.rows import REASONS
from tracker.templatetags.looks import thousands

register = template.Library()


@register.filter
def word_count(number: int) -> str:
    # Translators: %(number)s is a number of words of a document, as 1,906.
    return ngettext("%(number)s word", "%(number)s words", number) % {"number": thousands(number)}


def addressees(codes: Iterable[str]) -> str:
    names = dict(Addressee.Code.choices)
    return format_list(names.get(code, code) for code in codes)


@register.filter
def left_out_words(reason: str) -> str:
    return str(REASONS[reason])


@register.filter
def doubt_words(question: str) -> str:
    return str(DOUBTS[question])


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
        _describe_use(node),
        str(node.primary_theme or ""),
        str(node.secondary_theme or ""),
    ]
    return " · ".join(filter(None, found))


def _describe_strength(node: ImportedParagraph) -> str:
    if node.strength == Recommendation.Strength.OTHER:
        return str(_("Strength of wording: other"))
    return str(node.get_strength_display())


def _describe_use(node: ImportedParagraph) -> str:
    if node.is_unit and node.kind == NodeKind.CHAPEAU:
        # Translators: The text introduces items. One answer is requested on all of them.
        return str(_("Chapeau, answered as a whole"))
    return str(_("Recommendation") if node.is_unit else _("Topic") if node.is_topic else "")


@register.simple_tag
def mark_words(text: str, doubts: Iterable[Doubt]) -> SafeString:
    """Write a text with the words of its first doubt marked; all of it where the doubt names no words."""
    doubt = next(iter(doubts))
    words = doubt.words.rstrip("… ")
    before, found, after = text.partition(words) if words and words in text else ("", text, "")
    return format_html("{}<mark>{}</mark>{}", before, found, after)
