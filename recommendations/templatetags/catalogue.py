import re
from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from recommendations.citations import cite_text
from recommendations.facets import plain_text
from recommendations.languages import language_attributes
from recommendations.models import Recommendation, document_links
from recommendations.queries import ORIGINAL, TranslationSet

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
def short_title(node: Recommendation | None) -> SafeString:
    """Write what is beside a label: the short title, which is in English and not part of the adopted text.

    `node`: whatever has a title.
    """
    return title_beside_label(node.title) if node else SafeString()


@register.simple_tag
@lru_cache(TITLES_IN_MEMORY)
def title_beside_label(title: str) -> SafeString:
    return format_html('<bdi class="short-title" lang="en">{}</bdi>', title) if title else SafeString()


@register.filter
def mark_words(text: str, typed: str) -> SafeString:
    """`{{ node.text|mark_words:"non punishment" }}`: mark the words of a search in a text."""
    words = [re.escape(word) for word in plain_text(typed or "").split()]
    if not words:
        return format_html("{}", text)
    letters = [(letter, place) for place, character in enumerate(text) for letter in plain_text(character)]
    haystack = "".join(letter for letter, _place in letters)
    pieces, start = [], 0
    for match in re.finditer("|".join(words), haystack):
        begins, ends = letters[match.start()][1], letters[match.end() - 1][1] + 1
        pieces.append((text[start:begins], text[begins:ends]))
        start = ends
    return format_html_join("", "{}<mark>{}</mark>", pieces) + format_html("{}", text[start:])
