from django import forms
from django.utils.translation import gettext_lazy as _


class DirectoryForm(forms.Form):
    conditional = ("listed", "with_address")  # not to be listed is a choice like others

    listed = forms.BooleanField(label=_("List my name and institution"), required=False)
    with_address = forms.BooleanField(label=_("Show my e-mail address as well"), required=False)
