"""The brief for the minister: figures in sentences, words of the team, in two files that say the same."""

import io
import re
import subprocess
from datetime import date
from functools import partial

import docx
import pytest
from django.utils import timezone, translation

from recommendations.models import Theme
from tests.files import text_of_pdf, visible, without_spaces
from tests.labels import titled
from tests.submissions import close_round, opened_round, save_many, submit_ready
from tracker.actions.brief import DECISION_LIMIT, DECISIONS_LIMIT, LINES_LIMIT, TEXT_LIMIT, save_brief
from tracker.actions.record import Answer
from tracker.actions.submission import withdraw_from_round
from tracker.documents.docx import write_docx
from tracker.documents.pdf import write_pdf
from tracker.documents.report.brief import EXCERPT, LISTED, brief_document, fill_text, is_as_submitted, read_brief
from tracker.documents.report.sentences import brief_sentences, summary_sentences
from tracker.documents.report.state import state_report
from tracker.documents.tree import Paragraph, StatusBar
from tracker.figures.answers import Progress, answers_of
from tracker.models import Round, Submission
from tracker.models.answer_fields import INSTITUTION_LIMIT, AssistanceKind
from tracker.models.status import Status

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES, PAGES_OF_FIGURES = 4, 2
POINTS = "Approve the bill; 15 December 2026; Ministry of Justice\n\n Release the funds. "


@pytest.fixture
def say(say):
    return partial(say, ready=True)


@pytest.fixture
def brief(xaa, alice):
    return lambda submission=None: brief_document(read_brief(xaa, alice, submission=submission))


@pytest.fixture
def write(xaa, alice):
    return lambda base="", **texts: save_brief(respondent=xaa, texts=texts, base=base, by=alice)


def round_of(code: str) -> Round:
    return Round.objects.get(code=code)


def submission_of(xaa, alice, round_code="2026"):
    submissions = Submission.objects.visible_to(alice).filter(respondent=xaa, round__code=round_code)
    return submissions.select_related("respondent", "round__body", "participation").latest("pk")


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
    [said] = [block for block in document.chapters[0].blocks if isinstance(block, Paragraph) and block.is_lead]
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
    assert said[-1] == "2 have no information."
    assert summary_sentences(counted(no_information=2)) == ["No recommendation has an answer."]


EACH_STATUS = dict.fromkeys([*Status.values, "no_information"], 2)


def test_figures_have_four_sentences_at_most():
    before = counted(implemented=1, no_information=len(EACH_STATUS) * 2 - 1)
    assert len(brief_sentences(counted(**EACH_STATUS), None, "")) == 4
    assert brief_sentences(counted(**EACH_STATUS), before, "2024") == [
        "2 of 14 recommendations are implemented (2024: 1).",
        "4 are partially implemented or in progress (2024: 0).",
        "On 2, no measure has been taken to date (2024: 0).",
        "2 have no information (2024: 13).",
    ]
    assert brief_sentences(counted(no_information=2), counted(implemented=2), "2024") == [
        "0 of 2 recommendations are implemented (2024: 2).",
        "2 have no information (2024: 0).",
    ]


@pytest.fixture
def answered(say, xaa, alice, bob, write):
    """Answers of two rounds, of which the first asked about the first two meetings."""
    say("I.13", "in_progress", target_date=date(2099, 3, 1), lead_institution="Ministry of Justice")
    say("II.49", "implemented")
    say("VI.4", "not_started", difficulties="Few interpreters.\nNo register.", assistance="Forty judges.")
    first = opened_round(bob, "2024", meetings=[1, 2])
    submit_ready(xaa, first, alice)
    close_round(first)
    say("I.13", "implemented", base=1)
    say("II.49", "partially_implemented", base=1, target_date=date(2020, 1, 1), assistance_kinds=["training"])
    opened_round(bob)
    write(done="A law\nVictims are paid.\n\nAlone.", missing="Interpreters.", decisions=POINTS)


@pytest.mark.usefixtures("answered")
def test_it_compares_with_the_round_before_on_what_both_asked(brief, xaa):
    in_both = xaa.units_to_answer().filter(meeting__number__in=[1, 2]).count()
    said = brief()
    assert summary(said) == (
        f"1 of {in_both} recommendations are implemented (2024: 1). "
        "1 is partially implemented or in progress (2024: 1). "
        f"{in_both - 2} have no information (2024: {in_both - 2})."
    )
    assert f"Compared with XAA/2024/1. Recommendations in both rounds: {in_both}." in chapter(said, "Summary")


@pytest.mark.usefixtures("answered")
def test_a_submission_minutes_ago_is_not_compared_with(brief, xaa, alice, bob):
    before = summary(brief())
    submit_ready(xaa, round_of("2026"), alice)
    assert summary(brief()) == before
    assert summary(brief(submission_of(xaa, alice))) == before


@pytest.mark.usefixtures("answered")
def test_a_withdrawn_submission_is_not_compared_with(brief, xaa, alice):
    withdraw_from_round(submission=submission_of(xaa, alice, "2024"), reason="An error.", by=alice)
    assert "2024" not in summary(brief())
    assert summary(brief()).startswith("3 of 230 recommendations have an answer.")


@pytest.mark.usefixtures("answered")
def test_it_has_the_words_of_the_team_then_dates_and_needs(brief):
    said = brief()
    assert [part.title for part in said.chapters] == [
        "Summary",
        "What was done",
        "What is missing",
        "For decision",
        "Target date passed (1)",
        "Assistance needed (2)",
        "Clearance",
        "Sources",
    ]
    assert chapter(said, "What was done") == "A law Victims are paid. Alone."
    decisions = "Approve the bill 15 December 2026 Ministry of Justice Release the funds."
    assert chapter(said, "For decision").endswith(decisions)
    assert f"{titled('II.49')} 1 January 2020" in chapter(said, "Target date passed")
    needs = chapter(said, "Assistance needed")
    assert needs.index(f"{titled('II.49')} Training") < needs.index(f"{titled('VI.4')} Kind not specified")
    assert "Source of the recommendations" in chapter(said, "Sources")


def test_what_is_not_filled_has_no_chapter(brief):
    said = brief()
    assert summary(said) == "No recommendation has an answer."
    assert [part.title for part in said.chapters][:3] == ["Summary", "For decision", "Target date passed (0)"]
    assert {chapter(said, title) for title in ("For", "Target", "Assistance")} == {"None"}


def test_many_recommendations_are_counted_by_theme(brief, xaa, alice):
    units = list(xaa.units_to_answer().with_text().order_by("position")[: LISTED + 1])
    late = Answer(status="not_started", ready=True, target_date=date(2020, 1, 1))
    save_many(xaa, dict.fromkeys(units[:-1], late), alice)
    assert all(titled(unit.label) in chapter(brief(), "Target date passed") for unit in units[:-1])
    save_many(xaa, {units[-1]: late}, alice)
    said = chapter(brief(), "Target date passed")
    assert sum(map(int, re.findall(r" (\d+)(?:;|$)", said))) == len(units)
    assert all(theme.name in said for theme in Theme.objects.filter(pk__in={unit.primary_theme_id for unit in units}))


@pytest.mark.usefixtures("answered")
def test_a_brief_of_a_submission_says_that_its_words_are_not_submitted(brief, say, xaa, alice):
    say("I.13", "in_progress", base=2)
    assert brief().marking == "Working document"
    of_submission = brief(submission_of(xaa, alice, "2024"))
    assert of_submission.marking == of_submission.reference == "Figures: XAA/2024/1. Other parts not submitted."
    assert summary(of_submission).startswith("2 of ")
    withdraw_from_round(submission=submission_of(xaa, alice, "2024"), reason="An error.", by=alice)
    withdrawn = brief(submission_of(xaa, alice, "2024"))
    assert withdrawn.marking == "Figures: XAA/2024/1 (withdrawn). Other parts not submitted."


@pytest.mark.usefixtures("answered")
def test_answers_are_as_submitted_until_one_changes(say, xaa, alice):
    submit_ready(xaa, round_of("2026"), alice)
    assert is_as_submitted(state_report(xaa, alice), submission_of(xaa, alice))
    say("I.13", "in_progress", base=2)
    assert not is_as_submitted(state_report(xaa, alice), submission_of(xaa, alice))


def test_a_text_is_filled_with_title_and_first_paragraph(say, xaa, alice, unit):
    """No word is cut; in a script without spaces the last letters are."""
    texts = {"I.13": "First.\nSecond.", "VI.4": "words " * EXCERPT, "VI.19": "被害人" * EXCERPT}
    for label, measures in texts.items():
        say(label, measures=measures)
    entries = {entry.row.unit.label: entry for entry in state_report(xaa, alice).to_answer}
    before, *filled = fill_text("Before.", "done", [entries[label] for label in texts]).split("\n\n")
    shown = "First.", f"{'words ' * 29}…", f"{'被害人' * 59}被害…"
    assert before == "Before."
    assert filled == [f"{unit(label).title}\n{text}" for label, text in zip(texts, shown, strict=True)]


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


@pytest.mark.parametrize("late", [LISTED, 200])
@pytest.mark.parametrize("letters", ["interpreters ", "被害人"])
def test_a_brief_has_four_pages_at_most_whatever_is_written(brief, write, xaa, alice, late, letters):
    units = list(xaa.units_to_answer().with_text().order_by("position"))
    institution = ("Ministry of Justice, Human Rights and Constitutional Affairs, department " * 9)[:INSTITUTION_LIMIT]
    answer = Answer(
        status=Status.NOT_STARTED,
        ready=True,
        assistance_kinds=[kind.value for kind in AssistanceKind],
        lead_institution=institution,
        target_date=date(2020, 1, 1),
    )
    save_many(xaa, dict.fromkeys(units[:late], answer), alice)
    decisions = "\n".join([(letters * DECISION_LIMIT)[:DECISION_LIMIT]] * DECISIONS_LIMIT)
    write(decisions=decisions)
    assert pages_of(write_pdf(brief())) <= PAGES_OF_FIGURES
    lines = (letters * TEXT_LIMIT)[: TEXT_LIMIT // LINES_LIMIT - 2]
    text = "\n\n".join([f"{lines}\n{lines}"] * (LINES_LIMIT // 2))
    write(base="1.0", done=text, missing=text)
    assert pages_of(write_pdf(brief())) <= PAGES


def test_words_of_any_script_are_in_both_files(brief, say, write):
    arabic, chinese = "تعرض على الضحايا المساعدة القانونية", "向被害人提供法律援助。"
    say("VI.4", "not_started", language="ar", lead_institution="وزارة العدل")
    write(missing=arabic, decisions=f"{arabic}\n{chinese}")
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
