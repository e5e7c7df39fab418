from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from tracker.documents.report.answer import answer_facts, answer_foot
from tracker.documents.report.state import Entry
from tracker.documents.tree import TextRun
from tracker.models import Citation

register = template.Library()
register.simple_tag(answer_foot)


# A page may have thousands of these: they are written at once, and without `format_html`, which asks of each whether it
# is HTML already.


@register.simple_tag
def facts(entry: Entry) -> SafeString:
    return SafeString(
        "".join(f"<dt>{escape(name)}</dt>{''.join(map(_value, words))}" for name, words in answer_facts(entry))
    )


def _value(run: TextRun) -> str:
    lang = f' lang="{escape(run.language)}"' if run.language else ""
    return f'<dd{lang} dir="auto">{escape(run.text)}</dd>'


@register.simple_tag
def cited(entry: Entry) -> SafeString:
    return SafeString("".join(f"<dd>{_citation_text(citation)}</dd>" for citation in entry.citations))


def _citation_text(citation: Citation) -> str:
    version, pinpoint = citation.evidence_version, citation.pinpoint
    anchor = f"evidence-{version.evidence.number}-{version.number}"
    place = f", <bdi>{escape(pinpoint)}</bdi>" if pinpoint else ""
    title = escape(version.title or gettext("Title removed"))
    return f'<a href="#{anchor}"><bdi>{escape(str(version.evidence))}</bdi></a> <bdi>{title}</bdi>{place}'
