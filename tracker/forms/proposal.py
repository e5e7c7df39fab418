from collections.abc import Iterable, Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.fields import WrittenField
from tracker.forms.record import read_number
from tracker.models.answer_fields import FIELD_NAMES
from tracker.models.record import Answer
from tracker.queries.desk.proposals import ShownProposal
from tracker.queries.difference import EVIDENCE


class DeclineForm(forms.Form):
    decline_reason = WrittenField(
        label=_("Reason for declining"),
        required=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason.")},
        help_text=_("Visible to the author; do not name a victim."),
    )


def answer_from_proposals(
    current: Answer | None, proposals: Iterable[ShownProposal], chosen: Mapping[str, str]
) -> Answer:
    """Return for each field the value of the current answer, or as the proposal chosen by key changes it."""
    values = current.as_fields() if current else {}
    citations = list(current.citations) if current else []
    by_key = {shown.proposal.pk: shown for shown in proposals}
    for name in (*FIELD_NAMES, EVIDENCE):
        shown = by_key.get(read_number(chosen.get(name)))
        if shown and name == EVIDENCE:
            citations = shown.combination.answer.citations
        elif shown:
            values[name] = getattr(shown.combination.answer, name)
    return Answer(**{"status": ""} | values, citations=citations)
