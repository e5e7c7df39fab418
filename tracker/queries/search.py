"""Search everything that a reader may read.

The index keeps for each row who may read it. A query reads only rows that the reader may read, and each row that is
shown is read again from its own table through its licence.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from math import isclose
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import FETCH_RAISE, Case, Exists, Max, OuterRef, Q, QuerySet, When

from recommendations.groups import group_pairs
from recommendations.models import IndexedText, Recommendation, TextKind, TextReader, read_stamp, stamp_column
from recommendations.search.analyser import WORD, fold, fold_words
from recommendations.search.index import team_licence
from recommendations.search.query import Query
from recommendations.search.ranking import RankedRow, rank
from recommendations.search.texts import PUBLIC, Catalogue, answers_all, find_rows, order_texts, search_with_others
from tracker.disclosure import respondents_not_read_by
from tracker.models import Comment, Evidence, Record, Respondent, SubmissionEvidence, SubmissionItem, User
from tracker.models.answer_fields import PUBLISHED_TEXTS
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role

MOST_ROWS = 300  # of States' texts that are put in order; of more, the newest
MOST_PAGES = 200  # of files, beside these rows
Reader = User | AnonymousUser
OF_ITEMS = (  # fields of what is shown of an item
    "submission__number",
    "submission__sealed_at",
    "submission__respondent__code",
    "submission__respondent__name",
    "submission__round__code",
    "revision__language",
    *(f"revision__{name}" for name in PUBLISHED_TEXTS),
)
OF_UNITS = (TextKind.ANSWER, TextKind.COMMENT)
IN_FILES = (TextKind.EVIDENCE, TextKind.SEALED)
OF_TEAM = {*OF_UNITS, TextKind.EVIDENCE}
SHARED = {TextKind.PRACTICE, TextKind.SUBMITTED, TextKind.SEALED}


class Found(NamedTuple):
    """`rows` are in order, the best first, by kind. `is_capped`: there are more texts of States than were compared.

    `pages`: of files in which something was found, by kind and key. `names`: of respondents, by key. `state`: the one
    that was named beside other words, whose texts alone are found among those of States.
    """

    reader: Reader
    query: Query
    rows: dict[str, list[RankedRow]]
    nodes: list[Recommendation]
    is_capped: bool
    pages: dict[tuple[str, int], tuple[int, ...]]
    catalogue: Catalogue
    names: dict[int, str]
    state: int | None

    @property
    def lacks_words(self) -> bool:
        """Return whether texts were found of which none has all the words that some have."""
        keys = {node.pk for node in self.nodes}
        covered = [each.covered for each in self.rows[TextKind.TEXT] if each.row.key in keys]
        return bool(covered) and not isclose(max(covered), self.query.known.rarity)


def search(reader: Reader, typed: str, kinds: Collection[str] = (), with_others: bool = True) -> Found:
    """Find what answers the words typed, in all kinds or in these; `with_others`: also synonyms and corrections."""
    catalogue, names, states = _read_catalogue()
    state, rest = _take_state(states, typed)
    query = replace(catalogue.understand(rest), typed=typed)
    if not query.groups and not query.labelled_texts:
        state, query = None, catalogue.understand(typed)
    if not with_others:
        query.leave_typed_words(catalogue.vocabulary)
    ranked, is_capped = _read_rows(query, _rows_of_states(reader, query, kinds or TextKind, state))
    nodes = list(order_texts(query, catalogue, ranked))
    rows = group_pairs((each.row.kind, each) for each in ranked)
    pages = _pages_of(each.row for kind in IN_FILES for each in rows[kind])
    once: dict[str, list[RankedRow]] = {kind: _once(rows[kind]) for kind in TextKind}
    return Found(reader, query, once, nodes, is_capped, pages, catalogue, names, state)


def _read_catalogue() -> tuple[Catalogue, dict[int, str], dict[int, str]]:
    """Return the catalogue, and the names of respondents and those of States by key, in one query."""
    respondents = list(Respondent.objects.values_list("pk", "name", "kind", stamp_column()))
    stamp = respondents[0][-1] if respondents else read_stamp()
    names = {pk: name for pk, name, _kind, _stamp in respondents}
    states = {pk: name for pk, name, kind, _stamp in respondents if kind == RespondentKind.STATE}
    return Catalogue.at(stamp, names.values()), names, states


def _take_state(states: Mapping[int, str], typed: str) -> tuple[int | None, str]:
    """Return the State with the longest name among the words typed, and the other words. A name alone is no such name:
    it finds what the State published.
    """
    words = list(WORD.finditer(typed))
    folded = tuple(fold(word.group()) for word in words)
    longest, state, rest = 0, None, typed
    for pk, full_name in states.items():
        name = fold_words(full_name.partition("(")[0])
        length = len(name)
        for first in range(len(words) - length + 1):
            if longest < length < len(words) and folded[first : first + length] == name:
                before, after = typed[: words[first].start()], typed[words[first + length - 1].end() :]
                longest, state, rest = length, pk, f"{before} {after}"
    return state, rest


def _pages_of(rows: Iterable[IndexedText]) -> dict[tuple[str, int], tuple[int, ...]]:
    """Return the pages in which something was found: the parts of a row after its first."""
    pages: dict[tuple[str, int], set[int]] = defaultdict(set)
    for row in rows:
        if row.part:
            pages[row.kind, row.key].add(row.part)
    return {place: tuple(sorted(parts)) for place, parts in pages.items()}


def _once(ranked: list[RankedRow]) -> list[RankedRow]:
    """Keep the best row of each thing: it can be in the index in several languages and parts."""
    return list({each.row.key: each for each in reversed(ranked)}.values())[::-1]


class RowsOfStates(NamedTuple):
    """Rows that answer the query, each as many as are put in order. `some`: those that answer enough of it; they are
    read where `whole`, which answer all of it, are few. A long file has many pages, which leave room for answers:
    `pages` are read apart, and of a team come last.
    """

    whole: QuerySet[IndexedText]
    some: QuerySet[IndexedText]
    pages: QuerySet[IndexedText]
    own: QuerySet[IndexedText]


def _rows_of_states(reader: Reader, query: Query, kinds: Collection[str], state: int | None) -> RowsOfStates:
    """Return the rows of the reader's own teams, and those that other readers may read too. `state`: of this one."""
    shared, licences = _shared_with(reader)
    of_state = Q() if state is None else Q(owner=state)
    rows = IndexedText.objects.filter(shared, of_state, kind__in=SHARED & {*kinds}).order_by("-pk")
    answers, pages, own = rows.filter(part=0), rows.none(), rows.none()
    if isinstance(reader, User) and reader.has_role(Role.REVIEWER):
        pages = rows.filter(kind__in=IN_FILES, part__gte=1)
    if isinstance(reader, User) and reader.respondent_ids:
        rows = IndexedText.objects.filter(_of_team(reader), of_state, kind__in=OF_TEAM & {*kinds})
        own = _find_own(rows, query, [team_licence(respondent) for respondent in reader.respondent_ids])
    return RowsOfStates(
        find_rows(answers, query, licences, are_all=True)[:MOST_ROWS],
        find_rows(answers, query, licences)[:MOST_ROWS],
        find_rows(pages, query, licences, are_all=True)[:MOST_PAGES],
        own,
    )


def _find_own(rows: QuerySet[IndexedText], query: Query, licences: Iterable[str]) -> QuerySet[IndexedText]:
    """Return first the rows that answer all of the query. A team has few enough to put all of them in order."""
    if not query.groups:
        return rows.none()
    is_partial = Case(When(answers_all(query, licences), then=0), default=1)
    return find_rows(rows.order_by(is_partial, "part", "-pk"), query, licences)[:MOST_ROWS]


def _read_rows(query: Query, of_states: RowsOfStates) -> tuple[list[RankedRow], bool]:
    """Return what is found, the best first, in one query or in two, and whether there are more rows of States."""
    ranked, found = search_with_others(query, (of_states.whole, of_states.pages, of_states.own))
    own = [row for row in found if row.readers == TextReader.TEAM]
    pages = [row for row in found if row.readers != TextReader.TEAM and row.part]
    whole = [row for row in found if row.readers != TextReader.TEAM and not row.part]
    if len(query.groups) > 1 and len(whole) < MOST_ROWS:
        known = {row.pk for row in whole}
        whole += [row for row in of_states.some if row.pk not in known][: MOST_ROWS - len(whole)]
    is_capped = len(whole) >= MOST_ROWS or len(own) >= MOST_ROWS or len(pages) >= MOST_PAGES
    return [*ranked, *rank([*whole, *own, *pages], query)], is_capped


def _shared_with(reader: Reader) -> tuple[Q, list[str]]:
    """Return the condition on rows that the reader may read beside those of a team, and the terms of their licence."""
    readable, licences = Q(readers=TextReader.PUBLIC), [*PUBLIC]
    if not isinstance(reader, User) or not reader.current_memberships:
        return readable, licences
    readable |= Q(readers=TextReader.USERS)
    licences.append(f"z{TextReader.USERS}")
    if reader.has_role(Role.REVIEWER):
        readable |= Q(readers=TextReader.SECRETARIAT) & ~Q(owner__in=respondents_not_read_by(reader))
        licences.append(f"z{TextReader.SECRETARIAT}")
    return readable, licences


def _of_team(reader: User) -> Q:
    """Match the rows of whole desks and, on desks open in part, those of the assigned units and their evidence."""
    own = Q(owner__in=reader.whole_desks)
    for respondent in reader.desks_in_part:
        evidence = Evidence.objects.visible_to(reader).filter(respondent=respondent).values("pk")
        own |= Q(owner=respondent, kind__in=OF_UNITS, unit__in=reader.units_assigned(respondent))
        own |= Q(owner=respondent, kind=TextKind.EVIDENCE, key__in=evidence)
    return Q(readers=TextReader.TEAM) & own


def _read_items(reader: Reader, keys: set[int]) -> dict[int, SubmissionItem]:
    items = SubmissionItem.objects.published()
    if isinstance(reader, User):
        items |= SubmissionItem.objects.visible_to(reader)
    items = items.select_related("submission__respondent", "submission__round", "revision").only(*OF_ITEMS)
    return items.fetch_mode(FETCH_RAISE).in_bulk(keys)


def _read_practices(reader: Any, keys: set[int]) -> dict[int, SubmissionItem]:
    return SubmissionItem.objects.shared_practices(reader).in_bulk(keys)


def _read_records(reader: Any, keys: set[int]) -> dict[int, Record]:
    submitted = SubmissionItem.objects.visible_to(reader).filter(revision=OuterRef("current"))
    records = Record.objects.visible_to(reader).filter(current__isnull=False).annotate(is_submitted=Exists(submitted))
    return records.select_related("current", "recommendation", "respondent").in_bulk(keys)


def _read_comments(reader: Any, keys: set[int]) -> dict[int, Comment]:
    return Comment.objects.visible_to(reader).select_related("unit", "respondent", "author").in_bulk(keys)


def _read_evidence(reader: Any, keys: set[int]) -> dict[int, Evidence]:
    return Evidence.objects.visible_to(reader).select_related("current__file", "respondent").in_bulk(keys)


def _read_sealed(reader: Any, keys: set[int]) -> dict[int, SubmissionEvidence]:
    """Read where versions of evidence were submitted last, by key of the version."""
    readable = SubmissionEvidence.objects.to_be_read_by(reader)
    pieces = readable.filter(withheld=False, citation__evidence_version__in=keys).order_by()
    last = pieces.values("citation__evidence_version").annotate(last=Max("pk")).values("last")
    related = ("citation__evidence_version__file", "item__submission__respondent", "item__submission__round")
    found = readable.filter(pk__in=last).select_related(*related, "item__unit")
    return {piece.citation.evidence_version_id: piece for piece in found}


READERS: dict[str, Callable[[Any, set[int]], dict[int, Any]]] = {
    TextKind.PRACTICE: _read_practices,
    TextKind.SUBMITTED: _read_items,
    TextKind.ANSWER: _read_records,
    TextKind.COMMENT: _read_comments,
    TextKind.EVIDENCE: _read_evidence,
    TextKind.SEALED: _read_sealed,
}
