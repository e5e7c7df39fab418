"""Say to which section of help, and to which link of the menu, an address belongs. tracker/urls/ names both."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, reverse

from tracker.queries.help import guide_address

# By the name of an address, `guide#section`; of an address of the admin, the name may end after the model.
SECTIONS: dict[str, str] = {}
SECTIONS_IN_PART: dict[str, str] = {}  # for users who read a part of what their State records: before SECTIONS
MENU_PAGES: dict[str, str] = {}  # the page of the menu to which an address belongs


class Topic(NamedTuple):
    """To what pages belong. `section` of help: `focal-point#evidence`; `menu`: the name of the page in the menu, by
    default the first; `in_part`: the section for users who read a part of what their State records.
    """

    section: str
    menu: str = ""
    in_part: str = ""

    def pages[Pattern: URLPattern | URLResolver](self, *patterns: Pattern) -> list[Pattern]:
        """Return the patterns, after noting that their pages belong to this topic."""
        names = list(find_names(patterns))
        for name in names:
            SECTIONS[name] = self.section
            MENU_PAGES[name] = self.menu or names[0]
            if self.in_part:
                SECTIONS_IN_PART[name] = self.in_part
        return list(patterns)


def help_address(page: str, is_in_part: bool) -> str:
    """Return the address of the section for a page; `is_in_part`: the user reads a part of what the State records."""
    model = page.rpartition("_")[0] if page.startswith("admin:") else page
    section = (is_in_part and SECTIONS_IN_PART.get(page)) or SECTIONS.get(page) or SECTIONS.get(model)
    return guide_address(*section.split("#")) if section else reverse("help")


def find_names(patterns: Iterable[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    """Yield the names of addresses, with their namespaces."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from find_names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}"
