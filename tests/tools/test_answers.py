"""The measure of the file of all answers says what was written, and what that took."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import save_for_xaa
from tests.submissions import opened_round, submit_ready

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_it_says_rows_bytes_time_and_memory(format, xaa, alice, bob, unit):
    save_for_xaa("II.4", measures="An act.", ready=True)
    submission = submit_ready(xaa, opened_round(bob, meetings=[2]), alice)
    said = StringIO()
    call_command("bench", "--answers", format, stdout=said)
    rows, _size, _took, grew = re.fullmatch(
        r"([\d,]+) rows, (\d+) MB, (\d+) s, memory grew by (\d+) MB\n", said.getvalue()
    ).groups()
    assert int(rows) == submission.counts["asked"]
    assert int(grew) < 60


def test_where_nothing_is_submitted_there_is_nothing_to_measure(bob):
    with pytest.raises(CommandError, match="no State has submitted"):
        call_command("bench", "--answers", "csv")
