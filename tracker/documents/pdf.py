from dataclasses import asdict
from pathlib import Path

from tracker.documents.tree import BAR_LOOKS, Document
from tracker.documents.typeset import make_pdf

TEMPLATE = Path(__file__).with_suffix(".typ").read_bytes()
PAPER_TEMPLATE = Path(__file__).with_name("paper.typ").read_bytes()
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">'
LOOKS = {
    code: {
        "ink": look.ink,
        "fill": look.fill,
        "is_filled": look.is_filled,
        "pattern": look.pattern,
        "symbol": f"{HEAD}{look.drawing.replace('currentColor', look.ink)}</svg>",
    }
    for code, look in BAR_LOOKS.items()
}


def write_pdf(document: Document) -> bytes:
    tree = asdict(document) | {"looks": LOOKS}
    head = document.masthead
    if head is None:
        return make_pdf(TEMPLATE, tree)
    tree["masthead"] |= {"fields": head.fields, "meeting": head.meeting}
    return make_pdf(PAPER_TEMPLATE, tree)
