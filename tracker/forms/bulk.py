from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.lists import format_list
from recommendations.models import Recommendation
from tracker.actions.bulk import AT_ONCE, change_answer
from tracker.actions.record import NEW_WORDING, with_mark
from tracker.forms.fields import InstitutionField, WrittenField
from tracker.forms.shared import UnitsForm
from tracker.models import Revision
from tracker.models.answer_rules import answer_errors
from tracker.models.combination import NO_ANSWER
from tracker.models.record import REASON_LIMIT, answer_of
from tracker.models.status import NO_INFORMATION, NO_INFORMATION_LABEL, Status

# Translators: Nothing was changed, or is to be.
AS_IT_IS = ("", _("No change"))
READY, NOT_READY = "ready", "not ready"
EDITED_TOGETHER = "edited_together"  # in the session: the keys of the revisions that the last edit saved

# The field at which a broken rule is shown: this form lacks some fields of an answer.
PLACES = {"reason_code": "status", "reasons": "status"}
GIVE_REASONS = _("Give the reasons on the answer page first, or deselect these recommendations.")
ASKED_THERE = {
    "status": _("There is no information yet. Choose a status as well, or deselect these recommendations."),
    "reason_code": GIVE_REASONS,
    "reasons": GIVE_REASONS,
}


class ConfirmationForm(forms.Form):
    """Confirm that the answers of an earlier round that the page shows are still correct."""

    as_at = DayField(label=_("Still correct as at"))


class BulkForm(UnitsForm):
    """Set fields of several answers at once.

    `current`: revisions of the selected units, by their keys; `former`: keys of units answered on a former wording;
    `language`: of a new answer; `marks_ready`: whether the user may empty answers, and mark them ready, any number
    where nothing else is set.
    """

    status = forms.ChoiceField(label=_("Status"), choices=[AS_IT_IS, *Status.choices], required=False)
    ready = forms.ChoiceField(
        # Translators: Tag on an answer that is marked ready to submit.
        label=_("Ready"),
        choices=[AS_IT_IS, (READY, _("Ready")), (NOT_READY, _("Not ready"))],
        required=False,
    )
    lead_institution = InstitutionField(
        # Translators: Institution that leads the implementation.
        label=_("Lead institution"),
        help_text=_("Leave blank to keep the current value of each answer."),
    )
    no_lead_institution = forms.BooleanField(label=_("Clear the lead institution"), required=False)
    target_date = DayField(
        # Translators: Date by which the State plans to implement the recommendation.
        label=_("Target date"),
        required=False,
        help_text=_("Leave blank to keep the current value of each answer."),
    )
    no_target_date = forms.BooleanField(label=_("Clear the target date"), required=False)
    change_reason = WrittenField(label=_("Reason for the change"), limit=REASON_LIMIT)

    def __init__(
        self,
        *args,
        current: Mapping[int, Revision],
        former: Collection[int],
        language: str,
        institutions: list[str],
        marks_ready: bool,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        if marks_ready:
            choices = [AS_IT_IS, *Status.choices, (NO_INFORMATION, NO_INFORMATION_LABEL)]
            self.fields["status"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["ready"]
        self.current, self.language, self.institutions = current, language, institutions
        self.former = former

    @property
    def size_error(self) -> str:
        if len(self.units) <= AT_ONCE or self.only_marks_ready:
            return ""
        message = _("Selected: %(count)d. The limit is %(most)d at a time: deselect some recommendations.")
        return message % {"most": AT_ONCE, "count": len(self.units)}

    @property
    def only_marks_ready(self) -> bool:
        """Return whether `mark_ready` saves the answers."""
        if "ready" not in self.fields or not self.is_bound:
            return False
        return self._named == {"unit", "ready"} and self.data["ready"] == READY

    @property
    def is_emptied(self) -> bool:
        """Return whether `empty_answers` saves the answers."""
        return self.cleaned_data.get("status") == NO_INFORMATION

    @property
    def _named(self) -> set[str]:
        return {name for name in BulkForm.base_fields if self.data.get(name)}

    @property
    def changes(self) -> dict[str, Any]:
        values = self.cleaned_data
        found: dict[str, Any] = {name: values[name] for name in ("lead_institution", "target_date") if values.get(name)}
        if values.get("status"):
            found["status"] = values["status"]
        if values.get("ready"):
            found["ready"] = values["ready"] == READY
        if values.get("no_lead_institution"):
            found["lead_institution"] = ""
        if values.get("no_target_date"):
            found["target_date"] = None
        return found

    def clean(self):
        if self.size_error and "unit" not in self.errors:
            self.add_error("unit", self.size_error)
        for name in ("lead_institution", "target_date"):
            if self.cleaned_data.get(name) and self.cleaned_data.get(f"no_{name}"):
                self.add_error(name, _("Enter a new value or clear the current value, not both."))
        if not self.errors and not self.changes:
            self.add_error(None, _("Set at least one field to change."))
        if self.is_emptied and self._named != {"unit", "status"}:
            self.add_error("status", _("“No information” empties the answer. Remove the other changes."))
        if not self.errors and not self.is_emptied:
            self._check_answers()

    def _check_answers(self) -> None:
        """Add each problem at its field, with the units that have it."""
        messages = defaultdict(list)
        messages["unit", str(NEW_WORDING)] = [unit.label_with_title for unit in self.units if unit.pk in self.former]
        for unit in self.units:
            for name, problems in answer_errors(unit, self.answer_to(unit)).items():
                for why in [ASKED_THERE[name]] if name in ASKED_THERE else ValidationError(problems).messages:
                    messages[PLACES.get(name, name), str(why)].append(unit.label_with_title)
        for (place, why), labels in ((key, labels) for key, labels in messages.items() if labels):
            self.add_error(place if place in self.fields else None, f"{format_list(labels)}: {why}")

    def answer_to(self, unit: Recommendation):
        current = self.current.get(unit.pk)
        own = answer_of(current) if current else None
        if self.is_emptied:
            return replace(NO_ANSWER, language=own.language if own else "")
        answer = change_answer(own, self.changes, self.language)
        return with_mark(answer, own, marks_ready="ready" in self.fields)
