from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from recommendations.citations import cite_text
from recommendations.languages import language_attributes
from recommendations.models import Recommendation, document_links
from recommendations.queries import ORIGINAL, TranslationSet, published_nodes
from recommendations.search.marking import mark
from recommendations.search.query import Query

register = template.Library()

TITLES_IN_MEMORY = 1000


@register.simple_tag
def show_text(translations: TranslationSet, node: Recommendation) -> str:
    translation = translations.find(node)
    return translation.text if translation else node.text


@register.simple_tag
def show_language(translations: TranslationSet, node: Recommendation) -> SafeString:
    translation = translations.find(node)
    return language_attributes(translation.language if translation else ORIGINAL)


register.simple_tag(cite_text)
register.simple_tag(document_links)


@register.simple_tag
def list_texts() -> SafeString:
    """Write what a LabelField suggests while a user types."""
    options = format_html_join("", '<option value="{}">', ((node,) for node in published_nodes()))
    return format_html('<datalist id="texts" lang="en" dir="ltr">{}</datalist>', options)


@register.simple_tag
def short_title(node: Recommendation | None) -> SafeString:
    """Write what is beside a label: the short title, which is in English and not part of the adopted text.

    `node`: whatever has a title.
    """
    return title_beside_label(node.title) if node else SafeString()


@register.filter
def label_alone(node: Recommendation | str | None) -> SafeString:
    """Write the label where there is no room for its short title: a pointer shows it, and screen readers read it."""
    if not isinstance(node, Recommendation):
        return SafeString()
    label = '<bdi title="{title}">{label}<span class="hidden-words" lang="en"> {title}</span></bdi>'
    return format_html(label, label=node.full_shown_label, title=node.title)


@register.simple_tag
@lru_cache(TITLES_IN_MEMORY)
def title_beside_label(title: str) -> SafeString:
    return format_html('<bdi class="short-title" lang="en">{}</bdi>', title) if title else SafeString()


@register.filter
def mark_words(text: str, query: Query) -> SafeString:
    """`{{ node.text|mark_words:query }}`: mark in a text in English what the query finds."""
    pieces = mark(text, query, ORIGINAL)
    return format_html_join("", "{}", ([_marked(piece.text) if piece.is_found else piece.text] for piece in pieces))


def _marked(words: str) -> SafeString:
    return format_html("<mark>{}</mark>", words)
