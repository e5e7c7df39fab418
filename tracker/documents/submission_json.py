"""Write the JSON download of a submission: all that was submitted, and what anyone needs to recompute its digest.

The form is that of docs/reference/submission-json.md. What is sealed is the same for everyone who may read the
submission, and the same every time, unless words were removed: then only their digest is left.
"""

import json

from tracker.audit.seal import Seal, read_seal
from tracker.documents.statements import statements_for
from tracker.models import DailyLine, Reply, Revision, Submission, SubmissionEvidence, SubmissionItem
from tracker.models.digest import as_text
from tracker.models.withdrawal import Digested

# How and why a State changed its answer stays with it: only the digests are written.
NOT_SUBMITTED = {"change_code", "change_details", "change_reason"}


def newest_line(submission: Submission) -> str:
    """Return the State's newest line in a daily list, which is for the State only; empty where there is none."""
    line = DailyLine.objects.for_receipt_of(submission).newest()
    return line.words if line else ""


def write_submission_json(submission: Submission, line: str = "") -> str:
    content = document(read_seal(submission))
    if line:
        content["not_sealed"]["daily_line"] = line
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=as_text) + "\n"


def document(seal: Seal) -> dict:
    submission = seal.submission
    return {
        "submission": submission.digest_base,
        "items": [_item(item, seal) for item in seal.items],
        "replies": [_reply(reply) for reply in seal.replies],
        "digest": submission.digest,
        "not_sealed": {
            "respondent": submission.respondent.name,
            "round": submission.round.name,
            "due_on": submission.due_on,
            "notice": [str(sentence) for sentence in statements_for(submission.respondent)],
        },
    }


def _item(item: SubmissionItem, seal: Seal) -> dict:
    evidence = seal.evidence[item.pk]
    return {
        **item.digest_base,
        "wording": [item.unit.label, item.wording.number, item.wording.text],
        "chapeaux": _with_texts(item.chapeaux, seal),
        "answered_with": _with_texts(item.answered_with, seal),
        "revision": _revision(item.revision, evidence) if item.revision else None,
        "evidence": [_evidence(piece) for piece in evidence],
        "digest": item.digest,
    }


def _with_texts(wordings: list[list], seal: Seal) -> list[list]:
    return [[label, number, seal.texts.get((label, number), "")] for label, number, _digest in wordings]


def _revision(revision: Revision, evidence: list[SubmissionEvidence]) -> dict:
    return {
        **revision.digest_base,
        "fields": _fields(revision),
        "citations": [piece.citation.digest for piece in evidence],
        "digest": revision.digest,
    }


def _evidence(piece: SubmissionEvidence) -> dict:
    if piece.withheld:
        return {"withheld": True, "digest": piece.digest}
    version = piece.citation.evidence_version
    return {
        "withheld": False,
        "random": piece.salt,
        "pinpoint": _fields(piece.citation)["pinpoint"],
        "version": {**version.digest_base, "fields": _fields(version), "digest": version.digest},
        "digest": piece.digest,
    }


def _reply(reply: Reply) -> dict:
    remark = reply.remark
    return {
        **reply.digest_base,
        "remark": {**remark.digest_base, "fields": _fields(remark), "digest": remark.digest},
        "fields": _fields(reply),
        "digest": reply.digest,
    }


def _fields(row: Digested) -> dict[str, dict]:
    """Write each field with its random value; what was removed or not submitted, only as its digest."""
    return {
        name: {"digest": digest}
        if row.is_withdrawn(name) or name in NOT_SUBMITTED
        else {"random": row.salts[name], "value": getattr(row, name)}
        for name, digest in row.field_digests.items()
    }
