"""Papers as a curator uploads them: text, and documents for Word made of it as a word processor would."""

import datetime
import io
import re
from pathlib import Path

import docx

from recommendations.models import Body, Paper, PaperImport, Recommendation
from recommendations.outline.document import paste_paragraphs
from recommendations.paper_import.actions import create_import, decide_paragraphs, save_details, settle_doubt
from recommendations.paper_import.doubts import answers_to
from recommendations.paper_import.notation import parse_heading
from recommendations.paper_import.plan import PublicationPlan
from recommendations.paper_import.rows import ParagraphTable
from recommendations.undo import change_structure
from tests.conftest import find_person, make_person
from tracker.actions.paper_opening import confirm_opening, propose_opening
from tracker.actions.paper_publication import offer_publication, publish_paper
from tracker.models.user import Role

EIGHT_MEETINGS = (Path(__file__).parents[1] / "fixtures" / "CTOC-COP-WG.4-recommendations-2009-2018.txt").read_text(
    encoding="utf-8"
)

NINTH = """Working Group on Trafficking in Persons

Recommendations adopted by the Working Group at its ninth meeting

IX. Ninth meeting, Vienna, 9 to 11 September 2019

1. States parties should:
 - (a) Criminalize trafficking in persons;
 - (b) Consider establishing a fund for victims.¹
2. The Secretariat should compile good practices.
3. Measures should be taken to protect children.

¹ See article 6, paragraph 6, of the Protocol.
"""


REPORT = """Report of the ninth meeting

IX. Ninth meeting, Vienna, 9 to 11 September 2019

I. Introduction

1. The meeting was opened on 9 September.

2. The Chair said that States should share forms.

II. Recommendations

A. Compensation

3. States parties should compensate victims.

4. States parties should:

(a) Train police officers;

(b) Train prosecutors.

5. Measures should be taken to inspect workplaces.

Annex

Draft decision

States are invited to take note of the offer of Austria.

Topics were named.
"""


DETAILS = {
    "paper_symbol": "CTOC/COP/WG.4/2019/6",
    "paper_title": "Recommendations adopted at the ninth meeting",
    "paper_date": datetime.date(2019, 10, 1),
    "paper_kind": "report",
}


def as_word(text: str) -> bytes:
    """A paragraph for each line that has words."""
    document = docx.Document()
    for line in text.splitlines():
        if line.strip():
            document.add_paragraph(re.sub(r"^- ", "", line.strip()))
    return saved(document)


def saved(document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def taken_in(by, text: str = NINTH, heading: str = "", **values) -> PaperImport:
    """A draft; `values` of the paper_import: of the first body, where they name no other."""
    if "body_slug" not in values:
        values = {"body": Body.objects.get(is_first=True)} | values
    meeting = parse_heading(heading) if heading else None
    return create_import(
        paper_import=PaperImport(**DETAILS | values), source=paste_paragraphs(text), meeting=meeting, by=by
    )


def parts_of(paper_import: PaperImport, *heads: str) -> dict[int, int]:
    """Return the stamps of parts as a page sends them: those that begin with these words, or all of the document."""
    table = ParagraphTable(paper_import.paragraphs.all())
    parts = [row.part for row in table.heads.values() if heads and row.text.startswith(heads)]
    return {number: table.part(number).stamp for number in parts or table.inner_parts[None]}


def with_details_confirmed(paper_import: PaperImport, by) -> PaperImport:
    """Confirm singly each detail that the first page does not say, as a curator does."""
    draft = PaperImport.objects.get(pk=paper_import.pk)
    draft.confirmed = {doubt.key: doubt.value for doubt in PublicationPlan(draft).detail_doubts}
    save_details(paper_import=draft, meetings={}, base=draft.version, by=by)
    return draft


def decided(paper_import: PaperImport, by) -> PaperImport:
    """Confirm the details of a draft, and what is proposed for each of its paragraphs."""
    with_details_confirmed(paper_import, by)
    decide_paragraphs(paper_import=paper_import, decision="", parts=parts_of(paper_import), by=by)
    return paper_import


def settled(paper_import: PaperImport, by) -> PaperImport:
    """Settle each doubt of a draft as a curator does who agrees with what is proposed."""
    while doubts := PublicationPlan(PaperImport.objects.get(pk=paper_import.pk)).doubts:
        doubt = doubts[0]
        versions, answer = {doubt.node.pk: doubt.node.version}, next(iter(answers_to(doubt.question)))
        settle_doubt(paper_import=paper_import, versions=versions, question=doubt.question, answer=answer, by=by)
    return paper_import


def stamp_of(paper_import: PaperImport) -> str:
    """Return the stamp of the page on which people offer and publish a draft, as it is now."""
    return PublicationPlan(PaperImport.objects.get(pk=paper_import.pk)).stamp


def offered(paper_import: PaperImport, by) -> PaperImport:
    """Decide as is proposed what nobody decided, and offer the draft for publication."""
    settled(decided(paper_import, by), by)
    offer_publication(paper_import=paper_import, stamp=stamp_of(paper_import), by=by)
    return PaperImport.objects.get(pk=paper_import.pk)


def published(paper_import: PaperImport, by) -> PaperImport:
    """Publish a draft: a curator offers it, and an officer confirms."""
    offered(paper_import, by)
    officer = find_person("olga") or make_person("olga", Role.REVIEWER)
    return publish_paper(paper_import=paper_import, stamp=stamp_of(paper_import), by=officer)


def proposed(of: PaperImport | Paper, by) -> Paper:
    """The paper, which one person proposes to open to answers."""
    key = of.texts.first().paper_id
    propose_opening(paper=Paper(pk=key), mandate="Note verbale CU 2026/1", by=by)
    return Paper.objects.get(pk=key)


def opened(of: PaperImport | Paper, by, other) -> Paper:
    paper = proposed(of, by)
    confirm_opening(paper=paper, base=paper.opening_stamp, by=other)
    paper.refresh_from_db()
    return paper


def restructure(text: Recommendation, by, **values) -> bool:
    as_it_is = {name: getattr(text, name) for name in ("label", "kind", "is_unit", "is_topic")}
    return change_structure(text=text, by=by, **{"reason": "Printed otherwise."} | as_it_is | values)
