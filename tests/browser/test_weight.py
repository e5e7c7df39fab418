"""What travels: the first page within 170 KB, the next within 60 KB, styles and scripts that are new included. And how
much there is to read: a budget of words for each page.
"""

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders

from tests.browser.conftest import enter
from tests.submissions import opened_round, save_many, submit_ready
from tracker.actions.record import Answer

FIRST, NEXT = 170_000, 60_000
DESK = "/desk/XAA/"
# Words that each page may show, closed sections left out.
PAGES = {
    DESK: 480,
    f"{DESK}recommendations/": 410,
    f"{DESK}recommendations/?group=meeting&status=in_progress": 14_000,
    f"{DESK}recommendations/IV-46-i/": 610,
    f"{DESK}evidence/": 70,
    f"{DESK}units/": 350,
    f"{DESK}assignments/add/?status=in_progress": 270,
    f"{DESK}report/?fill=done": 170,
    "/recommendations/": 390,
    "/recommendations/?group=theme": 550,
    "/recommendations/?open=4": 3_600,
    "/recommendations/IV-46-i/": 1_300,
    "/progress/gaps/?of=implemented": 1_650,
    "/rounds/2026/": 180,
}
WORDS = "document.querySelector('main').innerText.split(/\\s+/).length"
MEASURES = "The Act of 2019, as amended in 2024, names a coordinator and a unit of nine investigators. "


@pytest.fixture
def everything_answered(xaa, alice, justice):
    answers = {
        unit: Answer(
            status="in_progress",
            measures=f"{number}. " + MEASURES * 3,
            lead_institution=f"Ministry of the Interior, section {number}",
            ready=True,
        )
        for number, unit in enumerate(xaa.units_to_answer().with_text())
    }
    save_many(xaa, answers, alice)


def weight(request) -> int:
    sizes = request.sizes()
    body = sizes["responseBodySize"]
    if body and "/static/" in request.url:
        name = urlsplit(request.url).path.removeprefix("/static/")
        body = len(gzip.compress(Path(finders.find(name)).read_bytes()))
    return sizes["responseHeadersSize"] + body


@pytest.fixture
def weigh(open_page, alice, bob, everything_answered):
    """The bytes that travel for a page, headers and body, of it and of all that it asks for; and its visible words.

    Style sheets and scripts are weighed as WhiteNoise sends them: compressed, and once, for their names have a digest
    and browsers keep them for ever.
    """
    page = open_page(is_first=True)
    requests, kept = [], set()
    page.on("requestfinished", lambda request: requests.append(request))

    def weigh_(path):
        enter(page, bob if path.startswith(("/progress", "/rounds")) else alice)
        requests.clear()
        page.goto(path)
        new = [request for request in requests if request.url not in kept]
        kept.update(request.url for request in requests if "/static/" in request.url)
        return sum(weight(request) for request in new), page.evaluate(WORDS)

    return weigh_


def test_pages_are_light_and_short_even_where_everything_is_answered(weigh, xaa, alice, bob):
    submit_ready(xaa, opened_round(bob), alice)
    assert weigh(f"{DESK}recommendations/")[0] < FIRST
    weighed = {path: weigh(path) for path in PAGES}
    assert {path: found for path, found in weighed.items() if found[0] >= NEXT or found[1] > PAGES[path]} == {}
