"""Words are found however they are written: case, width, composition, spaces, punctuation, pieces."""

import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.models.matching import holds, plain_words, split_by_words

LETTERS = string.ascii_letters + string.digits + "абвгжЯЖàéñüÇßİقفلمو贩运人口"
TEXTS = st.text(LETTERS + " -_.,'’\n\t\u00ad\u200f", max_size=80)


@pytest.mark.parametrize(
    "text",
    [
        "Jane Doe",
        "the case of JANE DOE, of 2016",
        "jane\n  doe",
        "Jane_Doe.pdf",
        "jane-doe",
        "Jane, Doe",
        "Jane\u00a0Doe",
        "Ja\u00adne D\u200boe",
        "\u202bJane Doe\u202c",
        "Ｊａｎｅ Ｄｏｅ",
        "sanJane Doesan",
    ],
)
def test_words_are_found_however_they_are_written(text):
    assert holds([text], "Jane Doe") is True


@pytest.mark.parametrize("text", ["", "Jane", "Doe Jane", "Jan e Doe", "Jane the Doe"])
def test_other_words_are_not_found(text):
    assert holds([text], "Jane Doe") is False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ЗАКОН О ИВАНОВОЙ", "иванова"[:-1]),
        ("Jose\u0301 Nun\u0303ez", "José Nuñez"),
        ("O’Brien", "o'brien"),
        ("STRASSE", "Straße"),
        ("والسيدة فاطمـــة حسن", "فاطمة حسن"),
        ("受害人王小明在", "王小明"),
    ],
)
def test_words_are_found_in_every_script(text, words):
    assert holds([text], words) is True


@given(TEXTS, st.data())
def test_every_part_of_a_text_is_found_in_it(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert holds([text], text[start:end]) is True


@given(TEXTS, st.text(LETTERS, min_size=1, max_size=5), st.lists(st.integers(0, 100), max_size=5))
def test_it_does_not_matter_into_which_pieces_a_text_is_cut(text, words, cuts):
    text = text[:40] + words + text[40:]
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    assert "".join(pieces) == text
    assert holds(pieces, words) is True


def test_characters_between_letters_become_one_space():
    assert plain_words("  Law No. 17_(2016) – *final* ") == " law no 17 2016 final "


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The case of JANE\n doe, 2016.", ["The case of ", "[JANE\n doe]", ", 2016."]),
        ("Jane-Doe and jane doe", ["[Jane-Doe]", " and ", "[jane doe]"]),
        ("Ja\u00adne Doe", ["[Ja\u00adne Doe]"]),
        ("Of Jane Jane Doe Doe.", ["Of Jane ", "[Jane Doe]", " Doe."]),
        ("John Roe", ["John Roe"]),
    ],
)
def test_a_text_is_split_by_the_words(text, pieces):
    found = split_by_words(text, "Jane Doe")
    assert [f"[{piece}]" if is_words else piece for piece, is_words in found] == pieces


@pytest.mark.parametrize(
    ("text", "words"), [("Jose\u0301 left", "jos\u00e9"), ("Stra\u00dfe 1", "STRASSE"), ("\ufb01ne", "fine")]
)
def test_words_are_struck_however_they_are_written(text, words):
    assert next(is_words for _piece, is_words in split_by_words(text, words)) is True


@given(st.text(), st.text())
def test_the_pieces_are_the_text(text, words):
    if plain_words(words).strip():
        assert "".join(piece for piece, _is_words in split_by_words(text, words)) == text
