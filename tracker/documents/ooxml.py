"""Read and write the parts of an Office Open XML file, and escape text for them."""

import re
from collections.abc import Iterable
from io import BytesIO
from itertools import batched
from zipfile import ZIP_DEFLATED, ZipFile

from tracker.models.validators import remove_unkeepable

AT_ONCE = 200  # pieces
MARKS = re.compile('[&<>"]')
PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def read_parts(file: BytesIO) -> dict[str, str]:
    with ZipFile(file) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def write_parts(parts: Iterable[tuple[str, str | Iterable[str]]]) -> bytes:
    """Write the parts, a large one in pieces: as one text it would be in memory several times."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        for name, content in parts:
            with packed.open(name, "w") as part:
                for pieces in batched([content] if isinstance(content, str) else content, AT_ONCE, strict=False):
                    part.write("".join(pieces).encode())
    return file.getvalue()


def escape(text: str) -> str:
    """Write a text for XML, in an element or an attribute, without the characters that XML cannot hold."""
    text = clean_text(text)
    if not MARKS.search(text):
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def clean_text(text: str) -> str:
    return text if text.isprintable() else remove_unkeepable(text.replace("\r\n", "\n").replace("\r", "\n"))
