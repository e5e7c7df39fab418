"""Keep the texts of respondents in the index of the search.

Every action ends with an event in the chain of its respondent. A saved answer or note is analysed before its lock, and
indexed in its own transaction, in a savepoint: an error of the index fails no save. Texts of other events are indexed
after the commit. `IndexState` has the number of the last event indexed, so that the next event, the daily
`manage.py maintain_files`, or `manage.py rebuild_search` catches up with what failed.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from recommendations.groups import group_pairs
from recommendations.models import IndexedText, IndexState, Recommendation, TextKind, TextReader
from recommendations.search.analyser import VERSION, guess_language
from recommendations.search.index import index_catalogue, is_catalogue_behind, make_row, replace_rows, write_rows
from tracker.actions.evidence_text import index_sealed, index_texts, published_in_index, submissions_in_index
from tracker.models import (
    ChainHead,
    Comment,
    Event,
    Evidence,
    Record,
    Respondent,
    Revision,
    SharedPractice,
    SubmissionItem,
)
from tracker.models.answer_fields import PUBLISHED_TEXTS, TEXTS
from tracker.models.event import Action
from tracker.models.submission import is_withdrawn

logger = logging.getLogger(__name__)

MOST_EVENTS = 100  # of more, all texts of the respondent are indexed
TRIES = 5
GRACE = timedelta(minutes=1)  # an event may be indexed in this moment
OF_RECORD = "record "
OF_COMMENTS = "comments on "
OF_EVIDENCE = "evidence E"
# By the prefix of their targets: what the actions that change texts of one row name.
PREFIXES: dict[str, str] = {
    Action.ANSWER_SAVED: OF_RECORD,
    Action.NOTE_SAVED: OF_RECORD,
    Action.COMMENT_WRITTEN: OF_COMMENTS,
    Action.EVIDENCE_ADDED: OF_EVIDENCE,
    Action.EVIDENCE_CHANGED: OF_EVIDENCE,
}
OF_SUBMISSIONS = {
    Action.SUBMITTED,
    Action.QUESTIONS_ANSWERED,
    Action.SUBMISSION_WITHDRAWN,
    Action.USE_PERMITTED,
}
OF_ALL = {Action.WITHDRAWAL_REQUESTED, Action.WITHDRAWAL_CONFIRMED, Action.WITHDRAWAL_REFUSED}
HAS_TEXTS = PREFIXES.keys() | OF_SUBMISSIONS | OF_ALL
SubmittedTerms = dict[tuple[str, int], str]
IN_FILE = Q(kind=TextKind.EVIDENCE, part__gte=1)  # text inside a file, which is read apart


@dataclass(frozen=True)
class CatchUp:
    """A step after a commit: index what the events of a transaction name."""

    respondent: Respondent

    def __call__(self) -> None:
        catch_up(self.respondent)


class AnalysedText(NamedTuple):
    """The row of a record, to be saved with its event. `has_other_row`: there may be one in another language."""

    row: IndexedText
    has_other_row: bool


def analyse_record(record: Record, revision: Revision | None) -> AnalysedText | None:
    """Analyse the texts of the next revision of a record, or of the current one, and its note. None where it failed."""
    texts = [getattr(revision, name) for name in TEXTS] if revision else []
    language = revision.language if revision else ""
    has_other_row = record.current is None or record.current.language != language
    try:
        row = _answer_row(record.pk, record.respondent_id, record.recommendation_id, record.note, language, texts)
        return AnalysedText(row, has_other_row)
    except Exception:  # whatever a text has
        logger.exception("a text of %s was not analysed", record.respondent.code)
        return None


def index_events(respondent: Respondent, events: Sequence[Event], text: AnalysedText | None) -> None:
    """Index `text` with the one event of an action that has it, and what other events name after the commit."""
    has_more = text is None and bool(HAS_TEXTS & {event.action for event in events})
    if has_more or not _index_now(respondent, events, text):
        _index_later(respondent)


def _index_now(respondent: Respondent, events: Sequence[Event], text: AnalysedText | None) -> bool:
    """Save a text in the transaction of its event, if the index has all events before it, as it nearly always has."""
    try:
        with transaction.atomic():
            state = IndexState(chain=respondent.code, number=events[0].number - 1, version=VERSION)
            is_next = _move(state, events[-1].number)
            if is_next and text:
                _save_rows([text.row], may_have_others=text.has_other_row)
    except Exception:  # whatever the index has
        logger.exception("the texts of %s were not indexed", respondent.code)
        return False
    return is_next


def _index_later(respondent: Respondent) -> None:
    step = CatchUp(respondent)
    if all(step != waiting for _savepoints, waiting, _robust in transaction.get_connection().run_on_commit):
        transaction.on_commit(step, robust=True)


def catch_up(respondent: Respondent) -> bool:
    """Index what the events since the last one indexed name; return False where another process was always faster. The
    texts are read and analysed before anything is locked.
    """
    for state in _read_states(respondent):
        events = Event.everyones.filter(chain=respondent.code, number__gt=state.number).order_by("number")
        rows = list(events.values_list("number", "action", "target")[: MOST_EVENTS + 1])
        if (not rows and state.version == VERSION) or _index_events(respondent, state, rows):
            return True
    logger.warning("the search is behind for %s", respondent.code)
    return False


def _index_events(respondent: Respondent, state: IndexState, events: list[tuple[int, str, str]]) -> bool:
    if len(events) > MOST_EVENTS or state.version != VERSION or any(action in OF_ALL for _n, action, _t in events):
        return _index_all(respondent, state)
    rows = list(_rows_of_targets(respondent, {(action, target) for _number, action, target in events}))
    has_submitted = any(action in OF_SUBMISSIONS for _number, action, _target in events)
    submitted = list(_rows_of_submissions(respondent, _read_terms(respondent))) if has_submitted else []
    _index_files(rows)
    if has_submitted:
        index_sealed(respondent)
    with transaction.atomic():
        if not _move(state, events[-1][0]):
            return False
        _save_rows(rows)
        if has_submitted:
            replace_rows(submitted, _of_submissions(respondent))
    return True


def _index_files(rows: Iterable[IndexedText]) -> None:
    """Index the texts of the files of evidence items that changed."""
    if changed := [row.key for row in rows if row.kind == TextKind.EVIDENCE]:
        index_texts(Evidence.everyones.filter(pk__in=changed))


def _move(state: IndexState, number: int) -> bool:
    """Say how far the index is, unless another process did since `state` was read."""
    unmoved = IndexState.objects.filter(chain=state.chain, number=state.number, version=state.version)
    return bool(unmoved.update(number=number, version=VERSION))


def _save_rows(rows: list[IndexedText], *, may_have_others: bool = True) -> None:
    """Save the rows, each instead of one that was made when the same text had another language."""
    keys = group_pairs(((row.kind, row.language), row.key) for row in rows if may_have_others)
    for (kind, language), of_language in keys.items():
        IndexedText.objects.filter(kind=kind, key__in=of_language, part=0).exclude(language=language).delete()
    write_rows(rows)


def index_respondent(respondent: Respondent) -> bool:
    """Index all texts of a respondent again; return False where its texts kept changing."""
    return any(_index_all(respondent, state) for state in _read_states(respondent))


def _read_states(respondent: Respondent) -> Iterator[IndexState]:
    """Yield how far the index is, read again for each try."""
    for _number in range(TRIES):
        yield IndexState.objects.get_or_create(chain=respondent.code, defaults={"number": 0, "version": VERSION})[0]


def _index_all(respondent: Respondent, state: IndexState) -> bool:
    head = ChainHead.objects.filter(chain=respondent.code).first()
    rows = [*_rows_of_desk(respondent), *_rows_of_submissions(respondent, {})]
    index_texts(Evidence.everyones.filter(respondent=respondent))
    index_sealed(respondent, again=True)
    with transaction.atomic():
        if not _move(state, head.number if head else 0):
            return False
        replace_rows(rows, Q(owner=respondent.pk) & ~(IN_FILE | Q(kind=TextKind.SEALED)))
    return True


def is_index_behind(at: datetime | None = None) -> bool:
    """Return whether texts are not indexed, or by another version of the analyser, a minute after their event."""
    return is_catalogue_behind() or _chains_behind(at).exists()


def index_what_is_behind() -> None:
    """Index what the step after a commit did not."""
    if is_catalogue_behind():
        index_catalogue()
    for respondent in Respondent.objects.filter(code__in=_chains_behind().values("chain")):
        _try(catch_up, respondent)


def _chains_behind(at: datetime | None = None) -> QuerySet[ChainHead]:
    before = (at or timezone.now()) - GRACE
    number = IndexState.objects.filter(chain=OuterRef("chain"), version=VERSION).values("number")
    unindexed = Event.everyones.filter(
        chain=OuterRef("chain"), number=OuterRef("number"), at__lt=before, respondent__isnull=False
    )
    heads = ChainHead.objects.annotate(indexed=Coalesce(Subquery(number), -1)).filter(number__gt=F("indexed"))
    return heads.filter(Exists(unindexed))


def rebuild_index() -> tuple[int, list[Respondent]]:
    """Return how many rows there are, and the respondents whose rows are still the old ones."""
    respondents = list(Respondent.objects.all())
    IndexedText.objects.exclude(owner=None).exclude(owner__in=[respondent.pk for respondent in respondents]).delete()
    IndexState.objects.filter(chain="").delete()
    index_catalogue()
    left = [respondent for respondent in respondents if not _try(index_respondent, respondent)]
    return IndexedText.objects.count(), left


def _try(index: Callable[[Respondent], bool], respondent: Respondent) -> bool:
    try:
        return index(respondent)
    except Exception:  # whatever a text has: it stops no other respondent
        logger.exception("the texts of %s were not indexed", respondent.code)
        return False


def forget_texts(respondent: Respondent) -> None:
    """Delete all rows of a respondent in the transaction of a removal, whose event indexes what is left. A process that
    read texts before it saves nothing after it: the state that it read is gone.
    """
    IndexState.objects.filter(chain=respondent.code).update(version=0)
    IndexedText.objects.filter(owner=respondent.pk).delete()


def _rows_of_targets(respondent: Respondent, targets: set[tuple[str, str]]) -> Iterator[IndexedText]:
    names = group_pairs(
        (prefix, target.removeprefix(prefix)) for action, target in targets if (prefix := PREFIXES.get(action))
    )
    if labels := names[OF_RECORD]:
        yield from _rows_of_records(_of_units(Record, respondent, "recommendation", labels))
    if labels := names[OF_COMMENTS]:
        yield from _rows_of_comments(_of_units(Comment, respondent, "unit", labels))
    if numbers := names[OF_EVIDENCE]:
        yield from _rows_of_evidence(Evidence.everyones.filter(respondent=respondent, number__in=map(int, numbers)))


def _of_units(model: Any, respondent: Respondent, path: str, labels: Iterable[str]) -> Any:
    return model.everyones.filter(respondent=respondent, **{f"{path}__in": Recommendation.objects.labelled(labels)})


def _rows_of_desk(respondent: Respondent) -> Iterator[IndexedText]:
    yield from _rows_of_records(Record.everyones.filter(respondent=respondent))
    yield from _rows_of_comments(Comment.everyones.filter(respondent=respondent))
    yield from _rows_of_evidence(Evidence.everyones.filter(respondent=respondent))


def _rows_of_records(records: Any) -> Iterator[IndexedText]:
    texts = [f"current__{name}" for name in TEXTS]
    fields = ("pk", "respondent", "recommendation", "note", "current__language", *texts)
    for key, owner, unit, note, language, *words in records.values_list(*fields):
        yield _answer_row(key, owner, unit, note, language, words)


def _answer_row(
    key: int, owner: int, unit: int, note: str, language: str | None, texts: Iterable[str | None]
) -> IndexedText:
    return make_row(
        TextKind.ANSWER,
        key,
        language or guess_language(note),
        readers=TextReader.TEAM,
        owner=owner,
        unit=unit,
        words="\n".join(filter(None, (*texts, note))),
    )


def _rows_of_comments(comments: Iterable[Comment]) -> Iterator[IndexedText]:
    for comment in comments:
        language = guess_language(comment.text)
        yield _team_row(TextKind.COMMENT, comment, language, unit=comment.unit_id, words=comment.text)


def _rows_of_evidence(evidence: Any) -> Iterator[IndexedText]:
    for item in evidence.filter(current__isnull=False).select_related("current"):
        version = item.current
        yield _team_row(
            TextKind.EVIDENCE,
            item,
            version.language,
            title=version.title,
            heading=str(item),
            words=f"{version.citation}\n{version.file_name}",
        )


def _team_row(kind: str, row: Any, language: str, *, unit: int | None = None, **texts: Any) -> IndexedText:
    return make_row(kind, row.pk, language, readers=TextReader.TEAM, owner=row.respondent_id, unit=unit, **texts)


def _of_submissions(respondent: Respondent) -> Q:
    return Q(owner=respondent.pk, kind__in=(TextKind.SUBMITTED, TextKind.PRACTICE))


def _read_terms(respondent: Respondent) -> SubmittedTerms:
    """Return the terms of submitted answers in the index, by kind and version."""
    version = SubmissionItem.everyones.filter(pk=OuterRef("key")).values("revision")
    rows = IndexedText.objects.filter(_of_submissions(respondent)).annotate(version=Subquery(version))
    return {(kind, key): words for kind, key, words in rows.values_list("kind", "version", "words")}


def _rows_of_submissions(respondent: Respondent, known: SubmittedTerms) -> Iterator[IndexedText]:
    """Yield rows of the newest submission not withdrawn, of published submissions, and of shared practices
    that are not withdrawn.

    `known`: terms by kind and version, which are not made again: most answers of a submission are those of the last.
    """
    published = published_in_index(respondent.pk)
    items = SubmissionItem.everyones.filter(submission__in=submissions_in_index(respondent.pk), revision__isnull=False)
    for item in items.select_related("revision"):
        readers = TextReader.PUBLIC if item.submission_id in published else TextReader.SECRETARIAT
        yield _submitted_row(TextKind.SUBMITTED, respondent, item, readers, PUBLISHED_TEXTS, known)
    practices = SharedPractice.everyones.filter(~is_withdrawn("item__submission__"), respondent=respondent)
    for practice in practices.select_related("item__revision"):
        yield _submitted_row(TextKind.PRACTICE, respondent, practice.item, TextReader.USERS, ("measures",), known)


def _submitted_row(
    kind: str,
    respondent: Respondent,
    item: SubmissionItem,
    readers: str,
    names: Iterable[str],
    known: SubmittedTerms,
) -> IndexedText:
    """Return the row of an item that has an answer, with these texts of it."""
    revision: Any = item.revision
    terms = known.get((kind, revision.pk), "")
    words = "" if terms else "\n".join(filter(None, (getattr(revision, name) for name in names)))
    row = make_row(
        kind, item.pk, revision.language, readers=readers, owner=respondent.pk, unit=item.unit_id, words=words
    )
    row.words = terms or row.words
    return row
