"""Which pieces of evidence of a submission anybody may be shown."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from tracker.models import EvidenceVersion, SubmissionEvidence

PUBLIC = EvidenceVersion.Disclosure.PUBLIC


def public_evidence(items: Iterable[int] | QuerySet) -> dict[int, list[SubmissionEvidence]]:
    """By the key of an item, in order, the pieces that were public when it was handed in and are so today.

    The version that was cited is shown, never another one. Where it, or one since, was not public and the newest
    replaces what a reader of it is given, such as the law with the names still in it, it stays with its reader.
    """
    versions = EvidenceVersion.everyones.filter(evidence=OuterRef("citation__evidence_version__evidence"))
    when_sealed = versions.filter(created_at__lte=OuterRef("item__submission__sealed_at")).order_by("-number")
    since = versions.filter(number__gte=OuterRef("citation__evidence_version__number"))
    pieces = (
        SubmissionEvidence.everyones.filter(
            item__in=items, withheld=False, citation__evidence_version__evidence__current__disclosure=PUBLIC
        )
        .annotate(
            was_disclosed_to=Subquery(when_sealed.values("disclosure")[:1]),
            kept_since=Exists(since.exclude(disclosure=PUBLIC)),
        )
        .filter(was_disclosed_to=PUBLIC)
        .select_related(
            "citation__withdrawal",
            "citation__evidence_version__withdrawal",
            "citation__evidence_version__file__withdrawal",
            "citation__evidence_version__evidence__current",
        )
        .order_by("item", "position")
    )
    found: defaultdict[int, list[SubmissionEvidence]] = defaultdict(list)
    for piece in pieces:
        cited = piece.citation.evidence_version
        newest = cited.evidence.current or cited
        if not piece.kept_since or cited.substance == newest.substance:
            found[piece.item_id].append(piece)
    return found
