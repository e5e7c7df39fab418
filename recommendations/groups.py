from collections import defaultdict
from collections.abc import Iterable


def group_pairs[Key, Value](pairs: Iterable[tuple[Key, Value]]) -> defaultdict[Key, list[Value]]:
    """Return the values by key, in their order; no values for a key that no pair has.

    A template that goes through its `items` needs a `dict`: here it would find the key "items".
    """
    found: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
