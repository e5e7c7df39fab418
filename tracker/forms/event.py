import datetime
from collections.abc import Iterable
from datetime import time

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.forms import DayField
from tracker.models import Respondent, User
from tracker.models.event import Action


class EventFilterForm(forms.Form):
    """Filter the events of a trail. With an unknown value none is shown."""

    # Translators: Heading of a column and label of a filter: what was done.
    action = forms.ChoiceField(label=_("Action"), required=False)
    since = DayField(label=_("From"), required=False)
    # Translators: Label before a date.
    until = DayField(label=_("Until"), required=False)

    field_order = ("action", "actor", "person", "unit", "respondent", "since", "until")

    def __init__(self, *args, actions: Iterable[str], **kwargs):
        super().__init__(*args, **kwargs)
        found = sorted(((action, Action(action).label) for action in actions), key=lambda choice: str(choice[1]))
        # Translators: A choice in a filter: no limit.
        self.fields["action"].choices = [("", _("All actions")), *found]  # type: ignore[attr-defined]

    def filter_rows(self, events: QuerySet) -> QuerySet:
        if not self.is_valid():
            return events.none()
        for name, value in self.cleaned_data.items():
            if value:
                events = events.filter(self._query(name, value))
        return events

    @property
    def has_filter(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def _query(self, name: str, value) -> Q:
        match name:
            case "since":
                return Q(at__gte=_at(value, time.min))
            case "until":
                return Q(at__lte=_at(value, time.max))
            case "unit":
                return Q(target__iexact=f"record {value}")
            case "person":
                return Q(actor__name__icontains=value) | Q(actor__email__icontains=value)
            case "respondent":  # readings of what it submitted stand in the site's chain
                return Q(respondent=value) | Q(respondent=None, target__startswith=f"submission {value.code}/")
        return Q(**{name: value})


class TrailFilterForm(EventFilterForm):
    # Translators: Heading of a column and label of a filter: who did it.
    actor = forms.ModelChoiceField(User.objects.none(), label=_("Person"), required=False, empty_label=_("All people"))
    unit = forms.CharField(
        label=_("Recommendation"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "IV.46(c)"}),
    )

    def __init__(self, *args, people: QuerySet, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["actor"].queryset = people  # type: ignore[attr-defined]


class SiteEventFilterForm(EventFilterForm):
    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("Part of a name or e-mail address")}),
    )
    respondent = forms.ModelChoiceField(
        Respondent.objects.all(),
        # Translators: Noun: a country. Heading of a column and label of a filter. Not the state of a thing.
        label=_("State"),
        required=False,
        empty_label=pgettext_lazy("filter", "All"),
    )


def _at(day: datetime.date, clock: time) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, clock))
