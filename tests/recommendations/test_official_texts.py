"""The official texts of a paper in another language are paired with its texts by what both print before them."""

import io
import shutil

import docx
import pytest
from django.core.files.base import ContentFile

from recommendations.models import Paper, Recommendation
from recommendations.official_texts import OfficialTexts, list_lines, pair_by_hand, read_lines
from recommendations.outline.document import read_document, read_pasted
from tests.official_texts import issued_lines, issued_text, sentence

pytestmark = pytest.mark.django_db

LANGUAGES = ["ar", "zh", "fr", "ru", "es"]


def first_texts() -> list[Recommendation]:
    return list(Recommendation.objects.select_related("meeting").order_by("position"))


def paired(language: str, outline) -> OfficialTexts:
    return OfficialTexts(Paper.objects.get(), language, read_lines("\n".join(list_lines(outline))))


def as_word(lines) -> ContentFile:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    file = io.BytesIO()
    document.save(file)
    return ContentFile(file.getvalue(), name="issued.docx")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["pasted", "docx", "txt"])
def test_all_texts_of_the_first_paper_are_paired(language, form):
    nodes = first_texts()
    if form == "pasted":
        outline = read_pasted(issued_text(language, nodes))
    elif form == "docx":
        outline = read_document(as_word(issued_lines(language, nodes)))
    else:
        outline = read_document(ContentFile(issued_text(language, nodes).encode(), name="issued.txt"))
    found = paired(language, outline)
    wrong = [pair.node.label for pair in found.pairs if pair.text != sentence(language, pair.node)]
    assert wrong == []
    assert [node.label for node in found.nodes_without_text] == ["III"], "a note has no number"
    assert len(found.pairs) == 316
