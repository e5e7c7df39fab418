"""The one Chromium of a test process, for browser tests and stories: Playwright starts only once in a process."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.thorough import IS_THOROUGH

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # all pages of a context in one process, which has compiled the scripts already
    "--disable-site-isolation-trials",
    "--js-flags=--single-threaded",  # no core is free for another thread: a seventh less time of the processor
]


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, which shows no window. Tests are skipped where there is none, but not in CI."""
    if CHROMIUM is None and not IS_THOROUGH:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
