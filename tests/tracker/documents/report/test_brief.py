"""The brief for the minister: sentences that say the figures, in two files that say the same, of at most six pages."""

import io
import re
import subprocess
from datetime import date
from functools import partial

import docx
import pytest
from django.utils import timezone, translation

from tests.files import text_of_pdf, visible, without_spaces
from tests.labels import titled
from tests.submissions import opened_round, save_many, submit_ready
from tracker.actions.brief import save_decisions
from tracker.actions.record import Answer, save_answer
from tracker.actions.submission import withdraw_from_round
from tracker.documents.docx import write_docx
from tracker.documents.pdf import write_pdf
from tracker.documents.report.brief import brief_document, read_brief
from tracker.documents.report.sentences import (
    CHANGE_RULES,
    DECISION_RULES,
    sentences,
    summary_sentences,
)
from tracker.documents.tree import Paragraph, StatusBar
from tracker.figures.answers import Progress, answers_of
from tracker.figures.comparison import StatusChange
from tracker.models.answer_fields import INSTITUTION_LIMIT, AssistanceKind
from tracker.models.status import Status

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES = 6


@pytest.fixture
def say(say):
    return partial(say, ready=True)


@pytest.fixture
def brief(xaa, alice):
    return lambda: brief_document(read_brief(xaa, alice))


def words_of_pdf(pdf: bytes) -> str:
    return without_spaces(text_of_pdf(pdf, "-raw"))


def words_of_docx(content: bytes) -> str:
    found = docx.Document(io.BytesIO(content))
    return without_spaces("".join(paragraph.text for paragraph in found.element.body.iter(docx.oxml.ns.qn("w:p"))))


def pages_of(pdf: bytes) -> int:
    read = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True)
    return int(re.search(r"Pages: +(\d+)", read.stdout.decode())[1])


UNSEEN = {"kind", "code", "language", "direction", "to", "part", "described", "counts", "widths"}


def words_in(tree) -> list[str]:
    """Everything that the chapters of a document say, in their order; a bar has its legend."""
    if isinstance(tree, str):
        return [tree]
    if isinstance(tree, StatusBar):
        return [f"{name} {count}" for _code, name, count in tree.counts]
    if isinstance(tree, (list, tuple)):
        return [text for part in tree for text in words_in(part)]
    parts = getattr(tree, "__dict__", {}).items()
    return [text for name, part in parts if name not in UNSEEN for text in words_in(part)]


def summary(document) -> str:
    [said] = [block for block in document.chapters[0].blocks if isinstance(block, Paragraph)]
    return " ".join(said.run.text.split())


def chapter(document, title: str) -> str:
    found = next(chapter for chapter in document.chapters if chapter.title.startswith(title))
    return " ".join(visible(" ".join(words_in(found.blocks))).split())


def counted(**counts: int):
    return Progress(answers_of({(status, False): count for status, count in counts.items()}), timezone.now())


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("status", "one", "two"),
    [
        ("implemented", "1 recommendation is implemented.", "2 recommendations are implemented."),
        (
            "in_progress",
            "1 recommendation is partially implemented or in progress.",
            "2 recommendations are partially implemented or in progress.",
        ),
        (
            "not_started",
            "On 1 of 1 recommendation, no measure has been taken to date.",
            "On 2 of 2 recommendations, no measure has been taken to date.",
        ),
        (
            "considered_not_taken_up",
            "1 recommendation was considered and not taken up.",
            "2 recommendations were considered and not taken up.",
        ),
        ("not_applicable", "1 recommendation is not applicable.", "2 recommendations are not applicable."),
    ],
)
def test_each_status_has_a_sentence_and_none_has_a_sentence_of_zero(status, one, two, count):
    first = {1: "1 of 1 recommendation has an answer.", 2: "2 of 2 recommendations have an answer."}[count]
    assert summary_sentences(counted(**{status: count})) == [first, one if count == 1 else two]


def test_no_information_is_stated_separately():
    said = summary_sentences(counted(implemented=1, no_information=2))
    assert said[0] == "1 of 3 recommendations have an answer."
    assert said[-1] == "On 2 of 3 recommendations, there is no information."
    assert summary_sentences(counted(no_information=2)) == ["No recommendation has an answer."]


def test_what_changed_is_counted_to_the_last_answer():
    changes = dict.fromkeys(StatusChange, 1)
    assert len(sentences(CHANGE_RULES, changes)) == len(StatusChange) - 1  # nothing before and nothing now
    assert sentences(CHANGE_RULES, {StatusChange.FURTHER: 2}) == ["Since the last submission, 2 answers moved forward."]
    assert sentences(DECISION_RULES, 0) == []


@pytest.fixture
def answered(say, xaa, alice, bob):
    """Answers of each kind, of which some moved since they were submitted."""
    say("I.13", "in_progress", target_date=date(2099, 3, 1), lead_institution="Ministry of Justice")
    say("II.49", "implemented")
    say("VI.4", "not_started", difficulties="Few interpreters.\nNo register.", assistance="Forty judges.")
    say("IV.46(i)", "not_started", ready=False)
    submit_ready(xaa, opened_round(bob), alice)
    say("I.13", "implemented", base=1)
    say("II.49", "partially_implemented", base=1, target_date=date(2020, 1, 1), assistance_kinds=["training"])
    say("IV.46(i)", "in_progress", base=1, target_date=date(2099, 3, 1), lead_institution="Ministry of Justice")
    save_decisions(respondent=xaa, text="Approve the bill.\n\n Release the funds. ", base=0, by=alice)


@pytest.mark.usefixtures("answered")
def test_it_says_in_sentences_what_the_answers_say(brief):
    said = brief()
    assert summary(said) == (
        "4 of 230 recommendations have an answer. 1 recommendation is implemented. "
        "2 recommendations are partially implemented or in progress. "
        "On 1 of 230 recommendations, no measure has been taken to date. "
        "On 226 of 230 recommendations, there is no information. "
        "Since the last submission, 1 answer moved forward. Since the last submission, 1 answer moved back. "
        "2 of the 3 recommendations that are not fully implemented have a target date. "
        "The target date of 1 recommendation has passed. "
        "2 of the 4 answers ask for technical assistance. 2 points are for decision."
    )
    assert chapter(said, "For decision") == "Approve the bill. Release the funds."
    assert "Few interpreters. No register." in chapter(said, "Main gaps")
    changes = chapter(said, "Changes since XAA/2026/1")
    assert "1 answer was not in the last submission. 1 answer has the same status." in changes
    assert f"Moved forward Recommendation Previous Current {titled('I.13')} In progress Implemented" in changes
    targets = chapter(said, "Target dates")
    assert targets.index(titled("II.49")) < targets.index("1 March 2099") < targets.index("Ministry of Justice")
    assert f"Training {titled('II.49')} Kind not specified {titled('VI.4')}" in chapter(said, "Assistance needed")
    assert "Source of the recommendations" in chapter(said, "Sources")


@pytest.mark.usefixtures("answered")
def test_a_withdrawn_submission_is_not_what_changes_are_counted_from(brief, xaa, alice):
    withdraw_from_round(submission=xaa.submissions(manager="everyones").get(), reason="An error.", by=alice)
    assert chapter(brief(), "Changes since the last submission") == "No submissions"


def test_before_anything_is_answered_it_says_so(brief):
    said = brief()
    assert summary(said) == "No recommendation has an answer."
    assert chapter(said, "For decision") == "No points for decision"
    assert chapter(said, "Assistance needed") == "No answer asks for technical assistance."
    assert pages_of(write_pdf(said)) <= PAGES


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_both_files_say_the_same(brief, language):
    with translation.override(language):
        said = brief()
        pdf, word = words_of_pdf(write_pdf(said)), words_of_docx(write_docx(said))
    for text in words_in([said.body, said.title, said.author, said.chapters]):
        assert without_spaces(text) in word
        if language == "en":
            assert without_spaces(text) in pdf


def test_a_brief_has_six_pages_at_most_whatever_a_state_wrote(brief, xaa, alice, bob):
    units = list(xaa.units_to_answer().with_text().order_by("position"))
    opened = opened_round(bob)
    kinds = list(AssistanceKind)
    first = {
        unit: Answer(status=(Status.IN_PROGRESS, Status.IMPLEMENTED)[number % 2], ready=True)
        for number, unit in enumerate(units[:60])
    }
    save_many(xaa, first, alice)
    submit_ready(xaa, opened, alice)
    for number, unit in enumerate(units[:30]):
        status = (Status.IMPLEMENTED, Status.NOT_APPLICABLE, Status.IN_PROGRESS)[number % 3]
        long = {"reasons": "R", "reason_code": "date_has_passed"} if status == Status.NOT_APPLICABLE else {}
        save_answer(respondent=xaa, unit=unit, base=1, answer=Answer(status=status, ready=True, **long), by=alice)
    text = "The ministry could not employ the interpreters that the courts of the provinces need. " * 40
    institution = ("Ministry of Justice, Human Rights and Constitutional Affairs, department " * 9)[:INSTITUTION_LIMIT]
    statuses = (Status.NOT_STARTED, Status.IN_PROGRESS)
    later = {
        unit: Answer(
            status=statuses[number % 2],
            ready=True,
            difficulties=text,
            assistance=text,
            assistance_kinds=[kind.value for kind in kinds],
            lead_institution=institution,
            target_date=(date(2020, 1, 1), date(2099, 12, 30))[number // 2 % 2],
        )
        for number, unit in enumerate(units[60:200])
    }
    save_many(xaa, later, alice)
    points = "\n".join(["Put the bill before Parliament. " * 9] * 7)
    save_decisions(respondent=xaa, text=points, base=0, by=alice)
    said = brief()
    assert pages_of(write_pdf(said)) <= PAGES


def test_words_of_any_script_are_in_both_files(brief, say, xaa, alice):
    arabic, chinese = "تعرض على الضحايا المساعدة القانونية", "向被害人提供法律援助。"
    say("VI.4", "not_started", difficulties=arabic, language="ar", lead_institution="وزارة العدل")
    save_decisions(respondent=xaa, text=f"{arabic}\n{chinese}", base=0, by=alice)
    said = brief()
    word = words_of_docx(write_docx(said))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in write_pdf(said)
    for text in (arabic, chinese):
        assert without_spaces(text) in word
    assert without_spaces(chinese) in words_of_pdf(write_pdf(said))


def test_a_brief_takes_as_many_queries_with_many_answers(xaa, alice, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as few:
        brief_document(read_brief(xaa, alice))
    units = list(xaa.units_to_answer().with_text().order_by("position"))
    save_many(xaa, dict.fromkeys(units[:200], Answer(status="not_started")), alice)
    with django_assert_max_num_queries(12) as many:
        brief_document(read_brief(xaa, alice))
    assert abs(len(many) - len(few)) <= 2
