"""Recompute every digest in the JSON download of a submission, up to the submission's own.

    python verify_submission.py XAA-2026-1.json

Exit with 0 when all of them are right; otherwise print what is wrong and exit with 1. Needs Python 3.10 or later and
nothing else. docs/reference/submission-json.md describes the form.
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


def cited(text):
    """A wording stands as [label, number, text], and is digested as [label, number, digest of the text]."""
    label, number, words = text
    return [label, number, sha256(words)]


def field_digest(field):
    """A field is given with its random value; or, where it was not handed in or was withdrawn, as its digest alone."""
    if field.keys() == {"random", "value"}:
        return sha256([field["random"], field["value"]])
    if field.keys() == {"digest"}:
        return field["digest"]
    raise ValueError("a field is neither its value with a random value nor its digest")


def field_digests(fields):
    return {name: field_digest(field) for name, field in fields.items()}


def version_digest(version):
    return sha256({**without_digest(version), "fields": field_digests(version["fields"])})


def citation_digest(piece):
    return sha256({"evidence": piece["version"]["digest"], "fields": {"pinpoint": field_digest(piece["pinpoint"])}})


def evidence_faults(piece, citation):
    """`citation` is the digest of the citation that this piece of evidence is. A withheld one is a digest alone."""
    told = {"withheld", "digest"} if piece["withheld"] else {"withheld", "digest", "random", "pinpoint", "version"}
    if piece.keys() != told:
        yield "it has parts that it should not have, or lacks some"
    if piece["withheld"]:
        return
    if version_digest(piece["version"]) != piece["version"]["digest"]:
        yield "its version does not hold"
    if citation_digest(piece) != citation:
        yield "it is not what the answer cites"
    if sha256([piece["random"], citation, False]) != piece["digest"]:
        yield "it does not hold"


def revision_digest(revision, wording):
    fields = field_digests(revision["fields"])
    return sha256({"wording": cited(wording), **without_digest(revision), "fields": fields})


def item_digest(item):
    return sha256(
        {
            **without_digest(item),
            "wording": cited(item["wording"]),
            "chapeaux": [cited(text) for text in item["chapeaux"]],
            "answered_with": [cited(text) for text in item["answered_with"]],
            "revision": item["revision"]["digest"] if item["revision"] else "",
            "evidence": [piece["digest"] for piece in item["evidence"]],
        }
    )


def item_faults(item):
    revision, evidence = item["revision"], item["evidence"]
    citations = revision["citations"] if revision else []
    if revision and revision_digest(revision, item["wording"]) != revision["digest"]:
        yield "its answer does not hold"
    if revision and revision["record"][1] != item["label"]:
        yield "its answer is to another text"
    if item["status"] != (revision["fields"]["status"]["value"] if revision else ""):
        yield "its status is not that of its answer"
    if len(evidence) != len(citations):
        yield "evidence is missing, or too much"
    for number, (piece, citation) in enumerate(zip(evidence, citations, strict=False), 1):
        for fault in evidence_faults(piece, citation):
            yield f"evidence {number}: {fault}"
    if item_digest(item) != item["digest"]:
        yield "it does not hold"


def reply_faults(reply):
    """The words that answer a question, and the question."""
    remark = reply["remark"]
    if sha256({**without_digest(remark), "fields": field_digests(remark["fields"])}) != remark["digest"]:
        yield "the question does not hold"
    fields = field_digests(reply["fields"])
    if sha256({**without_digest(reply), "remark": remark["digest"], "fields": fields}) != reply["digest"]:
        yield "the answer does not hold"


def content_digest(items, replies):
    """Over what was said alone: two equal hand-ins have the same."""
    said = []
    for item in items:
        revision = item["revision"]
        citations = revision["citations"] if revision else []
        kept = [piece["withheld"] for piece in item["evidence"]]
        pieces = [list(pair) for pair in zip(citations, kept, strict=False)]
        said.append([item["label"], revision["digest"] if revision else "", item["still_correct_as_at"], pieces])
    return sha256({"items": said, "replies": [reply["digest"] for reply in replies]})


def counts_of(items, codes):
    answered = [item["status"] for item in items if item["status"]]
    counts = {code: answered.count(code) for code in codes if code not in ("asked", "answered")}
    return {"asked": len(items), "answered": len(answered), **counts}


def faults(document):
    """What does not hold, in words; nothing when all does."""
    if document.keys() != {"submission", "items", "replies", "digest", "not_sealed"}:
        yield "the document has parts that it should not have, or lacks some"
    stated, items, replies = document["submission"], document["items"], document["replies"]
    for item in items:
        for fault in item_faults(item):
            yield f"{item['label']}: {fault}"
        if item["revision"] and item["revision"]["record"][0] != stated["reference"].split("/")[0]:
            yield f"{item['label']}: its answer is another State's"
    for reply in replies:
        for fault in reply_faults(reply):
            yield f"clarification on {reply['remark']['label']}: {fault}"
    if counts_of(items, stated["counts"]) != stated["counts"]:
        yield "the counts are not those of the items"
    if content_digest(items, replies) != stated["content"]:
        yield "the digest of the content does not hold"
    sealed = {
        **stated,
        "items": [item["digest"] for item in items],
        "replies": [reply["digest"] for reply in replies],
    }
    if sha256(sealed) != document["digest"]:
        yield "the digest of the submission does not hold"


def no_name_twice(pairs):
    if len({name for name, _value in pairs}) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def read(text):
    """A download as a document. Raises ValueError where it is not JSON, or a name stands twice in it."""
    return json.loads(text, object_pairs_hook=no_name_twice)


def checked(text):
    """The document, and what does not hold in it, in words."""
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
        print(f"{document['submission']['reference']} holds: {document['digest']}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
