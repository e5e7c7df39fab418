from dataclasses import asdict
from pathlib import Path

from tracker.documents.paper.tree import ProgressPaper
from tracker.documents.typeset import make_pdf

TEMPLATE = Path(__file__).with_name("paper.typ").read_bytes()


def paper_pdf(paper: ProgressPaper) -> bytes:
    return make_pdf(TEMPLATE, asdict(paper) | {"head": paper.head})
