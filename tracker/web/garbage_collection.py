import contextlib
import ctypes
import gc

# New objects before a collection: more than the largest page makes, so that a collection during a page is rare.
NEW_OBJECTS = 50_000
C_LIBRARY = ctypes.CDLL(None)
M_ARENA_MAX, HEAPS = -8, 2  # a parameter of glibc


def prepare_process() -> None:
    """Exclude the objects that exist now from collection, which would take a tenth of the time of a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


def share_heaps() -> None:
    """Let all threads share two heaps of the C library: each of 16 would keep what its largest file needed."""
    with contextlib.suppress(AttributeError):  # another C library
        C_LIBRARY.mallopt(M_ARENA_MAX, HEAPS)
