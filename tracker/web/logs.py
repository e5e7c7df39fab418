"""Write each message of a log as one line: time, level, logger, number of the request, message.

For an error the line has the kind and the calls, and leaves out its message. Messages quote data: PostgreSQL quotes the
whole row that it refuses, Python the value that it cannot read. Rows hold answers, and answers do not belong in a log.
"""

import logging
import re
import secrets
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured

NO_REQUEST = "-"
# The number of the request that this thread answers; gunicorn.conf.py removes it after the line of the access log.
request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)

WELL_FORMED = re.compile(r"[0-9A-Za-z-]{8,64}")
# Control characters, which terminals obey, line separators, and marks that change the order of what is read.
CONTROLS = map(chr, (*range(32), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)))
ESCAPES = {ord(character): repr(character)[1:-1] for character in CONTROLS}


class LineFormat(logging.Formatter):
    """Write line breaks and other control characters as `\\n`, so that no message begins a line of its own."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {request_id} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = request_id.get()
        if record.exc_info and isinstance(record.args, tuple):
            record.args = tuple(map(_leave_out_data, record.args))
        return super().format(record).translate(ESCAPES)

    def formatException(self, ei: Any) -> str:
        return "\n".join(_error_lines(ei[1]))


def choose_request_id(proposed: str) -> str:
    """Return the number that the proxy proposes, or a random one."""
    return proposed if WELL_FORMED.fullmatch(proposed) else secrets.token_hex(16)


def _leave_out_data(argument: object) -> object:
    """Return the kind alone of an error, and of a call with its arguments: Django logs what failed after a commit."""
    return type(argument).__name__ if isinstance(argument, (BaseException, partial)) else argument


def _error_lines(error: BaseException) -> Iterator[str]:
    """Yield the calls that led to an error and its kind, after those of the error that caused it."""
    if earlier := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _error_lines(earlier)
        yield "from which came"
    for call in traceback.extract_tb(error.__traceback__):
        yield f"{call.filename}:{call.lineno} {call.name}"
    yield f"{type(error).__module__}.{type(error).__qualname__}{_cause(error)}"


def _cause(error: BaseException) -> str:
    """Return the number of an error of the system, or the setting that is wrong: neither is data."""
    if isinstance(error, ImproperlyConfigured):
        return f": {error}"
    return f" [errno {error.errno}]" if isinstance(error, OSError) and error.errno else ""
