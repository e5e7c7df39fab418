"""What an answer says, on the page of a report as in its documents."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from tracker.models import Citation
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


@register.simple_tag
def cited(entry: Entry) -> SafeString:
    """The evidence that an answer cites, each piece with the place in it, for a `dl`."""
    return format_html_join("", "<dd>{}</dd>", ([_piece(citation)] for citation in entry.citations))


def _piece(citation: Citation) -> SafeString:
    version, pinpoint = citation.evidence_version, citation.pinpoint
    return format_html(
        '<a href="#evidence-{0}-{1}"><bdi>{2}</bdi></a> <bdi>{3}</bdi>{4}',
        version.evidence.number,
        version.number,
        version.evidence,
        version.title or gettext("Title withdrawn"),
        format_html(", <bdi>{}</bdi>", pinpoint) if pinpoint else "",
    )
