from django import forms

from tracker.models import Institution


class InstitutionForm(forms.ModelForm):
    class Meta:
        model = Institution
        fields = ["name", "kind"]
        widgets = {"name": forms.TextInput(attrs={"dir": "auto"})}
