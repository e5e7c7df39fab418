"""The handover pack of a desk on which nothing was done."""

import subprocess

import pytest

from tests.pages import client_of, words_of_page
from tests.tracker.views.test_handover import FILE, PACK, words_of_pdf

pytestmark = pytest.mark.django_db


def test_an_empty_desk_has_a_pack_too_of_four_pages(alice):
    page = client_of(alice)
    assert "No open rounds" in words_of_page(page.get(PACK))
    file = page.get(FILE).content
    assert "No pending suggestions" in words_of_pdf(file)
    assert subprocess.run(["pdftotext", "-", "-"], input=file, capture_output=True, check=True).stdout.count(b"\f") == 4
