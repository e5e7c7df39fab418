import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.spreadsheets import mark_as_text, remove_mark

ODD = st.text(alphabet="=+-@'\t\r\n; a\uff1d", max_size=12)


@given(cell=st.text(max_size=20) | ODD)
def test_a_cell_comes_back_as_it_was_written(cell):
    assert remove_mark(mark_as_text(cell)) == cell


@given(cell=st.text(max_size=20) | ODD)
def test_no_part_of_a_cell_begins_as_a_formula_does(cell):
    marked = mark_as_text(cell)
    assert marked[:1] not in {*"=+-@\t\r\n\uff1d"}
    assert [part for part in re.split("[;\t\r\n]", marked) if part.startswith(("=", "+", "-", "@", "\uff1d"))] == []


@pytest.mark.parametrize(
    ("written", "marked"),
    [
        ("Law No. 17", "Law No. 17"),
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("one\n- two", "one\n'- two"),
        ("one;=two", "one;'=two"),
        ("one\n\ntwo; three", "one\n\ntwo; three"),
        ("a-b = c", "a-b = c"),
    ],
)
def test_an_apostrophe_precedes_the_start_of_a_formula(written, marked):
    assert mark_as_text(written) == marked
