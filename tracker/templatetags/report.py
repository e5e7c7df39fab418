from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from recommendations.days import day_in_words
from recommendations.templatetags.adopted import adopted_text
from tracker.documents.report.answer import answer_facts, answer_foot, evidence_link
from tracker.documents.report.state import Entry
from tracker.documents.tree import TextRun
from tracker.models import Citation, EvidenceVersion
from tracker.web.parts import render_part

register = template.Library()

# A page may have thousands of these: they are written at once, and without `format_html`, which asks of each whether it
# is HTML already.


@register.simple_tag
def report_unit(entry: Entry) -> SafeString:
    """Write a unit with its whole text and the answer to it."""
    unit, revision = entry.row.unit, entry.revision
    status = render_part(
        "tracker/report/parts.html#status",
        code=entry.row.status,
        reason=str(revision.get_reason_code_display()) if revision and revision.reason_code else "",
        is_unready=revision is not None and not revision.ready,
    )
    content = SafeString(f"{adopted_text(unit, entry.items)}\n{status}{_answer(entry) if revision else ''}")
    return render_part(
        "tracker/report/parts.html#unit", content=content, slug=unit.slug, label=unit.label, title=unit.title
    )


def _answer(entry: Entry) -> str:
    evidence = f"<dt>{escape(gettext('Evidence'))}</dt>{_cited(entry)}" if entry.citations else ""
    return f'\n<dl class="facts">{_facts(entry)}{evidence}</dl>\n<p class="note">{escape(answer_foot(entry))}</p>'


def _facts(entry: Entry) -> str:
    return "".join(f"<dt>{escape(name)}</dt>{''.join(map(_value, words))}" for name, words in answer_facts(entry))


def _value(run: TextRun) -> str:
    lang = f' lang="{escape(run.language)}"' if run.language else ""
    return f'<dd{lang} dir="auto">{escape(run.text)}</dd>'


def _cited(entry: Entry) -> str:
    return "".join(f"<dd>{_citation_text(citation)}</dd>" for citation in entry.citations)


def _citation_text(citation: Citation) -> str:
    version, pinpoint = citation.evidence_version, citation.pinpoint
    place = f", <bdi>{escape(pinpoint)}</bdi>" if pinpoint else ""
    number = f'<a href="#{evidence_link(version)}"><bdi>{version.evidence}</bdi></a>'
    return f"{number} <bdi>{_title(version)}</bdi>{place}"


def _title(version: EvidenceVersion) -> str:
    return escape(version.title or gettext("Title removed"))


@register.simple_tag
def cited_version(version: EvidenceVersion) -> SafeString:
    number = gettext("Version %(number)s") % {"number": version.number}
    notes = filter(None, [version.get_kind_display(), day_in_words(version.document_date), number])
    lines = [" · ".join(map(escape, notes)), _cited_file(version)]
    lines += [f"· <bdi>{escape(text)}</bdi>" if text else "" for text in (version.url, version.citation)]
    title = f'<b><bdi>{version.evidence}</bdi></b> <bdi lang="{escape(version.language)}">{_title(version)}</bdi>'
    note = "\n".join(lines)
    return SafeString(f'<li id="{evidence_link(version)}">\n<p>{title}</p>\n<p class="hint">\n{note}\n</p>\n</li>\n')


def _cited_file(version: EvidenceVersion) -> str:
    if version.file is None:
        return ""
    removed = f" {escape(gettext('The file was removed.'))}" if version.file.withdrawal_id else ""
    digest = f'<span class="digest">SHA-256 {version.file.sha256}</span>'
    return f"· <bdi>{escape(version.file_name)}</bdi> {digest}{removed}"
