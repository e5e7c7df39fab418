"""What an answer says, on the page of a report as in its documents."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker.reports.chapters import answer_facts, answer_foot
from tracker.reports.document import Said
from tracker.reports.state import Entry

register = template.Library()
register.simple_tag(answer_foot)


@register.simple_tag
def facts(entry: Entry) -> SafeString:
    """Names, and what is said under each, for a `dl`: written at once, since a page may have a thousand."""
    return format_html_join("", "<dt>{}</dt>{}", ((name, _told(words)) for name, words in answer_facts(entry)))


def _told(words: list[Said]) -> SafeString:
    return format_html_join("", '<dd{} dir="auto">{}</dd>', ((_lang(one.language), one.text) for one in words))


def _lang(language: str) -> SafeString:
    return format_html(' lang="{}"', language) if language else SafeString("")
