"""The five files of a State's report say the same, and what the database says, whatever a State wrote."""

import io
import json
import re
import zipfile
from collections import Counter
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from docx.oxml.ns import qn
from docx.table import Table

from recommendations.spreadsheets import remove_mark
from tests.conftest import arandia, make_person, save_for_xaa, with_second_factor
from tests.database import lifted_triggers
from tests.evidence_items import add_item
from tests.files import rows_of_csv, rows_of_sheet, sheets_of, text_of_pdf, visible, without_spaces
from tests.labels import titles
from tests.submissions import opened_round, submit_ready
from tracker.actions.submission import withdraw_from_round
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.csv import csv_line
from tracker.documents.docx import write_docx
from tracker.documents.exchange.uploads import check_upload
from tracker.documents.report.chapters import Choice, document
from tracker.documents.report.files import FILE_KINDS
from tracker.documents.report.sealed import sealed_themes, submission_report
from tracker.documents.report.state import state_report
from tracker.documents.tree import direction_of
from tracker.models import Citation, Revision, Submission
from tracker.models.answer_fields import AssistanceKind
from tracker.models.status import NO_INFORMATION, NO_INFORMATION_LABEL, Status
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

STATUSES = {**dict(Status.choices), NO_INFORMATION: NO_INFORMATION_LABEL}
WITHOUT_LETTER = re.compile("[\N{GRINNING FACE}\N{HANGUL SYLLABLE HAN}]")
INSIDE = ["-raw", "-x", "0", "-y", "80", "-W", "595", "-H", "680"]  # points: a page without its head and its foot
LONG = "".join(f"{number:05}" for number in range(4_000))

# What a document calls what a column holds, in its order.
NAMES = {
    "reasons": "Reasons",
    "items_met": "Items met",
    "measures": "Measures",
    "difficulties": "Difficulties",
    "assistance": "Assistance needed",
    "good_practice": "Good practice",
    "target_date": "Target date",
    "lead_institution": "Lead institution",
    "evidence_withheld": "Evidence kept by the State",
    "words_withdrawn": "Removed",
    "evidence": "Evidence",
}
SAID_IN_A_DOCUMENT = {
    "1 evidence item": "1",
    "Information that identified a victim was removed from this answer.": "yes",
    "Yes · Other States may read it": "yes",
}


class Told(NamedTuple):
    """What is told, in words: of each answer, by its label, what it says; the units of all and of each theme by status;
    each piece of evidence by its number, with its SHA-256.
    """

    answers: dict[str, dict[str, str]]
    counts: dict[str, Counter]
    evidence: dict[str, str]


@pytest.fixture(scope="module")
def written(for_the_module):
    """One answer of each kind, with whatever people write, submitted."""
    xaa = arandia()
    alice, bob = make_person("alice", Role.FOCAL_POINT, xaa), with_second_factor(make_person("bob", Role.REVIEWER))

    say = partial(save_for_xaa, ready=True)

    def law(title, disclosure):
        file = SimpleUploadedFile("law.txt", title.encode())
        return add_item(xaa, alice, title, disclosure=disclosure, upload=check_upload(file))

    act, kept = law("Law No. 17 of 2022", "public"), law("=Draft act", "state")
    say("I.13", measures="تعرض على الضحايا المساعدة القانونية", language="ar", citations=[(act, "articles 31 to 40")])
    say(
        "II.49", measures="向被害人提供法律援助。", language="zh", lead_institution="司法部", citations=[(kept, "p. 1")]
    )
    say("I.7(a)", "considered_not_taken_up", reasons="Рассмотрено: помощь предоставляется.", language="ru")
    say("II.4", "considered_not_taken_up", reasons="=1+1;@SUM(A1)\n=cmd|'/c calc'!A1\n- L’œuvre, « déjà » & <b>")
    say("IV.46(i)", "partially_implemented", items_met=["IV.46(i)(i)"], measures="Done \N{GRINNING FACE} 한.")
    say("VII.1(a)", "in_progress", measures=LONG, target_date=date(2099, 3, 1), assistance_kinds=["training", "data"])
    say("VI.4", "not_started", difficulties="One\n\nTwo\tthree", assistance="Forty judges.", assistance_kinds=["other"])
    say("V.33", "not_applicable", reason_code="date_has_passed", reasons="0012", lead_institution="007")
    say("I.1", measures="Before\x85after", good_practice=True, good_practice_shared=True)
    say("V.1", measures="Ms Quetzal was helped.")
    decider = make_person("ali", Role.FOCAL_POINT, xaa)
    withdrawal = request_withdrawal(respondent=xaa, by=alice, words="Quetzal", files=[], reason="name")
    confirm_withdrawal(pk=withdrawal.pk, by=decider)
    submit_ready(xaa, opened_round(bob), alice)
    with lifted_triggers():  # as no form would let it in
        Revision.everyones.filter(record__recommendation__label="I.1").update(measures="Before\x01after")


@pytest.fixture
def living(written, xaa, alice):
    return lambda: state_report(xaa, alice)


@pytest.fixture
def sealed(written):
    found = Submission.everyones.select_related("respondent", "round__body", "participation")
    return lambda: submission_report(found.get())


@pytest.fixture(scope="module")
def written_files(written) -> dict[tuple[str, str], bytes]:
    return {}


@pytest.fixture
def file_of(written_files, request):
    """Write each file of each report once for the module."""

    def file_of_(source: str, kind: str) -> bytes:
        if (source, kind) not in written_files:
            report = request.getfixturevalue(source)()
            written_files[source, kind] = FILE_KINDS[kind].write(report, Choice())
        return written_files[source, kind]

    return file_of_


def test_the_themes_of_a_submission_are_counted_as_in_its_report(sealed):
    report = sealed()
    overall, themes = sealed_themes(report.submission)
    assert overall == report.figures.overall
    assert [(theme.slug, theme.name, theme.progress, list(theme.units.values())) for theme in themes] == [
        (section.slug, section.of.name, section.progress, [entry.row.unit.pk for entry in section.entries])
        for section in report.sections("theme")
    ]


def test_the_report_of_one_theme_has_its_answers_only(sealed):
    report = sealed()
    _overall, themes = sealed_themes(report.submission)
    of_third = submission_report(report.submission, theme=themes[2])
    assert [entry.row.unit.slug for entry in of_third.entries] == list(themes[2].units)
    assert [entry.revision for entry in of_third.entries] == [
        entry.revision for entry in report.sections("theme")[2].entries
    ]


def test_a_cell_of_csv_is_quoted_where_a_reader_needs_it():
    assert csv_line(["a;b", 7, ""]) == "a;b,7,"
    assert csv_line(["a,b", 'say "yes"', "two\nlines\r"]) == '"a,b","say ""yes""","two\nlines\r"'


@pytest.mark.parametrize("source", ["living", "sealed"])
@pytest.mark.thorough
def test_all_five_files_say_what_the_database_says(source, request, file_of, xaa):
    report = request.getfixturevalue(source)()
    said = {kind: file_of(source, kind) for kind in FILE_KINDS}
    truth = in_the_database(xaa, is_sealed=source == "sealed")
    assert of_csv(said["csv"]) == truth
    assert of_json(said["json"]) == truth
    assert of_xlsx(said["xlsx"]) == truth
    assert of_docx(said["docx"]) == truth
    assert of_pdf(said["pdf"], report) == squeezed(truth)


def test_the_page_has_the_figures_of_the_files(desk, file_of):
    page = desk.get(reverse("report", args=["XAA"])).content.decode()
    assert counts_of_page(page) == of_csv(file_of("living", "csv")).counts


def test_no_file_of_a_submission_contains_evidence_the_state_keeps(file_of):
    for kind in FILE_KINDS:
        assert "Draft act" not in all_words_of(file_of("sealed", kind)), kind


def test_every_file_and_page_has_the_number_and_digest(sealed, file_of, alice):
    report = sealed()
    reference, digest = "XAA/2026/1", report.submission.digest
    rows = rows_of(file_of("sealed", "csv"))
    assert {(row["source"], row["digest"], row["marking"]) for row in rows} == {
        (reference, digest, f"Submission {reference}")
    }
    told = json.loads(file_of("sealed", "json"))
    assert (told["source"], told["digest"]) == (reference, digest)
    with zipfile.ZipFile(io.BytesIO(file_of("sealed", "xlsx"))) as archive:
        for number in range(1, 6):
            foot = re.search("<oddFooter>(.*)</oddFooter>", archive.read(f"xl/worksheets/sheet{number}.xml").decode())
            assert f"Submission {reference} SHA-256 {digest}" in foot[1]
    section = docx.Document(io.BytesIO(file_of("sealed", "docx"))).sections[0]
    assert reference in section.header.paragraphs[0].text
    assert [paragraph.text.replace(" ", "") for paragraph in section.footer.paragraphs][1] == f"SHA-256{digest}"
    withdraw_from_round(submission=report.submission, reason="An error.", by=alice)
    for kind in ("csv", "json", "xlsx", "docx"):
        assert "XAA/2026/1 (withdrawn)" in all_words_of(FILE_KINDS[kind].write(sealed(), Choice())), kind


def test_each_need_for_assistance_has_a_row(file_of):
    sheet = rows_of_sheet(sheets_of(file_of("living", "xlsx"))["Assistance"])
    needs = [(row["label"], row["kind"], row["assistance"], row["status"]) for row in sheet]
    assert needs == [
        ("VI.4", "other", "Forty judges.", "not_started"),
        ("VII.1(a)", "training", "", "in_progress"),
        ("VII.1(a)", "data", "", "in_progress"),
    ]
    told = json.loads(file_of("living", "json"))["assistance"]
    assert [as_text(row) for row in told] == sheet


def test_a_figure_has_its_numerator_denominator_date_and_source(sealed, file_of):
    report = sealed()
    told = json.loads(file_of("sealed", "json"))
    rate = {row["figure"]: row for row in told["figures"]}["response_rate"]
    at = report.submission.sealed_at.isoformat(timespec="seconds")
    assert rate | {"name": ""} == {
        "figure": "response_rate",
        "name": "",
        "numerator": 10,
        "denominator": 230,
        "as_at": at,
        "source": "XAA/2026/1",
    }
    sheet = [row[:6] for row in sheets_of(file_of("sealed", "xlsx"))["Summary"]]
    start = next(number for number, row in enumerate(sheet) if row[0] == "figure")
    assert sheet[start + 1 :] == [list(row.values()) for row in told["figures"]]


def test_a_document_for_word_is_one_that_a_ministry_can_work_in(living):
    found = docx.Document(io.BytesIO(FILE_KINDS["docx"].write(living(), Choice(authority="Ministry of Justice"))))
    headings = [p.text for p in found.paragraphs if p.style.name == "Heading 1"]
    assert (headings[0], headings[-1]) == ("Summary", "Annex: evidence cited")
    listed = [p.text.strip() for p in found.paragraphs if p.style.name.lower().startswith("toc ") and p.text.strip()]
    assert [one for one in listed if one in headings] == headings
    marks = {mark.get(qn("w:name")) for mark in found.element.iter(qn("w:bookmarkStart"))}
    assert {one.get(qn("w:anchor")) for one in found.element.iter(qn("w:hyperlink"))} <= marks
    units = next(table for table in found.tables if table.cell(0, 0).text == "Recommendation")
    assert units.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert found.core_properties.title == "Report on the implementation of the recommendations, Arandia"
    bars = [t._tbl.tblPr.find(qn("w:tblCaption")) for t in found.tables if t.style.name == "Bar"]
    assert bars[0].get(qn("w:val")).startswith("Recommendations: Implemented 4; Considered")
    arabic = next(p for p in found.element.iter(qn("w:p")) if p.text == "تعرض على الضحايا المساعدة القانونية")
    assert arabic.pPr.find(qn("w:bidi")).get(qn("w:val")) == "1"


def test_what_is_written_from_right_to_left_is_a_document_from_right_to_left(living):
    with translation.override("ar"):
        found = docx.Document(io.BytesIO(write_docx(document(living(), Choice()))))
    assert found.styles["Normal"].element.find(f".//{qn('w:bidi')}") is not None
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in found.tables)
    adopted = next(p for p in found.paragraphs if p.style.name == "Adopted text")
    assert adopted._p.pPr.find(qn("w:bidi")).get(qn("w:val")) == "0"


# What is in the database


def in_the_database(respondent, is_sealed: bool) -> Told:
    answers, evidence = {}, {}
    revisions = {
        revision.record.recommendation.label: revision
        for revision in Revision.everyones.select_related("record__recommendation")
    }
    for label, revision in revisions.items():
        cited = [(one.evidence_version, one.pinpoint) for one in Citation.everyones.filter(revision=revision)]
        shown = [one for one in cited if not (is_sealed and one[0].disclosure == "state")]
        evidence |= {str(version.evidence): version.file.sha256 for version, _pinpoint in shown}
        kinds = ", ".join(str(AssistanceKind(kind).label) for kind in revision.assistance_kinds)
        said = {
            "status": str(STATUSES[revision.status]),
            "reasons": revision.reasons,
            "items_met": ", ".join(revision.items_met),
            "measures": revision.measures.replace("\x01", ""),
            "difficulties": revision.difficulties,
            "assistance": "\n".join(filter(None, [kinds, revision.assistance])),
            "good_practice": "yes" if revision.good_practice else "",
            "target_date": revision.target_date.isoformat() if revision.target_date else "",
            "lead_institution": revision.lead_institution,
            "evidence_withheld": str(len(cited) - len(shown)) if len(cited) > len(shown) else "",
            "words_withdrawn": "yes" if revision.withdrawal_id else "",
            "evidence": "; ".join(f"{version.evidence} {version.title}, {pinpoint}" for version, pinpoint in shown),
        }
        answers[label] = {name: words for name, words in said.items() if words}
    counts = {"All": Counter()}
    for unit in respondent.units_to_answer().select_related("primary_theme"):
        status = revisions[unit.label].status if unit.label in revisions else NO_INFORMATION
        for name in ("All", unit.primary_theme.name):
            counts.setdefault(name, Counter())[str(STATUSES[status])] += 1
    return Told(answers, counts, evidence)


# What is in files of data


def of_csv(content: bytes) -> Told:
    rows = rows_of(content)
    pieces = re.findall(r"(E\d+) version .*sha256 ([0-9a-f]{64})", "\n".join(row["evidence"] for row in rows))
    return Told(answers_of(rows), counts_of(rows), dict(pieces))


def of_json(content: bytes) -> Told:
    told = {name: [as_text(row) for row in rows] for name, rows in json.loads(content).items() if name in LISTED}
    return of_listings(told["answers"], told["evidence"], told["progress"])


def of_xlsx(content: bytes) -> Told:
    sheets = sheets_of(content)
    summary = sheets["Summary"]
    start = next(number for number, row in enumerate(summary) if row[0] == "group")
    end = next(number for number, row in enumerate(summary) if row[0] == "figure") - 1
    progress = [dict(zip(summary[start], row, strict=True)) for row in summary[start + 1 : end]]
    return of_listings(rows_of_sheet(sheets["Answers"]), rows_of_sheet(sheets["Evidence"]), progress)


LISTED = ("answers", "evidence", "progress", "figures", "assistance")


def of_listings(answers: list[dict], evidence: list[dict], progress: list[dict]) -> Told:
    counts = {
        row["name"] or "All": +Counter({str(name): int(row[code]) for code, name in STATUSES.items()})
        for row in progress
        if row["group"] != "meeting"
    }
    assert counts == counts_of(answers)
    return Told(answers_of(answers), counts, {row["evidence"]: row["sha256"] for row in evidence})


def answers_of(rows: list[dict]) -> dict[str, dict[str, str]]:
    answers = {}
    for row in rows:
        if row["status"] == NO_INFORMATION:
            continue
        kinds = row["assistance_kind_names"].replace("; ", ", ")
        said = {name: row[name] for name in NAMES} | {
            "status": row["status_name"],
            "assistance": "\n".join(filter(None, [kinds, row["assistance"]])),
            "evidence": "; ".join(map(" ".join, re.findall(r"(E\d+) version \d+, (.*) \(Law", row["evidence"]))),
        }
        answers[row["label"]] = {name: str(words) for name, words in said.items() if words not in ("", "no", "0", 0)}
    return answers


def counts_of(rows: list[dict]) -> dict[str, Counter]:
    counts = {"All": Counter(row["status_name"] for row in rows)}
    for row in rows:
        counts.setdefault(row["theme_name"], Counter())[row["status_name"]] += 1
    return counts


def rows_of(content: bytes) -> list[dict]:
    return [{name: remove_mark(words) for name, words in row.items()} for row in rows_of_csv(content)]


def as_text(row: dict) -> dict:
    """A row of JSON as the other files write it."""
    words = {None: "", True: "yes", False: "no"}
    return {
        name: "; ".join(value) if isinstance(value, list) else value if type(value) is int else words.get(value, value)
        for name, value in row.items()
    }


def counts_of_page(html: str) -> dict[str, Counter]:
    """The numbers beside the chart: asked, answered, each status, no information."""
    table = re.search(r'<table class="table report-table">.*?</table>', html, re.S)[0]
    counts = {}
    for row in re.findall(r"<tr>.*?</tr>", table, re.S)[1:]:
        asked, answered, *numbers = [
            sum(map(int, cell.split("+"))) for cell in re.findall(r'<td class="number">([^<]+)</td>', row)
        ]
        assert (asked, answered) == (sum(numbers), sum(numbers[:-1]))
        statuses = zip(map(str, STATUSES.values()), numbers, strict=True)
        counts[re.search(r'<th scope="row">([^<]*)</th>', row)[1]] = +Counter(dict(statuses))
    return counts


# What is in documents


def of_docx(content: bytes) -> Told:
    answers, evidence, counts = {}, {}, {}
    chapter = label = ""
    for block in docx.Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(block, Table):
            rows = [[visible(cell.text) for cell in row.cells] for row in block.rows]
            if rows[0][0] == "Theme":
                counts = counts_of_table(rows)
            elif label in answers and block.style.name == "Normal Table":
                answers[label] |= facts_of(rows)
            continue
        style, text = block.style.name, visible(block.text)
        if style == "Heading 1":
            chapter, label = text, ""
        elif style == "Heading 3":
            label = text.split()[0]
        elif chapter == "Annex: all answers, with evidence" and style == "Lead":
            answers[label] = {"status": text.split("\N{NO-BREAK SPACE}", 1)[1].split(" · ")[0]}
        elif chapter == "Annex: evidence cited" and text.startswith("SHA-256 "):
            evidence[label] = text.removeprefix("SHA-256 ")
    return Told({label: said for label, said in answers.items() if len(said) > 1}, counts, evidence)


def counts_of_table(rows: list[list[str]]) -> dict[str, Counter]:
    names = [head.split("\N{NO-BREAK SPACE}", 1)[1] for head in rows[0][3:]]
    return {
        name: +Counter({status: sum(map(int, count.split(" + "))) for status, count in zip(names, counts, strict=True)})
        for name, _asked, _answered, *counts in rows[1:]
    }


def facts_of(rows: list[list[str]]) -> dict[str, str]:
    columns = {name: column for column, name in NAMES.items()}
    told = {columns[name]: words for name, words in rows if name in columns}
    return {column: as_a_column_has_it(column, words) for column, words in told.items()}


def as_a_column_has_it(column: str, words: str) -> str:
    if column == "target_date":
        return datetime.strptime(words, "%d %B %Y").date().isoformat()
    if column == "items_met":
        return "; ".join(line.split()[0] for line in words.split("\n"))
    if column == "evidence":
        return words.replace("\n", "; ")
    return SAID_IN_A_DOCUMENT.get(words, words)


def of_pdf(content: bytes, report) -> Told:
    """Without white space: a line may break anywhere."""
    text = text_of_pdf(content, *INSIDE)
    words = squeeze(text)
    annex = words[words.rindex("Annex:allanswers") : words.rindex("Annex:evidencecited")]
    starts = sorted((annex.index(start_of(entry)), entry.row.unit.label) for entry in report.entries)
    ends = [start for start, _label in starts[1:]] + [len(annex)]
    answers = {label: said_in(annex[start:end]) for (start, label), end in zip(starts, ends, strict=True)}
    evidence = re.findall(r"(E\d+)(?:(?!SHA-256).)*SHA-256([0-9a-f]{64})", words[words.rindex("Annex:evidencecited") :])
    counts = {squeeze(name): counted(name, " ".join(text.split())) for name in names_of(report)}
    return Told({label: said for label, said in answers.items() if said}, counts, dict(evidence))


def start_of(entry) -> str:
    """How an answer begins, as nothing else in the annex does."""
    first = [*entry.row.unit.chapeaux, entry.row.unit][0]
    return entry.row.unit.label + squeeze(entry.row.unit.title + first.text)[:80]


def said_in(words: str) -> dict[str, str]:
    """An answer in a PDF, field by field, from its status and its revision to the next section; of none, nothing."""
    status = "|".join(squeeze(str(name)) for name in STATUSES.values())
    fields = "".join(f"(?:{squeeze(name)}(?P<{column}>.*?))?" for column, name in NAMES.items())
    saved = "Version\\d+·\\d+[A-Z][a-z]+\\d{4}"
    end = "(?:Situationasat.*)?(?:\\d+\\.[^.]*recommendationsanswered.*|Answerstootherrecommendations.*)?$"
    found = re.search(f"(?P<status>{status})(?:·.*?)?{saved}{fields}{end}", words)
    if not found:
        return {}
    return {column: of_a_column(column, said) for column, said in found.groupdict().items() if said}


def of_a_column(column: str, words: str) -> str:
    """What a column holds, from what a document says without white space."""
    if column == "target_date":
        return datetime.strptime(words, "%d%B%Y").date().isoformat()
    if column == "items_met":
        return next(label for label, title in titles().items() if words == label + squeeze(title))
    in_columns = {squeeze(name): value for name, value in SAID_IN_A_DOCUMENT.items()}
    return in_columns.get(words, words)


def names_of(report) -> list[str]:
    return ["All", *(theme.name for theme, _progress in report.figures.by_theme)]


def counted(name: str, words: str) -> Counter:
    numbers = re.search(rf"{re.escape(name)} \d+ \d+((?: \d+(?: \+ \d+)?){{7}})", words)[1]
    counts = [sum(map(int, count.split("+"))) for count in re.findall(r"\d+(?: \+ \d+)?", numbers)]
    return +Counter(dict(zip((squeeze(str(name)) for name in STATUSES.values()), counts, strict=True)))


def squeeze(words: str) -> str:
    """As the PDF shows it: a letter that it does not have stands as a mark."""
    return WITHOUT_LETTER.sub("\N{REPLACEMENT CHARACTER}", without_spaces(words))


def raw(words: str) -> str:
    """The words of a line are read from its left."""
    return " ".join(reversed(words.split())) if direction_of(words) == "rtl" else words


def squeezed(told: Told) -> Told:
    answers = {
        label: {name: squeeze(raw(words)) for name, words in said.items()} for label, said in told.answers.items()
    }
    counts = {
        squeeze(name): Counter({squeeze(status): count for status, count in counts.items()})
        for name, counts in told.counts.items()
    }
    return Told(answers, counts, told.evidence)


def all_words_of(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return text_of_pdf(content, *INSIDE)
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())
