"""The document of a paper, and its details: body, symbol, title, date, kind, language and meetings."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.lists import format_list
from recommendations.models import Body, ImportedMeeting, PaperImport
from recommendations.outline.document import paste_paragraphs, read_paragraphs
from recommendations.outline.source import SourceParagraph
from recommendations.paper_import import notation
from recommendations.paper_import.cover import ABSENT, DETAILS, IN_FUTURE, DetailDoubt, find_doubts
from recommendations.paper_import.plan import PublicationPlan
from recommendations.places import place_for_file
from tracker.forms.fields import PlainTextField

WRITE_HEADING = _("Enter the heading like this: IX. Ninth meeting, Vienna, 9 to 11 September 2019.")
NEW = "new"
OF_NEW_BODY = ("body_name", "body_slug", "body_parent")


class DocumentForm(forms.Form):
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
    conditional: tuple[str, ...] = ("upload", "pasted")


class PaperUploadForm(DocumentForm):
    """Read a document. Once valid, `source` has its paragraphs, and `document` a PDF, whose pages are shown."""

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


class HeadingsField(PlainTextField):
    """Read the headings of meetings, one a line, by number."""

    widget = forms.Textarea(attrs={"rows": 2, "lang": "en", "dir": "ltr"})
    default_error_messages = {"required": WRITE_HEADING}

    def clean(self, value) -> dict[int, notation.ParsedMeeting]:
        headings = [line for line in super().clean(value).splitlines() if line.strip()]
        found = [notation.parse_heading(heading) for heading in headings]
        meetings = {meeting.number: meeting for meeting in found if meeting}
        if None in found:
            raise ValidationError(WRITE_HEADING)
        if len(meetings) < len(found):
            raise ValidationError(_("Two headings have the same number. Correct one of them."))
        return meetings


class PaperDetailsForm(forms.ModelForm):
    """Change the details of a draft and its meetings, and confirm what its first page does not say."""

    body = forms.ChoiceField(
        label=_("Body"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a body.")},
    )
    headings = HeadingsField(
        # Translators: Label: meetings of the Working Group.
        label=_("Meetings"),
        help_text=_("One on each line. For example: IX. Ninth meeting, Vienna, 9 to 11 September 2019."),
    )
    paper_date = DayField(label=_("Date of the paper"), help_text=_("For example: 30 June 2027."))
    base = forms.IntegerField(widget=forms.HiddenInput)  # the version that was shown
    conditional = OF_NEW_BODY

    class Meta:
        model = PaperImport
        fields = ("body", *OF_NEW_BODY, *DETAILS, "language")
        field_classes = dict.fromkeys(("body_name", "body_parent", "paper_symbol", "paper_title"), PlainTextField)
        help_texts = {"paper_symbol": _("As printed on the document, for example CTOC/COP/2008/19.")}
        error_messages = {
            "paper_symbol": {"required": _("Enter the symbol.")},
            "paper_title": {"required": _("Enter the title.")},
            "paper_kind": {"required": _("Choose the kind of paper.")},
        }

    def __init__(self, data=None, *, plan: PublicationPlan):
        super().__init__(data, instance=plan.paper_import)
        for name in DETAILS:
            self.fields[name].required = True
        for name in OF_NEW_BODY:
            self.fields[name].widget.attrs["placeholder"] = " "  # the style folds an empty field
        self.bodies = {str(body.pk): body for body in Body.objects.all()}
        # Translators: Choice below the names of bodies, such as working groups.
        bodies = [*((pk, body.name) for pk, body in self.bodies.items()), (NEW, _("Another body"))]
        self.fields["body"].choices = bodies  # type: ignore[attr-defined]
        if named := plan.first_page.bodies:
            # Translators: bodies: names of one or more bodies, such as working groups.
            words = _("The first page of the document names: %(bodies)s.") % {"bodies": format_list(named)}
            self.fields["body"].help_text = words
        self.initial.update(
            base=self.instance.version,
            body=self.instance.body_id or (self.instance.body_name and NEW),
            headings="\n".join(f"{each.roman}. {each.heading}" for each in plan.meetings),
        )
        self.page = plan.first_page
        self._add_doubts(plan.detail_doubts)

    def _add_doubts(self, doubts: Iterable[DetailDoubt]) -> None:
        """Add below each detail a box for each doubt about it, and below an empty one a box for what is typed."""
        order = {name: [name] for name in ("body", *OF_NEW_BODY, "headings", *DETAILS, "language")}
        self.doubts = {f"checked_{doubt.key}": doubt for doubt in doubts}
        for name in ("body", "headings", *DETAILS):
            if not self[name].initial and not (name == "body" and self.page.bodies):
                self.fields[f"typed_{name}"] = forms.BooleanField(
                    label=_("I have checked this detail."),
                    required=False,
                    help_text=_("Needed if the first page does not have this detail, or if the day is in the future."),
                )
                order[name].append(f"typed_{name}")
        for name, doubt in self.doubts.items():
            self.fields[name] = forms.BooleanField(
                # Translators: words: a detail of a document, such as its symbol or title.
                label=_("I have checked this detail: %(words)s") % {"words": doubt.words or doubt.value},
                required=False,
                initial=doubt.is_confirmed(self.instance),
                help_text=str(doubt),
            )
            order[doubt.field].append(name)
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
        return data

    @property
    def confirmed(self) -> dict[str, str]:
        """Return the values that the boxes confirm: those shown, and those typed into empty fields."""
        data = self.cleaned_data
        meetings = [ImportedMeeting(**each.values) for each in data["headings"].values()]
        typed = [
            doubt
            for doubt in find_doubts(self.instance, meetings, self.page)
            if doubt.question in (ABSENT, IN_FUTURE) and data.get(f"typed_{doubt.field}")
        ]
        shown = [doubt for name, doubt in self.doubts.items() if data.get(name)]
        return {doubt.key: doubt.value for doubt in [*shown, *typed]}

    def _check_new_body(self, data: Mapping[str, Any]) -> None:
        body = Body(slug=data.get("body_slug", ""), name=data.get("body_name", ""))
        if body.name.casefold() in {known.name.casefold() for known in self.bodies.values()}:
            self.add_error("body_name", _("The list above has this body. Choose it there, and clear this field."))
        try:
            body.full_clean()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                if f"body_{name}" not in self.errors:
                    self.add_error(f"body_{name}", messages)
