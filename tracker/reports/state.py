"""A State's report from its living record, for its own people: what every way of writing it shares."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Prefetch, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.models import Body, Meeting, Recommendation, Theme
from tracker.models import Citation, EvidenceVersion, Record, Respondent, Revision, User
from tracker.models.record import AssistanceKind, Status
from tracker.reports.figures import Figures, GroupProgress, Progress, figures, open_target, progress
from tracker.reports.statements import USUAL
from tracker.reports.units import UnitRow, by_meeting, by_theme, unit_rows

TITLE = gettext_lazy("Report on the implementation of the recommendations")
WORKING_DOCUMENT = gettext_lazy("Working document")
GROUPINGS = {"theme": by_theme, "meeting": by_meeting}
SHOWN_ON_THE_FIRST_PAGE = 5


class Entry(NamedTuple):
    """A unit, the answer to it if there is one, and what that cites, in order."""

    row: UnitRow
    citations: list[Citation]

    @property
    def revision(self) -> Revision | None:
        return self.row.revision

    @property
    def items(self) -> list[Recommendation]:
        """The items that are answered at this unit: those of a chapeau."""
        unit = self.row.unit
        return list(unit.items.all()) if unit.kind == Recommendation.Kind.CHAPEAU else []

    @property
    def assistance_kinds(self) -> list[AssistanceKind]:
        return [AssistanceKind(kind) for kind in self.revision.assistance_kinds] if self.revision else []

    @property
    def answers_an_earlier_wording(self) -> bool:
        return self.revision is not None and self.revision.wording_id != self.row.unit.current_wording_id


class Section(NamedTuple):
    number: int
    of: Theme | Meeting | None
    progress: Progress
    entries: list[Entry]


@dataclass(frozen=True)
class StateReport:
    """`asked` and `others` in the order of the paper; the others, answered beyond what is asked, are in no figure."""

    respondent: Respondent
    at: datetime
    figures: Figures
    asked: list[Entry]
    others: list[Entry]
    bodies: list[Body]

    @property
    def entries(self) -> list[Entry]:
        return [*self.asked, *self.others]

    def sections(self, grouping: str) -> list[Section]:
        """The units asked by `theme` or by `meeting`, each once."""
        entries = {entry.row.unit.pk: entry for entry in self.asked}
        groups = GROUPINGS[grouping]([entry.row for entry in self.asked])
        return [
            Section(number, group.of, progress(group.rows, self.at), [entries[row.unit.pk] for row in group.rows])
            for number, group in enumerate(groups, start=1)
        ]

    @property
    def evidence(self) -> list[EvidenceVersion]:
        """The versions cited, each once, by number."""
        cited = {citation.evidence_version for entry in self.entries for citation in entry.citations}
        return sorted(cited, key=lambda version: (version.evidence.number, version.number))

    @property
    def gaps(self) -> list[GroupProgress]:
        """The themes with most units without a measure or without information."""
        gaps = [group for group in self.figures.by_theme if _gap(group.progress)]
        return sorted(gaps, key=lambda group: -_gap(group.progress))[:SHOWN_ON_THE_FIRST_PAGE]

    @property
    def not_started(self) -> list[Entry]:
        return [entry for entry in self.asked if entry.row.status == Status.NOT_STARTED]

    @property
    def assistance(self) -> list[tuple[AssistanceKind, list[Entry]]]:
        """The kinds of technical assistance needed, most often first, with the answers that need it."""
        needed = {kind: [entry for entry in self.asked if kind in entry.assistance_kinds] for kind in AssistanceKind}
        return sorted(((kind, entries) for kind, entries in needed.items() if entries), key=lambda pair: -len(pair[1]))

    @property
    def next_targets(self) -> list[Entry]:
        """The target dates that come next, of what is not finished."""
        targets = ((open_target(entry.row), entry) for entry in self.asked)
        coming = [(target, entry) for target, entry in targets if target and target >= self.at.date()]
        coming.sort(key=lambda pair: pair[0])
        return [entry for _target, entry in coming[:SHOWN_ON_THE_FIRST_PAGE]]

    @cached_property
    def statements(self) -> list[str]:
        """What every report carries (DESIGN.md, section 6)."""
        return [
            _("Data as at %(at)s UTC, from the living record of %(name)s. Working document, not handed in.")
            % {"at": date_format(self.at, "DATETIME_FORMAT"), "name": self.respondent.name},
            *map(str, USUAL),
            *(
                _("The texts are cited from: %(body)s, “%(title)s”, %(date)s.")
                % {"body": body.name, "title": body.paper_title, "date": date_format(body.paper_date, "DATE_FORMAT")}
                for body in self.bodies
            ),
        ]


def state_report(respondent: Respondent, reader: User) -> StateReport:
    """What the respondent has recorded until now, as this person may read it; in a fixed number of queries."""
    at = timezone.now()
    rows = unit_rows(respondent, Record.objects.visible_to(reader))
    cited = _citations(respondent, reader)
    others = [row for row in rows.others if row.is_answered]
    units = [row.unit for row in (*rows.asked, *others)]
    prefetch_related_objects(
        [node for unit in units for node in (unit, *unit.chapeaux, *unit.items.all())], "footnotes"
    )

    def entries(some: list[UnitRow]) -> list[Entry]:
        return [Entry(row, cited[row.revision.pk] if row.revision else []) for row in some]

    return StateReport(
        respondent=respondent,
        at=at,
        figures=figures(rows.asked, at),
        asked=entries(rows.asked),
        others=entries(others),
        bodies=list(Body.objects.filter(recommendations__in=units).distinct()),
    )


def _citations(respondent: Respondent, reader: User) -> dict[int, list[Citation]]:
    """What the current revisions cite, by revision; citations of one version share it."""
    versions = EvidenceVersion.objects.visible_to(reader).select_related("evidence", "file")
    citations = (
        Citation.objects.visible_to(reader)
        .filter(revision__record__respondent=respondent, revision=F("revision__record__current"))
        .prefetch_related(Prefetch("evidence_version", versions.defer("salts", "field_digests")))
        .defer("salts", "field_digests")
        .order_by("revision", "position")
    )
    found = defaultdict(list)
    for citation in citations:
        found[citation.revision_id].append(citation)
    return found


def _gap(progress: Progress) -> int:
    return progress.distribution[Status.NOT_STARTED].numerator + progress.no_information.numerator
