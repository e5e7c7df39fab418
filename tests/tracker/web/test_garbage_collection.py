import gc

from tracker.web.garbage_collection import NEW_OBJECTS, prepare_process


def test_what_is_loaded_is_looked_through_no_more_and_what_is_new_less_often():
    threshold = gc.get_threshold()
    try:
        prepare_process()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] == NEW_OBJECTS
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
