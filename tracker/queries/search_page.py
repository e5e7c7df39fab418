"""List what a search found, of all kinds and the best first, with what was searched beside the words typed."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.lists import format_list
from recommendations.models import (
    OF_CATALOGUE,
    TextKind,
    TextReader,
)
from recommendations.search.index import ORIGINAL
from recommendations.search.query import QUOTES, find_above, is_like_label
from tracker.models import Record, Respondent, User
from tracker.models.status import NO_INFORMATION
from tracker.models.user import Role
from tracker.queries.help import HelpHit
from tracker.queries.search import IN_FILES, READERS, Found, Reader
from tracker.queries.submissions.publication import published_submissions_of

HELP, SUBMISSION = "help", "submission"
FIRST = float("inf")  # score of a text whose label, or of a submission whose State was typed

TITLES: dict[str, str | Promise] = {
    **dict(TextKind.choices),
    SUBMISSION: gettext_lazy("Published submissions"),
    HELP: gettext_lazy("Help"),
}
# What is in a tab, in the order of the tabs.
KINDS = (
    TextKind.TEXT,
    TextKind.ANSWER,
    TextKind.COMMENT,
    TextKind.EVIDENCE,
    SUBMISSION,
    TextKind.SUBMITTED,
    TextKind.SEALED,
    TextKind.PRACTICE,
    TextKind.FAMILY,
    TextKind.THEME,
    TextKind.PROVISION,
    HELP,
)
KIND_TITLES = {kind: TITLES[kind] for kind in KINDS}

ORDER = {kind: place for place, kind in enumerate(KIND_TITLES)}


class FoundRow(NamedTuple):
    """What was found. `unit`: the recommendation that it is or answers; `status`: of the reader's State on it; `pages`:
    of a file in which words were found; `thing`: what was read of it through its licence.
    """

    kind: str
    key: int
    score: float
    language: str = ORIGINAL
    unit: Any = None
    status: str = ""
    pages: tuple[int, ...] = ()
    is_public: bool = False
    thing: Any = None

    @property
    def version(self) -> Any:
        """Return the version of an evidence item."""
        return self.thing.current if self.kind == TextKind.EVIDENCE else self.thing.citation.evidence_version

    @property
    def evidence_kind(self) -> str:
        return self.version.kind if self.kind in IN_FILES else ""


def title_kind(kind: str, reader: Reader) -> str | Promise:
    """Return the title of a tab: officers alone find answers that are not published."""
    if kind == TextKind.SUBMITTED and not (isinstance(reader, User) and reader.has_role(Role.REVIEWER)):
        return _("Published answers")
    return KIND_TITLES[kind]


def list_found(found: Found, desk: Respondent | None, help_hits: Iterable[HelpHit]) -> list[FoundRow]:
    """Return everything that was found and may be read, the best first. `desk`: the reader's State, for the status of
    each text.

    What States wrote is read through its licence before it is counted: the index may be behind.
    """
    units = {node.pk: node for node in found.catalogue.nodes}
    statuses = _read_statuses(found.reader, desk)
    scores = {each.row.key: (each.score, each.row.language) for each in found.rows[TextKind.TEXT]}
    rows = [FoundRow(HELP, number, 0, thing=hit) for number, hit in enumerate(help_hits)]
    named = published_submissions_of(found.query, found.names, found.state)
    rows += [FoundRow(SUBMISSION, each.pk, FIRST, thing=each) for each in named]
    for node in found.nodes:
        score, language = scores.get(node.pk, (FIRST, ORIGINAL))
        rows.append(FoundRow(TextKind.TEXT, node.pk, score, language, node, statuses.get(node.pk, "")))
    for kind in found.rows.keys() - {TextKind.TEXT}:
        things = _read_things(found, kind) if kind not in OF_CATALOGUE else {}
        rows += [
            FoundRow(
                kind,
                row.key,
                score,
                row.language,
                units.get(row.unit or 0),
                statuses.get(row.unit or 0, "") if kind == TextKind.ANSWER else "",
                found.pages.get((kind, row.key), ()),
                is_public=row.readers == TextReader.PUBLIC,
                thing=things.get(row.key),
            )
            for row, score, _covered in found.rows[kind]
            if row.key in things or kind in OF_CATALOGUE
        ]
    return sorted(rows, key=lambda row: (-row.score, ORDER[row.kind]))


def _read_things(found: Found, kind: str) -> dict[int, Any]:
    keys = {each.row.key for each in found.rows[kind]}
    return READERS[kind](found.reader, keys) if keys else {}


def _read_statuses(reader: Reader, desk: Respondent | None) -> dict[int, str]:
    """Return the statuses of the answers of a State by unit; for readers of all of them also where there is none."""
    if desk is None or not isinstance(reader, User):
        return {}
    records = Record.objects.visible_to(reader).filter(respondent=desk, recommendation=OuterRef("pk"))
    units = desk.units_to_answer().annotate(status=Subquery(records.values("current__status")[:1]))
    none = NO_INFORMATION if desk.pk in reader.whole_desks else ""
    return {unit: status or none for unit, status in units.values_list("pk", "status")}


# What was searched beside the words that were typed, and what is near them


def name_synonyms(found: Found) -> list[tuple[str, str]]:
    """Return the words typed, each with the words of the texts that were searched too."""
    return [(group.typed, format_list(group.meanings)) for group in found.query.groups if group.meanings]


def find_near(found: Found) -> list[str]:
    """Return the words that adopted texts have, where all of them together find nothing. For a label that no text has,
    return the label above it.
    """
    query = found.query
    if is_like_label(query.typed):
        above = find_above(found.catalogue.nodes, query.typed)
        return [above.full_shown_label] if above else []
    words = found.catalogue.understand_words(QUOTES.sub(" ", query.typed)).name_words(known=True)
    return [word for word in words if word != query.typed]
