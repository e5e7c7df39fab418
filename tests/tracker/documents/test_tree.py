"""The State's report as a document: what the model says is what stands in the file, whatever a State wrote."""

import dataclasses
import datetime
from collections.abc import Iterator
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.files import text_of_pdf, visible
from tests.labels import titled
from tests.submissions import opened_round, submit_ready
from tests.thorough import in_turn, some
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.withdrawal import confirm_withdrawal, request_withdrawal
from tracker.documents.exchange.uploads import check_upload
from tracker.documents.pdf import write_pdf
from tracker.documents.report.chapters import Choice, ReportPart, document
from tracker.documents.report.sealed import submission_report
from tracker.documents.report.state import state_report
from tracker.documents.tree import AnswerPart, Document, Reference, ReportAnswer, Table
from tracker.models import Submission
from tracker.models.record import ReceivedDetails

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

INSIDE = ["-raw", "-x", "0", "-y", "80", "-W", "595", "-H", "680"]  # points: a page without its head and its foot


@pytest.fixture
def say(say):
    return partial(say, ready=True)


@pytest.fixture
def law(xaa, alice):
    def law(title, disclosure="secretariat"):
        file = SimpleUploadedFile(f"{title}.txt", title.encode())
        details = EvidenceDetails(title, kind="law", language="en", disclosure=disclosure, upload=check_upload(file))
        return add_evidence(respondent=xaa, by=alice, details=details)

    return law


@pytest.fixture
def answered(say, law):
    act = law("Law No. 17 of 2022")
    say("I.13", measures="Victims may claim.", good_practice=True, citations=[(act, "articles 31 to 40")])
    say("II.49", measures="The Fund is open.", lead_institution="Ministry of Justice", citations=[(act, "")])
    say("I.7(a)", "considered_not_taken_up", reasons="Considered in 2024.")
    say("II.4", "considered_not_taken_up", reasons="The general law covers it.")
    say("IV.46(i)", "partially_implemented", items_met=["IV.46(i)(i)"], target_date=datetime.date(2020, 1, 1))
    say("VII.1(a)", "in_progress", target_date=datetime.date(2099, 3, 1), assistance_kinds=["training"])
    say("VI.4", "not_started", difficulties="Few interpreters.", assistance="Forty judges.")
    say("V.33", "not_applicable", reason_code="date_has_passed")


def test_an_answer_says_which_institution_sent_it(say, living, xaa, alice, erin):
    say("I.13", received=ReceivedDetails("Ministry of Justice", datetime.date(2026, 3, 3)))
    [answer] = [one for one in blocks(living(), ReportAnswer) if one.label == "I.13"]
    assert plain(answer.foot).endswith(" · Received from: Ministry of Justice, 3 March 2026")

    request = request_withdrawal(respondent=xaa, by=alice, words="Ministry of Justice", files=[], reason="name")
    confirm_withdrawal(pk=request.pk, by=erin)
    [answer] = [one for one in blocks(living(), ReportAnswer) if one.label == "I.13"]
    assert answer.foot.endswith(" · Received on 3 March 2026 from an institution whose name was removed")


@pytest.fixture
def living(xaa, alice):
    return lambda **choice: document(state_report(xaa, alice), Choice(**choice))


@pytest.fixture
def sealed(xaa, alice, bob):
    """What is ready now, submitted for a round, as a document."""
    rounds = []

    def sealed(**choice) -> Document:
        rounds.append(rounds[0] if rounds else opened_round(bob))
        found = submit_ready(xaa, rounds[0], alice)
        found = Submission.everyones.select_related("respondent", "round__body", "participation").get(pk=found.pk)
        return document(submission_report(found), Choice(**choice))

    return sealed


def pages_of(pdf: bytes) -> list[str]:
    return [" ".join(page.split()) for page in text_of_pdf(pdf, "-raw").split("\f")[:-1]]


def words_of(pdf: bytes) -> str:
    return " ".join(text_of_pdf(pdf, *INSIDE).split())


def plain(words: str) -> str:
    return " ".join(visible(words).split())


def blocks(of: Document, kind: type) -> Iterator:
    return (block for chapter in of.chapters for block in chapter.blocks if isinstance(block, kind))


def is_tagged_for_all(pdf: bytes) -> bool:
    return b"<pdfuaid:part>1</pdfuaid:part>" in pdf


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(
    ("source", "grouping"),
    [
        (source, grouping)
        for place, source in enumerate(["living", "sealed"])
        for grouping in in_turn(["theme", "meeting"], place)
    ],
)
@pytest.mark.thorough
def test_figures_and_answers_read_out_of_the_pdf_are_those_of_the_model(source, grouping, request):
    said = request.getfixturevalue(source)(grouping=grouping)
    pdf = write_pdf(said)
    assert is_tagged_for_all(pdf)
    words = words_of(pdf)
    for row in next(blocks(said, Table)).rows:
        assert plain(" ".join(cell.run.text for cell in row)) in words
    answers = list(blocks(said, ReportAnswer))
    assert len(answers) == 230
    for answer in answers:
        assert f"{answer.label} {answer.title} {plain(answer.texts[0].pieces[0][0])}"[:90] in words
        for name, told in answer.facts.rows:
            assert f"{name} {plain(told[0].text)}" in words
        for cited in answer.evidence:
            assert f"{cited.number} {plain(cited.run.text)}" in words
    for excerpt in blocks(said, AnswerPart):
        notes = "".join(f" · {note.text}" for note in excerpt.notes)
        assert plain(f"{excerpt.label} {excerpt.title} {excerpt.status}{notes} {excerpt.words.text}") in words
    for piece in blocks(said, Reference):
        assert f"{piece.number} {piece.title.text}" in words
        assert f"SHA-256 {piece.digest}" in words


@pytest.mark.usefixtures("answered")
def test_it_counts_what_the_records_say(living, sealed):
    for said in (living(), sealed()):
        total = next(blocks(said, Table)).rows[-1]
        assert [cell.run.text for cell in total] == ["All", "", "230", "8", "2", "1 + 1", *["1"] * 4, "222"]


@pytest.mark.usefixtures("answered")
@pytest.mark.thorough
def test_every_page_of_a_submission_has_number_and_digest(sealed):
    said = sealed()
    pages = pages_of(write_pdf(said))
    assert len(pages) > 20
    for number, page in enumerate(pages, start=1):
        assert "XAA/2026/1" in page
        assert said.digest in page.replace(" ", "")
        assert f"{number} of {len(pages)}" in page


@pytest.mark.usefixtures("answered")
def test_every_page_of_current_answers_has_state_date_and_marking(living):
    said = living(parts=frozenset([ReportPart.SUMMARY, ReportPart.GAPS]))
    pages = pages_of(write_pdf(said))
    for page in pages:
        assert "Working document" in page
        assert f"Data as at {said.date:%-d %B %Y}" in page
        assert "Arandia" in page


@pytest.mark.usefixtures("answered")
def test_the_summary_is_in_sentences(living):
    pages = pages_of(write_pdf(living(parts=frozenset([ReportPart.SUMMARY]))))
    first = next(page for page in pages if "Summary" in page and "Contents" not in page)
    for words in (
        "8 of 230 recommendations have an answer. 2 recommendations are implemented.",
        "On 1 of 230 recommendations, no measure has been taken to date.",
        "222 have no information.",
        "Considered, not taken up: 1 on recommendations that ask States to consider a measure, 1 on other "
        "recommendations.",
        "Self-reported by States; not verified by the Secretariat.",
        "delimitation of its frontiers or boundaries.",
    ):
        assert words in first


@pytest.mark.usefixtures("answered")
def test_every_statement_is_in_the_file_and_what_was_typed_is_on_the_cover(living):
    said = living(authority="Ministry of Justice", as_at=datetime.date(2026, 9, 30), parts=frozenset([ReportPart.GAPS]))
    cover = pages_of(write_pdf(said))[0]
    for statement in said.statements:
        assert plain(statement) in cover
    assert "Prepared by Ministry of Justice Situation as at 30 September 2026" in cover


@pytest.mark.usefixtures("not_party", "answered")
@pytest.mark.parametrize("part", ReportPart)
def test_a_chosen_part_is_the_only_part_of_the_report(part, living):
    said = living(parts=frozenset([part]))
    assert {chapter.part for chapter in said.chapters} - {"evidence"} == {part}
    assert is_tagged_for_all(write_pdf(said))


@pytest.mark.usefixtures("not_party", "answered")
@pytest.mark.thorough
def test_a_submission_report_contains_no_evidence_the_state_keeps(say, law, sealed, living, xaa):
    kept = law("Chrysoprase act", disclosure="state")
    say("I.1", measures="First.", citations=[(kept, "chrysoprase page")])
    first = sealed()
    before = Submission.everyones.get()
    words = words_of(write_pdf(first))
    assert "hrysoprase" not in words
    assert "Evidence kept by the State 1 evidence item" in words
    say("I.1", base=1, measures="Second.")
    assert "Chrysoprase act" in words_of(write_pdf(living(since=before)))
    words = words_of(write_pdf(sealed(since=before)))
    assert "First. Second." in words
    assert "hrysoprase" not in words


@pytest.mark.usefixtures("answered")
def test_changes_are_listed_field_by_field(say, sealed, living):
    sealed()
    before = Submission.everyones.select_related("respondent", "round").get()
    say("I.13", base=1, measures="Victims may claim and are told so.")
    say("I.1", measures="A plan.")
    changed = next(chapter for chapter in living(since=before).chapters if chapter.part == "changes")
    told = {
        table.title: [[cell.run.text.strip() for cell in row] for row in table.rows]
        for table in changed.blocks
        if isinstance(table, Table)
    }
    assert list(told) == [titled("I.1"), titled("I.13")]
    assert ["Measures taken", "", "A plan."] in told[titled("I.1")]
    assert ["Measures taken", "Victims may claim.", "Victims may claim and are told so."] in told[titled("I.13")]
    words = words_of(write_pdf(living(since=before, parts=frozenset([ReportPart.SUMMARY]))))
    assert "Changes since XAA/2026/1 2 answers differ" in words
    assert "Victims may claim. Victims may claim and are told so." in words


ADDRESS = "https://law.example/" + "acts/2022/17_en?page=" * 100 + "q" * 500

HARD = {
    "no letter for it": ("Done \N{GRINNING FACE} \N{HANGUL SYLLABLE HAN}.", "Done \ufffd \ufffd."),
    "markup of typst": (
        "#panic() *bold* _it_ $x$ <label> @ref // \\ = 1",
        "#panic() *bold* _it_ $x$ <label> @ref // \\ = 1",
    ),
    "a word that no line holds": ("x" * 20_000, "x" * 20_000),
    "an address that no line holds": (ADDRESS, ADDRESS),
    "Cyrillic": ("Жертвам предоставляется помощь.", "Жертвам предоставляется помощь."),
    "Chinese": ("向被害人提供法律援助。" * 30, "向被害人提供法律援助。" * 30),
    "Arabic": ("تُعرض على الضحايا المساعدة القانونية (المادة 31).", "المساعدة القانونية"),
    "French": ("L’œuvre, « déjà » prête : 1 000 €", "L’œuvre, « déjà » prête : 1 000 €"),
    "lines": ("One\r\n\r\nTwo\tthree", "One Two three"),
    "marks of direction": ("a\u200eb\u200dc\ufe0fd", "abcd"),
    "combining marks": ("\u202ee\u0301\u0323\u0489 \u0300", ""),
    "a half of a pair": ("ab\ud800cd\x01ef", "abcdef"),
    "private use": ("left \ue000\U0010fffd right", "left \ufffd\ufffd right"),
}


@pytest.mark.usefixtures("not_party")
@pytest.mark.parametrize("name", some(list(HARD)))
def test_no_text_breaks_it_and_none_is_cut(name, say, living):
    text, shown = HARD[name]
    say("VI.4", measures="MEASURES", lead_institution="INSTITUTION")
    whole = living(parts=frozenset([ReportPart.ANSWERS, ReportPart.GAPS, ReportPart.SUMMARY]))
    pdf = write_pdf(_with(whole, text))
    assert is_tagged_for_all(pdf) or name == "combining marks"
    words = text_of_pdf(pdf, *INSIDE[1:])
    assert "".join(shown.split()) in "".join(words.split())


@pytest.mark.usefixtures("not_party")
def test_a_link_copied_from_the_pdf_is_complete(say, living, xaa, alice):
    address = "https://law.example/acts/2022/law-on-victims.html"
    details = EvidenceDetails("Act", kind="law", language="en", url=address)
    say("VI.4", citations=[(add_evidence(respondent=xaa, by=alice, details=details), "")])
    pdf = write_pdf(living(parts=frozenset([ReportPart.ANSWERS])))
    assert address in text_of_pdf(pdf).split()


def _with(tree, text: str):
    """The document with this text where the measures and the institution stand."""
    if isinstance(tree, str):
        return tree.replace("MEASURES", text).replace("INSTITUTION", text)
    if isinstance(tree, (list, tuple)):
        return type(tree)(_with(value, text) for value in tree)
    if dataclasses.is_dataclass(tree):
        changed = {f.name: _with(getattr(tree, f.name), text) for f in dataclasses.fields(tree) if f.init}
        return dataclasses.replace(tree, **changed)
    return tree
