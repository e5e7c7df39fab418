"""Find what fixes a text: rows of the site that refer to it, such as answers, drafts and the scope of a round.

A text that is fixed keeps its label and its kind, and its import cannot be retracted. The database refuses it too
(`fixed_text_triggers.py`). The site's models need no registration: each foreign key to a text counts.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import ForeignKey, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.lists import format_list
from recommendations.models import Recommendation

SHOWN = 10  # labels in a sentence
# Translators: labels: list of labels of texts, such as X.4 and X.5.
ANSWERED = _("Answers, drafts, assignments, suggestions or comments exist on these texts: %(labels)s.")


class Fixing(NamedTuple):
    """Say why texts are fixed. `links`: (address, name) of what can be looked at."""

    text: str
    links: list[tuple[str, str]]

    def __str__(self) -> str:
        return self.text


def list_fixing_fields() -> list[ForeignKey]:
    """Return the foreign keys to texts of models that are not of the catalogue."""
    relations = Recommendation._meta.get_fields(include_hidden=True)
    fields = [relation.field for relation in relations if relation.auto_created and not relation.concrete]  # type: ignore[union-attr]
    return [field for field in fields if field.model._meta.app_label != Recommendation._meta.app_label]


def find_fixing(texts: Iterable[Recommendation]) -> list[Fixing]:
    """Return why any of the texts is fixed: by what refers to it, to a text above it, or to a text below it.

    A model says so in its own words (`fixing_text`), and names the field that leads to its page (`fixing_page`).
    """
    line = _find_line(texts)
    rows = Recommendation.objects.filter(pk__in=line).order_by("position")
    labels = {text.pk: text.label_with_title for text in rows}
    found = defaultdict(set)
    fields = dict(enumerate(list_fixing_fields()))
    for place, key in _union(
        field.model._base_manager.filter(**{f"{field.name}__in": line}).values_list(Value(place), field.attname)
        for place, field in fields.items()
    ):
        found[fields[place].model].add(key)
    by_words: dict[str | Promise, set[int]] = defaultdict(set)
    links: dict[str | Promise, list[tuple[str, str]]] = defaultdict(list)
    for model, keys in found.items():
        words = getattr(model, "fixing_text", ANSWERED)
        by_words[words] |= keys
        links[words] += _list_pages(model, keys)
    return [
        Fixing(str(words) % {"labels": _shorten([label for key, label in labels.items() if key in keys])}, links[words])
        for words, keys in by_words.items()
    ]


def _union(querysets) -> Iterable[tuple[int, int]]:
    first, *others = querysets
    return first.order_by().union(*(each.order_by() for each in others)).order_by()


def _list_pages(model: type[Any], keys: set[int]) -> list[tuple[str, str]]:
    page = getattr(model, "fixing_page", "")
    if not page:
        return []
    [field] = [field for field in list_fixing_fields() if field.model == model]
    rows = model._default_manager.filter(**{f"{field.name}__in": keys}).values(page)
    pages = model._meta.get_field(page).related_model._default_manager.filter(pk__in=rows)
    return [(row.get_absolute_url(), str(row)) for row in pages]


def _find_line(texts: Iterable[Recommendation]) -> set[int]:
    """Return the keys of the texts, of those above them, and of those below them."""
    texts = list(texts)
    bodies = {text.body_id for text in texts}
    parents = dict(Recommendation.objects.filter(body__in=bodies).values_list("pk", "parent_id"))
    own = {text.pk for text in texts}
    above = {key for text in texts for key in _list_above(text.parent_id, parents)}
    return own | above | {key for key in parents if own.intersection(_list_above(key, parents))}


def _list_above(key: int | None, parents: dict[int, int | None]) -> list[int]:
    line: list[int] = []
    while key is not None:
        line.append(key)
        key = parents.get(key)
    return line


def _shorten(labels: list[str]) -> str:
    return format_list([*labels[:SHOWN], "…"] if len(labels) > SHOWN else labels)
