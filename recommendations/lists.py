"""Lists inside a sentence."""

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext


def format_list(parts: Iterable[object]) -> str:
    """Join as the language of the reader does: Arabic and Chinese have commas of their own."""
    texts = [str(part) for part in parts]
    # Translators: the comma and space between the parts of a list, such as “I.13, I.14”.
    return pgettext("between the parts of a list", ", ").join(texts) if len(texts) > 1 else "".join(texts)


def format_phrases(parts: Iterable[object]) -> str:
    """Join phrases that may have commas of their own."""
    # Translators: the mark and space between phrases that may have commas, such as “4 not answered; 2 not ready”.
    return pgettext("between the phrases of a list", "; ").join(str(part) for part in parts)


def format_html_list(parts: Iterable[object]) -> SafeString:
    """Join in HTML, each part isolated, so that it keeps its own direction."""
    return SafeString(format_list(format_html("<bdi>{}</bdi>", part) for part in parts))
