"""Stories have the pages of the browser tests."""

from tests.browser.conftest import open_page as open_page
