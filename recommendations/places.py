"""Make or read few files at once: one that needs much time or memory is made in a place, for which others wait.

The other threads of a process stay free for pages.
"""

import contextlib
import ctypes
import gc
from collections.abc import Iterator
from threading import BoundedSemaphore

# Files that one process makes or reads at once, requests that may wait for them, and seconds for which they wait.
AT_ONCE, WAITING, PATIENCE = 2, 6, 10
C_LIBRARY = ctypes.CDLL(None)

_places = BoundedSemaphore(AT_ONCE)
_queue = BoundedSemaphore(AT_ONCE + WAITING)


class Busy(Exception):
    """As many files are in work as a process may make or read at once."""


@contextlib.contextmanager
def place_for_file() -> Iterator[None]:
    """Wait for a place; raise Busy where too many wait, or for too long."""
    if not _queue.acquire(blocking=False):
        raise Busy
    try:
        if not _places.acquire(timeout=PATIENCE):
            raise Busy
        try:
            yield
        finally:
            _return_memory()
            _places.release()
    finally:
        _queue.release()


def _return_memory() -> None:
    """Return to the system what the file needed: young objects that name each other, such as texts and their items, and
    what the C library keeps of freed memory.
    """
    gc.collect(1)
    with contextlib.suppress(AttributeError):  # another C library
        C_LIBRARY.malloc_trim(0)
