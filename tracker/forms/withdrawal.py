from collections.abc import Iterable

from django import forms
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from recommendations.lists import format_phrases
from tracker.forms.fields import PlainTextField
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


def _name_of(file: EvidenceFile) -> str:
    newest = {version.evidence_id: version for version in file.versions.all()}
    return format_phrases(
        f"{version.evidence} {version} ({version.shown_value('file_name')})" for version in newest.values()
    )
