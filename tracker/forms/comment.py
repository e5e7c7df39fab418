from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.fields import WrittenField
from tracker.models import User


class CommentForm(forms.Form):
    text = WrittenField(
        label=_("Comment"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write something.")},
        help_text=_("No name of a victim. An @ before a name tells that person by mail."),
    )
    to = forms.TypedMultipleChoiceField(
        label=_("Tell by mail"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data=None, *, readers: Iterable[User]):
        super().__init__(data)
        self.fields["text"].required = True
        self.fields["to"].choices = [(reader.pk, str(reader)) for reader in readers]  # type: ignore[attr-defined]
