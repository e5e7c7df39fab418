"""The files that this process has open."""

import gc
import os


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def open_files_before() -> int:
    """Count them after those in garbage of earlier tests were closed, as a collection could do during this test."""
    gc.collect()
    return open_files()
