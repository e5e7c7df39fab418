"""The proof that no answer follows from rounded figures, for a reader who knows the rule and all published answers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.thorough import IS_THOROUGH
from tracker.figures.rounding import FEWEST, STEP, percentages, possible_counts, round_count, round_row, round_share

ANSWERS = 7  # of one recommendation
UNKNOWN = range(FEWEST, FEWEST + 2) if IS_THOROUGH else [FEWEST]
KNOWN = list(combinations_with_replacement(range(STEP), ANSWERS))  # the rule depends on the rest when divided by five
SOME = KNOWN if IS_THOROUGH else KNOWN[::5]


def find_world(row: Sequence[int], known: Sequence[int], asked: int, least: Sequence[int]) -> list[int] | None:
    """Return numbers of States with at least these of each answer that would be shown as this row."""
    for before in rows_before_a_move(row):
        counts = fill(before, known, asked, least)
        if counts and round_row(counts, known) == row:
            return counts
    return None


def rows_before_a_move(row: Sequence[int]) -> Iterator[list[int]]:
    yield list(row)
    for place, moved in product(range(len(row)), (STEP, -STEP)):
        yield [figure + moved * (place == other) for other, figure in enumerate(row)]


def fill(row: Sequence[int], known: Sequence[int], asked: int, least: Sequence[int]) -> list[int] | None:
    unknown = asked - sum(known)
    possible = [possible_counts(figure, of_known, unknown) for figure, of_known in zip(row, known, strict=True)]
    if not all(possible):
        return None
    counts = [max(least[place], counts[0]) for place, counts in enumerate(possible)]
    for place, of_answer in enumerate(possible):
        counts[place] += max(0, min(asked - sum(counts), of_answer[-1] - counts[place]))
    is_possible = all(count in of_answer for count, of_answer in zip(counts, possible, strict=True))
    return counts if is_possible and sum(counts) == asked else None


def add(counts: Sequence[int], place: int | None) -> list[int]:
    return [count + (place == other) for other, count in enumerate(counts)]


def assert_nothing_follows(row: list[int], known: Sequence[int], asked: int) -> None:
    """For a reader, and for each State covered that knows its own answer: each other State that did not publish may
    have given every answer, and may have given another.
    """
    for own in (None, *range(len(known))):
        least = add(known, own)
        if find_world(row, known, asked, least) is None:
            continue  # no State has this answer
        may_be = [answer for answer in range(len(known)) if find_world(row, known, asked, add(least, answer))]
        assert may_be == list(range(len(known))), (row, known, asked, own)


def distribute(total: int, places: int) -> Iterator[list[int]]:
    if places == 1:
        yield [total]
        return
    for first in range(total + 1):
        for others in distribute(total - first, places - 1):
            yield [first, *others]


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_no_answer_follows_from_any_small_row(unknown):
    """All rows of seven answers, those that are moved included."""
    for known in SOME:
        rows = {tuple(round_row(add_all(known, of), known) or ()) for of in distribute(unknown, ANSWERS)}
        for row in rows:
            assert_nothing_follows(list(row), known, sum(known) + unknown)


def add_all(counts: Sequence[int], others: Sequence[int]) -> list[int]:
    return [count + other for count, other in zip(counts, others, strict=True)]


def counts_of(most: int):
    return st.lists(st.integers(0, most), min_size=ANSWERS, max_size=ANSWERS)


@given(known=counts_of(40), unknown=counts_of(8) | counts_of(60))
def test_no_answer_follows_from_any_row(known, unknown):
    counts = add_all(known, unknown)
    row = round_row(counts, known)
    assert (row is None) == (sum(unknown) < FEWEST)
    if row:
        assert {figure % STEP for figure in row} == {0}
        assert min(row) >= 0
        assert_nothing_follows(row, known, sum(counts))


def test_a_row_of_five_unknown_answers_is_left_out():
    assert round_row([5, 0, 3], [0, 0, 3]) is None
    assert round_row([6, 0, 3], [0, 0, 3]) == [5, 0, 5]


def test_attack_zero_and_all_name_every_state():
    """Thirty-six of 36 and 34 of 36 are shown alike, and so are none and two."""
    assert round_row([36, 0, 0, 0, 0, 0, 0], [0] * 7) == round_row([34, 1, 1, 0, 0, 0, 0], [0] * 7)
    assert round_row([30, 2, 2, 2, 0, 0, 0], [0] * 7) == round_row([30, 0, 0, 0, 2, 2, 2], [0] * 7)


def test_a_figure_that_would_fix_the_others_is_moved():
    """Of six States three and three round to 5 and 5, which no other six States would."""
    assert [round_count(count, 0, 6) for count in (0, 3, 3)] == [0, 5, 5]
    assert round_row([0, 3, 3], [0, 0, 0]) == [0, 0, 5]


@given(rows=st.lists(counts_of(60), min_size=1, max_size=5))
def test_percentages_are_of_the_sum_of_what_is_shown(rows):
    whole = sum(map(sum, rows))
    shares = percentages(rows)
    assert (shares is None) == (whole == 0)
    if shares:
        assert shares == [int(100 * sum(column) / whole + 0.5) for column in zip(*rows, strict=True)]


# The share of answers that were confirmed as still correct

type Confirmations = tuple[tuple[bool, ...], ...]  # of each State, by answer


@pytest.mark.parametrize("answers", [(2, 2, 2, 2, 2), (1, 2, 2, 2, 2, 1)])
@pytest.mark.parametrize(("published", "new"), [((0, 0), 0), ((7, 0), 0), ((0, 13), 3)])
def test_attack_a_state_subtracts_its_own_confirmations(answers, published, new):
    """Whatever it sees, each other State may have confirmed each answer, and may have not.

    All States know how many answers of others were published, are new, or could be confirmed.
    """
    worlds = [split(flags, answers) for flags in product((False, True), repeat=sum(answers))]
    shares = {world: share_of(world, published, new, max(answers)) for world in worlds}
    seen: defaultdict[tuple, list[Confirmations]] = defaultdict(list)
    for world, share in shares.items():
        for state in range(len(answers)):
            seen[share, state, world[state]].append(world[:state] + world[state + 1 :])
    for possible in seen.values():
        for of_one_answer in zip(*(sum(world, ()) for world in possible), strict=True):
            assert {*of_one_answer} == {False, True}
    assert {share is None for share in shares.values()} == {False, True}


def split(flags: tuple[bool, ...], answers: tuple[int, ...]) -> Confirmations:
    return tuple(flags[sum(answers[:place]) : sum(answers[: place + 1])] for place in range(len(answers)))


def share_of(world: Confirmations, published: tuple[int, int], new: int, most: int) -> int | None:
    confirmed = sum(map(sum, world))
    unknown = confirmed, sum(map(len, world)) - confirmed
    return round_share([unknown[0] + published[0], unknown[1] + published[1] + new], unknown, most)


def test_a_share_is_a_multiple_of_five_per_cent():
    counts = ((12, 88), (13, 87), (50, 50), (98, 2))
    assert [round_share(count, [4, 4], most=2) for count in counts] == [10, 15, 50, 100]


def test_a_share_that_one_state_could_fix_is_left_out():
    """Nothing and all that could be confirmed is never shown."""
    unknown = ((0, 30), (3, 30), (30, 3), (30, 0), (0, 0))
    assert [round_share([50, 50], of, most=2) for of in unknown] == [None] * 5
