"""The links of the head and the foot of a page, as tracker/web/menu.py lists them."""

from collections.abc import Iterable
from typing import NamedTuple

from django import template
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.urls import reverse
from django.utils.functional import Promise

from tracker.models import Respondent
from tracker.web.menu import MenuLink, account_links, foot_links, menu_for, pages_beside

register = template.Library()


class ShownLink(NamedTuple):
    title: str | Promise
    url: str
    is_current: bool


class ShownMenu(NamedTuple):
    """`page`: the page of the menu to which the shown page belongs; `more`: (title of a group, its links); `current`:
    the link under More to that page; `beside`: the pages among which the page is one.
    """

    page: str
    main: list[ShownLink]
    more: list[tuple[str | Promise, list[ShownLink]]]
    current: ShownLink | None
    beside: list[ShownLink]
    account: list[ShownLink]
    foot: list[ShownLink]


@register.simple_tag(takes_context=True)
def find_menu(context: Context) -> ShownMenu:
    """Read from the context: request, user, desk, body_choice; each may be missing."""
    user, desk = context.get("user") or AnonymousUser(), context.get("desk")
    match = getattr(context.get("request"), "resolver_match", None)
    body_query = getattr(context.get("body_choice"), "query", "")

    menu = menu_for(user, desk)
    page = menu.find_page(match.view_name) if match else ""

    def shown(links: Iterable[MenuLink]) -> list[ShownLink]:
        return [_shown_link(link, desk, page, body_query) for link in links]

    more = [(group.title, shown(group.links)) for group in menu.more]
    return ShownMenu(
        page=page,
        main=shown(menu.main),
        more=more,
        current=next((link for _title, links in more for link in links if link.is_current), None),
        beside=shown(pages_beside(user, desk, menu, page)),
        account=shown(account_links(user)),
        foot=shown(foot_links(user, menu)),
    )


def _shown_link(link: MenuLink, desk: Respondent | None, page: str, body_query: str) -> ShownLink:
    url = reverse(link.page, args=[desk.code] if link.is_of_desk and desk else [])
    if link.is_by_body and body_query:
        url = f"{url}?{body_query}"
    return ShownLink(link.title, url, link.has(page))
