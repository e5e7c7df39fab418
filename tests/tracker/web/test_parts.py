"""Parts of pages that are rendered once for equal values."""

import pytest
from django.utils.safestring import SafeString

from tests.languages import MARK, another_language
from tracker.templatetags.looks import bar
from tracker.web import parts
from tracker.web.parts import render_part

LINK = "tracker/record/parts.html#link"
UNIT = {"slug": "I-7-a", "label": "I.7(a)", "title": "Trafficking <in> school curricula"}
CHOICE = "tracker/record/parts.html#choice"
MARKS = "tracker/record/parts.html#task_marks"
READY = {
    "code": "implemented",
    "is_withdrawn": False,
    "answers_former_wording": False,
    "came_back": False,
    "has_update": False,
    "is_answered": True,
    "is_ready": True,
}


def number_in_memory() -> int:
    return parts._write.cache_info().currsize


def test_each_state_has_its_own_addresses_in_a_part():
    html = (
        '<a class="label" href="/desk/{}/recommendations/I-7-a/"><bdi>I.7(a)</bdi></a> '
        '<bdi class="short-title" lang="en">Trafficking &lt;in&gt; school curricula</bdi>'
    )
    assert render_part(LINK, "XAA", **UNIT) == html.format("XAA")
    number = number_in_memory()
    assert render_part(LINK, "XAB", **UNIT) == html.format("XAB")
    assert number_in_memory() == number, "the part is rendered once for all States"


def test_what_a_state_wrote_is_not_kept_in_memory():
    values = {**UNIT, "text": "Take measures", "is_chosen": False}
    shown = render_part(CHOICE, content=SafeString("<b>Ministry of Justice</b>"), **values)
    number = number_in_memory()
    assert "Take measures</span><b>Ministry of Justice</b></span>" in shown
    assert "Ministry" not in render_part(CHOICE, content=SafeString(), **values)
    assert "<b>Police</b>" in render_part(CHOICE, content=SafeString("<b>Police</b>"), **values)
    assert number_in_memory() == number


def test_values_that_are_equal_but_of_other_types_are_other_parts():
    shown = [render_part(MARKS, content=SafeString(), evidence_count=count, **READY) for count in (1, True)]
    assert "</span>1</span>" in shown[0]
    assert "</span>True</span>" in shown[1]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: render_part(MARKS, content=SafeString(), evidence_count=2, **READY),
        lambda: bar({"implemented": 3}, of=5),
    ],
    ids=["part", "bar"],
)
def test_what_is_rendered_once_is_in_the_language_of_the_reader(draw):
    in_english = draw()
    with another_language():
        assert MARK in draw()
    assert draw() == in_english
    assert MARK not in in_english
