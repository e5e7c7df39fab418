"""Find what a PDF runs, what reaches outside of it, and what is attached to it: the program of a child process, without
Django.

A hostile document can take time and memory, or break the process, and nothing else. `uploads.py` starts it. It ends
with SCRIPT or PASSWORD, or with NOTHING after it wrote to standard output. The first line is JSON: `acts`, whether
something opens, loads or sends; `clicked`, the addresses of hyperlinks; `attached`, [name, size in bytes] of each
attachment. The bytes of the attachments follow.
"""

import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO

import pikepdf

NOTHING, SCRIPT, PASSWORD = 0, 10, 11

RUN = {"/JavaScript", "/Launch"}
ALLOWED, ALLOWED_ON_CLICK = {"/GoTo", "/Named"}, {"/GoTo", "/Named", "/URI"}
ACTIVE_KEYS = {"/JS", "/XFA", "/RichMediaContent", "/OnInstantiate"}
STARTED = ("/OpenAction", "/PA", "/Next")  # have an action each, and `/AA` has several; `/A` waits for a click
PLACES = ("/F", "/UF", "/DOS", "/Mac", "/Unix", "/URL")  # of another file, where they are texts
ANNOTATION = re.compile(
    r"/(Text|Link|FreeText|Line|Square|Circle|Polygon|PolyLine|Highlight|Underline|Squiggly|StrikeOut|Caret|Stamp|Ink"
    r"|Popup|FileAttachment|Widget|PrinterMark|TrapNet|Watermark|Redact)"
)
SEARCHED = re.compile(
    rb"/(?:JavaScript|Launch|JS|XFA|RichMediaContent|OnInstantiate|EF|EmbeddedFile|OpenAction|PA|AA|Next|Rect)\b"
    rb"|/A\s*(?:<<|\d)|/(?:F|UF|DOS|Mac|Unix|URL)\s*[(<]"
)
# What other programs may find in a damaged file, whose objects they collect in another way.
WRITTEN_ACTION = re.compile(
    rb"/S\s*/(?:(JavaScript|Launch)|GoTo(?:R|E|Dp)|Thread|Sound|Movie|SubmitForm|ImportData|Rendition)\b"
)
WRITTEN_AS_NUMBER = re.compile(rb"#([0-9A-Fa-f]{2})")


def main() -> int:
    content = sys.stdin.buffer.read()
    plain = WRITTEN_AS_NUMBER.sub(lambda found: bytes.fromhex(found[1].decode()), content)
    written = [found[1] for found in WRITTEN_ACTION.finditer(plain)]
    if any(written):
        return SCRIPT
    try:
        document = pikepdf.open(BytesIO(content))
    except pikepdf.PasswordError:
        return PASSWORD
    attached: dict[tuple[int, int], tuple[str, pikepdf.Object]] = {}
    acts, clicked = bool(written), set()
    for entries in _dictionaries(document):
        if str(entries.get("/S", "")) in RUN or not ACTIVE_KEYS.isdisjoint(entries.keys()):
            return SCRIPT
        acts = acts or _acts(entries)
        clicked |= {str(action.get("/URI", "")) for action in _actions(entries.get("/A")) if action["/S"] == "/URI"}
        if "/EF" in entries:
            name = str(entries.get("/UF", entries.get("/F", "")))
            attached |= {stream.objgen: (name, stream) for stream in entries["/EF"].values()}
        elif str(entries.get("/Type", "")) == "/EmbeddedFile":
            attached.setdefault(entries.objgen, ("", entries))
    files = [(name, stream.read_bytes()) for name, stream in attached.values()]
    sizes = [(name, len(read)) for name, read in files]
    sys.stdout.buffer.write(json.dumps({"acts": acts, "clicked": list(clicked), "attached": sizes}).encode() + b"\n")
    for _name, read in files:
        sys.stdout.buffer.write(read)
    return NOTHING


def _acts(entries: pikepdf.Object) -> bool:
    """Return whether a dictionary names another file, is a player, or has an action that is not allowed."""
    more = entries.get("/AA")
    started = [*map(entries.get, STARTED), *(more.values() if isinstance(more, pikepdf.Dictionary) else ())]
    return (
        ("/EF" not in entries and any(isinstance(entries.get(place), pikepdf.String) for place in PLACES))
        or ("/Rect" in entries and not ANNOTATION.fullmatch(str(entries.get("/Subtype", "/Text"))))
        or any(str(action["/S"]) not in ALLOWED for value in started for action in _actions(value))
        or any(str(action["/S"]) not in ALLOWED_ON_CLICK for action in _actions(entries.get("/A")))
    )


def _actions(value: object) -> list[pikepdf.Object]:
    """Return the actions in a value. A destination, or the next entry of a table of contents, is none."""
    actions = value if isinstance(value, pikepdf.Array) else [value]
    return [each for each in actions if isinstance(each, pikepdf.Dictionary) and "/S" in each]


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
