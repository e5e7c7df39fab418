"""Parts that many pages are made of. Their markup is in templates/components/."""

from itertools import batched
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_block_tag
def section(
    content: str,
    name: str,
    title: str | Promise,
    end: object = "",
    url: str = "",
    action: str | Promise = "",
    kind: str = "",
) -> SafeString:
    """`{% section "origin" _("Origin") %}…{% endsection %}`: write a section below its head.

    `name`: its id in the page; `end`: words at the end of the head; `url` and `action`: a link in their place; `kind`:
    further classes.
    """
    head = {"name": name, "title": title, "end": end, "url": url, "action": action, "kind": kind}
    return render_to_string("components/section.html", {"content": content, **head})


@register.filter
def batches(rows: list, size: int) -> list[tuple]:
    return list(batched(rows, size))


@register.inclusion_tag("components/crumbs.html")
def crumbs(*links: Any, here: object) -> dict:
    """`{% crumbs "help" _("Help") here=_("What an answer says") %}`: write the way to this page.

    `links`: the pages above, each as the name of its view or its address, and its words.
    """
    above = [(page if page.startswith("/") else reverse(page), words) for page, words in batched(links, 2)]
    return {"crumbs": [*above, ("", here)]}
