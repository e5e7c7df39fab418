"""What a process does so that a page takes less of its time."""

import gc
from collections.abc import Callable
from typing import Any

# New objects before a collection: more than the largest page makes, so that a collection during a page is rare.
NEW_OBJECTS = 50_000


def prepare_process() -> None:
    """Exclude the objects that exist now from collection, which would take a tenth of the time of a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


def call_with_room(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function inside a frame that is large.

    CPython keeps frames in chunks of 16 KB. At some depths the calls of a page go to and fro over the edge of one, and
    each time it is mapped and unmapped, which can double the time. After a large frame one chunk has room for all.
    Python 3.13.13, 3.14.4 and 3.15 keep a chunk: this goes when no earlier one is supported.
    """
    return function(*args, **kwargs)


call_with_room.__code__ = call_with_room.__code__.replace(co_stacksize=40_000)
