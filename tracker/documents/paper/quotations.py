"""Write the words of States that officers chose for the paper, each in one chapter."""

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from functools import cached_property
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.groups import group_pairs
from recommendations.models import Recommendation
from tracker.documents.paper.tree import own_paragraph
from tracker.documents.paper.words import name, name_of_unit
from tracker.documents.tree import Block, QuotedText, state_text
from tracker.models import Respondent
from tracker.models.language import LANGUAGE_NAMES
from tracker.models.respondent import RespondentKind
from tracker.models.status import Status
from tracker.queries.quotations import PaperQuotation

LONG = 1_500  # characters, about a third of a page


class Chapter(Enum):
    REASONS = auto()
    TRENDS = auto()
    ASSISTANCE = auto()
    PRACTICES = auto()


OF_FIELD = {"reasons": Chapter.REASONS, "assistance": Chapter.ASSISTANCE}
LEAD_INS = {
    # Translators: Before the words of States, with their names. unit: label and title of a recommendation.
    "measures": gettext_lazy("On recommendation %(unit)s, measures were described as follows:"),
    # Translators: Before the words of States, with their names. unit: label and title of a recommendation.
    "practice": gettext_lazy("On recommendation %(unit)s, practices were described as follows:"),
    # Translators: Before the words of States, with their names. unit: label and title of a recommendation.
    "difficulties": gettext_lazy("On recommendation %(unit)s, difficulties were described as follows:"),
    # Translators: Before the words of States, with their names. unit: label and title of a recommendation.
    "assistance": gettext_lazy("On recommendation %(unit)s, the assistance needed was described as follows:"),
    # Translators: Before the words of States, with their names. unit: label and title of a recommendation. status:
    # status of the answer, such as Not applicable.
    "reasons": gettext_lazy("On recommendation %(unit)s, the reasons for “%(status)s” were given as follows:"),
}
LEAD_INS_ON_THE_SAME = {
    # Translators: Before the words of States, with their names. The paragraph before names the recommendation.
    "measures": gettext_lazy("On the same recommendation, measures were described as follows:"),
    # Translators: Before the words of States, with their names. The paragraph before names the recommendation.
    "practice": gettext_lazy("On the same recommendation, practices were described as follows:"),
    # Translators: Before the words of States, with their names. The paragraph before names the recommendation.
    "difficulties": gettext_lazy("On the same recommendation, difficulties were described as follows:"),
    # Translators: Before the words of States, with their names. The paragraph before names the recommendation.
    "assistance": gettext_lazy("On the same recommendation, the assistance needed was described as follows:"),
    # Translators: Before the words of States, with their names. The paragraph before names the recommendation. status:
    # status of the answer, such as Not applicable.
    "reasons": gettext_lazy("On the same recommendation, the reasons for “%(status)s” were given as follows:"),
}


class Quotations:
    """Give each quotation of a State to one chapter. `most`: of them under a theme, None for all."""

    def __init__(self, chosen: dict[str, list[PaperQuotation]], most: int | None) -> None:
        by_kind = {
            slug: group_pairs((row.respondent.kind == RespondentKind.STATE, row) for row in rows)
            for slug, rows in chosen.items()
        }
        self._others = [row for rows in by_kind.values() for row in rows[False]]
        self._of_states = {slug: rows[True][:most] for slug, rows in by_kind.items()}
        self.rows = [*self._others, *chain.from_iterable(self._of_states.values())]

    @cached_property
    def chapters(self) -> set[Chapter]:
        return set(map(_chapter_of, chain.from_iterable(self._of_states.values())))

    def of_theme(self, slug: str, *chapters: Chapter) -> Iterator[Block]:
        rows = self._of_states.get(slug, [])
        return _quoted_texts(row for chapter in chapters for row in rows if _chapter_of(row) == chapter)

    def of_other(self, respondent: Respondent) -> Iterator[Block]:
        return _quoted_texts(row for row in self._others if row.respondent == respondent)


def _chapter_of(row: PaperQuotation) -> Chapter:
    if row.is_practice:
        return Chapter.PRACTICES
    return OF_FIELD.get(row.field, Chapter.TRENDS)


def _quoted_texts(rows: Iterable[PaperQuotation]) -> Iterator[Block]:
    """Write each lead-in once, before all quotations that it is for. Only the first of a recommendation names it."""
    by_lead = group_pairs((_matter(row), row) for row in rows)
    before = None
    for (unit, matter, status), led in by_lead.items():
        words = str((LEAD_INS_ON_THE_SAME if unit == before else LEAD_INS)[matter])
        yield own_paragraph(words % {"unit": name_of_unit(unit), "status": status}, is_lead=True)
        yield from map(_quoted_text, led)
        before = unit


def _matter(row: PaperQuotation) -> tuple[Recommendation, str, str]:
    """Return what a lead-in is about: recommendation, key of `LEAD_INS`, and the status for which reasons are given."""
    matter = "practice" if row.is_practice else row.field
    return row.unit, matter, str(Status(row.status).label) if matter == "reasons" else ""


def _quoted_text(row: PaperQuotation) -> QuotedText:
    by, is_long = name(row.respondent.name), len(row.translation or row.words) > LONG
    if not row.translation:
        return QuotedText(state_text(row.words, row.language), by, is_long)
    if row.language in LANGUAGE_NAMES:
        # Translators: Under a quotation. state: name of the State. language: of the original.
        original = _("%(state)s (original in %(language)s)")
        by = original % {"state": by, "language": LANGUAGE_NAMES[row.language]}
    else:
        # Translators: Under a quotation. state: name of the State.
        by = _("%(state)s (original in another language)") % {"state": by}
    return QuotedText(state_text(row.translation), by, is_long)
