from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from recommendations.groups import group_pairs
from tracker.models import Round


class ThemeGroup(NamedTuple):
    slug: str
    name: str
    units: list


def by_frozen_theme[Unit](units: Iterable[tuple[list[list[str]], Unit]], round_: Round) -> list[ThemeGroup]:
    """Group each unit once, under its primary theme; themes are in the order recorded when the round opened.

    `units` are pairs: the recorded themes, [slug, name] each and the primary theme first, and what is grouped.
    """
    order = {slug: place for place, slug in enumerate(round_.theme_order)}
    no_theme = ("", _("No theme"))
    groups = group_pairs((tuple(themes[0]) if themes else no_theme, unit) for themes, unit in units)
    found = [ThemeGroup(slug, name, grouped) for (slug, name), grouped in groups.items()]
    return sorted(found, key=lambda group: (group.slug == "", order.get(group.slug, len(order))))
