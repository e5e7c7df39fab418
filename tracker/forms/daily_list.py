from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tracker.audit.daily_list import CheckedLine, LineFinding, check_line

NO_LINE = _("Enter the whole line, as on the receipt.")


class LineForm(forms.Form):
    """Take a line of a State; cleaned, it is what `check_line` found of it."""

    line = forms.Field(
        # Translators: Label of a field: the line of a State in a daily list.
        label=_("Line"),
        help_text=_("From a receipt, an e-mail or the audit trail of your State."),
        error_messages={"required": NO_LINE},
        widget=forms.Textarea(
            attrs={"rows": 3, "maxlength": 300, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}
        ),
    )

    def clean_line(self) -> CheckedLine:
        checked = check_line(self.cleaned_data["line"])
        if checked.finding == LineFinding.NO_LINE:
            raise ValidationError(NO_LINE)
        return checked
