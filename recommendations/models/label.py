import re

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from recommendations import addresses

NUMERALS = {"C": 100, "XC": 90, "L": 50, "XL": 40, "X": 10, "IX": 9, "V": 5, "IV": 4, "I": 1}


def roman(number: int) -> str:
    numeral = ""
    for letters, value in NUMERALS.items():
        count, number = divmod(number, value)
        numeral += letters * count
    return numeral


OF_BODY = re.compile(rf"{addresses.BODY}/")  # what a full label begins with; a label begins with a capital


def slug_of(label: str) -> str:
    """Write `IV.46(i)(ii)` as `IV-46-i-ii`, `X.3 bis(a)` as `X-3-bis-a` and `Decision 3/1.2` as `Decision-3-1-2`.

    A full label keeps its body: `smuggling/I.1` becomes `smuggling/I-1`.
    """
    body = match[0] if (match := OF_BODY.match(label)) else ""
    return body + re.sub(r"[ ./(]", "-", label.removeprefix(body)).replace(")", "")


validate_body_slug = RegexValidator(
    rf"^{addresses.BODY}\Z",
    _("Enter only lower-case letters, digits and hyphens, beginning with a letter."),
    code="invalid",
)


validate_node_slug = RegexValidator(
    rf"^{addresses.NODE}\Z", _("Enter the web address of a text in the form IV-46-i."), code="invalid"
)
