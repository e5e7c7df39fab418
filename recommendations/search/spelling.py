"""Find the words nearest to a word with a typing error."""

from collections.abc import Iterable

SHORTEST = 5  # letters of a word that is corrected
LONG = 8  # letters of a word that may have two errors, or an error in its first letter


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words with the fewest errors, at most one in a short word and two in a long one."""
    most = 0 if len(word) < SHORTEST else 1 if len(word) < LONG else 2
    if not most:
        return []
    letters = set(word)
    found: dict[str, int] = {}
    for other in known:
        if (
            (len(word) >= LONG or other[0] == word[0])
            and abs(len(other) - len(word)) <= most
            and len(letters.symmetric_difference(other)) <= 2 * most
            and (errors := count_errors(word, other, most)) <= most
        ):
            found[other] = errors
    fewest = min(found.values(), default=0)
    return sorted(other for other, errors in found.items() if errors == fewest)


def count_errors(word: str, other: str, most: int) -> int:
    """Count letters left out, added, replaced, or exchanged with the next one; stop above `most`."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(word, 1):
        current = [row]
        for column, letter_of_other in enumerate(other, 1):
            errors = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != letter_of_other))
            if row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == letter_of_other:
                errors = min(errors, before[column - 2] + 1)
            current.append(errors)
        if min(current) > most:
            return most + 1
        before, last = last, current
    return last[-1]
