"""Verify files of the recommendations tracker without the site.

    python verify.py XAA-2026-1.json              the JSON download of a submission
    python verify.py log.json --key KEY           the daily list, from its first day, and whether the owner of a public
                                                  key that you know vouches for it; more keys: --key KEY --key KEY
    python verify.py log.json --key KEY KEPT.json …
                                                  the same, compared with copies of it, or of its days, kept before
    python verify.py log.json 2026-11-28.json --key KEY --line LINE
                                                  the same, and the line of a State in the list of that day
    python verify.py vectors.json                 the test vectors of the canonical form

Exit with 0 when everything matches; otherwise print what does not match and exit with 1. Exit with 2 when everything
matches, but not every list is tied to a key that you gave. Needs nothing but Python 3.10 or later. The files are
described in docs/reference: submission-json.md, daily-list.md, canonical-form.md.
"""

import argparse
import hashlib
import json
import sys

FORM = 1  # the only canonical form that this script knows
LARGEST_NUMBER = 2**53 - 1


def canonical(value):
    """JSON with sorted names and no spaces, in UTF-8: RFC 8785 for what `read` accepts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(value):
    """64 hexadecimal digits over the canonical form."""
    return hashlib.sha256(canonical(value)).hexdigest()


def form_faults(forms):
    for form in forms:
        if form != FORM or isinstance(form, bool):
            yield f"form {form!r} is unknown: a newer script from the site can verify it"
            return


# The download of a submission


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
    if revision and item.get("answer_withdrawn"):
        yield "its answer is withdrawn, and it has one"
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
        answer = [item["label"], revision["digest"] if revision else "", item["still_correct_as_at"], citations_kept]
        answers.append([*answer, "answer withdrawn"] if item.get("answer_withdrawn") else answer)
    return sha256({"items": answers, "replies": [reply["digest"] for reply in replies]})


def counts_of(items, codes):
    answered = [item["status"] for item in items if item["status"]]
    counts = {code: answered.count(code) for code in codes if code not in ("asked", "answered")}
    return {"asked": len(items), "answered": len(answered), **counts}


def forms_of(document):
    yield document["submission"]["form"]
    for item in document["items"]:
        if item["revision"]:
            yield item["revision"]["form"]
        yield from (cited["version"]["form"] for cited in item["evidence"] if "version" in cited)
    for reply in document["replies"]:
        yield from (reply["form"], reply["remark"]["form"])


def faults(document):
    """Yield what does not match, in words; nothing when everything matches."""
    if unknown := list(form_faults(forms_of(document))):
        yield from unknown
        return
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


# The daily list: each day is a list of lines, signed, and names the list before it


def lines_digest(signed):
    """Read the lines of a list: all of them in the file of a day, their digest in the log."""
    return signed["lines"] if isinstance(signed["lines"], str) else sha256(signed["lines"])


def statement(signed):
    """Return what is signed."""
    parts = {name: part for name, part in signed.items() if name not in ("signature", "introduction")}
    return {**parts, "lines": lines_digest(signed)}


def name_of(signed):
    return f"list {signed['number']} of {signed['day']}"


def signature_faults(signed):
    parts = {"form", "log", "number", "day", "previous", "key", "public_key", "lines", "signature", "introduction"}
    if signed.keys() != parts:
        yield "it has parts that it should not have, or some are missing"
    if isinstance(signed["lines"], list) and signed["lines"] != sorted(set(signed["lines"])):
        yield "its lines are not in order"
    if not has_signed(signed["public_key"], signed["signature"], signed):
        yield "its signature does not match"


def has_signed(public_key, signature, signed):
    return is_signed(bytes.fromhex(public_key), bytes.fromhex(signature), canonical(statement(signed)))


def key_faults(signed, before):
    """Compare the key with that of the list before: the same, a new one that it introduces, or a new log begins."""
    if before is None:
        if (signed["key"], signed["log"], signed["introduction"]) != (1, 1, ""):
            yield "it does not begin with key 1 and log 1"
    elif signed["public_key"] == before["public_key"]:
        if (signed["key"], signed["log"], signed["introduction"]) != (before["key"], before["log"], ""):
            yield "it has the key of the list before it, but not the numbers of this key and log"
    elif (signed["key"], signed["log"] - before["log"]) not in ((before["key"] + 1, 0), (before["key"] + 1, 1)):
        yield "its key is not that of the list before it, nor the next one"
    elif signed["log"] == before["log"]:
        if not has_signed(before["public_key"], signed["introduction"], signed):
            yield "its key is new, and the key before it did not sign it"
    elif signed["introduction"]:
        yield "it begins a log, but says that the key before it signed it"


def log_faults(log):
    """Check a log: lists from the first on, each naming the one before it."""
    if not log:
        yield "the log has no list"
    number, previous, day, before = 0, "", "", None
    for signed in log:
        if unknown := list(form_faults([signed["form"]])):
            yield from (f"{name_of(signed)}: {fault}" for fault in unknown)
            return
        if signed["number"] != number + 1:
            yield f"list {number + 1} is missing"
        elif signed["previous"] != previous:
            yield f"{name_of(signed)}: it does not name the list before it"
        if signed["day"] <= day:
            yield f"{name_of(signed)}: its day is not after that of the list before it"
        yield from (f"{name_of(signed)}: {fault}" for fault in key_faults(signed, before))
        yield from (f"{name_of(signed)}: {fault}" for fault in signature_faults(signed))
        number, previous, day, before = signed["number"], sha256(statement(signed)), signed["day"], signed


def untied(log, known):
    """Return the lists of a log without faults for which no owner of a known key vouches.

    A known key vouches for the lists that it signed, for the keys that it introduced and what they signed, and for all
    lists before these, since each list names the one before it. It does not vouch for a log that begins later.
    """
    trusted, tied, before = set(known), 0, None
    for signed in log:
        if before and before["public_key"] in trusted and signed["log"] == before["log"]:
            trusted.add(signed["public_key"])
        if signed["public_key"] in trusted:
            tied = signed["number"]
        before = signed
    return [signed for signed in log if signed["number"] > tied]


def read_key(words):
    """Return a public key in 64 small hexadecimal digits, in whatever groups and letters it was typed."""
    digits = "".join(words.replace(":", " ").split()).lower()
    if len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
        raise ValueError("a public key has 64 hexadecimal digits")
    return digits


def kept_faults(log, kept):
    """Find each list that was kept in the log. The owner of the key can sign another one, but cannot change a copy."""
    published = {signed["number"]: sha256(statement(signed)) for signed in log}
    for signed in kept:
        if signed["number"] not in published:
            yield f"{name_of(signed)} was kept, and is not in the log"
        elif published[signed["number"]] != sha256(statement(signed)):
            yield f"{name_of(signed)} was kept, and is another one in the log"


def line_faults(line, days):
    """Find a State's line, `day/chain/number/head/random value`, in the list of its day."""
    parts = "".join(character for character in line if character.isalnum() or character in "/-").split("/")
    if len(parts) != 5 or not parts[2].isdecimal():
        yield "this is not a line: it must have five parts with / between them"
        return
    day, chain, number, head, random = parts
    lists = [signed["lines"] for signed in days if signed["day"] == day]
    if not lists:
        yield f"the line needs the file of its day: {day}.json"
    elif sha256([random, chain, int(number), head]) not in lists[0]:
        yield f"the list of {day} does not have this line"


# Ed25519 (RFC 8032): points are (X, Y, Z, T) with x = X/Z, y = Y/Z and xy = T/Z

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(first, second):
    x1, y1, z1, t1 = first
    x2, y2, z2, t2 = second
    a, b = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    c, d = 2 * D * t1 * t2, 2 * z1 * z2
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def point_of(encoded):
    """Decode 32 bytes: y, and in the last bit whether x is odd. Raises ValueError where there is no such point."""
    number = int.from_bytes(encoded, "little")
    is_odd, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if y >= P or (x * x - square) % P or (x == 0 and is_odd):
        raise ValueError("no point of the curve")
    if x & 1 != is_odd:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(public_key, signature, message):
    first, second = signature[:32], int.from_bytes(signature[32:], "little")
    if len(public_key) != 32 or len(signature) != 64 or second >= ORDER:
        return False
    try:
        commitment, key = point_of(first), point_of(public_key)
    except ValueError:
        return False
    x8, y8, z8, _t8 = multiply(8, key)
    if x8 == 0 and y8 == z8:  # with a key of so small an order anyone can sign
        return False
    challenge = int.from_bytes(hashlib.sha512(first + public_key + message).digest(), "little") % ORDER
    x1, y1, z1, _t1 = multiply(second, BASE)
    x2, y2, z2, _t2 = add(commitment, multiply(challenge, key))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


# The test vectors


def vector_faults(vectors):
    for vector in vectors:
        if (canonical(vector["value"]).decode(), sha256(vector["value"])) != (vector["canonical"], vector["digest"]):
            yield f"{vector['kind']}: the canonical form or its digest does not match"


def checked_vectors(vectors):
    try:
        return list(vector_faults(vectors))
    except NOT_READABLE as error:
        return [f"these are not the test vectors: {error!r}"]


# Files


def read_object(pairs):
    names = {name for name, _value in pairs}
    if len(names) < len(pairs):
        raise ValueError("a name appears twice")
    if not all(name.isascii() for name in names):
        raise ValueError("a name is not in ASCII")
    return dict(pairs)


def read_whole_number(digits):
    if len(digits) > 17 or abs(int(digits)) > LARGEST_NUMBER:
        raise ValueError("a number is too large")
    return int(digits)


def refuse_number(digits):
    raise ValueError(f"{digits} is not a whole number")


def read(text):
    """A file as a value. Raises ValueError where it is not JSON that has a canonical form."""
    return json.loads(
        text,
        object_pairs_hook=read_object,
        parse_int=read_whole_number,
        parse_float=refuse_number,
        parse_constant=refuse_number,
    )


NOT_READABLE = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


def checked(text):
    """Return the document, and what does not match in it, in words."""
    try:
        document = read(text)
        return document, list(faults(document))
    except NOT_READABLE as error:
        return {}, [f"this is not the download of a submission: {error!r}"]


def checked_log(texts, line=None):
    """Return the published log, and what does not match in it, in the copies that were kept, and in the line.

    `texts` are the files: first the log, then copies of it or of the lists of days.
    """
    try:
        log, *others = [read(text) for text in texts]
        if not all(isinstance(other, (dict, list)) and other for other in others):
            raise ValueError("a copy has no list")
        days = [other for other in others if isinstance(other, dict)]
        kept = [*days, *(signed for other in others if isinstance(other, list) for signed in other)]
        if unknown := list(form_faults(signed["form"] for signed in kept)):
            return log, unknown
        wrong = [*log_faults(log), *kept_faults(log, kept)]
        wrong += [f"{name_of(signed)}: {fault}" for signed in days for fault in signature_faults(signed)]
        return log, [*wrong, *(line_faults(line, days) if line is not None else ())]
    except NOT_READABLE as error:
        return [], [f"this is not the daily list: {error!r}"]


def checked_files(texts, line=None, keys=()):
    """Return what does not match in these files, what no known key vouches for, and what to say where all matches."""
    try:
        first = read(texts[0])
    except NOT_READABLE as error:
        return [f"this is not a file of the site: {error!r}"], [], ""
    is_vectors = isinstance(first, list) and first and isinstance(first[0], dict) and "kind" in first[0]
    if isinstance(first, list) and not is_vectors:
        log, wrong = checked_log(texts, line)
        if wrong:
            return wrong, [], ""
        of_log = dict.fromkeys(f"{signed['key']} {signed['public_key']}" for signed in log)
        words = f"{len(log)} lists match, signed with key {', '.join(of_log)}"
        return [], [untied_words(lists, log) for lists in [untied(log, keys)] if lists], words
    if len(texts) > 1 or line is not None or keys:
        return ["other files, a line and a key are compared with the log: give log.json first"], [], ""
    if is_vectors:
        return checked_vectors(first), [], f"{len(first)} vectors match"
    document, wrong = checked(texts[0])
    return wrong, [], "" if wrong else f"{document['submission']['reference']} matches: {document['digest']}"


def untied_words(lists, log):
    which = "" if len(lists) == len(log) else f"from {name_of(lists[0])} on: "
    return f"{which}signatures are not tied to a known key"


def read_file(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def printable(words):
    """Words of a file with ? for what moves the cursor, hides or turns round others on a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def main():
    parser = argparse.ArgumentParser(description="Verify files of the recommendations tracker.")
    parser.add_argument("files", nargs="+", metavar="FILE.json")
    parser.add_argument("--line", help="the line of a State, from its receipt or its audit trail")
    parser.add_argument("--key", action="append", default=[], help="a public key that you know from another place")
    given = parser.parse_args()
    try:
        texts, keys = [read_file(path) for path in given.files], [read_key(words) for words in given.key]
        wrong, loose, words = checked_files(texts, given.line, keys)
    except (OSError, ValueError) as error:
        wrong, loose, words = [f"this is not a file or a key that can be read: {error}"], [], ""
    for printed in wrong or [words, *loose]:
        print(printable(printed))
    return 1 if wrong else 2 if loose else 0


if __name__ == "__main__":
    sys.exit(main())
