"""Stories have the pages of the browser tests."""

from tests.browser.conftest import open_page as open_page
from tests.browser.conftest import pytest_itemcollected as pytest_itemcollected
from tests.browser.conftest import visit as visit
