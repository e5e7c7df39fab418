"""The addresses of texts: `IV-46-i` of the first body, `smuggling/I-1` of another.

The slug of a body begins with a small letter, and a label with the numeral of its meeting, so that the two are not
confused with each other or with another page of a text.
"""

from django.urls import register_converter
from django.urls.converters import StringConverter

BODY = r"[a-z][a-z0-9-]*"
NODE = rf"(?:{BODY}/)?[A-Z][A-Za-z0-9-]*"


class BodyAddress(StringConverter):
    regex = BODY


class NodeAddress(StringConverter):
    regex = NODE


register_converter(BodyAddress, "body")
register_converter(NodeAddress, "node")
