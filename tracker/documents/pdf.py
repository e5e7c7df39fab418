"""A State's report as PDF/UA, by typst."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string

from tracker.documents.tree import Document
from tracker.documents.typeset import typeset

TEMPLATE = Path(__file__).with_suffix(".typ").read_bytes()

INK = {
    "implemented": "#0b5a4c",
    "considered_not_taken_up": "#54468c",
    "partially_implemented": "#25806f",
    "in_progress": "#8a5d0c",
    "not_started": "#77684a",
    "not_applicable": "#66727c",
    "no_information": "#7c8892",
}


def report_pdf(document: Document) -> bytes:
    return typeset(TEMPLATE, asdict(document), symbols=_symbols())


@cache
def _symbols() -> str:
    """The symbols of the statuses as the pages have them."""
    drawings = {code: render_to_string(f"components/symbols/{code}.svg") for code in INK}
    namespace = '<svg xmlns="http://www.w3.org/2000/svg"'
    return json.dumps(
        {
            code: svg.strip().replace("<svg", namespace, 1).replace("currentColor", INK[code])
            for code, svg in drawings.items()
        }
    )
