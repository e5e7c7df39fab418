"""Statuses, bars and differences as pages show them."""

import datetime

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from tracker.figures.answers import Progress, answers_of
from tracker.models.status import LABELS, NO_INFORMATION, Status
from tracker.templatetags.looks import bar_parts, changes, counted, percent, text_next_to_changes

ARANDIA = {"implemented": 75, "considered_not_taken_up": 7, "partially_implemented": 54, "in_progress": 27}


def rendered(source: str, **context) -> str:
    return Template("{% load looks %}" + source).render(Context(context))


def parts_of(counts, of) -> list:
    return bar_parts([*counted(counts, of)], LABELS.__getitem__)


def in_words(html: str) -> str:
    return " ".join(strip_tags(html).split())


@pytest.mark.parametrize("status", Status)
def test_a_status_is_a_word_with_a_decorative_symbol(status):
    html = rendered("{% status code %}", code=status.value)
    assert in_words(html) == status.label
    assert f'class="symbol symbol-{status.value}"' in html
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize("nothing", ["", None, NO_INFORMATION])
def test_no_answer_is_no_information(nothing):
    assert in_words(rendered("{% status code %}", code=nothing)) == "No information"


def test_a_date_follows_the_readers_time_zone_and_language():
    midnight = datetime.datetime(2026, 3, 1, 23, 30, tzinfo=datetime.UTC)
    assert rendered("{{ at|day }}", at=midnight) == "1 March 2026"
    with timezone.override("Asia/Dhaka"), translation.override("fr"):
        assert rendered("{{ at|day }}", at=midnight) == rendered("{{ at|date }}", at=midnight) == "2 mars 2026"
        assert rendered("{{ on|day }}", on=midnight.date()) == "1 mars 2026"
    assert rendered("{{ on|day }}", on=None) == ""


def test_a_select_has_its_options_in_groups_and_nothing_typed_is_markup():
    choices = [("", "None"), ("a", "<b>"), ("Some", [("b", "B & C"), (3, "D")])]
    html = forms.Select(choices=choices, attrs={"id": "one"}).render("one", 3)
    assert [line.strip() for line in html.strip().splitlines()] == [
        '<select name="one" id="one">',
        '<option value="">None</option>',
        '<option value="a">&lt;b&gt;</option>',
        '<optgroup label="Some"><option value="b">B &amp; C</option>',
        '<option value="3" selected>D</option></optgroup>',
        "</select>",
    ]


def test_a_bar_keeps_the_order_of_statuses_and_ends_with_what_nobody_answered():
    counts = {"in_progress": 1, "implemented": 2, "not_started": 0}
    assert [(part.code, part.count, part.x, part.width) for part in parts_of(counts, of=4)] == [
        ("implemented", 2, "0.000%", "50.000%"),
        ("in_progress", 1, "50.000%", "25.000%"),
        ("no_information", 1, "75.000%", "25.000%"),
    ]


def test_a_bar_of_answers_only_has_no_part_without_information():
    assert [part.code for part in parts_of(ARANDIA, of=None)] == list(ARANDIA)


def test_a_bar_of_no_units_is_empty():
    assert [(part.code, part.count, part.width) for part in parts_of({}, of=0)] == [("no_information", 0, "100%")]


def test_a_large_bar_says_a_count_where_there_is_room():
    parts = parts_of({"implemented": 93, "not_started": 4, "in_progress": 3}, of=None)
    assert [part.has_room for part in parts] == [True, False, True]


def test_a_bar_is_read_out_with_its_counts():
    said = "Implemented 75; Considered, not taken up 7; Partially implemented 54; In progress 27; No information 67"
    assert f"<title>{said}</title>" in rendered("{% bar counts of=230 %}", counts=ARANDIA)
    named = rendered("{% bar counts of=230 title='Arandia' %}", counts=ARANDIA)
    assert f"<title>Arandia</title><desc>{said}</desc>" in named


def test_a_number_is_written_alike_in_text_tables_and_bars():
    assert ">1,150</td>" in rendered("{% load progress %}{% number_cells numbers %}", numbers=[1150, None])
    progress = Progress(answers_of({("implemented", False): 1150}), timezone.now())
    assert ">1,150</td>" in rendered("{% load progress %}{% figure_cells row %}", row=progress)
    assert "<title>Implemented 1,150</title>" in rendered("{% bar counts %}", counts={"implemented": 1150})
    assert "40 of 1,150 answered" in rendered("{% response_bar 40 1150 %}")


def test_considered_not_taken_up_is_counted_in_two():
    considered = {("considered_not_taken_up", True): 2, ("considered_not_taken_up", False): 5}
    progress = Progress(answers_of({("implemented", False): 156, **considered}), timezone.now())
    html = rendered("{% load progress %}{% status_figures progress %}", progress=progress)
    assert "Considered, not taken up 7 4% Asked to consider a measure: 2 · Asked to act: 5" in in_words(html)


def test_the_legend_lists_every_status_or_only_used_statuses():
    assert in_words(rendered("{% legend %}")) == (
        "Implemented Considered, not taken up Partially implemented "
        "In progress No measure to date Not applicable No information"
    )
    assert in_words(rendered("{% legend counts of=9 %}", counts={"implemented": 4})) == "Implemented 4 No information 5"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(182, 230, "79%"), (0, 230, "0%"), (1, 230, "1%"), (229, 230, "99%"), (230, 230, "100%"), (0, 0, "")],
)
def test_per_cent_is_never_nothing_for_some_nor_all_for_less(part, whole, said):
    assert percent(part, whole) == said


def test_half_a_per_cent_is_rounded_up_as_readers_round_it():
    assert [percent(part, 8) for part in (1, 3, 5, 7)] == ["13%", "38%", "63%", "88%"]


class Answer(forms.Form):
    status = forms.ChoiceField(label="Status", choices=Status.choices, widget=forms.RadioSelect)


def test_the_form_asks_in_order_of_what_was_done_and_then_for_reasons():
    html = rendered("{% status_options field %}", field=Answer({"status": "in_progress"})["status"])
    done = ("implemented", "partially_implemented", "in_progress", "not_started")
    offered = [html.index(f'value="{code}"') for code in (*done, "considered_not_taken_up", "not_applicable")]
    assert offered == sorted(offered)
    assert html.count("checked") == 1
    assert "give reasons; counted separately" in html


def test_where_the_text_asks_to_consider_the_form_says_so():
    html = rendered("{% status_options field True %}", field=Answer()["status"])
    assert "this recommendation asks States to consider a measure" in html
    assert "give reasons; counted separately" not in html


def test_differences_are_found_by_word_and_punctuation():
    assert changes("The Fund paid 21 victims in 2024.", "The Fund paid 38 victims in 2025.") == [
        ("", "The Fund paid "),
        ("del", "21 victims in 2024"),
        ("ins", "38 victims in 2025"),
        ("", "."),
    ]


def test_a_chinese_character_is_a_word():
    assert changes("基金赔偿受害人", "基金补偿受害人") == [("", "基金"), ("del", "赔"), ("ins", "补"), ("", "偿受害人")]


def test_spaces_are_not_compared_but_line_breaks_are():
    assert changes("one  two", "one two") == [("", "one  two")]
    assert changes("one two", "one\ntwo") == [("del", "one "), ("ins", "one\n"), ("", "two")]


def test_browsers_line_ends_are_no_change():
    assert changes("one\r\ntwo", "one\ntwo") == [("", "one\ntwo")]


def test_a_word_stays_apart_from_the_one_that_went_after_it():
    assert changes("a a", "a") == [("", "a "), ("del", "a")]


TEXTS = st.text(alphabet=st.sampled_from("ab .,\né国"), max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_their_difference(before, after):
    pieces = changes(before, after)
    assert without_spaces(text for tag, text in pieces if tag != "ins") == without_spaces([before])
    assert without_spaces(text for tag, text in pieces if tag != "del") == without_spaces([after])


def without_spaces(texts) -> str:
    return "".join("".join(texts).split())


def test_two_texts_of_the_same_few_words_are_not_compared_for_minutes():
    """20,000 characters each, the same 110 over and over, the second backwards: half a minute without a limit."""
    before = "".join(chr(0x4E00 + place % 110) for place in range(20_000))
    pieces = changes(before, before[::-1])
    assert pieces == [("del", before), ("ins", before[::-1])]


def test_a_difference_says_in_words_what_it_shows():
    html = rendered("{% difference 'a law' 'a bill' %}")
    assert in_words(html) == "a removed: law added: bill"


def test_a_difference_is_escaped():
    assert "<b>" not in rendered("{% difference before after %}", before="<b>", after="<b>x</b>")


def test_a_brief_difference_keeps_the_words_near_a_change():
    long = " ".join(f"w{number}" for number in range(100))
    assert text_next_to_changes(long, first=True, last=False).startswith(" … w88")
    assert text_next_to_changes(long, first=False, last=True).endswith("w11 … ")
    assert text_next_to_changes("a few words", first=False, last=False) == "a few words"
