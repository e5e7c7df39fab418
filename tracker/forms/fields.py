import logging
import re

from django import forms
from django.core.exceptions import ValidationError

from recommendations.error_messages import TRY_LATER
from recommendations.places import place_for_file
from tracker.actions.file_scan import scan_upload
from tracker.documents.exchange.uploads import TYPES, Upload, check_upload
from tracker.models.answer_fields import INSTITUTION_LIMIT
from tracker.models.validators import TEXT_LIMIT, LengthValidator, validate_plain_text

logger = logging.getLogger(__name__)

LINE_OR_PAGE_BREAK = re.compile(r"\r\n?|\v|\f")


class PlainTextField(forms.CharField):
    default_validators = [validate_plain_text]

    def run_validators(self, value):
        """Show the first error alone: several validators refuse the same invisible character."""
        try:
            super().run_validators(value)
        except ValidationError as error:
            raise error.error_list[0] from None


class WrittenField(forms.CharField):
    """Accept at most `limit` characters. The browser never cuts longer texts; they are refused."""

    def __init__(self, *, limit: int = TEXT_LIMIT, required: bool = False, **kwargs):
        super().__init__(required=required, **kwargs)
        self.validators = [validate_plain_text, LengthValidator(limit)]

    def widget_attrs(self, widget):
        # By its placeholder a style sheet knows an empty field.
        return super().widget_attrs(widget) | {"dir": "auto", "placeholder": " "}

    def to_python(self, value):
        return super().to_python(LINE_OR_PAGE_BREAK.sub("\n", value) if value else value)


class InstitutionField(WrittenField):
    """Suggest the names of the datalist `institutions`; other names are allowed."""

    def __init__(self, **kwargs):
        super().__init__(limit=INSTITUTION_LIMIT, **kwargs)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"list": "institutions", "autocomplete": "off"}


class EvidenceFileField(forms.FileField):
    """Accept the kinds of file that are kept here, without malware; clean to an `Upload`, or None without a file."""

    widget = forms.FileInput(attrs={"accept": ",".join(TYPES)})

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=255, **kwargs)

    def clean(self, data, initial=None) -> Upload | None:
        file = super().clean(data, initial)
        if not file:
            return None
        try:
            with place_for_file():
                upload = check_upload(file)
        except OSError as error:  # no room for a temporary copy
            logger.exception("checking an upload failed")
            raise ValidationError(TRY_LATER) from error
        return scan_upload(upload)
