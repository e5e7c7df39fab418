"""Read the public figures of a release. They name no State, and what is not shown has a reason (suppression.py)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Body, Meeting
from tracker.figures.answers import ANSWERS
from tracker.figures.progress import REGIONS, STRENGTHS, RoundProgress, release_progress
from tracker.figures.release import ALL, MEASURES, Group
from tracker.figures.suppression import NotShown
from tracker.models import Release
from tracker.models.status import NO_INFORMATION

SUPPRESSED = "not_told"


class PublicCounts(NamedTuple):
    """Hold the counts of a group by kind of answer (ANSWERS) and by what else it has (MEASURES). A count that is not
    shown is None.
    """

    total: int | None
    counts: dict[str, int | None]
    others: Mapping[str, int | None] = {}

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Return `total` and then the kinds of answer, for a row of a table."""
        return self.total or None, *self.counts.values()

    @property
    def answered(self) -> int | None:
        none = self.counts[NO_INFORMATION]
        return None if self.total is None or none is None else self.total - none


class PublicRow(NamedTuple):
    """`states` is the number of States covered in a regional group, None where it is not shown."""

    kind: str
    slug: str
    of: str | Promise | Meeting
    counts: PublicCounts
    states: int | None = None

    @property
    def is_shown(self) -> bool:
        return self.counts.total is not None

    @property
    def parts(self) -> dict[str, int]:
        """Return for a bar the counts that are shown, and the sum of the counts that are not."""
        total, none = self.counts.total, self.counts.counts[NO_INFORMATION] or 0
        if total is None:
            return {}
        shown = {code: count for code, count in self.counts.counts.items() if count and code != NO_INFORMATION}
        return shown | {SUPPRESSED: total - sum(shown.values()) - none, NO_INFORMATION: none}


@dataclass(frozen=True)
class PublicFigures:
    release: Release

    @cached_property
    def counts(self) -> dict[Group, PublicCounts]:
        return {group: _counts(row) for group, row in self._rows.items()}

    @cached_property
    def _rows(self) -> dict[Group, dict]:
        return {(row["group_kind"], row["group"]): row for row in self.release.figures}

    @cached_property
    def not_shown(self) -> list[tuple[NotShown, int]]:
        """Count the figures that are not shown, by reason."""
        counts = Counter(value for row in self.release.figures for value in row.values() if value in NotShown)
        return [(reason, counts[reason]) for reason in NotShown if counts[reason]]

    @property
    def shown(self) -> int:
        return sum(isinstance(value, int) for row in self.release.figures for value in row.values())

    @cached_property
    def overall(self) -> PublicRow:
        return self._row(ALL, _("All States"))

    @property
    def by_theme(self) -> list[PublicRow]:
        return [self._row(group, self._rows[group]["group_name"]) for group in self._groups("theme")]

    @cached_property
    def by_meeting(self) -> list[PublicRow]:
        meetings = {meeting.code: meeting for meeting in self.release.round.body.meetings.all()}
        return [self._row(group, meetings[group[1]]) for group in self._groups("meeting")]

    @property
    def by_region(self) -> list[PublicRow]:
        return self._named("regional_group", REGIONS)

    @property
    def by_strength(self) -> list[PublicRow]:
        return self._named("strength", STRENGTHS)

    def _named(self, kind: str, names: Iterable[tuple[str, str | Promise]]) -> list[PublicRow]:
        return [self._row((kind, code), name) for code, name in names if (kind, code) in self._rows]

    def _groups(self, kind: str) -> list[Group]:
        return [group for group in self._rows if group[0] == kind]

    def _row(self, group: Group, name: str | Promise | Meeting) -> PublicRow:
        return PublicRow(*group, name, self.counts[group], _shown(self._rows[group]["states"]))


class PublicProgress(PublicFigures):
    """Hold what a document shows of a release beside that from which it was counted."""

    @cached_property
    def found(self) -> RoundProgress:
        return release_progress(self.release)


def releases() -> QuerySet[Release]:
    """Return all releases, the newest first, without their figures."""
    return Release.objects.select_related("round__body").defer("units", "figures")


def newest_release(body: Body | None = None) -> Release | None:
    """Return the newest release of a body, the first body if None."""
    of_body = {"round__body": body} if body else {"round__body__is_first": True}
    return Release.objects.select_related("round__body").defer("units").filter(**of_body).first()


def _counts(row: dict) -> PublicCounts:
    return PublicCounts(
        _shown(row["asked"]),
        {answer: _shown(row[answer]) for answer in ANSWERS},
        {measure: _shown(row[measure]) for measure in MEASURES},
    )


def _shown(figure: str | int | None) -> int | None:
    return figure if isinstance(figure, int) else None
