from collections.abc import Iterable

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import BooleanFilter, ChoiceFilter, FilterSet, ModelChoiceFilter, MultipleChoiceFilter

from recommendations.error_messages import PAGE_CHANGED
from recommendations.forms import DayField
from tracker.forms.fields import PlainTextField
from tracker.models import Remark, Respondent, Round, Submission, User
from tracker.models.language import LANGUAGE_NAMES, Language
from tracker.models.remark import RemarkKind
from tracker.models.submission import SubmissionStage
from tracker.models.validators import TEXT_LIMIT
from tracker.queries.submissions.reading import in_languages

MINE, NOBODY = "me", "nobody"
YES, NO = "yes", "no"

# Translators: Choice of a filter: no filter.
ALL = pgettext_lazy("filter", "All")


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


def key_in_queue(submission: Submission) -> str:
    """Name a submission with its officer and stage, so that an old page assigns nothing."""
    reading = submission.participation
    return f"{submission.reference} {reading.taken_by_id or 0} {reading.state}"


class ReadingsForm(forms.Form):
    """Assign the readings of some of these submissions, by their keys, to one of these officers."""

    submissions = forms.MultipleChoiceField(
        label=_("Submissions"),
        error_messages={"required": _("Select one or more submissions."), "invalid_choice": PAGE_CHANGED},
    )
    officer = forms.ChoiceField(
        # Translators: Label: a person or an institution follows.
        label=_("Assign to"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose a Secretariat officer.")),
    )

    def __init__(self, data: QueryDict | None, *, submissions: Iterable[Submission], officers: Iterable[User]):
        super().__init__(data)
        self.offered = {key_in_queue(submission): submission for submission in submissions}
        self.officers = {str(officer.pk): officer for officer in officers}
        fields: dict = self.fields
        fields["submissions"].choices = [(key, key) for key in self.offered]
        fields["officer"].choices = [("", ""), *((key, str(officer)) for key, officer in self.officers.items())]

    def clean_submissions(self) -> list[Submission]:
        return [self.offered[key] for key in self.cleaned_data["submissions"]]

    def clean_officer(self) -> User:
        return self.officers[self.cleaned_data["officer"]]


class QueueFilter(FilterSet):
    """Filter submissions; of each State and round the newest; without a choice those that are not withdrawn. With an
    unknown value none is shown.
    """

    round = ModelChoiceFilter(label=_("Round"), queryset=Round.objects.opened(), empty_label=ALL)
    respondent = ModelChoiceFilter(label=_("State"), queryset=Respondent.objects.none(), empty_label=ALL)
    state = ChoiceFilter(
        label=_("Current status"),
        field_name="participation__state",
        choices=SubmissionStage,
        empty_label=ALL,
    )
    taken = ChoiceFilter(
        # Translators: Role in the Secretariat: reads submissions. Has no part in the Review Mechanism of the
        # Convention.
        label=_("Secretariat officer"),
        choices=[],
        empty_label=ALL,
        method="filter_by_reader",
    )
    late = ChoiceFilter(
        label=_("Received after the due date"),
        choices=[(YES, _("Received after the due date")), (NO, _("Received by the due date"))],
        empty_label=ALL,
        method="filter_by_due",
    )
    language = MultipleChoiceFilter(
        # Translators: Label of the boxes of languages: all answers of the submission are in these languages.
        label=_("All answers in"),
        choices=[(code, LANGUAGE_NAMES.get(code, code.label)) for code in Language],
        widget=forms.CheckboxSelectMultiple,
        method="filter_by_language",
    )
    all = BooleanFilter(label=_("Include withdrawn submissions"), method="filter_all", widget=forms.CheckboxInput)

    class Meta:
        model = Submission
        fields = ()

    def __init__(self, data, queryset: QuerySet, user: User, officers: Iterable[User]):
        super().__init__(data, queryset)
        self.user = user
        self.filters["taken"].field.choices = [
            # Translators: A choice in the filter “Secretariat officer”: submissions that I read.
            (MINE, _("Me")),
            (NOBODY, _("No Secretariat officer")),
            *((str(officer.pk), str(officer)) for officer in officers if officer != user),
        ]
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
        named = {MINE: self.user, NOBODY: None}
        return queryset.filter(participation__taken_by=named.get(value, value))

    def filter_by_language(self, queryset, _name, value):
        return in_languages(queryset, value)

    def filter_by_due(self, queryset, _name, value):
        received_after = Q(late=True, due_on__gte=F("round__due_on"))
        return queryset.filter(received_after if value == YES else ~received_after)

    def filter_all(self, queryset, _name, value):
        is_asked_for = value or self.form.cleaned_data.get("state") == SubmissionStage.WITHDRAWN
        return queryset if is_asked_for else queryset.exclude(participation__state=SubmissionStage.WITHDRAWN)
