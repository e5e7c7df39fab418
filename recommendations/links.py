"""Decide what in a file reaches outside of it. What `links.toml` does not allow is a link: also what nobody thought of.

An address is allowed where it is a place in the file, and where a reader clicks a hyperlink to the web or a mailbox.
"""

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FileLink(TextChoices):
    """What reaches outside of a file, and what its author can do about it."""

    PICTURE = "picture", _("It loads a picture from another place. Insert the picture itself, or save the file as PDF.")
    TEMPLATE = "template", _("It has a link to a template. Attach the template “Normal”, or save the file as PDF.")
    HYPERLINK = "hyperlink", _("It has a link to something other than a web page, such as a file. Remove the link.")
    FIELD = "field", _("It has a field that can load something. In Word, press Ctrl+A, then Ctrl+Shift+F9.")
    DOCUMENT = "document", _("It includes a part of another document. Copy that part into the file.")
    DATA = "data", _("It takes data from another file or a database. Delete all its queries, connections and links.")
    FORMULA = "formula", _("It has a formula that can load something. Copy its cells, and paste them as values.")
    CELL = "cell", _("A cell begins with =, +, - or @ and is no number. Write an apostrophe before the sign.")
    MEDIA = "media", _("It plays sound or video from another place. Remove the sound or video.")
    ACTION = "action", _("It opens, loads, sends or plays something. Print the document to a new PDF.")
    ATTACHMENT = "attachment", _("It has attachments. Remove them, and upload each as a file of its own.")
    OTHER = "other", _("It refers to something outside of the file. Save the file as PDF.")


ALLOWED = tomllib.loads(Path(__file__).with_name("links.toml").read_text(encoding="utf-8"))
FIELDS, FUNCTIONS = set(ALLOWED["fields"].split()), set(ALLOWED["functions"].split())

CLICKED = re.compile(r"#[^\x00-\x1f]*|https?://[^\x00-\x20/\\][^\x00-\x1f\\]*|mailto:[^\x00-\x1f\\]*", re.IGNORECASE)
NAME = r"(?!\.\.(?:/|$))[^\x00-\x1f/\\:%?#|]+"
INSIDE = re.compile(
    rf"(?:{NAME}/)*(?:{NAME})?(?:#[^\x00-\x1f]*)?|data:image/(?:png|jpe?g|gif|bmp);base64,[\w+/=\s]*", re.IGNORECASE
)
FIELD_NAME = re.compile(r"\s*(=|\w+(?=[\s\\\"]|$))")
SWITCH = r'\s*+(?:\\[lot*@]\s*+(?:"[^"\\]*+"|[^\s"\\]++)|\\[nhm])'
HYPERLINK = re.compile(rf'\s*+HYPERLINK(?:{SWITCH})*+\s*+(?:"([^"]*+)"|([^\s"\\]*+))(?:{SWITCH})*+\s*+', re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^'\\|/]*'")  # a text, or the name of a sheet
FORMULA = re.compile(r"(?:[^\\|'\"/]|/(?!/))*")
FUNCTION = re.compile(r"(?<![\w.])([\w.]++)\s*+\(")
PREFIX = re.compile(r"(?:_XLFN|_XLWS|COM\.MICROSOFT|ORG\.(?:LIBREOFFICE|OPENOFFICE))\.")
VALUE = "_XLETA."  # before a function that is given to another: its address is not written beside it
HYPERLINK_FUNCTION = re.compile(r'HYPERLINK\s*\((?:\s*"([^"]*)"\s*[,;)])?')


def is_clicked(address: str) -> bool:
    """Return whether a reader may click it: a page of the web, a mailbox, or a place in the file."""
    return CLICKED.fullmatch(address) is not None


def is_inside(address: str) -> bool:
    """Return whether it is a place in the file, from its root, or nothing."""
    return INSIDE.fullmatch(unquote(address)) is not None


def name_of_field(instruction: str) -> str:
    found = FIELD_NAME.match(instruction)
    return found[1].upper() if found else ""


def is_allowed_field(instruction: str, *, is_whole: bool) -> bool:
    """Return whether an instruction of Word takes no address, or that of a hyperlink.

    `is_whole`: it does not go on after another field.
    """
    if is_whole and (found := HYPERLINK.fullmatch(instruction)):
        return not any(found.groups()) or is_clicked(found[1] or found[2])
    return (is_whole and not instruction.strip()) or name_of_field(instruction) in FIELDS


def is_allowed_formula(formula: str) -> bool:
    """Return whether a formula names no other file, and only functions that take no address, or that of a hyperlink."""
    formula = PREFIX.sub("", formula.upper())
    words = QUOTED.sub(" ", formula)
    names = set(FUNCTION.findall(words))
    addresses = HYPERLINK_FUNCTION.findall(formula) if "HYPERLINK" in names else []
    is_plain = FORMULA.fullmatch(words) is not None and VALUE not in words
    return is_plain and names <= FUNCTIONS and all(map(is_clicked, addresses))
