"""Verification in tests, which make people and States directly and without events."""

import contextlib
import re
from collections.abc import Callable, Iterator

import pytest

from tracker.actions.event import record_loaded
from tracker.audit import integrity, rows, verification
from tracker.audit.rows import KINDS, name_of, read_rows
from tracker.models import EventRow

OWN_KINDS = [noun for noun, kind in KINDS.items() if kind.model._meta.app_label != "recommendations"]
UNKNOWN_FORM = "form 2 is unknown: a newer version of this site can verify it"
MADE_BY_TESTS = re.compile(r"(membership|person|respondent|second-factor) .+: no event names it")


def find_errors() -> list[str]:
    """Return what verification finds, except people and States that no event names."""
    return _leave_out_of_tests(verification.find_errors())


def first_of(find: Callable[[], Iterator[str]]) -> str:
    with contextlib.closing(find()) as found:
        return next(found, "")


def first_fault() -> str:
    """Return the first thing that verification finds, of whatever rows."""
    return first_of(verification.find_errors)


def find_errors_with_files() -> list[str]:
    return _leave_out_of_tests(integrity.find_errors())


@pytest.fixture
def verified_after(db):
    """After the test every row that an event names is as the event left it, except those of the catalogue."""
    yield
    if errors := _leave_out_of_tests(rows.find_errors(OWN_KINDS)):
        pytest.fail("\n".join(errors))


def _leave_out_of_tests(errors) -> list[str]:
    return [error for error in errors if not MADE_BY_TESTS.fullmatch(error)]


def name_rows() -> None:
    """Write the event of the rows that a test made, as a command writes it that loads rows."""
    named = set(EventRow.everyones.values_list("name", flat=True))
    made = [row for noun in OWN_KINDS for row in read_rows(KINDS[noun].model)]
    record_loaded([row for row in made if name_of(row) not in named])
