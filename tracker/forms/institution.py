from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.models import Institution


class InstitutionForm(forms.ModelForm):
    class Meta:
        model = Institution
        fields = ["name", "kind"]
        error_messages = {"name": {"required": _("Enter the name.")}}
        widgets = {"name": forms.TextInput(attrs={"dir": "auto"})}
