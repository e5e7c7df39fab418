"""Show the adopted text with its footnote marks, which are next to the words and never part of them."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.models import Footnote, Recommendation

register = template.Library()


def mark_ids(node: Recommendation, note: Footnote) -> tuple[str, str]:
    return f"{node.slug}-note-{note.number}", f"{node.slug}-mark-{note.number}"


def write_mark(node: Recommendation, note: Footnote) -> SafeString:
    return format_html(
        '<sup><a id="{2}" href="#{1}" aria-label="{3}">{0}</a></sup>',
        note.number,
        *mark_ids(node, note),
        # Translators: number: number of the footnote. Read aloud at the mark.
        _("Footnote %(number)d") % {"number": note.number},
    )


def mark_place(node: Recommendation, note: Footnote) -> int:
    """Count the characters of the current wording before the mark, by the same words in the adopted text."""
    if node.current_wording.number == 1:  # type: ignore[union-attr]
        return note.offset
    adopted = node.wordings.get(number=1).text
    blocks = SequenceMatcher(None, adopted, node.text, autojunk=False).get_matching_blocks()
    block = next(block for block in blocks if block.a + block.size >= note.offset)
    return block.b + max(0, note.offset - block.a)


@register.simple_tag
def adopted_text(node: Recommendation, items: Sequence[Recommendation] = ()) -> SafeString:
    """Render `components/adopted.html`; once only for a node of the text cache."""
    html = getattr(node, "html", {})
    shown = (node, *node.chapeaux, *items)
    key = (get_language(), *(each.current_wording_id for each in shown))
    if key not in html:
        html[key] = render_to_string("components/adopted.html", {"node": node, "items": items})
    return html[key]


@register.filter
def mark_footnotes(node: Recommendation) -> SafeString:
    """`{{ node|mark_footnotes }}`: write the node's own words with the marks where they were printed."""
    notes = node.notes
    if not notes:
        return escape(node.text)
    pieces, start = [], 0
    for note in sorted(notes, key=lambda note: note.offset):
        place = mark_place(node, note)
        pieces.append((node.text[start:place], write_mark(node, note)))
        start = place
    return format_html_join("", "{}{}", [*pieces, (node.text[start:], "")])


@register.filter
def below(items: Sequence[Recommendation] | None, node: Recommendation) -> list[Recommendation]:
    """`{{ items|below:node }}`: of all texts below a text, its own items."""
    return [item for item in items or () if item.parent_id == node.pk]


@register.simple_tag
def footnotes_of(node: Recommendation, items) -> list[dict]:
    return [
        dict(zip(("note_id", "mark_id"), mark_ids(shown, note), strict=True))
        | {"number": note.number, "text": note.text}
        for shown in [*node.chapeaux, node, *(items or [])]
        for note in shown.notes
    ]
