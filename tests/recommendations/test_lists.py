from types import SimpleNamespace

from django.utils.translation import override

from recommendations.lists import format_html_list, format_list, format_phrases
from recommendations.templatetags.lists import as_list, hidden_name


def test_a_list_is_joined_with_the_comma_of_the_language():
    with override("en"):
        assert format_list(["I.13", 14]) == "I.13, 14"
        assert format_phrases(["Considered, not taken up 2", 3]) == "Considered, not taken up 2; 3"


def test_each_part_is_isolated_and_escaped():
    assert format_html_list(["A & B", "<b>"]) == "<bdi>A &amp; B</bdi>, <bdi>&lt;b&gt;</bdi>"


def test_a_template_joins_what_is_at_a_path():
    rows = [SimpleNamespace(unit=SimpleNamespace(label=label)) for label in ("I.13", "I.14")]
    assert as_list(rows, "unit.label") == "<bdi>I.13</bdi>, <bdi>I.14</bdi>"
    assert as_list([]) == ""


def test_what_a_button_is_about_is_read_after_its_label_isolated_and_escaped():
    assert hidden_name("<b>", "I.13") == '<span class="hidden-words">: <bdi>&lt;b&gt;</bdi>, <bdi>I.13</bdi></span>'
