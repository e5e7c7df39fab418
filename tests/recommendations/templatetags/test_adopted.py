"""The adopted text as pages show it: its words untouched, its footnotes' marks beside them."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from recommendations.models import Recommendation
from recommendations.templatetags.adopted import footnotes_of, mark_footnotes

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def node(label: str) -> Recommendation:
    return Recommendation.objects.with_text().prefetch_related("footnotes").get(label=label)


def test_a_footnote_mark_is_where_it_was_printed():
    assert re.sub(r"<sup>.*?</sup>", "[4]", mark_footnotes(node("II.44"))).endswith(
        "such as the UNODC Model Law against Trafficking in Persons[4] and principles and guidelines such as the "
        "Recommended Principles and Guidelines on Human Rights and Human Trafficking of the Office of the United "
        "Nations High Commissioner for Human Rights, as well as any other regional standards and guidelines."
    )


def test_without_its_marks_every_text_is_as_adopted():
    nodes = Recommendation.objects.with_text().prefetch_related("footnotes")
    changed = [
        node.label
        for node in nodes
        if re.sub(r"<sup>.*?</sup>", "", mark_footnotes(node)).replace("&#x27;", "'").replace("&quot;", '"')
        != node.text
    ]
    assert changed == []


def test_a_footnote_and_its_mark_lead_to_each_other():
    text = node("II.44")
    (note,) = footnotes_of(text, None)
    html = render_to_string("components/adopted.html", {"node": text})
    for anchor in (note["note_id"], note["mark_id"]):
        assert html.count(f'id="{anchor}"') == 1
        assert html.count(f'href="#{anchor}"') == 1


def test_items_follow_their_chapeau_with_their_numbers():
    options = list(node("IV.46(i)").items.with_text().prefetch_related("footnotes"))
    html = render_to_string("components/adopted.html", {"node": node("IV.46(i)"), "items": options})
    assert re.findall(r"\((?:i|ii|iii)\)(?= Provisions)", " ".join(strip_tags(html).replace(")", ") ").split())) == [
        "(i)",
        "(ii)",
        "(iii)",
    ]
    assert 'lang="en" dir="ltr"' in html
