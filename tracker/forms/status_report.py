from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.fields import WrittenField
from tracker.models.status_report import REFERENCE_LIMIT, REPORT_LIMIT


class StatusReportForm(forms.Form):
    wrong = WrittenField(label=_("What is wrong"), limit=REPORT_LIMIT, widget=forms.Textarea(attrs={"rows": 3}))
    right = WrittenField(
        label=_("What is right"),
        limit=REPORT_LIMIT,
        help_text=_("The act and its date, such as: accession to the Protocol on 3 March 2016."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reference = WrittenField(
        label=_("Where it can be looked up"),
        limit=REFERENCE_LIMIT,
        help_text=_("A depositary notification, an official gazette, an address."),
    )

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["wrong"].required = self.fields["right"].required = True


class AnswerReportForm(forms.Form):
    answer = WrittenField(
        label=_("Your answer to the State"),
        limit=REPORT_LIMIT,
        help_text=_("Its people read it. Where you decline, say why."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
