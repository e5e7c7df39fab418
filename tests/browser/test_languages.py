"""Pages that anybody is shown (all of them with CI set), in other languages: nothing scrolls sideways at 320 pixels."""

import pytest
from django.conf import settings

from tests.browser.conftest import enter, scrolls_sideways
from tests.browser.shown import OPEN_ALL, canary_state, pages_shown_to, people, site  # noqa: F401
from tests.languages import PSEUDO, RIGHT_TO_LEFT
from tests.thorough import in_turn
from tracker.models import User

OF_THE_SITE = {"domain": "localhost", "path": "/"}


@pytest.mark.thorough
def test_no_page_scrolls_sideways_in_longer_words_or_from_right_to_left(
    open_page,
    people,  # noqa: F811
    site,  # noqa: F811
    languages_of_tests,
):
    page, found = open_page(320), []
    for place, (person, path) in enumerate(list(pages_shown_to(people.values()))):
        enter(page, person)
        for language in in_turn((PSEUDO, RIGHT_TO_LEFT), place):
            page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language} | OF_THE_SITE])
            User.objects.update(language=language)
            page.goto(path)
            page.evaluate(OPEN_ALL)
            found += [f"{path} scrolls sideways in {language}"] if scrolls_sideways(page) else []
    assert found == []
