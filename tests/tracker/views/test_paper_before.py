"""The page on which the progress report is made, before there is a release."""

import pytest

from tests.pages import words
from tests.tracker.views.test_paper import DOCX, PAGE, PDF

pytestmark = pytest.mark.django_db


def test_before_the_first_release_the_page_says_so(officer):
    for url in (PAGE, DOCX, PDF):
        response = officer.get(url)
        assert (response.status_code, "No releases yet" in words(response)) == (200, True)
