from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from tracker.forms.fields import WrittenField
from tracker.forms.shared import UnitsForm, WordsField
from tracker.models import Institution, Membership, User


class AssignmentForm(UnitsForm):
    # Translators: Label: institution or person.
    to = forms.ChoiceField(label=_("Assign to"), error_messages={"required": _("Choose an institution or a person.")})
    due_on = DayField(
        # Translators: Label.
        label=_("Due date"),
        required=False,
        help_text=_("Reminders are sent by e-mail seven days and one day before this date, and once after it."),
    )
    note = WordsField(
        label=_("Note"),
        required=False,
        help_text=_("Visible to the assignee and to members of your team who can see all answers; never submitted."),
    )

    def __init__(self, *args, institutions: Iterable[Institution], contributors: Iterable[Membership], **kwargs):
        super().__init__(*args, **kwargs)
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
    def assignee(self) -> Institution | User:
        return self.assignees[self.cleaned_data["to"]]

    @property
    def people(self) -> list[User]:
        """Return the users who will read it; none where the institution has no contributor yet."""
        to = self.assignee
        return [
            institution.user for institution in self.contributors if to in (institution.user, institution.institution)
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
