"""Make a State's report from a submission: the sealed texts, themes and answers, without withheld evidence."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import FETCH_PEERS, Exists, Model, OuterRef, QuerySet

from recommendations.groups import group_pairs
from recommendations.models import Recommendation, Theme, Wording, WordingKind, stamp_column
from recommendations.text_cache import texts_at
from tracker.documents.report.state import CITED_COLUMNS, CitedEvidence, Entry, StateReport
from tracker.figures.answers import Progress, answers_of
from tracker.figures.sealed import STATUSES
from tracker.models import RoundUnit, Submission, SubmissionEvidence, SubmissionItem
from tracker.queries.desk.units import UnitRow
from tracker.queries.themes import by_frozen_theme


class SealedTheme(NamedTuple):
    """Hold the items of a submission under a theme. `units`: their keys by slug."""

    slug: str
    name: str
    units: dict[str, int]
    progress: Progress


def submission_report(
    submission: Submission,
    evidence: QuerySet[SubmissionEvidence] | None = None,
    theme: SealedTheme | None = None,
) -> StateReport:
    """Read a submission in a fixed number of queries. It must be selected with respondent, participation and body.

    `evidence`: the cited items to show; all that are not withheld by default. `theme`: the only one to read.
    """
    items = list(_items(submission).filter(unit__in=theme.units.values()) if theme else _items(submission))
    texts = _SealedTexts(submission, items)
    themes = _themes(submission)
    pieces = _evidence(submission, evidence)
    entries = [_entry(item, texts, themes, pieces[item.pk]) for item in items]
    return StateReport(
        respondent=submission.respondent_when_sealed,
        at=submission.sealed_at,
        to_answer=entries,
        others=[],
        bodies=[submission.round.body],
        submission=submission,
        confirmed=sum(item.still_correct_as_at is not None for item in items),
    )


def sealed_themes(submission: Submission) -> tuple[Progress, list[SealedTheme]]:
    """Count all items, and those of each theme, without reading the answers."""
    statuses = dict(zip(*STATUSES.of([submission])[submission.pk], strict=True))
    scope = RoundUnit.objects.filter(round=submission.round).order_by("position")
    rows = scope.values_list("themes", "unit", "unit__slug", "unit__asks_to_consider")
    units = [(themes, unit) for themes, *unit in rows if unit[0] in statuses]

    def count(units: Iterable[list]) -> Progress:
        counts = Counter((statuses[key], asks_to_consider) for key, _slug, asks_to_consider in units)
        return Progress(answers_of(counts), submission.sealed_at, submission.reference)

    themes = [
        SealedTheme(slug, name, {unit_slug: key for key, unit_slug, _asks_to_consider in grouped}, count(grouped))
        for slug, name, grouped in by_frozen_theme(units, submission.round)
    ]
    return count(unit for _themes, unit in units), themes


def values_shown(submission: Submission) -> list[object]:
    """Return all values that a file of a submission shows and that can change, except texts of the catalogue and what a
    removal empties. Evidence that is chosen by what is public today comes in addition.
    """
    rows = (submission, submission.respondent_when_sealed, submission.round)
    return [submission.is_withdrawn, *map(_columns, rows)]


def _columns(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _items(submission: Submission):
    """Annotate the stamp of the catalogue, and `was_reworded`: the sealed wording was not the newest at that time."""
    later = Wording.objects.filter(
        recommendation=OuterRef("unit"),
        kind=WordingKind.NEW_WORDING,
        created_at__lte=submission.sealed_at,
        number__gt=OuterRef("wording__number"),
    )
    return (
        SubmissionItem.objects.of_submissions([submission])
        .annotate(was_reworded=Exists(later), stamp=stamp_column())
        .select_related("revision")
        .defer("revision__salts", "revision__field_digests")
        .fetch_mode(FETCH_PEERS)
        .order_by("position")
    )


class _SealedTexts:
    """Give the wordings of a submission to copies of the nodes in the text cache."""

    def __init__(self, submission: Submission, items: list[SubmissionItem]):
        self._cache = texts_at(next((item.stamp for item in items), None))  # type: ignore[attr-defined]
        self._units = self._cache.nodes(item.unit_id for item in items)
        self._wordings = {
            (wording.recommendation.label, wording.number): wording
            for wording in self._cache.wordings.values()
            if wording.recommendation.body_id == submission.round.body_id
        }

    def unit(self, item: SubmissionItem) -> Recommendation:
        unit = self._units[item.unit_id]
        unit.current_wording = self._cache.wordings[item.wording_id]
        sealed = {label: number for label, number, _digest in item.chapeaux}
        for chapeau in unit.chapeaux:
            chapeau.current_wording = self._wordings[chapeau.label, sealed[chapeau.label]]
        return unit

    def answered_with(self, item: SubmissionItem) -> list[Recommendation]:
        wordings = [self._wordings[label, number] for label, number, _digest in item.answered_with]
        nodes = self._cache.nodes(wording.recommendation_id for wording in wordings)
        for wording in wordings:
            nodes[wording.recommendation_id].current_wording = wording
        return list(nodes.values())


def _entry(
    item: SubmissionItem, texts: _SealedTexts, themes: dict[int, list[Theme]], pieces: list[CitedEvidence | None]
) -> Entry:
    unit = texts.unit(item)
    unit.primary_theme, unit.secondary_theme = [*themes[unit.pk], None, None][:2]
    row = UnitRow(unit=unit, is_to_answer=True, revision=item.revision, evidence_count=len(pieces))
    shown = [piece for piece in pieces if piece]
    withheld = len(pieces) - len(shown)
    reworded = item.was_reworded  # type: ignore[attr-defined]
    return Entry(row, shown, texts.answered_with(item), withheld=withheld, was_reworded=reworded)


def _themes(submission: Submission) -> dict[int, list[Theme]]:
    places = {slug: place for place, slug in enumerate(submission.round.theme_order)}
    known: dict[str, Theme] = {}

    def theme(slug: str, name: str) -> Theme:
        if slug not in known:
            known[slug] = Theme(pk=-len(known) - 1, slug=slug, name=name, position=places[slug])
        return known[slug]

    frozen = RoundUnit.objects.filter(round=submission.round).values_list("unit", "themes")
    return {unit: [theme(*pair) for pair in themes] for unit, themes in frozen}


def _evidence(
    submission: Submission, evidence: QuerySet[SubmissionEvidence] | None
) -> dict[int, list[CitedEvidence | None]]:
    """Return the evidence by item, with None in place of what is withheld."""
    pieces = (
        SubmissionEvidence.objects.of_submissions([submission])
        if evidence is None
        else evidence.filter(item__submission=submission)
    )
    columns = ("item", "withheld", *(f"citation__{path}" for path in CITED_COLUMNS))
    rows = pieces.order_by("item", "position").values_list(*columns)
    return group_pairs((item, None if withheld else CitedEvidence(*values)) for item, withheld, *values in rows)
