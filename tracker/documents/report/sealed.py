"""Make a State's report from a submission: the sealed texts, themes and answers, without withheld evidence."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import FETCH_PEERS, Exists, Model, OuterRef, QuerySet

from recommendations.models import Recommendation, Theme, Wording, WordingKind
from tracker.documents.report.state import Entry, StateReport, read_footnotes
from tracker.figures.answers import Progress, progress_of
from tracker.figures.sealed import STATUSES
from tracker.models import RoundUnit, Submission, SubmissionEvidence, SubmissionItem
from tracker.queries.desk.units import UnitRow
from tracker.queries.themes import by_frozen_theme

Cited = tuple[str, int]


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
    wordings = _wordings(submission, items)
    themes = _themes(submission)
    pieces = _evidence(submission, evidence)
    entries = [_entry(item, wordings, themes, pieces[item.pk]) for item in items]
    report = StateReport(
        respondent=submission.respondent.as_at(submission.sealed_at),
        at=submission.sealed_at,
        to_answer=entries,
        others=[],
        bodies=[submission.round.body],
        submission=submission,
    )
    read_footnotes(entries)
    return report


def sealed_themes(submission: Submission) -> tuple[Progress, list[SealedTheme]]:
    """Count all items, and those of each theme, without reading the answers."""
    statuses = dict(zip(*STATUSES.of([submission])[submission.pk], strict=True))
    scope = RoundUnit.objects.filter(round=submission.round).order_by("position")
    rows = scope.values_list("themes", "unit", "unit__slug", "unit__asks_to_consider")
    units = [(themes, unit) for themes, *unit in rows if unit[0] in statuses]

    def count(units: Iterable[list]) -> Progress:
        counts = Counter((statuses[key], asks_to_consider) for key, _slug, asks_to_consider in units)
        return progress_of(counts, submission.sealed_at, submission.reference)

    themes = [
        SealedTheme(slug, name, {unit_slug: key for key, unit_slug, _asks_to_consider in grouped}, count(grouped))
        for slug, name, grouped in by_frozen_theme(units, submission.round)
    ]
    return count(unit for _themes, unit in units), themes


def values_shown(submission: Submission) -> list[object]:
    """Return all values that a file of a submission shows and that can change, except texts of the catalogue and what a
    removal empties. Evidence that is chosen by what is public today comes in addition.
    """
    respondent = submission.respondent.as_at(submission.sealed_at)
    return [submission.is_withdrawn, *map(_columns, (submission, respondent, submission.round))]


def _columns(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _items(submission: Submission):
    """Annotate `was_reworded`: a wording later than the sealed one existed when it was sealed."""
    later = Wording.objects.filter(
        recommendation=OuterRef("unit"),
        kind=WordingKind.NEW_WORDING,
        created_at__lte=submission.sealed_at,
        number__gt=OuterRef("wording__number"),
    )
    return (
        SubmissionItem.objects.of_submissions([submission])
        .annotate(was_reworded=Exists(later))
        .select_related("wording", "revision", "unit__meeting", "unit__parent__parent")
        .defer("revision__salts", "revision__field_digests")
        .fetch_mode(FETCH_PEERS)
        .order_by("position")
    )


def _entry(
    item: SubmissionItem,
    wordings: dict[Cited, Wording],
    themes: dict[int, list[Theme]],
    pieces: list[SubmissionEvidence],
) -> Entry:
    unit = item.unit
    unit.current_wording = item.wording
    for chapeau in unit.chapeaux:
        sealed = (wordings[label, number] for label, number, _digest in item.chapeaux if label == chapeau.label)
        chapeau.current_wording = next(sealed)
    unit.primary_theme, unit.secondary_theme = [*themes[unit.pk], None, None][:2]
    row = UnitRow(unit=unit, is_to_answer=True, revision=item.revision, evidence_count=len(pieces))
    shown = [piece.citation for piece in pieces if not piece.withheld]
    withheld = len(pieces) - len(shown)
    reworded = item.was_reworded  # type: ignore[attr-defined]
    return Entry(row, shown, _answered_with(item, wordings), withheld=withheld, was_reworded=reworded)


def _answered_with(item: SubmissionItem, wordings: dict[Cited, Wording]) -> list[Recommendation]:
    found = []
    for label, number, _digest in item.answered_with:
        node = wordings[label, number].recommendation
        node.current_wording = wordings[label, number]
        found.append(node)
    return found


def _wordings(submission: Submission, items: list[SubmissionItem]) -> dict[Cited, Wording]:
    labels = {label for item in items for label, _number, _digest in (*item.chapeaux, *item.answered_with)}
    found = Wording.objects.filter(
        recommendation__body=submission.round.body_id, recommendation__label__in=labels
    ).select_related("recommendation")
    return {(wording.recommendation.label, wording.number): wording for wording in found}


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
) -> dict[int, list[SubmissionEvidence]]:
    pieces = (
        SubmissionEvidence.objects.of_submissions([submission])
        if evidence is None
        else evidence.filter(item__submission=submission)
    )
    pieces = pieces.select_related("citation__evidence_version__evidence", "citation__evidence_version__file")
    found = defaultdict(list)
    for piece in pieces.fetch_mode(FETCH_PEERS).order_by("item", "position"):
        found[piece.item_id].append(piece)
    return found
