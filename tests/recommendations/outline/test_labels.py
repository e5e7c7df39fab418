"""The numbers and marks before paragraphs."""

import pytest

from recommendations.outline.labels import Family, parse_label


@pytest.mark.parametrize(
    "text, printed, family, value, piece",
    [
        ("4. States", "4.", Family.NUMBER, 4, "4"),
        ("5 bis. Also requests", "5 bis.", Family.NUMBER, 5, "5bis"),
        ("4 ter The", "4 ter", Family.NUMBER, 4, "4ter"),
        ("12) States", "12)", Family.NUMBER, 12, "12"),
        ("(3) States", "(3)", Family.BRACKETED, 3, "3"),
        ("1.2. States", "1.2.", Family.DECIMAL, 2, "1.2"),
        ("(b) Act", "(b)", Family.LETTER, 2, "b"),
        ("(aa) Act", "(aa)", Family.LETTER, 27, "aa"),
        ("(iv) Act", "(iv)", Family.ROMAN, 4, "iv"),
        ("- (a) Act", "- (a)", Family.LETTER, 1, "a"),
        ("II. Recommendations", "II.", Family.CHAPTER, 2, "II"),
        ("A. Victims", "A.", Family.SECTION, 1, "A"),
        ("• Act", "•", Family.BULLET, 0, ""),
        ("– Act", "–", Family.DASH, 0, ""),
        ("Recommendation 3 bis", "Recommendation 3 bis", Family.NAMED, 3, "3bis"),
        ("Recommendation VII. States", "Recommendation VII.", Family.NAMED, 7, "VII"),
        ("R12. States", "R12.", Family.NAMED, 12, "12"),
        ("Resolution 15/1", "Resolution 15/1", Family.TEXT, 1, "15/1"),
        ("65/190. Trafficking", "65/190", Family.TEXT, 190, "65/190"),
        ("Annex II", "Annex II", Family.ANNEX, 2, "II"),
    ],
)
def test_a_label_is_read_as_printed(text, printed, family, value, piece):
    label = parse_label(text)

    assert (label.printed, label.family, label.value, label.piece) == (printed, family, value, piece)


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

    assert (label.family, label.value, label.other) == (Family.LETTER, 9, 1)
