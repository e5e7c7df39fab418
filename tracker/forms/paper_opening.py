from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.models import Paper


class MandateForm(forms.Form):
    mandate = forms.CharField(
        label=_("Mandate"),
        max_length=Paper._meta.get_field("mandate").max_length,
        help_text=_("The decision, or the note verbale with its date, by which States are asked to answer."),
        error_messages={"required": _("Enter the mandate, or the reference of the note verbale.")},
    )
