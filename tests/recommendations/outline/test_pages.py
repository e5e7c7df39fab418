"""The printed page that stands beside the table of a paper is drawn within limits."""

import io
from pathlib import Path

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from recommendations.archives import DAMAGED, HAS_PASSWORD
from recommendations.outline.pdf_source import NO_PAGE, render_page
from recommendations.word_reader import TOO_LARGE
from tests.documents import OLE, PNG

REPORT = (Path(__file__).parents[2] / "samples" / "A.pdf").read_bytes()


def with_pages(*sizes: tuple[float, float]) -> bytes:
    document, file = pikepdf.new(), io.BytesIO()
    for size in sizes:
        document.add_blank_page(page_size=size)
    document.save(file)
    return file.getvalue()


def locked() -> bytes:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(REPORT)) as document:
        document.save(file, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return file.getvalue()


def test_a_page_is_drawn_as_printed():
    with Image.open(io.BytesIO(render_page(REPORT, 3))) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (1000, 1295))
        masthead = picture.crop((700, 55, 910, 75))  # the symbol of the document, in black
        below = picture.crop((700, 90, 910, 120))
        assert (masthead.getextrema(), below.getextrema()) == ((0, 255), (255, 255))


@pytest.mark.parametrize("number", [-1, 0, 9, 10**30])
def test_a_page_that_is_not_there_is_refused(number):
    with pytest.raises(ValidationError) as refused:
        render_page(REPORT, number)

    assert refused.value.messages == [NO_PAGE]


@pytest.mark.parametrize(
    "content, message",
    [(b"", DAMAGED), (b"%PDF-1.7\nnothing", DAMAGED), (PNG, DAMAGED), (OLE, DAMAGED), (locked(), HAS_PASSWORD)],
    ids=["nothing", "broken", "a picture", "Word", "a password"],
)
def test_what_is_no_pdf_is_not_drawn(content, message):
    with pytest.raises(ValidationError) as refused:
        render_page(content, 1)

    assert refused.value.messages == [message]


@pytest.mark.parametrize(
    "size, pixels", [((14_400, 14_400), (1000, 1000)), ((3, 14_400), (1, 2000)), ((14_400, 3), (1000, 1))]
)
def test_attack_a_page_of_14400_points_is_drawn_small(size, pixels):
    with Image.open(io.BytesIO(render_page(with_pages(size), 1))) as picture:
        assert picture.size == pixels


def without_end() -> bytes:
    """A page that draws a form ten times, which draws another ten times, and so on: 10,000 million lines."""
    document, file = pikepdf.new(), io.BytesIO()
    form = document.make_stream(b"0 0 m 600 800 l S")
    for _level in range(10):
        box = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Form, "BBox": [0, 0, 600, 800]}
        for name, value in box.items():
            form[f"/{name}"] = value
        above = document.make_stream(b"/X Do " * 10)
        above.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
        form = above
    page = document.add_blank_page(page_size=(600, 800))
    page.Contents, page.Resources = form, form.Resources
    document.save(file)
    return file.getvalue()


@pytest.mark.thorough
def test_attack_a_page_that_takes_hours_is_not_drawn():
    with pytest.raises(ValidationError) as refused:
        render_page(without_end(), 1)

    assert refused.value.messages == [TOO_LARGE]
