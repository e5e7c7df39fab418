import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from recommendations.facets import folded

register = template.Library()


@register.filter
def found(text: str, typed: str) -> SafeString:
    """`{{ node.text|found:"non punishment" }}`: the text, the words that were searched for marked in it."""
    words = [re.escape(word) for word in folded(typed or "").split()]
    if not words:
        return format_html("{}", text)
    letters = [(letter, place) for place, character in enumerate(text) for letter in folded(character)]
    haystack = "".join(letter for letter, _place in letters)
    pieces, start = [], 0
    for match in re.finditer("|".join(words), haystack):
        begins, ends = letters[match.start()][1], letters[match.end() - 1][1] + 1
        pieces.append((text[start:begins], text[begins:ends]))
        start = ends
    return format_html_join("", "{}<mark>{}</mark>", pieces) + format_html("{}", text[start:])
