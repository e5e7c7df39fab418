"""No count of fewer than five is told, nor can one be worked out of what is told."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.figures.suppression import CountLine, NotShown, View, suppress

SIDES = st.integers(1, 3)


@st.composite
def tables(draw) -> list[list[int]]:
    rows, columns = draw(SIDES), draw(SIDES)
    return [[draw(st.integers(0, 9)) for _column in range(columns)] for _row in range(rows)]


def lines_of(table: list[list[int]]) -> tuple[dict, list[CountLine]]:
    """The counts of a table with a row of totals, by place, and its lines; what each row is over is known."""
    totals = [sum(column) for column in zip(*table, strict=True)]
    rows = [*table, totals]
    counts = {(row, column): count for row, cells in enumerate(rows) for column, count in enumerate(cells)}
    places = range(len(totals))
    across = [CountLine([(row, column) for column in places]) for row in range(len(rows))]
    down = [CountLine([(row, column) for row in range(len(table))], (len(table), column)) for column in places]
    return counts, [*across, *down]


def hidden_in(counts: dict, lines: list[CountLine]) -> set:
    """Hide what is of few where each count is one of a State of its own; a total has the States of its parts."""
    shares = {place: {(place, state): 1 for state in range(count)} for place, count in counts.items()}
    for line in lines:
        if line.total is not None:
            shares[line.total] = {state: 1 for part in line.parts for state in shares[part]}
    return {*suppress([View(NotShown.FEW, shares)], lines)}


def possible(counts: dict, lines: list[CountLine], back: set) -> list[dict]:
    """Every world in which everybody would be told the same: kept back are counts of one or more."""
    back_in_order = sorted(back)
    known = [(line, sum(counts[part] for part in line.parts)) for line in lines if line.total is None]
    limit = max((total for _line, total in known), default=0)
    found = []
    for guess in product(range(1, limit + 1), repeat=len(back)):
        world = counts | dict(zip(back_in_order, guess, strict=True))
        fits = all(sum(world[part] for part in line.parts) == total for line, total in known)
        if fits and all(
            sum(world[part] for part in line.parts) == world[line.total] for line in lines if line.total is not None
        ):
            found.append(world)
    return found


@given(table=tables())
def test_a_small_count_is_never_told(table):
    counts, lines = lines_of(table)
    back = hidden_in(counts, lines)
    assert {place for place, count in counts.items() if 0 < count < 5} <= back


@given(table=tables())
def test_what_is_kept_back_of_a_line_leaves_more_than_one_answer(table):
    counts, lines = lines_of(table)
    back = hidden_in(counts, lines)
    for line in lines:
        hidden = [counts[part] for part in line.parts if part in back]
        everything = sum(counts[part] for part in line.parts)
        if line.total in back:
            assert hidden
        elif hidden and everything >= 10:
            assert len(hidden) > 1
            assert sum(hidden) >= 5


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([[8, 9, 7]], [[8, 9, 7], [8, 9, 7]]),
        ([[3, 9, 7]], [[None, 9, None], [None, 9, None]]),
        ([[0, 9, 7]], [[0, 9, 7], [0, 9, 7]]),
        ([[1, 1, 9], [9, 9, 9]], [[None, None, None], [None, None, None], [10, 10, 18]]),
        ([[6, 0], [1, 5]], [[6, 0], [None, None], [None, None]]),  # everybody knows the 6: it is all of its row
        ([[1, 1, 5]] * 3, [[None] * 3] * 4),  # a total of 15 would tell that each row has as many as it can
    ],
)
def test_the_smallest_that_would_tell_it_is_kept_back_too(table, told):
    counts, lines = lines_of(table)
    back = hidden_in(counts, lines)
    assert [
        [None if (row, column) in back else counts[row, column] for column in range(len(table[0]))]
        for row in range(len(table) + 1)
    ] == told


@pytest.mark.parametrize("table", [[[3, 6], [6, 7]], [[2, 6], [5, 3], [7, 6]]])
def test_in_every_world_that_fits_what_is_told_a_small_count_may_be_another(table):
    counts, lines = lines_of(table)
    back = hidden_in(counts, lines)
    worlds = possible(counts, lines, back)
    for place, count in counts.items():
        if 0 < count < 5:
            assert len({world[place] for world in worlds}) > 1


def test_what_an_earlier_release_does_not_show_counts_as_not_shown_in_its_view():
    """Each part, and the total, changed by five States; the first two together by two, and so far they were hidden."""
    changes = {
        "a": {1: 1, 2: 1, 3: 1, 4: 1, 5: 1},
        "b": {1: -1, 2: -1, 3: -1, 4: -1, 6: 1},
        "c": {5: -1, 6: -1, 7: 1, 8: 1, 9: 1},
        "d": {20: 1, 21: 1, 22: 1, 23: 1, 24: 1},
    }
    changes["all"] = dict.fromkeys((7, 8, 9, 20, 21, 22, 23, 24), 1)
    counted = View(NotShown.FEW, {key: dict.fromkeys(range(30), 4 if key == "all" else 1) for key in changes})
    line = CountLine(["a", "b", "c", "d"], "all")
    assert suppress([counted, View(NotShown.EARLIER, changes, set())], [line]) == {}
    hidden = suppress([counted, View(NotShown.EARLIER, changes, {"a", "b"})], [line])
    assert set(hidden.values()) == {NotShown.OTHER}
    rest = View(NotShown.EARLIER, changes).sum_of({"a", "b", *hidden} - {"all"})
    assert "all" in hidden or sum(share != 0 for share in rest.values()) not in (1, 2, 3, 4)


def test_a_total_is_shown_where_the_parts_of_a_line_show_that_it_is_zero():
    by_region, by_theme = CountLine(["few", "many"], "all"), CountLine(["one", "two"], "all")
    nobody = [View(NotShown.FEW, {})]
    assert suppress(nobody, [by_region, by_theme], ["few"]) == {"few": NotShown.FEW}
    ten = [View(NotShown.FEW, {"answered": dict.fromkeys(range(10), 1)})]
    assert suppress(ten, [by_region, by_theme, CountLine(["all", "answered"])], ["few"]) == {"few": NotShown.FEW}
    assert suppress(nobody, [by_region], ["few"]) == {"few": NotShown.FEW, "all": NotShown.OTHER}
    assert suppress(nobody, [by_region, by_theme], ["few", "one"]) == {
        "few": NotShown.FEW,
        "one": NotShown.FEW,
        "all": NotShown.OTHER,
    }
