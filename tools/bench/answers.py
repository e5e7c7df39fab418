"""How large, how slow and how hungry the files of all answers are, as an officer of the Secretariat downloads them."""

import resource
import tempfile
import time

from tools.bench.rows import MissingRows
from tracker.documents.answers import standing, workbook, write_csv
from tracker.models import Membership
from tracker.models.user import Role

MEGABYTE = 1024 * 1024
FORMATS = {"csv": write_csv, "xlsx": lambda submissions, file: workbook(submissions, "Measured", file)}


def measure_answers(format: str) -> str:
    """Return rows, size, time and the growth of memory, without the child process. Raises MissingRows."""
    reviewer = Membership.objects.current().filter(role=Role.REVIEWER).select_related("user").first()
    before, start = _process_size(), time.perf_counter()
    found = standing(reviewer.user) if reviewer else []
    if not found:
        raise MissingRows
    with tempfile.TemporaryFile() as file:
        FORMATS[format](found, file)
        size = file.seek(0, 2)
    duration, growth = time.perf_counter() - start, _process_size() - before
    rows = sum(submission.counts["asked"] for submission in found)
    return f"{rows:,} rows, {size / MEGABYTE:.0f} MB, {duration:.0f} s, memory grew by {growth / MEGABYTE:.0f} MB"


def _process_size() -> int:
    """Return the most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
