"""Choose the words of States that a paper quotes, with their name, whole, and only where they permit it today.

The choice is no judgement: where there are too many, no State is quoted twice before all are quoted once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.languages import active_language
from tracker.documents.paper.tree import Block, QuotedText, own_paragraph
from tracker.documents.paper.words import name, name_of_unit
from tracker.documents.tree import state_text
from tracker.figures.groups import theme_of
from tracker.figures.progress import RoundProgress
from tracker.models import SubmissionItem, User
from tracker.models.status import CONSIDERED

QUOTED_WORDS = 100  # a longer statement is not quoted, since nothing is cut out of one
FIELDS = ("measures", "assistance", "reasons")


class PaperQuotation(NamedTuple):
    """`theme` is a slug, `label` is as in sentences, `field` is one of FIELDS, `language` that of the original."""

    theme: str
    state: str
    label: str
    field: str
    words: str
    language: str
    translation: str = ""
    translator: str = ""


class Quotations:
    """Hand out each quotation once."""

    def __init__(self, chosen: Iterable[PaperQuotation]) -> None:
        self._left = list(chosen)

    def take(self, theme: str, field: str, at_most: int | None = None) -> list[PaperQuotation]:
        found = [row for row in self._left if (row.theme, row.field) == (theme, field)][:at_most]
        self._left = [row for row in self._left if row not in found]
        return found


def quotations(found: RoundProgress, reader: User, at_most: int) -> Quotations:
    """Choose at most so many for each theme and field, in one query. A practice is quoted only if it is shared."""
    quotable = _quotable(found, reader)
    times: Counter[str] = Counter()
    fields = [(field, theme) for field in FIELDS for theme in dict.fromkeys(row.theme for row in quotable)]
    of_field = {pair: [row for row in quotable if (row.field, row.theme) == pair] for pair in fields}
    return Quotations(row for rows in of_field.values() for row in _choose(rows, at_most, times))


def _quotable(found: RoundProgress, reader: User) -> list[PaperQuotation]:
    """States are in alphabetical order, and each in the order of the paper."""
    standings = {
        standing.submission.pk: standing for standing in found.counted if standing.submission and standing.may_be_quoted
    }
    entries = {entry.unit_id: entry for entry in found.scope}
    places = {submission: place for place, submission in enumerate(standings)}
    shared = SubmissionItem.objects.shared_practices(reader).filter(pk=OuterRef("pk")).order_by()
    items = SubmissionItem.objects.of_submissions(
        standing.submission for standing in standings.values() if standing.submission
    )
    quoted = items.filter(Q(asks_for_assistance=True) | Q(good_practice=True) | Q(status=CONSIDERED)).order_by()
    rows = quoted.annotate(is_shared=Exists(shared))
    words = (f"revision__{field}" for field in FIELDS)
    columns = ("is_shared", "submission", "unit", "status", *words, "revision__language")
    quotable = []
    for is_shared, submission, unit, status, measures, assistance, reasons, language in sorted(
        rows.values_list(*columns), key=lambda row: (places[row[1]], entries[row[2]].position)
    ):
        texts = {
            "measures": measures if is_shared else "",
            "assistance": assistance,
            "reasons": reasons if status == CONSIDERED else "",
        }
        entry, state = entries[unit], standings[submission].respondent.name
        quotable += [
            PaperQuotation(theme_of(entry)[0], state, name_of_unit(entry.unit), field, words, language)
            for field, words in texts.items()
            if words and len(words.split()) <= QUOTED_WORDS
        ]
    return quotable


def _choose(rows: list[PaperQuotation], at_most: int, times: Counter[str]) -> list[PaperQuotation]:
    """Choose the first quotation of each State, in alphabetical order, from the States quoted least."""
    first: dict[str, PaperQuotation] = {}
    for row in rows:
        first.setdefault(row.state, row)
    least = sorted(first, key=times.__getitem__)[:at_most]
    times.update(least)
    return [row for state, row in first.items() if state in least]


LEAD_INS = {
    # Translators: Before the words of a State. label: label and title of a recommendation.
    "measures": gettext_lazy("On recommendation %(label)s, one State described its measures as follows:"),
    # Translators: Before the words of a State. label: label and title of a recommendation.
    "assistance": gettext_lazy("On recommendation %(label)s, one State described the assistance it needs as follows:"),
    "reasons": gettext_lazy(
        # Translators: Before the words of a State. label: label and title of a recommendation.
        "On recommendation %(label)s, one State gave the following reasons for “Considered, not taken up”:"
    ),
}
LANGUAGE_NAMES = {
    "ar": gettext_lazy("Arabic"),
    "zh": gettext_lazy("Chinese"),
    "en": gettext_lazy("English"),
    "fr": gettext_lazy("French"),
    "ru": gettext_lazy("Russian"),
    "es": gettext_lazy("Spanish"),
}


def quoted_texts(quoted: Iterable[PaperQuotation]) -> Iterator[Block]:
    for row in quoted:
        yield own_paragraph(str(LEAD_INS[row.field]) % {"label": row.label}, is_lead=True)
        yield _quoted_text(row)


def _quoted_text(row: PaperQuotation) -> QuotedText:
    words, state = state_text(row.words, row.language), name(row.state)
    if row.language == active_language() or row.language not in LANGUAGE_NAMES:
        return QuotedText(words, state)
    # Translators: Under a quotation. state: name of the State. language: of the original.
    by = _("%(state)s (original in %(language)s)") % {"state": state, "language": LANGUAGE_NAMES[row.language]}
    if not row.translation:
        # Translators: Room under a quotation for its translation, to be filled in Word.
        return QuotedText(words, by, note=_("[Courtesy translation to be added.]"))
    # Translators: Under the translation of a quotation. translator: who made it.
    note = _("Courtesy translation by %(translator)s; not official.") % {"translator": row.translator}
    return QuotedText(words, by, row.translation, note)
