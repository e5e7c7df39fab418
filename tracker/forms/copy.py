"""To which units of a family an answer is copied, and an answer as it was shown."""

import re
from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.record import Seen
from tracker.models import Revision

STAMP = re.compile(r"([0-9]{1,9})\.([0-9]{1,18})")


def stamp_of(current: Revision | None) -> str:
    """Names an answer as it was shown; `current` has its citations with it."""
    return f"{current.number}.{current.last_withdrawal(current.citations.all()) or 0}" if current else "0.0"


def seen_in(text: str | None, unit: Recommendation) -> Seen:
    """The answer that a stamp names; the one before any where it is none of ours."""
    found = STAMP.fullmatch(text or "")
    return Seen(unit, int(found[1]), int(found[2]) or None) if found else Seen(unit)


class ChooseForm(forms.Form):
    """`offered`: the units to choose from; nothing is chosen at first."""

    unit = forms.MultipleChoiceField(
        label=_("Recommendations"), error_messages={"required": _("Tick at least one recommendation.")}
    )

    def __init__(self, data: QueryDict | None = None, *, offered: Iterable[Recommendation]):
        super().__init__(data)
        self.offered = {unit.slug: unit for unit in offered}
        self.chosen = set(data.getlist("unit")) if data else set()
        self.fields["unit"].choices = [(slug, slug) for slug in self.offered]  # type: ignore[attr-defined]

    @property
    def units(self) -> list[Recommendation]:
        """Those that were ticked, in the order in which they are offered."""
        ticked = set(self.cleaned_data["unit"])
        return [unit for slug, unit in self.offered.items() if slug in ticked]
