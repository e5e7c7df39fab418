from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.forms.invitation import InstitutionChoice, last_day
from tracker.models import Institution, Membership


class MembershipForm(forms.Form):
    """Change institution and last day of a membership; the last day only where `may_end`."""

    institution = InstitutionChoice(label=_("Institution"), required=False, empty_value=None)
    until = last_day()

    def __init__(self, *args, membership: Membership, institutions: list[Institution], may_end: bool, **kwargs):
        kwargs["initial"] = {"institution": membership.institution_id or "", "until": membership.until}
        super().__init__(*args, **kwargs)
        self.fields["institution"].set_institutions(institutions)  # type: ignore[attr-defined]
        if not may_end:
            del self.fields["until"]
