from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from tracker.actions.submission import Statements, missing_statements
from tracker.models import Use
from tracker.models.submission import STATEMENT_LIMIT
from tracker.models.validators import TEXT_LIMIT
from tracker.queries.submissions.check import Check


class UseForm(forms.Form):
    in_aggregates = forms.BooleanField(label=_("May be included in aggregate figures"), required=False, initial=True)
    quoted = forms.BooleanField(label=_("May be quoted with the name of the State"), required=False)

    @classmethod
    def of(cls, use: Use, data: QueryDict | None = None) -> "UseForm":
        return cls(data, initial=use.as_fields)


class SubmissionForm(UseForm):
    """Submit. `fingerprint` is that of the answers that the check showed, `checked_at` the time of the check."""

    published = forms.BooleanField(
        label=_("Publish immediately after submission"),
        required=False,
        help_text=_(
            "Anyone can then read the answers and the public evidence on this site. You can also publish "
            "later from the receipt, after a preview, and unpublish at any time."
        ),
    )
    fingerprint = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    checked_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    gaps_confirmed = forms.BooleanField(label=_("I have seen these gaps and submit with them"), required=False)
    names_no_victim = forms.BooleanField(
        label=_("I declare that nothing in the answers or their evidence identifies a victim"), required=False
    )
    cleared_by = forms.CharField(
        label=_("Cleared by"),
        required=False,
        max_length=STATEMENT_LIMIT,
        help_text=_(
            "The office that cleared the submission, for example: Ministry of Foreign Affairs, Legal Department."
        ),
    )
    # Translators: Label: date of the clearance.
    cleared_on = DayField(label=_("Cleared on"), required=False)
    note_verbale = forms.CharField(
        label=_("Note verbale"),
        required=False,
        max_length=STATEMENT_LIMIT,
        help_text=_("Reference of the note verbale that accompanies the submission, if any."),
    )

    def __init__(self, data: QueryDict | None = None, *, check: Check):
        self.check = check
        super().__init__(data, initial={"fingerprint": check.digest, "checked_at": timezone.now().isoformat()})

    @property
    def statements(self) -> Statements:
        left_out = ("fingerprint", "checked_at")
        return Statements(**{name: values for name, values in self.cleaned_data.items() if name not in left_out})

    def clean(self):
        self.refuse(ValidationError(missing_statements(self.statements, self.check)))

    def refuse(self, error: ValidationError) -> None:
        for name, problems in error.error_dict.items():
            if name not in self.errors:
                self.add_error(name, problems)

    def start_again(self, check: Check) -> "SubmissionForm":
        """Return the same input over a new check; its missing answers must be confirmed again."""
        form = SubmissionForm(check=check)
        anew = (*form.initial, "gaps_confirmed")
        form.initial.update({name: typed for name, typed in self.cleaned_data.items() if name not in anew})
        return form


class ThemeConfirmationForm(forms.Form):
    theme = forms.CharField(widget=forms.HiddenInput, required=False)
    as_at = DayField(label=_("Still correct as at"))


class PublishForm(forms.Form):
    seen = forms.BooleanField(
        label=_("I have seen what will become public, and my State publishes it"),
        error_messages={"required": _("Select the box to confirm that you have seen what will become public.")},
    )


class WithdrawSubmissionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The Secretariat can read the reason. Do not enter information that could identify a victim."),
    )
