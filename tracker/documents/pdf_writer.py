"""Write a PDF with typst to standard output: the program of a child process, without Django (`typeset.py`).

typst keeps what it made for as long as its process lives, and needs time and memory by the length of the text.
"""

import json
import sys
from io import BytesIO
from typing import Any, Literal, cast

import pikepdf
import typst

LARGE = 256 * 1024  # bytes; a smaller PDF is sent as quickly as it is packed


def main() -> None:
    """Read the template, its inputs and the folders of fonts. If typst refuses PDF/UA, the PDF is not PDF/UA."""
    job = json.load(sys.stdin.buffer)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=job["fonts"])
    try:
        pdf = _compile(job, fonts, "ua-1")
    except typst.TypstError:
        pdf = _compile(job, fonts, "1.7")
    sys.stdout.buffer.write(_pack(pdf) if len(pdf) > LARGE else pdf)


def _pack(pdf: bytes) -> bytes:
    """Compress the structure for screen readers, which typst does not: it is half of a report."""
    packed = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate, fix_metadata_version=False)
    return packed.getvalue()


def _compile(job: dict[str, Any], fonts: typst.Fonts, standard: Literal["ua-1", "1.7"]) -> bytes:
    compiler = typst.Compiler(job["template"].encode(), font_paths=fonts, sys_inputs=job["inputs"])
    return cast(bytes, compiler.compile(format="pdf", pdf_standards=standard))


if __name__ == "__main__":
    main()
