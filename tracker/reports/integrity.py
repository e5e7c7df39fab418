"""Whether all that was saved still is what was saved: rows, the chains that their digests make, and kept files."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Prefetch

from tracker.models import ChainHead, Citation, Event, Evidence, EvidenceFile, EvidenceVersion, Record, Revision

AT_A_TIME = 1000


class Checked(NamedTuple):
    """One thing that was looked at, such as a revision, `XAA I.13 3`."""

    kind: str
    reference: str
    holds: bool


class Chains(NamedTuple):
    """Numbered rows, each of which names the digest of the row before. `chain`: the attribute that is equal in all
    rows of a chain; `ends`: by chain, the digest of its last row; `reference`: a format of `row`.
    """

    kind: str
    rows: Iterable
    chain: str
    ends: dict
    reference: str
    holds: Callable[..., bool]


def check_everything() -> Iterator[Checked]:
    """Every revision, version of evidence, event and file of everybody."""
    for chains in (_revisions(), _versions_of_evidence(), _events()):
        yield from _check(chains)
    for file in EvidenceFile.everyones.exclude(file="").iterator(AT_A_TIME):
        yield Checked("file", str(file.file), _bytes_hold(file))


def _check(chains: Chains) -> Iterator[Checked]:
    ends = dict(chains.ends)
    for chain, rows in groupby(chains.rows, attrgetter(chains.chain)):
        number, digest = 0, ""
        for row in rows:
            follows = (row.number, row.previous_digest) == (number + 1, digest)
            number, digest = row.number, row.digest
            reference = chains.reference.format(row=row)
            yield Checked(chains.kind, reference, follows and chains.holds(row))
        if ends.pop(chain, "") != digest:
            yield Checked(chains.kind, f"the last one, after {reference}", False)
    for digest in filter(None, ends.values()):
        yield Checked(chains.kind, f"with the digest {digest}", False)


def _revisions() -> Chains:
    citations = Citation.everyones.select_related("evidence_version").order_by("position")
    rows = Revision.everyones.select_related("record__respondent", "wording__recommendation", "source")
    return Chains(
        "revision",
        rows.prefetch_related(Prefetch("citations", citations)).order_by("record", "number").iterator(AT_A_TIME),
        "record_id",
        dict(Record.everyones.values_list("pk", "current__digest")),
        "{row.record.respondent.code} {row.wording.recommendation.label} {row.number}",
        lambda row: row.holds(list(row.citations.all())),
    )


def _versions_of_evidence() -> Chains:
    rows = EvidenceVersion.everyones.select_related("evidence__respondent", "file")
    return Chains(
        "version of evidence",
        rows.order_by("evidence", "number").iterator(AT_A_TIME),
        "evidence_id",
        dict(Evidence.everyones.values_list("pk", "current__digest")),
        "{row.evidence.respondent.code} {row.evidence} {row.number}",
        EvidenceVersion.holds,
    )


def _events() -> Chains:
    return Chains(
        "event",
        Event.everyones.order_by("chain", "number").iterator(AT_A_TIME),
        "chain",
        dict(ChainHead.objects.values_list("chain", "digest")),
        "{row.chain} {row.number}",
        lambda row: row.compute_digest() == row.digest,
    )


def _bytes_hold(file: EvidenceFile) -> bool:
    try:
        with file.file.open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == file.sha256
    except Exception:  # the kinds of storage have no error in common
        return False
