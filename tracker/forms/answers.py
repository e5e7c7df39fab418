from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.figures.progress import rounds


class AnswersForm(forms.Form):
    rounds = forms.MultipleChoiceField(
        label=_("Rounds"),
        help_text=_("All rounds, if none is selected."),
        required=False,
        choices=lambda: list(rounds().values_list("code", "title")),
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_rounds(self) -> list[str]:
        """Sort, so that the same choice makes the same file."""
        return sorted(set(self.cleaned_data["rounds"]))
