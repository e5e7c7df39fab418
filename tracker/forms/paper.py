from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tracker.documents.paper.chapters import PaperChoice
from tracker.documents.report.state import TITLE
from tracker.forms.fields import PlainTextField
from tracker.models import Round
from tracker.models.submission import STATEMENT_LIMIT


def line(label, help_text) -> forms.CharField:
    return PlainTextField(label=label, help_text=help_text, required=False, max_length=STATEMENT_LIMIT)


class PaperForm(forms.Form):
    """Choose a round, by default the newest, and the lines of the head, which may stay empty."""

    round = forms.ChoiceField(label=_("Round"))
    session = line(_("Meeting"), _("For example: Fifteenth meeting."))
    place_and_dates = line(_("Place and dates"), _("For example: Vienna, 6–8 October 2027."))
    agenda_item = line(_("Agenda item"), _("For example: Item 2 of the provisional agenda."))
    title = line(_("Title"), TITLE)
    quotations = forms.IntegerField(
        label=_("Maximum number of quotations under one heading"),
        help_text=_("From States that permit quotation of their submission by name."),
        min_value=0,
        max_value=20,
    )

    def __init__(self, data: QueryDict, rounds: list[Round]):
        data = data.copy()
        data.setdefault("round", rounds[0].code)
        data.setdefault("quotations", str(PaperChoice.quotations))
        super().__init__(data)
        self.rounds = {round_.code: round_ for round_ in rounds}
        self.fields["round"].choices = [(round_.code, round_.title) for round_ in rounds]  # type: ignore[attr-defined]

    def clean_round(self) -> Round:
        return self.rounds[self.cleaned_data["round"]]

    @property
    def choice(self) -> PaperChoice:
        return PaperChoice(**{name: values for name, values in self.cleaned_data.items() if name != "round"})
