from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from recommendations.forms import DayField
from tracker.forms.fields import PlainTextField
from tracker.models import Remark, Respondent, Round, Submission
from tracker.models.remark import RemarkKind
from tracker.models.submission import SubmissionStage
from tracker.models.validators import TEXT_LIMIT

MINE, NOBODY = "me", "nobody"
YES, NO = "yes", "no"


class RemarkForm(forms.Form):
    """`base`: stamp of the remark that the officer saw."""

    conditional = ("question",)

    kind = forms.ChoiceField(
        # Translators: Noun. Label of a choice, and heading: what the Secretariat officer notes about an answer,
        # either “Noted” or a request for clarification.
        label=_("Remark"),
        # Translators: The Secretariat officer has read the answer and does not ask for clarification.
        choices=[(RemarkKind.NOTED, _("Noted")), (RemarkKind.CLARIFICATION, _("Clarification requested"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a remark.")},
    )
    question = PlainTextField(
        label=_("Request for clarification"),
        required=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The State can change only this answer. Do not name a victim."),
    )

    base = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, remark: Remark | None, data=None) -> "RemarkForm":
        initial = {"kind": remark.kind, "question": remark.question, "base": remark.stamp} if remark else {}
        return cls(data, initial=initial)


class SendForm(forms.Form):
    reply_by = DayField(label=_("Reply requested by"), required=False, help_text=_("Replying is voluntary."))


class QueueFilter(FilterSet):
    """Filter submissions; of each State and round the newest; without a choice those that are not withdrawn. With an
    unknown value none is shown.
    """

    round = ModelChoiceFilter(label=_("Round"), queryset=Round.objects.opened(), empty_label=_("All"))
    respondent = ModelChoiceFilter(label=_("State"), queryset=Respondent.objects.none(), empty_label=_("All"))
    state = ChoiceFilter(
        label=_("Current status"), field_name="participation__state", choices=SubmissionStage, empty_label=_("All")
    )
    taken = ChoiceFilter(
        # Translators: Role in the Secretariat: reads submissions. Has no part in the Review Mechanism of the
        # Convention.
        label=_("Secretariat officer"),
        # Translators: A choice in the filter “Secretariat officer”: submissions that I read.
        choices=[(MINE, _("Me")), (NOBODY, _("No Secretariat officer"))],
        empty_label=_("All"),
        method="filter_by_reader",
    )
    late = ChoiceFilter(
        label=_("Received after the due date"),
        choices=[(YES, _("Received after the due date")), (NO, _("Received by the due date"))],
        empty_label=_("All"),
        method="filter_by_due",
    )
    all = BooleanFilter(label=_("Include withdrawn submissions"), method="filter_all", widget=forms.CheckboxInput)

    class Meta:
        model = Submission
        fields = ()

    def __init__(self, data, queryset: QuerySet, user):
        super().__init__(data, queryset)
        self.user = user
        submitted = Submission.objects.to_be_read_by(user).order_by().values("respondent")
        self.filters["respondent"].queryset = Respondent.objects.filter(pk__in=submitted)

    @property
    def has_filter(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    @property
    def shown(self) -> QuerySet:
        if not self.form.is_valid():
            return self.queryset.none()
        found = self.queryset
        for name, value in self.form.cleaned_data.items():
            found = self.filters[name].filter(found, value)
        return found

    def filter_by_reader(self, queryset, _name, value):
        return queryset.filter(participation__taken_by=self.user if value == MINE else None)

    def filter_by_due(self, queryset, _name, value):
        return queryset.filter(late=value == YES)

    def filter_all(self, queryset, _name, value):
        is_asked_for = value or self.form.cleaned_data.get("state") == SubmissionStage.WITHDRAWN
        return queryset if is_asked_for else queryset.exclude(participation__state=SubmissionStage.WITHDRAWN)
