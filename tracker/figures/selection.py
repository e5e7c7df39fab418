"""Say what a figure counts. The figure carries its selection, and the address of the list behind it is the selection.

A selection is of one round, or of what two rounds have in common.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from tracker.models import RoundUnit
from tracker.models.status import CONSIDERED, NO_INFORMATION

ANSWERED = "answered"
ANY = "any"
SHARED = "shared"
EMPTY = "-"  # in an address: the units without a theme, the States without a regional group, …


def theme_of(entry: RoundUnit) -> tuple[str, str]:
    """Return slug and name of the primary theme recorded when the round opened; empty without a theme."""
    slug, name = entry.themes[0] if entry.themes else ("", "")
    return slug, name


# What of a unit a selection names, by its parameter. A unit may have several families.
KEY_OF_UNIT: dict[str, Callable[[RoundUnit], str]] = {
    "theme": lambda entry: theme_of(entry)[0],
    "meeting": lambda entry: entry.unit.meeting.code,
    "strength": lambda entry: entry.unit.strength,
    "unit": lambda entry: entry.unit.slug,
}


class Selection(NamedTuple):
    """Hold the parameters of an address. None is no choice; an empty value is a choice, such as no theme.

    `of`: `answers`, or the `states` or `respondents` that have some; `standing`: which States (STANDINGS of
    figures/progress.py). Of two rounds, `status` is in the later and `before` in the `earlier` round.
    """

    round: str
    earlier: str | None = None
    of: str = "answers"
    standing: str = "counted"
    region: str | None = None
    state: str | None = None
    theme: str | None = None
    family: str | None = None
    meeting: str | None = None
    strength: str | None = None
    unit: str | None = None
    status: str | None = None
    before: str | None = None
    change: str | None = None
    reason: str | None = None
    need: str | None = None
    practice: str | None = None

    @property
    def query(self) -> str:
        """Return the query of the address, without the default values."""
        chosen = zip(self._fields, self, strict=True)
        return urlencode([(name, value or EMPTY) for name, value in chosen if value != DEFAULTS.get(name)])

    @property
    def is_of_answers(self) -> bool:
        """Return whether it depends on the answers of the States: not on what they submitted alone."""
        return self.of == "answers" or self.is_narrowed or any(self.units)

    @property
    def is_narrowed(self) -> bool:
        """Return whether it depends on what the answers say."""
        said = (self.status, self.before, self.change, self.reason, self.need, self.practice)
        return any(value is not None for value in said)

    @property
    def units(self) -> tuple[str, ...]:
        """Return the parameters in use that choose units."""
        return tuple(name for name in (*KEY_OF_UNIT, "family") if getattr(self, name) is not None)

    def with_states(self, standing: str, region: str | None = None) -> "Selection":
        """Select the States of the round with this standing, whatever their answers."""
        return Selection(self.round, of="states", standing=standing, region=region)

    def has_unit(self, entry: RoundUnit) -> bool:
        return all(
            self.family in dict(entry.families) if name == "family" else KEY_OF_UNIT[name](entry) == getattr(self, name)
            for name in self.units
        )


DEFAULTS = Selection._field_defaults


def read_selection(query: Mapping[str, str], round_code: str) -> Selection:
    """Read the query of an address. Its values are not checked: what is unknown selects nothing."""
    chosen = {name: "" if query[name] == EMPTY else query[name] for name in Selection._fields if query.get(name)}
    return Selection(**{**chosen, "round": round_code})


def is_status(chosen: str | None, kind: str) -> bool:
    """Return whether a chosen status has this kind of answer (ANSWERS of figures/answers.py)."""
    if chosen is None or chosen == kind:
        return True
    if chosen == ANSWERED:
        return kind != NO_INFORMATION
    return chosen == CONSIDERED and kind.startswith("considered")
