import gc
import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tracker.web.process import NEW_OBJECTS, call_with_room, prepare_process

CALLS = 1000


def large_frame() -> tuple:
    return 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, len(())


def pages_mapped_at(depth: int) -> int:
    """Return how many pages of memory are mapped while a function at this depth calls another many times."""
    if depth:
        return pages_mapped_at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _time in range(CALLS):
        large_frame()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def most_pages_mapped() -> int:
    return max(map(pages_mapped_at, range(250)))


def test_what_is_loaded_is_looked_through_no_more_and_what_is_new_less_often():
    threshold = gc.get_threshold()
    try:
        prepare_process()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] == NEW_OBJECTS
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)


def test_two_workers_start_within_four_seconds_of_processor():
    """Single sign-on is not loaded, as no provider is set."""
    shown = "time.process_time(), 'requests' in sys.modules, tracker.wsgi.application"
    code = f"import sys, time, tracker.wsgi; print({shown})"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tracker.settings"}
    started = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    seconds, has_provider, application = started.stdout.split(maxsplit=2)
    assert float(seconds) < 2
    assert has_provider == "False"
    assert "call_with_room" in application


def test_no_depth_is_left_at_which_each_call_maps_memory():
    with ThreadPoolExecutor(1) as thread:  # it has no frames yet
        assert thread.submit(call_with_room, most_pages_mapped).result() < CALLS / 10
