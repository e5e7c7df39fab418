"""Find what a PDF runs and what is attached to it: the program of a child process, without Django.

A hostile document can take time and memory, or break the process, and nothing else. `uploads.py` starts it. It ends
with SCRIPT or PASSWORD, or with NOTHING after it wrote the attachments to standard output: a line of JSON with
[name, size in bytes] of each, then their bytes.
"""

import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO

import pikepdf

NOTHING, SCRIPT, PASSWORD = 0, 10, 11

RUN = {"/JavaScript", "/Launch"}
SEARCHED = re.compile(rb"/(JavaScript|Launch|JS|XFA|RichMediaContent|OnInstantiate|EF|EmbeddedFile)\b")
ACTIVE_KEYS = {"/JS", "/XFA", "/RichMediaContent", "/OnInstantiate"}
# What other programs may find in a damaged file, whose objects they collect in another way.
WRITTEN_ACTION = re.compile(rb"/S\s*/(JavaScript|Launch)\b")
WRITTEN_AS_NUMBER = re.compile(rb"#([0-9A-Fa-f]{2})")


def main() -> int:
    content = sys.stdin.buffer.read()
    if WRITTEN_ACTION.search(WRITTEN_AS_NUMBER.sub(lambda found: bytes.fromhex(found[1].decode()), content)):
        return SCRIPT
    try:
        document = pikepdf.open(BytesIO(content))
    except pikepdf.PasswordError:
        return PASSWORD
    attached: dict[tuple[int, int], tuple[str, pikepdf.Object]] = {}
    for entries in _dictionaries(document):
        if str(entries.get("/S", "")) in RUN or not ACTIVE_KEYS.isdisjoint(entries.keys()):
            return SCRIPT
        if "/EF" in entries:
            name = str(entries.get("/UF", entries.get("/F", "")))
            attached |= {stream.objgen: (name, stream) for stream in entries["/EF"].values()}
        elif str(entries.get("/Type", "")) == "/EmbeddedFile":
            attached.setdefault(entries.objgen, ("", entries))
    files = [(name, stream.read_bytes()) for name, stream in attached.values()]
    sys.stdout.buffer.write(json.dumps([(name, len(read)) for name, read in files]).encode() + b"\n")
    for _name, read in files:
        sys.stdout.buffer.write(read)
    return NOTHING


def _dictionaries(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries of each object that has one of the searched names, those in object streams as well."""
    waiting = [each for each in (*document.objects, document.trailer) if SEARCHED.search(_written(each))]
    while waiting:
        found = waiting.pop()
        values = found
        if not isinstance(found, pikepdf.Array):
            yield found
            values = found.values()
        waiting += [value for value in values if _is_inside(value)]


def _written(found: pikepdf.Object) -> bytes:
    entries = found.stream_dict if isinstance(found, pikepdf.Stream) else found
    return entries.unparse(resolved=True) if isinstance(entries, (pikepdf.Dictionary, pikepdf.Array)) else b""


def _is_inside(value: object) -> bool:
    """Return whether a value has others and is written where it is used, and not as an object of its own."""
    return isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect


if __name__ == "__main__":
    sys.exit(main())
