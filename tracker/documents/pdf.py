from pathlib import Path
from typing import Any

from tracker.documents.tree import BAR_LOOKS, Block, Document
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
    tree = _plain(document) | {"looks": LOOKS}
    head = document.masthead
    if head is None:
        return make_pdf(TEMPLATE, tree)
    tree["masthead"] |= {"fields": head.fields, "meeting": head.meeting}
    return make_pdf(PAPER_TEMPLATE, tree)


def _plain(node: Any) -> Any:
    """Write the tree as dicts and lists. The name of the class of a block is its `kind`."""
    if isinstance(node, list | tuple):
        return [_plain(part) for part in node]
    values = getattr(node, "__dict__", None)
    if values is None:
        return node
    plain = {name: value if value.__class__ is str else _plain(value) for name, value in values.items()}
    return plain | {"kind": type(node).__name__} if isinstance(node, Block) else plain
