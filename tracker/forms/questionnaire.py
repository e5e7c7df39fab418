from collections.abc import Iterable
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tracker.actions.questionnaire import OF_ANOTHER_STATE
from tracker.documents.exchange.questionnaire_reader import SentBack, read
from tracker.forms.shared import ReturnedFileForm
from tracker.models import Institution
from tracker.models.record import ReceivedDetails


class QuestionnaireUploadForm(ReturnedFileForm):
    """Read a completed questionnaire; once valid, its `upload` is a `SentBack`."""

    sent_back: SentBack | None = None

    def __init__(self, *args, institutions: Iterable[Institution] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.institutions = {institution.name: institution for institution in institutions}
        self.fields["received_on"].required = True
        self.fields["received_from"].help_text = _(
            "Leave this empty if the institution to which the file was sent has returned it."
        )

    def clean_upload(self) -> SentBack:
        self.sent_back = read(self.cleaned_data["upload"])
        if self.sent_back.respondent != self.desk.code:
            raise ValidationError(OF_ANOTHER_STATE)
        return self.sent_back

    def clean(self):
        if not self.received().institution and "upload" not in self.errors:
            self.add_error("received_from", self.fields["received_from"].error_messages["required"])
        super().clean()

    def received(self) -> ReceivedDetails:
        """Return what was typed, or else the institution for which the file was made."""
        typed = super().received()
        return replace(typed, institution=typed.institution or str(self._recipient or ""))

    @property
    def institution(self) -> Institution | None:
        """Return the institution of this name, if it is on the list."""
        return self.institutions.get(self.received().institution)

    @property
    def _recipient(self) -> Institution | None:
        key = self.sent_back.institution if self.sent_back else None
        return next((institution for institution in self.institutions.values() if institution.pk == key), None)
