from dataclasses import asdict
from pathlib import Path

from tracker.documents.paper.bars import BAR_LOOKS
from tracker.documents.paper.tree import Block, PaperChart, PaperTable, ProgressPaper
from tracker.documents.typeset import make_pdf

TEMPLATE = Path(__file__).with_name("paper.typ").read_bytes()


def paper_pdf(paper: ProgressPaper) -> bytes:
    looks = {code: {"fill": look.fill, "ink": look.ink, "pattern": look.pattern} for code, look in BAR_LOOKS.items()}
    head = paper.masthead
    tree = asdict(paper) | {
        "blocks": [_as_data(block) for block in paper.blocks],
        "annexes": [asdict(annex) | {"blocks": [_as_data(block) for block in annex.blocks]} for annex in paper.annexes],
        "masthead": asdict(head) | {"fields": [list(field) for field in head.fields], "meeting": head.meeting},
        "looks": looks,
    }
    return make_pdf(TEMPLATE, tree)


def _as_data(block: Block) -> dict:
    data = asdict(block)
    if isinstance(block, PaperTable | PaperChart):
        data["label"] = block.label
    if isinstance(block, PaperChart):
        data["rows"] = [{"name": row.name, "parts": list(row.parts.items())} for row in block.rows]
    return data
