from dataclasses import asdict
from functools import cache
from pathlib import Path

from tracker.documents.tree import Document
from tracker.documents.typeset import make_pdf
from tracker.models.status import LOOKS

TEMPLATE = Path(__file__).with_suffix(".typ").read_bytes()


def report_pdf(document: Document) -> bytes:
    return make_pdf(TEMPLATE, asdict(document) | {"looks": _status_styles()})


@cache
def _status_styles() -> dict[str, dict[str, str | bool]]:
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">'
    return {
        code: {
            "ink": look.ink,
            "fill": look.fill,
            "is_filled": look.is_filled,
            "pattern": look.pattern,
            "symbol": f"{head}{look.drawing.replace('currentColor', look.ink)}</svg>",
        }
        for code, look in LOOKS.items()
    }
