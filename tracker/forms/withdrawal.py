from django import forms
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from tracker.models import EvidenceFile, EvidenceVersion, Respondent, User, Withdrawal
from tracker.validators import validate_plain_text


class FilesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, file: EvidenceFile) -> str:
        return "; ".join(f"{version.evidence} {version} ({version.file_name})" for version in file.versions.all())


class WithdrawalForm(forms.Form):
    """A focal point's request: words, files, or both."""

    conditional = ("words", "files")

    words = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=300,
        validators=[validate_plain_text],
        help_text=_(
            "Such as a name, as it stands in the answers. Every field of your State that holds these words is emptied, "
            "in every revision; so are the files that hold them in their name or in their plain text."
        ),
    )
    files = FilesField(
        label=_("Files to destroy"),
        required=False,
        queryset=None,
        help_text=_("We cannot look into PDF, Office and picture files: choose those that identify a victim."),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Withdrawal.Reason, widget=forms.RadioSelect)

    def __init__(self, *args, respondent: Respondent, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        versions = EvidenceVersion.objects.visible_to(user).select_related("evidence", "withdrawal").order_by("-pk")
        self.fields["files"].queryset = (
            EvidenceFile.objects.visible_to(user)
            .filter(respondent=respondent, withdrawal__isnull=True)
            .prefetch_related(Prefetch("versions", queryset=versions))
        )
