from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.submission import Statements, missing_statements
from tracker.forms.fields import DateInput
from tracker.models import Use
from tracker.models.submission import STATEMENT_LIMIT
from tracker.models.validators import TEXT_LIMIT
from tracker.queries.submissions.check import Check


class UseForm(forms.Form):
    in_aggregates = forms.BooleanField(
        label=_("It may be counted in figures over several States"), required=False, initial=True
    )
    quoted = forms.BooleanField(label=_("It may be quoted with the name of the State"), required=False)

    @classmethod
    def of(cls, use: Use, data: QueryDict | None = None) -> "UseForm":
        return cls(data, initial=use.as_fields)


class SubmissionForm(UseForm):
    """Submit. `fingerprint` is that of the answers that the check showed, `checked_at` the time of the check."""

    published = forms.BooleanField(
        label=_("It is published as soon as it is handed in"),
        required=False,
        help_text=_(
            "Everybody can then read its answers and its public evidence here. You can also publish it later, from its "
            "receipt, where you first see what becomes public; and take it back at any time."
        ),
    )
    fingerprint = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    checked_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    gaps_confirmed = forms.BooleanField(label=_("I have seen these gaps and hand in with them"), required=False)
    names_no_victim = forms.BooleanField(
        label=_("I declare that nothing in the answers and in their evidence identifies a victim"), required=False
    )
    cleared_by = forms.CharField(
        label=_("Cleared by"),
        required=False,
        max_length=STATEMENT_LIMIT,
        help_text=_("The office that cleared the report, such as: Ministry of Foreign Affairs, Legal Department."),
    )
    cleared_on = forms.DateField(label=_("Cleared on"), required=False, widget=DateInput())
    note_verbale = forms.CharField(
        label=_("Note verbale"),
        required=False,
        max_length=STATEMENT_LIMIT,
        help_text=_("Its reference, if one accompanies the report."),
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
    as_at = forms.DateField(label=_("Still correct as at"), widget=DateInput())


class PublishForm(forms.Form):
    seen = forms.BooleanField(
        label=_("I have seen what becomes public, and my State publishes it"),
        error_messages={"required": _("Confirm that you have seen what becomes public.")},
    )


class WithdrawSubmissionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The Secretariat reads it. Do not name a victim."),
    )
