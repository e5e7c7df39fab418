"""The numbers and marks before paragraphs."""

import pytest

from recommendations.outline.labels import Series, parse_label


@pytest.mark.parametrize(
    "text, printed, series, value, piece",
    [
        ("4. States", "4.", Series.NUMBER, 4, "4"),
        ("5 bis. Also requests", "5 bis.", Series.NUMBER, 5, "5bis"),
        ("4 ter The", "4 ter", Series.NUMBER, 4, "4ter"),
        ("12) States", "12)", Series.NUMBER, 12, "12"),
        ("(3) States", "(3)", Series.BRACKETED, 3, "3"),
        ("1.2. States", "1.2.", Series.DECIMAL, 2, "1.2"),
        ("2.2 bis. States", "2.2 bis.", Series.DECIMAL, 2, "2.2bis"),
        ("(b) Act", "(b)", Series.LETTER, 2, "b"),
        ("(aa) Act", "(aa)", Series.LETTER, 27, "aa"),
        ("(iv) Act", "(iv)", Series.ROMAN, 4, "iv"),
        ("- (a) Act", "- (a)", Series.LETTER, 1, "a"),
        ("II. Recommendations", "II.", Series.CHAPTER, 2, "II"),
        ("A. Victims", "A.", Series.SECTION, 1, "A"),
        ("• Act", "•", Series.BULLET, 0, ""),
        ("– Act", "–", Series.DASH, 0, ""),
        ("Recommendation 3 bis", "Recommendation 3 bis", Series.NAMED, 3, "3bis"),
        ("Recommendation VII. States", "Recommendation VII.", Series.NAMED, 7, "VII"),
        ("R12. States", "R12.", Series.NAMED, 12, "12"),
        ("Resolution 15/1", "Resolution 15/1", Series.TEXT, 1, "15/1"),
        ("65/190. Trafficking", "65/190", Series.TEXT, 190, "65/190"),
        ("Annex II", "Annex II", Series.ANNEX, 2, "II"),
    ],
)
def test_a_label_is_read_as_printed(text, printed, series, value, piece):
    label = parse_label(text)

    assert (label.printed, label.series, label.value, label.piece) == (printed, series, value, piece)


@pytest.mark.parametrize(
    "text",
    [
        "States parties should act.",
        "Recommendation 3 was adopted by consensus.",
        "Decision 4/4 of the Conference establishes it.",
        "(the Convention) applies.",
        "2031 was the year.",
        "e-mail is used.",
        "Annexes were added.",
    ],
)
def test_what_is_no_label(text):
    assert parse_label(text) is None


def test_i_is_a_letter_and_a_roman_number():
    label = parse_label("(i) Act")

    assert (label.series, label.value, label.other) == (Series.LETTER, 9, 1)
