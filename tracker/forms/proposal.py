from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.fields import WrittenField
from tracker.forms.record import read_number
from tracker.models import EvidenceVersion, Proposal
from tracker.models.record import Answer
from tracker.queries.difference import EVIDENCE


class DeclineForm(forms.Form):
    decline_reason = WrittenField(
        label=_("Reason for declining"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason.")},
        help_text=_("Visible to the author; do not name a victim."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decline_reason"].required = True


def answer_from_proposals(
    current: Answer | None,
    proposals: list[Proposal],
    versions: Mapping[int, EvidenceVersion],
    chosen: Mapping[str, str],
) -> Answer:
    """Return for each field the value of the proposal chosen by key, else the value of the current answer."""
    values = current.as_fields() if current else {}
    citations = list(current.citations) if current else []
    by_key = {proposal.pk: proposal for proposal in proposals}
    for name in (*proposals[0].offered_fields, EVIDENCE):
        proposal = by_key.get(read_number(chosen.get(name)))
        if proposal and name == EVIDENCE:
            citations = [(versions[key], pinpoint) for key, pinpoint in proposal.citations if key in versions]
        elif proposal:
            values[name] = proposal.offered_fields[name]
    return Answer(**{"status": ""} | values, citations=citations)
