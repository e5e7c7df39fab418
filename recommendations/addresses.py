"""The addresses of texts: `IV-46-i` of the first body, `smuggling/I-1` of another.

A body's slug begins with a small letter, and a label with its meeting's numeral, so that neither is taken for the
other, nor for another page behind a text.
"""

from django.urls import register_converter

BODY = r"[a-z][a-z0-9-]*"
NODE = rf"(?:{BODY}/)?[A-Z][A-Za-z0-9-]*"


class BodyConverter:
    """`<body:slug>`."""

    regex = BODY

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class NodeConverter(BodyConverter):
    """`<node:slug>`: all of the address of a text, which is its slug."""

    regex = NODE


register_converter(BodyConverter, "body")
register_converter(NodeConverter, "node")
