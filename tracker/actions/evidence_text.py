"""Keep the text of evidence files, and have it in the index of the search.

A text is made of its file and changes no answer, so no event has it.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import batched
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.tasks import task

from recommendations.models import IndexedText, TextKind, TextReader
from recommendations.search.index import make_row, replace_rows
from tracker.disclosure import why_file_is_closed
from tracker.documents.exchange.file_text import SECONDS, OutOfTime, read_pages
from tracker.models import (
    Evidence,
    EvidenceFile,
    EvidenceText,
    EvidenceVersion,
    FileScan,
    Participation,
    Respondent,
    Submission,
    SubmissionEvidence,
)

logger = logging.getLogger(__name__)

SECONDS_WHILE_SOMEBODY_WAITS = 5
TOGETHER = 100  # versions without a text


@task
def keep_text_of(pk: int) -> None:
    """Keep the text of a new file. Without a worker the user waits: the daily job reads what takes longer."""
    user_waits = not keep_text_of.get_backend().supports_defer
    file = _files_without_text().filter(pk=pk).first()
    if file and _is_open(file):
        _keep_text(file, SECONDS_WHILE_SOMEBODY_WAITS if user_waits else SECONDS)


def keep_waiting_texts() -> int:
    """Keep the text of each file that has none yet; return how many the storage did not give."""
    return sum(not _keep_text(file, SECONDS) for file in _files_without_text().order_by("pk") if _is_open(file))


@transaction.atomic
def delete_texts(files: Iterable[EvidenceFile]) -> None:
    EvidenceText.everyones.filter(file__in=[file.pk for file in files]).delete()


def _files_without_text() -> QuerySet[EvidenceFile]:
    return EvidenceFile.everyones.filter(text__isnull=True, withdrawal__isnull=True)


def _is_open(file: EvidenceFile) -> bool:
    """Return whether the file was scanned where ClamAV is used, and no malware was found."""
    scan = FileScan.objects.filter(sha256=file.sha256, found="").first()
    return scan is not None and (scan.scanned_at is not None or not settings.CLAMAV_SOCKET)


def _keep_text(file: EvidenceFile, seconds: float) -> bool:
    try:
        pages = read_pages(file, seconds)
    except OutOfTime:
        if seconds < SECONDS:
            return False
        pages = []
    except Exception:  # storage backends have no error class in common
        logger.exception("reading a file failed")
        return False
    _save_text(file, pages)
    index_texts(Evidence.everyones.filter(current__file=file))
    _index_sealed_texts(_sealed_versions(file.respondent_id).filter(file=file))
    return True


@transaction.atomic
def _save_text(file: EvidenceFile, pages: list[str]) -> None:
    """Save the text, unless the file was removed while it was read."""
    _lock(file.respondent_id)
    if _files_without_text().filter(pk=file.pk).exists():
        EvidenceText.everyones.create(file=file, pages=pages)


def _lock(respondent_id: int) -> None:
    """Wait for a removal, which locks the respondent too."""
    Respondent.objects.select_for_update(no_key=True).get(pk=respondent_id)


def index_texts(items: QuerySet[Evidence]) -> None:
    """Index the text of the current files of evidence items, one item after the other: a text can be long."""
    for item in items.select_related("current__file__text").iterator(1):
        if item.current:
            _try(_index_text, item, item.current)


def _try(index: Callable[..., None], *given: Any) -> bool:
    """Index texts, which stop no others where they cannot be indexed; return whether they were."""
    try:
        index(*given)
    except Exception:  # whatever a text has
        logger.exception("a text was not indexed")
        return False
    return True


def _index_text(item: Evidence, version: EvidenceVersion) -> None:
    rows = list(_rows_of_pages(TextKind.EVIDENCE, item.pk, version, item.respondent_id, TextReader.TEAM))
    where = Q(kind=TextKind.EVIDENCE, key=item.pk, part__gte=1)
    if rows or IndexedText.objects.filter(where).exists():
        _save_rows(rows, where, {item.pk: version}, item.respondent_id, _current_versions)


def index_sealed(respondent: Respondent, *, again: bool = False) -> None:
    """Index the evidence of submissions in the index that the State does not keep, and nothing else, for the
    Secretariat: what is not in the index yet, or `again` all of it.
    """
    _delete_unsealed(respondent.pk)
    versions = _sealed_versions(respondent.pk)
    _index_sealed(versions if again else versions.filter(pk__in=_find_unindexed(versions)))


def _find_unindexed(versions: QuerySet[EvidenceVersion]) -> list[int]:
    """Return the versions without rows, and those whose file was opened or closed since their rows were made."""
    pages = (
        IndexedText.objects.filter(kind=TextKind.SEALED, key=OuterRef("pk")).values("key").annotate(last=Max("part"))
    )
    text = EvidenceText.everyones.filter(file=OuterRef("file")).exclude(pages=[])
    found = versions.annotate(last_part=Subquery(pages.values("last")), has_text=Exists(text))
    return [
        version
        for version, sha256, last_part, has_text in found.values_list("pk", "file__sha256", "last_part", "has_text")
        if last_part is None or (has_text and bool(last_part) == bool(why_file_is_closed(sha256, is_own=False)))
    ]


@transaction.atomic
def _delete_unsealed(respondent_id: int) -> None:
    _lock(respondent_id)
    indexed = IndexedText.objects.filter(owner=respondent_id, kind=TextKind.SEALED)
    indexed.exclude(key__in=set(_sealed_versions(respondent_id).values_list("pk", flat=True))).delete()


def _current_versions(respondent_id: int) -> QuerySet[EvidenceVersion]:
    return EvidenceVersion.everyones.filter(evidence__respondent=respondent_id, evidence__current=F("pk"))


def _sealed_versions(respondent_id: int) -> QuerySet[EvidenceVersion]:
    """Return the versions of evidence that the Secretariat reads in submissions in the index."""
    submissions = submissions_in_index(respondent_id)
    pieces = SubmissionEvidence.everyones.filter(item__submission__in=submissions, withheld=False)
    return EvidenceVersion.everyones.filter(pk__in=pieces.values("citation__evidence_version"))


def submissions_in_index(respondent_id: int) -> set[int]:
    """Return the published submissions, and the newest one that is not withdrawn."""
    current = Participation.everyones.filter(respondent=respondent_id, current__isnull=False)
    return published_in_index(respondent_id) | set(current.order_by("-current").values_list("current", flat=True)[:1])


def published_in_index(respondent_id: int) -> set[int]:
    return set(Submission.objects.published().filter(respondent=respondent_id).values_list("pk", flat=True))


def _index_sealed(versions: QuerySet[EvidenceVersion]) -> None:
    """Index the items without a text together, and each text alone: it can be long."""
    without_text = versions.filter(file__text__isnull=True).select_related("file__text", "evidence")
    for some in batched(without_text.iterator(TOGETHER), TOGETHER):
        if not _try(_index_versions, some):
            for version in some:
                _try(_index_versions, [version])
    _index_sealed_texts(versions)


def _index_sealed_texts(versions: QuerySet[EvidenceVersion]) -> None:
    for version in versions.filter(file__text__isnull=False).select_related("file__text", "evidence").iterator(1):
        _try(_index_versions, [version])


def _index_versions(versions: Collection[EvidenceVersion]) -> None:
    """Index sealed versions of one respondent."""
    rows = [row for version in versions for row in _rows_of_version(version)]
    by_key = {version.pk: version for version in versions}
    [owner] = {version.evidence.respondent_id for version in versions}
    _save_rows(rows, Q(kind=TextKind.SEALED), by_key, owner, _sealed_versions)


def _rows_of_version(version: EvidenceVersion) -> Iterator[IndexedText]:
    owner, readers = version.evidence.respondent_id, TextReader.SECRETARIAT
    yield make_row(
        TextKind.SEALED,
        version.pk,
        version.language,
        readers=readers,
        owner=owner,
        title=version.title,
        words=f"{version.citation}\n{version.file_name}",
    )
    if not (version.file and why_file_is_closed(version.file.sha256, is_own=False)):
        yield from _rows_of_pages(TextKind.SEALED, version.pk, version, owner, readers)


def _rows_of_pages(kind: str, key: int, version: EvidenceVersion, owner: int, readers: str) -> Iterator[IndexedText]:
    text = getattr(version.file, "text", None)
    for number, page in enumerate(text.pages if text else (), start=1):
        if page.strip():
            yield make_row(kind, key, version.language, readers=readers, owner=owner, part=number, words=page)


@transaction.atomic
def _save_rows(
    rows: list[IndexedText],
    where: Q,
    versions: dict[int, EvidenceVersion],
    owner: int,
    find_indexed: Callable[[int], QuerySet[EvidenceVersion]],
) -> None:
    """Save the rows of `versions`, which are by the key of their rows. A version of which something was removed while
    they were made is left as it is.

    `find_indexed` returns the versions that the index has: another may be in its place by now.
    """
    _lock(owner)
    indexed = find_indexed(owner).filter(pk__in=[version.pk for version in versions.values()])
    removals = {pk: (own, of_file) for pk, own, of_file in indexed.values_list("pk", "withdrawal", "file__withdrawal")}
    unchanged = {key for key, version in versions.items() if removals.get(version.pk) == _removals_of(version)}
    replace_rows([row for row in rows if row.key in unchanged], where & Q(key__in=unchanged))


def _removals_of(version: EvidenceVersion) -> tuple[int | None, int | None]:
    return version.withdrawal_id, version.file.withdrawal_id if version.file else None
