from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from recommendations.lists import format_phrases
from tracker.actions.remainder import Remainder
from tracker.forms.fields import PlainTextField, WrittenField
from tracker.models import EvidenceFile, EvidenceVersion, Respondent, User
from tracker.models.withdrawal import WithdrawalReason, WithdrawalStage


class WithdrawalForm(forms.Form):
    conditional = ("words", "chosen")

    words = PlainTextField(
        label=_("Words that identify the victim"),
        required=False,
        max_length=300,
        help_text=_(
            "For example a name, exactly as it is written in the answers. Every field that contains these "
            "words is hidden, in all versions. Files with these words in their name or in their text are hidden."
        ),
    )
    chosen = forms.TypedMultipleChoiceField(
        label=_("Files to destroy"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "The site searches the text of PDF, Office and text files, but not images, such as photographs and scanned "
            "pages. Select the files that identify a victim."
        ),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=WithdrawalReason, widget=forms.RadioSelect)

    def __init__(self, *args, respondent: Respondent, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        # A double click sends a file again that its first click has hidden.
        hidden = Q(withdrawal__state=WithdrawalStage.REQUESTED) if self.is_bound else Q(pk__in=[])
        versions = EvidenceVersion.objects.visible_to(user).select_related("evidence", "withdrawal").order_by("pk")
        files = (
            EvidenceFile.objects.visible_to(user)
            .filter(Q(withdrawal__isnull=True) | hidden, respondent=respondent)
            .order_by("-pk")
            .prefetch_related(Prefetch("versions", queryset=versions))
        )
        by_key = {str(file.pk): file for file in files}
        self.names = {key: _name_of(file) for key, file in by_key.items()}
        self.fields["chosen"].choices = list(self.names.items())  # type: ignore[attr-defined]
        self.fields["chosen"].coerce = by_key.__getitem__  # type: ignore[attr-defined]

    def names_of(self, files: Iterable[EvidenceFile]) -> list[str]:
        return sorted(self.names[str(file.pk)] for file in files)


class RemainderForm(forms.Form):
    """Edit and choose what is saved as the next version of answers and evidence items."""

    def __init__(self, data=None, *, remainders: list[Remainder]):
        super().__init__(data)
        self.remainders = remainders
        for remainder in remainders:
            self.fields[remainder.key] = forms.BooleanField(label=remainder.name, required=False)
            for name, (label, text) in remainder.texts.items():
                rows = forms.Textarea(attrs={"rows": 4})
                self.fields[f"{remainder.key}-{name}"] = WrittenField(label=label, initial=text, widget=rows)

    @property
    def texts(self) -> dict[str, dict[str, str]]:
        """Return the texts by field of each selected remainder."""
        chosen = (remainder for remainder in self.remainders if self.cleaned_data[remainder.key])
        return {each.key: {name: self.cleaned_data[f"{each.key}-{name}"] for name in each.texts} for each in chosen}

    def refuse(self, error: ValidationError) -> None:
        """Add an error by field, at its field or, without one, at the box of the remainder."""
        for place, problems in error.message_dict.items():
            self.add_error(place if place in self.fields else "-".join(place.split("-")[:2]), problems)


def _name_of(file: EvidenceFile) -> str:
    newest = {version.evidence_id: version for version in file.versions.all()}
    return format_phrases(
        f"{version.evidence} {version} ({version.shown_value('file_name')})" for version in newest.values()
    )
