"""Read what a paper may quote, what officers chose of it, and what the paper takes."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import starmap
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from recommendations.facets import plain_text
from recommendations.groups import group_pairs
from recommendations.models import Recommendation, read_stamp
from recommendations.text_cache import texts_at
from tracker.models import Quotation, Release, Respondent, Revision, RoundUnit, SubmissionItem, User
from tracker.models.answer_fields import FIELD_BY_NAME, QUOTABLE
from tracker.models.quotation import QuotationQuerySet, quotable_submissions
from tracker.queries.themes import ThemeGroup


class PaperQuotation(NamedTuple):
    """`status` is that of the answer; `is_practice`: the measures are a good practice that other States may read.
    Without a `translation` the words are in the language of the paper.
    """

    respondent: Respondent
    unit: Recommendation
    status: str
    field: str
    is_practice: bool
    words: str
    language: str
    translation: str
    translator: str


class OpenQuotations(NamedTuple):
    """Count the quotations to which States can object until a day."""

    object_by: date
    count: int  # type: ignore[assignment]


class TrayRow(NamedTuple):
    """A chosen quotation. `is_counted`: the release counts its answer, and its State permits quotation; `is_readable`:
    it is in the language of the paper, or has a translation into it.
    """

    quotation: Quotation
    unit: Recommendation
    is_counted: bool
    is_readable: bool


class TrayTheme(NamedTuple):
    """Count what officers chose under a theme, and the objections to it."""

    theme: ThemeGroup
    chosen: int
    objections: int


class QuotableText(NamedTuple):
    field: str
    label: str
    words: str
    quotation: Quotation | None


class QuotableAnswer(NamedTuple):
    item: SubmissionItem
    unit: Recommendation
    texts: list[QuotableText]


def quotations_for(release: Release, language: str) -> dict[str, list[PaperQuotation]]:
    """Return what the paper of a release quotes in this language, by slug of the theme, in the order of the tray."""
    rows = [
        row
        for row in _with_states(Quotation.objects.for_paper(release)).order_by("position", "pk")
        if row.words and row.is_readable_in(language)
    ]
    keys = {row.unit_id for row in rows}
    themes = dict(RoundUnit.objects.filter(round=release.round_id, unit__in=keys).values_list("unit", "themes"))
    units = texts_at(read_stamp()).nodes(keys) if keys else {}
    slugs = {unit: pairs[0][0] if pairs else "" for unit, pairs in themes.items()}
    quoted = ((slugs[row.unit_id], _paper_quotation(row, units[row.unit_id], language)) for row in rows)
    return dict(group_pairs(quoted))


def _paper_quotation(row: Quotation, unit: Recommendation, language: str) -> PaperQuotation:
    is_translated = row.language != language
    return PaperQuotation(
        respondent=row.respondent,
        unit=unit,
        status=row.revision.status,
        field=row.field,
        is_practice=row.field == "measures" and row.revision.good_practice_shared,
        words=row.words,
        language=row.language,
        translation=row.translation_words if is_translated else "",
        translator=row.translator if is_translated else "",
    )


def open_quotations(release: Release) -> list[OpenQuotations]:
    """Count by last day, in one query, the quotations of the paper to which States can still object."""
    return _by_last_day(Quotation.objects.for_paper(release))


def open_quotations_of(respondent: Respondent, reader: User) -> list[OpenQuotations]:
    """Count by last day, in one query, the quotations to which this State can still object."""
    return _by_last_day(read_open_quotations(respondent, reader))


def read_open_quotations(respondent: Respondent, reader: User) -> QuotationQuerySet:
    rows = Quotation.objects.visible_to(reader).filter(revision__record__respondent=respondent)
    return rows.filter(objected_at__isnull=True, object_by__gte=timezone.localdate())


def _by_last_day(rows: QuotationQuerySet) -> list[OpenQuotations]:
    waiting = rows.filter(object_by__gte=timezone.localdate()).order_by("object_by").values("object_by")
    return list(starmap(OpenQuotations, waiting.values_list("object_by", Count("pk"))))


def read_quotable_submissions(release: Release) -> list[int]:
    """Return the keys of `quotable_submissions`, to be read once for a page."""
    return [row["pk"] for row in quotable_submissions(release)]


def count_tray(release: Release, themes: Iterable[ThemeGroup], reader: User) -> list[TrayTheme]:
    """Count by theme, in one query, what was chosen for a round. `themes`: of the round, each with its units."""
    rows = read_tray(release, reader).order_by().values("unit").annotate(Count("pk"), Count("objected_at"))
    counts = {unit: tuple(found) for unit, *found in rows.values_list("unit", "pk__count", "objected_at__count")}
    return [TrayTheme(theme, *_add_up(counts.get(unit.pk, (0, 0)) for unit in theme.units)) for theme in themes]


def _add_up(counts: Iterable[tuple[int, int]]) -> Iterator[int]:
    return map(sum, zip(*counts, strict=True))


def tray_keys(release: Release, units: Iterable[Recommendation], reader: User) -> list[int]:
    """Return the keys of what was chosen of the recommendations of one theme, in the order of the tray."""
    chosen = read_tray(release, reader).filter(unit__in=[unit.pk for unit in units])
    return list(chosen.order_by("position", "pk").values_list("pk", flat=True))


def tray_rows(
    release: Release,
    keys: Iterable[int],
    units: Iterable[Recommendation],
    submissions: list[int],
    language: str,
    reader: User,
) -> list[TrayRow]:
    """Return the quotations of these keys, in the order of the tray, in two queries."""
    by_key = {unit.pk: unit for unit in units}
    chosen = read_tray(release, reader).filter(pk__in=list(keys))
    rows = list(_with_states(chosen).select_related("translation__author").order_by("position", "pk"))
    counted = set(chosen.of_release(release, submissions).order_by().values_list("pk", flat=True) if rows else ())
    return [TrayRow(row, by_key[row.unit_id], row.pk in counted, row.is_readable_in(language)) for row in rows]


def read_tray(release: Release, reader: User) -> QuotationQuerySet:
    return Quotation.objects.to_be_read_by(reader).filter(round=release.round_id)


def quotable_items(
    submissions: list[int], units: Iterable[Recommendation], words: str, language: str, reader: User
) -> QuerySet[SubmissionItem]:
    """Return answers with words that States permit to quote, by unit and State; `words` are in the label or the
    answer.
    """
    units = list(units)
    rows = SubmissionItem.objects.to_be_read_by(reader).filter(
        ~Q(**{f"revision__{name}": "" for name in QUOTABLE}),
        revision__isnull=False,
        submission__in=submissions,
        unit__in=[unit.pk for unit in units],
    )
    if language:
        rows = rows.filter(revision__language=language)
    labelled = [unit.pk for unit in units if words and plain_text(words).strip() in plain_text(unit.label_with_title)]
    if words:
        rows = rows.filter(_with_words(words) | Q(unit__in=labelled))
    rows = rows.select_related("submission__respondent", "submission__round", "revision")
    return rows.order_by("unit__position", "submission__respondent__sort_key")


def _with_words(words: str) -> Q:
    found = Q()
    for word in words.split():
        of_word = Q()
        for name in QUOTABLE:
            of_word |= Q(**{f"revision__{name}__icontains": word})
        found &= of_word
    return found


def quotable_answers(
    release: Release, items: Iterable[SubmissionItem], units: Iterable[Recommendation], reader: User
) -> list[QuotableAnswer]:
    items, by_key = list(items), {unit.pk: unit for unit in units}
    chosen = read_tray(release, reader).filter(revision__in=[item.revision_id for item in items])
    by_place = {(quotation.revision_id, quotation.field): quotation for quotation in (chosen if items else ())}
    return [QuotableAnswer(item, by_key[item.unit_id], _texts(item.revision, by_place)) for item in items]


def _texts(revision: Revision | None, chosen: dict[tuple[int, str], Quotation]) -> list[QuotableText]:
    return [
        QuotableText(name, str(FIELD_BY_NAME[name].label), getattr(revision, name), chosen.get((revision.pk, name)))
        for name in QUOTABLE
        if revision and getattr(revision, name)
    ]


def notified_quotations(respondent: Respondent, reader: User) -> QuerySet[Quotation]:
    """Return the quotations of which a State was notified, the newest round first."""
    rows = _with_states(Quotation.objects.visible_to(reader))
    rows = rows.filter(revision__record__respondent=respondent, object_by__isnull=False)
    rows = rows.select_related("round", "objected_by", "unit", "translation__author")
    return rows.order_by("-round__opens_on", "position", "pk")


def _with_states(rows: QuerySet[Quotation]) -> QuerySet[Quotation]:
    return rows.select_related("revision__record__respondent", "translation")
