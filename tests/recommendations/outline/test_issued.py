"""Documents of other shapes: numbers, dashes and no numbers; recommendations in chapters, annexes and decisions."""

import pytest
from django.core.files.base import ContentFile

from recommendations.management.commands.read_document import as_object
from recommendations.outline.document import read_document
from recommendations.outline.outline import DoubtCode, Outline
from tests.found_texts import assert_nothing_is_silent, compare
from tests.issued_documents import NAMES, SHAPES, plain, printed, truth_of, written

FORMS = {
    "Word": ("docx", written),
    "Word with its own numbers": ("docx", lambda name: written(name, is_automatic=True)),
    **{f"PDF {shape}": ("pdf", lambda name, shape=shape: printed(name, shape)) for shape in range(len(SHAPES))},
    "text": ("txt", lambda name: plain(name).encode()),
}


def settle(nodes: list[dict], outline: Outline, truth: dict) -> list[dict]:
    """Return the texts after a person corrected the hyphens that were in doubt, or left out what is no text."""
    items = [item for item in truth["items"] if item["kind"] != "not_a_recommendation"]
    printed = {item["plain"].replace("-", ""): item["plain"] for item in items}
    in_doubt = [text.text for text in outline.texts if any(d.code == DoubtCode.WORDS_DIFFER for d in text.doubts)]
    settled = {text: printed.get(text.replace("-", "")) for text in in_doubt}
    settled_nodes = (
        node | {name: settled.get(node[name], node[name]) for name in ("text", "parent_text")} for node in nodes
    )
    return [node for node in settled_nodes if node["text"]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_found_with_what_it_asks(name, form):
    suffix, make = FORMS[form]

    truth = truth_of(name)

    outline = read_document(ContentFile(make(name), name=f"document.{suffix}"))

    found = as_object(outline)
    assert_nothing_is_silent(truth, outline, found)
    figures = compare(truth, settle(found["nodes"], outline, truth))
    assert figures == figures._replace(
        **dict.fromkeys(("whole", "labels", "parents", "footnotes", "topics"), figures.texts),
        **dict.fromkeys(("addressees", "strengths", "considers"), figures.asked),
        false=0,
    )
