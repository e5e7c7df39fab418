from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from recommendations import addresses

ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def roman(number: int) -> str:
    numeral = ""
    for value, letters in ROMAN:
        count, number = divmod(number, value)
        numeral += letters * count
    return numeral


def slug_of(label: str) -> str:
    """`IV.46(i)(ii)` -> `IV-46-i-ii`; a full label keeps its body: `smuggling/I.1` -> `smuggling/I-1`."""
    return label.replace(".", "-").replace("(", "-").replace(")", "")


validate_body_slug = RegexValidator(
    rf"^{addresses.BODY}\Z",
    _("Enter only lower-case letters, digits and hyphens, beginning with a letter."),
    code="invalid",
)


validate_node_slug = RegexValidator(
    rf"^{addresses.NODE}\Z", _("Enter the web address of a text in the form IV-46-i."), code="invalid"
)
