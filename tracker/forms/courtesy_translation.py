from collections.abc import Mapping

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from recommendations.languages import active_language
from tracker.forms.fields import WrittenField
from tracker.models import CourtesyTranslation, Revision
from tracker.models.courtesy_translation import QUOTABLE_FIELDS, TRANSLATED_INTO, stamp_of


class CourtesyTranslationForm(forms.Form):
    """Translate each text of an answer. `known`: its translations by field; `base`: stamp of those the author saw."""

    base = forms.CharField(required=False, widget=forms.HiddenInput)
    language = forms.ChoiceField(
        label=_("Language of the translation"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose the language of the translation.")),
    )

    def __init__(self, data: QueryDict | None, *, revision: Revision, known: Mapping[str, CourtesyTranslation]) -> None:
        first = next(iter(known.values()), None)
        language = first.language if first else active_language()
        super().__init__(data, initial={"base": stamp_of(known.values()), "language": language})
        fields: dict = self.fields
        fields["language"].choices = [choice for choice in TRANSLATED_INTO if choice[0] != revision.language]
        self.texts = [name for name, _label in QUOTABLE_FIELDS if getattr(revision, name)]
        for name in self.texts:
            fields[name] = WrittenField(
                label=_("Courtesy translation"),
                initial=known[name].text if name in known else "",
                widget=forms.Textarea(attrs={"rows": 6}),
            )

    def show_newer(self, known: Mapping[str, CourtesyTranslation]) -> None:
        """Go on from newer translations, which the page shows beside what was typed."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data["base"] = stamp_of(known.values())
        self.data = data

    def clean(self) -> dict:
        values = self.cleaned_data
        texts = {name: values[name] for name in self.texts if name in values}
        return {"base": values.get("base"), "language": values.get("language", ""), "texts": texts}
