import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from pathlib import PurePath
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from recommendations.forms import DayField
from recommendations.languages import language_attributes
from recommendations.lists import format_list
from recommendations.models import Recommendation
from recommendations.queries import ORIGINAL
from tracker.forms.evidence import EvidenceForm
from tracker.forms.fields import WrittenField
from tracker.forms.shared import ReceivedForm
from tracker.models import Citation, EvidenceVersion, Record, Respondent, Revision, User
from tracker.models.answer_fields import FIELD_NAMES, FIELDS, TEXTS, FieldKind, FormSection
from tracker.models.answer_rules import answer_errors
from tracker.models.language import Language
from tracker.models.record import PINPOINT_LIMIT, REASON_LIMIT, Answer
from tracker.models.status import NO_INFORMATION, NO_INFORMATION_LABEL, Status
from tracker.queries.desk.library import NOTHING_TO_CITE, EvidenceList

FOUND_AT_ONCE = 8
SEARCH, CITE = "search", "cite"  # the buttons that search the library, and that cite an item of it
NEW_AT_ONCE = 10
NEW_FIELD = re.compile("new([0-9]{0,4})-")
ANOTHER = "another"  # the button that adds a form for an evidence item
WORDS_OF_AN_ITEM = 8
CITED = re.compile(r"pinpoint_([0-9]{1,18})")


def read_number(text: str | None) -> int:
    """Read a number that a page wrote into its form; 0 where it is something else."""
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else 0


def _item_label(item: Recommendation) -> SafeString:
    text = Truncator(item.text).words(WORDS_OF_AN_ITEM, truncate=" …")
    return format_html("<span {}>{} {}</span>", language_attributes(ORIGINAL), item.marker, text)


STATUSES_AND_NONE = [*Status.choices, (NO_INFORMATION, NO_INFORMATION_LABEL)]
INPUTS: dict[FieldKind, Callable[..., forms.Field]] = {
    FieldKind.STATUS: lambda field, **shown: forms.ChoiceField(
        choices=field.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a status."), "invalid_choice": _("Choose a status.")},
        **shown,
    ),
    FieldKind.REASON: lambda field, **shown: forms.ChoiceField(
        choices=field.choices, required=False, widget=forms.RadioSelect, **shown
    ),
    FieldKind.TEXT: lambda field, **shown: WrittenField(
        limit=field.limit, widget=forms.Textarea(attrs={"rows": field.form_rows}), **shown
    ),
    FieldKind.LINE: lambda field, **shown: WrittenField(limit=field.limit, **shown),
    FieldKind.ITEMS: lambda field, **shown: forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, **shown
    ),
    FieldKind.DATE: lambda field, **shown: DayField(required=False, **shown),
    FieldKind.LANGUAGE: lambda field, **shown: forms.ChoiceField(choices=field.choices, **shown),
    FieldKind.CODES: lambda field, **shown: forms.MultipleChoiceField(
        choices=field.choices, required=False, widget=forms.CheckboxSelectMultiple, **shown
    ),
    FieldKind.YES: lambda field, **shown: forms.BooleanField(required=False, **shown),
}


class CitationFields(NamedTuple):
    version: EvidenceVersion
    pinpoint: BoundField
    removed: BoundField


class AnswerForm(ReceivedForm):
    """Answer a unit; once valid, `answer()` is what `save_answer` needs.

    `items`: those of the text that are answered with it; `library`: the evidence that may be cited; `cited`: what
    `current` cites; `language`: of a new answer; `marks_ready`: whether the user may mark the answer ready, or
    empty it. `base` is the number of the revision from which the user started, `withdrawn` the last removal from it.
    """

    conditional = ("reason_code", "reasons")

    change_reason = WrittenField(
        label=_("Reason for the change"), limit=REASON_LIMIT, help_text=_("For example: figures for 2025.")
    )
    field_order = ("change_reason",)

    def __init__(
        self,
        data=None,
        *,
        unit: Recommendation,
        items: Iterable[Recommendation] = (),
        library: EvidenceList = NOTHING_TO_CITE,
        current: Revision | None = None,
        cited: Iterable[Citation] = (),
        language: str = Language.ENGLISH,
        marks_ready: bool = True,
    ):
        self.unit = unit
        self.library = library
        values = current.answer_values if current else {"language": language}
        super().__init__(data, initial=values)
        answer_fields = {
            field.name: INPUTS[field.kind](field, label=field.label, help_text=field.help_text) for field in FIELDS
        }
        self.fields = answer_fields | self.fields
        self.base, self.withdrawn = self._read_base(current, cited)
        for name in TEXTS:
            self.fields[name].widget.attrs["lang"] = values["language"]
            if current and current.is_withdrawn(name):
                self.fields[name].help_text = current.withdrawal_note
        self.fields["lead_institution"].widget.attrs |= {"list": "institutions", "autocomplete": "off"}
        self.fields["items_met"].choices = [(item.label, _item_label(item)) for item in items]  # type: ignore[attr-defined]
        if not items:
            del self.fields["items_met"]
        if not marks_ready:
            del self.fields["ready"]
        if marks_ready and (current or self.is_bound):
            self.fields["status"].choices = STATUSES_AND_NONE  # type: ignore[attr-defined]
        if not current:
            del self.fields["change_reason"]
        cited = self._cited_in_data() if self.is_bound else cited
        self.cited = [self._add_cited(citation) for citation in cited]
        self.find = self.data.get("find", "")
        self.found = self._search() if {SEARCH, CITE} & self.data.keys() else None

    def _read_base(self, current: Revision | None, cited: Iterable[Citation]) -> tuple[int, int | None]:
        if self.is_bound:
            return read_number(self.data.get("base")), read_number(self.data.get("withdrawn")) or None
        return (current.number, current.last_withdrawal(cited)) if current else (0, None)

    def _cited_in_data(self) -> Iterator[Citation]:
        """Return what the form cites. A version chosen now takes the place of another version of the item."""
        named = [int(found[1]) for found in map(CITED.fullmatch, self.data) if found]
        key = read_number(self.data.get(CITE))
        versions = self.library.read([*named, key] if key else named)
        cited = [versions[key] for key in named if key in versions]
        if (chosen := versions.get(key)) and chosen not in cited:
            same = (place for place, version in enumerate(cited) if version.evidence_id == chosen.evidence_id)
            place = next(same, len(cited))
            for former in cited[place : place + 1]:
                data: Any = copy(self.data)
                data[f"pinpoint_{chosen.pk}"] = data[f"pinpoint_{former.pk}"]
                self.data = data
            cited[place : place + 1] = [chosen]
        return (Citation(evidence_version=version) for version in cited)

    def _add_cited(self, citation: Citation) -> CitationFields:
        version = citation.evidence_version
        pinpoint, removed = f"pinpoint_{version.pk}", f"removed_{version.pk}"
        self.fields[pinpoint] = WrittenField(
            label=_("Articles or pages"),
            limit=PINPOINT_LIMIT,
            initial=citation.pinpoint,
            help_text=citation.withdrawal_note if citation.is_withdrawn("pinpoint") else "",
        )
        # Translators: Button or box. Verb.
        self.fields[removed] = forms.BooleanField(label=_("Remove"), required=False)
        return CitationFields(version, self[pinpoint], self[removed])

    def _search(self) -> list[EvidenceVersion]:
        """Return the first items of the library that have the words of the search, except those that are cited."""
        keys = self.library.search(self.find, [cited.version.pk for cited in self.cited])
        self.unshown = len(keys[FOUND_AT_ONCE:])
        versions = self.library.read(keys[:FOUND_AT_ONCE])
        return [versions[key] for key in keys[:FOUND_AT_ONCE]]

    @property
    def wording(self) -> int:
        return self.unit.current_wording.number  # type: ignore[union-attr]

    @property
    def sections(self) -> dict[str, list[BoundField]]:
        shown = [field for field in FIELDS if field.name in self.fields]
        return {part.value: [self[field.name] for field in shown if field.section == part] for part in FormSection}

    @property
    def has_assistance_or_practice(self) -> bool:
        return any(field.value() for name in ("assistance", "practice") for field in self.sections[name])

    @property
    def is_received(self) -> bool:
        return bool(self["received_from"].value() or self["received_on"].value())

    @property
    def is_emptied(self) -> bool:
        return self.cleaned_data.get("status") == NO_INFORMATION

    def clean(self):
        values = self.cleaned_data
        if self.is_emptied:
            return
        if self.data.get("wording", str(self.wording)) != str(self.wording):
            self.add_error(
                None, _("The adopted text has changed since you opened this page. Read the new text, then save.")
            )
        if values.get("status") != Status.NOT_APPLICABLE:
            values["reason_code"] = ""
        values["good_practice_shared"] = values["good_practice"] and values["good_practice_shared"]
        for name, problems in answer_errors(self.unit, self.answer(), received=self.received()).items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, problems)

    def add_errors(self, refused: ValidationError) -> None:
        """Add why an action refused the answer, at the fields where the form has them."""
        by_field = refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages}
        for name, problems in by_field.items():
            self.add_error(name if name in self.fields else None, problems)

    def answer(self, added: Iterable[tuple[EvidenceVersion, str]] = ()) -> Answer:
        """Return the answer in the form, which cites also the versions `added` just now, each with its pinpoint."""
        values = {name: self.cleaned_data[name] for name in FIELD_NAMES if name in self.cleaned_data}
        citations = list(self._citations())
        for version, pinpoint in added:
            if version not in [cited for cited, _pinpoint in citations]:
                citations.append((version, pinpoint))
        kept = {"status": "", "ready": self.initial.get("ready", False)}
        return Answer(**kept | values, citations=citations)

    def _citations(self) -> Iterator[tuple[EvidenceVersion, str]]:
        values = self.cleaned_data
        for cited in self.cited:
            if not values[cited.removed.name]:
                yield cited.version, values.get(cited.pinpoint.name, "")


class NewEvidenceForm(EvidenceForm):
    """Add evidence while answering; an empty form adds none. `place`: the pinpoint. `excess`: names of the files that
    were chosen here and have no form.
    """

    place = ""
    excess: Sequence[str] = ()
    takes_several = True
    pinpoint = WrittenField(label=_("Articles or pages"), limit=PINPOINT_LIMIT)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, empty_permitted=True, use_required_attribute=False, **kwargs)
        self.fields["upload"].widget.attrs["multiple"] = True

    def has_changed(self):
        """Return whether the page had this form and the user filled it."""
        return self.add_prefix("title") in self.data and (bool(self.data.get(self.held_name)) or super().has_changed())

    def clean(self):
        super().clean()
        self.place = self.cleaned_data.pop("pinpoint", "")
        if self.excess:
            # Translators: limit: a number; names: names of files.
            error = _("At most %(limit)s evidence items can be added at once. Not added: %(names)s. Add them later.")
            self.add_error("upload", error % {"limit": NEW_AT_ONCE, "names": format_list(self.excess)})


def new_evidence_forms(data=None, files=None, *, respondent: Respondent, by: User) -> list[NewEvidenceForm]:
    """Return a form for each new evidence item of the input, one that is empty without any; `another` adds one.

    Of several files chosen in one form, each gets a form.
    """
    found = sorted({int(match[1] or 1) for match in map(NEW_FIELD.match, data or ()) if match})[:NEW_AT_ONCE]
    excess: dict[int, list[str]] = {}
    if files:
        data, files, found, excess = _part_files(data, files, found)
    forms = [NewEvidenceForm(data, files, prefix=_prefix(number), respondent=respondent, by=by) for number in found]
    for number, form in zip(found, forms, strict=True):
        form.excess = excess.get(number, ())
    if not forms or (ANOTHER in data and len(forms) < NEW_AT_ONCE):
        number = max(found, default=0) + 1
        forms.append(NewEvidenceForm(prefix=_prefix(number), respondent=respondent, by=by))
    return forms


def _part_files(
    data: QueryDict, files: MultiValueDict, found: list[int]
) -> tuple[QueryDict, MultiValueDict, list[int], dict[int, list[str]]]:
    """Leave one file in each form. The form of each other file has the name of the file as its title, and the kind,
    the language and the visibility of the form in which the file was chosen. Return also the names of the files for
    which there is no form, by the number of their form.
    """
    data, files, numbers, excess = data.copy(), files.copy(), list(found), {}
    for number in found:
        own = _prefix(number)
        several = files.getlist(f"{own}-upload")
        room = NEW_AT_ONCE - len(numbers) + 1
        excess[number] = [file.name for file in several[room:]]
        for file in several[1:room]:
            numbers.append(max(numbers) + 1)
            new = _prefix(numbers[-1])
            files[f"{new}-upload"] = file
            data[f"{new}-title"] = PurePath(file.name).stem
            for name in ("kind", "language", "disclosure"):
                data[f"{new}-{name}"] = data.get(f"{own}-{name}", "")
        if several:
            files[f"{own}-upload"] = several[0]
    return data, files, numbers, excess


def _prefix(number: int) -> str:
    return f"new{number}" if number > 1 else "new"


class NoteForm(forms.Form):
    """Change the internal note on a record. `base` is the digest of the note that the page showed."""

    note = WrittenField(
        # Translators: Label: a note of the State for itself, never submitted.
        label=_("Internal note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Visible to your team only; not part of the answer and never submitted."),
    )

    def __init__(self, data=None, *, record: Record):
        super().__init__(data, initial={"note": record.note})
        self.base = self.data.get("note_base", Record.NO_NOTE) if self.is_bound else record.note_digest


class CompareForm(forms.Form):
    def __init__(self, data, *, numbers: Iterable[int]):
        super().__init__(data)
        choices = [(number, _("Version %(number)s") % {"number": number}) for number in numbers]
        labels = {
            # Translators: Labels of two lists, in which the versions to compare are chosen.
            "from": pgettext("version", "From"),
            # Translators: Labels of two lists, in which the versions to compare are chosen.
            "to": pgettext("version", "To"),
        }
        for name, label in labels.items():
            self.fields[name] = forms.TypedChoiceField(label=label, choices=choices, coerce=int)


class FormGroup:
    """Join forms that are sent together, for the summary of their errors."""

    def __init__(self, *forms: forms.Form):
        self.forms = forms

    @property
    def errors(self) -> dict:
        return {form.add_prefix(name): problems for form in self.forms for name, problems in form.errors.items()}

    def non_field_errors(self) -> list:
        return [error for form in self.forms for error in form.non_field_errors()]

    def hidden_fields(self) -> list[BoundField]:
        return [field for form in self.forms for field in form.hidden_fields()]

    def visible_fields(self) -> list[BoundField]:
        return [field for form in self.forms for field in form.visible_fields()]
