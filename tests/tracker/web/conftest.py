import io
import logging

import pytest

from tracker.web.logs import LineFormat


@pytest.fixture
def log():
    """What the site's one handler writes."""
    handler = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, LineFormat))
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)
