from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.models import Recommendation
from tracker.actions.proposal import answers_of
from tracker.disclosure import respondents_not_read_by
from tracker.forms.fields import PlainTextField
from tracker.forms.record import AnswerForm
from tracker.models import Proposal, Respondent, User
from tracker.models.language import Language
from tracker.models.record import ReceivedDetails
from tracker.models.respondent import RespondentKind
from tracker.models.transcription import REFERENCE_LIMIT
from tracker.models.validators import LengthValidator


class TranscriptionRequestForm(forms.Form):
    respondent = forms.ModelChoiceField(label=_("State"), queryset=Respondent.objects.none(), to_field_name="code")
    reference = PlainTextField(
        label=_("Reference of the State’s written request"),
        help_text=_("For example: note verbale No. 12/2026. It is shown with every answer accepted from this request."),
        validators=[LengthValidator(REFERENCE_LIMIT)],
        error_messages={"required": _("Enter the reference of the State’s written request.")},
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    requested_on = DayField(label=_("Date of the request"), help_text=_("For example: 3 March 2026."))
    ends_on = DayField(
        label=_("Last day"), help_text=_("Last day on which you can enter answers, at most one year from today.")
    )

    def __init__(self, data=None, *, user: User):
        super().__init__(data)
        read_for = Respondent.objects.exclude(kind=RespondentKind.SECRETARIAT).exclude(
            pk__in=respondents_not_read_by(user)
        )
        self.fields["respondent"].queryset = read_for  # type: ignore[attr-defined]


class TranscriptionForm(AnswerForm):
    """Enter an answer from paper, from empty fields or from the proposal that still waits.

    It shows nothing of the State's current answer. Only the State marks it ready and cites evidence.
    """

    def __init__(self, data=None, *, unit: Recommendation, items: Iterable[Recommendation], offered: Proposal | None):
        [answer] = answers_of([offered]) if offered else [None]
        super().__init__(data, unit=unit, items=items, language=answer.language if answer else Language.ENGLISH)
        del self.fields["ready"]
        if offered and answer:
            received = ReceivedDetails.of(offered)
            values = {"received_from": received.institution, "received_on": received.on}
            self.initial.update(answer.as_fields() | values)
