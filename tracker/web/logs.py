"""The log names the kind of an error and where it happened, and leaves out its message.

Messages quote data: PostgreSQL quotes the whole row that it refuses, Python the value that it cannot read. Rows hold
answers, and answers do not belong in a log.
"""

import logging
import traceback
from collections.abc import Iterator
from typing import Any


class ErrorFormat(logging.Formatter):
    def formatException(self, ei: Any) -> str:
        return "".join(_error_lines(ei[1])).rstrip()


def _error_lines(error: BaseException) -> Iterator[str]:
    """Yield the calls that led to an error and its kind, after those of the error that caused it."""
    if earlier := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _error_lines(earlier)
        yield "from which came\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_number(error)}\n"


def _number(error: BaseException) -> str:
    return f" [errno {error.errno}]" if isinstance(error, OSError) and error.errno else ""
