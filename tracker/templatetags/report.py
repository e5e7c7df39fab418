from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from recommendations.days import day_in_words
from recommendations.templatetags.adopted import adopted_text
from tracker.documents.report.answer import answer_facts, answer_foot
from tracker.documents.report.state import CitedEvidence, Entry
from tracker.documents.tree import TextRun
from tracker.models.evidence import KINDS
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
        "tracker/report/parts.html#unit", content=content, slug=unit.slug, label=unit.shown_label, title=unit.title
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


def _citation_text(cited: CitedEvidence) -> str:
    place = f", <bdi>{escape(cited.pinpoint)}</bdi>" if cited.pinpoint else ""
    return f'<a href="#{cited.anchor}"><bdi>{cited.evidence}</bdi></a> <bdi>{_title(cited)}</bdi>{place}'


def _title(cited: CitedEvidence) -> str:
    return escape(cited.title or gettext("Title removed"))


@register.simple_tag
def cited_version(cited: CitedEvidence) -> SafeString:
    number = gettext("Version %(number)s") % {"number": cited.number}
    notes = filter(None, [str(KINDS[cited.kind]), day_in_words(cited.document_date), number])
    lines = [" · ".join(map(escape, notes)), _cited_file(cited)]
    lines += [f"· <bdi>{escape(text)}</bdi>" if text else "" for text in (cited.url, cited.citation)]
    title = f'<b><bdi>{cited.evidence}</bdi></b> <bdi lang="{escape(cited.language)}">{_title(cited)}</bdi>'
    note = "\n".join(lines)
    return SafeString(f'<li id="{cited.anchor}">\n<p>{title}</p>\n<p class="hint">\n{note}\n</p>\n</li>\n')


def _cited_file(cited: CitedEvidence) -> str:
    if cited.sha256 is None:
        return ""
    removed = f" {escape(gettext('The file was removed.'))}" if cited.withdrawal else ""
    digest = f'<span class="digest">SHA-256 {cited.sha256}</span>'
    name = f"<bdi>{escape(cited.file_name)}</bdi> " if cited.file_name else ""
    return f"· {name}{digest}{removed}"
