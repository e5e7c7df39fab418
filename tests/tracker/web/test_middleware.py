import gzip

import brotli
import pytest
from django.urls import reverse

from tests.documents import PDF, upload
from tests.evidence_items import add_item
from tracker.documents.exchange.uploads import check_upload

pytestmark = pytest.mark.one_database

CHROMIUM = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def test_a_page_is_compressed(desk):
    by_encoding = {}
    for accepted in ("gzip, deflate", "zstd", CHROMIUM["Accept-Encoding"]):
        page = desk.get("/desk/XAA/recommendations/", headers={"Accept-Encoding": accepted})
        by_encoding[page["Content-Encoding"]] = page.content
    assert [*by_encoding] == ["gzip", "zstd", "br"]
    assert b"230" in gzip.decompress(by_encoding["gzip"])
    assert b"230" in brotli.decompress(by_encoding["br"])
    assert len(by_encoding["br"]) < 0.92 * min(len(by_encoding["gzip"]), len(by_encoding["zstd"]))


@pytest.mark.parametrize(
    ("kind", "is_compressed"), {"pdf": False, "docx": False, "xlsx": False, "csv": True, "json": True}.items()
)
@pytest.mark.thorough
def test_files_of_text_are_compressed_and_packed_files_come_as_they_are(desk, kind, is_compressed):
    response = desk.get(f"/desk/XAA/report.{kind}", headers=CHROMIUM)
    assert response.has_header("Content-Encoding") == is_compressed
    assert response["Content-Length"] == str(len(response.content))


def test_a_file_comes_as_it_is_and_says_how_long_it_is(desk, xaa, alice):
    version = add_item(xaa, alice, "Act", upload=check_upload(upload("act.pdf", PDF)))
    file = desk.get(reverse("evidence_file", args=["XAA", version.evidence.number, 1]), headers=CHROMIUM)
    assert (file.getvalue(), file["Content-Length"]) == (PDF, str(len(PDF)))
    assert file.has_header("Content-Encoding") is False


@pytest.mark.parametrize(
    "path",
    [
        "/desk/XAA/",
        "/desk/XAA/recommendations/IV-46-i/",
        "/desk/XAA/report.csv",
        "/desk/XAA/report.xlsx",
        "/desk/XAA/evidence/add/",
        "/desk/XBB/",
        "/admin/",
        "/recommendations/",
        "/published/",
        "/figures/",
        "/practices/",
        "/practices.csv",
        "/search/",
    ],
)
def test_what_is_read_by_somebody_signed_in_stays_in_no_cache(desk, path):
    assert desk.get(path)["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_the_adopted_texts_may_be_cached_for_everybody_else(client):
    assert client.get("/recommendations/catalogue.json").has_header("Cache-Control") is False
