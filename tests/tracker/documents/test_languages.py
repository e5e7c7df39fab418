"""Documents in each of the six languages: their language, their direction, and what keeps its own."""

import io
import re
import subprocess
import tempfile
import zipfile

import pikepdf
import pytest
from django.utils.translation import override

from tests.conftest import find_person, find_state, make_person, open_round_for_arandia, save_for_xaa
from tests.submissions import release_of_few, submit_ready
from tests.thorough import some
from tracker.documents import answers, progress
from tracker.documents.docx import write_docx
from tracker.documents.handover import handover_pdf
from tracker.documents.paper.chapters import PaperChoice, paper
from tracker.documents.pdf import write_pdf
from tracker.documents.receipt import receipt, receipt_pdf
from tracker.documents.report.chapters import Choice
from tracker.documents.report.files import FILE_KINDS
from tracker.documents.report.sealed import submission_report
from tracker.figures.progress import progress_of_others, round_progress
from tracker.models import Event, Submission
from tracker.models.user import Role, User
from tracker.queries.desk.handover import handover

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LOCALES = {"en": "en", "fr": "fr", "es": "es", "ru": "ru", "ar": "ar", "zh-hans": "zh"}
WORD_TAGS = {
    "en": 'w:val="en-GB"',
    "fr": 'w:val="fr-FR"',
    "es": 'w:val="es-ES"',
    "ru": 'w:val="ru-RU"',
    "ar": 'w:bidi="ar-SA"',
    "zh-hans": 'w:eastAsia="zh-CN"',
}


@pytest.fixture(scope="module", autouse=True)
def submitted(for_the_module):
    round_ = open_round_for_arandia(meetings=[1])
    xaa, alice = find_state("XAA"), find_person("alice")
    save_for_xaa("I.13", measures="The Act of 2016.", ready=True)
    submit_ready(xaa, round_, alice)


@pytest.fixture
def submission(db) -> Submission:
    return Submission.everyones.get()


def state_report(submission):
    return submission_report(Submission.everyones.select_related("respondent", "round__body", "participation").get())


def progress_paper(submission, reader):
    release = release_of_few(submission.round, reader)
    return paper(release, PaperChoice("Fifteenth meeting", "Vienna", "Item 2"))


@pytest.mark.parametrize("locale", some(list(LOCALES)))
def test_every_pdf_is_accessible_and_names_its_language(locale, submission, xaa, bob):
    ruth = make_person("ruth", Role.FOCAL_POINT, xaa)
    with override(locale):
        files = [
            receipt_pdf(receipt(submission)),
            FILE_KINDS["pdf"].write(state_report(submission), Choice()),
            handover_pdf(handover(xaa, User.objects.get(pk=ruth.pk))),
            write_pdf(progress_paper(submission, bob)),
        ]
    assert [b"pdfuaid" in file for file in files] == [True] * 4
    direction = "/R2L" if locale == "ar" else "/L2R"
    assert [language_and_direction(file) for file in files] == [(LOCALES[locale], direction)] * 4


def language_and_direction(pdf: bytes) -> tuple[str, str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return str(document.Root.Lang), str(document.Root.ViewerPreferences.Direction)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_document_has_its_language_and_direction(locale, submission, bob):
    with override(locale):
        files = [
            FILE_KINDS["docx"].write(state_report(submission), Choice()),
            write_docx(progress_paper(submission, bob)),
        ]
    for file in files:
        with zipfile.ZipFile(io.BytesIO(file)) as parts:
            styles = parts.read("word/styles.xml").decode()
            assert WORD_TAGS[locale] in re.search(r"<w:lang [^>]*>", styles)[0]
            assert ("<w:bidi/>" in styles) == (locale == "ar")
            assert f"<dc:language>{LOCALES[locale]}</dc:language>" in parts.read("docProps/core.xml").decode()


@pytest.mark.parametrize(("locale", "is_right_to_left"), [("en", False), ("ar", True)])
def test_every_sheet_has_the_direction_of_its_language(locale, is_right_to_left, submission):
    found = round_progress(submission.round)
    with override(locale), tempfile.TemporaryFile() as file:
        answers.workbook([submission], "Answers", file)
        file.seek(0)
        files = [
            file.read(),
            FILE_KINDS["xlsx"].write(state_report(submission), Choice()),
            progress.workbook(found, progress_of_others(found)),
        ]
    for file in files:
        with zipfile.ZipFile(io.BytesIO(file)) as parts:
            sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert {'rightToLeft="1"' in sheet for sheet in sheets} == {is_right_to_left}


def test_what_proves_an_arabic_receipt_is_written_from_left_to_right(submission):
    with override("ar"):
        found = receipt(submission)
        pdf = receipt_pdf(found)
    read = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    placed = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>([^<]*)</word>', read.stdout.decode())
    groups = [(float(y), float(x)) for x, y, text in placed if re.fullmatch("[0-9a-f]{8}", text)]
    assert groups == sorted(groups)
    assert [text for _x, _y, text in placed if re.fullmatch("[0-9a-f]{8}", text)] == found.digest_text.split()
    lines = "".join(text for _x, _y, text in placed)
    assert Event.everyones.get(action="submitted").head in lines
    assert found.address in lines
    label = next(float(x) for x, _y, text in placed if "SHA-256" in text)
    assert label > max(x for _y, x in groups)
