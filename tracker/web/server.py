from typing import Any

from gunicorn import glogging

from tracker.web.logs import LineFormat


class Logger(glogging.Logger):
    """Write the server's own messages, and its access log, in the form of the site."""

    def _set_handler(self, log: Any, output: str | None, fmt: Any, stream: Any = None) -> None:
        super()._set_handler(log, output, LineFormat(), stream)
