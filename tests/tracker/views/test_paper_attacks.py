"""What happens to a paper by haste, by accident and on purpose: with the documents of `tests/samples`."""

from pathlib import Path

import docx
import pytest
import typst
from django.urls import reverse

from recommendations.models import Body, PaperImport, Recommendation
from tests.documents import typeset, upload
from tests.pages import client_of, words
from tests.papers import decided, offered, saved, settled, stamp_of, taken_in
from tracker.models import Membership, User

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parents[2] / "samples"
FORMS = ["A.docx", "B.docx", "C.docx", "D.docx", "E.docx", "F.docx", "D.pdf", "E.pdf", "F.pdf"]


def send(person: User, name: str, content: bytes | None = None, **said):
    """Upload a document, by default a sample, with the first body."""
    content = (SAMPLES / name).read_bytes() if content is None else content
    body = {"body": str(Body.objects.get(is_first=True).pk)}
    return client_of(person).post(reverse("paper_import_add"), body | said | {"upload": upload(name, content)})


def draft_of(person: User, name: str) -> PaperImport:
    send(person, name)
    return PaperImport.objects.get()


def decide_publication(person: User, draft: PaperImport, button: str):
    sent = {"stamp": stamp_of(draft), button: ""}
    return client_of(person).post(reverse("paper_import_publish", args=[draft.pk]), sent, follow=True)


def new_texts() -> list[str]:
    """The labels of all texts that were not there at first."""
    return list(Recommendation.objects.filter(meeting__number__gt=8).values_list("label", flat=True))


# The hurried curator


@pytest.mark.parametrize("name", FORMS)
def test_attack_a_hurried_curator_publishes_what_nobody_decided(name, dana, bob):
    draft = draft_of(dana, name)

    page = decide_publication(dana, draft, "offer")
    decide_publication(bob, draft, "publish")
    decide_publication(dana, draft, "publish")

    assert "Decide about" in words(page)
    assert PaperImport.objects.get().offered_by is None
    assert new_texts() == []


@pytest.mark.parametrize("name", ["F.docx", "F.pdf"])
def test_attack_a_draft_decision_of_an_annex_becomes_a_recommendation(name, dana):
    draft = decided(draft_of(dana, name), dana)

    of_annex = draft.paragraphs.filter(text__contains="offer of Austria").exclude(reason="print_mark")
    assert [(row.is_left_out, row.decided_by) for row in of_annex] == [(True, dana)]


# Files


@pytest.mark.parametrize(
    "name, content", [("blank.txt", b""), ("spaces.txt", b" \n\t\n"), ("empty.docx", saved(docx.Document()))]
)
def test_attack_a_document_without_a_word(name, content, dana):
    page = send(dana, name, content)

    assert "upload" in page.context["form"].errors
    assert not PaperImport.objects.exists()


def test_attack_a_scan(dana, tmp_path):
    (tmp_path / "page.png").write_bytes(typst.compile(b"#set page(width: auto, height: auto)\nScanned", format="png"))
    (tmp_path / "scan.typ").write_text('#image("page.png")')

    page = send(dana, "scan.pdf", typst.compile(str(tmp_path / "scan.typ")))

    assert page.context["form"].errors["upload"] == [
        "This PDF contains no text, only pictures of pages. Choose the Word document, or paste the text."
    ]
    assert not PaperImport.objects.exists()


@pytest.mark.parametrize("name", ["letter.pdf", "letter.docx"])
def test_attack_a_document_that_is_no_paper(name, dana):
    letter = docx.Document()
    letter.add_paragraph("Dear colleagues, lunch is at noon.")
    content = typeset("Dear colleagues, lunch is at noon.") if name.endswith("pdf") else saved(letter)
    send(dana, name, content)
    draft = PaperImport.objects.get()

    page = decide_publication(dana, decided(draft, dana), "offer")

    assert PaperImport.objects.get().offered_by is None
    assert "Complete the details of the document" in words(page)


def test_attack_the_same_file_twice(dana, bob):
    first = offered(taken_in(dana), dana)
    second = taken_in(dana)
    asked = decide_publication(dana, second, "offer")
    decide_publication(bob, first, "publish")

    page = decide_publication(dana, settled(decided(second, dana), dana), "offer")

    assert "The same document or symbol was imported before" in words(asked)
    assert new_texts() == ["IX.1", "IX.1(a)", "IX.1(b)", "IX.2", "IX.3"]
    assert PaperImport.objects.get(pk=second.pk).offered_by is None
    assert "The draft has no new text to publish." in words(page)


# People


def test_attack_a_role_ends_while_the_table_is_open(dana):
    draft = draft_of(dana, "D.docx")
    before = list(draft.paragraphs.values_list("pk", "version", "decided_by"))
    Membership.objects.filter(user=dana).delete()

    page = client_of(dana).post(
        reverse("paper_import", args=[draft.pk]),
        {"decision": "leave_out", "row": [f"{pk}-{v}" for pk, v, _by in before]},
    )

    assert page.status_code == 403
    assert list(draft.paragraphs.values_list("pk", "version", "decided_by")) == before
