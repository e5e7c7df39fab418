"""One answer, as a State's report and the answers by provision show it."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.days import day_in_words
from recommendations.lists import format_list
from recommendations.models import Recommendation
from recommendations.templatetags.adopted import mark_place
from tracker.documents.report.state import CitedEvidence, Entry, StateReport
from tracker.documents.tree import Adopted, CitationLine, Facts, ReportAnswer, TextRun, isolated, own, state_text
from tracker.models import Revision
from tracker.models.answer_fields import IN_DOCUMENTS, FieldKind
from tracker.models.status import LABELS


def answer(report: StateReport, entry: Entry) -> ReportAnswer:
    unit = entry.row.unit
    texts, footnotes = adopted_texts(entry)
    return ReportAnswer(
        label=unit.label,
        title=unit.title,
        anchor=unit_link(unit),
        texts=texts,
        footnotes=footnotes,
        code=entry.row.status,
        status=status_name(entry),
        notes=_status_texts(entry),
        facts=Facts(answer_facts(entry)),
        evidence=[_cited(citation) for citation in entry.citations],
        foot=answer_foot(entry),
    )


def adopted_texts(entry: Entry) -> tuple[list[Adopted], list[tuple[int, str]]]:
    unit = entry.row.unit
    shown = [*unit.chapeaux, unit, *entry.items]
    footnotes = [(note.number, note.text) for node in shown for note in node.notes]
    return [_adopted(node, unit) for node in shown], footnotes


def _adopted(node: Recommendation, unit: Recommendation) -> Adopted:
    pieces, start = [], 0
    for note in sorted(node.notes, key=lambda note: note.offset):
        place = mark_place(node, note)
        pieces.append((node.text[start:place], note.number))
        start = place
    marker = node.marker if unit in node.chapeaux else ""
    return Adopted(marker, [*pieces, (node.text[start:], 0)], node.pk == unit.parent_id)


def _status_texts(entry: Entry) -> list[TextRun]:
    revision = entry.revision
    if revision is None:
        return []
    # Translators: State of an answer; the opposite of “Ready”.
    reason = revision.get_reason_code_display() if revision.reason_code else ""
    notes = (reason, "" if revision.ready else _("Not ready"))
    return [own(note) for note in notes if note]


def answer_facts(entry: Entry) -> list[tuple[str, list[TextRun]]]:
    if entry.revision is None:
        return []
    facts = [(field.document_label, RUNS[field.kind](entry, field.name)) for field in IN_DOCUMENTS]
    if entry.withheld:
        facts.append((_("Evidence kept by the State"), [own(_withheld(entry))]))
    if entry.revision.withdrawal_id:
        withdrawn = _("Information that identified a victim was removed from this answer.")
        # Translators: A text or file was removed.
        facts.append((_("Removed"), [own(withdrawn)]))
    facts_with_text = ((label, [run for run in runs if run.text]) for label, runs in facts)
    return [(str(label), runs) for label, runs in facts_with_text if runs]


def _items_text(entry: Entry) -> str:
    if entry.revision is None or not entry.items:
        return ""
    return "\n".join(map(isolated, entry.items_met)) or _("None")


def _practice_text(entry: Entry) -> str:
    if entry.revision is None or not entry.revision.good_practice:
        return ""
    may_be_read = _("Other States may read it") if entry.revision.good_practice_shared else ""
    return " · ".join(filter(None, [_("Yes"), may_be_read]))


def _withheld(entry: Entry) -> str:
    # Translators: count: number of evidence items.
    sentence = ngettext("%(count)s evidence item", "%(count)s evidence items", entry.withheld)
    return sentence % {"count": entry.withheld}


def answer_foot(entry: Entry) -> str:
    revision = entry.revision
    if revision is None:
        return ""
    # Translators: number: number of a version.
    version = _("Version %(number)s") % {"number": revision.number}
    wording = _("Text changed since the answer") if entry.answers_former_wording else ""
    return " · ".join(filter(None, [version, day_in_words(revision.created_at), wording, _received(revision)]))


def _received(revision: Revision) -> str:
    on = day_in_words(revision.received_on)
    if revision.received_from:
        # Translators: institution: name of an institution. on: a date.
        sentence = _("Received from: %(institution)s, %(on)s")
        return sentence % {"institution": isolated(revision.received_from), "on": on}
    # Translators: %(on)s: date. The name identified a victim and was removed.
    return _("Received on %(on)s from an institution whose name was removed") % {"on": on} if on else ""


def _cited(cited: CitedEvidence) -> CitationLine:
    # Translators: Shown in place of the title of an evidence item after identifying information was removed.
    words = format_list(filter(None, [cited.title or _("Title removed"), cited.pinpoint]))
    return CitationLine(cited.evidence, cited.anchor, state_text(words, cited.language))


def unit_link(unit: Recommendation) -> str:
    return f"unit-{unit.slug}"


def answer_text(entry: Entry, name: str) -> TextRun:
    revision = entry.revision
    return state_text(getattr(revision, name), revision.language) if revision else own("")


def status_name(entry: Entry) -> str:
    return str(LABELS[entry.row.status])


# A field that has no label of its own in documents is written with the one before it.
RUNS: dict[FieldKind, Callable[[Entry, str], list[TextRun]]] = {
    FieldKind.TEXT: lambda entry, name: [answer_text(entry, name)],
    FieldKind.LINE: lambda entry, name: [state_text(getattr(entry.revision, name))],
    FieldKind.ITEMS: lambda entry, name: [own(_items_text(entry))],
    FieldKind.DATE: lambda entry, name: [own(day_in_words(getattr(entry.revision, name)))],
    FieldKind.CODES: lambda entry, name: [
        own(format_list(kind.label for kind in entry.assistance_kinds)),
        answer_text(entry, "assistance"),
    ],
    FieldKind.YES: lambda entry, name: [own(_practice_text(entry))],
}
