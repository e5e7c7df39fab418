from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.fields import WrittenField
from tracker.models import User


class CommentForm(forms.Form):
    text = WrittenField(
        # Translators: Label of a field (noun).
        label=_("Comment"),
        required=True,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Enter a comment.")},
        help_text=_("Do not name a victim. To notify a person by e-mail, enter @ before the name."),
    )
    to = forms.TypedMultipleChoiceField(
        label=_("Notify by e-mail"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data=None, *, readers: Iterable[User]):
        super().__init__(data)
        self.fields["to"].choices = [(reader.pk, str(reader)) for reader in readers]  # type: ignore[attr-defined]
