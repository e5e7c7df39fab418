from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.fields import PlainTextField


class SearchForm(forms.Form):
    q = PlainTextField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto"}),
    )
