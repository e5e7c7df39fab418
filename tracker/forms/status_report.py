from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.fields import WrittenField
from tracker.models.status_report import REFERENCE_LIMIT, REPORT_LIMIT


class StatusReportForm(forms.Form):
    wrong = WrittenField(
        # Translators: Label of a field or head of a column: what is wrong.
        label=_("Problem"),
        required=True,
        limit=REPORT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Describe the problem.")},
    )
    right = WrittenField(
        # Translators: Label of a field: the treaty status that is correct.
        label=_("Correct information"),
        required=True,
        limit=REPORT_LIMIT,
        help_text=_("The treaty act and its date, for example: accession to the Protocol on 3 March 2016."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the correct information.")},
    )
    reference = WrittenField(
        label=_("Source"),
        limit=REFERENCE_LIMIT,
        help_text=_("For example: a depositary notification, an official gazette or a web address."),
    )


class AnswerReportForm(forms.Form):
    answer = WrittenField(
        label=_("Response to the State"),
        limit=REPORT_LIMIT,
        help_text=_("Visible to the State; if you decline, give the reason."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
