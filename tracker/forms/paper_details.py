"""The details of a paper: its body, symbol, title, date, kind and meetings."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.models import Body, PaperImport
from recommendations.outline.document import paste_paragraphs, read_paragraphs
from recommendations.outline.source import SourceParagraph
from recommendations.paper_import import notation
from recommendations.paper_import.cover import DETAILS
from recommendations.places import place_for_file
from tracker.forms.fields import PlainTextField

WRITE_HEADING = _("Enter the heading like this: IX. Ninth meeting, Vienna, 9 to 11 September 2019.")


class PaperDetailsForm(forms.ModelForm):
    paper_date = DayField(label=_("Date of the paper"), help_text=_("For example: 30 June 2027."))

    class Meta:
        model = PaperImport
        fields = (
            *("body", "body_name", "body_slug", "body_parent"),
            *DETAILS,
        )
        field_classes = dict.fromkeys(("body_name", "body_parent", "paper_symbol", "paper_title"), PlainTextField)
        labels = {
            "body": _("Body"),
            "body_name": _("Name of the new body"),
            "body_slug": _("Short name of the body in web addresses"),
            # Translators: Label: name of the body that established this body, such as the Conference of the Parties.
            "body_parent": _("Parent body"),
            "paper_title": _("Title of the paper"),
        }
        error_messages = {
            "paper_symbol": {"required": _("Enter the symbol.")},
            "paper_title": {"required": _("Enter the title.")},
            "paper_kind": {"required": _("Choose the kind of paper.")},
        }
        help_texts = {
            "paper_symbol": _("As printed on the document, for example CTOC/COP/2008/19."),
            "body": _("For a new body, leave this field empty and enter its name below."),
            "body_slug": _("Small letters and hyphens, for example: smuggling. It cannot be changed later."),
        }

    field_order: Sequence[str] | None = (*Meta.fields[:4], "heading", *Meta.fields[4:])
    conditional: tuple[str, ...] = ("body", "body_name", "body_slug", "body_parent")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in DETAILS:
            self.fields[name].required = True

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("body"):
            data["body_slug"] = data["body_name"] = data["body_parent"] = ""
        else:
            self._check_new_body(data)
        return data

    def _check_new_body(self, data: Mapping[str, Any]) -> None:
        for name in ("body_name", "body_slug"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Choose a body above, or enter the name and short name of the new body."))
        if self.errors.keys() & {"body_name", "body_slug"}:
            return
        body = Body(slug=data["body_slug"], name=data["body_name"], parent_name=data.get("body_parent", ""))
        try:
            body.full_clean(validate_unique=False)
            if Body.objects.filter(slug=body.slug).exists():
                self.add_error("body_slug", _("Another body has this short name. Enter another short name."))
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                self.add_error({"slug": "body_slug", "name": "body_name"}.get(field), messages)


class HeadingField(PlainTextField):
    """Read the heading of a meeting; None without one."""

    def __init__(self, **kwargs):
        super().__init__(max_length=200, **kwargs)

    def clean(self, value) -> notation.ParsedMeeting | None:
        heading = super().clean(value)
        meeting = notation.parse_heading(heading)
        if heading and meeting is None:
            raise ValidationError(WRITE_HEADING)
        return meeting


class PaperUploadForm(PaperDetailsForm):
    """Read a document; its paragraphs are `source` where it could be read, also where other fields have errors."""

    upload = forms.FileField(
        # Translators: Noun: a computer file.
        label=_("File"),
        required=False,
        help_text=_("PDF, Word document (.docx) or text file (.txt), as issued, at most 10 MB."),
    )
    pasted = forms.CharField(
        label=_("Or paste the text of the document"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "lang": "en", "dir": "ltr"}),
    )
    heading = HeadingField(
        label=_("Meeting"),
        required=False,
        help_text=_(
            "Only if the document has no headings of meetings. For example: IX. Ninth meeting, Vienna, 9 to 11 "
            "September 2019."
        ),
    )
    field_order = ("upload", "pasted", *PaperDetailsForm.field_order)
    conditional = (*PaperDetailsForm.conditional, "upload", "pasted", "heading")

    source: list[SourceParagraph] | None = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        bodies = list(Body.objects.all()[:2])
        if len(bodies) == 1:
            self.initial["body"] = bodies[0].pk

    @property
    def has_details(self) -> bool:
        """Return whether the user entered a detail that the document can have on its front page."""
        return any(self.data.get(name) for name in (*DETAILS, "heading"))

    def clean(self):
        data = super().clean()
        if "upload" in self.errors:
            return data
        try:
            self.source = self._read_source(data)
        except ValidationError as error:
            is_pasted = data.get("pasted", "").strip() and not data.get("upload")
            self.add_error("pasted" if is_pasted else "upload", error)
        return data

    def _read_source(self, data: Mapping[str, Any]) -> list[SourceParagraph]:
        """Read the file, if there is one; the pasted text only without."""
        file, pasted = data.get("upload"), data.get("pasted", "")
        if not file and not pasted.strip():
            raise ValidationError(_("Choose a file, or paste the text."))
        with place_for_file():
            if not file:
                return paste_paragraphs(pasted)
            self.instance.file_name = file.name
            return read_paragraphs(file)


class ImportDetailsForm(PaperDetailsForm):
    """Change the details of a draft and its meetings. `base`: the version that was shown."""

    base = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["base"] = self.instance.version
        known = list(self.instance.meetings.all())
        self.numbers = [meeting.number for meeting in known] if len(known) > 1 else []
        for meeting in known if self.numbers else []:
            self.fields[f"meeting_{meeting.number}"] = HeadingField(
                # Translators: Label. %(number)s is the Roman numeral of a meeting.
                label=_("Heading of meeting %(number)s") % {"number": meeting.roman},
                initial=f"{meeting.roman}. {meeting.heading}",
                help_text=_("Name, place and dates of the meeting, as printed."),
            )
        if not self.numbers:
            self.fields["heading"] = HeadingField(
                label=_("Meeting"),
                initial=f"{known[0].roman}. {known[0].heading}" if known else "",
                help_text=_("For example: IX. Ninth meeting, Vienna, 9 to 11 September 2019."),
                error_messages={"required": WRITE_HEADING},
            )
        headings = [name for name in self.fields if name.startswith("meeting_")]
        self.order_fields([*self.Meta.fields[:4], "heading", *headings])

    @property
    def read_fields(self) -> list[str]:
        """Return the fields that the document filled in, and the version."""
        return ["base", *DETAILS, *(name for name in self.fields if name == "heading" or name.startswith("meeting_"))]

    def clean(self):
        data = super().clean()
        self.meetings = {}
        for number in self.numbers:
            meeting = data.get(f"meeting_{number}")
            if meeting and meeting.number == number:
                self.meetings[number] = meeting
            elif f"meeting_{number}" not in self.errors:
                self.add_error(f"meeting_{number}", WRITE_HEADING)
        if meeting := data.get("heading"):
            self.meetings = {meeting.number: meeting}
        return data
