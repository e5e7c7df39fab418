from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.assignment import WordsField


class RetractionForm(forms.Form):
    reason = WordsField(label=_("Reason"), error_messages={"required": _("Enter the reason.")})
