"""Say which pages the head and the foot of every page link to, for each kind of reader. The one table of them is
here: a link appears where the page opens for the reader.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tracker.models import Respondent, User
from tracker.permissions import (
    can_answer_all,
    can_answer_some,
    can_edit_catalogue,
    can_export_answers,
    can_fill_workbook,
    can_manage_people,
    can_manage_rounds,
    can_manage_team,
    can_quote,
    can_read_handover,
    can_read_trail,
    can_see_progress,
    can_see_states,
    can_see_transcriptions,
    is_reviewer,
)
from tracker.queries.quotations import notified_quotations
from tracker.queries.transcription import request_rows
from tracker.web.topics import MENU_PAGES


class MenuLink(NamedTuple):
    """`page`: the name of an address; `permission`: called with the reader, and with the desk where the page is of a
    desk; `others`: pages of the menu that belong to this link too; `pages`: the pages that the link opens.
    """

    title: str | Promise
    page: str
    permission: Callable[..., bool]
    others: tuple[str, ...] = ()
    is_of_desk: bool = False
    is_by_body: bool = False
    pages: "tuple[MenuLink, ...]" = ()

    def is_open(self, user: User | AnonymousUser, desk: Respondent | None) -> bool:
        if self.is_of_desk:
            return desk is not None and self.permission(user, desk)
        return self.permission(user)

    def with_pages(self, *others: "MenuLink", title: str | Promise = "") -> "MenuLink":
        """Return a link to this page that opens the others too, under the title or that of this page."""
        return self._replace(title=title or self.title, pages=(self, *others))

    def has(self, page: str) -> bool:
        return page in (self.page, *self.others) or any(link.page == page for link in self.pages)


class MenuGroup(NamedTuple):
    title: str | Promise
    links: tuple[MenuLink, ...]


class Menu(NamedTuple):
    """`main`: the tabs; `more`: what is under More, empty where there is no More."""

    main: tuple[MenuLink, ...]
    more: tuple[MenuGroup, ...] = ()

    @property
    def links(self) -> Iterator[MenuLink]:
        yield from self.main
        for group in self.more:
            yield from group.links

    def find_page(self, name: str) -> str:
        """Return the page of the menu to which the address of this name belongs: itself, or that of its topic."""
        return name if any(link.has(name) for link in self.links) else MENU_PAGES.get(name, name)


def is_anyone(user: User | AnonymousUser) -> bool:
    return True


def has_account(user: User | AnonymousUser) -> bool:
    return user.is_authenticated


def has_roles(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and bool(user.current_memberships)


def can_read_some(user: User, desk: Respondent) -> bool:
    return desk.pk in user.respondent_ids


def can_read_all(user: User, desk: Respondent) -> bool:
    return desk.pk in user.whole_desks


def has_transcriptions(user: User, desk: Respondent) -> bool:
    return can_see_transcriptions(user, desk) and request_rows(desk, user).exists()


def is_quoted(user: User, desk: Respondent) -> bool:
    return can_read_all(user, desk) and notified_quotations(desk, user).exists()


def is_staff(user: User) -> bool:
    return user.is_staff


def of_desk(
    title: Promise | str, page: str, permission: Callable[..., bool], *others: str, is_by_body: bool = False
) -> MenuLink:
    return MenuLink(title, page, permission, others, is_of_desk=True, is_by_body=is_by_body)


def of_site(title: Promise | str, page: str, permission: Callable[..., bool], *others: str) -> MenuLink:
    return MenuLink(title, page, permission, others)


# Translators: Tab: first page of a State.
OVERVIEW = of_desk(_("Overview"), "respondent_desk", can_read_all, is_by_body=True)
# Translators: Heading: recommendations assigned to the user or the institution.
YOUR_ANSWERS = of_desk(_("Your answers"), "respondent_desk", can_read_some, "record_list", is_by_body=True)
OVERVIEWS = of_site(_("Overview"), "desks", has_roles)
# Translators: The texts of the recommendations as adopted.
TEXTS = of_site(_("Adopted texts"), "recommendations:list", is_anyone)
RECOMMENDATIONS = TEXTS._replace(title=_("Recommendations"))
# Translators: Answers that States have made public.
PUBLISHED = of_site(_("Published answers"), "published_list", is_anyone)
# Translators: Link and page title: public statistics.
FIGURES = of_site(_("Figures"), "figures", is_anyone)
PRACTICES = of_site(_("Good practices"), "practice_list", is_anyone)
# Translators: Link and page title: directory of focal points.
DIRECTORY = of_site(_("Contact points"), "directory", has_account)
VERIFY = of_site(_("Verify a receipt"), "verify", is_anyone)
# Translators: Group of pages in the menu: texts, answers and figures to read.
READ = MenuGroup(pgettext_lazy("group of pages", "Read"), (TEXTS, PRACTICES, PUBLISHED, FIGURES, DIRECTORY))

TEAM = of_desk(_("Assignments"), "assignment_list", can_read_all).with_pages(
    of_desk(_("People"), "people", can_manage_team),
    of_desk(_("Institutions"), "institution_list", can_read_all),
    of_desk(_("Answers entered by the Secretariat"), "desk_transcriptions", has_transcriptions),
    title=_("Team"),
)

OF_STATE = Menu(
    main=(
        OVERVIEW,
        of_desk(_("Recommendations"), "record_list", can_read_all, is_by_body=True),
        of_desk(_("Evidence"), "evidence_list", can_read_all),
        TEAM,
        of_desk(_("Submissions"), "submission_list", can_read_all).with_pages(
            # Translators: Tab and page title: what a paper quotes of the answers of States.
            of_desk(_("Quotations"), "quotations_of_state", is_quoted),
        ),
        of_desk(_("Report"), "report", can_read_all, is_by_body=True),
    ),
    more=(
        MenuGroup(
            # Translators: Group of pages in the menu.
            pgettext_lazy("group of pages", "Plan"),
            (
                # Translators: Heading and link.
                of_desk(_("Technical assistance"), "assistance", can_read_all),
                of_desk(_("By treaty provision"), "provision_list", can_read_all, is_by_body=True),
            ),
        ),
        MenuGroup(
            # Translators: Group of pages in the menu: files to fill in without a connection.
            _("Work offline"),
            (
                # Translators: Link and page title: a file that was completed elsewhere is uploaded.
                of_desk(_("Upload a returned file"), "returned_file", can_answer_some),
                # Translators: Link and page title: a spreadsheet to fill in without a connection.
                of_desk(_("Offline workbook"), "workbook", can_fill_workbook),
            ),
        ),
        READ,
        MenuGroup(
            # Translators: Group of pages in the menu: what happened.
            pgettext_lazy("group of pages", "Records"),
            (
                of_desk(_("Handover"), "handover", can_read_handover),
                of_desk(_("Audit trail"), "event_list", can_read_trail),
                of_desk(_("Remove identifying information"), "withdrawal_list", can_answer_all),
            ),
        ),
    ),
)
OF_CONTRIBUTOR = Menu(main=(YOUR_ANSWERS, of_desk(_("Evidence"), "evidence_list", can_read_some), RECOMMENDATIONS))
NEEDS = of_site(_("Technical assistance"), "progress_assistance", can_see_progress).with_pages(
    of_site(_("Good practices"), "progress_practices", can_see_progress),
    title=_("Needs and practices"),
)
OF_SECRETARIAT = Menu(
    main=(
        OVERVIEWS,
        of_site(_("Submissions"), "review_queue", is_reviewer, "submission_list"),
        # Translators: Tab and page title: the figures of a reporting round.
        of_site(_("Progress"), "progress", can_see_progress),
        NEEDS,
        RECOMMENDATIONS,
        # Translators: A document of the United Nations.
        of_site(_("Paper"), "progress_paper", can_see_progress).with_pages(
            # Translators: Tab and page title: what a paper quotes of the answers of States.
            of_site(_("Quotations"), "quotation_list", can_quote),
        ),
    ),
    more=(
        MenuGroup(
            pgettext_lazy("group of pages", "Plan"),
            (
                # Translators: Head of a list or a column: States.
                of_site(_("States"), "state_list", can_see_states),
                of_site(_("Rounds"), "round_list", can_manage_rounds),
                of_site(_("Imported papers"), "paper_import_list", can_edit_catalogue),
                of_site(_("Treaty status"), "treaty_act_list", can_edit_catalogue),
            ),
        ),
        MenuGroup(
            # Translators: Group of pages in the menu: files for other people.
            pgettext_lazy("group of pages", "Exchange"),
            (
                of_site(_("Answers of States"), "answers", can_export_answers),
                of_site(_("Answers entered for States"), "transcription_list", is_reviewer),
            ),
        ),
        READ._replace(links=READ.links[1:]),
        MenuGroup(
            pgettext_lazy("group of pages", "Records"),
            (
                # Translators: Link and page title: States name the people who get a role.
                of_site(_("Designations"), "designations", can_manage_people),
                of_site(
                    _("Remove identifying information"),
                    "withdrawal_queue",
                    can_manage_people,
                ),
                of_site(_("Audit trail"), "site_event_list", can_manage_people),
                # Translators: Tab for administrators.
                of_site(_("Administration"), "admin:index", is_staff),
            ),
        ),
    ),
)
OF_SEVERAL_STATES = Menu(main=(OVERVIEWS, RECOMMENDATIONS, PRACTICES, PUBLISHED, FIGURES))
OF_PUBLIC = Menu(main=(RECOMMENDATIONS, FIGURES, PUBLISHED, PRACTICES, VERIFY))

ACCOUNT = (
    # Translators: Link and page title.
    of_site(_("Your account"), "account", has_account),
    # Translators: Title of a page.
    of_site(_("Notifications"), "notifications", has_account),
    of_site(_("Where you are signed in"), "session_list", has_account),
)
FOOT = (
    of_site(_("Help"), "help", is_anyone),
    *READ.links,
    # Translators: Heading and link: files to download.
    of_site(_("Data"), "data", is_anyone),
    VERIFY,
    # Translators: Link and page title.
    of_site(_("Accessibility"), "accessibility", is_anyone),
    # Translators: Link and page title.
    of_site(_("Privacy"), "privacy", is_anyone),
    of_site(_("About the figures"), "about", is_anyone),
)


def menu_for(user: User | AnonymousUser, desk: Respondent | None) -> Menu:
    """Return the menu of a page about a desk, or about none, with the links that open for the reader."""
    if not isinstance(user, User):
        return OF_PUBLIC
    if desk and desk.pk not in user.respondent_ids:
        desk = None
    menu = _menu_of_reader(user, desk)
    groups = menu.more
    if user.is_secretariat and menu is not OF_SECRETARIAT:
        pages = {link.page for link in menu.links}
        others = tuple(link for link in OF_SECRETARIAT.links if link.page not in pages)
        groups = (*groups, MenuGroup(_("Secretariat"), others))
    shown = (MenuGroup(group.title, _open(group.links, user, desk)) for group in groups)
    return Menu(_open(menu.main, user, desk), tuple(group for group in shown if group.links))


def account_links(user: User | AnonymousUser) -> tuple[MenuLink, ...]:
    return _open(ACCOUNT, user) if isinstance(user, User) else ()


def foot_links(user: User | AnonymousUser, menu: Menu) -> tuple[MenuLink, ...]:
    """Return the links of the foot: to what the head does not link."""
    in_head = {link.page for link in menu.links}
    return tuple(link for link in _open(FOOT, user) if link.page not in in_head)


def pages_beside(user: User | AnonymousUser, desk: Respondent | None, menu: Menu, page: str) -> tuple[MenuLink, ...]:
    """Return the pages of the current link of the menu, where it opens several."""
    return next((_open(link.pages, user, desk) for link in menu.main if link.has(page)), ())


def _menu_of_reader(user: User, desk: Respondent | None) -> Menu:
    if desk:
        return OF_STATE if can_read_all(user, desk) else OF_CONTRIBUTOR
    if user.is_secretariat:
        return OF_SECRETARIAT
    return OF_SEVERAL_STATES if user.respondents else OF_PUBLIC


def _open(
    links: Iterable[MenuLink], user: User | AnonymousUser, desk: Respondent | None = None
) -> tuple[MenuLink, ...]:
    return tuple(link for link in links if link.is_open(user, desk))
