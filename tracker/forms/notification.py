from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.models.notification import NotificationKind


class NotificationsForm(forms.Form):
    conditional = ("wanted",)  # none at all is a choice like others

    wanted = forms.MultipleChoiceField(
        label=_("Notify me by e-mail of these events"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, kinds: list[NotificationKind], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["wanted"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
