"""Recompute every digest in the JSON download of a submission, up to the submission's own.

    python verify_submission.py XAA-2026-1.json

Exit with 0 when every digest matches; otherwise print what does not match and exit with 1. Needs nothing but
Python 3.10 or later. docs/reference/submission-json.md describes the form.
"""

import hashlib
import json
import sys


def sha256(value):
    """64 hexadecimal digits over JSON with sorted keys, no spaces, in UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def without_digest(node):
    return {name: value for name, value in node.items() if name != "digest"}


def with_text_digest(wording):
    """Return [label, number, digest of the text] for a wording, [label, number, text]."""
    label, number, words = wording
    return [label, number, sha256(words)]


def field_digest(field):
    """Read a field: its value with its random value, or its digest alone where it was not submitted or was removed."""
    if field.keys() == {"random", "value"}:
        return sha256([field["random"], field["value"]])
    if field.keys() == {"digest"}:
        return field["digest"]
    raise ValueError("a field is neither its value with a random value nor its digest")


def field_digests(fields):
    return {name: field_digest(field) for name, field in fields.items()}


def version_digest(version):
    return sha256({**without_digest(version), "fields": field_digests(version["fields"])})


def citation_digest(cited):
    return sha256({"evidence": cited["version"]["digest"], "fields": {"pinpoint": field_digest(cited["pinpoint"])}})


def evidence_faults(evidence_item, citation):
    """Compare an evidence item with `citation`, a digest. An item kept by the State is a digest alone."""
    names = (
        {"withheld", "digest"} if evidence_item["withheld"] else {"withheld", "digest", "random", "pinpoint", "version"}
    )
    if evidence_item.keys() != names:
        yield "it has parts that it should not have, or some are missing"
    if evidence_item["withheld"]:
        return
    if version_digest(evidence_item["version"]) != evidence_item["version"]["digest"]:
        yield "the digest of its version does not match"
    if citation_digest(evidence_item) != citation:
        yield "it is not what the answer cites"
    if sha256([evidence_item["random"], citation, False]) != evidence_item["digest"]:
        yield "its digest does not match"


def revision_digest(revision, wording):
    fields = field_digests(revision["fields"])
    return sha256({"wording": with_text_digest(wording), **without_digest(revision), "fields": fields})


def item_digest(item):
    return sha256(
        {
            **without_digest(item),
            "wording": with_text_digest(item["wording"]),
            "chapeaux": [with_text_digest(text) for text in item["chapeaux"]],
            "answered_with": [with_text_digest(text) for text in item["answered_with"]],
            "revision": item["revision"]["digest"] if item["revision"] else "",
            "evidence": [evidence_item["digest"] for evidence_item in item["evidence"]],
        }
    )


def item_faults(item):
    revision, evidence = item["revision"], item["evidence"]
    citations = revision["citations"] if revision else []
    if revision and revision_digest(revision, item["wording"]) != revision["digest"]:
        yield "the digest of its answer does not match"
    if revision and revision["record"][1] != item["label"]:
        yield "its answer belongs to another text"
    if item["status"] != (revision["fields"]["status"]["value"] if revision else ""):
        yield "its status is not that of its answer"
    if len(evidence) != len(citations):
        yield "an evidence item is missing, or one is too many"
    for number, (evidence_item, citation) in enumerate(zip(evidence, citations, strict=False), 1):
        for fault in evidence_faults(evidence_item, citation):
            yield f"evidence {number}: {fault}"
    if item_digest(item) != item["digest"]:
        yield "its digest does not match"


def reply_faults(reply):
    """Check a reply and the request for clarification that it answers."""
    remark = reply["remark"]
    if sha256({**without_digest(remark), "fields": field_digests(remark["fields"])}) != remark["digest"]:
        yield "the digest of the request does not match"
    fields = field_digests(reply["fields"])
    if sha256({**without_digest(reply), "remark": remark["digest"], "fields": fields}) != reply["digest"]:
        yield "the digest of the reply does not match"


def content_digest(items, replies):
    """Digest the answers and replies alone: two equal submissions have the same."""
    answers = []
    for item in items:
        revision = item["revision"]
        citations = revision["citations"] if revision else []
        kept = [evidence_item["withheld"] for evidence_item in item["evidence"]]
        citations_kept = [list(pair) for pair in zip(citations, kept, strict=False)]
        answers.append(
            [item["label"], revision["digest"] if revision else "", item["still_correct_as_at"], citations_kept]
        )
    return sha256({"items": answers, "replies": [reply["digest"] for reply in replies]})


def counts_of(items, codes):
    answered = [item["status"] for item in items if item["status"]]
    counts = {code: answered.count(code) for code in codes if code not in ("asked", "answered")}
    return {"asked": len(items), "answered": len(answered), **counts}


def faults(document):
    """Yield what does not match, in words; nothing when everything matches."""
    if document.keys() != {"submission", "items", "replies", "digest", "not_sealed"}:
        yield "the document has parts that it should not have, or some are missing"
    stated, items, replies = document["submission"], document["items"], document["replies"]
    for item in items:
        for fault in item_faults(item):
            yield f"{item['label']}: {fault}"
        if item["revision"] and item["revision"]["record"][0] != stated["reference"].split("/")[0]:
            yield f"{item['label']}: its answer belongs to another State"
    for reply in replies:
        for fault in reply_faults(reply):
            yield f"clarification on {reply['remark']['label']}: {fault}"
    if counts_of(items, stated["counts"]) != stated["counts"]:
        yield "the counts are not those of the items"
    if content_digest(items, replies) != stated["content"]:
        yield "the digest of the content does not match"
    sealed = {
        **stated,
        "items": [item["digest"] for item in items],
        "replies": [reply["digest"] for reply in replies],
    }
    if sha256(sealed) != document["digest"]:
        yield "the digest of the submission does not match"


def no_name_twice(pairs):
    if len({name for name, _value in pairs}) < len(pairs):
        raise ValueError("a name appears twice")
    return dict(pairs)


def read(text):
    """A download as a document. Raises ValueError where it is not JSON or a name appears twice in it."""
    return json.loads(text, object_pairs_hook=no_name_twice)


def checked(text):
    """Return the document, and what does not match in it, in words."""
    try:
        document = read(text)
        return document, list(faults(document))
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        return {}, [f"this is not the download of a submission: {error!r}"]


def main(path):
    try:
        with open(path, encoding="utf-8") as file:
            document, wrong = checked(file.read())
    except (OSError, ValueError) as error:
        document, wrong = {}, [f"this is not a file that can be read: {error}"]
    for fault in wrong:
        print(fault)
    if not wrong:
        print(f"{document['submission']['reference']} matches: {document['digest']}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
