"""Check any text that people type."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from recommendations.groups import group_pairs

TEXT_LIMIT = 20_000

# PostgreSQL refuses NUL, and XML (docx, xlsx) the others; tabs and line breaks are allowed.
UNKEEPABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def remove_unkeepable(text: str) -> str:
    return text if text.isprintable() else UNKEEPABLE.sub("", text)  # the first is faster, and true of most texts


def validate_plain_text(text: str) -> None:
    """Refuse an invisible character that cannot be stored or written into a file, and say where it is."""
    found = UNKEEPABLE.search(text)
    if not found:
        return
    before = Truncator(text[: found.start()][::-1]).chars(30)[::-1]
    raise ValidationError(
        # Translators: %(code)s is the code of a character, such as 0007; %(before)s is the text before it.
        _("Remove the invisible character U+%(code)s after “%(before)s”: it cannot be saved."),
        code="unkeepable",
        params={"code": f"{ord(found[0]):04X}", "before": before},
    )


# A name is quoted in mail: a break would begin a line of its own, and programs make a link of an address.
JOINERS = "\u200c\u200d"  # part of words in Persian and in scripts of India
BREAKS = ("Cc", "Cf", "Cs", "Zl", "Zp")  # categories: control, format (direction marks among them), separators of lines
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol of which nothing is visible
ADDRESS = re.compile(r"https?:|www\.|@|://|\w\.[^\W\d_]{2}", re.IGNORECASE)


def validate_line(text: str) -> None:
    """Refuse what is more than one line of visible text."""
    validate_plain_text(text)
    kinds = {unicodedata.category(character) for character in text if character not in JOINERS}
    is_visible = any(kind[0] in "LNPS" for kind in kinds)
    if not is_visible or not kinds.isdisjoint(BREAKS) or any(blank in text for blank in BLANKS):
        raise ValidationError(
            _("Remove line breaks and invisible characters: only one line of visible text can be saved."),
            code="not_one_line",
        )


def validate_name(name: str) -> None:
    """Refuse a name that is more than one line of visible text, or has an address of mail or of a page."""
    validate_line(name)
    if ADDRESS.search(unicodedata.normalize("NFKC", name)):  # some programs read wide letters as an address too
        raise ValidationError(
            _("Remove the e-mail or web address. Write a space after a full stop that is part of the name."),
            code="address",
        )


def has_none(field: str, characters: str) -> Q:
    """Return the condition by which the database refuses these characters in a field."""
    return ~Q(*((f"{field}__contains", character) for character in characters), _connector=Q.OR)


class LengthValidator(MaxLengthValidator):
    """Say how many characters are allowed, and how many there are."""

    message = ngettext_lazy(
        "The text is too long: at most %(limit_value)d character. It has %(show_value)d.",
        "The text is too long: at most %(limit_value)d characters. It has %(show_value)d.",
        "limit_value",
    )


def check_text(name: str, text: str, limit: int, empty: Promise | None = None) -> None:
    """Raise ValidationError on the field `name`; `empty` is the message where there must be a text."""
    if empty and not text.strip():
        raise ValidationError({name: empty})
    if problems := problems_of(text, limit):
        raise ValidationError({name: problems})


def text_problems(texts: Iterable[tuple[str, str, int]]) -> defaultdict[str, list]:
    """Return what is wrong with texts, each given as field, text and limit, by field; nothing for other fields."""
    return group_pairs((name, problem) for name, text, limit in texts for problem in problems_of(text, limit))


def problems_of(text: str, limit: int) -> list[ValidationError]:
    problems = []
    for validate in (validate_plain_text, LengthValidator(limit)):
        try:
            validate(text)
        except ValidationError as problem:
            problems.append(problem)
    return problems
