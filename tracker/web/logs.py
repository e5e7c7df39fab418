"""What the log says of an error: its kind and where it happened, and not its message.

Messages quote what they are about: PostgreSQL the whole row that it refuses, Python the value that it cannot read. Rows
hold answers, and answers do not belong in a log.
"""

import logging
import traceback
from collections.abc import Iterator
from typing import Any


class Formatter(logging.Formatter):
    def formatException(self, ei: Any) -> str:
        return "".join(_told(ei[1])).rstrip()


def _told(error: BaseException) -> Iterator[str]:
    """The calls that led to an error and its kind; what it came from first."""
    if earlier := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _told(earlier)
        yield "from which came\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_number(error)}\n"


def _number(error: BaseException) -> str:
    """The system's number of an error, which says whether the disk is full or the network gone."""
    return f" [errno {error.errno}]" if isinstance(error, OSError) and error.errno else ""
