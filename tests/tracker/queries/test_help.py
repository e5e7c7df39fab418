"""The guides as pages of help: rendered without markup of their own, with links that hold; and the search in them."""

import ast
import re

import pytest
from django.conf import settings
from django.urls import resolve

from tracker.queries.help import GUIDE_OF_ROLE, GUIDES, MARKDOWN, find_help, read_guide

pytestmark = pytest.mark.django_db

IDS = re.compile(r'<h\d id="([^"]*)"')
LINKS = re.compile(r'<a href="([^"]*)"')


@pytest.fixture(scope="module")
def labels() -> str:
    """Every text of the templates and every string of the code, in lower case."""
    code = (path for app in ("recommendations", "tracker") for path in (settings.BASE_DIR / app).rglob("*.py"))
    nodes = (node for path in code for node in ast.walk(ast.parse(path.read_text())))
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    templates = [path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html")]
    return " ".join(" ".join([*templates, *strings]).split()).casefold()


def broken_links(html: str) -> list[str]:
    """Return the links to pages of help, in HTML, that name no guide or no heading of it."""
    links = [link for link in LINKS.findall(html) if link.startswith("/help/")]
    return [link for link in links if not leads_to_section(link)]


def leads_to_section(link: str) -> bool:
    path, _mark, section = link.partition("#")
    match = resolve(path)
    if match.view_name != "guide":
        return match.view_name in ("help", "answer_guide", "verification_script")
    slug = match.kwargs["slug"]
    return slug in GUIDES and (not section or section in IDS.findall(read_guide(slug).html))


@pytest.mark.parametrize("slug", GUIDES)
def test_each_guide_is_a_page_whose_links_hold(slug):
    guide = read_guide(slug)
    ids = IDS.findall(guide.html)
    assert len(set(ids)) == len(ids)
    assert [section.id for section in guide.sections if section.id] == ids
    assert broken_links(guide.html) == []
    assert re.findall(r"<(?:img|h1|script|style)|\sstyle=|\.md\b[\"#]", guide.html) == []


def test_a_link_that_leads_nowhere_is_found():
    links = ["/help/focal-point/#submit", "/help/focal-point/#no-such", "/help/no-such/", "/help/", "/about/"]
    assert broken_links("".join(f'<a href="{link}">' for link in links)) == [
        "/help/focal-point/#no-such",
        "/help/no-such/",
    ]


@pytest.mark.parametrize("slug", sorted({*GUIDE_OF_ROLE.values(), "public"}))
def test_a_guide_names_labels_that_pages_have(slug, labels):
    """What a guide has in italics is a label, or the beginning of one."""
    named = {
        " ".join(found.split()).casefold() for found in re.findall(r"<em>(.+?)</em>", read_guide(slug).html, re.DOTALL)
    }
    assert [name for name in sorted(named) if name not in labels] == []


@pytest.mark.parametrize(("name", "limit"), [("focal-point.md", 3500), ("focal-point-reference.md", 3000)])
def test_the_guide_of_a_focal_point_stays_short(name, limit):
    assert len((settings.BASE_DIR / "docs" / name).read_text().split()) <= limit


def test_markup_in_a_guide_is_shown_and_not_obeyed():
    assert MARKDOWN.render("<b>bold</b>") == "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"


def test_the_site_has_all_pages_that_verifying_without_it_needs():
    assert 'href="/help/daily-list/"' in read_guide("public").html
    assert 'href="/help/daily-list/"' in read_guide("focal-point-reference").html
    assert 'href="/help/canonical-form/"' in read_guide("daily-list").html
    assert 'href="/help/canonical-form/"' in read_guide("submission-data").html


def test_the_words_of_a_link_to_a_file_without_a_page_stay():
    html = read_guide("administrator").html
    assert "(First deployment)" in html
    assert "operate" not in html


def test_a_search_finds_sections_by_their_words_those_with_the_words_in_the_title_first():
    first, *_others = find_help("OFFLINE  workbook")
    assert first.title == "The offline workbook (Reference for a focal point)"
    assert first.url == "/help/focal-point-reference/#the-offline-workbook"
    assert first.excerpt.startswith("Offline workbook, above the list, is for answers without a connection")
    assert first.excerpt.endswith("…")
    assert find_help("offline workbooks") == find_help("OFFLINE  workbook")


def test_sections_on_the_formats_of_files_come_last():
    slugs = [hit.url.split("/")[2] for hit in find_help("evidence")]
    is_reference = [GUIDES[slug].startswith("reference/") for slug in slugs]
    assert is_reference == sorted(is_reference)
    assert {True, False} == set(is_reference)


def test_the_excerpt_has_the_words_that_were_found():
    [hit] = [hit for hit in find_help("emoji") if "focal-point" in hit.url]
    assert "emoji" in hit.excerpt
    assert hit.excerpt.startswith("…")


@pytest.mark.parametrize("query", ["", "  ", "zebra", "emoji zebra", "ffline", "\x00", "((", "ß"])
def test_nothing_is_found_without_words_or_where_a_word_is_missing(query):
    assert find_help(query) == []
