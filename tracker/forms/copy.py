from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation


class ChooseForm(forms.Form):
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
        ticked = set(self.cleaned_data["unit"])
        return [unit for slug, unit in self.offered.items() if slug in ticked]
