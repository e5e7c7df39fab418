"""Pages of a real browser, and what is done on them by hand."""

import contextlib
import os
import threading
from collections import defaultdict
from urllib.request import urlopen

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.dispatch import receiver
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.client import Client
from tests.conftest import PASSWORD
from tests.thorough import IS_THOROUGH, in_turn
from tracker.models import User

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the test

PATIENCE = 10_000  # milliseconds, on a machine that does something else besides
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,
}
MEASURED = ("color-contrast", "link-in-text-block", "target-size")  # rules that take most of the time
# Without JavaScript no timer runs, and axe waits for one between its rules.
RUN_AXE = """(options) => {
  if (matchMedia('(scripting: none)').matches) window.setTimeout = (task) => { Promise.resolve().then(task) }
  return axe.run(options).then((results) => results.violations)
}"""
# A page has few colours, and axe parses that of each element and of what lies behind it: a third of its time.
PARSE_COLOURS_ONCE = """() => {
  const { Color } = axe.commons.color, parse = Color.prototype.parseString, parsed = new Map()
  Color.prototype.parseString = function (text) {
    if (!parsed.has(text)) parsed.set(text, new Color(parse.call(this, text)))
    const { r, g, b, alpha } = parsed.get(text)
    return Object.assign(this, { r, g, b, alpha })
  }
}"""
FREE: dict[bool, list[BrowserContext]] = {True: [], False: []}  # contexts with and without JavaScript
MOST_FREE = 3  # of each
ANSWERING: set[threading.Thread] = set()  # that answer a request just now
CHANGES = threading.Condition()  # of ANSWERING

expect.set_options(timeout=PATIENCE)

# Both widths, and with and without JavaScript.
everywhere = pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)], ids=str)
at_both_widths = pytest.mark.parametrize("width", [1280, 320])
FORMS = {"width", "javascript"}


def pytest_itemcollected(item):
    """Mark each test here: it has a browser, and commits, since the server is another thread."""
    item.add_marker("browser")
    item.add_marker(pytest.mark.django_db(transaction=True))


def pytest_collection_modifyitems(config, items):
    """Of tests that are run at several widths, or with and without JavaScript, keep by default one form, in turn."""
    forms = defaultdict(list)
    for item in items:
        if item.get_closest_marker("browser") and hasattr(item, "callspec") and item.callspec.params.keys() <= FORMS:
            forms[item.function].append(item)
    kept = {item for place, several in enumerate(forms.values()) for item in in_turn(several, place)}
    left_out = [item for several in forms.values() for item in several if item not in kept]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def open_page(chromium, live_server):
    """Open pages of a width, with or without JavaScript; an error in the console fails the test. A context is used
    again, with what it has cached, unless `is_first` asks for a new one.
    """
    taken, errors = [], []

    def open_(width: int = 1280, javascript: bool = True, is_first: bool = False) -> Page:
        free = FREE[javascript]
        context = free.pop() if free and not is_first else _new_context(chromium, live_server.url, javascript)
        taken.append((free, context))
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if _is_ours(message) else None)
        page.set_default_timeout(PATIENCE)
        return page

    yield open_
    for free, context in taken:
        _clear(context)
        if len(free) == MOST_FREE or _has_clock_of_test(context):
            context.close()
        else:
            free.append(context)
    _await_what_was_sent_last(live_server.thread)
    assert errors == []


@pytest.fixture
def visit(open_page):
    """Open an address as a person, signed in already, or for None as anybody; the rest is as for `open_page`."""

    def visit_(person: User | None, path: str, *args, **kwargs) -> Page:
        page = enter(open_page(*args, **kwargs), person)
        page.goto(path)
        return page

    return visit_


def _new_context(chromium: Browser, url: str, javascript: bool) -> BrowserContext:
    """Its first page stays open, so that the process that renders stays too."""
    context = chromium.new_context(base_url=url, java_script_enabled=javascript)
    context.new_page().goto("/livez")
    return context


def _clear(context: BrowserContext) -> None:
    """Close what a test opened, and forget what it stored."""
    first, *others = context.pages
    for page in others:
        with contextlib.suppress(Error):  # it has opened the next page just now
            page.evaluate("stop()")  # a page that is closed while it opens another is waited for without end
        page.close()
    context.clear_cookies()
    context.set_offline(False)
    first.evaluate("localStorage.clear()")


def _has_clock_of_test(context: BrowserContext) -> bool:
    return "native code" not in context.pages[0].evaluate("String(setTimeout)")


def _await_what_was_sent_last(server) -> None:
    """A page that closes still sends what was typed: it is answered before the tables are put back."""
    with urlopen(f"http://{server.host}:{server.port}/livez"):  # whoever knocked before has been let in
        pass
    with CHANGES:
        assert CHANGES.wait_for(lambda: not ANSWERING - {threading.main_thread()}, timeout=10)


@receiver(request_started)
def _begin(**_kwargs) -> None:
    with CHANGES:
        ANSWERING.add(threading.current_thread())


@receiver(request_finished)
def _end(**_kwargs) -> None:
    with CHANGES:
        ANSWERING.discard(threading.current_thread())
        CHANGES.notify()


def _is_ours(message) -> bool:
    """A refused answer (409, 403, 404) also stands in the console as an error, and is none of the page's; so is what
    htmx says of one that never came.
    """
    others = ("Failed to load resource", "htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
    return message.type == "error" and not any(other in message.text for other in others)


def sign_in(page: Page, email: str, at: str = "/accounts/login/") -> None:
    """By hand, at the address of a page for signing in."""
    page.goto(at)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    page.wait_for_url(lambda url: "/login/" not in url)


def enter(page: Page, user: User | None) -> Page:
    """Signed in already, or signed out again."""
    page.context.clear_cookies()
    if not user:
        return page
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}])
    return page


def violations(page: Page, is_measured: bool = IS_THOROUGH) -> list[str]:
    """What axe finds wrong (WCAG 2.2 AA), a line each, once the page is there. By default test_accessibility.py alone
    has colours and boxes measured.
    """
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
        page.evaluate(PARSE_COLOURS_ONCE)
    found = page.evaluate(RUN_AXE, WCAG | {"rules": {rule: {"enabled": is_measured} for rule in MEASURED}})
    return [
        f"{page.url} {one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def is_sound(page: Page) -> bool:
    """Nothing for axe to find, and nothing that does not fit the window."""
    assert violations(page) == []
    return not scrolls_sideways(page)


def press(page: Page, name: str) -> None:
    """A button of the page itself."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def open_menu(page: Page) -> None:
    """On a telephone; on a wide screen it is always open."""
    if page.locator(".menu:not([open]) > .menu-button").is_visible():
        page.locator(".menu-button").click()


def tab(page: Page, name: str) -> None:
    """A link of the main menu, also one under More."""
    open_menu(page)
    menu = page.get_by_role("navigation", name="Main menu")
    if menu.get_by_role("link", name=name, exact=True).count() == 0:
        menu.locator("summary").click()
    menu.get_by_role("link", name=name, exact=True).click()


def sign_out(page: Page) -> None:
    open_menu(page)
    page.locator(".account > summary").click()
    page.get_by_role("button", name="Sign out").click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def open_item(page: Page, label: str) -> None:
    """One of the answers that are read, whose section may be folded."""
    section = page.locator(".review-section", has=page.locator(f"bdi:text-is('{label}')"))
    if section.get_attribute("open") is None:
        section.locator("summary").click()
    section.get_by_role("link", name=label).click()
