from collections.abc import Iterable, Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.models import Recommendation
from tracker.forms.fields import WrittenField
from tracker.forms.shared import UnitsForm, WordsField
from tracker.models import Institution, Membership, User


class AssignmentForm(UnitsForm):
    """Choose some of the units `offered`, or whole `sections`: units by the key of their theme."""

    section = forms.MultipleChoiceField(label=_("Recommendations"), required=False)
    # Translators: Label: a person or an institution follows.
    to = forms.ChoiceField(label=_("Assign to"), error_messages={"required": _("Choose an institution or a person.")})
    due_on = DayField(
        # Translators: The day until which something is asked for.
        label=_("Due date"),
        required=False,
        help_text=_("People who sign in get reminders by e-mail, at most one a week."),
    )
    note = WordsField(
        label=_("Note"),
        required=False,
        help_text=_("Visible to the assignee and to members of your team who can see all answers; never submitted."),
    )

    def __init__(
        self,
        *args,
        sections: Mapping[str, Iterable[Recommendation]],
        institutions: Iterable[Institution],
        contributors: Iterable[Membership],
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.sections = sections
        self.fields["section"].choices = [(key, key) for key in sections]  # type: ignore[attr-defined]
        self.chosen_sections = self.data.getlist("section") if self.is_bound else []  # type: ignore[attr-defined]
        self.fields["unit"].required = not self.chosen_sections
        self.contributors = list(contributors)
        self.assignees: dict[str, Institution | User] = {
            f"institution-{institution.pk}": institution for institution in institutions
        }
        people = {f"person-{assignee.user_id}": assignee.user for assignee in self.contributors}
        choices = [
            (_("Institutions"), [(key, str(assignee)) for key, assignee in self.assignees.items()]),
            # Translators: Label: the people who will write the answers.
            (_("Contributors"), [(key, str(assignee)) for key, assignee in people.items()]),
        ]
        self.assignees |= people
        self.fields["to"].choices = [("", ""), *choices]  # type: ignore[attr-defined]

    @property
    def units(self) -> list[Recommendation]:
        whole = {unit.slug for key in self.cleaned_data["section"] for unit in self.sections[key]}
        return [unit for slug, unit in self.offered.items() if slug in self.chosen | whole]

    @property
    def assignee(self) -> Institution | User:
        return self.assignees[self.cleaned_data["to"]]

    @property
    def people(self) -> list[User]:
        """Return the users who will read it; none where nobody of the institution signs in."""
        return [
            contributor.user
            for contributor in self.contributors
            if self.assignee in (contributor.user, contributor.institution)
        ]


class ReminderForm(forms.Form):
    """`last`: the number of the event of the newest reminder that the page showed."""

    text = WrittenField(
        # Translators: Label: text of an e-mail.
        label=_("Text of the e-mail"),
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("Sent by e-mail: do not quote answers, and name no victim."),
    )
    last = forms.IntegerField(min_value=0, max_value=10**9, widget=forms.HiddenInput)
