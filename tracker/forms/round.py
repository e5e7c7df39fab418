from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations.currency import CURRENCY_FILTERS
from recommendations.days import day_in_words
from recommendations.forms import DayField
from recommendations.models import Family, Meeting, Recommendation, Theme
from recommendations.queries import published_nodes
from tracker.forms.fields import WrittenField
from tracker.forms.shared import ReasonForm
from tracker.models import Round


class ScopeField(forms.ModelMultipleChoiceField):
    """Refuse a key beyond the integers of SQLite, at which SQLite raises."""

    def clean(self, value):
        try:
            return super().clean(value)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid_list"], code="invalid_list") from None


class RoundForm(forms.ModelForm):
    """`base`: stamp of the plan that the user saw, none of a new round."""

    base = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Round
        fields = ["code", "title", "opens_on", "due_on", "meetings", "themes", "families"]
        widgets = {
            "meetings": forms.CheckboxSelectMultiple,
            "themes": forms.CheckboxSelectMultiple,
            "families": forms.SelectMultiple(attrs={"size": 12}),
        }
        field_classes = dict.fromkeys(("meetings", "themes", "families"), ScopeField)
        error_messages = {
            "code": {"required": _("Enter the code.")},
        }
        help_texts = {
            "title": _("If blank, the round is named by the year in which it opens, in the language of each reader."),
            "opens_on": _("For example: 1 September 2026."),
            "due_on": _("Later submissions are welcome; the receipt shows the date."),
            "families": _(
                "Recommendations that belong to any of these groups of similar recommendations, in full or in part."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["base"] = self.instance.plan_stamp if self.instance.pk else ""
        answered = Recommendation.objects.published().all_units().filter(body=self.instance.body)
        scopes = {
            "meetings": Meeting.objects.filter(pk__in=answered.order_by().values("meeting")),
            "themes": Theme.objects.all(),
            "families": Family.objects.all(),
        }
        for name, scope in scopes.items():
            self.fields[name].queryset = scope  # type: ignore[attr-defined]
        units = [node for node in published_nodes() if node.is_open_unit and node.body == self.instance.body]
        for name, filter_ in CURRENCY_FILTERS.items():
            stored, choices = self.instance.currency.get(name, []), filter_.choices_in(units)
            choices += [(code, code) for code in stored if code not in dict(choices)]  # no text has it any more
            self.fields[name] = forms.MultipleChoiceField(
                label=str(filter_.label),
                required=False,
                choices=choices,
                initial=stored,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Of the recommendations above, only those selected here. Select none for all."),
            )

    @property
    def scope(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("meetings", "themes", "families")}

    def clean(self):
        super().clean()
        chosen = {name: self.cleaned_data.get(name) for name in CURRENCY_FILTERS}
        self.instance.currency = {name: codes for name, codes in chosen.items() if codes}

    def clean_base(self):
        return self.cleaned_data["base"] or None

    def clean_code(self):
        code = self.cleaned_data["code"]
        if reverse("round", args=[code]) == reverse("round_add"):
            raise ValidationError(_("This code is the address of another page. Enter another code."))
        return code

    def _save_m2m(self):
        pass


class ReleaseNoteForm(forms.Form):
    release_note = WrittenField(
        label=_("Note on the release"),
        limit=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The note is public, beside the figures. It corrects an error in the figures and names no State."),
    )

    def __init__(self, data=None, *, round: Round):
        super().__init__(data, initial={"release_note": round.release_note})


class DueDateForm(ReasonForm):
    """`base`: the due date that the user saw; the template writes it."""

    due_on = DayField(label=_("New due date"))
    base = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("due_on",)

    def __init__(self, data=None, *, round: Round):
        super().__init__(data)


class ClosingDateForm(forms.Form):
    closes_on = DayField(label=_("Closing date"))

    def __init__(self, data=None, *, round: Round):
        super().__init__(data, initial={"closes_on": round.closes_on})
        # Translators: first: a date.
        message = _("The last day on which States can submit: %(first)s or later.")
        self.fields["closes_on"].help_text = message % {"first": day_in_words(round.first_closing_date)}
