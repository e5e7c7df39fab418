"""Read the guides in docs/ as pages of help.

Each guide is rendered once for each process. A link to another guide leads to its page. The words of a link to a file
without a page stay, without the link.
"""

import posixpath
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import urldefrag

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from recommendations.queries import ORIGINAL
from recommendations.search.marking import mark_excerpt
from recommendations.search.query import Query
from recommendations.search.ranking import score_texts, terms_by_field
from recommendations.search.texts import Catalogue
from tracker.models.user import Role

# Files in docs/, by the last part of their address.
GUIDES = {
    "public": "public.md",
    "focal-point": "focal-point.md",
    "focal-point-reference": "focal-point-reference.md",
    "contributor": "contributor.md",
    "secretariat-officer": "reviewer.md",
    "curator": "curator.md",
    "administrator": "administrator.md",
    "glossary": "glossary.md",
    "questionnaire": "reference/questionnaire.md",
    "workbook": "reference/workbook.md",
    "report-columns": "reference/report-columns.md",
    "figure-columns": "reference/progress-columns.md",
    "answer-columns": "reference/answer-columns.md",
    "need-columns": "reference/need-columns.md",
    "submission-data": "reference/submission-json.md",
    "canonical-form": "reference/canonical-form.md",
    "daily-list": "reference/daily-list.md",
}
GUIDE_OF_ROLE: dict[str, str] = {
    Role.FOCAL_POINT: "focal-point",
    Role.CONTRIBUTOR: "contributor",
    Role.VIEWER: "contributor",
    Role.REVIEWER: "secretariat-officer",
    Role.CURATOR: "curator",
    Role.ADMINISTRATOR: "administrator",
}
REFERENCE = "reference/"  # in docs/: the formats of files
VERIFICATION_SCRIPT = "verify/verify.py"  # in docs/; the site serves it
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
EXCERPT_LENGTH = 180  # characters


class GuideSection(NamedTuple):
    """The words below a heading, up to the next. `id` and `title` are empty for those before the first heading."""

    id: str
    title: str
    level: int
    text: str


class Guide(NamedTuple):
    slug: str
    title: str
    html: SafeString
    sections: tuple[GuideSection, ...]


class HelpHit(NamedTuple):
    title: str
    url: str
    excerpt: str


@cache
def read_guide(slug: str) -> Guide:
    path = GUIDES[slug]
    _opening, title, _closing, *tokens = MARKDOWN.parse((settings.BASE_DIR / "docs" / path).read_text())
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slugify(_words(following)))
        elif token.type == "table_open":
            token.attrSet("class", "table")
        elif token.type in ("th_open", "td_open"):
            token.attrs.pop("style", None)  # the policy for content refuses it
    for token in tokens:
        if token.children:
            token.children = list(_change_links(token.children, path))
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return Guide(slug, title.content, SafeString(html), tuple(_sections(tokens)))


def guide_address(slug: str, section: str = "") -> str:
    return reverse("guide", args=[slug], fragment=section or None)


def find_help(typed: str, catalogue: Catalogue | None = None) -> list[HelpHit]:
    """Return the sections that answer the words typed, the best first, as the search of texts does; those on the
    formats of files last.
    """
    query = (catalogue or Catalogue.read()).understand_words(typed)
    found: list[tuple[bool, float, Guide, GuideSection]] = []
    for guide, section, terms in _indexed_sections():
        score, covered = score_texts(terms, ORIGINAL, query.groups)
        if score and covered >= query.least:
            found.append((GUIDES[guide.slug].startswith(REFERENCE), -score, guide, section))
    return [_hit(guide, section, query) for *_order, guide, section in sorted(found, key=itemgetter(0, 1))]


def _hit(guide: Guide, section: GuideSection, query: Query) -> HelpHit:
    title = f"{section.title} ({guide.title})" if section.title else guide.title
    excerpt = mark_excerpt(section.text, query, ORIGINAL, EXCERPT_LENGTH)
    return HelpHit(title, guide_address(guide.slug, section.id), "".join(piece.text for piece in excerpt))


@cache
def _indexed_sections() -> list[tuple[Guide, GuideSection, dict[str, str]]]:
    """Return each section with its terms, by field as the index has them."""
    return [
        (guide, section, terms_by_field(ORIGINAL, title=section.title or guide.title, words=section.text))
        for guide in map(read_guide, GUIDES)
        for section in guide.sections
    ]


def _sections(tokens: list[Token]) -> Iterator[GuideSection]:
    heading, texts = None, []
    for token in tokens:
        if token.type == "inline":
            texts.append(_words(token))
        elif token.type == "heading_open":
            if texts:
                yield _section(heading, texts)
            heading, texts = token, []
    yield _section(heading, texts)


def _section(heading: Token | None, texts: list[str]) -> GuideSection:
    if heading is None:
        return GuideSection("", "", 1, " ".join(texts))
    return GuideSection(str(heading.attrs["id"]), texts[0], int(heading.tag[1:]), " ".join(texts[1:]))


def _words(inline: Token) -> str:
    children = inline.children or []
    return "".join(" " if token.type == "softbreak" else token.content for token in children)


def _change_links(tokens: list[Token], path: str) -> Iterator[Token]:
    """Yield the parts of a line; a link leads to a page of help, or is left out and its words stay."""
    is_left_out = False
    for token in tokens:
        if token.type == "link_open":
            address = _page_address(str(token.attrs["href"]), path)
            is_left_out = address is None
            token.attrs["href"] = address or ""
        if not (is_left_out and token.type in ("link_open", "link_close")):
            yield token


def _page_address(link: str, path: str) -> str | None:
    """Return the address of what a link in the guide at `path` names; None where the site has no page for it."""
    if "://" in link:
        return link
    file, section = urldefrag(link)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    if target == VERIFICATION_SCRIPT:
        return reverse("verification_script")
    return next((guide_address(slug, section) for slug, guide in GUIDES.items() if guide == target), None)
