from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.actions.transcription import VICTIM_TEXT_REMOVED
from tracker.forms.fields import WrittenField
from tracker.forms.record import read_number
from tracker.models import Reply
from tracker.queries.submissions.questions import ClarificationRow


class ReplyForm(forms.Form):
    """Reply to one clarification.

    `base` is the number of the reply from which the user started, 0 for none; `withdrawn` is its withdrawal; `newer` is
    the reply that another user has saved since.
    """

    text = WrittenField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For the Secretariat only, never public. Do not name a victim."),
    )

    def __init__(self, data: QueryDict | None = None, *, row: ClarificationRow):
        newest = row.replies[-1] if row.replies else None
        prefix = row.clarification.unit.slug
        if data is not None and f"{prefix}-text" not in data:
            data = None
        super().__init__(data, prefix=prefix, initial={"text": newest.text if newest else ""})
        # Translators: Label of a field. label: label of a recommendation.
        self.fields["text"].label = _("Reply: %(label)s") % {"label": row.clarification.unit.label_with_title}
        self.row = row
        self.newer: Reply | None = None
        if data is None:
            self.base, self.withdrawn = row.clarification.words, newest.withdrawal_id if newest else None
        else:
            self.base = read_number(data.get(f"{prefix}-base"))
            self.withdrawn = read_number(data.get(f"{prefix}-withdrawn")) or None

    @property
    def is_filled(self) -> bool:
        """Return whether the text differs from the reply that the page showed."""
        begun_from = next((reply.text for reply in self.row.replies if reply.number == self.base), "")
        return self.is_bound and (not self.is_valid() or self.cleaned_data["text"] != begun_from)

    def refuse_for(self, row: ClarificationRow, is_open: bool) -> None:
        """Say why nothing was saved; the next save replaces the reply in `row`."""
        if not is_open:
            self.add_error("text", _("This request for clarification is closed. Your reply was not saved."))
            return
        newest = row.replies[-1]
        lost_words = self.base == newest.number
        self.row, self.newer, self.base, self.withdrawn = row, newest, newest.number, newest.withdrawal_id
        if lost_words:
            self.add_error("text", VICTIM_TEXT_REMOVED)
            return
        message = _(
            # Translators: who: name of a person; at: date and time.
            "%(who)s saved a reply on %(at)s, after you opened this page. Your reply is not saved yet. Save "
            "to replace the other reply."
        )
        at = date_format(newest.saved_at, "DATETIME_FORMAT")
        self.add_error("text", message % {"who": newest.author, "at": at})
