"""What travels: the first page within 170 KB, the next within 60 KB, styles and scripts that are new included."""

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders

from tests.browser.conftest import enter
from tests.submissions import save_many
from tracker.actions.record import Answer

FIRST, NEXT = 170_000, 60_000
DESK = "/desk/XAA/"
PAGES = (
    DESK,
    f"{DESK}recommendations/",
    f"{DESK}recommendations/?group=meeting&status=in_progress",
    f"{DESK}recommendations/IV-46-i/",
    f"{DESK}evidence/",
    f"{DESK}units/",
    "/recommendations/",
    "/recommendations/IV-46-i/",
)
MEASURES = "The Act of 2019, as amended in 2024, names a coordinator and a unit of nine investigators. "


@pytest.fixture
def everything_answered(xaa, alice):
    answers = {
        unit: Answer(
            status="in_progress",
            measures=f"{number}. " + MEASURES * 3,
            lead_institution=f"Ministry of the Interior, section {number}",
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
def weigh(open_page, alice, everything_answered):
    """The bytes that travel for a page: headers and body, of it and of all that it asks for.

    Style sheets and scripts are weighed as WhiteNoise sends them: compressed, and once, for their names have a digest
    and browsers keep them for ever.
    """
    page = enter(open_page(is_first=True), alice)
    requests, kept = [], set()
    page.on("requestfinished", lambda request: requests.append(request))

    def weigh_(path):
        requests.clear()
        page.goto(path)
        new = [request for request in requests if request.url not in kept]
        kept.update(request.url for request in requests if "/static/" in request.url)
        return sum(weight(request) for request in new)

    return weigh_


def test_pages_are_light_even_where_everything_is_answered(weigh):
    assert weigh(f"{DESK}recommendations/") < FIRST
    assert {path: weight for path in PAGES if (weight := weigh(path)) >= NEXT} == {}
