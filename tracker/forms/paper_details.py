"""The document of a paper, and its details: body, symbol, title, date, kind, language and meetings."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.lists import format_list
from recommendations.models import Body, PaperImport
from recommendations.outline.document import paste_paragraphs, read_paragraphs
from recommendations.outline.source import SourceParagraph
from recommendations.paper_import import notation
from recommendations.paper_import.cover import DETAILS, DetailDoubt, FirstPage, find_doubts
from recommendations.places import place_for_file
from tracker.forms.fields import PlainTextField

WRITE_HEADING = _("Enter the heading like this: IX. Ninth meeting, Vienna, 9 to 11 September 2019.")
NEW = "new"
OF_NEW_BODY = ("body_name", "body_slug", "body_parent")


class PaperUploadForm(forms.Form):
    """Read a document. Once valid, `source` has its paragraphs, and `document` a PDF, whose pages are shown."""

    upload = forms.FileField(
        # Translators: Noun: a computer file.
        label=_("File"),
        required=False,
        help_text=_("Word document (.docx) if there is one, otherwise PDF or text file (.txt), at most 10 MB."),
    )
    pasted = forms.CharField(
        label=_("Or paste the text of the document"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )
    conditional = ("upload", "pasted")

    source: list[SourceParagraph]
    document: bytes | None = None
    file_name = ""

    def clean(self):
        file, pasted = self.cleaned_data.get("upload"), self.cleaned_data.get("pasted", "")
        if self.errors:
            return
        if not file and not pasted.strip():
            self.add_error("upload", _("Choose a file, or paste the text."))
            return
        try:
            with place_for_file():
                self.source = read_paragraphs(file) if file else paste_paragraphs(pasted)
        except ValidationError as error:
            self.add_error("upload" if file else "pasted", error)
            return
        if file:
            self.file_name = file.name
            file.seek(0)
            self.document = file.read() if file.name.lower().endswith(".pdf") else None


class HeadingField(PlainTextField):
    """Read the heading of a meeting; None without one."""

    def __init__(self, **kwargs):
        super().__init__(max_length=200, error_messages={"required": WRITE_HEADING}, **kwargs)

    def clean(self, value) -> notation.ParsedMeeting | None:
        heading = super().clean(value)
        meeting = notation.parse_heading(heading)
        if heading and meeting is None:
            raise ValidationError(WRITE_HEADING)
        return meeting


class PaperDetailsForm(forms.ModelForm):
    """Change the details of a draft and its meetings, and confirm what its first `page` does not say."""

    body = forms.ChoiceField(
        label=_("Body"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a body."), "invalid_choice": _("Choose a body.")},
    )
    paper_date = DayField(label=_("Date of the paper"), help_text=_("For example: 30 June 2027."))
    base = forms.IntegerField(widget=forms.HiddenInput)  # the version that was shown
    conditional = OF_NEW_BODY

    class Meta:
        model = PaperImport
        fields = ("body", *OF_NEW_BODY, *DETAILS, "language")
        field_classes = dict.fromkeys(("body_name", "body_parent", "paper_symbol", "paper_title"), PlainTextField)
        labels = {
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
            "body_slug": _("Small letters and hyphens, for example: smuggling. It cannot be changed later."),
        }

    def __init__(self, data=None, *, instance: PaperImport, page: FirstPage):
        super().__init__(data, instance=instance)
        self.bodies = {str(body.pk): body for body in Body.objects.all()}
        self.initial.update(base=instance.version, body=instance.body_id or (instance.body_name and NEW))
        for name in DETAILS:
            self.fields[name].required = True
        self._add_bodies(page.find_bodies())
        self._add_headings()
        self._add_doubts(find_doubts(instance, page))

    def _add_bodies(self, named: Collection[Body]) -> None:
        # Translators: Choice below the names of bodies, such as working groups.
        choices = [*((pk, body.name) for pk, body in self.bodies.items()), (NEW, _("Another body"))]
        self.fields["body"].choices = choices  # type: ignore[attr-defined]
        if named:
            # Translators: bodies: names of one or more bodies, such as working groups.
            words = _("The first page of the document names: %(bodies)s.") % {"bodies": format_list(named)}
            self.fields["body"].help_text = words

    def _add_headings(self) -> None:
        """Add a field for each of several meetings. The number of an only meeting can change."""
        known = list(self.instance.meetings.all())
        self.numbers = {f"meeting_{meeting.number}": meeting.roman for meeting in known[1:] and known}
        labels: dict[str, str | Promise] = {
            # Translators: Label. %(number)s is the Roman numeral of a meeting.
            name: _("Heading of meeting %(number)s") % {"number": numeral}
            for name, numeral in self.numbers.items()
        } or {"heading": _("Meeting")}
        self.headings = list(labels)
        headings = [f"{meeting.roman}. {meeting.heading}" for meeting in known] or [""]
        for (name, label), heading in zip(labels.items(), headings, strict=True):
            self.fields[name] = HeadingField(
                label=label,
                initial=heading,
                help_text=_("Its number, name, place and days: IX. Ninth meeting, Vienna, 9 to 11 September 2019."),
            )

    def _add_doubts(self, doubts: Iterable[DetailDoubt]) -> None:
        """Add below each detail a box for each doubt about it."""
        order = {name: [name] for name in ("body", *OF_NEW_BODY, *self.headings, *DETAILS, "language")}
        self.doubts = {f"checked_{doubt.key}": doubt for doubt in doubts}
        for name, doubt in self.doubts.items():
            self.fields[name] = forms.BooleanField(
                # Translators: words: a detail of a document, such as its symbol or title.
                label=_("I have checked this detail: %(words)s") % {"words": doubt.words or doubt.value},
                required=False,
                initial=doubt.is_confirmed(self.instance),
                help_text=str(doubt),
            )
            order.get(doubt.field, order[self.headings[0]]).append(name)
        self.order_fields([name for names in order.values() for name in names])

    def clean_body(self) -> Body | None:
        """Return the chosen body, None for a new one."""
        return self.bodies.get(self.cleaned_data["body"])

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("body"):
            for name in OF_NEW_BODY:
                if data.get(name):
                    self.add_error(name, _("This is not used. Choose “Another body” above, or clear this field."))
        elif "body" in data:
            self._check_new_body(data)
        self._check_meetings(data)
        self.instance.confirmed = {doubt.key: doubt.value for name, doubt in self.doubts.items() if data.get(name)}
        return data

    def _check_new_body(self, data: Mapping[str, Any]) -> None:
        for name, words in (("body_name", _("Enter the name.")), ("body_slug", _("Enter the short name."))):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words)
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

    def _check_meetings(self, data: Mapping[str, Any]) -> None:
        """Keep in `meetings` what was typed, by number."""
        typed = {name: data[name] for name in self.headings if data.get(name)}
        self.meetings = {meeting.number: meeting for meeting in typed.values()}
        for name, numeral in self.numbers.items():
            if name in typed and typed[name].roman != numeral:
                words = _("The heading of this meeting begins with its number: %(number)s.")
                self.add_error(name, words % {"number": numeral})
