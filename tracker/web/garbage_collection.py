"""How Python's collector of reference cycles goes about a process that answers requests."""

import gc

# How many objects are new before it looks among them: more than the largest page makes, so seldom amid one.
NEW_OBJECTS = 50_000


def spare_what_is_loaded() -> None:
    """What has been loaded by now stays as long as the process: it is not looked through again and again, which would
    be a tenth of the time of a page and half of that of an unlucky one.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
