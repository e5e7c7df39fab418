from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from recommendations.facets import ChosenFilter, FacetChoice, ShownFacet
from recommendations.lists import format_list
from recommendations.models import TextKind
from recommendations.search.query import QUOTES, is_like_label
from tracker.forms.search import ONLY, ResultFilter, SearchForm
from tracker.models import Respondent, User
from tracker.models.user import Role
from tracker.queries.help import find_help
from tracker.queries.search import Found, Reader
from tracker.queries.search import search as search_for
from tracker.queries.search_hits import ShownHit, read_hits
from tracker.queries.search_page import HELP, FoundRow, find_near, list_found, name_synonyms, title_kind
from tracker.queries.suggestions import find_suggestions
from tracker.views import keep_from_archives
from tracker.web.desks import only_desk
from tracker.web.request import Request

PAGE = 25
AT_ONCE = 6  # boxes of a filter


class LinkTo(NamedTuple):
    title: str | Promise
    url: str


class KindTab(NamedTuple):
    title: str | Promise
    url: str
    count: int  # type: ignore[assignment]
    is_current: bool


class LinkedOption(NamedTuple):
    choice: FacetChoice
    url: str


class LinkedFacet(NamedTuple):
    """`options` are shown at once, `more` on demand."""

    title: str | Promise
    options: list[LinkedOption]
    more: list[LinkedOption]
    closed: bool
    symbols: bool


@dataclass(frozen=True)
class FoundPage:
    """What the page shows of what was found. `rows`: everything; `listed`: the rows that the filters keep."""

    found: Found
    desk: Respondent | None
    listed: ResultFilter
    rows: list[FoundRow]
    number: str

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def lacks_words(self) -> bool:
        return self.found.lacks_words and self.has_texts

    @property
    def has_texts(self) -> bool:
        return any(row.kind == TextKind.TEXT for row in self.page)

    @property
    def unknown_words(self) -> str:
        return format_list(self.found.query.name_words(known=False))

    @property
    def known_words(self) -> str:
        return format_list(self.found.query.name_words(known=True))

    @property
    def is_help_alone(self) -> bool:
        return all(row.kind == HELP for row in self.rows)

    @cached_property
    def page(self) -> Page[FoundRow]:
        return Paginator(self.listed.shown, PAGE).get_page(self.number)

    @property
    def shown_total(self) -> int:
        return len(self.listed.shown)

    @cached_property
    def hits(self) -> list[ShownHit]:
        return read_hits(self.found, self.page)

    @property
    def tabs(self) -> list[KindTab]:
        kinds = self.listed.show_facet("kind")
        chosen = self.listed.chosen.get("kind", [])
        every = KindTab(
            # Translators: Tab: results of all kinds.
            pgettext("results", "All"),
            self.listed.address(kind=None),
            sum(option.count for option in kinds.options),
            not chosen,
        )
        return [every] + [
            KindTab(
                title_kind(option.value, self.found.reader),
                self.listed.address(kind=option.value),
                option.count,
                option.checked,
            )
            for option in kinds.options
            if option.count or option.checked
        ]

    @cached_property
    def facets(self) -> list[LinkedFacet]:
        linked = []
        for facet in self.listed.facet_list:
            options = [
                LinkedOption(option, self.listed.toggle(facet.name, option.value))
                for option in _order_options(facet)
                if option.count or option.checked
            ]
            if facet.name != "kind" and options:
                at_once = len(options) if len(options) <= AT_ONCE + 1 else AT_ONCE
                title = facet.title if facet.name != "status" or self.desk is None else _status_title(self.desk)
                linked.append(LinkedFacet(title, options[:at_once], options[at_once:], facet.closed, facet.symbols))
        return linked

    @property
    def chosen(self) -> list[ChosenFilter]:
        return [chip for chip in self.listed.chosen_filter_list if not chip.words.startswith(f"{_('Kind')}:")]

    @property
    def cleared(self) -> str:
        return self.listed.address(**{name: None for name in self.listed.chosen if name != "kind"})

    @property
    def all_url(self) -> str:
        return self.listed.address(**dict.fromkeys(self.listed.chosen))

    @property
    def is_only(self) -> bool:
        return self.listed.clean_value("words") == ONLY

    @cached_property
    def synonyms(self) -> list[tuple[str, str]]:
        return name_synonyms(self.found)

    @property
    def corrections(self) -> list[tuple[str, str]]:
        return list(self.found.query.corrections.items())

    @property
    def modes(self) -> list[LinkTo]:
        """Return links to other readings of what was typed."""
        typed = self.found.query.typed
        if self.is_only:
            return [LinkTo(_("Search synonyms too"), self.listed.address(words=None))]
        links = []
        if self.synonyms or self.corrections:
            links.append(LinkTo(_("Only my words"), self.listed.address(words=ONLY)))
        if " " in typed.strip() and not (QUOTES.search(typed) or self.is_label or self.found.query.labelled_texts):
            links.append(LinkTo(_("Exact phrase"), self.listed.address(q=f'"{typed.strip()}"')))
        return links

    @property
    def is_label(self) -> bool:
        return is_like_label(self.found.query.typed)

    @property
    def state(self) -> str:
        """Return the name of the State whose texts alone are listed."""
        return self.found.names.get(self.found.state or 0, "")

    @property
    def has_notes(self) -> bool:
        return bool(self.synonyms or self.corrections or self.state)

    @cached_property
    def near(self) -> list[LinkTo]:
        return [LinkTo(words, self.listed.address(q=words, words=None)) for words in find_near(self.found)]


@login_not_required
@require_safe
def search(request: Request) -> HttpResponse:
    """Search everything that the reader may read, in one list of all kinds."""
    form = SearchForm(request.GET)
    typed = form.cleaned_data["q"].strip() if form.is_valid() else ""
    desk = only_desk(request.user) if isinstance(request.user, User) else None
    context = {"form": form, "typed": typed, "searched": _describe_searched(request.user)}
    if typed:
        found = search_for(request.user, typed, with_others=request.GET.get("words") != ONLY)
        help_hits = [] if found.query.labelled_texts or is_like_label(typed) else find_help(typed, found.catalogue)
        rows = list_found(found, desk, help_hits)
        listed = ResultFilter(request.GET, rows)
        context["found"] = FoundPage(found, desk, listed, rows, request.GET.get("page", ""))
    return keep_from_archives(render(request, "tracker/search/search.html", context))


@login_not_required
@require_safe
def search_suggestions(request: Request) -> HttpResponse:
    """Return a list for the search of the head, which is empty where nothing fits."""
    form = SearchForm(request.GET)
    typed = form.cleaned_data["q"] if form.is_valid() else ""
    return render(request, "tracker/search/suggestions.html", {"suggestions": find_suggestions(typed)})


def _order_options(facet: ShownFacet) -> list[FacetChoice]:
    """Return themes with most results first; what has an order of its own keeps it."""
    return sorted(facet.options, key=lambda option: -option.count) if facet.name == "theme" else facet.options


def _status_title(desk: Respondent) -> str:
    # Translators: Title of a filter. state: name of a State.
    return _("Status: %(state)s") % {"state": desk.name}


def _describe_searched(reader: Reader) -> str:
    if not isinstance(reader, User) or not reader.current_memberships:
        return _(
            "Searched: adopted texts, published answers and help. Drafts and unpublished answers are never searched."
        )
    if reader.has_role(Role.REVIEWER):
        return _(
            "Searched: adopted texts, what States submitted or published, shared good practices and help. Drafts of "
            "States, and evidence that a State keeps, are never searched."
        )
    if reader.respondents:
        return _(
            "Searched: adopted texts, what your team recorded, what other States published or shared, and help. Drafts "
            "of other States are never searched."
        )
    return _(
        "Searched: adopted texts, published answers, shared good practices and help. Drafts and unpublished answers "
        "are never searched."
    )
