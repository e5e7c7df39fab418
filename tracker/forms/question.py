from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.actions.reply import GivenReply, find_missing
from tracker.forms.fields import WrittenField
from tracker.forms.record import read_number
from tracker.queries.submissions.questions import ClarificationRow


class ReplyForm(forms.Form):
    """Reply to one clarification.

    `version` is the key of the changed answer that the page shows, `seen` of that which it showed, 0 for none.
    `is_closed`: the page has said that the request is closed; what was typed is only shown.
    """

    text = WrittenField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For the Secretariat only, never public. Do not name a victim."),
    )
    changed = forms.BooleanField(required=False)
    has_nothing_further = forms.BooleanField(label=gettext_lazy("No further information"), required=False)

    def __init__(self, data: QueryDict | None = None, *, row: ClarificationRow):
        clarification = row.clarification
        super().__init__(data, prefix=clarification.unit.slug)
        # Translators: Label of a field. label: label of a recommendation.
        self.fields["text"].label = _("Reply: %(label)s") % {"label": clarification.unit.label_with_title}
        self.row = row
        posted = QueryDict() if data is None else data
        self.version = clarification.revision if clarification.has_new_revision and clarification.is_ready else 0
        self.seen = read_number(posted.get(self.add_prefix("version")))
        self.is_closed = False
        if self.add_prefix("closed") in posted:
            self._close()
        if not self.version and self.add_prefix("changed") not in posted:
            del self.fields["changed"]
        else:
            # Translators: Label of a box. number: number of the version of an answer.
            label = _("Submit version %(number)s of the answer") % {"number": clarification.revision_number}
            self.fields["changed"].label = label

    @property
    def is_filled(self) -> bool:
        return not self.is_closed and (not self.is_valid() or any(self.cleaned_data.values()))

    @property
    def given(self) -> GivenReply:
        return GivenReply(
            remark=self.row.clarification.remark,
            text=self.cleaned_data["text"],
            has_nothing_further=self.cleaned_data["has_nothing_further"],
            revision=self.seen if self.cleaned_data.get("changed") else None,
        )

    def clean(self):
        if any(self.cleaned_data.values()) and "text" in self.cleaned_data:
            for name, problems in find_missing(self.given).items():
                self.add_error(name, problems)

    def _close(self) -> None:
        self.is_closed = True
        self.fields["text"].widget.attrs["readonly"] = True

    def refuse(self, *, is_closed: bool) -> None:
        if is_closed:
            self._close()
            self.add_error("text", _("This request for clarification is closed. Your reply was not submitted."))
        else:
            message = _("The answer changed after you opened this page. Read it, then submit your reply again.")
            self.add_error("changed", message)


class ReplyStatementForm(forms.Form):
    names_no_victim = forms.BooleanField(
        label=gettext_lazy(
            "To my knowledge, nothing in the replies, the changed answers or their evidence identifies a victim."
        ),
        error_messages={"required": gettext_lazy("Select the box to confirm that nothing identifies a victim.")},
    )
