"""Write the words of States that officers chose for the paper, each in one chapter."""

from collections.abc import Iterable, Iterator
from enum import Enum, auto

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
    TRENDS = auto()
    ASSISTANCE = auto()
    PRACTICES = auto()
    OTHERS = auto()


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
    """Give each quotation to one chapter: `OTHERS` has those of respondents that are not States."""

    def __init__(self, chosen: dict[str, list[PaperQuotation]]) -> None:
        self._chosen = chosen
        self.are_chosen = any(chosen.values())

    def of_theme(self, slug: str, chapter: Chapter) -> Iterator[Block]:
        return _quoted_texts(row for row in self._chosen.get(slug, []) if _chapter_of(row) == chapter)

    def of_other(self, respondent: Respondent) -> Iterator[Block]:
        rows = (row for rows in self._chosen.values() for row in rows)
        return _quoted_texts(row for row in rows if _chapter_of(row) == Chapter.OTHERS and row.respondent == respondent)


def _chapter_of(row: PaperQuotation) -> Chapter:
    if row.respondent.kind != RespondentKind.STATE:
        return Chapter.OTHERS
    if row.is_practice:
        return Chapter.PRACTICES
    return Chapter.ASSISTANCE if row.field == "assistance" else Chapter.TRENDS


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
    words, by = state_text(row.words, row.language), name(row.respondent.name)
    is_long = len(row.words) + len(row.translation) > LONG
    if not row.translation:
        return QuotedText(words, by, is_long=is_long)
    # Translators: Under the translation of a quotation. translator: who made it.
    note = _("Courtesy translation by %(translator)s; not official.") % {"translator": name(row.translator)}
    if row.language in LANGUAGE_NAMES:
        # Translators: Under a quotation. state: name of the State. language: of the original.
        original = _("%(state)s (original in %(language)s)")
        by = original % {"state": by, "language": LANGUAGE_NAMES[row.language]}
    return QuotedText(words, by, row.translation, note, is_long)
