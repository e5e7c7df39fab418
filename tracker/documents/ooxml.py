"""Read and write the parts of an Office Open XML file, and escape text for them."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from tracker.models.validators import remove_unkeepable

PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def read_parts(file: BytesIO) -> dict[str, str]:
    with ZipFile(file) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def write_parts(parts: Mapping[str, str]) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def escape(text: str) -> str:
    """Write a text for XML, in an element or an attribute, without the characters that XML cannot hold."""
    text = clean_text(text).replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;").replace('"', "&quot;")


def clean_text(text: str) -> str:
    return text if text.isprintable() else remove_unkeepable(text.replace("\r\n", "\n").replace("\r", "\n"))
