"""Read the public figures of a release, which are rounded (rounding.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise

from recommendations.groups import group_pairs
from recommendations.models import Body
from tracker.figures.answers import ANSWERS
from tracker.figures.progress import STRENGTHS, RoundProgress, release_progress
from tracker.figures.release import ALL, NOT_SHOWN, RECOMMENDATION, Group, ReleasedUnit
from tracker.models import Release
from tracker.models.status import NO_INFORMATION


class PublicRow(NamedTuple):
    """`counts` are by kind of answer: States, rounded to five, of the `base` to which a recommendation is addressed; or
    per cent, of a group of which `base` recommendations are counted. They are empty where they are not shown.
    """

    kind: str
    slug: str
    of: str | Promise
    base: int
    counts: Mapping[str, int]

    @property
    def answered(self) -> int:
        """Return the per cent of a group that have an answer."""
        return 100 - self.counts[NO_INFORMATION]

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Return `base` and then the kinds of answer, for a row of a table."""
        return self.base, *map(self.counts.get, ANSWERS)


@dataclass(frozen=True)
class PublicFigures:
    release: Release

    @cached_property
    def rows(self) -> dict[Group, PublicRow]:
        return {(row["group_kind"], row["group"]): _read_row(row) for row in self.release.figures}

    @cached_property
    def left_out(self) -> int:
        """Count the recommendations of which no figures are shown."""
        return sum(not row.counts for row in self._of_kind(RECOMMENDATION))

    @property
    def shown(self) -> int:
        return len(self._of_kind(RECOMMENDATION)) - self.left_out

    @cached_property
    def overall(self) -> PublicRow:
        return self.rows[ALL]

    @property
    def by_theme(self) -> list[PublicRow]:
        return self._of_kind("theme")

    @property
    def by_meeting(self) -> list[PublicRow]:
        return self._of_kind("meeting")

    @property
    def by_strength(self) -> list[PublicRow]:
        names = dict(STRENGTHS)
        return [row._replace(of=names[row.slug]) for row in self._of_kind("strength")]

    @cached_property
    def by_recommendation(self) -> list[tuple[PublicRow, list[PublicRow]]]:
        """Return each theme with its recommendations, in the order of the papers."""
        units = (ReleasedUnit(*unit) for unit in self.release.units)
        of_theme = group_pairs((unit.theme, self.rows.get((RECOMMENDATION, unit.slug))) for unit in units)
        return [(theme, [row for row in of_theme[theme.slug] if row]) for theme in self.by_theme]

    def _of_kind(self, kind: str) -> list[PublicRow]:
        return [row for row in self.rows.values() if row.kind == kind]


class PublicProgress(PublicFigures):
    """Hold what a document shows of a release beside that from which it was counted."""

    @cached_property
    def found(self) -> RoundProgress:
        return release_progress(self.release)

    @cached_property
    def before(self) -> PublicFigures | None:
        """Return the figures of the round before, if they were released earlier."""
        this = self.release
        earlier = Release.objects.filter(round__body=this.round.body, made_at__lt=this.made_at)
        earlier = earlier.filter(round__opens_on__lt=this.round.opens_on).select_related("round")
        before = earlier.order_by("-round__opens_on", "-pk").first()
        return PublicFigures(before) if before else None


def releases() -> QuerySet[Release]:
    """Return all releases, the newest first, without their figures."""
    return Release.objects.select_related("round__body").defer("units", "figures")


def newest_release(body: Body | None = None) -> Release | None:
    """Return the newest release of a body, the first body if None."""
    of_body = {"round__body": body} if body else {"round__body__is_first": True}
    return Release.objects.select_related("round__body").filter(**of_body).first()


def _read_row(row: dict) -> PublicRow:
    counts = {answer: row[answer] for answer in ANSWERS if row[answer] is not None}
    is_shown = NOT_SHOWN not in counts.values()
    base = row["recommendations"] if row["states"] is None else row["states"]
    return PublicRow(row["group_kind"], row["group"], row["group_name"], base, counts if is_shown else {})
