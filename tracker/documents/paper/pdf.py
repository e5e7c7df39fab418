from dataclasses import asdict
from pathlib import Path

from tracker.documents.paper.bars import BAR_LOOKS
from tracker.documents.paper.tree import ProgressPaper
from tracker.documents.typeset import make_pdf

TEMPLATE = Path(__file__).with_name("paper.typ").read_bytes()


def paper_pdf(paper: ProgressPaper) -> bytes:
    looks = {code: {"fill": look.fill, "ink": look.ink, "pattern": look.pattern} for code, look in BAR_LOOKS.items()}
    head = paper.masthead
    tree = asdict(paper) | {
        "masthead": asdict(head) | {"fields": head.fields, "meeting": head.meeting},
        "looks": looks,
    }
    return make_pdf(TEMPLATE, tree)
