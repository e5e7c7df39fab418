from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from tracker.actions.submission import Statements, missing_statements
from tracker.models import Submission
from tracker.models.submission import STATEMENT_LIMIT
from tracker.models.validators import TEXT_LIMIT
from tracker.queries.submissions.check import Check


class UseForm(forms.Form):
    in_aggregates = forms.BooleanField(
        label=_("May be included in aggregate figures"),
        help_text=_(
            "Public figures are made once, after the round has closed, and rounded to five States. If all other States "
            "publish their answers afterwards, a quarter of these answers can be worked out; if six do not, one in "
            "fifteen."
        ),
        required=False,
    )
    quoted = forms.BooleanField(label=_("May be quoted with the name of the State"), required=False)


class UseAgainField(forms.TypedChoiceField):
    """Ask again for a use that the previous submission permits: without an answer it would end unnoticed."""

    def __init__(self, label: Any, help_text: Any):
        super().__init__(
            label=label,
            help_text=help_text,
            choices=[("on", _("Permit")), ("off", _("Do not permit"))],
            coerce=lambda value: value == "on",
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose whether this use is still permitted.")},
        )


class PublishedField(forms.TypedChoiceField):
    """Ask what becomes of a published submission: None keeps it, True replaces it, False ends its publication."""

    def __init__(self, reference: str):
        choices = [
            # Translators: reference: reference of a published submission.
            ("keep", gettext("Keep %(reference)s published") % {"reference": reference}),
            # Translators: Button. reference: of a submission, such as XAA/2026/1.
            ("on", gettext("Publish this submission instead of %(reference)s") % {"reference": reference}),
            # Translators: Button. reference: of a submission, such as XAA/2026/1.
            ("off", gettext("Unpublish %(reference)s") % {"reference": reference}),
        ]
        super().__init__(
            label=_("Publication"),
            choices=choices,
            coerce={"keep": None, "on": True, "off": False}.__getitem__,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose which submission is published.")},
        )


class SubmissionForm(UseForm):
    """Submit. `fingerprint` is that of the answers that the check showed, `checked_at` the time of the check.

    `permitted`: the uses that the previous submission permits; each must be permitted again or ended. `published`: the
    submission of the round that is published, which must be kept, replaced or unpublished.
    """

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
    authority = forms.CharField(
        label=_("Submitting authority"),
        required=False,
        max_length=STATEMENT_LIMIT,
        help_text=_("The authority that submits, for example: Ministry of Justice."),
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
    is_complete = forms.BooleanField(label=_("Complete for this round"), required=False)
    names_no_victim = forms.BooleanField(required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        check: Check,
        permitted: Collection[str] = (),
        published: Submission | None = None,
    ):
        self.check = check
        super().__init__(data, initial={"fingerprint": check.digest, "checked_at": timezone.now().isoformat()})
        for name in UseForm.base_fields:
            if name in permitted:
                field = self.fields[name]
                self.fields[name] = UseAgainField(field.label, field.help_text)
        if published:
            self.fields["published"] = PublishedField(published.reference)
        self.fields["names_no_victim"].label = self._confirmation()

    def _confirmation(self) -> str:
        left_out, unanswered = len(self.check.left_out), len(self.check.unanswered)
        if not left_out and not unanswered:
            return gettext(
                "I submit these answers. To my knowledge, nothing in the answers or their evidence identifies a victim."
            )
        message = gettext(
            # Translators: left_out: number of answers that are not submitted; unanswered: number of recommendations.
            "Left out: %(left_out)s. No answer: %(unanswered)s. I have seen these gaps. To my knowledge, nothing in "
            "the answers or their evidence identifies a victim."
        )
        return message % {"left_out": left_out, "unanswered": unanswered}

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

    def with_input(self, typed: Mapping[str, Any]) -> "SubmissionForm":
        """Show what was typed before the answers changed; the confirmation must be given again."""
        again = ("fingerprint", "checked_at", "names_no_victim")
        self.initial.update({name: typed[name] for name in self.fields if name in typed and name not in again})
        return self


class PublishForm(forms.Form):
    seen = forms.BooleanField(
        label=_("I have seen what will become public, and may publish it for my State"),
        error_messages={"required": _("Select the box to confirm that you have seen what will become public.")},
    )


class WithdrawSubmissionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        error_messages={"required": _("Enter the reason.")},
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The Secretariat can read the reason. Do not enter information that could identify a victim."),
    )
